"""Points over time: what each run listed, what it was made of, and what became of it."""

from datetime import date

import pandas as pd

from geo_hotspots.history.cases import as_frame
from geo_hotspots.history.store import History

POINT_COLUMNS = (
    "hotspot_id", "spot", "group", "lng", "lat", "name", "kind", "lifecycle", "n", "n_callers",
    "rank", "score", "priority",
)  # fmt: skip


def keep_points(
    history: History, points: pd.DataFrame, members: pd.DataFrame, lineage: pd.DataFrame, *,
    as_of: date,
) -> None:  # fmt: skip
    """Note the points of a run, in place of what an earlier run as of the same day found.

    Parameters
    ----------
    points
        `POINT_COLUMNS` of every listed point; those hidden for privacy have no rank and no name.
    members
        `case_key`, `hotspot_id` of every case that is part of one.
    lineage
        As `identity.name_points` gives it.
    """
    for table, day in (("points", "as_of"), ("lineage", "as_of"), ("members", "known_from")):
        history.write(f"DELETE FROM {table} WHERE {day} = ?", as_of)
    columns = ", ".join(f'"{name}"' for name in POINT_COLUMNS)
    with history.showing(found=points[list(POINT_COLUMNS)], parted=members, traced=lineage):
        history.write(
            f"INSERT INTO points (as_of, {columns}) SELECT ?, {columns} FROM found",
            as_of,
        )
        history.write(
            "INSERT INTO lineage SELECT ?, hotspot_id, parent_id, kind FROM traced", as_of
        )
        history.write(
            "INSERT INTO members SELECT case_key, ?, hotspot_id FROM parted p WHERE NOT EXISTS ("
            f"SELECT 1 FROM ({_MEMBERS}) m "
            "WHERE m.case_key = p.case_key AND m.hotspot_id = p.hotspot_id)",
            as_of, as_of,
        )  # fmt: skip


# Up to the day before: a run repeated finds what the first one found.
_MEMBERS = """
    SELECT case_key, arg_max(hotspot_id, known_from) AS hotspot_id FROM members
    WHERE known_from < ? GROUP BY case_key
"""


def keys_before(history: History, as_of: date) -> pd.DataFrame:
    """Give every key that a point was listed under before a day; see `identity.Known`."""
    found = history.query(
        'SELECT hotspot_id, spot, "group", arg_max(lng, as_of) AS lng, arg_max(lat, as_of) AS lat, '
        "max(as_of)::TIMESTAMP AS as_of FROM points WHERE as_of < ? "
        'GROUP BY hotspot_id, spot, "group" ORDER BY hotspot_id, spot, "group"',
        as_of,
    )
    return as_frame(found)


def members_before(history: History, as_of: date) -> pd.Series:
    """Give the point that each case last belonged to before a day, by `case_key`."""
    found = as_frame(history.query(f"{_MEMBERS} ORDER BY case_key", as_of))
    members: pd.Series = found.set_index("case_key")["hotspot_id"]
    return members


def listed_before(history: History, as_of: date) -> pd.DataFrame:
    """Give the lists of earlier runs: as_of, hotspot_id, kind, lifecycle, category, rank, ….

    A row for each point shown, in order of day and rank.
    """
    found = history.query(
        "SELECT as_of::TIMESTAMP AS as_of, hotspot_id, kind, lifecycle, "
        '"group" AS category, rank, score, priority FROM points '
        "WHERE as_of < ? AND rank IS NOT NULL ORDER BY as_of, kind = 'single_caller', rank",
        as_of,
    )
    return as_frame(found)


def names_before(history: History, as_of: date) -> pd.DataFrame:
    """Give what points were called on lists before a day: `hotspot_id`, `name`, `group`."""
    found = history.query(
        'SELECT DISTINCT hotspot_id, name, "group" FROM points '
        "WHERE as_of < ? AND rank IS NOT NULL ORDER BY ALL",
        as_of,
    )
    return as_frame(found)


def keep_run(history: History, run: dict[str, object], *, as_of: date) -> None:
    """Note a run, in place of an earlier one of the same day and kind.

    Parameters
    ----------
    run
        `kind`, `label`, `first_day`, `last_day`, `version`, `pack_hash`, `inputs` (names and
        hashes, JSON), `n_read`, `n_known`.
    """
    history.write("DELETE FROM runs WHERE as_of = ? AND kind = ?", as_of, run["kind"])
    columns = ", ".join(run)
    marks = ", ".join("?" * len(run))
    history.write(
        f"INSERT INTO runs (as_of, {columns}) VALUES (?, {marks})",
        as_of,
        *run.values(),
    )


def runs_before(history: History, as_of: date) -> pd.DataFrame:
    """Give the runs before a day: `as_of`, `kind`, `label`, `first_day`, `last_day`."""
    found = history.query(
        "SELECT as_of::TIMESTAMP AS as_of, kind, label, first_day::TIMESTAMP AS first_day, "
        "last_day::TIMESTAMP AS last_day FROM runs WHERE as_of < ? ORDER BY as_of, kind",
        as_of,
    )
    return as_frame(found)
