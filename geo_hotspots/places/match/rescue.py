"""Names with a slip in them: a character dropped, exchanged with its neighbour, or looking alike.

Where a text names nothing precise, each stretch of it that may be a name is held against the
names that differ by one syllable. The neighbourhood is looked up, not searched: two words one
edit apart share a word with one syllable deleted (the idea of SymSpell).
"""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import OSA

from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.grammar.lookalikes import looks_alike
from geo_hotspots.places.grammar.syllables import Codes, code_text
from geo_hotspots.places.grammar.text import Ints, Texts, code_points
from geo_hotspots.places.grammar.variants import LOOSE
from geo_hotspots.places.match.hits import NEAR, TELLING, Hits, goes_on, read_numbers

_LEAST, _MOST = 3, 10  # characters of a name that may be mended
_SURE = 4  # a body so long bears any one wrong character; a shorter one only a look-alike
_MOST_EDITS = 3  # of characters, where all but one sound right
_EDIT_WEIGHS = 1.5  # characters that must agree to make up for one that does not
_SAME = 0.01
_PART_OF_NAME = (1, 2)  # so few characters after a natural end belong to what follows: 广安门
_SHORT = 24  # an address; of a longer text only clauses that look like places are searched
_NUMBER_ENDS = "号#栋幢座院"
_PLACE = re.compile(
    r"胡同|大街|小区|家园|嘉园|花园|公寓|大厦|花苑|社区(?!居|工)"
    r"|医院|市场|广场|路(?![过面边灯口上人况段])|街(?!道)"
    r"|巷(?!道)|[东南西北]里|[一二三四五六七八九十\d东南西北]区|[一二三四五六七八九十\d头]条|\d里"
)
_IDENTITY = np.arange(0x10000, dtype=np.uint32)  # where no two characters sound alike

_NUMBER = (
    r"[甲乙丙丁]?(?:\d{1,4}|[零一二两三四五六七八九十百幺]{1,6})[甲乙丙丁]?\ ?"
    r"(?:号|#|栋|幢|座|院)"
)
_UNREAD = re.compile(
    r"[一-鿿](?:\d{1,4}|[零一二两三四五六七八九十百幺]{1,6})(?:号(?![线开上下左])|#|栋|幢)|交叉|交汇|交口|路口"
)
_WALL = re.compile(rf"{_NUMBER}|[,。;:!?()\0]")  # no name goes across
_EDGE = re.compile(
    r"(?P<right>附近|旁|对面|对过|门口|周边|一带|[东西南北][侧口门边]|[与和及、至到的]"
    r"|路口|交叉|交汇|楼下|院内)"
    r"|(?P<left>市|区|街道|社区|反映|位于|地点|在|称|发现|是|投诉|路过|关注|于|表示)"
    r"|(?P<suffix>胡同|大街|街|路|巷|条|里|园|苑|院|楼|厦|寓|庄|村|桥|场|寺|道|坊|居|城)"
)
_GENERIC = re.compile(
    r"(?:社区居委会|居委会|社区|街道办事处|街道办|街道|胡同|大街|小街|街|路|巷|条|小区|公寓|大厦|花园|花苑|家园|嘉园|新居|雅苑|[园苑居邸]"
    r"|[东西南北]?里|[东西南北]?区|广场|市场|商城|商场|中心|大院|宿舍|政府"
    r"|小学|中学|学校|幼儿园|医院|中医院|派出所|博物馆|图书馆|纪念馆|电影院|剧院|剧场|公园"
    r"|酒店|饭店|宾馆|餐厅|书店|超市|营业厅|门[内外东西南北]?(?:大街|小街|街|路)?)$"
)


Near = Callable[[str], tuple[int, ...]]  # a coded word, to the names it may be a slip for


class _Stretch(NamedTuple):
    """A part of a clause that may be a name, and whether each side is a natural end."""

    start: int
    end: int
    is_left: bool
    is_right: bool


class _Slip(NamedTuple):
    """A name that a part of a text may be a slip for, and how much is for it."""

    likeness: float
    start: int
    end: int
    name: int

    def moved(self, by: int) -> "_Slip":
        """Count its place from another beginning."""
        return self._replace(start=self.start + by, end=self.end + by)


Spans = tuple[tuple[int, int], ...]


class _Clause(NamedTuple):
    """A part of a text that no name goes beyond, with the names held in it."""

    text: str
    held: Spans
    is_sure: bool  # to hold a place


Look = Callable[[_Clause], tuple[_Slip, ...]]  # at a clause, for what it may mean


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
        slips = [slip.moved(at) for at, clause in _clauses(text, spans) for slip in look(clause)]
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


