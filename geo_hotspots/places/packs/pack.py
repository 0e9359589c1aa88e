"""Packs: the boundaries, names and responsible people of one place, read from a folder.

In memory all geometry is WGS84 longitude and latitude, whatever the pack's own datum; CGCS2000
counts as WGS84 (under a metre apart). A missing text is missing, but for `aliases`: former and
popular names joined by `ALIAS_SEPARATOR`, empty where there are none.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo_hotspots.errors import PackError
from geo_hotspots.places.datum.shift import Datum, to_wgs84
from geo_hotspots.places.packs.files import (
    ALIAS_SEPARATOR,
    COMMUNITY_COLUMNS,
    PACK_FILES,
    PLACE_COLUMNS,
    PLACE_NUMBERS,
    RESPONSIBLE_COLUMNS,
    STREET_COLUMNS,
    as_numbers,
    hint_en,
    hint_zh,
    read_areas,
    read_csv,
    read_head,
    split_aliases,
)
from geo_hotspots.places.packs.roads import read_roads
from geo_hotspots.words import Words


@dataclass(frozen=True)
class Pack:
    """The boundaries and names of one place.

    Attributes
    ----------
    datum
        The datum of the numbers on disk; the frames here are WGS84 all the same.
    is_approximate
        Every page made with the pack must say so (示意边界).
    communities, streets
        `COMMUNITY_COLUMNS` and `STREET_COLUMNS` with `geometry`. Every community has a street.
    places
        `PLACE_COLUMNS`; community and street by their current names where the pack knows them.
    responsible
        `RESPONSIBLE_COLUMNS`, or nothing where the pack names nobody.
    roads
        Lines to find one's way by, `name` and `rank`; may be empty.
    aliases
        Former or popular name of a larger area -> the name of today (崇文区 -> 东城区).
    hash
        SHA-256 over the files the pack consists of; equal packs have equal hashes.
    converted_from
        The datum that `pack build` took the numbers from, or empty.
    outside
        Names of the areas around (other districts): a text that names one lies there.
    """

    name: str
    title: Words
    code: str
    datum: Datum
    timezone: str
    vintage: str
    source: str
    licence: str
    is_approximate: bool
    footer: Words
    approval: str
    communities: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    places: pd.DataFrame
    responsible: pd.DataFrame | None
    roads: gpd.GeoDataFrame
    aliases: Mapping[str, str]
    hash: str
    converted_from: str = ""
    outside: tuple[str, ...] = ()

    @property
    def study_area(self) -> shapely.Geometry:
        """Give the union of the communities, WGS84."""
        return shapely.union_all(self.communities.geometry.to_numpy())


def embedded_packs() -> list[str]:
    """Name the packs that ship with us, in order."""
    roots = [root for root in _embedded_roots() if root.is_dir()]
    return sorted({p.name for root in roots for p in root.iterdir() if (p / "pack.toml").is_file()})


def find_pack(where: str | Path) -> Path:
    """Find the folder of a pack from its path or, failing that, the name of an embedded one.

    A folder that the user can see goes before an embedded pack of the same name.

    Raises
    ------
    PackError
        There is neither such a folder nor such an embedded pack.
    """
    for folder in (Path(where), *(root / str(where) for root in _embedded_roots())):
        if (folder / "pack.toml").is_file():
            return folder
    if Path(where).is_dir():
        raise PackError(
            f"文件夹 {where} 中没有 pack.toml；请先用 pack build 制作",
            f"the folder {where} holds no pack.toml; make one with 'pack build'",
        )
    known = embedded_packs()
    raise PackError(
        f"找不到边界包 {str(where)!r}；内置的有：{'、'.join(known)}{hint_zh(str(where), known)}",
        f"there is no pack {str(where)!r}; embedded: {', '.join(known)}"
        + hint_en(str(where), known),
    )


def read_pack(where: str | Path) -> Pack:
    """Read a pack from its folder, or an embedded one by its bare name.

    Raises
    ------
    PackError
        The pack or one of its files is missing, or a file breaks the format; the sentence
        names the file, the value and the way out.
    """
    folder = find_pack(where)
    head = read_head(folder / "pack.toml")
    datum: Datum = head["datum"]
    communities = read_areas(folder / "communities.geojson", COMMUNITY_COLUMNS, datum)
    streets = _read_streets(folder / "streets.geojson", communities, datum, head)
    communities = with_streets(communities, streets)
    return Pack(
        name=head["name"],
        title=Words(head["title"], head["title_en"]),
        code=head["code"],
        datum=datum,
        timezone=head["timezone"],
        vintage=head["vintage"],
        source=head["source"],
        licence=head["licence"],
        is_approximate=head["approximate"],
        footer=Words(head["footer"], head["footer_en"]),
        approval=head["approval"],
        communities=communities,
        streets=streets,
        places=_read_places(folder / "places.csv", communities, streets, datum),
        responsible=_read_responsible(folder / "responsible.csv"),
        roads=read_roads(folder / "roads.geojson", datum),
        aliases=head["aliases"],
        hash=hash_pack(folder),
        converted_from=head["converted_from"],
        outside=head["outside"],
    )


def hash_pack(folder: Path) -> str:
    """Give the SHA-256 over the names and bytes of the pack's files, other files left out."""
    digest = hashlib.sha256()
    for path in sorted(folder / name for name in PACK_FILES):
        if path.is_file():
            digest.update(path.name.encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _embedded_roots() -> list[Path]:
    """List where embedded packs may lie: inside the installed wheel, or beside the sources."""
    installed = Path(str(resources.files("geo_hotspots"))) / "boundaries"
    return [installed, Path(__file__).resolve().parents[3] / "boundaries"]


def _read_streets(
    path: Path, communities: gpd.GeoDataFrame, datum: Datum, head: Mapping[str, Any]
) -> gpd.GeoDataFrame:
    """Read the streets; where the pack has none, join the communities of each one named.

    A pack that names no street at all gets a single one, the whole place.
    """
    if path.is_file():
        return read_areas(path, STREET_COLUMNS, datum)
    named = name_streets(communities, head["code"] or head["name"], head["title"])
    parts = named[["geometry"]].assign(code=named["street_code"], name=named["street"], aliases="")
    streets = parts.dissolve("code", as_index=False, sort=True)
    return streets[[*STREET_COLUMNS, "geometry"]]


def name_streets(communities: gpd.GeoDataFrame, code: str, name: str) -> gpd.GeoDataFrame:
    """Fill `street_code` and `street` from each other, else with the whole place's own."""
    street_code = communities["street_code"].fillna(communities["street"]).fillna(code)
    street = communities["street"].fillna(communities["street_code"]).fillna(name)
    return communities.assign(street_code=street_code, street=street)


def with_streets(communities: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give each community the code and the current name of its street.

    Where a community names none, the street that holds its inner point is it.
    """
    code = communities["street_code"].fillna(current_names(communities["street"], streets, "code"))
    code = code.where(code.isin(streets["code"]))
    inner = communities.geometry.representative_point().to_numpy()
    point, street = shapely.STRtree(streets.geometry.to_numpy()).query(inner, "intersects")
    held = pd.Series(streets["code"].to_numpy()[street], index=point, dtype="str")
    held = held[~held.index.duplicated()]
    named = communities[["street_code", "street"]].notna().any(axis=1)
    code = code.fillna(held.reindex(range(len(communities))).where(~named.to_numpy()))
    if code.isna().any():
        row = communities[code.isna()].iloc[0]
        given = row["street"] if pd.notna(row["street"]) else row["street_code"]
        raise PackError(
            f"社区 {row['name']} 的街道 {given!r} 不在 streets.geojson 中；请更正",
            f"the street {given!r} of community {row['name']!r} is not in streets.geojson; fix it",
        )
    name = code.map(streets.set_index("code")["name"]).astype("str")
    return communities.assign(street_code=code, street=name)


def current_names(given: pd.Series, areas: pd.DataFrame, column: str = "name") -> pd.Series:
    """Look up what areas are called today by code, name or alias; unknown ones are missing.

    A name outranks an alias, and a word that could mean two areas means neither.
    """
    called = areas[column].tolist()
    known: dict[str, str] = {}
    for words in (
        zip(areas["code"], called, strict=True),
        zip(areas["name"], called, strict=True),
        ((w, c) for a, c in zip(areas["aliases"], called, strict=True) for w in split_aliases(a)),
    ):
        layer = [(word, name) for word, name in words if pd.notna(word)]
        often = Counter(word for word, _ in layer)
        known |= {w: name for w, name in layer if often[w] == 1 and w not in known}
    return given.map(known).astype("str")


def _read_places(
    path: Path, communities: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, datum: Datum
) -> pd.DataFrame:
    """Read the gazetteer: `PLACE_COLUMNS`, WGS84; a pack may be without."""
    if not path.is_file():
        empty = pd.DataFrame(columns=list(PLACE_COLUMNS), dtype="str")
        return empty.astype(dict.fromkeys(PLACE_NUMBERS, "float64"))
    places = read_csv(path, PLACE_COLUMNS, required=("id", "name", "lng", "lat"))
    places = places.assign(**{c: as_numbers(places[c], path) for c in PLACE_NUMBERS})
    if places["id"].duplicated().any():
        first = places["id"][places["id"].duplicated()].iloc[0]
        raise PackError(
            f"{path} 中地点编号 {first!r} 重复；请改为唯一",
            f"{path}: the id {first!r} stands twice; make it unique",
        )
    lng, lat = to_wgs84(places["lng"].to_numpy(), places["lat"].to_numpy(), datum=datum)
    return places.assign(
        lng=lng,
        lat=lat,
        aliases=[ALIAS_SEPARATOR.join(split_aliases(a)) for a in places["aliases"].fillna("")],
        community=current_names(places["community"], communities).fillna(places["community"]),
        street=current_names(places["street"], streets).fillna(places["street"]),
    )


def _read_responsible(path: Path) -> pd.DataFrame | None:
    if not path.is_file():
        return None
    return read_csv(path, RESPONSIBLE_COLUMNS, required=("responsible",))
