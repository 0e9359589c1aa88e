"""Totals, shares, comparisons and the account."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots.hotspots.figures.changes import (
    break_day,
    changes_by,
    compare,
    earlier,
    elapsed,
    scope_changes,
    year_before,
)
from geo_hotspots.hotspots.figures.summary import (
    count_by,
    daily_totals,
    half_up,
    hour_of_week,
    percent,
    status_account,
    subcategories,
    top_categories,
    weekly_totals,
    within,
)
from geo_hotspots.schema import STATUSES, Period, SchemaError

JULY = Period.holding(date(2026, 7, 15), "month")
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
NAMES = st.sampled_from(["物业管理", "市容环卫", "交通管理", "违法建设", None])


def named(counts):
    """Cases without anything but a first-level category."""
    names = [name for name, n in counts.items() for _ in range(n)]
    return pd.DataFrame({"category_1": pd.Series(names, dtype="str")})


def dated(counts, at="12:00"):
    """Cases of one category, so many on each day."""
    days = [f"{day} {at}" for day, n in counts.items() for _ in range(n)]
    return pd.DataFrame({"reported_at": pd.to_datetime(pd.Series(days, dtype="str"))})


@given(st.lists(NAMES, min_size=1, max_size=200))
def test_shares_are_exact_and_the_cumulative_share_only_grows(names):
    cases = pd.DataFrame({"category_1": pd.Series(names, dtype="str")})
    table = count_by(cases, "category_1")
    total, running = len(cases), 0
    for row in table.to_dict("records"):
        running += row["n"]
        assert abs(Fraction(str(row["share_pct"])) - Fraction(100 * row["n"], total)) <= Fraction(
            1, 200
        )
        assert Decimal(str(row["cumulative_pct"])) == percent(running, total)
    assert table["n"].is_monotonic_decreasing
    assert table["cumulative_pct"].is_monotonic_increasing
    assert running == cases["category_1"].notna().sum()
    if cases["category_1"].notna().all():
        assert table["cumulative_pct"].iloc[-1] == 100.0


def test_the_ten_largest_hold_62_59_percent():
    counts = dict(zip("甲乙丙丁戊己庚辛壬癸", range(1041, 203, -93), strict=True))
    counts["癸"] += 6259 - sum(counts.values())
    rest = {f"其他{i}": 59 for i in range(63)} | {"末": 3741 - 59 * 63}
    top = top_categories(named(counts | rest))
    assert len(top) == 10
    assert top["cumulative_pct"].iloc[-1] == 62.59
    assert top["n"].sum() == 6259


def test_a_month_on_month_fall_of_14_5_percent():
    cases = dated({"2026-05-30": 1, "2026-06-03": 199, "2026-06-28": 201, "2026-07-07": 342})
    compared = compare(cases, JULY, earlier(JULY, JULY))
    assert (compared.n, compared.n_prev, compared.pct) == (342, 400, Decimal("-14.5"))


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6), st.integers(0, 4))
def test_half_up_is_the_nearest_and_halves_go_away_from_zero(k, n, places):
    value = Fraction(k, n)
    rounded = Fraction(half_up(value, places=places))
    gap, half = abs(rounded - value), Fraction(1, 2 * 10**places)
    assert gap <= half
    assert gap < half or abs(rounded) > abs(value)


def test_a_share_just_at_a_half_is_rounded_up():
    assert percent(1, 800, places=2) == Decimal("0.13")  # 0.125
    assert str(half_up(Fraction(-1, 1000), places=1)) == "0.0"
    assert percent(1, 0) is None
    assert half_up(float("nan"), places=1) is None


@given(DAYS, st.sampled_from(["day", "week", "month"]), st.integers(0, 40))
def test_what_is_compared_lies_before_and_is_never_longer_than_the_period(day, kind, days):
    period = Period.holding(day, kind)
    now = elapsed(period, period.first + pd.Timedelta(days=days))
    before, year_ago = earlier(period, now), year_before(now)
    assert period.first <= now.first <= now.last <= period.last
    assert before.last < period.first
    assert before.first == period.before().first
    assert before.days <= max(now.days, period.before().days)
    assert abs(year_ago.days - now.days) <= 1
    assert 360 <= (now.first - year_ago.first).days <= 366


def test_a_year_before_keeps_the_month_whole_and_the_week_on_monday():
    february = Period.holding(date(2024, 2, 10), "month")
    assert year_before(february).last == date(2023, 2, 28)
    assert year_before(Period.holding(date(2025, 2, 10), "month")).last == date(2024, 2, 29)
    assert year_before(Period.holding(date(2026, 7, 15), "week")).first.weekday() == 0
    leap = Period.holding(date(2024, 2, 29), "day")
    assert year_before(leap).first == date(2023, 2, 28)


def test_data_that_do_not_reach_back_give_no_comparison():
    cases = dated({"2026-06-02": 5, "2026-07-07": 9})
    compared = compare(cases, JULY, earlier(JULY, JULY))
    assert (compared.n, compared.n_prev, compared.pct) == (9, None, None)


def test_a_period_holds_its_last_second_and_no_more():
    at = [
        "2026-06-30 23:59:59",
        "2026-07-01 00:00:00",
        "2026-07-31 23:59:59",
        "2026-08-01 00:00:00",
    ]
    cases = pd.DataFrame({"reported_at": pd.to_datetime([*at, None])})
    assert within(cases, JULY).index.tolist() == [1, 2]


def test_days_without_cases_are_counted_as_zero():
    daily = daily_totals(dated({"2026-07-02": 3}), date(2026, 7, 1), date(2026, 7, 3))
    assert daily.tolist() == [0, 3, 0]


def test_weeks_before_the_first_case_are_left_out_and_the_last_ends_on_the_last_day():
    cases = dated({"2026-06-20": 1, "2026-07-01": 2, "2026-07-14": 4, "2026-07-15": 8})
    weekly = weekly_totals(cases, date(2026, 7, 14), 52)
    assert weekly.tolist() == [0, 2, 4]
    assert weekly.index[-1] == pd.Timestamp("2026-07-08")


@given(st.lists(st.datetimes(pd.Timestamp("2026-01-01"), pd.Timestamp("2026-12-31")), max_size=60))
def test_the_hours_of_the_week_hold_every_case_that_has_an_hour(times):
    at = pd.Series(pd.to_datetime(times), dtype="datetime64[us]") + pd.Timedelta(minutes=1)
    matrix = hour_of_week(pd.DataFrame({"reported_at": at}))
    assert matrix.shape == (7, 24)
    assert matrix.to_numpy().sum() == len(times)


def test_dates_without_an_hour_do_not_make_a_midnight_rush():
    cases = pd.concat([dated({"2026-07-06": 5}, at="00:00"), dated({"2026-07-06": 2}, at="09:30")])
    matrix = hour_of_week(cases)
    assert matrix.loc[0, 9] == 2
    assert matrix.to_numpy().sum() == 2


def test_second_levels_stand_under_the_largest_first_ones():
    rows = [
        *[("停车", "地锁", "私装地锁")] * 3, *[("停车", "地锁", "地锁损坏")] * 2,
        *[("停车", "僵尸车", "僵尸车")] * 2, *[("物业", "物业", "物业")] * 4,
        *[("环卫", "垃圾", "清运")] * 1,
    ]  # fmt: skip
    cases = pd.DataFrame(rows, columns=["category_1", "category_2", "category_3"]).astype("str")
    table = subcategories(cases)
    assert table["category_2"].tolist() == ["地锁", "僵尸车", "垃圾"]
    assert table["share_pct"].tolist() == [71.43, 28.57, 100.0]
    assert table["category_3"].fillna("—").tolist() == ["私装地锁", "—", "清运"]
    assert table["n_3"].tolist()[0] == 3


def monthly(counts):
    """Cases per month and category, on the fifth of the month."""
    frames = [
        named(row).assign(reported_at=pd.Timestamp(f"{month}-05 09:00"))
        for month, row in counts.items()
    ]
    first = named({"甲": 1}).assign(reported_at=pd.Timestamp("2026-01-01"))
    return pd.concat([first, *frames], ignore_index=True)


def test_a_category_from_nowhere_is_a_question_about_the_counting():
    before = {f"2026-{m:02d}": {"物业": 100, "市场管理": 1, "旧名": 80} for m in range(1, 7)}
    cases = monthly(before | {"2026-07": {"物业": 180, "市场管理": 60, "新名": 75}})
    found = scope_changes(cases, JULY).set_index("category")
    assert sorted(found.index) == ["市场管理", "新名", "旧名"]  # 物业 rose, but was always there
    assert found["appeared"].to_dict() == {"市场管理": True, "新名": True, "旧名": False}
    assert found.loc["旧名", "n"] == 0
    assert found.loc["旧名", "mean_before"] == pytest.approx(80 * 6 * 31 / 181)


def test_the_end_of_a_season_is_no_change_of_the_counting():
    before = {f"2026-{m:02d}": {"物业": 100, "供热": 80} for m in range(1, 4)}
    quiet = {f"2026-{m:02d}": {"物业": 100} for m in range(4, 8)}
    assert scope_changes(monthly(before | quiet), JULY).empty


def test_the_day_of_a_break_is_found():
    days = pd.date_range("2026-06-01", "2026-07-31")
    cases = pd.DataFrame({"reported_at": days.repeat(np.where(days < "2026-07-07", 1, 5))})
    assert break_day(cases, date(2026, 6, 1), date(2026, 7, 31)) == date(2026, 7, 7)


def test_with_fewer_than_three_periods_before_nothing_is_said():
    cases = monthly({"2026-07": {"新名": 75}})
    late = cases[cases["reported_at"] >= "2026-07-01"]
    assert scope_changes(late, JULY).empty
    assert len(scope_changes(cases, JULY)) == 1


def test_only_a_rise_beyond_chance_is_called_one():
    june, july = {"甲": 100, "乙": 50, "丙": 40}, {"甲": 160, "乙": 54, "丙": 10}
    table = changes_by(
        monthly({"2026-06": june, "2026-07": july}), "category_1", JULY, JULY.before()
    )
    assert table["category_1"].tolist() == ["甲", "乙", "丙"]
    assert table["change_pct"].tolist() == [60.0, 8.0, -75.0]
    assert (table["qvalue"] < 0.05).tolist() == [True, False, False]


def test_the_account_sums_and_loses_no_row():
    account = {"located": 7, "area_only": 2, "rejected": 3, "superseded": 1}
    table = status_account(account, 9)
    assert table["status"].tolist() == list(STATUSES)
    assert table["n"].sum() == 13
    assert np.isclose(table["share_pct"].sum(), 100, atol=0.05)


def test_an_account_that_lost_a_row_is_our_own_fault():
    with pytest.raises(SchemaError, match="2 usable rows but 3 cases"):
        status_account({"located": 2, "rejected": 1}, 3)
    with pytest.raises(SchemaError, match=r"unknown \['lost'\]"):
        status_account({"lost": 3}, 3)
