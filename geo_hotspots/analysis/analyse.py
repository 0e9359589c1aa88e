"""From placed cases to what they come to: repeat points, hot cells, the state of every area."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import pandas as pd

from geo_hotspots.analysis.gather import gather_cases, in_order, recall_words
from geo_hotspots.analysis.last_week import begin_last_week, judge_last_week
from geo_hotspots.analysis.points import describe_points, list_points
from geo_hotspots.analysis.register import link_register
from geo_hotspots.cases.privacy import scrub
from geo_hotspots.columns import give_back_memory
from geo_hotspots.config import Config
from geo_hotspots.grid import fit_resolution
from geo_hotspots.hotspots.areas.survey import Areas, begin_survey, finish_survey
from geo_hotspots.hotspots.figures.rates import area_table
from geo_hotspots.hotspots.forecast.forecast import Outlook, forecast_week
from geo_hotspots.hotspots.lifecycle.held import judge_works
from geo_hotspots.hotspots.points.mix import mix_categories
from geo_hotspots.locating import Located, Progress, silent
from geo_hotspots.memory import NO_PAST, Past
from geo_hotspots.places.packs.pack import Pack
from geo_hotspots.schema import MET_AGAIN, Period
from geo_hotspots.spread import ALONE, Crew
from geo_hotspots.words import Lang, Words

_SHARED_FROM = 100_000  # cases; fewer are done before others have heard of them


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
    crew: Crew = ALONE,
) -> Findings:
    """Find the repeat points, the hot cells and the state of every area as of a day.

    What hangs on nothing but the cases (the points of a week ago, what is tested by category) is
    begun at once, by `crew` where there are many; this process goes on with the steps of which
    each needs the one before.
    """
    end = pd.Timestamp(as_of)
    cases = located.cases
    is_later = cases["reported_at"] >= end + pd.Timedelta(days=1)
    cases = cases[~is_later] if is_later.any() else cases
    cases = in_order(cases)
    # Numbered on within: a look-up table of a million labels costs memory at every step.
    index, cases = cases.index, cases.reset_index(drop=True)
    progress(Words("查找重复点位", "finding repeat points"))
    recall = recall_words(cases, past)
    cases = gather_cases(cases, past, config)
    give_back_memory()
    crew = crew if len(cases) >= _SHARED_FROM else ALONE
    found_then = begin_last_week(cases, past, config=config, end=end, crew=crew)
    survey = begin_survey(
        cases, pack.study_area, pack.communities, as_of=end,
        resolution=fit_resolution(pack.study_area, config.grid.resolution),
        window_days=config.grid.window_days, fdr=config.hotspots.fdr, crew=crew,
    )  # fmt: skip
    give_back_memory()
    points, lineage = list_points(cases, past.known, recall, config=config, end=end)
    give_back_memory()
    rectified, notes = link_register(register, cases, points, past.known, located.gazetteer)
    give_back_memory()
    progress(Words("预计下周来电", "forecasting next week"))
    outlook = forecast_week(cases, rectified, as_of=end, rain=rain, rain_ahead=rain_ahead)
    give_back_memory()
    found = past.visits[past.visits["outcome"] == MET_AGAIN]
    hotspots, ids = describe_points(
        points, cases, rectified, outlook.expected, found, config=config, end=end, lang=lang
    )
    give_back_memory()
    track, listed_before = judge_last_week(
        cases, ids, rectified, points, recall, found_then=found_then, outlook=outlook, past=past,
        config=config, end=end,
    )  # fmt: skip
    if rain_ahead:
        notes = (*notes, _say_rain(outlook.rainy))
    shown = ids.where(ids.isin(hotspots["hotspot_id"]))
    is_decisive = cases.index.isin(points["decisive"].dropna().explode())
    cases = cases.assign(hotspot_id=shown, is_decisive=is_decisive)
    give_back_memory()
    progress(Words("检验热区", "testing cells"))
    areas = finish_survey(
        survey, cases, hotspots, min_cases=config.privacy.min_cell_cases,
        min_callers=config.privacy.min_callers, lang=lang,
    )  # fmt: skip
    give_back_memory()
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


_NAMELESS = Words(
    "工单没有来电人信息，各处“人数”按有诉求的天数计",
    "the cases name no callers; wherever callers are counted, days with cases stand for them",
)


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
