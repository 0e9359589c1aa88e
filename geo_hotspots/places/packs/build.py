"""`pack build`: official boundaries and places, in whatever form they come, made into a pack."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo_hotspots.errors import PackError
from geo_hotspots.places.datum.shift import DATUMS, Datum
from geo_hotspots.places.packs.check import Finding, Report, make_report, warn_of
from geo_hotspots.places.packs.crs import Declared, as_lng_lat, parse_crs, unlike_declared
from geo_hotspots.places.packs.files import (
    ALIAS_SEPARATOR,
    COMMUNITY_COLUMNS,
    PLACE_COLUMNS,
    RESPONSIBLE_COLUMNS,
    STREET_COLUMNS,
    hint_en,
    hint_zh,
    split_aliases,
)
from geo_hotspots.places.packs.pack import name_streets, with_streets
from geo_hotspots.places.packs.places import build_places
from geo_hotspots.places.packs.shapes import clean_areas, dissolve
from geo_hotspots.places.packs.sources import read_source, read_table
from geo_hotspots.places.packs.write import as_csv, as_geojson, as_toml, put_in_place
from geo_hotspots.words import Words

_LAYERS = {
    "communities": COMMUNITY_COLUMNS,
    "streets": STREET_COLUMNS,
    "places": PLACE_COLUMNS,
    "responsible": RESPONSIBLE_COLUMNS,
}


def build_pack(
    out: Path,
    *,
    name: str,
    title: str,
    communities: Path,
    timezone: str,
    approximate: bool,
    streets: Path | None = None,
    places: Path | None = None,
    responsible: Path | None = None,
    columns: Mapping[str, str] | None = None,
    crs: str | None = None,
    datum: str | None = None,
    title_en: str = "",
    code: str = "",
    vintage: str = "",
    source: str = "",
    licence: str = "",
    footer: str = "",
    footer_en: str = "",
    approval: str = "",
    aliases: Mapping[str, str] | None = None,
) -> Report:
    """Make a pack in the folder `out` and say what was found on the way.

    Parameters
    ----------
    communities, streets, places
        Shapefile, GeoJSON, GeoPackage (`FILE.gpkg#LAYER`) or CSV (WKT; places also as two
        columns of numbers). Without `streets`, the communities are joined by the street they
        name, or all into one.
    responsible
        A CSV of `RESPONSIBLE_COLUMNS`.
    columns
        Our name -> the file's. A plain name is for the communities; others are written
        `streets.name`, `places.lng`, `responsible.level`.
    crs
        For files that do not state their own.
    datum
        "wgs84", "cgcs2000", "gcj02" or "bd09", of all files. Undeclared, boundaries are taken
        for what their CRS says, and places are detected against them.
    approximate
        Whether every page made with the pack must say so (示意边界).

    Returns
    -------
    report
        Warnings and notes; what would make the pack unusable is refused instead.

    Raises
    ------
    PackError
        Anything that makes a pack unusable, in one sentence. `out` is then as it was before.
    """
    wanted = _columns_by_layer(columns or {})
    said = Declared(parse_crs(crs) if crs else None, _known_datum(datum))
    areas, found = _build_areas(communities, "communities", wanted, said)
    street_areas, more = _build_streets(areas, streets, wanted, said, (code or name, title))
    if streets is None:
        areas = name_streets(areas, code or name, title)
    areas = with_streets(areas, street_areas)
    table, also = build_places(places, wanted["places"], said, areas, street_areas)
    head: dict[str, str | bool] = {
        "name": name, "title": title, "title_en": title_en, "code": code,
        "datum": "cgcs2000" if said.datum == "cgcs2000" else "wgs84",
        "converted_from": (said.datum or "") if said.is_shifted else "", "timezone": timezone,
        "vintage": vintage, "source": source, "licence": licence, "approximate": approximate,
        "footer": footer, "footer_en": footer_en, "approval": approval,
    }  # fmt: skip
    files = {
        "pack.toml": as_toml(head, aliases or {}),
        "communities.geojson": as_geojson(areas),
        "streets.geojson": as_geojson(street_areas),
        "places.csv": as_csv(table),
    }
    if responsible is not None:
        people = read_table(
            responsible, wanted["responsible"], RESPONSIBLE_COLUMNS, ["responsible"]
        )
        files["responsible.csv"] = as_csv(people)
    checked = put_in_place(out, files)
    return make_report(out, [*_note_shift(said), *found, *more, *also, *checked])


def _columns_by_layer(columns: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Sort `layer.column` names by layer; all must be ours."""
    found: dict[str, dict[str, str]] = {layer: {} for layer in _LAYERS}
    for key, theirs in columns.items():
        layer, dot, ours = key.rpartition(".")
        layer = layer if dot else "communities"
        known = [f"{a}.{c}" for a, names in _LAYERS.items() for c in names]
        if f"{layer}.{ours}" not in known:
            raise PackError(
                f"没有名为 {key!r} 的列{hint_zh(f'{layer}.{ours}', known)}",
                f"there is no column {key!r} in a pack{hint_en(f'{layer}.{ours}', known)}",
            )
        found[layer][ours] = theirs
    return found


