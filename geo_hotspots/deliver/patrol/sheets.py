"""Which sheets the patrol workbook has, what they are called, and what stands on each."""

import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

import pandas as pd

from geo_hotspots.deliver.patrol import words as say
from geo_hotspots.schema import PATROL_COLUMNS, Masthead

Value = TypeVar("Value")

ALL_POINTS = "总表"  # the contract's name of it, in every language
LONGEST_NAME = 31
_EDGES = f"{string.whitespace}\u3000'"  # no name may begin or end with an apostrophe
FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def sheets(
    patrol: pd.DataFrame,
    singles: pd.DataFrame,
    masthead: Masthead,
    *,
    joint: pd.DataFrame,
    duties: Iterable[tuple[str, pd.DataFrame]],
) -> Iterator[tuple[str, pd.DataFrame | None]]:
    """Give each sheet's name and rows, in the order of the tabs; the notes have no rows.

    After the list of all come the singles and the places for several departments; then streets,
    in order of their best point and by rank inside; communities, in walking order inside; and
    whoever answers for points.
    """
    taken: set[str] = set()
    columns = list(PATROL_COLUMNS)
    yield sheet_name(ALL_POINTS, taken), patrol[columns]
    yield sheet_name(say.NOTES.say(masthead.lang), taken), None
    if not singles.empty:
        yield sheet_name(say.kind_of_singles(masthead.lang).capitalize(), taken), singles[columns]
    if not joint.empty:
        yield sheet_name(say.WHISTLE.say(masthead.lang), taken), joint[columns]
    street = patrol["街道"].fillna(say.UNKNOWN_STREET.say(masthead.lang)).tolist()
    community = patrol["社区"].fillna(say.UNKNOWN_COMMUNITY.say(masthead.lang)).tolist()
    listed, stops = patrol[columns], patrol["stop"].tolist()
    for name, at in _rows_of(street).items():
        yield sheet_name(name, taken), listed.iloc[at]
    pairs = _rows_of(zip(street, community, strict=True))
    streets_of = Counter(name for _, name in pairs)
    for (of_street, name), at in pairs.items():
        full = f"{name}({of_street})" if streets_of[name] > 1 else name
        yield sheet_name(full, taken), listed.iloc[sorted(at, key=stops.__getitem__)]
    for person, rows in duties:
        yield sheet_name(f"{say.RESPONSIBLE.say(masthead.lang)} {person}", taken), rows[columns]


def _rows_of(values: Iterable[Value]) -> dict[Value, list[int]]:
    """Give the rows of each value, in the order in which they come."""
    rows: dict[Value, list[int]] = {}
    for i, value in enumerate(values):
        rows.setdefault(value, []).append(i)
    return rows


def sheet_name(wanted: str, taken: set[str]) -> str:
    """Make a name that Excel accepts and no other sheet has, and note it in `taken`.

    >>> taken = set()
    >>> sheet_name("前门/大街[东]", taken), sheet_name("前门大街东", taken)
    ('前门大街东', '前门大街东 2')
    """
    plain = FORBIDDEN.sub("", clean(wanted)).strip(_EDGES)[:LONGEST_NAME].strip(_EDGES) or "-"
    if plain.casefold() == "history":  # Excel keeps this one for itself
        plain = f"{plain}_"
    name, number = plain, 1
    while name.casefold() in taken:
        number += 1
        tail = f" {number}"
        name = plain[: LONGEST_NAME - len(tail)] + tail
    taken.add(name.casefold())
    return name


def clean(text: str) -> str:
    """Take out what a workbook cannot hold: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
