"""From a tested spot to a point that a person can be sent to: where, what, how pressing, why."""

from dataclasses import dataclass

import geopandas as gpd
import h3
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.columns import name_numbers
from geo_hotspots.grid import cell_names, index_points
from geo_hotspots.hotspots.forecast.ranking import prioritise, rank_points
from geo_hotspots.hotspots.lifecycle.lifecycle import count_weeks, trace_lives
from geo_hotspots.hotspots.points.reasons import explain_point, gather_facts
from geo_hotspots.hotspots.points.repeats import MIXED, number_points
from geo_hotspots.schema import HOTSPOT_COLUMNS
from geo_hotspots.words import Lang, Words

MIXED_NAME = Words("多类", "mixed")
_RESIDENTIAL = ("building", "door", "compound", "door_interpolated")
_OPEN_DAYS = 91
_COURSE = ("posterior", "days_to_rebound")  # of the point's life, beyond the contract's columns
# Of a case, in what is said of its point; the rest need not be copied.
_LOOKED_AT = (
    "spot", "group", "caller", "reported_at", "weight", "is_echo", "resolved", "satisfied",
    "lng", "lat", "uncertainty_m", "place_name",
)  # fmt: skip


_PLACE_COLUMNS = (
    "lng", "lat", "level", "uncertainty_m", "street", "community_code", "community", "cell",
)  # fmt: skip
_LAID_AT = (*_PLACE_COLUMNS, "spot_lng", "spot_lat")  # of the case that stands for its point


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
    is_owned = number >= 0
    owned = cases.loc[is_owned, list(_LOOKED_AT)].assign(number=number[is_owned])
    names = pd.Index(points["hotspot_id"], dtype="str")
    ids = pd.Series(name_numbers(number.to_numpy(), names), cases.index)
    medoids = cases.loc[_find_medoids(owned, points["whole"]), list(_LAID_AT)]
    described = _describe(
        points, owned, medoids, rectified, found, as_of=as_of, min_callers=min_callers
    )
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
    medoids: pd.DataFrame,
    rectified: pd.DataFrame,
    found: pd.DataFrame | None,
    *,
    as_of: pd.Timestamp,
    min_callers: int,
) -> pd.DataFrame:
    """Put everything known about each point beside its test."""
    works = _number_works(points, rectified)
    lives = _trace(points, owned, works, found, as_of=as_of, min_callers=min_callers)
    where = _place(medoids, owned, points["whole"])
    facts = gather_facts(owned, points, works, as_of=as_of)
    parts = [where, facts, _say_open(owned, len(points), as_of)]
    table = pd.concat([points, *(part.set_axis(points.index) for part in parts), lives], axis=1)
    weeks = count_weeks(
        owned["reported_at"], owned["number"].to_numpy(), n=len(points), as_of=as_of
    )
    table["weeks"] = pd.Series(weeks.tolist(), index=points.index, dtype="object")
    table["cell"] = _cell_again(table)
    is_home = table["level"].isin(_RESIDENTIAL)
    table["is_shown"] = ~is_home | (table["n_callers"] >= min_callers)
    table["apart"] = table["kind"] == "single_caller"
    return table


def _place(medoids: pd.DataFrame, owned: pd.DataFrame, whole: pd.Series) -> pd.DataFrame:
    """Say where each point is: as its medoid, at the middle of its spot where that is known."""
    words = medoids.select_dtypes("category").columns
    at = medoids.astype(dict.fromkeys(words, "str"))  # few rows: plain words
    at = at.set_axis(owned["number"].loc[at.index]).reindex(range(len(whole)))
    place = at[list(_PLACE_COLUMNS)].assign(name=_name(owned, at, whole))
    for axis in ("lng", "lat"):
        place[axis] = at[f"spot_{axis}"].where(at["spot_lng"].notna(), at[axis])
    return place


def _are_housed(owned: pd.DataFrame, whole: pd.Series) -> npt.NDArray[np.bool_]:
    """Say which cases do not only name their point's whole compound, which says not where it is."""
    number = owned["number"].to_numpy()
    claiming = np.flatnonzero(whole.notna().to_numpy()[number])
    spot = owned["spot"].iloc[claiming].astype("str").to_numpy()
    is_housed = np.ones(len(owned), dtype=bool)
    is_housed[claiming] = spot != whole.to_numpy()[number[claiming]]
    return is_housed


