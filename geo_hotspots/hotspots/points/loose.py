"""Spots of cases that name no address: clusters of one trouble, named by where they lie."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.hotspots.points.linkage import METRES_PER_DEGREE, link_within, local_metres

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.integer]


Words = tuple[Codes, "pd.Index[str]"]  # of each case a number, and what the numbers stand for


class Loose(NamedTuple):
    """Cases without an address; numbers are -1 where something is missing.

    Attributes
    ----------
    lng, lat
        WGS84.
    group
        What each is about.
    road, community
        The road that it names, and the community that it lies in.
    """

    lng: Floats
    lat: Floats
    group: Codes
    road: Codes
    community: Codes

    def take(self, rows: npt.NDArray[np.intp]) -> "Loose":
        """Give some of them."""
        columns: Any = (column[rows] for column in self)
        return Loose(*columns)


def name_loose(
    loose: Loose, roads: pd.Index, communities: pd.Index, *, within_metres: float,
    road_metres: float,
) -> dict[str, Words]:  # fmt: skip
    """Name spot, ground and area of cases without an address.

    Returns
    -------
    spot, ground, area
        The cluster of one group, and of one road where one is named; the square of a fixed grid,
        whatever the group; the outskirts of the community. A name may stand more than once among
        the names.
    """
    community = np.where(loose.community < 0, np.int32(len(communities)), loose.community)
    outskirts = "@" + pd.Index([*communities, ""], dtype="str")
    return {
        "spot": _name_spots(loose, roads, within_metres, road_metres),
        "ground": _name_squares(loose.lng, loose.lat, within_metres),
        "area": (community, outskirts),
    }


def _name_spots(loose: Loose, roads: pd.Index, within_metres: float, road_metres: float) -> Words:
    xy = local_metres(loose.lng, loose.lat)
    codes = np.full(len(xy), -1, dtype=np.int32)
    names: pd.Index[str] = pd.Index([], dtype="str")
    for is_in, metres in ((loose.road < 0, within_metres), (loose.road >= 0, road_metres)):
        rows = np.flatnonzero(is_in)
        if len(rows):
            part = loose.take(rows)
            label = link_within(xy[rows], _number_pairs(part.group, part.road), metres)
            codes[rows] = len(names) + label
            names = names.append(_name_clusters(label, part, roads))
    return codes, names


def _number_pairs(group: Codes, road: Codes) -> npt.NDArray[np.int64]:
    """Give the pairs of group and road numbers in their order, what is missing last."""
    one, other = (c.astype(np.int64) for c in (group, road))
    one[one < 0], other[other < 0] = one.max(initial=0) + 1, other.max(initial=0) + 1
    pairs = one * (other.max(initial=0) + 1) + other
    return np.unique(pairs, return_inverse=True)[1].astype(np.int64)


def _name_clusters(label: npt.NDArray[np.int64], part: Loose, roads: pd.Index) -> pd.Index:
    """Name each cluster by its road and the coordinates of its first case in space, to a metre."""
    order = np.lexsort((part.lat, part.lng, label))
    first = part.take(order[np.flatnonzero(np.diff(label[order], prepend=-1))])
    named = np.append(roads.to_numpy(object), "")[first.road]
    spelt = [
        f"{road}@{lng:.5f},{lat:.5f}"
        for road, lng, lat in zip(named, first.lng, first.lat, strict=True)
    ]
    return pd.Index(spelt, dtype="str")


def _name_squares(lng: Floats, lat: Floats, diameter: float) -> Words:
    """Name the squares of a fixed grid that points lie in, `diameter` from corner to corner."""
    side = diameter / 2**0.5 / METRES_PER_DEGREE
    row = np.floor(lat / side).astype("int64")
    column = np.floor(lng * np.cos(np.radians(lat.round(1))) / side).astype("int64")
    squares: pd.Index[Any] = pd.MultiIndex.from_arrays([column, row])
    codes, distinct = pd.factorize(squares)
    return codes.astype(np.int32), pd.Index([f"@{x}/{y}" for x, y in distinct], dtype="str")
