"""Whose are the cases that name a compound and no house: those of the point that rules it.

They make no point of a house and are not counted in its test: nobody knows where they lie. Where
one house has most of what its compound complains about, they are most likely of that house, and
are told with its point once it is listed.
"""

import numpy as np
import pandas as pd

from geo_hotspots.hotspots.points.calls import describe_pairs
from geo_hotspots.hotspots.points.gather import WHOLE_COMPOUND
from geo_hotspots.hotspots.points.pairs import Rows, find_rows

_MOST = 0.5  # of the compound's cases of that category that name a house


def add_claims(points: pd.DataFrame, calls: pd.DataFrame) -> pd.DataFrame:
    """Say which compounds' houseless cases the points claim, and count them in.

    Parameters
    ----------
    points
        `spot`, `group`, `kind`, `n`, `n_callers`, `n_days`, `first_at`, `last_at`.
    calls
        As `lay_calls` gives them.

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
    near = calls[calls["spot"].isin([*claiming["spot"], *claiming["whole"]])]
    own = find_rows(claiming, near["spot"], near["group"])
    number = np.where(own >= 0, own, find_claimed(claiming, near))
    mine = near.assign(pair=number)[number >= 0].sort_values(["pair", "at"], kind="stable")
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


def _find_wholes(points: pd.DataFrame, calls: pd.DataFrame) -> pd.Series:
    """Find the compound that each point rules."""
    is_house = calls["kind_of_place"] < WHOLE_COMPOUND
    areas = calls.loc[calls["spot"].isin(points["spot"]) & is_house, "area"].unique()
    housed = calls.loc[is_house & calls["area"].isin(areas), ["spot", "group", "area"]]
    counts = housed.groupby(["spot", "group", "area"], observed=True).size().rename("count")
    by_spot = counts.reset_index().astype({"spot": "str", "group": "str", "area": "str"})
    total = by_spot.groupby(["area", "group"])["count"].transform("sum")
    rules = by_spot[by_spot["count"] > _MOST * total].set_index(["spot", "group"])["area"]
    keys = points[["spot", "group"]].astype("str")
    whole = rules.reindex(pd.MultiIndex.from_frame(keys))
    is_tested = (points["kind"] != "single_caller").to_numpy()
    return pd.Series(whole.to_numpy(), points.index, dtype="str").where(is_tested)
