"""The calls of a year, laid out for counting: who rang about what, where and when.

A pair is a spot and a category group; it has a number, and its calls stand together in order of
time. Of all calls only their order is in memory; what is looked at is laid out in that order some
hundred thousand calls at a time.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.columns import sort_rows
from geo_hotspots.hotspots.points.callers import MISSING_CALLER, add_units, number_speakers
from geo_hotspots.hotspots.points.chance import Tally
from geo_hotspots.hotspots.points.windows import Course

_DAY = np.timedelta64(1, "D")
_AT_ONCE = 500_000  # calls that are looked at together; each takes a hundred bytes meanwhile
_WORDS = ("spot", "ground", "area", "group")

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]


class Calls(NamedTuple):
    """Calls that count, sorted by pair and time.

    Attributes
    ----------
    cases
        Every case, counted or not, in its own order: `spot`, `ground`, `area`, `kind_of_place`,
        `group`, `caller`, `reported_at`, `is_echo`, `unit` (who counts once) and, once
        `lay_course` has been asked, `course`.
    rows, pair
        Of each call: the row of its case, and the number of its pair.
    last, window_days
        The midnight on which the last day begins, and how many days count.
    is_nameless
        Whether no case names a caller, so that days count for callers.
    """

    cases: pd.DataFrame
    rows: Numbers
    pair: Numbers
    last: np.datetime64
    window_days: int
    is_nameless: bool

    def keep(self, is_kept: Flags) -> "Calls":
        """Give some of the calls; the numbers of their pairs stay."""
        return self._replace(rows=self.rows[is_kept], pair=self.pair[is_kept])

    def take(self, pairs: Ints) -> "Calls":
        """Give the calls of some pairs."""
        is_asked = np.zeros(int(self.pair.max(initial=-1)) + 1, dtype=bool)
        is_asked[pairs] = True
        return self.keep(is_asked[self.pair])

    def days(self) -> Floats:
        """Give the time of each call, in days since the first midnight that counts."""
        at: Floats = (self.cases["reported_at"].to_numpy()[self.rows] - self.last) / _DAY
        at += self.window_days
        at -= 1
        return at

    def lay(self, *names: str) -> pd.DataFrame:
        """Lay out columns of these calls, under the labels of their cases.

        Parameters
        ----------
        names
            Of `cases`; or `pair`, `at` (`days`), `worth` (in callers), `is_named`.
        """
        given = [name for name in names if name in self.cases]
        laid = {name: self.cases[name].array.take(self.rows) for name in given}
        if "pair" in names:
            laid["pair"] = self.pair
        if "at" in names:
            laid["at"] = self.days()
        if "worth" in names:
            laid["worth"] = self._weigh()
        if "is_named" in names:
            laid["is_named"] = self._are_named()
        return pd.DataFrame(laid, self.cases.index[self.rows], copy=False)

    def _are_named(self) -> Flags:
        are_named: Flags = ~self.cases["caller"].array.take(self.rows).isna()
        return are_named

    def _weigh(self) -> Floats:
        """Say how many callers each call stands for; an echo, beside what it repeats, for none."""
        own = np.where(self.is_nameless | self._are_named(), 1.0, MISSING_CALLER)
        return np.where(self.cases["is_echo"].to_numpy()[self.rows], 0.0, own)


def lay_calls(cases: pd.DataFrame, *, as_of: pd.Timestamp, window_days: int) -> Calls:
    """Find the calls that count, those of the last `window_days` up to the end of `as_of`."""
    last, when = as_of.normalize(), cases["reported_at"]
    first, end = last - (window_days - 1) * pd.Timedelta(days=1), last + pd.Timedelta(days=1)
    is_in = ((when >= first) & (when < end) & cases["spot"].notna()).to_numpy()
    rows = np.flatnonzero(is_in).astype(np.int32)
    held = cases.astype(dict.fromkeys(_WORDS, "category"))
    for name in ("ground", "group"):  # which are counted
        held[name] = _leave_unused(held[name], rows)
    nobody = bool(cases["caller"].isna().all())
    held["unit"] = _number_units(cases, rows, nobody=nobody)
    rows, pair = _sort_pairs(held, rows)
    return Calls(held, rows, pair, last.to_datetime64(), window_days, nobody)


def _leave_unused(column: pd.Series, rows: Numbers) -> pd.Series:
    """Leave out the words that only other rows have; these then have none."""
    words, codes = column.cat.categories, column.cat.codes.to_numpy()
    used = np.flatnonzero(np.bincount(codes[rows], minlength=len(words)))
    if len(used) == len(words):
        return column
    number = np.full(len(words) + 1, -1, dtype=codes.dtype)
    number[used] = np.arange(len(used))
    fewer = pd.Categorical.from_codes(number[codes], words[used], validate=False)
    return pd.Series(fewer, column.index)


def _number_units(cases: pd.DataFrame, rows: Numbers, *, nobody: bool) -> Numbers:
    """Give a number to who counts once, at some rows; an echo is like nobody else."""
    said = cases[["caller", "reported_at"]].iloc[rows]
    own = number_speakers(said, nobody=nobody).astype(np.int32)
    is_echo = cases["is_echo"].to_numpy()[rows]
    own[is_echo] = -1 - np.flatnonzero(is_echo)
    unit = np.zeros(len(cases), dtype=np.int32)
    unit[rows] = own
    return unit


def _sort_pairs(cases: pd.DataFrame, rows: Numbers) -> tuple[Numbers, Numbers]:
    """Order rows by pair of spot and group, and by time within; give the pairs' numbers so."""
    at = cases["reported_at"].to_numpy()[rows]
    if not (at[1:] >= at[:-1]).all():
        rows = rows[np.argsort(at, kind="stable")]
    del at
    order, pair = sort_rows(*(cases[name].cat.codes.to_numpy()[rows] for name in ("spot", "group")))
    return rows[order], pair


