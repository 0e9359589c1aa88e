"""Rows that are not cases: without a usable time, or updated by a later row."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from geo_hotspots.cases.privacy import find_secrets
from geo_hotspots.cases.times import in_range

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
        "missing", "time" (not one), "range" (1990 to 2100) or missing.
    """
    faults = pd.Series(pd.NA, index=times.index, dtype="str")
    faults[in_range(times).isna()] = "missing"
    faults[unread.index] = faults[unread.index].where(faults[unread.index].isna(), "range")
    wordless = unread.index[times[unread.index].isna()]
    faults[wordless] = "time"
    return faults


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
    codes, distinct = pd.factorize(key)
    last = np.full(len(distinct), -1)
    positions = np.flatnonzero(usable)
    np.maximum.at(last, codes[positions], positions)
    return last[codes]


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
