"""From a tested spot to a point that a person can be sent to: where, what, how pressing, why."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import h3
import numpy as np
import pandas as pd

from geo_hotspots.grid import cell_names, index_points
from geo_hotspots.hotspots.forecast.ranking import prioritise, rank_points
from geo_hotspots.hotspots.lifecycle.lifecycle import WEEKS, count_weeks, trace_lives
from geo_hotspots.hotspots.points.reasons import FACTS, explain_point, gather_facts
from geo_hotspots.hotspots.points.repeats import MIXED, number_points
from geo_hotspots.schema import HOTSPOT_COLUMNS
from geo_hotspots.words import Lang, Words

MIXED_NAME = Words("多类", "mixed")
_RESIDENTIAL = ("building", "door", "compound", "door_interpolated")
_OPEN_DAYS = 91
_COURSE = ("posterior", "days_to_rebound")  # of the point's life, beyond the contract's columns


@dataclass(frozen=True)
class Weights:
    """What lifts a point above its score; see `ranking.prioritise`."""

    unresolved: float
    rebound: float
    group: float


def profile_points(
    points: pd.DataFrame,
    cases: pd.DataFrame,
    rectified: pd.DataFrame,
    expected: "pd.Series[float]",
    found: pd.DataFrame | None = None,
    *,
    as_of: pd.Timestamp,
    weights: Weights,
    min_callers: int,
    lang: Lang = "zh",
) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Describe repeat points by the contract of `hotspots.geojson`.

    Parameters
    ----------
    points
        As `repeats.find_repeats` lists them, with `hotspot_id`.
    cases
        Every case up to `as_of` with `spot`, `group`, `weight` and its place.
    rectified
        `spot`, `group` and `day` of each rectification.
    expected
        Callers of the coming week, indexed by `spot` and `group` (`forecast.forecast_week`); a
        point of several groups expects those of all.
    found
        `hotspot_id` and `day` of patrol visits that met the trouble again.
    min_callers
        A residential point of fewer callers does not leave; it is counted as hidden.

    Returns
    -------
    hotspots
        `schema.HOTSPOT_COLUMNS`, `weeks` (cases of the last 52 weeks, oldest first), `posterior`
        (how sure the class of `lifecycle` is) and `days_to_rebound`, as `trace_lives` gives them,
        and the point, WGS84, in the order of rank.
    hotspot_id
        The point that each case belongs to, hidden ones included, missing where it belongs to
        none; indexed as `cases`.
    """
    number = number_points(points, cases)
    owned = cases[number >= 0].assign(number=number[number >= 0])
    ids = number.where(number >= 0).map(points["hotspot_id"]).astype("str")
    described = _describe(points, owned, rectified, found, as_of=as_of, min_callers=min_callers)
    described["score"] = _add_up(expected, owned, len(points))
    is_mixed = described["group"] == MIXED
    described = described.assign(
        is_mixed=is_mixed, category=described["group"].mask(is_mixed, MIXED_NAME.say(lang))
    )
    described["priority"] = prioritise(
        described, unresolved=weights.unresolved, rebound=weights.rebound, group=weights.group
    )
    shown = described[described["is_shown"]].copy()
    shown["rank"] = rank_points(shown).astype("int64")
    shown["reason"] = [explain_point(row, lang) for row in shown.to_dict("records")]
    shown = shown.sort_values(["apart", "rank"], kind="stable").reset_index(drop=True)
    where = gpd.points_from_xy(shown["lng"], shown["lat"])
    table = shown[[*HOTSPOT_COLUMNS, "weeks", *_COURSE]]
    return gpd.GeoDataFrame(table, geometry=where, crs="EPSG:4326"), ids


def _describe(
    points: pd.DataFrame,
    owned: pd.DataFrame,
    rectified: pd.DataFrame,
    found: pd.DataFrame | None,
    *,
    as_of: pd.Timestamp,
    min_callers: int,
) -> pd.DataFrame:
    """Put everything known about each point beside its test."""
    by_point = dict(tuple(owned.groupby("number")))
    done = (
        rectified.groupby(["spot", "group"])["day"].apply(list).to_dict() if len(rectified) else {}
    )
    rows = [
        _describe_one(by_point[i], point,
                      pd.Series(done.get((point["spot"], point["group"]), []),
                                dtype="datetime64[us]"), as_of)
        for i, point in enumerate(points.to_dict("records"))
    ]  # fmt: skip
    known = pd.DataFrame(rows, index=points.index, columns=list(_DESCRIBED))
    lives = _trace(points, owned, rectified, found, as_of=as_of, min_callers=min_callers)
    table = pd.concat([points, known, lives], axis=1)
    table["cell"] = _cell_again(table)
    is_home = table["level"].isin(_RESIDENTIAL)
    table["is_shown"] = ~is_home | (table["n_callers"] >= min_callers)
    table["apart"] = table["kind"] == "single_caller"
    return table


