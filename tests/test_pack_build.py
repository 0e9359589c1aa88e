import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from geo_hotspots.errors import PackError
from geo_hotspots.places.datum.shift import from_wgs84
from geo_hotspots.places.packs.build import build_pack
from geo_hotspots.places.packs.check import check_pack
from geo_hotspots.places.packs.encoding import shapefile_encoding
from geo_hotspots.places.packs.pack import read_pack
from geo_hotspots.places.packs.shapes import repair

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
NYC = SHARED / "nyc" / "nta_2010.geojson"
WEST, SOUTH, STEP = 116.40, 39.90, 0.01


def cell(column, row, *, wider=0.0):
    west, south = WEST + column * STEP, SOUTH + row * STEP
    return shapely.box(west, south, west + STEP + wider, south + STEP)


def town(*shapes, **columns):
    """Make a layer of communities named 甲社区, 乙社区, …, two to a street."""
    n = len(shapes)
    table = {
        "编码": [f"99010100{i // 2 + 1}00{i % 2 + 1}" for i in range(n)],
        "名称": [f"{c}社区" for c in "甲乙丙丁戊己"[:n]],
        "街道": [f"{'东西南'[i // 2]}街道" for i in range(n)],
    }
    return gpd.GeoDataFrame(table | columns, geometry=list(shapes), crs="EPSG:4326")


SQUARE = (cell(0, 0), cell(1, 0), cell(0, 1), cell(1, 1))
COLUMNS = {"code": "编码", "name": "名称", "street": "街道"}


def write(layer, path):
    layer.to_file(path, engine="pyogrio")
    return path


def build(out, communities, **more):
    settings = {
        "name": "toy", "title": "玩具区", "title_en": "Toy", "timezone": "Asia/Shanghai",
        "approximate": False, "columns": COLUMNS,
    }  # fmt: skip
    return build_pack(out, communities=communities, **(settings | more))


def said(report, lang="en"):
    return "\n".join(report.lines(lang))


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:4548", "EPSG:4527", "EPSG:3857"])
def test_every_format_and_projection_gives_the_same_ground(tmp_path, suffix, crs):
    source = write(town(*SQUARE).to_crs(crs), tmp_path / f"town.{suffix}")
    build(tmp_path / "pack", source)
    pack = read_pack(tmp_path / "pack")
    assert pack.communities["name"].tolist() == ["甲社区", "乙社区", "丙社区", "丁社区"]
    assert pack.streets["name"].tolist() == ["东街道", "西街道"]
    for shape, was in zip(pack.communities.geometry, SQUARE, strict=True):
        assert shape.hausdorff_distance(was) < 2e-6


def test_a_csv_of_wkt_will_do_too(tmp_path):
    layer = town(*SQUARE)
    table = pd.DataFrame(layer.drop(columns="geometry")).assign(WKT=layer.to_wkt()["geometry"])
    table.to_csv(tmp_path / "town.csv", index=False, encoding="gb18030")
    build(tmp_path / "pack", tmp_path / "town.csv")
    assert (
        read_pack(tmp_path / "pack").communities["street"].tolist()
        == ["东街道"] * 2 + ["西街道"] * 2
    )


@pytest.mark.parametrize("said_in_cpg", ["GBK", "936", None, "garbled"])
def test_a_shapefile_in_gbk_is_read_with_or_without_its_cpg(tmp_path, said_in_cpg):
    path = tmp_path / "town.shp"
    town(*SQUARE).to_file(path, engine="pyogrio", encoding="GBK")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if said_in_cpg is not None:
        path.with_suffix(".cpg").write_text(said_in_cpg, encoding="ascii")
    columns = dict(zip(COLUMNS, gpd.read_file(path, encoding="gb18030").columns[:3], strict=True))
    build(tmp_path / "pack", path, columns=columns)
    assert read_pack(tmp_path / "pack").communities["name"].tolist()[0] == "甲社区"


def test_utf8_cut_off_at_the_end_of_a_field_is_still_utf8(tmp_path):
    path = tmp_path / "town.shp"
    layer = town(*SQUARE).assign(名称=["多福巷" * 40 + "社"] * 4)  # 363 bytes in a field of 254
    with pytest.warns(RuntimeWarning):
        layer.to_file(path, engine="pyogrio", encoding="utf-8")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    assert shapefile_encoding(path) == "utf-8"


