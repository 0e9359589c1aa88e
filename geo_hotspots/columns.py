"""Columns in little memory: words of many rows are kept once, and pieces laid end to end."""

import ctypes
import sys
from collections.abc import Iterable, Sequence

import pandas as pd
import pyarrow as pa
from pandas.api.types import union_categoricals


def share_words(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Make columns of text a number for each row, and its distinct words once, in order."""
    return frame.astype(dict.fromkeys((name for name in names if name in frame), "category"))


def lay_end_to_end(parts: Sequence[pd.Series], index: pd.Index | None = None) -> pd.Series:
    """Put the pieces of a column together; words that are shared stay so, in order.

    Parameters
    ----------
    parts
        At least one, all of one kind.
    index
        Of the whole, where there is one that other columns have; else one is made.
    """
    if len(parts) == 1:
        return parts[0]
    if index is None:
        index = parts[0].index.append([part.index for part in parts[1:]])
    if all(isinstance(part.dtype, pd.CategoricalDtype) for part in parts):
        whole = union_categoricals([*parts], sort_categories=True)
        return pd.Series(whole, index, name=parts[0].name)
    laid: pd.Series = pd.concat(parts, ignore_index=True).set_axis(index)
    return laid


def give_back_memory() -> None:
    """Give the system what freed columns held; Arrow and the C library keep it for others to come.

    Pieces leave holes between what is kept of them, which would grow as large as that.
    """
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc alone
        if trim:
            trim(0)
