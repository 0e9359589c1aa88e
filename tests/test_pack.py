import json
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo_hotspots.errors import PackError
from geo_hotspots.places.datum.shift import wgs84_to_gcj02
from geo_hotspots.places.packs.files import COMMUNITY_COLUMNS, PLACE_COLUMNS, STREET_COLUMNS
from geo_hotspots.places.packs.pack import (
    current_names,
    embedded_packs,
    read_pack,
)

HEAD = """
name = "toy"
title = "玩具区"
title_en = "Toy District"
code = "990101"
datum = "wgs84"
timezone = "Asia/Shanghai"
approximate = true
footer = "内部使用"
"""


def square(west, south, east, north):
    return shapely.box(west, south, east, north)


def feature(shape, **properties):
    geometry = shapely.geometry.mapping(shape)
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


WEST = feature(
    square(116.40, 39.90, 116.41, 39.91), code="990101001001", name="甲社区",
    street_code="990101001", street="东街道", aliases="老甲;大甲", area_km2=1.0,
)  # fmt: skip
EAST = feature(
    square(116.41, 39.90, 116.42, 39.91), code="990101001002", name="乙社区",
    street_code="990101001", street="东街道", aliases=None,
)  # fmt: skip
STREET = feature(
    square(116.40, 39.90, 116.42, 39.91), code="990101001", name="东街道", aliases=["旧街道"],
)  # fmt: skip
PLACES = """id,name,type,aliases,community,street,lng,lat,level,uncertainty_m,source
1,幸福院,compound,老院、大院,老甲,旧街道,116.405,39.905,compound,30,authored
2,长路,road,,,东街道,116.41,39.905,road,,authored
"""


