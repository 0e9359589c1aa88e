"""The seventeen classes of emerging hot spot analysis, by the words of the tool that named them.

GIS staff know the classes from ArcGIS: new, consecutive, intensifying, persistent, diminishing,
sporadic, oscillating and historical, hot or cold, or no pattern. They are given for comparison;
what is hot or cold in a period is decided here by exact count tests, not by normal theory.

References
----------
Esri. How Emerging Hot Spot Analysis works. ArcGIS Pro tool reference, 3.x.
"""

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import ndtr

from geo_hotspots.hotspots.areas.areas import gistar, inflated_size
from geo_hotspots.hotspots.areas.tails import lower_tail, upper_tail

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LEAST_PERIODS = 10  # as in the original: fewer make no pattern
NONE = "none"
_TREND_LEVEL = 0.05
_MOST = (9, 10)  # "90 percent of the time-step intervals", in whole numbers
_SPELL = 2  # periods that make a run


def patterns_of_cells(
    counts: Floats,
    share: Floats,
    neighbours: sparse.csr_array,
    *,
    fdr: float,
    inflation: float = 1.0,
) -> npt.NDArray[np.str_]:
    """Name the pattern of every cell over periods of equal length.

    Parameters
    ----------
    counts
        Cases per cell (rows, zeros included) and period (columns, the latest last).
    share
        Share of each cell inside the study area.
    neighbours
        0/1 matrix of the cells within one step, each cell included in its own row.
    fdr
        Largest share of false bins, over all cells and periods, hot and cold apart.
    inflation
        How many times more a count varies than a Poisson one.

    Returns
    -------
    pattern
        A key of `words.TREND` per cell.
    """
    if counts.shape[1] < LEAST_PERIODS:  # as `classify_patterns` would say, after all the tests
        return np.full(len(counts), NONE)
    expected = np.outer(share / share.sum(), counts.sum(axis=0))
    near, mean = neighbours @ counts, neighbours @ expected
    size = inflated_size(mean, inflation)
    is_hot = _discover(upper_tail(near, mean, size), fdr) & (near > mean)
    may_be_cold = np.exp(-mean) <= fdr  # elsewhere even no case at all is likely enough
    cold = np.ones(mean.shape)
    cold[may_be_cold] = lower_tail(near[may_be_cold], mean[may_be_cold], size[may_be_cold])
    is_cold = _discover(cold, fdr) & (near < mean)
    direction = np.zeros(len(counts))
    lasts = _is_most(is_hot) | _is_most(is_cold)  # the classes ask for a trend of these alone
    z, pvalue = mann_kendall(gistar(counts, neighbours)[lasts])
    direction[lasts] = np.sign(z) * (pvalue <= _TREND_LEVEL)
    return classify_patterns(is_hot, is_cold, direction)


def _discover(pvalue: Floats, fdr: float) -> Flags:
    """Mark what Benjamini-Hochberg marks; only the few small chances need to be sorted."""
    small = np.sort(pvalue[pvalue <= fdr])
    passed = np.flatnonzero(small <= fdr * np.arange(1, len(small) + 1) / pvalue.size)
    return pvalue <= (small[passed[-1]] if len(passed) else -1.0)


def mann_kendall(series: Floats) -> tuple[Floats, Floats]:
    """Test each row for a steady rise or fall, whatever its shape.

    Parameters
    ----------
    series
        A series per row, the latest value last; equal values are ties.

    Returns
    -------
    z, pvalue
        Standard score with continuity correction, and its two-sided normal chance, per row.

    References
    ----------
    Kendall, M. G. (1975). Rank correlation methods (4th ed.). Griffin. Variance with ties.
    """
    steps = series[:, None, :] - series[:, :, None]
    length = series.shape[1]
    later = np.triu(np.ones((length, length), dtype=bool), 1)
    s = np.sign(steps[:, later]).sum(axis=1)
    # Each value of a tie of t knows its t; summing (t-1)(2t+5) over values is t(t-1)(2t+5) a tie.
    tied = (steps == 0).sum(axis=2)
    ties = ((tied - 1) * (2 * tied + 5)).sum(axis=1)
    variance = (length * (length - 1) * (2 * length + 5) - ties) / 18
    z = np.divide(s - np.sign(s), np.sqrt(variance), out=np.zeros(len(s)), where=variance > 0)
    return z, 2 * ndtr(-np.abs(z))


def classify_patterns(is_hot: Flags, is_cold: Flags, direction: Floats) -> npt.NDArray[np.str_]:
    """Name the pattern of each row of significant bins.

    The definitions overlap in places; the first that holds is given, in the order in which they
    are published, hot before cold. Two readings are settled so: a cell that was hot in 90 % of
    the periods and is not in the last one is historical, not persistent; a cell that is hot for
    the first time is new even if it was cold before.

    Parameters
    ----------
    is_hot, is_cold
        Significant bins: cells in rows, periods in columns, the latest last.
    direction
        Of the significant trend of each cell's scores: 1 up, -1 down, 0 none.

    Returns
    -------
    pattern
        A key of `words.TREND` per cell; `none` everywhere below `LEAST_PERIODS` periods.
    """
    if is_hot.shape[1] < LEAST_PERIODS:
        return np.full(len(is_hot), NONE)
    hot, cold = _rules(is_hot, is_cold, direction), _rules(is_cold, is_hot, -direction)
    rules = {f"{name}_hot": rule for name, rule in hot.items()}
    rules |= {f"{name}_cold": rule for name, rule in cold.items()}
    return np.select(list(rules.values()), list(rules), NONE)


def _is_most(is_on: Flags) -> Flags:
    return np.asarray(is_on.sum(axis=1) * _MOST[1] >= is_on.shape[1] * _MOST[0])


def _rules(is_on: Flags, is_off: Flags, direction: Floats) -> dict[str, Flags]:
    """Say of each class whether a cell meets its definition; `is_on` is hot, or cold."""
    n, length = is_on.sum(axis=1), is_on.shape[1]
    is_last = is_on[:, -1]
    is_most = _is_most(is_on)
    # The final run: how many bins from the end until the first that is not on.
    run = np.where(is_on.all(axis=1), length, np.argmin(is_on[:, ::-1], axis=1))
    is_first_run = is_last & (run == n)
    is_again = is_last & ~is_most & ~is_first_run
    was_off = is_off[:, :-1].any(axis=1)
    return {
        "new": is_first_run & (run == 1),
        "consecutive": is_first_run & (run >= _SPELL) & ~is_most,
        "intensifying": is_last & is_most & (direction > 0),
        "persistent": is_last & is_most & (direction == 0),
        "diminishing": is_last & is_most & (direction < 0),
        "sporadic": is_again & ~was_off,
        "oscillating": is_again & was_off,
        "historical": ~is_last & is_most,
    }
