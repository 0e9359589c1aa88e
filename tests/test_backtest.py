"""The backtest: scores against their definitions, and a page and a table that say the same."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from city import export
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots.backtesting import backtest
from geo_hotspots.cases.rain import read_rain
from geo_hotspots.cli import make_cli
from geo_hotspots.config import Config
from geo_hotspots.deliver.backtest_page import write_backtest
from geo_hotspots.errors import InputError
from geo_hotspots.hotspots.forecast.backtest import CHOSEN, run_backtest
from geo_hotspots.hotspots.forecast.forecast import expose_weeks, tabulate_cases
from geo_hotspots.hotspots.forecast.lookback import look_back
from geo_hotspots.hotspots.forecast.ranking import choose_listed
from geo_hotspots.hotspots.forecast.scores import bootstrap_weeks, poisson_deviance, score_lists
from geo_hotspots.pipeline import Request, run
from geo_hotspots.schema import BACKTEST_COLUMNS, Masthead, Period

AS_OF = pd.Timestamp("2019-12-29")


@pytest.fixture(scope="module")
def result():
    rng = np.random.default_rng(5)
    calls = rng.poisson(np.repeat([0.05, 1.5], [60, 15])[:, None], (75, 40))
    spot, week = np.repeat(np.indices(calls.shape).reshape(2, -1), calls.ravel(), axis=1)
    ago = 7 * (39 - week) + rng.integers(0, 7, len(week))
    cases = pd.DataFrame(
        {"spot": [f"s{i}" for i in spot], "group": np.where(spot % 2, "漏雨", "地锁"),
         "reported_at": AS_OF - pd.to_timedelta(ago, unit="D"), "weight": 1.0,
         "lng": 116.4 + spot * 1e-3, "lat": 39.9}
    )  # fmt: skip
    works = pd.DataFrame(
        {"spot": ["s70"], "group": ["地锁"], "day": [AS_OF - pd.Timedelta(days=99)]}
    )
    weekly = tabulate_cases(cases, works, as_of=AS_OF)
    return run_backtest(weekly, expose_weeks(weekly, None))


def test_scores_are_what_their_authors_define():
    calls = np.array([3.0, 0, 1, 0, 2, 0])
    found = score_lists(np.array([[0, 1, 2], [4, 3, 5]]), calls, n_next=8, k=2, n_known=6)
    assert found.hit_rate.tolist() == [3 / 8, 2 / 8]
    assert found.precision.tolist() == [0.5, 0.5]
    assert found.pai.tolist() == [3 / 8 / (2 / 6), 2 / 8 / (2 / 6)]
    assert found.pei.tolist() == [3 / 5, 2 / 5]
    ideal = 3 + 2 / math.log2(3)
    assert found.ndcg == pytest.approx([3 / ideal, 2 / ideal])


def test_a_visited_point_that_stays_quiet_is_neither_a_hit_nor_a_miss():
    calls, excused = np.array([1.0, 0, 0]), np.array([False, True, False])
    plain = score_lists(np.array([[0, 1, 2]]), calls, n_next=1, k=3, n_known=3)
    fair = score_lists(np.array([[0, 1, 2]]), calls, n_next=1, k=3, n_known=3, excused=excused)
    assert (plain.precision[0], fair.precision[0]) == (1 / 3, 1 / 2)
    assert plain.hit_rate == fair.hit_rate


@given(st.lists(st.integers(0, 9), min_size=3, max_size=30), st.randoms(use_true_random=False))
def test_the_best_list_has_every_score_at_one_and_none_beats_it(calls, random):
    counts = np.array(calls, float)
    best = np.argsort(-counts, kind="stable")
    any_order = list(range(len(calls)))
    random.shuffle(any_order)
    found = score_lists(
        np.array([best, any_order]), counts, n_next=counts.sum(), k=3, n_known=len(calls)
    )
    if counts.sum():
        assert found.pei[0] == found.ndcg[0] == 1
        assert found.pei[1] <= 1
        assert found.ndcg[1] <= 1 + 1e-12


def test_the_deviance_is_nought_for_a_prophet():
    calls = np.array([0.0, 2, 5])
    told = poisson_deviance(np.array([calls, [1.0, 1, 1]]), calls)
    by_hand = 2 * (2 * math.log(2) + 5 * math.log(5) - 4) / 3
    assert told == pytest.approx([0, by_hand], abs=1e-7)


def test_the_interval_of_a_clear_difference_leaves_out_nought():
    rng = np.random.default_rng(0)
    totals = np.full(52, 100.0)
    low, high = bootstrap_weeks(rng.normal(5, 2, 52), totals, rng=rng)
    assert 0.04 < low < 0.05 < high < 0.06


def test_every_week_group_ranker_and_length_has_a_row(result):
    rows = result.rows
    assert tuple(rows.columns) == BACKTEST_COLUMNS
    counts = rows.groupby(["origin", "category"]).size()
    assert counts.min() == counts.max()
    assert set(rows["k"]) == {10, 20, 50, 100}
    assert {"all", "漏雨", "地锁"} == set(rows["category"])
    assert {"count_4", "ewma_0.2", "ring_52", "states_dated", "mixture", CHOSEN} <= set(
        rows["ranker"]
    )
    assert not rows.duplicated(["origin", "category", "ranker", "k"]).any()


def test_shares_are_shares_and_longer_lists_catch_more(result):
    rows = result.rows
    assert rows[["hit_rate", "precision", "pei", "ndcg"]].stack().between(0, 1 + 1e-9).all()  # noqa: PD013
    wide = rows.pivot_table(index=["origin", "category", "ranker"], columns="k", values="hit_rate")
    assert (wide.diff(axis=1).iloc[:, 1:] >= -1e-12).all().all()


def test_where_trouble_stays_a_list_finds_it(result):
    ours = result.summary.loc[CHOSEN]
    assert ours["hit_20"] > 0.75  # fifteen points make nine calls in ten
    assert ours["hit_20"] >= result.summary["hit_20"].max() - 0.02
    assert ours["lead_days"] > 28


def test_page_and_table_say_the_same_and_ask_nobody(result, tmp_path):
    head = Masthead(
        place="小城区", period=Period.holding(AS_OF.date(), "week"), as_of=AS_OF.date(), lang="zh",
        is_demo=True, is_approximate=True, footer="内部", approval="", version="0",
    )  # fmt: skip
    write_backtest(tmp_path, result, head)
    page = (tmp_path / "backtest.html").read_text(encoding="utf-8")
    hit = f"{100 * result.summary.loc[CHOSEN, 'hit_20']:.1f}%"
    assert page.count(hit) >= 2
    assert "演示数据" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    table = pd.read_csv(tmp_path / "backtest.csv", encoding="utf-8-sig")
    assert len(table) == len(result.rows)


def test_the_first_page_says_how_last_weeks_list_fared():
    at = AS_OF - pd.to_timedelta([0, 6, 7, 3, 2], unit="D")
    cases = pd.DataFrame(
        {"hotspot_id": ["A", "A", "B", "X", None], "reported_at": at, "weight": [1.0, 1, 1, 1, 1]}
    )
    seen = look_back({"A", "B", "C"}, cases, as_of=AS_OF.date(), is_kept=True, visited={"B"})
    assert (seen.n_points, seen.n_hit, seen.n_quiet, seen.caught, seen.callers) == (3, 1, 1, 2, 3)
    assert "3个点位中，1个" in seen.tell().zh
    assert "66.7%" in seen.tell().en
    assert "重排" in look_back({"A"}, cases, as_of=AS_OF.date(), is_kept=False).tell().zh


def test_before_rain_what_the_rain_brings_heads_the_list():
    points = pd.DataFrame(
        {"hotspot_id": ["a", "b", "c"], "kind": "repeat", "category": ["锁", "水", "水"],
         "lifecycle": ["new", "quiet", "new"], "rank": [1, 9, 3], "priority": [3.0, 0.1, 1.0]}
    )  # fmt: skip
    assert choose_listed(points, size=9)["hotspot_id"].tolist() == ["a", "c"]
    assert choose_listed(points, size=9, woken=("水",))["hotspot_id"].tolist() == ["c", "b", "a"]


def test_rain_days_are_read_and_a_wrong_line_is_named(tmp_path):
    path = tmp_path / "雨.csv"
    path.write_text("日期,降雨量\n2019-07-05,38.2\n2019-07-01,0\n", encoding="utf-8")
    assert read_rain(path)["mm"].tolist() == [0, 38.2]
    path.write_text("日期,降雨量\n2019-07-05,大雨\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 2"):
        read_rain(path)
    path.write_text("日,量\n2019-07-05,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="降雨量"):
        read_rain(path)


def test_a_history_of_the_same_cases_changes_no_score(city, tmp_path):
    """The history is asked for the words of reports that follow each other closely."""
    told = ["地锁挡住了消防通道，请尽快拆除", "夜里施工声音很大"] * 45
    cases = export(问题点位=["幸福里西区2号楼"] * 90, 主要内容=told)
    cases.to_csv(tmp_path / "c.csv", index=False)
    asked = Request((tmp_path / "c.csv",), tmp_path, date(2020, 2, 1))
    _, alone = backtest(asked, city, Config(), salt=b"salt")
    remembering = replace(asked, history=tmp_path / "h.duckdb")
    run(remembering, city, Config(), salt=b"salt")
    _, with_history = backtest(remembering, city, Config(), salt=b"salt")
    pd.testing.assert_frame_equal(alone.rows, with_history.rows)


def test_a_backtest_of_too_few_weeks_says_how_many_it_needs(tmp_path):
    days = pd.date_range("2019-12-01", "2019-12-14").strftime("%Y-%m-%d 09:00:00")
    table = pd.DataFrame({"来电时间": days, "问题点位": "东四十条甲22号", "问题分类": "停车管理"})
    table.to_csv(tmp_path / "c.csv", index=False)
    done = CliRunner().invoke(
        make_cli("en"), ["backtest", str(tmp_path / "c.csv"), "--out", str(tmp_path)]
    )
    assert isinstance(done.exception, InputError)
    assert "needs 10 or more" in done.exception.say("en")
    assert date(2019, 12, 14).isoformat() not in str([p.name for p in tmp_path.iterdir()])
