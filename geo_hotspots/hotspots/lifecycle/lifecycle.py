"""Where a point stands in its life: new, growing, lasting, fading, come back, or quiet.

Weekly callers are read by a hidden Markov model (`states`), which knows the rectifications (整改).
Courses that the point may have taken are drawn from it, each is classed by the rules below, and
the class that most of them have is the point's, with its share as the posterior. All points go
through together.

A spell is a run of active weeks; gaps under three weeks are bridged unless a rectification lies
between.
"""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.hotspots.lifecycle.rebounds import callers_after, list_rebounds
from geo_hotspots.hotspots.lifecycle.states import Model, build_chain, sample_paths
from geo_hotspots.hotspots.lifecycle.weekly import weeks_ago
from geo_hotspots.schema import LIFECYCLES

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
_Week = TypeVar("_Week", bound=np.generic)

WEEKS = 52  # cases of a year decide whether there is enough to say anything
SPARK_WEEKS = 26  # what trends are judged on and cards draw
STABLE_WEEKS = 13  # quiet for so long is stable
_HISTORY_WEEKS = 104
_NEW_WEEKS = 6
_QUIET_WEEKS = 6
_HELD_DAYS = 21  # a rectification after which nobody called for so long has held so far
_TREND_WEEKS = 8
_RATIO = 1.4
_LEVEL = 1.645  # of the trend's standard score: one in twenty by chance
_LASTING_SHARE = 0.6
_REBOUND_CALLERS = 2
_LONG_SPELL = 6  # weeks; where no register is kept, the end of such a spell stands for a fix
_FEW_SPELLS = 3  # more of them come and go by themselves
_BRIDGED = 2  # weeks of a gap that does not end a spell
_COURSES = 64  # drawn per point
_BLOCK = 4096  # points

# Tested points: one in four starts active, and a dormant one begins easily.
MODEL = Model(
    starts=0.03, begins=0.03, ends=0.1, base=0.03, rates=(0.4, 0.65, 1.0, 1.6, 2.6, 4.1, 6.5),
    wander=0.04, renews=0.3, first=0.25,
)  # fmt: skip


def count_weeks(
    at: pd.Series, number: Ints, *, n: int, as_of: pd.Timestamp, weeks: int = WEEKS
) -> Ints:
    """Count the cases of `n` points per week, oldest first; the last week ends on `as_of`.

    Parameters
    ----------
    at, number
        Time and point of each case.

    Returns
    -------
    counts
        (points, weeks).
    """
    ago = weeks_ago(at, as_of).to_numpy()
    inside = (ago >= 0) & (ago < weeks)
    cell = number[inside] * weeks + weeks - 1 - ago[inside]
    return np.bincount(cell, minlength=n * weeks).reshape(n, weeks).astype(np.int64)


