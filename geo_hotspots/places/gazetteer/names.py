"""The gazetteer: every name of a pack with its variants, findable in text in one pass.

A door, a building or a yard hangs on the name before its number: `忠实里西区2号楼` is found as
`忠实里西区` with block 2, whichever way the text writes either.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import ahocorasick
import numpy as np
import numpy.typing as npt

from geo_hotspots.places.gazetteer.doors import Doors
from geo_hotspots.places.gazetteer.entries import Entries, Lists
from geo_hotspots.places.gazetteer.sieve import Sieve, make_sieve
from geo_hotspots.places.grammar.syllables import Codes
from geo_hotspots.places.grammar.text import normalise_text
from geo_hotspots.schema import LEVELS

_STREET = LEVELS.index("street")
_COMMUNITY_ENDINGS = ("社区", "居委会")


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Names to places, as flat arrays.

    Attributes
    ----------
    entries
        The places.
    groups
        The number series that each entry belongs to: pieces of one road count their doors on.
    road_community
        The community that each entry lies in as a whole, 0 where it runs through several.
    crossings
        One row for each crossing listed: number series of its two roads, the lower first, and
        its entry.
    names, ranks, found
        Every name and variant, how it came about (`variants.NAME` …), and its entries.
    doors
        What is listed by number.
    sounds, sounding, sounding_names
        Codes of characters by sound; coded names; and the names that sound so.
    district
        What the whole area is called, longest first: no place, and part of no other name.
    stems, stem_streets
        Beginnings of names that lie in one street, and that street.
    """

    entries: Entries
    groups: npt.NDArray[np.int32]
    road_community: npt.NDArray[np.int32]
    crossings: npt.NDArray[np.int32]
    names: list[str]
    ranks: npt.NDArray[np.int8]
    found: Lists
    doors: Doors
    sounds: Codes
    sounding: list[str]
    sounding_names: Lists
    district: list[str]
    stems: list[str]
    stem_streets: npt.NDArray[np.int32]

    def street_number(self, name: str) -> int:
        """Give the place in `Entries.streets` of a street by any of its names, 0 for none."""
        known = self._street_numbers
        return known[name] if name in known else known.get(normalise_text(name), 0)

    @cached_property
    def _street_numbers(self) -> dict[str, int]:
        first = self.found.items[self.found.starts[:-1]]
        which = np.flatnonzero(self.entries.level[first] == _STREET).tolist()
        return {self.names[i]: int(self.entries.street[first[i]]) for i in which} | {"": 0}

    @cached_property
    def automaton(self) -> ahocorasick.Automaton:
        """Find names as they are written."""
        return _automaton(self.names)

    @cached_property
    def sound_automaton(self) -> ahocorasick.Automaton:
        """Find names in a text that is coded by its sounds."""
        return _automaton(self.sounding)

    @cached_property
    def name_sieve(self) -> Sieve:
        """Tell what of a text may be part of a written name."""
        return make_sieve(self.names)

    @cached_property
    def sound_sieve(self) -> Sieve:
        """Tell what of a text that is coded by its sounds may be part of a name."""
        return make_sieve(self.sounding)

    @cached_property
    def name_lengths(self) -> npt.NDArray[np.int64]:
        """Count the characters of each name."""
        return np.array([len(name) for name in self.names], dtype=np.int64)

    @cached_property
    def sounding_lengths(self) -> npt.NDArray[np.int64]:
        """Count the characters of each coded name."""
        return np.array([len(word) for word in self.sounding], dtype=np.int64)

    @cached_property
    def says_community(self) -> npt.NDArray[np.bool_]:
        """Say which names call themselves a community's, as 演乐社区 does and 灯市口 does not."""
        return np.array([name.endswith(_COMMUNITY_ENDINGS) for name in self.names], dtype=bool)

    @cached_property
    def near(self) -> dict[str, list[int]]:
        """Give the coded names by themselves and by themselves less one syllable."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self.sounding):
            found[word].append(number)
            for i, sign in enumerate(word):
                if word[i + 1 : i + 2] != sign:  # of a run of equal ones any is the last
                    found[word[:i] + word[i + 1 :]].append(number)
        return dict(found)

    @cached_property
    def street_of_stem(self) -> dict[str, int]:
        """Give the street of each beginning of names."""
        return dict(zip(self.stems, self.stem_streets.tolist(), strict=True))

    @cached_property
    def entry_of_street(self) -> dict[int, int]:
        """Give the entry of each street."""
        which = np.flatnonzero(self.entries.level == _STREET).tolist()
        return {int(self.entries.street[i]): i for i in which}

    @cached_property
    def crossing_of(self) -> dict[tuple[int, int], int]:
        """Give the listed crossing of two number series, the lower first."""
        return {(a, b): entry for a, b, entry in self.crossings.tolist()}


def _automaton(words: list[str]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
    for number, word in enumerate(words):
        automaton.add_word(word, number)
    if words:
        automaton.make_automaton()
    return automaton
