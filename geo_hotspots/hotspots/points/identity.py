"""Names that stay: which of today's points is which of last week's.

A point is recognised by its key (what it is about, and where), by any key that it ever had; else
by the cases it is made of; else by lying where one of the same kind lay. Each known point names
at most one of today's, and what is left is new. The name itself never changes. What split off,
what grew together and what goes by a new key is recorded.
"""

import hashlib
from collections.abc import Container
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from geo_hotspots.hotspots.points.linkage import local_metres
from geo_hotspots.hotspots.points.pairs import find_rows
from geo_hotspots.hotspots.points.repeats import MIXED, number_points

MIN_OVERLAP = 0.5  # Jaccard index of the cases that a point had and has
NEAR_METRES = 40.0  # about the length of a building
MOSTLY = 0.5  # of its cases: from here on a point has gone over into another
_KEY = ["spot", "group"]


@dataclass(frozen=True)
class Known:
    """Points as earlier runs left them.

    Attributes
    ----------
    keys
        `hotspot_id`, `spot`, `group`, `lng`, `lat`, `as_of`: a row for each key that a point was
        ever listed under, with where it then lay and when that was last.
    members
        `hotspot_id` of each case that was ever part of a listed point, the latest, by case.
    """

    keys: pd.DataFrame
    members: pd.Series

    @classmethod
    def nothing(cls) -> "Known":
        """Give the knowledge of a first run."""
        columns = ["hotspot_id", *_KEY, "lng", "lat", "as_of"]
        return cls(pd.DataFrame(columns=columns), pd.Series(dtype="str"))


@dataclass(frozen=True)
class Named:
    """Today's points with their names.

    Attributes
    ----------
    ids
        The name of each point, indexed as the points.
    lineage
        `hotspot_id`, `parent_id`, `kind`: "split" (a new point most of whose known cases were
        the parent's), "merge" (most of the parent's cases are now the point's, and the parent
        is not listed), "rename" (a known point under a new key; the parent is itself).
    """

    ids: pd.Series
    lineage: pd.DataFrame


def name_points(points: pd.DataFrame, cases: pd.DataFrame, known: Known) -> Named:
    """Give today's points their names.

    Parameters
    ----------
    points
        `spot` and `group` of the listed points, in any order.
    cases
        Every case with `spot`, `ground`, `group`, `lng`, `lat`, `uncertainty_m`; the index is
        what `known.members` knows a case by.
    known
        Points as earlier runs left them.
    """
    # Numbers for an index from here on: the keys of a million cases are looked up by no step else.
    keys, cases = cases.index, cases.reset_index(drop=True)
    order = points.sort_values(_KEY, kind="stable")
    today = order[_KEY].reset_index(drop=True)
    at = number_points(order.reset_index(drop=True), cases)
    is_owned = (at >= 0).to_numpy()
    number, owned = at[is_owned].rename("number"), cases[["lng", "lat", "uncertainty_m"]][is_owned]
    shared = _count_shared(number, keys[is_owned], known.members)
    found = pd.Series(pd.NA, index=today.index, dtype="str")
    for candidates in (
        _by_key(today, known, shared),
        _by_cases(shared),
        _by_place(today, owned, number, _find_gone(known, cases)),
    ):
        found = _assign(found, candidates)
    is_new = found.isna()
    ids = found.fillna(_name_new(today[is_new], taken=set(known.keys["hotspot_id"])))
    lineage = _trace(today, ids, is_new, shared, known)
    return Named(ids.set_axis(order.index).reindex(points.index), lineage)


