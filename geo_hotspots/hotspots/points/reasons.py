"""Why a point is on the list: one sentence, made from its numbers alone."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.hotspots.points.callers import count_callers
from geo_hotspots.words import Lang, Words

Row = Mapping[Hashable, Any]

RECENT_DAYS = 28
_NOW_DAYS = 7  # a window that ended no longer ago is "the last so many days"
_YEAR_DAYS = 360
_DAY = pd.Timedelta(days=1)


def gather_facts(
    owned: pd.DataFrame, points: pd.DataFrame, done: pd.DataFrame, *, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Count what the sentence of each point says beyond its columns.

    Parameters
    ----------
    owned
        Every case of the points up to `as_of`: `number` (row of `points`), `reported_at`,
        `caller`, `group`, `is_echo`.
    points
        `best_days` and `best_end`, the length and last day of the least likely window; missing
        where a point was not tested.
    done
        `number` and `day` of rectifications.

    Returns
    -------
    facts
        A row for each point: `as_of`, `window` (its first and last day, or None) with `n_window`
        and `n_window_callers`, `n_groups`, `n_recent`, `n_recent_callers`, `knows_callers`,
        `rectified_at` (last) and `n_after` (cases since).
    """
    n, last = len(points), as_of.normalize()
    day = owned["reported_at"].dt.normalize()
    recent = owned[day > last - RECENT_DAYS * _DAY]
    window = _windows(points, last)
    at = owned["number"].to_numpy()
    inside = owned[(day >= window["first"].to_numpy()[at]) & (day <= window["end"].to_numpy()[at])]
    knows = owned.loc[owned["caller"].notna(), "number"].unique()
    n_groups = owned.groupby("number")["group"].nunique().reindex(range(n), fill_value=0)
    nobody = bool(owned["caller"].isna().all())

    def people(cases: pd.DataFrame) -> "pd.Series[int]":
        callers = count_callers(cases, cases["number"], nobody=nobody)
        return callers.reindex(range(n), fill_value=0)

    facts = {
        "as_of": last,
        "window": [(f, e) if pd.notna(f) else None for f, e in window.to_numpy(object)],
        "n_window": _tally(inside, n),
        "n_window_callers": people(inside),
        "n_groups": n_groups.to_numpy(),
        "n_recent": _tally(recent, n),
        "n_recent_callers": people(recent),
        "knows_callers": np.isin(np.arange(n), knows),
    }
    rectified = done[done["day"] <= last].groupby("number")["day"].max().reindex(range(n))
    after = owned[day > rectified.to_numpy()[at]]
    return pd.DataFrame(facts).assign(rectified_at=rectified, n_after=_tally(after, n))