def _describe_one(
    members: pd.DataFrame,
    point: Mapping[Hashable, Any],
    done: pd.Series,
    as_of: pd.Timestamp,
) -> dict[str, object]:
    """Say where one point is, what its sentence needs, and what of it is still open."""
    housed = members[members["spot"] != point["whole"]]  # what names no house says not where it is
    at = housed.loc[housed.index == _medoid(housed)].iloc[0]
    end = as_of.normalize() + pd.Timedelta(days=1)
    fresh = members[members["reported_at"] >= end - pd.Timedelta(days=_OPEN_DAYS)]
    said_yes = fresh[["resolved", "satisfied"]].fillna(value=True).all(axis=1)  # blank: not asked
    return {
        "name": _name(housed, at),
        **gather_facts(members, point, done, as_of=as_of),
        "n_open": int((~said_yes).sum()),
        "open_share": float((~said_yes).mean()) if len(fresh) else 0.0,
        "weeks": count_weeks(members["reported_at"], as_of=as_of, weeks=WEEKS).tolist(),
        **{c: at[c] for c in _PLACE_COLUMNS},
        **_middle(at),
    }


_PLACE_COLUMNS = (
    "lng", "lat", "level", "uncertainty_m", "street", "community_code", "community", "cell",
)  # fmt: skip
_DESCRIBED = (
    "name", *FACTS, "n_open", "open_share", "weeks", *_PLACE_COLUMNS,
)  # fmt: skip


def _middle(at: pd.Series) -> dict[str, float]:
    """Give the middle of the spot, where it is known better than by one case."""
    known = pd.notna(at["spot_lng"])
    return {"lng": at["spot_lng"], "lat": at["spot_lat"]} if known else {}


def _cell_again(table: pd.DataFrame) -> pd.Series:
    """Give each point the cell that its middle lies in; none where its cases have none."""
    cells = table["cell"].dropna()
    if cells.empty:
        return table["cell"]
    resolution = h3.get_resolution(cells.iloc[0])
    known = table.loc[cells.index]
    index = index_points(known["lng"].to_numpy(), known["lat"].to_numpy(), resolution=resolution)
    return pd.Series(cell_names(index), cells.index, dtype="str").reindex(table.index)


def _medoid(members: pd.DataFrame) -> Hashable:
    """Choose the case nearest to the middle of the best located ones; the first of equals."""
    best = members[members["uncertainty_m"] <= members["uncertainty_m"].min() + 1]
    east = (best["lng"] - best["lng"].median()) * np.cos(np.radians(best["lat"].median()))
    apart = pd.Series(np.hypot(east, best["lat"] - best["lat"].median()), index=best.index)
    return apart.idxmin()


def _name(members: pd.DataFrame, at: pd.Series) -> str:
    """Call the point as its address, or, where there is none, by its area and coordinates."""
    names = members["place_name"].dropna()
    if len(names):
        return str(names.mode().iloc[0])
    return f"{at['community']} ({at['lng']:.5f}, {at['lat']:.5f})"


def _trace(
    points: pd.DataFrame,
    owned: pd.DataFrame,
    rectified: pd.DataFrame,
    found: pd.DataFrame | None,
    *,
    as_of: pd.Timestamp,
    min_callers: int,
) -> pd.DataFrame:
    """Class the points; what a rectification or a patrol says belongs to the point it names."""
    key = pd.MultiIndex.from_frame(points[["spot", "group"]])
    at = key.get_indexer(pd.MultiIndex.from_frame(rectified[["spot", "group"]]))
    works = rectified[["day"]].assign(number=at)
    if found is not None:
        ids = pd.Index(points["hotspot_id"])
        found = found[["day"]].assign(number=ids.get_indexer(found["hotspot_id"]))
        found = found[found["number"] >= 0]
    said = owned[~owned["is_echo"]]  # who repeats another's words is nobody
    lives = trace_lives(
        said, works[works["number"] >= 0], n=len(points), as_of=as_of, min_callers=min_callers,
        found=found,
    )  # fmt: skip
    kept = ["lifecycle", "days_since_rectified", "rebounds", *_COURSE]
    return lives[kept].set_axis(points.index)


def _add_up(expected: "pd.Series[float]", owned: pd.DataFrame, n: int) -> list[float]:
    """Add up what is expected at the spots and groups of each point."""
    pairs = owned[["number", "spot", "group"]].drop_duplicates()
    calls = expected.reindex(pd.MultiIndex.from_frame(pairs[["spot", "group"]])).fillna(0.0)
    sums: list[float] = np.bincount(pairs["number"], calls, minlength=n).tolist()
    return sums
