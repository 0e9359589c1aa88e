"""Official files to build a pack from, of any format and encoding, as they are.

A `Source` holds one layer as text columns beside its geometry, as the file has them.
"""

import csv
import io
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
from geo_hotspots.places.packs.encoding import decode, shapefile_encoding
from geo_hotspots.places.packs.files import as_text, no_column

_WKT_COLUMNS = ("geometry", "wkt", "WKT", "geom", "the_geom", "the_geom_wkt")


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
        raise PackError(
            f"找不到文件 {path}；请检查路径", f"there is no file {path}; check the path"
        )
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


def read_table(
    path: Path, columns: Mapping[str, str], ours: Sequence[str], required: Sequence[str]
) -> pd.DataFrame:
    """Read a CSV without geometry, in our columns."""
    picked = Source(path, _csv_table(path), np.empty(0), None).pick(columns, required)
    return picked.reindex(columns=list(ours)).astype("str")


def are_degrees(bounds: Sequence[float]) -> bool:
    """Say whether west, south, east and north can be longitudes and latitudes."""
    west, south, east, north = bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90  # noqa: PLR2004


def _states_crs(path: Path, frame: gpd.GeoDataFrame) -> bool:
    """Say whether the CRS is the file's own word: a GeoJSON without one is only taken for WGS84."""
    if frame.crs is None:
        return False
    if path.suffix.lower() not in (".geojson", ".json"):
        return True
    is_default = frame.crs.to_epsg() == 4326  # noqa: PLR2004 - WGS84
    return not is_default or are_degrees([float(b) for b in frame.total_bounds])


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
            f"{path} 有多个图层：{'、'.join(spatial)}；请写作 {path.name}#图层名",
            f"{path} has several layers: {', '.join(spatial)}; write {path.name}#LAYER",
        )
    return spatial[0] if spatial else None


def _unreadable(path: Path, why: object) -> PackError:
    return PackError(
        f"{path} 读不了（{why}）；应为 Shapefile、GeoJSON、GeoPackage 或 CSV",
        f"{path} cannot be read ({why}); it must be a Shapefile, GeoJSON, GeoPackage or CSV",
    )


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


def _csv_table(path: Path) -> pd.DataFrame:
    try:
        text = decode(path.read_bytes())
    except UnicodeDecodeError as error:
        raise _unreadable(path, "encoding") from error
    rows = list(csv.reader(io.StringIO(text)))
    rows = [[" ".join(cell.split()) for cell in row] for row in rows if any(row)]
    if len(rows) < 2:  # noqa: PLR2004 - a header and something below it
        raise PackError(
            f"{path} 中没有数据行；请检查文件", f"{path} holds no rows below its header; check it"
        )
    header = rows[0]
    short = [row for row in rows[1:] if len(row) != len(header)]
    if short or len(set(header)) < len(header):
        raise PackError(
            f"{path} 的表头有重名，或有的行与表头格数不同；请更正",
            f"{path}: its headers repeat, or rows differ from the header in length; mend it",
        )
    return pd.DataFrame(rows[1:], columns=header, dtype="str").replace("", None)
