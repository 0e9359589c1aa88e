"""What came back from the streets: patrol visits and rectifications, as they were written."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from geo_hotspots.history.cases import as_frame
from geo_hotspots.history.store import History

RECTIFICATIONS = ("hotspot_id", "name", "category", "day", "what", "who", "source", "row")
VISITS = (
    "hotspot_id", "day", "visited_at", "outcome", "inspector", "note", "source", "row",
)  # fmt: skip

_COLUMNS = {"rectifications": RECTIFICATIONS, "visits": VISITS}
# By what a line is known again, and what it says; where it stood does not matter.
_KEYS = {
    "rectifications": ("hotspot_id", "name", "category", "day"),
    "visits": ("hotspot_id", "day", "visited_at"),
}
_SAYS = {"rectifications": ("what", "who"), "visits": ("outcome", "inspector", "note")}


@dataclass(frozen=True)
class Kept:
    """What became of lines that came back."""

    n_new: int
    n_changed: int  # said otherwise before
    n_same: int
    n_twice: int  # said again further down; the last word counts


def keep_returns(history: History, table: str, lines: pd.DataFrame, *, known_from: date) -> Kept:
    """Keep what came back; what is known already is not kept twice.

    Parameters
    ----------
    table
        "rectifications" or "visits".
    lines
        `RECTIFICATIONS` or `VISITS`.
    known_from
        The first day whose run knows of it.
    """
    keys, says = _KEYS[table], _SAYS[table]
    about = " AND ".join(f"k.{name} IS NOT DISTINCT FROM l.{name}" for name in keys)
    same = " AND ".join(f"k.{name} IS NOT DISTINCT FROM l.{name}" for name in says)
    columns = ", ".join(_COLUMNS[table])
    shown = lines[list(_COLUMNS[table])].drop_duplicates(list(keys), keep="last")
    with history.showing(lines=shown):
        known = history.query(f"SELECT {same} AS same FROM lines l JOIN {table} k ON {about}")[
            "same"
        ].to_pylist()
        history.write(f"DELETE FROM {table} k USING lines l WHERE {about} AND NOT ({same})")
        history.write(
            f"INSERT INTO {table} (known_from, {columns}) SELECT ?, {columns} FROM lines l "
            f"WHERE NOT EXISTS (SELECT 1 FROM {table} k WHERE {about})",
            known_from,
        )
    n_new, n_twice = len(shown) - len(known), len(lines) - len(shown)
    return Kept(n_new, known.count(False), known.count(True), n_twice)


def rectifications_known(history: History, as_of: date) -> pd.DataFrame:
    """Give the lines of the register known at the end of a day: `RECTIFICATIONS`."""
    return _known(history, "rectifications", as_of)


def visits_known(history: History, as_of: date) -> pd.DataFrame:
    """Give the patrol visits known at the end of a day: `VISITS`."""
    return _known(history, "visits", as_of)


def _known(history: History, table: str, as_of: date) -> pd.DataFrame:
    names = ", ".join(
        "day::TIMESTAMP AS day" if name == "day" else name for name in _COLUMNS[table]
    )
    found = history.query(
        f"SELECT {names} FROM {table} WHERE known_from <= ? ORDER BY known_from, source, row",
        as_of,
    )
    return as_frame(found)
