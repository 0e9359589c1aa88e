"""Cases made ready for every test: what each is about, at which spot, and what it weighs."""

import itertools
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import compute as pc

from geo_hotspots.columns import lay_at, number_names
from geo_hotspots.config import Config
from geo_hotspots.hotspots.points.callers import weigh_cases
from geo_hotspots.hotspots.points.echoes import mark_echoes
from geo_hotspots.hotspots.points.gather import SPOT_INPUTS, assign_spots
from geo_hotspots.memory import Past
from geo_hotspots.schema import LOCATED, TEXTS
from geo_hotspots.shelf import lay_aside

Recall = Callable[[pd.Series], pd.Series]  # keys of cases, to what citizens wrote in them

_AT_ONCE = 500_000  # keys that are compared together, words that are in memory


def in_order(cases: pd.DataFrame) -> pd.DataFrame:
    """Give cases by time and key, whichever file or history they come from: it settles equals.

    What is in order already is given back as it is, since a million cases weigh a gigabyte.
    """
    at, key = cases["reported_at"], cases["case_key"]
    if at.is_monotonic_increasing and not _falls_within_ties(at.to_numpy(), key):
        return cases
    table = pa.table({"at": pa.array(at), "key": pa.array(key)})
    order = pc.sort_indices(table, sort_keys=[("at", "ascending"), ("key", "ascending")])
    order, texts = order.to_numpy(), cases.columns.intersection(list(TEXTS))
    parts = range(0, max(len(order), 1), _AT_ONCE)
    words = lay_aside(cases[texts].iloc[order[at : at + _AT_ONCE]] for at in parts)
    ordered: pd.DataFrame = cases.drop(columns=texts).iloc[order].assign(**words)[list(cases)]
    return ordered


def _falls_within_ties(at: npt.NDArray[np.datetime64], key: pd.Series) -> bool:
    """Say whether of equal times a key comes after a greater one."""
    tied = np.flatnonzero(at[1:] == at[:-1])
    parts = (tied[start : start + _AT_ONCE] for start in range(0, len(tied), _AT_ONCE))
    return any((key.iloc[some + 1].array < key.iloc[some].array).any() for some in parts)


def gather_cases(cases: pd.DataFrame, past: Past, config: Config) -> pd.DataFrame:
    """Say of each case what it is about (`group`), at which `spot`, and what it weighs.

    Words are looked at only where two reports of one spot came within a day, and go no further.
    """
    cases = cases.assign(
        group=group_categories(cases, level=config.hotspots.category_level),
        caller=number_names(cases["caller"]),
    )
    rows = np.flatnonzero(cases["status"].isin(LOCATED))
    spots = assign_spots(
        cases[list(SPOT_INPUTS)].iloc[rows],
        within_metres=config.hotspots.within_metres,
        road_metres=config.hotspots.road_metres,
        attach_metres=config.hotspots.attach_metres,
    )
    laid = {str(name): lay_at(column, rows, cases.index) for name, column in spots.items()}
    cases = cases.assign(**laid)
    cases = cases.assign(is_echo=mark_echoes(cases, recall_words(cases, past)))
    cases = cases.drop(columns=list(TEXTS), errors="ignore")
    return cases.assign(weight=weigh_cases(cases))


def group_categories(cases: pd.DataFrame, *, level: int) -> pd.Series:
    """Name what a case is about at a level of the category tree, the path above included.

    Of the kind "category": there are far fewer names than cases.
    """
    columns = [f"category_{i}" for i in range(1, level + 1)]
    number = cases.groupby(columns, sort=False, dropna=False).ngroup()
    names = [cases.loc[~number.duplicated(), name].astype("str") for name in columns]
    group = names[0]
    for upper, name in itertools.pairwise(names):
        group = group.where(name == upper, group + "/" + name)
    return pd.Series(group.astype("category").array.take(number.to_numpy()), cases.index)


def recall_words(cases: pd.DataFrame, past: Past) -> Recall:
    """Find what citizens wrote in the history, or, where there is none, in the cases."""
    if past.recall_words:
        return past.recall_words
    content = cases["content"]
    return lambda keys: content.loc[keys.index]


def count_by(cases: pd.DataFrame, day: pd.Timestamp) -> int:
    """Count the cases up to the end of a day; they stand in order of time."""
    return int(cases["reported_at"].searchsorted(day + pd.Timedelta(days=1)))
