"""How unlikely a count is: exact tails of the Poisson and (negative) binomial distributions.

Written over the incomplete gamma and beta functions, which take whole matrices of cells and
weeks at once. scipy.stats knows the same, and costs every start half a second.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaincc, gammainc, gammaincc

Floats = npt.NDArray[np.float64]


def upper_tail(n: Floats, mean: Floats, size: Floats | float = np.inf) -> Floats:
    """Give the chance of `n` cases or more.

    Parameters
    ----------
    n
        Whole counts from zero on.
    mean
        What is expected; where nothing is, any case is impossible.
    size
        Of the negative binomial: variance = mean + mean² / size; infinite for Poisson. The
        three broadcast.
    """
    n, mean, size = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (n, mean, size)))
    chance = np.ones(n.shape)
    some = n > 0  # most cells of most weeks are empty, and the functions are slow
    n, mean, size = n[some], mean[some], size[some]
    plain = np.isinf(size)
    finite = np.where(plain, 1.0, size)
    chance[some] = np.where(plain, gammainc(n, mean), betainc(n, finite, mean / (finite + mean)))
    return chance


def lower_tail(n: Floats, mean: Floats, size: Floats | float = np.inf) -> Floats:
    """Give the chance of `n` cases or fewer; parameters as for `upper_tail`."""
    n, mean, size = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (n, mean, size)))
    plain = np.isinf(size)
    finite = np.where(plain, 1.0, size)
    poisson, negative = gammaincc(n + 1, mean), betainc(finite, n + 1, finite / (finite + mean))
    return np.asarray(np.where(plain, poisson, negative), dtype=float)


def at_least(n: npt.ArrayLike, of: npt.ArrayLike, share: Floats | float) -> Floats:
    """Give the binomial's chance of `n` or more `of` so many, each with a chance of `share`."""
    n, of = np.asarray(n, dtype=float), np.asarray(of, dtype=float)
    return np.where(n <= 0, 1.0, betainc(np.maximum(n, 1), of - n + 1, share))


def at_most(n: npt.ArrayLike, of: npt.ArrayLike, share: Floats | float) -> Floats:
    """Give the binomial's chance of `n` or fewer; parameters as for `at_least`."""
    n, of = np.asarray(n, dtype=float), np.asarray(of, dtype=float)
    return np.where(n >= of, 1.0, betaincc(n + 1, np.maximum(of - n, 1), share))


def adjust_chances(pvalue: npt.ArrayLike) -> Floats:
    """Give the false discovery rate at which each test passes (Benjamini & Hochberg 1995)."""
    chance = np.asarray(pvalue, dtype=float)
    order = np.argsort(chance)
    rate = chance[order] * (len(order) / np.arange(1, len(order) + 1))
    qvalue = np.empty(len(order))
    qvalue[order] = np.minimum.accumulate(rate[::-1])[::-1].clip(0.0, 1.0)
    return qvalue
