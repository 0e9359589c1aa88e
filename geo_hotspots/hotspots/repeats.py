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

from geo_hotspots.hotspots.callers import number_units
from geo_hotspots.hotspots.chance import (
    Chance,
    Prospect,
    Tally,
    expect_callers,
    expect_spots,
    set_aside,
)
from geo_hotspots.hotspots.decisive import find_decisive
from geo_hotspots.hotspots.discovery import adjust, expect_false, last_threshold
from geo_hotspots.hotspots.windows import count_windows, scan_windows

MIXED = "*"  # the group of a point that no single category explains
POINT_COLUMNS = (
    "spot", "group", "kind", "n", "n_callers", "n_days", "first_at", "last_at", "expected",
    "pvalue", "qvalue", "best_days", "best_end", "best_callers", "best_expected",
    "n_decisive", "decisive",
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
        Points of kind `single_caller` are not tested and carry none of these.
    """
    calls = _lay_calls(cases, as_of=as_of, window_days=window_days)
    if calls.empty:
        return pd.DataFrame(columns=list(POINT_COLUMNS))
    span = float(window_days - np.floor(calls["at"].min()))
    rules = _Rules(floor, fdr, span)
    calls = _number(calls)
    table = _describe(calls)
    tally = _tally(calls, table)
    prospect = expect_callers(tally)
    points = _judge(calls, table, prospect.pairs, rules, _false_pairs(prospect, rules))
    is_listed = table.index.isin(points.index[points["qvalue"].notna()])
    tally = set_aside(tally, is_listed, prospect.pairs)
    prospect = expect_callers(tally)
    false = _false_pairs(prospect, rules)
    points = _judge(calls, table, prospect.pairs, rules, false)
    points = _add_decisive(calls, points, prospect.pairs, rules, false)
    points = pd.concat([points, _judge_rest(calls, points, tally, rules)])
    points["best_days"] = np.minimum(points["best_days"], np.floor(points["best_end"]) + 1)
    points["best_end"] = as_of.normalize() + (np.floor(points["best_end"]) - window_days + 1) * _DAY
    points = points.astype({"spot": "str", "group": "str"}).sort_values(["spot", "group"])
    return points[list(POINT_COLUMNS)].reset_index(drop=True)


def number_points(points: pd.DataFrame, cases: pd.DataFrame) -> pd.Series:
    """Say to which point each case belongs: that of its own category, else that of all.

    Returns
    -------
    number
        Row of `points`, -1 where a case belongs to none; indexed as `cases`.
    """
    key = pd.MultiIndex.from_frame(points[["spot", "group"]])
    own = key.get_indexer(pd.MultiIndex.from_frame(cases[["spot", "group"]]))
    mixed = pd.MultiIndex.from_arrays([cases["ground"], np.full(len(cases), MIXED)])
    return pd.Series(np.where(own >= 0, own, key.get_indexer(mixed)), index=cases.index)


def _lay_calls(cases: pd.DataFrame, *, as_of: pd.Timestamp, window_days: int) -> pd.DataFrame:
    """Lay out the calls that count: what, where, who, and `at`, in days since the window began."""
    at = (cases["reported_at"] - as_of.normalize()) / _DAY + window_days - 1
    inside = (at >= 0) & (at < window_days) & cases["spot"].notna()
    columns = ["spot", "ground", "area", "kind_of_place", "group", "caller", "reported_at"]
    calls = cases.loc[inside, [*columns, "is_echo"]].assign(at=at[inside])
    units = number_units(calls, nobody=bool(cases["caller"].isna().all()))
    # An echo stands beside the call that it repeats and counts for nobody.
    is_echo = calls["is_echo"].to_numpy()
    calls["unit"] = np.where(is_echo, -1 - np.arange(len(calls)), units["unit"])
    calls["worth"] = np.where(is_echo, 0.0, units["worth"])
    names = dict.fromkeys(("spot", "ground", "area", "group"), "category")
    return calls.astype(names | {"kind_of_place": "int64"})


def _number(calls: pd.DataFrame) -> pd.DataFrame:
    """Give numbers to the pairs of spot and group, and sort the calls by pair and time."""
    pair = calls.groupby(["spot", "group"], observed=True, sort=True).ngroup()
    return calls.assign(pair=pair).sort_values(["pair", "at"], kind="stable")


def _describe(calls: pd.DataFrame) -> pd.DataFrame:
    """Count cases, callers and days per pair; echoes are cases and nothing else."""
    said = calls[calls["worth"] > 0]
    who = said.drop_duplicates(["pair", "unit"]).groupby("pair")["worth"].sum()
    days = said.assign(day=np.floor(said["at"])).drop_duplicates(["pair", "day"])
    grouped = calls.groupby("pair")
    table = grouped.agg(
        spot=("spot", "first"), ground=("ground", "first"), group=("group", "first"),
        n=("pair", "size"), first_at=("reported_at", "first"), last_at=("reported_at", "last"),
    )  # fmt: skip
    table["ground"] = table["ground"].cat.codes.astype("int64")
    callers = np.floor(who.round(9)).clip(lower=1).astype("int64")
    return table.assign(n_callers=callers, n_days=days.groupby("pair").size())


def _tally(calls: pd.DataFrame, table: pd.DataFrame) -> Tally:
    """Tally the callers by ground and group; say where each ground lies and what it is."""
    ground = calls["ground"].cat.codes
    kind = calls.groupby(ground)["kind_of_place"].min().to_numpy("int64")
    area = calls["area"].cat.codes.groupby(ground).min().to_numpy("int64")
    return Tally(
        spot=table["ground"].to_numpy(),
        group=table["group"].cat.codes.to_numpy().astype(np.int64),
        n=table["n_callers"].to_numpy(float),
        area=np.unique(np.c_[area, kind], axis=0, return_inverse=True)[1].ravel(),
        kind=kind,
        n_groups=len(table["group"].cat.categories),
    )


def _leave_rest(calls: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Give the calls of spots that are not listed yet, as one group each."""
    tested = points.loc[points["kind"] != "single_caller", "ground"]
    ground = calls["ground"].cat.codes
    groups = calls.groupby(ground)["group"].nunique()
    enough = groups.index[groups >= _MIXED_GROUPS]
    rest = calls[~ground.isin(tested) & ground.isin(enough)]
    mixed = pd.Series(MIXED, rest.index, dtype="category")
    return _number(rest.assign(spot=rest["ground"], group=mixed))


def _judge_rest(
    calls: pd.DataFrame, points: pd.DataFrame, tally: Tally, rules: _Rules
) -> pd.DataFrame:
    """Judge the spots that are not listed yet, all categories together."""
    rest = _leave_rest(calls, points)
    if rest.empty:
        return points.head(0)
    table = _describe(rest)
    spots = expect_spots(tally)
    chance = spots.take(table["ground"].to_numpy())
    n_tests = len(spots.mean)

    def false(threshold: Floats) -> Floats:
        return threshold * n_tests

    mixed = _judge(rest, table, chance, rules, false, by_past=True)
    mixed = mixed[mixed["kind"] != "single_caller"]
    return _add_decisive(rest, mixed, chance, rules, false, by_past=True)


def _false_pairs(prospect: Prospect, rules: _Rules) -> Callable[[Floats], Floats]:
    return expect_false(prospect, floor=rules.floor.callers, n_days=rules.span)


def _judge(
    calls: pd.DataFrame, table: pd.DataFrame, chance: Chance, rules: _Rules,
    false: Callable[[Floats], Floats], *, by_past: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Test what is above the floor, and keep what passes, with the single callers beside it."""
    floor, fdr, span = rules
    table = table.assign(kind=_kinds(calls, table, floor), expected=chance.mean)
    is_single = table["kind"] == "single_caller"
    is_high = (table["n_callers"] >= floor.callers) & (table["n_days"] >= floor.days) & ~is_single
    high = np.flatnonzero(is_high)
    some, city = _take(calls, high)
    best = scan_windows(some, city, chance.take(high), n_days=span, by_past=by_past).set_axis(high)
    best["qvalue"] = adjust(best["pvalue"], false)
    window = best[["days", "end", "callers", "expected"]].add_prefix("best_")
    table = table.join(best[["pvalue", "qvalue"]]).join(window)
    return table[is_single | (table["qvalue"] <= fdr)]


def _take(calls: pd.DataFrame, pairs: Ints) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the calls of some pairs, numbered anew from 0, and every call of the city by group."""
    coded = calls.assign(group=calls["group"].cat.codes.astype("int64"))
    some = coded[coded["pair"].isin(pairs)]
    some = some.assign(pair=np.searchsorted(pairs, some["pair"]))
    return some, coded[["group", "at"]].sort_values(["group", "at"])


def _add_decisive(
    calls: pd.DataFrame, points: pd.DataFrame, chance: Chance, rules: _Rules,
    false: Callable[[Floats], Floats], *, by_past: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Say of each tested point which cases it hangs on."""
    tested = points.index[points["qvalue"].notna()].to_numpy()
    some, city = _take(calls[calls["worth"] > 0], tested)
    best = points.loc[tested, ["best_days", "best_end"]].set_axis(["days", "end"], axis=1)
    order = find_decisive(
        some, city, chance.take(tested), best.reset_index(drop=True),
        threshold=last_threshold(false, rules.fdr * len(tested)), min_callers=rules.floor.callers,
        min_days=rules.floor.days, n_days=rules.span, by_past=by_past,
    )  # fmt: skip
    mine = some.loc[order.index].assign(label=order.index, order=order)
    by_pair = mine.sort_values(["order", "at"], kind="stable").groupby("pair")
    found = pd.DataFrame(
        {"n_decisive": by_pair["unit"].nunique(), "decisive": by_pair["label"].agg(list)}
    )
    return points.join(found.set_axis(tested[found.index]))


def _kinds(calls: pd.DataFrame, table: pd.DataFrame, floor: Floor) -> pd.Series:
    """Tell group complaints, single callers and the rest apart.

    群诉: enough distinct callers within `floor.group_days`. 一人多诉: one caller has three cases
    or more and too few others are known.
    """
    named = calls[calls["caller"].notna() & (calls["worth"] > 0)]
    most = named.groupby(["pair", "unit"]).size().groupby(level=0).max()
    is_single = (most.reindex(table.index, fill_value=0) >= _SINGLE_CALLER_CASES) & (
        table["n_callers"] < floor.callers
    )
    crowd = pd.Series(count_windows(calls, floor.group_days), index=calls.index)
    crowd = crowd.groupby(calls["pair"]).max()
    is_group = crowd >= floor.group_callers
    kind = np.where(is_single, "single_caller", np.where(is_group, "group", "repeat"))
    return pd.Series(kind, index=table.index)
