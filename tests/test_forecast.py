"""Next week's callers: nothing of the future is used, and every ranker does what it says."""

import functools
import itertools

import numpy as np
import pandas as pd
import pytest

from geo_hotspots.hotspots.forecast import rankers
from geo_hotspots.hotspots.forecast.exposure import _chance_of_rain, expose, measure_wetness
from geo_hotspots.hotspots.forecast.forecast import expose_weeks, forecast_week, tabulate_cases
from geo_hotspots.hotspots.forecast.rankers import name_rankers, walk_weeks
from geo_hotspots.hotspots.forecast.selection import (
    choose_weekly,
    list_leaders,
    list_top,
    pick_winner,
)
from geo_hotspots.hotspots.lifecycle import weekly as weekly_table
from geo_hotspots.hotspots.lifecycle.states import (
    Model,
    build_chain,
    filter_weeks,
    sample_paths,
    smooth_weeks,
)
from geo_hotspots.hotspots.points.linkage import local_metres

AS_OF = pd.Timestamp("2019-12-29")
WEEKS = 30
SMALL = Model(starts=0.1, begins=0.2, ends=0.15, held=0.8, base=0.1, rates=(0.5, 2.0), first=0.3)


def city(seed: int = 0, *, weeks: int = WEEKS) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make up calls of forty spots in two groups, half of them busy, and a few works."""
    rng = np.random.default_rng(seed)
    n = rng.poisson(np.repeat([0.1, 1.0], 20)[:, None], (40, weeks))
    spot, week = np.repeat(np.indices(n.shape).reshape(2, -1), n.ravel(), axis=1)
    ago = 7 * (weeks - 1 - week) + rng.integers(0, 7, len(week))
    cases = pd.DataFrame(
        {"spot": [f"s{i}" for i in spot], "group": np.where(spot % 2, "漏雨", "锁"),
         "reported_at": AS_OF - pd.to_timedelta(ago, unit="D"), "weight": 1.0,
         "lng": 116.4 + spot * 1e-4, "lat": 39.9}
    )  # fmt: skip
    works = pd.DataFrame(
        {"spot": ["s21", "s30"], "group": ["漏雨", "锁"], "day": AS_OF - pd.Timedelta(days=40)}
    )
    return cases, works


def shares(cases, works, *, first=12):
    weekly = tabulate_cases(cases, works, as_of=AS_OF)
    exposure = expose_weeks(weekly, None)
    return weekly, list(choose_weekly(weekly, exposure, first=first, model=Model()))


# --- the table


def test_every_caller_of_the_table_is_in_one_week_and_one_day():
    cases, works = city()
    weekly = tabulate_cases(cases, works, as_of=AS_OF)
    assert weekly.calls.sum() == weekly.daily.sum() == len(cases)
    assert weekly.weeks == WEEKS
    assert sum(weekly.week(w).sum() for w in range(WEEKS)) == len(cases)


def test_a_unit_is_known_from_the_week_after_its_first_call():
    weekly = tabulate_cases(*city(), as_of=AS_OF)
    for week in range(WEEKS + 1):
        known = weekly.n_known[week]
        called = weekly.calls.tocsr()[:, :week].sum(axis=1) > 0
        assert called[:known].all()
        assert not called[known:].any()


def test_a_rectification_counts_in_the_week_of_its_day():
    cases, works = city()
    works["day"] = [AS_OF, AS_OF - pd.Timedelta(days=7)]
    weekly = tabulate_cases(cases, works, as_of=AS_OF)
    assert [weekly.week(w, weekly.done).sum() for w in range(WEEKS - 3, WEEKS)] == [0, 1, 1]


@pytest.mark.parametrize("bundle", [1, 10_000])
def test_neighbours_are_added_up_in_their_order_as_by_a_table_of_all_pairs(bundle, monkeypatch):
    monkeypatch.setattr(weekly_table, "_BUNDLE", bundle)
    cases, works = city()
    cases.loc[cases["spot"] == "s7", ["lng", "lat"]] = np.nan
    weekly = tabulate_cases(cases, works, as_of=AS_OF)
    counts = np.random.default_rng(0).random(len(weekly.units))
    lng = weekly.units["lng"].to_numpy()
    xy = np.full((len(lng), 2), np.nan)
    for group in range(2):
        mine = (weekly.group == group) & ~np.isnan(lng)
        xy[mine] = local_metres(lng[mine], weekly.units["lat"].to_numpy()[mine])
    apart = np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1))
    is_near = (
        (apart <= 100) & (weekly.group[:, None] == weekly.group) & ~np.eye(len(lng), dtype=bool)
    )
    exact = [
        functools.reduce(lambda so_far, j, i=i: so_far + (1 - apart[i, j] / 100) * counts[j],
                         np.flatnonzero(is_near[i]), 0.0)
        for i in range(len(lng))
    ]  # fmt: skip
    assert is_near.sum() > len(lng)
    assert weekly_table.Neighbours(weekly).add_up(counts).tolist() == exact


def test_where_nobody_knows_of_any_place_there_are_no_neighbours():
    cases, works = city()
    weekly = tabulate_cases(cases.assign(lng=np.nan, lat=np.nan), works, as_of=AS_OF)
    counts = np.ones(len(weekly.units))
    assert not weekly_table.Neighbours(weekly).add_up(counts).any()
    empty = tabulate_cases(cases.head(0), works, as_of=AS_OF)
    assert not len(weekly_table.Neighbours(empty).add_up(np.zeros(0)))


def test_beliefs_brought_up_to_date_in_blocks_are_the_same(monkeypatch):
    _, whole = shares(*city())
    monkeypatch.setattr(rankers, "_AT_ONCE", 7)
    _, parts = shares(*city())
    for (one, _), (other, _) in zip(whole, parts, strict=True):
        np.testing.assert_allclose(other.expected, one.expected, rtol=1e-12)


# --- nothing of the future


def test_a_forecast_is_the_same_whatever_came_after_it():
    cases, works = city()
    day = AS_OF - pd.Timedelta(days=70)
    known = cases[cases["reported_at"] <= day]
    told = forecast_week(known, works[works["day"] <= day], as_of=day).expected
    weekly, rounds = shares(cases, works)
    at = next(c for _, c in rounds if weekly.ends(c.week - 1) == day)
    units = pd.MultiIndex.from_frame(weekly.units[["spot", "group"]])[: len(at.expected)]
    assert set(units) == set(told.index)
    # The works of later weeks bring a ranker more into the contest, and nothing else.
    blind, rounds = shares(cases, works.head(0))
    at = next(c for _, c in rounds if blind.ends(c.week - 1) == day)
    later = pd.Series(at.expected, index=units).reindex(told.index)
    np.testing.assert_allclose(later, told)


def test_the_order_of_the_cases_changes_nothing():
    cases, works = city()
    one = forecast_week(cases, works, as_of=AS_OF).expected
    other = forecast_week(cases.sample(frac=1, random_state=1), works, as_of=AS_OF).expected
    pd.testing.assert_series_equal(one.sort_index(), other.sort_index())


# --- the rankers


def test_plain_rankers_are_what_they_say():
    weekly, rounds = shares(*city())
    names = name_rankers(dated=True)
    forecast = next(f for f, _ in rounds if f.week == 20)
    calls = weekly.calls.toarray()[: forecast.expected.shape[1], :20]
    weights = 0.2 * 0.8 ** np.arange(20)[::-1]
    for name, by_hand in {
        "count_4": calls[:, -4:].sum(axis=1) / 4, "count_1": calls[:, -1],
        "count_52": calls.mean(axis=1), "ewma_0.2": calls @ weights,
    }.items():  # fmt: skip
        said = forecast.expected[names.index(name)]
        np.testing.assert_allclose(said, by_hand, atol=1e-5, err_msg=name)


def test_the_state_ranker_forgets_a_point_once_it_is_put_right():
    cases, works = city()
    spot = cases["spot"] == "s21"
    kept = cases[~(spot & (cases["reported_at"] > works["day"][0]))]
    weekly = tabulate_cases(kept, works, as_of=AS_OF)
    *_, last = walk_weeks(weekly, expose_weeks(weekly, None), first=WEEKS, model=Model())
    at = int(np.flatnonzero(weekly.units["spot"] == "s21")[0])
    names = name_rankers(dated=True)
    by_dates = last.expected[names.index("states_dated"), at]
    assert by_dates < last.expected[names.index("states"), at]
    assert by_dates < 0.1


# --- the contest


def test_the_simplest_within_one_standard_error_wins():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(52, 1))
    caught = 5 + noise + np.array([0.0, 0.01, 0.02, 2.0]) + rng.normal(0, 0.2, (52, 4))
    complexity = np.array([0, 0, 1, 2])
    assert pick_winner(caught, complexity) == 3
    assert pick_winner(caught[:, :3], complexity[:3]) in (0, 1)
    assert pick_winner(caught[:, :3], complexity[:3], usual=2) == 2
    assert pick_winner(caught, complexity, usual=0) == 3


def test_a_list_is_best_first_and_of_equals_the_one_known_longest():
    expected = np.array([[1.0, 3.0, 3.0, 2.0, 1.0]])
    assert list_top(expected, 4).tolist() == [[1, 2, 3, 0]]
    assert list_top(expected, 9).tolist() == [[1, 2, 3, 0, 4]]
    assert list_top(np.zeros((1, 99)), 3).tolist() == [[0, 1, 2]]


@pytest.mark.parametrize("seed", range(5))
def test_last_weeks_leaders_find_this_weeks_as_a_full_sort_does(seed):
    rng = np.random.default_rng(seed)
    rankers, k, group = 3, 4, rng.integers(0, 5, 60) // 2  # small groups among them, and ties
    leaders = np.full((rankers, 4, k), -1)  # of the fourth group no unit is known
    for n in (5, 30, 60):
        expected = rng.integers(0, 6, (rankers, n)) / 4
        leaders = list_leaders(expected, group, leaders)
        for ranker, which in itertools.product(range(rankers), range(4)):
            members = np.flatnonzero(group[:n] == which)
            first = members[np.argsort(-expected[ranker, members], kind="stable")[:k]]
            said = leaders[ranker, which]
            np.testing.assert_array_equal(said[said >= 0], first)


def test_what_is_expected_is_what_comes_on_average():
    weekly, rounds = shares(*city(3, weeks=80), first=40)
    came, expected = 0.0, 0.0
    for _, choice in rounds[:-1]:
        came += weekly.week(choice.week)[: len(choice.expected)].sum()
        expected += choice.expected.sum()
    assert expected == pytest.approx(came, rel=0.1)


# --- rain and season


def rainy(days: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    mm = np.where(rng.random(days) < 0.07, rng.exponential(20, days), 0)
    at = pd.date_range(end=AS_OF, periods=days)
    wet = measure_wetness(pd.DataFrame({"day": at, "mm": mm}), last=AS_OF, days=days)
    return wet, rng.poisson(np.stack([1 + 4 * wet, np.full(days, 3.0)])).astype(float)


def test_only_what_comes_with_the_rain_answers_it():
    wet, daily = rainy(364)
    exposure = expose(daily, wet, first=AS_OF - pd.Timedelta(days=363))
    assert exposure.answers[0, -1] == pytest.approx(4, rel=0.4)
    assert (exposure.answers[1] == 0).all()
    assert (exposure.answers[:, :2] == 0).all()


def test_the_chance_of_calls_with_the_rain_is_that_of_shuffled_days():
    rng = np.random.default_rng(5)
    calls, moist = rng.negative_binomial(0.5, 0.3, (6, 30, 7)), rng.exponential(1, (30, 7))
    calls = calls + np.where(np.arange(6)[:, None, None] % 2, rng.poisson(moist / 4), 0)
    calls = calls - calls.mean(axis=2, keepdims=True)
    moist = moist * (rng.random((30, 7)) < 0.1)
    moist = moist - moist.mean(axis=1, keepdims=True)
    chance = _chance_of_rain(calls, moist)[:, -1]
    came = (calls * moist).sum(axis=(1, 2))
    shuffled = [(calls * rng.permuted(moist, axis=1)).sum(axis=(1, 2)) for _ in range(4000)]
    expected = (np.array(shuffled) >= came - 1e-9).mean(axis=0)
    assert chance == pytest.approx(expected, abs=0.05)


def test_bursts_on_a_few_wet_days_are_not_taken_for_an_answer_to_rain():
    rng = np.random.default_rng(6)
    wet, _ = rainy(364)
    daily = rng.poisson(0.3, (2000, 364)) + 5.0 * (rng.random((2000, 364)) < 0.01)
    exposure = expose(daily, wet, first=AS_OF - pd.Timedelta(days=363))
    assert (exposure.answers[:, -1] > 0).sum() <= 1


def test_a_forecast_of_rain_raises_what_answers_it():
    wet, daily = rainy(364)
    first = AS_OF - pd.Timedelta(days=363)
    dry = expose(daily, wet, first=first).expected[:, -1]
    ahead = expose(daily, wet, first=first, rain_ahead=True).expected[:, -1]
    assert ahead[0] > 1.2 * dry[0]
    assert ahead[1] == dry[1]


def test_without_a_file_of_rain_days_no_week_differs_for_rain():
    _, daily = rainy(364)
    exposure = expose(daily, np.zeros(364), first=AS_OF - pd.Timedelta(days=363))
    assert (exposure.known == 1).all()


def test_the_season_is_learnt_from_two_years_on():
    days = 7 * 156
    first = AS_OF - pd.Timedelta(days=days - 1)
    summer = 10 * (1 - np.cos(2 * np.pi * (first.day_of_year + np.arange(days)) / 365.25))
    exposure = expose(summer[None], np.zeros(days), first=first)
    assert (exposure.known[:, :104] == 1).all()
    july = (first + pd.to_timedelta(7 * np.arange(156), unit="D")).month == 7
    assert exposure.known[0, :156][july][-1] > 1.5
    assert exposure.expected[0, -1] < 0.4


# --- the states


def enumerate_paths(calls, done, chain):
    """Give the chance of being active in every week by going through all paths: the oracle."""
    states, weeks = len(chain.prior), len(calls)
    active, total = np.zeros(weeks), 0.0
    for path in itertools.product(range(states), repeat=weeks):
        chance = chain.prior[path[0]]
        for week, state in enumerate(path):
            rate = chain.rates[state]
            chance *= np.exp(-rate) * rate ** calls[week]
            if week + 1 < weeks:
                table = chain.worked if done[week] else chain.usual
                chance *= table[state, path[week + 1]]
        active += chance * chain.is_active[list(path)]
        total += chance
    return active / total


def test_filter_and_smoother_equal_the_sum_over_all_paths():
    chain = build_chain(SMALL)
    calls = np.array([[0.0, 2, 1, 0, 0, 3]])
    done = np.array([[False, False, True, False, False, False]])
    truth = enumerate_paths(calls[0], done[0], chain)
    np.testing.assert_allclose(smooth_weeks(calls, done, chain)[0], truth, rtol=1e-10)
    last = filter_weeks(calls, done, chain)[0, -1, chain.is_active].sum()
    np.testing.assert_allclose(last, truth[-1], rtol=1e-10)


def test_drawn_courses_are_active_as_often_as_the_smoother_says():
    chain = build_chain(SMALL)
    rng = np.random.default_rng(0)
    calls, done = rng.poisson(1.0, (3, 20)).astype(float), rng.random((3, 20)) < 0.1
    drawn = sample_paths(calls, done, chain, n=4000, rng=rng).mean(axis=0)
    np.testing.assert_allclose(drawn, smooth_weeks(calls, done, chain), atol=0.04)


def test_the_chances_of_every_state_sum_to_one():
    for model in (SMALL, Model()):
        chain = build_chain(model)
        for table in (chain.usual, chain.worked):
            np.testing.assert_allclose(table.sum(axis=1), 1, rtol=1e-12)
        assert chain.prior.sum() == pytest.approx(1)
