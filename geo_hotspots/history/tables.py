"""The tables of a history, and how older files are brought up to date.

A fact carries the day from which it was known (`known_from`, `as_of`): the day up to which the run
counted that was told it, never the clock's. A run repeated replaces what it noted the first time;
no run touches what another day's run noted.
"""

from geo_hotspots.schema import CASES, PLACED, TEXTS

# Where a row stood and why a case lies where it lies belong to the ledger; all else is kept.
FACTS = {name: kind for name, kind in CASES.columns.items() if name not in ("source", "row")}
PLACES = {n: k for n, k in PLACED.columns.items() if n != "explanation"} | {"cell": "text"}
# What the match of a case's text depends on, the gazetteer aside.
MATCH_INPUTS = (*TEXTS, "street_given")

_TYPES = {"text": "VARCHAR", "number": "DOUBLE", "time": "TIMESTAMP", "flag": "BOOLEAN"}
_COLUMNS = ", ".join(f'"{name}" {_TYPES[kind]}' for name, kind in (FACTS | PLACES).items())
_MATCHED = ", ".join(f'"{name}" {_TYPES[kind]}' for name, kind in PLACED.columns.items())

# What was said of a case, each version once: digest is of all its facts and places, inputs of
# `MATCH_INPUTS`, placed_by names pack, settings and version that placed it. When it was said
# stands beside it: what was known on a day is what was told last.
_CASES = f"""CREATE TABLE cases (
    case_key VARCHAR, digest UBIGINT, inputs UBIGINT, placed_by VARCHAR, {_COLUMNS}
)"""
_TOLD = "CREATE TABLE told (case_key VARCHAR, known_from DATE, digest UBIGINT)"

# Where texts alone place a case, by one pack in one language, so that no text is matched twice.
_MATCHES = f"CREATE TABLE matches (inputs UBIGINT, matched_by VARCHAR, {_MATCHED})"

# Cases deleted for good: keyed hashes of their keys, which are never kept again.
_FORGOTTEN = "CREATE TABLE forgotten (digest BLOB)"

# Which point a case belonged to when the run as of `known_from` listed that point.
_MEMBERS = "CREATE TABLE members (case_key VARCHAR, known_from DATE, hotspot_id VARCHAR)"

# Every point of every run; those hidden for privacy have no name and no rank.
_POINTS = """CREATE TABLE points (
    as_of DATE, hotspot_id VARCHAR, spot VARCHAR, "group" VARCHAR, lng DOUBLE, lat DOUBLE,
    name VARCHAR, kind VARCHAR, lifecycle VARCHAR, n BIGINT, n_callers BIGINT, rank BIGINT,
    score DOUBLE, priority DOUBLE
)"""

# What became of points between runs; see `identity.Named`.
_LINEAGE = "CREATE TABLE lineage (as_of DATE, hotspot_id VARCHAR, parent_id VARCHAR, kind VARCHAR)"

_RUNS = """CREATE TABLE runs (
    as_of DATE, kind VARCHAR, label VARCHAR, first_day DATE, last_day DATE, version VARCHAR,
    pack_hash VARCHAR, inputs VARCHAR, n_read BIGINT, n_known BIGINT
)"""

# As the register has it; each run links the lines anew, to the points of its day.
_RECTIFICATIONS = """CREATE TABLE rectifications (
    known_from DATE, hotspot_id VARCHAR, name VARCHAR, category VARCHAR, day DATE, what VARCHAR,
    who VARCHAR, source VARCHAR, row BIGINT
)"""

# As the sheet has it (visited_at, outcome, inspector, note), and the day that we read of it.
_VISITS = """CREATE TABLE visits (
    known_from DATE, hotspot_id VARCHAR, day DATE, visited_at VARCHAR, outcome VARCHAR,
    inspector VARCHAR, note VARCHAR, source VARCHAR, row BIGINT
)"""

_META = "CREATE TABLE meta (name VARCHAR, value BLOB)"

_FIRST = (
    _META, _CASES, _TOLD, _MATCHES, _FORGOTTEN, _MEMBERS, _POINTS, _LINEAGE, _RUNS,
    _RECTIFICATIONS, _VISITS,
)  # fmt: skip

# Migration i takes a file of version i to version i + 1; the first makes an empty file ours.
MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST,)
VERSION = len(MIGRATIONS)
