"""One GeoPackage with every layer, which QGIS opens styled and with the columns' names in words.

Version 1.2, since QGIS 3.22 warns of later ones. Equal input gives equal bytes: the date that
GDAL and the style table would take from the clock is fixed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import geopandas as gpd
import pyogrio

from geo_hotspots.deliver.allowed import FIELDS, PACKAGE_LAYERS, only_allowed
from geo_hotspots.deliver.gis.geojson import tidy_layer
from geo_hotspots.deliver.gis.styles import TITLES, style
from geo_hotspots.errors import OutputError
from geo_hotspots.words import Lang

# Any fixed moment will do; the one that a zip archive starts from is plainly none of a run's.
MOMENT = "1980-01-01T00:00:00.000Z"
EMPTY_SHAPES = {"hotspots": "Point"}
# What GDAL says of a file that does not open, and of one whose disk fills up while it writes.
GDAL_ERRORS = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError)

STYLES_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
    f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
    styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
    owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""
COLUMNS_TABLE = """
CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
    description TEXT, mime_type TEXT, constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name))
"""


def write_geopackage(
    path: Path, layers: dict[str, gpd.GeoDataFrame], *, lang: Lang, datum: str = "wgs84"
) -> None:
    """Write `layers` into a new GeoPackage, each with its style and its columns' names.

    Parameters
    ----------
    path
        The file; one that is there already is replaced.
    layers
        By name, a subset of `PACKAGE_LAYERS` with their columns and geometry in WGS84. A layer may
        have no rows.
    lang
        The language of layer titles, column names and labels.
    datum
        Said in every layer's title where it is not WGS84.

    Raises
    ------
    SchemaError
        A layer's columns, geometry or reference system break the contract.
    OutputError
        The file cannot be written.
    """
    write_tidy(path, tidy_layers(layers), lang=lang, datum=datum)


def tidy_layers(layers: dict[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Bring layers into the form in which they leave, see `tidy_layer`."""
    return {
        name: tidy_layer(only_allowed(gdf, f"hotspots.gpkg/{name}")) for name, gdf in layers.items()
    }


def write_tidy(
    path: Path, tidy: dict[str, gpd.GeoDataFrame], *, lang: Lang, datum: str = "wgs84"
) -> None:
    """Write layers that `tidy_layers` has brought into form, as `write_geopackage` does."""
    mark = f" ({datum.upper()})" if datum != "wgs84" else ""
    try:
        path.unlink(missing_ok=True)
        with _own_settings():
            for name, layer in tidy.items():
                _write_layer(path, layer, name, TITLES[name].say(lang) + mark)
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA synchronous = OFF")
            _add_styles(database, tidy, lang)
            _add_column_names(database, tidy, lang)
            database.commit()
            database.execute("VACUUM")
    except (OSError, *GDAL_ERRORS, sqlite3.OperationalError) as error:
        why = str(error).rsplit(") failed: ", 1)[-1]  # without the whole statement in SQL
        raise OutputError(
            f"{path.name} 写不进去：{why}；请检查磁盘空间，若已在 QGIS 中打开，请先关闭",
            f"{path.name} cannot be written: {why}; check the disk, and close it in QGIS",
        ) from error


@contextmanager
def _own_settings() -> Iterator[None]:
    """Let GDAL take no time from the clock, and not wait for the disk after every layer.

    No other file of a run waits for it either, and a run that was cut off is repeated.
    """
    ours = {"OGR_CURRENT_DATE": MOMENT, "OGR_SQLITE_SYNCHRONOUS": "OFF"}
    before = {name: pyogrio.get_gdal_config_option(name) for name in ours}
    pyogrio.set_gdal_config_options(ours)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _write_layer(path: Path, layer: gpd.GeoDataFrame, name: str, title: str) -> None:
    shape = EMPTY_SHAPES.get(name, "MultiPolygon") if layer.empty else None
    pyogrio.write_dataframe(
        layer,
        path,
        layer=name,
        driver="GPKG",
        append=path.exists(),
        geometry_type=shape,
        dataset_options={"VERSION": "1.2"},
        layer_options={
            "FID": "fid", "GEOMETRY_NAME": "geom", "IDENTIFIER": title,
        },
    )  # fmt: skip


def _add_styles(
    database: sqlite3.Connection, layers: dict[str, gpd.GeoDataFrame], lang: Lang
) -> None:
    database.execute(STYLES_TABLE)
    for name, layer in layers.items():
        database.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
            " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description,"
            " owner, ui, update_time) VALUES ('', '', ?, 'geom', ?, ?, '', 1, '', '', NULL, ?)",
            (name, name, style(layer, name, lang=lang), MOMENT),
        )
    # An entry in the contents keeps the table out of the layers that programs offer to open.
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
        (MOMENT,),
    )


def _add_column_names(
    database: sqlite3.Connection, layers: dict[str, gpd.GeoDataFrame], lang: Lang
) -> None:
    """Name the columns in words by the schema extension, which GDAL and QGIS show as aliases."""
    database.execute(COLUMNS_TABLE)
    database.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name) VALUES (?, ?, ?)",
        [(name, c, FIELDS[c].alias.say(lang)) for name in layers for c in PACKAGE_LAYERS[name]],
    )
    database.executemany(
        "INSERT INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope)"
        " VALUES (?, NULL, 'gpkg_schema', 'http://www.geopackage.org/spec/#extension_schema',"
        " 'read-write')",
        [("gpkg_data_columns",)],
    )
