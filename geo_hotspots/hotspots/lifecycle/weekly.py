"""Calls per point and week: the one table that every forecast and its test are made from.

A unit is a spot and a category group, tested or not. Units stand in the order in which they were
first heard of, so that what was known by any week is the head of the table: nothing of the future
can be looked at by mistake.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csc_array, csr_array, eye_array, hstack
from scipy.spatial import cKDTree

from geo_hotspots.columns import sort_rows
from geo_hotspots.hotspots.points.linkage import local_metres

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]

_RING_METRES = 100.0
_BUNDLE = 10_000  # units, at most, of little groups that are looked at together
_DAY = pd.Timedelta(days=1)


class Weekly(NamedTuple):
    """The table and what belongs to it.

    Attributes
    ----------
    units
        `spot`, `group`, `lng`, `lat`; row i of every matrix.
    calls
        Fresh callers, (units, weeks), oldest first; the last week ends with the day `as_of`.
    done
        Rectifications, (units, weeks).
    n_known
        How many units had been heard of when week w began, (weeks + 1,).
    daily
        Fresh callers per group and day, (groups, 7 · weeks).
    group
        Number of the unit's group in `groups`.
    """

    units: pd.DataFrame
    calls: csc_array
    done: csc_array
    n_known: Ints
    daily: Floats
    group: Ints
    groups: tuple[str, ...]
    as_of: pd.Timestamp

    @property
    def weeks(self) -> int:
        """Count the weeks."""
        return int(self.calls.shape[1])

    def week(self, week: int, matrix: csc_array | None = None) -> Floats:
        """Give one week of a matrix, by default of the calls, as a plain array."""
        table = self.calls if matrix is None else matrix
        column = np.zeros(table.shape[0])
        inside = slice(table.indptr[week], table.indptr[week + 1])
        column[table.indices[inside]] = table.data[inside]
        return column

    def ends(self, week: int) -> pd.Timestamp:
        """Give the last day of a week."""
        return self.as_of - 7 * (self.weeks - 1 - week) * _DAY


def tabulate_weeks(
    cases: pd.DataFrame, rectified: pd.DataFrame, *, as_of: pd.Timestamp, weeks: int
) -> Weekly:
    """Add up fresh callers per unit and week.

    Parameters
    ----------
    cases
        `spot`, `group`, `reported_at`, `weight` (as `repeats.weigh_cases`), `lng`, `lat`; those
        without a spot are left out.
    rectified
        `spot`, `group`, `day`; what is later than `as_of` is left out.
    weeks
        How many, back from `as_of`; earlier cases are left out.
    """
    ago = days_ago(cases["reported_at"], as_of)
    is_in = cases["spot"].notna().to_numpy() & (ago >= 0) & (ago < 7 * weeks)
    # A unit lies where it was first heard of.
    rows = _in_order(cases, np.flatnonzero(is_in).astype(np.int32))
    ago = ago[rows]
    week = weeks - 1 - ago // 7
    unit, units, first = _list_units(cases, rows, week)
    weight = cases["weight"].to_numpy(float)[rows]
    group, names = pd.factorize(units["group"], sort=True)
    day = group[unit] * (7 * weeks) + 7 * weeks - 1 - ago
    daily = np.bincount(day, weight, minlength=len(names) * 7 * weeks).astype(float)
    return Weekly(
        units, csc_array((weight, (unit, week)), shape=(len(units), weeks)),
        _mark_done(rectified, units, as_of, weeks),
        np.searchsorted(first, np.arange(weeks + 1)).astype(np.int64),
        daily.reshape(-1, 7 * weeks), group.astype(np.int64), tuple(names), as_of.normalize(),
    )  # fmt: skip


def _list_units(
    cases: pd.DataFrame, rows: Numbers, week: Numbers
) -> tuple[Numbers, pd.DataFrame, Numbers]:
    """List the units of some cases by the week in which each was first heard of.

    Returns
    -------
    unit, units, first
        The unit of each case; `spot`, `group`, `lng`, `lat` of each unit; its first week.
    """
    words = (cases[name].astype("category").cat.codes.to_numpy() for name in ("spot", "group"))
    by_pair, pair = sort_rows(*(codes[rows] for codes in words))
    head = by_pair[np.flatnonzero(np.diff(pair, prepend=-1))]
    codes = np.empty(len(rows), dtype=np.int32)
    codes[by_pair] = pair
    first = np.full(len(head), np.iinfo(np.int32).max, dtype=np.int32)
    np.minimum.at(first, codes, week)
    order = np.argsort(first, kind="stable")
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.arange(len(order))
    units = cases[["spot", "group"]].iloc[rows[head[order]]].reset_index(drop=True)
    for axis in ("lng", "lat"):
        along = cases[axis].to_numpy(float)[rows[by_pair]]
        known = np.flatnonzero(~np.isnan(along))
        here = known[np.flatnonzero(np.diff(pair[known], prepend=-1))]  # where first known
        middle = np.full(len(head), np.nan)
        middle[pair[here]] = along[here]
        units[axis] = middle[order]
    return number[codes], units, first[order]


def _in_order(cases: pd.DataFrame, rows: Numbers) -> Numbers:
    """Put rows in order of time, longitude, latitude; where they are in time's, but for ties."""
    at, lng, lat = (cases[name].to_numpy() for name in ("reported_at", "lng", "lat"))
    when = at[rows]
    if not (when[1:] >= when[:-1]).all():
        return rows[np.lexsort((lat[rows], lng[rows], when))]
    is_tied = np.zeros(len(rows), dtype=bool)
    is_tied[1:] = when[1:] == when[:-1]
    is_tied[:-1] |= is_tied[1:]
    tied = rows[is_tied]
    rows[is_tied] = tied[np.lexsort((lat[tied], lng[tied], at[tied]))]
    return rows


