"""Repeat points: spots where one kind of trouble is reported more often than chance allows.

People and days count, not calls. A spot is listed when the number of callers in its densest
window is beyond what a building of its own intensity would see by chance (negative binomial,
corrected for the choice of window, Benjamini-Hochberg over all spots), and never below a floor.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import false_discovery_control, nbinom

WINDOWS_DAYS = (28, 91, 182, 364)
MISSING_CALLER = 0.6  # of a caller: some of the nameless are the same person
REFRACTORY_DAYS = 7  # a caller who rings again within a week says nothing new
DISPERSION = 1.0  # largest size of the negative binomial: categories keep to their buildings
_SINGLE_CALLER_CASES = 3
_DAY = np.timedelta64(1, "D")


class Floor(NamedTuple):
    """What a point must have before any test."""

    callers: int
    days: int
    group_callers: int  # 群诉: so many distinct callers ...
    group_days: int  # ... within so many days


def find_repeats(cases: pd.DataFrame, *, as_of: pd.Timestamp, floor: Floor, fdr: float,
                 window_days: int) -> pd.DataFrame:  # fmt: skip
    """Test every spot × category group and list the repeat points.

    Parameters
    ----------
    cases
        `spot`, `group`, `caller` (hash, may be missing), `reported_at` and `weight` (as
        `weigh_cases` gives it); only those of the last `window_days` up to the end of the day
        `as_of` count.
    fdr
        Largest share of false points among those listed.

    Returns
    -------
    points
        One row per listed point: `spot`, `group`, `kind`, `n`, `n_callers`, `n_days`,
        `first_at`, `last_at`, `expected` (effective callers in `window_days` at a building of
        this intensity), `pvalue`, `qvalue`. Points of kind `single_caller` are not tested and
        carry neither p nor q.
    """
    recent = _window(cases, as_of, window_days)
    if recent.empty:
        return _describe(recent).assign(kind="", expected=0.0, pvalue=1.0, qvalue=1.0)
    recent = recent.sort_values(["spot", "group", "reported_at"], kind="stable")
    points = _describe(recent)
    points["expected"], size = _expect(points)
    points["pvalue"] = _scan_pvalues(recent, points["expected"], size, window_days)
    points["qvalue"] = false_discovery_control(points["pvalue"].to_numpy())
    points["kind"] = _kinds(recent, points, floor)
    is_single = points["kind"] == "single_caller"
    high_enough = (points["n_callers"] >= floor.callers) & (points["n_days"] >= floor.days)
    listed = is_single | (high_enough & (points["qvalue"] <= fdr))
    points.loc[is_single, ["pvalue", "qvalue"]] = np.nan
    return points[listed].reset_index(drop=True)


def _window(cases: pd.DataFrame, as_of: pd.Timestamp, days: int) -> pd.DataFrame:
    end = as_of.normalize() + pd.Timedelta(days=1)
    inside = (cases["reported_at"] < end) & (cases["reported_at"] >= end - pd.Timedelta(days=days))
    return cases[inside & cases["spot"].notna()].copy()


def weigh_cases(cases: pd.DataFrame) -> pd.Series:
    """Weigh each case as the fresh caller it stands for.

    A caller who rings again within `REFRACTORY_DAYS` of the call before weighs nothing; a
    nameless case weighs `MISSING_CALLER`. Where no case of the file names a caller, days stand
    for callers: the first case of a spot's day weighs 1, the others nothing.

    Parameters
    ----------
    cases
        `spot`, `group`, `caller`, `reported_at`, in any order.

    Returns
    -------
    weight
        0 to 1, indexed as `cases`.
    """
    ordered = cases.sort_values(["spot", "group", "reported_at"], kind="stable")
    spot = [ordered["spot"], ordered["group"]]
    if ordered["caller"].isna().all():
        day = ordered["reported_at"].dt.normalize()
        first = ~pd.concat([*spot, day], axis=1).duplicated()
        days: pd.Series = first.astype(float).reindex(cases.index)
        return days
    gap = ordered.groupby([*spot, ordered["caller"]], observed=True)["reported_at"].diff()
    fresh = gap.isna() | (gap > REFRACTORY_DAYS * _DAY)
    fresh_weight = fresh.astype(float).where(ordered["caller"].notna(), MISSING_CALLER)
    weight: pd.Series = fresh_weight.reindex(cases.index)
    return weight


def count_callers(cases: pd.DataFrame) -> int:
    """Count the callers of one point: those known to differ, plus the nameless at a discount.

    At least one where there is a case.
    """
    named, nameless = cases["caller"].nunique(), int(cases["caller"].isna().sum())
    return max(int(named + nameless * MISSING_CALLER), min(len(cases), 1))


def _describe(cases: pd.DataFrame) -> pd.DataFrame:
    """Count cases, callers and days per spot and group.

    `n_callers` is the callers that are known to differ, plus the nameless at a discount.
    """
    day = cases["reported_at"].dt.normalize()
    grouped = cases.assign(day=day, nameless=cases["caller"].isna()).groupby(
        ["spot", "group"], observed=True, sort=True
    )
    points = grouped.agg(
        n=("day", "size"),
        n_named=("caller", "nunique"),
        n_nameless=("nameless", "sum"),
        n_days=("day", "nunique"),
        first_at=("reported_at", "min"),
        last_at=("reported_at", "max"),
    ).reset_index()
    nameless = np.floor(points["n_nameless"] * MISSING_CALLER).astype(int)
    nobody = cases["caller"].isna().all()
    callers = points["n_days"] if nobody else (points["n_named"] + nameless).clip(lower=1)
    return points.assign(n_callers=callers.astype(int)).drop(columns=["n_named", "n_nameless"])


def _expect(points: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Expect, per point, the callers that chance brings, and how surely.

    Spots differ in intensity like a gamma distribution, whose shape and mean are learnt from
    the city. What a spot's *other* categories show makes it known better, so that a busy
    building explains its own bustle but no category explains itself. The callers of a
    category are then negative binomial (empirical Bayes: Robbins 1956, Clayton & Kaldor 1987).

    Returns
    -------
    expected
        Callers in the time that `points` covers.
    size
        Of the negative binomial; small where little is known. `DISPERSION` bounds it, since a
        category that is a little at home in some kinds of buildings is no news.
    """
    share = points.groupby("group")["n_callers"].sum() / points["n_callers"].sum()
    own = points["group"].map(share).clip(upper=0.95)
    totals = points.groupby("spot")["n_callers"].sum()
    mean = float(totals.mean())
    shape = mean**2 / max(float(totals.var()) - mean, 1e-9) if len(totals) > 1 else DISPERSION
    shape = min(max(shape, 0.1), 100.0)
    others = points["spot"].map(totals) - points["n_callers"]
    intensity = (others + shape) / (1 - own + shape / mean)
    size = 1 / (1 / (others + shape) + 1 / DISPERSION)
    return own * intensity, size