@pytest.fixture
def folder(tmp_path):
    files = {
        "pack.toml": HEAD,
        "communities.geojson": collection(WEST, EAST),
        "streets.geojson": collection(STREET),
        "places.csv": PLACES,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def rewrite(folder, name, old, new):
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def test_a_pack_reads_as_it_was_written(folder):
    pack = read_pack(folder)
    assert (pack.name, pack.code, pack.datum) == ("toy", "990101", "wgs84")
    assert pack.is_approximate
    assert pack.title == ("玩具区", "Toy District")
    assert pack.footer == ("内部使用", "内部使用")
    assert list(pack.communities) == [*COMMUNITY_COLUMNS, "geometry"]
    assert list(pack.streets) == [*STREET_COLUMNS, "geometry"]
    assert list(pack.places) == list(PLACE_COLUMNS)
    assert pack.communities.crs == "EPSG:4326"
    assert pack.communities["aliases"].tolist() == ["老甲;大甲", ""]
    assert pack.streets["aliases"].tolist() == ["旧街道"]
    assert pack.responsible is None
    assert pack.study_area.equals(square(116.40, 39.90, 116.42, 39.91))


def test_places_call_their_areas_by_the_names_of_today(folder):
    places = read_pack(folder).places
    assert places["community"].fillna("").tolist() == ["甲社区", ""]
    assert places["street"].tolist() == ["东街道", "东街道"]
    assert places["aliases"].tolist() == ["老院;大院", ""]
    assert places["uncertainty_m"].isna().tolist() == [False, True]


def test_codes_stay_text_even_where_json_has_numbers(folder):
    rewrite(folder, "communities.geojson", '"990101001001"', "990101001001")
    assert read_pack(folder).communities["code"].tolist() == ["990101001001", "990101001002"]


def test_a_title_may_be_a_table_and_an_alias_a_list(folder):
    text = HEAD.replace('title = "玩具区"\ntitle_en = "Toy District"', "")
    text += '[title]\nzh = "甲"\nen = "A"\n[aliases]\n"崇文区" = "东城区"\n"西城区" = ["宣武区"]\n'
    (folder / "pack.toml").write_text(text, encoding="utf-8")
    pack = read_pack(folder)
    assert pack.title == ("甲", "A")
    assert pack.aliases == {"崇文区": "东城区", "宣武区": "西城区"}


def test_streets_that_have_no_file_are_their_communities_together(folder):
    (folder / "streets.geojson").unlink()
    pack = read_pack(folder)
    assert pack.streets[["code", "name"]].to_numpy().tolist() == [["990101001", "东街道"]]
    assert pack.streets.geometry.iloc[0].equals(square(116.40, 39.90, 116.42, 39.91))


def test_a_pack_that_names_no_street_has_one_the_whole_place(folder):
    (folder / "streets.geojson").unlink()
    bare = [feature(square(116.4, 39.9, 116.41, 39.91), code=str(n), name=f"n{n}") for n in (1, 2)]
    (folder / "communities.geojson").write_text(collection(*bare), encoding="utf-8")
    pack = read_pack(folder)
    assert pack.streets[["code", "name"]].to_numpy().tolist() == [["990101", "玩具区"]]
    assert pack.communities["street"].tolist() == ["玩具区", "玩具区"]


def test_a_community_that_names_no_street_is_in_the_one_around_it(folder):
    rewrite(folder, "communities.geojson", '"street_code": "990101001", "street": "东街道", ', "")
    assert read_pack(folder).communities["street_code"].tolist() == ["990101001"] * 2


def test_a_street_may_be_named_by_a_former_name(folder):
    rewrite(folder, "communities.geojson", '"street_code": "990101001", ', "")
    rewrite(folder, "communities.geojson", "东街道", "旧街道")
    assert read_pack(folder).communities["street"].tolist() == ["东街道"] * 2


def test_a_pack_without_places_has_an_empty_table_of_the_same_kinds(folder):
    full = read_pack(folder).places
    (folder / "places.csv").unlink()
    empty = read_pack(folder).places
    assert empty.empty
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


def test_a_gcj02_pack_reads_as_wgs84(folder):
    rewrite(folder, "pack.toml", 'datum = "wgs84"', 'datum = "gcj02"')
    there = wgs84_to_gcj02(116.405, 39.905)
    rewrite(folder, "places.csv", "116.405,39.905", f"{there[0]:.9f},{there[1]:.9f}")
    pack = read_pack(folder)
    first = pack.places[["lng", "lat"]].iloc[0].tolist()
    assert first == pytest.approx([116.405, 39.905], abs=1e-8)
    assert pack.communities.total_bounds[0] == pytest.approx(116.40 - 0.0062, abs=5e-4)


def test_responsible_people_are_read_as_text(folder):
    text = "community,responsible,level,phone\n甲社区,张某,社区,123\n"
    (folder / "responsible.csv").write_text(text, encoding="utf-8")
    responsible = read_pack(folder).responsible
    assert responsible is not None
    assert responsible["responsible"].tolist() == ["张某"]
    assert "phone" not in responsible


def test_the_hash_follows_the_content_and_nothing_else(folder, tmp_path_factory):
    first = read_pack(folder).hash
    (folder / "README.md").write_text("notes", encoding="utf-8")
    copy = tmp_path_factory.mktemp("elsewhere") / "pack"
    shutil.copytree(folder, copy)
    assert read_pack(copy).hash == first
    rewrite(copy, "places.csv", "幸福院", "幸福里")
    assert read_pack(copy).hash != first


def test_line_breaks_in_a_cell_become_spaces(folder):
    rewrite(folder, "places.csv", "幸福院", '"幸福\n  院"')
    assert read_pack(folder).places["name"].iloc[0] == "幸福 院"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("pack.toml", "approximate", "aproximate", "no setting 'aproximate'; did you mean 'approx"),
        ("pack.toml", 'name = "toy"', "", "lacks 'name'; add it"),
        ("pack.toml", "approximate = true", "approximate = 1", "approximate is 1; it must be bool"),
        ("pack.toml", '"wgs84"', '"wgs48"', "datum is 'wgs48'; it must be wgs84"),
        ("pack.toml", "Asia/Shanghai", "Asia/Peking", "timezone is 'Asia/Peking'"),
        ("pack.toml", 'name = "toy"', "name = toy", "not valid TOML"),
        ("communities.geojson", "FeatureCollection", '"', "not valid JSON"),
        ("communities.geojson", '"features"', '"feature"', "not a FeatureCollection"),
        ("communities.geojson", "990101001002", "990101001001", "code '990101001001' stands twice"),
        ("communities.geojson", '"name"', '"nam"', "no column 'name'.*did you mean 'nam'"),
        ("communities.geojson", '"name": "乙社区", ', "", "feature 2 has no 'name'"),
        ("communities.geojson", '"Polygon"', '"LineString"', "'甲社区' is not a valid polygon"),
        ("communities.geojson", "116.4", "516.4", "516.4, 39.9 is not longitude/latitude"),
        (
            "communities.geojson",
            '"990101001"',
            '"990101009"',
            "street '东街道' of community '甲社区'",
        ),
        (
            "communities.geojson",
            '"features"',
            '"crs": "EPSG:4548", "features"',
            "not longitude/lat",
        ),
        ("places.csv", "lng,lat", "lon,lat", "no column 'lng'.*did you mean 'lon'"),
        ("places.csv", "116.405", "east", "lng is 'east'; it must be a number"),
        ("places.csv", "116.405", "inf", "lng is 'inf'; it must be a number"),
        ("places.csv", "\n2,", "\n1,", "the id '1' stands twice"),
        ("places.csv", ",,authored", ",,,authored", "line 3 has 12 cells, the header 11"),
    ],
)
def test_a_fault_is_told_with_its_value_and_a_way_out(folder, file, old, new, message):
    rewrite(folder, file, old, new)

    with pytest.raises(PackError, match=message) as caught:
        read_pack(folder)
    assert file in str(caught.value) or "streets.geojson" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_crossed_polygon_is_refused_by_name(folder):
    bow = shapely.Polygon([(116.4, 39.9), (116.41, 39.91), (116.41, 39.9), (116.4, 39.91)])
    crossed = feature(bow, code="1", name="蝴蝶", street="东街道")
    (folder / "communities.geojson").write_text(collection(crossed), encoding="utf-8")
    with pytest.raises(PackError, match="'蝴蝶' is not a valid polygon; repair it"):
        read_pack(folder)


