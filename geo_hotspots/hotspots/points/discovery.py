"""How many of the listed points are expected to be false, and where the list must end."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.hotspots.points.chance import Prospect, scan_tails
from geo_hotspots.hotspots.points.windows import window_lengths

_MOST_CALLERS = 200
_STEPS = np.geomspace(1e-12, 1, 145)  # thresholds, twelve to a power of ten
_BINS = 48

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def adjust(pvalue: pd.Series, expect_false: Callable[[Floats], Floats]) -> pd.Series:
    """Adjust p values to false discovery rates by Benjamini and Hochberg's step-up rule.

    Parameters
    ----------
    pvalue
        Of the points above the floor; those below it cannot be listed.
    expect_false
        How many points chance alone lists at given thresholds; for m tests of the textbook,
        m times the threshold.

    Returns
    -------
    qvalue
        Indexed as `pvalue`, in its order.

    Examples
    --------
    >>> adjust(pd.Series([0.01, 0.03, 0.5]), lambda p: 4 * p).round(3).tolist()
    [0.04, 0.06, 0.667]
    """
    ordered = pvalue.sort_values(kind="stable")
    false = expect_false(ordered.to_numpy())
    rate = pd.Series(false / np.arange(1, len(ordered) + 1), ordered.index)
    return rate[::-1].cummin()[::-1].clip(upper=1.0).reindex(pvalue.index)


def last_threshold(expect_false: Callable[[Floats], Floats], most: float) -> float:
    """Give the largest threshold, of twelve to a power of ten, that lists `most` false points."""
    fits = expect_false(_STEPS) <= most
    return float(_STEPS[fits].max(initial=0.0))


def expect_false(prospect: Prospect, *, floor: int, n_days: float) -> Callable[[Floats], Floats]:
    """Expect how many points chance alone lists, from what it brings to each.

    Counts are whole numbers, so most spots cannot reach a small p value at all: a threshold of
    1e-4 brings far fewer false points than 1e-4 of all tests (Gilbert 2005, JRSS C 54, 143-158;
    Heyse 2011).

    Parameters
    ----------
    floor
        Callers that a point must have.
    n_days
        That the windows lie in.
    """
    false = _false_by_step(prospect, floor, n_days)

    def at(threshold: Floats) -> Floats:
        expected: Floats = false[np.searchsorted(_STEPS, threshold).clip(max=len(_STEPS) - 1)]
        return expected

    return at


def _false_by_step(prospect: Prospect, floor: int, n_days: float) -> Floats:
    """Expect, by threshold of `_STEPS`, how many points chance alone puts on the list."""
    mean, size, n = _bin(prospect)
    lengths = window_lengths(n_days)
    k = np.arange(floor, floor + _MOST_CALLERS, dtype=float)[:, None]
    false = np.zeros((len(_STEPS), len(n)))
    least = np.full(false.shape, len(k))  # callers that pass in a longer window, less `floor`
    for days in sorted(lengths, reverse=True):
        share = days / n_days
        chance = scan_tails(k, mean * share, size, share)
        chance = np.minimum.accumulate(chance, axis=0)
        first = _first_at_most(chance, _STEPS / len(lengths))
        # What needs as many callers as a longer window does is counted with that one.
        at = np.take_along_axis(chance, np.minimum(first, len(k) - 1), axis=0)
        false += np.where(first < least, at, 0)
        least = np.minimum(first, least)
    return np.minimum(false, _STEPS[:, None]) @ n


def _first_at_most(chance: Floats, steps: Floats) -> Ints:
    """Find, for each step and column, the first row of falling chances that is no higher."""
    rising = np.ascontiguousarray(chance[::-1].T)
    passed = np.array([np.searchsorted(column, steps, side="right") for column in rising])
    return np.asarray(len(chance) - passed.T, dtype=np.int64)


def _bin(prospect: Prospect) -> tuple[Floats, Floats, Floats]:
    """Gather the pairs of like mean and size; give each bin's largest mean, least size, number."""
    mean, size = prospect.sample
    cells = [np.clip(np.digitize(v, _edges(v)) - 1, 0, _BINS - 1) for v in (mean, size)]
    cell, where, n = np.unique(cells[0] * _BINS + cells[1], return_inverse=True, return_counts=True)
    top, low = np.zeros(len(cell)), np.full(len(cell), np.inf)
    np.maximum.at(top, where.ravel(), mean)
    np.minimum.at(low, where.ravel(), size)
    return top, low, n * prospect.weight


def _edges(values: Floats) -> Floats:
    return np.geomspace(values.min(), values.max() * (1 + 1e-9), _BINS + 1)
