"""What chance brings to a spot: how many callers, and how surely.

The callers of one category at one spot are negative binomial. Their mean is the spot's own bustle
times the category's share: the bustle is learnt from the spot's *other* categories, so that a
busy building explains its bustle and no category explains itself, and both are shrunk towards the
spots around it (empirical Bayes: Robbins 1956, Clayton & Kaldor 1987). Their spread is learnt from
the pairs of spot and category with few callers, which hot spots hardly touch (the zero assumption
of Efron 2004, JASA 99, 96-104).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, gammaln

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_SIZES = np.geomspace(0.2, 50, 19)  # what a spread may be: from wild to almost Poisson
_USUAL = 2.0  # what a size is taken for where the cases do not say
_FEW = 2  # callers; what lies above tells nothing of the spread
_SAMPLE = 200_000  # pairs that the spread is learnt from


class Tally(NamedTuple):
    """Callers of a year by where and what.

    Attributes
    ----------
    spot, group, n
        Codes of each pair of spot and category that has cases, and its callers.
    area, kind
        Of each spot: the compound or road that it is part of, and what kind of place it is.
    n_groups
        How many categories there are.
    """

    spot: Ints
    group: Ints
    n: Floats
    area: Ints
    kind: Ints
    n_groups: int


class Chance(NamedTuple):
    """What chance brings to each of several pairs: mean and size of a negative binomial."""

    mean: Floats
    size: Floats

    def take(self, which: Ints) -> "Chance":
        """Give the chances of some pairs."""
        return Chance(self.mean[which], self.size[which])


class Prospect(NamedTuple):
    """What chance brings to the pairs with cases, and to a sample of all pairs there are."""

    pairs: Chance
    sample: Chance
    weight: float  # pairs that one of the sample stands for


def expect_callers(tally: Tally) -> Prospect:
    """Expect, for each pair of the tally, the callers that chance brings."""
    city = _learn(tally)
    spot, group, n, weight = _sample(tally)
    few, groups = n <= _FEW, city.by_kind.shape[1]
    trial = (spot[few], group[few], n[few])
    doubt = np.log(_SIZES / _USUAL) ** 2 / 2
    judge = city.ponder(*trial)
    tastes = (judge(float(taste)).spread(_USUAL) for taste in _SIZES)
    gains = np.array([_gain(chance, trial, groups).sum() for chance in tastes]) - doubt
    city = city._replace(taste=float(_SIZES[np.argmax(gains)]))
    guess = judge(city.taste)
    by_group = np.array([_gain(guess.spread(s), trial, groups) for s in _SIZES])
    # Each category by its own pairs and, lest it have few, one category's worth of all pairs.
    common = by_group.mean(axis=1) - doubt
    spread = _SIZES[np.argmax(by_group + common[:, None], axis=0)]
    pairs = city.foresee(tally.spot, tally.group, tally.n).spread(spread[tally.group])
    return Prospect(pairs, city.foresee(spot, group, n).spread(spread[group]), weight)


def set_aside(tally: Tally, is_listed: npt.NDArray[np.bool_], chance: Chance) -> Tally:
    """Leave out of a tally what is listed, above what chance brings there.

    Hot spots must not teach the city what is usual.
    """
    return tally._replace(n=np.where(is_listed, np.minimum(tally.n, chance.mean), tally.n))


def expect_spots(tally: Tally) -> Chance:
    """Expect, for each spot, the callers about everything: what the spots around it have.

    The size is the shape of the gamma distribution that spots of equal surroundings have.
    """
    city = _learn(tally)
    return Chance(city.prior, np.full(len(city.prior), city.shape))


class _Guess(NamedTuple):
    """What is expected of pairs, before anything is said of their category's spread."""

    mean: Floats
    doubt: Floats  # one more than the squared coefficient of variation

    def spread(self, spread: Floats | float) -> Chance:
        """Say it with the size of a category's own spread."""
        return Chance(self.mean, 1 / (self.doubt * (1 + 1 / spread) - 1))


class _City(NamedTuple):
    """What the city, its areas and kinds of places show; tables are area or kind x group."""

    total: Floats  # callers by spot
    prior: Floats  # by spot, what the spots around it lead one to expect
    shape: float  # of the gamma distribution of spots of equal prior
    by_area: Floats
    by_kind: Floats
    area: Ints
    kind: Ints
    taste: float  # of the gamma distribution of what areas of one kind complain about

    def foresee(self, spot: Ints, group: Ints, n: Floats) -> _Guess:
        """Judge pairs, each without its own spot's callers."""
        return self.ponder(spot, group, n)(self.taste)

    def ponder(self, spot: Ints, group: Ints, n: Floats) -> Callable[[float], _Guess]:
        """Judge pairs as `foresee` does, by any taste; what does not hang on it is done once."""
        total, city = self.total[spot], self.by_kind.sum(axis=0)
        plain = (city[group] - n + 0.5) / (city.sum() + 0.5 * len(city))
        tables = ((self.by_kind, self.kind[spot]), (self.by_area, self.area[spot]))
        rest = [(t[row, group] - n, t.sum(axis=1)[row] - total) for t, row in tables]
        known, odds = total - n + self.shape, self.shape / self.prior[spot]

        def judge(taste: float) -> _Guess:
            # What is complained about leans to what the rest of its kind, then of its area, does.
            share, seen = plain, n
            for alike, others in rest:
                seen = alike + taste
                share = share * seen / (others * share + taste)
            share = np.clip(share, 1e-6, 0.95)
            # What is uncertain of each factor multiplies (squared coefficients of variation).
            return _Guess(share * known / (1 - share + odds), (1 + 1 / known) * (1 + 1 / seen))

        return judge


