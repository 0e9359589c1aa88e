"""What a point hangs on: the fewest callers whose reports, taken away, take it off the list."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.hotspots.points.chance import Chance
from geo_hotspots.hotspots.points.windows import Course, scan_windows

Ints = npt.NDArray[np.int64]


def find_decisive(
    calls: pd.DataFrame, city: Course, chance: Chance, best: pd.DataFrame, *,
    threshold: float, min_callers: int, min_days: int, n_days: float, by_past: bool,
) -> pd.Series:  # fmt: skip
    """Find the calls without which each point would not be listed.

    Callers are taken away in one order, those of the least likely window first and the most
    frequent of them first, until the point falls under the floor or is no longer unlikely enough.
    All else stays as it is: what is usual, and where the list ends. Other callers might do as
    well; fewer of this order would not.

    Parameters
    ----------
    calls, city, chance, n_days, by_past
        As for `scan_windows`, of the listed points, which are numbered from 0 without a gap.
    best
        By point: `days` and `end` of its least likely window.
    threshold
        The largest p value that is listed.

    Returns
    -------
    order
        Of each call that has to go: in which place its caller goes, from 0; the others are
        missing.
    """
    rank = _rank_units(calls, best)
    n_points = len(chance.mean)
    # Bisection: with `low` callers gone a point is still listed, with `high` gone it is not.
    low = np.zeros(n_points, dtype=np.int64)
    high = rank.groupby(calls["pair"]).max().to_numpy() + 1
    pair, place = calls["pair"].to_numpy(), rank.to_numpy()
    while (moves := high - low > 1).any():
        middle = (low + high) // 2
        left = calls[moves[pair] & (place >= middle[pair])]
        is_listed = np.zeros(n_points, dtype=bool)
        if len(left):
            scanned = scan_windows(
                left, city, chance, n_days=n_days, min_callers=min_callers, by_past=by_past
            )["pvalue"]
            high_enough = _are_above_floor(left, min_callers, min_days)
            is_listed[scanned.index[(scanned <= threshold) & high_enough]] = True
        low = np.where(moves & is_listed, middle, low)
        high = np.where(moves & ~is_listed, middle, high)
    order: pd.Series = rank[place < high[pair]]
    return order


def _rank_units(calls: pd.DataFrame, best: pd.DataFrame) -> pd.Series:
    """Rank the callers of each point in the order in which they are taken away."""
    pair, unit, at = (calls[name].to_numpy() for name in ("pair", "unit", "at"))
    ends = best["end"].to_numpy()[pair]
    is_inside = (at > ends - best["days"].to_numpy()[pair]) & (at <= ends)
    least = unit.min(initial=0)
    key = pair * (unit.max(initial=0) - least + 1) + unit - least
    _, first, who = np.unique(key, return_index=True, return_inverse=True)
    n_inside, n, last = np.bincount(who, is_inside), np.bincount(who), np.full(len(first), -np.inf)
    np.maximum.at(last, who, at)
    order = np.lexsort((-last, -n, -n_inside, pair[first]))
    in_order = pair[first][order]
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.searchsorted(in_order, in_order)
    return pd.Series(rank[who], index=calls.index)


def _are_above_floor(calls: pd.DataFrame, min_callers: int, min_days: int) -> pd.Series:
    """Say of each point left whether it still has the callers and days of a point."""
    said = calls[calls["worth"] > 0].assign(day=np.floor(calls["at"]))
    callers = said.drop_duplicates(["pair", "unit"]).groupby("pair")["worth"].sum().round(9)
    days = said.drop_duplicates(["pair", "day"]).groupby("pair").size()
    return (callers >= min_callers) & (days >= min_days)
