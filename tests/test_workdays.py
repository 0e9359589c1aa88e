"""Days off: the State Council's, and what they do to the cases."""

import numpy as np
import pandas as pd
import pytest

from geo_hotspots.hotspots.figures.workdays import count_holidays, label_days


def days(first, last):
    return pd.date_range(first, last)


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        ("2019-07-08", "workday", ""),
        ("2019-07-13", "weekend", ""),
        ("2019-10-01", "holiday", "国庆节"),
        ("2019-10-12", "workday", ""),  # a Saturday worked in exchange
        ("2026-02-17", "holiday", "春节"),
        ("2300-10-01", "workday", ""),  # no notice of that year: a Monday is a Monday
    ],
)
def test_a_day_is_what_the_notice_says(day, kind, name):
    label = label_days(days(day, day), timezone="Asia/Shanghai").iloc[0]
    assert (label["kind"], label["zh"]) == (kind, name)


def test_elsewhere_a_week_has_its_weekend_and_no_more():
    labels = label_days(days("2019-09-30", "2019-10-06"), timezone="America/New_York")
    assert labels["kind"].tolist() == ["workday"] * 5 + ["weekend"] * 2


def test_a_holiday_is_held_against_four_ordinary_weeks():
    when = days("2019-08-25", "2019-10-10")
    daily = pd.Series(10, index=when)
    daily["2019-09-13":"2019-09-15"] = 99  # another holiday must not count as usual
    daily["2019-10-01":"2019-10-07"] = np.arange(1, 8)
    found = count_holidays(daily, label_days(when, timezone="Asia/Shanghai")).set_index("en")
    national = found.loc["National Day"]
    assert (national["days"], national["mean"], national["mean_before"]) == (7, 4.0, 10.0)
    assert np.isnan(found.loc["Mid-autumn Festival", "mean_before"])  # data reach back 19 days


def test_a_holiday_that_the_data_begin_with_is_not_told():
    when = days("2019-10-03", "2019-10-31")
    assert count_holidays(
        pd.Series(1, index=when), label_days(when, timezone="Asia/Shanghai")
    ).empty
