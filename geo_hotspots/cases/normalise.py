"""From text as read to cases: every row a case, or given back with a reason."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo_hotspots.cases.categories import CATEGORY_LEVELS, split_categories
from geo_hotspots.cases.clean import clean_columns, clean_text, note_cuts
from geo_hotspots.cases.degrees import parse_degrees
from geo_hotspots.cases.flags import parse_flags
from geo_hotspots.cases.privacy import hash_callers, strike_numbers
from geo_hotspots.cases.rejected import explain_rejected, find_newer, judge_reported
from geo_hotspots.cases.sheet import ROWS_AT_ONCE
from geo_hotspots.cases.times import in_range, parse_times
from geo_hotspots.columns import give_back_memory, lay_end_to_end
from geo_hotspots.schema import CASES, RAW, TEXTS
from geo_hotspots.shelf import lay_aside
from geo_hotspots.spread import read_ahead
from geo_hotspots.words import Words

_AS_WRITTEN = ("source", "row", "case_id", "caller", "department", "channel", *CATEGORY_LEVELS)
_AREAS = ("district", "street", "community")
_TIMES = ("reported_at", "closed_at", "replied_at", "due_at")
_FLAGS = ("responded", "resolved", "satisfied")
_SHARED = ("source", "department", "channel", *CATEGORY_LEVELS, *(f"{n}_given" for n in _AREAS))
_ASIDE = (*TEXTS, "caller")  # most of what a case weighs, and looked at once or twice


@dataclass(frozen=True)
class _Piece:
    """Rows made into cases as far as that can be done without those of other pieces.

    Attributes
    ----------
    columns
        Those of `schema.CASES`, categories as written, for every row.
    unread
        For each time the texts that tell none, or one that only the whole column tells.
    unknown
        For each answer the rows whose word is neither yes nor no.
    cut
        For each column, where cells were too long: `source` and `row`.
    """

    columns: dict[str, pd.Series]
    unread: dict[str, pd.Series]
    unknown: dict[str, pd.Index]
    cut: dict[str, pd.DataFrame]


def normalise_cases(
    pieces: Iterable[pd.DataFrame], *, timezone: str, salt: bytes
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn rows of text into cases; give the others back with a reason.

    Every row is in exactly one of the two frames, under the index that it is read with.

    Parameters
    ----------
    pieces
        Rows as `read_pieces` gives them, with their `attrs` where there are any.
    timezone
        The pack's time zone, such as Asia/Shanghai. Times that name another (Z, +08:00), or stand
        under a header that says UTC, are converted; all others are local already.
    salt
        The key of the callers' hashes.

    Returns
    -------
    cases
        A frame that keeps `schema.CASES`; what few words are said of many rows is of the kind
        "category". `attrs` are those of the last piece, and among its `notes` what was cut or
        left out here.
    rejected
        `source, row, case_id, status, reason_zh, reason_en`; `status` is "rejected" (no usable
        time) or "superseded" (a later usable row has the same case id).
    """
    said: dict[Any, Any] = {}
    done: list[_Piece] = []

    def texts() -> Iterator[pd.DataFrame]:
        for raw in read_ahead(pieces):
            said.update(raw.attrs)
            piece = normalise_piece(RAW.check(raw), timezone=timezone, salt=salt)
            done.append(piece)
            yield pd.DataFrame({name: piece.columns.pop(name) for name in _ASIDE})
            give_back_memory()

    aside = lay_aside(texts())
    cases, rejected = _put_together(done, aside, said, timezone)
    return CASES.check(cases), rejected


