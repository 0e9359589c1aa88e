"""What a text says around a name: the caller's own home, the place complained of, another city."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import ahocorasick
import numpy as np
import numpy.typing as npt

from geo_hotspots.places.gazetteer.sieve import Sieve, make_sieve, sift
from geo_hotspots.places.grammar.text import Ints, Texts
from geo_hotspots.places.match.hits import Hits

NO_ROLE, INCIDENT, HOME = range(3)

_HOMES = (
    "家住", "民住", "现住", "居住", "暂住", "租住", "我住", "人住", "住在", "住址", "户籍", "户口",
    "籍贯", "老家", "家庭地址", "身份证", "业主(", "本人是", "本人为", "我是", "我为", "自己是",
    "来电人是", "诉求人是",
)  # fmt: skip
_INCIDENTS = (
    "反映", "位于", "坐落", "地点", "点位", "发生", "投诉", "举报", "事发", "问题", "路过",
    "途经", "途径", "走到", "在",
)  # fmt: skip
_BREAKS = np.array([ord(c) for c in ",。;!?)\0"], dtype=np.uint32)


def _cue_words() -> ahocorasick.Automaton:
    words = ahocorasick.Automaton(ahocorasick.STORE_INTS)
    for kind, group in ((HOME, _HOMES), (INCIDENT, _INCIDENTS)):
        for word in group:
            words.add_word(word, kind)
    for word in _HOMES:  # 家住在: the 在 belongs to the home
        words.add_word(word.removesuffix("在") + "在", HOME)
    words.make_automaton()
    return words


_CUES = _cue_words()
_BESIDE = re.compile(
    r"(?:号|院|的|小区|门口|路口|[东西南北]{1,2}[侧边角面])*"
    r"(附近|周边|旁边?|对面|对过|斜对面|一带|不远|以[东西南北])"
)

_AMID = [ord(c) for c in "场民政"]  # 海口市场, 市民, 市政


class Cues(NamedTuple):
    """Where words stand that say what a place is to the caller, and where clauses end."""

    at: Ints
    is_home: npt.NDArray[np.bool_]
    breaks: Ints


def find_cues(texts: Texts) -> Cues:
    """Find the words before a place that tell an incident from a home."""
    found = np.fromiter(chain.from_iterable(_CUES.iter(texts.joined)), np.int64).reshape(-1, 2)
    at, kind = found[:, 0] + 1, found[:, 1]
    # 住在 ends where its own 在 does: of two words that end together the home counts.
    order = np.lexsort((kind, at))
    is_last = np.ones(len(at), dtype=bool)
    is_last[:-1] = np.diff(at[order]) > 0
    at, kind = at[order][is_last], kind[order][is_last]
    return Cues(at, kind == HOME, np.flatnonzero(np.isin(texts.codes, _BREAKS)))


def find_roles(cues: Cues, start: Ints) -> npt.NDArray[np.int8]:
    """Say what each name is to the caller by the last word before it in its own clause."""
    before = np.searchsorted(cues.at, start, side="right") - 1
    roles = np.full(len(start), NO_ROLE, dtype=np.int8)
    if not len(cues.at):
        return roles
    spoken = (before >= 0) & (cues.at[before] > _clause(cues, start))
    roles[spoken] = np.where(cues.is_home[before[spoken]], HOME, INCIDENT)
    return roles


def _clause(cues: Cues, at: Ints) -> Ints:
    """Give the place of the last break before each position, -1 where there is none."""
    before = np.searchsorted(cues.breaks, at, side="left") - 1
    if not len(cues.breaks):
        return np.full(len(at), -1, dtype=np.int64)
    return np.where(before >= 0, cues.breaks[before], -1)


class Foreign(NamedTuple):
    """Names of other districts in texts: where they stand, which they are, in which clause."""

    start: Ints
    at: Ints  # the last character
    name: Ints
    clause: Ints


def find_foreign(texts: Texts, outside: Sequence[str], cues: Cues, hits: Hits) -> Foreign:
    """Find the names of other districts and cities.

    The caller's own home is left out, and what is part of a name of ours or of another word:
    四川省人民政府驻北京办事处 is here, and 海口市场 is no city.
    """
    names = [name for name in outside if name]
    if not names:
        return Foreign(*(np.zeros(0, dtype=np.int64) for _ in Foreign._fields))
    words, sieve = _make_search(tuple(names))
    text, stood = sift(texts.codes, sieve)
    found = np.fromiter(chain.from_iterable(words.iter_long(text)), np.int64).reshape(-1, 2)
    at, name = stood[found[:, 0]], found[:, 1]
    start = at + 1 - np.array([len(n) for n in names], dtype=np.int64)[name]
    away = (find_roles(cues, at) != HOME) & ~_is_inside(start, at, hits) & ~_goes_on(texts, at)
    return Foreign(start[away], at[away], name[away], _clause(cues, at[away]))


@lru_cache(maxsize=1)
def _make_search(names: tuple[str, ...]) -> tuple[ahocorasick.Automaton, Sieve]:
    """Make what finds names, once for all blocks of texts."""
    words = ahocorasick.Automaton(ahocorasick.STORE_INTS)
    for i, word in enumerate(names):
        words.add_word(word, i)
    words.make_automaton()
    return words, make_sieve(names)


def _is_inside(start: Ints, at: Ints, hits: Hits) -> npt.NDArray[np.bool_]:
    """Say which words lie in a name; names are in order and none lies in another."""
    if not len(hits.start):
        return np.zeros(len(at), dtype=bool)
    before = np.searchsorted(hits.start, start, side="right") - 1
    inside: npt.NDArray[np.bool_] = (before >= 0) & (at < hits.end[before])
    return inside


def _goes_on(texts: Texts, at: Ints) -> npt.NDArray[np.bool_]:
    """Say where what looks like a city's name ends amid a word."""
    behind = texts.codes[np.minimum(at + 1, len(texts.codes) - 1)]
    is_amid: npt.NDArray[np.bool_] = (texts.codes[at] == ord("市")) & np.isin(behind, _AMID)
    return is_amid


def lies_abroad(texts: Texts, foreign: Foreign, cues: Cues, start: Ints) -> npt.NDArray[np.bool_]:
    """Say which names do not count beside that of another district.

    Those behind it in one clause with nothing told between lie there, as does what is part of it
    (西河沿 in 前门西河沿); and a home here is not what a text that names another district
    complains of.
    """
    if not len(foreign.at):
        return np.zeros(len(start), dtype=bool)
    before = np.searchsorted(foreign.start, start, side="right") - 1
    is_part = (before >= 0) & (start <= foreign.at[before])
    same: npt.NDArray[np.bool_] = (before >= 0) & (foreign.clause[before] == _clause(cues, start))
    told = np.searchsorted(cues.at, start, side="right") - 1
    if len(cues.at):
        same &= (told < 0) | (cues.at[told] <= foreign.at[before])
    is_home = find_roles(cues, start) == HOME
    abroad: npt.NDArray[np.bool_] = is_home & np.isin(texts.at(start), texts.at(foreign.at))
    abroad |= same | is_part
    return abroad


def is_beside(text: str, end: int) -> bool:
    """Say whether the text means what is near a place rather than the place."""
    return _BESIDE.match(text, end) is not None
