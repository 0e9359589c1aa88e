"""What of a text can be part of a name at all: the rest need not be searched.

An automaton reads every character, and one that begins no name costs the most, since each of a
thousand beginnings is tried. Two characters that stand side by side in no name end any name
between them; what stands alone then is left out in whole arrays, before the search begins.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_hotspots.places.grammar.text import Ints, code_points


class Sieve(NamedTuple):
    """Which two characters stand side by side in some word.

    `letters` numbers the characters of the words by code point from 1, 0 is any other; `pairs`
    has a row for each letter and a column for each that may follow; `single` marks the letters
    that are words.
    """

    letters: npt.NDArray[np.int32]
    pairs: npt.NDArray[np.bool_]
    single: npt.NDArray[np.bool_]


def make_sieve(words: Sequence[str]) -> Sieve:
    """Note the neighbours in all words."""
    codes = code_points("\0".join(words))
    known = np.unique(codes[codes > 0])
    letters = np.zeros(int(known.max(initial=0)) + 2, dtype=np.int32)  # the last is any beyond
    letters[known] = np.arange(1, len(known) + 1)
    letter = letters[codes]
    pairs = np.zeros((len(known) + 1, len(known) + 1), dtype=bool)
    pairs[letter[:-1], letter[1:]] = True
    pairs[0], pairs[:, 0] = False, False
    single = np.zeros(len(known) + 1, dtype=bool)
    single[[letters[ord(word)] for word in words if len(word) == 1]] = True
    return Sieve(letters, pairs, single)


def sift(codes: npt.NDArray[np.uint32], sieve: Sieve) -> tuple[str, Ints]:
    r"""Leave out of a text, given as code points, what is part of no word.

    Returns
    -------
    text
        What is left, with a null before whatever follows on something left out: every word
        that stood in the text stands here, and no other does.
    at
        Where each character of it stood.

    Examples
    --------
    >>> text, at = sift(code_points("我在东四北大街呢"), make_sieve(["东四", "北大街"]))
    >>> text, at.tolist()
    ('\x00东四北大街', [1, 2, 3, 4, 5, 6])
    """
    letter = sieve.letters[np.minimum(codes, len(sieve.letters) - 1)]
    keep = sieve.single[letter]
    beside = sieve.pairs[letter[:-1], letter[1:]]
    keep[:-1] |= beside
    keep[1:] |= beside
    taken = keep.copy()
    taken[:-1] |= keep[1:]
    at = np.flatnonzero(taken)
    left = np.where(keep[at], codes[at], 0)
    return left.astype("<u4").tobytes().decode("utf-32-le"), at
