"""Parts of texts that may be a name written with a slip: where one may begin and end.

No name goes across a clause's end or a number, and one side of it at least is a natural end: a
clause's, another name's, or that of a word such as 位于 or 胡同.
"""

import re
from bisect import bisect
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

LEAST, _MOST = 3, 10  # characters of a name that may be mended
_PART_OF_NAME = (1, 2)  # so few characters after a natural end belong to what follows: 广安门
_SHORT = 24  # an address; of a longer text only clauses that look like places are searched
_NUMBER_ENDS = "号#栋幢座院"
_PLACE = re.compile(
    r"胡同|大街|小区|家园|嘉园|花园|公寓|大厦|花苑|社区(?!居|工)"
    r"|医院|市场|广场|路(?![过面边灯口上人况段])|街(?!道)"
    r"|巷(?!道)|[东南西北]里|[一二三四五六七八九十\d东南西北]区|[一二三四五六七八九十\d头]条|\d里"
)
_NUMBER = (
    r"[甲乙丙丁]?(?:\d{1,4}|[零一二两三四五六七八九十百幺]{1,6})[甲乙丙丁]?\ ?"
    r"(?:号|#|栋|幢|座|院)"
)
_WALL = re.compile(rf"{_NUMBER}|[,。;:!?()\0]")  # no name goes across
_EDGE = re.compile(
    r"(?P<right>附近|旁|对面|对过|门口|周边|一带|[东西南北][侧口门边]|[与和及、至到的]"
    r"|路口|交叉|交汇|楼下|院内)"
    r"|(?P<left>市|区|街道|社区|反映|位于|地点|在|称|发现|是|投诉|路过|关注|于|表示)"
    r"|(?P<suffix>胡同|大街|街|路|巷|条|里|园|苑|院|楼|厦|寓|庄|村|桥|场|寺|道|坊|居|城)"
)


class Stretch(NamedTuple):
    """A part of a clause that may be a name, and whether each side is a natural end."""

    start: int
    end: int
    is_left: bool
    is_right: bool


Spans = tuple[tuple[int, int], ...]


class Clause(NamedTuple):
    """A part of a text that no name goes beyond, with the names held in it."""

    text: str
    coded: str  # by its sounds
    held: Spans
    is_sure: bool  # to hold a place


def cut_clauses(text: str, coded: str, held: list[tuple[int, int]]) -> Iterator[tuple[int, Clause]]:
    """Cut a text where no name goes across, and say where each part begins."""
    walls = [(-1, 0), *(wall.span() for wall in _WALL.finditer(text))]
    for (_, first), (last, behind) in pairwise(walls):
        if last - first > 1:
            is_sure = len(text) <= _SHORT or text[behind - 1] in _NUMBER_ENDS
            inside = ((s - first, e - first) for s, e in held if s < last and e > first)
            yield first, Clause(text[first:last], coded[first:last], tuple(inside), is_sure)


def may_hold_a_place(clause: Clause) -> bool:
    """Say whether a clause is worth a search: short, before a number, or with a place's word."""
    return clause.is_sure or _PLACE.search(clause.text) is not None


def list_stretches(clause: Clause) -> Iterator[Stretch]:
    """List the parts of a clause that may be a name: one side at least at a natural end."""
    lefts, rights = {e for _, e in clause.held}, {s for s, _ in clause.held}
    for edge in _EDGE.finditer(clause.text):
        if edge.lastgroup != "left":
            rights.add(edge.end() if edge.lastgroup == "suffix" else edge.start())
        if edge.lastgroup != "right":
            lefts.add(edge.end())
    yield from _within(len(clause.text), lefts, rights, clause.held)


def _within(last: int, lefts: set[int], rights: set[int], held: Spans) -> Iterator[Stretch]:
    """List the parts of a clause: from one natural end to another, or long ones from one."""
    begins = sorted({0, *(s for s in lefts if 0 < s < last)})
    ends = sorted({last, *(e for e in rights if 0 < e < last)})
    spans = {(s, e) for s in begins for e in ends if 1 < e - s <= _MOST}
    spans |= {
        (s, e)
        for e in ends
        for s in range(max(e - _MOST, 0), e - LEAST)
        if s - begins[bisect(begins, s) - 1] not in _PART_OF_NAME
    }
    spans |= {(s, e) for s in begins for e in range(s + LEAST + 1, min(s + _MOST, last) + 1)}
    for s, e in sorted(spans):
        if not any(s < b and a < e and not (s <= a and b <= e and b - a < e - s) for a, b in held):
            yield Stretch(s, e, s in begins, e in ends)
