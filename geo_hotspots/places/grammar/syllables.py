"""How names sound: one code per toneless syllable, so that homophones are equal strings.

Syllables that speakers of the north and input methods confuse are one: zh/z, ch/c, sh/s,
in/ing, en/eng. Built with pypinyin when the gazetteer is; a text is then coded by a table.
"""

import itertools
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]

_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FA5
_FIRST_CODE = 0xE000  # the private area: no text of people uses it
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"))
_MOST_WAYS = 4


class Sounds(NamedTuple):
    """The code of each of the first 65,536 characters, and of each syllable."""

    table: Codes
    syllables: dict[str, int]


def build_sounds() -> Sounds:
    """Give every Han character the code of its commonest reading, every other its own."""
    table = np.arange(0x10000, dtype=np.uint32)
    table[0xD800:0xE000] = ord("?")  # halves of pairs cannot stand alone in a string
    syllables: dict[str, int] = {}
    for code in range(_FIRST_HAN, _LAST_HAN + 1):
        syllable = _readings(chr(code))[0]
        table[code] = syllables.setdefault(syllable, _FIRST_CODE + len(syllables))
    return Sounds(table, syllables)


def code_sounds(codes: Codes, table: Codes) -> Codes:
    """Give the sound of each character of a text, both as code points."""
    return np.where(codes < len(table), table[np.minimum(codes, len(table) - 1)], codes)


def code_text(codes: Codes, table: Codes) -> str:
    """Write a text, given as code points, by its sounds: as many characters as before."""
    return code_sounds(codes, table).astype("<u4").tobytes().decode("utf-32-le")


def code_name(name: str, sounds: Sounds) -> list[str]:
    """Write a name by its sounds, once for every way in which it may be read, commonest first.

    >>> sounds = build_sounds()
    >>> code_name("永生", sounds)[0] == code_name("踊声", sounds)[0], len(code_name("长安", sounds))
    (True, 2)
    """
    choices = [
        [chr(sounds.syllables.get(s, ord(c))) for s in _readings(c)[:2]] if _is_han(c) else [c]
        for c in name
    ]
    ways = itertools.islice(itertools.product(*choices), _MOST_WAYS)
    return ["".join(way) for way in ways]


@cache
def _readings(character: str) -> list[str]:
    import pypinyin  # noqa: PLC0415 - heavy, and only building asks for it

    found = pypinyin.pinyin(character, style=pypinyin.Style.NORMAL, heteronym=True)[0]
    return list(dict.fromkeys(_merge(syllable) for syllable in found))


def _merge(syllable: str) -> str:
    for old, new in _MERGED:
        syllable = syllable.replace(old, new)
    return syllable


def _is_han(character: str) -> bool:
    return _FIRST_HAN <= ord(character) <= _LAST_HAN
