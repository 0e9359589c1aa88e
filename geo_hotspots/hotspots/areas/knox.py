"""Near repeats: how much likelier another case is near a case and soon after it.

A category with near repeats rewards going round the neighbourhood at once; one without is as
likely to come up anywhere, however often the same place repeats over the year.

References
----------
Knox, E. G. (1964). The detection of space-time interactions. Applied Statistics, 13(1), 25-29.
Barton, D. E. & David, F. N. (1966). The random intersection of two graphs. In F. N. David (Ed.),
Research papers in statistics. Wiley. The variance under shuffling.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from geo_hotspots.hotspots.areas.groups import rows_by_group
from geo_hotspots.hotspots.areas.tails import adjust_chances, upper_tail
from geo_hotspots.hotspots.points.linkage import local_metres
from geo_hotspots.spread import ALONE, Crew

Floats = npt.NDArray[np.float64]

NEAR_METRES = 200.0
NEAR_DAYS = 14.0
LEAST_CASES = 30  # of a category
_HISTORY_DAYS = 364
_MOST_CASES = 20_000  # of a category, the latest: pairs grow with the square
_MOST_PAIRS = 4_000_000  # looked at, half a gigabyte; where all lies at one address, fewer cases
_SLACK = 1 + 1e-9  # division may push a pair over the limit that is just on it
NEAR_COLUMNS = ("group", "n", "n_pairs", "expected", "ratio", "pvalue", "qvalue")


@dataclass(frozen=True)
class Knox:
    """Pairs of cases by whether they are near in space (rows) and in time (columns)."""

    table: tuple[tuple[int, int], tuple[int, int]]
    expected: float  # pairs near in both, were the days shuffled among the places
    variance: float
    pvalue: float  # of as many pairs or more

    @property
    def n_near(self) -> int:
        """Count the pairs that are near in space and in time."""
        return self.table[0][0]


def knox(xy: Floats, days: Floats, *, within_metres: float, within_days: float) -> Knox:
    """Count the pairs of cases that are near in space and in time, and how many chance brings.

    The mean and the variance under all shuffles are known in closed form; the tail is that of
    the negative binomial with both (of the Poisson where the variance is no larger).

    Parameters
    ----------
    xy
        Places in metres, shape (n, 2).
    days
        Times in days.
    within_metres, within_days
        What is near; the limits are included.
    """
    n = len(days)
    near = np.asarray(cKDTree(xy).query_ball_point(xy, within_metres, return_length=True)) - 1
    ordered = np.sort(days)
    soon = (np.searchsorted(ordered, days + within_days, side="right")
            - np.searchsorted(ordered, days - within_days, side="left") - 1)  # fmt: skip
    n_near, n_soon = int(near.sum()) // 2, int(soon.sum()) // 2
    both = _near_in_both(xy, days, within_metres, within_days)
    far = n * (n - 1) // 2 - n_near - n_soon + both
    expected, variance = _moments(near, soon)
    spread = variance - expected
    size = expected**2 / spread if spread > 0 else np.inf
    chance = float(upper_tail(np.array(both), np.array(expected), size))
    return Knox(((both, n_near - both), (n_soon - both, far)), expected, variance, chance)


def _near_in_both(xy: Floats, days: Floats, within_metres: float, within_days: float) -> int:
    """Count the pairs near in both; only pairs of a common cube of space and time are looked at."""
    tree = _in_cubes(xy, days, within_metres, within_days)
    i, j = tree.query_pairs(_SLACK, p=np.inf, output_type="ndarray").T
    is_near = np.hypot(*(xy[i] - xy[j]).T) <= within_metres
    return int((is_near & (np.abs(days[i] - days[j]) <= within_days)).sum())


def _in_cubes(xy: Floats, days: Floats, within_metres: float, within_days: float) -> cKDTree:
    """Lay cases out so that what is near in both is within one step along each axis."""
    return cKDTree(np.c_[xy / within_metres, days / within_days])


def _few_enough(xy: Floats, days: Floats) -> int:
    """Say how many of the cases, the latest last, can be looked at pair by pair."""
    n = min(len(days), _MOST_CASES)
    while n > LEAST_CASES:
        tree = _in_cubes(xy[-n:], days[-n:], NEAR_METRES, NEAR_DAYS)
        if bound_pairs(tree.data) <= _MOST_PAIRS:  # mostly, and a tenth of the work of counting
            break
        if (tree.count_neighbors(tree, _SLACK, p=np.inf) - n) // 2 <= _MOST_PAIRS:
            break
        n //= 2
    return n


def bound_pairs(points: Floats) -> int:
    """Bound the pairs of points within one step along each of three axes.

    They lie in one cube or in two that touch, and three times as many pairs beside them.
    """
    cube = np.floor(points / _SLACK).astype(np.int64)
    cube -= cube.min(axis=0) - 1
    strides = np.append(np.cumprod(cube.max(axis=0)[:0:-1] + 2)[::-1], 1)
    cubes, n = np.unique(cube @ strides, return_counts=True)
    touching = np.zeros(len(cubes), dtype=np.int64)
    for step in product((-1, 0, 1), repeat=3):
        other = cubes + strides @ step
        at = np.searchsorted(cubes, other).clip(max=len(cubes) - 1)
        touching += np.where(cubes[at] == other, n[at], 0)
    return int(n @ (touching - 1)) // 2


def _moments(near: npt.NDArray[np.int64], soon: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Give mean and variance of the pairs near in both, from each case's number of neighbours.

    Two pairs may be one, share a case, or be apart; each kind falls on near pairs of the
    other sort with its own chance.
    """
    n = float(len(near))
    pairs, paths = (np.array([a.sum() / 2.0, b.sum() / 2.0]) for a, b in (
        (near, soon), (near * (near - 1), soon * (soon - 1))))  # fmt: skip
    apart = pairs * (pairs - 1) - 2 * paths
    mean = 2 * pairs.prod() / (n * (n - 1))
    shared = 4 * paths.prod() / (n * (n - 1) * (n - 2))
    disjoint = 4 * apart.prod() / (n * (n - 1) * (n - 2) * (n - 3))
    return float(mean), float(mean + shared + disjoint - mean**2)


