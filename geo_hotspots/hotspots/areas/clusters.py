"""Emerging clusters as users meet them: where, since when, which cases, and what drives them."""

import hashlib
from collections.abc import Collection, Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_hotspots.grid import metric_crs
from geo_hotspots.hotspots.areas.cells import StudyGrid
from geo_hotspots.hotspots.areas.emerging import HISTORY_WEEKS, Disks, disks_of, scan_cases
from geo_hotspots.schema import EMERGING_COLUMNS
from geo_hotspots.words import CLUSTER, Lang

ALL = "all"  # the category of a scan over all cases
ALARM_WEEKS = 52  # chance alone brings such a cluster once a year
WATCH_WEEKS = 20
_SHOWN_DRIVERS = 2
_MANY_WEEKS = 1000  # a recurrence interval beyond it is not known better than "more"


def find_emerging(
    cases: pd.DataFrame,
    hotspots: pd.DataFrame,
    grid: StudyGrid,
    *,
    as_of: pd.Timestamp,
    alone: Collection[str],
    shifted: Collection[str],
    min_callers: int,
    lang: Lang,
) -> gpd.GeoDataFrame:
    """Scan all cases, and each group of `alone`, for clusters that emerge.

    Cases that weigh nothing, as a caller's second within a week, are no sign. A cluster is `new`
    when the same scan as of a week earlier finds none that touches it; it is a `scope_change`,
    and no news, when it is about a category whose counting changed, or is gone once such
    categories are left out.

    Parameters
    ----------
    cases
        `cell` at the grid's resolution, `case_id`, `reported_at`, `caller`, `weight` (as
        `callers.weigh_cases` gives it), `category_1`, `group` and `hotspot_id` (of the points
        that are shown), up to `as_of`.
    hotspots
        `hotspot_id` and `name` of the points that are shown.
    alone
        Groups that are scanned each on its own, besides all cases together.
    shifted
        First-level categories whose counting changed lately.
    min_callers
        Clusters of fewer people are not given, and what drives one is named from so many on.
    lang
        Of `drivers` and `reason`.

    Returns
    -------
    emerging
        `schema.EMERGING_COLUMNS` with the disk's outline, WGS84, the least likely first.
        `recurrence_weeks` is over all scans of the run: the weeks in which chance alone brings
        one cluster as strong to the whole page.
    """
    marks = _mark(cases, grid, as_of)
    marks["group"] = marks["group"].where(marks["group"].isin(alone))
    covered = (int(marks["days"].max()) + 1) // 7 if len(marks) else 0
    disks, weeks = disks_of(grid.numbers), min(covered, HISTORY_WEEKS)
    rows = [
        _describe(row, mine, cases, disks, grid)
        for row, mine in _scan_all(marks, disks, weeks, frozenset(shifted))
    ]
    found = pd.DataFrame([row for row in rows if row["n_callers"] >= min_callers])
    if found.empty:
        columns = [*EMERGING_COLUMNS, "geometry"]
        return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs="EPSG:4326")
    names = hotspots.set_index("hotspot_id")["name"]
    found["drivers"] = [
        _drivers(category, cases.loc[members], names, min_callers=min_callers, lang=lang)
        for category, members in zip(found["category"], found["members"], strict=True)
    ]
    found["reason"] = [_reason(row, lang) for row in found.to_dict("records")]
    order = ["recurrence_weeks", "ratio", "category", "cell"]
    found = found.sort_values(order, ascending=[False, False, True, True], ignore_index=True)
    layer = gpd.GeoDataFrame(found, geometry="geometry", crs="EPSG:4326")
    surface = layer.geometry.to_crs(metric_crs(layer)).area
    layer["radius_m"] = np.sqrt(surface / np.pi).round(-1)
    return layer[[*EMERGING_COLUMNS, "geometry"]]


