import json
from xml.etree import ElementTree as ET

import delivery
import geojson_validator
import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots.deliver.allowed import FIELDS, LAYERS
from geo_hotspots.deliver.gis.geojson import tidy_layer, write_features, write_geojson
from geo_hotspots.deliver.gis.geojson_check import check_geojson
from geo_hotspots.deliver.gis.styles import class_breaks, style
from geo_hotspots.errors import OutputError
from geo_hotspots.schema import SchemaError
from geo_hotspots.words import LIFECYCLE

BEIJING = (115.4, 39.4, 117.6, 41.1)
IDS = {
    "hotspots": "hotspot_id", "cells": "cell", "communities": "code", "streets": "code",
    "emerging": "cluster_id",
}  # fmt: skip


def write(folder, layer, gdf=None, lang="zh"):
    path = folder / f"{layer}.geojson"
    gdf = delivery.layers()[layer] if gdf is None else gdf
    write_geojson(path, gdf, name=layer, id_column=IDS[layer], lang=lang)
    return path


@pytest.mark.parametrize("layer", sorted(LAYERS))
def test_what_we_write_passes_our_rules_and_the_validator(tmp_path, layer):
    path = write(tmp_path, layer)
    assert check_geojson(path, bounds=BEIJING) == []
    assert geojson_validator.validate_structure(path, check_crs=True) == {}
    found = geojson_validator.validate_geometries(path)
    assert (found["invalid"], found["problematic"]) == ({}, {})


@pytest.mark.parametrize("layer", sorted(LAYERS))
def test_every_feature_has_the_contracts_keys_in_order_and_its_id_twice(tmp_path, layer):
    collection = json.loads(write(tmp_path, layer).read_bytes())
    assert list(collection) == ["type", "name", "features"]
    assert collection["name"] == layer
    for feature in collection["features"]:
        assert tuple(feature["properties"]) == LAYERS[layer]
        assert feature["id"] == feature["properties"][IDS[layer]]


@pytest.mark.parametrize("layer", sorted(LAYERS))
def test_importers_read_back_what_was_there(tmp_path, layer):
    before = delivery.layers()[layer]
    after = gpd.read_file(write(tmp_path, layer))
    assert after.crs.to_epsg() == 4326
    assert list(after[IDS[layer]]) == list(before[IDS[layer]])
    assert list(after["n"]) == list(before["n"])
    assert shapely.equals_exact(
        after.geometry.normalize().values, before.geometry.normalize().values, 1e-6
    ).all()


def test_times_are_local_and_numbers_whole_where_they_count(tmp_path):
    properties = json.loads(write(tmp_path, "hotspots").read_bytes())["features"][1]["properties"]
    assert properties["last_at"] == "2026-11-20T17:45:12"
    assert properties["days_since_rectified"] is None
    assert isinstance(properties["rebounds"], int)


@pytest.mark.parametrize("layer", sorted(LAYERS))
def test_a_layer_without_rows_is_a_valid_collection(tmp_path, layer):
    path = write(tmp_path, layer, delivery.layers()[layer].iloc[:0])
    assert json.loads(path.read_bytes()) == {
        "type": "FeatureCollection", "name": layer, "features": [],
    }  # fmt: skip
    assert check_geojson(path) == []
    assert geojson_validator.validate_structure(path) == {}


@pytest.mark.parametrize("layer", sorted(LAYERS))
def test_the_same_layer_gives_the_same_bytes(tmp_path, layer):
    contents = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        path = write(tmp_path / name, layer)
        contents.append((path.read_bytes(), path.with_suffix(".qml").read_bytes()))
    assert contents[0] == contents[1]


