"""Which cells are truly hot: Gi* is shown, an exact count test decides.

The normal theory behind Gi* promises a tail that sparse counts do not have: at weekly counts it
marks a hot cell on nearly every map of pure noise. So the score is given for comparison with
other tools, and the decision is the exact Poisson tail of the ring's count, or the negative
binomial one where counts jump more from week to week than Poisson allows, under a false
discovery rate.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.special import ndtr

from geo_hotspots.hotspots.areas.tails import adjust_chances, upper_tail

Floats = npt.NDArray[np.float64]

_OVERDISPERSED = 0.05  # level of the test that gives up Poisson
_OWN_LEVEL = 0.05  # of a cell's own count, once its ring is found


class Moran(NamedTuple):
    """How alike neighbouring cells are: I, what chance expects of it, and its standard score."""

    i: float
    expected: float
    z: float


def score_cells(
    n: pd.Series,
    share: pd.Series,
    neighbours: sparse.csr_array,
    *,
    fdr: float,
    inflation: float = 1.0,
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
    inflation
        How many times more a count varies than a Poisson one, as `weekly_inflation` finds it;
        above 1 the tail is that of a negative binomial.

    Returns
    -------
    scores
        `expected` (cases of the cell under an even spread), `gistar`, `pvalue` (one-sided, of
        the ring's count), `qvalue` (Benjamini-Hochberg) and `is_hot`, indexed as `n`. A quiet
        cell beside a hot one is not hot: its own count must be beyond chance too (5 %).
    """
    scores = score_counts(
        n.to_numpy(dtype=float), share.to_numpy(), neighbours, fdr=fdr, inflation=inflation
    )
    return pd.DataFrame(scores, index=n.index)


def score_counts(
    n: npt.NDArray[Any], share: Floats, neighbours: sparse.csr_array, *, fdr: float,
    inflation: float = 1.0,
) -> dict[str, npt.NDArray[Any]]:  # fmt: skip
    """Score cells as `score_cells` does, over plain columns."""
    counts = n.astype(float)
    expected = counts.sum() * (share / share.sum())
    near, near_expected = neighbours @ counts, neighbours @ expected
    pvalue = upper_tail(near, near_expected, inflated_size(near_expected, inflation))
    own = upper_tail(counts, expected, inflated_size(expected, inflation))
    qvalue = adjust_chances(pvalue)
    is_hot = (qvalue <= fdr) & (own <= _OWN_LEVEL)
    return {
        "expected": expected, "gistar": gistar(counts, neighbours), "pvalue": pvalue,
        "qvalue": qvalue, "is_hot": is_hot,
    }  # fmt: skip


def inflated_size(mean: Floats, inflation: float) -> Floats:
    """Give the size of the negative binomial with variance = `inflation` * `mean`."""
    size = np.full(mean.shape, np.inf)
    np.divide(mean, inflation - 1, out=size, where=(mean > 0) & (inflation > 1))
    return size


def gistar(counts: Floats, neighbours: sparse.csr_array) -> Floats:
    """Compute the Getis-Ord Gi* of each cell as a standard score.

    Above zero, a cell and its neighbours hold more cases than the study area's mean leads one
    to expect; read it as a rank, not as a chance (see the module's head).

    Parameters
    ----------
    counts
        Cases per cell over the whole study area, zeros included; a column per period where
        there are several.
    neighbours
        0/1 matrix of the neighbours, each cell included in its own row.

    Returns
    -------
    gistar
        Standard scores, shaped as `counts`; zero where there is nothing to compare with.

    References
    ----------
    Ord, J. K. & Getis, A. (1995). Local spatial autocorrelation statistics. Geographical
    Analysis, 27(4), 286-306. Equation 6 with binary weights.
    """
    size = len(counts)
    if not size:
        return counts.astype(float)
    degree = np.asarray(neighbours.sum(axis=1), dtype=float).reshape(-1, *[1] * (counts.ndim - 1))
    excess = neighbours @ counts - counts.mean(axis=0) * degree
    room = (size * degree - degree**2) / max(size - 1, 1)
    spread = counts.std(axis=0) * np.sqrt(room.clip(min=0))
    scores: Floats = np.divide(excess, spread, out=np.zeros(counts.shape), where=spread > 0)
    return scores


def gistar_of_layers(counts: sparse.csr_array, neighbours: sparse.csr_array) -> sparse.csr_array:
    """Compute Gi* of thousands of layers at once, such as every category in every week.

    Most rings of such a layer are empty, and alike: what they score follows from the layer's mean
    alone. So only rings that hold a case are given.

    Parameters
    ----------
    counts
        Cases per cell (rows) and layer (columns).
    neighbours
        0/1 matrix of the neighbours, each cell included in its own row.

    Returns
    -------
    gistar
        Standard scores, where the ring of a cell holds a case; as `gistar` gives them.
    """
    near, size = (neighbours @ counts).tocsr(), counts.shape[0]
    mean = np.asarray(counts.sum(axis=0)) / size
    squares = np.asarray((counts * counts).sum(axis=0)) / size
    spread = np.sqrt(np.maximum(squares - mean**2, 0))
    degree = np.asarray(neighbours.sum(axis=1), dtype=float)
    room = np.sqrt(((size * degree - degree**2) / max(size - 1, 1)).clip(min=0))
    row, layer = np.repeat(np.arange(size), np.diff(near.indptr)), near.indices
    excess, scale = near.data - mean[layer] * degree[row], spread[layer] * room[row]
    scores = np.divide(excess, scale, out=np.zeros(len(excess)), where=scale > 0)
    return sparse.csr_array((scores, layer, near.indptr), shape=near.shape)


