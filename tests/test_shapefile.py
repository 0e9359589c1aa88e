"""Shapefiles and the field dictionary: what old programs read, and what names mean."""

import csv
import struct

import delivery
import geopandas as gpd
import pytest

from geo_hotspots.deliver.allowed import FIELDS, LAYERS
from geo_hotspots.deliver.gis.dictionary import MEANINGS, short_name, write_dictionary
from geo_hotspots.deliver.gis.shapefile import MAX_BYTES, write_shapefiles

ENCODINGS = ("utf-8", "gbk")


def names_in(dbf):
    """The names of a dBase file's columns, as they stand in its head."""
    raw = dbf.read_bytes()
    (size,) = struct.unpack_from("<H", raw, 8)
    heads = [raw[at : at + 11] for at in range(32, size - 1, 32)]
    return [head.split(b"\0")[0].decode("ascii") for head in heads]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_shapefile_says_its_encoding_and_reads_back_in_it(tmp_path, encoding):
    layers = delivery.layers()
    write_shapefiles(tmp_path, layers, encoding=encoding)
    for name, before in layers.items():
        assert (tmp_path / f"{name}.cpg").read_text() == encoding.upper()
        after = gpd.read_file(tmp_path / f"{name}.shp")
        assert after.crs.to_epsg() == 4326
        assert len(after) == len(before)
        assert after["n"].tolist() == before["n"].tolist()
    points = gpd.read_file(tmp_path / "hotspots.shp")
    assert points["name"].tolist() == layers["hotspots"]["name"].tolist()
    assert points["days_fixed"].tolist()[0] == 149
    assert points["last_at"].tolist()[0] == "2026-11-21T17:45:12"


def test_names_are_short_ascii_and_each_stands_once(tmp_path):
    write_shapefiles(tmp_path, delivery.layers(), encoding="utf-8")
    for layer, columns in LAYERS.items():
        names = names_in(tmp_path / f"{layer}.dbf")
        assert names == [short_name(column) for column in columns]
        assert all(len(name) <= 10 for name in names)
        assert len({name.lower() for name in names}) == len(names)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_long_text_is_cut_between_two_characters(tmp_path, encoding):
    points = delivery.hotspots(3).assign(reason=["长" * 200, "短", "a" + "长" * 200])
    write_shapefiles(tmp_path, {"hotspots": points}, encoding=encoding)
    reasons = gpd.read_file(tmp_path / "hotspots.shp")["reason"].tolist()
    assert reasons[1] == "短"
    for text in (reasons[0], reasons[2]):
        assert set(text[1:]) == {"长", "…"}
        assert MAX_BYTES - 3 <= len(text.encode(encoding)) <= MAX_BYTES


def test_what_gbk_does_not_know_becomes_a_question_mark(tmp_path):
    points = delivery.hotspots(1).assign(name="😀里𠮷院")
    write_shapefiles(tmp_path, {"hotspots": points}, encoding="gbk")
    assert gpd.read_file(tmp_path / "hotspots.shp")["name"].tolist() == ["?里?院"]


def test_layers_without_rows_are_files_all_the_same(tmp_path):
    layers = {name: layer.iloc[:0] for name, layer in delivery.layers().items()}
    write_shapefiles(tmp_path, layers, encoding="utf-8")
    assert all(gpd.read_file(tmp_path / f"{name}.shp").empty for name in layers)


def test_equal_layers_give_equal_bytes(tmp_path):
    for folder in ("a", "b"):
        write_shapefiles(tmp_path / folder, delivery.layers(), encoding="gbk")
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_dictionary_explains_every_field_of_every_layer(tmp_path, lang):
    write_dictionary(tmp_path / "fields.csv", lang=lang)
    with (tmp_path / "fields.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    assert [(r[0], r[2]) for r in rows] == [(la, c) for la, cs in LAYERS.items() for c in cs]
    explained = dict(zip(head, zip(*rows, strict=True), strict=True))
    assert all(explained["含义" if lang == "zh" else "meaning"])
    assert all(explained["中文名" if lang == "zh" else "name"])
    assert set(MEANINGS) == set(FIELDS)
