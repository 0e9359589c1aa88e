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

from geo_hotspots import lattice

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Cells = npt.NDArray[np.uint64]

MOST_CELLS = 20_000  # of a study area
_LARGEST_TABLE = 1 << 25  # cells of a plane looked up at once: 128 MB


def index_points(
    lng: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], *, resolution: int
) -> Cells:
    """Give the cell of each point.

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
    known = np.isfinite(lng) & np.isfinite(lat)
    if known.all():
        return lattice.index(lng, lat, resolution=resolution)
    cells = np.zeros(len(lng), dtype=np.uint64)
    cells[known] = lattice.index(lng[known], lat[known], resolution=resolution)
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


def metric_crs(shapes: gpd.GeoDataFrame) -> str:
    """Name the UTM zone about the middle of shapes in WGS84, to measure in metres.

    By arithmetic: asking PROJ's data base, as geopandas does, takes longer than the measuring.

    >>> metric_crs(gpd.GeoDataFrame(geometry=[shapely.Point(116.4, 39.9)], crs="EPSG:4326"))
    'EPSG:32650'
    """
    west, south, east, north = shapes.total_bounds
    zone = int(((west + east) / 2 + 180) // 6) % 60 + 1
    return f"EPSG:{(32600 if south + north >= 0 else 32700) + zone}"


def cells_covering(area: shapely.Geometry, *, resolution: int) -> gpd.GeoDataFrame:
    """List the cells that touch `area`, with their outlines and the share of each that lies in it.

    Sorted, since H3 promises no order and outputs must not change between runs.

    Parameters
    ----------
    area
        Polygon or multipolygon, WGS84 longitude and latitude.

    Returns
    -------
    cells
        `share` of each cell's surface inside the area, above 0 and at most 1, and its outline,
        WGS84; indexed by cell.
    """
    shape = h3.geo_to_h3shape(shapely.geometry.mapping(cast("Any", area)))
    # A multipolygon's parts may touch the same cell, which H3 then lists for each of them.
    found = set(h3.h3shape_to_cells_experimental(shape, resolution, "overlap"))
    cells = pd.Index(np.array(sorted(found), dtype=np.uint64), name="cell")
    shapes = cell_polygons(cells)
    outlines = np.asarray(shapes)
    shapely.prepare(area)
    share = np.ones(len(cells))
    edge = ~shapely.contains(area, outlines)
    cut = shapely.intersection(outlines[edge], area)
    share[edge] = shapely.area(cut) / shapely.area(outlines[edge])
    return gpd.GeoDataFrame({"share": share}, index=cells, geometry=shapes)[share > 0]


def cell_polygons(cells: Sequence[int] | pd.Index) -> gpd.GeoSeries:
    """Give the outlines of cells as polygons in longitude and latitude, indexed by cell."""
    rings = [h3.cell_to_boundary(int(c)) for c in cells]
    corners = np.array([corner for ring in rings for corner in ring]).reshape(-1, 2)[:, ::-1]
    owner = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    outlines = shapely.polygons(shapely.linearrings(corners, indices=owner))
    return gpd.GeoSeries(outlines, index=pd.Index(cells, name="cell"), crs="EPSG:4326")


def neighbourhood(cells: pd.Index, *, k: int = 1) -> sparse.csr_array:
    """Give the cells within `k` steps of each cell, itself included, as a 0/1 matrix.

    Neighbours outside `cells` do not count: nothing is known of them.

    Returns
    -------
    matrix
        Sparse, `len(cells)` by `len(cells)`; row i marks the neighbours of cell i.
    """
    pairs = lattice.pairs(cells.to_numpy(dtype=np.uint64)) if len(cells) else None
    near = _near_on_plane(*pairs, k) if pairs else None
    if near is None:
        near = _near_by_h3(cells, k)
    is_known = near >= 0
    start = np.r_[0, is_known.sum(axis=1).cumsum()]
    matrix = (np.ones(start[-1]), near[is_known], start)
    return sparse.csr_array(matrix, shape=(len(cells), len(cells)))


def _near_on_plane(i: Ints, j: Ints, k: int) -> Shorts | None:
    """List the cells within `k` steps of each by their pairs, -1 where there is none, in order.

    Nothing where the cells are strewn so widely that a table of the plane is not worth it.
    """
    i, j = i - i.min() + k, j - j.min() + k
    height, width = int(i.max()) + 1 + k, int(j.max()) + 1 + k
    if height * width > _LARGEST_TABLE:
        return None
    table = np.full(height * width, -1, dtype=np.int32)
    at = i * width + j
    table[at] = np.arange(len(at), dtype=np.int32)
    around = itertools.product(range(-k, k + 1), repeat=2)
    steps = [di * width + dj for di, dj in around if abs(di + dj) <= k]
    return np.sort(table[at[:, None] + steps], axis=1)


def _near_by_h3(cells: pd.Index, k: int) -> Shorts:
    """List the same by asking H3 cell by cell, whose disks about a pentagon are smaller."""
    disks = [h3.grid_disk(int(cell), k) for cell in cells]
    rows = np.full((len(cells), 1 + 3 * k * (k + 1)), -1, dtype=np.int32)
    is_filled = np.arange(rows.shape[1]) < np.array([len(disk) for disk in disks])[:, None]
    rows[is_filled] = cells.get_indexer(
        pd.Index(np.fromiter(itertools.chain.from_iterable(disks), dtype=np.uint64))
    )
    return np.sort(rows, axis=1)


def cell_names(cells: npt.ArrayLike) -> list[str | None]:
    """Write cells the way every other tool writes them: hexadecimal text; 0 is no cell."""
    code, distinct = pd.factorize(np.asarray(cells, dtype=np.uint64))
    names = np.array([format(c, "x") if c else None for c in distinct.tolist()], dtype=object)
    return cast("list[str | None]", names[code].tolist())
