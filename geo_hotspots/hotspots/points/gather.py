"""Which cases speak of the same spot: by address where one is known, else by distance.

How exactly a place is known decides what it may do. An address is exact and makes a spot; a case
without one joins the address beside it, or others without one by complete linkage, since single
linkage chains a whole road into one point. The middle of an area, a platform's default point and
a road without a number make none.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from geo_hotspots.hotspots.points.linkage import METRES_PER_DEGREE, link_within, local_metres

PRECISE_M = 30.0  # two sigma of a building: what is known no better is no place of its own
PILE_KEYS = 3  # addresses on one metre: a platform's default point, or the middle of a compound
_PILE_GROUPS = 6  # kinds of trouble on one metre, without an address ...
_PILE_SHARE = 0.5  # ... and of all kinds in the file
_NEIGHBOURS = 4  # addresses looked at around a case without one
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
        Indexed as `cases`. `spot`: text naming the spot, missing where there is none. `ground`:
        the same whatever the case is about. `area`: the compound or road that it is part of.
        `kind_of_place`: a number, alike for spots of like bustle. `spot_lng`, `spot_lat`: the
        middle of the spot, missing where no case of it is precise.
    """
    key = cases["place_key"].astype("str")
    # What its text names, whether or not it says which house of it.
    area = _parent(key).where(key.notna(), cases["place_id"])
    is_pile = find_piles(cases)
    is_precise = (cases["uncertainty_m"] <= PRECISE_M) & cases["lng"].notna() & ~is_pile
    # A compound's own name is an address, and a less exact one than a building's in it.
    is_whole = (cases["level"] == "compound") & (key == area)
    is_exact = key.notna() & ~is_whole

    found = cases.assign(area=area, spot=key.fillna(_compounds_of_piles(cases, key, is_pile)))
    joined = _attach(found[is_precise & ~is_exact], found[is_precise & is_exact], attach_metres)
    spot = joined.reindex(cases.index).fillna(found["spot"])
    kinds = {WHOLE_COMPOUND: spot == area, _HOUSE: cases["level"].isin(["building", "compound"]),
             _SIGHT: cases["level"] == "poi"}  # fmt: skip
    spots = pd.DataFrame({"spot": spot, "ground": spot, "area": _parent(spot)})
    spots["kind_of_place"] = np.select(list(kinds.values()), list(kinds), _ROADSIDE)
    loose = found[is_precise & spot.isna()]
    spots.loc[loose.index, ["spot", "ground", "area"]] = _link_loose(
        loose, within_metres=within_metres, road_metres=road_metres
    )
    spots.loc[loose.index, "kind_of_place"] = _LOOSE
    spots[["spot_lng", "spot_lat"]] = _middles(cases, spots, is_precise)
    return spots


def _parent(key: pd.Series) -> pd.Series:
    """Give the compound or road that an address is of: what stands before its number."""
    codes, distinct = pd.factorize(key)
    parents = pd.Series(distinct, dtype="str").str.replace("/.*", "", regex=True)
    return parents.reindex(codes).set_axis(key.index)  # of no key -1: missing


def _middles(cases: pd.DataFrame, spots: pd.DataFrame, is_precise: pd.Series) -> pd.DataFrame:
    """Find the middle of each case's spot: the mean of its precise cases, strays left out.

    Every precise case of an address tells where it is, whatever it complains about.
    """
    is_loose = spots["kind_of_place"] == _LOOSE
    loose = spots.loc[is_loose, "spot"] + "|" + cases.loc[is_loose, "group"].astype("str")
    names = pd.concat([spots.loc[~is_loose, "spot"], loose]).reindex(cases.index)
    place = pd.Series(np.asarray(pd.factorize(names)[0]), cases.index)
    known = cases[["lng", "lat"]][is_precise & names.notna()]
    apart = known - known.groupby(place[known.index]).transform("median")
    metres = np.array([np.cos(np.radians(known["lat"].mean())), 1.0]) * METRES_PER_DEGREE
    near = known[np.hypot(*(apart.to_numpy() * metres).T) <= PRECISE_M]
    # To a centimetre: what is finer depends on the order of the sum.
    middle: pd.DataFrame = near.groupby(place[near.index]).mean().round(7)
    return middle.reindex(place).set_axis(cases.index)


def find_piles(cases: pd.DataFrame) -> pd.Series:
    """Find coordinates that stand for many places: default points, and middles of areas.

    A coordinate (to a metre) is a pile where three or more addresses share it. Where cases name
    no address, it is one where half of all kinds of trouble meet on one metre, six at least.

    Returns
    -------
    is_pile
        Indexed as `cases`.
    """
    metre = _metre(cases)
    pairs = pd.DataFrame({"metre": metre, "label": pd.factorize(cases["place_key"])[0]})
    is_keyed = pairs["label"] >= 0
    n_labels = pairs[is_keyed].drop_duplicates()["metre"].value_counts()
    kinds = pairs[~is_keyed].assign(label=cases["group"]).drop_duplicates()
    most = max(_PILE_GROUPS, _PILE_SHARE * cases["group"].nunique())
    n_kinds = kinds["metre"].value_counts()
    piles = n_labels.index[n_labels >= PILE_KEYS].union(n_kinds.index[n_kinds >= most])
    return metre.isin(piles) & cases["lng"].notna()


