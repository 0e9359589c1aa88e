"""Coordinates that stand for many places: a platform's default point, the middle of a compound."""

import numpy as np
import numpy.typing as npt
import pandas as pd

PILE_KEYS = 3  # addresses on one metre: a platform's default point, or the middle of a compound
_PILE_GROUPS = 6  # kinds of trouble on one metre, without an address ...
_PILE_SHARE = 0.5  # ... and of all kinds in the file

Codes = npt.NDArray[np.integer]
Flags = npt.NDArray[np.bool_]


def find_piles(cases: pd.DataFrame) -> pd.Series:
    """Find coordinates that stand for many places: default points, and middles of areas.

    A coordinate (to a metre) is a pile where three or more addresses share it. Where cases name
    no address, it is one where half of all kinds of trouble meet on one metre, six at least.

    Returns
    -------
    is_pile
        Indexed as `cases`.
    """
    metre, group = number_metres(cases), cases["group"].astype("category")
    key = cases["place_key"].astype("category").cat.codes.to_numpy()
    is_keyed = key >= 0
    n_labels = _count_kinds(metre[is_keyed], key[is_keyed])
    n_kinds = _count_kinds(metre[~is_keyed], group.cat.codes.to_numpy()[~is_keyed])
    most = max(_PILE_GROUPS, _PILE_SHARE * group.nunique())
    piles = np.zeros(int(metre.max(initial=-1)) + 1, dtype=bool)
    piles[: len(n_labels)] |= n_labels >= PILE_KEYS
    piles[: len(n_kinds)] |= n_kinds >= most
    return pd.Series(piles[metre], cases.index) & cases["lng"].notna()


def number_metres(cases: pd.DataFrame) -> Codes:
    """Give a number to the square metre that each case lies on."""
    metre = _round(cases["lng"])
    metre *= 100_000_000
    metre += _round(cases["lat"])
    numbers: Codes = pd.factorize(metre)[0].astype(np.int32)
    return numbers


def _round(degrees: pd.Series) -> npt.NDArray[np.int64]:
    rounded: npt.NDArray[np.int64] = (degrees.fillna(0) * 1e5).round().to_numpy(np.int64)
    return rounded


def _count_kinds(at: Codes, kind: Codes) -> npt.NDArray[np.int64]:
    """Count the different kinds at each place, of which what is missing (-1) is one."""
    places, _ = distinct_pairs(at, kind)
    return np.bincount(places).astype(np.int64)


def distinct_pairs(one: Codes, other: Codes) -> tuple[Codes, Codes]:
    """Give the pairs of two columns of numbers from -1 on, each pair once."""
    n = int(other.max(initial=-1)) + 2
    pairs = pd.unique(one * np.int64(n) + other + 1)
    return pairs // n, pairs % n - 1


def only_partner(one: Codes, other: Codes, n: int) -> Codes:
    """Give, for each of `n` numbers, its partner in `other`; -1 where it has none, or several."""
    mine, partner = distinct_pairs(one, other)
    has_one = np.bincount(mine, minlength=n)[mine] == 1
    only = np.full(n, -1, dtype=np.int32)
    only[mine[has_one]] = partner[has_one]
    return only
