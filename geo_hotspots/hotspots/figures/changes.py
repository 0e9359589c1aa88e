"""One period beside another: 环比, 同比, what rose, and whether the counting itself changed."""

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
from scipy.special import xlogy

from geo_hotspots.hotspots.areas.tails import adjust_chances, at_least, at_most
from geo_hotspots.hotspots.figures.summary import daily_totals, percent, within
from geo_hotspots.schema import Period

# 口径变化: how unlikely and how one-sided a break must be to question the counting.
SCOPE_Q = 0.001
SCOPE_QUIET = 0.1  # the smaller side is at most a tenth of the larger: "was not there" or "is gone"
SCOPE_PERIODS = 12  # earlier periods compared with, at most ...
SCOPE_MIN_PERIODS = 3  # ... and at least; with fewer nothing is said
SCOPE_COLUMNS = ("category", "n", "mean_before", "periods", "qvalue", "appeared", "since")


@dataclass(frozen=True)
class Comparison:
    """A period's cases beside those of an earlier one.

    `n_prev` is missing where the cases do not reach back; `pct` also where there were none.
    """

    n: int
    n_prev: int | None
    pct: Decimal | None


def change(
    n: "pd.Series[int]", n_prev: "pd.Series[int]", *, reaches_back: bool
) -> "pd.Series[float]":
    """Compute the change in percent; NaN where there was nothing, or nothing is known, before."""
    known = n_prev.where((n_prev > 0) & reaches_back)
    return (100 * (n - n_prev) / known).astype("float64")


def elapsed(period: Period, as_of: date) -> Period:
    """Cut a period that is not over yet at the last day counted."""
    return replace(period, last=max(period.first, min(period.last, as_of)))


def earlier(period: Period, now: Period) -> Period:
    """Give what 环比 compares `now` with: the period before, as many days of it as have passed.

    A period that is over is held against the whole one before, months of other lengths included,
    as the office does.
    """
    before = period.before()
    if now.last >= period.last:
        return before
    return replace(before, last=min(before.last, before.first + timedelta(days=now.days - 1)))


def year_before(now: Period) -> Period:
    """Give what 同比 compares with: the same days a year before.

    A week moves by 52 weeks, so that it still runs from Monday; days and months keep their date,
    29 February becoming the 28th.
    """
    if now.kind == "week":
        back = timedelta(weeks=52)
        return replace(now, first=now.first - back, last=now.last - back)
    whole_month = now.kind == "month" and now.last == _month_end(now.last)
    last = _year_back(now.last)
    return replace(now, first=_year_back(now.first), last=_month_end(last) if whole_month else last)


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _year_back(day: date) -> date:
    last = calendar.monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=min(day.day, last))


def compare(cases: pd.DataFrame, now: Period, then: Period) -> Comparison:
    """Count two periods and the change in percent, one decimal."""
    n = len(within(cases, now))
    first = cases["reported_at"].min()
    if pd.isna(first) or first.date() > then.first:
        return Comparison(n, None, None)
    n_prev = len(within(cases, then))
    return Comparison(n, n_prev, percent(n - n_prev, n_prev, places=1))


