from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots.analysis import register
from geo_hotspots.hotspots.forecast.ranking import prioritise, rank_points
from geo_hotspots.hotspots.lifecycle.lifecycle import WEEKS, count_weeks, trace_lives
from geo_hotspots.hotspots.lifecycle.rectified import link_rectified
from geo_hotspots.hotspots.points.identity import Known
from geo_hotspots.schema import LIFECYCLES

AS_OF = pd.Timestamp("2019-12-29")


def life(
    ago: list[int], *, rectified: list[int] | None = None, found: list[int] | None = None,
    elsewhere: list[int] | None = None,
):  # fmt: skip
    """Trace one point from the days ago of its cases, its rectifications, its patrols.

    `elsewhere` are rectifications of another point.
    """
    at = pd.Series(day(ago), dtype="datetime64[us]") + pd.Timedelta(hours=8)
    cases = pd.DataFrame({"number": 0, "reported_at": at, "weight": 1.0})
    cases["caller"] = pd.Series([f"c{i}" for i in range(len(ago))], dtype="str")
    done = pd.DataFrame({"number": 0, "day": day(rectified or [])})
    others = pd.DataFrame({"number": 1, "day": day(elsewhere or [])})
    done = pd.concat([done, others], ignore_index=True)
    seen = pd.DataFrame({"number": 0, "day": day(found or [])})
    return trace_lives(cases, done, n=2, as_of=AS_OF, min_callers=3, found=seen).iloc[0]


def day(ago: list[int]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([AS_OF - pd.Timedelta(days=d) for d in ago], dtype="datetime64[us]")


@pytest.mark.parametrize(
    ("ago", "lifecycle"),
    [
        ([2, 4, 9, 11, 16, 18, 23], "new"),
        ([1, 2, 4, 6, 8, 11, 13, 15, 22, 29, 36, 50, 64, 78, 92, 110, 130, 150], "intensifying"),
        (list(range(3, 180, 6)), "persistent"),
        ([12, 25, 40, 55, 70, *range(95, 180, 4)], "diminishing"),
        ([3, 4, 100, 103, 105, 200, 203, 204, 300, 301], "sporadic"),
        (list(range(60, 120, 3)), "quiet"),
        ([5, 6], "insufficient"),
    ],
)
def test_each_course_has_its_class(ago, lifecycle):
    assert life(ago).lifecycle == lifecycle


def test_trouble_after_a_rectification_is_a_rebound():
    point = life([5, 12, 20, 120, 130, 140, 150], rectified=[90])
    assert point["lifecycle"] == "rebounding"
    assert point[["days_since_rectified", "rebounds", "days_to_rebound"]].tolist() == [90, 1, 78]


def test_one_call_after_a_rectification_is_not_yet_a_rebound():
    assert life([5, 120, 130, 140, 150], rectified=[90])["rebounds"] == 0


def test_days_to_rebound_are_those_after_the_last_rectification():
    held = life([5, 12, 20, 120, 130, 140, 150], rectified=[90, 3])
    assert held[["days_since_rectified", "rebounds"]].tolist() == [3, 1]
    assert pd.isna(held["days_to_rebound"])


def test_a_case_at_midnight_of_the_first_day_is_in_the_first_week():
    first = AS_OF - pd.Timedelta(days=7 * WEEKS - 1)
    at = pd.Series([first - pd.Timedelta(seconds=1), first, AS_OF, AS_OF + pd.Timedelta(hours=23)])
    [counts] = count_weeks(at, np.zeros(4, dtype=np.int64), n=1, as_of=AS_OF)
    assert counts[[0, -1]].tolist() == [1, 2]


def test_one_patrol_that_meets_the_trouble_again_is_a_rebound():
    point = life([120, 125, 130, 140, 150], rectified=[90], found=[4])
    assert point[["rebounds", "days_to_rebound"]].tolist() == [1, 86]


def test_without_a_register_the_end_of_a_long_spell_stands_for_a_rectification():
    came_back = [*range(1, 20, 3), *range(90, 180, 3)]
    assert life(came_back)["lifecycle"] == "rebounding"
    assert life(came_back, elsewhere=[250])["lifecycle"] != "rebounding"


def test_a_rectification_that_holds_makes_a_point_quiet_sooner_than_silence_alone():
    growing = [35, 36, 38, 40, 42, 45, 48, 50, 60, 75, 90, 120]
    assert life(growing, rectified=[34])["lifecycle"] == "quiet"
    assert life(growing)["lifecycle"] != "quiet"


def test_every_rectification_that_did_not_hold_is_counted():
    assert life([5, 12, 60, 70, 120, 130, 140], rectified=[100, 40])["rebounds"] == 2


def test_a_rectification_in_the_future_is_not_known_yet():
    assert np.isnan(life([5, 12, 20, 120], rectified=[-3])["days_since_rectified"])


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=40),
    st.lists(st.integers(0, 300), max_size=3),
)
@settings(max_examples=25)
def test_every_course_has_one_of_the_eight_classes(ago, rectified):
    point = life(ago, rectified=rectified)
    assert point["lifecycle"] in LIFECYCLES
    assert 1 / len(LIFECYCLES) <= point["posterior"] <= 1


