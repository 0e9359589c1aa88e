import sqlite3
from contextlib import closing
from xml.etree import ElementTree as ET

import delivery
import geopandas as gpd
import pyogrio
import pytest
from pyogrio.errors import FeatureError

from geo_hotspots.deliver.allowed import FIELDS, LAYERS
from geo_hotspots.deliver.gis.geojson import write_geojson
from geo_hotspots.deliver.gis.geopackage import write_geopackage
from geo_hotspots.deliver.gis.shapefile import write_shapefiles
from geo_hotspots.errors import OutputError
from geo_hotspots.schema import SchemaError


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    path = tmp_path_factory.mktemp("gpkg") / "hotspots.gpkg"
    write_geopackage(path, delivery.layers(), lang="zh")
    return path


def query(path, sql):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql).fetchall()


def test_it_is_of_version_1_2(package):
    assert query(package, "PRAGMA user_version") == [(10200,)]
    assert query(package, "PRAGMA integrity_check") == [("ok",)]


def test_every_layer_opens_with_its_columns_and_rows(package):
    spatial = {name for name, shape in pyogrio.list_layers(package) if shape is not None}
    assert spatial == set(LAYERS)
    for layer, before in delivery.layers().items():
        after = gpd.read_file(package, layer=layer)
        assert tuple(after.columns) == (*LAYERS[layer], "geometry")
        assert len(after) == len(before)
        assert after.crs.to_epsg() == 4326


def test_it_holds_the_same_as_the_geojson(package, tmp_path):
    path = tmp_path / "cells.geojson"
    write_geojson(path, delivery.cells(), name="cells", id_column="cell", lang="zh")
    geojson, layer = gpd.read_file(path), gpd.read_file(package, layer="cells")
    for column in LAYERS["cells"]:
        assert geojson[column].astype("str").equals(layer[column].astype("str")), column
    assert geojson.geometry.equals(layer.geometry)


def test_every_layer_has_a_default_style_that_names_it(package):
    styles = query(package, "SELECT f_table_name, useAsDefault, styleQML FROM layer_styles")
    assert [name for name, _, _ in styles] == list(LAYERS)
    assert all(is_default == 1 for _, is_default, _ in styles)
    assert {ET.fromstring(qml).tag for _, _, qml in styles} == {"qgis"}


def test_columns_have_names_in_words(package):
    rows = query(package, "SELECT table_name, column_name, name FROM gpkg_data_columns")
    assert rows == [(t, c, FIELDS[c].alias.zh) for t in LAYERS for c in LAYERS[t]]


def test_local_times_carry_no_zone(package):
    assert query(package, "SELECT last_at FROM hotspots LIMIT 1") == [("2026-11-21T17:45:12.000",)]


def test_the_same_layers_give_the_same_bytes(package, tmp_path):
    write_geopackage(tmp_path / "again.gpkg", delivery.layers(), lang="zh")
    assert (tmp_path / "again.gpkg").read_bytes() == package.read_bytes()


def test_writing_again_replaces_the_file(tmp_path):
    path = tmp_path / "hotspots.gpkg"
    for _ in range(2):
        write_geopackage(path, {"streets": delivery.areas()}, lang="en")
    assert len(gpd.read_file(path, layer="streets")) == 6


def test_layers_without_rows_are_layers_all_the_same(tmp_path):
    path = tmp_path / "hotspots.gpkg"
    write_geopackage(path, {k: g.iloc[:0] for k, g in delivery.layers().items()}, lang="zh")
    shapes = dict(map(tuple, pyogrio.list_layers(path)))
    assert shapes.pop("layer_styles") is None
    assert shapes == {"hotspots": "Point"} | dict.fromkeys(
        ("cells", "communities", "streets", "emerging"), "MultiPolygon"
    )


def test_nothing_else_can_leave_with_a_layer(tmp_path):
    layers = {"hotspots": delivery.hotspots().assign(caller="a")}
    with pytest.raises(SchemaError, match="caller"):
        write_geopackage(tmp_path / "hotspots.gpkg", layers, lang="zh")


def test_a_disk_that_fills_up_is_one_line_without_the_statement(tmp_path, monkeypatch):
    def fill_up(*_args, **_options):
        statement = 'CREATE TABLE "hotspots" ("name" TEXT)'
        raise FeatureError(f"sqlite3_exec({statement}) failed: database or disk is full")

    monkeypatch.setattr(pyogrio, "write_dataframe", fill_up)
    with pytest.raises(OutputError, match="cannot be written: database or disk is full;"):
        write_geopackage(tmp_path / "hotspots.gpkg", delivery.layers(), lang="zh")
    with pytest.raises(OutputError, match="disk is full"):
        write_shapefiles(tmp_path, delivery.layers(), encoding="gbk")


def test_a_package_that_cannot_be_written_is_one_line(tmp_path):
    with pytest.raises(OutputError, match=r"hotspots\.gpkg cannot be written"):
        write_geopackage(tmp_path / "no" / "hotspots.gpkg", delivery.layers(), lang="zh")
