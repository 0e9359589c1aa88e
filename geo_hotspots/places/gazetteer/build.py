"""How a pack becomes a gazetteer: its names with their variants, and its numbers on them."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.places.gazetteer.doors import Doors, build_doors
from geo_hotspots.places.gazetteer.entries import AREAS, Entries, Lists, take_entries
from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.grammar.numbers import NUMBER_BITS, split_name
from geo_hotspots.places.grammar.stems import learn_stems
from geo_hotspots.places.grammar.syllables import Sounds, build_sounds, code_name
from geo_hotspots.places.grammar.text import normalise_text, normalise_texts
from geo_hotspots.places.grammar.variants import ALIAS, NAME, SAME, vary_name
from geo_hotspots.schema import LEVELS

_LEAST_SOUNDING = 3  # characters of a name that may be found by its sound
_LEAST_MADE = 3  # and of a name that nobody wrote down
_SHORT_M = 150.0  # a longer road runs through several communities
_FEW_DOORS, _ALL_BUT_SOME = 3, 0.9
_ROAD, _CROSSING, _COMMUNITY = map(LEVELS.index, ("road", "intersection", "community"))
_METRES_PER_DEGREE = 111_195.0
_CROSSING_NAME = re.compile(r"[与和、/&-]|(?:丁字|十字)?(?:交叉口|交汇处|路口|交叉路口)$")
_ROAD_ENDS = ("路", "街", "巷", "胡同", "条", "道", "桥", "夹道")


def build_gazetteer(
    places: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    *,
    district: Iterable[str] = (),
) -> Gazetteer:
    """Build the gazetteer of a pack.

    Parameters
    ----------
    places, communities, streets
        As `places.pack.Pack` holds them: WGS84, aliases joined by ";".
    district
        What the whole area is called now and was before (东城区, 崇文区).

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
    table = table.fillna(dict.fromkeys(("street", "community", "community_code"), ""))
    plain, numbered = _split_names(table)
    table, parents = _add_parents(table, plain, numbered)
    levels = table["level"].tolist()
    names: dict[str, tuple[int, list[int]]] = {}
    _add_names(names, [*plain, *parents], levels)
    lost = [w._replace(name=w.whole) for w in numbered if w.name not in names]
    _add_names(names, lost, levels)
    entries = take_entries(table)
    groups, doors = _number(entries, [*plain, *parents], numbered, names)
    stems = _stems(entries, [*plain, *numbered])
    sounds = build_sounds()
    sounding = _by_sound(list(names), sounds)
    return Gazetteer(
        entries=entries,
        groups=groups,
        road_community=_road_communities(entries, groups, doors),
        crossings=_crossings(entries, groups, names),
        names=list(names),
        ranks=np.array([rank for rank, _ in names.values()], dtype=np.int8),
        found=Lists.of(found for _, found in names.values()),
        doors=doors,
        sounds=sounds.table,
        sounding=list(sounding),
        sounding_names=Lists.of(sounding.values()),
        stems=list(stems),
        stem_streets=np.array(list(stems.values()), dtype=np.int32),
        district=sorted({normalise_text(n) for n in district} - {""}, key=lambda n: (-len(n), n)),
    )


class _Written(NamedTuple):
    """One way in which a pack writes an entry's name; `number` is 0 where it has none."""

    entry: int
    whole: str
    name: str  # without the number
    number: int
    is_own: bool


def _split_names(table: pd.DataFrame) -> tuple[list[_Written], list[_Written]]:
    """Tell names with a number at their end, taken apart, from the others."""
    written = [
        [own, *aliases.split(";")] if aliases else [own]
        for own, aliases in zip(table["name"], table["aliases"], strict=True)
    ]
    names = iter(normalise_texts([name for ways in written for name in ways]))
    plain: list[_Written] = []
    numbered: list[_Written] = []
    for entry, (ways, whole) in enumerate(zip(written, table["level"].isin(AREAS), strict=True)):
        for n, name in zip(range(len(ways)), names, strict=False):
            stem, number = (name, 0) if whole or name.isascii() else split_name(name)
            (numbered if number else plain).append(_Written(entry, name, stem, number, n == 0))
    return plain, numbered


