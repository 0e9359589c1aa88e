"""The repeat points as of a day: found, tested, named, described."""

from functools import partial

import geopandas as gpd
import pandas as pd

from geo_hotspots.analysis.gather import Recall
from geo_hotspots.config import Config
from geo_hotspots.hotspots.points.identity import Known, name_points
from geo_hotspots.hotspots.points.repeats import Floor, find_repeats
from geo_hotspots.hotspots.points.stated import mark_stated
from geo_hotspots.hotspots.profile import Weights, profile_points
from geo_hotspots.spread import ALONE, Crew, Later
from geo_hotspots.words import Lang

_TESTED = (
    "spot", "ground", "area", "kind_of_place", "group", "caller", "reported_at", "is_echo",
)  # fmt: skip
_WHERE = ("lng", "lat", "uncertainty_m")


def begin_points(
    cases: pd.DataFrame, *, config: Config, end: pd.Timestamp, crew: Crew = ALONE
) -> Later[pd.DataFrame]:
    """Begin to find and test the repeat points as of a day, beside other work where others help.

    What travels are numbers and the names of spots; callers are numbers, too.
    """
    settings = config.hotspots
    floor = Floor(
        settings.min_callers, settings.min_days, settings.group_callers, settings.group_days
    )
    find = partial(
        find_repeats, as_of=end, floor=floor, fdr=settings.fdr, window_days=settings.window_days
    )
    found = crew.begin(find, map(_take_tested, [cases]))
    return lambda: next(found)


def _take_tested(cases: pd.DataFrame) -> pd.DataFrame:
    """Take what the tests look at, callers by their numbers."""
    caller = cases["caller"]
    numbers = caller.cat.rename_categories(range(len(caller.cat.categories)))
    return cases[[*_TESTED]].assign(caller=numbers)


def name_found(
    points: pd.DataFrame, cases: pd.DataFrame, known: Known, recall: Recall, *, config: Config,
    end: pd.Timestamp,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Name the points that were found, mark those that citizens say repeat; trace their lineage."""
    settings = config.hotspots
    points = mark_stated(
        points, cases, recall, least=settings.group_callers,
        since=end - pd.Timedelta(days=settings.window_days - 1),
    )  # fmt: skip
    asked = cases[["case_key", "spot", "ground", "group", "reported_at", *_WHERE]]
    named = name_points(points, asked.set_index("case_key"), known)
    return points.assign(hotspot_id=named.ids), named.lineage


def list_points(
    cases: pd.DataFrame, known: Known, recall: Recall, *, config: Config, end: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List the repeat points, tested, named and with their middles; and trace their lineage."""
    found = begin_points(cases, config=config, end=end)
    return name_found(found(), cases, known, recall, config=config, end=end)


def describe_points(
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
