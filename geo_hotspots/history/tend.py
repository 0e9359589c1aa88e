"""Looking after a history: what is in it, taking it out, and deleting for good."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from geo_hotspots.history.cases import digest_key
from geo_hotspots.history.store import SETTINGS, History, create_tables, open_history
from geo_hotspots.history.tables import FACTS, PLACES, VERSION
from geo_hotspots.schema import TEXTS

# What an export carries; what names a person or is in their words only where it is asked for.
_EXPORTED = {
    "cases": ("case_key", *(n for n in (*FACTS, *PLACES) if n not in (*TEXTS, "caller"))),
    "told": ("case_key", "known_from"),
    "points": None,
    "members": None,
    "lineage": None,
    "runs": None,
    "rectifications": None,
    "visits": ("known_from", "hotspot_id", "day", "visited_at", "outcome", "source", "row"),
}


@dataclass(frozen=True)
class Info:
    """What is in a history."""

    pack: str
    version: int
    n_bytes: int
    n_cases: int
    n_versions: int
    first_day: date | None  # of the cases
    last_day: date | None
    n_runs: int
    first_run: date | None  # the day it counted up to
    last_run: date | None
    n_points: int
    n_rectifications: int
    n_visits: int
    n_forgotten: int


def describe(history: History) -> Info:
    """Count what is in a history."""
    (row,) = history.query(
        "SELECT (SELECT count(DISTINCT case_key) FROM cases) AS n_cases, "
        "(SELECT count(*) FROM cases) AS n_versions, "
        "(SELECT min(reported_at)::DATE FROM cases) AS first_day, "
        "(SELECT max(reported_at)::DATE FROM cases) AS last_day, "
        "(SELECT count(*) FROM runs) AS n_runs, (SELECT min(as_of) FROM runs) AS first_run, "
        "(SELECT max(as_of) FROM runs) AS last_run, "
        "(SELECT count(DISTINCT hotspot_id) FROM points) AS n_points, "
        "(SELECT count(*) FROM rectifications) AS n_rectifications, "
        "(SELECT count(*) FROM visits) AS n_visits, "
        "(SELECT count(*) FROM forgotten) AS n_forgotten"
    ).to_pylist()
    return Info(pack=history.pack, version=VERSION, n_bytes=history.path.stat().st_size, **row)


def export_tables(history: History, folder: Path, *, private: bool) -> None:
    """Write every table as Parquet; the salt is in none of them.

    Parameters
    ----------
    private
        Whether callers' hashes, complaint text and patrols' names and notes go with it.
    """
    for table, allowed in _EXPORTED.items():
        columns = "*" if private or allowed is None else ", ".join(f'"{c}"' for c in allowed)
        rows = history.query(f"SELECT {columns} FROM {table} ORDER BY ALL")
        pq.write_table(rows, folder / f"{table}.parquet")


def find_cases(
    history: History, *, case_ids: Sequence[str] = (), callers: Sequence[str] = ()
) -> list[str]:
    """Find the keys of the cases with these ids, or of callers with these hashes."""
    wanted = pd.DataFrame({"value": [*case_ids, *callers]}, dtype="str")
    wanted["is_id"] = [True] * len(case_ids) + [False] * len(callers)
    with history.showing(wanted=wanted):
        found = history.query(
            "SELECT DISTINCT case_key FROM cases JOIN wanted w "
            "ON w.value = CASE WHEN w.is_id THEN case_id ELSE caller END ORDER BY case_key"
        )
    keys: list[str] = found["case_key"].to_pylist()
    return keys


def forget_cases(path: Path, keys: Sequence[str]) -> None:
    """Delete cases for good: from every table, from the file's bytes, and from coming back.

    With a case go its text's match and the points that no other case was part of, with what was
    reported of them. The file is written anew without them and put in the old one's place, so
    that nothing of them is left in it, and nothing half done by who is killed meanwhile.

    Raises
    ------
    HistoryError
        The history cannot be read, or the new file not be written; the old one is as it was.
    """
    part = path.with_name(f".{path.name}.part-{os.getpid()}")
    try:
        with open_history(path, pack=None, salt=b"") as history:
            _delete(history, keys)  # not committed: the old file stays as it is until replaced
            _copy(history, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _delete(history: History, keys: Sequence[str]) -> None:
    gone = pd.DataFrame({"case_key": pd.Series(keys, dtype="str")})
    with history.showing(gone=gone):
        for sentence in _FORGET:
            history.write(sentence)
    digests = [(digest_key(key, salt=history.salt),) for key in keys]
    history.connection.executemany("INSERT INTO forgotten VALUES (?)", digests)


_ORPHANS = """
    SELECT hotspot_id FROM members GROUP BY hotspot_id
    HAVING bool_and(case_key IN (SELECT case_key FROM gone))
"""
_GONE = "SELECT case_key FROM gone"
_FORGET = (
    *(f"DELETE FROM {table} WHERE hotspot_id IN ({_ORPHANS})" for table in
      ("points", "lineage", "visits", "rectifications")),
    f"DELETE FROM lineage WHERE parent_id IN ({_ORPHANS})",
    f"DELETE FROM matches WHERE inputs IN (SELECT inputs FROM cases WHERE case_key IN ({_GONE}))",
    *(f"DELETE FROM {table} WHERE case_key IN ({_GONE})" for table in ("members", "told", "cases")),
)  # fmt: skip


def _copy(history: History, path: Path) -> None:
    """Write what the history holds this moment into a new file."""
    new = duckdb.connect(str(path), config=SETTINGS)
    try:
        new.begin()
        for table in create_tables(new):
            rows = history.connection.sql(f"FROM {table}").to_arrow_reader(100_000)
            new.register("rows", rows)
            new.execute(f"INSERT INTO {table} FROM rows")
            new.unregister("rows")
        new.commit()
    finally:
        new.close()
