"""Repeat points: spots where one kind of trouble is reported more often than chance allows.

People and days count, not calls. A spot is listed when the callers in its densest window are
beyond what a spot of its own bustle would see by chance (negative binomial scan,
Benjamini-Hochberg over all spots and categories), and never below a floor. A spot where no single
category stands out is then judged by all of them together, against its own other days.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.hotspots.points.calls import (
    Calls,
    describe_pairs,
    in_blocks,
    lay_calls,
    lay_course,
    lay_mixed,
    lay_pairs,
    tally_callers,
)
from geo_hotspots.hotspots.points.chance import (
    Chance,
    Tally,
    expect_callers,
    expect_spots,
    set_aside,
)
from geo_hotspots.hotspots.points.claims import add_claims, find_claimed
from geo_hotspots.hotspots.points.decisive import find_decisive
from geo_hotspots.hotspots.points.discovery import adjust, expect_false, last_threshold
from geo_hotspots.hotspots.points.pairs import find_rows
from geo_hotspots.hotspots.points.windows import Course, count_windows, scan_windows

MIXED = "*"  # the group of a point that no single category explains
POINT_COLUMNS = (
    "spot", "group", "kind", "n", "n_callers", "n_days", "first_at", "last_at", "expected",
    "pvalue", "qvalue", "best_days", "best_end", "best_callers", "best_expected",
    "n_decisive", "decisive", "whole",
)  # fmt: skip
_SINGLE_CALLER_CASES = 3
_MIXED_GROUPS = 3
_DAY = pd.Timedelta(days=1)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Floor(NamedTuple):
    """What a point must have before any test."""

    callers: int
    days: int
    group_callers: int  # 群诉: so many distinct callers ...
    group_days: int  # ... within so many days


class _Test(NamedTuple):
    """What points are held against."""

    chance: Chance  # what chance brings to each
    false: Callable[[Floats], Floats]  # how many points it lists at a threshold
    by_past: bool = False  # whether their own other days tell what is usual


class _Rules(NamedTuple):
    """How points are judged; `span` is the days that there are."""

    floor: Floor
    fdr: float
    span: float


def find_repeats(cases: pd.DataFrame, *, as_of: pd.Timestamp, floor: Floor, fdr: float,
                 window_days: int) -> pd.DataFrame:  # fmt: skip
    """Test every spot × category group, then every spot, and list the repeat points.

    Parameters
    ----------
    cases
        `spot`, `ground`, `area`, `kind_of_place` (as `assign_spots` gives them), `group`, `caller`
        (hash, may be missing), `reported_at` and `is_echo`; only those of the last `window_days`
        up to the end of the day `as_of` count.
    fdr
        Largest share of false points among those listed.

    Returns
    -------
    points
        `POINT_COLUMNS`, one row per listed point: `group` is `MIXED` where all categories together
        make the point; `expected` is the callers in `window_days` at a spot like it; `best_` are
        of its least likely window; `decisive` lists, in the order in which they go, the cases
        (labels of `cases`) of the `n_decisive` callers without whom it would not be listed.
        Points of kind `single_caller` are not tested and carry none of these. `whole`, and what
        it adds to the counts, as `claims.add_claims` has it.
    """
    calls = lay_calls(cases, as_of=as_of, window_days=window_days)
    if not len(calls.rows):
        return pd.DataFrame(columns=list(POINT_COLUMNS))
    calls, course = lay_course(calls)
    rules = _Rules(floor, fdr, span=float(window_days - np.floor(course.begin)))
    table = describe_pairs(calls)
    tally = tally_callers(calls, table)
    test = _test_pairs(tally, rules)
    points = _judge(calls, course, table, test, rules)
    is_listed = table.index.isin(points.index[points["qvalue"].notna()])
    if is_listed.any():  # else nothing is set aside, and all would come out as before
        tally = set_aside(tally, is_listed, test.chance)
        test = _test_pairs(tally, rules)
        points = _judge(calls, course, table, test, rules)
    points = _add_decisive(calls, course, points, test, rules)
    del course
    points = add_claims(points, calls)
    calls = lay_mixed(calls, _leave_rest(table, points), MIXED)
    points = pd.concat([points, _judge_rest(calls, points, tally, rules)])
    points["best_days"] = np.minimum(points["best_days"], np.floor(points["best_end"]) + 1)
    points["best_end"] = as_of.normalize() + (np.floor(points["best_end"]) - window_days + 1) * _DAY
    points = points.astype({"spot": "str", "group": "str"}).sort_values(["spot", "group"])
    return points[list(POINT_COLUMNS)].reset_index(drop=True)


def number_points(points: pd.DataFrame, cases: pd.DataFrame) -> pd.Series:
    """Say to which point each case belongs: that of its own category, else that of all.

    What names a compound and no house may belong to a point of a house in it (`claims`).

    Parameters
    ----------
    points
        `spot`, `group`; with `whole`, `first_at` and `last_at` where they may claim cases.
    cases
        `spot`, `ground`, `group`; `reported_at` likewise.

    Returns
    -------
    number
        Row of `points`, -1 where a case belongs to none; indexed as `cases`.
    """
    number = find_rows(points, cases["spot"], cases["group"])
    number = np.where(number >= 0, number, find_rows(points, cases["ground"], MIXED))
    if "whole" in points:
        number = np.where(number >= 0, number, find_claimed(points, cases))
    return pd.Series(number, index=cases.index)


def _leave_rest(table: pd.DataFrame, points: pd.DataFrame) -> Ints:
    """List the grounds that are not listed yet and have trouble enough.

    Not those that are all single callers', whose points have every case of the spot.
    """
    tested = points.loc[points["kind"] != "single_caller", "ground"]
    free = table.loc[~table.index.isin(points.index), "ground"].unique()
    groups = table.groupby("ground")["group"].nunique()
    enough = groups.index[groups >= _MIXED_GROUPS]
    return np.setdiff1d(np.intersect1d(free, enough), tested).astype(np.int64)


def _judge_rest(rest: Calls, points: pd.DataFrame, tally: Tally, rules: _Rules) -> pd.DataFrame:
    """Judge the spots that are not listed yet, all categories together."""
    if not len(rest.rows):
        return points.head(0)
    table = describe_pairs(rest)
    spots = expect_spots(tally)
    n_tests = len(spots.mean)

    def false(threshold: Floats) -> Floats:
        return threshold * n_tests

    test = _Test(spots.take(table["ground"].to_numpy()), false, by_past=True)
    rest, course = lay_course(rest)
    mixed = _judge(rest, course, table, test, rules)
    return _add_decisive(rest, course, mixed[mixed["kind"] != "single_caller"], test, rules)


def _test_pairs(tally: Tally, rules: _Rules) -> _Test:
    prospect = expect_callers(tally)
    false = expect_false(prospect, floor=rules.floor.callers, n_days=rules.span)
    return _Test(prospect.pairs, false)


def _judge(
    calls: Calls, course: Course, table: pd.DataFrame, test: _Test, rules: _Rules
) -> pd.DataFrame:
    """Test what is above the floor, and keep what passes, with the single callers beside it."""
    floor, fdr, _ = rules
    is_high = (table["n_callers"] >= floor.callers) & (table["n_days"] >= floor.days)
    high = np.flatnonzero(is_high)
    best, is_crowd = _scan(calls.take(high), high, course, test, rules)
    best["qvalue"] = adjust(best["pvalue"], test.false)
    is_single = _are_single(calls, table, floor)
    is_passed = (best["qvalue"] <= fdr).to_numpy()
    kept = np.flatnonzero(is_single | table.index.isin(high[is_passed]))
    points = table.iloc[kept].assign(kind="repeat", expected=test.chance.mean[kept])
    points["kind"] = points["kind"].mask(is_single, "single_caller")
    points["kind"] = points["kind"].mask(points.index.isin(high[is_crowd]), "group")
    window = best[["days", "end", "callers", "expected"]].add_prefix("best_")
    return points.join(best[["pvalue", "qvalue"]]).join(window)


def _scan(
    calls: Calls, pairs: Ints, course: Course, test: _Test, rules: _Rules
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """Find the least likely window of each of some pairs, and which of them are 群诉."""
    floor, _, span = rules
    crowd, chance, found = np.zeros(len(pairs)), test.chance.take(pairs), []
    for block in in_blocks(calls):
        some = lay_pairs(block, pairs)
        np.maximum.at(crowd, some["pair"], count_windows(some, floor.group_days))
        found.append(scan_windows(
            some, course, chance, n_days=span, min_callers=floor.callers, by_past=test.by_past
        ))  # fmt: skip
    return pd.concat(found).set_axis(pairs), crowd >= floor.group_callers


def _are_single(calls: Calls, table: pd.DataFrame, floor: Floor) -> pd.Series:
    """Find 一人多诉: one caller has three cases or more, and too few others are known."""
    few = table.index[(table["n_callers"] < floor.callers) & (table["n"] >= _SINGLE_CALLER_CASES)]
    most = pd.concat([_count_most(block) for block in in_blocks(calls.take(few.to_numpy()))])
    single: pd.Series = most.reindex(table.index, fill_value=0) >= _SINGLE_CALLER_CASES
    return single


def _count_most(block: Calls) -> "pd.Series[int]":
    """Count, by pair, the calls of the caller who called most."""
    said = block.lay("pair", "unit", "worth", "is_named")
    named = said[said["is_named"] & (said["worth"] > 0)]
    return named.groupby(["pair", "unit"]).size().groupby(level=0).max()


def _add_decisive(
    calls: Calls, course: Course, points: pd.DataFrame, test: _Test, rules: _Rules
) -> pd.DataFrame:
    """Say of each tested point which cases it hangs on."""
    tested = points.index[points["qvalue"].notna()].to_numpy()
    threshold = last_threshold(test.false, rules.fdr * len(tested))
    found = [
        _list_decisive(block, course, points, test, rules, threshold=threshold)
        for block in in_blocks(calls.take(tested))
    ]
    return points.join(pd.concat(found))


def _list_decisive(
    block: Calls, course: Course, points: pd.DataFrame, test: _Test, rules: _Rules,
    *, threshold: float,
) -> pd.DataFrame:  # fmt: skip
    """List, by pair, the cases that each point of a block hangs on."""
    pairs = np.unique(block.pair).astype(np.int64)
    some = lay_pairs(block, pairs)
    some = some[some["worth"] > 0]
    best = points.loc[pairs, ["best_days", "best_end"]].set_axis(["days", "end"], axis=1)
    order = find_decisive(
        some, course, test.chance.take(pairs), best.reset_index(drop=True), threshold=threshold,
        min_callers=rules.floor.callers, min_days=rules.floor.days, n_days=rules.span,
        by_past=test.by_past,
    )  # fmt: skip
    mine = some.loc[order.index].assign(label=order.index, order=order)
    by_pair = mine.sort_values(["order", "at"], kind="stable").groupby("pair")
    found = pd.DataFrame(
        {"n_decisive": by_pair["unit"].nunique(), "decisive": by_pair["label"].agg(list)}
    )
    return found.set_axis(pairs[found.index])
