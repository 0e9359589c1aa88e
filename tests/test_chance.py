import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from geo_hotspots.hotspots.points.chance import (
    Tally,
    expect_callers,
    log_pmf,
    scan_floor,
    scan_tail,
    scan_tails,
    set_aside,
    tail,
)
from geo_hotspots.hotspots.points.discovery import adjust, expect_false, last_threshold

MEANS, SIZES = st.floats(1e-3, 50), st.floats(0.1, 50)


@given(st.integers(0, 60), MEANS, SIZES)
def test_tail_and_chance_of_the_negative_binomial_are_those_of_scipy(k, mean, size):
    reference = stats.nbinom(size, size / (size + mean))
    one = np.array([float(k)]), np.array([mean]), np.array([size])
    assert tail(*one)[0] == pytest.approx(reference.sf(k - 1), rel=1e-10, abs=1e-15)
    assert log_pmf(*one)[0] == pytest.approx(reference.logpmf(k), rel=1e-9, abs=1e-9)


def test_known_answers_of_the_tail():
    # Size 1 is the geometric distribution: P(N >= k) = (mean / (1 + mean))^k.
    assert tail(np.array([3.0]), np.array([1.0]), np.array([1.0]))[0] == pytest.approx(1 / 8)
    # A window that holds everything cannot be moved.
    whole = scan_tail(np.array([3.0]), np.array([1.0]), np.array([1.0]), 1.0)
    assert whole[0] == pytest.approx(1 / 8)


@pytest.mark.parametrize(("mean", "size", "k"), [(2.0, 2.0, 5), (1.0, 1.0, 3), (4.0, 50.0, 6)])
def test_the_chance_of_the_densest_window_is_what_simulation_gives(mean, size, k):
    rng = np.random.default_rng(1)
    share, runs = 1 / 13, 20_000
    n = rng.poisson(rng.gamma(size, mean / size, runs))
    dense = np.array([_densest(np.sort(rng.random(m)), share) for m in n])
    seen = (dense >= k).mean()
    args = np.array([float(k)]), np.array([mean * share]), np.array([size])
    assert scan_tail(*args, share)[0] == pytest.approx(seen, rel=0.2, abs=3e-4)


@given(st.integers(1, 80), MEANS, SIZES, st.floats(0.02, 1))
def test_the_floor_of_the_chance_is_never_above_it(k, mean, size, share):
    args = np.array([float(k)]), np.array([mean]), np.array([size])
    assert scan_floor(*args, share)[0] <= scan_tail(*args, share)[0] * (1 + 1e-9)


@given(MEANS, SIZES, st.floats(0.02, 1))
def test_a_column_of_chances_is_what_each_is_alone(mean, size, share):
    k = np.arange(3.0, 40.0)[:, None]
    args = np.array([mean]), np.array([size]), share
    np.testing.assert_allclose(scan_tails(k, *args), scan_tail(k, *args), rtol=1e-9, atol=1e-300)


def _densest(at: np.ndarray, share: float) -> int:
    begins = np.searchsorted(at, at - share, side="right")
    return int((np.arange(len(at)) + 1 - begins).max(initial=0))


def city(rng: np.random.Generator, *, taste: float, spread: float, n_spots: int = 3_000) -> Tally:
    """Make up a city of areas of ten spots, with known tastes and spread."""
    area = np.arange(n_spots) // 10
    bustle = rng.gamma(2, 2, n_spots)
    liking = rng.gamma(taste, 1 / taste, (area.max() + 1, 12))[area]
    n = rng.poisson(bustle[:, None] / 12 * liking * rng.gamma(spread, 1 / spread, liking.shape))
    spot, group = np.nonzero(n)
    kind = np.zeros(n_spots, np.int64)
    return Tally(spot, group, n[spot, group].astype(float), area, kind, 12)


def test_on_pure_chance_as_many_points_pass_as_are_expected_to():
    seen, expected = 0, 0.0
    for seed in range(4):
        tally = city(np.random.default_rng(seed), taste=5.0, spread=5.0)
        prospect = expect_callers(tally)
        chance = tail(tally.n, *prospect.pairs)
        seen += int(((chance <= 0.002) & (tally.n >= 3)).sum())
        false = expect_false(prospect, floor=3, n_days=28)  # a single window
        expected += float(false(np.array([0.002]))[0])
    assert 0.7 * expected < seen < 1.4 * expected


def test_what_is_expected_in_total_is_what_there_is():
    tally = city(np.random.default_rng(7), taste=3.0, spread=2.0)
    prospect = expect_callers(tally)
    assert prospect.weight * prospect.sample.mean.sum() == pytest.approx(tally.n.sum(), rel=0.05)


def test_the_order_of_pairs_changes_nothing():
    tally = city(np.random.default_rng(2), taste=3.0, spread=2.0, n_spots=300)
    turn = np.random.default_rng(3).permutation(len(tally.n))
    turned = tally._replace(spot=tally.spot[turn], group=tally.group[turn], n=tally.n[turn])
    once, again = expect_callers(tally).pairs, expect_callers(turned).pairs
    np.testing.assert_allclose(once.mean[turn], again.mean, rtol=1e-9)
    np.testing.assert_allclose(once.size[turn], again.size, rtol=1e-9)


def test_hot_spots_do_not_teach_the_city_what_is_usual():
    tally = city(np.random.default_rng(4), taste=5.0, spread=5.0)
    hot = np.arange(len(tally.n)) % 60 == 0
    heated = tally._replace(n=np.where(hot, tally.n + 12, tally.n))
    honest = expect_callers(tally)
    fooled = expect_callers(heated)
    taught = expect_callers(set_aside(heated, hot, fooled.pairs))
    error = [np.abs(np.log(p.pairs.mean / honest.pairs.mean)).mean() for p in (fooled, taught)]
    assert error[1] < error[0] / 2


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=20))
def test_q_values_are_those_of_scipy_where_every_test_is_given(pvalues):
    q = adjust(pd.Series(pvalues), lambda p: p * len(pvalues))
    np.testing.assert_allclose(q, stats.false_discovery_control(pvalues), rtol=1e-12)


def test_a_threshold_never_brings_more_false_points_than_tests_would():
    prospect = expect_callers(city(np.random.default_rng(6), taste=3.0, spread=2.0))
    false = expect_false(prospect, floor=3, n_days=364)
    steps = np.geomspace(1e-9, 1e-2, 30)
    n_tests = prospect.weight * len(prospect.sample.mean)
    assert (false(steps) <= steps * 1.22 * n_tests).all()  # a step of the grid at most
    assert (np.diff(false(steps)) >= 0).all()
    assert last_threshold(lambda p: p * 1000, 5.0) == pytest.approx(5e-3, rel=0.2)
