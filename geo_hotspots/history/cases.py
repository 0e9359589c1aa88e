"""Cases over time: what each run was told of them, and where it placed them.

What is known of a case on a day is what was told last, up to that day. A version of a case that
is told again is kept once.
"""

from collections.abc import Sequence
from datetime import date
from hashlib import blake2b

import numpy as np
import pandas as pd
import pyarrow as pa

from geo_hotspots.history.store import History
from geo_hotspots.history.tables import FACTS, MATCH_INPUTS, PLACES
from geo_hotspots.schema import ANALYSED, FEW_WORDS, PLACED, TEXTS

_KNOWN = """
    SELECT case_key, arg_max(digest, known_from) AS digest FROM told
    WHERE known_from <= ? GROUP BY case_key
"""
_KNOWN_OF_ASKED = _KNOWN.replace("WHERE", "SEMI JOIN asked USING (case_key) WHERE")


def recall_matches(history: History, cases: pd.DataFrame, *, matched_by: str) -> pd.DataFrame:
    """Give where the texts alone place those cases whose texts were matched before.

    Parameters
    ----------
    cases
        Cases with `MATCH_INPUTS`.
    matched_by
        What matches texts: pack, version and language, in one word.

    Returns
    -------
    by_text
        `PLACED` columns, indexed as `cases`, of the recalled ones only.
    """
    asked = pd.DataFrame({"inputs": _digest(cases, MATCH_INPUTS), "nth": np.arange(len(cases))})
    columns = ", ".join(f'"{name}"' for name in PLACED.columns)
    with history.showing(asked=asked):
        found = history.query(
            f"SELECT nth, {columns} FROM matches JOIN asked USING (inputs) WHERE matched_by = ? "
            "ORDER BY nth",
            matched_by,
        )
    by_text = as_frame(found)
    return by_text.drop(columns="nth").set_axis(cases.index[by_text["nth"]])


def keep_matches(
    history: History, cases: pd.DataFrame, by_text: pd.DataFrame, *, matched_by: str
) -> None:
    """Keep where texts place cases, in place of what another pack or version made of texts.

    Parameters
    ----------
    cases, by_text
        Cases with `MATCH_INPUTS`, and `PLACED` columns on the same index.
    """
    found = by_text[[*PLACED.columns]].assign(
        inputs=_digest(cases, MATCH_INPUTS), matched_by=matched_by
    )
    columns = ", ".join(f'"{name}"' for name in found)
    with history.showing(found=found.drop_duplicates("inputs")):
        history.write("DELETE FROM matches WHERE matched_by <> ?", matched_by)
        history.write(
            f"INSERT INTO matches ({columns}) SELECT {columns} FROM found "
            "ANTI JOIN matches USING (inputs)"
        )


def merge_cases(history: History, placed: pd.DataFrame, *, as_of: date, placed_by: str) -> None:
    """Note what a run as of a day was told of cases, and where it placed them.

    What an earlier run as of the same day was told of them is replaced; a case that was deleted
    for good stays deleted.

    Parameters
    ----------
    placed
        Cases with `case_key`, `FACTS` and `PLACES`.
    placed_by
        What placed them: pack, settings and version, in one word.
    """
    said = placed[["case_key", *FACTS, *PLACES]].assign(
        digest=_digest(placed, [*FACTS, *PLACES]), inputs=_digest(placed, MATCH_INPUTS),
        placed_by=placed_by,
    )  # fmt: skip
    said = said[~is_forgotten(history, placed["case_key"])]
    columns = ", ".join(f'"{name}"' for name in said)
    with history.showing(said=said):
        history.write(_FORGET_TOLD, as_of)
        history.write(_TELL, as_of)
        history.write(_CONFIRM)
        history.write(_SAY.format(columns))
        history.write(_DROP)


_FORGET_TOLD = "DELETE FROM told WHERE known_from = ? AND case_key IN (SELECT case_key FROM said)"
_TELL = "INSERT INTO told SELECT case_key, ?, digest FROM said"
_SAY = "INSERT INTO cases ({0}) SELECT {0} FROM said ANTI JOIN cases USING (case_key, digest)"
# Placed anew, to the same place: the version stands, and is not asked again.
_CONFIRM = """
    UPDATE cases c SET placed_by = s.placed_by FROM said s
    WHERE c.case_key = s.case_key AND c.digest = s.digest AND c.placed_by <> s.placed_by
"""
# What was told as of the same day before, and is told no more.
_DROP = """
    DELETE FROM cases c USING said s WHERE c.case_key = s.case_key AND NOT EXISTS (
        SELECT 1 FROM told t WHERE t.case_key = c.case_key AND t.digest = c.digest
    )
"""


