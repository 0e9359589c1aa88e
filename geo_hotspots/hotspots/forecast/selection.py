"""Which ranker is trusted: the one that has caught most so far, unless a simpler one is as good.

Every week all rankers name their lists before the week is known, per category group and for all
groups together. The winner over the last year is used for the week after; a group too small to
judge goes with the winner of all. Nothing is chosen by weeks that were not over.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_hotspots.hotspots.forecast.exposure import Exposure
from geo_hotspots.hotspots.forecast.rankers import Forecast, count_fitted, name_rankers, walk_weeks
from geo_hotspots.hotspots.lifecycle.states import Model
from geo_hotspots.hotspots.lifecycle.weekly import Weekly

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ALL = "all"
_LENGTH = 20  # of the lists that are judged
_CALIBRATED = 50  # places that a ranker's scale is learnt from
JUDGED_WEEKS = 52
_LEAST_WEEKS = 8  # before any ranker is told from another
_LEAST_CALLS = 6.0  # callers a week, below which a group is not judged by itself
_DEPARTS = 2.0  # standard errors by which a group's own winner must beat that of all groups
_UNJUDGED = "ewma_0.2"  # what is used until then
_PRIOR_CALLS = 100.0  # callers that the calibration is shrunk by


class Choice(NamedTuple):
    """What is used for one week.

    Attributes
    ----------
    rankers
        Name of the ranker per group, in the order of `Weekly.groups`, and last of `all`.
    is_own
        Whether the group chose for itself, or went with `all`.
    factors
        Callers that came per caller that each ranker expected among its first, (rankers,).
    expected
        Callers expected at each known unit by the chosen ranker, calibrated.
    every
        The same by every ranker, (rankers, units); what a week's deviance is measured on.
    """

    week: int
    rankers: tuple[str, ...]
    is_own: tuple[bool, ...]
    factors: Floats
    expected: Floats
    every: Floats


def choose_weekly(
    weekly: Weekly, exposure: Exposure, *, first: int, model: Model
) -> Iterator[tuple[Forecast, Choice]]:
    """Give, for every week from `first` on and the one after the last, forecasts and choice."""
    names = name_rankers(dated=weekly.done.nnz > 0)
    record = _Record(weekly, names)
    for forecast in walk_weeks(weekly, exposure, first=min(first, _warm_up(first)), model=model):
        if forecast.week >= first:
            yield forecast, record.choose(forecast)
        if forecast.week < weekly.weeks:
            record.settle(forecast, weekly.week(forecast.week))
        del forecast  # large, and not to be held while the next is made


def _warm_up(first: int) -> int:
    return max(first - JUDGED_WEEKS, min(first, _LEAST_WEEKS))


class _Record:
    """What each ranker's lists have caught, week by week.

    Groups that have too few callers ever to be judged by themselves have no list of their own,
    else a hundred thousand categories would have a hundred thousand lists.
    """

    def __init__(self, weekly: Weekly, names: tuple[str, ...]) -> None:
        self.weekly, self.names = weekly, names
        self.complexity = np.array([count_fitted(name) for name in names])
        self.judged = np.flatnonzero(weekly.daily.sum(axis=1) >= _LEAST_WEEKS * _LEAST_CALLS)
        list_of = np.full(len(weekly.groups), -1)
        list_of[self.judged] = np.arange(len(self.judged))
        self.list_of = list_of[weekly.group]  # of each unit, -1 where its group has none
        self.leaders = np.full((len(names), len(self.judged), _CALIBRATED), -1)
        self.caught: list[Floats] = []  # (judged + 1, rankers): callers over the root of all
        self.came: list[Floats] = []  # (rankers,) callers who came at the first of all
        self.awaited: list[Floats] = []  # and how many each ranker had expected there
        self.calls: list[Floats] = []  # (judged + 1) callers of the week, last those of all

    def settle(self, forecast: Forecast, calls: Floats) -> None:
        """Judge a week that is over.

        A week counts by the root of its callers: a storm must not decide the year.
        """
        by_group = np.bincount(self.weekly.group, calls, minlength=len(self.weekly.groups))
        total = np.append(by_group[self.judged], calls.sum())
        recent = np.mean([*self.calls[-JUDGED_WEEKS:], total], axis=0)
        self.calls.append(total)
        # What the week lifts it lifts for a whole group, whose order stays as it is.
        self.leaders = list_leaders(forecast.expected, self.list_of, self.leaders)
        first, awaited = self._lead_all(forecast)
        seen, came = (np.append(calls, 0.0)[which] for which in (self.leaders, first))
        caught = np.zeros((len(total), len(self.names)))
        caught[:-1] = seen[:, :, :_LENGTH].sum(axis=2).T
        caught[:-1][recent[:-1] < _LEAST_CALLS] = 0.0
        caught[-1] = came[:, :_LENGTH].sum(axis=1)
        self.caught.append(caught / np.sqrt(1 + total)[:, None])
        self.came.append(came.sum(axis=1))
        self.awaited.append(awaited.sum(axis=1))

    def _lead_all(self, forecast: Forecast) -> tuple[Ints, Floats]:
        """Give the first units of all groups together, -1 where they are fewer, and their calls."""
        rankers, n = forecast.expected.shape
        if not n:  # nothing is known yet
            nobody = np.full((rankers, _LENGTH), -1)
            return nobody, np.zeros(nobody.shape)
        others = np.flatnonzero(self.list_of[:n] < 0)
        pool = np.hstack([self.leaders.reshape(rankers, -1), np.tile(others, (rankers, 1))])
        pool.sort(axis=1)
        lift = np.take_along_axis(forecast.lift, self.weekly.group[pool], axis=1)
        lifted = np.take_along_axis(forecast.expected, pool, axis=1) * lift
        top = list_top(np.where(pool >= 0, lifted, -1.0), _CALIBRATED)
        first, awaited = (np.take_along_axis(of, top, axis=1) for of in (pool, lifted))
        return first, np.where(first >= 0, awaited, 0.0)

    def choose(self, forecast: Forecast) -> Choice:
        """Choose by the weeks settled so far."""
        n, groups = forecast.expected.shape[1], len(self.weekly.groups)
        winners = np.full(groups + 1, self.names.index(_UNJUDGED))
        is_own = np.zeros(groups + 1, dtype=bool)
        factors = np.ones(len(self.names))
        if len(self.caught) >= _LEAST_WEEKS:
            caught = np.array(self.caught[-JUDGED_WEEKS:])
            callers = np.mean(self.calls[-JUDGED_WEEKS:], axis=0)[:-1]
            is_own[self.judged] = callers >= _LEAST_CALLS
            is_own[-1] = True
            usual = pick_winner(caught[:, -1], self.complexity)
            winners[:] = usual
            for at in np.flatnonzero(is_own[self.judged]):
                winners[self.judged[at]] = pick_winner(caught[:, at], self.complexity, usual=usual)
            factors = self._calibrate()
        group = self.weekly.group[:n]
        every = forecast.lift[:, group]
        every *= forecast.expected
        every *= factors[:, None]
        mine = winners[group]
        return Choice(
            forecast.week, tuple(self.names[w] for w in winners), tuple(map(bool, is_own)),
            factors, every[mine, np.arange(n)], every,
        )  # fmt: skip

    def _calibrate(self) -> Floats:
        """Give callers come per caller expected among each ranker's first, (rankers,)."""
        came = np.sum(self.came[-JUDGED_WEEKS:], axis=0)
        awaited = np.sum(self.awaited[-JUDGED_WEEKS:], axis=0)
        scale: Floats = (came + _PRIOR_CALLS) / (awaited + _PRIOR_CALLS)
        return scale