def test_a_shapefile_without_projection_and_outside_degrees_is_refused(tmp_path):
    path = write(town(*SQUARE).to_crs("EPSG:4548"), tmp_path / "town.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(PackError, match=r"states no CRS and .* are no degrees; declare it"):
        build(tmp_path / "pack", path)
    build(tmp_path / "pack", path, crs="EPSG:4548")
    assert read_pack(tmp_path / "pack").communities.total_bounds[0] == pytest.approx(WEST, abs=2e-6)


def test_a_geojson_of_metres_is_not_taken_for_degrees(tmp_path):
    path = tmp_path / "town.geojson"
    metres = town(*SQUARE).to_crs("EPSG:4548").set_crs("EPSG:4326", allow_override=True)
    path.write_text(
        json.dumps(json.loads(metres.to_json(drop_id=True)) | {"crs": None}), encoding="utf-8"
    )
    with pytest.raises(PackError, match="are no degrees"):
        build(tmp_path / "pack", path)
    build(tmp_path / "pack", path, crs="EPSG:4548")


@pytest.mark.parametrize(
    ("crs", "name"),
    [(2436, "Beijing 1954"), (2383, "Xian 1980"), (4214, "Beijing 1954"), (4610, "Xian 1980")],
)
def test_datums_without_public_parameters_are_refused(tmp_path, crs, name):
    path = write(town(*SQUARE).set_crs(crs, allow_override=True), tmp_path / "town.gpkg")
    with pytest.raises(PackError, match=f"{name} has no published way to WGS84"):
        build(tmp_path / "pack", path)
    assert not (tmp_path / "pack").exists()


def test_a_local_grid_with_its_own_shift_is_taken(tmp_path):
    grid = (
        "+proj=tmerc +lat_0=39.865766 +lon_0=116.35025181 +k=1 +x_0=500000 +y_0=300000 "
        "+a=6378245 +rf=298.3 +towgs84=10,20,30,0,0,0,0 +units=m +no_defs"
    )
    path = write(town(*SQUARE).to_crs(grid), tmp_path / "town.shp")
    path.with_suffix(".prj").unlink()
    bare = grid.replace("+towgs84=10,20,30,0,0,0,0 ", "")
    with pytest.raises(PackError, match="no published way"):
        build(tmp_path / "pack", path, crs=bare)
    build(tmp_path / "pack", path, crs=grid)
    assert read_pack(tmp_path / "pack").communities.total_bounds[0] == pytest.approx(WEST, abs=2e-6)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_declared_shift_is_taken_off_exactly_and_recorded(tmp_path, datum):
    moved = [
        shapely.transform(s, lambda p: np.column_stack(from_wgs84(*p.T, datum=datum)))
        for s in SQUARE
    ]
    report = build(tmp_path / "pack", write(town(*moved), tmp_path / "t.gpkg"), datum=datum)
    pack = read_pack(tmp_path / "pack")
    assert pack.converted_from == datum
    assert pack.datum == "wgs84"
    assert pack.communities.geometry.iloc[0].hausdorff_distance(SQUARE[0]) < 2e-6
    assert f"turned from {datum} into WGS84" in said(report)


def test_a_shift_declared_outside_china_is_refused(tmp_path):
    abroad = [affinity.translate(s, -190, 0) for s in SQUARE]
    path = write(town(*abroad), tmp_path / "t.gpkg")
    with pytest.raises(PackError, match="is not in China and cannot be gcj02"):
        build(tmp_path / "pack", path, datum="gcj02")
    with pytest.raises(PackError, match=r"datum 'gcj2' is unknown.*did you mean 'gcj02'"):
        build(tmp_path / "pack", path, datum="gcj2")


def test_a_polygon_that_touches_itself_is_repaired_and_named(tmp_path):
    touching = shapely.Polygon(  # a hole that hangs on the shell, drawn in one ring
        [(116.40, 39.90), (116.41, 39.90), (116.41, 39.91), (116.405, 39.91), (116.407, 39.905),
         (116.403, 39.905), (116.405, 39.91), (116.40, 39.91), (116.40, 39.90)]
    )  # fmt: skip
    assert not touching.is_valid
    report = build(tmp_path / "pack", write(town(touching, cell(1, 0)), tmp_path / "t.gpkg"))
    assert "invalid shapes, repaired (1): 甲社区 (990101001001)" in said(report)
    made = read_pack(tmp_path / "pack").communities.geometry.iloc[0]
    assert made.area == pytest.approx(touching.area, rel=1e-3)


def test_a_bow_tie_is_refused_by_name_and_leaves_the_old_pack_alone(tmp_path):
    good = write(town(*SQUARE), tmp_path / "good.gpkg")
    build(tmp_path / "pack", good)
    before = read_pack(tmp_path / "pack").hash
    bow = shapely.Polygon([(116.4, 39.9), (116.41, 39.91), (116.41, 39.9), (116.4, 39.91)])
    with pytest.raises(
        PackError, match=r"甲社区 \(990101001001\) are invalid and cannot be repaired"
    ):
        build(tmp_path / "pack", write(town(bow, cell(1, 0)), tmp_path / "bad.gpkg"))
    assert read_pack(tmp_path / "pack").hash == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.gpkg", "good.gpkg", "pack"]


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (shapely.Polygon(), "甲社区 .* have no shape"),
        (None, "甲社区 .* have no shape"),
        (shapely.LineString([(116.4, 39.9), (116.41, 39.9)]), "甲社区 .* are not polygons"),
        (shapely.box(116.4, 39.9, 116.4000001, 39.9000001), "甲社区 .* too small"),
    ],
)
def test_what_is_no_area_is_refused_by_name(tmp_path, shape, message):
    path = tmp_path / "t.gpkg"
    town(shape, cell(1, 0)).to_file(path, engine="pyogrio", geometry_type="Unknown")
    with pytest.raises(PackError, match=message):
        build(tmp_path / "pack", path)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=4, max_size=9))
