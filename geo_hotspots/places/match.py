"""From a text to a place: the finest place it names, with a score and the reason in words.

A text may name several places; the one with the finest number wins, and what the text or the
operator says of the street settles which of several roads of one name is meant. What cannot be
settled is said, never guessed.
"""

from typing import NamedTuple

from geo_hotspots.places.address import (
    looks_like_a_place,
    normalise_text,
    read_house,
    read_tail,
)
from geo_hotspots.places.gazetteer import Entry, Gazetteer, Hit
from geo_hotspots.words import Words

# How sure each kind of find is before anything speaks against it.
_SCORE = {
    "building": 0.97, "door": 0.97, "compound": 0.9, "poi": 0.88, "intersection": 0.88,
    "road": 0.6, "community": 0.55, "street": 0.4,
}  # fmt: skip
_AREAS = ("community", "street")
_NUMBER_BONUS = 0.05
_CONFLICT = 0.1
_ROAD_WITH_NUMBER = 0.75


class Match(NamedTuple):
    """What one text says of a place; `entry` is missing where it says nothing usable."""

    status: str
    entry: Entry | None
    key: str
    name: str
    score: float
    reason: Words


class _Candidate(NamedTuple):
    hit: Hit
    entries: tuple[Entry, ...]
    number: str
    score: float


def match_text(
    text: str, gazetteer: Gazetteer, *, street: str = "", outside: tuple[str, ...] = ()
) -> Match:
    """Find the place that a text means.

    Parameters
    ----------
    text
        An address, or a complaint that names its place somewhere.
    street
        The street the operator filled in; it settles names that occur in several.
    outside
        Names of districts beyond the study area: a text that names one and nothing of ours
        lies there.

    Returns
    -------
    match
        Status `located`, `located_low`, `area_only`, `ambiguous`, `outside_area`,
        `name_not_in_gazetteer` or `no_place_in_text`.
    """
    text = normalise_text(text)
    hits = gazetteer.find(text)
    foreign = next((name for name in outside if name in text), "")
    if foreign:
        return _nothing("outside_area", Words(f"文字写明在{foreign}", f"the text says {foreign}"))
    streets = {
        gazetteer.entries[e].street for h in hits for e in h.entries if _is_street(gazetteer, e)
    }
    candidates = [_weigh(hit, text, gazetteer, streets or {street}) for hit in hits]
    if not candidates:
        return _unmatched(text)
    best = max(candidates, key=lambda c: (c.score, -c.hit.start))
    if read_house(text) and all(e.level in _AREAS for e in best.entries):
        return _unmatched(text)  # a house on a road we lack says more than its post town
    return _settle(best, street)


def _is_street(gazetteer: Gazetteer, entry: int) -> bool:
    return gazetteer.entries[entry].level == "street"


def _weigh(hit: Hit, text: str, gazetteer: Gazetteer, streets: set[str]) -> _Candidate:
    """Read the number behind a hit, keep the entries that agree with the street, and score."""
    number = str(read_tail(text, hit.end))
    listed = [e for h in hit.entries for e in gazetteer.numbered.get((h, number), ())]
    entries = tuple(gazetteer.entries[e] for e in (listed or hit.entries))
    agreeing = tuple(e for e in entries if e.street in streets)
    score = max(_SCORE[e.level] for e in entries)
    is_area = all(e.level in _AREAS for e in entries)
    if number and not listed and not is_area:
        is_road = all(e.level == "road" for e in entries)
        score = _ROAD_WITH_NUMBER if is_road else min(score + _NUMBER_BONUS, 1.0)
    return _Candidate(hit, agreeing or entries, "" if is_area else number, score)


def _settle(best: _Candidate, street: str) -> Match:
    """Say which entry is meant, or that it cannot be told."""
    entries, number = best.entries, best.number
    streets = sorted({e.street for e in entries})
    label = best.hit.name + number
    if len(streets) > 1:
        where_zh, where_en = "、".join(streets), ", ".join(streets)
        reason = Words(f"{label}在{where_zh}都有", f"{label} occurs in {where_en}")
        return Match("ambiguous", None, "", label, best.score, reason)
    entry = min(entries, key=lambda e: (e.uncertainty_m, e.id))
    score = best.score - _CONFLICT * (
        bool(street) and bool(entry.street) and entry.street != street
    )
    is_listed = entry.type in ("building", "door")
    if entry.level in _AREAS or (entry.level == "road" and not number):
        status, key = "area_only", ""
    else:
        status = "located_low" if entry.level == "road" else "located"
        key = f"{entry.id}/{number}" if number and not is_listed else entry.id
    return Match(status, entry, key, _display(entry, number), score, _reason(entry, number, street))


def _display(entry: Entry, number: str) -> str:
    return entry.name if entry.type in ("building", "door") else entry.name + number


def _reason(entry: Entry, number: str, street: str) -> Words:
    zh, en = f"命中“{entry.name}”", f"found “{entry.name}”"
    if number and entry.type not in ("building", "door"):
        zh, en = (
            zh + f"，{number}未单独收录，用其位置",
            en + f"; {number} is not listed, its point stands in",
        )
    if street and entry.street and entry.street != street:
        zh, en = (
            zh + f"；登记为{street}，地名在{entry.street}",
            en + f"; filed under {street}, lies in {entry.street}",
        )
    return Words(zh, en)


def _unmatched(text: str) -> Match:
    house = read_house(text)
    if house or looks_like_a_place(text):
        reason = Words("写有地名，地名库未收录", "names a place that the gazetteer does not hold")
        return Match("name_not_in_gazetteer", None, "", house, 0.0, reason)
    return _nothing("no_place_in_text", Words("文字中没有地点", "the text names no place"))


def _nothing(status: str, reason: Words) -> Match:
    return Match(status, None, "", "", 0.0, reason)
