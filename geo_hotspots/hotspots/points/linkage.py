"""Complete linkage on a plane: clusters no wider than so many metres, for a city's worth of points.

Never lists the pairs of points within a distance, which in a dense town are quadratic: the work is
cut into parts that cannot touch each other, or, where a crowd is too large, along its widest gaps.
"""

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

METRES_PER_DEGREE = 111_195.0
_LARGEST_PART = 1_000  # points linked at once; memory and time grow with its square

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def local_metres(lng: Floats, lat: Floats) -> Floats:
    """Lay points on a local plane; over a city its distances are within 0.2 % of the globe's.

    Returns
    -------
    xy
        Metres east and north of the points' middle latitude, shape (n, 2).
    """
    middle = np.radians((np.min(lat) + np.max(lat)) / 2) if len(lat) else 0.0
    xy: Floats = np.c_[lng * np.cos(middle), lat] * METRES_PER_DEGREE
    return xy


def link_within(xy: Floats, apart: Ints, diameter: float) -> Ints:
    """Cluster points so that no two of a cluster are farther apart than `diameter` metres.

    Parameters
    ----------
    xy
        Metres, shape (n, 2); points of one metre's square count once.
    apart
        Points of different numbers are never of one cluster.

    Returns
    -------
    label
        A number per point, the same in one cluster.
    """
    rows = np.c_[apart, np.round(xy)].astype(np.int64)
    spots, back = np.unique(rows, axis=0, return_inverse=True)
    part = _parts(spots, diameter)
    labels = np.zeros(len(spots), dtype=np.int64)
    order = np.argsort(part, kind="stable")
    start = 0
    for members in np.split(order, np.flatnonzero(np.diff(part[order])) + 1):
        for some in _cut(spots[members, 1:].astype(float), members):
            inner = _link(spots[some, 1:].astype(float), diameter)
            labels[some] = start + inner
            start += int(inner.max(initial=0)) + 1
    return labels[back.ravel()]


def _parts(spots: Ints, diameter: float) -> Ints:
    """Tell the parts that are out of each other's reach, by the squares that touch."""
    squares = np.c_[spots[:, 0], np.floor_divide(spots[:, 1:], int(np.ceil(diameter)))]
    cells, cell = np.unique(squares, axis=0, return_inverse=True)
    pairs = [_beside(cells, step) for step in ((0, 1), (1, -1), (1, 0), (1, 1))]
    one, other = np.concatenate(pairs, axis=1)
    touch = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(len(cells),) * 2)
    return connected_components(touch, directed=False)[1][cell.ravel()].astype(np.int64)


def _beside(cells: Ints, step: tuple[int, int]) -> Ints:
    """Find the occupied squares that have another one `step` from them, both as positions."""
    wide = np.array([1, *(np.ptp(cells[:, 1:], axis=0) + 3)])
    base = cells - np.r_[cells[:, :1].min(initial=0), cells[:, 1:].min(axis=0) - 1]
    key = (base[:, 0] * wide[1] + base[:, 1]) * wide[2] + base[:, 2]
    there = key + step[0] * wide[2] + step[1]
    at = np.minimum(np.searchsorted(key, there), len(key) - 1)
    is_there = key[at] == there
    return np.array([np.flatnonzero(is_there), at[is_there]])


def _cut(xy: Floats, members: Ints) -> list[Ints]:
    """Cut a crowd at the widest gap of its longer side's middle half until it is small."""
    if len(members) <= _LARGEST_PART:
        return [members]
    side = int(np.argmax(np.ptp(xy, axis=0)))
    order = np.argsort(xy[:, side], kind="stable")
    quarter = len(order) // 4
    gaps = np.diff(xy[order, side])[quarter : 3 * quarter]
    at = quarter + int(np.argmax(gaps)) + 1
    halves = order[:at], order[at:]
    return [part for half in halves for part in _cut(xy[half], members[half])]


def _link(xy: Floats, diameter: float) -> Ints:
    """Link one part; what fits in the diameter as a whole is one cluster."""
    if np.hypot(*np.ptp(xy, axis=0)) <= diameter:
        return np.zeros(len(xy), dtype=np.int64)
    tree = linkage(xy, method="complete")
    return fcluster(tree, t=diameter, criterion="distance").astype(np.int64) - 1