def trace_lives(
    cases: pd.DataFrame,
    rectified: pd.DataFrame,
    *,
    n: int,
    as_of: pd.Timestamp,
    min_callers: int,
    found: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Class `n` points from their cases and rectifications.

    Parameters
    ----------
    cases
        `number` (of the point, 0 to n-1), `reported_at`, `caller`, `weight`.
    rectified
        `number`, `day`; what is later than `as_of` is not known yet. Without any, the sudden end
        of a long spell stands for a rectification.
    min_callers
        Under so many cases in a year nothing can be said.
    found
        `number`, `day` of patrol visits that met the trouble again.

    Returns
    -------
    lives
        Indexed 0 to n-1: `lifecycle`, `posterior` (0 to 1), `days_since_rectified` (missing where
        nothing was rectified), `rebounds`, `days_to_rebound` (from the last rectification; missing
        where the trouble has not come back since), `weeks_quiet`.
    """
    done = rectified[rectified["day"] <= as_of.normalize()]
    rebounds = list_rebounds(cases, done, as_of=as_of, found=found)
    calls = _tabulate(cases, cases["reported_at"], cases["weight"], n, as_of)
    works = _tabulate(done, done["day"], pd.Series(1.0, done.index), n, as_of) > 0
    last = done.groupby("number")["day"].max().reindex(range(n))
    since = (as_of.normalize() - last).dt.days.astype(float)
    after = callers_after(cases, last, found=found)
    year = np.bincount(cases["number"][weeks_ago(cases["reported_at"], as_of) < WEEKS], minlength=n)
    fixed = {
        "insufficient": year < min_callers,
        "quiet": ((since >= _HELD_DAYS) & (after == 0)).to_numpy(),
    }
    is_back = (last.notna() & (after >= _REBOUND_CALLERS)).to_numpy()
    names, share = _vote(calls, works, is_back, infer=done.empty)
    for name in ("quiet", "insufficient"):
        names[fixed[name]], share[fixed[name]] = name, 1.0
    weeks_quiet = np.argmax(calls[:, ::-1] > 0, axis=1).astype(float)
    return pd.DataFrame(
        {"lifecycle": names, "posterior": share, "days_since_rectified": since,
         "rebounds": rebounds.groupby("number")["is_back"].sum().reindex(range(n), fill_value=0),
         "days_to_rebound": rebounds["days"].where(rebounds["is_back"])
         .groupby(rebounds["number"]).nth(-1).set_axis(sorted(rebounds["number"].unique()))
         .reindex(range(n)), "weeks_quiet": weeks_quiet}
    )  # fmt: skip


def _tabulate(
    rows: pd.DataFrame, at: pd.Series, weight: pd.Series, n: int, as_of: pd.Timestamp
) -> Floats:
    ago = weeks_ago(at, as_of).to_numpy(float)
    inside = (ago >= 0) & (ago < _HISTORY_WEEKS)
    table = np.zeros((n, _HISTORY_WEEKS))
    where = (rows["number"].to_numpy()[inside], _HISTORY_WEEKS - 1 - ago[inside].astype(np.int64))
    np.add.at(table, where, weight.to_numpy(float)[inside])
    return table


def _vote(
    calls: Floats, works: Flags, is_back: Flags, *, infer: bool
) -> tuple[npt.NDArray[np.str_], Floats]:
    """Class every course; give each point the class of most, and the share that has it.

    Points go through by the block, since each takes some seventy kilobytes on the way.
    """
    chain, rng = build_chain(MODEL), np.random.default_rng(0)
    best, share = np.zeros(len(calls), np.int64), np.zeros(len(calls))
    for start in range(0, len(calls), _BLOCK):
        part = slice(start, start + _BLOCK)
        courses = sample_paths(calls[part], works[part], chain, n=_COURSES, rng=rng)
        classes = np.array([
            class_courses(c, works[part], calls[part], is_back[part], infer=infer) for c in courses
        ])  # fmt: skip
        shares = np.stack([(classes == name).mean(axis=0) for name in LIFECYCLES])
        best[part], share[part] = np.argmax(shares, axis=0), shares.max(axis=0)
    return np.array(LIFECYCLES)[best], share


def class_courses(
    course: Flags, works: Flags, calls: Floats, is_back: Flags, *, infer: bool
) -> npt.NDArray[np.str_]:
    """Class one course of every point; the first rule that holds, most pressing first.

    Parameters
    ----------
    course, works, calls
        Active, rectified, callers: (points, weeks), the last week the present one.
    is_back
        Enough people called after the last rectification, (points,).
    infer
        Take the end of a long spell for a rectification.
    """
    weeks = course.shape[1]
    lived = _bridge(course, works)
    begins = lived & ~_before(lived & ~works)
    ever = lived.any(axis=1)
    last = np.where(ever, weeks - 1 - np.argmax(lived[:, ::-1], axis=1), -weeks)
    silent = weeks - 1 - last
    start = weeks - 1 - np.argmax(begins[:, ::-1], axis=1)
    spells = begins.sum(axis=1)
    trend = _trend(calls, start, last)
    if infer:
        is_back = _came_back(lived, begins, start) & (spells <= _FEW_SPELLS)
    recent = lived[:, -SPARK_WEEKS:].mean(axis=1)
    long = last - start + 1 >= _TREND_WEEKS
    rules = {
        "quiet": silent >= np.maximum(_QUIET_WEEKS, _longest_pause(lived, works)),
        "rebounding": is_back,
        "new": (spells == 1) & (weeks - start <= _NEW_WEEKS),
        "intensifying": long & (trend > 0),
        "diminishing": long & (trend < 0),
        "persistent": (recent >= _LASTING_SHARE) | (spells == 1),
    }
    return np.select(list(rules.values()), list(rules), "sporadic")


def _before(weeks: npt.NDArray[_Week]) -> npt.NDArray[_Week]:
    """Give each week what the week before it has; the first has nothing."""
    return np.pad(weeks, ((0, 0), (1, 0)))[:, :-1]


def _bridge(course: Flags, works: Flags) -> Flags:
    """Fill gaps of one or two weeks unless a rectification lies in or just before them."""
    lived = course.copy()
    closed = ~works
    one = course[:, :-2] & course[:, 2:] & closed[:, :-2] & closed[:, 1:-1]
    lived[:, 1:-1] |= one
    two = course[:, :-3] & course[:, 3:] & closed[:, :-3] & closed[:, 1:-2] & closed[:, 2:-1]
    lived[:, 1:-2] |= two
    lived[:, 2:-1] |= two
    return lived


def _longest_pause(lived: Flags, works: Flags) -> Ints:
    """Give the longest pause between spells that no rectification explains, at most 13 weeks.

    A point that has paused as long before is not quiet yet.
    """
    week = np.arange(lived.shape[1], dtype=np.int16)
    before = _before(np.maximum.accumulate(np.where(lived, week, -1), axis=1) + 1) - 1
    done = _before(np.maximum.accumulate(np.where(works, week, -1), axis=1) + 1) - 1
    ends = lived & (before > done)  # of a pause after a week that was active, and no work since
    pauses = np.where(ends, week - before - 1, 0)
    longest: Ints = np.minimum(pauses.max(axis=1), STABLE_WEEKS).astype(np.int64)
    return longest


def _trend(calls: Floats, start: Ints, last: Ints) -> Ints:
    """Say of each last spell whether its calls rise (1), fall (-1) or neither (0).

    The score test of a log-linear rate (Cox & Lewis 1966), and the later half at least
    `_RATIO` times the earlier one, or the other way round; the last half year counts.
    """
    weeks = calls.shape[1]
    first = np.maximum(start, weeks - SPARK_WEEKS)[:, None]
    week = np.arange(weeks)
    inside = (week >= first) & (week <= last[:, None])
    n = inside.sum(axis=1, keepdims=True).clip(1)
    middle = (first + last[:, None]) / 2
    x = np.where(inside, calls, 0.0)
    centred = np.where(inside, week - middle, 0.0)
    spread = x.sum(axis=1) / n[:, 0] * (centred**2).sum(axis=1)
    score = (x * centred).sum(axis=1) / np.sqrt(spread.clip(1e-9))
    late, early = (x * (centred > 0)).sum(axis=1), (x * (centred < 0)).sum(axis=1)
    rises = (score > _LEVEL) & (late >= _RATIO * early)
    falls = (score < -_LEVEL) & (early >= _RATIO * late)
    trend: Ints = rises.astype(np.int64) - falls
    return trend


def _came_back(lived: Flags, begins: Flags, start: Ints) -> Flags:
    """Say whether a spell of some length ended for some time before the last one began."""
    week = np.arange(lived.shape[1])
    past = lived & (week < start[:, None])
    ended = lived.shape[1] - 1 - np.argmax(past[:, ::-1], axis=1)
    began = begins & (week <= ended[:, None]) & (week < start[:, None])
    first = lived.shape[1] - 1 - np.argmax(began[:, ::-1], axis=1)
    paused = start - ended > _BRIDGED
    is_back: Flags = past.any(axis=1) & (ended - first + 1 >= _LONG_SPELL) & paused
    return is_back
