"""Ways to expect next week's callers, from the plainest to the cleverest, walked week by week.

Each ranker keeps a few numbers per unit and brings them up to date when a week ends, so a year of
forecasts costs one pass over the table. What a ranker says of a week it says before seeing it.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_hotspots.hotspots.forecast.exposure import Exposure
from geo_hotspots.hotspots.lifecycle import states
from geo_hotspots.hotspots.lifecycle.weekly import Neighbours, Weekly

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

WINDOWS = (52, 13, 4, 1)  # weeks that are counted
ALPHAS = (0.1, 0.2, 0.3)  # weight of the newest week in an exponential mean
HALF_LIVES = (1, 4, 13, 52)  # weeks
RINGS = (52, 4)  # weeks whose counts neighbours share
_RING_SHARE = 0.5  # of a neighbour's count, at distance nought
_FADES = 52.0  # half-life, weeks, of what the mixture has learnt
_LEAST_EXPOSURE = 0.1  # of a plain week
_TIE = 1e-6  # of the year's count, so that of equal recent counts the older trouble leads
_AT_ONCE = 8192  # units whose beliefs are brought up to date together, in the processor's cache
_LEAST = 1e-3  # calls a week that even an unknown unit may expect


def _window(weeks: int) -> Callable[[int], Floats]:
    return lambda seen: (np.arange(seen)[::-1] < weeks).astype(float)


def _fading(alpha: float) -> Callable[[int], Floats]:
    return lambda seen: np.power(1 - alpha, np.arange(seen, dtype=float)[::-1])


# What each plain ranker weighs the past weeks by, in the order of `name_rankers`.
_KERNELS = (*map(_window, WINDOWS), *map(_fading, ALPHAS), *map(_window, RINGS))


class Forecast(NamedTuple):
    """What every ranker says of one week.

    Attributes
    ----------
    week
        The week that is spoken of; it may be the one after the table's last.
    expected
        Expected callers, (rankers, units known when the week begins).
    lift
        How the week's season and rain differ from those that a plain ranker has counted,
        (rankers, groups); 1 for rankers that know of them.
    """

    week: int
    expected: Floats
    lift: Floats


def name_rankers(*, dated: bool) -> tuple[str, ...]:
    """List the rankers from the plainest on; those that ask for dates only where there are any."""
    counts = [f"count_{w}" for w in WINDOWS]
    means = [f"ewma_{a:g}" for a in ALPHAS]
    rings = [f"ring_{w}" for w in RINGS]
    return (*counts, *means, *rings, "states", *(["states_dated"] if dated else []), "mixture")


def count_fitted(name: str) -> int:
    """Count the numbers that a ranker fits to the cases; the fewer, the simpler it is.

    Windows, rates and chances are set beforehand and suit no city in particular.

    >>> [count_fitted(name) for name in ("count_4", "ewma_0.1", "ring_4", "states", "mixture")]
    [0, 0, 0, 0, 8]
    """
    return len(HALF_LIVES) + len(RINGS) + 2 if name == "mixture" else 0


def walk_weeks(
    weekly: Weekly, exposure: Exposure, *, first: int, model: states.Model
) -> Iterator[Forecast]:
    """Forecast the weeks from `first` on, and at last the one after the table's end.

    Each forecast knows the weeks before its own and nothing else.
    """
    memory = _Memory(weekly, exposure, model)
    for week in range(weekly.weeks + 1):
        expected = memory.expect()
        if week >= first:
            yield Forecast(week, expected, memory.lift())
        del expected  # large, and not to be held while the next is made
        if week < weekly.weeks:
            memory.learn(week)


class _Memory:
    """What the rankers have kept of the weeks so far; a unit not heard of yet is all noughts."""

    def __init__(self, weekly: Weekly, exposure: Exposure, model: states.Model) -> None:
        n = len(weekly.units)
        self.weekly = weekly
        self.known = exposure.known.clip(_LEAST_EXPOSURE)
        self.awaited = exposure.expected.clip(_LEAST_EXPOSURE)
        self.neighbours = Neighbours(weekly)
        self.counts = np.zeros((len(WINDOWS), n))
        self.means = np.zeros((len(ALPHAS), n))
        self.halves = np.zeros((len(HALF_LIVES), n))
        self.exposed = np.zeros((len(HALF_LIVES), len(weekly.groups)))
        # Only at a unit that was ever rectified do dates make a difference.
        self.undated = _Belief(weekly, np.arange(n), states.build_chain(model))
        self.dated = _Belief(weekly, np.unique(weekly.done.indices), self.undated.chain)
        self.n_live = 2 if weekly.done.nnz > 0 else 1
        self.mixture = _Mixture(len(HALF_LIVES) + len(RINGS) + 2)
        self.features = np.empty((len(self.mixture.weights), n))  # of the known, what it weighs
        self.seen = 0

    def expect(self) -> Floats:
        """Give every ranker's expectation of the coming week, (rankers, units known)."""
        n, (plain, live) = int(self.weekly.n_known[self.seen]), (len(_KERNELS), self.n_live)
        expected = np.empty((plain + live + 1, n))
        counts = self.counts / np.minimum(np.array(WINDOWS), max(self.seen, 1))[:, None]
        counts[1:] += _TIE * counts[0]
        near = [
            (counts[i] + _RING_SHARE * self.neighbours.add_up(counts[i]))[:n]
            for i in map(WINDOWS.index, RINGS)
        ]
        np.concatenate([counts[:, :n], self.means[:, :n], near], out=expected[:plain])
        group, awaited = self.weekly.group[:n], self.awaited[:, self.seen]
        expected[plain:-1] = self.undated.expect(n)
        dated = self.dated.rows[self.dated.rows < n]
        expected[-2, dated] = self.dated.expect(len(dated))
        expected[plain:-1] *= awaited[group]
        worn = np.divide(awaited, self.exposed, where=self.exposed > 0, out=0 * self.exposed)
        features, halves = self.features[:, :n], len(HALF_LIVES)
        np.multiply(self.halves[:, :n], worn[:, group], out=features[:halves])
        features[halves:-2], features[-2], features[-1] = near, expected[-2], awaited[group]
        expected[-1] = self.mixture.expect(features)
        return expected

    def lift(self) -> Floats:
        """Give the coming week's exposure over the mean one that each plain ranker has counted."""
        past = self.known[:, : self.seen]
        if not self.seen:
            return np.ones((len(_KERNELS) + self.n_live + 1, len(past)))
        kernels = np.array([kernel(self.seen) for kernel in _KERNELS])
        level = kernels @ past.T / kernels.sum(axis=1, keepdims=True)
        lift = self.awaited[:, self.seen] / level
        return np.vstack([lift, np.ones((self.n_live + 1, len(past)))])

    def learn(self, week: int) -> None:
        """Take in the calls and the works of a week."""
        calls, n = self.weekly.week(week), int(self.weekly.n_known[week])
        if self.seen:
            self.mixture.learn(self.features[:, :n], calls[:n])
        for i, window in enumerate(WINDOWS):
            gone = self.weekly.week(week - window) if week >= window else 0.0
            self.counts[i] += calls - gone
        for i, alpha in enumerate(ALPHAS):
            self.means[i] += alpha * (calls - self.means[i])
        for i, half in enumerate(HALF_LIVES):
            self.halves[i] = 0.5 ** (1 / half) * self.halves[i] + calls
            self.exposed[i] = 0.5 ** (1 / half) * self.exposed[i] + self.known[:, week]
        done = self.weekly.week(week, self.weekly.done) > 0
        self.undated.learn(week, calls, np.zeros_like(done), self.known[:, week])
        self.dated.learn(week, calls, done, self.known[:, week])
        self.seen += 1


