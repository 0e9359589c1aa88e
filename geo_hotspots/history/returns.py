"""What came back from the streets: patrol visits and rectifications, as they were written."""

from datetime import date

import pandas as pd

from geo_hotspots.history.cases import as_frame
from geo_hotspots.history.store import History

RECTIFICATIONS = ("hotspot_id", "name", "category", "day", "what", "who", "source", "row")
VISITS = (
    "hotspot_id", "day", "visited_at", "outcome", "inspector", "note", "source", "row",
)  # fmt: skip


def rectifications_known(history: History, as_of: date) -> pd.DataFrame:
    """Give the lines of the register known at the end of a day: `RECTIFICATIONS`."""
    return _known(history, "rectifications", RECTIFICATIONS, as_of)


def visits_known(history: History, as_of: date) -> pd.DataFrame:
    """Give the patrol visits known at the end of a day: `VISITS`."""
    return _known(history, "visits", VISITS, as_of)


def _known(history: History, table: str, columns: tuple[str, ...], as_of: date) -> pd.DataFrame:
    names = ", ".join("day::TIMESTAMP AS day" if name == "day" else name for name in columns)
    found = history.query(
        f"SELECT {names} FROM {table} WHERE known_from <= ? ORDER BY known_from, source, row",
        as_of,
    )
    return as_frame(found)