def _windows(points: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """Give the `first` day and the `end` of each window; one that ended lately goes on to today."""
    end = pd.to_datetime(points["best_end"]).reset_index(drop=True)
    days = pd.to_numeric(points["best_days"]).reset_index(drop=True)
    first = end - (np.floor(days) - 1) * _DAY
    return pd.DataFrame({"first": first, "end": end.mask(last - end <= _NOW_DAYS * _DAY, last)})


def _tally(cases: pd.DataFrame, n: int) -> npt.NDArray[np.int64]:
    counts: npt.NDArray[np.int64] = np.bincount(cases["number"], minlength=n).astype(np.int64)
    return counts


def explain_point(row: Row, lang: Lang) -> str:
    """Write the reason of one point.

    Parameters
    ----------
    row
        `kind`, `n`, `n_callers`, `n_days`, `pvalue`, `best_expected`, `n_decisive`, `rebounds`,
        `days_to_rebound` (since it was rectified last; missing where it has not come back),
        `n_open`, `is_mixed`, `is_stated`, and what `gather_facts` gives. People are not counted
        aloud where nobody is named: days stand for them.
    """
    said = [_why(row), _stated(row), _recent(row), _rectified(row), _open(row), _hangs_on(row)]
    return ("；" if lang == "zh" else "; ").join(words.say(lang) for words in said if words)


def _why(row: Row) -> Words:
    """Say how many called when, how many are usual, and how likely that is."""
    if row["kind"] == "single_caller":
        return Words(
            f"同一来电人反复反映，{row['n_days']}天{row['n']}件，其他来电人很少，单独列出",
            f"one caller again and again, {_count(row['n'], 'report')} on "
            f"{_count(row['n_days'], 'day')}, hardly anybody else; listed apart",
        )
    calls = _calls(row, row["n_window_callers"], row["n_window"])
    when, unit, rarity = _window(row), _unit(row), _rarity(row["pvalue"])
    usual = row["best_expected"]
    few = Words(f"{usual:.1f}", f"{usual:.1f}")
    if usual < 0.1:  # noqa: PLR2004 - the one digit that is shown
        few = Words("不到0.1", "fewer than 0.1")
    about = Words("", "")
    if row["is_mixed"]:
        n = row["n_groups"]
        about = Words(f"{n}类问题合计，", f" about {n} kinds of trouble together")
    return Words(
        f"{about.zh}{when.zh}{calls.zh}，同类点位平常{few.zh}{unit.zh}，偶然达到的可能{rarity.zh}",
        f"{calls.en}{about.en} {when.en}, where {few.en} {unit.en}s are usual; "
        f"chance alone does so {rarity.en}",
    )


def _stated(row: Row) -> Words | None:
    """Say that a report speaks for many, where that is what it says."""
    if not row["is_stated"]:
        return None
    return Words("有工单自述为多人共同反映", "a report says that it speaks for many")


def _recent(row: Row) -> Words | None:
    """Say what the last weeks brought, where the window is not those weeks themselves."""
    if row["window"] is not None:
        first, last = row["window"]
        if last == row["as_of"] and (last - first).days < RECENT_DAYS + _NOW_DAYS:
            return None
    if not row["n_recent"]:
        return Words(f"近{RECENT_DAYS}天无来电", f"nobody in the last {RECENT_DAYS} days")
    calls = _calls(row, row["n_recent_callers"], row["n_recent"])
    return Words(f"近{RECENT_DAYS}天{calls.zh}", f"{calls.en} in the last {RECENT_DAYS} days")


def _rectified(row: Row) -> Words | None:
    """Say when it was last rectified and what followed."""
    was_rectified = bool(pd.notna(row["rectified_at"]))
    if not was_rectified:
        return None
    at, back, n = row["rectified_at"], row["days_to_rebound"], row["n_after"]
    day = _date(at, with_year=at.year != row["as_of"].year)
    is_back = bool(pd.notna(back))
    if is_back:
        return Words(
            f"{day.zh}整改后{back:.0f}天反弹，第{row['rebounds']}次",
            f"back {_count(int(back), 'day')} after it was rectified on {day.en}, "
            f"the {_ordinal(row['rebounds'])} time",
        )
    since = Words(f"{n}件", _count(n, "report")) if n else Words("无来电", "no report")
    return Words(f"{day.zh}整改后{since.zh}", f"rectified on {day.en}, {since.en} since")


def _open(row: Row) -> Words | None:
    n = row["n_open"]
    return Words(f"{n}件未解决或不满意", f"{n} unresolved or unsatisfied") if n else None


def _hangs_on(row: Row) -> Words | None:
    """Say how many people the point hangs on: fewer, and it would not be listed."""
    is_tested = bool(pd.notna(row["n_decisive"]))
    if not is_tested:
        return None
    n, unit = int(row["n_decisive"]), _unit(row)
    return Words(
        f"若无其中{n}{unit.zh}的来电则不入选",
        f"without {_count(n, unit.en)} of these it would not be listed",
    )


def _unit(row: Row) -> Words:
    return Words("人", "caller") if row["knows_callers"] else Words("天", "day")


def _calls(row: Row, callers: int, n: int) -> Words:
    reports = _count(n, "report")
    if not row["knows_callers"]:
        return Words(f"{n}件", reports)
    return Words(f"{callers}人{n}件", f"{reports} by {_count(callers, 'caller')}")


def _window(row: Row) -> Words:
    first, last = row["window"]
    if last == row["as_of"]:
        days = (last - first).days + 1
        if days >= _YEAR_DAYS:
            return Words("近一年", "within a year")
        return Words(f"近{days}天", f"in the last {_count(days, 'day')}")
    years = {first.year, last.year} != {row["as_of"].year}
    begin, end = (_date(day, with_year=years) for day in (first, last))
    return Words(f"{begin.zh}至{end.zh}", f"from {begin.en} to {end.en}")


def _date(day: pd.Timestamp, *, with_year: bool) -> Words:
    """Write a day; the year only where it could be mistaken."""
    zh, en = f"{day.month}月{day.day}日", f"{day.day} {day:%B}"
    return Words(f"{day.year}年{zh}", f"{en} {day.year}") if with_year else Words(zh, en)


def _rarity(chance: float) -> Words:
    """Write a small chance without pretending to know its last digit."""
    if chance < 0.001:  # noqa: PLR2004 - a thousandth
        return Words("不到千分之一", "less than once in a thousand")
    if chance < 0.01:  # noqa: PLR2004 - a hundredth
        return Words("不到百分之一", "less than once in a hundred")
    return Words(f"约{chance:.0%}", f"about once in {round(1 / chance)}")


def _count(n: int, noun: str) -> str:
    """Write a number and its noun.

    >>> _count(1, "case"), _count(2, "case")
    ('1 case', '2 cases')
    """
    return f"{n} {noun}" + ("" if n == 1 else "s")


def _ordinal(n: int) -> str:
    """Write an ordinal.

    >>> [_ordinal(n) for n in (1, 2, 3, 4, 11, 22, 113)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd', '113th']
    """
    is_teen = 10 < n % 100 < 14  # noqa: PLR2004 - eleventh, twelfth, thirteenth
    return f"{n}" + ("th" if is_teen else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th"))
