"""The memory of a pack: what earlier runs knew, in one DuckDB file beside their folders.

Every fact carries the day from which it was known, so that any past Monday can be rebuilt
exactly: `cases.cases_known(history, as_of)`. A run is one transaction, committed once its folder
is written and just before the folder gets its name; a killed run leaves the file as it was.
"""

from geo_hotspots.history.store import History, open_history, peek_history

__all__ = ["History", "open_history", "peek_history"]
