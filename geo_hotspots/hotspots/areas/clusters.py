"""Emerging clusters as users meet them: where, since when, which cases, and what drives them."""

import hashlib
from collections.abc import Collection, Hashable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo_hotspots.grid import metric_crs
from geo_hotspots.hotspots.areas.cells import StudyGrid, count_days, find_rows
from geo_hotspots.hotspots.areas.emerging import (
    HISTORY_WEEKS,
    LEAST_HISTORY,
    MAX_WEEKS,
    Disks,
    disks_of,
    scan_cases,
)
from geo_hotspots.hotspots.areas.groups import rows_by_group
from geo_hotspots.schema import EMERGING_COLUMNS
from geo_hotspots.spread import ALONE, Crew
from geo_hotspots.words import CLUSTER, Lang

Ints = npt.NDArray[np.integer]
Flags = npt.NDArray[np.bool_]

ALL = "all"  # the category of a scan over all cases
ALARM_WEEKS = 52  # chance alone brings such a cluster once a year
WATCH_WEEKS = 20
_SHOWN_DRIVERS = 2
_MANY_WEEKS = 1000  # a recurrence interval beyond it is not known better than "more"


class Marks(NamedTuple):
    """Cases that weigh anything, as a scan sees them."""

    row: Ints  # of the cell
    age: Ints  # whole weeks
    is_shifted: Flags  # about a category whose counting changed

    def take(self, which: "Ints | Flags") -> "Marks":
        """Give some of them."""
        return Marks(self.row[which], self.age[which], self.is_shifted[which])


class Scan(NamedTuple):
    """The cases that are scanned together: those of a category group, or `ALL`."""

    name: str
    marks: Marks


