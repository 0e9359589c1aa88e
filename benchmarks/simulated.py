"""A made-up city whose truth is known: places, trouble that comes and goes, rain, season, works.

Nothing here follows the model of the forecast: spells last gamma-distributed times, rates are
log-normal and wander within a spell, works fail now and then, and trouble returns after them.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PLACES, CHRONIC, WEEKS = 6_000, 250, 156
FIRST_DAY = pd.Timestamp("2017-01-02")  # a Monday
GROUPS = ("锁", "噪声", "垃圾", "违建", "占道", "供暖", "漏雨", "积水")
_SHARES = (0.14, 0.22, 0.17, 0.12, 0.15, 0.08, 0.07, 0.05)
_BACKGROUND = 280  # calls a week that no chronic place makes
_RAINY = ("漏雨", "积水")
_WET_DAYS = (1, 2, 2, 4, 5, 9, 13, 11, 7, 4, 2, 2)  # a month, as Beijing has them
_MEAN_MM = 14.0  # of a wet day
_FAILS, _RETURNS = 0.15, 0.45  # works that do not help; trouble that comes back soon after


class City(NamedTuple):
    """Cases, works, rain, and what nobody knows."""

    cases: pd.DataFrame  # reported_at, place, group, caller
    works: pd.DataFrame  # place, group, day
    rain: pd.DataFrame  # day, mm
    places: pd.DataFrame  # lng, lat
    chronic: pd.DataFrame  # place, group, one row a chronic unit
    awaited: Floats  # of the chronic units: (units, weeks), calls expected of them in the season
    background: Floats  # (places, groups) expected calls in a mean week
    season: Floats  # (groups, weeks)


def simulate(seed: int, *, weeks: int = WEEKS, works: float = 0.15) -> City:
    """Make up `weeks` of a city, in which trouble is put right with a chance of `works` a week."""
    rng = np.random.default_rng(seed)
    season, rain = _season(weeks), _rain(rng, weeks)
    wet, usual = _wetness(rain, weeks)
    places = pd.DataFrame(
        {"lng": 116.38 + 0.06 * rng.random(PLACES), "lat": 39.87 + 0.1 * rng.random(PLACES)}
    )
    chronic = pd.DataFrame(
        {"place": rng.choice(PLACES, CHRONIC, replace=False),
         "group": rng.choice(len(GROUPS), CHRONIC, p=np.array(_SHARES))}
    )  # fmt: skip
    intensity, awaited, done = np.zeros((CHRONIC, weeks)), np.zeros((CHRONIC, weeks)), []
    for i, group in enumerate(chronic["group"]):
        rate = float(np.clip(rng.lognormal(-0.3, 0.6), 0.2, 5))
        if GROUPS[group] in _RAINY:
            course, expected = rate * 0.7 * wet, rate * 0.7 * usual
        else:
            course, ends = _spells(rng, rate, weeks, works)
            done += [(i, week) for week in ends]
            expected = course
        intensity[i], awaited[i] = course * season[group], expected * season[group]
    gammas = rng.gamma(0.7, size=PLACES)
    background = _BACKGROUND * np.outer(gammas / gammas.sum(), _SHARES)
    table = chronic.assign(group=[GROUPS[g] for g in chronic["group"]])
    return City(
        _call(rng, table, intensity, background, season), _list_works(rng, table, done),
        _list_rain(rain), places, table, awaited, background, season,
    )  # fmt: skip


def _season(weeks: int) -> Floats:
    """Give each group's factor per week: noise in summer, heating in winter, the rest level."""
    phase = 2 * np.pi * (np.arange(weeks) - 28) / 52.18
    season = np.ones((len(GROUPS), weeks))
    season[GROUPS.index("噪声")] = 1 + 0.4 * np.cos(phase)
    season[GROUPS.index("供暖")] = np.clip(0.9 - 0.8 * np.cos(phase), 0.1, None)
    return season


def _rain(rng: np.random.Generator, weeks: int) -> Floats:
    """Give the millimetres of every day."""
    days = pd.date_range(FIRST_DAY, periods=7 * weeks)
    chance = np.array(_WET_DAYS)[days.month - 1] / days.days_in_month.to_numpy()
    return np.where(rng.random(7 * weeks) < chance, rng.exponential(_MEAN_MM, 7 * weeks), 0.0)


