"""Whose are the cases that name a compound and no house: those of the point that rules it.

They make no point of a house and are not counted in its test: nobody knows where they lie. Where
one house has most of what its compound complains about, they are most likely of that house, and
are told with its point once it is listed.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.hotspots.points.calls import Calls, describe_pairs, in_blocks
from geo_hotspots.hotspots.points.gather import WHOLE_COMPOUND
from geo_hotspots.hotspots.points.pairs import Rows, find_rows

_MOST = 0.5  # of the compound's cases of that category that name a house


def add_claims(points: pd.DataFrame, calls: Calls) -> pd.DataFrame:
    """Say which compounds' houseless cases the points claim, and count them in.

    Parameters
    ----------
    points
        `spot`, `group`, `kind`, `n`, `n_callers`, `n_days`, `first_at`, `last_at`.
    calls
        Those that the points were tested with.

    Returns
    -------
    points
        With `whole`: the spot of the compound, missing where the point claims nothing; a tested
        point of a house that more than half of the compound's housed cases of its category
        belong to.
    """
    points = points.assign(whole=_find_wholes(points, calls))
    claiming = points[points["whole"].notna()]
    if claiming.empty:
        return points
    is_near = calls.cases["spot"].isin([*claiming["spot"], *claiming["whole"]]).to_numpy()
    near = calls.keep(is_near[calls.rows])
    laid = near.lay("spot", "group", "reported_at")
    own = find_rows(claiming, laid["spot"], laid["group"])
    number = np.where(own >= 0, own, find_claimed(claiming, laid))
    order = np.lexsort((near.days(), number))
    order = order[number[order] >= 0]
    mine = near._replace(rows=near.rows[order], pair=number[order])
    counted = describe_pairs(mine)[["n", "n_callers", "n_days"]]
    points.loc[claiming.index, list(counted)] = counted.to_numpy()
    return points


def find_claimed(points: pd.DataFrame, cases: pd.DataFrame) -> Rows:
    """Give the row of the point that claims each case, -1 where none does.

    A point claims what its compound was told about between its own first and last case.

    Parameters
    ----------
    points
        `whole`, `group`, `first_at`, `last_at`.
    cases
        `spot`, `group`, `reported_at`.
    """
    claimed = np.full(len(cases), -1, dtype=np.int32)
    asked = np.flatnonzero(cases["spot"].isin(points["whole"].dropna()))  # of a million, hundreds
    if len(asked):
        some = cases[["spot", "group", "reported_at"]].iloc[asked]
        wholes = points[["whole", "group"]].set_axis(["spot", "group"], axis=1)
        row, at = find_rows(wholes, some["spot"], some["group"]), some["reported_at"].to_numpy()
        first, last = (points[c].to_numpy()[row] for c in ("first_at", "last_at"))
        claimed[asked] = np.where((row >= 0) & (at >= first) & (at <= last), row, -1)
    return claimed


def _find_wholes(points: pd.DataFrame, calls: Calls) -> pd.Series:
    """Find the compound that each point rules."""
    spot, area = calls.cases["spot"], calls.cases["area"]
    is_house = np.concatenate([_are_houses(block) for block in in_blocks(calls)])
    housed = calls.keep(is_house)
    areas = area.iloc[housed.rows[spot.isin(points["spot"]).to_numpy()[housed.rows]]].unique()
    housed = housed.keep(area.isin(areas).to_numpy()[housed.rows])
    counts = pd.concat([_count_by_area(block) for block in in_blocks(housed)])
    by_spot = counts.reset_index().astype({"spot": "str", "group": "str", "area": "str"})
    total = by_spot.groupby(["area", "group"])["count"].transform("sum")
    # A case without an address that lies at a place joins its spot: no house of that place.
    is_ruling = (by_spot["count"] > _MOST * total) & (by_spot["spot"] != by_spot["area"])
    rules = by_spot[is_ruling].set_index(["spot", "group"])["area"]
    keys = points[["spot", "group"]].astype("str")
    whole = rules.reindex(pd.MultiIndex.from_frame(keys))
    is_tested = (points["kind"] != "single_caller").to_numpy()
    return pd.Series(whole.to_numpy(), points.index, dtype="str").where(is_tested)


def _are_houses(block: Calls) -> npt.NDArray[np.bool_]:
    return block.lay("kind_of_place")["kind_of_place"].to_numpy(np.int8) < WHOLE_COMPOUND


def _count_by_area(block: Calls) -> "pd.Series[int]":
    """Count calls by spot, group and area; a block has all of a spot and group."""
    where = ["spot", "group", "area"]
    return block.lay(*where).groupby(where, observed=True).size().rename("count")