def begin_scans(
    cases: pd.DataFrame, grid: StudyGrid, *, as_of: pd.Timestamp, alone: Collection[str],
    shifted: Collection[str], crew: Crew = ALONE,
) -> Iterator[pd.DataFrame]:  # fmt: skip
    """Begin to scan all cases, and each group of `alone`, for clusters that emerge.

    Cases that weigh nothing, as a caller's second within a week, are no sign. A cluster is `new`
    when the same scan as of a week earlier finds none that touches it; it is a `scope_change`,
    and no news, when it is about a category whose counting changed, or is gone once such
    categories are left out.

    Parameters
    ----------
    cases
        `cell` at the grid's resolution, `reported_at`, `weight` (as `callers.weigh_cases` gives
        it), `category_1` and `group`, up to `as_of`.
    alone
        Groups that are scanned each on its own, besides all cases together.
    shifted
        First-level categories whose counting changed lately.

    Returns
    -------
    found
        For `describe_emerging`, the clusters of each scan.
    """
    days, counts = count_days(cases["reported_at"], as_of), _find_fresh(cases, grid, as_of)
    weeks = min((int(days[counts].max(initial=-1)) + 1) // 7, HISTORY_WEEKS)
    if weeks < LEAST_HISTORY:
        return iter(())  # no scan would find anything
    held = set(cases["group"][counts].unique()) & set(alone)
    scan = partial(_scan_twice, disks=disks_of(grid.numbers), weeks=weeks, n_scans=len(held) + 1)
    return crew.begin(scan, _part_cases(cases, grid, as_of, held, shifted))


def describe_emerging(
    found: Iterable[pd.DataFrame],
    cases: pd.DataFrame,
    hotspots: pd.DataFrame,
    grid: StudyGrid,
    *,
    as_of: pd.Timestamp,
    min_callers: int,
    lang: Lang,
) -> gpd.GeoDataFrame:
    """Say where the clusters that were found lie, which cases they hold and what drives them.

    Parameters
    ----------
    found
        As `begin_scans` gives it.
    cases
        The same, with `case_id`, `caller` and `hotspot_id` (of the points that are shown).
    hotspots
        `hotspot_id` and `name` of the points that are shown.
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
    rows = _locate_all(found, cases, grid, as_of)
    table = pd.DataFrame([row for row in rows if row["n_callers"] >= min_callers])
    if table.empty:
        columns = [*EMERGING_COLUMNS, "geometry"]
        return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs="EPSG:4326")
    names = hotspots.set_index("hotspot_id")["name"]
    table["drivers"] = [
        _drivers(category, cases.loc[members], names, min_callers=min_callers, lang=lang)
        for category, members in zip(table["category"], table["members"], strict=True)
    ]
    table["reason"] = [_reason(row, lang) for row in table.to_dict("records")]
    order = ["recurrence_weeks", "ratio", "category", "cell"]
    table = table.sort_values(order, ascending=[False, False, True, True], ignore_index=True)
    layer = gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:4326")
    surface = layer.geometry.to_crs(metric_crs(layer)).area
    layer["radius_m"] = np.sqrt(surface / np.pi).round(-1)
    return layer[[*EMERGING_COLUMNS, "geometry"]]


def _find_fresh(cases: pd.DataFrame, grid: StudyGrid, as_of: pd.Timestamp) -> Flags:
    """Say which cases weigh anything, have a cell of the grid, and are not later than `as_of`."""
    row, days = find_rows(cases["cell"], grid.cells.index), count_days(cases["reported_at"], as_of)
    fresh: Flags = (row >= 0) & (days >= 0) & (cases["weight"] > 0).to_numpy()
    return fresh


def _part_cases(
    cases: pd.DataFrame, grid: StudyGrid, as_of: pd.Timestamp, alone: Collection[str],
    shifted: Collection[str],
) -> Iterator[Scan]:  # fmt: skip
    """Give all cases that count, then those of each group."""
    counts = _find_fresh(cases, grid, as_of)
    age = (count_days(cases["reported_at"], as_of) // 7).astype(np.int16)
    is_shifted = cases["category_1"].isin(shifted).to_numpy()
    marks = Marks(find_rows(cases["cell"], grid.cells.index), age, is_shifted)
    yield Scan(ALL, marks.take(counts))
    for name, mine in rows_by_group(cases["group"], counts):
        if name in alone:
            yield Scan(name, marks.take(mine))


def _scan_twice(scan: Scan, disks: Disks, *, weeks: int, n_scans: int) -> pd.DataFrame:
    """Find the clusters that are worth a look, and say which were there a week ago.

    Returns
    -------
    found
        What `scan_cases` gives, `recurrence_weeks`, `category` and `state`.
    """
    marks = scan.marks
    found = _scan(marks, disks, weeks, n_scans)
    state = np.full(len(found), "new", dtype="object")
    if len(found):
        before = _scan(marks._replace(age=marks.age - np.int16(1)), disks, weeks - 1, n_scans)
        state[_touches(found, before, disks)] = "ongoing"
    if len(found) and marks.is_shifted.any():
        still = _scan(marks.take(~marks.is_shifted), disks, weeks, n_scans)
        state[~_touches(found, still, disks)] = "scope_change"
    return found.assign(category=scan.name, state=state)


def _scan(marks: Marks, disks: Disks, weeks: int, n_scans: int) -> pd.DataFrame:
    """Keep the clusters that chance would bring to none of the scans in many weeks."""
    current = marks.take(marks.age >= 0)
    found = scan_cases(current.row, current.age, disks, weeks=weeks)
    with np.errstate(divide="ignore"):  # a chance may be too small to write
        interval = 1 / (found["pvalue"].to_numpy() * n_scans)
    found = found.assign(recurrence_weeks=np.minimum(interval, _MANY_WEEKS))
    return found[found["recurrence_weeks"] >= WATCH_WEEKS]


def _touches(found: pd.DataFrame, others: pd.DataFrame, disks: Disks) -> "np.ndarray[Any, Any]":
    mine, theirs = (disks.members[f["disk"].to_numpy()].astype(np.int32) for f in (found, others))
    return np.asarray((mine @ theirs.T).sum(axis=1) > 0)


def _locate_all(
    found: Iterable[pd.DataFrame], cases: pd.DataFrame, grid: StudyGrid, as_of: pd.Timestamp
) -> Iterator[dict[str, Any]]:
    """Give each cluster with where it lies and which cases it holds."""
    every = [row for table in found for row in table.to_dict("records")]
    if not every:
        return
    age = count_days(cases["reported_at"], as_of) // 7
    recent = np.flatnonzero(_find_fresh(cases, grid, as_of) & (age < MAX_WEEKS))
    age, group = age[recent], cases["group"].iloc[recent]
    row, disks = find_rows(cases["cell"].iloc[recent], grid.cells.index), disks_of(grid.numbers)
    for cluster in every:
        inside = disks.members[[cluster["disk"]]].indices
        holds = (age < cluster["weeks"]) & np.isin(row, inside)
        if cluster["category"] != ALL:
            holds &= (group == cluster["category"]).to_numpy()
        yield _describe(cluster, cases.iloc[recent[holds]], inside, grid)


def _describe(
    row: dict[Hashable, Any], members: pd.DataFrame, inside: Ints, grid: StudyGrid
) -> dict[str, Any]:
    """Add where a cluster lies and which cases it holds."""
    centre = grid.cells.index[row["centre"]]
    key = f"{row['category']}|{centre}|{row['weeks']}|{members['reported_at'].max():%Y%m%d}"
    return {
        **{str(k): v for k, v in row.items()},
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
