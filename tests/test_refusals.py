"""What must not be misplaced: names that other tools send to another province, and namesakes."""

import pytest

from geo_hotspots.places.gazetteer.index import open_gazetteer
from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.match.explain import match_text
from geo_hotspots.places.packs.pack import read_pack
from geo_hotspots.schema import LOCATED

PACK = read_pack("dongcheng")


@pytest.fixture(scope="module")
def names() -> Gazetteer:
    return open_gazetteer(PACK)


@pytest.mark.parametrize(
    ("text", "name", "street"),
    [
        ("大羊宜宾胡同31号院", "大羊宜宾胡同", "建国门街道"),  # not 宜宾, Sichuan
        ("北京市朝阳门内大街203号", "朝内大街203号院", "东四街道"),  # not 朝阳, Liaoning
        ("朝阳门内大街堵车", "朝阳门内大街", None),  # nor 朝阳区
        ("朝阳门街道附近", "朝阳门街道", "朝阳门街道"),
        ("前门东大街2号楼", "前门东大街2号楼", "前门街道"),
        ("东四十条甲22号", "南新仓国际大厦", "东四街道"),  # its number; 四十 is none
        ("东四十条桥西北角", "东四十条桥", None),
        ("赵家楼社区附近", "赵家楼社区", "建国门街道"),
        ("南河沿大街12号", "南河沿大街", None),  # not 南河, nor 河南
        ("苏州胡同5号", "苏州胡同", "建国门街道"),  # not 苏州
        ("崇文区法华寺街12号", "法华寺街", None),  # the district of old
        ("原崇文区东花市街道", "东花市街道", "东花市街道"),
    ],
)
def test_a_street_that_bears_a_citys_name_stays_here(names, text, name, street):
    match = match_text(text, names, outside=PACK.outside)
    assert match.name.startswith(name)
    assert match.status in {*LOCATED, "area_only", "ambiguous"}
    assert street is None or match.entry.street == street


@pytest.mark.parametrize(
    "text",
    [
        "朝阳区东大桥路8号",
        "朝阳区建国路93号",
        "西城区前门西大街甲1号",
        "海淀区中关村大街27号",
        "丰台区永定门外大街以南木樨园",
        "北京市朝阳区广渠门外大街9号",
        "反映西城区宣武门外大街10号噪音",
        "宣武区菜市口大街6号院",
        "市民住东城区东花市街道，反映朝阳区劲松五区502楼漏水",
        "大兴区黄村镇兴华大街",
        "广州市天河区体育西路",  # 体育馆西路 but for a character
        "成都市锦江区春熙路",
        "前门西河沿12号",  # 西河沿 is in 和平里
        "湖北武汉市武昌区",
        "四川省宜宾市翠屏区",
    ],
)
def test_another_district_is_outside(names, text):
    assert match_text(text, names, outside=PACK.outside).status == "outside_area"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("四川省人民政府驻北京办事处", "贡院蜀楼"),
        ("广州市民反映海运仓小区漏水", "海运仓小区"),
        ("籍贯广州市，现反映海运仓小区漏水", "海运仓小区"),
    ],
)
def test_a_word_that_only_looks_like_another_city_is_none(names, text, name):
    assert match_text(text, names, outside=PACK.outside).name == name


@pytest.mark.parametrize(
    "text",
    [
        "德胜门外大街44号",  # 地安门外大街 differs by a syllable and a half
        "广安门内大街59号",  # 安定门内大街, 广渠门内大街
        "西直门北大街41号",  # 东直门北大街
        "菜市口大街6号院",  # 灯市口大街
        "玉兰花胡同5号",
        "龙腾大厦12号",
        "银河花园100号",
        "瑞康花园35号",
        "兴旺大街78号",
        "四川省宜宾市翠屏路三号楼",
        "辽宁省朝阳市新华路二段",
        "望京西园四区411号楼",
        "天缘公寓47号",
    ],
)
def test_what_the_gazetteer_lacks_is_not_taken_for_what_it_holds(names, text):
    match = match_text(text, names, outside=PACK.outside)
    assert match.status in {"name_not_in_gazetteer", "outside_area", "no_place_in_text"}
    assert match.entry is None


@pytest.mark.parametrize(
    "text",
    [
        "咨询退休金如何办理",
        "反映公司拖欠工资三个月，物业说不归他们管，让找居委会",
        "反映一楼的住户受影响，周围的邻居都有意见，此情况已经持续两个多星期",
        "上个月三号开始出现的，晚上十点以后声音特别大",
        "建议增加夜间公交车次",
        "对热线答复不满意要求重新办理",
    ],
)
def test_a_text_without_a_place_gets_none(names, text):
    assert match_text(text, names, outside=PACK.outside).status == "no_place_in_text"


def test_a_home_elsewhere_does_not_take_an_incident_away(names):
    text = "本人家住朝阳区劲松五区，反映东四北大街路灯不亮"
    match = match_text(text, names, outside=PACK.outside)
    assert match.name.startswith("东四北大街")
    text = "来电人住在东花市北里西区3号楼，反映广渠门内大街路灯不亮"
    assert match_text(text, names, outside=PACK.outside).name.startswith("广渠门内大街")
    text = "本人户籍海淀区，反映工资拖欠"
    assert match_text(text, names, outside=PACK.outside).status == "no_place_in_text"