def _metre(cases: pd.DataFrame) -> pd.Series:
    """Give a number to the square metre that a case lies on."""
    lng = (cases["lng"].fillna(0) * 1e5).round().astype("int64")
    lat = (cases["lat"].fillna(0) * 1e5).round().astype("int64")
    return lng * 100_000_000 + lat


def _compounds_of_piles(cases: pd.DataFrame, key: pd.Series, is_pile: pd.Series) -> pd.Series:
    """Give a case without an address, on the middle of one compound, that compound."""
    metre = _metre(cases)
    keyed = is_pile & key.notna()
    piled = pd.DataFrame({"metre": metre[keyed], "area": _parent(key[keyed])}).drop_duplicates()
    only = piled.drop_duplicates("metre", keep=False).set_index("metre")["area"]
    return metre.map(only).astype("str").where(is_pile & key.isna())


def _attach(loose: pd.DataFrame, keyed: pd.DataFrame, metres: float) -> pd.Series:
    """Join cases to the nearest address of their compound; a tie within a metre joins none."""
    if loose.empty or keyed.empty or metres == 0:
        return pd.Series(dtype="str")
    everywhere = pd.concat([keyed[["lng", "lat"]], loose[["lng", "lat"]]])
    xy = local_metres(everywhere["lng"].to_numpy(), everywhere["lat"].to_numpy())
    here = keyed[["spot", "area", "community_code"]].assign(
        x=xy[: len(keyed), 0], y=xy[: len(keyed), 1]
    )
    anchors = here.groupby("spot").agg(
        {"x": "median", "y": "median", "area": "min", "community_code": "min"}
    )
    k = min(_NEIGHBOURS, len(anchors))
    tree = cKDTree(anchors[["x", "y"]].to_numpy())
    found = tree.query(xy[len(keyed) :], k=range(1, k + 1), distance_upper_bound=metres)
    far, which = np.asarray(found[0]), np.minimum(found[1], len(anchors) - 1)
    is_other = ~_are_of_one(loose.loc[loose.index.repeat(k)], anchors.iloc[which.ravel()])
    far[is_other.reshape(far.shape)] = np.inf
    nearest = np.argmin(far, axis=1)[:, None]
    least = np.take_along_axis(far, nearest, axis=1)
    clear = np.isfinite(least[:, 0]) & ((far <= least + _TIE_M).sum(axis=1) == 1)
    names = anchors.index[np.take_along_axis(which, nearest, axis=1)[clear, 0]]
    return pd.Series(names, index=loose.index[clear], dtype="str")


def _are_of_one(loose: pd.DataFrame, anchors: pd.DataFrame) -> Flags:
    """Say of pairs whether both are of one compound; where a case names none, of one community."""
    area, community = (loose[c].to_numpy() for c in ("area", "community_code"))
    same = area == anchors["area"].to_numpy()
    near = community == anchors["community_code"].to_numpy()
    one: Flags = np.where(loose["area"].isna(), near, same)
    return one


def _link_loose(loose: pd.DataFrame, *, within_metres: float, road_metres: float) -> pd.DataFrame:
    """Name the spots of cases without an address: of one group, and of one road where named."""
    table = pd.DataFrame(index=loose.index, columns=["spot", "ground", "area"], dtype="str")
    xy = local_metres(loose["lng"].to_numpy(), loose["lat"].to_numpy())
    on_road = loose["place_id"].notna()
    for rows, metres in ((~on_road, within_metres), (on_road, road_metres)):
        part = loose[rows]
        if len(part):
            apart = part.groupby(["group", "place_id"], dropna=False).ngroup().to_numpy()
            label = link_within(xy[rows.to_numpy()], apart.astype(np.int64), metres)
            table.loc[rows, "spot"] = _name_clusters(label, part)
    table["ground"] = _squares(loose, within_metres)
    table["area"] = "@" + loose["community_code"].fillna("")
    return table


def _name_clusters(labels: npt.NDArray[np.int64], cases: pd.DataFrame) -> pd.Series:
    """Name a cluster by its road and the coordinates of its first case in space, to a metre."""
    ordered = cases.assign(label=labels).sort_values(["label", "lng", "lat"], kind="stable")
    first = ordered.drop_duplicates("label").set_index("label")
    names = first["place_id"].fillna("") + "@" + first["lng"].map("{:.5f}".format)
    names += "," + first["lat"].map("{:.5f}".format)
    named: pd.Series = names.reindex(labels).set_axis(cases.index)
    return named


def _squares(cases: pd.DataFrame, diameter: float) -> pd.Series:
    """Name the square of a fixed grid that a case lies in, `diameter` from corner to corner."""
    side = diameter / 2**0.5 / METRES_PER_DEGREE
    lat = np.floor(cases["lat"] / side).astype("int64")
    lng = np.floor(cases["lng"] * np.cos(np.radians(cases["lat"].round(1))) / side).astype("int64")
    squares: pd.Series = "@" + lng.astype("str") + "/" + lat.astype("str")
    return squares
