"""Reports that repeat the words of another of the day before: nobody's.

Words are private and most of a case, so they are read some hundred thousand reports at a time, of
cases near in time, and go no further.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz, process

from geo_hotspots.columns import number_rows
from geo_hotspots.hotspots.points.callers import follow_soon
from geo_hotspots.hotspots.points.piles import distinct_pairs

ECHO_HOURS = 24
_ALIKE = 90.0  # of 100: so alike are two tellings of one report
_TELLING = 12  # characters; a shorter text is a heading, not somebody's words
_FORM_SPOTS = 3  # words that are used at so many spots are a form's
_BACK = 8  # earlier reports that one is held against: bounds the work at a spot in uproar
_AT_ONCE = 200_000  # reports whose words are in memory together
_ECHO = np.timedelta64(ECHO_HOURS, "h")

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]


def follow_closely(cases: pd.DataFrame) -> pd.Series:
    """Say which cases have another of the same spot and group within `ECHO_HOURS`.

    Parameters
    ----------
    cases
        `spot`, `group`, `reported_at`.
    """
    place, at = number_rows(cases["spot"], cases["group"]), cases["reported_at"].to_numpy()
    place[cases["spot"].isna()] = -1
    first, second = follow_soon(place, at, _ECHO)
    is_close = np.zeros(len(cases), dtype=bool)
    is_close[first], is_close[second] = True, True
    return pd.Series(is_close & (place >= 0), cases.index)


def mark_echoes(cases: pd.DataFrame, recall: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Mark the reports that repeat another of the same spot and group within `ECHO_HOURS`.

    Only words that tell something count: of some length, and not used at many a spot, as the
    set phrases of a form are. Nearly the same is a normalised indel similarity of 90 % or more.
    Each report is held against the eight before it at its spot, so the work grows with the cases.

    Parameters
    ----------
    cases
        `case_key`, `spot`, `group`, `reported_at`.
    recall
        Gives what citizens wrote in cases by their keys, indexed as these; asked only about cases
        that `follow_closely`.

    Returns
    -------
    is_echo
        Of every case, indexed as `cases`; the first telling is none.
    """
    rows = np.flatnonzero(follow_closely(cases))
    rows = rows[np.argsort(cases["reported_at"].to_numpy()[rows], kind="stable")]
    near = cases[["case_key", "spot", "group", "reported_at"]]
    keys, is_few = near["case_key"], len(rows) <= _AT_ONCE
    words = recall(keys.iloc[rows]) if is_few else None

    def read(some: slice) -> pd.Series:
        return recall(keys.iloc[rows[some]]) if words is None else words.iloc[some]

    blocks = list(_near_in_time(cases["reported_at"].to_numpy()[rows]))
    digests = [np.zeros(0, np.uint64), *(_digest(read(slice(*new))) for _, new in blocks)]
    digest = np.concatenate(digests)
    is_form = _find_forms(digest, near["spot"].astype("category").cat.codes.to_numpy()[rows])
    is_echo = np.zeros(len(cases), dtype=bool)
    for begin, (start, end) in blocks:
        block = slice(begin, end)
        said = near.iloc[rows[block]].assign(words=read(block), is_form=is_form[block])
        found = _find_echoes(said[digest[block] > 0], rows[block][digest[block] > 0])
        is_echo[np.intersect1d(found, rows[start:end])] = True
    return pd.Series(is_echo, cases.index)


def _near_in_time(at: npt.NDArray[np.datetime64]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Cut times in order into blocks, and say for each where what it may repeat begins."""
    starts = np.unique(np.searchsorted(at, at[::_AT_ONCE]))
    begins = np.searchsorted(at, at[starts] - _ECHO)
    ends = [*starts[1:], len(at)][: len(starts)]
    for begin, start, end in zip(begins, starts, ends, strict=True):
        yield int(begin), (int(start), int(end))


def _digest(words: pd.Series) -> npt.NDArray[np.uint64]:
    """Give a number for words that tell something, and nought for others."""
    digest = pd.util.hash_pandas_object(words, index=False).to_numpy() | np.uint64(1)
    return np.where(words.str.len() >= _TELLING, digest, np.uint64(0))


def _find_forms(digest: npt.NDArray[np.uint64], spot: npt.NDArray[np.integer]) -> Flags:
    """Say which words are used at many a spot."""
    number = pd.factorize(digest)[0]
    used, _ = distinct_pairs(number, spot)
    is_form: Flags = np.bincount(used, minlength=1)[number] >= _FORM_SPOTS
    return is_form


def _find_echoes(said: pd.DataFrame, rows: Rows) -> Rows:
    """Give the rows of those that repeat another.

    Parameters
    ----------
    said
        `spot`, `group`, `reported_at`, `words`, `is_form`.
    rows
        Their numbers.
    """
    said = said.assign(row=rows)
    said = said.sort_values(["spot", "group", "reported_at", "words"], kind="stable")
    words_of, tellings = pd.factorize(said["words"])
    place, is_form = number_rows(said["spot"], said["group"]), said["is_form"].to_numpy()
    at = said["reported_at"].to_numpy()
    is_echo = np.zeros(len(said), dtype=bool)
    for back in range(1, min(_BACK, len(said) - 1) + 1):
        fits = (place[back:] == place[:-back]) & (at[back:] - at[:-back] <= _ECHO)
        later = np.flatnonzero(fits & ~is_form[back:] & ~is_form[:-back] & ~is_echo[back:]) + back
        is_echo[later] = _alike(tellings, words_of[later], words_of[later - back])
    found: Rows = said["row"].to_numpy()[is_echo]
    return found


def _alike(tellings: pd.Index, one: Rows, other: Rows) -> Flags:
    """Say which pairs of texts are nearly the same."""
    if len(one) == 0:
        return np.zeros(0, dtype=bool)
    found: npt.NDArray[np.float32] = process.cpdist(
        tellings[one].to_list(), tellings[other].to_list(), scorer=fuzz.ratio, score_cutoff=_ALIKE
    )
    return found > 0