def days_ago(at: pd.Series, as_of: pd.Timestamp) -> npt.NDArray[np.int32]:
    """Count how many days lie between the day of a time and `as_of`: 0 on its day."""
    return np.asarray(-((at - as_of.normalize()) // _DAY), dtype=np.int32)


def weeks_ago(at: pd.Series, as_of: pd.Timestamp) -> pd.Series:
    """Count how many whole weeks lie between a time and `as_of`: 0 on its day and six before."""
    days: pd.Series = (as_of.normalize() - at.dt.normalize()) // _DAY
    return days // 7


def _mark_done(
    rectified: pd.DataFrame, units: pd.DataFrame, as_of: pd.Timestamp, weeks: int
) -> csc_array:
    rows = pd.MultiIndex.from_frame(units[["spot", "group"]]).get_indexer(
        pd.MultiIndex.from_frame(rectified[["spot", "group"]])
    )
    ago = weeks_ago(pd.to_datetime(rectified["day"]), as_of).to_numpy()
    inside = (rows >= 0) & (ago >= 0) & (ago < weeks)
    where = (rows[inside], weeks - 1 - ago[inside])
    return csc_array((np.ones(int(inside.sum())), where), shape=(len(units), weeks))


class Neighbours:
    """The units of the same group within 100 m of each; the nearer, the heavier they weigh.

    Weights fall from 1 to 0 with the distance. Every bundle of groups has a matrix of its own:
    what is added up then lies near in memory, and the pairs of all are never listed at once.
    """

    def __init__(self, weekly: Weekly) -> None:
        lng, lat = weekly.units["lng"].to_numpy(float), weekly.units["lat"].to_numpy(float)
        located = np.flatnonzero(~np.isnan(lng))
        order = located[np.argsort(weekly.group[located], kind="stable")]
        begins = np.flatnonzero(np.diff(weekly.group[order], prepend=-1))
        cuts = begins[np.diff(begins // _BUNDLE, prepend=-1) > 0]
        self._rings = []
        for units in np.split(order, cuts[1:]):
            ring = _weigh_near(lng[units], lat[units], weekly.group[units])
            self._rings.append((units, ring))

    def add_up(self, counts: Floats) -> Floats:
        """Add up what the neighbours of each unit have, by their weights, (units,)."""
        shared = np.zeros(len(counts))
        for units, ring in self._rings:
            mine = counts[units]
            from_earlier = (ring.T @ mine)[len(mine) :]
            shared[units] = ring @ np.concatenate([from_earlier, mine])
        return shared


def _weigh_near(lng: Floats, lat: Floats, group: Ints) -> csr_array:
    """Weigh the neighbours of units that stand together by their groups.

    Returns
    -------
    ring
        (units, 2 · units): a pair is held once, in the right half, by the earlier of its units.
        The left half takes over what a unit has from earlier ones, so that its neighbours are
        added up in their order, to the same last digit as by a symmetric matrix of twice the size.
    """
    found = [np.empty((0, 2), np.int32)]
    weights = [np.empty(0)]
    begins = np.flatnonzero(np.diff(group)) + 1
    for members in np.split(np.arange(len(lng), dtype=np.int32), begins):
        if len(members) < 2:  # noqa: PLR2004 - nobody has a neighbour
            continue
        xy = local_metres(lng[members], lat[members])
        pairs = cKDTree(xy).query_pairs(_RING_METRES, output_type="ndarray")
        apart = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
        found.append(members[pairs])
        weights.append(1 - apart / _RING_METRES)
    half = csr_array((np.concatenate(weights), np.concatenate(found).T), shape=(len(lng),) * 2)
    ring: csr_array = hstack([eye_array(len(lng)), half], format="csr")
    return ring