def lay_mixed(calls: Calls, grounds: Ints, group: str) -> Calls:
    """Lay out the calls of some grounds anew, what they are about as one `group`.

    Parameters
    ----------
    grounds
        Their codes.
    """
    cases = calls.cases
    is_asked = np.zeros(len(cases["ground"].cat.categories), dtype=bool)
    is_asked[grounds] = True
    rows = calls.rows[is_asked[cases["ground"].cat.codes.to_numpy()[calls.rows]]]
    nought = np.zeros(len(cases), np.int8)
    mixed = pd.Categorical.from_codes(nought, pd.Index([group], dtype="str"), validate=False)
    cases = cases.assign(spot=cases["ground"], group=mixed)
    rows, pair = _sort_pairs(cases, rows)
    return calls._replace(cases=cases, rows=rows, pair=pair)


def in_blocks(calls: Calls) -> Iterator[Calls]:
    """Give calls some hundred thousand at a time, a pair never parted; of none, one empty block."""
    begins = np.flatnonzero(np.diff(calls.pair, prepend=-1))
    near = np.searchsorted(begins, np.arange(0, max(len(calls.pair), 1), _AT_ONCE))
    cuts = np.unique(np.append(begins, len(calls.pair))[near])
    for start, end in zip(cuts, [*cuts[1:], len(calls.pair)], strict=True):
        yield calls._replace(rows=calls.rows[start:end], pair=calls.pair[start:end])


def describe_pairs(calls: Calls) -> pd.DataFrame:
    """Count cases, callers and days per pair; echoes are cases and nothing else."""
    return pd.concat([_describe(block) for block in in_blocks(calls)])


def _describe(block: Calls) -> pd.DataFrame:
    calls = block.lay("pair", "at", "unit", "worth")
    said = calls[calls["worth"] > 0]
    days = said.assign(day=np.floor(said["at"])).drop_duplicates(["pair", "day"])
    pair = block.pair  # sorted, and by time within
    first = np.flatnonzero(np.diff(pair, prepend=-1))
    last = np.append(first[1:], len(pair))[: len(first)] - 1
    when = block.cases["reported_at"].to_numpy()
    table = block.cases[["spot", "ground", "group"]].iloc[block.rows[first]].assign(
        n=last - first + 1, first_at=when[block.rows[first]], last_at=when[block.rows[last]]
    ).set_axis(pd.Index(pair[first], name="pair", dtype="int64"))  # fmt: skip
    table["ground"] = table["ground"].cat.codes.astype("int64")
    # An echo may stand alone where the call that it repeats is older than the window.
    callers = add_units(said.rename(columns={"pair": "point"})).reindex(table.index, fill_value=1)
    n_days = days.groupby("pair").size().reindex(table.index, fill_value=0)
    return table.assign(n_callers=callers, n_days=n_days)


def tally_callers(calls: Calls, table: pd.DataFrame) -> Tally:
    """Tally the callers by ground and group; say where each ground lies and what it is."""
    n = len(calls.cases["ground"].cat.categories)
    kind, area = (np.full(n, np.iinfo(np.int64).max) for _ in range(2))
    for block in in_blocks(calls):
        laid = block.lay("ground", "kind_of_place", "area")
        ground = laid["ground"].cat.codes.to_numpy()
        np.minimum.at(kind, ground, laid["kind_of_place"].to_numpy(np.int64))
        np.minimum.at(area, ground, laid["area"].cat.codes.to_numpy())
    return Tally(
        spot=table["ground"].to_numpy(),
        group=table["group"].cat.codes.to_numpy().astype(np.int64),
        n=table["n_callers"].to_numpy(float),
        area=np.unique(np.c_[area, kind], axis=0, return_inverse=True)[1].ravel(),
        kind=kind,
        n_groups=len(table["group"].cat.categories),
    )


def lay_pairs(calls: Calls, pairs: Ints) -> pd.DataFrame:
    """Lay out calls, all of some `pairs`, each numbered by its place among these."""
    some = calls.lay("pair", "group", "at", "unit", "worth", "course")
    gap = some.groupby(["pair", "unit"], sort=False)["at"].diff().fillna(np.inf)
    pair, group = np.searchsorted(pairs, some["pair"]), some["group"].cat.codes
    wide = some[["unit", "course"]].astype("int64")
    return some.assign(pair=pair, group=group.astype("int64"), gap=gap, **wide)


def lay_course(calls: Calls) -> tuple[Calls, Course]:
    """Say what the city complains about when, and which row of that each call is (`course`)."""
    in_time = calls._replace(rows=np.sort(calls.rows))  # mostly the order of the cases
    at, group = in_time.days(), calls.cases["group"].cat.codes.to_numpy()[in_time.rows]
    order = np.lexsort((at, group))
    course = np.empty(len(calls.cases), dtype=np.int32)
    course[in_time.rows[order]] = np.arange(len(order), dtype=np.int32)
    return calls._replace(cases=calls.cases.assign(course=course)), Course(group[order], at[order])