def _say_open(owned: pd.DataFrame, n: int, as_of: pd.Timestamp) -> pd.DataFrame:
    """Count what of each point is unresolved or unsatisfied, and its share of the last quarter."""
    since = as_of.normalize() - pd.Timedelta(days=_OPEN_DAYS - 1)
    fresh = owned[owned["reported_at"] >= since]
    said_yes = fresh[["resolved", "satisfied"]].fillna(value=True).all(axis=1)  # blank: not asked
    n_open = np.bincount(fresh.loc[~said_yes, "number"], minlength=n)
    n_fresh = np.bincount(fresh["number"], minlength=n)
    return pd.DataFrame({"n_open": n_open, "open_share": n_open / np.maximum(n_fresh, 1)})


def _cell_again(table: pd.DataFrame) -> pd.Series:
    """Give each point the cell that its middle lies in; none where its cases have none."""
    cells = table["cell"].dropna()
    if cells.empty:
        return table["cell"]
    resolution = h3.get_resolution(cells.iloc[0])
    known = table.loc[cells.index]
    index = index_points(known["lng"].to_numpy(), known["lat"].to_numpy(), resolution=resolution)
    return pd.Series(cell_names(index), cells.index, dtype="str").reindex(table.index)


def _find_medoids(owned: pd.DataFrame, whole: pd.Series) -> pd.Index:
    """Choose of each point the case nearest to the middle of its best located ones.

    Of equals the first. Labels of `owned`, in order of the points.
    """
    near = owned.loc[_are_housed(owned, whole), ["number", "lng", "lat", "uncertainty_m"]]
    least = near.groupby("number")["uncertainty_m"].transform("min")
    best = near.loc[near["uncertainty_m"] <= least + 1, ["number", "lng", "lat"]]
    middle = best.groupby("number")[["lng", "lat"]].transform("median")
    east = (best["lng"] - middle["lng"]) * np.cos(np.radians(middle["lat"]))
    order = np.lexsort((np.hypot(east, best["lat"] - middle["lat"]), best["number"]))
    _, first = np.unique(best["number"].to_numpy()[order], return_index=True)
    return best.index[order[first]]


def _name(owned: pd.DataFrame, at: pd.DataFrame, whole: pd.Series) -> pd.Series:
    """Call each point as its address, or, where there is none, by its area and coordinates."""
    housed = owned.loc[_are_housed(owned, whole), ["number", "place_name"]]
    said = housed.groupby(["number", "place_name"], observed=True).size().rename("n").reset_index()
    said = said.sort_values(["number", "n", "place_name"], ascending=[True, False, True])
    names = said.drop_duplicates("number").set_index("number")["place_name"].astype("str")
    spelt = [
        f"{community} ({lng:.5f}, {lat:.5f})"
        for community, lng, lat in zip(at["community"], at["lng"], at["lat"], strict=True)
    ]
    return names.reindex(at.index).fillna(pd.Series(spelt, at.index, dtype="str"))


def _number_works(points: pd.DataFrame, rectified: pd.DataFrame) -> pd.DataFrame:
    """Give the rectifications of listed points: `day`, and `number`, the row of the point."""
    key = pd.MultiIndex.from_frame(points[["spot", "group"]])
    at = key.get_indexer(pd.MultiIndex.from_frame(rectified[["spot", "group"]]))
    return rectified[["day"]].assign(number=at)[at >= 0]


def _trace(
    points: pd.DataFrame,
    owned: pd.DataFrame,
    works: pd.DataFrame,
    found: pd.DataFrame | None,
    *,
    as_of: pd.Timestamp,
    min_callers: int,
) -> pd.DataFrame:
    """Class the points; what a rectification or a patrol says belongs to the point it names."""
    if found is not None:
        ids = pd.Index(points["hotspot_id"])
        found = found[["day"]].assign(number=ids.get_indexer(found["hotspot_id"]))
        found = found[found["number"] >= 0]
    # Who repeats another's words is nobody.
    said = owned.loc[~owned["is_echo"], ["number", "reported_at", "caller", "weight"]]
    lives = trace_lives(
        said, works, n=len(points), as_of=as_of, min_callers=min_callers, found=found,
    )  # fmt: skip
    kept = ["lifecycle", "days_since_rectified", "rebounds", *_COURSE]
    return lives[kept].set_axis(points.index)


def _add_up(expected: "pd.Series[float]", owned: pd.DataFrame, n: int) -> list[float]:
    """Add up what is expected at the spots and groups of each point."""
    pairs = owned[["number", "spot", "group"]].drop_duplicates()
    calls = expected.reindex(pd.MultiIndex.from_frame(pairs[["spot", "group"]])).fillna(0.0)
    sums: list[float] = np.bincount(pairs["number"], calls, minlength=n).tolist()
    return sums
