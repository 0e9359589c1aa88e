from math import exp, factorial, lgamma

import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import pytest
import shapely
from esda import G_Local
from esda import Moran as EsdaMoran
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.weights import W
from scipy import sparse
from scipy.stats import binom, false_discovery_control
from shapely.geometry import MultiPolygon, box

from geo_hotspots.grid import (
    cell_names,
    cell_polygons,
    cells_covering,
    fit_resolution,
    index_points,
    neighbourhood,
)
from geo_hotspots.hotspots.areas.areas import (
    gistar,
    gistar_of_layers,
    moran,
    score_cells,
    weekly_inflation,
)
from geo_hotspots.hotspots.areas.survey import largest_groups
from geo_hotspots.hotspots.areas.tails import (
    adjust_chances,
    at_least,
    at_most,
    lower_tail,
    upper_tail,
)

AREA = box(116.38, 39.88, 116.45, 39.95)
SHARE = cells_covering(AREA, resolution=8)["share"]
NEAR = neighbourhood(SHARE.index)


def pysal_weights():
    near = {i: [] for i in range(len(SHARE))}
    for i, j in zip(*sparse.coo_array(NEAR).coords, strict=True):
        if i != j:
            near[int(i)].append(int(j))
    return W(near, id_order=list(near), silence_warnings=True)


WEIGHTS = pysal_weights()
COUNTS = st.lists(st.integers(0, 30), min_size=len(SHARE), max_size=len(SHARE))


# --- the grid


def test_the_cells_and_their_shares_make_up_the_area():
    surface = shapely.area(np.asarray(cell_polygons(SHARE.index))) * SHARE
    assert surface.sum() == pytest.approx(AREA.area, rel=1e-9)
    assert SHARE.between(0, 1, inclusive="right").all()


def test_a_cell_that_two_parts_touch_is_listed_once():
    parts = MultiPolygon(
        [box(116.40, 39.90, 116.405, 39.905), box(116.4051, 39.90, 116.41, 39.905)]
    )
    assert cells_covering(parts, resolution=7).index.is_unique


def test_every_cell_is_its_own_neighbour_and_neighbours_are_mutual():
    assert (NEAR.diagonal() == 1).all()
    assert (NEAR != NEAR.T).nnz == 0
    assert NEAR.sum(axis=1).max() == 7


def test_a_point_without_coordinates_has_no_cell():
    cells = index_points(np.array([116.4, np.nan]), np.array([39.9, 39.9]), resolution=9)
    assert cell_names(cells)[0].startswith("89")
    assert cell_names(cells)[1] is None


@pytest.mark.parametrize("half", [0.01, 0.05, 0.3, 1.5])
def test_a_study_area_has_as_fine_cells_as_it_may(half):
    area = box(116.4 - half, 39.9 - half, 116.4 + half, 39.9 + half)
    level = fit_resolution(area, 10)
    surface = area.area * np.cos(np.radians(39.9)) * 111.195**2
    n = [surface / h3.average_hexagon_area(r, unit="km^2") for r in (level, level + 1)]
    assert n[0] <= 20_000
    assert n[1] > 20_000 or level == 10


# --- measures against their oracles


@settings(max_examples=20)
@given(COUNTS)
def test_gistar_is_that_of_esda(counts):
    n = np.array(counts, dtype=float)
    if n.min() == n.max():
        assert (gistar(n, NEAR) == 0).all()
        return
    oracle = G_Local(n, WEIGHTS, transform="B", permutations=0, star=True).Zs
    np.testing.assert_allclose(gistar(n, NEAR), oracle, rtol=0, atol=1e-10)
    several = gistar(np.c_[n, n + 1, n[::-1]], NEAR)  # a column per period
    np.testing.assert_allclose(several[:, 0], oracle, rtol=0, atol=1e-10)


@given(COUNTS, st.integers(0, 2**32))
def test_thousands_of_layers_score_as_each_alone(counts, seed):
    n = np.array(counts, dtype=float)
    layers = np.c_[n, n * (np.random.default_rng(seed).random(len(n)) < 0.1), np.zeros(len(n))]
    scores = gistar_of_layers(sparse.csr_array(layers), NEAR)
    holds = NEAR @ layers > 0
    given_at = sparse.csr_array((scores.data * 0 + 1, scores.indices, scores.indptr), layers.shape)
    assert np.array_equal(given_at.toarray() == 1, holds)
    np.testing.assert_allclose(
        scores.toarray()[holds], gistar(layers, NEAR)[holds], rtol=0, atol=1e-9
    )


@settings(max_examples=20)
@given(COUNTS)
def test_moran_is_that_of_esda(counts):
    n = np.array(counts, dtype=float)
    if n.min() == n.max():
        assert np.isnan(moran(n, NEAR).i)
        return
    oracle = EsdaMoran(n, WEIGHTS, transformation="B", permutations=0)
    ours = [*moran(n, NEAR)]
    np.testing.assert_allclose(ours, [oracle.I, oracle.EI, oracle.z_rand], rtol=0, atol=1e-10)


@given(st.integers(0, 60), st.floats(0, 40))
def test_poisson_tails_are_the_sums_of_their_definition(n, mean):
    below = sum(exp(-mean) * mean**k / factorial(k) for k in range(n))
    own = exp(-mean) * mean**n / factorial(n)
    assert upper_tail(np.array(n), np.array(mean)) == pytest.approx(1 - below, abs=1e-10)
    assert lower_tail(np.array(n), np.array(mean)) == pytest.approx(below + own, abs=1e-10)


