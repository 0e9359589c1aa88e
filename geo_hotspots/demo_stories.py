"""What is planted in the demo's year: rain, three stories, and further points of every pattern.

Days count from 0, `FIRST_DAY`. An event is one call about one planted point.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.demo_words import GROUP_WEEKS, LEAVES, POINTS, WORKS
from geo_hotspots.errors import PackError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FIRST_DAY = date(2018, 12, 31)
DAYS = 364
LOCKS, LEAK, POND = "停车管理->私装地锁", "物业管理->房屋漏雨", "市政设施->路面积水"
HEAVY_MM = 25.0  # 大雨 in a day
RAIN_MM = 8.0  # from here on roofs leak

# First and last day of a spell, and its calls, at both buildings of the first story.
_LOCK_SPELLS = (
    ("2019-02-10", "2019-02-20", 1), ("2019-05-04", "2019-05-31", 6),
    ("2019-06-01", "2019-06-20", 12), ("2019-06-21", "2019-06-21", 16),
    ("2019-06-22", "2019-06-26", 9), ("2019-08-12", "2019-10-14", 18),
    ("2019-11-25", "2019-12-29", 18),
)  # fmt: skip
_LOCK_WORKS = (("2019-06-27", "拆除私装地锁230个"), ("2019-10-15", "再次拆除私装地锁46个"))

_WET_DAYS = (1, 2, 2, 4, 5, 9, 13, 11, 7, 4, 2, 2)  # per month, January first
_MEAN_MM = (0.8, 1.5, 2.5, 6, 8, 11, 17, 15, 9, 5, 3, 1.0)
_HEAVY = {"2019-07-05": 38.2, "2019-07-22": 61.5, "2019-07-29": 44.0, "2019-08-04": 52.7,
          "2019-08-20": 29.3, "2019-09-09": 47.6, "2019-10-04": 26.1}  # fmt: skip
_SNOW = {"2019-02-12": 3.1, "2019-11-29": 5.2, "2019-11-30": 2.4, "2019-12-15": 8.6,
         "2019-12-16": 4.9}  # fmt: skip

# Calls a week by pattern: (week, rate) pairs, straight lines between them.
_COURSES: dict[str, tuple[tuple[float, float], ...]] = {
    "persistent": ((0, 0.9), (51, 1.1)),
    "intensifying": ((27, 0.0), (30, 0.3), (40, 0.8), (51, 3.2)),
    "diminishing": ((0, 0.8), (24, 2.4), (33, 2.6), (40, 1.0), (51, 0.8)),
    "new": ((47.4, 0.0), (47.6, 2.6), (51, 2.8)),
    "quiet": ((3, 0.4), (14, 1.2), (34, 1.0), (37, 0.0)),
    "rebounding": ((4, 0.4), (18, 1.8), (21.9, 1.8), (22, 0.0), (33, 0.0), (34, 1.0), (51, 1.4)),
}
_QUIET_WEEK, _REBOUND_WEEK = 37, 22  # the works that end these are done in this week
_SPORADIC_EVERY = (6, 15, 24, 33, 42, 50)


class Point(NamedTuple):
    """One planted point: what is said about which address, on which days."""

    story: int
    address: int
    category: str
    pattern: str
    days: Ints


@dataclass(frozen=True)
class Plan:
    """All planted calls.

    Attributes
    ----------
    events
        `point`, `address` (position), `category` (two levels), `day`, `caller`.
    points
        Indexed by `point`: `story` (0 for none), `name`, `category`, `pattern`.
    rectifications
        整改台账, with the headers that an office uses.
    """

    events: pd.DataFrame
    points: pd.DataFrame
    rectifications: pd.DataFrame


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
    fell[_days(rain["日期"])] = rain["降雨量"]
    return fell


def category_of(path: str) -> str:
    """Give the two upper levels of a category, which is what a point is about.

    >>> category_of("噪声扰民->施工噪声->夜间施工"), category_of("停车管理->私装地锁")
    ('噪声扰民->施工噪声', '停车管理->私装地锁')
    """
    return "->".join(path.split("->")[:2])


def _days(dates: pd.Series | pd.Index) -> Ints:
    since = pd.DatetimeIndex(dates) - pd.Timestamp(FIRST_DAY)
    return np.asarray(since // pd.Timedelta(days=1), dtype=np.int64)


def plan_points(
    addresses: pd.DataFrame, rain: pd.DataFrame, rng: np.random.Generator, *, first_caller: int
) -> Plan:
    """Plant the stories and the further points; nobody calls about two of them.

    Raises
    ------
    PackError
        The pack does not know the places of the stories, or has too few for all points.
    """
    fell = rain_per_day(rain)
    stories = [*_tell_locks(addresses, rng), *_tell_rain(addresses, fell, rng)]
    others = _plan_others(addresses, fell, rng, taken=[s.address for s in stories])
    planned = stories + others
    frames, caller = [], first_caller
    for point, plan in enumerate(planned, start=1):
        people = _share_calls(len(plan.days), plan.pattern, rng)
        frames.append(
            pd.DataFrame({"point": point, "address": plan.address, "category": plan.category,
                          "day": np.sort(plan.days), "caller": caller + people})
        )  # fmt: skip
        caller += int(people.max()) + 1
    points = pd.DataFrame(
        planned, columns=Point._fields, index=pd.RangeIndex(1, len(planned) + 1, name="point")
    )
    points["name"] = addresses["key"].to_numpy()[points["address"].to_numpy()]
    columns = ["story", "name", "category", "pattern"]
    return Plan(pd.concat(frames, ignore_index=True), points[columns], _list_works(points))


def _share_calls(n: int, pattern: str, rng: np.random.Generator) -> Ints:
    """Say who makes each of `n` calls: many people, of whom some ring again."""
    if pattern == "single_caller":
        return np.zeros(n, dtype=np.int64)
    people = max(min(n, 4), round(n * (0.92 if pattern == "group" else 0.62)))
    again = rng.integers(0, people, n - people)
    return rng.permutation(np.concatenate([np.arange(people), again])).astype(np.int64)


def _find(addresses: pd.DataFrame, keys: tuple[str, ...]) -> list[int]:
    """Find the positions of a story's addresses."""
    at = pd.Index(addresses["key"]).get_indexer(pd.Index(keys))
    if (at < 0).any():
        missing = keys[int(np.argmin(at))]
        raise PackError(
            f"边界包中没有 {missing!r},演示讲不成;请用内置的 dongcheng",
            f"the pack has no {missing!r}, which the demo's story needs; use 'dongcheng'",
        )
    return [int(i) for i in at]


