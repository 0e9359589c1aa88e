"""Errors of hearing and typing in names, and the many ways of writing one number."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Protocol

import numpy as np
from messy_words import LOOK_ALIKE
from pypinyin import lazy_pinyin
from rapidfuzz.distance import OSA

_TRIES = 8
_DIGITS = "零一二三四五六七八九"
_ORDINAL = re.compile(
    r"(?<=.)([一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])(?=[条区巷])"
)
_NUMBER = re.compile(r"(?:(?P<mark>[甲乙])?(?P<door>\d+)号(?P<yard>院)?)?(?:(?P<block>\d+)号楼)?$")


class Speller:
    """Makes errors in names that a careful reader could still undo."""

    def __init__(self, names: Collection[str], rng: np.random.Generator) -> None:
        self.names, self.rng = frozenset(names), rng
        self.by_deletion: dict[str, set[str]] = defaultdict(set)
        self.by_sound: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self.counts: dict[str, int] = defaultdict(int)
        for name in sorted(self.names):
            self.by_sound[_sound(name)].add(name)
            for key in _deletions(name):
                self.by_deletion[key].add(name)
        self.homophones = _homophones()

    def is_alone(self, name: str) -> bool:
        """Say whether a name is the only one of its sound."""
        return self.by_sound[_sound(name)] == {name}

    def nearest(self, text: str) -> set[str]:
        """List the names within one error of a text, or that stand within it."""
        found = {n for key in _deletions(text) for n in self.by_deletion.get(key, ())}
        near = {n for n in found if OSA.distance(n, text) <= 1}
        spans = {text[i:j] for i in range(len(text)) for j in range(i + 2, len(text) + 1)}
        return near | (spans & self.names)

    def misspell(self, name: str, error: str) -> str:
        """Make one error in a name; the name itself where none can be undone."""
        for _ in range(_TRIES):
            wrong = getattr(self, f"_{error}")(name)
            if wrong == name or wrong in self.names or _digits(wrong) != _digits(name):
                continue
            if error == "homophone":
                others = self.by_sound[_sound(wrong)] - {name}
            else:
                others = {n for n in self.nearest(wrong) if n not in name} - {name}
            if not others:
                return str(wrong)
        return name

    def with_digits(self, name: str, operators: list[str]) -> str:
        """Write an ordinal in a name with digits: 东四十条 as 东四10条."""
        wrong = _ORDINAL.sub(lambda m: str(_value(m[1])), name)
        if wrong != name:
            operators.append("ordinal")
        return wrong

    def _homophone(self, name: str) -> str:
        i = int(self.rng.integers(len(name)))
        same = self.homophones.get(name[i], "")
        return name[:i] + same[int(self.rng.integers(len(same)))] + name[i + 1 :] if same else name

    def _drop(self, name: str) -> str:
        if len(name) < 4:
            return name
        i = int(self.rng.integers(len(name)))
        return name[:i] + name[i + 1 :]

    def _swap(self, name: str) -> str:
        i = int(self.rng.integers(len(name) - 1))
        return name[:i] + name[i + 1] + name[i] + name[i + 2 :]

    def _look_alike(self, name: str) -> str:
        at = [i for i, c in enumerate(name) if c in LOOK_ALIKE]
        if not at:
            return name
        i = at[int(self.rng.integers(len(at)))]
        return name[:i] + LOOK_ALIKE[name[i]] + name[i + 1 :]


class NumberRates(Protocol):
    """How often a number is written in words, and misheard."""

    chinese: float
    asr: float


def write_number(
    plate: str, rng: np.random.Generator, rates: NumberRates, operators: list[str]
) -> str:
    """Write the number of a plate in one of the ways that people do.

    甲31号 moves its mark, 31号院1号楼 loses its 院, 3号楼 becomes 3栋 or 3#, digits become words.
    """
    parts = _NUMBER.match(plate)
    if not plate or parts is None:
        return plate
    in_words = rng.random() < rates.chinese
    if in_words:
        operators.append("chinese")
    say = (lambda n: _in_words(int(n))) if in_words else str
    text = ""
    if parts["door"]:
        number, mark = say(parts["door"]), parts["mark"] or ""
        forms = (
            [f"{mark}{number}号", f"{number}号{mark}", f"{number}{mark}号"]
            if mark
            else [f"{number}号"]
        )
        text = forms[int(rng.choice(len(forms), p=_MARK_SHARES[: len(forms)] if mark else None))]
        if mark and not text.startswith(mark):
            operators.append("moved_mark")
        text += "院" if parts["yard"] and (parts["block"] or rng.random() < 0.6) else ""
    if parts["block"]:
        ending = _BLOCKS[int(rng.choice(len(_BLOCKS), p=_BLOCK_SHARES))]
        text += say(parts["block"]) + ("号楼" if in_words else ending)
    if in_words and rng.random() < rates.asr and "一" in text:
        operators.append("asr")
        text = text.replace("一", "幺")
    return text


_MARK_SHARES = (0.6, 0.25, 0.15)
_BLOCKS, _BLOCK_SHARES = (
    ("号楼", "楼", "栋", "#楼", "#", "幢"),
    (0.62, 0.14, 0.08, 0.07, 0.05, 0.04),
)


def _in_words(number: int) -> str:
    """Write a number below 1000 in Chinese numerals: 一百零三."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones else "")


def _digits(name: str) -> list[str]:
    return [c for c in name if c.isdecimal()]


def _value(words: str) -> int:
    """Read a numeral up to 99: 十二."""
    tens, ten, ones = words.rpartition("十")
    if not ten:
        return _DIGITS.index(words)
    return 10 * (_DIGITS.index(tens) if tens else 1) + (_DIGITS.index(ones) if ones else 0)


def _deletions(name: str) -> Iterator[str]:
    yield name
    for i in range(len(name)):
        yield name[:i] + name[i + 1 :]


def _sound(name: str) -> tuple[str, ...]:
    return tuple(lazy_pinyin(name))


def _homophones() -> dict[str, str]:
    """Group the 3,755 common characters (GB 2312, level 1) by their syllable without tone."""
    common = [bytes([a, b]).decode("gb2312", errors="ignore")
              for a in range(0xB0, 0xD8) for b in range(0xA1, 0xFF)]  # fmt: skip
    groups: dict[str, list[str]] = defaultdict(list)
    for char in filter(None, common):
        groups[lazy_pinyin(char)[0]].append(char)
    return {c: "".join(o for o in g if o != c) for g in groups.values() for c in g}
