"""Names with a slip in them: a character dropped, exchanged with its neighbour, or looking alike.

Where a text names nothing precise, each stretch of it that may be a name is held against the
names that differ by one syllable. The neighbourhood is looked up, not searched: two words one
edit apart share a word with one syllable deleted (the idea of SymSpell).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import OSA

from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.grammar.lookalikes import looks_alike
from geo_hotspots.places.grammar.syllables import Codes, code_text
from geo_hotspots.places.grammar.text import Ints, Texts
from geo_hotspots.places.grammar.variants import LOOSE
from geo_hotspots.places.match.clauses import (
    LEAST,
    Clause,
    Stretch,
    cut_clauses,
    list_stretches,
    may_hold_a_place,
)
from geo_hotspots.places.match.hits import NEAR, TELLING, Hits, goes_on, read_numbers

_SURE = 4  # a body so long bears any one wrong character; a shorter one only a look-alike
_MOST_EDITS = 3  # of characters, where all but one sound right
_EDIT_WEIGHS = 1.5  # characters that must agree to make up for one that does not
_SAME = 0.01
_IDENTITY = np.arange(0x10000, dtype=np.uint32)  # where no two characters sound alike

_UNREAD = re.compile(
    r"[一-鿿](?:\d{1,4}|[零一二两三四五六七八九十百幺]{1,6})(?:号(?![线开上下左])|#|栋|幢)|交叉|交汇|交口|路口"
)
_GENERIC = re.compile(
    r"(?:社区居委会|居委会|社区|街道办事处|街道办|街道|胡同|大街|小街|街|路|巷|条|小区|公寓|大厦|花园|花苑|家园|嘉园|新居|雅苑|[园苑居邸]"
    r"|[东西南北]?里|[东西南北]?区|广场|市场|商城|商场|中心|大院|宿舍|政府"
    r"|小学|中学|学校|幼儿园|医院|中医院|派出所|博物馆|图书馆|纪念馆|电影院|剧院|剧场|公园"
    r"|酒店|饭店|宾馆|餐厅|书店|超市|营业厅|门[内外东西南北]?(?:大街|小街|街|路)?)$"
)


Near = Callable[[str], tuple[int, ...]]  # a coded word, to the names it may be a slip for


class _Slip(NamedTuple):
    """A name that a part of a text may be a slip for, and how much is for it."""

    likeness: float
    start: int
    end: int
    name: int

    def moved(self, by: int) -> "_Slip":
        """Count its place from another beginning."""
        return _Slip(self.likeness, self.start + by, self.end + by, self.name)


Look = Callable[[Clause], tuple[_Slip, ...]]  # at a clause, for what it may mean


def is_unread(text: str, level: str) -> bool:
    """Say whether a text that names a place of this level at best may name a finer one."""
    return level != "road" or _UNREAD.search(text) is not None


def find_near(texts: Texts, which: Ints, hits: Hits, gazetteer: Gazetteer) -> Hits:
    """Find names with one slip in the texts of these numbers.

    Parameters
    ----------
    hits
        The names found without a slip; what is part of one is none of another.

    Returns
    -------
    hits
        Of each text the likeliest names; two that are as likely are both there.
    """
    coded = code_text(texts.codes, gazetteer.sounds)
    near: Near = cache(partial(_neighbours, gazetteer))
    look: Look = cache(partial(_look, gazetteer, near))  # texts repeat each other's clauses
    rows: list[tuple[int, int, int]] = []
    bounds = np.stack([texts.starts[which], texts.starts[which + 1]], axis=1)
    inside = np.searchsorted(hits.start, bounds)
    for (start, end), (first, last) in zip(bounds.tolist(), inside.tolist(), strict=True):
        held = zip(hits.start[first:last].tolist(), hits.end[first:last].tolist(), strict=True)
        spans = [(s - start, e - start) for s, e in held]
        # No name begins in the district's own: it is blotted out as a clause's end would be.
        text = _blot(texts.joined[start:end], gazetteer.district)
        clauses = cut_clauses(text, coded[start:end], spans)
        slips = [slip.moved(at) for at, clause in clauses for slip in look(clause)]
        rows += [(start + slip.start, start + slip.end, slip.name) for slip in _likeliest(slips)]
    whole = [row for row in rows if not goes_on(texts.joined, *row, gazetteer)]
    return read_numbers(texts, Hits.of(whole, NEAR))


def _blot(text: str, names: list[str]) -> str:
    """Put commas over the name of the whole area, which is part of no other."""
    for name in names:
        text = text.replace(name, "," * len(name))
    return text


def _likeliest(slips: list[_Slip]) -> Iterator[_Slip]:
    """Give the likeliest names of one text, each where it is likeliest, the longest and last."""
    best, found = 0.0, dict[int, _Slip]()
    for slip in slips:
        if slip.likeness < best - _SAME:
            continue
        best = max(best, slip.likeness)
        found[slip.name] = max(found.get(slip.name, slip), slip, key=_by_likeness)
    yield from (slip for slip in found.values() if slip.likeness > best - _SAME)


def _by_likeness(slip: _Slip) -> tuple[float, int, int]:
    return slip.likeness, slip.end - slip.start, slip.start


def _look(gazetteer: Gazetteer, near: Near, clause: Clause) -> tuple[_Slip, ...]:
    """List the names that a clause may mean; one that is not sure to hold a place must say so."""
    if not may_hold_a_place(clause):
        return ()
    slips = []
    for stretch in list_stretches(clause):
        start, end = stretch[:2]
        for name in near(clause.coded[start:end]):
            if gazetteer.ranks[name] == LOOSE:
                continue
            written = clause.text[start:end]
            likeness = _likeness(written, gazetteer.names[name], stretch, gazetteer.sounds)
            if likeness:
                slips.append(_Slip(likeness, start, end, name))
    return tuple(slips)


def _neighbours(gazetteer: Gazetteer, word: str) -> tuple[int, ...]:
    """List the names one syllable or less away from a coded word."""
    near, sounding = gazetteer.near, gazetteer.sounding
    keys = {word[:i] + word[i + 1 :] for i in range(len(word))} | {word}
    words = {i for key in keys & near.keys() for i in near[key]}
    alike = [i for i in sorted(words) if OSA.distance(word, sounding[i], score_cutoff=1) <= 1]
    return tuple(name for i in alike for name in gazetteer.sounding_names.one(i).tolist())


def _likeness(text: str, name: str, stretch: Stretch, sounds: Codes) -> float:
    """Weigh how much of a name stands in a text; 0 where the one is no slip for the other.

    >>> alone = Stretch(0, 3, is_left=True, is_right=True)
    >>> _likeness("永胡同", "永生胡同", alone, _IDENTITY)
    2.5
    >>> _likeness("北总布胡同", "总布胡同", alone, _IDENTITY)
    0.0
    """
    edits = OSA.distance(text, name)
    if not 0 < edits <= _MOST_EDITS or len(name) < LEAST:
        return 0.0
    if not _is_whole(text, name, edits, stretch) or not _may_slip(text, name, sounds):
        return 0.0
    return len(name) - _EDIT_WEIGHS * edits


def _is_whole(text: str, name: str, edits: int, stretch: Stretch) -> bool:
    """Say whether the text breaks off where the name does, and holds most of its body."""
    is_alike_left, is_alike_right = text[0] == name[0], text[-1] == name[-1]
    if not (stretch.is_left or is_alike_left) or not (stretch.is_right or is_alike_right):
        return False
    if not stretch.is_left and (edits > 1 or len(name) < _SURE + 1):
        return False
    body = _GENERIC.sub("", name) or name
    shared = (Counter(body) & Counter(text)).total()
    return shared >= max(1, (len(body) + 1) // 2, 2 if edits > 1 else 0)


def _is_kind(said: str, meant: str, sounds: Codes) -> bool:
    """Say whether the word for the kind of place is the same, as it may sound: 小区 is no 搜秀.

    A part, as 西区, is no kind, and a single character is soon exchanged with its neighbour.
    """
    return (
        len(said) == 1
        or said[0] in TELLING - {"小"}
        or (
            len(said) == len(meant)
            and all(
                a == b or _sounds_alike(a, b, sounds) or looks_alike(a, b)
                for a, b in zip(said, meant, strict=True)
            )
        )
    )


def _sounds_alike(a: str, b: str, sounds: Codes) -> bool:
    """Say whether two characters are read alike; beyond the table, as 😀, none is."""
    known = max(ord(a), ord(b)) < len(sounds)
    return known and bool(sounds[ord(a)] == sounds[ord(b)])


def _may_slip(text: str, name: str, sounds: Codes) -> bool:
    """Say whether what differs is a slip, not another name."""
    kind = _GENERIC.search(text)
    if kind and not _is_kind(kind[0], name[-len(kind[0]) :], sounds):
        return False
    if len(text) == len(name):
        differing = [(a, b) for a, b in zip(text, name, strict=True) if a != b]
        if sorted(text) == sorted(name):
            return True
        if any(a in TELLING and b in TELLING for a, b in differing):
            return False
        body = len(_GENERIC.sub("", name))
        return all(
            _sounds_alike(a, b, sounds) or looks_alike(a, b) or i < body >= _SURE
            for i, (a, b) in enumerate(zip(text, name, strict=True))
            if a != b
        )
    longer, shorter = (text, name) if len(text) > len(name) else (name, text)
    if len(name) <= LEAST:
        return False
    differing_at = (i for i, (a, b) in enumerate(zip(longer, shorter, strict=False)) if a != b)
    at = next(differing_at, len(shorter))
    # What a text has too much may be another name's: 北总布胡同 is not 总布胡同.
    return longer is name or (0 < at < len(shorter) and longer[at] not in TELLING)
