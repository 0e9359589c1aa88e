"""H3 cells as points of a plane: a page can draw them from seven numbers and a few bytes.

On one face of H3's icosahedron the cells of a resolution are a plain hexagonal lattice in the
gnomonic projection about the face's centre. Who knows where one cell lies, and which way its
neighbour of digit 1 is, therefore knows every cell below it: a child lies at one of seven places,
and each finer lattice is smaller by the root of seven and turned by 19.1 degrees, to and fro.

The corners that follow are H3's own to a millimetre, where a coordinate of five digits is off
by half a metre and one of six digits, at twice the size, by seven centimetres.
"""

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt

from geo_hotspots.icosahedron import TWIST, faces, unit_vectors

Floats = npt.NDArray[np.float64]

SHRINK = 7**-0.5  # from a lattice to the next finer one


def root_frames(cells: npt.ArrayLike) -> list[list[float]]:
    """Say where cells lie on their face, and how the lattice there is turned.

    Parameters
    ----------
    cells
        H3 indexes of one even resolution.

    Returns
    -------
    frames
        Per cell the centre of its face as a unit vector (three numbers), its own centre in the
        plane (x east, y north, in radii of the earth) and the vector to its neighbour of digit 1.
        Where an edge of the icosahedron crosses the area, a cell is drawn on the face of its
        centre, and corners beyond that edge are up to two metres off.
    """
    return [_frame(int(cell)) for cell in np.asarray(cells, dtype=np.uint64)]


def _frame(cell: int) -> list[float]:
    centre = _at(cell)
    face = faces()[int(np.argmax(faces() @ centre))]
    x, y = _on_plane(face, centre)
    child = h3.cell_to_children(cell, h3.get_resolution(cell) + 1)
    near = _on_plane(face, _at(sorted(child)[1]))
    # Up one resolution: longer by the root of seven, and turned back.
    step = complex(near[0] - x, near[1] - y) / SHRINK * np.exp(-1j * TWIST)
    return [round(float(v), 12) for v in (*face, x, y, step.real, step.imag)]


def _at(cell: int) -> Floats:
    lat, lng = h3.cell_to_latlng(cell)
    return unit_vectors(np.array(lat), np.array(lng))


def _on_plane(face: Floats, at: Floats) -> tuple[float, float]:
    """Project a point of the sphere onto the plane that touches it at the face's centre."""
    east = np.cross([0.0, 0.0, 1.0], face)
    east /= np.linalg.norm(east)
    north = np.cross(face, east)
    return float(at @ east / (at @ face)), float(at @ north / (at @ face))
