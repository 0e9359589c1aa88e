"""Names that stand in texts: as written, or by their sound."""

import re
from itertools import chain
from typing import Any, NamedTuple

import ahocorasick
import numpy as np
import numpy.typing as npt

from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.gazetteer.sieve import sift
from geo_hotspots.places.grammar.numbers import read_tail
from geo_hotspots.places.grammar.syllables import code_sounds
from geo_hotspots.places.grammar.text import Ints, Texts, code_points
from geo_hotspots.places.grammar.variants import LOOSE

WRITTEN, SOUNDING, NEAR = range(3)

# Two places may differ in one of these alone, so that one is never a slip for another.
TELLING = frozenset("东西南北中内外前后上下左右大小新旧老一二三四五六七八九十甲乙丙丁0123456789")
# Text that turns a name it follows into the beginning of a longer name: the gazetteer knows
# 安定门 and the text says 安定门外大街, which is another place.
_GOES_ON = re.compile(
    r"[东西南北中内外前后上下左右里]?(?:大街|街(?![边上口面道])|街道(?![边上])"
    r"|路(?![口边面灯段中上过东西南北])|胡同|巷(?![口])|桥|社区(?!居)|医院|小学|中学|地铁站|公园|大厦|夹道|[一二三四五六七八九十]+条)"
    r"|[内外][东西南北]?[一-鿿]{0,3}(?:大街|路|巷|里|胡同|条)"
)
_LATIN_GOES_ON = re.compile(
    r" (?:ave|avenue|st|street|blvd|boulevard|road|rd|place|pkwy|parkway)\b"
)
_FIRST_HAN, _LAST_HAN = "一", "鿿"
# What may stand before a name within a sentence.
_BEFORE_NAMES = frozenset(
    "市区县道在是于映诉近的与和及跟到从往至称现注示过段里内外侧面边口居村院:村社"
)
_NUMBER_BEGINS = code_points(
    "0123456789零〇一二两三四五六七八九十百幺甲乙丙丁戊己庚辛新旧临旁副第"
    "#,、的( 小大社院内里门abcdefghijk"
)
_MORE_BEGINS = code_points(  # of `_GOES_ON`, and of the 门 of 部门
    "东西南北中内外前后上下左右里大街路胡巷桥社医小地公夹一二三四五六七八九十门"
)
_LAST_ASCII = 0x7F
_ROOF = ("社区", "街道")


class Hits(NamedTuple):
    """Names in texts, one a row, in the order of the texts."""

    start: Ints
    end: Ints
    name: Ints
    how: npt.NDArray[np.int8]  # `WRITTEN`, `SOUNDING`, `NEAR`
    number: Ints  # what follows the name, packed; 0 where no number does or none was read yet
    after: Ints  # where the text goes on behind both

    def take(self, which: npt.NDArray[Any]) -> "Hits":
        """Keep some rows."""
        return Hits._make(column[which] for column in self)

    @classmethod
    def of(cls, rows: list[tuple[int, int, int]], how: int) -> "Hits":
        """Make hits of (start, end, name)."""
        start, end, name = np.array(rows, dtype=np.int64).reshape(-1, 3).T
        return cls.found(start, end, name, how)

    @classmethod
    def found(cls, start: Ints, end: Ints, name: Ints, how: int) -> "Hits":
        """Make hits whose numbers are still to be read."""
        nothing = np.zeros(len(start), dtype=np.int64)
        return cls(start, end, name, np.full(len(start), how, dtype=np.int8), nothing, end)


def read_numbers(texts: Texts, hits: Hits) -> Hits:
    """Read the number behind each hit."""
    begun = np.flatnonzero(np.isin(texts.codes[hits.end], _NUMBER_BEGINS))
    tails = [read_tail(texts.joined, end) for end in hits.end[begun].tolist()]
    number, after = np.zeros_like(hits.number), hits.end.copy()
    number[begun], after[begun] = np.array(tails, dtype=np.int64).reshape(-1, 2).T
    return hits._replace(number=number, after=after)


def join_hits(*parts: Hits) -> Hits:
    """Lay hits together in the order of the texts."""
    whole = Hits._make(np.concatenate(columns) for columns in zip(*parts, strict=True))
    return whole.take(np.lexsort((-whole.end, whole.start)))


def find_hits(texts: Texts, gazetteer: Gazetteer) -> Hits:
    """Find the longest names in texts; what sounds like a name counts where none is written.

    Returns
    -------
    hits
        None lies inside another, and none is the mere beginning of a longer name.
    """
    text, at = sift(texts.codes, gazetteer.name_sieve)
    written = _longest(_find(gazetteer.automaton, text, at, gazetteer.name_lengths, WRITTEN))
    sounding = _find_sounding(texts, gazetteer, written)
    hits = _longest(join_hits(written, sounding)) if len(sounding.start) else written
    in_doubt = np.flatnonzero(_may_be_part(texts, hits, gazetteer))
    is_whole = np.ones(len(hits.start), dtype=bool)
    is_whole[in_doubt] = [
        not begins_inside(texts.joined, start, name, gazetteer)
        and not goes_on(texts.joined, start, end, name, gazetteer)
        for start, end, name in zip(*(c[in_doubt].tolist() for c in hits[:3]), strict=True)
    ]
    return read_numbers(texts, hits.take(is_whole))


