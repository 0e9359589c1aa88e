"""The places of a gazetteer as a table, and as arrays of numbers."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.schema import LEVELS

AREAS = ("community", "street")

ENTRY_COLUMNS = (
    "id", "name", "type", "street", "community_code", "community", "lng", "lat", "level",
    "uncertainty_m",
)  # fmt: skip


class Entry(NamedTuple):
    """One place of the gazetteer."""

    id: str
    name: str
    type: str
    street: str
    community_code: str
    community: str
    lng: float
    lat: float
    level: str
    uncertainty_m: float


class Lists(NamedTuple):
    """Lists of integers end to end: list i is `items[starts[i]:starts[i + 1]]`."""

    starts: npt.NDArray[np.int32]
    items: npt.NDArray[np.int32]

    @classmethod
    def of(cls, lists: Iterable[Iterable[int]]) -> "Lists":
        """Lay lists end to end."""
        held = [list(one) for one in lists]
        starts = np.cumsum([0, *map(len, held)], dtype=np.int32)
        return cls(starts, np.array([i for one in held for i in one], dtype=np.int32))

    def one(self, number: int) -> npt.NDArray[np.int32]:
        """Give one list."""
        return self.items[self.starts[number] : self.starts[number + 1]]


class Columns(NamedTuple):
    """What matching needs to know of the entries, as arrays."""

    level: npt.NDArray[np.int8]  # place in `schema.LEVELS`
    street: npt.NDArray[np.int32]  # place in `streets`, 0 where unknown
    community: npt.NDArray[np.int32]  # place in `communities`, 0 where unknown
    lng: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    uncertainty_m: npt.NDArray[np.float64]
    streets: list[str]
    communities: list[str]
    community_codes: list[str]
    street_of_community: npt.NDArray[np.int32]


def entry_columns(entries: pd.DataFrame) -> Columns:
    """Turn the text of entries into numbers."""
    streets = pd.Index(["", *sorted(set(entries["street"]) - {""})])
    pairs = entries[["community", "community_code"]].drop_duplicates("community")
    pairs = pairs[pairs["community"] != ""].sort_values("community")
    communities = pd.Index(["", *pairs["community"]])
    areas = entries[entries["level"] == "community"].drop_duplicates("community")
    home = areas.set_index("community")["street"].reindex(communities).fillna("")
    level = pd.Index(LEVELS).get_indexer(pd.Index(entries["level"]))
    return Columns(
        level=level.astype(np.int8),
        street=streets.get_indexer(pd.Index(entries["street"])).astype(np.int32),
        community=communities.get_indexer(pd.Index(entries["community"])).astype(np.int32),
        lng=entries["lng"].to_numpy(float),
        lat=entries["lat"].to_numpy(float),
        uncertainty_m=entries["uncertainty_m"].to_numpy(float),
        streets=list(streets),
        communities=list(communities),
        community_codes=["", *pairs["community_code"]],
        street_of_community=streets.get_indexer(pd.Index(home)).astype(np.int32),
    )
