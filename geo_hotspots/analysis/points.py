"""The repeat points as of a day: found, tested, named, described."""

import geopandas as gpd
import pandas as pd

from geo_hotspots.analysis.gather import Recall
from geo_hotspots.config import Config
from geo_hotspots.hotspots.points.identity import Known, name_points
from geo_hotspots.hotspots.points.repeats import Floor, find_repeats
from geo_hotspots.hotspots.points.stated import mark_stated
from geo_hotspots.hotspots.profile import Weights, profile_points
from geo_hotspots.words import Lang

_WHERE = ("lng", "lat", "uncertainty_m")


def list_points(
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
