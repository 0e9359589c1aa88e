"""Was last week's list right: how many of its points had a caller, how many callers it caught."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from geo_hotspots.words import Words

WEEK_DAYS = 7


@dataclass(frozen=True)
class LookBack:
    """How last week's list fared in the seven days up to `last`."""

    last: date
    n_points: int
    n_hit: int  # points that had a caller
    n_quiet: int  # points that were visited and had none: no miss
    caught: int  # callers at listed points
    callers: int  # located callers in all
    is_kept: bool  # the list as it was given out, not one made again

    def tell(self) -> Words:
        """Say it in one sentence for the first page of the next list."""
        first = self.last - timedelta(days=WEEK_DAYS - 1)
        rate = f"{100 * self.caught / self.callers:.1f}%" if self.callers else "—"
        which = (
            Words("上周清单", "Last week's list")
            if self.is_kept
            else Words(
                "上周清单（按一周前的数据重排）",
                "Last week's list (made again from the cases then)",
            )
        )
        quiet = (
            Words(f"，{self.n_quiet}个巡查后未再来电", f", {self.n_quiet} were visited and quiet")
            if self.n_quiet
            else Words("", "")
        )
        return Words(
            f"{which.zh}：{self.n_points}个点位中，{self.n_hit}个在{first.month}月{first.day}日至"
            f"{self.last.month}月{self.last.day}日有来电{quiet.zh}；命中{self.caught}人次，"
            f"占已定位来电{self.callers}人次的{rate}。",
            f"{which.en}: {self.n_hit} of {self.n_points} points had a caller from {first} to "
            f"{self.last}{quiet.en}; it caught {self.caught} of {self.callers} located callers "
            f"({rate}).",
        )


def look_back(
    listed: Collection[str],
    cases: pd.DataFrame,
    *,
    as_of: date,
    is_kept: bool,
    visited: Collection[str] = (),
) -> LookBack:
    """Hold a list against the seven days up to `as_of`.

    Parameters
    ----------
    listed
        Its `hotspot_id`s.
    cases
        `hotspot_id` (every located case has one here, listed or not), `reported_at` and `weight`
        (1 for a fresh caller, less for a nameless one, 0
        for one who rang again within a week).
    visited
        `hotspot_id`s visited in these days.
    """
    start = pd.Timestamp(as_of) - pd.Timedelta(days=WEEK_DAYS - 1)
    week = cases[cases["reported_at"] >= start]
    calls = week.groupby("hotspot_id")["weight"].sum()
    caught = calls[calls.index.isin(list(listed)) & (calls > 0)]
    quiet = set(listed) & set(visited) - set(calls.index)
    return LookBack(
        last=as_of, n_points=len(listed), n_hit=len(caught), n_quiet=len(quiet),
        caught=round(float(caught.sum())), callers=round(float(calls.sum())), is_kept=is_kept,
    )  # fmt: skip
