"""Beginnings of names that belong to one street: 东花市 for whatever is called 东花市南里二区.

Whoever names a compound takes the name of the place around it. Where all names with one beginning
lie in one street, an unknown name with that beginning lies there too: learnt from the gazetteer
itself, and held against it by leaving each place out.
"""

from collections import defaultdict
from collections.abc import Iterable

_LEAST, _MOST = 3, 6  # characters of a beginning; two are too common: 建国 is all over the city
_BEARERS = 2  # places that must bear it


def learn_stems(names: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    """Learn which beginnings of names lie in one street alone.

    Parameters
    ----------
    names
        What bears the name (a compound and its buildings are one), the name without its number,
        and the street (0 where unknown), one for each name written.

    Returns
    -------
    stems
        The street of each beginning.

    >>> names = ("东花市北里", 7), ("东花市斜街", 7), ("东四北大街", 3)
    >>> learn_stems((name, name, street) for name, street in names)
    {'东花市': 7}
    """
    bearers: dict[str, set[str]] = defaultdict(set)
    streets_of: dict[str, set[int]] = defaultdict(set)
    for bearer, name, street in names:
        for length in range(_LEAST, min(_MOST, len(name)) + 1):
            bearers[name[:length]].add(bearer)
            streets_of[name[:length]].add(street)
    clear = {}
    for stem, streets in streets_of.items():
        if len(bearers[stem]) >= _BEARERS and len(streets) == 1 and 0 not in streets:
            (clear[stem],) = streets
    # A longer beginning that says the same adds nothing.
    return {s: street for s, street in clear.items() if clear.get(s[:-1]) != street}


def find_stem(text: str, stems: dict[str, int], district: Iterable[str]) -> str:
    """Find the longest known beginning at the start of a text, the district's name left out."""
    text = text.removeprefix("北京市")
    for name in district:
        text = text.removeprefix(name)
    found = (text[:length] for length in range(_MOST, _LEAST - 1, -1))
    return next((stem for stem in found if stem in stems), "")
