from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots.hotspots.points import calls, windows
from geo_hotspots.hotspots.points.callers import weigh_cases
from geo_hotspots.hotspots.points.repeats import MIXED, Floor, find_repeats, number_points

AS_OF = pd.Timestamp("2019-12-29")
FLOOR = Floor(callers=3, days=3, group_callers=5, group_days=30)


def cases_of(*points: tuple[str, str, list[int], list[str | None]]) -> pd.DataFrame:
    """Lay out cases: spot, group, days before the last day, callers."""
    rows = [
        (spot, group, AS_OF - pd.Timedelta(days=ago) + pd.Timedelta(hours=9), caller)
        for spot, group, days, callers in points
        for ago, caller in zip(days, callers, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["spot", "group", "reported_at", "caller"])
    frame = frame.astype({"spot": "str", "group": "str", "caller": "str"})
    place = frame.assign(ground=frame["spot"], area=frame["spot"].str[:1], kind_of_place=0)
    return place.assign(is_echo=False)


def background(
    n: int = 400, *, n_groups: int = 2, seed: int = 3
) -> list[tuple[str, str, list[int], list[str]]]:
    """Spread single cases over many spots and some groups."""
    rng = np.random.default_rng(seed)
    return [
        (f"S{i}", f"g{rng.integers(n_groups)}", [int(rng.integers(360))], [f"b{i}"])
        for i in range(n)
    ]


def list_points(cases: pd.DataFrame, *, fdr: float = 0.05) -> pd.DataFrame:
    return find_repeats(cases, as_of=AS_OF, floor=FLOOR, fdr=fdr, window_days=364)


def find(*points, fdr=0.05):
    return list_points(cases_of(*background(), *points), fdr=fdr)


def crowd(spot: str, group: str, days: list[int]) -> tuple[str, str, list[int], list[str]]:
    """Let somebody else call on each of the days."""
    return (spot, group, days, [f"{spot}{group}{i}" for i in range(len(days))])


LOCK = crowd("lock", "g0", [1, 9, 20, 31, 45, 60, 70, 81])


@pytest.mark.parametrize("at_once", [30, 150])
def test_points_that_are_tested_in_blocks_are_the_same(at_once, monkeypatch):
    mixed = [("mix", f"g{i}", [8 * i + 3, 8 * i + 5], [f"m{i}", None]) for i in range(5)]
    cases = cases_of(*background(n_groups=5), LOCK, crowd("flat", "g1", [2, 3, 5, 8, 13]), *mixed)
    whole = list_points(cases)
    monkeypatch.setattr(calls, "_AT_ONCE", at_once)
    monkeypatch.setattr(windows, "_AT_ONCE", at_once)
    assert {"repeat", "group"} <= set(whole["kind"])
    assert MIXED in set(whole["group"])
    pd.testing.assert_frame_equal(list_points(cases), whole)


@given(
    st.lists(st.sampled_from([0.0, 0.6, 1.0]), min_size=1, max_size=60),
    st.sampled_from([28.0, 91.0, 400.0]),
)
def test_windows_count_callers_to_the_last_digit(worth, days):
    at = np.arange(len(worth)) * 5.0
    told = pd.DataFrame({"pair": 0, "at": at, "worth": worth, "gap": np.inf})
    inside = (at[:, None] - days < at) & (at <= at[:, None])
    exact = [round(sum(Decimal(str(w)) for w in np.array(worth)[row]), 1) for row in inside]
    assert windows.count_windows(told, days).tolist() == [float(n) for n in exact]


def test_scattered_single_cases_make_no_point():
    assert find().empty


def test_many_callers_on_many_days_at_one_spot_make_a_point():
    found = find(LOCK)
    assert found[["spot", "kind", "n", "n_callers", "n_days"]].to_numpy().tolist() == [
        ["lock", "repeat", 8, 8, 8]
    ]
    assert found["qvalue"].iloc[0] < 0.05
    assert found["expected"].iloc[0] < 2
    assert found["best_days"].iloc[0] == 91
    assert found["best_end"].iloc[0] == AS_OF - pd.Timedelta(days=1)
    assert found["best_callers"].iloc[0] == 8


def test_one_caller_however_loud_is_never_ranked_as_a_point():
    found = find(("lock", "g0", list(range(0, 100, 5)), ["same"] * 20))
    assert found["kind"].tolist() == ["single_caller"]
    assert found[["pvalue", "qvalue", "best_days", "n_decisive"]].isna().all(axis=None)


def test_two_loud_callers_are_under_the_floor_of_callers():
    assert find(("lock", "g0", list(range(0, 100, 5)), ["one", "two"] * 10))["kind"].tolist() in (
        [],
        ["single_caller"],
    )


def test_five_callers_within_thirty_days_are_a_group_complaint():
    slow = crowd("leak", "g0", [3, 60, 120, 180, 240, 300, 350, 20])
    kinds = find(crowd("heat", "g0", [3, 5, 8, 12, 20, 25]), slow).set_index("spot")["kind"]
    assert kinds["heat"] == "group"
    assert kinds.get("leak", "repeat") == "repeat"


def test_all_calls_of_one_day_are_under_the_floor_of_days():
    assert find(("burst", "g0", [4] * 9, [f"c{i}" for i in range(9)])).empty


def test_cases_after_the_last_day_do_not_count():
    assert find(crowd("lock", "g0", [-1, -9, -20, -31, -45])).empty


@given(st.permutations(range(430)))
@settings(max_examples=3)
def test_the_order_of_rows_changes_nothing(order):
    cases = cases_of(
        *background(), ("lock", "g0", [*range(1, 91, 3)], [f"c{i % 11}" for i in range(30)])
    )
    columns = ["spot", "n", "n_callers", "n_days", "pvalue", "qvalue", "best_end", "n_decisive"]
    found, again = list_points(cases), list_points(cases.iloc[list(order)])
    pd.testing.assert_frame_equal(found[columns], again[columns])
    assert found[["n", "n_callers", "n_days"]].to_numpy().tolist() == [[30, 11, 30]]


@given(st.lists(st.integers(0, 7), min_size=1, max_size=8))
@settings(max_examples=4)
def test_repeating_the_words_of_a_case_never_raises_a_point(repeated):
    cases = cases_of(*background(), LOCK)
    mine = cases.index[cases["spot"] == "lock"]
    echoes = cases.loc[mine[repeated]].assign(is_echo=True, caller="somebody else")
    more = list_points(pd.concat([cases, echoes], ignore_index=True))
    once = list_points(cases)
    assert more["pvalue"].iloc[0] >= once["pvalue"].iloc[0] * (1 - 1e-9)
    assert more["n_callers"].tolist() == once["n_callers"].tolist()
    assert more["n"].iloc[0] == once["n"].iloc[0] + len(repeated)


def test_a_caller_who_rings_again_does_not_raise_a_point():
    again = ("lock", "g0", [*LOCK[2], 8, 15, 25, 40], [*LOCK[3], *LOCK[3][1:5]])
    more, once = find(again), find(LOCK)
    assert more["n"].iloc[0] == once["n"].iloc[0] + 4
    assert more["n_callers"].tolist() == once["n_callers"].tolist()
    assert more["pvalue"].iloc[0] >= once["pvalue"].iloc[0] * (1 - 1e-9)


def test_a_busy_spot_explains_its_own_bustle():
    city, mine = background(n_groups=12), crowd("x", "g0", [5, 34, 60, 82, 110, 130, 170])
    bustle = [crowd("x", f"g{k}", list(range(4 + 5 * k, 360, 60))) for k in range(1, 12)]
    assert list_points(cases_of(*city, mine))["spot"].tolist() == ["x"]
    assert list_points(cases_of(*city, mine, *bustle)).empty


def test_what_the_whole_city_complains_about_in_one_month_is_no_news():
    rng = np.random.default_rng(5)
    heat = [(f"H{i}", "heat", [int(rng.integers(10, 38))], [f"h{i}"]) for i in range(600)]
    evenly = [(f"E{i}", "lock", [int(rng.integers(364))], [f"e{i}"]) for i in range(600)]
    days = [11, 17, 24, 30, 36]
    found = list_points(
        cases_of(*heat, *evenly, crowd("x", "heat", days), crowd("y", "lock", days))
    )
    assert found["spot"].tolist()[-1] == "y"
    chance = find_repeats(
        cases_of(*heat, *evenly, crowd("x", "heat", days), crowd("y", "lock", days)),
        as_of=AS_OF, floor=FLOOR, fdr=1.0, window_days=364,
    ).set_index("spot")["pvalue"]  # fmt: skip
    assert chance["x"] > 5 * chance["y"]


def test_five_mild_categories_that_flare_up_together_are_seen_as_one_point():
    groups = [f"g{i}" for i in range(12)]
    rng = np.random.default_rng(8)
    quiet = [
        (f"S{i}", groups[rng.integers(12)], [int(rng.integers(364))], [f"b{i}.{j}"])
        for i in range(300)
        for j in range(3)
    ]
    mild = [crowd("x", group, [3 + k, 17 + k]) for k, group in enumerate(groups[:7])]
    found = list_points(cases_of(*quiet, *mild))
    assert found[["spot", "group", "n"]].to_numpy().tolist() == [["x", MIXED, 14]]


def test_a_spot_that_is_listed_is_not_listed_again_for_everything():
    found = find(LOCK, crowd("lock", "g1", [3, 30]), crowd("lock", "g2", [4, 50]))
    assert found["group"].tolist() == ["g0"]


def test_every_listed_point_has_a_case_of_its_own_even_where_all_are_single_callers():
    rng = np.random.default_rng(8)
    quiet = [
        (f"S{i}", f"g{rng.integers(12)}", [int(rng.integers(364))], [f"b{i}.{j}"])
        for i in range(300)
        for j in range(3)
    ]
    alone = [("x", f"g{k}", [3 + k, 10 + k, 17 + k], [f"one {k}"] * 3) for k in range(9)]
    cases = cases_of(*quiet, *alone)
    found = find_repeats(cases, as_of=AS_OF, floor=FLOOR, fdr=0.1, window_days=364)
    assert found["kind"].tolist() == ["single_caller"] * 9
    assert set(number_points(found, cases)) >= set(found.index)


def test_each_case_belongs_to_its_own_category_first_and_to_the_whole_spot_else():
    points = pd.DataFrame({"spot": ["x", "x"], "group": ["g0", MIXED]})
    cases = pd.DataFrame(
        {"spot": ["x", "x", "y"], "ground": ["x", "x", "y"], "group": ["g0", "g1", "g0"]}
    )
    assert number_points(points, cases).tolist() == [0, 1, -1]


def test_without_the_decisive_cases_a_point_is_not_listed_and_without_two_of_them_it_is():
    cases = cases_of(*background(), LOCK, crowd("pond", "g1", [2, 30, 62, 90, 130, 170]))
    found = list_points(cases).set_index("spot")
    for spot in ("lock", "pond"):
        decisive = found.loc[spot, "decisive"]
        assert 1 <= found.loc[spot, "n_decisive"] == len(decisive) <= len(cases)
        assert set(cases.loc[decisive, "spot"]) == {spot}
        assert spot not in set(list_points(cases.drop(decisive))["spot"])
    fewer = cases.drop(found.loc["lock", "decisive"][:2])
    assert "lock" in set(list_points(fewer)["spot"])


def test_where_nobody_is_named_days_stand_for_people():
    nameless = background(200)
    cases = cases_of(*nameless, LOCK, ("burst", "g0", [4] * 9, [f"c{i}" for i in range(9)]))
    found = list_points(cases.assign(caller=pd.Series(pd.NA, cases.index, dtype="str")))
    assert found[["spot", "n_callers"]].to_numpy().tolist() == [["lock", 8]]


@pytest.mark.parametrize("n", [0, 1])
def test_no_case_or_one_gives_no_point_and_no_error(n):
    assert list_points(cases_of(("a", "g", [1], ["c"])).head(n)).empty


def test_a_short_file_is_judged_over_the_days_it_has():
    early = cases_of(*[(f"S{i}", f"g{i % 3}", [i % 20], [f"b{i}"]) for i in range(100)])
    found = list_points(pd.concat([early, cases_of(crowd("x", "g0", [1, 3, 5, 8, 9, 12, 14, 16]))]))
    assert found["spot"].tolist() == ["x"]
    assert found["best_days"].max() <= 20


def test_weights_are_those_of_fresh_callers():
    frame = cases_of(("a", "g", [1, 2, 3, 30], [None, "x", "x", "x"]))
    assert weigh_cases(frame).tolist() == [0.6, 0.0, 1.0, 1.0]