def list_top(expected: Floats, k: int) -> Ints:
    """Give the `k` units that each ranker puts first, best first, (rankers, k).

    Of equals the unit known longest comes first, so that equal input gives an equal list.
    """
    n = expected.shape[1]
    if n <= k:
        return np.argsort(-expected, axis=1, kind="stable")
    least = np.partition(expected, n - k, axis=1)[:, n - k]
    best = np.empty((len(expected), k), dtype=np.int64)
    for i, row in enumerate(expected):
        near = np.flatnonzero(row >= least[i])
        best[i] = near[np.argsort(-row[near], kind="stable")[:k]]
    return best


def list_leaders(expected: Floats, group: Ints, before: Ints) -> Ints:
    """Give the units of each group that each ranker puts first, best first.

    Who led its group a week ago bounds who may lead it now, so that of a few hundred thousand units
    only some hundreds are sorted.

    Parameters
    ----------
    expected
        (rankers, units).
    group
        Of each unit, in the order in which they came to be known; of equals the first leads. A
        unit of group -1 leads none.
    before
        The leaders of an earlier week, (rankers, groups, k); -1 where a group had fewer units.

    Returns
    -------
    leaders
        As `before`.
    """
    (rankers, groups, k), group = before.shape, group[: expected.shape[1]]
    if not expected.size:
        return before
    held = np.take_along_axis(expected, before.reshape(rankers, -1), axis=1)
    bound = np.where(before >= 0, held.reshape(before.shape), -np.inf).min(axis=2)
    bound = np.hstack([bound, np.full((rankers, 1), np.inf)])  # of group -1
    near = [np.flatnonzero(row >= least[group]) for row, least in zip(expected, bound, strict=True)]
    ranker, unit = np.repeat(np.arange(rankers), [len(n) for n in near]), np.concatenate(near)
    list_of = (ranker * groups + group[unit]).astype(np.min_scalar_type(rankers * groups))
    order = np.lexsort((-expected[ranker, unit], list_of))
    list_of, unit = list_of[order], unit[order]
    place = np.arange(len(unit)) - np.searchsorted(list_of, list_of)
    leaders = np.full((rankers * groups, k), -1)
    leaders[list_of[place < k], place[place < k]] = unit[place < k]
    return leaders.reshape(before.shape)


def pick_winner(caught: Floats, complexity: Ints, *, usual: int | None = None) -> int:
    """Pick the simplest ranker within one standard error of the best; of equally simple, the best.

    Parameters
    ----------
    caught
        Callers that each ranker's lists caught, (weeks, rankers).
    complexity
        Of each ranker, (rankers,).
    usual
        A ranker that is preferred to all others within two standard errors of the best: where
        twenty groups are asked, one of them is beyond that by chance.

    References
    ----------
    Breiman, L. et al. (1984). Classification and Regression Trees: the one-standard-error rule,
    here of the paired weekly differences.
    """
    mean = caught.mean(axis=0)
    behind = caught[:, [int(np.argmax(mean))]] - caught
    error = behind.std(axis=0, ddof=1) / np.sqrt(len(caught))
    as_good = behind.mean(axis=0) <= error
    if usual is not None and behind.mean(axis=0)[usual] <= _DEPARTS * error[usual]:
        return usual
    simplest = as_good & (complexity == complexity[as_good].min())
    return int(np.argmax(np.where(simplest, mean, -1.0)))