def test_a_repair_is_valid_and_keeps_the_area_or_is_not_called_safe(corners):
    shape = np.array([shapely.Polygon(corners)], dtype=object)
    fixed, is_safe = repair(shape)
    assert shapely.is_valid(fixed).all()
    if is_safe[0]:
        assert shapely.area(fixed)[0] == pytest.approx(shapely.area(shape)[0], rel=1e-3)
        assert fixed[0].geom_type in ("Polygon", "MultiPolygon")


def test_an_overlap_is_reported_with_its_square_metres(tmp_path):
    report = build(
        tmp_path / "pack", write(town(cell(0, 0, wider=0.001), *SQUARE[1:]), tmp_path / "t.gpkg")
    )
    # 0.001 degrees by 0.01 at 39.9 N: 85.5 m by 1,110 m
    line = next(line for line in report.lines("en") if "communities overlap" in line)
    assert line.startswith("warning: communities overlap (1): 甲社区 × 乙社区 ")
    assert int(line.split()[-2].replace(",", "")) == pytest.approx(85.4 * 1110, rel=0.01)


def test_a_gap_is_reported_with_its_square_metres_and_neighbours(tmp_path):
    ring = [cell(c, r) for c in range(3) for r in range(3) if (c, r) != (1, 1)]
    halves = [shapely.union_all(ring[:4]), shapely.union_all(ring[4:])]
    report = build(tmp_path / "pack", write(town(*halves), tmp_path / "t.gpkg"))
    line = next(line for line in report.lines("en") if "gaps between communities" in line)
    assert "乙社区" in line
    assert "甲社区" in line
    assert int(line.split()[-2].replace(",", "")) == pytest.approx(854 * 1110, rel=0.01)


def test_rounding_opens_neither_gap_nor_overlap(tmp_path):
    rng = np.random.default_rng(5)
    points = shapely.MultiPoint(rng.uniform([116.4, 39.9], [116.45, 39.95], (60, 2)))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(points, extend_to=shapely.box(116.4, 39.9, 116.45, 39.95))
    )
    layer = gpd.GeoDataFrame(
        {"名称": [f"n{i:02d}" for i in range(60)]}, geometry=cells, crs="EPSG:4326"
    )
    report = build(tmp_path / "pack", write(layer, tmp_path / "t.gpkg"), columns={"name": "名称"})
    assert "overlap" not in said(report)
    assert "gaps" not in said(report)
    pack = read_pack(tmp_path / "pack")
    assert shapely.get_num_interior_rings(pack.streets.geometry.iloc[0]) == 0
    numbers = shapely.get_coordinates(pack.communities.geometry.to_numpy())
    assert np.array_equal(numbers, numbers.round(6))


