"""Which sheets the patrol workbook has, what they are called, and what stands on each."""

import re
import string
from collections.abc import Iterable, Iterator

import pandas as pd

from geo_hotspots.deliver.patrol import words as say
from geo_hotspots.schema import PATROL_COLUMNS, Masthead

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
    street = patrol["街道"].fillna(say.UNKNOWN_STREET.say(masthead.lang))
    community = patrol["社区"].fillna(say.UNKNOWN_COMMUNITY.say(masthead.lang))
    for name in street.unique():
        yield sheet_name(name, taken), patrol.loc[street == name, columns]
    pairs = pd.DataFrame({"street": street, "community": community}).drop_duplicates()
    is_shared = pairs["community"].duplicated(keep=False)
    for of_street, name, shared in zip(*(pairs[c] for c in pairs), is_shared, strict=True):
        rows = patrol[(street == of_street) & (community == name)].sort_values("stop")
        yield sheet_name(f"{name}({of_street})" if shared else name, taken), rows[columns]
    for person, rows in duties:
        yield sheet_name(f"{say.RESPONSIBLE.say(masthead.lang)} {person}", taken), rows[columns]


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
