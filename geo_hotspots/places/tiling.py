"""Which area holds a point, for columns of points: a table of squares, and exact tests by borders.

A square that no border touches has one answer, and so have all such squares that hang together:
one point of each patch is asked of the index of shapes. A point in a square with a border is tested
against the edges in its row of the areas about it, by counting how many lie to its left. Whatever
lies on an edge, or so near that rounding could decide, the index of shapes answers.
"""

import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# So few points the index of shapes answers as fast: a table must be laid first, edge by edge.
_FEW = 20_000
_FEW_AN_EDGE = 0.25
_SQUARES = 1 << 24  # of a table, at most
_SQUARES_A_POINT = 4
_FINEST = 14  # squares of 2 ** -14 degrees, seven metres
_LINES = 4  # that a square is ruled into; a point is tested against the edges in its line
_PAIRS = 1 << 16  # of points and edges tested at once
_EDGES_AT_ONCE = 1 << 14  # that are cut into strips
_ON_EDGE = 1e-12  # degrees: what rounding could move a point across an edge


class Edges(NamedTuple):
    """The areas' edges, once for each row of squares that they cross, by row and area."""

    ends: Floats  # x and y of one end, x and y of the other: (4, n)
    start: Ints  # where each strip begins among the edges: the edges of an area in a row
    area: Ints  # of a strip
    row: Ints  # of a strip
    west: Ints  # the column in which a strip begins
    east: Ints  # and ends


class Table(NamedTuple):
    """Squares of `2 ** -fineness` degrees over all areas."""

    fineness: int
    origin: Ints  # column and row of the first square, counted from zero degrees
    answer: npt.NDArray[np.int32]  # row by column: the first area that holds it, or one of these
    edges: Edges


_NOWHERE, _BORDER = -1, -2


def first_area(lng: Floats, lat: Floats, areas: npt.ArrayLike) -> Ints:
    """Give the first area that holds each point; borders belong to the areas on both sides.

    Parameters
    ----------
    lng, lat
        Degrees.
    areas
        Polygons and multipolygons.

    Returns
    -------
    position
        Of the area, -1 where none holds the point.
    """
    shapes = np.asarray(areas, dtype=object)
    few = max(_FEW, _FEW_AN_EDGE * int(shapely.get_num_coordinates(shapes).sum()))
    if len(lng) <= few or not shapely.is_valid(shapes).all():
        return _ask(lng, lat, shapely.STRtree(shapes))
    squares = min(_SQUARES, _SQUARES_A_POINT * len(lng))
    return look_up(lng, lat, shapes, squares=squares)


def _ask(lng: Floats, lat: Floats, tree: shapely.STRtree) -> Ints:
    """Ask the index of shapes, which tests exactly, point by point."""
    point, area = tree.query(shapely.points(lng, lat), predicate="intersects")
    first = np.full(len(lng), len(tree), dtype=np.int64)
    np.minimum.at(first, point, area)
    return np.where(first < len(tree), first, _NOWHERE)


def look_up(lng: Floats, lat: Floats, shapes: npt.NDArray[np.object_], *, squares: int) -> Ints:
    """Do as `first_area`, by a table of so many squares at most; the shapes must be valid."""
    tree = shapely.STRtree(shapes)
    table = lay_table(shapes, tree, squares=squares)
    height, width = table.answer.shape
    column = np.floor(lng * 2.0**table.fineness).astype(np.int64) - table.origin[0]
    row = np.floor(lat * 2.0**table.fineness).astype(np.int64) - table.origin[1]
    is_near = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    square = np.where(is_near, row * width + column, 0)
    line = (
        np.floor(lat * (2.0**table.fineness * _LINES)).astype(np.int64) - table.origin[1] * _LINES
    )
    found = np.where(is_near, table.answer.ravel()[square], _NOWHERE).astype(np.int64)
    border = np.flatnonzero(found == _BORDER)
    spot = line[border] * width + column[border]
    # Neighbours in turn: they share edges, which are then at hand.
    order = np.argsort(spot)
    border, spot = border[order], spot[order]
    inside, is_unsure = _test(lng[border], lat[border], spot, table)
    found[border] = inside
    unsure = border[is_unsure]
    found[unsure] = _ask(lng[unsure], lat[unsure], tree)
    return found


