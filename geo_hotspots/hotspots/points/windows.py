"""The densest window of a point: so many callers in so few days, and how likely by chance.

Calls are laid on one long axis, point after point, so that one search finds the beginning of
every window: nothing here loops over points or cases.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.hotspots.points.chance import Chance, scan_floor, scan_tail

WINDOWS_DAYS = (28, 91, 182)  # besides all the time there is, a year by default
_SMOOTH = 20.0  # cases' worth of an even year in a category's own course of the year
_AT_ONCE = 500_000  # calls whose windows are counted together
_SLACK = 1 - 1e-9  # of a bound: what is computed two ways differs in the last digits

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Course:
    """Every call of the city by group and time: what it complains about when.

    Attributes
    ----------
    of_group
        Calls by group.
    begin
        The time of the first call.
    """

    def __init__(self, group: npt.NDArray[np.integer], at: Floats) -> None:
        self._group, self._at = group, at
        self.of_group = np.bincount(group)
        self.begin = float(at.min())
        self._around: dict[float, npt.NDArray[np.int32]] = {}

    def count_around(self, days: float) -> npt.NDArray[np.int32]:
        """Count the calls of each call's group in the window that ends with it."""
        if days not in self._around:
            far = 2 * max(self._at.max(), days) + 2 * days
            axis = self._at + self._group * far
            inside = np.empty(len(axis), dtype=np.int32)
            for start in range(0, len(axis), _AT_ONCE):
                here = slice(start, start + _AT_ONCE)
                inside[here] = np.searchsorted(axis, axis[here], side="right")
                inside[here] -= np.searchsorted(axis, axis[here] - days, side="right")
            self._around[days] = inside
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
    return _count_since(_begins(calls, days), calls["worth"].to_numpy(), _is_fresh(calls, days))


def _count_since(begins: Ints, worth: Floats, is_fresh: npt.NDArray[np.bool_]) -> Floats:
    """Count the callers of the windows that begin with some calls and end with each."""
    inside = np.zeros(len(begins))
    fresh = np.where(is_fresh, worth, 0.0)
    for each in pd.unique(worth[worth > 0]):  # a few: whole numbers add up without an error
        running = np.append(0, np.cumsum(fresh == each, dtype=np.int32))
        inside += each * (running[1:] - running[begins])
    return np.round(inside, 9)


def _is_fresh(calls: pd.DataFrame, days: float) -> npt.NDArray[np.bool_]:
    """Say which calls are the first of their caller in so many days."""
    fresh: npt.NDArray[np.bool_] = calls["gap"].to_numpy() >= days
    return fresh & (calls["worth"].to_numpy() > 0)


def _begins(calls: pd.DataFrame, days: float) -> Ints:
    """Find, for each call, the first call of its window: later than `days` before it."""
    pair, at = calls["pair"].to_numpy(), calls["at"].to_numpy()
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
    pair, when = calls["pair"].to_numpy(), calls["at"].to_numpy()
    pairs, everyone = np.unique(pair), _count_all(calls) if by_past else None
    start = {"pvalue": 1.0, "days": n_days, "end": 0.0, "callers": 0.0, "expected": 0.0}
    best = {name: np.full(len(pairs), value) for name, value in start.items()}
    for days in lengths:
        ends, *window = _expect(
            calls, city, chance, days, n_days, min_callers=min_callers, everyone=everyone
        )
        at, pvalue = _find_least(pair[ends], *window, n_tried=len(lengths))
        callers, expected, *_ = window
        tried = {"pvalue": pvalue, "days": np.full(len(at), days), "end": when[ends[at]],
                 "callers": callers[at], "expected": expected[at]}  # fmt: skip
        _keep_better(best, np.searchsorted(pairs, pair[ends[at]]), tried)
    return pd.DataFrame(best, index=pd.Index(pairs, name="pair"))


