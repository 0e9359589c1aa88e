import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libpysal import examples

from geo_hotspots.hotspots.areas import knox as areas_knox
from geo_hotspots.hotspots.areas.knox import begin_near, bound_pairs, knox, list_near

PLACES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)), min_size=4, max_size=40
)


@pytest.fixture(scope="module")
def burkitt():
    """188 cases of Burkitt's lymphoma in West Nile, 1961-1975 (Williams et al. 1978)."""
    cases = gpd.read_file(examples.get_path("burkitt.shp"))
    return np.c_[cases["X"], cases["Y"]].astype(float), cases["T"].to_numpy(float)


def by_definition(xy, days, within_metres, within_days):
    i, j = np.triu_indices(len(days), 1)
    near = np.hypot(*(xy[i] - xy[j]).T) <= within_metres
    soon = np.abs(days[i] - days[j]) <= within_days
    return (
        ((near & soon).sum(), (near & ~soon).sum()),
        ((~near & soon).sum(), (~near & ~soon).sum()),
    )


def test_burkitts_lymphoma_has_its_known_table(burkitt):
    found = knox(*burkitt, within_metres=20, within_days=5)
    assert found.table == ((13, 3416), (39, 14110))
    assert found.n_near == 13


def test_mean_variance_and_chance_are_those_of_shuffling(burkitt):
    xy, days = burkitt
    found = knox(xy, days, within_metres=20, within_days=5)
    rng = np.random.default_rng(1)
    near = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) <= 20
    shuffled = np.array([
        np.triu(near & (np.abs(np.subtract.outer(d, d)) <= 5), 1).sum()
        for d in (rng.permutation(days) for _ in range(1500))
    ])  # fmt: skip
    assert found.expected == pytest.approx(shuffled.mean(), abs=4 * shuffled.std() / 1500**0.5)
    assert found.variance == pytest.approx(shuffled.var(), rel=0.15)
    assert found.pvalue == pytest.approx((shuffled >= 13).mean(), abs=0.05)


@given(PLACES, st.integers(1, 30), st.integers(1, 30))
def test_the_table_is_that_of_all_pairs(places, within_metres, within_days):
    rows = np.array(places, dtype=float)
    xy, days = rows[:, :2], rows[:, 2]
    found = knox(xy, days, within_metres=within_metres, within_days=within_days)
    assert found.table == by_definition(xy, days, within_metres, within_days)
    assert sum(map(sum, found.table)) == len(days) * (len(days) - 1) // 2


@given(st.lists(st.tuples(*[st.floats(-4, 4)] * 3), min_size=1, max_size=40))
def test_pairs_within_a_step_are_no_more_than_their_bound(points):
    points = np.array(points)
    i, j = np.triu_indices(len(points), 1)
    n_near = (np.abs(points[i] - points[j]).max(axis=1, initial=0) <= 1).sum()
    assert n_near <= bound_pairs(points) <= len(i)


AS_OF = pd.Timestamp("2019-12-29")


def near_repeats(cases, as_of):
    return list_near(begin_near(cases, as_of))


def city(n, *, follows):
    """Cases at random, each followed by another nearby and soon where `follows`."""
    rng = np.random.default_rng(4)
    lng, lat = 116.40 + 0.03 * rng.random(n), 39.90 + 0.03 * rng.random(n)
    day = rng.integers(0, 330, n)
    table = pd.DataFrame({
        "group": "漏雨", "cell": "8a", "lng": lng, "lat": lat,
        "reported_at": AS_OF - pd.to_timedelta(day, "D"),
        "weight": 1.0,
    })  # fmt: skip
    if not follows:
        return table
    again = table.assign(lng=lng + 0.0005)
    return pd.concat([table, again.assign(reported_at=table["reported_at"] + pd.Timedelta("3D"))])


def test_cases_that_draw_others_are_near_repeats_and_others_are_not():
    drawn, plain = (near_repeats(city(150, follows=f), AS_OF).iloc[0] for f in (True, False))
    assert drawn["qvalue"] < 1e-6
    assert drawn["ratio"] > 2
    assert plain["qvalue"] > 0.01
    assert plain["ratio"] == pytest.approx(1, abs=0.6)


def test_calls_that_weigh_nothing_are_no_near_repeat():
    plain = city(150, follows=False)
    again = plain.head(40).assign(
        lng=116.41, lat=39.91, weight=0.0, reported_at=AS_OF - pd.Timedelta(days=3)
    )
    found = near_repeats(pd.concat([plain, again]), AS_OF)
    pd.testing.assert_frame_equal(found, near_repeats(plain, AS_OF))


def test_small_categories_and_no_cases_have_no_line():
    assert near_repeats(city(29, follows=False), AS_OF).empty
    assert near_repeats(city(0, follows=False).astype({"lng": float}), AS_OF).empty


def test_a_crowd_at_one_address_is_judged_by_its_latest_cases(monkeypatch):
    monkeypatch.setattr(areas_knox, "_MOST_PAIRS", 500)
    crowd = city(100, follows=True).assign(lng=116.4, lat=39.9)
    found = near_repeats(crowd, AS_OF).iloc[0]
    assert found["n"] < len(crowd)
    assert 0 < found["n_pairs"] <= 500
    latest = crowd.sort_values("reported_at", kind="stable").tail(found["n"])
    pd.testing.assert_series_equal(near_repeats(latest, AS_OF).iloc[0], found)
