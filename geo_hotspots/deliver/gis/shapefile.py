"""Shapefiles, for programs that read nothing newer: short ASCII names, a declared encoding.

A Shapefile has no time of day, no yes and no, names of ten bytes and texts of 254. Times are ISO
text, yes is 1; what a name means stands in `fields.csv`, and a text that is too long ends in "…".
"""

from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd
import pyogrio

from geo_hotspots.deliver.allowed import FIELDS, only_allowed
from geo_hotspots.deliver.gis.dictionary import short_name
from geo_hotspots.deliver.gis.geojson import tidy_layer
from geo_hotspots.deliver.gis.geopackage import GDAL_ERRORS
from geo_hotspots.errors import OutputError

Encoding = Literal["utf-8", "gbk"]
MAX_BYTES = 254
_DAY = "1980-01-01"  # dBase notes the day of writing; equal input is to give equal bytes
_EMPTY_SHAPES = {"hotspots": "Point"}


def write_shapefiles(
    folder: Path, layers: dict[str, gpd.GeoDataFrame], *, encoding: Encoding
) -> None:
    """Write each layer as `LAYER.shp` with its companions, `.cpg` among them.

    Parameters
    ----------
    folder
        Made if need be.
    layers
        By name, a subset of `allowed.LAYERS` with their columns.
    encoding
        Of the texts. What GBK does not know becomes a question mark; newer programs read the
        encoding from `.cpg`, old ones in Chinese offices expect GBK.

    Raises
    ------
    SchemaError
        A layer's columns, geometry or reference system break the contract.
    OutputError
        A file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, gdf in layers.items():
            layer = tidy_layer(only_allowed(gdf, f"{name}.geojson"))
            _write(folder / f"{name}.shp", _flat(layer, encoding), encoding)
    except (OSError, *GDAL_ERRORS) as error:
        raise OutputError(
            f"Shapefile 写不进 {folder}：{error}；请检查磁盘和权限",
            f"the Shapefiles cannot be written to {folder}: {error}; check disk and permissions",
        ) from error


def _write(path: Path, layer: gpd.GeoDataFrame, encoding: Encoding) -> None:
    pyogrio.write_dataframe(
        layer, path, driver="ESRI Shapefile", encoding=encoding.upper(),
        geometry_type=_EMPTY_SHAPES.get(path.stem, "Polygon") if layer.empty else None,
        layer_options={"DBF_DATE_LAST_UPDATE": _DAY},
    )  # fmt: skip
    path.with_suffix(".cpg").write_text(encoding.upper(), encoding="ascii")


def _flat(layer: gpd.GeoDataFrame, encoding: Encoding) -> gpd.GeoDataFrame:
    """Bring a layer's columns to what dBase can hold, under short names."""
    columns = {
        short_name(name): _column(layer[name], FIELDS[name].kind, encoding)
        for name in layer.columns
        if name != "geometry"
    }
    return gpd.GeoDataFrame(columns, geometry=layer.geometry, crs=layer.crs)


def _column(column: pd.Series, kind: str, encoding: Encoding) -> pd.Series:
    if kind == "time":
        texts: pd.Series = column.dt.strftime("%Y-%m-%dT%H:%M:%S")
        return texts
    if kind == "flag":
        return column.astype("Int64")
    if kind == "text":
        cut = [text if pd.isna(text) else _cut(text, encoding) for text in column]
        return pd.Series(cut, index=column.index, dtype="str")
    return column


def _cut(text: str, encoding: Encoding) -> str:
    """Shorten a text to the bytes there are, between two characters."""
    raw = text.encode(encoding, "replace")
    if len(raw) <= MAX_BYTES:
        return raw.decode(encoding)
    end = "…".encode(encoding)
    return raw[: MAX_BYTES - len(end)].decode(encoding, "ignore") + "…"