@given(st.integers(0, 60), st.floats(0.01, 40), st.floats(0.05, 50))
def test_negative_binomial_tails_are_the_sums_of_their_definition(n, mean, size):
    k = np.arange(n + 1)
    ways = np.array([lgamma(size + i) - lgamma(size) - lgamma(i + 1) for i in k])
    odds = size * np.log(size / (size + mean)) + k * np.log(mean / (size + mean))
    mass = np.exp(ways + odds)
    above = upper_tail(np.array(n), np.array(mean), size)
    assert above == pytest.approx(1 - mass[:-1].sum(), abs=1e-10)
    assert lower_tail(np.array(n), np.array(mean), size) == pytest.approx(mass.sum(), abs=1e-10)


def test_a_negative_binomial_of_endless_size_is_poisson():
    n, mean = np.arange(9.0), np.full(9, 2.5)
    np.testing.assert_allclose(upper_tail(n, mean, 1e9), upper_tail(n, mean), atol=1e-7)
    np.testing.assert_allclose(lower_tail(n, mean, 1e9), lower_tail(n, mean), atol=1e-7)


# --- what is hot


def test_a_planted_cluster_is_hot_and_noise_is_not():
    rng = np.random.default_rng(11)
    n = pd.Series(rng.poisson(4 * SHARE), index=SHARE.index)
    assert not score_cells(n, SHARE, NEAR, fdr=0.05)["is_hot"].any()
    centre = int(np.argmax(NEAR.sum(axis=1)))
    n.iloc[centre] += 40
    scores = score_cells(n, SHARE, NEAR, fdr=0.05)
    assert scores["is_hot"].iloc[centre]
    beside = (NEAR[[centre]].toarray()[0] == 1) & (n < scores["expected"]).to_numpy()
    assert scores.loc[beside, "qvalue"].min() < 0.05
    assert not scores.loc[beside, "is_hot"].any()


@pytest.mark.parametrize("rate", [0.02, 0.3, 5])
def test_maps_of_noise_rarely_show_a_hot_cell(rate):
    rng = np.random.default_rng(5)
    maps = [pd.Series(rng.poisson(rate * SHARE), index=SHARE.index) for _ in range(150)]
    false = sum(score_cells(n, SHARE, NEAR, fdr=0.05)["is_hot"].any() for n in maps)
    assert false <= 15  # 5 % of 150 and three standard errors


def test_the_expected_cases_sum_to_the_cases():
    n = pd.Series(np.arange(len(SHARE)) % 5, index=SHARE.index)
    scores = score_cells(n, SHARE, NEAR, fdr=0.05)
    assert scores["expected"].sum() == pytest.approx(n.sum())
    assert scores["qvalue"].ge(scores["pvalue"] - 1e-12).all()


def test_an_empty_city_has_no_hot_cell():
    scores = score_cells(pd.Series(0, index=SHARE.index), SHARE, NEAR, fdr=0.05)
    assert not scores["is_hot"].any()
    assert scores["gistar"].eq(0).all()


# --- how far to trust a count

DISK = pd.Index(np.array(sorted(h3.grid_disk(h3.latlng_to_cell(39.9, 116.4, 10), 12)), np.uint64))
DISK_NEAR = neighbourhood(DISK)


@pytest.mark.parametrize("seed", range(5))
def test_places_that_differ_and_weeks_that_differ_are_no_reason_to_doubt_a_count(seed):
    rng = np.random.default_rng(seed)
    mean = np.outer(rng.gamma(0.3, size=len(DISK)), rng.gamma(5, 0.2, 26))
    assert weekly_inflation(rng.poisson(mean).astype(float), DISK_NEAR) < 1.03


def test_calls_that_come_in_clumps_are():
    rng = np.random.default_rng(3)
    incidents = rng.poisson(0.2, (len(DISK), 26))
    calls = incidents * 3.0  # three calls to an incident: the variance is three times the mean
    assert weekly_inflation(calls, DISK_NEAR) == pytest.approx(3, rel=0.05)
    n = pd.Series(calls.sum(axis=1), index=DISK)
    share = pd.Series(1.0, index=DISK)
    assert score_cells(n, share, DISK_NEAR, fdr=0.05)["is_hot"].any()
    assert not score_cells(n, share, DISK_NEAR, fdr=0.05, inflation=3.0)["is_hot"].any()


@pytest.mark.parametrize("weekly", [np.zeros((4, 3)), np.ones((4, 1)), np.zeros((4, 0))])
def test_without_weeks_to_compare_counts_are_taken_for_poisson(weekly):
    assert weekly_inflation(weekly, sparse.csr_array(np.eye(4))) == 1.0


def test_the_binomial_s_tails_and_the_false_discovery_rate_are_scipy_s():
    rng = np.random.default_rng(3)
    of = rng.integers(0, 60, 500)
    n, share = (of * rng.random(500)).astype(int), rng.uniform(0.01, 0.99, 500)
    assert at_least(n, of, share) == pytest.approx(binom.sf(n - 1, of, share), rel=1e-9)
    assert at_most(n, of, share) == pytest.approx(binom.cdf(n, of, share), rel=1e-9)
    for size in (0, 1, 2, 500):
        chance = rng.random(size) ** 4
        known = false_discovery_control(chance) if size else chance
        assert adjust_chances(chance).tolist() == known.tolist()


# --- which groups are tested alone


def test_the_largest_groups_are_those_that_hold_cases():
    names = pd.Categorical(["b", "a", "c", "c"], categories=["a", "b", "c", "of no case"])
    cases = pd.DataFrame({"group": names})
    assert largest_groups(cases, most=9) == {"a", "b", "c"}
    assert largest_groups(cases, most=2) == {"c", "a"}