def _scan_pvalues(
    cases: pd.DataFrame, expected: pd.Series, size: pd.Series, window_days: int
) -> pd.Series:
    """Give each point the chance of its densest window, corrected for the choice of window."""
    best = np.ones(len(expected))
    number = cases.groupby(["spot", "group"], observed=True, sort=True).ngroup().to_numpy()
    windows = [w for w in WINDOWS_DAYS if w <= window_days] or [window_days]
    for days in windows:
        top = _densest(number, cases["reported_at"], cases["weight"].to_numpy(), days)
        mean = expected.to_numpy() * days / window_days
        chance = nbinom.sf(np.ceil(top) - 1, size, size / (size + mean))
        # A window may lie anywhere: about 2T/w - 1 of them are independent (after Naus 1965).
        places = 2 * window_days / days - 1
        best = np.minimum(best, chance * places * len(windows))
    return pd.Series(best.clip(max=1.0), index=expected.index)


def _densest(
    number: npt.NDArray[np.integer], at: pd.Series, weight: npt.NDArray[np.float64], days: int
) -> npt.NDArray[np.float64]:
    """Give, per point, the largest weight within any `days` that end with a case.

    `number` is sorted; time within a number is too. Points are laid one after the other on one
    long axis, so that a single search finds every window's beginning.
    """
    seconds = (at - at.min()).dt.total_seconds().to_numpy()
    span = days * 86_400.0
    axis = seconds + number * (seconds.max() + 2 * span + 1)
    begins = np.searchsorted(axis, axis - span, side="right")
    running = np.r_[0.0, np.cumsum(weight)]
    inside = running[1:] - running[begins]
    top = np.zeros(int(number.max()) + 1)
    np.maximum.at(top, number, inside)
    return np.round(top, 9)


def _kinds(cases: pd.DataFrame, points: pd.DataFrame, floor: Floor) -> pd.Series:
    """Tell group complaints, single callers and the rest apart.

    群诉: enough distinct callers within `floor.group_days`. 一人多诉: one caller has three cases
    or more and at most one other is known.
    """
    number = cases.groupby(["spot", "group"], observed=True, sort=True).ngroup()
    calls = cases.groupby([number, cases["caller"]], observed=True).size()
    most = calls.groupby(level=0).max().reindex(points.index, fill_value=0)
    is_single = (most >= _SINGLE_CALLER_CASES) & (points["n_callers"] < floor.callers)
    gap = cases.groupby([number, cases["caller"]], observed=True)["reported_at"].diff()
    fresh = gap.isna() | (gap > floor.group_days * _DAY)
    weight = np.where(cases["caller"].isna(), MISSING_CALLER, fresh.astype(float))
    if cases["caller"].isna().all():
        weight = cases["weight"].to_numpy()
    top = _densest(number.to_numpy(), cases["reported_at"], weight, floor.group_days)
    kind = np.where(
        is_single, "single_caller", np.where(top >= floor.group_callers, "group", "repeat")
    )
    return pd.Series(kind, index=points.index)
