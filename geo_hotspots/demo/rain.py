"""The demo's year and its rain, and what comes in with the rain: leaks and ponds."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from geo_hotspots.demo.draw import Floats, Ints

FIRST_DAY = date(2018, 12, 31)
DAYS = 364
LAST_DAY = FIRST_DAY + timedelta(days=DAYS - 1)
LEAK, POND = "物业管理->房屋漏雨", "市政设施->路面积水"
HEAVY_MM = 25.0  # 大雨 in a day
RAIN_MM = 8.0  # from here on roofs leak
_WET_DAYS = (1, 2, 2, 4, 5, 9, 13, 11, 7, 4, 2, 2)  # per month, January first
_MEAN_MM = (0.8, 1.5, 2.5, 6, 8, 11, 17, 15, 9, 5, 3, 1.0)
_HEAVY = {"2019-07-05": 38.2, "2019-07-22": 61.5, "2019-07-29": 44.0, "2019-08-04": 52.7,
          "2019-08-20": 29.3, "2019-09-09": 47.6, "2019-10-04": 26.1}  # fmt: skip
_SNOW = {"2019-02-12": 3.1, "2019-11-29": 5.2, "2019-11-30": 2.4, "2019-12-15": 8.6,
         "2019-12-16": 4.9}  # fmt: skip


def make_rain(rng: np.random.Generator) -> pd.DataFrame:
    """Make up a year of rain days as Beijing has them: dry, but for June to September.

    Returns
    -------
    rain
        日期 and 降雨量 (mm; of snow, melted), one row per day with any, in order.
    """
    days = pd.date_range(FIRST_DAY.isoformat(), periods=DAYS)
    month = days.month.to_numpy() - 1
    chance = np.array(_WET_DAYS)[month] / days.days_in_month.to_numpy()
    amount = np.minimum(rng.exponential(np.array(_MEAN_MM)[month]), 24.0)
    fell = pd.Series(np.where(rng.random(DAYS) < chance, amount, 0.0), index=days)
    fixed = pd.Series(_HEAVY | _SNOW)
    fell[pd.to_datetime(fixed.index)] = fixed.to_numpy()
    fell = fell.round(1)
    wet = fell[fell > 0]
    dates = pd.DatetimeIndex(wet.index).strftime("%Y-%m-%d")
    return pd.DataFrame({"日期": dates, "降雨量": wet.to_numpy()})


def rain_per_day(rain: pd.DataFrame) -> Floats:
    """Give the millimetres of every day of the year, zeros included."""
    fell = np.zeros(DAYS)
    fell[days_of(rain["日期"])] = rain["降雨量"]
    return fell


def days_of(dates: pd.Series | pd.Index) -> Ints:
    """Count the days since the first of the year."""
    since = pd.DatetimeIndex(dates) - pd.Timestamp(FIRST_DAY)
    return np.asarray(since // pd.Timedelta(days=1), dtype=np.int64)


def leak_days(fell: Floats, rng: np.random.Generator, *, calls: float) -> Ints:
    """Give the days of calls: on each day of rain or snow melt and the two after it."""
    snow = np.zeros(DAYS)
    snow[days_of(pd.Index(list(_SNOW)))] = 0.5
    rate = np.where(fell >= RAIN_MM, calls * np.minimum(fell / 20, 2.5), 0) + snow
    lag = rng.choice(3, size=(DAYS, 12), p=[0.45, 0.4, 0.15])
    return _spread(rng.poisson(rate), lag)


def pond_days(fell: Floats, rng: np.random.Generator, *, calls: float) -> Ints:
    """Give the days of calls: mostly the morning after a night of heavy rain."""
    rate = np.where(fell >= HEAVY_MM, calls * fell / 40, 0)
    lag = rng.choice(2, size=(DAYS, 12), p=[0.2, 0.8])
    return _spread(rng.poisson(rate), lag)


def _spread(counts: Ints, lag: Ints) -> Ints:
    day = np.repeat(np.arange(DAYS), np.minimum(counts, lag.shape[1]))
    which = np.concatenate([np.arange(c) for c in np.minimum(counts, lag.shape[1])])
    days: Ints = np.minimum(day + lag[day, which.astype(np.int64)], DAYS - 1)
    return days