def lay_table(shapes: npt.NDArray[np.object_], tree: shapely.STRtree, *, squares: int) -> Table:
    """Lay the finest table over the areas that has no more than so many squares."""
    west, south, east, north = shapely.total_bounds(shapes)
    surface = max(east - west, 1e-6) * max(north - south, 1e-6)
    fineness = min(_FINEST, int(np.floor(np.log2(squares / surface) / 2)))
    low, high = np.floor(np.array([(west, south), (east, north)]) * 2.0**fineness).astype(np.int64)
    width, height = (high - low + 1).tolist()
    edges, is_border = _cut(shapes, fineness, low, (height, width))
    answer = _ask_patches(is_border, tree, fineness, low)
    return Table(fineness, low, answer, edges)


def _ask_patches(
    is_border: npt.NDArray[np.bool_], tree: shapely.STRtree, fineness: int, origin: Ints
) -> npt.NDArray[np.int32]:
    """Answer for every square without a border: one point for all squares that hang together."""
    from scipy import ndimage  # noqa: PLC0415 - 0.1 s that small jobs need not wait

    patch, n_patches = ndimage.label(~is_border)
    flat = patch.ravel()
    one = np.zeros(n_patches + 1, dtype=np.int64)
    one[flat] = np.arange(flat.size)
    row, column = np.divmod(one[1:], is_border.shape[1])
    lng, lat = (
        (at + start + 0.5) * 2.0**-fineness for at, start in zip((column, row), origin, strict=True)
    )
    answer = np.r_[_BORDER, _ask(lng, lat, tree)].astype(np.int32)
    return np.asarray(answer[patch])