def _learn(tally: Tally) -> _City:
    """Learn from all pairs."""
    total = np.bincount(tally.spot, tally.n, minlength=len(tally.area)).astype(float)
    by_area = _cross(tally.area[tally.spot], tally.group, tally.n, tally.n_groups)
    by_kind = _cross(tally.kind[tally.spot], tally.group, tally.n, tally.n_groups)
    prior = _prior(total, tally.area, tally.kind)
    excess = np.sum((total - prior) ** 2 - total)
    shape = float(np.clip(np.sum(prior**2) / max(excess, 1e-9), 0.1, 100.0))
    return _City(total, prior, shape, by_area, by_kind, tally.area, tally.kind, taste=_USUAL)


def _cross(row: Ints, column: Ints, n: Floats, columns: int) -> Floats:
    rows = int(row.max(initial=0)) + 1
    flat: Floats = np.bincount(row * columns + column, n, minlength=rows * columns).astype(float)
    return flat.reshape(rows, columns)


def _prior(total: Floats, area: Ints, kind: Ints) -> Floats:
    """Expect of a spot half the mean of its area's other spots, half that of its kind."""
    by_kind = np.bincount(kind, total) / np.maximum(np.bincount(kind), 1)
    others = np.bincount(area)[area] - 1
    around = (np.bincount(area, total)[area] - total) / np.maximum(others, 1)
    return np.where(others > 0, (around + by_kind[kind]) / 2, by_kind[kind])


def _sample(tally: Tally) -> tuple[Ints, Ints, Floats, float]:
    """Give all pairs of some spots, those without a case too: spot, group, n, and their weight."""
    n_spots, n_groups = len(tally.area), tally.n_groups
    step = max(1, -(-n_spots * n_groups // _SAMPLE))
    row, skipped = np.divmod(tally.spot, step)
    full = np.zeros((-(-n_spots // step), n_groups))
    is_in = skipped == 0
    np.add.at(full, (row[is_in], tally.group[is_in]), tally.n[is_in])
    row, group = np.divmod(np.arange(full.size), n_groups)
    return row * step, group, full.ravel(), n_spots / len(full)


def _gain(chance: Chance, trial: tuple[Ints, Ints, Floats], groups: int) -> Floats:
    """Add up by group the log-likelihood of pairs of few callers, given that they are few."""
    _, group, n = trial
    mean, size = chance
    odds = mean / (size + mean)
    one, two = size * odds, size * (size + 1) / 2 * odds**2  # against none
    mine = np.where(n < 1, 1.0, np.where(n < 2, one, two))  # noqa: PLR2004 - two callers
    gain = np.log(mine / (1 + one + two))
    return np.bincount(group, gain, minlength=groups).astype(float)


def log_pmf(k: Floats | float, mean: Floats, size: Floats) -> Floats:
    """Give the logarithm of the negative binomial's chance of exactly `k`."""
    ways = gammaln(k + size) - gammaln(size) - gammaln(k + 1)
    out: Floats = ways - size * np.log1p(mean / size) - k * np.log1p(size / mean)
    return out


def tail(k: Floats, mean: Floats, size: Floats) -> Floats:
    """Give the negative binomial's chance of `k` or more."""
    out: Floats = np.where(k <= 0, 1.0, betainc(np.maximum(k, 1), size, mean / (size + mean)))
    return out


def scan_tail(k: Floats, mean: Floats, size: Floats, share: Floats | float) -> Floats:
    """Give the chance that some window of the time holds `k` or more.

    A window that holds `share` of the time slides over it; it rises to `k` about
    (1/share - 1) (k P(k) - (k+1) P(k+1)) times (Alm's approximation for a Poisson process, 1983,
    averaged over the gamma distribution that makes it negative binomial).

    Parameters
    ----------
    k
        Callers in the densest window.
    mean, size
        Of one window's callers.
    share
        Of all callers that a window is expected to hold, above 0, to 1.
    """
    _, rises = _rise(k, mean, size, share)
    out: Floats = np.minimum(tail(k, mean, size) + rises, 1.0)
    return out


def scan_tails(k: Floats, mean: Floats, size: Floats, share: Floats | float) -> Floats:
    """Give `scan_tail` for a column of `k`, each one more than the one above it, by adding up."""
    exactly, rises = _rise(k, mean, size, share)
    sums = np.cumsum(np.vstack([tail(k[-1:], mean, size), exactly[-2::-1]]), axis=0)[::-1]
    out: Floats = np.minimum(sums + rises, 1.0)
    return out


def scan_floor(k: Floats, mean: Floats, size: Floats, share: Floats | float) -> Floats:
    """Give what `scan_tail` is at least, at a third of its cost.

    Up to the mode of a negative binomial, which is no larger than its median, the tail is a half
    or more (van de Ven & Weber 1993, Metrika 40, 185-189).
    """
    exactly, rises = _rise(k, mean, size, share)
    least = np.where(k <= mean * (size - 1) / size, 0.5, exactly)
    out: Floats = np.minimum(least + rises, 1.0)
    return out


def _rise(k: Floats, mean: Floats, size: Floats, share: Floats | float) -> tuple[Floats, Floats]:
    """Give P(k), and how often a window that slides over the time rises to `k`."""
    exactly = np.exp(log_pmf(k, mean, size))
    one_more = exactly * (k + size) / (k + 1) * (mean / (size + mean))
    rises = np.maximum(k * exactly - (k + 1) * one_more, 0)
    return exactly, (1 / share - 1) * rises
