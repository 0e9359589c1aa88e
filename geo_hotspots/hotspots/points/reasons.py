"""Why a point is on the list: one sentence, made from its numbers alone."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from geo_hotspots.hotspots.points.callers import count_callers
from geo_hotspots.words import Lang, Words

Row = Mapping[Hashable, Any]

RECENT_DAYS = 28
FACTS = (
    "as_of", "window", "n_window", "n_window_callers", "n_groups", "n_recent", "n_recent_callers",
    "knows_callers", "rectified_at", "n_after",
)  # fmt: skip
_NOW_DAYS = 7  # a window that ended no longer ago is "the last so many days"
_YEAR_DAYS = 360
_DAY = pd.Timedelta(days=1)


def gather_facts(
    members: pd.DataFrame, point: Row, done: pd.Series, *, as_of: pd.Timestamp
) -> dict[str, object]:
    """Count what the sentence of one point says beyond its columns.

    Parameters
    ----------
    members
        Every case of the point up to `as_of`: `reported_at`, `caller`, `group`, `is_echo`.
    point
        `best_days` and `best_end`, the length and last day of its least likely window; missing
        where it was not tested.
    done
        Days on which it was rectified.

    Returns
    -------
    facts
        `FACTS`: `window` is its first and last day, or None; `n_after` counts the cases since it
        was rectified last.
    """
    day = members["reported_at"].dt.normalize()
    last = as_of.normalize()
    recent = members[day > last - RECENT_DAYS * _DAY]
    facts: dict[str, object] = {
        "as_of": last,
        "window": None,
        "n_window": 0,
        "n_window_callers": 0,
        "n_groups": members["group"].nunique(),
        "n_recent": len(recent),
        "n_recent_callers": _count_people(recent),
        "knows_callers": bool(members["caller"].notna().any()),
    }
    is_tested = bool(pd.notna(point["best_days"]))
    if is_tested:
        end = point["best_end"]
        first = end - (int(point["best_days"]) - 1) * _DAY
        end = last if last - end <= _NOW_DAYS * _DAY else end
        inside = members[(day >= first) & (day <= end)]
        facts |= {"window": (first, end), "n_window": len(inside),
                  "n_window_callers": _count_people(inside)}  # fmt: skip
    rectified_at = done[done <= last].max()
    return facts | {"rectified_at": rectified_at, "n_after": int((day > rectified_at).sum())}


def _count_people(members: pd.DataFrame) -> int:
    return int(count_callers(members, pd.Series(0, members.index)).sum())


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
