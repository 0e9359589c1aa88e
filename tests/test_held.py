"""Whether rectifications hold: survival against closed forms, effects against planted ones."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots.hotspots.lifecycle.effect import measure_effect
from geo_hotspots.hotspots.lifecycle.rebounds import list_rebounds
from geo_hotspots.hotspots.lifecycle.survival import survival_by, trace_survival

AS_OF = pd.Timestamp("2019-12-29")


def watched(days: list[int], is_back: list[bool]) -> pd.DataFrame:
    return pd.DataFrame({"days": days, "is_back": is_back})


def test_the_curve_is_that_of_a_textbook():
    # Remission of leukaemia under 6-MP (Freireich et al. 1963), as in every course.
    days = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    back = [True] * 3 + [False, True, False, True, False, False, True, True] + [False] * 3
    back += [True, True] + [False] * 5
    curve = trace_survival(watched(days, back)).set_index("days")
    holds = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert curve["holds"].round(4).tolist() == holds
    assert curve["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    greenwood = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    half = (np.log(-np.log(curve["low"])) - np.log(-np.log(curve["high"]))) / (2 * 1.959964)
    error = half * curve["holds"] * -np.log(curve["holds"])
    np.testing.assert_allclose(error, greenwood, atol=2e-4)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=40))
def test_without_an_end_of_watch_the_curve_is_the_share_that_holds(days):
    curve = trace_survival(watched(days, [True] * len(days)))
    left = [np.mean(np.array(days) > day) for day in curve["days"]]
    np.testing.assert_allclose(curve["holds"], left, atol=1e-12)


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), min_size=1, max_size=40))
def test_the_curve_never_rises_and_lies_in_its_interval(rows):
    curve = trace_survival(watched([d for d, _ in rows], [b for _, b in rows]))
    assert (curve["holds"].diff().dropna() <= 0).all()
    assert (curve["low"] <= curve["holds"] + 1e-12).all()
    assert (curve["high"] >= curve["holds"] - 1e-12).all()
    assert curve["low"].ge(0).all()
    assert curve["high"].le(1).all()


def test_categories_stand_apart_and_together():
    rebounds = watched([10, 20, 200, 300], [True, True, False, False])
    table = survival_by(rebounds, pd.Series(["锁", "锁", "锁", "漏"]))
    assert table.index.tolist() == ["all", "锁", "漏"]
    assert table.loc["all", ["n", "back", "holds_28"]].tolist() == [4, 2, 0.5]
    assert table.loc["漏", "holds_182"] == 1
    assert np.isnan(table.loc["漏", "median_days"])


def test_a_rebound_takes_two_callers_and_ends_with_the_next_rectification():
    day = pd.to_datetime(["2019-03-01", "2019-06-01"])
    works = pd.DataFrame({"number": 0, "day": day})
    at = pd.to_datetime(["2019-03-05", "2019-03-06", "2019-03-11", "2019-06-02"])
    cases = pd.DataFrame({"number": 0, "reported_at": at, "caller": ["a", "a", "b", "a"]})
    rebounds = list_rebounds(cases, works, as_of=AS_OF)
    assert rebounds["is_back"].tolist() == [True, False]
    assert rebounds["days"].tolist() == [10, (AS_OF - day[1]).days]


def planted(seed: int, *, kept: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make up cases of one trouble everywhere; at ten points works leave `kept` of it."""
    rng = np.random.default_rng(seed)
    day = AS_OF - pd.Timedelta(days=91)
    agos = []
    for spot in range(60):
        before, after = rng.poisson(20), rng.poisson(20 * (kept if spot < 10 else 1.2))
        agos.append(np.r_[rng.integers(92, 182, before), rng.integers(0, 91, after)])
    spots = np.repeat(np.arange(60).astype("str"), [len(ago) for ago in agos])
    cases = pd.DataFrame({"spot": spots, "ago": np.concatenate(agos), "group": "锁"})
    cases["community_code"], cases["spot"] = "c" + cases["spot"], "s" + cases["spot"]
    cases["reported_at"] = AS_OF - pd.to_timedelta(cases["ago"], unit="D")
    treated = pd.DataFrame(
        {"spot": [f"s{i}" for i in range(10)], "community_code": [f"c{i}" for i in range(10)],
         "group": "锁", "day": day}
    )  # fmt: skip
    return cases, treated


def test_works_that_help_are_seen_to_help():
    effect = measure_effect(*planted(0, kept=0.3), as_of=AS_OF)
    assert effect.high < 0
    assert effect.difference == pytest.approx(10 * 20 * (0.3 - 1.2), rel=0.25)


def test_the_interval_holds_nought_nine_times_in_ten_where_works_do_nothing():
    holds = [
        effect.low <= 0 <= effect.high
        for effect in (measure_effect(*planted(s, kept=1.2), as_of=AS_OF) for s in range(100))
    ]
    assert 0.83 <= np.mean(holds) <= 0.97