@settings(deadline=None)  # three files an example
@given(st.lists(st.text(), min_size=3, max_size=3))
def test_any_text_comes_back(tmp_path_factory, texts):
    points = delivery.hotspots(3).assign(name=pd.Series(texts, dtype="str"))
    path = write(tmp_path_factory.mktemp("any"), "hotspots", points)
    features = json.loads(path.read_bytes())["features"]
    assert [f["properties"]["name"] for f in features] == texts
    assert check_geojson(path) == []


def test_one_multipolygon_makes_the_whole_layer_so(tmp_path):
    areas = delivery.areas()
    areas.loc[0, "geometry"] = shapely.union(
        areas.geometry[0], shapely.box(116.2, 39.9, 116.21, 39.91)
    )
    path = write(tmp_path, "communities", areas)
    assert check_geojson(path) == []
    types = {f["geometry"]["type"] for f in json.loads(path.read_bytes())["features"]}
    assert types == {"MultiPolygon"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda g: g.to_crs(3857), r"EPSG:3857, not in WGS84"),
        (lambda g: g.set_crs(None, allow_override=True), r"geometry is in None"),
        (lambda g: g.assign(hotspot_id="same"), r"'hotspot_id' must name every feature once"),
        (lambda g: g.assign(content="x"), r"may not leave \['content'\]"),
        (lambda g: g.set_geometry([None] * len(g), crs=4326), "a feature has no shape"),
        (lambda g: g.set_geometry([g.geometry[0].buffer(1), *g.geometry[1:]], crs=4326),
         "points and polygons together"),
    ],
)  # fmt: skip
def test_a_layer_that_breaks_the_contract_is_refused(tmp_path, change, message):
    with pytest.raises(SchemaError, match=message):
        write(tmp_path, "hotspots", change(delivery.hotspots()))


def test_a_file_that_cannot_be_written_is_one_line(tmp_path):
    with pytest.raises(OutputError, match=r"cells\.geojson cannot be written"):
        write(tmp_path / "nowhere", "cells")


def test_infinity_and_nan_become_null():
    layer = tidy_layer(delivery.cells().assign(gistar=[float("inf"), float("nan")] * 20))
    assert layer["gistar"].isna().all()


GOOD = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "id": "a", "properties": {"n": 1, "at": "2026-01-01T00:00:00"},
         "geometry": {"type": "Polygon",
                      "coordinates": [[[116, 40], [117, 40], [117, 41], [116, 40]]]}},
        {"type": "Feature", "id": "b", "properties": {"n": None, "at": None},
         "geometry": {"type": "Polygon",
                      "coordinates": [[[116.5, 40], [117, 40], [117, 40.5], [116.5, 40]]]}},
    ],
}  # fmt: skip


def spoil(*path, to):
    """Give a good collection with one thing changed."""
    spoilt = json.loads(json.dumps(GOOD))
    place = spoilt
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return json.dumps(spoilt)


RING = ("features", 0, "geometry", "coordinates")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("\ufeff" + json.dumps(GOOD), "the file starts with a byte order mark"),
        ("{", "not valid JSON"),
        ('{"type":"FeatureCollection","type":"x","features":[]}', "a key occurs twice"),
        ("[]", "not a FeatureCollection"),
        (spoil("features", to=None), "features is not a list"),
        (spoil("features", 0, "properties", "n", to=float("nan")), "not valid JSON: NaN"),
        (spoil("crs", to={}), "the outdated member crs is there"),
        (spoil("features", 0, "type", to="Thing"), "a member is not a Feature"),
        (spoil("features", 0, "id", to=1), "a feature has no text id"),
        (spoil("features", 0, "id", to="b"), "an id occurs twice"),
        (spoil("features", 0, "properties", to={"at": None, "n": 1}), "names or order"),
        (spoil("features", 0, "properties", "n", to=[1]), "n is not a single value"),
        (spoil("features", 1, "properties", "n", to="three"), "n has values of several types"),
        (spoil("features", 0, "properties", "at", to="2026-01-01T00:00:00+08:00"),
         "time at carries a zone"),
        (spoil("features", 0, "geometry", to=None), "no usable geometry"),
        (spoil("features", 0, "geometry", to={"type": "Point", "coordinates": [116, 40]}),
         "several geometry types"),
        (spoil(*RING, 0, 0, to=[116, 40, 5]), "a position is not two numbers"),
        (spoil(*RING, 0, to=[[40, 116], [40, 117], [41, 117], [40, 116]]), "are swapped"),
        (spoil(*RING, 0, 1, to=[190, 200]), "a position is out of range"),
        (spoil(*RING, 0, 1, to=[116.1234567, 40]), "more than 6 digits"),
        (spoil(*RING, 0, 3, to=[116, 40.5]), "a ring is not closed"),
        (spoil(*RING, to=[[[116, 40], [117, 41], [117, 40], [116, 40]]]), "right-hand rule"),
    ],
)  # fmt: skip
def test_each_rule_finds_its_fault(tmp_path, text, fault):
    path = tmp_path / "spoilt.geojson"
    path.write_text(text, encoding="utf-8")
    assert any(fault in said for said in check_geojson(path, lang="en"))