def _add_parents(
    table: pd.DataFrame, plain: list[_Written], numbered: list[_Written]
) -> tuple[pd.DataFrame, list[_Written]]:
    """Enter the roads and compounds that the pack knows by their doors alone."""
    known = {w.name for w in plain}
    levels = table["level"].tolist()
    for one in plain:
        ways = vary_name(one.name, levels[one.entry])
        known.update(n for n, rank in ways.items() if rank == SAME)
    orphans = pd.DataFrame(
        [w for w in numbered if w.is_own and w.name not in known], columns=_Written._fields
    )
    if orphans.empty:
        return table, []
    rows = table.iloc[orphans["entry"]].assign(stem=orphans["name"].to_numpy())
    parents = pd.DataFrame([_parent(str(s), r) for s, r in rows.groupby("stem", sort=True)])
    written = [
        _Written(len(table) + i, name, name, number=0, is_own=True)
        for i, name in enumerate(parents["name"])
    ]
    return pd.concat([table, parents], ignore_index=True), written


def _parent(stem: str, children: pd.DataFrame) -> dict[str, object]:
    """Make the entry of a name from the entries that bear it with a number."""
    lng, lat = children["lng"].median(), children["lat"].median()
    east = (children["lng"] - lng) * np.cos(np.radians(lat))
    reach = float(np.hypot(east, children["lat"] - lat).quantile(0.9)) * _METRES_PER_DEGREE
    is_road = stem.endswith(_ROAD_ENDS) or children["type"].eq("door").any()
    kind = "road" if is_road else "compound"
    areas = {c: children[c].mode().iloc[0] for c in ("street", "community", "community_code")}
    return {
        "id": stem, "name": stem, "type": kind, "level": kind, "aliases": "", **areas,
        "lng": lng, "lat": lat, "uncertainty_m": max(reach, 100.0 if not is_road else 50.0),
    }  # fmt: skip


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


def _add_names(
    names: dict[str, tuple[int, list[int]]], written: Iterable[_Written], levels: list[str]
) -> None:
    """Enter names with their entries; a place's own name outranks another's alias.

    Among aliases, those that people wrote outrank the ones made here. One character is no name.
    """
    for one in written:
        ranks = {
            n: rank
            for n, rank in vary_name(one.name, levels[one.entry]).items()
            if len(n) >= _LEAST_MADE
        }
        ranks[one.name] = NAME if one.is_own else ALIAS
        for name, rank in ranks.items():
            if len(name) < 2 or name.isdecimal():  # noqa: PLR2004 - said above
                continue
            known, entries = names.get(name, (rank, []))
            if rank < known:
                names[name] = (rank, [one.entry])
            elif rank == known and one.entry not in entries:
                names[name] = (rank, [*entries, one.entry])


def _number(
    entries: Entries,
    plain: list[_Written],
    numbered: list[_Written],
    names: dict[str, tuple[int, list[int]]],
) -> tuple[npt.NDArray[np.int32], Doors]:
    """Hang what has a number on the series of numbers that its name begins.

    All pieces of one road share a series, unless a number occurs in two streets: then they
    are namesakes, and each door belongs to the nearest.
    """
    own = {w.entry: w.name for w in plain if w.is_own}
    series = {name: i for i, name in enumerate(dict.fromkeys(own.values()))}
    groups = np.full(len(entries.level), -1, dtype=np.int64)
    groups[list(own)] = [series[n] for n in own.values()]
    hung = [(w.entry, p, w.number) for w in numbered for p in names.get(w.name, (0, ()))[1]]
    child, parent, number = np.array(hung, dtype=np.int64).reshape(-1, 3).T
    near = _nearest(entries, child, parent, number)
    child, parent, number = child[near], parent[near], number[near]
    group = _split_namesakes(entries.street, child, parent, number, groups)
    return groups.astype(np.int32), build_doors(group, number, child)


