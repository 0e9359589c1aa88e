"""From placed cases to what they come to: repeat points, hot cells, the state of every area."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_hotspots.cases.privacy import scrub
from geo_hotspots.config import Config
from geo_hotspots.grid import fit_resolution
from geo_hotspots.hotspots.areas.survey import Areas, survey_areas
from geo_hotspots.hotspots.figures.rates import area_table
from geo_hotspots.hotspots.forecast.forecast import Outlook, forecast_week
from geo_hotspots.hotspots.forecast.lookback import WEEK_DAYS, look_back
from geo_hotspots.hotspots.forecast.ranking import choose_listed
from geo_hotspots.hotspots.lifecycle.held import judge_works
from geo_hotspots.hotspots.lifecycle.rectified import link_rectified
from geo_hotspots.hotspots.points.callers import follow_closely, mark_echoes, weigh_cases
from geo_hotspots.hotspots.points.gather import SPOT_INPUTS, assign_spots
from geo_hotspots.hotspots.points.identity import Known, name_pairs, name_points
from geo_hotspots.hotspots.points.mix import mix_categories
from geo_hotspots.hotspots.points.repeats import Floor, find_repeats, number_points
from geo_hotspots.hotspots.points.stated import mark_stated
from geo_hotspots.hotspots.profile import Weights, profile_points
from geo_hotspots.locating import Located, Progress, silent
from geo_hotspots.memory import NO_PAST, Past
from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.match.explain import match_text
from geo_hotspots.places.packs.pack import Pack
from geo_hotspots.schema import LOCATED, MET_AGAIN, TEXTS, Period
from geo_hotspots.words import Lang, Words


@dataclass(frozen=True)
class Findings:
    """What the cases come to."""

    cases: pd.DataFrame  # up to the last day counted, with `hotspot_id`
    hotspots: gpd.GeoDataFrame
    areas: Areas
    communities: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    points: pd.DataFrame  # every listed point, those not shown included
    members: pd.Series  # the point that each case belongs to, those not shown included
    lineage: pd.DataFrame  # what split, merged or goes by a new key since earlier runs
    n_hidden: int  # points that are not shown, for too few callers
    outlook: Outlook  # callers expected next week, at every spot
    held: pd.DataFrame  # what has become of the rectifications, by category
    track: Words | None  # how last week's list fared, where the cases reach back so far
    notes: tuple[Words, ...] = ()
    rectified: pd.DataFrame | None = None  # `hotspot_id`, `day`, `what`, `who`
    listed_before: frozenset[str] = frozenset()  # last week's list, where there was one

    @property
    def cells(self) -> gpd.GeoDataFrame:
        """Give the cells at the resolution of the tests."""
        return self.areas.cells


def analyse(
    located: Located,
    pack: Pack,
    config: Config,
    *,
    period: Period,
    as_of: date,
    register: pd.DataFrame | None = None,
    past: Past = NO_PAST,
    rain: pd.DataFrame | None = None,
    rain_ahead: bool = False,
    lang: Lang = "zh",
    progress: Progress = silent,
) -> Findings:
    """Find the repeat points, the hot cells and the state of every area as of a day."""
    end = pd.Timestamp(as_of)
    cases = located.cases
    is_later = cases["reported_at"] >= end + pd.Timedelta(days=1)
    cases = cases[~is_later] if is_later.any() else cases
    cases = in_order(cases)
    # Numbered on within: a look-up table of a million labels costs memory at every step.
    index, cases = cases.index, cases.reset_index(drop=True)
    progress(Words("查找重复点位", "finding repeat points"))
    recall = _recall_words(cases, past)
    cases = gather_cases(cases, past, config)
    points, lineage = _find_points(cases, past.known, recall, config=config, end=end)
    rectified, notes = link_register(register, cases, points, past.known, located.gazetteer)
    progress(Words("预计下周来电", "forecasting next week"))
    outlook = forecast_week(cases, rectified, as_of=end, rain=rain, rain_ahead=rain_ahead)
    found = past.visits[past.visits["outcome"] == MET_AGAIN]
    hotspots, ids = _profile(
        points, cases, rectified, outlook.expected, found, config=config, end=end, lang=lang
    )
    track, listed_before = _look_back(
        cases, ids, rectified, points, recall, outlook=outlook, past=past, config=config, end=end
    )
    if rain_ahead:
        notes = (*notes, _say_rain(outlook.rainy))
    shown = ids.where(ids.isin(hotspots["hotspot_id"]))
    is_decisive = cases.index.isin(points["decisive"].dropna().explode())
    cases = cases.assign(hotspot_id=shown, is_decisive=is_decisive)
    progress(Words("检验热区", "testing cells"))
    resolution = fit_resolution(pack.study_area, config.grid.resolution)
    areas = survey_areas(
        cases, hotspots, pack.study_area, pack.communities, as_of=end, resolution=resolution,
        window_days=config.grid.window_days, fdr=config.hotspots.fdr,
        min_cases=config.privacy.min_cell_cases, min_callers=config.privacy.min_callers, lang=lang,
    )  # fmt: skip
    communities = area_table(
        cases, hotspots, pack.communities, period=period, by="community", as_of=as_of
    )
    streets = area_table(cases, hotspots, pack.streets, period=period, by="street", as_of=as_of)
    n_hidden = int(ids.nunique() - shown.nunique())
    if cases["caller"].isna().all():
        notes = (*notes, _NAMELESS)
    notes = (*areas.notes, *notes)
    mix = mix_categories(
        cases, since=end - pd.Timedelta(days=config.hotspots.window_days - 1),
        min_callers=config.privacy.min_callers,
    )  # fmt: skip
    hotspots["mix"] = hotspots["hotspot_id"].map(mix)
    done = rectified.reindex(columns=["hotspot_id", "day", "what", "who"])
    done = done.assign(what=scrub(done["what"]), who=scrub(done["who"]))
    return Findings(
        cases.set_axis(index), hotspots, areas, communities, streets, points, ids.set_axis(index),
        lineage, n_hidden, outlook, judge_works(cases, rectified, as_of=end), track, notes, done,
        listed_before,
    )  # fmt: skip


NO_WORKS = pd.DataFrame(  # rectifications: none
    {"spot": pd.Series(dtype="str"), "group": pd.Series(dtype="str"),
     "day": pd.Series(dtype="datetime64[us]")}
)  # fmt: skip
_NAMELESS = Words(
    "工单没有来电人信息，各处“人数”按有诉求的天数计",
    "the cases name no callers; wherever callers are counted, days with cases stand for them",
)


def in_order(cases: pd.DataFrame) -> pd.DataFrame:
    """Give cases by time and key, whichever file or history they come from: it settles equals.

    What is in order already is given back as it is, since a million cases weigh a gigabyte.
    """
    at, key = cases["reported_at"].to_numpy(), cases["case_key"]
    tied = np.flatnonzero(at[1:] == at[:-1])
    falls = key.iloc[tied + 1].to_numpy() < key.iloc[tied].to_numpy()
    if (at[1:] >= at[:-1]).all() and not falls.any():
        return cases
    return cases.sort_values(["reported_at", "case_key"], kind="stable")


def gather_cases(cases: pd.DataFrame, past: Past, config: Config) -> pd.DataFrame:
    """Say of each case what it is about (`group`), at which `spot`, and what it weighs.

    Words are looked at only where two reports of one spot came within a day, and go no further.
    """
    # Few names for many cases: from here on they are numbers that say what they stand for.
    who, names = pd.factorize(cases["caller"])
    cases = cases.assign(
        group=group_categories(cases, level=config.hotspots.category_level),
        caller=pd.Categorical.from_codes(who, names, validate=False),
    )
    located = cases.loc[cases["status"].isin(LOCATED), list(SPOT_INPUTS)]
    shared = located.select_dtypes("category").columns.difference(["group"])
    spots = assign_spots(
        located.astype(dict.fromkeys(shared, "str")),
        within_metres=config.hotspots.within_metres,
        road_metres=config.hotspots.road_metres,
        attach_metres=config.hotspots.attach_metres,
    )
    cases = cases.join(spots.astype(dict.fromkeys(("spot", "ground", "area"), "category")))
    is_close, recall = follow_closely(cases), past.recall_words
    words = recall(cases.loc[is_close, "case_key"]) if recall else cases.loc[is_close, "content"]
    cases = cases.drop(columns=list(TEXTS), errors="ignore")
    cases = cases.assign(is_echo=mark_echoes(cases, words))
    return cases.assign(weight=weigh_cases(cases))


def group_categories(cases: pd.DataFrame, *, level: int) -> pd.Series:
    """Name what a case is about at a level of the category tree, the path above included.

    Of the kind "category": there are far fewer names than cases.
    """
    columns = [f"category_{i}" for i in range(1, level + 1)]
    number = cases.groupby(columns, sort=False, dropna=False).ngroup()
    names = [cases.loc[~number.duplicated(), name].astype("str") for name in columns]
    group = names[0]
    for upper, name in itertools.pairwise(names):
        group = group.where(name == upper, group + "/" + name)
    return pd.Series(group.astype("category").array.take(number.to_numpy()), cases.index)


def link_register(
    register: pd.DataFrame | None, cases: pd.DataFrame, points: pd.DataFrame, known: Known,
    gazetteer: Gazetteer,
) -> tuple[pd.DataFrame, tuple[Words, ...]]:  # fmt: skip
    """Link the register of rectifications to spots; say which lines found none."""
    if register is None:
        return NO_WORKS, ()
    spots = [match_text(n, gazetteer).key if isinstance(n, str) else "" for n in register["name"]]
    lines = register.assign(spot=pd.Series(spots, register.index, dtype="str").replace("", None))
    pairs = cases[["spot", "group"]].drop_duplicates().dropna().astype("str")
    pairs = pd.concat([pairs, points[["spot", "group"]]]).drop_duplicates(ignore_index=True)
    pairs = pairs.assign(hotspot_id=name_pairs(pairs, points, known))
    rectified, is_linked = link_rectified(lines[lines["day"].notna()], pairs)
    is_lost = ~is_linked.reindex(register.index, fill_value=False)
    lost = register[is_lost].groupby("source")["row"]
    return rectified, tuple(_say_lost(str(source), rows) for source, rows in lost)


def _say_lost(source: str, rows: pd.Series) -> Words:
    listed = ", ".join(str(row) for row in rows)
    return Words(
        f"整改台账 {source} 第 {listed} 行没有对应到点位或日期不明，未采用",
        f"{source}: rows {listed} of the register of rectifications match no point or carry no "
        "date; not used",
    )


_WHERE = ("lng", "lat", "uncertainty_m")
Recall = Callable[[pd.Series], pd.Series]  # keys of cases, to what citizens wrote in them


def _recall_words(cases: pd.DataFrame, past: Past) -> Recall:
    """Find what citizens wrote in the history, or, where there is none, in the cases."""
    if past.recall_words:
        return past.recall_words
    content = cases["content"]
    return lambda keys: content.loc[keys.index]


def _find_points(
    cases: pd.DataFrame, known: Known, recall: Recall, *, config: Config, end: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List the repeat points, tested, named and with their middles; and trace their lineage."""
    settings = config.hotspots
    floor = Floor(
        settings.min_callers, settings.min_days, settings.group_callers, settings.group_days
    )
    points = find_repeats(
        cases, as_of=end, floor=floor, fdr=settings.fdr, window_days=settings.window_days
    )
    points = mark_stated(
        points, cases, recall, least=settings.group_callers,
        since=end - pd.Timedelta(days=settings.window_days - 1),
    )  # fmt: skip
    asked = cases[["case_key", "spot", "ground", "group", "reported_at", *_WHERE]]
    named = name_points(points, asked.set_index("case_key"), known)
    return points.assign(hotspot_id=named.ids), named.lineage


