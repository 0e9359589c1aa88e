"""The number behind a name: 号, 院, 号楼, 座, and what of it makes two doors the same.

The grammar is that of GB/T 35639-2017 as Beijing writes it. A number is packed into 40 bits, so
that a million doors are one sorted array; unit and room say nothing of where a door is and are
left out.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "幺": 1}
_NUM = r"(?:\d{1,4}|[〇零一二两三四五六七八九十百幺]{1,6})"
_MARKS = "甲乙丙丁戊己庚辛新旧临旁副"
_HAO = r"(?:号|(?<=\d)(?:[好浩豪郝毫]|(?=院)))"  # as it is misheard, and left out before 院
_LOU = r"[楼搂娄](?![道梯])"  # as it is mistyped behind 号
_AND_MORE = r"(?:[-~、,至和]\d{1,3})*"  # 2、3号楼: the first of several stands for them
_TAIL = re.compile(
    rf"""[ ,、的(]*(?:小区|社区|大院|院内|院里|内|里|门牌号?)?[ ,、]*第?
    (?:(?P<front>[{_MARKS}])?(?P<door>{_NUM})(?P<middle>[甲乙丙丁戊])?(?:[-之](?P<sub>\d{{1,2}}))?
       {_AND_MORE}\ ?{_HAO}(?P<back>[甲乙丙丁戊])?(?!\ ?{_LOU}|线|日|码|文|令)
       (?:大?院|[圆元园员](?=\d))?)?
    [ ,、的]*(?:院?内|里)?第?
    (?:(?P<mark>[甲乙丙丁])?(?P<block>{_NUM}){_AND_MORE}\ ?
          (?:号\ ?{_LOU}|楼(?![道梯])|栋|幢|座|\#楼?)
       |(?P<letter>[a-z])\ ?[座栋楼]
       |(?P<short>\d{{1,3}})-(?:\d{{1,2}}-)?\d{{3,4}}(?!\d)|(?P<short2>\d{{1,3}})-\d{{1,2}}-\d{{1,4}})?
    """,
    re.VERBOSE,
)
_STEM_AND_TAIL = re.compile(
    rf"""(?P<stem>.*?[^{_MARKS}\d〇零一二两三四五六七八九十百-])
    (?P<tail>[{_MARKS}]?{_NUM}[甲乙丙丁]?(?:[-之]\d{{1,2}})?号(?:大?院)?(?:{_NUM}(?:号楼|楼|栋))?
      |{_NUM}(?:号楼|栋|幢|\#楼?)|[a-z]座)""",
    re.VERBOSE,
)
_BLOCK_BITS, _SUB_BITS, _MARK_BITS = 15, 7, 4
_DOOR_SHIFT = _BLOCK_BITS + _SUB_BITS + _MARK_BITS
NUMBER_BITS = _DOOR_SHIFT + 14
_LETTER = 1 << (_BLOCK_BITS - 1)
_BLOCK_MASK, _SUB_MASK, _MARK_MASK = (1 << _BLOCK_BITS) - 1, (1 << _SUB_BITS) - 1, (1 << 4) - 1


class Number(NamedTuple):
    """A number taken apart: 甲31号之2 is door 31, mark 1, sub 2; 1号楼 is block 1."""

    door: int = 0
    mark: int = 0  # place in `_MARKS`, from 1
    sub: int = 0
    block: int = 0

    def pack(self) -> int:
        """Lay the parts side by side; 0 is no number."""
        high = (self.door << _MARK_BITS | self.mark) << _SUB_BITS | self.sub
        return high << _BLOCK_BITS | self.block

    def __str__(self) -> str:
        """Write the number in the one form that keys use: 甲31号1号楼."""
        mark = _MARKS[self.mark - 1] if self.mark else ""
        door = f"{mark}{self.door}号" + (f"之{self.sub}" if self.sub else "") if self.door else ""
        if self.block & _LETTER:
            return door + chr(64 + (self.block ^ _LETTER)) + "座"
        block = f"{self.block}号楼" if self.block else ""
        return door + (block if self.door else mark + block)


def unpack(number: int) -> Number:
    """Take a packed number apart."""
    return Number(
        number >> _DOOR_SHIFT,
        number >> (_BLOCK_BITS + _SUB_BITS) & _MARK_MASK,
        number >> _BLOCK_BITS & _SUB_MASK,
        number & _BLOCK_MASK,
    )


def say_number(number: int) -> str:
    """Write a packed number as keys do.

    >>> say_number(read_tail("31号甲", 0)[0]), say_number(0)
    ('甲31号', '')
    """
    return str(unpack(number))


def read_number(text: str) -> int:
    """Read a number in digits or Chinese numerals, up to 9999.

    >>> read_number("十二"), read_number("一百零三"), read_number("二〇三"), read_number("07")
    (12, 103, 203, 7)
    """
    if text.isdecimal():
        return int(text)
    if not set(text) & set("十百"):
        return int("".join(str(_DIGITS[c]) for c in text)) % 10_000
    hundreds, _, rest = text.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    total = 100 * _DIGITS.get(hundreds[-1:], 1 if "百" in text else 0)
    if ten:
        total += 10 * _DIGITS.get(tens.strip("零")[-1:], 1)
    return total + _DIGITS.get(ones[-1:], 0)


def read_tail(text: str, at: int) -> tuple[int, int]:
    """Read the number that stands in normalised `text` from position `at` on.

    Returns
    -------
    number
        Packed; 0 where there is none.
    end
        Where the text goes on.

    >>> say_number(read_tail("赵堂子胡同甲31号院1号楼2单元301室", 5)[0])
    '甲31号1号楼'
    >>> [say_number(read_tail(t, 3)[0]) for t in ("光明楼31号甲", "光明楼31号楼", "光明楼31甲号")]
    ['甲31号', '31号楼', '甲31号']
    >>> say_number(read_tail("和平里一区3-2-501", 5)[0]), read_tail("和平里东街堵车", 5)
    ('3号楼', (0, 5))
    """
    found = _TAIL.match(text, at)
    if found is None:
        return 0, at
    number = _pack(found.groups())
    return (number, found.end()) if number else (0, at)


@lru_cache(maxsize=1 << 16)  # texts repeat few numbers, and a hostile one fills no memory
def _pack(groups: tuple[str | None, ...]) -> int:
    """Pack what `_TAIL` found; 0 where that is no number."""
    front, door, middle, sub, back, mark, block, letter, short, short2 = groups
    sign = front or middle or back or mark
    block = block or short or short2
    number = Number(
        read_number(door) if door else 0,
        _MARKS.index(sign) + 1 if sign else 0,
        int(sub) if sub else 0,
        read_number(block) if block else (_LETTER + ord(letter) - 96 if letter else 0),
    )
    return number.pack() if number.door or number.block else 0


def split_name(name: str) -> tuple[str, int]:
    """Take the number off the end of a normalised name; 0 where there is none.

    >>> [(s, say_number(n)) for s, n in map(split_name, ("东四十条22号", "东四十条"))]
    [('东四十条', '22号'), ('东四十条', '')]
    """
    found = _STEM_AND_TAIL.fullmatch(name)
    if found is None:
        return name, 0
    number, end = read_tail(found["tail"], 0)
    is_whole = number and end == len(found["tail"]) and len(found["stem"]) > 1
    return (found["stem"], number) if is_whole else (name, 0)
