"""Every reading of every name in a text, weighed: a flat table from which one row wins a text."""

import re
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geo_hotspots.places.gazetteer.doors import (
    BESIDE,
    BETWEEN,
    LISTED,
    PARENT,
    UNLISTED,
    Doors,
    find_doors,
    name_alike,
)
from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.grammar.text import Ints, Texts
from geo_hotspots.places.grammar.variants import NAME
from geo_hotspots.places.match.areas import (
    Rows,
    choose_neighbours,
    find_communities,
    name_areas,
    weigh_agreement,
)
from geo_hotspots.places.match.context import HOME
from geo_hotspots.places.match.hits import Hits
from geo_hotspots.schema import LEVELS

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_COMPOUND, _ROAD, _COMMUNITY, _STREET = map(
    LEVELS.index, ("compound", "road", "community", "street")
)

# How fine a place is, so that the finest a text names is chosen; nothing else is meant by it.
_FINE = np.array([0.90, 0.96, 0.90, 0.88, 0.93, 0.93, 0.60, 0.50, 0.40, 0.30, 0.0])
_FINE_BY_STATE = {LISTED: 0.97, PARENT: 0.96, BETWEEN: 0.93, BESIDE: 0.91}
_ROAD_WITH_NUMBER, _COMPOUND_WITH_NUMBER = 0.75, 0.95
_HOW = np.array([0.0, 0.06, 0.10])
_COMMUNITY_TOLD = 0.605  # 演乐社区, by its own word: above a road that may run elsewhere
_FALLS_BACK = 0.55  # no community that is not told ranks so high
_LOOSE = 0.15  # a road without a number, its 胡同 left out: more likely the community
_ASTRAY = 0.25
_ASTRAY_TEXT = re.compile(
    r"(?![与和及、至到的在有]|附近|旁|对面|门|周边|[东西南北][侧口门边])[一-鿿]{1,3}?"
    r"(?:里|区|园|苑|胡同|街|路|巷|条|\d{1,3}(?:号|楼|栋|幢|#))"
)
_FIRST_HAN, _LAST_HAN = ord("一"), ord("鿿")
_BELOW = [ord(c) for c in "下上"]  # 33号楼下 is at 33号
_ROLE = np.array([0.0, 0.02, -0.5])


class Candidates(NamedTuple):
    """One row for each entry that each name in a text may mean.

    Attributes
    ----------
    text, hit
        Number of the text, row of the hit.
    entry
        The entry whose name was found.
    number, after
        What follows the name, packed, and where the text goes on.
    state, point, upper, low_number, high_number
        What the table of doors says of the number (`doors.LISTED` …), the entry that speaks for
        the place (listed, or the nearest neighbour), and the two neighbours of a missing door.
    community
        Where the place is, as a place in `Entries.communities`, 0 where unknown.
    rank
        How much is for this reading; the largest wins.
    """

    text: Ints
    hit: Ints
    entry: Ints
    number: Ints
    after: Ints
    state: npt.NDArray[np.int8]
    point: Ints
    lower: Ints
    upper: Ints
    low_number: Ints
    high_number: Ints
    community: Ints
    rank: Numbers

    def take(self, which: npt.NDArray[Any]) -> "Candidates":
        """Keep some rows."""
        return Candidates._make(column[which] for column in self)


