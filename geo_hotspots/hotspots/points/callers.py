"""Who speaks at a spot: people, not calls.

A caller counts once, whoever is nameless at a discount, and an echo (`echoes`) not at all. Where a
whole file names nobody, days stand for people.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.columns import number_rows

MISSING_CALLER = 0.6  # of a caller: some of the nameless are the same person
REFRACTORY_DAYS = 7  # a caller who rings again within a week says nothing new
_DAY = np.timedelta64(1, "D")

Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]


def weigh_cases(cases: pd.DataFrame) -> pd.Series:
    """Weigh each case as the fresh caller it stands for.

    A caller who rings again within `REFRACTORY_DAYS` of the call before weighs nothing, nor does
    an echo; a nameless case weighs `MISSING_CALLER`. Where no case of the file names a caller,
    days stand for callers: the first case of a spot's day weighs 1, the others nothing.

    Parameters
    ----------
    cases
        `spot`, `group`, `caller`, `reported_at`, `is_echo`, in any order.

    Returns
    -------
    weight
        0 to 1, indexed as `cases`.
    """
    is_said, nameless = ~cases["is_echo"].to_numpy(), cases["caller"].isna().to_numpy()
    nobody = bool(nameless[is_said].all())
    weight = np.where(is_said, np.where(nameless & (not nobody), MISSING_CALLER, 1.0), 0.0)
    # A nameless case is like no other, and never again.
    rows = np.flatnonzero(is_said if nobody else is_said & ~nameless)
    said = cases[["spot", "group", "caller", "reported_at"]].iloc[rows]
    who = _number_days(said["reported_at"]) if nobody else said["caller"]
    at = said["reported_at"].to_numpy()
    _, again = follow_soon(
        number_rows(said["spot"], said["group"], who), at, REFRACTORY_DAYS * _DAY
    )
    weight[rows[again]] = 0.0
    return pd.Series(weight, cases.index)


def _number_days(at: pd.Series) -> Ints:
    return np.asarray((at - pd.Timestamp(0)) // _DAY, dtype=np.int64)


def follow_soon(
    place: Ints, at: npt.NDArray[np.datetime64], within: np.timedelta64
) -> tuple[Rows, Rows]:
    """Give the rows that follow another at its place soon, each beside the one just before it."""
    order = np.lexsort((at, place))
    place = place[order]
    follows = place[1:] == place[:-1]
    at = at[order]
    follows &= at[1:] - at[:-1] <= within
    return order[:-1][follows], order[1:][follows]


def number_units(cases: pd.DataFrame, *, nobody: bool | None = None) -> pd.DataFrame:
    """Say what counts once at a spot: a caller, a nameless case, or a day where nobody is named.

    Parameters
    ----------
    cases
        `caller`, `reported_at`.
    nobody
        Whether the whole file names no caller; by default, whether these cases do.

    Returns
    -------
    units
        `unit`, a number, and `worth`, in callers, indexed as `cases`.
    """
    nameless = cases["caller"].isna()
    nobody = bool(nameless.all()) if nobody is None else nobody
    worth = np.where(nameless & (not nobody), MISSING_CALLER, 1.0)
    unit = number_speakers(cases, nobody=nobody)
    return pd.DataFrame({"unit": unit, "worth": worth}, index=cases.index)


def number_speakers(cases: pd.DataFrame, *, nobody: bool) -> Ints:
    """Give the numbers of `number_units` alone."""
    if nobody:
        return _number_days(cases["reported_at"])
    unit = pd.factorize(cases["caller"])[0].astype(np.int64)
    nameless = np.flatnonzero(unit < 0)
    unit[nameless] = len(unit) + nameless  # a nameless case is like no other
    return unit


def count_callers(
    cases: pd.DataFrame, point: pd.Series, *, nobody: bool | None = None
) -> "pd.Series[int]":
    """Count the callers of each point: those known to differ, plus the nameless at a discount.

    The one count that lists, sentences and sheets share.

    Parameters
    ----------
    cases
        `caller`, `reported_at`, `is_echo`.
    point
        What each case belongs to, indexed as `cases`.
    nobody
        As for `number_units`.

    Returns
    -------
    callers
        By point, at least one each; echoes add nobody.
    """
    said = number_units(cases, nobody=nobody).assign(point=point)[~cases["is_echo"]]
    return add_units(said).reindex(np.sort(point.unique()), fill_value=1)


def add_units(said: pd.DataFrame) -> "pd.Series[int]":
    """Add up who speaks at each `point`: every `unit` once, at its `worth`; at least one."""
    who = said.drop_duplicates(["point", "unit"]).groupby("point")["worth"].sum()
    callers: pd.Series[int] = np.floor(who.round(9)).clip(lower=1).astype("int64")
    return callers
