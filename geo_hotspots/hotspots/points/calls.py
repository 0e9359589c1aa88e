"""The calls of a year, laid out for counting: who rang about what, where and when.

A pair is a spot and a category group; it has a number, and its calls stand together in order of
time.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.columns import number_rows
from geo_hotspots.hotspots.points.callers import add_units, number_units
from geo_hotspots.hotspots.points.chance import Tally
from geo_hotspots.hotspots.points.windows import Course

_DAY = pd.Timedelta(days=1)
_AT_ONCE = 500_000  # calls that are looked at together; each takes a hundred bytes meanwhile
# Of a case, in its call; the rest need not be copied.
_LAID = ("spot", "ground", "area", "kind_of_place", "group", "reported_at")

Ints = npt.NDArray[np.int64]


def lay_calls(cases: pd.DataFrame, *, as_of: pd.Timestamp, window_days: int) -> pd.DataFrame:
    """Lay out the calls that count, by pair and time.

    Returns
    -------
    calls
        Of the last `window_days` up to the end of the day `as_of`, under the labels of `cases`:
        `pair` (its number), `at` (days since they began), `unit` (who counts once), `worth` (in
        callers), `is_named`, and where, what about and when.
    """
    last, when = as_of.normalize(), cases["reported_at"]
    inside = (when >= last - (window_days - 1) * _DAY) & (when < last + _DAY)
    rows = np.flatnonzero(inside & cases["spot"].notna())
    units = _count_once(cases[["caller", "reported_at", "is_echo"]].iloc[rows],
                        nobody=bool(cases["caller"].isna().all()))  # fmt: skip
    order, pair = _sort_pairs(cases[["spot", "group", "reported_at"]].iloc[rows])
    calls = cases[list(_LAID)].iloc[rows[order]]
    calls = calls.assign(pair=pair, at=(calls["reported_at"] - last) / _DAY + window_days - 1)
    for name, column in units.items():
        calls[name] = column[order]
    for name in ("spot", "ground", "area", "group"):
        calls[name] = calls[name].astype("category").cat.remove_unused_categories()
    return calls.astype({"kind_of_place": "int8"})


def _count_once(said: pd.DataFrame, *, nobody: bool) -> dict[str, npt.NDArray[np.generic]]:
    """Say who counts once; an echo stands beside the call that it repeats and counts for nobody."""
    units, is_echo = number_units(said, nobody=nobody), said["is_echo"].to_numpy()
    return {
        "unit": np.where(is_echo, -1 - np.arange(len(said)), units["unit"]).astype(np.int32),
        "worth": np.where(is_echo, 0.0, units["worth"]),
        "is_named": said["caller"].notna().to_numpy(),
    }


def _sort_pairs(calls: pd.DataFrame) -> tuple[Ints, npt.NDArray[np.int32]]:
    """Order calls by pair of spot and group, and by time within; give the pairs' numbers so."""
    pair = number_rows(calls["spot"], calls["group"])
    order = np.lexsort((calls["reported_at"].to_numpy(), pair))
    pair = pair[order]
    return order, (np.cumsum(np.diff(pair, prepend=pair[:1]) != 0)).astype(np.int32)


def lay_mixed(calls: pd.DataFrame, grounds: Ints, group: str) -> pd.DataFrame:
    """Lay out the calls of some grounds anew, what they are about as one `group`.

    Parameters
    ----------
    grounds
        Their codes.
    """
    is_in = np.zeros(len(calls["ground"].cat.categories), dtype=bool)
    is_in[grounds] = True
    rows = np.flatnonzero(is_in[calls["ground"].cat.codes])
    mixed = pd.Categorical.from_codes(np.zeros(len(rows), np.int8), pd.Index([group], dtype="str"))
    where = calls[["ground", "reported_at"]].iloc[rows].rename(columns={"ground": "spot"})
    order, pair = _sort_pairs(where.assign(group=mixed))
    rest = calls[["ground", "reported_at", "at", "unit", "worth", "is_named"]].iloc[rows[order]]
    return rest.assign(spot=rest["ground"], group=mixed, pair=pair)


