"""The cells of the study area, counted, tested and drawn, by the contract of `cells.geojson`."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import sparse

from geo_hotspots.grid import (
    cell_names,
    cell_polygons,
    cells_covering,
    metric_crs,
    neighbourhood,
)
from geo_hotspots.hotspots.areas.areas import score_counts, weekly_inflation
from geo_hotspots.hotspots.areas.groups import rows_by_group
from geo_hotspots.hotspots.areas.trends import NONE, patterns_of_cells
from geo_hotspots.schema import CATEGORY_CELL_COLUMNS, CELL_COLUMNS
from geo_hotspots.spread import ALONE, Crew

Ints = npt.NDArray[np.integer]

PERIOD_WEEKS = 4  # of a trend
MAX_WEEKS = 52  # that it looks back on
_AT_ONCE = 1_000_000  # cases that are reduced to numbers together
_MARKED = ("row", "age", "caller")


@dataclass(frozen=True)
class StudyGrid:
    """Every cell that touches the study area, at one resolution, in the order of their numbers."""

    resolution: int
    cells: pd.DataFrame  # `share` inside the area and nearest `community`, indexed by name
    outlines: gpd.GeoSeries  # WGS84, indexed as `cells`
    numbers: pd.Index  # the cells as H3 counts them
    neighbours: sparse.csr_array  # within one step, each cell in its own row

    @property
    def lattice(self) -> "Lattice":
        """Give what a test looks at."""
        return Lattice(self.cells["share"].to_numpy(), self.neighbours)


class Lattice(NamedTuple):
    """The cells of a grid as a test sees them."""

    share: npt.NDArray[np.float64]  # of each cell inside the study area
    neighbours: sparse.csr_array  # within one step, each cell in its own row


def lay_grid(
    study_area: shapely.Geometry, communities: gpd.GeoDataFrame, *, resolution: int
) -> StudyGrid:
    """Lay the grid over the study area; a cell lies in the community nearest to its centre."""
    found = cells_covering(study_area, resolution=resolution)
    numbers = found.index
    names = pd.Index(cell_names(numbers), name="cell", dtype="str")
    outlines = found.geometry.set_axis(names)
    community = _nearest_names(outlines, communities)
    cells = pd.DataFrame({"share": found["share"].to_numpy(), "community": community}, index=names)
    return StudyGrid(resolution, cells, outlines, numbers, neighbourhood(numbers))


@dataclass(frozen=True)
class Marks:
    """Cases as numbers, in few bytes: what a cell's count is made of."""

    row: Ints  # of the cell
    age: Ints  # days
    caller: Ints  # from zero on; the nameless are each a number of their own below it

    def take(self, which: "Ints | npt.NDArray[np.bool_]") -> "Marks":
        """Give some of them."""
        return Marks(self.row[which], self.age[which], self.caller[which])


def find_cells(
    cases: pd.DataFrame, grid: StudyGrid, *, as_of: pd.Timestamp, window_days: int, fdr: float
) -> gpd.GeoDataFrame:
    """Count and test every cell of the grid, empty ones included.

    Parameters
    ----------
    cases
        `cell` (text at the grid's resolution, missing where a case has no point of its own),
        `reported_at`, `caller`, up to `as_of`.
    window_days
        The days, `as_of` included, whose cases are counted. The trend looks back on up to 13
        periods of four weeks, as many as the cases cover.

    Returns
    -------
    cells
        `schema.CELL_COLUMNS` with the outline, WGS84. Cells outside the area, where a point
        on its border may fall, are not part of it.
    """
    marks, _ = _mark(cases, grid.cells.index, as_of)
    lattice = grid.lattice
    table = pd.DataFrame(_score(marks, lattice, window_days=window_days, fdr=fdr))
    return _draw(table, grid, CELL_COLUMNS)


class GroupMarks(NamedTuple):
    """The cases of one category group."""

    name: str
    marks: Marks


class GroupScores(NamedTuple):
    """The cells that one category group is shown in."""

    name: str
    row: Ints  # of each cell in the grid
    scores: dict[str, npt.NDArray[Any]]  # by column, a value for each of these