@given(st.lists(st.integers(0, WEEKS * 7 - 1), min_size=1, max_size=60))
def test_every_case_of_the_year_is_in_one_week(ago):
    at = pd.Series([AS_OF - pd.Timedelta(days=d) + pd.Timedelta(hours=23) for d in ago])
    number = np.arange(len(ago)) % 2
    counts = count_weeks(at, number, n=2, as_of=AS_OF)
    assert counts.sum(axis=1).tolist() == np.bincount(number, minlength=2).tolist()


def test_a_case_of_a_bare_date_is_in_the_week_of_its_day():
    at = pd.Series(day(list(range(14))))
    one = np.zeros(len(at), dtype=np.int64)
    assert count_weeks(at, one, n=1, as_of=AS_OF, weeks=2).tolist() == [[7, 7]]


def test_what_is_open_lifts_the_priority_by_the_printed_weights():
    points = pd.DataFrame(
        {"score": [2.0, 2.0], "open_share": [0.0, 0.5],
         "lifecycle": ["persistent", "rebounding"], "kind": ["repeat", "group"]}
    )  # fmt: skip
    lifted = prioritise(points, unresolved=0.5, rebound=0.5, group=0.25)
    assert lifted.tolist() == [2.0, 2.0 * (1 + 0.25 + 0.5 + 0.25)]


def test_single_callers_are_ranked_apart():
    points = pd.DataFrame(
        {"kind": ["repeat", "single_caller", "group"], "priority": [1.0, 9.0, 2.0],
         "n_callers": 3, "last_at": AS_OF, "hotspot_id": ["a", "b", "c"]}
    )  # fmt: skip
    assert rank_points(points).tolist() == [2, 1, 1]


def test_a_line_of_the_register_finds_its_point_by_place_and_category_or_by_id():
    points = pd.DataFrame(
        {"spot": ["B1", "B1", "C1"],
         "group": ["停车管理/私装地锁", "房屋/漏雨", "停车管理/私装地锁"],
         "hotspot_id": ["P1", "P2", "P3"]}
    )  # fmt: skip
    register = pd.DataFrame(
        {"hotspot_id": [None, None, "P3", None], "spot": ["B1", "B1", None, "ZZ"],
         "category": ["私装地锁", None, None, "私装地锁"], "day": AS_OF}
    ).astype({"hotspot_id": "str", "spot": "str", "category": "str"})  # fmt: skip
    rectified, is_linked = link_rectified(register, points)
    assert is_linked.tolist() == [True, True, True, False]
    assert set(zip(rectified["spot"], rectified["group"], strict=True)) == {
        ("B1", "停车管理/私装地锁"), ("B1", "房屋/漏雨"), ("C1", "停车管理/私装地锁"),
    }  # fmt: skip


def test_a_register_of_places_links_as_one_that_also_names_a_point_by_its_id(monkeypatch):
    cases = pd.DataFrame({"spot": ["C1", "B1", "B1", None], "group": ["g1", "g2", "g1", "g1"]})
    points = pd.DataFrame({"spot": ["B1"], "group": ["g1"], "hotspot_id": ["P1"]})
    known = Known.nothing()
    places = {"b1": "B1", "c1": "C1"}
    monkeypatch.setattr(
        register, "match_text", lambda name, _: SimpleNamespace(key=places.get(name, ""))
    )
    lines = pd.DataFrame(
        {"hotspot_id": None, "name": ["b1", "c1", "nowhere"], "category": None, "day": AS_OF,
         "what": None, "who": None, "source": "a.csv", "row": [2, 3, 4]}
    ).astype({"hotspot_id": "str", "category": "str"})  # fmt: skip
    by_id = lines.iloc[[0]].assign(hotspot_id="P1", name=None, day=AS_OF - pd.Timedelta(days=1))
    cases = cases.astype("category")
    alone, told = register.link_register(lines, cases, points, known, None)
    both, _ = register.link_register(pd.concat([lines, by_id]), cases, points, known, None)
    assert alone[["spot", "group"]].to_numpy().tolist() == [
        ["B1", "g2"],
        ["B1", "g1"],
        ["C1", "g1"],
    ]
    assert "4" in told[0].en
    pd.testing.assert_frame_equal(
        both[both["day"] == AS_OF].sort_values(["spot", "group"], ignore_index=True),
        alone.sort_values(["spot", "group"], ignore_index=True),
    )
