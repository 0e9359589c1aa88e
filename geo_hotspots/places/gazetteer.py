"""The gazetteer: every name of a pack, findable in text in one pass (Aho-Corasick).

Names are entered with their variants when the gazetteer is built, so that a query is never
rewritten. A building or a door of the pack hangs on the name before its number:
`忠实里西区2号楼` is found as `忠实里西区` with block 2, whichever way the text writes it.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

import ahocorasick
import geopandas as gpd
import numpy as np
import pandas as pd

from geo_hotspots.places.address import normalise_text, read_tail

# Text that turns a name it follows into the beginning of a longer name: the gazetteer knows
# 安定门 and the text says 安定门外大街, which is another place.
_LONGER = ("大街", "街", "路", "胡同", "巷", "桥", "社区", "小区", "街道", "医院", "小学", "中学",
           "地铁站", "公园", "大厦")  # fmt: skip
_ROAD_WORD = re.compile(r" (?:ave|avenue|st|street|blvd|boulevard|road|rd|place|pkwy|parkway)\b")
_SIDES = "东西南北中内外前后上下"
_NAME, _ALIAS, _MADE = range(3)

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


class Hit(NamedTuple):
    """A name that stands in a text."""

    start: int
    end: int
    name: str
    entries: tuple[int, ...]


@dataclass(frozen=True)
class Gazetteer:
    """Names to places.

    `numbered` maps (entry before the number, number in key form) to the entries of buildings
    and doors that the pack lists, whichever alias the entry is found by.
    """

    entries: tuple[Entry, ...]
    automaton: ahocorasick.Automaton
    numbered: dict[tuple[int, str], tuple[int, ...]]

    def find(self, text: str) -> list[Hit]:
        """List the longest names in normalised `text`, leftmost first, without overlap."""
        if not len(self.automaton):
            return []
        hits = [
            Hit(end + 1 - len(name), end + 1, name, entries)
            for end, (name, entries) in self.automaton.iter_long(text)
        ]
        return [hit for hit in hits if not _is_part_of_longer(text, hit)]


def build_gazetteer(
    places: pd.DataFrame, communities: gpd.GeoDataFrame, streets: gpd.GeoDataFrame
) -> Gazetteer:
    """Build the gazetteer of a pack.

    Parameters
    ----------
    places, communities, streets
        As `places.pack.Pack` holds them: WGS84, aliases joined by ";".

    Returns
    -------
    gazetteer
        Names of places, communities and streets with their variants, each with its entries.
    """
    table = pd.concat(
        [_place_entries(places, communities), _area_entries(communities, "community"),
         _area_entries(streets, "street")],
        ignore_index=True,
    )  # fmt: skip
    entries = tuple(Entry(*row) for row in table[list(ENTRY_COLUMNS)].itertuples(index=False))
    names = _names(entries, table["aliases"].tolist())
    automaton = ahocorasick.Automaton()
    for name, found in names.items():
        automaton.add_word(name, (name, tuple(found)))
    if names:
        automaton.make_automaton()
    return Gazetteer(entries, automaton, _numbered(entries, names))


def _place_entries(places: pd.DataFrame, communities: gpd.GeoDataFrame) -> pd.DataFrame:
    codes = communities.drop_duplicates("name").set_index("name")["code"]
    return places.assign(community_code=places["community"].map(codes).fillna(""))


def _area_entries(areas: gpd.GeoDataFrame, level: str) -> pd.DataFrame:
    """Enter each area at a point inside it, uncertain by the radius of its surface."""
    inside = areas.geometry.representative_point()
    size = areas.geometry.to_crs(areas.geometry.estimate_utm_crs()).area if len(areas) else 0.0
    is_community = level == "community"
    return pd.DataFrame(
        {
            "id": areas["code"],
            "name": areas["name"],
            "type": level,
            "aliases": areas["aliases"],
            "street": areas["street"] if is_community else areas["name"],
            "community_code": areas["code"] if is_community else "",
            "community": areas["name"] if is_community else "",
            "lng": inside.x,
            "lat": inside.y,
            "level": level,
            "uncertainty_m": np.sqrt(size / np.pi),
        }
    )


def _names(entries: tuple[Entry, ...], aliases: list[str]) -> dict[str, list[int]]:
    """List the entries of each name; a place's own name outranks another's alias.

    Among aliases, those that people wrote outrank the ones made here.
    """
    best: dict[str, tuple[int, list[int]]] = {}
    for position, (entry, written) in enumerate(zip(entries, aliases, strict=True)):
        for name, rank in _variants(entry, written).items():
            known, positions = best.get(name, (rank, []))
            if rank <= known:
                best[name] = (rank, [*positions, position] if rank == known else [position])
    return {name: positions for name, (_, positions) in best.items()}


def _variants(entry: Entry, aliases: str) -> dict[str, int]:
    """List the ways a name is written with their rank; one character is no name."""
    ranks = {normalise_text(n): _ALIAS for n in aliases.split(";")}
    ranks[normalise_text(entry.name)] = _NAME
    if entry.level == "community":
        bare = {n.removesuffix("居委会").removesuffix("社区") for n in ranks}
        # Two characters are too common, and a bare name is first of all what else bears it.
        ranks = {n: _MADE for n in bare if len(n) > 2} | ranks  # noqa: PLR2004 - said above
    return {n: rank for n, rank in ranks.items() if len(n) > 1 and not n.isdecimal()}


def _numbered(
    entries: tuple[Entry, ...], names: dict[str, list[int]]
) -> dict[tuple[int, str], tuple[int, ...]]:
    """Hang buildings and doors on the entries before their number."""
    found: dict[tuple[int, str], list[int]] = {}
    for position, entry in enumerate(entries):
        if entry.type not in ("building", "door"):
            continue
        name = normalise_text(entry.name)
        stem = next((name[:n] for n in range(len(name) - 1, 1, -1) if name[:n] in names), "")
        tail = str(read_tail(name, len(stem)))
        for parent in names.get(stem, ()) if tail else ():
            if entries[parent].street == entry.street:
                found.setdefault((parent, tail), []).append(position)
    return {key: tuple(positions) for key, positions in found.items()}


def _is_part_of_longer(text: str, hit: Hit) -> bool:
    """Say whether the text goes on so that it names another place than the hit."""
    rest = text[hit.end : hit.end + 4]
    if _is_latin(hit.name):
        before, after = text[hit.start - 1 : hit.start], text[hit.end : hit.end + 1]
        return before.isalnum() or after.isalnum() or bool(_ROAD_WORD.match(text, hit.end))
    if rest[:1] and rest[0] in _SIDES:
        rest = rest[1:]
        return rest.startswith(_LONGER)
    return not hit.name.endswith(("社区", "街道")) and rest.startswith(_LONGER)


def _is_latin(name: str) -> bool:
    return name.isascii()
