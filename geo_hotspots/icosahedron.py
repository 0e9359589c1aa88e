"""The icosahedron that H3 lays about the earth: the face a point is on, its cell in the honeycomb.

A point of the sphere is projected from the earth's middle onto the plane of the nearest of twenty
faces. There the cells of a resolution are a plain honeycomb, and a cell is a pair of whole numbers.

References
----------
Sahr, K., White, D. & Kimerling, A. J. (2003). Geodesic discrete global grid systems. Cartography
and Geographic Information Science, 30(2), 121-134.
"""

import itertools
from functools import cache

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

TWIST = float(np.arcsin((3 / 28) ** 0.5))  # radians between a lattice and the next finer one

_UNIT = (3 - 5**0.5) / 2  # radii of the sphere between two cells of resolution 0, on a face's plane
_BY_EDGE = 1e-4  # of a cell's width
_ON_EDGE = 1e-9  # of the radius, between the middles of two faces
_BY_MIDDLE = 1e-10  # of the radius, times cells in it: what H3 loses of an angle about a middle


def locate(lng: Floats, lat: Floats, resolution: int) -> tuple[Ints, Ints, Ints, Flags]:
    """Find the face of each point and the cell there as a pair of whole numbers.

    Returns
    -------
    face, i, j
        The same three for all points of a cell on one face, and for no others.
    is_sure
        Not where rounding could decide, by an edge, or about the middle of a face, where H3
        loses digits.
    """
    points = unit_vectors(lat, lng)
    face, is_clear = _nearest_faces(points)
    i, j = np.empty(len(lng), np.int64), np.empty(len(lng), np.int64)
    if face.min() == face.max():
        i, j, is_sure = _round(int(face[0]), points, resolution)
        return face, i, j, is_sure & is_clear
    for f in np.unique(face):
        at = np.flatnonzero(face == f)
        i[at], j[at], sure = _round(int(f), points[:, at], resolution)
        is_clear[at] &= sure
    return face, i, j, is_clear


def unit_vectors(lat: Floats, lng: Floats) -> Floats:
    """Give points of the unit sphere, shape (3, n).

    By the tangents of half the angles: NumPy's sines and cosines take five times as long.
    """
    s, t = np.tan(lng * (np.pi / 360)), np.tan(lat * (np.pi / 360))
    ss, tt = s * s, t * t
    per = 1 / (1 + tt)
    flat = (1 - tt) * per / (1 + ss)
    return np.stack([flat * (1 - ss), flat * (s + s), (t + t) * per])


def _nearest_faces(points: Floats) -> tuple[Ints, Flags]:
    """Find the face whose middle is nearest to each point, and whether no other is as near."""
    middle = points.mean(axis=1)
    length = float(np.linalg.norm(middle)) or 1.0
    apart = np.arccos(np.clip(faces() @ middle / length, -1, 1))
    reach = np.arccos(np.clip((middle @ points).min() / length, -1, 1))
    best = int(apart.argmin())
    near = np.flatnonzero(apart <= apart[best] + 2 * reach + _ON_EDGE)
    lead = (faces()[best] - faces()[near[near != best]]) @ points
    if not lead.size or lead.min() > _ON_EDGE:
        return np.full(points.shape[1], best), np.ones(points.shape[1], dtype=np.bool_)
    closeness = faces()[near] @ points
    first = closeness.argmax(axis=0)
    at = first, np.arange(points.shape[1])
    nearest = closeness[at]
    closeness[at] = -1.0
    return near[first], nearest - closeness.max(axis=0) > _ON_EDGE


def _round(face: int, points: Floats, resolution: int) -> tuple[Ints, Ints, Flags]:
    """Find the cell that each point of a face is in, and whether it is clear of the edges.

    A hexagon is where no neighbour's middle is nearer; in oblique coordinates, a sixth of a
    circle apart, that is three inequalities.
    """
    a, b, high = axes(face, resolution) @ points
    a /= high
    b /= high
    i, j = np.rint(a), np.rint(b)
    a -= i
    b -= j
    # Of two coordinates rounded, the one that was farther off makes good for both.
    is_a = np.abs(a) >= np.abs(b)
    step_i, step_j = np.rint(a + 0.5 * b) * is_a, np.rint(b + 0.5 * a) * ~is_a
    a -= step_i
    b -= step_j
    out = np.maximum(np.maximum(np.abs(a + a + b), np.abs(a + b + b)), np.abs(a - b))
    scale = np.sqrt(7.0) ** resolution / _UNIT
    is_clear = (out < 1 - _BY_EDGE) & (high < 1 - (scale * _BY_MIDDLE) ** 2 / 2)
    return (i + step_i).astype(np.int64), (j + step_j).astype(np.int64), is_clear


@cache
def faces() -> Floats:
    """Give the middles of the icosahedron's faces, from its corners: H3's twelve pentagons."""
    return _frames()[:, 2]


@cache
def _frames() -> Floats:
    """Give of each face the direction to a corner, the one left of it, and the middle."""
    lat, lng = np.array([h3.cell_to_latlng(cell) for cell in h3.get_pentagons(0)]).T
    corners = unit_vectors(lat, lng).T
    touching = corners @ corners.T > 0.4  # noqa: PLR2004 - 0.447, or less than 0
    triples = [
        t
        for t in itertools.combinations(range(12), 3)
        if all(touching[a, b] for a, b in itertools.combinations(t, 2))
    ]
    middle = _unit(corners[np.array(triples)].sum(axis=1))
    corner = corners[np.array(triples)[:, 0]]
    ahead = _unit(corner - (corner * middle).sum(axis=1, keepdims=True) * middle)
    return np.stack([ahead, np.cross(middle, ahead), middle], axis=1)


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


@cache
def axes(face: int, resolution: int) -> Floats:
    """Give what takes a unit vector to its oblique coordinates on a face, times the last number.

    One unit is the distance of two neighbouring cells; the axes are a sixth of a circle apart.
    """
    ahead, left, middle = _frames()[face]
    turn = TWIST * (resolution % 2)
    x = np.cos(turn) * ahead + np.sin(turn) * left
    y = np.cos(turn) * left - np.sin(turn) * ahead
    scale = np.sqrt(7.0) ** resolution / _UNIT
    up = y / np.sqrt(0.75)
    return np.array([(x - up / 2) * scale, up * scale, middle])


def are_on(face: int, i: Ints, j: Ints, resolution: int) -> bool:
    """Say whether all these cells have their middles on a face, clear of its three edges."""
    beside = faces()[np.argsort(faces() @ faces()[face])[-4:-1]]
    lead = (faces()[face] - beside) @ np.linalg.inv(axes(face, resolution))
    return all((a * i + b * j + c).min(initial=1.0) > _ON_EDGE for a, b, c in lead)
