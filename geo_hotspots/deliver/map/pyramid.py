"""Counts of cases in H3 cells of five resolutions, by category and week, in a few bytes a cell.

The cells are a tree, and only what the tree does not already say is written:

- the cells of the coarsest resolution by name and place (`lattice.root_frames`);
- for every cell a byte whose bits name its children: names and places of all finer cells;
- counts per category at the finest resolution; all coarser ones are their sums, plus, one
  resolution up, a remainder: the cases of the finest cells that are too few to be shown;
- counts per category and week at a middle resolution, for the coarser ones again sums.

Both are streams of variable-length integers, column by column, deflated, in base 64; the weeks
stand apart, since a page that is not asked for them need not unpack them.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.deliver.map.lattice import root_frames
from geo_hotspots.deliver.offline import deflate
from geo_hotspots.grid import cell_names, index_points

Ints = npt.NDArray[np.int64]

TOP, BOTTOM = 6, 10  # 36 km² to 0.015 km²
WEEKS = 52
MAX_CATEGORIES = 8  # the last one gathers the rest where there are more
WEEK_LEVELS = (9, 8)  # the finer one, as long as the page stays small
MAX_WEEKLY = 1_000_000  # counts per cell, category and week; about a byte each
DAYS = 7
_CASES_AT_ONCE = 1_000_000  # whose cells are known: far more than what is counted of them


def count_pyramid(cases: pd.DataFrame, *, as_of: date, min_cases: int) -> dict[str, Any]:
    """Count cases in cells of every resolution from `TOP` to `BOTTOM`.

    Parameters
    ----------
    cases
        `lng`, `lat` (WGS84), `reported_at`, `category_1` and `cell`, which is missing where a case
        has no point of its own. Such cases, and those older than `WEEKS` weeks or after `as_of`,
        are left out.
    min_cases
        Cells of the finest resolution with fewer cases do not enter the page.

    Returns
    -------
    layer
        For `map_pyramid.js`: `n` cases, of which `hidden` are not shown at the finest
        resolution; `roots` and their `frames`; `sizes`, the cells of each resolution;
        `categories`, of which the empty text means all others; `weeks`, `week_level` and
        `first_day` of the first week; `week_totals` per category; `data` and `week_data`, the
        streams.
    """
    category = cases["category_1"].astype("category")
    counts = _count_all(cases.assign(category=category.cat.codes), as_of)
    names, place = _main_categories(category.cat.categories, counts)
    weeks = int(counts["ago"].max()) + 1 if len(counts) else 0
    counts = counts.assign(week=weeks - 1 - counts["ago"], category=place[counts["category"]])
    return {
        "top": TOP,
        "bottom": BOTTOM,
        "least": min_cases,
        "categories": names,
        "weeks": weeks,
        "first_day": (as_of - timedelta(days=DAYS * weeks - 1)).isoformat(),
        **_encode(counts, (max(len(names), 1), max(weeks, 1)), min_cases),
    }


def _count_all(cases: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Count the cases (`n`) by finest cell, category and age in weeks: no more is looked at."""
    parts = range(0, max(len(cases), 1), _CASES_AT_ONCE)
    counts = pd.concat([_count(cases.iloc[at : at + _CASES_AT_ONCE], as_of) for at in parts])
    return _add_up(counts)


def _count(cases: pd.DataFrame, as_of: date) -> pd.DataFrame:
    ago = (pd.Timestamp(as_of) - cases["reported_at"].dt.normalize()).dt.days // DAYS
    is_in = cases["cell"].notna() & (ago >= 0) & (ago < WEEKS)
    cases = cases[["category", "lng", "lat"]].assign(ago=ago)[is_in]
    cells = index_points(
        cases["lng"].to_numpy(float), cases["lat"].to_numpy(float), resolution=BOTTOM
    )
    known = cases.assign(path=_paths(cells))[cells != 0]
    return _add_up(known.assign(n=1))


def _add_up(counts: pd.DataFrame) -> pd.DataFrame:
    return counts.groupby(["path", "category", "ago"])["n"].sum().reset_index()


