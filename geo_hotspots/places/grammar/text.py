"""Many texts as one long string, so that each pass over them is one call into compiled code.

Width and case are folded and nothing else: a name in a text is never rewritten.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_END = "\0"  # stands after each text; no name holds it and no pattern here crosses it
_BLANKS = re.compile(r" {2,}")
# Between Han characters a blank is an accident of typing; between Latin words it is spelling.
_LOOSE_BLANK = re.compile(r" (?![a-z0-9(])|(?<![a-z0-9)]) ")
_TRADITIONAL = str.maketrans(
    "門東區樓號條棟單內橋園裡衚衕臺廣場廠華樂興總磚鐘錢舊廟麗龍壇黃觀歷後莊車雙魚鳳紅綠馬鹽報織",
    "门东区楼号条栋单内桥园里胡同台广场厂华乐兴总砖钟钱旧庙丽龙坛黄观历后庄车双鱼凤红绿马盐报织",
)


class Texts(NamedTuple):
    """Normalised texts, each followed by a null in one string.

    `codes` holds the code point of each character of `joined`; text i begins at `starts[i]`,
    and `starts` has one more number than there are texts, where a next one would begin.
    """

    joined: str
    codes: npt.NDArray[np.uint32]
    starts: Ints

    def __len__(self) -> int:
        """Count the texts."""
        return len(self.starts) - 1

    def at(self, position: npt.ArrayLike) -> Ints:
        """Say in which text each position of `joined` lies."""
        return np.searchsorted(self.starts, position, side="right") - 1

    def text(self, number: int) -> str:
        """Give one normalised text."""
        return self.joined[self.starts[number] : self.starts[number + 1] - 1]


def join_texts(texts: Sequence[str]) -> Texts:
    r"""Normalise texts and lay them end to end.

    >>> join_texts(["前门东大街 ２号楼", "398 Morgan  Ave"]).joined
    '前门东大街2号楼\x00398 morgan ave\x00'
    """
    joined = "".join([t + _END for t in texts])
    if joined.count(_END) != len(texts):
        joined = "".join([t.replace(_END, " ") + _END for t in texts])
    joined = _fold(joined)
    if " " in joined:
        joined = _LOOSE_BLANK.sub("", _BLANKS.sub(" ", joined))
    codes = code_points(joined)
    starts = np.concatenate([[0], np.flatnonzero(codes == 0) + 1])
    return Texts(joined, codes, starts)


def normalise_texts(texts: Sequence[str]) -> list[str]:
    """Fold width and case of many texts at once."""
    return join_texts(texts).joined.split(_END)[:-1]


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """Give the code point of each character."""
    return np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)


def _fold(text: str) -> str:
    """Fold width, case and blanks: NFKC and casefold, by a table of the characters that occur.

    A character that becomes several (… or ㎡) is replaced first; accents that stand alone are rare
    enough for the long way.
    """
    codes = code_points(text)
    folded = {c: _fold_character(c) for c in np.flatnonzero(np.bincount(codes)).tolist()}
    if any(value is None for value in folded.values()):
        text = unicodedata.normalize("NFKC", text)
        codes = code_points(text)
        folded = {
            c: _fold_character(c) or chr(c) for c in np.flatnonzero(np.bincount(codes)).tolist()
        }
    several = {c: value for c, value in folded.items() if value is not None and len(value) != 1}
    for code, value in several.items():
        text = text.replace(chr(code), value)
    if several:
        return _fold(text)
    table = np.arange(max(folded, default=0) + 1, dtype=np.uint32)
    table[list(folded)] = [ord(value) for value in folded.values() if value is not None]
    return table[codes].astype("<u4").tobytes().decode("utf-32-le")


@cache
def _fold_character(code: int) -> str | None:
    """Fold one character; None for one that joins the one before it.

    Accents that folding sets free are dropped: put back together they would be folded for ever.
    """
    character = chr(code)
    if unicodedata.combining(character):
        return None
    if character.isspace():
        return " "
    folded = unicodedata.normalize("NFKC", character).casefold().translate(_TRADITIONAL)
    if len(folded) == 1:
        return folded
    return "".join(c for c in folded if not unicodedata.combining(c)).strip() or " "


def normalise_text(text: str) -> str:
    """Fold width and case of one text, so that one place is written one way.

    >>> normalise_text("前门东大街２号楼")
    '前门东大街2号楼'
    """
    return join_texts([text]).text(0)