def _find_least(
    pair: Ints, callers: Floats, usual: Floats, size: Floats, share: Floats, *, n_tried: int
) -> tuple[Ints, Floats]:
    """Find each pair's least likely window, the first of equals, and its chance.

    What chance is at least is cheap to say. No window that is above the true chance of another of
    its pair need be looked at more closely.
    """

    def ask(chance: Callable[..., Floats], at: Ints) -> Floats:
        found = chance(np.floor(callers[at]), usual[at], size[at], share[at])
        return np.clip(found * n_tried, 1e-300, 1.0)

    begins = np.flatnonzero(np.diff(pair, prepend=-1))
    n = np.diff(begins, append=len(pair))
    floor = ask(scan_floor, np.arange(len(pair)))
    lowest = _first_least(floor, pair, begins, n)
    pvalue = np.full(len(pair), np.inf)
    pvalue[lowest] = ask(scan_tail, lowest)
    near = np.flatnonzero((floor < 1) & (floor * _SLACK < np.repeat(pvalue[lowest], n)))
    pvalue[near] = ask(scan_tail, near)
    at = _first_least(pvalue, pair, begins, n)
    return at, pvalue[at]


def _first_least(values: Floats, pair: Ints, begins: Ints, n: Ints) -> Ints:
    """Find the first of each pair's smallest values."""
    if not len(begins):
        return begins
    at = np.flatnonzero(values == np.repeat(np.minimum.reduceat(values, begins), n))
    return at[np.unique(pair[at], return_index=True)[1]]


def _keep_better(best: dict[str, Floats], row: Ints, tried: dict[str, Floats]) -> None:
    """Put windows in the place of likelier ones, and of longer ones that are as unlikely."""
    held = best["pvalue"][row]
    is_better = tried["pvalue"] < held
    is_better |= (tried["pvalue"] == held) & (tried["days"] < best["days"][row])
    for name, values in best.items():
        values[row[is_better]] = tried[name][is_better]


def _expect(
    calls: pd.DataFrame, city: Course, chance: Chance, days: float, n_days: float,
    *, min_callers: int, everyone: Floats | None,
) -> tuple[Ints, Floats, Floats, Floats, Floats]:  # fmt: skip
    """Say what the windows of one length that end with a call and hold enough callers should hold.

    A call that brings nobody new ends no window: it cannot make a point less likely.

    Parameters
    ----------
    everyone
        Callers of each point in all the time there is, where its own past tells what is usual.

    Returns
    -------
    ends
        The positions in `calls` with which the windows end.
    callers, usual, size, share
        Of each window: its callers, the negative binomial of what it should hold, and the share
        of all callers that should fall into it.
    """
    begins, is_fresh = _begins(calls, days), _is_fresh(calls, days)
    callers = _count_since(begins, calls["worth"].to_numpy(), is_fresh)
    all_own = np.bincount(calls["pair"])
    last = np.flatnonzero((callers >= min_callers) & is_fresh)
    pair, course, group = (calls[c].to_numpy()[last] for c in ("pair", "course", "group"))
    callers, inside = callers[last], last + 1 - begins[last]
    share = np.ones(len(last))
    if days < n_days:
        around, others = city.count_around(days)[course], city.of_group[group] - all_own[pair]
        share = (around - inside + _SMOOTH * days / n_days) / (others + _SMOOTH)
        share = np.clip(share, 1e-6, 1.0)
    usual, size = chance.mean[pair] * share, chance.size[pair]
    if everyone is not None:
        size = size + everyone[pair] - callers
        usual = share * size / (chance.size[pair] / chance.mean[pair] + 1 - share)
    return last, callers, usual, size, share


def _count_all(calls: pd.DataFrame) -> Floats:
    """Count the callers of each point in all the time there is."""
    who = calls.drop_duplicates(["pair", "unit"])
    callers: Floats = np.bincount(who["pair"], who["worth"]).astype(float)
    return callers
