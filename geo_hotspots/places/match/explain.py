"""Matches in words: the key, the name and the reason of each, written once for each text."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo_hotspots.places.gazetteer.doors import (
    BESIDE,
    BETWEEN,
    LISTED,
    PARENT,
    UNLISTED,
    find_ordinals,
)
from geo_hotspots.places.gazetteer.entries import Entry
from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.grammar.address import read_house
from geo_hotspots.places.grammar.numbers import say_number
from geo_hotspots.places.grammar.variants import NAME
from geo_hotspots.places.match.hits import SOUNDING
from geo_hotspots.places.match.match import Matches, match_texts
from geo_hotspots.places.match.notes import NUMBERS_TELL, Note, Notes, Told, take_notes
from geo_hotspots.schema import LEVELS, LOCATED, STATUSES
from geo_hotspots.words import Lang, Words

_PLACED = (*LOCATED, "area_only")


class Match(NamedTuple):
    """What one text says of a place; `entry` is missing where it says nothing usable."""

    status: str
    entry: Entry | None
    key: str
    name: str
    level: str
    score: float
    reason: Words


def match_text(
    text: str, gazetteer: Gazetteer, *, street: str = "", outside: tuple[str, ...] = ()
) -> Match:
    """Find the place that one text means; `match_texts` does the same for many at once.

    Parameters
    ----------
    street
        The street the operator filled in; it settles names that occur in several.
    outside
        Names of districts beyond the study area.
    """
    found = match_texts([text], gazetteer, streets=[street], outside=outside)
    told = tell(found)[0]
    status, level = STATUSES[found.status[0]], LEVELS[found.level[0]]
    entry = gazetteer.entries.one(told.entry) if status in _PLACED else None
    return Match(status, entry, told.key, told.name, level, float(found.score[0]), told.reason)


def tell(matches: Matches) -> list[Told]:
    """Put each match into words."""
    return _tell(note(matches), matches.gazetteer)


def note(matches: Matches) -> Notes:
    """Note what decides the words of each match."""
    return take_notes(matches, _tell_at_once)


def describe(notes: Notes, gazetteer: Gazetteer, lang: Lang) -> pd.DataFrame:
    """Write notes as the columns of `schema.PLACED`, where each came from left out."""
    entries, rows = gazetteer.entries, notes.rows
    told = _tell(notes, gazetteer)
    is_placed = rows["status"].isin([STATUSES.index(s) for s in _PLACED]).tolist()

    def text(values: list[str]) -> pd.Series:
        return pd.Series(values, dtype="str").replace("", None)

    def words(values: Sequence[str], codes: pd.Series) -> pd.Series:
        return text([*values]).take(codes.to_numpy()).reset_index(drop=True)

    return pd.DataFrame(
        {
            "status": words(STATUSES, rows["status"]),
            "level": words(LEVELS, rows["level"]),
            "place_id": text(
                [one.id if placed else "" for one, placed in zip(told, is_placed, strict=True)]
            ),
            "place_key": text([one.key for one in told]),
            "place_name": text([one.name for one in told]),
            "street": words(entries.streets, rows["street"]),
            "community_code": words(entries.community_codes, rows["community"]),
            "community": words(entries.communities, rows["community"]),
            **{name: rows[name] for name in ("lng", "lat", "uncertainty_m", "score")},
            "explanation": pd.Series([one.reason.say(lang) for one in told], dtype="str"),
        }
    )


def _tell(notes: Notes, gazetteer: Gazetteer) -> list[Told]:
    """Put each note into words."""
    rows = notes.rows[[*Note._fields]].itertuples(index=False, name=None)
    return [
        _tell_note(one, gazetteer) if one.said == NUMBERS_TELL else notes.said[one.said]
        for one in map(Note._make, rows)
    ]


def _tell_note(note: Note, gazetteer: Gazetteer) -> Told:
    """Put into words what numbers tell: a name as it is written, or nothing."""
    if STATUSES[note.status] not in _PLACED:
        return _unplaced("", Words("文字中没有地点", "the text names no place"))
    return _tell_place(note, gazetteer, _say_name(note, gazetteer))


def _tell_at_once(matches: Matches, i: int, note: Note) -> Told:
    """Put into words what only the text tells."""
    status = STATUSES[note.status]
    if i in matches.crossings:
        return _tell_crossing(matches, i)
    if i in matches.stems:
        return _tell_stem(matches, i)
    if status in _PLACED:
        return _tell_place(note, matches.gazetteer, _say_slip(matches, i, note))
    if status == "ambiguous":
        return _tell_tie(matches, int(matches.best[i]))
    return _tell_nothing(matches, i, status)


def _tell_place(note: Note, gazetteer: Gazetteer, named: Words) -> Told:
    entries, number = gazetteer.entries, say_number(note.number)
    entry = note.point if note.state == LISTED else note.entry
    written = "" if note.state == LISTED else number
    is_keyless = not number and note.level >= _ROAD
    place_id = entries.id(entry)
    key = "" if is_keyless else f"{place_id}/{written}" if written else place_id
    parts = (
        named,
        _say_number(note, number, entries.name(note.point)) if number else _SILENCE,
        _say_context(note, entries.streets),
    )
    zh = "；".join([p.zh for p in parts if p.zh])
    en = "; ".join([p.en for p in parts if p.en])
    return Told(entry, place_id, key, entries.name(entry) + written, Words(zh, en))


_ROAD = LEVELS.index("road")  # from here on a place without a number is an area
_SILENCE = Words("", "")


def _say_name(note: Note, gazetteer: Gazetteer) -> Words:
    """Say which name was found."""
    entry, variant = gazetteer.entries.name(note.entry), gazetteer.names[note.name]
    if gazetteer.ranks[note.name] != NAME:
        return Words(f"“{variant}”即“{entry}”", f"“{variant}” is “{entry}”")
    return Words(f"命中“{entry}”", f"found “{entry}”")


def _say_slip(matches: Matches, i: int, note: Note) -> Words:
    """Say which name was found, and how it differs from what is written."""
    hits, hit = matches.hits, matches.found.hit[matches.best[i]]
    zh, en = _say_name(note, matches.gazetteer)
    written = matches.texts.joined[hits.start[hit] : hits.end[hit]]
    variant = matches.gazetteer.names[note.name]
    if hits.how[hit] == SOUNDING:
        pairs = [(a, b) for a, b in zip(written, variant, strict=True) if a != b]
        alike_zh = "，".join(f"“{a}”与“{b}”同音" for a, b in pairs)
        alike_en = ", ".join(f"“{a}” sounds like “{b}”" for a, b in pairs)
        return Words(f"{zh}，{alike_zh}", f"{en}; {alike_en}")
    return Words(
        f"{zh}，文中“{written}”疑为“{variant}”之误",
        f"{en}; “{written}” is taken for a slip for “{variant}”",
    )


def _say_number(note: Note, number: str, point: str) -> Words:
    """Say what became of the number behind the name."""
    state, low, high = note.state, note.low_number, note.high_number
    if state == LISTED:
        return Words(f"{number}有收录", f"{number} is listed")
    if state == PARENT:
        return Words(
            f"{number}未收录，用{point}的位置", f"{number} is not listed, {point} stands in"
        )
    plate, unit = ("门牌", "号") if "号楼" not in number else ("", "号楼")
    if state == BETWEEN:
        return Words(
            f"{plate}{number}未收录，按{low}{unit}、{high}{unit}内插",
            f"{number} is not listed, put between numbers {low} and {high}",
        )
    if state == BESIDE:
        ordinal = int(find_ordinals(np.array([note.number]))[0])
        near = low if abs(low - ordinal) <= abs(high - ordinal) else high
        return Words(
            f"{plate}{number}未收录，按邻近的{near}{unit}推算",
            f"{number} is not listed, put beside number {near}",
        )
    if state == UNLISTED:
        return Words(
            f"{number}未单独收录，用其位置", f"{number} is not listed, its point stands in"
        )
    return _SILENCE


def _say_context(note: Note, streets: Sequence[str]) -> Words:
    """Say what else bears on the place: nearness, homes, the operator's street."""
    parts = [Words("在其附近", "near it")] if note.is_beside else []
    if note.is_home:
        parts.append(Words("文中只写了住址", "only the caller's home is named"))
    if note.filed:
        filed, street = streets[note.filed], streets[note.street]
        zh, en = f"登记为{filed}，地名在{street}", f"filed under {filed}, lies in {street}"
        parts.append(Words(zh, en))
    return Words("；".join([p.zh for p in parts]), "; ".join([p.en for p in parts]))


