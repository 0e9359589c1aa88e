"""The gazetteer of a pack, from a table or layer of places: types, points, communities."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_hotspots.errors import PackError
from geo_hotspots.places.datum.detect import detect_datum
from geo_hotspots.places.datum.plausible import COORDINATE_FAULTS, refusal_by_range
from geo_hotspots.places.datum.shift import CHINA, Datum, to_wgs84
from geo_hotspots.places.packs.check import Finding, warn_of
from geo_hotspots.places.packs.crs import Declared, as_lng_lat, unlike_declared
from geo_hotspots.places.packs.files import (
    ALIAS_SEPARATOR,
    PLACE_COLUMNS,
    as_numbers,
    split_aliases,
)
from geo_hotspots.places.packs.pack import current_names
from geo_hotspots.places.packs.shapes import DIGITS
from geo_hotspots.places.packs.sources import read_source
from geo_hotspots.schema import LEVELS
from geo_hotspots.words import Words

# Type -> what Chinese tables call it, the level of a match with it, and how far off in metres
# such a point usually lies from the spot that is meant.
_TYPES = {
    "road": (("道路", "街", "路", "大街", "街路巷"), "road", 300.0),
    "hutong": (("胡同", "巷", "里弄"), "road", 150.0),
    "compound": (("小区", "院落", "居民区", "院", "住宅区"), "compound", 80.0),
    "building": (("楼", "楼栋", "楼宇", "建筑物"), "building", 20.0),
    "door": (("门牌", "门址", "门牌号", "门楼牌"), "door", 15.0),
    "poi": (("单位", "兴趣点", "设施", "地点"), "poi", 50.0),
    "intersection": (("路口", "交叉口"), "intersection", 30.0),
}
_TYPE_OF = {word: kind for kind, (words, *_) in _TYPES.items() for word in (kind, *words)}


def build_places(
    path: Path | None,
    columns: Mapping[str, str],
    said: Declared,
    communities: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
) -> tuple[pd.DataFrame, list[Finding]]:
    """Read places into `PLACE_COLUMNS`, WGS84, each with its community and street.

    Lines and polygons give a point on them. A community that the file does not name, or names
    in a way the pack does not know, is the one the point lies in.

    Raises
    ------
    PackError
        No names, ids that repeat, or coordinates that are no degrees.
    """
    if path is None:
        return pd.DataFrame(columns=list(PLACE_COLUMNS), dtype="str"), []
    source = read_source(path, lng_lat=(columns.get("lng", "lng"), columns.get("lat", "lat")))
    rest = {ours: theirs for ours, theirs in columns.items() if ours not in ("lng", "lat")}
    table = source.pick(rest, required=["name"]).reindex(columns=list(PLACE_COLUMNS)).astype("str")
    points = shapely.point_on_surface(as_lng_lat(source, Declared(said.crs, None)))
    table = table.assign(lng=shapely.get_x(points), lat=shapely.get_y(points))
    nameless = warn_of(table.index[table["name"].isna()] + 2, "无名地点略去，行", "nameless, row")
    table = table[table["name"].notna()].reset_index(drop=True)
    table, found = _locate(table, said, communities, path)
    table, more = _describe(table, path)
    table, also = _settle(table, communities, streets)
    return table, [*unlike_declared(source, said), *nameless, *found, *more, *also]


def _locate(
    table: pd.DataFrame, said: Declared, communities: gpd.GeoDataFrame, path: Path
) -> tuple[pd.DataFrame, list[Finding]]:
    """Turn coordinates into WGS84; those that cannot be used become missing, by name."""
    area = shapely.union_all(communities.geometry.to_numpy())
    detected = detect_datum(table["lng"], table["lat"], study_area=area)
    fault = detected.flags.where(detected.flags.ne("repeated"))
    refusal = refusal_by_range(table["lng"], table["lat"], detected.flags)
    if refusal is not None and fault.isin(["swapped", "projected"]).any():
        raise PackError(f"{path}：{refusal.zh}", f"{path}: {refusal.en}")
    datum, found = _choose_datum(said.datum, detected.datum, detected.reason)
    if datum in ("gcj02", "bd09"):
        west, south, east, north = CHINA
        is_china = table["lng"].between(west, east) & table["lat"].between(south, north)
        fault = fault.where(is_china, fault.fillna("out_of_range"))
    for key, words in COORDINATE_FAULTS.items():
        if key != "missing":
            found += warn_of(
                table["name"][fault == key],
                f"{words.zh},坐标未采用",
                f"{words.en}, coordinates not used",
            )
    lng, lat = table["lng"].where(fault.isna()), table["lat"].where(fault.isna())
    lng, lat = to_wgs84(lng.to_numpy(), lat.to_numpy(), datum=datum)  # type: ignore[assignment]
    return table.assign(lng=np.round(lng, DIGITS), lat=np.round(lat, DIGITS)), found


def _choose_datum(
    declared: Datum | None, detected: Datum | None, reason: Words
) -> tuple[Datum, list[Finding]]:
    """Take the declared datum, else the detected one, else WGS84; say so where it matters."""
    plain: tuple[Datum, ...] = ("wgs84", "cgcs2000")
    if declared is not None:
        agrees = (
            detected is None or detected == declared or (detected in plain and declared in plain)
        )
        words = Words(
            f"地点声明为 {declared}，但更像 {detected}（{reason.zh}）；请核对",
            f"places are declared as {declared} but look like {detected} ({reason.en}); check",
        )
        return declared, [] if agrees else [Finding("warning", words)]
    if detected is None:
        words = Words(
            f"地点坐标系未能判定，按 WGS84 处理（{reason.zh}）",
            f"the places' datum could not be told and was taken for WGS84 ({reason.en})",
        )
        return "wgs84", [Finding("warning", words)]
    words = Words(f"地点坐标系：{reason.zh}", f"the places' datum: {reason.en}")
    return detected, [Finding("info" if detected in plain else "warning", words)]


def _describe(table: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, list[Finding]]:
    """Settle id, type, level, uncertainty and aliases; defaults follow from the type."""
    kind = table["type"].map(_TYPE_OF).astype("str")
    strange = table["type"][table["type"].notna() & kind.isna()].unique()
    kind = kind.fillna("poi")
    is_level = table["level"].isin(LEVELS)
    odd = table["level"][table["level"].notna() & ~is_level].unique()
    default = kind.map({k: metres for k, (_, _, metres) in _TYPES.items()})
    numbers = pd.Series([f"P{n:06d}" for n in range(1, len(table) + 1)], dtype="str")
    described = table.assign(
        id=table["id"].fillna(numbers),
        type=kind,
        level=table["level"].where(is_level, kind.map({k: v for k, (_, v, _) in _TYPES.items()})),
        uncertainty_m=as_numbers(table["uncertainty_m"], path).fillna(default),
        aliases=[ALIAS_SEPARATOR.join(split_aliases(a)) for a in table["aliases"].fillna("")],
        source=table["source"].fillna(path.name),
    )
    if described["id"].duplicated().any():
        twice = described["id"][described["id"].duplicated()].iloc[0]
        raise PackError(
            f"{path} 中地点编号 {twice!r} 重复；请改为唯一",
            f"{path}: the id {twice!r} stands twice; make it unique",
        )
    return described, [
        *warn_of(strange, "地点类型未知，按 poi 处理", "unknown types, taken for poi"),
        *warn_of(odd, "精度级别未知，按类型取", "unknown levels, taken from the type"),
    ]


def _settle(
    table: pd.DataFrame, communities: gpd.GeoDataFrame, streets: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, list[Finding]]:
    """Give each place the current names of its community and street."""
    points = shapely.points(table["lng"], table["lat"])
    row, area = shapely.STRtree(communities.geometry.to_numpy()).query(points, "intersects")
    held = pd.Series(area, index=row)
    held = held[~held.index.duplicated()].reindex(table.index)
    stated = current_names(table["community"], communities)
    unknown = table["community"][table["community"].notna() & stated.isna()].unique()
    community = stated.fillna(_at(communities["name"], held))
    own_street = current_names(community, communities, "street").fillna(
        _at(communities["street"], held)
    )
    street = current_names(table["street"], streets).fillna(own_street)
    derived = table["name"][stated.isna() & community.notna()]
    return table.assign(community=community, street=street), [
        *warn_of(unknown, "社区名未知，改按坐标", "unknown communities, taken from the point"),
        *warn_of(derived, "社区由坐标推得", "community taken from the point", "info"),
    ]


def _at(names: pd.Series, position: pd.Series) -> pd.Series:
    """Look names up by position; no position, no name."""
    return position.map(dict(enumerate(names))).astype("str")
