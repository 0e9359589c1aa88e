"""Where two roads meet (A与B交叉口), and the stretch of a road between two others (A至B段)."""

import math
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import NamedTuple

import numpy as np

from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.grammar.numbers import NUMBER_BITS
from geo_hotspots.places.grammar.text import Ints, Texts
from geo_hotspots.places.match.hits import Hits
from geo_hotspots.schema import LEVELS

_ROAD = LEVELS.index("road")
_MEET_WITHIN_M = 120.0  # of the nearest doors of two roads that meet
_METRES_PER_DEGREE = 111_195.0

_TWO = 2
_GAP = 5  # characters between the two names

_AND = re.compile(r"(?:路?口?(?:与|和|及|跟|同|、|/|,|&|-| and | & |))")
_MEETS = re.compile(
    r"(?:的|东|西|南|北|路)*(?:丁字|十字)?(?:交叉|交汇|交界|交接|交|相交|路口|口|拐角|红绿灯|把角)"
)
_FROM = re.compile(r"(?:\(|,|的|从|自|由|路段)*")
_TO = re.compile(r"(?:路口|口)?(?:至|到|—|-|~)")
_STRETCH = re.compile(r"(?:路口|口)?(?:之间|段|路段|间|沿线|一段|一线|这段|,|\)|\0|$)")


class Crossing(NamedTuple):
    """Roads named together in a text.

    Attributes
    ----------
    roads
        Entries: the two that meet; or the road of a stretch and the two that bound it, or these
        two alone.
    kind
        "met", "crossing" where it is not known where they meet, or "stretch".
    """

    text: int
    start: int
    end: int
    roads: tuple[int, ...]
    kind: str
    spot: "Spot"


class Spot(NamedTuple):
    """A point, how far off it may be, and the areas it lies in (0: unknown)."""

    lng: float
    lat: float
    uncertainty_m: float
    street: int = 0
    community: int = 0


Meet = Callable[[int, int], Spot | None]


def find_crossings(texts: Texts, hits: Hits, gazetteer: Gazetteer) -> Iterator[Crossing]:
    """List the crossings and stretches in texts; the first of each text comes first."""
    level = gazetteer.entries.level
    first = gazetteer.found.items[gazetteer.found.starts[hits.name]]
    road = np.flatnonzero(level[first] == _ROAD)
    near = hits.start[road[1:]] - hits.end[road[:-1]]
    meet: Meet = cache(partial(meeting, gazetteer))
    for pair in np.flatnonzero((near >= 0) & (near <= _GAP)).tolist():
        a, b = int(road[pair]), int(road[pair + 1])
        kind = _relation(texts.joined, int(hits.end[a]), int(hits.start[b]), int(hits.end[b]))
        if kind is None:
            continue
        named = [a, b]
        if (
            kind == "stretch"
            and pair
            and _FROM.fullmatch(texts.joined, int(hits.end[road[pair - 1]]), int(hits.start[a]))
        ):
            named = [int(road[pair - 1]), a, b]
        entries = [gazetteer.found.one(int(hits.name[h])).tolist() for h in named]
        roads, spot = (_stretch if kind == "stretch" else _cross)(entries, gazetteer, meet)
        kind = "met" if kind == "crossing" and meet(*roads) else kind
        text = int(texts.at(hits.start[a]))
        yield Crossing(text, int(hits.start[named[0]]), int(hits.end[b]), roads, kind, spot)


def _relation(text: str, end: int, start: int, after: int) -> str | None:
    """Read what stands between and behind two roads."""
    gap = text[end:start]
    if _TO.fullmatch(gap) and _STRETCH.match(text, after):
        return "stretch"
    return "crossing" if _AND.fullmatch(gap) and _MEETS.match(text, after) else None


def _cross(
    entries: list[list[int]], gazetteer: Gazetteer, meet: Meet
) -> tuple[tuple[int, ...], Spot]:
    """Find where two roads meet, else a point between them."""
    pairs = [(a, b) for a in entries[0] for b in entries[1]]
    known = [(spot, pair) for pair in pairs if (spot := meet(*pair)) is not None]
    if known:
        spot, pair = min(known, key=lambda k: (k[0].uncertainty_m, k[1]))
        return pair, spot
    pair = min(pairs, key=lambda p: (_apart(gazetteer, *p), p))
    places, (a, b) = gazetteer.entries, pair
    # The shorter road says more of where the crossing is.
    weight = places.uncertainty_m[b] / (places.uncertainty_m[a] + places.uncertainty_m[b])
    lng = weight * places.lng[a] + (1 - weight) * places.lng[b]
    lat = weight * places.lat[a] + (1 - weight) * places.lat[b]
    reach = max(_apart(gazetteer, a, b) / 2, places.uncertainty_m[[a, b]].min())
    return pair, Spot(float(lng), float(lat), float(reach), *_shared(gazetteer, pair))