def _known_datum(datum: str | None) -> Datum | None:
    if datum is None:
        return None
    for known in DATUMS:
        if datum.lower() == known:
            return known
    raise PackError(
        f"坐标系 {datum!r} 未知；应为 {'、'.join(DATUMS)}{hint_zh(datum, DATUMS)}",
        f"the datum {datum!r} is unknown; it must be one of {', '.join(DATUMS)}"
        + hint_en(datum, DATUMS),
    )


def _note_shift(said: Declared) -> list[Finding]:
    if not said.is_shifted:
        return []
    words = Words(
        f"坐标由 {said.datum} 转为 WGS84，已记入 pack.toml；测绘法对此有限制，须经授权",
        f"coordinates were turned from {said.datum} into WGS84, as pack.toml records; "
        "Chinese surveying law restricts this to authorised use",
    )
    return [Finding("warning", words)]


def _build_areas(
    path: Path, layer: str, wanted: Mapping[str, Mapping[str, str]], said: Declared
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Read one layer of polygons: our columns, WGS84, one valid shape per code."""
    source = read_source(path)
    table = source.pick(wanted[layer], required=["name"]).reindex(columns=list(_LAYERS[layer]))
    table = table.astype("str")
    if table["name"].isna().any():
        row = int(table["name"].isna().argmax()) + 1
        raise PackError(
            f"{path} 第 {row} 个要素没有名称，请补上",
            f"{path}: feature {row} has no name; fill it in",
        )
    table["aliases"] = [ALIAS_SEPARATOR.join(split_aliases(a)) for a in table["aliases"].fillna("")]
    table, found = _with_codes(table, path)
    shapes = gpd.GeoDataFrame(table, geometry=as_lng_lat(source, said), crs="EPSG:4326")
    clean, more = clean_areas(shapes, path)
    return clean, [*unlike_declared(source, said), *found, *more]


def _with_codes(table: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, list[Finding]]:
    """Give the areas numbers, in the order of their names, where the file has no codes."""
    if table["code"].notna().all():
        return table, []
    if table["code"].notna().any():
        lacking = table["name"][table["code"].isna()].iloc[0]
        raise PackError(
            f"{path} 中 {lacking} 没有编码，而别的有；请补齐",
            f"{path}: {lacking!r} has no code while others do; fill it in",
        )
    if table["name"].duplicated().any():
        twice = table["name"][table["name"].duplicated()].iloc[0]
        raise PackError(
            f"{path} 没有编码，而名称 {twice} 重复；请指定编码列",
            f"{path} has no codes and the name {twice!r} stands twice; name a column of codes",
        )
    number = table["name"].rank(method="first").astype(int)
    codes = number.map("{:04d}".format).astype("str")
    return table.assign(code=codes), warn_of(
        table["name"], "没有编码，已按名称编号", "no codes, numbered by name", "info"
    )


def _build_streets(
    areas: gpd.GeoDataFrame,
    path: Path | None,
    wanted: Mapping[str, Mapping[str, str]],
    said: Declared,
    whole: tuple[str, str],
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Read the streets, or join the communities of each."""
    if path is not None:
        return _build_areas(path, "streets", wanted, said)
    return dissolve(name_streets(areas, *whole))
