"""Official files to build a pack from: any format, encoding, projection and datum, to WGS84.

A `Source` holds one layer as text columns beside its geometry, as the file has them.
"""

import csv
import io
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from geo_hotspots.errors import PackError
from geo_hotspots.places.datum import CHINA, Datum, to_wgs84
from geo_hotspots.places.pack_check import Finding
from geo_hotspots.places.pack_files import as_text, no_column
from geo_hotspots.words import Words

_WKT_COLUMNS = ("geometry", "wkt", "WKT", "geom", "the_geom", "the_geom_wkt")
_CODECS = {
    "65001": "utf-8", "utf8": "utf-8", "utf-8": "utf-8", "gbk": "gb18030", "936": "gb18030",
    "cp936": "gb18030", "ansi 936": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030",
    "54936": "gb18030", "oem": "gb18030", "big5": "big5", "950": "big5", "cp950": "big5",
}  # fmt: skip
# Geodetic systems that only surveyors' own parameters take to WGS84, here 50-130 m away.
_UNPUBLISHED = {4214: "Beijing 1954", 4610: "Xian 1980", 4555: "New Beijing"}
_UNPUBLISHED_RADII = (6378245.0, 6378140.0)  # Krasovsky and IAG 1975, under whatever name
_TEXT_MARKS = "\ufffd"


@dataclass(frozen=True)
class Source:
    """One layer as read: its text columns, its geometry, and the CRS the file itself states."""

    path: Path
    table: pd.DataFrame
    geometry: np.ndarray
    crs: pyproj.CRS | None

    def pick(self, columns: Mapping[str, str], required: Sequence[str]) -> pd.DataFrame:
        """Give our columns from theirs: `columns` maps our name to the file's.

        A column of the file that already has our name needs no mapping.

        Raises
        ------
        PackError
            A mapped or a required column is not in the file; the nearest is named.
        """
        found = {}
        for ours, theirs in columns.items():
            if theirs not in self.table:
                raise no_column(self.path, theirs, map(str, self.table.columns))
            found[ours] = self.table[theirs]
        for ours in self.table.columns.difference(list(columns)):
            found[ours] = self.table[ours]
        for ours in required:
            if ours not in found:
                raise no_column(self.path, ours, map(str, self.table.columns))
        return pd.DataFrame(found, index=self.table.index)


@dataclass(frozen=True)
class Declared:
    """What the user says of all files: the CRS of those that state none, and the datum."""

    crs: pyproj.CRS | None
    datum: Datum | None

    @property
    def is_shifted(self) -> bool:
        """Say whether the datum is one of the two that shift coordinates on purpose."""
        return self.datum in ("gcj02", "bd09")


def read_source(path: Path, *, lng_lat: tuple[str, str] = ("lng", "lat")) -> Source:
    """Read a Shapefile, GeoJSON, GeoPackage (`FILE.gpkg#LAYER`) or CSV.

    A CSV has its geometry as WKT, or as two columns of numbers named by `lng_lat`.

    Raises
    ------
    PackError
        The file is missing, empty or unreadable, or has several layers and none was named.
    """
    path, _, layer = (path, "", "") if path.exists() else _split_layer(path)
    if not path.is_file():
        raise PackError(f"找不到文件 {path};请检查路径", f"there is no file {path}; check the path")
    if path.suffix.lower() in (".csv", ".txt"):
        return _read_csv_source(path, lng_lat)
    options: dict[str, Any] = {"layer": layer or _only_layer(path)}
    if path.suffix.lower() == ".shp":
        options["encoding"] = shapefile_encoding(path)
    try:
        frame = gpd.read_file(path, **options)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise _unreadable(path, "encoding") from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise PackError(f"{path} 中没有要素", f"{path} holds no features")
    attributes = frame.drop(columns=frame.geometry.name)
    table = attributes.map(as_text).astype("str")
    crs = frame.crs if _states_crs(path, frame) else None
    return Source(path, table, frame.geometry.to_numpy(), crs)


def shapefile_encoding(path: Path) -> str:
    """Tell how a Shapefile's table is encoded: as its .cpg says, else whichever decodes.

    Chinese Shapefiles seldom say. Text in GBK is hardly ever valid UTF-8, so UTF-8 goes
    first. A name cut at its field's end does not count as a fault.
    """
    cpg = path.with_suffix(".cpg")
    if cpg.is_file():
        said = cpg.read_text(encoding="ascii", errors="replace").strip().lower()
        if said in _CODECS:
            return _CODECS[said]
    table = path.with_suffix(".dbf")
    values = _table_values(table.read_bytes()) if table.is_file() else []
    faults = {codec: sum(_is_mojibake(v, codec) for v in values) for codec in ("utf-8", "gb18030")}
    return min(faults, key=lambda codec: faults[codec])