def _tell_crossing(matches: Matches, i: int) -> Told:
    crossing, entries = matches.crossings[i], matches.gazetteer.entries
    roads = [entries.name(road) for road in crossing.roads]
    ids = sorted(entries.id(road) for road in crossing.roads)
    first = crossing.roads[0]
    name, key = f"{roads[-2]}与{roads[-1]}交叉口", ""
    if crossing.kind == "stretch":
        name = f"{''.join(roads[:-1])}至{roads[-1]}段"
        reason = Words(f"{name}，取中点", f"{' – '.join(roads)}: the middle of the stretch")
    elif crossing.kind == "met":
        key, reason = "+".join(ids), Words(name, f"{roads[0]} meets {roads[1]}")
    else:
        reason = Words(
            f"{name}未收录，取两路之间",
            f"where {roads[0]} meets {roads[1]} is not known; a point between them",
        )
    return Told(first, entries.id(first), key, name, reason)


def _tell_stem(matches: Matches, i: int) -> Told:
    entries, stem = matches.gazetteer.entries, matches.stems[i]
    street = entries.streets[matches.street[i]]
    entry = matches.gazetteer.entry_of_street[int(matches.street[i])]
    reason = Words(
        f"地名未收录，带“{stem}”的地名都在{street}",
        f"not listed, but all names that begin with “{stem}” lie in {street}",
    )
    return Told(entry, entries.id(entry), "", street, reason)


