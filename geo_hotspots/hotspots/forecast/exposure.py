"""Season and rain: how much more of a kind of trouble a week brings than a plain week.

A building does not leak in a dry month, so its silence then says nothing. Every group of
categories has a factor per week; calls are held against it, and next week's are multiplied by
the one expected. A week's factor knows the weeks before it and its own rain.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import gammainc, gammaincc

from geo_hotspots.hotspots.areas.tails import adjust_chances

Floats = npt.NDArray[np.float64]

HEAVY_MM = 25.0  # 大雨 in a day, the unit of wetness and what a forecast of rain stands for
_CAP_MM = 50.0
_LAGS = (1.0, 1.0, 0.5)  # calls come on the day, the next morning, and a little on the day after
_FDR = 0.01  # of the groups said to answer rain: a wrong one heads the list of a whole city
_EVEN = 1e-4  # skewness from which on a curve counts as even
_RAIN_DAYS = 8  # wet days before anything is said about rain
_SEASON_WEEKS = 104  # a year cannot tell a season from a change
_SEASON_CALLS = 200.0  # calls that a group's season is shrunk by
_WIDTH = 3.0  # weeks, of the smoothing of the year
_NEAR_WEEKS = 4  # of the calendar: whose weather next week's is expected to be like
_YEAR = 365.25 / 7


class Exposure(NamedTuple):
    """Factors, (groups, weeks + 1); the last column is the week after the table.

    Attributes
    ----------
    known
        Of each week once it is over, its rain included.
    expected
        Of each week on the eve of it.
    answers
        How much one heavy rain adds to a plain day, on the eve of each week.
    """

    known: Floats
    expected: Floats
    answers: Floats


def measure_wetness(rain: pd.DataFrame, *, last: pd.Timestamp, days: int) -> Floats:
    """Give each day's wetness: of its own rain and of the two days before; 1 is a heavy rain.

    Parameters
    ----------
    rain
        `day` and `mm`, one row a day with any.
    last
        The last of the `days` days.
    """
    day = (pd.to_datetime(rain["day"]) - (last.normalize() - pd.Timedelta(days=days - 1))).dt.days
    fell = np.zeros(days + len(_LAGS) - 1)
    at = day.to_numpy(np.int64) + len(_LAGS) - 1
    inside = (at >= 0) & (at < len(fell))
    np.add.at(fell, at[inside], rain["mm"].to_numpy(float)[inside])
    n = len(_LAGS) - 1
    wet = sum(w * fell[n - lag : n - lag + days] for lag, w in enumerate(_LAGS))
    return np.minimum(wet, _CAP_MM) / HEAVY_MM


def expose(
    daily: Floats, wet: Floats, *, first: pd.Timestamp, rain_ahead: bool = False
) -> Exposure:
    """Learn the factors of every week from the weeks before it.

    Parameters
    ----------
    daily
        Calls per group and day, (groups, 7 · weeks).
    wet
        `measure_wetness` of the same days; all nought where no rain is known.
    first
        The first day.
    rain_ahead
        A heavy rain is forecast for the first day after the table.
    """
    groups, weeks = daily.shape[0], daily.shape[1] // 7
    answers = _answer_rain(daily, wet)
    wet_week = np.append(wet.reshape(weeks, 7).mean(axis=1), 0.0)
    season = _season(daily.reshape(groups, weeks, 7).sum(axis=2), first)
    phase = (first.day_of_year / 7 + np.arange(weeks + 1)) % _YEAR
    awaited = np.array([_await(wet_week[:w], phase[:w], phase[w]) for w in range(weeks + 1)])
    if rain_ahead:
        awaited[-1] += sum(_LAGS) / 7
    return Exposure(season * (1 + answers * wet_week), season * (1 + answers * awaited), answers)


def _answer_rain(daily: Floats, wet: Floats) -> Floats:
    """Fit calls = a + b · wetness to the days before each week; give b / a where it is sure.

    Days are compared within their own week, since summer brings rain and much else. What is not
    surely above nought, all groups tried, is nought.
    """
    weeks = len(wet) // 7
    wet_days, calls = wet.reshape(weeks, 7), daily.reshape(-1, weeks, 7)
    moist = wet_days - wet_days.mean(axis=1, keepdims=True)
    calls_apart = calls - calls.mean(axis=2, keepdims=True)
    slope = _divide(_upto((calls_apart * moist).sum(axis=2)), _upto((moist**2).sum(axis=1)))
    mean = _divide(_upto(calls.sum(axis=2)), days := 7 * np.arange(weeks + 1, dtype=np.float64))
    level = mean - slope * _divide(_upto(wet_days.sum(axis=1)), days)
    known = _upto((wet_days >= 0.5).sum(axis=1)) >= _RAIN_DAYS  # noqa: PLR2004 - half a heavy rain
    chances = _chance_of_rain(calls_apart, moist)
    sure = known & (np.apply_along_axis(adjust_chances, 0, chances) <= _FDR)
    return np.where(sure, _divide(slope, np.maximum(level, 0.1 * mean)), 0.0)


def _chance_of_rain(calls: Floats, moist: Floats) -> Floats:
    """Give the chance of calls so much with the wet days, had the days of each week been shuffled.

    The shuffles are not drawn: their second and third moments are known in closed form, and a
    Pearson type III curve has them (Mielke & Berry 2007, Permutation Methods, ch. 2). Errors of
    a plain regression are too small here, where few days are wet and calls come in bursts.

    Parameters
    ----------
    calls, moist
        (groups, weeks, 7) and (weeks, 7), less the mean of each week.

    Returns
    -------
    (groups, weeks + 1): from the weeks before each week.
    """
    n = calls.shape[-1]
    total = _upto((calls * moist).sum(axis=2))
    var = _upto((calls**2).sum(axis=2) * (moist**2).sum(axis=1)) / (n - 1)
    third = _upto((calls**3).sum(axis=2) * (moist**3).sum(axis=1)) * n / ((n - 1) * (n - 2))
    skew = _divide(third, var**1.5)
    skew = np.where(np.abs(skew) < _EVEN, _EVEN, skew)
    shape = 4 / skew**2
    at = (shape + np.sign(skew) * np.sqrt(shape) * _divide(total, np.sqrt(var))).clip(0)
    return np.where(skew > 0, gammaincc(shape, at), gammainc(shape, at))


def _upto(weekly: Floats) -> Floats:
    """Add up what lies before each week."""
    sums = np.cumsum(weekly, axis=-1)
    return np.concatenate([np.zeros((*sums.shape[:-1], 1)), sums], axis=-1)


def _divide(above: Floats, below: Floats) -> Floats:
    """Divide; by nought gives nought."""
    below = np.broadcast_to(below, np.broadcast_shapes(above.shape, below.shape))
    return np.divide(above, below, out=np.zeros(below.shape), where=below > 0)


def _season(weekly: Floats, first: pd.Timestamp) -> Floats:
    """Smooth the calls before each week around the calendar; 1 until two years are known."""
    groups, weeks = weekly.shape
    season = np.ones((groups, weeks + 1))
    phase = (first.day_of_year / 7 + np.arange(weeks + 1)) % _YEAR
    apart = np.abs(phase[:, None] - phase)
    near = np.exp(-0.5 * (np.minimum(apart, _YEAR - apart) / _WIDTH) ** 2)
    for week in range(_SEASON_WEEKS, weeks + 1):
        past = weekly[:, :week]
        weight = near[week, :week]
        local, mean = past @ weight / weight.sum(), past.mean(axis=1)
        trust = past.sum(axis=1) / (past.sum(axis=1) + _SEASON_CALLS)
        ratio = np.divide(local, mean, out=np.ones(groups), where=mean > 0)
        season[:, week] = ratio**trust
    return season


def _await(wet: Floats, phase: Floats, now: float) -> float:
    """Expect the wetness of a week as it was at this time of the year, and lately."""
    apart = np.abs(phase - now)
    near = np.minimum(apart, _YEAR - apart) <= _NEAR_WEEKS
    return float(wet[near].mean()) if near.any() else 0.0