def begin_category_cells(
    cases: pd.DataFrame, grid: StudyGrid, *, alone: Collection[str], as_of: pd.Timestamp,
    window_days: int, fdr: float, crew: Crew = ALONE,
) -> Iterator[GroupScores]:  # fmt: skip
    """Begin to count and test the cells for each category `group` in `alone` on its own.

    Returns
    -------
    found
        For `draw_category_cells`.
    """
    score = partial(_score_group, lattice=grid.lattice, window_days=window_days, fdr=fdr)
    return crew.begin(score, _part_by_group(cases, grid.cells.index, alone, as_of))


def draw_category_cells(found: Iterable[GroupScores], grid: StudyGrid) -> gpd.GeoDataFrame:
    """Draw what `begin_category_cells` has begun.

    Returns
    -------
    cells
        `schema.CATEGORY_CELL_COLUMNS` with the outline: of every group the cells that hold one
        of its cases or show a pattern. All cells take part in the test. The false discovery
        rate holds within a group.
    """
    every = [*found]
    if not every:
        return _draw(_NO_CELLS, grid, CATEGORY_CELL_COLUMNS)
    category = np.repeat([one.name for one in every], [len(one.row) for one in every])
    scores = {name: np.concatenate([one.scores[name] for one in every]) for name in every[0].scores}
    row = np.concatenate([one.row for one in every])
    table = pd.DataFrame({"category": category, **scores}, index=row)
    return _draw(table, grid, CATEGORY_CELL_COLUMNS)


def _part_by_group(
    cases: pd.DataFrame, cells: pd.Index, alone: Collection[str], as_of: pd.Timestamp
) -> Iterator[GroupMarks]:
    """Give the cases of each group in `alone`."""
    marks, is_inside = _mark(cases, cells, as_of)
    for name, mine in rows_by_group(cases["group"][is_inside], np.ones(len(marks.row), bool)):
        if name in alone:
            yield GroupMarks(name, marks.take(mine))


def _score_group(
    group: GroupMarks, lattice: Lattice, *, window_days: int, fdr: float
) -> GroupScores:
    """Count and test the cells of one group; leave out those without a case or a pattern."""
    scores = _score(group.marks, lattice, window_days=window_days, fdr=fdr)
    row = np.flatnonzero((scores["n"] > 0) | (scores["trend"] != NONE))
    return GroupScores(group.name, row, {name: values[row] for name, values in scores.items()})


def count_cells(
    cases: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    *,
    as_of: pd.Timestamp,
    resolution: int,
    window_days: int,
    min_cases: int,
) -> gpd.GeoDataFrame:
    """Count the cells that hold `min_cases` or more and test none: they are too fine for a test.

    Returns
    -------
    cells
        `schema.CELL_COLUMNS` with the outline; what only a test can say is missing.
    """
    cells = pd.Index(cases["cell"].astype("category").cat.categories, name="cell")
    marks, _ = _mark(cases, cells, as_of)
    table = pd.DataFrame(_count(marks, len(cells), window_days), index=cells)
    table = table[table["n"] >= min_cases]
    outlines = cell_polygons([int(cell, 16) for cell in table.index])
    community = _nearest_names(outlines, communities)
    table = table.reset_index().assign(resolution=resolution, community=community)
    table = table.reindex(columns=list(CELL_COLUMNS))
    return gpd.GeoDataFrame(table, geometry=outlines.to_numpy(), crs="EPSG:4326")


def _mark(
    cases: pd.DataFrame, cells: pd.Index, as_of: pd.Timestamp
) -> tuple[Marks, npt.NDArray[np.bool_]]:
    """Reduce the cases in `cells` to numbers, some at a time, and say which these are."""
    looked_at = cases[["cell", "reported_at", "caller"]].astype({"caller": "category"})
    starts = range(0, max(len(cases), 1), _AT_ONCE)
    parts = [_mark_some(looked_at, slice(at, at + _AT_ONCE), cells, as_of) for at in starts]
    marks = (np.concatenate([getattr(part, name) for part, _ in parts]) for name in _MARKED)
    return Marks(*marks), np.concatenate([is_inside for _, is_inside in parts])


