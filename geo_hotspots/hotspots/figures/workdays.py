"""Which days people work: China's statutory holidays and the weekends worked in exchange (调休).

The dates are those of the State Council's notices as the package `chinesecalendar` lists them;
for years that it does not reach, and for places outside China, a week has its weekend.
"""

from datetime import date
from typing import Literal

import chinese_calendar
import pandas as pd

DayKind = Literal["workday", "weekend", "holiday"]
_CHINA = ("Asia/Shanghai", "Asia/Urumqi", "PRC")
_SATURDAY = 5
_DAY = pd.Timedelta(days=1)
BEFORE_DAYS = 28


def label_days(days: pd.DatetimeIndex, *, timezone: str) -> pd.DataFrame:
    """Say of each day whether people work.

    Parameters
    ----------
    days
        Midnights, without zone.
    timezone
        Of the pack; statutory holidays are known for China only.

    Returns
    -------
    labels
        `kind` (`workday`, `weekend`, `holiday`) and `zh`, `en`, the holiday's names, empty
        elsewhere; indexed as `days`. A weekend that is worked in exchange is a workday.
    """
    rows = [_label(day.date(), in_china=timezone in _CHINA) for day in days]
    return pd.DataFrame(rows, index=days, columns=["kind", "zh", "en"])


def _label(day: date, *, in_china: bool) -> tuple[DayKind, str, str]:
    plain: DayKind = "weekend" if day.weekday() >= _SATURDAY else "workday"
    if not in_china:
        return plain, "", ""
    try:
        is_free, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:  # the year's notice is not in the package
        return plain, "", ""
    if not is_free:
        return "workday", "", ""
    if name is None:
        return "weekend", "", ""
    return "holiday", chinese_calendar.Holiday(name).chinese, name


def count_holidays(daily: "pd.Series[int]", labels: pd.DataFrame) -> pd.DataFrame:
    """Hold the cases of each holiday against the four weeks before it.

    Parameters
    ----------
    daily
        Cases per day, every day present.
    labels
        As `label_days` gives them, for the same days.

    Returns
    -------
    holidays
        `zh`, `en`, `first`, `last`, `days`, `mean` (cases a day) and `mean_before` (a day, over
        the `BEFORE_DAYS` before, other holidays aside; missing where the data do not reach
        back), oldest first. One that the data begin with is left out; two that touch are two rows.
    """
    is_holiday = labels["kind"] == "holiday"
    run = (labels["en"] != labels["en"].shift()).cumsum()[is_holiday]
    rows = []
    for _, days in labels[is_holiday].groupby(run):
        first, last = days.index[0], days.index[-1]
        if first == labels.index[0]:
            continue  # it may have begun before the data
        before = daily[(daily.index < first) & (daily.index >= first - BEFORE_DAYS * _DAY)]
        usual = before[~is_holiday[before.index]]
        is_known = len(before) == BEFORE_DAYS
        rows.append(
            (
                days["zh"].iloc[0], days["en"].iloc[0], first.date(), last.date(), len(days),
                float(daily[days.index].mean()), float(usual.mean()) if is_known else float("nan"),
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=["zh", "en", "first", "last", "days", "mean", "mean_before"])
