"""Doors and buildings by number: a sorted table, and where a missing door must be.

The table is two flat arrays whatever its size: a million doors are 12 MB and a look-up is a
binary search. Even and odd numbers stand on the two sides of a road (GB/T 35639-2017, annex B), so
a door that is not listed lies between its neighbours of the same side.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_hotspots.places.numbers import NUMBER_BITS

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NO_NUMBER, UNLISTED, LISTED, PARENT, BETWEEN, BESIDE = range(6)
MOST_STEPS = 12  # house numbers that a single neighbour may be away
_BLOCK = (1 << 15) - 1
_SIDE_BITS = 15
_FAR = 1 << 20
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
        The neighbours of a missing door and their house numbers; -1 where there are none.
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
    door, block = numbers >> _DOOR_SHIFT, numbers & _BLOCK
    plain = np.flatnonzero((door > 0) & (block == 0))
    sides = _side(groups[plain], door[plain])
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


def _look_up(keys: Ints, asked: Ints, bits: int) -> tuple[Ints, Flags]:
    """Find the first key that equals the one asked, its lowest `bits` left out."""
    if not len(keys):
        return np.zeros(len(asked), dtype=np.int64), np.zeros(len(asked), dtype=bool)
    at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return at, keys[at] >> bits == asked >> bits


def _between(doors: Doors, groups: Ints, numbers: Ints, found: Found) -> None:
    """Fill in the neighbours of unlisted doors, in place on arrays of our own."""
    door = numbers >> _DOOR_SHIFT
    todo = np.flatnonzero((found.state == UNLISTED) & (door > 0))
    if not len(todo) or not len(doors.sides):
        return
    asked = _side(groups[todo], door[todo])
    after = np.searchsorted(doors.sides, asked)
    for here, at, entry, number in (
        (after > 0, np.maximum(after - 1, 0), found.lower, found.low_number),
        (after < len(doors.sides), np.minimum(after, len(doors.sides) - 1), found.upper,
         found.high_number),
    ):  # fmt: skip
        there = here & (doors.sides[at] >> _SIDE_BITS == asked >> _SIDE_BITS)
        entry[todo[there]] = doors.side_entries[at[there]]
        number[todo[there]] = doors.sides[at[there]] & ((1 << _SIDE_BITS) - 1)
    low, high = found.low_number[todo], found.high_number[todo]
    below = np.where(low >= 0, door[todo] - low, _FAR)
    above = np.where(high >= 0, high - door[todo], _FAR)
    both = (low >= 0) & (high >= 0)
    one = ~both & (np.minimum(below, above) <= MOST_STEPS)
    found.state[todo[both]], found.state[todo[one]] = BETWEEN, BESIDE
    nearest = np.where(below <= above, found.lower[todo], found.upper[todo])
    found.nearest[todo] = np.where(both | one, nearest, -1)


def _side(groups: Ints, door: Ints) -> Ints:
    return (groups << 1 | door & 1) << _SIDE_BITS | door


def door_of(number: Ints) -> Ints:
    """Give the house numbers of packed numbers."""
    return number >> _DOOR_SHIFT