def _mark(cases: pd.DataFrame, grid: StudyGrid, as_of: pd.Timestamp) -> pd.DataFrame:
    """Reduce the cases that weigh anything to the `row` of their cell, and their age."""
    codes, distinct = pd.factorize(cases["cell"])
    row = np.append(grid.cells.index.get_indexer(distinct), -1)[codes]
    days = (as_of.normalize() - cases["reported_at"].dt.normalize()).dt.days
    marks = cases[["group", "category_1"]].assign(row=row, days=days, age=days // 7)
    fresh: pd.DataFrame = marks.loc[(row >= 0) & (days >= 0) & (cases["weight"] > 0)]
    return fresh


def _scan_all(
    marks: pd.DataFrame, disks: Disks, weeks: int, shifted: frozenset[str]
) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Give each cluster that is worth a look, with the marks of its scan."""
    parts = {ALL: marks, **dict(iter(marks.groupby("group", observed=True, sort=True)))}
    for name, mine in parts.items():
        found = _scan(mine, disks, weeks, len(parts))
        if found.empty:
            continue
        before = _scan(mine.assign(age=mine["age"] - 1), disks, weeks - 1, len(parts))
        state = np.where(_touches(found, before, disks), "ongoing", "new")
        is_shifted = mine["category_1"].isin(shifted)
        if is_shifted.any():
            still = _scan(mine[~is_shifted], disks, weeks, len(parts))
            state = np.where(_touches(found, still, disks), state, "scope_change")
        found = found.assign(category=name, state=state)
        for row in found.to_dict("records"):
            yield {str(k): v for k, v in row.items()}, mine


def _scan(marks: pd.DataFrame, disks: Disks, weeks: int, n_scans: int) -> pd.DataFrame:
    """Keep the clusters that chance would bring to none of the scans in many weeks."""
    current = marks[marks["age"] >= 0]
    found = scan_cases(current["row"].to_numpy(), current["age"].to_numpy(), disks, weeks=weeks)
    with np.errstate(divide="ignore"):  # a chance may be too small to write
        interval = 1 / (found["pvalue"].to_numpy() * n_scans)
    found = found.assign(recurrence_weeks=np.minimum(interval, _MANY_WEEKS))
    return found[found["recurrence_weeks"] >= WATCH_WEEKS]


def _touches(found: pd.DataFrame, others: pd.DataFrame, disks: Disks) -> "np.ndarray[Any, Any]":
    mine, theirs = (disks.members[f["disk"].to_numpy()].astype(np.int32) for f in (found, others))
    return np.asarray((mine @ theirs.T).sum(axis=1) > 0)


def _describe(
    row: dict[str, Any], mine: pd.DataFrame, cases: pd.DataFrame, disks: Disks, grid: StudyGrid
) -> dict[str, Any]:
    """Add where a cluster lies and which cases it holds."""
    inside = disks.members[[row["disk"]]].indices
    held = mine[mine["row"].isin(inside) & (mine["age"] < row["weeks"])]
    members = cases.loc[held.index]
    centre = grid.cells.index[row["centre"]]
    key = f"{row['category']}|{centre}|{row['weeks']}|{members['reported_at'].max():%Y%m%d}"
    return {
        **row,
        "cluster_id": f"E{hashlib.sha256(key.encode()).hexdigest()[:8]}",
        "signal": "alarm" if row["recurrence_weeks"] >= ALARM_WEEKS else "watch",
        "n_callers": members["caller"].nunique() + int(members["caller"].isna().sum()),
        "first_at": members["reported_at"].min(),
        "last_at": members["reported_at"].max(),
        "cell": centre,
        "community": grid.cells["community"].iloc[row["centre"]],
        "case_ids": " ".join(members["case_id"].fillna("—").astype(str)),
        "members": members.index,
        "geometry": shapely.union_all(np.asarray(grid.outlines)[inside], grid_size=1e-6),
    }


def _drivers(
    category: str, members: pd.DataFrame, names: pd.Series, *, min_callers: int, lang: Lang
) -> str:
    """Name what a cluster is made of: the largest groups, one caller's part, the listed points.

    A disk of one cell is an address or two: a group that fewer than `min_callers` people spoke
    of there would say what somebody complained of, and is not named.
    """
    unit, comma = ("件", "、") if lang == "zh" else ("", ", ")
    told = [members["group"]] if category == ALL else []  # else the category says it
    parts = [
        comma.join(f"{name} {n}{unit}" for name, n in counts.head(_SHOWN_DRIVERS).items())
        for counts in (
            _count_spoken(of, members["caller"], min_callers)
            for of in (*told, members["hotspot_id"].astype("str").map(names))
        )
    ]
    most = int(members["caller"].value_counts().max()) if members["caller"].notna().any() else 0
    if 2 * most >= len(members):
        parts.append(f"同一来电人{most}件" if lang == "zh" else f"{most} by one caller")
    return ("；" if lang == "zh" else "; ").join(part for part in parts if part)


def _count_spoken(of: pd.Series, caller: pd.Series, min_callers: int) -> "pd.Series[int]":
    """Count the cases of each value that enough people spoke of, the nameless each as one.

    By size, equal ones by name, so that the same cases give the same sentence.
    """
    people = caller.groupby(of).nunique() + caller.isna().groupby(of).sum()
    counts = of.value_counts().reindex(people.index[people >= min_callers])
    return counts.sort_index().sort_values(ascending=False, kind="stable")


def _reason(row: dict[Any, Any], lang: Lang) -> str:
    """Say in a sentence why the cluster is on the list."""
    n, people, weeks = row["n"], row["n_callers"], row["weeks"]
    interval = round(row["recurrence_weeks"])
    is_most = interval >= _MANY_WEEKS
    state = CLUSTER[row["state"]].say(lang)
    expected = "<0.1" if row["expected"] < 0.1 else f"{row['expected']:.1f}"  # noqa: PLR2004
    if lang == "zh":
        seldom = f"{_MANY_WEEKS}周以上" if is_most else f"约{interval}周"
        return (
            f"近{weeks}周{people}人{n}件，按本处以往和全区近况应有{expected}件；"
            f"若属偶然，{seldom}才有一次；{state}{'；' * bool(row['drivers'])}{row['drivers']}"
        )
    seldom = f"in over {_MANY_WEEKS} weeks" if is_most else f"in about {interval} weeks"
    span = f"{weeks} weeks" if weeks > 1 else "week"
    return (
        f"{n} cases by {people} callers in the last {span}, {expected} expected from this place "
        f"and these weeks; by chance once {seldom}; {state}"
        f"{'; ' * bool(row['drivers'])}{row['drivers']}"
    )
