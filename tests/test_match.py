from typing import get_args

import pytest
from city import write_pack
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots.places.gazetteer.build import build_gazetteer
from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.grammar.numbers import read_number, read_tail, unpack
from geo_hotspots.places.grammar.text import normalise_text
from geo_hotspots.places.match import hits
from geo_hotspots.places.match.explain import match_text, tell
from geo_hotspots.places.match.match import match_texts
from geo_hotspots.places.packs.pack import read_pack
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


@given(st.from_regex(hits._GOES_ON, fullmatch=True))
def test_what_goes_on_to_a_longer_name_begins_with_a_character_that_is_looked_for(text):
    assert ord(text[0]) in hits._MORE_BEGINS


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


# --- slips, doors between doors, crossings, homes -----------------------------------------------

STREET = """\
id,name,type,aliases,community,street,lng,lat,level,uncertainty_m,source
R1,永生胡同,hutong,,西一社区,西街道,116.4050,39.9050,road,300,authored
R2,槐树街,road,,西一社区,西街道,116.4060,39.9060,road,300,authored
R3,广渠门内大街,road,,东一社区,东街道,116.4150,39.9050,road,400,authored
R4,东总布胡同,hutong,,东一社区,东街道,116.4160,39.9060,road,200,authored
D07,永生胡同7号,door,,西一社区,西街道,116.4040,39.9050,door,15,authored
D11,永生胡同11号,door,,西一社区,西街道,116.4048,39.9050,door,15,authored
D12,永生胡同12号,door,,西一社区,西街道,116.4050,39.9048,door,15,authored
D31,永生胡同31号院,door,,西一社区,西街道,116.4062,39.9050,door,15,authored
B31,永生胡同31号院1号楼,building,,西一社区,西街道,116.4063,39.9052,building,15,authored
E01,槐树街1号,door,,西一社区,西街道,116.4049,39.9052,door,15,authored
E03,槐树街3号,door,,西一社区,西街道,116.4051,39.9060,door,15,authored
C1,东花园北里,compound,,东二社区,东街道,116.4150,39.9150,compound,80,authored
C2,东花园南里,compound,,东二社区,东街道,116.4150,39.9140,compound,80,authored
P1,人民剧场,poi,,东一社区,东街道,116.4120,39.9020,poi,60,authored
"""


@pytest.fixture(scope="module")
def lane(tmp_path_factory) -> Gazetteer:
    pack = read_pack(write_pack(tmp_path_factory.mktemp("lane") / "pack", places=STREET))
    return build_gazetteer(pack.places, pack.communities, pack.streets)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("踊生胡同7号", "永生胡同7号", "“踊”与“永”同音"),
        ("永声胡同12号附近", "永生胡同12号", "“声”与“生”同音"),
        ("永胡同7号", "永生胡同7号", "疑为“永生胡同”之误"),
        ("生永胡同7号", "永生胡同7号", "疑为“永生胡同”之误"),
        ("水生胡同7号", "永生胡同7号", "疑为“永生胡同”之误"),
        ("反映位于西街道永生湖同7号的树倒了", "永生胡同7号", "“湖”与“胡”同音"),
        ("广取门内大街12号", "广渠门内大街12号", "“取”与“渠”同音"),
    ],
)
def test_a_slip_is_undone_and_said(lane, text, place, words):
    match = match_text(text, lane)
    assert match.name == place
    assert words in match.reason.zh


@pytest.mark.parametrize(
    "text", ["广渠门外大街12号", "西总布胡同5号", "玉生胡同7号", "永定胡同7号", "东花园西里"]
)
def test_another_name_is_no_slip(lane, text):
    entry = match_text(text, lane).entry
    assert entry is None or entry.level == "street"


def test_between_two_names_that_are_as_near_neither_is_taken(lane):
    match = match_text("东花园里", lane)
    assert match.status in {"ambiguous", "area_only"}


