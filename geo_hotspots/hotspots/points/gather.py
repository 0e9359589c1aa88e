"""Which cases speak of the same spot: by address where one is known, else by distance.

How exactly a place is known decides what it may do. An address is exact and makes a spot; a case
without one joins the address beside it, or others without one by complete linkage, since single
linkage chains a whole road into one point. The middle of an area, a platform's default point and
a road without a number make none.

Names are numbers here, and read only where new ones are made: a city has few, for its cases.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from geo_hotspots.columns import name_numbers
from geo_hotspots.hotspots.points.linkage import METRES_PER_DEGREE, local_metres
from geo_hotspots.hotspots.points.loose import Loose, Words, name_loose
from geo_hotspots.hotspots.points.piles import find_piles, number_metres, only_partner

PRECISE_M = 30.0  # two sigma of a building: what is known no better is no place of its own
_NEIGHBOURS = 4  # addresses looked at around a case without one
_AT_ONCE = 100_000  # of such cases
_TIE_M = 1.0
# Kinds of place, whose bustle is compared with their like.
# The others lie along roads. What is less than a whole compound is a house.
_HOUSE, _SIGHT, _ROADSIDE, WHOLE_COMPOUND, _LOOSE = range(5)

# What `assign_spots` looks at.
SPOT_INPUTS = (
    "place_key", "place_id", "level", "lng", "lat", "uncertainty_m", "community_code", "group",
)  # fmt: skip

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.integer]


class _Places(NamedTuple):
    """What cases name, as numbers of `words`, -1 where they name nothing.

    Attributes
    ----------
    words
        Every address, compound and road, in order.
    parent
        Of each word the compound or road that it is part of; last -1, of what is missing.
    key, area
        Of each case its address, and the compound or road that it names, with a house or without.
    road
        What it names besides an address: a compound or a road.
    """

    words: pd.Index
    parent: Codes
    key: Codes
    area: Codes
    road: Codes


def assign_spots(
    cases: pd.DataFrame, *, within_metres: float, road_metres: float, attach_metres: float
) -> pd.DataFrame:
    """Give each case the spot it speaks of.

    Parameters
    ----------
    cases
        Located cases, `SPOT_INPUTS`: `place_key` and `place_id` may be missing, `lng` and `lat`
        are WGS84, `group` is what a point is about.
    within_metres
        Largest diameter of a spot made of cases without an address.
    road_metres
        The same along a road, for cases that name the road and no number.
    attach_metres
        A case without an address joins an address of its compound this near, whatever it is
        about; one that names no compound, an address of its community.

    Returns
    -------
    spots
        Indexed as `cases`. `spot`: names the spot, missing where there is none. `ground`: the
        same whatever the case is about. `area`: the compound or road that it is part of.
        `kind_of_place`: a number, alike for spots of like bustle. All these of the kind
        "category". `spot_lng`, `spot_lat`: the middle of the spot, missing where no case of it
        is precise.
    """
    group = cases["group"].astype("category").cat.codes.to_numpy()
    places, is_pile = _number_places(cases), find_piles(cases).to_numpy()
    is_precise = (cases["uncertainty_m"] <= PRECISE_M).to_numpy() & cases["lng"].notna().to_numpy()
    is_precise &= ~is_pile
    spot = np.where(places.key >= 0, places.key, _compounds_of_piles(cases, places, is_pile))
    # A compound's own name is an address, and a less exact one than a building's in it.
    is_whole = (cases["level"] == "compound").to_numpy() & (places.key == places.area)
    is_exact = (places.key >= 0) & ~is_whole
    joining = np.flatnonzero(is_precise & ~is_exact)
    joined = _attach(cases, places, joining, np.flatnonzero(is_precise & is_exact), attach_metres)
    spot[joining] = np.where(joined >= 0, joined, spot[joining])

    kind = _tell_kinds(cases["level"], (spot >= 0) & (spot == places.area))
    rows = np.flatnonzero(is_precise & (spot < 0))
    kind[rows] = _LOOSE
    loose, communities = _take_loose(cases, group, places.road, rows)
    named = name_loose(
        loose, places.words, communities, within_metres=within_metres, road_metres=road_metres
    )
    spots = _lay_names(places, spot, rows, named).set_axis(cases.index)
    spots["kind_of_place"] = pd.Categorical.from_codes(kind, pd.RangeIndex(_LOOSE + 1))
    # What has no address is one spot for each group.
    number = spots["spot"].cat.codes.to_numpy(np.int64)
    number[rows] += (1 + group[rows].astype(np.int64)) * len(spots["spot"].cat.categories)
    spots["spot_lng"], spots["spot_lat"] = _middles(cases, number, is_precise)
    return spots


def _take_loose(
    cases: pd.DataFrame, group: Codes, road: Codes, rows: npt.NDArray[np.intp]
) -> tuple[Loose, pd.Index]:
    """Take what names cases without an address, and the names of their communities."""
    lng, lat = (cases[axis].to_numpy(float)[rows] for axis in ("lng", "lat"))
    community = cases["community_code"].astype("category").cat
    around = community.codes.to_numpy()[rows]
    return Loose(lng, lat, group[rows], road[rows], around), community.categories


def _number_places(cases: pd.DataFrame) -> _Places:
    """Make one list of all names of places, and numbers of the cases' columns."""
    columns = [cases[c].astype("category") for c in ("place_key", "place_id")]
    names, ids = (pd.Index(column.cat.categories, dtype="str") for column in columns)
    known = names.union(ids)
    words = known.union(_before_number(known).unique())
    parent = np.append(words.get_indexer(_before_number(words)), -1).astype(np.int32)
    key, road = (
        np.append(words.get_indexer(of), -1).astype(np.int32)[column.cat.codes.to_numpy()]
        for of, column in zip((names, ids), columns, strict=True)
    )
    return _Places(words, parent, key, np.where(key >= 0, parent[key], road), road)


