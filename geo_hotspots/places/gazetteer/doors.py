"""Doors and buildings by number: a sorted table, and where a missing door must be.

The table is two flat arrays whatever its size: a million doors are 12 MB and a look-up is a
binary search. Even and odd numbers stand on the two sides of a road (GB/T 35639-2017, annex B), so
a door that is not listed lies between its neighbours of the same side.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_hotspots.places.grammar.numbers import NUMBER_BITS

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NO_NUMBER, UNLISTED, LISTED, PARENT, BETWEEN, BESIDE = range(6)
MOST_STEPS = 12  # house numbers that a single neighbour may be away
MOST_BLOCKS = 0  # and buildings of a compound: its own point is as good as one neighbour
_BLOCK = (1 << 15) - 1
_LETTER = 1 << 14
_SIDE_BITS, _ROW = 15, 2
_DOOR_SHIFT = NUMBER_BITS - 14


class Doors(NamedTuple):
    """Numbers on names.

    Attributes
    ----------
    keys, entries
        Group of names and packed number in one integer, ascending, and the entry of each.
    sides, side_entries
        Group, parity and house number in one integer, ascending: each side of a road in order.
    """

    keys: Ints
    entries: npt.NDArray[np.int32]
    sides: Ints
    side_entries: npt.NDArray[np.int32]


class Found(NamedTuple):
    """What the table says of the numbers asked, one row each.

    Attributes
    ----------
    state
        `LISTED`, its yard or door only (`PARENT`), `BETWEEN` two neighbours, `BESIDE` one,
        `UNLISTED`, or `NO_NUMBER` where none was asked.
    nearest
        The entry listed, or the neighbour that is nearest by number; -1 where there is none.
    lower, upper, low_number, high_number
        The neighbours of a missing door and their house numbers; beyond the last door of a
        side its last two, or that one twice; -1 where there are none.
    """

    state: npt.NDArray[np.int8]
    nearest: Ints
    lower: Ints
    upper: Ints
    low_number: Ints
    high_number: Ints


def build_doors(groups: Ints, numbers: Ints, entries: Ints) -> Doors:
    """Sort numbers of entries by their group; equal keys keep the order of the entries."""
    keys = groups << NUMBER_BITS | numbers
    order = np.lexsort((entries, keys))
    plain = np.flatnonzero(_ordinal_bare(numbers) > 0)
    sides = _side(groups[plain], numbers[plain])
    by_side = np.lexsort((entries[plain], sides))
    return Doors(
        keys[order], entries[order].astype(np.int32),
        sides[by_side], entries[plain][by_side].astype(np.int32),
    )  # fmt: skip


def find_doors(doors: Doors, groups: Ints, numbers: Ints) -> Found:
    """Look numbers up: the number, else its yard, else its door, else the neighbours.

    Returns
    -------
    found
        One per number; `UNLISTED` where the road has no door near it, `NO_NUMBER` for 0.
    """
    state = np.where(numbers > 0, UNLISTED, NO_NUMBER).astype(np.int8)
    found = Found(state, *(np.full(len(numbers), -1) for _ in Found._fields[1:]))
    # 甲31号 stands by 31号, and 31号院 is where its buildings are: the first of the door's keys.
    for asked, bits, how in (
        (numbers, 0, LISTED), (numbers & ~_BLOCK, 0, PARENT), (numbers, _DOOR_SHIFT, PARENT),
    ):  # fmt: skip
        todo = np.flatnonzero((state == UNLISTED) & (asked >> bits > 0))
        key = groups[todo] << NUMBER_BITS | asked[todo] >> bits << bits
        at, is_there = _look_up(doors.keys, key, bits)
        state[todo[is_there]] = how
        found.nearest[todo[is_there]] = doors.entries[at[is_there]]
    _between(doors, groups, numbers, found)
    return found


def name_alike(
    doors: Doors,
    groups: Ints,
    numbers: Ints,
    *,
    by_building: Flags,
    by_door: Flags,
    is_below: Flags,
) -> Ints:
    """Give numbers as their place counts: a compound its buildings, a road its doors.

    民旺园31号 and 民旺园31号楼 are one building, and 外交部街33号楼下 is below door 33. What is
    listed as it is asked stays as it is.

    Parameters
    ----------
    by_building
        Where 31号 may mean building 31.
    by_door
        Where 33号楼 may mean door 33: if that is listed.
    is_below
        Where it does so in any case, since 下 follows.
    """
    door, of = numbers >> _DOOR_SHIFT, groups << NUMBER_BITS
    open_ = (numbers > 0) & ~_look_up(doors.keys, of | numbers, 0)[1]
    is_door = open_ & (door << _DOOR_SHIFT == numbers)
    is_block = open_ & (numbers < _LETTER)
    as_door = np.where(is_block, numbers, 0) << _DOOR_SHIFT
    by_door = by_door & (is_below | _look_up(doors.keys, of | as_door, 0)[1])
    return np.where(is_door & by_building, door, np.where(is_block & by_door, as_door, numbers))


def _look_up(keys: Ints, asked: Ints, bits: int) -> tuple[Ints, Flags]:
    """Find the first key that equals the one asked, its lowest `bits` left out."""
    if not len(keys):
        return np.zeros(len(asked), dtype=np.int64), np.zeros(len(asked), dtype=bool)
    at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return at, keys[at] >> bits == asked >> bits


def _between(doors: Doors, groups: Ints, numbers: Ints, found: Found) -> None:
    """Fill in the neighbours of unlisted doors, in place on arrays of our own."""
    ordinal = find_ordinals(numbers)
    todo = np.flatnonzero((found.state == UNLISTED) & (ordinal > 0))
    if not len(todo) or not len(doors.sides):
        return
    asked = _side(groups[todo], numbers[todo])
    above = np.searchsorted(doors.sides, asked)
    below = above - 1
    has_below, has_above = _is_on(doors, below, asked), _is_on(doors, above, asked)
    # Beyond its last door a side goes on as it did between its last two.
    low = np.where(has_below & ~has_above & _is_on(doors, below - 1, asked), below - 1, below)
    low = np.where(has_below, low, above)
    high = np.where(has_above, above, below)
    high = np.where(has_above & ~has_below & _is_on(doors, above + 1, asked), above + 1, high)
    both, any_side = has_below & has_above, has_below | has_above
    low, high = (np.clip(at, 0, len(doors.sides) - 1) for at in (low, high))
    numbers_of = doors.sides & ((1 << _SIDE_BITS) - 1)
    steps = [np.abs(numbers_of[at] - ordinal[todo]) for at in (low, high)]
    most = np.where(numbers[todo] >> _DOOR_SHIFT > 0, MOST_STEPS, MOST_BLOCKS)
    one = any_side & ~both & (np.minimum(*steps) <= most)
    found.state[todo[both]], found.state[todo[one]] = BETWEEN, BESIDE
    told = both | one
    near = np.where(steps[0] <= steps[1], low, high)
    for column, at in ((found.nearest, near), (found.lower, low), (found.upper, high)):
        column[todo[told]] = doors.side_entries[at[told]]
    for column, at in ((found.low_number, low), (found.high_number, high)):
        column[todo[told]] = numbers_of[at[told]]


def _is_on(doors: Doors, at: Ints, asked: Ints) -> npt.NDArray[np.bool_]:
    """Say whether a place in the table is on the side asked."""
    inside = (at >= 0) & (at < len(doors.sides))
    there = doors.sides[np.clip(at, 0, len(doors.sides) - 1)]
    same: npt.NDArray[np.bool_] = there >> _SIDE_BITS == asked >> _SIDE_BITS
    return inside & same


def _side(groups: Ints, numbers: Ints) -> Ints:
    """Name the side of a road, or the row of a compound's buildings, and the place on it."""
    door = numbers >> _DOOR_SHIFT
    side = np.where(door > 0, door & 1, _ROW)
    return (groups << 2 | side) << _SIDE_BITS | find_ordinals(numbers)


def find_ordinals(numbers: Ints) -> Ints:
    """Give the house number, or that of the building where a compound has no doors; 0 for B座."""
    door, block = numbers >> _DOOR_SHIFT, numbers & _BLOCK
    return np.where(door > 0, door, np.where(block < _LETTER, block, 0))


def _ordinal_bare(numbers: Ints) -> Ints:
    """Give the ordinals of plain doors and of a compound's buildings; 0 for a yard's."""
    is_in_yard = (numbers >> _DOOR_SHIFT > 0) & (numbers & _BLOCK > 0)
    return np.where(is_in_yard, 0, find_ordinals(numbers))
