"""The areas as of a day: cells at three resolutions and by category, what emerges, what broke."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_hotspots.columns import give_back_memory
from geo_hotspots.grid import cell_names, index_points
from geo_hotspots.hotspots.areas.areas import Moran, moran
from geo_hotspots.hotspots.areas.breaks import level_shifts, tell_shifts
from geo_hotspots.hotspots.areas.cells import (
    GroupScores,
    StudyGrid,
    begin_category_cells,
    count_cells,
    draw_category_cells,
    find_cells,
    lay_grid,
)
from geo_hotspots.hotspots.areas.clusters import begin_scans, describe_emerging
from geo_hotspots.hotspots.areas.knox import begin_near, list_near
from geo_hotspots.spread import ALONE, Crew
from geo_hotspots.words import Lang, Words

_AT_ONCE = 1_000_000  # cases whose cells are found together
_MOST_ALONE = 500  # groups tested each on its own; a hotline has a hundred, a column of text more


@dataclass(frozen=True)
class Areas:
    """What the cells of the study area come to."""

    cells: gpd.GeoDataFrame  # at the resolution of the tests, all cases together
    overview: gpd.GeoDataFrame  # one resolution coarser, tested as well
    detail: gpd.GeoDataFrame  # one finer, counted only
    by_category: gpd.GeoDataFrame
    moran: Moran  # of the cells' counts
    emerging: gpd.GeoDataFrame
    near: pd.DataFrame  # near repeats by category, `knox.NEAR_COLUMNS`
    shifts: pd.DataFrame  # 口径变化 of the last quarter, `breaks.BREAK_COLUMNS`
    n_pooled: int  # groups so small among so many that they count in all cases only

    @property
    def notes(self) -> tuple[Words, ...]:
        """Give the sentences that every page must carry: what broke, what was not tested."""
        return (*tell_shifts(self.shifts), *_tell_pooled(self.n_pooled))

    def drawn(self, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> "Areas":
        """Give the same areas with every layer changed, as into another datum."""
        names = ("cells", "overview", "detail", "by_category", "emerging")
        layers: dict[str, Any] = {name: change(getattr(self, name)) for name in names}
        return replace(self, **layers)


@dataclass(frozen=True)
class Survey:
    """A survey that has begun: what is tested by category, maybe beside other work."""

    grid: StudyGrid
    wide: StudyGrid  # one resolution coarser
    communities: gpd.GeoDataFrame
    tested: dict[str, Any]  # `as_of`, `window_days`, `fdr`
    shifts: pd.DataFrame
    n_pooled: int
    near: Iterator[tuple[Any, ...]]
    scans: Iterator[pd.DataFrame]
    by_category: Iterator[GroupScores]


def begin_survey(
    cases: pd.DataFrame,
    study_area: shapely.Geometry,
    communities: gpd.GeoDataFrame,
    *,
    as_of: pd.Timestamp,
    resolution: int,
    window_days: int,
    fdr: float,
    crew: Crew = ALONE,
) -> Survey:
    """Begin to test the cells of the study area and to scan them for what emerges, by category.

    Parameters
    ----------
    cases
        `cell` (at `resolution`, missing where a case has no point of its own), `lng`, `lat`,
        `reported_at`, `caller`, `weight`, `category_1` and `group`, up to `as_of`.
    communities
        Named areas; a cell is said to lie in the one nearest to its centre.
    window_days
        The days, `as_of` included, whose cases the cells count.
    fdr
        Largest share of false cells among those called hot.
    crew
        Who shares the categories.
    """
    tested: dict[str, Any] = {"as_of": as_of, "window_days": window_days, "fdr": fdr}
    near = begin_near(cases, as_of, crew=crew)
    grid = lay_grid(study_area, communities, resolution=resolution)
    wide = lay_grid(study_area, communities, resolution=resolution - 1)
    shifts = level_shifts(cases, as_of)
    alone = largest_groups(cases, most=_MOST_ALONE)
    scans = begin_scans(
        cases, grid, as_of=as_of, alone=alone, shifted=frozenset(shifts["category"]), crew=crew
    )
    by_category = begin_category_cells(cases, grid, alone=alone, crew=crew, **tested)
    n_pooled = cases["group"].nunique() - len(alone)
    return Survey(grid, wide, communities, tested, shifts, n_pooled, near, scans, by_category)


def finish_survey(
    survey: Survey,
    cases: pd.DataFrame,
    hotspots: pd.DataFrame,
    *,
    min_cases: int,
    min_callers: int,
    lang: Lang,
) -> Areas:
    """Test the cells for all cases together, and lay what has begun beside them.

    Parameters
    ----------
    cases
        The same, with `case_id` and `hotspot_id`.
    hotspots
        `hotspot_id` and `name` of the points that are shown.
    min_cases, min_callers
        Cells of the detail hold no fewer cases, clusters that emerge no fewer people.
    """
    grid, wide, tested = survey.grid, survey.wide, survey.tested
    as_of, finer = tested["as_of"], grid.resolution + 1
    cells = find_cells(cases, grid, **tested)
    give_back_memory()
    overview = find_cells(_at(cases, wide.resolution), wide, **tested)
    give_back_memory()
    detail = count_cells(
        _at(cases, finer), survey.communities, as_of=as_of, resolution=finer,
        window_days=tested["window_days"], min_cases=min_cases,
    )  # fmt: skip
    give_back_memory()
    by_category = draw_category_cells(survey.by_category, grid)
    give_back_memory()
    emerging = describe_emerging(
        survey.scans, cases, hotspots, grid, as_of=as_of, min_callers=min_callers, lang=lang
    )
    give_back_memory()
    return Areas(
        cells=cells, moran=moran(cells["n"].to_numpy(float), grid.neighbours), overview=overview,
        detail=detail, by_category=by_category, emerging=emerging, near=list_near(survey.near),
        shifts=survey.shifts, n_pooled=survey.n_pooled,
    )  # fmt: skip


def largest_groups(cases: pd.DataFrame, *, most: int) -> frozenset[str]:
    """Name the `most` groups with most cases; of equals, the first by name."""
    counts = cases["group"].value_counts().rename_axis("group").reset_index()
    counts = counts[counts["count"] > 0]  # of the kind "category", a name may stand for no case
    counts = counts.sort_values(["count", "group"], ascending=[False, True])
    return frozenset(counts["group"].head(most))


def _tell_pooled(n: int) -> tuple[Words, ...]:
    """Say how many groups are not tested on their own, if any."""
    if not n:
        return ()
    return (
        Words(
            f"类别过多：诉求最多的{_MOST_ALONE}类单独检验，其余{n}类只计入总体；"
            "请核对“问题分类”一列是否误填了正文",
            f"too many categories: the {_MOST_ALONE} largest are tested on their own, the other "
            f"{n} count in all cases only; is the column of categories one of texts?",
        ),
    )


def _at(cases: pd.DataFrame, resolution: int) -> pd.DataFrame:
    """Give the cases that have a cell the one of another resolution."""
    number = np.zeros(len(cases), dtype=np.uint64)
    for at in range(0, len(cases), _AT_ONCE):
        some = cases[["lng", "lat", "cell"]].iloc[at : at + _AT_ONCE]
        lng, lat = (some[c].where(some["cell"].notna()).to_numpy(float) for c in ("lng", "lat"))
        number[at : at + _AT_ONCE] = index_points(lng, lat, resolution=resolution)
    code, distinct = pd.factorize(number, sort=True)
    n_none = int(np.count_nonzero(distinct == 0))  # no cell at all, which sorts first
    names = pd.Index(cell_names(distinct[n_none:]), dtype="str")
    cell = pd.Categorical.from_codes(code - n_none, names, validate=False)
    return cases[["reported_at", "caller"]].assign(cell=cell)
