"""Why a point is on the list: one sentence, made from its numbers alone."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from geo_hotspots.words import KIND, LIFECYCLE, Lang


def explain_point(row: Mapping[Hashable, Any], lang: Lang) -> str:
    """Write the reason of one point.

    Parameters
    ----------
    row
        `n`, `n_callers`, `n_days`, `n_recent`, `n_recent_callers`, `expected`, `qvalue`,
        `kind`, `lifecycle`, `days_since_rectified`, `rebounds`, `n_open`, and `knows_callers`:
        people are not counted aloud where nobody is named.
    """
    parts = _explain_zh(row) if lang == "zh" else _explain_en(row)
    return ("；" if lang == "zh" else "; ").join(parts)


def _explain_zh(row: Mapping[Hashable, Any]) -> list[str]:
    named = bool(row["knows_callers"])
    people = f"{row['n_callers']}人" if named else ""
    parts = [f"近一年{people}{row['n']}件，分布在{row['n_days']}天"]
    if pd.notna(row["qvalue"]):
        chance = f"{_expected(row['expected'])}{'人' if named else '天'}"
        parts[0] += f"（同类点位期望{chance}），q{_chance(row['qvalue'])}"
    if row["n_recent"]:
        people = f"{row['n_recent_callers']}人" if named else ""
        parts.append(f"近28天{people}{row['n_recent']}件")
    if pd.notna(row["days_since_rectified"]):
        days = int(row["days_since_rectified"])
        back = f"，此前整改后反弹{row['rebounds']}次" if row["rebounds"] else ""
        parts.append(f"距上次整改{days}天{back}")
    if row["n_open"]:
        parts.append(f"未解决或不满意{row['n_open']}件")
    return [*parts, f"{KIND[row['kind']].zh}、{LIFECYCLE[row['lifecycle']].zh}"]


def _explain_en(row: Mapping[Hashable, Any]) -> list[str]:
    named = bool(row["knows_callers"])
    people = f" by {row['n_callers']} callers" if named else ""
    parts = [f"{row['n']} cases{people} on {row['n_days']} days in a year"]
    if pd.notna(row["qvalue"]):
        chance = f"{_expected(row['expected'])} {'callers' if named else 'days'}"
        parts[0] += f" ({chance} expected), q{_chance(row['qvalue'])}"
    if row["n_recent"]:
        people = f" by {row['n_recent_callers']} callers" if named else ""
        parts.append(f"{row['n_recent']}{people} in the last 28 days")
    if pd.notna(row["days_since_rectified"]):
        back = f", came back {row['rebounds']} times" if row["rebounds"] else ""
        parts.append(f"{int(row['days_since_rectified'])} days since rectified{back}")
    if row["n_open"]:
        parts.append(f"{row['n_open']} unresolved or unsatisfied")
    return [*parts, f"{KIND[row['kind']].en}, {LIFECYCLE[row['lifecycle']].en}"]


def _chance(value: float) -> str:
    """Write a small chance without pretending to know its last digit."""
    return "<0.001" if value < 0.001 else f"={value:.3f}"  # noqa: PLR2004 - as statisticians print


def _expected(value: float) -> str:
    """Write an expectation to one digit; what rounds to nothing is not nothing."""
    return "<0.1" if value < 0.1 else f"{value:.1f}"  # noqa: PLR2004 - the digit that is shown
