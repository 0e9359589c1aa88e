"""The three rates, their ranking, and the two numbers of an area."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_report import made_up_areas, made_up_cases, made_up_hotspots
from scipy.stats import binomtest

from geo_hotspots.config import RatesConfig
from geo_hotspots.errors import ConfigError
from geo_hotspots.hotspots.figures.rates import RATES, area_table, composite_of, rates_by, wilson
from geo_hotspots.schema import AREA_COLUMNS, Period

NOVEMBER = Period.holding(date(2026, 11, 20), "month")
ANSWER = st.sampled_from([True, False, None])
CASE = st.tuples(st.sampled_from(["甲", "乙", "丙", "丁", None]), ANSWER, ANSWER, ANSWER)


def frame(rows):
    table = pd.DataFrame(rows, columns=["street", *RATES])
    return table.astype({"street": "str", **dict.fromkeys(RATES, "boolean")})


def answered(street, *, yes, no):
    return [(street, True, True, True)] * yes + [(street, False, False, False)] * no


@given(st.integers(0, 60), st.integers(1, 60))
def test_wilson_bounds_are_those_of_scipy(k, extra):
    n = k + extra
    low, high = wilson(k, n)
    known = binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert (float(low), float(high)) == pytest.approx((known.low, known.high), abs=1e-12)


def test_wilson_bounds_of_the_textbook_case():
    low, high = wilson(81, 263)
    assert (round(float(low), 4), round(float(high), 4)) == (0.2553, 0.3662)


def test_without_answers_there_is_no_interval():
    assert np.isnan(wilson(0, 0)).all()


@given(st.lists(CASE, max_size=40))
def test_only_answers_count_and_every_rate_lies_in_its_interval(rows):
    cases = frame(rows)
    table = rates_by(cases, "street", weights=RatesConfig())
    assert table["n"].sum() == cases["street"].notna().sum()
    for rate in RATES:
        mine = cases[cases["street"].notna()]
        assert table[f"n_{rate}_asked"].sum() == mine[rate].notna().sum()
        assert table[f"n_{rate}_yes"].sum() == mine[rate].fillna(value=False).sum()
        asked = table[table[f"n_{rate}_asked"] > 0]
        assert (asked[f"{rate}_low"] <= asked[f"{rate}_rate"]).all()
        assert (asked[f"{rate}_rate"] <= asked[f"{rate}_high"]).all()
        assert table[f"{rate}_rate"].isna().sum() == (table[f"n_{rate}_asked"] == 0).sum()


@given(st.lists(CASE, max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_the_cases_changes_no_rank(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    one = rates_by(frame(rows), "street", weights=RatesConfig())
    other = rates_by(frame(shuffled), "street", weights=RatesConfig())
    pd.testing.assert_frame_equal(one, other)


def test_three_streets_share_the_first_rank_with_100_and_the_next_is_fourth():
    rows = [
        *answered("前门街道", yes=3, no=0), *answered("东四街道", yes=7, no=0),
        *answered("景山街道", yes=11, no=0), *answered("天坛街道", yes=9, no=1),
    ]  # fmt: skip
    table = rates_by(frame(rows), "street", weights=RatesConfig())
    assert table["rank"].tolist() == [1, 1, 1, 4]
    assert table["composite"].tolist() == [100.0, 100.0, 100.0, 90.0]
    assert table.index[-1] == "天坛街道"
    assert table["is_small"].to_dict() == {
        "东四街道": True, "前门街道": True, "景山街道": False, "天坛街道": False,
    }  # fmt: skip


def test_equal_shares_of_different_counts_tie_exactly():
    rows = [*answered("甲", yes=1, no=2), *answered("乙", yes=7, no=14)]
    table = rates_by(frame(rows), "street", weights=RatesConfig(0.3, 0.35, 0.35))
    assert table["rank"].tolist() == [1, 1]
    assert table["composite"].tolist() == [33.33, 33.33]


def test_a_rate_that_nobody_was_asked_leaves_no_composite_and_no_rank():
    rows = [("甲", True, True, None), ("乙", True, False, True)]
    table = rates_by(frame(rows), "street", weights=RatesConfig())
    assert np.isnan(table.loc["甲", "composite"])
    assert pd.isna(table.loc["甲", "rank"])
    assert table.loc["乙", "composite"] == 65.0
    without = rates_by(frame(rows), "street", weights=RatesConfig(0.5, 0.5, 0.0))
    assert without["composite"].to_dict() == {"甲": 100.0, "乙": 50.0}


def test_weights_are_scaled_to_one():
    cases = frame([("甲", True, False, False)])
    assert composite_of(cases, weights=RatesConfig(0.6, 0.7, 0.7)) == 30.0
    assert composite_of(cases, weights=RatesConfig(0.3, 0.35, 0.35)) == 30.0


def test_weights_that_are_all_zero_are_refused():
    with pytest.raises(ConfigError, match=r"all weights under \[rates\] are 0"):
        rates_by(frame([]), "street", weights=RatesConfig(0, 0, 0))


@pytest.fixture(scope="module")
def city():
    communities, streets = made_up_areas()
    cases = made_up_cases(3000, communities)
    return cases, made_up_hotspots(cases), communities, streets


def november(cases):
    return cases[cases["reported_at"].dt.strftime("%Y-%m") == "2026-11"]


def test_areas_hold_every_case_with_an_area_and_those_without_cases_stay(city):
    cases, hotspots, communities, streets = city
    some = cases[cases["community_code"] != communities["code"].iloc[3]].copy()
    some.loc[some.index[:900], "community_code"] = None  # known to the street only
    by_community = area_table(some, hotspots, communities, period=NOVEMBER, by="community")
    by_street = area_table(some, hotspots, streets, period=NOVEMBER, by="street")
    known = november(some)["community_code"].notna().sum()
    assert 0 < known < len(november(some))
    assert by_community["n"].sum() == known
    assert by_street["n"].sum() == len(november(some))
    assert len(by_community) == 24
    assert by_community["n"].iloc[3] == 0
    assert tuple(by_street.columns) == (*AREA_COLUMNS, "geometry")
    assert isinstance(by_street, gpd.GeoDataFrame)
    assert by_street.crs == streets.crs
    assert by_street["street"].tolist() == by_street["name"].tolist()


def test_areas_agree_with_counting_by_hand(city):
    cases, hotspots, communities, _ = city
    table = area_table(cases, hotspots, communities, period=NOVEMBER, by="community")
    row = table.iloc[0]
    mine = cases[cases["community_code"] == row["code"]]
    now = november(mine)
    october = mine[mine["reported_at"].dt.strftime("%Y-%m") == "2026-10"]
    assert row["n"] == len(now)
    assert row["change_pct"] == pytest.approx(100 * (len(now) - len(october)) / len(october))
    assert row["resolved_rate"] == pytest.approx(now["resolved"].dropna().astype(float).mean())
    assert row["n_resolved_asked"] == now["resolved"].notna().sum()


def test_a_place_counts_once_and_an_area_is_no_place(city):
    _, _, communities, _ = city
    cases = made_up_cases(9, communities).assign(
        community_code=communities["code"].iloc[0],
        reported_at=pd.Timestamp("2026-11-09 10:00"),
        place_key=["甲", "甲", "乙", None, None, None, None, None, None],
        place_id=["p1", "p1", "p1", "r9", "r9", "c0", "x1", "x2", "x3"],
        level=["door", "door", "door", "road", "road", "community", "poi", "poi", "poi"],
        hotspot_id=[None] * 6 + ["H1", "H1", "H2"],
    )
    listed = pd.DataFrame({"hotspot_id": ["H1"]})
    table = area_table(cases, listed, communities, period=NOVEMBER, by="community")
    # 甲, 乙, the road r9, the hotspot H1, and x3, whose hotspot is not listed.
    assert table["n_points"].iloc[0] == 5
    assert table["n"].iloc[0] == 9


def test_cases_known_by_coordinates_alone_are_places_ten_metres_apart(city):
    _, hotspots, communities, _ = city
    cases = november(city[0]).head(4).assign(
        place_key=None, place_id=None, hotspot_id=None, level="door",
        community_code=communities["code"].iloc[0],
        lng=[116.38001, 116.38002, 116.3812, 116.3812], lat=[39.86] * 3 + [39.861],
    )  # fmt: skip
    table = area_table(
        cases, hotspots, communities, period=Period.holding(date(2026, 11, 2), "month"),
        by="community",
    )  # fmt: skip
    assert table["n_points"].iloc[0] == 3


def test_nothing_before_or_nothing_known_before_gives_no_change(city):
    cases, hotspots, communities, streets = city
    late = cases[cases["reported_at"] >= "2026-10-15"]
    table = area_table(late, hotspots, streets, period=NOVEMBER, by="street")
    assert table["change_pct"].isna().all()
    silent = cases[
        (cases["community_code"] != communities["code"].iloc[0])
        | (cases["reported_at"] >= "2026-11-01")
    ]
    table = area_table(silent, hotspots, communities, period=NOVEMBER, by="community")
    assert table["n"].iloc[0] > 0
    assert np.isnan(table["change_pct"].iloc[0])
    assert table["change_pct"].notna().any()


def test_half_a_month_is_held_against_half_a_month(city):
    cases, hotspots, _, streets = city
    mid = date(2026, 11, 10)
    seen = cases[cases["reported_at"] < "2026-11-11"]
    table = area_table(seen, hotspots, streets, period=NOVEMBER, by="street", as_of=mid)
    at, street = seen["reported_at"], seen["street"] == table["name"].iloc[0]
    now = (street & (at >= "2026-11-01")).sum()
    before = (street & (at >= "2026-10-01") & (at < "2026-10-11")).sum()
    assert table["change_pct"].iloc[0] == pytest.approx(100 * (now - before) / before)