def test_parts_of_one_code_become_one_community(tmp_path):
    layer = town(*SQUARE)
    layer.loc[1, ["编码", "名称"]] = layer.loc[0, ["编码", "名称"]]
    report = build(tmp_path / "pack", write(layer, tmp_path / "t.gpkg"))
    assert "features joined into one (1): 甲社区" in said(report)
    assert len(read_pack(tmp_path / "pack").communities) == 3


def test_one_code_of_two_names_is_refused(tmp_path):
    layer = town(*SQUARE)
    layer.loc[1, "编码"] = layer.loc[0, "编码"]
    with pytest.raises(PackError, match=r"甲社区.*乙社区.* share a code but not a name"):
        build(tmp_path / "pack", write(layer, tmp_path / "t.gpkg"))


def test_equal_names_and_colliding_aliases_are_reported(tmp_path):
    layer = town(*SQUARE, 曾用名=["老院", "老院、甲社区", None, ""])
    layer.loc[3, "名称"] = "丙社区"
    report = build(
        tmp_path / "pack",
        write(layer, tmp_path / "t.gpkg"),
        columns=COLUMNS | {"aliases": "曾用名"},
    )
    assert "communities of the same name (2): 丙社区 (990101002001), 丙社区 (990101002002)" in said(
        report
    )
    assert "老院 (甲社区 / 乙社区)" in said(report)
    assert "甲社区 (甲社区 / 乙社区)" in said(report)


def test_areas_without_codes_are_numbered_by_name(tmp_path):
    columns = {"name": "名称", "street": "街道"}
    path = write(town(*SQUARE).drop(columns="编码"), tmp_path / "t.gpkg")
    build(tmp_path / "pack", path, columns=columns)
    communities = read_pack(tmp_path / "pack").communities
    assert communities["code"].tolist() == ["0001", "0002", "0003", "0004"]
    assert communities["name"].tolist() == sorted(communities["name"])


def test_streets_of_a_file_of_their_own_hold_the_communities_in_them(tmp_path):
    path = write(town(*SQUARE), tmp_path / "t.gpkg")
    halves = [cell(0, 0) | cell(0, 1), cell(1, 0) | cell(1, 1)]
    streets = gpd.GeoDataFrame(
        {"NAME": ["左街道", "右街道"], "ID": [1, 2]}, geometry=halves, crs="EPSG:4326"
    )
    columns = {"code": "编码", "name": "名称", "streets.name": "NAME", "streets.code": "ID"}
    build(tmp_path / "pack", path, streets=write(streets, tmp_path / "s.gpkg"), columns=columns)
    communities = read_pack(tmp_path / "pack").communities
    assert communities["street"].tolist() == ["左街道", "右街道", "左街道", "右街道"]
    assert communities["street_code"].tolist() == ["1", "2", "1", "2"]


def places_csv(tmp_path, rows, header="名,类,社区,经,纬"):
    path = tmp_path / "places.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="gb18030")
    return path


PLACES = {"places.name": "名", "places.type": "类", "places.community": "社区",
          "places.lng": "经", "places.lat": "纬"}  # fmt: skip


def test_places_get_type_level_community_and_street(tmp_path):
    rows = [
        "幸福小区,小区,,116.405,39.905",
        "长胡同,胡同,丙社区,116.405,39.915",
        "错位院,小区,甲社区,116.415,39.915",
        "远处,单位,,116.5,39.905",
        "怪,飞碟,子虚社区,116.415,39.905",
        ",小区,,116.405,39.905",
    ]
    path = write(town(*SQUARE), tmp_path / "t.gpkg")
    report = build(
        tmp_path / "pack", path, places=places_csv(tmp_path, rows), columns=COLUMNS | PLACES
    )
    places = read_pack(tmp_path / "pack").places
    assert places["type"].tolist() == ["compound", "hutong", "compound", "poi", "poi"]
    assert places["level"].tolist() == ["compound", "road", "compound", "poi", "poi"]
    assert places["community"].fillna("").tolist() == ["甲社区", "丙社区", "甲社区", "", "乙社区"]
    assert places["street"].fillna("").tolist() == ["东街道", "西街道", "东街道", "", "东街道"]
    assert places["id"].is_unique
    for sentence in (
        "places outside the area (1): 远处",
        "places outside their stated community (1): 错位院",
        "unknown communities, taken from the point (1): 子虚社区",
        "community taken from the point (2): 幸福小区, 怪",
        "unknown types, taken for poi (1): 飞碟",
        "nameless, row (1): 7",
    ):
        assert sentence in said(report)


