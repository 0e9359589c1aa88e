"""GeoJSON that every importer reads alike: RFC 7946, and the stricter habits of real programs.

QGIS, ArcGIS and SuperMap agree on less than the standard allows. What holds for all of them:
one geometry type per file, the same scalar keys in the same order in every feature, a text id
that also stands among the properties, no `crs`, no NaN, local times without a zone.
"""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_hotspots.columns import plain_values
from geo_hotspots.deliver.allowed import FIELDS, only_allowed
from geo_hotspots.deliver.gis.styles import write_qml
from geo_hotspots.deliver.writing import writing
from geo_hotspots.schema import SchemaError
from geo_hotspots.words import Lang

DIGITS = 6  # 0.1 m
SIGNIFICANT = 6  # digits of a measure; more would be noise that differs between machines
TYPES = {
    shapely.GeometryType.POINT: "Point",
    shapely.GeometryType.LINESTRING: "LineString",
    shapely.GeometryType.POLYGON: "Polygon",
    shapely.GeometryType.MULTIPOINT: "MultiPoint",
    shapely.GeometryType.MULTILINESTRING: "MultiLineString",
    shapely.GeometryType.MULTIPOLYGON: "MultiPolygon",
}
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write_geojson(
    path: Path, gdf: gpd.GeoDataFrame, *, name: str, id_column: str, lang: Lang,
    datum: str = "wgs84",
) -> None:  # fmt: skip
    """Write a layer as GeoJSON, and its QGIS style beside it as `.qml`.

    Parameters
    ----------
    path
        `LAYER.geojson`; the name decides which columns may leave and how they are drawn.
    gdf
        The layer's columns with geometry in WGS84 longitude and latitude. Without rows the
        file is an empty, valid collection.
    name
        The collection's `name`, which QGIS shows in its layer list.
    id_column
        The column that is each feature's `id`; it stays among the properties.
    lang
        The language of the column names and labels in the style.
    datum
        Named in the collection's head where it is not the standard's own WGS84.

    Raises
    ------
    SchemaError
        Columns, geometry, reference system or ids break the contract.
    OutputError
        The file cannot be written.
    """
    layer = tidy_layer(only_allowed(gdf, path.name))
    write_features(path, layer, name=name, id_column=id_column, lang=lang, datum=datum)


def write_features(
    path: Path, layer: gpd.GeoDataFrame, *, name: str, id_column: str, lang: Lang,
    datum: str = "wgs84",
) -> None:  # fmt: skip
    """Write a layer that `tidy_layer` has brought into form, as `write_geojson` does.

    What may leave is asked again: the form may have been made for another file.
    """
    layer = only_allowed(layer, path.name)
    ids = layer[id_column].astype("str")
    if ids.isna().any() or not ids.is_unique:
        raise SchemaError(f"{path.name!r}: {id_column!r} must name every feature once")
    mark = f'"datum":{_dump(datum)},' if datum != "wgs84" else ""
    head = f'{{"type":"FeatureCollection","name":{_dump(name)},{mark}"features":['
    body = ",\n".join(_features(layer, ids))
    text = f"{head}\n{body}\n]}}\n" if body else f"{head}]}}\n"
    with writing(path):
        path.write_bytes(text.encode("utf-8", "replace"))  # a lone surrogate becomes "?"
    write_qml(path.with_suffix(".qml"), layer, path.stem, lang=lang)


