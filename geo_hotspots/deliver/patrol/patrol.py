"""Next week's patrol list: which points, why, when to go, in which order to walk.

A plan is a frame with the contract's columns, whose headers are Chinese in every language, and
four more that no sheet shows: where the point lies (for the QR codes), and its place on the walk
through its community.
"""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_hotspots.deliver.allowed import PATROL_ASIDE
from geo_hotspots.deliver.patrol.duties import find_responsible
from geo_hotspots.deliver.patrol.walk import walking_order
from geo_hotspots.hotspots.forecast.ranking import LISTED_KINDS, choose_listed
from geo_hotspots.hotspots.points.callers import count_callers
from geo_hotspots.schema import PATROL_COLUMNS
from geo_hotspots.words import KIND, LIFECYCLE, Lang, Words

SINGLE_KINDS = ("single_caller",)

SLOTS = 48  # half hours of a day
WALKED_SLOTS = range(14, 41)  # windows start from 7:00 to 20:00, when patrols walk
MIN_TIMED_CASES = 10  # fewer have no profile worth following
APART_SLOTS = 4  # two hours between the starts of a community's two windows

NEW = Words("新上榜", "new")
SAME = Words("持平", "no change")


def plan_patrol(
    hotspots: gpd.GeoDataFrame,
    cases: pd.DataFrame,
    *,
    as_of: date,
    size: int,
    windows: tuple[str, ...],
    responsible: pd.DataFrame | None,
    lang: Lang,
    kinds: tuple[str, ...] = LISTED_KINDS,
    woken: tuple[str, ...] = (),
    before: frozenset[str] = frozenset(),
) -> pd.DataFrame:
    """Choose the points to walk to, and say of each what a patrol needs to know.

    Parameters
    ----------
    hotspots
        `HOTSPOT_COLUMNS` with point geometry. Points at rest (quiet, or too few cases to say)
        are left out; the rest stand in order of `rank`, which stays the number on the map.
        Without ranks they are numbered from the highest priority on.
    cases
        At least `hotspot_id`, `reported_at`, `caller`, `is_echo`, `resolved`, `satisfied`; one row
        a case.
    as_of
        The last day that counts; 28 days are this day and the 27 before it.
    size
        The most points that the list may hold.
    windows
        Hours to walk where the cases carry no times of day, such as `9:30-10:30`.
    responsible
        `compound, community, street, responsible, level`, or nothing. The narrowest wins.
    lang
        The language of the words inside; the headers stay as they are.
    kinds
        Which kinds of points: 一人多诉 never shares a list with the others, so its list is
        another plan with `SINGLE_KINDS`. There too few cases are no reason to stay away.
    woken
        Categories whose points come first, and though they rest: rain is forecast.
    before
        The points of last week's list; without one, a point is new whose first case is of the
        last seven days.

    Returns
    -------
    plan
        `PATROL_COLUMNS`, then `PATROL_ASIDE`, best first. 近28天人数 counts callers as the
        points themselves are counted: those known to differ, the nameless at a discount; days
        with cases where nobody is named at all. 未解决 and 不满意 count the "no" of 91 days; who
        was not asked said nothing.
    """
    points = choose_listed(hotspots, size=size, kinds=kinds, woken=woken)
    points = points.set_index("hotspot_id", drop=False)
    ours = cases[cases["hotspot_id"].isin(points.index)]
    nobody = bool(cases["caller"].isna().all())
    counts = count_recent(ours, as_of=as_of, nobody=nobody).reindex(points.index, fill_value=0)
    ranks = points["rank"].astype("Int64")
    if ranks.isna().any():
        ranks = pd.Series(np.arange(1, len(points) + 1), points.index, dtype="Int64")
    columns = {
        "排名": ranks,
        "点位编号": points["hotspot_id"].astype("str"),
        "点位名称": points["name"].astype("str"),
        "类别": points["category"].astype("str"),
        "性质": points["kind"].astype("str").map({k: words.say(lang) for k, words in KIND.items()}),
        "状态": points["lifecycle"]
        .astype("str")
        .map({k: words.say(lang) for k, words in LIFECYCLE.items()}),
        "入选理由": points["reason"].astype("str"),
        "较上周": _say_change(counts, before, lang),
        "近28天件数": counts["n_28"],
        "近28天人数": counts["callers_28"],
        "近91天件数": counts["n_91"],
        "最近来电": pd.to_datetime(points["last_at"]).dt.strftime("%Y-%m-%d"),
        "整改后天数": points["days_since_rectified"].astype("Int64"),
        "反弹次数": points["rebounds"].astype("Int64"),
        "未解决": counts["unresolved_91"],
        "不满意": counts["unsatisfied_91"],
        "建议时段": suggest_windows(ours, points, fallback=windows),
        "街道": points["street"].astype("str"),
        "社区": points["community"].astype("str"),
        "责任人": find_responsible(points, responsible),
        **dict.fromkeys(("到场时间", "处置情况", "核查人", "备注"), ""),
        "lng": points.geometry.x,
        "lat": points.geometry.y,
    }
    plan = pd.DataFrame(columns, index=points.index).reset_index(drop=True)
    plan = plan.join(walking_order(plan))
    return plan[[*PATROL_COLUMNS, *PATROL_ASIDE]]


