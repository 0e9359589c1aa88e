"""Rows that are not cases: without a usable time, or updated by a later row."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo_hotspots.cases.privacy import find_secrets
from geo_hotspots.cases.times import in_range, parse_times

_SHOWN = 30  # characters of a wrong time that a reason repeats


def read_reported(text: pd.Series, timezone: str, utc: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Give the time of each report, and what is wrong where there is none that can be used.

    Parameters
    ----------
    text
        The times as written.
    timezone, utc
        As for `parse_times`.

    Returns
    -------
    times, faults
        Of the rows: the time, and "missing", "time" (not one), "range" (1990 to 2100) or missing.
    """
    times = parse_times(text, timezone=timezone, utc=utc)
    faults = pd.Series(pd.NA, index=text.index, dtype="str")
    faults = faults.mask(in_range(times).isna(), "range")
    faults = faults.mask(times.isna(), "time").mask(text.isna(), "missing")
    return times, faults


def find_newer(clean: pd.DataFrame, *, usable: pd.Series, inexact: Sequence[str]) -> np.ndarray:
    """Give for each row the position of the last usable row of the same case, or -1.

    Where a spreadsheet has cut the digits of the ids, different cases look the same: there the
    time of the report must agree as well.
    """
    exact = ~clean["source"].isin(inexact)
    key = clean["case_id"].where(exact, clean["case_id"] + "|" + clean["reported_at"].fillna(""))
    codes, distinct = pd.factorize(key)
    last = np.full(len(distinct), -1)
    positions = np.flatnonzero(usable)
    np.maximum.at(last, codes[positions], positions)
    return last[codes]


def explain_rejected(
    clean: pd.DataFrame, faults: pd.Series, *, newer: np.ndarray, kept: np.ndarray
) -> pd.DataFrame:
    """Give the rows that are not cases, each with its reason in both languages.

    Parameters
    ----------
    clean
        Every row, as `clean_columns` gives it.
    faults, newer
        What `read_reported` and `find_newer` say of each.
    kept
        Which rows are cases.

    Returns
    -------
    rejected
        See `normalise_cases`.
    """
    out, faults = clean.loc[~kept, ["source", "row", "case_id", "reported_at"]], faults[~kept]
    by = clean[["source", "row"]].iloc[newer[~kept]]
    by = (by["source"] + "#" + by["row"].astype("str")).set_axis(out.index)
    shown = _shown(out["reported_at"])
    reasons = {
        "missing": ("来电时间为空", "there is no time of the report"),
        "time": ("来电时间不是时间:" + shown, "the time of the report is not a time: " + shown),
        "range": (
            "来电时间不在 1990 至 2100 年:" + shown,
            "the time of the report is not between 1990 and 2100: " + shown,
        ),
    }
    rejected = out[["source", "row", "case_id"]].assign(
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