def as_lng_lat(source: Source, said: Declared) -> np.ndarray:
    """Give the source's geometry as WGS84 longitude and latitude.

    The file's own CRS goes before the declared one. A datum of GCJ-02 or BD-09 is taken off
    after the projection is undone.

    Raises
    ------
    PackError
        No CRS is known and the numbers are no degrees, or the CRS has no published way to
        WGS84, or the datum cannot be theirs.
    """
    geometry = shapely.force_2d(source.geometry)
    known = source.crs or said.crs
    west, south, east, north = _bounds(geometry, source.path)
    if known is None and not _are_degrees((west, south, east, north)):
        if _are_degrees((south, west, north, east)):
            raise PackError(
                f"{source.path} 的经纬度颠倒({west:.6g}, {south:.6g});请对调两列",
                f"{source.path}: longitude and latitude are exchanged "
                f"({west:.6g}, {south:.6g}); swap them",
            )
        raise PackError(
            f"{source.path} 没有坐标系,坐标 {west:.6g}, {south:.6g} 也不是经纬度;请用 --crs 声明",
            f"{source.path} states no CRS and {west:.6g}, {south:.6g} are no degrees; "
            "declare it with --crs",
        )
    if known is not None:
        geometry = _to_degrees(geometry, known, source.path)
    datum = said.datum
    if datum is None or not said.is_shifted:
        return np.asarray(geometry)
    _check_in_range(geometry, source.path, datum)
    return np.asarray(
        shapely.transform(geometry, lambda p: np.column_stack(to_wgs84(*p.T, datum=datum)))
    )


def unlike_declared(source: Source, said: Declared) -> list[Finding]:
    """Warn where a file's own CRS was used although another was declared."""
    own, other = source.crs, said.crs
    if own is None or other is None or own == other or (own.is_geographic and other.is_geographic):
        return []
    words = Words(
        f"{source.path} 自带坐标系 {own.name},未采用声明的 {other.name}",
        f"{source.path} states its own CRS {own.name}; the declared {other.name} was not used",
    )
    return [Finding("warning", words)]


def read_table(
    path: Path, columns: Mapping[str, str], ours: Sequence[str], required: Sequence[str]
) -> pd.DataFrame:
    """Read a CSV without geometry, in our columns."""
    picked = Source(path, _csv_table(path), np.empty(0), None).pick(columns, required)
    return picked.reindex(columns=list(ours)).astype("str")


def parse_crs(text: str) -> pyproj.CRS:
    """Read an EPSG code, WKT or PROJ string.

    Raises
    ------
    PackError
        PROJ does not know it.
    """
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise PackError(
            f"坐标系 {text!r} 无法识别;可写 EPSG:4490、WKT 或 PROJ 字符串",
            f"the CRS {text!r} is unknown; write e.g. EPSG:4490, WKT or a PROJ string",
        ) from error


def _to_degrees(geometry: np.ndarray, crs: pyproj.CRS, path: Path) -> np.ndarray:
    """Undo the projection; refuse systems whose shift against WGS84 is not public."""
    base = crs.geodetic_crs
    code = base.to_epsg() if base is not None else None
    radius = base.ellipsoid.semi_major_metre if base is not None and base.ellipsoid else 0.0
    is_odd = code is None and radius in _UNPUBLISHED_RADII
    if base is None or ((code in _UNPUBLISHED or is_odd) and not crs.is_bound):
        name = _UNPUBLISHED.get(code or 0, base.name if base is not None else crs.name)
        raise PackError(
            f"{path} 的坐标系基于 {name},转换参数未公开,误差可达百米;请先转为 CGCS2000,"
            "或用带 +towgs84 的 PROJ 字符串声明",
            f"{path}: {name} has no published way to WGS84 and may be 100 m off; convert it to "
            "CGCS2000 first, or declare a PROJ string with +towgs84",
        )
    series = gpd.GeoSeries(geometry, crs=crs)
    return np.asarray(series.to_crs("EPSG:4326").to_numpy())


def _bounds(geometry: np.ndarray, path: Path) -> tuple[float, float, float, float]:
    bounds = shapely.total_bounds(geometry)
    if not np.isfinite(bounds).all():
        raise PackError(f"{path} 中没有图形", f"{path} holds no shapes at all")
    west, south, east, north = map(float, bounds)
    return west, south, east, north