def weigh_hits(
    texts: Texts, hits: Hits, gazetteer: Gazetteer, *, filed: Ints, roles: npt.NDArray[np.int8]
) -> Candidates:
    """Weigh each entry that each hit may mean.

    Parameters
    ----------
    filed
        For each text, the street that the operator filled in, as a place in
        `Entries.streets`; 0 where none is known.
    roles
        For each hit, what the place is to the caller (`context.HOME` …).
    """
    starts = gazetteer.found.starts
    many = starts[hits.name + 1] - starts[hits.name]
    hit = np.repeat(np.arange(len(many)), many)
    offset = np.arange(len(hit)) - np.repeat(np.cumsum(many) - many, many)
    entry = gazetteer.found.items[starts[hits.name[hit]] + offset].astype(np.int64)
    level = gazetteer.entries.level[entry]
    is_told = (level == _COMMUNITY) & gazetteer.says_community[hits.name[hit]]
    # A bare name that a street goes by as well, 和平里, says no more than the street.
    keep = (level != _COMMUNITY) | is_told | ~np.isin(hit, hit[level == _STREET])
    hit, entry, level, is_told = hit[keep], entry[keep], level[keep], is_told[keep]
    is_area = level >= _COMMUNITY
    group = gazetteer.groups[entry].astype(np.int64)
    number = _count_alike(texts, hits.take(hit), level, group, gazetteer.doors)
    found = find_doors(gazetteer.doors, group, number)
    point = np.where(found.state > UNLISTED, found.nearest, entry)
    text = texts.at(hits.start)[hit]
    rank = _FINE[level] - _HOW[hits.how[hit]] + _ROLE[roles[hit]]
    rank += _fineness(level, number, found.state) - _FINE[level]
    rank[is_told] += _COMMUNITY_TOLD - _FINE[_COMMUNITY]
    named = name_areas(text, entry, gazetteer, is_home=roles[hit] == HOME, is_told=is_told)
    point = choose_neighbours(text, point, found, named, gazetteer)
    rows = Rows(text, level, point, found.state)
    rank += weigh_agreement(rows, named, gazetteer, filed)
    is_loose = gazetteer.ranks[hits.name[hit]] != NAME
    rank -= np.where(is_loose & (number == 0) & ~is_area, _LOOSE, 0.0)
    rank -= np.where(
        _goes_astray(texts, hits.after)[hit] & ~is_area & (level != _ROAD), _ASTRAY, 0.0
    )
    return Candidates(
        text, hit, entry, number, hits.after[hit], found.state, point, found.lower, found.upper,
        found.low_number, found.high_number, find_communities(rows, named, gazetteer), rank,
    )  # fmt: skip


def _count_alike(
    texts: Texts, hits: Hits, level: npt.NDArray[np.int8], group: Ints, doors: Doors
) -> Ints:
    """Give the number behind each hit as its place counts, 0 for areas."""
    number = np.where(level >= _COMMUNITY, 0, hits.number)
    last, behind = texts.codes[hits.after - 1], texts.codes[hits.after]
    return name_alike(
        doors, group, number,
        by_building=(level == _COMPOUND) & (last == ord("号")),
        by_door=level == _ROAD,
        is_below=(last == ord("楼")) & np.isin(behind, _BELOW),
    )  # fmt: skip


def _fineness(level: npt.NDArray[np.int8], number: Ints, state: npt.NDArray[np.int8]) -> Numbers:
    """Say how fine a place is that has a number."""
    fine = _FINE[level]
    for how, value in _FINE_BY_STATE.items():
        fine[state == how] = value
    unlisted = (state == UNLISTED) & (number > 0)
    fine[unlisted & (level == _ROAD)] = _ROAD_WITH_NUMBER
    fine[unlisted & (level == _COMPOUND)] = _COMPOUND_WITH_NUMBER
    return fine


def _goes_astray(texts: Texts, after: Ints) -> Flags:
    """Say where a name is followed by what looks like the rest of a longer, unknown one."""
    code = texts.codes[after]
    astray = (code >= _FIRST_HAN) & (code <= _LAST_HAN)  # as such a text begins
    astray[astray] = [
        _ASTRAY_TEXT.match(texts.joined, at) is not None for at in after[astray].tolist()
    ]
    return astray


def choose(found: Candidates, hits: Hits, gazetteer: Gazetteer, n_texts: int) -> tuple[Ints, Flags]:
    """Choose the row that wins each text.

    Returns
    -------
    best
        For each text its row, -1 where there is none.
    is_tied
        Whether another reading of the same words in another street has as much for it.
    """
    places = gazetteer.entries
    best, is_tied = np.full(n_texts, -1), np.zeros(n_texts, dtype=bool)
    if not len(found.text):
        return best, is_tied
    rank = np.round(found.rank, 4)
    start = hits.start[found.hit]
    order = np.lexsort((found.entry, places.uncertainty_m[found.point], start, -rank, found.text))
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = found.text[order[1:]] != found.text[order[:-1]]
    first = order[is_first]
    best[found.text[first]] = first
    winner = best[found.text]
    street = places.street[found.point]
    is_rescue = hits.how[found.hit] > 0
    same_words = (start == start[winner]) | is_rescue & is_rescue[winner]
    rival = same_words & (rank == rank[winner]) & (found.point != found.point[winner])
    rival &= (street != street[winner]) | is_rescue
    is_tied[found.text[rival]] = True
    # 东直门海运仓社区: nobody knows which 东直门, and nobody needs to.
    is_area = places.level[found.entry] == _COMMUNITY
    told = np.flatnonzero(is_area & (rank >= _FALLS_BACK) & is_tied[found.text])[::-1]
    best[found.text[told]], is_tied[found.text[told]] = told, False
    return best, is_tied