def scope_changes(cases: pd.DataFrame, period: Period) -> pd.DataFrame:
    """List first-level categories whose count broke so sharply that the counting may have changed.

    When another hotline was merged into this one (12315 in July 2019), a category appeared from
    one day to the next. Such a break is not news about the district, and must not be read as one.
    A category is listed when its count against the mean of up to 12 earlier periods is beyond
    chance (exact conditional Poisson test, Benjamini-Hochberg q < 0.001), and one side is at most
    a tenth of the other: of that mean, and of each of the last three periods too, or else the
    end of the heating season would be one. A flood of one day passes the same test: the flag is
    a question to a person, not an answer.

    Returns
    -------
    changes
        `category`, `n`, `mean_before`, `periods`, `qvalue`, `appeared` (else it vanished), `since`
        (the likeliest day of the break), most certain first; empty when fewer than three whole
        earlier periods are known.
    """
    past = _periods_before(cases, period)
    n = within(cases, period)["category_1"].value_counts()
    whole = replace(past[-1], last=past[0].last) if past else period.before()
    before = within(cases, whole)["category_1"].value_counts()
    counts = pd.DataFrame({"n": n, "before": before}).fillna(0).astype("int64")
    if len(past) < SCOPE_MIN_PERIODS or counts.empty:
        return pd.DataFrame(columns=list(SCOPE_COLUMNS))
    days = sum(p.days for p in past)
    mean = counts["before"] * (period.days / days)
    both = counts["n"] + counts["before"]
    share = period.days / (period.days + days)
    tails = np.minimum(at_most(counts["n"], both, share), at_least(counts["n"], both, share))
    counts["qvalue"] = adjust_chances(np.minimum(2 * tails, 1.0))
    lately = _lately(cases, counts.index, past, period.days)
    is_new = (counts["n"] > 0) & (lately.max(axis=1).clip(lower=mean) <= SCOPE_QUIET * counts["n"])
    least = lately.min(axis=1).clip(upper=mean)
    is_gone = (least > 0) & (counts["n"] <= SCOPE_QUIET * least)
    table = counts.assign(mean_before=mean, periods=len(past), appeared=is_new)
    found = table[(is_new | is_gone) & (counts["qvalue"] < SCOPE_Q)]
    found = found.rename_axis("category").reset_index()
    found["since"] = [
        break_day(cases[cases["category_1"] == name], past[0].first, period.last)
        for name in found["category"]
    ]
    ordered = found.sort_values(["qvalue", "category"])
    return ordered[list(SCOPE_COLUMNS)].reset_index(drop=True)


def _lately(cases: pd.DataFrame, names: pd.Index, past: list[Period], days: int) -> pd.DataFrame:
    """Count each category in each of the last three periods, as if all had `days` days."""
    counts = {
        p.first: within(cases, p)["category_1"].value_counts() * (days / p.days)
        for p in past[:SCOPE_MIN_PERIODS]
    }
    return pd.DataFrame(counts).reindex(names).fillna(0.0)


def break_day(cases: pd.DataFrame, first: date, last: date) -> date:
    """Find the day from which on the daily count is another one: the likeliest Poisson break.

    Looks at the days from `first` to `last`, both included; the day given is the first of the
    new rate.

    References
    ----------
    Page, E. S. (1955). A test for a change in a parameter occurring at an unknown point.
    Biometrika, 42(3/4), 523-527; here with the Poisson likelihood.
    """
    daily = daily_totals(cases, first, last).to_numpy("float64")
    days = np.arange(1, len(daily))
    left = daily.cumsum()[:-1]
    right = daily.sum() - left
    gain = xlogy(left, left / days) + xlogy(right, right / (len(daily) - days))
    return first + timedelta(days=int(days[np.argmax(gain)])) if len(days) else first


def _periods_before(cases: pd.DataFrame, period: Period) -> list[Period]:
    """List the whole earlier periods that the cases reach back to, latest first."""
    first = cases["reported_at"].min()
    past: list[Period] = []
    while len(past) < SCOPE_PERIODS and pd.notna(first):
        before = (past[-1] if past else period).before()
        if first.date() > before.first:
            break
        past.append(before)
    return past


def changes_by(cases: pd.DataFrame, column: str, now: Period, then: Period) -> pd.DataFrame:
    """Compare each value of `column` (a category, a community) in two periods.

    Returns
    -------
    changes
        `column`, `n`, `n_prev`, `change_pct` (NaN from nothing) and `qvalue` that it did not rise
        (exact conditional Poisson test on cases per day, Benjamini-Hochberg over all values),
        largest rise in cases first.
    """
    n = within(cases, now)[column].value_counts()
    n_prev = within(cases, then)[column].value_counts()
    table = pd.DataFrame({"n": n, "n_prev": n_prev}).fillna(0).astype("int64")
    both = table["n"] + table["n_prev"]
    table["change_pct"] = change(table["n"], table["n_prev"], reaches_back=True)
    pvalue = at_least(table["n"], both, now.days / (now.days + then.days))
    table["qvalue"] = adjust_chances(pvalue)
    table = table.rename_axis(column).reset_index()
    rise = table["n"] - table["n_prev"]
    ordered = table.assign(rise=rise).sort_values(["rise", column], ascending=[False, True])
    return ordered.drop(columns="rise").reset_index(drop=True)