def _clauses(text: str, held: list[tuple[int, int]]) -> Iterator[tuple[int, _Clause]]:
    """Cut a text where no name goes across, and say where each part begins."""
    walls = [(-1, 0), *(wall.span() for wall in _WALL.finditer(text))]
    for (_, first), (last, behind) in pairwise(walls):
        if last - first > 1:
            is_sure = len(text) <= _SHORT or text[behind - 1] in _NUMBER_ENDS
            inside = ((s - first, e - first) for s, e in held if s < last and e > first)
            yield first, _Clause(text[first:last], tuple(inside), is_sure)


def _look(gazetteer: Gazetteer, near: Near, clause: _Clause) -> tuple[_Slip, ...]:
    """List the names that a clause may mean; one that is not sure to hold a place must say so."""
    text = clause.text
    if not clause.is_sure and not _PLACE.search(text):
        return ()
    coded = code_text(code_points(text), gazetteer.sounds)
    slips = []
    for stretch in _stretches(text, clause.held):
        start, end = stretch[:2]
        for name in near(coded[start:end]):
            if gazetteer.ranks[name] == LOOSE:
                continue
            written = text[start:end]
            likeness = _likeness(written, gazetteer.names[name], stretch, gazetteer.sounds)
            if likeness:
                slips.append(_Slip(likeness, start, end, name))
    return tuple(slips)


def _stretches(text: str, held: Spans) -> Iterator[_Stretch]:
    """List the parts of a clause that may be a name: one side at least at a natural end."""
    lefts, rights = {e for _, e in held}, {s for s, _ in held}
    for edge in _EDGE.finditer(text):
        if edge.lastgroup != "left":
            rights.add(edge.end() if edge.lastgroup == "suffix" else edge.start())
        if edge.lastgroup != "right":
            lefts.add(edge.end())
    yield from _within(len(text), lefts, rights, held)


def _within(last: int, lefts: set[int], rights: set[int], held: Spans) -> Iterator[_Stretch]:
    """List the parts of a clause: from one natural end to another, or long ones from one."""
    begins = sorted({0, *(s for s in lefts if 0 < s < last)})
    ends = sorted({last, *(e for e in rights if 0 < e < last)})
    spans = {(s, e) for s in begins for e in ends if 1 < e - s <= _MOST}
    spans |= {
        (s, e)
        for e in ends
        for s in range(max(e - _MOST, 0), e - _LEAST)
        if s - begins[bisect(begins, s) - 1] not in _PART_OF_NAME
    }
    spans |= {(s, e) for s in begins for e in range(s + _LEAST + 1, min(s + _MOST, last) + 1)}
    for s, e in sorted(spans):
        if not any(s < b and a < e and not (s <= a and b <= e and b - a < e - s) for a, b in held):
            yield _Stretch(s, e, s in begins, e in ends)


def _neighbours(gazetteer: Gazetteer, word: str) -> tuple[int, ...]:
    """List the names one syllable or less away from a coded word."""
    near, sounding = gazetteer.near, gazetteer.sounding
    keys = {word[:i] + word[i + 1 :] for i in range(len(word))} | {word}
    words = {i for key in keys & near.keys() for i in near[key]}
    alike = [i for i in sorted(words) if OSA.distance(word, sounding[i], score_cutoff=1) <= 1]
    return tuple(name for i in alike for name in gazetteer.sounding_names.one(i).tolist())


def _likeness(text: str, name: str, stretch: _Stretch, sounds: Codes) -> float:
    """Weigh how much of a name stands in a text; 0 where the one is no slip for the other.

    >>> alone = _Stretch(0, 3, is_left=True, is_right=True)
    >>> _likeness("永胡同", "永生胡同", alone, _IDENTITY)
    2.5
    >>> _likeness("北总布胡同", "总布胡同", alone, _IDENTITY)
    0.0
    """
    edits = OSA.distance(text, name)
    if not 0 < edits <= _MOST_EDITS or len(name) < _LEAST:
        return 0.0
    if not _is_whole(text, name, edits, stretch) or not _may_slip(text, name, sounds):
        return 0.0
    return len(name) - _EDIT_WEIGHS * edits


def _is_whole(text: str, name: str, edits: int, stretch: _Stretch) -> bool:
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
    if len(name) <= _LEAST:
        return False
    differing_at = (i for i, (a, b) in enumerate(zip(longer, shorter, strict=False)) if a != b)
    at = next(differing_at, len(shorter))
    # What a text has too much may be another name's: 北总布胡同 is not 总布胡同.
    return longer is name or (0 < at < len(shorter) and longer[at] not in TELLING)