def name_pairs(pairs: pd.DataFrame, points: pd.DataFrame, known: Known) -> pd.Series:
    """Name every spot × group, listed or not, so that a register may speak of any.

    Parameters
    ----------
    pairs
        `spot` and `group`, each once.
    points
        The listed ones with `hotspot_id`.
    known
        Points as earlier runs left them; one that goes by another key today keeps its name.

    Returns
    -------
    hotspot_id
        Indexed as `pairs`.
    """
    key = pd.MultiIndex.from_frame(pairs[_KEY])
    listed = points.set_index(_KEY)["hotspot_id"]
    free = known.keys[~known.keys["hotspot_id"].isin(listed)].sort_values("as_of", kind="stable")
    before = free.drop_duplicates("hotspot_id", keep="last").drop_duplicates(_KEY, keep="last")
    ids = pd.Series(listed.reindex(key).to_numpy(), index=pairs.index, dtype="str")
    ids = ids.fillna(
        pd.Series(before.set_index(_KEY)["hotspot_id"].reindex(key).to_numpy(), pairs.index)
    )
    rest = pairs.loc[ids.isna(), _KEY].sort_values(_KEY)
    return ids.fillna(_name_new(rest, taken={*known.keys["hotspot_id"], *listed}))


def hash_key(spot: str, group: str, taken: Container[str] = ()) -> str:
    """Make a name from a point's first key: the same key, the same name, in every office.

    A name that is `taken` by another point is passed over.
    """
    key = f"{group}|{spot}"
    again = 0
    while True:
        text = f"{key}|{again}" if again else key
        name = "P" + hashlib.blake2b(text.encode(), digest_size=4).hexdigest().upper()
        if name not in taken:
            return name
        again += 1


def middles(cases: pd.DataFrame, number: pd.Series) -> pd.DataFrame:
    """Give the middle of each point's best located cases.

    Parameters
    ----------
    cases
        `lng`, `lat`, `uncertainty_m` of those that belong to a point.
    number
        Which one, case by case.

    Returns
    -------
    middle
        `lng` and `lat`, medians, by number.
    """
    point = number.to_numpy()
    is_best = cases["uncertainty_m"] <= cases["uncertainty_m"].groupby(point).transform("min") + 1
    middle: pd.DataFrame = cases.loc[is_best, ["lng", "lat"]].groupby(point[is_best]).median()
    return middle


def _find_gone(known: Known, cases: pd.DataFrame) -> pd.DataFrame:
    """List the known points, by the key that each bore last, of which no case is left.

    A point of all categories together has the cases of its ground.
    """
    latest = known.keys.sort_values("as_of", kind="stable").drop_duplicates(
        "hotspot_id", keep="last"
    )
    keys = latest[_KEY].drop_duplicates()
    own = find_rows(keys, cases["spot"], cases["group"])
    mixed = find_rows(keys, cases["ground"], MIXED)
    is_alive = np.zeros(len(keys) + 1, dtype=bool)
    is_alive[own] = is_alive[mixed] = True
    alive = pd.MultiIndex.from_frame(keys[is_alive[:-1]])
    return latest[~pd.MultiIndex.from_frame(latest[_KEY]).isin(alive)]


def _count_shared(number: pd.Series, keys: pd.Index, members: pd.Series) -> pd.DataFrame:
    """Count the cases that a point of today shares with a known one.

    Parameters
    ----------
    number, keys
        Of each case of a point: which one, and what the history knows the case by.

    Returns
    -------
    shared
        `number`, `hotspot_id`, `n` (shared), `of_new` (cases of today's point), `of_seen` (those
        of them that any known point had), `of_old` (cases of the known point).
    """
    is_seen = keys.isin(members.index)
    seen = members.reindex(keys[is_seen]).to_numpy()
    both = pd.DataFrame({"number": number.to_numpy()[is_seen], "hotspot_id": seen})
    shared = both.groupby(["number", "hotspot_id"]).size().rename("n").reset_index()
    counts = {
        "of_new": shared["number"].map(number.value_counts()),
        "of_seen": shared["number"].map(both.dropna().groupby("number").size()),
        "of_old": shared["hotspot_id"].map(members.value_counts()),
    }
    return shared.assign(**{name: n.astype("float64") for name, n in counts.items()})


def _by_key(today: pd.DataFrame, known: Known, shared: pd.DataFrame) -> pd.DataFrame:
    """Match by key; the key a point bore last goes first, then the one with more of its cases."""
    pairs = today.rename_axis("number").reset_index().merge(known.keys, on=_KEY)
    pairs = pairs.merge(shared, on=["number", "hotspot_id"], how="left")
    by = ["as_of", "n", "hotspot_id", "number"]
    return pairs.sort_values(by, ascending=[False, False, True, True], kind="stable")