def _nearest(
    entries: Entries, child: np.ndarray, parent: np.ndarray, number: np.ndarray
) -> np.ndarray:
    """Choose one parent for each child's number: in its own street, else the nearest."""
    street, lng, lat = entries.street, entries.lng, entries.lat
    apart = np.hypot(
        (lng[child] - lng[parent]) * np.cos(np.radians(lat[child])), lat[child] - lat[parent]
    )
    order = np.lexsort((parent, apart, street[child] != street[parent], number, child))
    pair = np.stack([child[order], number[order]])
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (pair[:, 1:] != pair[:, :-1]).any(axis=0)
    return order[is_first]


def _split_namesakes(
    street: np.ndarray, child: np.ndarray, parent: np.ndarray, number: np.ndarray,
    groups: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Give the series of each child; `groups` of namesakes are set apart in place."""
    table = pd.DataFrame({"group": groups[parent], "number": number, "street": street[child]})
    twice = table.groupby(["group", "number"])["street"].nunique()
    apart = np.unique(twice.index[twice > 1].get_level_values("group"))
    is_apart = np.isin(groups, apart)
    groups[is_apart] = groups.max(initial=0) + 1 + np.arange(int(is_apart.sum()))
    series: npt.NDArray[np.int64] = groups[parent]
    return series


def _by_sound(names: list[str], sounds: Sounds) -> dict[str, list[int]]:
    """List the names that sound alike; short ones sound like too much else."""
    sounding: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        if len(name) >= _LEAST_SOUNDING and not name.isascii():
            for coded in code_name(name, sounds):
                sounding.setdefault(coded, []).append(number)
    return sounding


def _stems(entries: Entries, written: Iterable[_Written]) -> dict[str, int]:
    """Learn beginnings of names from compounds, roads and places; not from a street's own name."""
    places = [w for w in written if entries.level[w.entry] < _COMMUNITY]
    own = {w.entry: w.name for w in places if w.is_own}
    return learn_stems((own[w.entry], w.name, int(entries.street[w.entry])) for w in places)


def _road_communities(
    entries: Entries, groups: npt.NDArray[np.int32], doors: Doors
) -> npt.NDArray[np.int32]:
    """Give the community of each entry as a whole, 0 where it runs through several.

    A road is where nine doors of ten are; without doors a short one is where its point is.
    """
    own = np.where(entries.uncertainty_m <= _SHORT_M, entries.community, 0)
    table = pd.DataFrame(
        {"group": doors.keys >> NUMBER_BITS, "area": entries.community[doors.entries]}
    )
    share = table.value_counts(["group", "area"]).reset_index(name="n")
    total = share.groupby("group")["n"].transform("sum")
    clear = share[(total >= _FEW_DOORS) & (share["n"] >= _ALL_BUT_SOME * total)]
    of_group = np.full(int(groups.max(initial=0)) + 2, -1, dtype=np.int32)
    of_group[share.loc[total >= _FEW_DOORS, "group"]] = 0
    of_group[clear["group"]] = clear["area"]
    mine = of_group[groups]
    return np.where((mine >= 0) & (entries.level == _ROAD), mine, own).astype(np.int32)


def _crossings(
    entries: Entries, groups: npt.NDArray[np.int32], names: dict[str, tuple[int, list[int]]]
) -> npt.NDArray[np.int32]:
    """List the crossings of the pack: the number series of the two roads, and the entry."""
    found = []
    for entry in np.flatnonzero(entries.level == _CROSSING).tolist():
        parts = _CROSSING_NAME.split(normalise_text(entries.name(entry)))
        roads = [names[part][1][0] for part in parts if part in names]
        if len(roads) == len([p for p in parts if p]) == 2:  # noqa: PLR2004 - of two roads
            found.append((*sorted(groups[roads].tolist()), entry))
    return np.array(found, dtype=np.int32).reshape(-1, 3)
