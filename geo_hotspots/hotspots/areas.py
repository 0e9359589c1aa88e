"""Which cells are truly hot: Gi* is shown, an exact count test decides.

The normal theory behind Gi* promises a tail that sparse counts do not have: at weekly counts it
marks a hot cell on nearly every map of pure noise. So the score is given for comparison with
other tools, and the decision is the exact Poisson tail of the ring's count, or the negative
binomial one where the cells differ more than Poisson allows, under a false discovery rate.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.stats import binomtest, chi2, false_discovery_control, nbinom, poisson

Floats = npt.NDArray[np.float64]

_OVERDISPERSED = 0.001  # level of the test that gives up Poisson
_LEFT_OUT = 0.05  # share of the cells that do not judge the spread
_TREND_LEVEL = 0.05
_TREND_DAYS = 28


def score_cells(
    n: pd.Series, share: pd.Series, neighbours: sparse.csr_array, *, fdr: float
) -> pd.DataFrame:
    """Score every cell of the study area against an even spread of the same cases.

    Parameters
    ----------
    n
        Cases per cell over the whole study area, zeros included.
    share
        Share of each cell inside the study area, indexed as `n`: an edge cell owes less.
    neighbours
        0/1 matrix of the cells within one step, each cell included in its own row.
    fdr
        Largest share of false cells among those called hot.

    Returns
    -------
    scores
        `expected` (cases of the cell under an even spread), `gistar`, `pvalue` (one-sided, of
        the ring's count), `qvalue` (Benjamini-Hochberg) and `is_hot`, indexed as `n`. A quiet
        cell beside a hot one is not hot: its own count must exceed what is expected of it.
    """
    counts = n.to_numpy(dtype=float)
    expected = counts.sum() * (share / share.sum()).to_numpy()
    near, near_expected = neighbours @ counts, neighbours @ expected
    size = _dispersion(counts, expected)
    pvalue = _tail(near, near_expected, size * np.asarray(neighbours.sum(axis=1), dtype=float))
    qvalue = false_discovery_control(pvalue) if len(pvalue) else pvalue
    is_hot = (qvalue <= fdr) & (counts > expected) & (near > near_expected)
    scores = {"expected": expected, "gistar": gistar(n, neighbours), "pvalue": pvalue,
              "qvalue": qvalue, "is_hot": is_hot}  # fmt: skip
    return pd.DataFrame(scores, index=n.index)


def gistar(n: pd.Series, neighbours: sparse.csr_array) -> pd.Series:
    """Compute the Getis-Ord Gi* of each cell as a standard score.

    Above zero, a cell and its neighbours hold more cases than the study area's mean leads one
    to expect; read it as a rank, not as a chance (see the module's head).

    Parameters
    ----------
    n
        Cases per cell over the whole study area, zeros included.
    neighbours
        0/1 matrix of the neighbours, each cell included in its own row.

    Returns
    -------
    gistar
        Standard scores, indexed as `n`; zero where there is nothing to compare with.

    References
    ----------
    Ord, J. K. & Getis, A. (1995). Local spatial autocorrelation statistics. Geographical
    Analysis, 27(4), 286-306. Equation 6 with binary weights.
    """
    counts = n.to_numpy(dtype=float)
    size = len(counts)
    near, degree = neighbours @ counts, np.asarray(neighbours.sum(axis=1), dtype=float)
    excess = near - (counts.mean() if size else 0.0) * degree
    room = (size * degree - degree**2) / max(size - 1, 1)
    spread = (counts.std() if size else 0.0) * np.sqrt(room.clip(min=0))
    scores = np.divide(excess, spread, out=np.zeros(size), where=spread > 0)
    return pd.Series(scores, index=n.index, name="gistar")


def _dispersion(counts: Floats, expected: Floats) -> float:
    """Give the size of the negative binomial that the counts call for, infinite for Poisson.

    Pearson's statistic tests for more spread than Poisson has; the size then comes from moments:
    variance = mean + mean² / size. The cells that differ most are left out of both, lest a
    hot cell excuse itself.
    """
    known = expected > 0
    counts, expected = counts[known], expected[known]
    pearson = (counts - expected) ** 2 / np.maximum(expected, 1e-12)
    plain = pearson <= np.quantile(pearson, 1 - _LEFT_OUT) if len(pearson) else known[:0]
    counts, expected = counts[plain], expected[plain]
    if len(counts) < 2:  # noqa: PLR2004 - one count has no spread
        return float("inf")
    excess = (counts - expected) ** 2
    if chi2.sf((excess / expected).sum(), len(counts) - 1) > _OVERDISPERSED:
        return float("inf")
    return float((expected**2).sum() / max((excess - expected).sum(), 1e-9))


def _tail(near: Floats, expected: Floats, size: Floats) -> Floats:
    """Give the chance of so many cases or more, given what is expected."""
    if not np.isfinite(size).all():
        return np.asarray(poisson.sf(near - 1, expected), dtype=float)
    mean = np.maximum(expected, 1e-12)
    return np.asarray(nbinom.sf(near - 1, size, size / (size + mean)), dtype=float)


def trend_of_cells(cases: pd.DataFrame, cells: pd.Index, *, as_of: pd.Timestamp) -> pd.Series:
    """Say whether each cell's last four weeks are above or below its own past.

    Given a cell's total, its recent part is binomial with the city's recent share, whatever the
    cell's own rate (the exact comparison of two Poisson counts), so a change that the whole city
    shares is no trend.

    Parameters
    ----------
    cases
        `cell` and `reported_at`.

    Returns
    -------
    trend
        `rising`, `falling` or `steady`, indexed by `cells`.
    """
    since = as_of.normalize() - pd.Timedelta(days=_TREND_DAYS - 1)
    is_recent = cases["reported_at"] >= since
    total = cases.groupby("cell").size().reindex(cells, fill_value=0)
    recent = cases[is_recent].groupby("cell").size().reindex(cells, fill_value=0)
    if not 0 < is_recent.sum() < len(cases):
        return pd.Series("steady", index=cells, name="trend")
    share = float(is_recent.mean())
    trend = pd.Series("steady", index=cells, name="trend")
    for cell in total.index[total > 0]:
        test = binomtest(int(recent[cell]), int(total[cell]), share)
        if test.pvalue < _TREND_LEVEL:
            trend[cell] = "rising" if test.statistic > share else "falling"
    return trend
