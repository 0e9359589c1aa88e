"""How unlikely a count is: exact tails of the Poisson and the negative binomial distribution.

Written over the incomplete gamma and beta functions, which take whole matrices of cells and
weeks at once.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, gammainc, gammaincc

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
