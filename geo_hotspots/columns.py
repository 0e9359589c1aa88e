"""Columns in little memory: words of many rows are kept once, and pieces laid end to end."""

import ctypes
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.types import union_categoricals

Codes = npt.NDArray[np.integer]
Numbers = npt.NDArray[np.int32]
_MOST_NUMBERS = 2**62


def share_words(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Make columns of text a number for each row, and its distinct words once, in order."""
    return frame.astype(dict.fromkeys((name for name in names if name in frame), "category"))


def may_match(text: pd.Series, pattern: str) -> bool:
    """Say whether a pattern may match any text of a column, by one look at all letters at once.

    They are looked at as one text, a fifth of the work of looking at each. A pattern may match
    where two texts meet, and one that asks where a text begins or ends cannot be looked for.
    """
    column = pa.array(text, pa.large_string())
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return any(map(partial(_may_match, pattern=pattern), chunks))


def _may_match(texts: pa.LargeStringArray, pattern: str) -> bool:
    _, ends, letters = texts.buffers()
    if letters is None:
        return False
    ends = np.frombuffer(ends, np.int64)[[texts.offset, texts.offset + len(texts)]]
    whole = pa.LargeStringArray.from_buffers(1, pa.py_buffer(ends), letters)
    return bool(pc.match_substring_regex(whole, pattern)[0].as_py())


def first_bytes(texts: pa.LargeStringArray) -> npt.NDArray[np.uint8]:
    """Give the first byte of each text, in UTF-8; 0 where there is none."""
    if not texts.nbytes:
        return np.zeros(len(texts), dtype=np.uint8)
    _, ends, letters = texts.buffers()
    ends = np.frombuffer(ends, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    letters = np.frombuffer(letters or b"\0", np.uint8)
    first: npt.NDArray[np.uint8] = letters[np.minimum(ends[:-1], len(letters) - 1)]
    first[ends[1:] == ends[:-1]] = 0
    return first


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


def name_numbers(numbers: Codes, words: pd.Index) -> pd.Categorical:
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


def number_rows(*columns: pd.Series | Codes) -> npt.NDArray[np.int64]:
    """Give equal rows one number, in the order of the columns' words; what is missing comes first.

    Parameters
    ----------
    columns
        Words, or numbers from -1 on, which is missing. Two numbers need not follow each other.
    """
    number, n = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        if isinstance(column, pd.Series):
            words = column.astype("category").cat
            codes, size = words.codes.to_numpy(), len(words.categories) + 1
        else:
            codes, size = column, int(column.max(initial=-1)) + 2
        if n * size > _MOST_NUMBERS:  # too many to be told by a number: those that occur are few
            number = np.unique(number, return_inverse=True)[1]
            n = int(number.max(initial=0)) + 1
        number *= size
        number += codes
        number += 1
        n *= size
    return number


def sort_rows(*columns: pd.Series | Codes) -> tuple[Numbers, Numbers]:
    """Put equal rows together, in the order of the columns' words, and in their own order within.

    Numbers of what a row says and of its place, in one, are sorted faster and in less memory than
    places are.

    Parameters
    ----------
    columns
        As for `number_rows`.

    Returns
    -------
    order, number
        Which row stands where, and the number of what it says, from 0 without a gap.
    """
    n = len(columns[0]) + 1
    key = number_rows(*columns, np.arange(n - 1, dtype=np.int32))
    key.sort()
    said, is_next = key // n, np.zeros(n - 1, dtype=bool)
    np.not_equal(said[1:], said[:-1], out=is_next[1:])
    del said  # eight bytes a row, of millions
    key %= n
    key -= 1
    return key.astype(np.int32), np.cumsum(is_next, dtype=np.int32)


def lay_at(column: pd.Series, rows: npt.NDArray[np.intp], index: pd.Index) -> pd.Series:
    """Lay a column at some rows of an index, by their places; missing in the others.

    As `reindex` does by labels, without a table of these, which would be four times as large.
    """
    at = np.full(len(index), -1)
    at[rows] = np.arange(len(rows))
    laid = pd.api.extensions.take(column.array, at, allow_fill=True)
    return pd.Series(laid, index, name=column.name)


def plain_values(column: pd.Series) -> list[Any]:
    """Give values as Python has them, None where one is missing."""
    pairs = zip(column.tolist(), column.isna().tolist(), strict=True)
    return [None if is_missing else value for value, is_missing in pairs]


def hold_once(frame: pd.DataFrame, name: str, other: str) -> pd.DataFrame:
    """Let two columns that say the same in every row lie in one piece of memory."""
    return frame.assign(**{name: frame[other]}) if frame[name].equals(frame[other]) else frame


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
        whole = union_categoricals([*map(_with_text, parts)], sort_categories=True)
        return pd.Series(whole, index, name=parts[0].name)
    laid: pd.Series = pd.concat(parts, ignore_index=True).set_axis(index)
    return laid


def _with_text(column: pd.Series) -> pd.Categorical:
    """Make the words of a column text; where there are none they may be of any kind."""
    words = column.cat.categories.astype("str")
    return pd.Categorical.from_codes(column.cat.codes.to_numpy(), words, validate=False)


def give_back_memory() -> None:
    """Give the system what freed columns held; Arrow and the C library keep it for others to come.

    Pieces leave holes between what is kept of them, which would grow as large as that.
    """
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc alone
        if trim:
            trim(0)