def normalise_piece(raw: pd.DataFrame, *, timezone: str, salt: bytes) -> _Piece:
    """Turn the rows of a piece into cases, as far as they can be without the others."""
    raw = raw.assign(caller=hash_callers(clean_text(raw["caller"]), salt=salt))
    clean, cut = clean_columns(raw)
    if clean["case_id"].isna().any():
        place = clean["source"] + "#" + clean["row"].astype("str")
        clean["case_id"] = clean["case_id"].fillna(place)
    columns = {name: clean[name] for name in _AS_WRITTEN}
    columns |= {name: strike_numbers(clean[name]) for name in TEXTS}
    columns |= {f"{name}_given": clean[name] for name in _AREAS}
    columns |= {f"{name}_given": parse_degrees(clean[name]) for name in ("lng", "lat")}
    unread = {}
    for name in _TIMES:
        utc = _is_utc(raw["source"], name, raw.attrs)
        times = parse_times(clean[name], timezone=timezone, utc=utc, is_whole=False)
        columns[name] = in_range(times)
        unread[name] = clean[name][columns[name].isna() & clean[name].notna()]
    unknown = {}
    for name in _FLAGS:
        columns[name], is_unknown = parse_flags(clean[name])
        unknown[name] = raw.index[is_unknown]
    columns |= {name: columns[name].astype("category") for name in _SHARED}
    return _Piece(columns, unread, unknown, cut)


def _is_utc(source: pd.Series, name: str, said: dict[Any, Any]) -> pd.Series:
    """Say which rows come from a file whose header for `name` says UTC."""
    return source.isin(said.get("utc_columns", {}).get(name, ()))


def _put_together(
    pieces: list[_Piece], aside: pd.DataFrame, said: dict[Any, Any], timezone: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lay the pieces end to end; settle what needs whole columns; part cases from other rows."""
    columns = {
        name: lay_end_to_end([piece.columns.pop(name) for piece in pieces])
        for name in [*pieces[0].columns]
    }
    unread = {name: pd.concat([piece.unread[name] for piece in pieces]) for name in _TIMES}
    for name, text in unread.items():
        if len(text):
            utc = _is_utc(columns["source"][text.index], name, said)
            times = parse_times(text, timezone=timezone, utc=utc)
            columns[name] = times.reindex(columns[name].index).fillna(columns[name])
    faults = judge_reported(columns["reported_at"], unread["reported_at"])
    for name in _TIMES:
        columns[name] = in_range(columns[name])
    newer = find_newer(columns, usable=faults.isna(), inexact=said.get("inexact_ids", ()))
    kept = faults.isna().to_numpy() & (newer == np.arange(len(faults)))
    rejected = explain_rejected(columns, unread["reported_at"], faults, newer=newer, kept=kept)
    if not kept.all():
        index = faults.index[kept]  # one for all: for each its own would weigh as much as it
        columns = {name: pd.Series(columns.pop(name).array[kept], index) for name in [*columns]}
        aside = lay_aside(_kept_parts(aside, kept))
    written = pd.DataFrame({name: columns.pop(name) for name in CATEGORY_LEVELS}, copy=False)
    columns |= split_categories(written)
    columns |= {name: aside[name] for name in _ASIDE}
    cases = pd.DataFrame({name: columns[name] for name in CASES.columns}, copy=False)
    cases.attrs.update(said)
    cases.attrs["notes"] = (*said.get("notes", ()), *_notes(pieces, rejected.index))
    return cases, rejected


def _kept_parts(frame: pd.DataFrame, kept: np.ndarray) -> Iterator[pd.DataFrame]:
    """Give the rows that are kept, some at a time."""
    for at in range(0, len(frame), ROWS_AT_ONCE):
        part = slice(at, at + ROWS_AT_ONCE)
        yield frame.iloc[part][kept[part]]


def _notes(pieces: list[_Piece], rejected: pd.Index) -> Iterator[Words]:
    """Say what was cut or could not be read."""
    yield from note_cuts([piece.cut for piece in pieces])
    for name in _FLAGS:
        n = sum((~piece.unknown[name].isin(rejected)).sum() for piece in pieces)
        if n:
            yield _unread_flags(name, int(n))


def _unread_flags(name: str, n: int) -> Words:
    return Words(
        f"{name} 列有 {n} 个值既不是“是”也不是“否”，按未回访处理",
        f"column {name}: {n} values are neither yes nor no and count as not asked",
    )