def cases_known(history: History, as_of: date, *, since: date = date.min) -> pd.DataFrame:
    """Give every case as it was known at the end of a day.

    Parameters
    ----------
    as_of
        What runs up to this day were told; cases reported later may be among it.
    since
        The first day of report that is looked at.

    Returns
    -------
    cases
        `ANALYSED` but for `TEXTS`, `FEW_WORDS` of the kind "category"; in order of time and key.
    """
    wanted = [name for name in ANALYSED if name not in TEXTS]
    for name in FEW_WORDS:
        history.write(_NAME_WORDS.format(name))
    columns = [f'"{n}"::words_of_{n} AS "{n}"' if n in FEW_WORDS else f'"{n}"' for n in wanted]
    found = history.query(
        f"SELECT {', '.join(columns)} FROM cases SEMI JOIN ({_KNOWN}) "
        "USING (case_key, digest) WHERE reported_at >= ? ORDER BY reported_at, case_key",
        as_of,
        since,
    )
    return as_frame(found)


# Sorted as pandas sorts names, so that whoever groups by them gets one order.
_NAME_WORDS = """
    CREATE OR REPLACE TEMP TYPE words_of_{0} AS ENUM (
        SELECT DISTINCT "{0}" FROM cases WHERE "{0}" IS NOT NULL ORDER BY 1
    )
"""


def words_known(history: History, as_of: date, keys: pd.Series) -> pd.Series:
    """Give what citizens wrote in some cases, as it was known at the end of a day.

    Parameters
    ----------
    keys
        `case_key` of the cases.

    Returns
    -------
    content
        Indexed as `keys`.
    """
    with history.showing(asked=keys.rename("case_key").to_frame()):
        found = history.query(
            "SELECT case_key, content FROM cases "
            f"JOIN ({_KNOWN_OF_ASKED}) USING (case_key, digest)",
            as_of,
        )
    content = as_frame(found).set_index("case_key")["content"].astype("str")
    return content.reindex(keys).set_axis(keys.index)


def cases_stale(history: History, as_of: date, *, placed_by: str) -> pd.DataFrame:
    """Give the cases known at the end of a day that something else than `placed_by` placed.

    Returns
    -------
    cases
        `case_key` and `FACTS`, ready to be placed anew, in order of time and key.
    """
    names = ", ".join(f'"{name}"' for name in FACTS)
    found = history.query(_STALE.format(names), placed_by, as_of, placed_by)
    return as_frame(found)


# What is known of all others need not be asked: mostly there are none.
_STALE = f"""
    WITH asked AS (SELECT DISTINCT case_key FROM cases WHERE placed_by <> ?)
    SELECT case_key, {{0}} FROM cases SEMI JOIN ({_KNOWN_OF_ASKED}) USING (case_key, digest)
    WHERE placed_by <> ? ORDER BY reported_at, case_key
"""


def as_frame(table: pa.Table) -> pd.DataFrame:
    """Make a frame of the kinds that stages use: text `str`, flags that may be missing."""
    frame: pd.DataFrame = table.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
    return frame


def _digest(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Hash each row's columns; equal rows have equal hashes, in every run."""
    rows = frame[list(columns)].reset_index(drop=True)
    times = rows.select_dtypes("datetime").columns
    rows = rows.astype(dict.fromkeys(times, "datetime64[us]"))
    return pd.util.hash_pandas_object(rows, index=False).set_axis(frame.index)


def is_forgotten(history: History, keys: pd.Series) -> pd.Series:
    """Say which cases were deleted for good, indexed as `keys`."""
    gone = set(history.query("SELECT digest FROM forgotten")["digest"].to_pylist())
    if not gone:
        return pd.Series(data=False, index=keys.index)
    return keys.map(lambda key: digest_key(key, salt=history.salt) in gone).astype(bool)


def digest_key(key: str, *, salt: bytes) -> bytes:
    """Hash a case's key so that it can be known again and not read."""
    return blake2b(key.encode("utf-8", "replace"), key=blake2b(salt).digest()).digest()
