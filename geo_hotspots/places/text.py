"""Many texts as one long string, so that each pass over them is one call into compiled code.

Width and case are folded and nothing else: a name in a text is never rewritten.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_END = "\0"  # stands after each text; no name holds it and no pattern here crosses it
_BLANKS = re.compile(r"[^\S\0]+")
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
    joined = unicodedata.normalize("NFKC", joined).casefold().translate(_TRADITIONAL)
    joined = _LOOSE_BLANK.sub("", _BLANKS.sub(" ", joined))
    codes = np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32)
    starts = np.concatenate([[0], np.flatnonzero(codes == 0) + 1])
    return Texts(joined, codes, starts)


def normalise_text(text: str) -> str:
    """Fold width and case of one text, so that one place is written one way.

    >>> normalise_text("前门东大街２号楼")
    '前门东大街2号楼'
    """
    return join_texts([text]).text(0)
