import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.stats import norm

from geo_hotspots.hotspots.areas.trends import (
    LEAST_PERIODS,
    classify_patterns,
    mann_kendall,
    patterns_of_cells,
)
from geo_hotspots.words import TREND

MIRROR = str.maketrans("HC", "CH")


def name(bins, direction=0):
    """Name the pattern of bins written H (hot), C (cold) and . (neither), the latest last."""
    is_hot, is_cold = (np.array([[b == kind for b in bins]]) for kind in "HC")
    return str(classify_patterns(is_hot, is_cold, np.array([direction]))[0])


# Ten bins, or twenty where nine tenths and one less must be told apart.
HOT = [
    # new: hot in the last step and never before
    (".........H", 0, "new"),
    ("C........H", 0, "new"),  # that it was cold before is the lesser story
    # consecutive: one run of two or more at the end, never before it, under 90 percent
    ("........HH", 0, "consecutive"),
    ("CC......HH", 0, "consecutive"),
    ("..HHHHHHHH", 0, "consecutive"),  # 80 percent
    (".HHHHHHHHH", 0, "persistent"),  # 90 percent: no longer consecutive
    (".......H.H", 0, "sporadic"),  # a single bin is no run, and there is one before
    # intensifying, persistent, diminishing: 90 percent, the last included, by the trend
    ("HHHHHHHHHH", 1, "intensifying"),
    ("HHHHHHHHHH", 0, "persistent"),
    ("HHHHHHHHHH", -1, "diminishing"),
    ("H.HHHHHHHH", 1, "intensifying"),  # just 90 percent
    ("H.HHHHHHHH", -1, "diminishing"),
    ("C.HHHHHHHHHHHHHHHHHH", 0, "persistent"),  # 18 of 20, cold once
    ("H...HHHHHHHHHHHHHHHH", 1, "sporadic"),  # 17 of 20
    ("HH.HH.HHHHHHHH.HHHHH", -1, "sporadic"),
    # sporadic: hot at the end, on and off before, under 90 percent, never cold
    ("H........H", 0, "sporadic"),
    ("HHHHHHHH.H", 0, "persistent"),  # 90 percent after all
    ("HHHHHHH..H", 0, "sporadic"),  # 80 percent
    # oscillating: as sporadic, but cold at some time
    ("HC.......H", 0, "oscillating"),
    ("HHHHHHHC.H", 0, "oscillating"),
    ("HHHHHHHHCH", 0, "persistent"),  # 90 percent
    # historical: 90 percent, but not the last
    ("HHHHHHHHH.", 0, "historical"),
    ("HHHHHHHHH.", 1, "historical"),
    ("HHHHHHHH..", 0, None),  # 80 percent
]


@pytest.mark.parametrize(("bins", "direction", "pattern"), HOT)
def test_each_class_and_each_of_its_boundaries(bins, direction, pattern):
    expected = "none" if pattern is None else pattern
    assert name(bins, direction) == (expected if pattern is None else f"{expected}_hot")
    mirrored = name(bins.translate(MIRROR), -direction)
    assert mirrored == (expected if pattern is None else f"{expected}_cold")


def test_the_table_above_has_all_seventeen_classes():
    named = {p for _, _, p in HOT if p}
    assert {f"{p}_{side}" for p in named for side in ("hot", "cold")} | {"none"} == set(TREND)
    assert len(TREND) == 17


@pytest.mark.parametrize(
    ("bins", "pattern"),
    [
        ("..........", "none"),
        ("H.........", "none"),  # hot once, long ago
        ("HCHCHCHCH.", "none"),
        ("HHHHHHHHHC", "historical_hot"),  # cold for the first time too: hot is read first
        ("H........C", "new_cold"),
        ("C..H.....C", "oscillating_cold"),
    ],
)
def test_what_fits_no_class_or_two(bins, pattern):
    assert name(bins) == pattern


@given(st.text("HC.", min_size=1, max_size=20), st.sampled_from([-1, 0, 1]))
def test_hot_and_cold_are_mirror_images_unless_both_apply(bins, direction):
    ours, theirs = name(bins, direction), name(bins.translate(MIRROR), -direction)
    kind, _, side = ours.rpartition("_")
    mirrored = f"{kind}_{'cold' if side == 'hot' else 'hot'}" if kind else "none"
    assert theirs == mirrored or "historical" in ours + theirs


def test_fewer_than_ten_periods_make_no_pattern():
    assert name("." * (LEAST_PERIODS - 2) + "H") == "none"
    assert name("." * (LEAST_PERIODS - 1) + "H") == "new_hot"


# --- Mann-Kendall


@given(st.lists(st.integers(0, 4), min_size=2, max_size=13))
def test_mann_kendall_is_its_definition_with_ties(series):
    n = len(series)
    s = sum(np.sign(b - a) for a, b in itertools.combinations(series, 2))
    ties = sum(t * (t - 1) * (2 * t + 5) for t in Counter(series).values())
    variance = (n * (n - 1) * (2 * n + 5) - ties) / 18
    z = (s - np.sign(s)) / np.sqrt(variance) if variance else 0.0
    ours, pvalue = mann_kendall(np.array([series], dtype=float))
    assert ours[0] == pytest.approx(z, abs=1e-10)
    assert pvalue[0] == pytest.approx(2 * norm.sf(abs(z)), abs=1e-10)


def test_mann_kendall_looks_at_ranks_alone_and_turns_with_time():
    rng = np.random.default_rng(2)
    series = rng.poisson(3, (20, 13)).astype(float)
    z, pvalue = mann_kendall(series)
    np.testing.assert_array_equal(mann_kendall(np.exp(series))[0], z)
    np.testing.assert_allclose(mann_kendall(series[:, ::-1])[0], -z)
    assert ((pvalue <= 1) & (pvalue > 0)).all()


# --- from counts


def row_of_cells(n):
    """Cells in a row, each with its two neighbours."""
    band = sparse.diags_array([np.ones(n - 1), np.ones(n), np.ones(n - 1)], offsets=[-1, 0, 1])
    return band.tocsr()


def test_patterns_come_from_counts():
    counts = np.full((60, 13), 4.0)
    counts[10, -1] += 60  # for the first time
    counts[25] += 60  # always
    counts[40, [2, 12]] += 60  # now and then
    pattern = patterns_of_cells(counts, np.ones(60), row_of_cells(60), fdr=0.05)
    assert pattern[[10, 25, 40]].tolist() == ["new_hot", "persistent_hot", "sporadic_hot"]
    assert set(pattern[[0, 5, 50]]) == {"none"}


def test_a_city_that_grows_as_one_has_no_pattern():
    counts = np.outer(np.ones(40), np.arange(13.0) * 5)
    assert set(patterns_of_cells(counts, np.ones(40), row_of_cells(40), fdr=0.05)) == {"none"}


def test_noise_rarely_has_a_pattern():
    rng = np.random.default_rng(7)
    near, share = row_of_cells(80), np.ones(80)
    maps = [rng.poisson(3, (80, 13)).astype(float) for _ in range(100)]
    named = [(patterns_of_cells(m, share, near, fdr=0.05) != "none").any() for m in maps]
    assert sum(named) <= 20  # hot and cold, 5 % each, and three standard errors
