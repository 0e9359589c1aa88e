"""H3 in columns: the index of many points, and the honeycomb's coordinates of many cells.

On a face of H3's icosahedron a cell is a pair of whole numbers (`icosahedron.locate`). Two
resolutions on, the honeycomb is the same one a seventh the size, so that the last digits of an H3
index follow from the pair's remainders by powers of seven: arithmetic and a table.

What tables cannot say (the digits before, how the last ones are turned) is asked of H3 itself, once
for a group of a hundred thousand cells. Where rounding could decide, so is every point.

References
----------
Brodsky, I. (2018). H3: Uber's hexagonal hierarchical spatial index. Overview of the H3 core
library, h3geo.org: aperture 7, face-centred icosahedron, gnomonic projection.
"""

from functools import cache

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.icosahedron import Floats, Ints, are_on, locate

Shorts = npt.NDArray[np.int32]
Cells = npt.NDArray[np.uint64]

# The unit vector of each digit, as turns from that of digit 1; digit 0 is the cell's own place.
TURNS = (0, 0, -2, -1, 2, 1, 3)  # sixths of a circle
FINEST = 15

_CHUNK = 1 << 14  # points at a time: their columns stay in the processor's own memory
_LEVELS = 6  # of digits that a table gives
_FEW_LEVELS = 4  # with fewer points or cells than repay the tables of six: a tenth of a second
_MANY = 100_000
_FEW = 256  # points or fewer: H3 itself is as fast


def index(lng: Floats, lat: Floats, *, resolution: int, levels: int | None = None) -> Cells:
    """Give the H3 cell of each point, the same that H3 gives.

    Parameters
    ----------
    lng, lat
        WGS84 degrees, finite.
    resolution
        H3 resolution, 0 to 15.
    levels
        How many of the last digits come from a table, an even number, by default what so many
        points repay; fewer where there are not as many.
    """
    if len(lng) <= _FEW:
        return ask(lng, lat, resolution=resolution)
    levels = _count_levels(len(lng), resolution) if levels is None else levels
    levels = min(levels, resolution - resolution % 2)
    group, place = _bin(lng, lat, resolution, levels)
    code, groups = pd.factorize(group)
    first = np.flatnonzero(np.diff(np.maximum.accumulate(code), prepend=-1))
    probes = ask(lng[first], lat[first], resolution=resolution)
    head, turn = _read(probes, place[first], resolution, levels)
    cells = _join(head, turn, code, place, _tails(resolution, levels))
    is_unsure = groups == _UNSURE
    if is_unsure.any():
        at = np.flatnonzero(is_unsure[code])
        cells[at] = ask(lng[at], lat[at], resolution=resolution)
    is_odd = (turn < 0) & ~is_unsure
    if is_odd.any():
        at = np.flatnonzero(is_odd[code])
        cells[at] = index(lng[at], lat[at], resolution=resolution, levels=levels - 2)
    return cells


def _count_levels(n: int, resolution: int) -> int:
    return min(_LEVELS if n >= _MANY else _FEW_LEVELS, resolution - resolution % 2)


def _join(head: Cells, turn: Ints, code: Ints, place: Shorts, tails: Cells) -> Cells:
    """Join what a group shares and each cell's own digits, a chunk at a time."""
    cells, flat, start_of = np.empty(len(code), np.uint64), tails.ravel(), turn * tails.shape[1]
    for start in range(0, len(code), _CHUNK):
        part = slice(start, start + _CHUNK)
        cells[part] = head[code[part]] | flat[start_of[code[part]] + place[part]]
    return cells


def ask(lng: Floats, lat: Floats, *, resolution: int) -> Cells:
    """Ask H3 itself, which has no array form, point by point."""
    points = zip(lat.tolist(), lng.tolist(), strict=True)
    return np.array([h3.latlng_to_cell(y, x, resolution) for y, x in points], dtype=np.uint64)


def _read(probes: Cells, place: Shorts, resolution: int, levels: int) -> tuple[Cells, Ints]:
    """Read off one cell of each group what all of them share.

    Returns
    -------
    head
        The cell without its last `levels` digits.
    turn
        By how many sixths of a circle the table's digits are turned; -1 where no turn gives the
        cell, or where the group is a pentagon's, which lacks a sixth.
    """
    shift = np.uint64(3 * (FINEST - resolution))
    mask = np.uint64((1 << 3 * levels) - 1) << shift
    fits = _tails(resolution, levels)[:, place] == probes & mask
    above = [h3.cell_to_parent(cell, resolution - levels) for cell in probes.tolist()]
    is_whole = np.array([not h3.is_pentagon(cell) for cell in above]) | (levels == 0)
    turn = np.where(fits.any(axis=0) & is_whole, fits.argmax(axis=0), -1)
    return probes & ~mask, turn