def _tell_tie(matches: Matches, best: int) -> Told:
    """Name the places between which nothing decides."""
    row, gazetteer = matches.found, matches.gazetteer
    entries = gazetteer.entries
    of_text = slice(*np.searchsorted(row.text, row.text[best] + np.arange(2)))
    is_rival = row.rank[of_text] >= row.rank[best] - _SAME
    rivals = np.unique(row.point[of_text][is_rival]).tolist()
    names = sorted({entries.name(r) for r in rivals})
    streets = sorted({entries.streets[entries.street[r]] for r in rivals} - {""})
    label = gazetteer.names[matches.hits.name[row.hit[best]]] + say_number(int(row.number[best]))
    zh, en = f"可能是{'、'.join(names)}，无法确定", f"may be {', '.join(names)}"
    if len(streets) > 1 and len(names) == 1:
        zh = f"{label}在{'、'.join(streets)}都有"
        en = f"{label} occurs in {', '.join(streets)}"
    return _unplaced(label, Words(zh, en))


_SAME = 1e-4


def _tell_nothing(matches: Matches, i: int, status: str) -> Told:
    if status == "outside_area":
        name = matches.outside[matches.foreign[i]]
        return _unplaced("", Words(f"文字写明在{name}", f"the text says {name}"))
    if status == "name_not_in_gazetteer":
        house = read_house(matches.texts.text(i))
        words = Words("写有地名，地名库未收录", "names a place that the gazetteer does not hold")
        return _unplaced(house, words)
    return _unplaced("", Words("没有文字", "there is no text"))


def _unplaced(name: str, reason: Words) -> Told:
    return Told(-1, "", "", name, reason)