def test_a_missing_door_lies_between_its_neighbours_of_the_same_side(lane):
    found = match_texts(["永生胡同9号"], lane)
    assert (found.lng[0], found.lat[0]) == pytest.approx((116.4044, 39.9050))
    match = match_text("永生胡同9号", lane)
    assert (match.level, match.key) == ("door_interpolated", "R1/9号")
    assert match.reason.zh.endswith("门牌9号未收录，按7号、11号内插")
    beside = match_text("永生胡同14号", lane)
    assert beside.reason.zh.endswith("按邻近的12号推算")
    far = match_text("永生胡同98号", lane)
    assert (far.level, far.status) == ("road", "located_low")


def test_a_missing_door_is_as_uncertain_as_its_neighbours_are_apart(lane):
    found = match_texts(["永生胡同9号"], lane)
    assert found.uncertainty_m[0] == pytest.approx(0.0008 * 111_195 * 0.767 / 2, rel=0.01)


def test_a_yard_stands_in_for_its_building_and_a_door_for_its_marked_neighbour(lane):
    assert match_text("永生胡同31号院1号楼", lane).entry.id == "B31"
    assert match_text("永生胡同31号院6号楼", lane).reason.zh.endswith("用永生胡同31号院的位置")
    assert (
        match_text("永生胡同甲7号", lane).key == match_text("永生胡同7号甲", lane).key == "R1/甲7号"
    )


@pytest.mark.parametrize(
    "text", ["永生胡同与槐树街交叉口", "槐树街和永生胡同路口东北角", "永生胡同、槐树街交汇处"]
)
def test_two_roads_meet_where_their_doors_come_nearest(lane, text):
    found = match_texts([text], lane)
    match = match_text(text, lane)
    assert (match.level, match.key) == ("intersection", "R1+R2")
    assert (found.lng[0], found.lat[0]) == pytest.approx((116.4048, 39.9051), abs=1e-4)


def test_roads_whose_crossing_is_unknown_give_an_area_and_say_so(lane):
    match = match_text("永生胡同与东总布胡同交叉口", lane)
    assert (match.status, match.level) == ("area_only", "road")
    assert "未收录" in match.reason.zh


def test_a_stretch_of_road_is_an_area_of_that_road(lane):
    match = match_text("永生胡同（槐树街至广渠门内大街段）", lane)
    assert (match.status, match.level, match.entry.id) == ("area_only", "road", "R1")


def test_a_home_counts_only_where_nothing_else_is_named(lane):
    told = "来电人家住永生胡同7号，反映人民剧场门口有人摆摊"
    assert match_text(told, lane).entry.id == "P1"
    only = match_text("来电人家住永生胡同7号，要求回复", lane)
    assert only.entry.id == "D07"
    assert only.reason.zh.endswith("文中只写了住址")


def test_the_beginning_of_an_unknown_name_may_tell_its_street(lane):
    match = match_text("东花园新里3号楼", lane)
    assert (match.status, match.level, match.entry.name) == ("area_only", "street", "东街道")
    assert "“东花园”" in match.reason.zh


def test_many_texts_at_once_say_what_each_says_alone(lane):
    texts = ["永生胡同9号", "", "踊生胡同7号", "永生胡同与槐树街交叉口", "东花园新里", "没有\0地点"]
    together = tell(match_texts(texts, lane))
    assert together == [tell(match_texts([text], lane))[0] for text in texts]


@pytest.mark.parametrize(
    ("texts", "key"),
    [
        (("东花园北里31号", "东花园北里31号楼", "东花园北里31号楼下"), "C1/31号楼"),
        (("永生胡同7号", "永生胡同7号楼", "永生胡同7号楼上"), "D07"),
        (("槐树街9号", "槐树街9号楼下"), "R2/9号"),
        (("槐树街9号楼",), "R2/9号楼"),
        (("永生胡同31号院1号楼",), "B31"),
        (("东花园北里甲31号",), "C1/甲31号"),
        (("东花园北里31号院",), "C1/31号"),
    ],
)
def test_a_compound_counts_its_buildings_and_a_road_its_doors(lane, texts, key):
    assert {match_text(text, lane).key for text in texts} == {key}
