from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots.places.explain import match_text
from geo_hotspots.places.gazetteer import Gazetteer
from geo_hotspots.places.gazetteer_build import build_gazetteer
from geo_hotspots.places.numbers import read_number, read_tail, unpack
from geo_hotspots.places.text import normalise_text
from geo_hotspots.words import Lang


@pytest.fixture(scope="module")
def names(city) -> Gazetteer:
    return build_gazetteer(city.places, city.communities, city.streets)


@pytest.mark.parametrize(
    ("text", "place", "level", "key"),
    [
        ("西街道幸福里西区2号楼", "幸福里西区2号楼", "building", "B1"),
        ("幸福里西区2楼3单元501", "幸福里西区2号楼", "building", "B1"),
        ("幸福西区二栋", "幸福里西区2号楼", "building", "B1"),
        ("幸福里西区2#", "幸福里西区2号楼", "building", "B1"),
        ("幸福里西区12号楼", "幸福里西区12号楼", "compound", "C1/12号楼"),
        ("市民反映幸福里西区门口堵车", "幸福里西区", "compound", "C1"),
        ("雨花胡同甲31号院1号楼", "雨花胡同甲31号1号楼", "road", "H1/甲31号1号楼"),
        ("雨花巷31号甲", "雨花胡同甲31号", "road", "H1/甲31号"),
        ("东四十条22号", "东四十条22号", "road", "H2/22号"),
        ("人民剧场门前", "人民剧场", "poi", "P1"),
        ("东街道槐树街8号", "槐树街8号", "road", "R1/8号"),
        ("西二社区", "西二社区", "community", ""),
    ],
)
def test_a_place_is_found_however_it_is_written(names, text, place, level, key):
    match = match_text(text, names)
    assert (match.name, match.entry.level, match.key) == (place, level, key)


def test_a_road_name_of_two_streets_is_settled_by_the_operators_street_or_not_at_all(names):
    assert match_text("槐树街8号", names).status == "ambiguous"
    assert match_text("槐树街8号", names, street="西街道").entry.id == "R2"
    assert "东街道" in match_text("槐树街8号", names).reason.zh


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("咨询退休金如何办理", "no_place_in_text"),
        ("", "no_place_in_text"),
        ("玉兰胡同5号", "name_not_in_gazetteer"),
        ("邻区槐树街8号", "outside_area"),
        ("雨花胡同", "area_only"),
        ("东街道", "area_only"),
    ],
)
def test_what_is_no_point_says_why(names, text, status):
    match = match_text(text, names, outside=("邻区",))
    assert match.status == status
    assert all(match.reason.say(lang) for lang in get_args(Lang))


@pytest.mark.parametrize(
    "text", ["人民剧场路3号", "东四十条桥下", "幸福里西区社区", "槐树街东大街1号"]
)
def test_a_known_name_inside_a_longer_unknown_one_is_not_taken(names, text):
    assert match_text(text, names).entry is None


def test_a_name_is_never_rewritten_as_a_number(names):
    assert match_text("东四十条", names).name == "东四十条"
    assert match_text("东四10条", names).name == "东四十条"
    assert match_text("东四4条", names).entry is None


def test_a_yard_with_a_building_is_not_the_building_of_that_number():
    assert unpack(read_tail("31号院1号楼", 0)[0]) == (31, 0, 0, 1)
    assert unpack(read_tail("31号楼", 0)[0]) == (0, 0, 0, 31)


@given(st.integers(0, 999))
def test_chinese_numerals_and_digits_read_alike(number):
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    written = (digits[hundreds] + "百" if hundreds else "") + (
        digits[tens] + "十" if tens else "零" if hundreds and ones else ""
    )
    written += digits[ones] if ones or not written else ""
    assert read_number(written) == number == read_number(str(number))


@given(st.text(max_size=40), st.integers(0, 45))
def test_the_grammar_reads_any_text_and_never_runs_past_it(text, at):
    text = normalise_text(text)
    at = min(at, len(text))
    number, end = read_tail(text, at)
    assert at <= end <= len(text)
    assert (number > 0) == (end > at)


@given(
    st.text(
        alphabet="幸福里西区槐树街东一社甲十百零两0123456789-号院楼#附近 \u3000<>=", max_size=30
    )
)
def test_every_text_gets_a_status_and_a_reason(names, text):
    match = match_text(text, names)
    assert match.reason.zh
    assert (match.entry is None) == (
        match.status in {"ambiguous", "outside_area", "name_not_in_gazetteer", "no_place_in_text"}
    )
