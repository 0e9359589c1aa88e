"""The demo's made-up year: its totals, its stories, and that nobody real is in it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots.cases.normalise import normalise_cases
from geo_hotspots.cases.privacy import find_secrets
from geo_hotspots.cases.read import read_cases
from geo_hotspots.demo import make_demo, write_demo
from geo_hotspots.demo.calls import share_out
from geo_hotspots.demo.make import COLUMNS
from geo_hotspots.demo.places import LARGEST_NUMBER, _in_chinese
from geo_hotspots.demo.rain import HEAVY_MM, RAIN_MM
from geo_hotspots.demo.words import HOSTILE, LEAVES, POINTS, SEASONS, SHARES
from geo_hotspots.errors import OutputError, PackError
from geo_hotspots.places.datum.shift import gcj02_to_wgs84
from geo_hotspots.places.grammar.numbers import read_number
from geo_hotspots.places.packs.pack import read_pack

N = 20_000


@pytest.fixture(scope="module")
def pack():
    return read_pack("dongcheng")


@pytest.fixture(scope="module")
def demo(pack):
    return make_demo(pack)


@pytest.fixture(scope="module")
def cases(demo):
    """Every case once, with its truth and times read."""
    joined = demo.cases.join(demo.truth)[demo.truth["is_case"]]
    return joined.assign(at=pd.to_datetime(joined["来电时间"], format="%Y-%m-%d %H:%M:%S"))


def told_of(cases, demo, story):
    points = demo.points.index[demo.points["story"] == story]
    return cases[cases["point"].isin(points)]


# --- totals


@given(st.integers(10_000, 2_000_000))
def test_the_ten_largest_categories_hold_62_59_percent_of_any_year(n):
    counts = share_out(n)
    largest = counts.nlargest(10)
    assert counts.sum() == n
    assert f"{largest.sum() / n:.2%}" == "62.59%"
    assert set(largest.index) == set(list(SHARES)[:10])


def test_the_demo_has_just_these_counts(cases):
    counts = cases["问题分类"].str.partition("->")[0].value_counts()
    pd.testing.assert_series_equal(
        counts.sort_index(), share_out(N).sort_index(), check_names=False
    )
    assert counts.nlargest(10).sum() == 12_518


def test_every_case_is_there_once_and_faults_come_on_top(demo, cases):
    assert len(cases) == N
    assert cases["工单编号"].is_unique
    extra = demo.cases[~demo.truth["is_case"]]
    earlier = extra[extra["工单编号"].isin(cases["工单编号"])]
    assert len(earlier) == 12
    assert len(extra) - len(earlier) == 10
    later = demo.cases.drop_duplicates("工单编号", keep="last").index
    assert not set(later) & set(earlier.index), "the update must stand behind what it updates"
    assert (earlier[["办结时间", "响应", "解决", "满意"]] == "").all(axis=None)


def test_a_broken_time_is_no_time(demo, cases):
    broken = demo.cases[~demo.truth["is_case"] & ~demo.cases["工单编号"].isin(cases["工单编号"])]
    times = pd.to_datetime(broken["来电时间"], format="%Y-%m-%d %H:%M:%S", errors="coerce")
    assert times.isna().all()


def test_the_year_is_52_whole_weeks_that_end_on_a_sunday(cases):
    days = cases["at"].dt.normalize()
    assert days.min() == pd.Timestamp("2018-12-31")
    assert days.max() == pd.Timestamp("2019-12-29")
    assert days.nunique() == 364
    assert cases["at"].is_monotonic_increasing


def test_market_cases_come_in_with_the_merger_of_7_july(cases):
    is_market = cases["问题分类"].str.startswith("市场管理")
    before = cases["at"] < "2019-07-07"
    assert is_market[before].mean() < 0.002
    after = is_market[~before].groupby(cases["at"].dt.to_period("M")).mean()
    assert (after > 0.06).all()
    assert (~before).sum() / 176 > 1.15 * before.sum() / 188, "cases a day rise"


def test_categories_have_up_to_three_levels_and_known_profiles():
    paths = [leaf.path for leaf in LEAVES]
    assert len(set(paths)) == len(paths)
    assert {path.count("->") for path in paths} == {1, 2}
    assert {path.partition("->")[0] for path in paths} == set(SHARES)
    assert {leaf.season for leaf in LEAVES} == set(SEASONS)
    assert all(len(leaf.phrases) == 2 for leaf in LEAVES)


# --- stories


def test_locks_grow_peak_go_and_come_back(cases, demo):
    locks = told_of(cases, demo, 1)
    assert set(locks["key"]) == {"忠实里西区2号楼", "忠实里西区3号楼"}
    assert set(locks["问题分类"]) == {"停车管理->私装地锁"}
    daily = locks["at"].dt.strftime("%m-%d").value_counts()
    assert daily.idxmax() == "06-21"
    monthly = locks["at"].dt.month.value_counts().reindex(range(1, 13), fill_value=0)
    assert monthly[4] < monthly[5] < monthly[6]
    removals = demo.rectifications.query("点位名称.str.startswith('忠实里西区')")
    assert sorted(set(removals["整改日期"])) == ["2019-06-27", "2019-10-15"]
    assert removals["整改内容"].str.contains("230").any()


@pytest.mark.parametrize(
    ("first", "last"), [("2019-06-27", "2019-08-11"), ("2019-10-15", "2019-11-24")]
)
def test_each_removal_of_locks_brings_quiet_and_each_quiet_ends(cases, demo, first, last):
    for _, locks in told_of(cases, demo, 1).groupby("key"):
        days = locks["at"].dt.strftime("%Y-%m-%d")
        assert not days.between(first, last).any()
        back = locks[days.between(last, (pd.Timestamp(last) + pd.Timedelta(days=63)).isoformat())]
        assert back["来电号码"].nunique() >= 3


def test_the_roof_leaks_when_it_rains_or_snow_melts(cases, demo):
    leaks = told_of(cases, demo, 2)
    assert set(leaks["key"]) == {"前门东大街2号楼"}
    wet = demo.rain[
        (demo.rain["降雨量"] >= RAIN_MM) | demo.rain["日期"].str[5:7].isin(["02", "11", "12"])
    ]
    days = pd.to_datetime(wet["日期"])
    near = {day + pd.Timedelta(days=lag) for day in days for lag in range(3)}
    assert set(leaks["at"].dt.normalize()) <= near
    assert len(leaks) >= 30
    assert leaks["来电号码"].nunique() >= 15
    assert leaks["at"].dt.month.isin([6, 7, 8, 9]).mean() > 0.6
    assert (leaks["at"] >= "2019-11-15").any()


def test_water_stands_at_several_doors_after_nights_of_heavy_rain(cases, demo):
    ponds = told_of(cases, demo, 3)
    assert ponds["key"].nunique() >= 4
    assert ponds["key"].str.contains("赵家楼").all()
    heavy = pd.to_datetime(demo.rain.loc[demo.rain["降雨量"] >= HEAVY_MM, "日期"])
    near = {day + pd.Timedelta(days=lag) for day in heavy for lag in range(2)}
    assert set(ponds["at"].dt.normalize()) <= near
    per_rain = ponds.groupby(ponds["at"].dt.to_period("W"))["key"].nunique()
    assert (per_rain >= 2).sum() >= 4


def test_every_planted_pattern_is_there_and_shows(cases, demo):
    others = demo.points[demo.points["story"] == 0]
    assert len(others) == sum(count for _, _, count in POINTS)
    by_pattern = dict(list(others.groupby("pattern")))
    assert (by_pattern["group"]["n_callers"] >= 20).all()
    assert (by_pattern["new"]["first_at"] >= "2019-11-25").all()
    assert (by_pattern["new"]["n_callers"] >= 3).all()
    assert (by_pattern["quiet"]["last_at"] < "2019-09-16").all()
    assert (by_pattern["single_caller"]["n_callers"] == 1).all()
    assert by_pattern["single_caller"]["n"].between(5, 12).all()
    late = cases.groupby("point")["at"].agg(lambda at: (at >= "2019-09-30").mean())
    assert (late[by_pattern["intensifying"].index] > 0.6).all()
    assert (late[by_pattern["diminishing"].index] < 0.25).all()  # 0.13 on average


def test_nothing_but_what_is_planted_happens_at_a_planted_point(cases, demo):
    """Else a point that went quiet would not be quiet, and the truth would be half of it."""
    category = cases["问题分类"].str.split("->").str[:2].str.join("->")
    here = pd.MultiIndex.from_arrays([cases["key"], category])
    planted = pd.MultiIndex.from_frame(demo.points[["name", "category"]])
    stray = here.isin(planted) & (cases["point"] == 0)
    assert not stray.any()
    counted = cases[cases["point"] > 0]["point"].value_counts().sort_index()
    assert counted.to_list() == demo.points["n"].to_list()


def test_each_rectification_names_a_planted_point(demo):
    done = demo.rectifications
    assert list(done.columns) == ["点位名称", "类别", "整改日期", "整改内容", "整改单位"]
    known = set(
        zip(demo.points["name"], demo.points["category"].str.rpartition("->")[2], strict=True)
    )
    assert set(zip(done["点位名称"], done["类别"], strict=True)) <= known
    assert (done["整改日期"] <= "2019-12-29").all()


# --- people


def test_no_number_could_be_anybodys(demo):
    numbers = demo.cases["来电号码"].str.replace("-", "")
    assert numbers[numbers != ""].str.fullmatch(r"100\d{8}").all()
    secrets = demo.secrets
    assert secrets.loc[secrets["kind"] == "phone", "value"].str.fullmatch(r"154\d{8}").all()
    assert secrets.loc[secrets["kind"] == "id_number", "value"].str.startswith("999999").all()


def test_callers_come_back_but_most_do_not(cases):
    calls = cases.loc[cases["来电号码"] != "", "来电号码"].str.replace("-", "").value_counts()
    assert (calls > 1).mean() > 0.2
    assert (calls == 1).mean() > 0.35
    assert calls.max() < 40


def test_the_list_of_secrets_is_complete_and_true(demo):
    text = demo.cases["主要内容"] + "。" + demo.cases["问题点位"]
    found = find_secrets(text)
    listed = demo.secrets.groupby("kind")["value"].agg(set)
    assert {"phone", "id_number", "room"} == set(found["kind"])
    for kind, values in found.groupby("kind")["value"]:
        assert set(values) == listed[kind]
    assert set(demo.cases["来电号码"]) - {""} == listed["caller"]


def test_hostile_text_is_there_to_be_borne(demo):
    told = demo.cases[["标题", "主要内容", "问题点位"]]
    for hostile in HOSTILE:
        assert all(told[column].str.contains(hostile, regex=False).any() for column in told)
    assert demo.cases["主要内容"].str.startswith("=").any()


# --- places


def test_a_pin_lies_8_to_25_metres_from_the_truth_in_gcj02(cases):
    pinned = cases[(cases["经度"] != "") & (cases["told"] != "conflict")]
    assert 0.5 < len(pinned) / len(cases) < 0.6
    lng, lat = gcj02_to_wgs84(pinned["经度"].astype(float), pinned["纬度"].astype(float))
    east = (lng - pinned["lng"]) * 111_195 * np.cos(np.radians(pinned["lat"]))
    north = (lat - pinned["lat"]) * 111_195
    assert np.hypot(east, north).between(7.5, 25.5).all()


def test_one_address_is_one_point(cases):
    here = cases[cases["told"].isin(["address", "content", "conflict"])]
    assert len(here[["key", "lng", "lat"]].drop_duplicates()) == here["key"].nunique()
    spread = here.assign(road=here["key"].str.extract(r"^(.+?)\d+号$")[0]).groupby("road")
    assert spread["lat"].agg(np.ptp).max() * 111_195 < 260


def test_another_districts_address_never_says_it_is_ours(cases):
    outside = cases[cases["told"] == "outside"]
    assert (outside["被反映区"] != "东城区").all()
    assert not outside["问题点位"].str.contains("东城区").any()


def test_truth_is_inside_the_community_it_names(cases, pack):
    here = cases[cases["told"].isin(["address", "content"])]
    named = pack.communities.set_index("name").geometry[here["community"]].to_numpy()
    assert shapely.intersects(named, shapely.points(here["lng"], here["lat"])).mean() > 0.999


def test_the_places_are_as_messy_as_real_ones(cases):
    shares = cases["told"].value_counts(normalize=True)
    expected = {"content": 0.12, "none": 0.03, "outside": 0.02, "unknown": 0.015}
    for told, share in expected.items():
        assert shares[told] == pytest.approx(share, rel=0.3)
    assert (cases["社区"] != "").mean() == pytest.approx(0.6, abs=0.03)
    address = cases["问题点位"]
    for mark in ("栋", "#", "２", "号楼", "附近", "东城区"):
        assert address.str.contains(mark).any(), mark
    assert address.str.contains("[二三四五]号楼").any()
    silent = cases[cases["told"] == "none"]
    assert (silent[["问题点位", "经度", "社区"]] == "").all(axis=None)
    only = cases[cases["told"] == "content"]
    assert (only["问题点位"] == "").all()
    assert only["主要内容"].str.contains("号|园|站|桥|里|[院楼厦校学心场门]").mean() > 0.99


@given(st.integers(1, LARGEST_NUMBER))
def test_numbers_in_chinese_read_back(number):
    assert read_number(_in_chinese(number)) == number


# --- answers


def test_seven_in_ten_are_asked_and_streets_differ(cases):
    asked = cases[cases["响应"] != ""]
    assert len(asked) / len(cases) == pytest.approx(0.70, abs=0.02)
    assert (asked[["解决", "满意"]] != "").all(axis=None)
    assert (asked["办结时间"] != "").all()
    here = asked[(asked["被反映区"] == "东城区") & (asked["被反映街乡镇"] != "")]
    rates = here.groupby("被反映街乡镇")[["响应", "解决", "满意"]].agg(lambda a: (a == "是").mean())
    assert (rates["响应"] == 1).sum() == 3
    assert rates["解决"].max() - rates["解决"].min() > 0.1
    assert rates["响应"].mean() > rates["满意"].mean() > 0.5


def test_nothing_is_closed_before_it_is_reported_or_after_the_year(cases):
    closed = cases[cases["办结时间"] != ""]
    assert (closed["办结时间"] > closed["来电时间"]).all()
    assert closed["办结时间"].max() < "2019-12-30"
    assert len(closed) < len(cases)


# --- files and faults


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(pack, demo, tmp_path):
    shuffled = replace(pack, places=pack.places.sample(frac=1, random_state=1))
    again = make_demo(shuffled)
    other = make_demo(pack, seed=1)
    written = [write_demo(d, tmp_path / str(i)) for i, d in enumerate((demo, again, other))]
    assert [p.name for p in written[0]] == ["演示工单.csv", "整改台账.csv", "降雨日.csv"]
    first, second, third = ([p.read_bytes() for p in paths] for paths in written)
    assert first == second
    assert all(a != b for a, b in zip(first, third, strict=True))
    assert all(data.startswith(b"\xef\xbb\xbf") for data in first)


def test_the_export_is_read_as_it_was_written(demo, tmp_path):
    raw = read_cases(write_demo(demo, tmp_path)[:1])
    assert len(raw) == len(demo.cases)
    assert raw["case_id"].to_list() == demo.cases["工单编号"].to_list()
    pairs = {
        "reported_at": "来电时间", "category": "问题分类", "content": "主要内容", "title": "标题",
        "address": "问题点位", "district": "被反映区", "street": "被反映街乡镇",
        "community": "社区",
        "lng": "经度", "lat": "纬度", "caller": "来电号码", "department": "主办单位",
        "channel": "诉求来源", "closed_at": "办结时间", "responded": "响应", "resolved": "解决",
        "satisfied": "满意",
    }  # fmt: skip
    assert set(pairs.values()) | {"工单编号", "来电人"} == set(COLUMNS)
    for name, header in pairs.items():
        assert raw[name].fillna("").to_list() == demo.cases[header].to_list(), name


def test_reading_rejects_the_broken_and_lets_updates_win(demo, tmp_path):
    raw = read_cases(write_demo(demo, tmp_path)[:1])
    kept, rejected = normalise_cases([raw], timezone="Asia/Shanghai", salt=b"salt")
    assert rejected["status"].value_counts().to_dict() == {"superseded": 12, "rejected": 10}
    assert list(kept.index) == list(demo.truth.index[demo.truth["is_case"]])
    assert kept["category_2"].isin({leaf.path.split("->")[1] for leaf in LEAVES}).all()
    asked = demo.cases.loc[kept.index, "响应"]
    assert kept["responded"].isna().to_list() == (asked == "").to_list()
    numbers = demo.cases.loc[kept.index, "来电号码"].str.replace("-", "")
    assert kept["caller"].nunique() == numbers[numbers != ""].nunique()


def test_another_size_keeps_the_share(pack):
    small = make_demo(pack, n=12_345)
    counts = small.cases[small.truth["is_case"]]["问题分类"].str.partition("->")[0].value_counts()
    assert f"{counts.nlargest(10).sum() / counts.sum():.2%}" == "62.59%"


def test_a_pack_that_lacks_a_storys_place_is_told_so(pack):
    without = replace(pack, places=pack.places[~pack.places["name"].str.contains("忠实里")])
    with pytest.raises(PackError, match="'忠实里西区2号楼', which the demo's story needs"):
        make_demo(without)


def test_a_pack_without_places_is_told_so(pack):
    with pytest.raises(PackError, match="has no places to make demo cases from"):
        make_demo(replace(pack, places=pack.places.iloc[:0]))


def test_a_year_of_too_few_cases_is_refused(pack):
    with pytest.raises(ValueError, match="n is 9999; it must be at least 10000"):
        make_demo(pack, n=9_999)


def test_a_folder_that_cannot_be_made_is_told(demo, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"the demo cannot be written to .*file"):
        write_demo(demo, tmp_path / "file")