def _stretch(
    entries: list[list[int]], gazetteer: Gazetteer, meet: Meet
) -> tuple[tuple[int, ...], Spot]:
    """Find the middle of a stretch: between its two crossings, else the road's own point."""
    places = gazetteer.entries
    if len(entries) == _TWO:
        pair, spot = _cross(entries, gazetteer, lambda *_: None)
        return pair, spot
    own = entries[0][0]
    ends = [_cross([[own], other], gazetteer, meet)[1] for other in entries[1:]]
    roads = (own, entries[1][0], entries[2][0])
    street, community = int(places.street[own]), int(gazetteer.road_community[own])
    if len(entries[0]) > 1:
        street = community = 0
    lng, lat = (sum(e[i] for e in ends) / _TWO for i in (0, 1))
    reach = _metres(ends[0].lng - ends[1].lng, ends[0].lat - ends[1].lat, lat) / 2
    return roads, Spot(lng, lat, max(reach, 60.0), street, community)


def _shared(gazetteer: Gazetteer, pair: tuple[int, int]) -> tuple[int, int]:
    """Give the street and community that both roads lie in, 0 where they differ."""
    streets = {int(gazetteer.entries.street[road]) for road in pair}
    areas = {int(gazetteer.road_community[road]) for road in pair}
    return (
        streets.pop() if len(streets) == 1 else 0,
        areas.pop() if len(areas) == 1 else 0,
    )


def meeting(gazetteer: Gazetteer, a: int, b: int) -> Spot | None:
    """Say where two roads meet: listed, else where their doors come nearest."""
    places = gazetteer.entries
    groups = gazetteer.groups[[a, b]].tolist()
    listed = gazetteer.crossing_of.get((min(groups), max(groups)))
    if listed is not None:
        return _spot(
            gazetteer,
            places.lng[listed],
            places.lat[listed],
            places.uncertainty_m[listed],
            listed,
        )
    one, other = _doors_of(gazetteer, a), _doors_of(gazetteer, b)
    if not len(one) or not len(other):
        return None
    shrink = math.cos(math.radians(places.lat[a]))
    east = (places.lng[one][:, None] - places.lng[other]) * shrink
    north = places.lat[one][:, None] - places.lat[other]
    i, j = divmod(int((east * east + north * north).argmin()), len(other))
    far = math.hypot(east[i, j], north[i, j]) * _METRES_PER_DEGREE
    if far > _MEET_WITHIN_M:
        return None
    lng = (places.lng[one[i]] + places.lng[other[j]]) / 2
    lat = (places.lat[one[i]] + places.lat[other[j]]) / 2
    return _spot(gazetteer, lng, lat, max(60.0, far), int(one[i]))


def _spot(gazetteer: Gazetteer, lng: float, lat: float, reach: float, entry: int) -> Spot:
    places = gazetteer.entries
    areas = int(places.street[entry]), int(places.community[entry])
    return Spot(float(lng), float(lat), float(reach), *areas)


def _doors_of(gazetteer: Gazetteer, road: int) -> Ints:
    """List the entries that are doors of a road."""
    keys = gazetteer.doors.keys
    group = int(gazetteer.groups[road])
    first = keys.searchsorted(group << NUMBER_BITS)
    last = keys.searchsorted(group + 1 << NUMBER_BITS)
    return gazetteer.doors.entries[first:last].astype(np.int64)


def _apart(gazetteer: Gazetteer, a: int, b: int) -> float:
    places = gazetteer.entries
    return _metres(places.lng[a] - places.lng[b], places.lat[a] - places.lat[b], places.lat[a])


def _metres(east: float, north: float, lat: float) -> float:
    """Measure degrees on the local plane."""
    return math.hypot(east * math.cos(math.radians(lat)), north) * _METRES_PER_DEGREE