def _may_be_part(texts: Texts, hits: Hits, gazetteer: Gazetteer) -> npt.NDArray[np.bool_]:
    """Say which names one character does not yet show to be whole: few are in doubt."""
    is_latin = texts.codes[hits.end - 1] <= _LAST_ASCII
    may_go_on = np.isin(texts.codes[hits.end], _MORE_BEGINS)
    doubt: npt.NDArray[np.bool_] = may_go_on | is_latin | (gazetteer.ranks[hits.name] == LOOSE)
    return doubt


def _find(automaton: ahocorasick.Automaton, text: str, at: Ints, lengths: Ints, how: int) -> Hits:
    """List every occurrence of every word in a sifted text, by where it stood."""
    if not len(lengths):
        return Hits.of([], how)
    pairs = np.fromiter(chain.from_iterable(automaton.iter(text)), np.int64).reshape(-1, 2)
    end, word = at[pairs[:, 0]] + 1, pairs[:, 1]
    return Hits.found(end - lengths[word], end, word, how)


def _longest(hits: Hits) -> Hits:
    """Leave out what lies inside another hit."""
    hits = hits.take(np.lexsort((hits.how, -hits.end, hits.start)))
    inside = np.zeros(len(hits.end), dtype=bool)
    if len(inside):
        inside[1:] = np.maximum.accumulate(hits.end)[:-1] >= hits.end[1:]
    return hits.take(~inside)


def _find_sounding(texts: Texts, gazetteer: Gazetteer, written: Hits) -> Hits:
    """Find names by their sound where no written name is in the way."""
    coded, at = sift(code_sounds(texts.codes, gazetteer.sounds), gazetteer.sound_sieve)
    heard = _find(gazetteer.sound_automaton, coded, at, gazetteer.sounding_lengths, SOUNDING)
    heard = _longest(heard.take(_is_clear(heard, written)))
    rows = [
        (start, end, name)
        for start, end, word in zip(*(c.tolist() for c in heard[:3]), strict=True)
        for name in gazetteer.sounding_names.one(word).tolist()
        if _could_be_heard(texts.joined[start:end], gazetteer.names[name])
    ]
    return Hits.of(rows, SOUNDING)


def _is_clear(heard: Hits, written: Hits) -> npt.NDArray[np.bool_]:
    """Say which hits touch no written one, or hold it whole and more."""
    if not len(written.start):
        return np.ones(len(heard.start), dtype=bool)
    last = len(written.start) - 1
    before = np.searchsorted(written.start, heard.start, side="right") - 1
    after = np.minimum(np.searchsorted(written.end, heard.end, side="left"), last)
    cut = (
        (before >= 0) & (written.start[before] < heard.start) & (written.end[before] > heard.start)
    )
    cut |= (written.start[after] < heard.end) & (written.end[after] > heard.end)
    same = (before >= 0) & (written.start[before] <= heard.start)
    same &= written.end[before] >= heard.end
    return ~(cut | same)


def _could_be_heard(text: str, name: str) -> bool:
    """Say whether a text may be `name` misheard: few characters differ, and none that tells."""
    differing = [(a, b) for a, b in zip(text, name, strict=True) if a != b]
    most = 1 if len(name) < _LONG else 2
    return 0 < len(differing) <= most and not any(
        a in TELLING and b in TELLING for a, b in differing
    )


_LONG = 5


def begins_inside(text: str, start: int, name: int, gazetteer: Gazetteer) -> bool:
    """Say whether a name that nobody wrote down begins amid other words: 十四条 in 东十四条."""
    if gazetteer.ranks[name] != LOOSE or not start:
        return False
    before = text[start - 1]
    return _FIRST_HAN <= before <= _LAST_HAN and before not in _BEFORE_NAMES


def goes_on(text: str, start: int, end: int, name: int, gazetteer: Gazetteer) -> bool:
    """Say whether the text goes on so that it names another place than the hit."""
    written = gazetteer.names[name]
    if written.isascii():
        before, after = text[start - 1 : start] if start else "", text[end : end + 1]
        return before.isalnum() or after.isalnum() or bool(_LATIN_GOES_ON.match(text, end))
    if written.endswith("部") and text.startswith("门", end):  # 公安部门 is no ministry
        return True
    return not written.endswith(_ROOF) and bool(_GOES_ON.match(text, end))
