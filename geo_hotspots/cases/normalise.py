"""From text as read to cases: every row a case, or given back with a reason."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from geo_hotspots.cases.categories import CATEGORY_LEVELS, split_categories
from geo_hotspots.cases.clean import clean_columns
from geo_hotspots.cases.degrees import parse_degrees
from geo_hotspots.cases.flags import parse_flags
from geo_hotspots.cases.privacy import hash_callers, strike_numbers
from geo_hotspots.cases.rejected import explain_rejected, find_newer, read_reported
from geo_hotspots.cases.times import in_range, parse_times
from geo_hotspots.schema import CASES, RAW, TEXTS
from geo_hotspots.words import Words

_AS_WRITTEN = (
    "source", "row", "case_id", "department", "channel",
)  # fmt: skip
_TIMES = ("closed_at", "replied_at", "due_at")
Take = Callable[[str], pd.Series]


def normalise_cases(
    raw: pd.DataFrame, *, timezone: str, salt: bytes
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn rows of text into cases; give the others back with a reason.

    Every row of `raw` is in exactly one of the two frames, under the index that it has there.

    Parameters
    ----------
    raw
        Rows as `read_cases` gives them, with its `attrs` where there are any.
    timezone
        The pack's time zone, such as Asia/Shanghai. Times that name another (Z, +08:00), or stand
        under a header that says UTC, are converted; all others are local already.
    salt
        The key of the callers' hashes.

    Returns
    -------
    cases
        A frame that keeps `schema.CASES`. `attrs["notes"]` holds the reader's notes and what was
        cut or left out here.
    rejected
        `source, row, case_id, status, reason_zh, reason_en`; `status` is "rejected" (no usable
        time) or "superseded" (a later usable row has the same case id).
    """
    clean, notes = clean_columns(RAW.check(raw))
    clean["case_id"] = clean["case_id"].fillna(clean["source"] + "#" + clean["row"].astype("str"))
    reported_at, faults = read_reported(clean["reported_at"], timezone, _utc(raw, "reported_at"))
    newer = find_newer(clean, usable=faults.isna(), inexact=raw.attrs.get("inexact_ids", ()))
    kept = faults.isna().to_numpy() & (newer == np.arange(len(raw)))

    utc = {name: _utc(raw, name)[kept] for name in _TIMES}
    rejected = explain_rejected(clean, faults, newer=newer, kept=kept)

    def take(name: str) -> pd.Series:  # what is made into a column of the contract goes
        column: pd.Series = clean.pop(name)[kept]
        return column

    columns = {"reported_at": reported_at[kept], **_columns(take, salt=salt)}
    columns |= {name: _times(take(name), timezone, utc[name]) for name in _TIMES}
    answers, flag_notes = _answers(take)
    cases = pd.DataFrame(columns | answers, index=raw.index[kept])
    cases.attrs["notes"] = (*raw.attrs.get("notes", ()), *notes, *flag_notes)
    return CASES.check(cases[[*CASES.columns]]), rejected


def _utc(raw: pd.DataFrame, name: str) -> pd.Series:
    """Say which rows come from a file whose header for `name` says UTC."""
    return raw["source"].isin(raw.attrs.get("utc_columns", {}).get(name, ()))


def _columns(take: Take, *, salt: bytes) -> dict[str, pd.Series]:
    """Give the columns of the contract that are neither times nor answers."""
    columns = {name: take(name) for name in _AS_WRITTEN}
    columns |= {name: strike_numbers(take(name)) for name in TEXTS}
    columns |= {f"{name}_given": take(name) for name in ("district", "street", "community")}
    columns |= {f"{name}_given": parse_degrees(take(name)) for name in ("lng", "lat")}
    columns |= split_categories(pd.DataFrame({name: take(name) for name in CATEGORY_LEVELS}))
    columns["caller"] = hash_callers(take("caller"), salt=salt)
    return columns


def _times(text: pd.Series, timezone: str, utc: pd.Series) -> pd.Series:
    """Read a time that a case may lack; one that cannot be is as good as missing."""
    return in_range(parse_times(text, timezone=timezone, utc=utc))


def _answers(take: Take) -> tuple[dict[str, pd.Series], list[Words]]:
    """Read what callers said when they were asked, and note what was neither yes nor no."""
    answers, notes = {}, []
    for name in ("responded", "resolved", "satisfied"):
        answers[name], n_unknown = parse_flags(take(name))
        if n_unknown:
            notes.append(_unread_flags(name, n_unknown))
    return answers, notes


def _unread_flags(name: str, n: int) -> Words:
    return Words(
        f"{name} 列有 {n} 个值既不是“是”也不是“否”，按未回访处理",
        f"column {name}: {n} values are neither yes nor no and count as not asked",
    )
