"""Complete linkage on a plane: clusters no wider than so many metres, for a city's worth of points.

Never lists the pairs of points within a distance, which in a dense town are quadratic: the work is
cut into parts that cannot touch each other, or, where a crowd is too large, along its widest gaps.
"""

import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

METRES_PER_DEGREE = 111_195.0
_LARGEST_PART = 1_000  # points linked at once; memory and time grow with its square
_BUNDLE = 96  # points of little parts, linked at once
_FAR = 1e8  # metres
_MOST_KEYS = 2.0**62

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
    spots, back = _distinct(np.c_[apart, np.round(xy)].astype(np.int64))
    part = _parts(spots, diameter)
    order = np.argsort(part, kind="stable")
    start = np.flatnonzero(np.diff(part[order], prepend=-1))
    labels = np.empty(len(order), dtype=np.int64)
    labels[order] = _cluster(spots[order, 1:].astype(float), start, diameter)
    return labels[back]


def _cluster(xy: Floats, start: Ints, diameter: float) -> Ints:
    """Cluster spots part by part; each part begins where the one before ends.

    Who joins whom is noted as pairs of nodes, the spots and the forks of every part's tree, and
    what hangs together is found once for all.
    """
    n, size = len(xy), np.diff(start, append=len(xy))
    wide = np.maximum.reduceat(xy, start) - np.minimum.reduceat(xy, start)
    is_small = np.hypot(*wide.T) <= diameter  # what fits in it as a whole is one cluster
    first = np.where(np.repeat(is_small, size), np.repeat(start, size), np.arange(n))
    links, n_nodes = [np.stack([np.arange(n), first], axis=1)], n
    # Two spots that do not fit in it are two clusters; from three on they must be linked.
    left = np.flatnonzero(~is_small & (size > 2))  # noqa: PLR2004
    for some, at in _bundle(xy, start[left], size[left]):
        links.append(_link(at, some, n_nodes, diameter))
        n_nodes += len(some) - 1
    one, other = np.concatenate(links).T
    return _components(one, other, n_nodes)[:n]


def _distinct(rows: Ints) -> tuple[Ints, Ints]:
    """Give the distinct rows in order, and which of them each row is."""
    low, wide = rows.min(axis=0), np.ptp(rows, axis=0) + 1
    if wide.prod(dtype=float) < _MOST_KEYS:  # one number says it all, and sorts ten times as fast
        keys, back = np.unique((rows - low) @ [wide[1] * wide[2], wide[2], 1], return_inverse=True)
        one = np.empty(len(keys), dtype=np.int64)
        one[back] = np.arange(len(rows))
        return rows[one], back
    distinct, back = np.unique(rows, axis=0, return_inverse=True)
    return distinct, back.ravel()


def _components(one: Ints, other: Ints, n: int) -> Ints:
    graph = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _parts(spots: Ints, diameter: float) -> Ints:
    """Tell the parts that are out of each other's reach, by the squares that touch."""
    side = int(np.ceil(diameter))
    cells, cell = _distinct(np.c_[spots[:, 0], np.floor_divide(spots[:, 1:], side)])
    pairs = [_beside(cells, step) for step in ((0, 1), (1, -1), (1, 0), (1, 1))]
    one, other = np.concatenate(pairs, axis=1)
    return _components(one, other, len(cells))[cell]


def _beside(cells: Ints, step: tuple[int, int]) -> Ints:
    """Find the occupied squares that have another one `step` from them, both as positions."""
    wide = np.array([1, *(np.ptp(cells[:, 1:], axis=0) + 3)])
    base = cells - np.r_[cells[:, :1].min(initial=0), cells[:, 1:].min(axis=0) - 1]
    key = (base[:, 0] * wide[1] + base[:, 1]) * wide[2] + base[:, 2]
    there = key + step[0] * wide[2] + step[1]
    at = np.minimum(np.searchsorted(key, there), len(key) - 1)
    is_there = key[at] == there
    return np.array([np.flatnonzero(is_there), at[is_there]])


def _bundle(xy: Floats, start: Ints, size: Ints) -> Iterator[tuple[Ints, Floats]]:
    """Give crowds in pieces, and the many little parts by the bundle: a tree costs a call.

    In a bundle the parts are laid so far from each other that none joins another.
    """
    for k in np.flatnonzero(size > _BUNDLE):
        for some in _cut(xy, np.arange(start[k], start[k] + size[k])):
            yield some, xy[some]
    start, size = start[size <= _BUNDLE], size[size <= _BUNDLE]
    begun = np.cumsum(size) - size
    part = np.repeat(np.arange(len(start)), size)
    some = np.arange(len(part)) + (start - begun)[part]
    cuts = np.flatnonzero(np.diff(begun // _BUNDLE, prepend=-1))
    for first, last in itertools.pairwise([*begun[cuts], len(part)]):
        here = slice(first, last)
        aside = _FAR * (part[here] - part[first])
        yield some[here], xy[some[here]] + np.stack([aside, np.zeros(len(aside))], axis=1)


def _cut(xy: Floats, members: Ints) -> list[Ints]:
    """Cut a crowd at the widest gap of its longer side's middle half until it is small."""
    if len(members) <= _LARGEST_PART:
        return [members]
    here = xy[members]
    side = int(np.argmax(np.ptp(here, axis=0)))
    order = np.argsort(here[:, side], kind="stable")
    quarter = len(order) // 4
    gaps = np.diff(here[order, side])[quarter : 3 * quarter]
    at = quarter + int(np.argmax(gaps)) + 1
    halves = order[:at], order[at:]
    return [part for half in halves for part in _cut(xy, members[half])]


def _link(xy: Floats, nodes: Ints, n_nodes: int, diameter: float) -> Ints:
    """Link one part; give who joins whom, as pairs of nodes: the tree's own begin at `n_nodes`."""
    if np.hypot(*np.ptp(xy, axis=0)) <= diameter:
        return np.stack([nodes, np.full(len(nodes), nodes[0])], axis=1)
    tree = linkage(xy, method="complete")
    named = np.r_[nodes, n_nodes + np.arange(len(nodes) - 1)]
    near = np.flatnonzero(tree[:, 2] <= diameter)
    joined = named[tree[near, :2].astype(np.int64)]
    return np.stack([joined.ravel(), np.repeat(named[len(nodes) + near], 2)], axis=1)
