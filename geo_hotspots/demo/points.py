"""The planted points: what each one is, and those of every pattern besides the stories."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from geo_hotspots.demo.draw import Floats, Ints
from geo_hotspots.demo.rain import DAYS, POND, leak_days, pond_days
from geo_hotspots.demo.words import GROUP_WEEKS, LEAVES, POINTS
from geo_hotspots.errors import PackError

# Calls a week by pattern: (week, rate) pairs, straight lines between them.
_COURSES: dict[str, tuple[tuple[float, float], ...]] = {
    "persistent": ((0, 0.9), (51, 1.1)),
    "intensifying": ((27, 0.0), (30, 0.3), (40, 0.8), (51, 3.2)),
    "diminishing": ((0, 0.8), (24, 2.4), (33, 2.6), (40, 1.0), (51, 0.8)),
    "new": ((47.4, 0.0), (47.6, 2.6), (51, 2.8)),
    "quiet": ((3, 0.4), (14, 1.2), (34, 1.0), (37, 0.0)),
    "rebounding": ((4, 0.4), (18, 1.8), (21.9, 1.8), (22, 0.0), (33, 0.0), (34, 1.0), (51, 1.4)),
}
QUIET_WEEK, REBOUND_WEEK = 37, 22  # the works that end these are done in this week
_SPORADIC_EVERY = (6, 15, 24, 33, 42, 50)


class Point(NamedTuple):
    """One planted point: what is said about which address, on which days."""

    story: int
    address: int
    category: str
    pattern: str
    days: Ints


def category_of(path: str) -> str:
    """Give the two upper levels of a category, which is what a point is about.

    >>> category_of("噪声扰民->施工噪声->夜间施工"), category_of("停车管理->私装地锁")
    ('噪声扰民->施工噪声', '停车管理->私装地锁')
    """
    return "->".join(path.split("->")[:2])


def plan_others(
    addresses: pd.DataFrame, fell: Floats, rng: np.random.Generator, *, taken: list[int]
) -> list[Point]:
    """Plan the further points, each at an address of a place where no other is.

    Raises
    ------
    PackError
        The pack has too few places.
    """
    wanted = [(p, c) for p, c, count in POINTS for _ in range(count)]
    where = {category_of(leaf.path): leaf.where for leaf in LEAVES}
    used = set(addresses["name"].to_numpy()[taken])
    groups = iter(GROUP_WEEKS)
    planned: list[Point] = []
    order = rng.permutation(len(addresses))
    names, kinds = addresses["name"].to_numpy()[order], addresses["where"].to_numpy()[order]
    for pattern, category in wanted:
        # At homes and doors only: nothing of weight is made up about a named institution.
        fits = np.isin(kinds, list(set(where[category]) & set("hd")))
        free = (int(i) for i in np.flatnonzero(fits) if names[i] not in used)
        found = next(free, None)
        if found is None:
            raise PackError(
                "边界包的地点太少，放不下演示点位；请用内置的 dongcheng",
                "the pack has too few places for the demo's points; use 'dongcheng'",
            )
        used.add(names[found])
        days = _days_of(
            pattern, category, fell, rng, week=next(groups) if pattern == "group" else 0
        )
        planned.append(Point(0, int(order[found]), category, pattern, days))
    return planned


def _days_of(
    pattern: str, category: str, fell: Floats, rng: np.random.Generator, *, week: int
) -> Ints:
    """Draw the days of one point's calls by its pattern."""
    if pattern == "rain":
        rains = pond_days if category == POND else leak_days
        return rains(fell, rng, calls=1.2)
    if pattern == "single_caller":
        start, n = rng.integers(30, DAYS - 90), rng.integers(5, 13)
        return np.sort(start + rng.choice(90, size=n, replace=False)).astype(np.int64)
    if pattern == "group":
        burst = week * 7 + rng.integers(0, 7, rng.integers(24, 36))
        return np.append(burst, np.minimum(burst[:3] + 9, DAYS - 1)).astype(np.int64)
    if pattern == "sporadic":
        return np.concatenate([w * 7 + rng.integers(0, 7, 4) for w in _SPORADIC_EVERY])
    weeks, rates = zip(*_COURSES[pattern], strict=True)
    daily = np.interp((np.arange(DAYS) + 0.5) / 7, weeks, rates) / 7
    days = np.repeat(np.arange(DAYS), rng.poisson(daily))
    # Chance may not leave a planted point without the calls that make it one.
    least = rng.choice(DAYS, size=6, replace=False, p=daily / daily.sum())
    return (days if len(days) >= len(least) else least).astype(np.int64)