def _tell_locks(addresses: pd.DataFrame, rng: np.random.Generator) -> list[Point]:
    """Tell the first story, three calls at building 2 to each two at building 3."""
    at = _find(addresses, ("忠实里西区2号楼", "忠实里西区3号楼"))
    spells = [(_days(pd.Index(spell[:2])), spell[2]) for spell in _LOCK_SPELLS]
    days = np.concatenate([rng.integers(ends[0], ends[1] + 1, n) for ends, n in spells])
    order = np.concatenate([np.arange(n) for _, n in spells])
    second = order % 5 % 2 == 1
    return [
        Point(1, at[0], LOCKS, "rebounding", days[~second]),
        Point(1, at[1], LOCKS, "rebounding", days[second]),
    ]


def _tell_rain(addresses: pd.DataFrame, fell: Floats, rng: np.random.Generator) -> list[Point]:
    """Tell the second story (leaks) and the third (ponding)."""
    leak = _find(addresses, ("前门东大街2号楼",))[0]
    ponds = _pond_addresses(addresses)
    told = [Point(2, leak, LEAK, "rain", _leak_days(fell, rng, calls=1.5))]
    return told + [Point(3, a, POND, "rain", _pond_days(fell, rng, calls=1.6)) for a in ponds]


def _pond_addresses(addresses: pd.DataFrame) -> list[int]:
    """Choose doors of the hutongs of 赵家楼, no two of one name next to each other."""
    is_there = addresses["name"].str.contains("赵家楼") & (addresses["form"] == "door")
    doors = addresses[is_there].groupby("name").nth([1, 4])
    if doors.empty:
        _find(addresses, ("赵家楼胡同",))
    return [int(i) for i in doors.index[:5]]


def _leak_days(fell: Floats, rng: np.random.Generator, *, calls: float) -> Ints:
    """Give the days of calls: on each day of rain or snow melt and the two after it."""
    snow = np.zeros(DAYS)
    snow[_days(pd.Index(list(_SNOW)))] = 0.5
    rate = np.where(fell >= RAIN_MM, calls * np.minimum(fell / 20, 2.5), 0) + snow
    lag = rng.choice(3, size=(DAYS, 12), p=[0.45, 0.4, 0.15])
    return _spread(rng.poisson(rate), lag)


def _pond_days(fell: Floats, rng: np.random.Generator, *, calls: float) -> Ints:
    """Give the days of calls: mostly the morning after a night of heavy rain."""
    rate = np.where(fell >= HEAVY_MM, calls * fell / 40, 0)
    lag = rng.choice(2, size=(DAYS, 12), p=[0.2, 0.8])
    return _spread(rng.poisson(rate), lag)


def _spread(counts: npt.NDArray[np.int64], lag: npt.NDArray[np.int64]) -> Ints:
    day = np.repeat(np.arange(DAYS), np.minimum(counts, lag.shape[1]))
    which = np.concatenate([np.arange(c) for c in np.minimum(counts, lag.shape[1])])
    days: Ints = np.minimum(day + lag[day, which.astype(np.int64)], DAYS - 1)
    return days


def _plan_others(
    addresses: pd.DataFrame, fell: Floats, rng: np.random.Generator, *, taken: list[int]
) -> list[Point]:
    """Plan the further points, each at an address of a place where no other is."""
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
                "边界包的地点太少,放不下演示点位;请用内置的 dongcheng",
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
        rains = _pond_days if category == POND else _leak_days
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


def _list_works(points: pd.DataFrame) -> pd.DataFrame:
    """Write the 整改台账: what was done about which point, by whom, on which day."""
    last = points["category"].str.rpartition("->")[2]
    rows = [
        (name, LOCKS.rpartition("->")[2], day, work, "东花市街道办事处")
        for name in points.loc[(points["story"] == 1), "name"]
        for day, work in _LOCK_WORKS
    ]
    week = points["pattern"].map({"quiet": _QUIET_WEEK, "rebounding": _REBOUND_WEEK})
    for at in points.index[(points["story"] == 0) & week.notna()]:
        day = pd.Timestamp(FIRST_DAY) + pd.Timedelta(days=7 * int(week[at]) + at % 5)
        row = (points["name"][at], last[at], f"{day:%Y-%m-%d}", WORKS[last[at]], "属地街道办事处")
        rows.append(row)
    headers = ["点位名称", "类别", "整改日期", "整改内容", "整改单位"]
    return pd.DataFrame(rows, columns=headers).sort_values(
        ["整改日期", "点位名称"], ignore_index=True
    )