def tidy_layer(gdf: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Bring a layer into the one form that all GIS files carry.

    Whole numbers are whole, measures have six significant digits, times are local to the
    second; coordinates have six digits, outer rings turn left, and all shapes are of one type.

    Raises
    ------
    SchemaError
        The reference system is not WGS84, or a shape is missing.
    """
    if gdf.crs is None or gdf.crs.to_epsg() != 4326:  # noqa: PLR2004 (WGS84)
        raise SchemaError(f"geometry is in {gdf.crs}, not in WGS84 (EPSG:4326)")
    plain = pd.DataFrame(gdf).drop(columns="geometry")
    columns = {name: _tidy_column(column, str(name)) for name, column in plain.items()}
    shapes = _tidy_shapes(np.asarray(gdf.geometry))
    return gpd.GeoDataFrame(columns, index=gdf.index, geometry=shapes, crs=gdf.crs)


def _tidy_column(column: pd.Series, name: str) -> pd.Series:
    kind = FIELDS[name].kind
    if kind == "text":
        return column.astype("str")
    if kind == "time":
        return pd.to_datetime(column).dt.tz_localize(None).dt.floor("s")
    if kind == "flag":
        return column.astype("boolean")
    if kind == "integer":
        return pd.to_numeric(column).round().astype("Int64")
    numbers = pd.to_numeric(column).astype("float64").to_numpy(na_value=np.nan)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    return pd.Series(_round_significant(numbers), index=column.index)


def _round_significant(numbers: np.ndarray) -> np.ndarray:
    return np.array([float(f"{x:.{SIGNIFICANT}g}") for x in numbers], dtype="float64")


def _tidy_shapes(shapes: np.ndarray) -> np.ndarray:
    if shapely.is_missing(shapes).any() or shapely.is_empty(shapes).any():
        raise SchemaError("a feature has no shape")
    # Each once: a cell has the same outline in the layer of every category.
    shape, distinct = pd.factorize(shapes)
    # Snapped as a whole, so that rounding cannot make a valid shape invalid.
    tidy = shapely.orient_polygons(shapely.set_precision(distinct, 10.0**-DIGITS))[shape]
    dimensions = set(shapely.get_dimensions(tidy).tolist())
    if len(dimensions) > 1:
        raise SchemaError("a layer holds shapes of one type, not points and polygons together")
    is_multi = shapely.get_num_geometries(tidy) > 1
    if not is_multi.any():
        return np.asarray(shapely.get_geometry(tidy, 0))
    # One collection of several among single shapes makes all of them collections.
    parts, owners = shapely.get_parts(tidy, return_index=True)
    promote: dict[int, Any] = {
        0: shapely.multipoints,
        1: shapely.multilinestrings,
        2: shapely.multipolygons,
    }
    return np.asarray(promote[dimensions.pop()](parts, indices=owners))


def _features(layer: gpd.GeoDataFrame, ids: pd.Series) -> Iterator[str]:
    """Give each feature as one line of JSON."""
    plain = pd.DataFrame(layer).drop(columns="geometry")
    columns = {str(name): _plain(column) for name, column in plain.items()}
    shapes = _shapes(np.asarray(layer.geometry))
    for feature_id, shape, *row in zip(ids, shapes, *columns.values(), strict=True):
        properties = _dump(dict(zip(columns, row, strict=True)))
        yield (
            f'{{"type":"Feature","id":{_dump(feature_id)},'
            f'"properties":{properties},"geometry":{shape}}}'
        )


def _plain(column: pd.Series) -> list[Any]:
    """Give values as JSON knows them, None where one is missing."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "M":
        column = column.dt.strftime("%Y-%m-%dT%H:%M:%S")
    return plain_values(column)


def _shapes(shapes: np.ndarray) -> list[str]:
    """Write shapes of one type with six digits; GEOS writes some numbers with sixteen.

    Level by level: points are gathered into rings, rings into polygons, polygons into shapes.
    """
    if not len(shapes):
        return []
    kind, coordinates, offsets = shapely.to_ragged_array(shapes, include_z=False)
    parts = [f"[{x},{y}]" for x, y in coordinates.round(DIGITS).tolist()]
    for ends in offsets:
        bounds = pairwise(ends.tolist())
        parts = [f"[{','.join(parts[start:end])}]" for start, end in bounds]
    return [f'{{"type":"{TYPES[kind]}","coordinates":{part}}}' for part in parts]


def _dump(value: Any) -> str:
    return _JSON.encode(value)
