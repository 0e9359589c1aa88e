"""Rows that are not cases: without a usable time, or updated by a later row."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from geo_hotspots.cases.privacy import find_secrets
from geo_hotspots.cases.times import in_range

_FAULTS = pd.Index(["missing", "time", "range"], dtype="str")  # none, not one, 1990 to 2100
_SHOWN = 30  # characters of a wrong time that a reason repeats


def judge_reported(times: pd.Series, unread: pd.Series) -> pd.Series:
    """Say what is wrong with the time of a report where it cannot be used.

    Parameters
    ----------
    times
        Of every row, missing where none could be read.
    unread
        What is written where at first no time could be read, or none that can be one.

    Returns
    -------
    faults
        One of `_FAULTS` or missing, of the kind "category".
    """
    missing, time, beyond = range(len(_FAULTS))
    code = np.where(in_range(times).isna(), missing, -1).astype(np.int8)
    at = times.index.get_indexer(unread.index)
    code[at[code[at] >= 0]] = beyond
    code[at[times.iloc[at].isna().to_numpy()]] = time
    return pd.Series(pd.Categorical.from_codes(code, _FAULTS), times.index)


def find_newer(
    columns: Mapping[str, pd.Series], *, usable: pd.Series, inexact: Sequence[str]
) -> np.ndarray:
    """Give for each row the position of the last usable row of the same case, or -1.

    Where a spreadsheet has cut the digits of the ids, different cases look the same: there the
    time of the report must agree as well.
    """
    key, cut = columns["case_id"], columns["source"].isin(inexact)
    if cut.any():
        key = key.mask(cut, key + "|" + columns["reported_at"].astype("str").fillna(""))
    newer, is_usable = np.full(len(key), -1), usable.to_numpy(dtype=bool)
    for rows in _ending_alike(key):  # some at a time: a table of all ids would outweigh them
        codes, distinct = pd.factorize(key.iloc[rows])
        last = np.full(len(distinct), -1)
        np.maximum.at(last, codes[is_usable[rows]], rows[is_usable[rows]])
        newer[rows] = last[codes]
    return newer


def _ending_alike(key: pd.Series) -> list[np.ndarray]:
    """Part rows by the last character of their ids."""
    ending = pd.factorize(key.str[-1:])[0]
    order = np.argsort(ending, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(ending[order])) + 1)


def explain_rejected(
    columns: Mapping[str, pd.Series], unread: pd.Series, faults: pd.Series, *,
    newer: np.ndarray, kept: np.ndarray,
) -> pd.DataFrame:  # fmt: skip
    """Give the rows that are not cases, each with its reason in both languages.

    Parameters
    ----------
    columns
        `source`, `row` and `case_id` of every row.
    unread
        As for `judge_reported`.
    faults, newer
        What `judge_reported` and `find_newer` say of each.
    kept
        Which rows are cases.

    Returns
    -------
    rejected
        See `normalise_cases`.
    """
    named = ("source", "row", "case_id")
    out = pd.DataFrame({name: columns[name][~kept] for name in named}).astype({"source": "str"})
    faults = faults[~kept]
    where = [columns[name].iloc[newer[~kept]].astype("str") for name in named[:2]]
    by = (where[0] + "#" + where[1]).set_axis(out.index)
    shown = _shown(unread.reindex(out.index))
    reasons = {
        "missing": ("来电时间为空", "there is no time of the report"),
        "time": ("来电时间不是时间:" + shown, "the time of the report is not a time: " + shown),
        "range": (
            "来电时间不在 1990 至 2100 年:" + shown,
            "the time of the report is not between 1990 and 2100: " + shown,
        ),
    }
    rejected = out.assign(
        status=np.where(faults.isna(), "superseded", "rejected"),
        reason_zh="同一工单在后面有更新:" + by,
        reason_en="a later row updates the same case: " + by,
    )
    for fault, (zh, en) in reasons.items():
        rejected["reason_zh"] = rejected["reason_zh"].mask(faults == fault, zh)
        rejected["reason_en"] = rejected["reason_en"].mask(faults == fault, en)
    return rejected.astype({"status": "str"})


def _shown(text: pd.Series) -> pd.Series:
    """Give a wrong time as a reason may repeat it: the ledger leaves, a caller's words do not."""
    is_plain = text.str.fullmatch(rf"[\d\s:/.+\-年月日时分秒点TZ]{{1,{_SHOWN}}}", na=False)
    is_plain &= ~text.index.isin(find_secrets(text[is_plain]).index)
    return text.where(is_plain, "***").astype("str")
