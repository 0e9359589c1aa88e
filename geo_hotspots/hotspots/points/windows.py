"""The densest window of a point: so many callers in so few days, and how likely by chance.

Calls are laid on one long axis, point after point, so that one search finds the beginning of
every window: nothing here loops over points or cases.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.hotspots.points.chance import Chance, scan_tail

WINDOWS_DAYS = (28, 91, 182)  # besides all the time there is, a year by default
_SMOOTH = 20.0  # cases' worth of an even year in a category's own course of the year

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Course:
    """Every call of the city by group and time: what it complains about when.

    Attributes
    ----------
    of_group
        Calls by group.
    """

    def __init__(self, group: Ints, at: Floats) -> None:
        self._group, self._at = group, at
        self.of_group = np.bincount(group)
        self._around: dict[float, Floats] = {}

    def count_around(self, days: float) -> Floats:
        """Count the calls of each call's group in the window that ends with it."""
        if days not in self._around:
            far = 2 * max(self._at.max(), days) + 2 * days
            axis = self._at + self._group * far
            inside = np.searchsorted(axis, axis, side="right")
            inside -= np.searchsorted(axis, axis - days, side="right")
            self._around[days] = inside.astype(float)
        return self._around[days]


def count_windows(calls: pd.DataFrame, days: float) -> Floats:
    """Count the callers in the `days` that end with each call; each counts once in a window.

    A caller is counted by the first call in a stretch of `days`. Whoever rang before the window
    and again in it is left out: that can only make a window look emptier.

    Parameters
    ----------
    calls
        `pair` (number of the point), `at` (days), `unit` (who), `worth` (in callers) and `gap`
        (days since the unit's call before at the point, infinite at the first), sorted by pair
        and time.
    """
    pair, at = calls["pair"].to_numpy(), calls["at"].to_numpy()
    worth = calls["worth"].to_numpy()
    running = np.r_[0.0, np.cumsum(np.where(_is_fresh(calls, days), worth, 0.0))]
    inside: Floats = np.round(running[1:] - running[_begins(pair, at, days)], 9)
    return inside


def _is_fresh(calls: pd.DataFrame, days: float) -> npt.NDArray[np.bool_]:
    """Say which calls are the first of their caller in so many days."""
    fresh: npt.NDArray[np.bool_] = calls["gap"].to_numpy() >= days
    return fresh & (calls["worth"].to_numpy() > 0)


def _begins(pair: Ints, at: Floats, days: float) -> Ints:
    """Find, for each call, the first call of its window: later than `days` before it."""
    axis = at + pair * (2 * at.max(initial=0) + 2 * days)
    begins: Ints = np.searchsorted(axis, axis - days, side="right")
    return begins


def window_lengths(n_days: float) -> list[float]:
    """List the lengths tried, in days: those shorter than the time there is, and all of it."""
    return [*(float(w) for w in WINDOWS_DAYS if w < n_days), n_days]


def scan_windows(
    calls: pd.DataFrame, city: Course, chance: Chance, *,
    n_days: float, min_callers: int, by_past: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Find each point's least likely window, and the chance of one like it in a year.

    What a window is expected to hold follows the course of the category over the whole city, the
    point itself left out, so that heating in November is no news. Several lengths are tried, and
    the chance is multiplied by their number (Bonferroni).

    Parameters
    ----------
    calls
        As for `count_windows`, `group`, and `course`, the call's row in `city`; of points
        numbered from 0 without a gap.
    city
        When the city complained about what.
    chance
        By point, of the callers in all `n_days`.
    min_callers
        A window of fewer says nothing: its chance is 1.
    by_past
        Whether a point's own other days tell what is usual there, so that only a change is news;
        `chance` is then what is known without them, its size the shape of a gamma distribution.

    Returns
    -------
    best
        By point: `pvalue`, and of that window `days`, `end` (the time of its last call),
        `callers` and how many were `expected` in it.
    """
    lengths = window_lengths(n_days)
    if by_past:  # all the time there is has no other days
        lengths = lengths[:-1] or lengths
    pairs = calls["pair"].unique()
    best = pd.DataFrame({"pvalue": 1.0, "days": n_days, "end": 0.0, "callers": 0.0,
                         "expected": 0.0}, index=pd.Index(pairs, name="pair"))  # fmt: skip
    for days in lengths:
        tried = _try(calls, city, chance, days, n_days, min_callers=min_callers, by_past=by_past)
        tried["pvalue"] = (tried["pvalue"] * len(lengths)).clip(lower=1e-300, upper=1.0)
        _keep_better(best, _least_likely(tried))
    return best


def _least_likely(tried: pd.DataFrame) -> pd.DataFrame:
    """Keep each pair's window of the smallest chance, the first of equals."""
    pair = tried["pair"].to_numpy()
    begins = np.flatnonzero(np.diff(pair, prepend=-1))
    pvalue = tried["pvalue"].to_numpy()
    least = np.minimum.reduceat(pvalue, begins) if len(begins) else pvalue
    of_pair = np.repeat(least, np.diff(begins, append=len(pair)))
    at = np.flatnonzero(pvalue == of_pair)
    _, first = np.unique(pair[at], return_index=True)
    return tried.iloc[at[first]].set_index("pair")


def _keep_better(best: pd.DataFrame, tried: pd.DataFrame) -> None:
    """Put windows in the place of likelier ones, and of longer ones that are as unlikely."""
    held = best.loc[tried.index]
    is_better = tried["pvalue"] < held["pvalue"]
    is_better |= (tried["pvalue"] == held["pvalue"]) & (tried["days"] < held["days"])
    best.loc[tried.index[is_better]] = tried[is_better]


def _try(
    calls: pd.DataFrame, city: Course, chance: Chance, days: float, n_days: float,
    *, min_callers: int, by_past: bool,
) -> pd.DataFrame:  # fmt: skip
    """Judge the windows of one length that end with a call and hold enough callers.

    A call that brings nobody new ends no window: it cannot make a point less likely.
    """
    callers = count_windows(calls, days)
    begins = _begins(calls["pair"].to_numpy(), calls["at"].to_numpy(), days)
    all_own = np.bincount(calls["pair"])
    last = np.flatnonzero((callers >= min_callers) & _is_fresh(calls, days))
    ends, callers, inside = calls.iloc[last], callers[last], last + 1 - begins[last]
    pair = ends["pair"].to_numpy()
    around = city.count_around(days)[ends["course"].to_numpy()]
    of_group = city.of_group[ends["group"].to_numpy()]
    even = min(days / n_days, 1.0)
    share = (around - inside + _SMOOTH * even) / (of_group - all_own[pair] + _SMOOTH)
    share = np.clip(share, 1e-6, 1.0) if days < n_days else np.ones(len(ends))
    usual, size = chance.mean[pair] * share, chance.size[pair]
    if by_past:
        size = size + _count_all(calls)[pair] - callers
        usual = share * size / (chance.size[pair] / chance.mean[pair] + 1 - share)
    pvalue = scan_tail(np.floor(callers), usual, size, share)
    return pd.DataFrame({"pair": pair, "pvalue": pvalue, "days": days, "end": ends["at"],
                         "callers": callers, "expected": usual})  # fmt: skip


def _count_all(calls: pd.DataFrame) -> Floats:
    """Count the callers of each point in all the time there is."""
    who = calls.drop_duplicates(["pair", "unit"])
    callers: Floats = np.bincount(who["pair"], who["worth"]).astype(float)
    return callers
