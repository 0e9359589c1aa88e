"""What is planted in the demo's year: three stories, and the works done about them.

Days count from 0, `FIRST_DAY`. An event is one call about one planted point.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_hotspots.demo.draw import Floats, Ints
from geo_hotspots.demo.points import QUIET_WEEK, REBOUND_WEEK, Point, plan_others
from geo_hotspots.demo.rain import (
    FIRST_DAY,
    LEAK,
    POND,
    days_of,
    leak_days,
    pond_days,
    rain_per_day,
)
from geo_hotspots.demo.words import WORKS
from geo_hotspots.errors import PackError

LOCKS = "停车管理->私装地锁"

# First and last day of a spell, and its calls, at both buildings of the first story.
_LOCK_SPELLS = (
    ("2019-02-10", "2019-02-20", 1), ("2019-05-04", "2019-05-31", 6),
    ("2019-06-01", "2019-06-20", 12), ("2019-06-21", "2019-06-21", 16),
    ("2019-06-22", "2019-06-26", 9), ("2019-08-12", "2019-10-14", 18),
    ("2019-11-25", "2019-12-29", 18),
)  # fmt: skip
_LOCK_WORKS = (("2019-06-27", "拆除私装地锁230个"), ("2019-10-15", "再次拆除私装地锁46个"))


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
    others = plan_others(addresses, fell, rng, taken=[s.address for s in stories])
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
            f"边界包中没有 {missing!r}，演示讲不成；请用内置的 dongcheng",
            f"the pack has no {missing!r}, which the demo's story needs; use 'dongcheng'",
        )
    return [int(i) for i in at]


def _tell_locks(addresses: pd.DataFrame, rng: np.random.Generator) -> list[Point]:
    """Tell the first story, three calls at building 2 to each two at building 3."""
    at = _find(addresses, ("忠实里西区2号楼", "忠实里西区3号楼"))
    spells = [(days_of(pd.Index(spell[:2])), spell[2]) for spell in _LOCK_SPELLS]
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
    told = [Point(2, leak, LEAK, "rain", leak_days(fell, rng, calls=1.5))]
    return told + [Point(3, a, POND, "rain", pond_days(fell, rng, calls=1.6)) for a in ponds]


def _pond_addresses(addresses: pd.DataFrame) -> list[int]:
    """Choose doors of the hutongs of 赵家楼, no two of one name next to each other."""
    is_there = addresses["name"].str.contains("赵家楼") & (addresses["form"] == "door")
    doors = addresses[is_there].groupby("name").nth([1, 4])
    if doors.empty:
        _find(addresses, ("赵家楼胡同",))
    return [int(i) for i in doors.index[:5]]


def _list_works(points: pd.DataFrame) -> pd.DataFrame:
    """Write the 整改台账: what was done about which point, by whom, on which day."""
    last = points["category"].str.rpartition("->")[2]
    rows = [
        (name, LOCKS.rpartition("->")[2], day, work, "东花市街道办事处")
        for name in points.loc[(points["story"] == 1), "name"]
        for day, work in _LOCK_WORKS
    ]
    week = points["pattern"].map({"quiet": QUIET_WEEK, "rebounding": REBOUND_WEEK})
    for at in points.index[(points["story"] == 0) & week.notna()]:
        day = pd.Timestamp(FIRST_DAY) + pd.Timedelta(days=7 * int(week[at]) + at % 5)
        row = (points["name"][at], last[at], f"{day:%Y-%m-%d}", WORKS[last[at]], "属地街道办事处")
        rows.append(row)
    headers = ["点位名称", "类别", "整改日期", "整改内容", "整改单位"]
    return pd.DataFrame(rows, columns=headers).sort_values(
        ["整改日期", "点位名称"], ignore_index=True
    )