def _mark_some(
    cases: pd.DataFrame, rows: slice, cells: pd.Index, as_of: pd.Timestamp
) -> tuple[Marks, npt.NDArray[np.bool_]]:
    some = cases.iloc[rows]
    row, age = find_rows(some["cell"], cells), count_days(some["reported_at"], as_of)
    is_inside = (row >= 0) & (age >= 0)
    caller = some["caller"].cat.codes.to_numpy().astype(np.int32)
    nameless = -1 - np.arange(rows.start, rows.start + len(some), dtype=np.int32)
    marks = Marks(row, age, np.where(caller < 0, nameless, caller))
    return marks.take(is_inside), is_inside


def find_rows(cell: pd.Series, cells: pd.Index) -> Ints:
    """Find each case's cell among `cells`; -1 where it has none there."""
    names = cell.astype("category").cat
    rows = np.append(cells.get_indexer(pd.Index(names.categories)), -1).astype(np.int32)
    found: Ints = rows[names.codes.to_numpy()]
    return found


def count_days(at: pd.Series, as_of: pd.Timestamp) -> Ints:
    """Count the days from each time to `as_of`: 0 on its day, less than nought after it."""
    day = at.to_numpy().astype("datetime64[D]")
    days: Ints = (np.datetime64(as_of.date()) - day).astype(np.int32)
    return days


def _score(
    marks: Marks, lattice: Lattice, *, window_days: int, fdr: float
) -> dict[str, npt.NDArray[Any]]:
    """Count and test; a value per cell of the grid, in its order."""
    share, near = lattice.share, lattice.neighbours
    counted = _count(marks, len(share), window_days)
    weekly = _count_weeks(marks, len(share))
    inflation = weekly_inflation(weekly, near)
    scores = score_counts(counted["n"], share, near, fdr=fdr, inflation=inflation)
    whole = weekly[:, weekly.shape[1] % PERIOD_WEEKS :]
    periods = whole.reshape(len(whole), -1, PERIOD_WEEKS).sum(axis=2)
    trend = patterns_of_cells(periods, share, near, fdr=fdr, inflation=inflation)
    return {**counted, **scores, "trend": trend}


def _draw(table: pd.DataFrame, grid: StudyGrid, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Name and draw the cells that `table` is indexed by."""
    row = table.index.to_numpy(dtype="int64")
    community = grid.cells["community"].to_numpy()[row]
    table = table.assign(
        cell=grid.cells.index[row], community=community, resolution=grid.resolution
    )
    shape = grid.outlines.to_numpy()[row]
    table = table.reset_index(drop=True)[list(columns)]
    return gpd.GeoDataFrame(table, geometry=shape, crs="EPSG:4326")


def _count(marks: Marks, size: int, window_days: int) -> dict[str, npt.NDArray[Any]]:
    """Count cases and distinct callers per cell; a nameless case counts as a caller."""
    recent = marks.take(marks.age < window_days)
    row, caller = recent.row.astype(np.int64), recent.caller.astype(np.int64)
    least = caller.min(initial=0)
    span = caller.max(initial=0) - least + 1
    met = np.unique(row * span + caller - least) // span
    return {"n": np.bincount(row, minlength=size), "n_callers": np.bincount(met, minlength=size)}


def _count_weeks(marks: Marks, size: int) -> npt.NDArray[np.float64]:
    """Count cases per cell and week, the latest week last.

    The weeks are those that the cases cover wholly, a year's at most.
    """
    weeks = min((int(marks.age.max(initial=-1)) + 1) // 7, MAX_WEEKS)
    column = weeks - 1 - marks.age // 7
    flat = (marks.row * np.int32(weeks) + column)[column >= 0]
    return np.bincount(flat, minlength=size * weeks).reshape(size, weeks).astype(float)


_NO_CELLS = pd.DataFrame(columns=["category", "n", "n_callers", "expected", "gistar", "pvalue",
                                  "qvalue", "is_hot", "trend"])  # fmt: skip


def _nearest_names(outlines: gpd.GeoSeries, communities: gpd.GeoDataFrame) -> list[str]:
    """Name the community that holds each cell's centre, or lies nearest to it."""
    utm = metric_crs(communities)
    tree = communities.geometry.to_crs(utm).sindex
    centre, near = tree.nearest(np.asarray(outlines.to_crs(utm).centroid), return_all=True)
    _, first = np.unique(centre, return_index=True)
    return [str(name) for name in communities["name"].to_numpy()[near[first]]]