def scattered(n, datum):
    rng = np.random.default_rng(3)
    x, y = rng.uniform(116.40, 116.42, n), rng.uniform(39.90, 39.92, n)
    lng, lat = from_wgs84(x, y, datum=datum)
    return (
        x,
        y,
        [f"地点{i},单位,,{a:.7f},{b:.7f}" for i, (a, b) in enumerate(zip(lng, lat, strict=True))],
    )


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_the_datum_of_places_is_detected_against_the_boundaries(tmp_path, datum):
    x, y, rows = scattered(120, datum)
    path = write(town(*SQUARE), tmp_path / "t.gpkg")
    report = build(
        tmp_path / "pack", path, places=places_csv(tmp_path, rows), columns=COLUMNS | PLACES
    )
    places = read_pack(tmp_path / "pack").places
    assert np.abs(places["lng"] - x).max() < 2e-6
    assert np.abs(places["lat"] - y).max() < 2e-6
    assert f"the places' datum: as {datum}" in said(report)


def test_places_that_contradict_the_declared_datum_raise_a_warning(tmp_path):
    _, _, rows = scattered(120, "gcj02")
    path = write(town(*SQUARE), tmp_path / "t.gpkg")
    report = build(
        tmp_path / "pack",
        path,
        places=places_csv(tmp_path, rows),
        columns=COLUMNS | PLACES,
        datum="wgs84",
    )
    assert "places are declared as wgs84 but look like gcj02" in said(report)


def test_places_with_exchanged_columns_are_refused(tmp_path):
    _, _, rows = scattered(30, "wgs84")
    columns = COLUMNS | PLACES | {"places.lng": "纬", "places.lat": "经"}
    path = write(town(*SQUARE), tmp_path / "t.gpkg")
    with pytest.raises(PackError, match="longitude and latitude are exchanged"):
        build(tmp_path / "pack", path, places=places_csv(tmp_path, rows), columns=columns)


def test_no_cell_of_a_built_table_is_a_formula(tmp_path):
    rows = ["=HYPERLINK(1),小区,,116.405,39.905"]
    path = write(town(*SQUARE), tmp_path / "t.gpkg")
    build(tmp_path / "pack", path, places=places_csv(tmp_path, rows), columns=COLUMNS | PLACES)
    assert "=" not in (tmp_path / "pack" / "places.csv").read_text(encoding="utf-8")


def test_responsible_people_come_along(tmp_path):
    path = write(town(*SQUARE), tmp_path / "t.gpkg")
    people = tmp_path / "people.csv"
    people.write_text("社区,负责人,级\n甲社区,张某,社区\n", encoding="utf-8-sig")
    columns = COLUMNS | {
        "responsible.community": "社区",
        "responsible.responsible": "负责人",
        "responsible.level": "级",
    }
    build(tmp_path / "pack", path, responsible=people, columns=columns)
    responsible = read_pack(tmp_path / "pack").responsible
    assert responsible is not None
    assert responsible[["community", "responsible", "level"]].to_numpy().tolist() == [
        ["甲社区", "张某", "社区"]
    ]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"columns": {"name": "名字"}}, "no column '名字'; it has .*名称"),
        (
            {"columns": {"nam": "名称"}},
            "no column 'nam' in a pack; did you mean 'communities.name'",
        ),
        (
            {"columns": {"place.name": "名称"}},
            "no column 'place.name' in a pack; did you mean 'places",
        ),
        ({"columns": {}}, "no column 'name'"),
        ({"crs": "EPSG:123456"}, "the CRS 'EPSG:123456' is unknown"),
        ({"timezone": "Asia/Peking"}, "timezone is 'Asia/Peking'"),
        ({"places": Path("absent.csv")}, "there is no file absent.csv"),
    ],
)
def test_what_is_asked_wrongly_is_told_with_its_value(tmp_path, more, message):
    path = write(town(*SQUARE), tmp_path / "t.gpkg")
    with pytest.raises(PackError, match=message) as caught:
        build(tmp_path / "pack", path, **more)
    assert "\n" not in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["t.gpkg"]


