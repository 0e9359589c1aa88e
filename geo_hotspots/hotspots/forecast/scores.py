"""How good a list was, once the week is over.

All take lists as positions, (lists, k), best first, and `calls`, what each unit then had. Rates
are shares of everyone who called in the week, whether or not their unit was known before it.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Scores(NamedTuple):
    """One number per list."""

    hit_rate: Floats
    precision: Floats
    pai: Floats
    pei: Floats
    ndcg: Floats


def score_lists(
    lists: Ints, calls: Floats, *, n_next: float, k: int, n_known: int, excused: Flags | None = None
) -> Scores:
    """Score the first `k` places of each list.

    Parameters
    ----------
    lists
        Units, (lists, at least k or all there are).
    calls
        Callers of the week per unit that anyone could have listed or not, (units,).
    n_next
        All callers of the week, those at units not known before included.
    n_known
        Units that could have been listed.
    excused
        Units that were visited and stayed quiet: they are neither a hit nor a miss, (units,).

    Returns
    -------
    scores
        `hit_rate`: share of the callers at listed units. `precision`: share of the listed units
        that had a caller. `pai` (Chainey, Tompson & Uhlig 2008): hit rate over the share of units
        listed. `pei` (Hunt 2016): hit rate over that of the best list of `k`. `ndcg` (Järvelin &
        Kekäläinen 2002): callers discounted by their place, over the best order's.
    """
    listed = lists[:, :k]
    gains = calls[listed]
    best = np.sort(calls)[::-1][:k]
    hits = gains.sum(axis=1)
    counted = np.full(len(lists), float(listed.shape[1]))
    if excused is not None:
        counted -= excused[listed].sum(axis=1)
    discount = 1 / np.log2(np.arange(k) + 2)
    ideal = float(best @ discount[: len(best)])
    return Scores(
        _over(hits, n_next), _over((gains > 0).sum(axis=1), counted),
        _over(_over(hits, n_next), listed.shape[1] / max(n_known, 1)),
        _over(hits, float(best.sum())), _over(gains @ discount[: listed.shape[1]], ideal),
    )  # fmt: skip


def _over(above: Floats, below: Floats | float) -> Floats:
    """Divide; missing where there is nothing to divide by."""
    below = np.broadcast_to(np.asarray(below, float), np.shape(above))
    ratio: Floats = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
    return ratio


def poisson_deviance(expected: Floats, calls: Floats) -> Floats:
    """Give the mean Poisson deviance of each row of expectations; 0 is perfect."""
    mean = np.maximum(expected, 1e-9)
    deviance: Floats = 2 * (xlogy(calls, calls) - xlogy(calls, mean) - (calls - mean)).mean(axis=1)
    return deviance


def bootstrap_weeks(
    hits: Floats, totals: Floats, *, rng: np.random.Generator, n: int = 2000
) -> Floats:
    """Give the 95 % interval of a difference in hit rates, weeks drawn anew in pairs.

    Parameters
    ----------
    hits
        Callers that one list caught more than the other, per week.
    totals
        All callers, per week.

    Returns
    -------
    interval
        Lower and upper end. Efron & Tibshirani (1993), percentile interval.
    """
    drawn = rng.integers(0, len(hits), (n, len(hits)))
    rates = _over(hits[drawn].sum(axis=1), totals[drawn].sum(axis=1))
    interval: Floats = np.nanquantile(rates, [0.025, 0.975])
    return interval
