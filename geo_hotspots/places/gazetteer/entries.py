"""The places of a gazetteer as arrays: a million of them are some 80 MB."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo_hotspots.schema import LEVELS

AREAS = ("community", "street")


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


class Entries(NamedTuple):
    """Places, one a row; what repeats itself is a number into a list, 0 where it is unknown.

    Attributes
    ----------
    level
        Place in `schema.LEVELS`.
    street, community, type
        Places in `streets`, `communities` and `types`.
    lng, lat, uncertainty_m
        WGS84 and metres.
    ids, names
        As the pack writes them.
    community_codes, street_of_community
        What belongs to each of `communities`.
    """

    level: npt.NDArray[np.int8]
    type: npt.NDArray[np.int8]
    street: npt.NDArray[np.int32]
    community: npt.NDArray[np.int32]
    lng: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    uncertainty_m: npt.NDArray[np.float64]
    ids: pa.LargeStringArray
    names: pa.LargeStringArray
    types: list[str]
    streets: list[str]
    communities: list[str]
    community_codes: list[str]
    street_of_community: npt.NDArray[np.int32]

    def name(self, entry: int) -> str:
        """Give the name of one place."""
        return str(self.names[entry].as_py())

    def id(self, entry: int) -> str:
        """Give the id of one place."""
        return str(self.ids[entry].as_py())

    def one(self, entry: int) -> Entry:
        """Give one place."""
        community = self.community[entry]
        return Entry(
            self.id(entry), self.name(entry), self.types[self.type[entry]],
            self.streets[self.street[entry]], self.community_codes[community],
            self.communities[community], float(self.lng[entry]), float(self.lat[entry]),
            LEVELS[self.level[entry]], float(self.uncertainty_m[entry]),
        )  # fmt: skip


def take_entries(table: pd.DataFrame) -> Entries:
    """Turn a table with the columns of `Entry` into arrays."""
    areas = table[["community", "community_code"]].drop_duplicates("community")
    areas = areas[areas["community"] != ""].sort_values("community")
    communities, streets = ["", *areas["community"]], ["", *sorted({*table["street"]} - {""})]
    of_area = table[table["level"] == "community"].drop_duplicates("community")
    home = of_area.set_index("community")["street"].reindex(communities).fillna("")
    types = sorted(set(table["type"]))
    return Entries(
        level=_codes(table["level"], LEVELS).astype(np.int8),
        type=_codes(table["type"], types).astype(np.int8),
        street=_codes(table["street"], streets),
        community=_codes(table["community"], communities),
        lng=table["lng"].to_numpy(float),
        lat=table["lat"].to_numpy(float),
        uncertainty_m=table["uncertainty_m"].to_numpy(float),
        ids=large_strings(table["id"].tolist()),
        names=large_strings(table["name"].tolist()),
        types=types,
        streets=streets,
        communities=communities,
        community_codes=["", *areas["community_code"]],
        street_of_community=_codes(home, streets),
    )


def large_strings(values: Sequence[str]) -> pa.LargeStringArray:
    """Lay strings end to end."""
    return pa.array(values, pa.large_string())


def _codes(values: pd.Series, among: Sequence[str]) -> npt.NDArray[np.int32]:
    return pd.Index(among).get_indexer(pd.Index(values)).astype(np.int32)