def test_a_geopackage_of_several_layers_wants_one_named(tmp_path):
    path = tmp_path / "t.gpkg"
    for layer in ("社区", "街道"):
        town(*SQUARE).to_file(path, layer=layer, engine="pyogrio")
    with pytest.raises(PackError, match=r"several layers: 社区, 街道; write t\.gpkg#LAYER"):
        build(tmp_path / "pack", path)
    build(tmp_path / "pack", Path(f"{path}#社区"))
    assert len(read_pack(tmp_path / "pack").communities) == 4


def test_files_that_are_no_layers_are_refused(tmp_path):
    path = tmp_path / "noise.shp"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(PackError, match=r"noise\.shp cannot be read"):
        build(tmp_path / "pack", path)


def test_a_folder_that_is_no_pack_is_left_alone(tmp_path):
    path = write(town(*SQUARE), tmp_path / "t.gpkg")
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "thesis.doc").write_text("mine", encoding="utf-8")
    with pytest.raises(PackError, match="exists and is no pack"):
        build(tmp_path / "pack", path)
    assert (tmp_path / "pack" / "thesis.doc").read_text(encoding="utf-8") == "mine"


def test_a_rebuilt_pack_keeps_its_readme_and_equal_input_gives_equal_bytes(tmp_path):
    path = write(town(*SQUARE), tmp_path / "t.gpkg")
    build(tmp_path / "pack", path)
    first = read_pack(tmp_path / "pack").hash
    (tmp_path / "pack" / "README.md").write_text("notes", encoding="utf-8")
    shuffled = write(town(*SQUARE).iloc[[2, 0, 3, 1]], tmp_path / "u.gpkg")
    build(tmp_path / "pack", shuffled)
    assert (tmp_path / "pack" / "README.md").read_text(encoding="utf-8") == "notes"
    assert read_pack(tmp_path / "pack").hash == first


def test_checking_a_broken_pack_gives_an_error_not_a_traceback(tmp_path):
    path = write(town(*SQUARE), tmp_path / "t.gpkg")
    build(tmp_path / "pack", path)
    assert not check_pack(tmp_path / "pack").errors
    (tmp_path / "pack" / "communities.geojson").write_text("{", encoding="utf-8")
    report = check_pack(tmp_path / "pack")
    assert len(report.errors) == 1
    assert report.lines("zh")[0].startswith("错误: ")


def test_the_embedded_pack_has_neither_errors_nor_gaps_nor_overlaps():
    report = check_pack("dongcheng")
    assert not report.errors
    assert "overlap" not in said(report)
    assert "gaps" not in said(report)


@pytest.mark.skipif(not NYC.is_file(), reason="needs the shared test data")
@pytest.mark.parametrize("with_boroughs", [False, True])
def test_new_york_becomes_a_pack_of_195_neighbourhoods(tmp_path, with_boroughs):
    columns = {"name": "NTAName", "code": "NTACode", "street": "BoroName"}
    streets = NYC.with_name("boroughs.geojson") if with_boroughs else None
    if with_boroughs:
        columns |= {"streets.name": "BoroName", "streets.code": "BoroCode"}
    report = build(
        tmp_path / "nyc", NYC, streets=streets, columns=columns, name="nyc", title="纽约",
        title_en="New York", timezone="America/New_York",
    )  # fmt: skip
    assert not report.errors
    pack = read_pack(tmp_path / "nyc")
    assert len(pack.communities) == 195
    assert set(pack.streets["name"]) == {
        "Bronx",
        "Brooklyn",
        "Manhattan",
        "Queens",
        "Staten Island",
    }
    assert pack.communities["street"].isin(pack.streets["name"]).all()
    assert pack.communities[["code", "name", "street_code"]].notna().all(axis=None)
