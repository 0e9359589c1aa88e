"""Matches as notes: what decides the words of each, in numbers.

Many texts come to one answer. Noted in numbers the answers are told apart before a word of them is
written; only what stands in the text itself, such as a name with a slip in it, is said at once.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.places.match.context import HOME
from geo_hotspots.places.match.hits import WRITTEN
from geo_hotspots.places.match.match import Matches
from geo_hotspots.schema import LOCATED, STATUSES
from geo_hotspots.words import Words

NUMBERS_TELL = -1
_PLACED = [STATUSES.index(status) for status in (*LOCATED, "area_only")]
_NO_PLACE = STATUSES.index("no_place_in_text")


class Told(NamedTuple):
    """One match in words."""

    entry: int  # the place whose name was found, or that is listed by number; -1 for none
    id: str
    key: str
    name: str
    reason: Words


class Note(NamedTuple):
    """What the words of one match need, all numbers; 0 where no name won.

    Attributes
    ----------
    said
        Which of the answers that were said at once; `NUMBERS_TELL` where what follows decides.
    status, level, street
        As in `Matches`.
    filed
        The street that the operator filled in, where it is another.
    is_beside, is_home
        Whether what is near the place is meant; whether it is the caller's home.
    name
        Of the gazetteer, as it was found.
    entry, point, number, state, low_number, high_number
        As in `Candidates`.
    """

    said: int
    status: int
    level: int
    street: int
    filed: int
    is_beside: int
    is_home: int
    name: int
    entry: int
    point: int
    number: int
    state: int
    low_number: int
    high_number: int


_OF_CANDIDATES = ("entry", "point", "number", "state", "low_number", "high_number")
_OF_MATCHES = (
    "status", "level", "street", "community", "lng", "lat", "uncertainty_m", "score",
)  # fmt: skip


class Notes(NamedTuple):
    """Notes of texts.

    Attributes
    ----------
    rows
        The fields of `Note` and, of `Matches`, where each place is and how sure that is.
    said
        The answers that were said at once.
    """

    rows: pd.DataFrame
    said: list[Told]


def take_notes(matches: Matches, say: Callable[[Matches, int, Note], Told]) -> Notes:
    """Note what texts come to; `say` puts into words at once what numbers do not tell."""
    is_apart = np.zeros(len(matches.best), dtype=bool)
    is_apart[[*matches.crossings, *matches.stems]] = True
    is_won = np.isin(matches.status, _PLACED) & ~is_apart
    columns = {name: getattr(matches, name) for name in _OF_MATCHES} | _winners(matches, is_won)
    rows = pd.DataFrame(columns | {"said": NUMBERS_TELL})
    is_apart |= ~is_won & ((matches.status != _NO_PLACE) | (np.diff(matches.texts.starts) == 1))
    is_apart[is_won] = matches.hits.how[matches.found.hit[matches.best[is_won]]] != WRITTEN
    which = np.flatnonzero(is_apart)
    notes = map(Note._make, rows.loc[which, [*Note._fields]].itertuples(index=False, name=None))
    number: dict[Told, int] = {}
    rows.loc[which, "said"] = [
        number.setdefault(say(matches, i, note), len(number))
        for i, note in zip(which.tolist(), notes, strict=True)
    ]
    return Notes(rows, [*number])


def _winners(matches: Matches, is_won: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[Any]]:
    """Give what the words need of each winner; 0 for the other texts."""
    row = matches.found.take(matches.best[is_won])
    filed, street = matches.filed[is_won], matches.street[is_won]
    won = {name: getattr(row, name) for name in _OF_CANDIDATES} | {
        "name": matches.hits.name[row.hit],
        "is_home": matches.roles[row.hit] == HOME,
        "is_beside": matches.is_beside[is_won],
        "filed": np.where((street > 0) & (filed != street), filed, 0),
    }
    columns = {name: np.zeros(len(is_won), dtype=values.dtype) for name, values in won.items()}
    for name, values in won.items():
        columns[name][is_won] = values
    return columns


def join_notes(parts: Iterable[Notes]) -> Notes:
    """Lay notes end to end."""
    rows, said = [], list[Told]()
    for part in parts:
        number = part.rows["said"]
        rows.append(part.rows.assign(said=number.mask(number >= 0, number + len(said))))
        said += part.said
    return Notes(pd.concat(rows, ignore_index=True), said)
