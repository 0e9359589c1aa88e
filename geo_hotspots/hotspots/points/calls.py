"""The calls of a year, laid out for counting: who rang about what, where and when.

A pair is a spot and a category group; it has a number, and its calls stand together in order of
time.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.hotspots.points.callers import add_units, number_units
from geo_hotspots.hotspots.points.chance import Tally
from geo_hotspots.hotspots.points.windows import Course

_DAY = pd.Timedelta(days=1)

Ints = npt.NDArray[np.int64]


def lay_calls(cases: pd.DataFrame, *, as_of: pd.Timestamp, window_days: int) -> pd.DataFrame:
    """Lay out the calls that count.

    Returns
    -------
    calls
        Of the last `window_days` up to the end of the day `as_of`, indexed as `cases`: `at` (days
        since they began), `unit` (who counts once), `worth` (in callers), `is_named`, and where,
        what about and when.
    """
    at = (cases["reported_at"] - as_of.normalize()) / _DAY + window_days - 1
    inside = (at >= 0) & (at < window_days) & cases["spot"].notna()
    columns = ["spot", "ground", "area", "kind_of_place", "group", "caller", "reported_at"]
    calls = cases.loc[inside, [*columns, "is_echo"]].assign(at=at[inside])
    units = number_units(calls, nobody=bool(cases["caller"].isna().all()))
    # An echo stands beside the call that it repeats and counts for nobody.
    is_echo = calls["is_echo"].to_numpy()
    calls["unit"] = np.where(is_echo, -1 - np.arange(len(calls)), units["unit"])
    calls["worth"] = np.where(is_echo, 0.0, units["worth"])
    calls["is_named"] = calls["caller"].notna()
    for name in ("spot", "ground", "area", "group"):
        calls[name] = calls[name].astype("category").cat.remove_unused_categories()
    return calls.drop(columns=["caller", "is_echo"]).astype({"kind_of_place": "int64"})


def number_pairs(calls: pd.DataFrame) -> pd.DataFrame:
    """Give numbers to the pairs of spot and group, and sort the calls by pair and time."""
    pair = calls.groupby(["spot", "group"], observed=True, sort=True).ngroup()
    return calls.assign(pair=pair).sort_values(["pair", "at"], kind="stable")


def describe_pairs(calls: pd.DataFrame) -> pd.DataFrame:
    """Count cases, callers and days per pair; echoes are cases and nothing else."""
    said = calls[calls["worth"] > 0]
    days = said.assign(day=np.floor(said["at"])).drop_duplicates(["pair", "day"])
    pair = calls["pair"].to_numpy()  # sorted, and by time within
    first = np.flatnonzero(np.diff(pair, prepend=pair[:1] - 1))
    last = np.append(first[1:], len(pair))[: len(first)] - 1
    table = calls.iloc[first][["spot", "ground", "group"]].assign(
        n=last - first + 1, first_at=calls["reported_at"].to_numpy()[first],
        last_at=calls["reported_at"].to_numpy()[last],
    ).set_axis(pd.Index(pair[first], name="pair"))  # fmt: skip
    table["ground"] = table["ground"].cat.codes.astype("int64")
    # An echo may stand alone where the call that it repeats is older than the window.
    callers = add_units(said.rename(columns={"pair": "point"})).reindex(table.index, fill_value=1)
    n_days = days.groupby("pair").size().reindex(table.index, fill_value=0)
    return table.assign(n_callers=callers, n_days=n_days)


def tally_callers(calls: pd.DataFrame, table: pd.DataFrame) -> Tally:
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


def take_pairs(calls: pd.DataFrame, pairs: Ints) -> pd.DataFrame:
    """Give the calls of some pairs, numbered anew from 0."""
    columns = ["pair", "group", "at", "unit", "worth", "course"]
    some = calls.loc[calls["pair"].isin(pairs), columns]
    gap = some.groupby(["pair", "unit"], sort=False)["at"].diff().fillna(np.inf)
    pair, group = np.searchsorted(pairs, some["pair"]), some["group"].cat.codes
    return some.assign(pair=pair, group=group.astype("int64"), gap=gap)


def lay_course(calls: pd.DataFrame) -> tuple[pd.DataFrame, Course]:
    """Say what the city complains about when, and which row of that each call is (`course`)."""
    group, at = calls["group"].cat.codes.to_numpy().astype(np.int64), calls["at"].to_numpy()
    order = np.argsort(at, kind="stable")
    order = order[np.argsort(group[order], kind="stable")]
    course = np.empty(len(order), dtype=np.int64)
    course[order] = np.arange(len(order))
    return calls.assign(course=course), Course(group[order], at[order])