def _encode(counted: pd.DataFrame, shape: tuple[int, int], least: int) -> dict[str, Any]:
    """Write the tree, its counts and its weeks."""
    path, category, week, n = (counted[c].to_numpy() for c in ("path", "category", "week", "n"))
    n_categories = shape[0]
    fine, at = np.unique(path, return_inverse=True)
    counts = _tally(at, category, n, (len(fine), n_categories))
    is_shown = counts.sum(axis=1) >= least
    levels = [_ancestors(path, level) for level in range(TOP, BOTTOM)] + [fine[is_shown]]
    masks = [_child_masks(parents, children) for parents, children in pairwise(levels)]
    parent = np.searchsorted(levels[-2], fine[~is_shown] >> 3)
    rest = np.zeros((len(levels[-2]), n_categories), dtype=np.int64)
    np.add.at(rest, parent, counts[~is_shown])
    level, slots, weekly = _weekly(path, category, week, n, shape)
    stream = _stream([*masks, *counts[is_shown].T, *rest.T])
    weeks = _stream([np.diff(slots, prepend=-1), weekly])
    roots = _cells(levels[0], TOP)
    return {
        "n": int(n.sum()),
        "hidden": int(rest.sum()),
        "roots": cell_names(roots),
        "frames": root_frames(roots),
        "sizes": [len(cells) for cells in levels],
        "week_level": level,
        "n_weekly": len(slots),
        "week_totals": _tally(category, week, n, shape).tolist(),
        "n_bytes": len(stream),
        "data": deflate(stream),
        "week_bytes": len(weeks),
        "week_data": deflate(weeks),
    }


def _stream(columns: Iterable[npt.ArrayLike]) -> bytes:
    return b"".join(varints(column) for column in columns)


def varints(values: npt.ArrayLike) -> bytes:
    """Write whole numbers from zero on, seven bits a byte, the low ones first.

    >>> varints([0, 127, 128, 300]).hex()
    '007f8001ac02'
    """
    left = np.asarray(values, dtype=np.uint64)
    length = np.ones(len(left), dtype=np.int64)
    for bits in range(7, 64, 7):
        length += left >= np.uint64(1 << bits)
    out = np.empty(int(length.sum()), dtype=np.uint8)
    start = np.cumsum(length) - length
    for k in range(int(length.max(initial=0))):
        rows = length > k
        seven = (left[rows] >> np.uint64(7 * k)) & np.uint64(127)
        more = np.where(length[rows] > k + 1, 128, 0)
        out[start[rows] + k] = seven.astype(np.uint8) | more.astype(np.uint8)
    return out.tobytes()


def _main_categories(words: pd.Index, counts: pd.DataFrame) -> tuple[list[str], Ints]:
    """Name the most frequent categories, ties by name; the others share the last place.

    Returns
    -------
    names
        Of the categories that are told apart.
    place
        Where each word stands among them; the last one is that of no word at all.
    """
    word = counts["category"] + 1  # from 0, which is no word
    n = np.bincount(word, weights=counts["n"], minlength=len(words) + 1)[1:]
    order = np.argsort(-n, kind="stable")
    names = [str(name) for name in words[order]]
    if len(names) > MAX_CATEGORIES:
        names = [*names[: MAX_CATEGORIES - 1], ""]
    place = np.full(len(words) + 1, max(len(names) - 1, 0))
    place[order] = np.minimum(np.arange(len(words)), place[-1])
    return names, place


def _paths(cells: npt.NDArray[np.uint64]) -> Ints:
    """Take from an H3 index what names the cell: base cell, then three bits per resolution."""
    return ((cells & np.uint64((1 << 52) - 1)) >> np.uint64(3 * (15 - BOTTOM))).astype(np.int64)


def _cells(paths: Ints, level: int) -> npt.NDArray[np.uint64]:
    """Make H3 indexes of paths; the digits below are seven."""
    below = 3 * (15 - level)
    head = np.uint64((8 << 56) | (level << 52) | ((1 << below) - 1))
    return (paths.astype(np.uint64) << np.uint64(below)) | head


def _ancestors(paths: Ints, level: int) -> Ints:
    return np.unique(paths >> (3 * (BOTTOM - level)))


def _tally(row: Ints, column: Ints, n: Ints, shape: tuple[int, int]) -> Ints:
    """Add up a table; its sums are whole numbers, which floats hold exactly."""
    n_rows, n_columns = shape
    flat = np.bincount(row * n_columns + column, weights=n, minlength=n_rows * n_columns)
    return flat.reshape(shape).astype(np.int64)


def _child_masks(parents: Ints, children: Ints) -> Ints:
    """Give a byte per parent: bit d says that its child of digit d is there."""
    bits = (1 << (children & 7)).astype(float)
    at = np.searchsorted(parents, children >> 3)
    return np.bincount(at, weights=bits, minlength=len(parents)).astype(np.int64)


def _weekly(
    path: Ints, category: Ints, week: Ints, n: Ints, shape: tuple[int, int]
) -> tuple[int, Ints, Ints]:
    """Count by cell, category and week: the resolution, the slots that hold any, their counts."""
    n_categories, n_weeks = shape
    for level in WEEK_LEVELS:
        _, at = np.unique(path >> (3 * (BOTTOM - level)), return_inverse=True)
        slot = (at * n_categories + category) * n_weeks + week
        slots, at = np.unique(slot, return_inverse=True)
        if len(slots) <= MAX_WEEKLY:
            break
    return level, slots, np.bincount(at, weights=n).astype(np.int64)