def _profile(
    points: pd.DataFrame, cases: pd.DataFrame, rectified: pd.DataFrame,
    expected: "pd.Series[float]", found: pd.DataFrame, *, config: Config,
    end: pd.Timestamp, lang: Lang,
) -> tuple[gpd.GeoDataFrame, pd.Series]:  # fmt: skip
    """Describe and rank the listed points."""
    lift = config.priority
    return profile_points(
        points, cases, rectified, expected, found, as_of=end,
        weights=Weights(lift.unresolved, lift.rebound, lift.group),
        min_callers=config.privacy.min_callers, lang=lang,
    )  # fmt: skip


def _look_back(
    cases: pd.DataFrame, ids: pd.Series, rectified: pd.DataFrame, points: pd.DataFrame,
    recall: Recall, *, outlook: Outlook, past: Past, config: Config, end: pd.Timestamp,
) -> tuple[Words | None, frozenset[str]]:  # fmt: skip
    """Say how last week's list fared: the one given out where it was kept, else one made again.

    Give its points too, which are none where the cases do not reach back so far.

    Made again, it knows what was known then, but for the call-back's answers (resolved,
    satisfied), whose day is not in the cases.
    """
    then = end - pd.Timedelta(days=WEEK_DAYS)
    week = cases.iloc[_count_by(cases, then) :][["spot", "group", "reported_at", "weight"]]
    kept = past.listed[past.listed["as_of"] == then]
    if len(kept):
        listed = choose_listed(kept, size=config.patrol.size)["hotspot_id"]
        name = ids[week.index].fillna(_name_others(week, points, past.known))
    else:
        listed, name = _make_again(
            cases, rectified, recall, outlook=outlook, past=past, config=config, then=then
        )
    if listed.empty:
        return None, frozenset()
    visited = past.visits.loc[past.visits["day"] > then, "hotspot_id"]
    fared = look_back(
        set(listed), week.assign(hotspot_id=name), as_of=end.date(), is_kept=bool(len(kept)),
        visited=set(visited),
    )  # fmt: skip
    return fared.tell(), frozenset(listed)


