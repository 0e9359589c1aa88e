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
    calls: pd.DataFrame, city: pd.DataFrame, chance: Chance, *,
    n_days: float, min_callers: int, by_past: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Find each point's least likely window, and the chance of one like it in a year.

    What a window is expected to hold follows the course of the category over the whole city, the
    point itself left out, so that heating in November is no news. Several lengths are tried, and
    the chance is multiplied by their number (Bonferroni).

    Parameters
    ----------
    calls
        As for `count_windows`, and `group`; of points numbered from 0 without a gap.
    city
        `group` and `at` of every call of the city, sorted by both.
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
    tried = [
        _try(calls, city, chance, days, n_days, min_callers=min_callers, by_past=by_past)
        for days in lengths
    ]
    nothing = pd.DataFrame({"pair": calls["pair"].unique(), "pvalue": 1.0, "days": n_days,
                            "end": 0.0, "callers": 0.0, "expected": 0.0})  # fmt: skip
    table = pd.concat([*tried, nothing], ignore_index=True)
    table["pvalue"] = (table["pvalue"] * len(lengths)).clip(lower=1e-300, upper=1.0)
    table = table.sort_values(["pair", "pvalue", "days", "end"], kind="stable")
    return table.drop_duplicates("pair").set_index("pair")


def _try(
    calls: pd.DataFrame, city: pd.DataFrame, chance: Chance, days: float, n_days: float,
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
    of_group = city.groupby("group").size().reindex(ends["group"]).to_numpy()
    even = min(days / n_days, 1.0)
    share = (_count_city(ends, city, days) - inside + _SMOOTH * even) / (
        of_group - all_own[pair] + _SMOOTH
    )
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


def _count_city(calls: pd.DataFrame, city: pd.DataFrame, days: float) -> Floats:
    """Count the city's calls of each call's group in the window that ends with it."""
    far = 2 * max(city["at"].max(), days) + 2 * days
    axis = city["at"].to_numpy() + city["group"].to_numpy() * far
    ends = calls["at"].to_numpy() + calls["group"].to_numpy() * far
    last = np.searchsorted(axis, ends, side="right")
    inside: Floats = (last - np.searchsorted(axis, ends - days, side="right")).astype(float)
    return inside