def moran(counts: Floats, neighbours: sparse.csr_array) -> Moran:
    """Compute Moran's I of the whole study area: how much cells resemble their neighbours.

    Near 0 the cases lie as if thrown at random, near 1 dense cells lie beside dense ones.

    Parameters
    ----------
    counts
        Cases per cell, zeros included.
    neighbours
        0/1 matrix of the neighbours; that a cell is in its own row is passed over.

    Returns
    -------
    moran
        `i`, its expectation and its standard score under random shuffling of the counts; not a
        number where all counts are equal.

    References
    ----------
    Cliff, A. D. & Ord, J. K. (1981). Spatial processes: models and applications. Pion.
    Equations 1.44 and 2.37 (randomisation).
    """
    weights = (neighbours - sparse.diags_array(neighbours.diagonal())).tocsr()
    size, off = len(counts), counts - counts.mean()
    total, squares = float(weights.sum()), float((off**2).sum())
    if squares == 0 or total == 0:
        return Moran(float("nan"), float("nan"), float("nan"))
    i = size / total * float(off @ (weights @ off)) / squares
    expected = -1 / (size - 1)
    s1 = 2 * total  # of symmetric 0/1 weights: half the sum of (w + w)²
    s2 = 4 * float((np.asarray(weights.sum(axis=1)) ** 2).sum())
    kurtosis = size * float((off**4).sum()) / squares**2
    plain = size * ((size**2 - 3 * size + 3) * s1 - size * s2 + 3 * total**2)
    peaked = kurtosis * ((size**2 - size) * s1 - 2 * size * s2 + 6 * total**2)
    variance = (plain - peaked) / ((size - 1) * (size - 2) * (size - 3) * total**2) - expected**2
    return Moran(i, expected, (i - expected) / float(np.sqrt(variance)))


def weekly_inflation(weekly: Floats, neighbours: sparse.csr_array) -> float:
    """Say how many times more a ring's weeks vary than Poisson counts would; 1 where they do not.

    That places differ is what the map is to show, and no reason to doubt a count. That a place's
    own weeks jump (one incident, many calls) is. So the weeks of each cell are held against its
    own total and the city's weeks: the total of Pearson's statistics has a known mean and
    variance under chance (Haldane 1937). Where it is beyond them, the factor comes from the pairs
    of cases that share a ring and a week, beyond those that the ring's total leads one to expect.
    They are added up before they are divided, since a ring of one case can show no excess, and a
    mean of such rings makes it too small where cases are few; a busy ring counts as its root, lest
    one decide for the city.

    Parameters
    ----------
    weekly
        Cases per cell (rows) and week (columns).
    neighbours
        0/1 matrix of the cells within one step, each cell included in its own row.

    References
    ----------
    Haldane, J. B. S. (1937). The exact value of the moments of the distribution of chi-squared,
    used as a test of goodness of fit, when expectations are small. Biometrika, 29(1/2), 133-143.
    McCullagh, P. & Nelder, J. A. (1989). Generalized linear models (2nd ed.), section 4.5.
    """
    weekly = weekly[:, weekly.any(axis=0)]
    totals, weeks = weekly.sum(axis=1), weekly.shape[1]
    totals = totals[totals > 0]
    if weeks < 2 or len(totals) < 2:  # noqa: PLR2004 - nothing to compare
        return 1.0
    share = weekly.sum(axis=0) / totals.sum()
    mean = len(totals) * (weeks - 1)
    variance = 2 * (weeks - 1) * (1 - 1 / totals).sum()
    variance += ((1 / share).sum() - weeks**2) * (1 / totals).sum()
    excess = _pearson(weekly, share).sum() - mean
    if variance <= 0 or ndtr(-excess / np.sqrt(variance)) > _OVERDISPERSED:
        return 1.0
    rings = neighbours @ weekly
    near = rings.sum(axis=1)
    pairs = (rings * (rings - 1) / share).sum(axis=1) - near * (near - 1)
    weight = 1 / (near + near[near > 0].mean())
    return max(1.0, 1 + float(weight @ pairs / (weight @ near) / (weeks - 1)))


def _pearson(weekly: Floats, share: Floats) -> Floats:
    """Hold each row that has cases against its own total, spread over the weeks by `share`."""
    weekly = weekly[weekly.any(axis=1)]
    expected = weekly.sum(axis=1, keepdims=True) * share
    return np.asarray(((weekly - expected) ** 2 / expected).sum(axis=1))
