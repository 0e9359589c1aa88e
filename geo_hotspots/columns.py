"""Columns in little memory: words of many rows are kept once, and pieces laid end to end."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import union_categoricals


def share_words(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Make columns of text a number for each row, and its distinct words once, in order."""
    return frame.astype(dict.fromkeys((name for name in names if name in frame), "category"))


def number_names(column: pd.Series) -> pd.Series:
    """Make names that are only told apart, and never read again, a number each.

    Returns
    -------
    numbers
        Of the kind "category", whose words are whole numbers, which take no memory; missing
        where the name is.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, names = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, names = pd.factorize(column)
    numbers = pd.Categorical.from_codes(codes, pd.RangeIndex(len(names)), validate=False)
    return pd.Series(numbers, column.index, name=column.name)


def name_numbers(numbers: npt.NDArray[np.integer], words: pd.Index) -> pd.Categorical:
    """Lay a column of words that are known by their numbers, -1 where it has none.

    Parameters
    ----------
    words
        In any order, a word perhaps more than once; what no row has is left out.
    """
    used = np.flatnonzero(np.bincount(numbers + 1, minlength=len(words) + 1)[1:])
    codes, distinct = pd.factorize(words[used], sort=True)
    number = np.full(len(words) + 1, -1, dtype=np.int32)
    number[used] = codes
    return pd.Categorical.from_codes(number[numbers], distinct, validate=False)


def hold_once(frame: pd.DataFrame, name: str, other: str) -> pd.DataFrame:
    """Let two columns that say the same in every row lie in one piece of memory."""
    return frame.assign(**{name: frame[other]}) if frame[name].equals(frame[other]) else frame


def lay_end_to_end(parts: Sequence[pd.Series]) -> pd.Series:
    """Put the pieces of a column together; words that are shared stay so, in order.

    Parameters
    ----------
    parts
        At least one, all of one kind.
    """
    if len(parts) == 1:
        return parts[0]
    if all(isinstance(part.dtype, pd.CategoricalDtype) for part in parts):
        index = parts[0].index.append([part.index for part in parts[1:]])
        whole = union_categoricals([*parts], sort_categories=True)
        return pd.Series(whole, index, name=parts[0].name)
    laid: pd.Series = pd.concat(parts)
    return laid
