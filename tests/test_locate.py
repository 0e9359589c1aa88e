import numpy as np
import pandas as pd
import pytest
from city import export
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots.cases.normalise import normalise_cases
from geo_hotspots.cases.read import read_cases
from geo_hotspots.places import by_text
from geo_hotspots.places import locate as places_locate
from geo_hotspots.places.coordinates import restore_points
from geo_hotspots.places.datum.shift import from_wgs84
from geo_hotspots.places.gazetteer.build import build_gazetteer
from geo_hotspots.places.locate import locate_cases
from geo_hotspots.schema import LEVELS, PLACED, STATUSES

SALT = b"salt of the tests"


@pytest.fixture(scope="module")
def names(city):
    return build_gazetteer(city.places, city.communities, city.streets)


@pytest.fixture
def locate(city, names, tmp_path):
    """Take an export through reading and locating; coordinates are WGS84 unless said otherwise."""

    def do(declared="wgs84", **columns):
        path = tmp_path / "cases.csv"
        export(**columns).to_csv(path, index=False)
        cases, _ = normalise_cases([read_cases([path])], timezone="Asia/Shanghai", salt=SALT)
        points, _ = restore_points(cases, city.communities, declared=declared)
        return locate_cases(
            cases, points, gazetteer=names, communities=city.communities,
            streets=city.streets, outside=city.outside,
        )  # fmt: skip

    return do


def one(placed: pd.DataFrame) -> pd.Series:
    assert len(placed) == 1
    return placed.iloc[0]


def test_cases_placed_some_at_a_time_are_placed_as_all_at_once(locate, monkeypatch):
    columns = {
        "问题点位": ["幸福里西区2号楼", "雨花胡同12号", "", "幸福里西区2号楼", "火星路1号"],
        "主要内容": ["", "", "市民来电反映人民剧场门口有人摆摊", "", ""],
        "经度": ["", "116.4032", "", "", ""], "纬度": ["", "39.9033", "", "", ""],
    }  # fmt: skip
    whole = locate(**columns)
    for module in (by_text, places_locate):
        monkeypatch.setattr(module, "CASES_AT_ONCE", 2)
    parts = locate(**columns)
    plain = dict.fromkeys(whole.select_dtypes("category"), "str")
    pd.testing.assert_frame_equal(parts.astype(plain), whole.astype(plain))


def test_text_alone_places_a_case_at_its_address(locate):
    case = one(locate(问题点位=["幸福里西区2号楼"]))
    assert (case["status"], case["source_of_place"], case["community"]) == (
        "located", "address", "西二社区",
    )  # fmt: skip


def test_the_content_speaks_where_the_address_is_silent(locate):
    case = one(locate(问题点位=[""], 主要内容=["市民来电反映人民剧场门口有人摆摊"]))
    assert (case["place_id"], case["source_of_place"]) == ("P1", "content")


def test_coordinates_give_the_point_and_text_gives_the_address(locate):
    case = one(locate(问题点位=["雨花胡同12号"], 经度=["116.4032"], 纬度=["39.9033"]))
    assert (case["status"], case["place_key"], case["level"]) == ("located", "H1/12号", "door")
    assert (case["lng"], case["lat"], case["source_of_place"]) == (116.4032, 39.9033, "coordinates")


def test_coordinates_alone_place_a_case_in_the_community_that_holds_them(locate):
    case = one(locate(问题点位=[""], 经度=["116.4150"], 纬度=["39.9150"]))
    assert (case["status"], case["community"]) == ("located", "东二社区")
    assert pd.isna(case["place_key"])


def test_an_unlisted_house_with_coordinates_has_a_key_of_its_own(locate):
    placed = locate(
        问题点位=["12 Elm Street", "12 elm street, Small City"],
        经度=["116.4150"] * 2, 纬度=["39.9150"] * 2,
    )  # fmt: skip
    assert placed["place_key"].tolist() == ["990101002002/12 Elm Street"] * 2


def test_text_and_coordinates_a_kilometre_apart_are_a_conflict_and_no_place(locate):
    case = one(locate(问题点位=["幸福里西区2号楼"], 经度=["116.4190"], 纬度=["39.9010"]))
    assert case["status"] == "coordinate_conflict"
    assert pd.isna(case["lng"])