def _cut(
    shapes: npt.NDArray[np.object_], fineness: int, origin: Ints, squares: tuple[int, int]
) -> tuple[Edges, npt.NDArray[np.bool_]]:
    """Cut the edges by rows into strips, and mark the squares, row by column, that they touch."""
    ends, area = _edges_of(shapes)
    parts = []
    is_touched = np.zeros(squares, dtype=np.bool_)
    for start in range(0, len(area), _EDGES_AT_ONCE):
        some = slice(start, start + _EDGES_AT_ONCE)
        edge, row, first, last = _rule(ends[:, some], fineness, origin, squares[1])
        cut, column = _spread(first, last)
        is_touched[row[cut] // _LINES, column] = True
        parts.append(np.stack([edge + start, row, first, last]).astype(np.int32))
    lines = np.concatenate(parts, axis=1)
    del parts  # of a city's communities, as much as all that is kept
    # By row, and as edges stand by their areas, by area: counted rather than compared.
    lines = lines[:, np.argsort(lines[1].astype(np.min_scalar_type(lines[1].max())), kind="stable")]
    edge, row, first, last = lines
    of = area[edge]
    begun = np.flatnonzero(np.r_[True, (np.diff(row) != 0) | (np.diff(of) != 0)])
    west, east = np.minimum.reduceat(first, begun), np.maximum.reduceat(last, begun)
    strips = Edges(
        ends[:, edge], np.r_[begun, len(edge)], of[begun], row[begun].astype(np.int64), west, east
    )
    return strips, is_touched


def _rule(ends: Floats, fineness: int, origin: Ints, width: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Say which rows of squares each edge crosses, and from which column to which.

    Returns
    -------
    edge, row, first, last
        One of each for every edge and row.
    """
    side = 2.0**fineness * np.array([1, _LINES])
    x1, y1, x2, y2 = (ends - np.r_[origin, origin][:, None] * 2.0**-fineness) * np.r_[side, side][
        :, None
    ]
    low, high = (np.floor(y).astype(np.int64) for y in (np.minimum(y1, y2), np.maximum(y1, y2)))
    edge, row = _spread(low, high)
    x1, y1, x2, y2 = x1[edge], y1[edge], x2[edge], y2[edge]
    slope = np.divide(x2 - x1, y2 - y1, out=np.zeros(len(edge)), where=y1 != y2)
    at = [
        x1 + (np.clip(y, np.minimum(y1, y2), np.maximum(y1, y2)) - y1) * slope
        for y in (row, row + 1)
    ]
    is_flat = y1 == y2
    left = np.where(is_flat, np.minimum(x1, x2), np.minimum(*at)) - _SLACK
    right = np.where(is_flat, np.maximum(x1, x2), np.maximum(*at)) + _SLACK
    first = np.clip(np.floor(left), 0, width - 1).astype(np.int64)
    last = np.clip(np.floor(right), 0, width - 1).astype(np.int64)
    return edge, row, first, last


_SLACK = 1e-6  # of a square


def _edges_of(shapes: npt.NDArray[np.object_]) -> tuple[Floats, Ints]:
    """List the edges of all rings, holes among them, and whose they are."""
    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    at = np.flatnonzero(ring[1:] == ring[:-1])
    ends = np.stack([xy[at, 0], xy[at, 1], xy[at + 1, 0], xy[at + 1, 1]])
    return ends, of_shape[of_part[ring[at]]]


def _spread(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """List the whole numbers from each `first` to its `last`, with the position of the pair."""
    count = last - first + 1
    which = np.repeat(np.arange(len(first)), count)
    begun = np.cumsum(count) - count
    return which, np.arange(len(which)) - (begun - first)[which]


def _test(
    lng: Floats, lat: Floats, square: Ints, table: Table
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Find the first area that holds each point of squares with a border.

    Returns
    -------
    position
        Of the area, -1 for none.
    is_unsure
        Whether the point is too near to an edge to tell.
    """
    edges, width = table.edges, table.answer.shape[1]
    is_next = np.diff(square, prepend=-1) > 0
    squares, at = square[is_next], np.cumsum(is_next) - 1
    west = np.searchsorted(squares, edges.row * width + edges.west)
    east = np.searchsorted(squares, edges.row * width + edges.east, side="right") - 1
    strip, held = _spread(west, east)
    strip = strip[np.argsort(held, kind="stable")]
    of_square = np.bincount(held, minlength=len(squares))  # how many strips
    begun = np.cumsum(of_square) - of_square
    work = np.bincount(held, np.diff(edges.start)[_spread(west, east)[0]], len(squares))[at]
    found = np.full(len(lng), len(edges.start), dtype=np.int64)
    is_unsure = np.zeros(len(lng), dtype=np.bool_)
    cuts = np.flatnonzero(np.diff(np.cumsum(work) // _PAIRS, prepend=-1))
    for start, stop in itertools.pairwise([*cuts, len(lng)]):
        part = slice(start, stop)
        point, k = _spread(begun[at[part]], begun[at[part]] + of_square[at[part]] - 1)
        is_in, is_near = _count_edges(lng[part][point], lat[part][point], strip[k], edges)
        np.minimum.at(found, start + point[is_in], edges.area[strip[k[is_in]]])
        is_unsure[start + point[is_near]] = True
    return np.where(found < len(edges.start), found, _NOWHERE), is_unsure


def _count_edges(
    lng: Floats, lat: Floats, strip: Ints, edges: Edges
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Count the edges of a strip to one side of a point, pair by pair.

    Returns
    -------
    is_in
        Their number is odd.
    is_near
        The point is as good as on one of them.
    """
    first, last = edges.start[strip], edges.start[strip + 1] - 1
    pair, edge = _spread(first, last)
    x, y = lng[pair], lat[pair]
    x1, y1, x2, y2 = edges.ends[:, edge]
    side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
    crosses = ((y1 > y) != (y2 > y)) & ((side > 0) == (y2 > y1))
    reach = _ON_EDGE * (np.abs(x2 - x1) + np.abs(y2 - y1) + _ON_EDGE)
    is_near = (
        (np.abs(side) <= reach)
        & (np.minimum(y1, y2) - _ON_EDGE <= y)
        & (y <= np.maximum(y1, y2) + _ON_EDGE)
    )
    count = last - first + 1
    begun = np.cumsum(count) - count
    is_in = np.add.reduceat(crosses, begun, dtype=np.int64) % 2 == 1
    return is_in, np.logical_or.reduceat(is_near, begun)
