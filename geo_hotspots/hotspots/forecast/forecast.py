"""Next week's callers at every spot: the table of weeks, season and rain, the ranker that won."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.columns import give_back_memory
from geo_hotspots.hotspots.forecast.exposure import Exposure, expose, measure_wetness
from geo_hotspots.hotspots.forecast.rankers import name_rankers
from geo_hotspots.hotspots.forecast.selection import ALL, Choice, choose_weekly
from geo_hotspots.hotspots.lifecycle.states import Model
from geo_hotspots.hotspots.lifecycle.weekly import Weekly, tabulate_weeks

Floats = npt.NDArray[np.float64]

MAX_WEEKS = 156  # three years: older weeks no longer move any ranker
MODEL = Model()
_DAY = pd.Timedelta(days=1)


class Outlook(NamedTuple):
    """What is expected of the week after `as_of`.

    Attributes
    ----------
    expected
        Callers expected, indexed by `spot` and `group`; every pair that has cases.
    choice
        By category group, and last `all`: `ranker`, and whether the group chose for itself
        (`is_own`).
    before
        The same of the week up to `as_of`, as it was expected on its eve.
    rainy
        Groups that surely answer rain.
    """

    expected: "pd.Series[float]"
    before: "pd.Series[float]"
    choice: pd.DataFrame
    rainy: tuple[str, ...]


def forecast_week(
    cases: pd.DataFrame,
    rectified: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
    rain: pd.DataFrame | None = None,
    rain_ahead: bool = False,
) -> Outlook:
    """Expect the callers of the week after `as_of`, knowing nothing later than that day.

    Parameters
    ----------
    cases
        `spot`, `group`, `reported_at`, `weight`, `lng`, `lat`.
    rectified
        `spot`, `group`, `day`.
    rain
        `day`, `mm`; without it no group is known to answer rain.
    rain_ahead
        A heavy rain is forecast for the first day of the week.
    """
    weekly = tabulate_cases(cases, rectified, as_of=as_of)
    give_back_memory()
    exposure = expose_weeks(weekly, rain, rain_ahead=rain_ahead)
    first = max(weekly.weeks - 1, 0)
    eves = choose_weekly(weekly, exposure, first=first, model=MODEL)
    before = next(eves)[1].expected  # and no more of it: what every ranker says is large
    ((_, last),) = eves
    index = pd.MultiIndex.from_frame(weekly.units[["spot", "group"]])
    choice = pd.DataFrame(
        {"ranker": last.rankers, "is_own": last.is_own}, index=[*weekly.groups, ALL]
    )
    answers = exposure.answers[:, -1] > 0
    rainy = tuple(g for g, answers_rain in zip(weekly.groups, answers, strict=True) if answers_rain)
    expected = _wake(last, weekly, answers) if rain_ahead else last.expected
    return Outlook(
        pd.Series(expected, index=index, name="expected"),
        pd.Series(before, index=index[: len(before)], name="before"),
        choice, rainy,
    )  # fmt: skip


def _wake(choice: Choice, weekly: Weekly, answers: npt.NDArray[np.bool_]) -> Floats:
    """Expect by the state filter wherever rain is answered: a plain mean forgets in dry weeks."""
    names = name_rankers(dated=weekly.done.nnz > 0)
    by_states = choice.every[names.index("states")]
    return np.where(answers[weekly.group], by_states, choice.expected)


def tabulate_cases(cases: pd.DataFrame, rectified: pd.DataFrame, *, as_of: pd.Timestamp) -> Weekly:
    """Make the table of weeks as far back as the cases go, three years at most."""
    first = cases["reported_at"].min()
    days = (as_of.normalize() - first.normalize()) // _DAY + 1 if pd.notna(first) else 1
    weeks = min(max(-(-days // 7), 1), MAX_WEEKS)
    return tabulate_weeks(cases, rectified, as_of=as_of, weeks=int(weeks))


def expose_weeks(
    weekly: Weekly, rain: pd.DataFrame | None, *, rain_ahead: bool = False
) -> Exposure:
    """Learn season and rain of every week of the table."""
    days = 7 * weekly.weeks
    known = pd.DataFrame({"day": pd.to_datetime([]), "mm": []}) if rain is None else rain
    wet = measure_wetness(known, last=weekly.as_of, days=days)
    first = weekly.as_of - (days - 1) * _DAY
    return expose(weekly.daily, wet, first=first, rain_ahead=rain_ahead)
