"""How an address is written: width, numerals, and what may follow a name (号, 院, 号楼, 单元).

The grammar is that of GB/T 35639-2017 as Beijing writes it. Names are never rewritten here:
东四十条 is a name, and only a number that follows a matched name is read as a number.
"""

import re
import string
import unicodedata
from typing import NamedTuple

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_NUM = r"(?:\d{1,4}|[〇零一二两三四五六七八九十百]{1,6})"
_MARK = "甲乙丙丁戊新旧临旁副"
_TAIL = re.compile(
    rf"""[\s,,、的]*
    (?:(?P<front>[{_MARK}])?(?P<door>{_NUM})(?P<middle>[甲乙丙丁])?(?:[-之]\d+)?
       \s*(?:号|號)(?P<back>[甲乙丙丁])?(?!\s*楼)(?:大?院)?)?
    [\s,,、]*(?:内|里)?
    (?:(?P<block>{_NUM})\s*(?:号楼|号\s+楼|楼|栋|幢|座|\#楼?)|(?P<letter>[a-z])\s*[座栋]
       |(?P<short>\d{{1,3}})-\d{{1,2}}-\d{{2,4}})?
    """,
    re.VERBOSE,
)
# What makes a stretch of text look like a place although no name in it is known.
_PLACE_LIKE = re.compile(
    r"[一-鿿]{2,}(?:路|街|胡同|巷|小区|家园|公寓|大厦|号院|号楼|社区|里\d|条\d|村|苑|广场|市场|桥)"
    r"|\b\d+[a-z]? [a-z0-9' ]*\b(?:ave|avenue|st|street|blvd|road|rd|place|pl|drive|dr)\b"
)

_HOUSE = re.compile(
    r"^(?P<number>\d{1,5}(?:-\d{1,4})?[a-z]?) (?P<road>[a-z0-9'. -]{2,40}?"
    r"(?:ave|avenue|st|street|blvd|boulevard|road|rd|place|pl|drive|dr|lane|ln|court|ct|parkway"
    r"|pkwy|terrace|ter|broadway|expy|expressway|hwy|highway|way|loop|plaza|sq|square)\.?"
    r"(?: [nesw])?)(?=,|$)"
)


class Tail(NamedTuple):
    """The numbers behind a name: 甲31号院1号楼 is door 甲31, block 1."""

    door: str
    block: str
    end: int  # where the text goes on

    def __str__(self) -> str:
        """Write the numbers in the one form that keys use."""
        return (f"{self.door}号" if self.door else "") + (f"{self.block}号楼" if self.block else "")


def normalise_text(text: str) -> str:
    """Fold width and case, so that one place is written one way; names stay as they are.

    >>> normalise_text("前门东大街2号楼")
    '前门东大街2号楼'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def read_number(text: str) -> str:
    """Read a number in digits or Chinese numerals, up to 999.

    >>> read_number("十二"), read_number("一百零三"), read_number("二〇三"), read_number("07")
    ('12', '103', '203', '7')
    """
    if text.isdecimal():
        return str(int(text))
    if not set(text) & set("十百"):
        return str(int("".join(str(_DIGITS[c]) for c in text)))
    hundreds, _, rest = text.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    total = 100 * _DIGITS.get(hundreds[-1:], 0)
    if ten:
        total += 10 * _DIGITS.get(tens.strip("零")[-1:], 1)
    return str(total + _DIGITS.get(ones[-1:], 0))


def read_tail(text: str, at: int) -> Tail:
    """Read the numbers that stand in normalised `text` from position `at` on.

    >>> str(read_tail("赵堂子胡同甲31号院1号楼2单元301室", 5))
    '甲31号1号楼'
    >>> str(read_tail("光明楼31号甲", 3)), str(read_tail("光明楼31号楼", 3))
    ('甲31号', '31号楼')
    >>> str(read_tail("和平里一区3-2-501", 5)), str(read_tail("和平里东街堵车", 5))
    ('3号楼', '')
    """
    found = _TAIL.match(text, at)
    if found is None:
        return Tail("", "", at)
    part = found.groupdict()
    mark = part["front"] or part["middle"] or part["back"] or ""
    door = mark + read_number(part["door"]) if part["door"] else ""
    block = part["block"] or part["short"]
    number = read_number(block) if block else (part["letter"] or "")
    return Tail(door, number, found.end() if door or number else at)


def read_house(text: str) -> str:
    """Read a house number and a road in Latin letters off the start of normalised text.

    >>> read_house("1382 dumont ave, brooklyn, ny 11208, usa"), read_house("3 men fighting")
    ('1382 Dumont Ave', '')
    """
    found = _HOUSE.match(text)
    return string.capwords(f"{found['number']} {found['road']}") if found else ""


def looks_like_a_place(text: str) -> bool:
    """Say whether normalised text names a road, a compound or a building of some name.

    >>> looks_like_a_place("阳光小区门前"), looks_like_a_place("反映工资拖欠")
    (True, False)
    """
    return _PLACE_LIKE.search(text) is not None