def in_blocks(calls: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Give calls, sorted by pair, some hundred thousand at a time, a pair never parted."""
    begins = np.flatnonzero(np.diff(calls["pair"].to_numpy(), prepend=-1))
    near = np.searchsorted(begins, np.arange(0, max(len(calls), 1), _AT_ONCE))
    cuts = np.unique(np.append(begins, len(calls))[near])
    for start, end in zip(cuts, [*cuts[1:], len(calls)], strict=True):
        yield calls.iloc[start:end]


def describe_pairs(calls: pd.DataFrame) -> pd.DataFrame:
    """Count cases, callers and days per pair; echoes are cases and nothing else."""
    return pd.concat([_describe(block) for block in in_blocks(calls)])


def _describe(calls: pd.DataFrame) -> pd.DataFrame:
    said = calls.loc[calls["worth"] > 0, ["pair", "at", "unit", "worth"]]
    days = said.assign(day=np.floor(said["at"])).drop_duplicates(["pair", "day"])
    pair = calls["pair"].to_numpy()  # sorted, and by time within
    first = np.flatnonzero(np.diff(pair, prepend=pair[:1] - 1))
    last = np.append(first[1:], len(pair))[: len(first)] - 1
    table = calls[["spot", "ground", "group"]].iloc[first].assign(
        n=last - first + 1, first_at=calls["reported_at"].to_numpy()[first],
        last_at=calls["reported_at"].to_numpy()[last],
    ).set_axis(pd.Index(pair[first], name="pair", dtype="int64"))  # fmt: skip
    table["ground"] = table["ground"].cat.codes.astype("int64")
    # An echo may stand alone where the call that it repeats is older than the window.
    callers = add_units(said.rename(columns={"pair": "point"})).reindex(table.index, fill_value=1)
    n_days = days.groupby("pair").size().reindex(table.index, fill_value=0)
    return table.assign(n_callers=callers, n_days=n_days)


def tally_callers(calls: pd.DataFrame, table: pd.DataFrame) -> Tally:
    """Tally the callers by ground and group; say where each ground lies and what it is."""
    ground, n = calls["ground"].cat.codes.to_numpy(), len(calls["ground"].cat.categories)
    kind, area = (np.full(n, np.iinfo(np.int64).max) for _ in range(2))
    np.minimum.at(kind, ground, calls["kind_of_place"].to_numpy())
    np.minimum.at(area, ground, calls["area"].cat.codes.to_numpy())
    return Tally(
        spot=table["ground"].to_numpy(),
        group=table["group"].cat.codes.to_numpy().astype(np.int64),
        n=table["n_callers"].to_numpy(float),
        area=np.unique(np.c_[area, kind], axis=0, return_inverse=True)[1].ravel(),
        kind=kind,
        n_groups=len(table["group"].cat.categories),
    )


def take_pairs(calls: pd.DataFrame, pairs: Ints) -> pd.DataFrame:
    """Give the calls of some pairs, each numbered by its place among these."""
    columns = ["pair", "group", "at", "unit", "worth", "course"]
    some = calls.loc[calls["pair"].isin(pairs), columns]
    gap = some.groupby(["pair", "unit"], sort=False)["at"].diff().fillna(np.inf)
    pair, group = np.searchsorted(pairs, some["pair"]), some["group"].cat.codes
    wide = some[["unit", "course"]].astype("int64")
    return some.assign(pair=pair, group=group.astype("int64"), gap=gap, **wide)


def lay_course(calls: pd.DataFrame) -> tuple[pd.DataFrame, Course]:
    """Say what the city complains about when, and which row of that each call is (`course`)."""
    group, at = calls["group"].cat.codes.to_numpy(), calls["at"].to_numpy()
    order = np.lexsort((at, group))
    course = np.empty(len(order), dtype=np.int32)
    course[order] = np.arange(len(order), dtype=np.int32)
    return calls.assign(course=course), Course(group[order], at[order])
