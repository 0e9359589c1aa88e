"""Who answers for which points (四级管理): a person for a community, a lane, a compound."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

_COMPOUND, _COMMUNITY, _STREET = range(3)  # from the narrowest area on
_NONE = 3


def find_responsible(points: pd.DataFrame, responsible: pd.DataFrame | None) -> pd.Series:
    """Find who answers for each point: of its compound, else its community, else its street.

    A row of `responsible` speaks for the narrowest area that it names; where several rows name
    areas of one breadth, all are given, in the order of the table. A compound is the beginning
    of a point's name, such as 忠实里西区 of 忠实里西区2号楼, the lane of its doors likewise.

    Parameters
    ----------
    points
        `name`, `community`, `street`.
    responsible
        `compound, community, street, responsible, level`, or nothing.

    Returns
    -------
    people
        Joined by "、", empty where nobody is named, indexed as `points`.
    """
    if responsible is None or responsible.empty or points.empty:
        return pd.Series("", index=points.index, dtype="str")
    covered, breadth = cover(points, responsible)
    reach = np.where(covered, breadth[None, :], _NONE)
    narrowest = covered & (reach == reach.min(axis=1, keepdims=True))
    people = responsible["responsible"].astype("str").to_numpy()
    said = ["、".join(dict.fromkeys(people[row])) for row in narrowest]
    return pd.Series(said, index=points.index, dtype="str")


def cover(
    points: pd.DataFrame, responsible: pd.DataFrame
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Say which row of `responsible` covers which point.

    Returns
    -------
    covered
        Shape (points, rows). Every area that a row names must agree.
    breadth
        By row: 0 a compound, 1 a community, 2 a street, 3 nothing at all (covers no point).
    """
    areas = responsible.reindex(columns=["compound", "community", "street"]).fillna("")
    compound, community, street = (areas[c].astype("str").to_numpy() for c in areas)
    name = points["name"].fillna("").astype("str").to_numpy()
    begins = np.array([[n.startswith(c) for c in compound] for n in name], dtype=bool)
    covered = begins.reshape(len(points), len(areas))
    for column, wanted in (("community", community), ("street", street)):
        of_point = points[column].fillna("").astype("str").to_numpy()
        covered = covered & ((wanted == "") | (of_point[:, None] == wanted[None, :]))
    breadth = np.select(
        [compound != "", community != "", street != ""], [_COMPOUND, _COMMUNITY, _STREET], _NONE
    )
    return covered & (breadth < _NONE), breadth


def duty_lists(
    plan: pd.DataFrame, responsible: pd.DataFrame | None
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give everyone who answers for points of the plan a list of them, best first.

    A community's head gets all of its points, whoever else answers for their compounds.
    """
    if responsible is None or responsible.empty or plan.empty:
        return
    named = plan.rename(columns={"点位名称": "name", "社区": "community", "街道": "street"})
    covered, _ = cover(named, responsible)
    people = responsible["responsible"].astype("str")
    for person in people.unique():
        is_theirs = covered[:, (people == person).to_numpy()].any(axis=1)
        if person and is_theirs.any():
            yield str(person), plan[pd.Series(is_theirs, index=plan.index)]