class _Belief:
    """What is believed of some units, the heavy part of the memory.

    Units not heard of yet share one belief per group, `unheard`, and get a row of their own when
    their first call comes.
    """

    def __init__(self, weekly: Weekly, rows: Ints, chain: states.Chain) -> None:
        self.weekly, self.rows, self.chain = weekly, rows, chain
        self.group = weekly.group[rows]
        self.own = np.empty((len(rows), len(chain.prior)))
        self.unheard = np.tile(chain.prior, (len(weekly.groups), 1))

    def expect(self, n: int) -> Floats:
        """Expect the calls of a plain week at the first `n` of the units."""
        return states.expect(self.own[:n], self.chain)

    def learn(self, week: int, calls: Floats, done: Flags, exposed: Floats) -> None:
        """Bring the belief up to date with a week's calls and works, of all units, and exposure."""
        before, after = np.searchsorted(self.rows, self.weekly.n_known[week : week + 2])
        self.own[before:after] = self.unheard[self.group[before:after]]
        for start in range(0, after, _AT_ONCE):
            some = slice(start, min(start + _AT_ONCE, after))
            rows, group = self.rows[some], self.group[some]
            seen = states.observe(self.own[some], calls[rows], exposed, group, self.chain)
            self.own[some] = states.advance(seen, done[rows], self.chain)
        silent, every = np.zeros(len(exposed)), np.arange(len(exposed))
        seen = states.observe(self.unheard, silent, exposed, every, self.chain)
        self.unheard = states.advance(seen, silent > 0, self.chain)


class _Mixture:
    """A non-negative Poisson mixture of features, learnt from each week as it ends.

    The weights solve the normal equations of weighted least squares, weeks before fading; the
    weight of a unit is one over what was expected of it, the variance of a Poisson count.
    """

    def __init__(self, n: int) -> None:
        self.weights = np.full(n, 1 / n)
        self.gram = np.zeros((n, n))
        self.answer = np.zeros(n)

    def expect(self, features: Floats) -> Floats:
        return self.weights @ features

    def learn(self, features: Floats, calls: Floats) -> None:
        precision = 1 / np.maximum(self.expect(features), _LEAST)
        fade = 0.5 ** (1 / _FADES)
        self.gram = fade * self.gram + (features * precision) @ features.T
        self.answer = fade * self.answer + features @ (precision * calls)
        ridge = 1e-6 * np.trace(self.gram) / len(self.gram) + 1e-9
        root = np.linalg.cholesky(self.gram + ridge * np.eye(len(self.gram)))
        from scipy.optimize import nnls  # noqa: PLC0415 - 0.1 s that a few weeks need not wait

        self.weights = nnls(root.T, np.linalg.solve(root, self.answer))[0]