class Group(NamedTuple):
    """What is looked at of a category group, the latest case last."""

    name: str
    lng: Floats
    lat: Floats
    days: Floats


def begin_near(
    cases: pd.DataFrame, as_of: pd.Timestamp, *, crew: Crew = ALONE
) -> Iterator[tuple[Any, ...]]:
    """Begin to measure, for each category group, how much likelier another case is near and soon.

    Cases that weigh nothing, as a caller's second within a week, do not count, lest one person
    look like a spread.

    Parameters
    ----------
    cases
        `group`, `cell` (missing where a case has no point of its own), `lng`, `lat`,
        `reported_at`, `weight`, up to `as_of`; the last year of them counts.

    Returns
    -------
    lines
        For `list_near`, of the groups with 30 cases or more.
    """
    return crew.begin(_measure, _part_by_group(cases, as_of))


def list_near(lines: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
    """List what `begin_near` has begun.

    Returns
    -------
    near
        `NEAR_COLUMNS` of every group: the pairs within 200 m and 14 days, what shuffling expects,
        their ratio, the chance, and the Benjamini-Hochberg q; the surest first.
    """
    table = pd.DataFrame(lines, columns=list(NEAR_COLUMNS[:-1]))
    table["qvalue"] = adjust_chances(table["pvalue"].to_numpy(float))
    return table.sort_values(["pvalue", "group"], ignore_index=True)


def _part_by_group(cases: pd.DataFrame, as_of: pd.Timestamp) -> Iterator[Group]:
    """Give the cases that count, each group's by itself."""
    since = as_of.normalize() - pd.Timedelta(days=_HISTORY_DAYS - 1)
    at = cases["reported_at"]
    counts = (cases["cell"].notna() & (at >= since) & (cases["weight"] > 0)).to_numpy()
    for name, mine in rows_by_group(cases["group"], counts):
        if len(mine) < LEAST_CASES:
            continue
        latest = mine[np.argsort(at.to_numpy()[mine], kind="stable")][-_MOST_CASES:]
        days = (at.iloc[latest] - since).dt.total_seconds().to_numpy() / 86_400
        lng, lat = (cases[c].to_numpy(float)[latest] for c in ("lng", "lat"))
        yield Group(name, lng, lat, days)


def _measure(group: Group) -> tuple[Any, ...]:
    """Measure one group, by so many of its latest cases as can be looked at pair by pair."""
    xy = local_metres(group.lng, group.lat)
    n = _few_enough(xy, group.days)
    found = knox(xy[-n:], group.days[-n:], within_metres=NEAR_METRES, within_days=NEAR_DAYS)
    ratio = found.n_near / found.expected if found.expected else np.nan
    return group.name, n, found.n_near, found.expected, ratio, found.pvalue