def _check_in_range(geometry: np.ndarray, path: Path, datum: Datum) -> None:
    west, south, east, north = _bounds(geometry, path)
    box = CHINA
    if west < box[0] or south < box[1] or east > box[2] or north > box[3]:
        raise PackError(
            f"{path} 的范围 {west:.4f}–{east:.4f}, {south:.4f}–{north:.4f} 不在中国,"
            f"不可能是 {datum};请检查声明的坐标系",
            f"{path}: {west:.4f} to {east:.4f}, {south:.4f} to {north:.4f} is not in China "
            f"and cannot be {datum}; check the declared datum",
        )


def _states_crs(path: Path, frame: gpd.GeoDataFrame) -> bool:
    """Say whether the CRS is the file's own word: a GeoJSON without one is only taken for WGS84."""
    if frame.crs is None:
        return False
    if path.suffix.lower() not in (".geojson", ".json"):
        return True
    is_default = frame.crs.to_epsg() == 4326  # noqa: PLR2004 - WGS84
    return not is_default or _are_degrees([float(b) for b in frame.total_bounds])


def _are_degrees(bounds: Sequence[float]) -> bool:
    west, south, east, north = bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90  # noqa: PLR2004


def _split_layer(path: Path) -> tuple[Path, str, str]:
    file, mark, layer = path.name.partition("#")
    return path.with_name(file or path.name), mark, layer


def _only_layer(path: Path) -> str | None:
    try:
        layers = pyogrio.list_layers(path)
    except pyogrio.errors.DataSourceError as error:
        raise _unreadable(path, error) from error
    spatial = [str(name) for name, kind in layers if kind is not None]
    if len(spatial) > 1:
        raise PackError(
            f"{path} 有多个图层:{'、'.join(spatial)};请写作 {path.name}#图层名",
            f"{path} has several layers: {', '.join(spatial)}; write {path.name}#LAYER",
        )
    return spatial[0] if spatial else None


def _unreadable(path: Path, why: object) -> PackError:
    return PackError(
        f"{path} 读不了({why});应为 Shapefile、GeoJSON、GeoPackage 或 CSV",
        f"{path} cannot be read ({why}); it must be a Shapefile, GeoJSON, GeoPackage or CSV",
    )


def _csv_table(path: Path) -> pd.DataFrame:
    rows = list(csv.reader(io.StringIO(_decode(path))))
    rows = [[" ".join(cell.split()) for cell in row] for row in rows if any(row)]
    if len(rows) < 2:  # noqa: PLR2004 - a header and something below it
        raise PackError(
            f"{path} 中没有数据行;请检查文件", f"{path} holds no rows below its header; check it"
        )
    header = rows[0]
    short = [row for row in rows[1:] if len(row) != len(header)]
    if short or len(set(header)) < len(header):
        raise PackError(
            f"{path} 的表头有重名,或有的行与表头格数不同;请更正",
            f"{path}: its headers repeat, or rows differ from the header in length; mend it",
        )
    return pd.DataFrame(rows[1:], columns=header, dtype="str").replace("", None)


def _read_csv_source(path: Path, lng_lat: tuple[str, str]) -> Source:
    table = _csv_table(path)
    wkt = next((name for name in _WKT_COLUMNS if name in table), None)
    if wkt is not None:
        geometry = shapely.from_wkt(table[wkt].to_numpy(dtype=object), on_invalid="ignore")
        return Source(path, table.drop(columns=wkt), geometry, None)
    for name in lng_lat:
        if name not in table:
            raise no_column(path, name, map(str, table.columns))
    lng, lat = (pd.to_numeric(table[name], errors="coerce").to_numpy() for name in lng_lat)
    known = np.isfinite(lng) & np.isfinite(lat)
    points = np.full(len(table), None, dtype=object)
    points[known] = shapely.points(lng[known], lat[known])
    return Source(path, table.drop(columns=list(lng_lat)), points, None)


def _decode(path: Path) -> str:
    raw = path.read_bytes()
    for codec in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    raise _unreadable(path, "encoding")


def _table_values(raw: bytes) -> list[bytes]:
    """List the text values of a dBASE table that are not plain ASCII, as bytes."""
    if len(raw) < 32:  # noqa: PLR2004 - the size of its head
        return []
    n, head, size = struct.unpack("<IHH", raw[4:12])
    fields = [raw[at : at + 32] for at in range(32, head - 1, 32)]
    values, start = [], 1
    for field in fields:
        width = field[16]
        if field[11:12] == b"C":
            cells = (raw[head + row * size + start :][:width] for row in range(n))
            values += [cell.rstrip(b" \0") for cell in cells if not cell.isascii()]
        start += width
    return values


def _is_mojibake(value: bytes, codec: str) -> bool:
    """Say whether bytes are not text in `codec`, but for a character cut off at the end."""
    try:
        text = value.decode(codec)
    except UnicodeDecodeError as error:
        return error.start < len(value) - 3
    return any(mark in text for mark in _TEXT_MARKS)
