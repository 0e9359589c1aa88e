"""From texts to places: the finest place each text names, with its score and the reason.

A text may name several places. The finest wins; where the caller lives counts only where nothing
else is named, and what the text or the operator says of the street settles which of several roads
of one name is meant. What cannot be settled is said, never guessed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geo_hotspots.places.gazetteer.doors import BESIDE, BETWEEN, PARENT, find_ordinals
from geo_hotspots.places.gazetteer.entries import Entries
from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.grammar.address import looks_like_a_place, read_house
from geo_hotspots.places.grammar.stems import find_stem
from geo_hotspots.places.grammar.text import Ints, Texts, join_texts
from geo_hotspots.places.match.candidates import Candidates, choose, weigh_hits
from geo_hotspots.places.match.context import (
    Cues,
    Foreign,
    find_cues,
    find_foreign,
    find_roles,
    is_beside,
    lies_abroad,
)
from geo_hotspots.places.match.crossings import Crossing, find_crossings
from geo_hotspots.places.match.hits import Hits, find_hits, join_hits
from geo_hotspots.places.match.rescue import find_near, is_unread
from geo_hotspots.places.match.score import (
    SCORE_ELSEWHERE,
    SCORE_OF_CROSSING,
    SCORE_OF_STEM,
    SURE,
    score_places,
)
from geo_hotspots.schema import LEVELS, LOCATED, POINT_LEVELS, STATUSES

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]

_LEVEL = {name: np.int8(i) for i, name in enumerate(LEVELS)}
_STATUS = {name: np.int8(i) for i, name in enumerate(STATUSES)}
_WEAK = 0.7  # the rank below which a slip is looked for
_CROSSING_RANK = 0.94  # of a crossing; only a listed door is finer
_NEARBY_M = 50.0  # 附近 and 对面 widen a place by so much
_METRES_PER_NUMBER = 6.0  # doors of one side are two numbers apart
_BEYOND = 3.0  # a road is not drawn on for more than so many times the last stretch
_PARENT_M = 30.0  # a building in a yard whose door alone is listed
_DOOR_WITHIN_M = 80.0  # an inferred door that may be farther off counts as its road
_METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, eq=False)
class Matches:
    """What texts say of places, one row a text, with all that is needed to say why.

    Attributes
    ----------
    status, level
        Places in `schema.STATUSES` and `schema.LEVELS`.
    best
        The winning row of `found`, -1 where nothing won.
    street, community
        Places in the gazetteer's lists, 0 where unknown.
    lng, lat, uncertainty_m, score
        Missing where there is no place; `score` is the chance that the place is right.
    roles, is_beside
        For each hit, what the place is to the caller; for each text, whether it means what is
        near the place.
    foreign
        The other district a text names, as a place in `outside`, -1 where none decides.
    crossings, stems
        The two roads, or the beginning of an unknown name, where they decide.
    """

    texts: Texts
    gazetteer: Gazetteer
    hits: Hits
    found: Candidates
    best: Ints
    status: Codes
    level: Codes
    street: Ints
    community: Ints
    lng: Numbers
    lat: Numbers
    uncertainty_m: Numbers
    score: Numbers
    roles: Codes
    is_beside: npt.NDArray[np.bool_]
    foreign: Ints
    crossings: dict[int, Crossing]
    stems: dict[int, str]
    outside: tuple[str, ...]
    filed: Ints


def match_texts(
    texts: Sequence[str],
    gazetteer: Gazetteer,
    *,
    streets: Sequence[str] = (),
    outside: Sequence[str] = (),
) -> Matches:
    """Find the place that each text means.

    Parameters
    ----------
    texts
        Addresses, or complaints that name their place somewhere; give some ten thousand at once.
    streets
        For each text the street that the operator filled in, empty where none is known; it
        settles names that occur in several.
    outside
        Names of districts beyond the study area: a text that names one and nothing of ours
        apart from it lies there.

    Returns
    -------
    matches
        Status `located`, `located_low`, `area_only`, `ambiguous`, `outside_area`,
        `name_not_in_gazetteer` or `no_place_in_text`.
    """
    joined = join_texts(texts)
    filed = np.zeros(len(texts), dtype=np.int64)
    number_of = {street: gazetteer.street_number(street) for street in set(streets)}
    filed[: len(streets)] = [number_of[street] for street in streets]
    cues = find_cues(joined)
    hits = find_hits(joined, gazetteer)
    foreign = find_foreign(joined, outside, cues, hits)
    hits = hits.take(~lies_abroad(joined, foreign, cues, hits.start))
    reading = _read(joined, hits, gazetteer, filed, cues)
    crossings = _first_of_each(find_crossings(joined, hits, gazetteer))
    weak = _find_weak(reading, crossings, gazetteer)
    if len(weak):
        near = find_near(joined, weak, hits, gazetteer)
        near = near.take(~lies_abroad(joined, foreign, cues, near.start))
    if len(weak) and len(near.start):
        hits = join_hits(hits, near)
        reading = _read(joined, hits, gazetteer, filed, cues)
        mended = hits.take(np.isin(joined.at(hits.start), joined.at(near.start)))
        crossings |= _first_of_each(find_crossings(joined, mended, gazetteer))
    matches = _settle(reading, gazetteer, tuple(outside), filed)
    _cross(matches, crossings)
    _leave_out(matches, foreign)
    _score(matches)
    return matches


def _first_of_each(crossings: Iterable[Crossing]) -> dict[int, Crossing]:
    """Keep the first crossing that each text names."""
    first: dict[int, Crossing] = {}
    for crossing in crossings:
        first.setdefault(crossing.text, crossing)
    return first


class _Reading(NamedTuple):
    """Texts, the names in them, and which reading won."""

    texts: Texts
    hits: Hits
    roles: Codes
    found: Candidates
    best: Ints
    is_tied: npt.NDArray[np.bool_]


def _read(texts: Texts, hits: Hits, gazetteer: Gazetteer, filed: Ints, cues: Cues) -> _Reading:
    roles = find_roles(cues, hits.start)
    found = weigh_hits(texts, hits, gazetteer, filed=filed, roles=roles)
    return _Reading(texts, hits, roles, found, *choose(found, hits, gazetteer, len(texts)))


def _find_weak(reading: _Reading, crossings: Mapping[int, Crossing], gazetteer: Gazetteer) -> Ints:
    """List the texts that name nothing fine, no crossing, and seem to say more."""
    texts, won = reading.texts, reading.best >= 0
    rank = np.full(len(texts), -1.0)
    rank[won] = reading.found.rank[reading.best[won]]
    rank[list(crossings)] = _CROSSING_RANK
    level = np.full(len(texts), _LEVEL["none"])
    level[won] = gazetteer.entries.level[reading.found.entry[reading.best[won]]]
    weak = np.flatnonzero(rank < _WEAK).tolist()
    return np.array([i for i in weak if is_unread(texts.text(i), LEVELS[level[i]])], dtype=np.int64)


def _settle(
    reading: _Reading, gazetteer: Gazetteer, outside: tuple[str, ...], filed: Ints
) -> Matches:
    """Turn winners into places and statuses."""
    texts, hits, roles, found, best, is_tied = reading
    n, places = len(texts), gazetteer.entries
    won = np.flatnonzero((best >= 0) & ~is_tied)
    row = found.take(best[won])
    lng, lat, reach = _points(row, places)
    level, status = _levels(row, reach, places)
    is_beside = _is_beside(texts, row.after)
    reach += _NEARBY_M * is_beside

    def spread(values: npt.NDArray[Any], otherwise: float) -> npt.NDArray[Any]:
        whole = np.full(n, otherwise, dtype=values.dtype)
        whole[won] = values
        return whole

    return Matches(
        texts=texts, gazetteer=gazetteer, hits=hits, found=found, best=best,
        status=spread(status, int(_STATUS["ambiguous"])), level=spread(level, int(_LEVEL["none"])),
        street=spread(places.street[row.point], 0),
        community=spread(row.community, 0),
        lng=spread(lng, np.nan), lat=spread(lat, np.nan), uncertainty_m=spread(reach, np.nan),
        score=np.zeros(n), roles=roles,
        is_beside=spread(is_beside, otherwise=False), foreign=np.full(n, -1), crossings={},
        stems={},
        outside=outside, filed=filed,
    )  # fmt: skip


def _is_beside(texts: Texts, after: Ints) -> npt.NDArray[np.bool_]:
    return np.array([is_beside(texts.joined, at) for at in after.tolist()], dtype=bool)


def _points(row: Candidates, places: Entries) -> tuple[Numbers, Numbers, Numbers]:
    """Give the point of each winner and how far it may be off, metres.

    A missing door lies between its neighbours as its number does between theirs, and may be off
    by half their distance; beyond the last door, by some metres more for each number.
    """
    lng, lat = places.lng[row.point], places.lat[row.point]
    reach = places.uncertainty_m[row.point].copy()
    beside = row.state == BESIDE
    inferred = np.flatnonzero((row.state == BETWEEN) | beside)
    a, b, low = row.lower[inferred], row.upper[inferred], row.low_number[inferred]
    door = find_ordinals(row.number[inferred])
    share = (door - low) / np.maximum(row.high_number[inferred] - low, 1)
    share = np.clip(share, -_BEYOND, 1 + _BEYOND)
    lng[inferred] = places.lng[a] + share * (places.lng[b] - places.lng[a])
    lat[inferred] = places.lat[a] + share * (places.lat[b] - places.lat[a])
    reach[inferred] = np.maximum(reach[inferred], _apart(places, a, b) / 2)
    steps = np.minimum(np.abs(door - low), np.abs(row.high_number[inferred] - door))
    reach[inferred] += np.where(beside[inferred], _METRES_PER_NUMBER * steps, 0)
    return lng, lat, np.where(row.state == PARENT, np.maximum(reach, _PARENT_M), reach)


def _apart(places: Entries, a: Ints, b: Ints) -> Numbers:
    east = (places.lng[a] - places.lng[b]) * np.cos(np.radians(places.lat[a]))
    return np.hypot(east, places.lat[a] - places.lat[b]) * _METRES_PER_DEGREE


def _levels(row: Candidates, reach: Numbers, places: Entries) -> tuple[Codes, Codes]:
    """Say how precise each winner is and what that makes of its case."""
    level = places.level[row.point].copy()
    inferred = np.isin(row.state, (BETWEEN, BESIDE))
    level[inferred] = np.where(
        reach[inferred] <= _DOOR_WITHIN_M,
        _LEVEL["door_interpolated"],
        places.level[row.entry[inferred]],
    )
    is_point = np.isin(level, [_LEVEL[name] for name in POINT_LEVELS])
    is_key = (level == _LEVEL["road"]) & (row.number > 0)
    status = np.where(is_point, _STATUS["located"], _STATUS["area_only"])
    return level, np.where(is_key, _STATUS["located_low"], status).astype(np.int8)


def _cross(matches: Matches, crossings: Mapping[int, Crossing]) -> None:
    """Let crossings and stretches of road decide where nothing finer is named, in place."""
    found, rank = matches.found, matches.found.rank
    for i, crossing in crossings.items():
        best = matches.best[i]
        finer = (
            best >= 0
            and rank[best] >= _CROSSING_RANK
            and matches.hits.start[found.hit[best]] != crossing.start
        )
        if finer:
            continue
        matches.crossings[i] = crossing
        is_met = crossing.kind == "met"
        matches.level[i] = _LEVEL["intersection" if is_met else "road"]
        matches.status[i] = _STATUS["located" if is_met else "area_only"]
        spot = crossing.spot
        matches.lng[i], matches.lat[i], matches.uncertainty_m[i] = spot[:3]
        matches.street[i], matches.community[i] = spot.street, spot.community


def _score(matches: Matches) -> None:
    """Say how likely each place is right and have the unlikely ones reviewed, in place."""
    won = np.flatnonzero((matches.best >= 0) & (matches.status != _STATUS["ambiguous"]))
    row = matches.found.take(matches.best[won])
    matches.score[won] = score_places(row, matches.hits.how[row.hit], matches.gazetteer.entries)
    for i, crossing in matches.crossings.items():
        matches.score[i] = SCORE_OF_CROSSING[crossing.kind]
    matches.score[list(matches.stems)] = SCORE_OF_STEM
    filed = matches.filed
    elsewhere = (filed > 0) & (matches.street > 0) & (filed != matches.street)
    is_placed = np.isin(matches.status, [_STATUS[s] for s in (*LOCATED, "area_only")])
    matches.score[:] = np.where(
        is_placed, matches.score * np.where(elsewhere, SCORE_ELSEWHERE, 1.0), 0.0
    )
    doubtful = (matches.score < SURE) & (matches.status == _STATUS["located"])
    matches.status[doubtful] = _STATUS["located_low"]


def _leave_out(matches: Matches, foreign: Foreign) -> None:
    """Name the texts that name no place of ours, in place.

    A house on a road that we lack says more than its post town: the town is then no answer.
    """
    texts, is_area = matches.texts, matches.level >= _LEVEL["community"]
    gazetteer = matches.gazetteer
    begins = texts.codes[np.minimum(texts.starts[:-1], len(texts.codes) - 1)]
    is_house = (begins >= ord("0")) & (begins <= ord("9")) & is_area
    abroad = dict(zip(texts.at(foreign.at).tolist(), foreign.name.tolist(), strict=True))
    is_lost = (matches.best < 0) & (matches.level == _LEVEL["none"])
    for i in np.flatnonzero(is_house | is_lost).tolist():
        text = texts.text(i)
        matches.foreign[i] = abroad.get(i, -1)
        if i in abroad:
            status = "outside_area"
        elif is_lost[i] and (stem := find_stem(text, gazetteer.street_of_stem, gazetteer.district)):
            _place_by_stem(matches, i, stem)
            continue
        elif read_house(text) or (is_lost[i] and looks_like_a_place(text)):
            status = "name_not_in_gazetteer"
        elif is_lost[i]:
            status = "no_place_in_text"
        else:
            continue
        matches.status[i], matches.level[i] = _STATUS[status], _LEVEL["none"]
        matches.street[i] = matches.community[i] = 0
        matches.lng[i] = matches.lat[i] = matches.uncertainty_m[i] = np.nan


def _place_by_stem(matches: Matches, i: int, stem: str) -> None:
    """Place a text in the street where all names begin as its unknown one does, in place."""
    gazetteer, entries = matches.gazetteer, matches.gazetteer.entries
    street = gazetteer.street_of_stem[stem]
    entry = gazetteer.entry_of_street[street]
    matches.stems[i] = stem
    matches.status[i], matches.level[i] = _STATUS["area_only"], _LEVEL["street"]
    matches.street[i] = street
    matches.lng[i], matches.lat[i] = entries.lng[entry], entries.lat[entry]
    matches.uncertainty_m[i] = entries.uncertainty_m[entry]