def test_a_good_collection_has_no_fault_and_gbk_is_one(tmp_path):
    path = tmp_path / "good.geojson"
    path.write_text(json.dumps(GOOD), encoding="utf-8")
    assert check_geojson(path) == []
    path.write_bytes('{"name":"社区"}'.encode("gbk"))
    assert check_geojson(path) == ["文件不是 UTF-8"]


@pytest.mark.parametrize("layer", sorted(LAYERS))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_style_names_every_column_in_words(layer, lang):
    root = ET.fromstring(style(delivery.layers()[layer], layer, lang=lang))
    aliases = {a.get("field"): a.get("name") for a in root.iter("alias")}
    assert aliases == {c: FIELDS[c].alias.say(lang) for c in LAYERS[layer]}


@pytest.mark.parametrize("layer", ["cells", "communities", "streets"])
def test_every_count_falls_into_one_class_of_the_style(layer):
    gdf = delivery.layers()[layer]
    root = ET.fromstring(style(gdf, layer, lang="zh"))
    ranges = [(float(r.get("lower")), float(r.get("upper"))) for r in root.iter("range")]
    for n in gdf["n"]:
        assert sum(low <= n <= high for low, high in ranges) == 1
    assert len(list(root.iter("symbol"))) == len(ranges) <= 6


@given(st.lists(st.integers(0, 10_000)))
def test_classes_cover_all_counts_without_overlap(counts):
    breaks = class_breaks(pd.Series(counts, dtype="int64"))
    assert all(sum(low <= n <= high for low, high in breaks) == 1 for n in counts)
    assert len(breaks) <= 6


def test_every_lifecycle_has_a_symbol_and_a_name():
    root = ET.fromstring(style(delivery.hotspots(), "hotspots", lang="zh"))
    categories = {c.get("value"): c.get("label") for c in root.iter("category")}
    assert categories == {key: words.zh for key, words in LIFECYCLE.items()}


def test_a_map_tip_escapes_what_it_shows():
    tip = ET.fromstring(style(delivery.hotspots(), "hotspots", lang="zh")).findtext("mapTip")
    assert tip.count("[%") == tip.count("'&lt;'") == 7


def test_the_corners_of_real_cells_are_written_with_six_digits(tmp_path):
    cells = delivery.cells(400)
    assert check_geojson(write(tmp_path, "cells", cells), bounds=BEIJING) == []


def test_a_layer_made_ready_for_another_file_leaves_only_what_this_one_may(tmp_path):
    ready = tidy_layer(delivery.hotspots()).assign(content="x")
    with pytest.raises(SchemaError, match=r"may not leave \['content'\]"):
        write_features(
            tmp_path / "hotspots.geojson", ready, name="x", id_column="hotspot_id", lang="zh"
        )
    assert not list(tmp_path.iterdir())
