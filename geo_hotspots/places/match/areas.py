"""The streets and communities that a text names, and what they say of the places beside them."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_hotspots.places.gazetteer.doors import BETWEEN, LISTED, UNLISTED, Found
from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.grammar.text import Ints
from geo_hotspots.schema import LEVELS

Flags = npt.NDArray[np.bool_]

_ROAD, _COMMUNITY, _STREET = map(LEVELS.index, ("road", "community", "street"))
_SPAN = 1 << 20  # more than there are areas
# What it adds to a reading that it lies in the area named, and takes that it does not.
_STREET_AGREES, _STREET_DENIES = 0.03, 0.06
_COMMUNITY_AGREES, _COMMUNITY_DENIES = 0.02, 0.04
_FILED_AGREES = 0.01


class Named(NamedTuple):
    """The areas that texts name: number of the text and of the area in one integer, ascending."""

    streets: Ints
    communities: Ints


class Rows(NamedTuple):
    """Readings: their text, the level and entry that speaks for the place, what its number is."""

    text: Ints
    level: npt.NDArray[np.int8]
    point: Ints
    state: npt.NDArray[np.int8]


def name_areas(
    text: Ints, entry: Ints, gazetteer: Gazetteer, *, is_home: Flags, is_told: Flags
) -> Named:
    """List the areas that each text names, the caller's own home left out.

    Parameters
    ----------
    is_told
        Whether the name calls itself a community's. 灯市口演乐社区 names one community, not two:
        where one is told, what may mean another is a neighbourhood.
    """
    places = gazetteer.entries
    level = places.level[entry]
    street, community = (level == _STREET) & ~is_home, (level == _COMMUNITY) & ~is_home
    community &= is_told | ~np.isin(text, text[is_told & community])
    return Named(
        np.unique(text[street] * _SPAN + places.street[entry[street]]),
        np.unique(text[community] * _SPAN + places.community[entry[community]]),
    )


def choose_neighbours(
    text: Ints, point: Ints, found: Found, named: Named, gazetteer: Gazetteer
) -> Ints:
    """Let a missing door lie with that neighbour of its two which lies where the text says."""
    places = gazetteer.entries
    between = np.flatnonzero(found.state == BETWEEN)
    low, high = found.lower[between], found.upper[between]
    of = text[between] * _SPAN

    def agrees(side: Ints) -> Ints:
        community = np.isin(of + places.community[side], named.communities)
        return 2 * community + np.isin(of + places.street[side], named.streets)

    point = point.copy()
    more = agrees(low) - agrees(high)
    point[between] = np.where(more > 0, low, np.where(more < 0, high, point[between]))
    return point


def weigh_agreement(
    rows: Rows, named: Named, gazetteer: Gazetteer, filed: Ints
) -> npt.NDArray[np.float64]:
    """Weigh whether a place lies in the street and community that the text and operator name."""
    places = gazetteer.entries
    total = np.zeros(len(rows.text))
    for area, keys, codes, plus, minus in (
        (_STREET, named.streets, places.street, _STREET_AGREES, _STREET_DENIES),
        (_COMMUNITY, named.communities, places.community, _COMMUNITY_AGREES, _COMMUNITY_DENIES),
    ):
        of = codes[rows.point].astype(np.int64)
        asked = np.isin(rows.text, keys // _SPAN) & (of > 0) & (rows.level < area)
        agrees = np.isin(rows.text * _SPAN + of, keys)
        total += np.where(asked, np.where(agrees, plus, -minus), 0.0)
    own = places.street[rows.point]
    total += np.where((own > 0) & (own == filed[rows.text]), _FILED_AGREES, 0.0)
    return total


def find_communities(rows: Rows, named: Named, gazetteer: Gazetteer) -> Ints:
    """Say in which community each place is, 0 where it is not known.

    Where the very door is not listed, the one community that the text names in the same street
    knows better than the neighbours.
    """
    places = gazetteer.entries
    is_road = (rows.state <= UNLISTED) & (rows.level == _ROAD)
    own = np.where(is_road, gazetteer.road_community[rows.point], places.community[rows.point])
    if not len(named.communities):
        return own
    first = np.searchsorted(named.communities, rows.text * _SPAN)
    last = np.searchsorted(named.communities, (rows.text + 1) * _SPAN)
    told = named.communities[np.minimum(first, len(named.communities) - 1)] % _SPAN
    street = places.street[rows.point]
    fits = (last - first == 1) & (rows.state != LISTED) & (rows.level < _COMMUNITY)
    fits &= (places.street_of_community[told] == street) | (street == 0)
    return np.where(fits, told, own)