def _by_cases(shared: pd.DataFrame) -> pd.DataFrame:
    """Match by overlap of cases, the fullest first."""
    union = shared["of_new"] + shared["of_old"] - shared["n"]
    pairs = shared.assign(overlap=shared["n"] / union)
    pairs = pairs[pairs["overlap"] >= MIN_OVERLAP]
    by = ["overlap", "hotspot_id", "number"]
    return pairs.sort_values(by, ascending=[False, True, True], kind="stable")


def _by_place(
    today: pd.DataFrame, owned: pd.DataFrame, number: pd.Series, gone: pd.DataFrame
) -> pd.DataFrame:
    """Match by place and kind, the nearest first; `owned` are the cases of `number`.

    A known point whose key still has cases is where it always was, and not `gone`.
    """
    here = middles(owned, number).dropna()
    if gone.empty or here.empty:
        return pd.DataFrame(columns=["number", "hotspot_id"])
    lng = np.r_[here["lng"], gone["lng"]].astype(float)
    metres = local_metres(lng, np.r_[here["lat"], gone["lat"]].astype(float))
    near = cKDTree(metres[: len(here)]).sparse_distance_matrix(
        cKDTree(metres[len(here) :]), NEAR_METRES, output_type="ndarray"
    )
    pairs = pd.DataFrame(
        {
            "number": here.index.to_numpy()[near["i"]],
            "hotspot_id": gone["hotspot_id"].to_numpy()[near["j"]],
            "metres": near["v"],
        }
    )
    same = today["group"].to_numpy()[pairs["number"]] == gone["group"].to_numpy()[near["j"]]
    nearest: pd.DataFrame = pairs[same].sort_values(["metres", "hotspot_id", "number"])
    return nearest


def _assign(found: pd.Series, candidates: pd.DataFrame) -> pd.Series:
    """Give points without a name the best candidate that is still free, one to one."""
    names = found.to_dict()
    used = set(found.dropna())
    for number, hotspot_id in zip(candidates["number"], candidates["hotspot_id"], strict=True):
        if pd.isna(names[number]) and hotspot_id not in used:
            names[number] = hotspot_id
            used.add(hotspot_id)
    return pd.Series(names, index=found.index, dtype="str")


def _name_new(points: pd.DataFrame, *, taken: set[str]) -> pd.Series:
    """Name points that nobody knew by their key, in the order given; no name is given twice."""
    taken = set(taken)
    names = []
    for spot, group in zip(points["spot"], points["group"], strict=True):
        names.append(hash_key(spot, group, taken))
        taken.add(names[-1])
    return pd.Series(names, index=points.index, dtype="str")


def _trace(
    today: pd.DataFrame, ids: pd.Series, is_new: pd.Series, shared: pd.DataFrame, known: Known
) -> pd.DataFrame:
    """Record what split off, grew together or goes by a new key."""
    shared = shared.assign(child=shared["number"].map(ids))
    others = shared[shared["child"] != shared["hotspot_id"]]
    is_merged = ~others["hotspot_id"].isin(ids) & (others["n"] > MOSTLY * others["of_old"])
    is_split = others["number"].map(is_new) & (others["n"] >= MOSTLY * others["of_seen"])
    merges, splits = others[is_merged], others[is_split & ~is_merged]
    borne = pd.MultiIndex.from_frame(known.keys[["hotspot_id", *_KEY]])
    now = pd.MultiIndex.from_frame(today.assign(hotspot_id=ids)[["hotspot_id", *_KEY]])
    renamed = ids[~is_new & ~now.isin(borne)]
    rows = [
        *((r.child, r.hotspot_id, "split") for r in splits.itertuples()),
        *((r.child, r.hotspot_id, "merge") for r in merges.itertuples()),
        *((name, name, "rename") for name in renamed),
    ]
    lineage = pd.DataFrame(rows, columns=["hotspot_id", "parent_id", "kind"], dtype="str")
    return lineage.sort_values(["hotspot_id", "parent_id", "kind"], ignore_index=True)
