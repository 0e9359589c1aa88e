"""The H3 grid: which cell a point is in, which cells cover an area, which are near, what shape."""

import itertools
from collections.abc import Sequence
from typing import Any, cast

import geopandas as gpd
import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import sparse

Cells = npt.NDArray[np.uint64]

MOST_CELLS = 20_000  # of a study area


def index_points(
    lng: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], *, resolution: int
) -> Cells:
    """Give the cell of each point; H3 has no array form, so each distinct point is asked once.

    Parameters
    ----------
    lng, lat
        WGS84 degrees; a missing coordinate has no cell.
    resolution
        H3 resolution, 0 to 15.

    Returns
    -------
    cells
        H3 indexes, 0 where a point has none.
    """
    cells = np.zeros(len(lng), dtype=np.uint64)
    known = np.isfinite(lng) & np.isfinite(lat)
    points, back = np.unique(np.c_[lat[known], lng[known]], axis=0, return_inverse=True)
    found = [h3.latlng_to_cell(y, x, resolution) for y, x in points.tolist()]
    cells[known] = np.array(found, dtype=np.uint64)[back.ravel()]
    return cells


def fit_resolution(area: shapely.Geometry, finest: int) -> int:
    """Give the finest resolution, up to `finest`, at which `area` has 20,000 cells or fewer.

    A district is tested finely; a whole city so would be slow, and its files too large to open.

    Parameters
    ----------
    area
        Polygon or multipolygon, WGS84 longitude and latitude.
    """
    shrink = np.cos(np.radians(shapely.centroid(area).y))
    surface = shapely.area(area) * shrink * 111.195**2
    fits = (
        level for level in range(finest, 0, -1)
        if surface <= MOST_CELLS * h3.average_hexagon_area(level, unit="km^2")
    )  # fmt: skip
    return next(fits, 0)


def cells_covering(area: shapely.Geometry, *, resolution: int) -> pd.Series:
    """List the cells that touch `area`, with the share of each that lies in it.

    Sorted, since H3 promises no order and outputs must not change between runs.

    Parameters
    ----------
    area
        Polygon or multipolygon, WGS84 longitude and latitude.

    Returns
    -------
    share
        Share of each cell's surface inside the area, above 0 and at most 1, indexed by cell.
    """
    shape = h3.geo_to_h3shape(shapely.geometry.mapping(cast("Any", area)))
    # A multipolygon's parts may touch the same cell, which H3 then lists for each of them.
    found = set(h3.h3shape_to_cells_experimental(shape, resolution, "overlap"))
    cells = pd.Index(np.array(sorted(found), dtype=np.uint64), name="cell")
    outlines = np.asarray(cell_polygons(cells))
    shapely.prepare(area)
    share = np.ones(len(cells))
    edge = ~shapely.contains(area, outlines)
    cut = shapely.intersection(outlines[edge], area)
    share[edge] = shapely.area(cut) / shapely.area(outlines[edge])
    return pd.Series(share, index=cells, name="share")[share > 0]


def cell_polygons(cells: Sequence[int] | pd.Index) -> gpd.GeoSeries:
    """Give the outlines of cells as polygons in longitude and latitude, indexed by cell."""
    rings = [[(x, y) for y, x in h3.cell_to_boundary(int(c))] for c in cells]
    outlines = [shapely.Polygon(ring) for ring in rings]
    return gpd.GeoSeries(outlines, index=pd.Index(cells, name="cell"), crs="EPSG:4326")


def neighbourhood(cells: pd.Index, *, k: int = 1) -> sparse.csr_array:
    """Give the cells within `k` steps of each cell, itself included, as a 0/1 matrix.

    Neighbours outside `cells` do not count: nothing is known of them.

    Returns
    -------
    matrix
        Sparse, `len(cells)` by `len(cells)`; row i marks the neighbours of cell i.
    """
    disks = [h3.grid_disk(int(c), k) for c in cells]
    near = np.fromiter(itertools.chain.from_iterable(disks), dtype=np.uint64)
    rows = np.repeat(np.arange(len(cells)), [len(d) for d in disks])
    columns = cells.get_indexer(pd.Index(near))
    known = columns >= 0
    ones = np.ones(int(known.sum()))
    where = (rows[known], columns[known])
    return sparse.csr_array((ones, where), shape=(len(cells), len(cells)))


def cell_names(cells: npt.ArrayLike) -> list[str | None]:
    """Write cells the way every other tool writes them: hexadecimal text; 0 is no cell."""
    return [format(c, "x") if c else None for c in np.asarray(cells, dtype=np.uint64).tolist()]