def _wetness(rain: Floats, weeks: int) -> tuple[Floats, Floats]:
    """Give each week's wetness, and what the time of year leads one to expect of it."""
    days = pd.date_range(FIRST_DAY, periods=7 * weeks)
    chance = np.array(_WET_DAYS)[days.month - 1] / days.days_in_month.to_numpy()
    mean = _MEAN_MM / 20 * (1 - np.exp(-50 / _MEAN_MM))  # of min(mm / 20, 2.5), mm exponential
    wet: Floats = np.minimum(rain / 20, 2.5).reshape(weeks, 7).sum(axis=1)
    return wet, (chance * mean).reshape(weeks, 7).sum(axis=1)


def _spells(
    rng: np.random.Generator, rate: float, weeks: int, chance: float
) -> tuple[Floats, list[int]]:
    """Let trouble come and go; works end most spells that they meet, and some come back."""
    course, works = np.zeros(weeks), []
    week = -float(rng.gamma(1.5, 22))
    while week < weeks:
        week += rng.gamma(1.5, 22)
        length = max(2, round(rng.gamma(1.5, 30)))
        level = rate * rng.lognormal(0, 0.25)
        trend = np.exp(np.cumsum(rng.normal(rng.normal(0, 0.02), 0.08, length)))
        for lived in range(length):
            now = int(week) + lived
            if 0 <= now < weeks:
                course[now] = level * trend[lived]
                if lived >= 2 and rng.random() < chance:
                    works.append(now)
                    if rng.random() > _FAILS:
                        break
        week += lived + 1
        if works and works[-1] == int(week) - 1 and rng.random() < _RETURNS:
            week += rng.exponential(7) - rng.gamma(1.5, 22)  # back before its time
            week = max(week, works[-1] + 1.0)
    return course, works


def _call(
    rng: np.random.Generator, chronic: pd.DataFrame, intensity: Floats, background: Floats,
    season: Floats,
) -> pd.DataFrame:  # fmt: skip
    """Draw the calls: time of day aside, a Poisson number per unit and week."""
    calls = rng.poisson(intensity)
    unit, week = np.repeat(np.indices(calls.shape).reshape(2, -1), calls.ravel(), axis=1)
    frames = [
        _frame(rng, chronic["place"].to_numpy()[unit], chronic["group"].to_numpy()[unit], week)
    ]
    for g, name in enumerate(GROUPS):
        totals = rng.poisson(background[:, g].sum() * season[g])
        weeks = np.repeat(np.arange(len(totals)), totals)
        share = background[:, g] / background[:, g].sum()
        place = rng.choice(len(share), size=len(weeks), p=share)
        frames.append(_frame(rng, place, np.full(len(weeks), name), weeks))
    cases = pd.concat(frames).sort_values("reported_at", kind="stable", ignore_index=True)
    return cases.assign(caller=[f"c{i}" for i in range(len(cases))])


def _frame(
    rng: np.random.Generator, place: npt.ArrayLike, group: npt.ArrayLike, week: Ints
) -> pd.DataFrame:
    seconds = rng.integers(0, 7 * 86_400, len(week)) + week * 7 * 86_400
    at = FIRST_DAY + pd.to_timedelta(seconds, unit="s")
    return pd.DataFrame({"reported_at": at, "place": place, "group": group})


def _list_works(
    rng: np.random.Generator, chronic: pd.DataFrame, works: list[tuple[int, int]]
) -> pd.DataFrame:
    unit = np.array([u for u, _ in works], dtype=int)
    day = np.array([w * 7 for _, w in works]) + rng.integers(4, 7, len(works))
    return (
        chronic.iloc[unit]
        .reset_index(drop=True)
        .assign(day=FIRST_DAY + pd.to_timedelta(day, unit="D"))
    )


def _list_rain(rain: Floats) -> pd.DataFrame:
    days = pd.date_range(FIRST_DAY, periods=len(rain))
    return pd.DataFrame({"day": days, "mm": rain.round(1)})[rain > 0].reset_index(drop=True)
