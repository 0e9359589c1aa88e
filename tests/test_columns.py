"""Which column is which: what exports call them, and what is put to the user."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots.cases.columns import (
    _HEADERS,
    count_known,
    find_header,
    fold,
    nearest,
    recognise,
)
from geo_hotspots.errors import InputError
from geo_hotspots.schema import RAW_TEXT

EVERY = [(name, h) for name, text in _HEADERS.items() for h in text.replace("|", " ").split()]


def named(*headers, columns=None):
    positions = recognise(headers, file="a.csv", columns=columns)
    return {name: headers[at] for name, at in positions.items()}


def test_every_text_column_of_the_contract_has_headers():
    assert set(_HEADERS) == set(RAW_TEXT)


def test_no_header_means_two_things():
    folded = [fold(header) for _, header in EVERY]
    assert len(folded) == len(set(folded))


@pytest.mark.parametrize(
    ("name", "header"),
    [
        *(("case_id", h) for h in ("工单编号", "诉求编号", "案件号")),
        *(("reported_at", h) for h in ("来电时间", "登记时间", "受理时间", "创建时间", "上报时间")),
        *(("category", h) for h in ("问题分类", "诉求分类", "诉求类型一级", "大类名称")),
        *(("category_2", h) for h in ("诉求类型二级", "小类名称")),
        ("category_3", "诉求类型三级"),
        *(("content", h) for h in ("主要内容", "诉求内容")),
        ("title", "标题"),
        *(("address", h) for h in ("地址", "问题点位", "小区点位", "事发地址")),
        *(("district", h) for h in ("被反映区", "区级")),
        *(("street", h) for h in ("被反映街乡镇", "街/乡/镇")),
        *(("community", h) for h in ("村/社区", "所在村社区")),
        *(("lng", h) for h in ("经度", "X", "longitude")),
        *(("lat", h) for h in ("纬度", "Y", "latitude")),
        *(("caller", h) for h in ("来电号码", "来电人", "诉求人")),
        *(("department", h) for h in ("主办单位", "承办单位")),
        *(("closed_at", "办结时间"), ("replied_at", "回复时间"), ("due_at", "时限要求")),
        *(("responded", "响应"), ("resolved", "解决"), ("resolved", "是否解决")),
        *(("satisfied", h) for h in ("满意", "是否满意")),
    ],
)
def test_the_headers_of_the_contract_are_recognised(name, header):
    others = {"reported_at": "来电时间", "content": "主要内容"}
    others.pop(name, None)
    assert named(header, *others.values())[name] == header


def test_the_columns_of_new_york_are_recognised():
    headers = ["id", "created_utc", "category", "status", "description", "address", "zip"]
    assert named(*headers, "lat", "lon") == {
        "case_id": "id",
        "reported_at": "created_utc",
        "category": "category",
        "content": "description",
        "address": "address",
        "lng": "lon",
        "lat": "lat",
    }
    city = ["Unique Key", "Created Date", "Closed Date", "Agency", "Agency Name", "Complaint Type"]
    city += ["Descriptor", "Location Type", "Incident Address", "Street Name", "Address Type"]
    city += ["X Coordinate (State Plane)", "Y Coordinate (State Plane)", "Latitude", "Longitude"]
    assert named(*city) == {
        "case_id": "Unique Key",
        "reported_at": "Created Date",
        "category": "Complaint Type",
        "category_2": "Descriptor",
        "address": "Incident Address",
        "lng": "Longitude",
        "lat": "Latitude",
        "department": "Agency Name",
        "closed_at": "Closed Date",
    }


@pytest.mark.parametrize(
    "header",
    ["来 电 时 间", "*来电时间", "来电时间(必填)", "\ufeff来电时间", "来电时间 :", "【来电时间】"],
)
def test_width_spaces_stars_and_brackets_do_not_hide_a_header(header):
    assert named(header, "地址")["reported_at"] == header


def test_case_and_full_width_do_not_hide_a_header():
    assert named("ＣＲＥＡＴＥＤ_ＡＴ", "Address")["reported_at"] == "ＣＲＥＡＴＥＤ_ＡＴ"


def test_the_primary_header_is_taken_before_the_others():
    headers = ["派单时间", "受理时间", "来电时间", "地址", "小区点位", "诉求来源", "渠道"]
    assert named(*headers)["reported_at"] == "来电时间"
    assert named(*headers)["address"] == "地址"
    assert named(*headers)["channel"] == "诉求来源"


def test_the_small_class_is_the_third_level_where_a_middle_class_stands_between():
    assert named("来电时间", "地址", "大类", "小类")["category_2"] == "小类"
    three = named("来电时间", "地址", "大类", "中类", "小类")
    assert (three["category_2"], three["category_3"]) == ("中类", "小类")


def test_two_equal_headers_are_refused_with_the_setting_that_chooses():
    with pytest.raises(InputError, match=r'could each be lng.*\[cases.columns\] lng = "lon"'):
        named("来电时间", "lon", "longitude", "lat")
    with pytest.raises(InputError, match='2 columns headed "地址"; rename'):
        named("来电时间", "地址", "地址")


def test_the_settings_choose_a_column_and_nothing_else_takes_it():
    chosen = named(
        "建单", "地址", "来电时间", columns={"reported_at": "建单", "address": "来电时间"}
    )
    assert chosen == {"reported_at": "建单", "address": "来电时间"}


def test_a_chosen_header_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r'no header "来电日", which .* nearest: "来电时间"'):
        named("来电时间", "地址", columns={"reported_at": "来电日"})
    with pytest.raises(InputError, match="knows no column 'when'"):
        named("来电时间", "地址", columns={"when": "来电时间"})


def test_a_time_and_any_one_kind_of_place_are_needed():
    for place in ("地址", "主要内容", "标题", "社区", "街道"):
        assert "reported_at" in named("来电时间", place)
    assert named("来电时间", "经度", "纬度").keys() == {"reported_at", "lng", "lat"}
    with pytest.raises(InputError, match=r'no column for the place .* nearest header: "地扯"'):
        named("来电时间", "经度", "备注栏", "地扯")
    with pytest.raises(InputError, match="no column for the time of the report"):
        named("地址")


def test_an_error_stays_on_one_line_whatever_the_header_holds():
    with pytest.raises(InputError, match="no column for the time") as caught:
        named('a\n"b', "地址")
    assert "\n" not in caught.value.say("zh") + caught.value.say("en")


def test_a_header_is_found_below_notes():
    rows = [["2019年6月", ""], [], ["来电时间", "地址"], ["2019-06-21", "街道"]]
    assert find_header(rows) == 2
    assert find_header([["", ""], ["a", "b"]]) == 1
    assert find_header([]) == 0
    assert count_known(["来电时间", "受理时间", "x"], {"address": "x"}) == 2


def test_the_nearest_header_comes_first():
    assert nearest(["来电时间"], ["备注", "来电时问", ""])[0] == "来电时问"


@given(st.lists(st.text(max_size=8), max_size=6))
def test_whatever_the_headers_are_they_are_placed_or_refused_in_one_line(headers):
    sentence = ""
    try:
        positions = recognise(headers, file="a.csv")
    except InputError as error:
        positions, sentence = {}, str(error)
    assert len(set(positions.values())) == len(positions)
    assert bool(sentence) != bool(positions)
    assert len(sentence.splitlines()) <= 1
