"""口径变化: whether the counting of a category changed, from one day on, for the whole city.

When another hotline joins, or a category is renamed, its total leaps and stays. That is no news
about any place, and whatever looks back across the day must say so.
"""

import numpy as np
import pandas as pd
from scipy.special import xlogy

from geo_hotspots.hotspots.areas.tails import adjust_chances, at_least, at_most, upper_tail
from geo_hotspots.words import Words

LOOK_BACK_DAYS = 91  # the longest that a page looks back on and does not compare
HISTORY_DAYS = 364
BREAK_Q = 0.001
QUIET = 0.1  # the smaller rate is at most a tenth of the larger
_LEAST_AFTER, _LEAST_BEFORE = 5, 91  # days on either side
_LEAST_BEFORE_END = 273  # what was there for less may have been a season
_STEADY = 0.5  # share of the busier side's days that the other side's rate does not explain
_BEYOND = 0.05
_SPELL_DAYS, _SPELL = 28, 0.25  # four weeks at a quarter of the busier rate were a season before
BREAK_COLUMNS = ("category", "since", "before", "after", "qvalue")


def level_shifts(cases: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """List first-level categories whose daily total changed its level in the last quarter.

    The likeliest day of a break is sought per category (Poisson likelihood). It is listed when
    it lies in the quarter, when the two sides differ beyond chance (exact conditional Poisson
    test, Bonferroni over the days that were tried, Benjamini-Hochberg over the categories:
    q < 0.001), and when one rate is at most a tenth of the other. A flood of three days is not
    that: in every third of the busier side, half of the days must be beyond what the other side's
    rate explains. Nor is a season: what comes must have been away for a quarter, and not have
    been there for four weeks at a quarter of the rate; what goes must have been there for three.

    Parameters
    ----------
    cases
        `category_1` and `reported_at`, up to `as_of`.

    Returns
    -------
    shifts
        `category`, `since` (the first day of the new level), `before` and `after` (cases a week)
        and `qvalue`, the surest first.

    References
    ----------
    Page, E. S. (1955). A test for a change in a parameter occurring at an unknown point.
    Biometrika, 42(3/4), 523-527.
    """
    daily = _daily(cases, as_of)
    length = daily.shape[1]
    days = np.arange(_LEAST_BEFORE, length - _LEAST_AFTER + 1)
    if daily.empty or not len(days):
        nothing = pd.DataFrame(columns=list(BREAK_COLUMNS))
        return nothing.astype({"since": "datetime64[us]"})
    counts = daily.to_numpy(dtype=float)
    total = counts.sum(axis=1, keepdims=True)
    left = counts.cumsum(axis=1)[:, days - 1]
    right = total - left
    gain = xlogy(left, left / days) + xlogy(right, right / (length - days))
    best = np.argmax(gain, axis=1)
    at, pick = days[best], (np.arange(len(counts)), best)
    left, right = left[pick], right[pick]
    tails = np.minimum(at_most(left, left + right, at / length),
                       at_least(left, left + right, at / length))  # fmt: skip
    before, after = left / at, right / (length - at)
    table = pd.DataFrame({
        "category": daily.index, "since": daily.columns[at], "before": 7 * before,
        "after": 7 * after, "qvalue": adjust_chances(np.clip(2 * tails * len(days), 0, 1)),
    })  # fmt: skip
    is_far = np.minimum(before, after) <= QUIET * np.maximum(before, after)
    is_known = (at >= length - LOOK_BACK_DAYS) & ((after > before) | (at >= _LEAST_BEFORE_END))
    is_sure = is_far & is_known & (table["qvalue"] < BREAK_Q).to_numpy()
    is_sure[is_sure] = [_is_steady(counts[i], at[i]) for i in np.flatnonzero(is_sure)]
    found: pd.DataFrame = table[is_sure]
    return found.sort_values(["qvalue", "category"], ignore_index=True)


def _daily(cases: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Count cases per category and day, back to the first case or a year."""
    day = cases["reported_at"].dt.normalize()
    first = as_of.normalize() - pd.Timedelta(days=HISTORY_DAYS - 1)
    days = pd.date_range(max(day.min(), first) if len(day) else as_of, as_of.normalize())
    names = cases["category_1"].astype("category").cat.remove_unused_categories()
    ago = (days[-1] - day).dt.days.to_numpy()
    is_in = (ago >= 0) & (ago < len(days)) & names.notna().to_numpy()
    place = names.cat.codes.to_numpy(np.int64)[is_in] * len(days) + len(days) - 1 - ago[is_in]
    shape = len(names.cat.categories), len(days)
    counts = np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape)
    return pd.DataFrame(counts, index=names.cat.categories, columns=days)


def _is_steady(counts: "np.ndarray[tuple[int], np.dtype[np.float64]]", at: int) -> bool:
    """Say whether one side of day `at` is busy throughout, and the other never was for long."""
    low, high = sorted((counts[:at], counts[at:]), key=lambda side: float(side.mean()))
    is_busy = upper_tail(high, low.mean()) <= _BEYOND
    span = min(_SPELL_DAYS, len(low))
    busiest = np.convolve(low, np.ones(span) / span, mode="valid").max()
    throughout = all(third.mean() >= _STEADY for third in np.array_split(is_busy, 3))
    return throughout and bool(busiest <= _SPELL * high.mean())


def tell_shifts(shifts: pd.DataFrame) -> tuple[Words, ...]:
    """Write the note that every page which looks back across a break must carry."""
    return tuple(
        Words(
            f"口径变化提示：“{name}”约自{day.year}年{day.month}月{day.day}日起，由平均每周"
            f"{before:.1f}件变为{after:.1f}件，可能是热线并入或分类调整，请核实；"
            "前后件数不宜直接比较，由此形成的聚集不作为新情况",
            f"was the counting changed? “{name}” went from {before:.1f} to {after:.1f} cases a "
            f"week on about {day:%Y-%m-%d}; counts across that day do not compare, and clusters "
            "that come from it are no news",
        )
        for name, day, before, after, _ in shifts.itertuples(index=False)
    )
