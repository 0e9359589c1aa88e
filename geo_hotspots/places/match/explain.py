"""Matches in words: the key, the name and the reason of each, written once for each text."""

from collections.abc import Iterator
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
from geo_hotspots.places.match.context import HOME
from geo_hotspots.places.match.hits import SOUNDING, WRITTEN
from geo_hotspots.places.match.match import Matches, match_texts
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
    told = next(tell(found))
    status, level = STATUSES[found.status[0]], LEVELS[found.level[0]]
    entry = gazetteer.entries.one(told.entry) if status in _PLACED else None
    return Match(status, entry, told.key, told.name, level, float(found.score[0]), told.reason)


class Told(NamedTuple):
    """One match in words."""

    entry: int  # the place whose name was found, or that is listed by number; -1 for none
    id: str
    key: str
    name: str
    reason: Words


def describe(matches: Matches, lang: Lang) -> pd.DataFrame:
    """Write matches as the columns of `schema.PLACED`, where each came from left out."""
    entries = matches.gazetteer.entries
    told = list(tell(matches))
    entry = np.array([one.entry for one in told], dtype=np.int64)
    is_placed = (entry >= 0) & np.isin(matches.status, [STATUSES.index(s) for s in _PLACED])

    def text(values: list[str]) -> pd.Series:
        return pd.Series(values, dtype="str").replace("", None)

    def area(values: list[str], codes: np.ndarray) -> pd.Series:
        return text(values).take(codes).reset_index(drop=True)

    return pd.DataFrame(
        {
            "status": pd.Series(STATUSES, dtype="str").take(matches.status).to_numpy(),
            "level": pd.Series(LEVELS, dtype="str").take(matches.level).to_numpy(),
            "place_id": text(
                [one.id if placed else "" for one, placed in zip(told, is_placed, strict=True)]
            ),
            "place_key": text([one.key for one in told]),
            "place_name": text([one.name for one in told]),
            "street": area(entries.streets, matches.street),
            "community_code": area(entries.community_codes, matches.community),
            "community": area(entries.communities, matches.community),
            "lng": matches.lng,
            "lat": matches.lat,
            "uncertainty_m": matches.uncertainty_m,
            "score": matches.score,
            "explanation": pd.Series([one.reason.say(lang) for one in told], dtype="str"),
        }
    )


class _Winners(NamedTuple):
    """What the words need of each winner, as plain lists: one look-up a column, not a row."""

    entry: list[int]
    name: list[str]
    id: list[str]
    own: list[str]
    point: list[str]
    number: list[str]
    state: list[int]


def _winners(matches: Matches) -> _Winners:
    row = matches.found.take(np.maximum(matches.best, 0)) if len(matches.found.text) else None
    if row is None:
        return _Winners([], [], [], [], [], [], [])
    entries = matches.gazetteer.entries
    entry = np.where(row.state == LISTED, row.point, row.entry)

    def names(which: np.ndarray) -> list[str]:
        return list(entries.names.take(which).to_pylist())

    return _Winners(
        entry.tolist(), names(entry), entries.ids.take(entry).to_pylist(), names(row.entry),
        names(row.point), [say_number(n) if n else "" for n in row.number.tolist()],
        row.state.tolist(),
    )  # fmt: skip


def tell(matches: Matches) -> Iterator[Told]:
    """Put each match into words."""
    winners = _winners(matches)
    for i, (best, status) in enumerate(
        zip(matches.best.tolist(), matches.status.tolist(), strict=True)
    ):
        name = STATUSES[status]
        if i in matches.crossings:
            yield _tell_crossing(matches, i)
        elif i in matches.stems:
            yield _tell_stem(matches, i)
        elif name in _PLACED:
            yield _tell_place(matches, winners, i, best)
        elif name == "ambiguous":
            yield _tell_tie(matches, best)
        else:
            yield _tell_nothing(matches, i, name)


def _tell_place(matches: Matches, winners: _Winners, i: int, best: int) -> Told:
    name, number, state = winners.name[i], winners.number[i], winners.state[i]
    written = "" if state == LISTED else number
    is_keyless = not number and matches.level[i] >= _ROAD
    key = "" if is_keyless else f"{winners.id[i]}/{written}" if written else winners.id[i]
    parts = (
        _say_name(matches, best, winners.own[i]),
        _say_number(matches, best, number, winners.point[i]) if number else _SILENCE,
        _say_context(matches, i, best),
    )
    zh = "；".join([p.zh for p in parts if p.zh])
    en = "; ".join([p.en for p in parts if p.en])
    return Told(winners.entry[i], winners.id[i], key, name + written, Words(zh, en))


_ROAD = LEVELS.index("road")  # from here on a place without a number is an area
_SILENCE = Words("", "")


def _say_name(matches: Matches, best: int, entry: str) -> Words:
    """Say which name was found, and how it differs from what is written."""
    row, hits, gazetteer = matches.found, matches.hits, matches.gazetteer
    hit = int(row.hit[best])
    found, how = int(hits.name[hit]), hits.how[hit]
    variant = gazetteer.names[found]
    zh, en = f"命中“{entry}”", f"found “{entry}”"
    if gazetteer.ranks[found] != NAME:
        zh, en = f"“{variant}”即“{entry}”", f"“{variant}” is “{entry}”"
    if how == WRITTEN:
        return Words(zh, en)
    written = matches.texts.joined[hits.start[hit] : hits.end[hit]]
    if how == SOUNDING:
        pairs = [(a, b) for a, b in zip(written, variant, strict=True) if a != b]
        alike_zh = "，".join(f"“{a}”与“{b}”同音" for a, b in pairs)
        alike_en = ", ".join(f"“{a}” sounds like “{b}”" for a, b in pairs)
        return Words(f"{zh}，{alike_zh}", f"{en}; {alike_en}")
    return Words(
        f"{zh}，文中“{written}”疑为“{variant}”之误",
        f"{en}; “{written}” is taken for a slip for “{variant}”",
    )


def _say_number(matches: Matches, best: int, number: str, point: str) -> Words:
    """Say what became of the number behind the name."""
    row = matches.found
    state = int(row.state[best])
    if state == LISTED:
        return Words(f"{number}有收录", f"{number} is listed")
    low, high = int(row.low_number[best]), int(row.high_number[best])
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
        ordinal = int(find_ordinals(row.number[best : best + 1])[0])
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


def _say_context(matches: Matches, i: int, best: int) -> Words:
    """Say what else bears on the place: nearness, homes, the operator's street."""
    is_home = matches.roles[matches.found.hit[best]] == HOME
    is_elsewhere = matches.filed[i] and matches.street[i] and matches.filed[i] != matches.street[i]
    if not (matches.is_beside[i] or is_home or is_elsewhere):
        return _SILENCE
    parts = [Words("在其附近", "near it")] if matches.is_beside[i] else []
    if is_home:
        parts.append(Words("文中只写了住址", "only the caller's home is named"))
    if is_elsewhere:
        streets = matches.gazetteer.entries.streets
        filed, street = streets[matches.filed[i]], streets[matches.street[i]]
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
    is_rival = (row.text == row.text[best]) & (row.rank >= row.rank[best] - _SAME)
    rivals = np.unique(row.point[is_rival]).tolist()
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
    if not matches.texts.text(i):
        return _unplaced("", Words("没有文字", "there is no text"))
    return _unplaced("", Words("文字中没有地点", "the text names no place"))


def _unplaced(name: str, reason: Words) -> Told:
    return Told(-1, "", "", name, reason)
