"""Which of some pairs of spot and group a case is of, without a name being read per case."""

import numpy as np
import numpy.typing as npt
import pandas as pd

Rows = npt.NDArray[np.int32]


def find_rows(pairs: pd.DataFrame, spot: pd.Series, group: pd.Series | str) -> Rows:
    """Find, for each case, the row of `pairs` that has its spot and its group.

    Parameters
    ----------
    pairs
        `spot` (may be missing) and `group`, each pair once.
    spot, group
        Of the cases; one group may stand for that of all.

    Returns
    -------
    row
        Counted from 0, -1 where no pair is the case's.
    """
    spots, groups = (pd.Index(pairs[name].dropna().unique()) for name in ("spot", "group"))
    found = np.full(len(spot), -1, dtype=np.int32)
    where = _find_words(spots, spot)
    known = np.flatnonzero(where >= 0)  # mostly few
    about = np.full(len(known), -1)
    if isinstance(group, pd.Series):
        about = _find_words(groups, group.iloc[known])
    elif group in groups:
        about = np.full(len(known), groups.get_loc(group))
    key = spots.get_indexer(pairs["spot"]) * len(groups) + groups.get_indexer(pairs["group"])
    key[pairs["spot"].isna()] = -1
    order = np.argsort(key)
    asked = np.where(about >= 0, where[known] * np.int64(len(groups)) + about, -2)
    at = np.minimum(np.searchsorted(key[order], asked), len(key) - 1)
    is_met = key[order][at] == asked if len(key) else np.zeros(len(asked), dtype=bool)
    found[known[is_met]] = order[at[is_met]]
    return found


def _find_words(words: pd.Index, column: pd.Series) -> Rows:
    """Find the place among `words` of what each row says, -1 where it is none of them."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return words.get_indexer(pd.Index(column)).astype(np.int32)
    at = np.append(words.get_indexer(column.cat.categories), -1).astype(np.int32)
    places: Rows = at[column.cat.codes]
    return places
