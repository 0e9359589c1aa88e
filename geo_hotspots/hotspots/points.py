"""Which cases speak of the same spot: by address where one is known, else by distance.

An address key is exact and wins. A case without one joins an address within a few metres, or
others without one by complete linkage: single linkage chains a whole road into one point.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

_METRES_PER_DEGREE = 111_195.0
_LARGEST_COMPONENT = 2_000  # spots; beyond it complete linkage needs gigabytes


def local_metres(
    lng: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Lay points on a local plane; over a city its distances are within 0.2 % of the globe's.

    Returns
    -------
    xy
        Metres east and north of the points' middle latitude, shape (n, 2).
    """
    middle = np.radians((np.min(lat) + np.max(lat)) / 2) if len(lat) else 0.0
    xy: npt.NDArray[np.float64] = np.c_[lng * np.cos(middle), lat] * _METRES_PER_DEGREE
    return xy


def assign_spots(cases: pd.DataFrame, *, within_metres: float, attach_metres: float) -> pd.Series:
    """Give each case the spot it speaks of.

    Parameters
    ----------
    cases
        `place_key` (may be missing), `lng`, `lat` (WGS84), `uncertainty_m` and `group`, the
        category that a point is about; without key and coordinates there is no spot.
    within_metres
        Largest diameter of a spot made of cases without an address.
    attach_metres
        A case without an address joins an address this near, whatever it is about.

    Returns
    -------
    spot
        Text naming the spot, missing where there is none, indexed as `cases`.
    """
    spot = cases["place_key"].astype("str").copy()
    placed = cases[cases["lng"].notna()]
    if placed.empty:
        return spot
    metres = local_metres(placed["lng"].to_numpy(), placed["lat"].to_numpy())
    xy = pd.DataFrame(metres, index=placed.index)
    is_loose = placed["place_key"].isna()
    is_anchor = ~is_loose & (placed["uncertainty_m"] <= within_metres)
    keys = placed.loc[is_anchor, "place_key"]
    joined = _attach(xy[is_loose], xy[is_anchor], keys, attach_metres)
    spot.loc[joined.index] = joined
    rest = placed[is_loose].drop(joined.index)
    for _, members in rest.groupby("group", observed=True):
        labels = _complete_linkage(xy.loc[members.index].to_numpy(), within_metres)
        spot.loc[members.index] = _name_clusters(labels, members)
    return spot


def _attach(loose: pd.DataFrame, keyed: pd.DataFrame, keys: pd.Series, metres: float) -> pd.Series:
    """Join cases to the nearest address; a tie within a metre stays unattached."""
    medoids = keyed.groupby(keys).median()
    if medoids.empty or loose.empty or metres == 0:
        return pd.Series(dtype="str")
    distance, which = cKDTree(medoids.to_numpy()).query(loose.to_numpy(), k=min(2, len(medoids)))
    distance, which = np.reshape(distance, (len(loose), -1)), np.reshape(which, (len(loose), -1))
    near = distance[:, 0] <= metres
    if distance.shape[1] > 1:
        near &= distance[:, 1] - distance[:, 0] > 1
    names = medoids.index.to_numpy()[which[near, 0]]
    return pd.Series(names, index=loose.index[near], dtype="str")


def _complete_linkage(xy: npt.NDArray[np.float64], diameter: float) -> npt.NDArray[np.int64]:
    """Cluster points so that no two of a cluster are farther apart than `diameter` metres.

    Points of one metre's square count once; components of points within reach of each other
    are clustered apart, so the work grows with the crowd and not with the city.
    """
    spots, back = np.unique(np.round(xy), axis=0, return_inverse=True)
    component = _components(spots, diameter)
    labels = np.zeros(len(spots), dtype=np.int64)
    start = 0
    order = np.argsort(component, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(component[order])) + 1):
        inner = _link(spots[part], diameter) if len(part) > 1 else np.zeros(len(part), np.int64)
        labels[part] = start + inner
        start += int(inner.max(initial=0)) + 1
    return labels[back.ravel()]


def _components(spots: npt.NDArray[np.float64], diameter: float) -> npt.NDArray[np.int64]:
    """Part the spots into groups that are farther than `diameter` from each other.

    A component too large to link is cut along a square grid of the same diameter; that may
    part neighbours and never joins strangers.
    """
    pairs = cKDTree(spots).query_pairs(diameter, output_type="ndarray")
    joined = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(spots),) * 2)
    component = connected_components(joined, directed=False)[1].astype(np.int64)
    large = np.bincount(component)[component] > _LARGEST_COMPONENT
    tiles = np.floor(spots / (10 * diameter)).astype(np.int64)
    keys = np.c_[component, np.where(large[:, None], tiles, 0)]
    return np.unique(keys, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def _link(spots: npt.NDArray[np.float64], diameter: float) -> npt.NDArray[np.int64]:
    tree = linkage(spots, method="complete")
    return fcluster(tree, t=diameter, criterion="distance").astype(np.int64) - 1


def _name_clusters(labels: npt.NDArray[np.int64], cases: pd.DataFrame) -> pd.Series:
    """Name a cluster by the coordinates of its first case in space, to about a metre."""
    ordered = cases.assign(label=labels).sort_values(["label", "lng", "lat"], kind="stable")
    first = ordered.drop_duplicates("label").set_index("label")
    names = "@" + first["lng"].map("{:.5f}".format) + "," + first["lat"].map("{:.5f}".format)
    return names.reindex(labels).set_axis(cases.index)