def _bin(lng: Floats, lat: Floats, resolution: int, levels: int) -> tuple[Ints, Shorts]:
    """Find the place of each point within its group of 7 ** levels cells, and the group.

    Returns
    -------
    group
        A number for the cell `levels` resolutions up, and whether this one is in its middle
        (which has no digit that a turn could change); `_UNSURE` where H3 must be asked.
    place
        Of the cell in the tables.
    """
    group, place = np.empty(len(lng), np.int64), np.empty(len(lng), np.int32)
    carry, size = _carries(resolution % 2, levels), 7 ** (levels // 2)
    for start in range(0, len(lng), _CHUNK):
        part = slice(start, start + _CHUNK)
        face, i, j, is_sure = locate(lng[part], lat[part], resolution)
        whole_i, whole_j = i // size, j // size
        at = (i - whole_i * size) * size + (j - whole_j * size)
        key = (face * _WIDE + whole_i) * _WIDE + whole_j + carry[at]
        key += key
        key += at > 0
        place[part] = at
        group[part] = np.where(is_sure, key, _UNSURE)
    return group, place


_WIDE = 1 << 24  # more than a face has cells across, at any resolution
_UNSURE = np.iinfo(np.int64).min


def pairs(cells: Cells) -> tuple[Ints, Ints] | None:
    """Give cells as pairs of whole numbers on one face: neighbours differ by a sixth of a turn.

    Parameters
    ----------
    cells
        H3 indexes of one resolution.

    Returns
    -------
    i, j
        Nothing where the cells are on several faces, or about a corner of one: no plane holds
        them then.
    """
    resolution = h3.get_resolution(int(cells[0])) if len(cells) else 0
    levels = _count_levels(len(cells), resolution)
    shift, size = 3 * (FINEST - resolution), 7 ** (levels // 2)
    last = (cells >> np.uint64(shift)).astype(np.int64)
    tail = last & ((1 << 3 * levels) - 1)
    code = pd.factorize((last >> 3 * levels) * 2 + (tail > 0))[0]
    first = np.flatnonzero(np.diff(np.maximum.accumulate(code), prepend=-1))
    lat, lng = np.array([h3.cell_to_latlng(cell) for cell in cells[first].tolist()]).T
    face, i, j, _ = locate(lng, lat, resolution)
    _, turn = _read(cells[first], (i % size * size + j % size).astype(np.int32), resolution, levels)
    if (turn < 0).any() or np.ptp(face):
        return None
    off_i, off_j = (
        axis.take(turn[code] << 3 * levels | tail) for axis in _whereabouts(resolution, levels)
    )
    i, j = ((at - off[first])[code] + off for at, off in ((i, off_i), (j, off_j)))
    return (i, j) if are_on(int(face[0]), i, j, resolution) else None


@cache
def _whereabouts(resolution: int, levels: int) -> tuple[Ints, Ints]:
    """Give i and j of a descendant by its last digits, for each turn: the tables read backwards."""
    _, at = _offspring(resolution % 2, levels)
    size = 7 ** (levels // 2)
    tails = _tails(resolution, levels) >> np.uint64(3 * (FINEST - resolution))
    row = (np.arange(6)[:, None] << 3 * levels) | tails[:, at % size @ (size, 1)].astype(np.int64)
    found = np.zeros((2, 6 << 3 * levels), np.int64)
    found[:, row] = at.T[:, None]
    return found[0], found[1]


@cache
def _offspring(is_odd: int, levels: int) -> tuple[Ints, Ints]:
    """Give every descendant of a cell: its digits, packed by three bits, and where it lies.

    Positions are pairs i, j about the cell's own middle, in the lattice of the descendants,
    shape (7 ** levels, 2).
    """
    code, at = np.zeros(1, np.int64), np.zeros((1, 2), np.int64)
    for level in range(levels):
        # From an even resolution down the lattice turns one way, from an odd one the other.
        is_even = (is_odd + levels - level) % 2 == 0
        at = _times(at, *((3, -1) if is_even else (2, 1)))
        at = (at[:, None] + _UNITS[None]).reshape(-1, 2)
        code = (code[:, None] * 8 + np.arange(7)).ravel()
    return code, at


# i and j of each digit's unit vector: sixths of a circle from the first axis.
_SIXTHS = np.array([(1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1)])
_UNITS = np.concatenate([[(0, 0)], _SIXTHS[np.array(TURNS[1:]) % 6]])


def _times(at: Ints, a: int, b: int) -> Ints:
    """Multiply i + j w with a + b w, where w is a sixth of a circle: w w = w - 1."""
    i, j = at.T
    return np.stack([i * a - j * b, i * b + j * a + j * b], axis=1)


@cache
def _tails(resolution: int, levels: int) -> Cells:
    """Give the last digits of a cell by the remainders of its pair, for each turn of the digits.

    Returns
    -------
    tails
        Shape (6, 7 ** levels): bits as they stand in an index of `resolution`, by turn and by
        the remainders of i and j by 7 ** (levels / 2), i before j.
    """
    code, at = _offspring(resolution % 2, levels)
    size = 7 ** (levels // 2)
    order = (at % size) @ (size, 1)
    tails = np.zeros((6, len(code)), np.uint64)
    for level in range(levels):
        digit = code >> 3 * level & 7
        tails[:, order] |= _TURNED[:, digit] << np.uint64(3 * level)
    return tails << np.uint64(3 * (FINEST - resolution))


def _turned_digits() -> Cells:
    """Give each digit (columns) after so many sixths of a turn (rows)."""
    around = [TURNS.index(t, 1) for t in (0, 1, 2, 3, -2, -1)]
    rows = [[0, *(around[(t + k) % 6] for t in TURNS[1:])] for k in range(6)]
    return np.array(rows, dtype=np.uint64)


_TURNED = _turned_digits()


@cache
def _carries(is_odd: int, levels: int) -> Ints:
    """Give what is added to a pair's group where its cell belongs to a neighbouring block's."""
    _, at = _offspring(is_odd, levels)
    size = 7 ** (levels // 2)
    carries = np.empty(len(at), np.int64)
    carries[(at % size) @ (size, 1)] = -(at // size) @ (_WIDE, 1)
    return carries