@pytest.mark.parametrize("name", ["pack.toml", "communities.geojson"])
def test_a_pack_with_a_file_missing_says_which(folder, name):
    (folder / name).unlink()
    with pytest.raises(PackError, match=name):
        read_pack(folder)


def test_a_file_in_another_encoding_is_refused(folder):
    (folder / "places.csv").write_bytes(PLACES.encode("gb18030"))
    with pytest.raises(PackError, match=r"places\.csv is not UTF-8"):
        read_pack(folder)


def test_an_unknown_pack_is_told_the_nearest():
    with pytest.raises(PackError, match=r"no pack 'dongchen'.*did you mean 'dongcheng'"):
        read_pack("dongchen")


def test_the_embedded_pack_is_found_by_its_bare_name_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "dongcheng" in embedded_packs()
    pack = read_pack("dongcheng")
    assert (len(pack.streets), len(pack.communities)) == (17, 169)
    assert pack.communities["street"].notna().all()


def test_a_folder_goes_before_an_embedded_pack_of_its_name(folder, monkeypatch):
    shutil.copytree(folder, folder / "dongcheng")
    monkeypatch.chdir(folder)
    assert read_pack("dongcheng").name == "toy"
    assert read_pack(Path("dongcheng")).name == "toy"


def test_a_word_that_could_mean_two_areas_means_neither():
    rows = [("1", "甲", "丙;丁"), ("2", "乙", "丙"), ("3", "甲", "乙")]
    areas = pd.DataFrame(rows, columns=["code", "name", "aliases"])
    given = pd.Series(["甲", "乙", "丙", "丁", "2", None])
    assert current_names(given, areas, "code").fillna("").tolist() == ["", "2", "", "1", "2", ""]


def test_looking_names_up_works_on_a_geographic_frame():
    table = {"code": ["1"], "name": ["甲"], "aliases": ["乙"]}
    areas = gpd.GeoDataFrame(table, geometry=[shapely.Point(0, 0)])
    assert current_names(pd.Series(["乙"]), areas).tolist() == ["甲"]