def _name_others(cases: pd.DataFrame, points: pd.DataFrame, known: Known) -> pd.Series:
    """Name what each case is about as earlier runs did, though it is on no list today."""
    pairs = cases[["spot", "group"]].dropna().drop_duplicates().astype("str")
    names = name_pairs(pairs, points, known).set_axis(pd.MultiIndex.from_frame(pairs))
    key = pd.MultiIndex.from_frame(cases[["spot", "group"]])
    return pd.Series(names.reindex(key).to_numpy(), cases.index, dtype="str")


def _make_again(
    cases: pd.DataFrame, rectified: pd.DataFrame, recall: Recall, *, outlook: Outlook,
    past: Past, config: Config, then: pd.Timestamp,
) -> tuple[pd.Series, pd.Series]:  # fmt: skip
    """Make the list of an earlier day from what was known on it.

    Returns
    -------
    listed
        Its `hotspot_id`s.
    name
        The `hotspot_id` of each later case; what was no point goes by its spot.
    """
    n_known = _count_by(cases, then)
    known, later = cases.iloc[:n_known], cases.iloc[n_known:]
    nothing = pd.Series(dtype="str")
    if known["spot"].notna().sum() == 0:
        return nothing, nothing
    points, _ = _find_points(known, past.known, recall, config=config, end=then)
    done = rectified[rectified["day"] <= then]
    found = past.visits[(past.visits["outcome"] == MET_AGAIN) & (past.visits["day"] <= then)]
    shown, _ = _profile(
        points, known, done, outlook.before, found, config=config, end=then, lang="zh"
    )
    number = number_points(points, later)
    name = number.where(number >= 0).map(points["hotspot_id"]).astype("str")
    listed = choose_listed(shown, size=config.patrol.size)["hotspot_id"]
    return listed, name.fillna(later["spot"].astype("str") + "|" + later["group"].astype("str"))


def _count_by(cases: pd.DataFrame, day: pd.Timestamp) -> int:
    """Count the cases up to the end of a day; they stand in order of time."""
    return int(cases["reported_at"].searchsorted(day + pd.Timedelta(days=1)))


def _say_rain(rainy: Sequence[str]) -> Words:
    """Say what a forecast of rain has changed."""
    if not rainy:
        return Words(
            "预报有大雨，但现有工单和降雨日表看不出哪类诉求随雨而来，清单未作调整",
            "heavy rain is forecast, but cases and rain days show no category that comes with "
            "rain; the list is unchanged",
        )
    return Words(
        f"预报有大雨：{'、'.join(rainy)}类点位按雨后来电预计，排在清单最前",
        f"heavy rain is forecast: points of {', '.join(rainy)} are expected by what rain brings "
        "and head the list",
    )