def _before_number(names: pd.Index) -> pd.Index:
    return names.str.replace("/.*", "", regex=True)


def _tell_kinds(level: pd.Series, is_whole: Flags) -> npt.NDArray[np.int8]:
    """Tell the kinds of place apart; a whole compound first, whatever the level."""
    kind = np.full(len(level), _ROADSIDE, dtype=np.int8)
    kind[(level == "poi").to_numpy()] = _SIGHT
    kind[level.isin(["building", "compound"]).to_numpy()] = _HOUSE
    kind[is_whole] = WHOLE_COMPOUND
    return kind


def _lay_names(
    places: _Places, spot: Codes, rows: npt.NDArray[np.intp], loose: dict[str, Words]
) -> pd.DataFrame:
    """Name the spots, grounds and areas: by the places' words, those of `rows` by their own."""
    columns = {}
    for name, (numbers, names) in loose.items():
        own = places.parent[spot] if name == "area" else spot.copy()
        own[rows] = len(places.words) + numbers
        columns[name] = name_numbers(own, places.words.append(names))
    return pd.DataFrame(columns)


def _middles(cases: pd.DataFrame, spot: Codes, is_precise: Flags) -> tuple[Floats, Floats]:
    """Find the middle of each case's spot: the mean of its precise cases, strays left out.

    Every precise case of an address tells where it is, whatever it complains about.

    Parameters
    ----------
    spot
        A number, below nought where a case has none.

    Returns
    -------
    lng, lat
        Of every case; missing where no case of its spot is precise.
    """
    code, distinct = pd.factorize(spot)
    place = np.where(spot < 0, -1, code).astype(np.int32)
    is_known = is_precise & (place >= 0)
    at, n = place[is_known], len(distinct)
    axes = [cases[axis].to_numpy(float)[is_known] for axis in ("lng", "lat")]
    shrink = np.cos(np.radians(pd.Series(axes[1]).mean()))
    east, north = (
        (axis - pd.Series(axis).groupby(at).median().reindex(range(n)).to_numpy()[at]) * metres
        for axis, metres in zip(axes, np.array([shrink, 1.0]) * METRES_PER_DEGREE, strict=True)
    )
    is_near = np.hypot(east, north) <= PRECISE_M
    del east, north
    at = at[is_near]
    # To a centimetre: what is finer depends on the order of the sum.
    means = [pd.Series(axis[is_near]).groupby(at).mean().round(7) for axis in axes]
    lng, lat = (mean.reindex(range(-1, n)).to_numpy()[1 + place] for mean in means)
    return lng, lat


def _compounds_of_piles(cases: pd.DataFrame, places: _Places, is_pile: Flags) -> Codes:
    """Give a case without an address, on the middle of one compound, that compound."""
    metre = number_metres(cases)
    keyed, keyless = is_pile & (places.key >= 0), is_pile & (places.key < 0)
    n = int(metre.max(initial=-1)) + 1
    only = only_partner(metre[keyed], places.parent[places.key[keyed]], n)
    compound = np.full(len(metre), -1, dtype=np.int32)
    compound[keyless] = only[metre[keyless]]
    return compound


def _attach(
    cases: pd.DataFrame, places: _Places, loose: npt.NDArray[np.intp],
    keyed: npt.NDArray[np.intp], metres: float,
) -> Codes:  # fmt: skip
    """Join cases to the nearest address of their compound; a tie within a metre joins none.

    Parameters
    ----------
    loose, keyed
        Positions of the cases that may join, and of those that say where addresses are.

    Returns
    -------
    spot
        Of each of `loose`, -1 where it joins none.
    """
    spot = np.full(len(loose), -1, dtype=np.int32)
    if not len(loose) or not len(keyed) or metres == 0:
        return spot
    lng, lat = (cases[axis].to_numpy(float) for axis in ("lng", "lat"))
    both = np.concatenate([keyed, loose])
    xy = local_metres(lng[both], lat[both])
    community = cases["community_code"].astype("category").cat.codes.to_numpy().astype(np.int32)
    names, which = np.unique(places.key[keyed], return_inverse=True)
    anchors = np.stack([pd.Series(c).groupby(which).median() for c in xy[: len(keyed)].T], axis=1)
    nearby = community[keyed]
    of_anchor = np.full(len(names), community.max() + 1)
    np.minimum.at(of_anchor, which[nearby >= 0], nearby[nearby >= 0])
    tree, xy, compound = cKDTree(anchors), xy[len(keyed) :], places.parent[names]
    for start in range(0, len(loose), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        far, near = _find_nearest(tree, xy[part], metres)
        area, mine = places.area[loose[part], None], community[loose[part], None]
        # Of one compound; where a case names none, of one community.
        is_one = np.where(area < 0, (mine == of_anchor[near]) & (mine >= 0), area == compound[near])
        far[~is_one] = np.inf
        nearest = np.argmin(far, axis=1)
        least = far.min(axis=1)
        is_clear = np.isfinite(least) & ((far <= least[:, None] + _TIE_M).sum(axis=1) == 1)
        spot[part] = np.where(is_clear, names[near[np.arange(len(near)), nearest]], -1)
    return spot


def _find_nearest(tree: cKDTree, xy: Floats, metres: float) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Find the addresses nearest to each point; what is too far is infinitely so."""
    k = min(_NEIGHBOURS, tree.n)
    far, near = tree.query(xy, k=range(1, k + 1), distance_upper_bound=metres)
    return np.asarray(far), np.minimum(near, tree.n - 1)