def test_a_point_that_several_addresses_share_is_a_default_point_and_not_used(locate):
    placed = locate(
        问题点位=["雨花胡同1号", "雨花胡同3号", "幸福里西区", "雨花胡同5号"],
        经度=["116.4100"] * 3 + ["116.4033"], 纬度=["39.9100"] * 3 + ["39.9031"],
    )  # fmt: skip
    assert placed["source_of_place"].tolist() == ["address"] * 3 + ["coordinates"]
    assert placed["explanation"].str.contains("默认点").tolist() == [True, True, True, False]


def test_the_name_of_an_area_does_not_contradict_a_point_nor_name_it(locate):
    case = one(locate(问题点位=["西一社区"], 经度=["116.4190"], 纬度=["39.9190"]))
    assert (case["status"], case["community"]) == ("located", "东二社区")
    assert pd.isna(case["place_name"])


def test_coordinates_beyond_the_boundary_are_outside(locate):
    assert one(locate(问题点位=[""], 经度=["116.5"], 纬度=["39.9"]))["status"] == "outside_area"


def test_the_operators_columns_place_a_case_in_an_area_only(locate):
    case = one(locate(问题点位=[""], 被反映街乡镇=["西街道"], 社区=["西一社区"]))
    assert (case["status"], case["level"], case["source_of_place"]) == (
        "area_only", "community", "operator",
    )  # fmt: skip
    case = one(locate(问题点位=["玉兰胡同5号"], 被反映街乡镇=["西街道"]))
    assert (case["status"], case["level"], case["street"]) == ("area_only", "street", "西街道")


def test_a_case_filed_under_another_district_lies_there(locate):
    assert one(locate(问题点位=["玉兰胡同5号"], 被反映区=["邻区"]))["status"] == "outside_area"
    assert one(locate(问题点位=["雨花胡同5号"], 被反映区=["邻区"]))["status"] == "outside_area"
    here = locate(问题点位=[""], 被反映区=["邻区"], 经度=["116.405"], 纬度=["39.905"])
    assert one(here)["status"] == "located"


def test_one_pair_of_numbers_cannot_tell_its_datum_and_is_not_used(locate):
    case = one(locate(declared="auto", 问题点位=[""], 经度=["116.4150"], 纬度=["39.9150"]))
    assert case["status"] == "datum_unknown"


def test_gcj02_of_many_cases_is_found_out_and_undone(locate):
    rng = np.random.default_rng(7)
    lng, lat = rng.uniform(116.4005, 116.4195, 300), rng.uniform(39.9005, 39.9195, 300)
    east, north = from_wgs84(lng, lat, datum="gcj02")
    placed = locate(
        declared="auto", 问题点位=[""] * 300,
        经度=[f"{x:.7f}" for x in east], 纬度=[f"{y:.7f}" for y in north],
    )  # fmt: skip
    assert placed["status"].eq("located").all()
    assert np.abs(placed["lng"] - lng).max() < 1e-6
    assert np.abs(placed["lat"] - lat).max() < 1e-6


TEXT = st.sampled_from(
    [
        "",
        "幸福里西区2号楼",
        "槐树街8号",
        "玉兰胡同5号",
        "邻区大路1号",
        "雨花胡同",
        "你好",
        "西一社区",
    ]
)


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(TEXT, TEXT, st.sampled_from(["", "西街道", "东街道", "无此街道"]),
                  st.sampled_from(["", "西一社区", "东二社区"]),
                  st.sampled_from(["", "116.405", "116.415", "39.905", "0", "abc"]),
                  st.sampled_from(["", "39.905", "116.405", "0", "91"])),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_every_case_keeps_its_row_and_gets_one_status_with_a_reason(
    city, names, tmp_path_factory, rows
):
    address, content, street, community, lng, lat = (list(c) for c in zip(*rows, strict=True))
    path = tmp_path_factory.mktemp("cases") / "cases.csv"
    export(
        问题点位=address, 主要内容=content, 被反映街乡镇=street, 社区=community, 经度=lng, 纬度=lat
    ).to_csv(path, index=False)
    cases, _ = normalise_cases([read_cases([path])], timezone="Asia/Shanghai", salt=SALT)
    points, _ = restore_points(cases, city.communities, declared="wgs84")
    placed = locate_cases(
        cases, points,
        gazetteer=names,
        communities=city.communities, streets=city.streets, outside=city.outside,
    )  # fmt: skip
    assert placed.index.equals(cases.index)
    assert placed["status"].isin(STATUSES).all()
    assert placed["level"].isin(LEVELS).all()
    assert placed["explanation"].str.len().gt(0).all()
    assert placed.loc[placed["status"] == "located", "lng"].notna().all()
    assert PLACED.check(placed) is placed
