"""Where a point stands in its life: new, growing, lasting, fading, come back, or quiet.

Weeks count back from `as_of`. A spell is a run of weeks with cases in which no gap is longer
than `GAP_WEEKS`; a recorded rectification (整改) always ends the spell before it.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binomtest

Ints = npt.NDArray[np.int64]

WEEKS = 52
SPARK_WEEKS = 26  # what classes are judged on and cards draw
GAP_WEEKS = 3
_NEW_WEEKS = 6
_QUIET_WEEKS = 6
_HELD_DAYS = 21  # a rectification after which nobody called for so long has held so far
_GROWING_WEEKS = 8
_RATIO = 1.4
_LEVEL = 0.05
_LASTING_SHARE = 0.6
_REBOUND_CALLERS = 2


class Life(NamedTuple):
    """What has become of a point."""

    lifecycle: str
    days_since_rectified: float  # missing where nothing was rectified
    rebounds: int


def count_weeks(at: pd.Series, *, as_of: pd.Timestamp, weeks: int = WEEKS) -> Ints:
    """Count a point's cases per week, oldest first; the last week ends with the day `as_of`."""
    end = as_of.normalize() + pd.Timedelta(days=1)
    ago = ((end - at).dt.total_seconds() // (7 * 86_400)).astype("int64").to_numpy()
    inside = (ago >= 0) & (ago < weeks)
    return np.bincount(weeks - 1 - ago[inside], minlength=weeks).astype(np.int64)


def trace_life(
    cases: pd.DataFrame, rectified: pd.Series, *, as_of: pd.Timestamp, min_callers: int
) -> Life:
    """Classify one point from its cases and its rectifications.

    Parameters
    ----------
    cases
        `reported_at` and `caller` of the point's cases.
    rectified
        Days on which the point was rectified, up to `as_of`.
    min_callers
        Under so many cases nothing can be said.
    """
    done = rectified[rectified <= as_of.normalize()].sort_values()
    rebounds = _count_rebounds(cases, done)
    since = float((as_of.normalize() - done.iloc[-1]).days) if len(done) else float("nan")
    weekly = count_weeks(cases["reported_at"], as_of=as_of)
    if weekly.sum() < min_callers:
        return Life("insufficient", since, rebounds)
    if since >= _HELD_DAYS and _callers_after(cases, done.iloc[-1]) == 0:
        return Life("quiet", since, rebounds)
    is_back = len(done) > 0 and _callers_after(cases, done.iloc[-1]) >= _REBOUND_CALLERS
    return Life(_classify(weekly, _breaks(done, as_of), is_back=is_back), since, rebounds)


def _callers_after(cases: pd.DataFrame, day: pd.Timestamp) -> int:
    """Count who called after the day of a rectification; the nameless count one each."""
    later = cases[cases["reported_at"] >= day + pd.Timedelta(days=1)]
    return int(later["caller"].nunique() + later["caller"].isna().sum())


def _count_rebounds(cases: pd.DataFrame, done: pd.Series) -> int:
    """Count the rectifications after which the trouble came back before the next one."""
    ends = [*done.iloc[1:], pd.Timestamp.max]
    return sum(
        _callers_after(cases[cases["reported_at"] < end], day) >= _REBOUND_CALLERS
        for day, end in zip(done, ends, strict=False)
    )


def _breaks(done: pd.Series, as_of: pd.Timestamp) -> set[int]:
    """Give the weeks after which a spell may not go on."""
    ago = ((as_of.normalize() - done).dt.days // 7).tolist()
    return {WEEKS - 1 - int(week) for week in ago if week < WEEKS}


def _spells(weekly: Ints, breaks: set[int]) -> list[tuple[int, int]]:
    """List the spells as first and last week."""
    spells: list[tuple[int, int]] = []
    for week in np.flatnonzero(weekly).tolist():
        joined = spells and week - spells[-1][1] <= GAP_WEEKS
        if joined and not any(spells[-1][1] <= b < week for b in breaks):
            spells[-1] = (spells[-1][0], week)
        else:
            spells.append((week, week))
    return spells


def _classify(weekly: Ints, breaks: set[int], *, is_back: bool) -> str:
    """Name the class; the first that holds, from the most to the least pressing."""
    spells = _spells(weekly, breaks)
    first, last = spells[-1]
    if WEEKS - 1 - last >= _QUIET_WEEKS:
        return "quiet"
    if is_back:
        return "rebounding"
    if len(spells) == 1 and WEEKS - first <= _NEW_WEEKS:
        return "new"
    trend = _trend(weekly) if WEEKS - spells[0][0] >= _GROWING_WEEKS else ""
    lasts = _active_share(spells) >= _LASTING_SHARE or len(spells) == 1
    return trend or ("persistent" if lasts else "sporadic")


def _trend(weekly: Ints) -> str:
    """Compare the later quarter of a year with the one before; no trend is no word."""
    early, late = weekly[-SPARK_WEEKS : -SPARK_WEEKS // 2].sum(), weekly[-SPARK_WEEKS // 2 :].sum()
    if _differs(int(late), int(early)):
        return "intensifying"
    return "diminishing" if _differs(int(early), int(late)) else ""


def _differs(more: int, less: int) -> bool:
    if more < _RATIO * less or more + less == 0:
        return False
    return bool(binomtest(more, more + less, 0.5, alternative="greater").pvalue < _LEVEL)


def _active_share(spells: list[tuple[int, int]]) -> float:
    """Give the share of the last half year that lies within a spell."""
    start = WEEKS - SPARK_WEEKS
    weeks = sum(max(0, last - max(first, start) + 1) for first, last in spells)
    return weeks / SPARK_WEEKS