def count_recent(cases: pd.DataFrame, *, as_of: date, nobody: bool = False) -> pd.DataFrame:
    """Count each point's cases and callers of the last weeks.

    Parameters
    ----------
    cases
        Of the points alone.
    nobody
        The whole file names no caller.

    Returns
    -------
    counts
        By `hotspot_id`: `n_7, n_before` (the seven days before those), `n_28, n_91, n_all,
        unresolved_91, unsatisfied_91, callers_28`, all `Int64`.
    """
    age = (pd.Timestamp(as_of) - cases["reported_at"].dt.normalize()).dt.days
    cases = cases.assign(age=age)[age >= 0]
    flags = pd.DataFrame(
        {
            "n_7": cases["age"] < 7,  # noqa: PLR2004 (the name says it, as below)
            "n_before": cases["age"].between(7, 13),
            "n_28": cases["age"] < 28,  # noqa: PLR2004
            "n_91": cases["age"] < 91,  # noqa: PLR2004
            "n_all": True,
        }
    )
    flags["unresolved_91"] = flags["n_91"] & cases["resolved"].eq(other=False).fillna(value=False)
    flags["unsatisfied_91"] = flags["n_91"] & cases["satisfied"].eq(other=False).fillna(value=False)
    by_point = cases["hotspot_id"].astype("str")
    counts = flags.astype("int64").groupby(by_point).sum()
    recent = flags["n_28"]
    counts["callers_28"] = count_callers(cases[recent], by_point[recent], nobody=nobody)
    return counts.fillna(0).astype("Int64")


def _say_change(counts: pd.DataFrame, before: frozenset[str], lang: Lang) -> pd.Series:
    """Say in a word what the last seven days brought against the seven before."""
    change = counts["n_7"] - counts["n_before"]
    words = change.map(lambda n: f"{n:+d}" if n else SAME.say(lang)).astype("str")
    is_young = (counts["n_7"] > 0) & (counts["n_7"] == counts["n_all"])
    is_new = ~counts.index.isin(before) if before else is_young
    said: pd.Series = words.mask(is_new, NEW.say(lang))
    return said


def suggest_windows(
    cases: pd.DataFrame, points: pd.DataFrame, *, fallback: tuple[str, ...]
) -> pd.Series:
    """Suggest two hours a community for its patrol, by when its points' cases come in.

    The profile of half hours is smoothed over its neighbours (1, 2, 1, round the clock); the
    fullest hour between 7:00 and 21:00 is the first window, the fullest that starts at least two
    hours away from it the second. Exactly midnight is a date without a time. Below ten timed
    cases a community keeps `fallback`.

    Returns
    -------
    windows
        By the index of `points`, such as `9:30-10:30、14:30-15:30`.
    """
    communities, names = pd.factorize(_area(points))
    where = pd.Series(communities, index=points.index)
    time = cases["reported_at"]
    is_timed = time.notna() & (time != time.dt.normalize())
    timed = cases[is_timed]
    slot = timed["reported_at"].dt.hour * 2 + timed["reported_at"].dt.minute // 30
    community = timed["hotspot_id"].map(where).to_numpy(dtype="int64")
    flat = np.bincount(
        community * SLOTS + slot.to_numpy(dtype="int64"), minlength=len(names) * SLOTS
    )
    profiles = flat.reshape(len(names), SLOTS)
    usual = "、".join(fallback)
    said = [_best_hours(p) if p.sum() >= MIN_TIMED_CASES else usual for p in profiles]
    return where.map(dict(enumerate(said))).astype("str")


def _best_hours(profile: np.ndarray) -> str:
    smooth = np.roll(profile, 1) + 2 * profile + np.roll(profile, -1)
    hour = smooth + np.roll(smooth, -1)
    starts = np.array(WALKED_SLOTS)
    first = starts[np.argmax(hour[starts])]
    others = starts[np.abs(starts - first) >= APART_SLOTS]
    second = others[np.argmax(hour[others])]
    return "、".join(_say_hour(start) for start in sorted((int(first), int(second))))


def _say_hour(slot: int) -> str:
    hour, half = divmod(slot, 2)
    return f"{hour}:{half * 30:02d}-{hour + 1}:{half * 30:02d}"


def _area(points: pd.DataFrame) -> pd.Series:
    """Name each point's community with its street, since two streets may have one of a name."""
    named: pd.Series = points["street"].fillna("") + "\t" + points["community"].fillna("")
    return named
