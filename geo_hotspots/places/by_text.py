"""Where the texts of each case place it: address, title and content, asked in this order.

Cases repeat themselves, and what their texts come to does even more: each distinct pair of text and
street is matched once, in columns, each distinct answer is kept once, and a case has its number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.columns import give_back_memory, number_rows
from geo_hotspots.places.gazetteer.index import Lent, borrow_gazetteer
from geo_hotspots.places.match.explain import describe, note
from geo_hotspots.places.match.match import match_texts
from geo_hotspots.places.match.notes import Notes, join_notes
from geo_hotspots.schema import LOCATED, PLACED
from geo_hotspots.spread import ALONE, Crew, Told, tell_nobody
from geo_hotspots.words import Lang, Words

CONFLICT_METRES = 500.0  # farther apart than this, two sources name two places
_AREAS = ("community", "street")
_TEXTS = {
    "address": Words("地址", "addresses"), "title": Words("标题", "titles"),
    "content": Words("内容", "contents"),
}  # fmt: skip
_SETTLED = (*LOCATED, "outside_area")  # no further text is asked
CASES_AT_ONCE = 1_000_000  # whose texts and places are in memory beside what is known of all
_TEXTS_AT_ONCE = 20_000  # what keeps the work tables of a pass in some ten megabytes
_TEXTS_AT_LEAST = 1_000  # fewer are not worth sending
_METRES_PER_DEGREE = 111_195.0  # of a great circle, on the mean radius of the earth

Codes = npt.NDArray[np.int32]
Block = tuple[pd.Index, pd.Index]  # texts, and their streets


class _Asked(NamedTuple):
    """What each text is held against, and the language of the answers."""

    lent: Lent
    outside: tuple[str, ...]
    lang: Lang


@dataclass(frozen=True)
class Answers:
    """Where texts place cases: every distinct answer once, and which of them each case has.

    Attributes
    ----------
    table
        `schema.PLACED` columns, a row for each distinct answer, numbered from 0.
    code
        The answer of each case, indexed as the cases.
    """

    table: pd.DataFrame
    code: pd.Series

    def of(self, index: pd.Index, columns: Sequence[str] = tuple(PLACED.columns)) -> pd.DataFrame:
        """Write the answers of some cases out."""
        return self.table[[*columns]].take(self.code.loc[index].to_numpy()).set_axis(index)

    def spread(self, table: pd.DataFrame) -> pd.DataFrame:
        """Give each case the row that its answer has in a table of them."""
        return table.take(self.code.to_numpy()).set_axis(self.code.index)

    @property
    def forgotten(self) -> "Answers":
        """Give the answers of no case; a slice of none would hold on to all."""
        return Answers(self.table.take([]), self.code.take([]))

    def joined(self, more: pd.DataFrame, index: pd.Index) -> "Answers":
        """Give these answers and `more`, which are written out, for the cases of `index`."""
        if more.empty:
            return self
        table, code = fold(more)
        ours = pd.Series(code + len(self.table), more.index, dtype="int32")
        both = pd.concat([self.table, table[self.table.columns]], ignore_index=True)
        return Answers(both, pd.concat([self.code, ours]).reindex(index))


def fold(rows: pd.DataFrame) -> tuple[pd.DataFrame, Codes]:
    """Give each distinct row once, in order of appearance, and for every row which one it is."""
    code, _ = pd.factorize(number_rows(*(pd.factorize(rows[name])[0] for name in rows)))
    first = np.unique(code, return_index=True)[1]
    return rows.iloc[first].reset_index(drop=True), code.astype(np.int32)


def match_cases(
    cases: pd.DataFrame, lent: Lent, outside: tuple[str, ...], lang: Lang, *,
    crew: Crew = ALONE, told: Callable[[Words], None] = lambda _: None,
) -> Answers:  # fmt: skip
    """Match the address; where it names no point, ask title and content for a finer place.

    Parameters
    ----------
    lent
        The gazetteer, or its index where others share the work.
    crew, told
        Who does the work, and who hears how far it has come.
    """
    asked = _Asked(lent, outside, lang)
    pieces = range(0, max(len(cases), 1), CASES_AT_ONCE)
    tables, codes, n = [], [], 0
    for at in pieces:
        part = cases[[*_TEXTS, "street_given"]].iloc[at : at + CASES_AT_ONCE]
        table, code = _match_some(part, asked, crew, told)
        tables.append(table)
        codes.append(code + np.int32(n))
        n += len(table)
        give_back_memory()
    table, code = fold(pd.concat(tables, ignore_index=True))
    return Answers(table, pd.Series(code[np.concatenate(codes)], cases.index))


def _match_some(
    cases: pd.DataFrame, asked: _Asked, crew: Crew, told: Callable[[Words], None]
) -> tuple[pd.DataFrame, Codes]:
    """Ask the texts of some cases, one kind after the other, for what is still open."""
    street = _filled(cases["street_given"])
    table = _match_distinct(_BLANK, _BLANK, asked, ALONE, tell_nobody)[0]
    table["source_of_place"] = _NOWHERE
    code = np.zeros(len(cases), dtype=np.int32)
    for column, called in _TEXTS.items():
        is_open = ~table["status"].isin(_SETTLED).to_numpy()[code]
        is_asked = is_open & cases[column].notna().to_numpy()
        rows = np.flatnonzero(is_asked)
        if not len(rows):
            continue
        say = partial(_say_how_far, called, told)
        new, which = _match_distinct(cases[column][is_asked], street[is_asked], asked, crew, say)
        old = code[rows]
        is_news = table["source_of_place"].isna().to_numpy()[old]
        again = np.flatnonzero(~is_news)
        is_news[again] = _is_news(_compared(new, which[again]), _compared(table, old[again]))
        code[rows[is_news]] = which[is_news] + len(table)
        table = pd.concat([table, new.assign(source_of_place=column)], ignore_index=True)
    return table, code


_BLANK = pd.Series([""], dtype="str")
_NOWHERE = pd.Series([pd.NA], dtype="str")
_COMPARED = ["status", "level", "street", "lng", "lat", "uncertainty_m"]


def _compared(table: pd.DataFrame, code: npt.NDArray[np.int32]) -> pd.DataFrame:
    return table[_COMPARED].take(code).reset_index(drop=True)


def _say_how_far(called: Words, told: Callable[[Words], None], done: int, of: int) -> None:
    told(Words(f"匹配{called.zh}：{done}/{of} 份", f"matching {called.en}: part {done} of {of}"))


def _is_news(new: pd.DataFrame, old: pd.DataFrame) -> pd.Series:
    """Say where a text tells more than those asked before it, and does not deny them.

    A finer place counts beside a known area only where it lies in it: else the text speaks of
    something else, such as the caller's home.
    """
    finer = new["status"].map(_TELLS) > old["status"].map(_TELLS)
    finer |= (new["status"] == "area_only") & (new["level"] == "road") & old["level"].isin(_AREAS)
    known = old["street"].notna() & new["street"].notna()
    near = metres_between(new, old) <= np.maximum(CONFLICT_METRES, 2 * old["uncertainty_m"])
    denies = (known & old["street"].ne(new["street"])) | (~old["level"].isin(_AREAS) & ~near)
    is_area = old["status"] == "area_only"
    return finer & ~(is_area & denies)


_TELLS = {
    "no_place_in_text": 0, "name_not_in_gazetteer": 1, "ambiguous": 2, "area_only": 3,
    "outside_area": 3, "located_low": 4, "located": 4,
}  # fmt: skip


def _match_distinct(
    text: pd.Series, street: pd.Series, asked: _Asked, crew: Crew, told: Told
) -> tuple[pd.DataFrame, Codes]:
    """Match each distinct pair of text and street once; give answers and the one of each text."""
    texts, names = _numbered(text)
    streets, places = _numbered(street)
    pair, pairs = pd.factorize(texts * len(places) + streets)
    which, where = names.take(pairs // len(places)), places.take(pairs % len(places))
    size = _block_size(len(pairs), crew)
    blocks = [(which[i : i + size], where[i : i + size]) for i in range(0, len(pairs), size)]
    parts, codes, n = [], [], 0
    for notes, code in crew.spread(partial(_match_block, asked=asked), blocks, told):
        parts.append(notes)
        codes.append(code + np.int32(n))
        n += len(notes.rows)
    notes, note = _fold_notes(join_notes(parts))
    table, code = fold(describe(notes, borrow_gazetteer(asked.lent), asked.lang))
    return table, code[note[np.concatenate(codes)[pair]]]


def _fold_notes(notes: Notes) -> tuple[Notes, Codes]:
    rows, code = fold(notes.rows)
    return notes._replace(rows=rows), code


def _filled(column: pd.Series) -> pd.Series:
    """Put an empty word where there is none, in a column of shared words."""
    shared = column.astype("category")
    return shared.cat.set_categories(shared.cat.categories.union([""])).fillna("")


def _numbered(column: pd.Series) -> tuple[npt.NDArray[np.int64], pd.Index]:
    """Count a column's distinct words through; they are text, whatever kind the column is of."""
    code, words = pd.factorize(column)
    return code.astype(np.int64), words.astype("str")


def _block_size(n: int, crew: Crew) -> int:
    """Deal so many texts at once that every worker has some, and none has too many."""
    return min(_TEXTS_AT_ONCE, max(_TEXTS_AT_LEAST, -(-n // (2 * crew.size))))


def _match_block(block: Block, *, asked: _Asked) -> tuple[Notes, Codes]:
    """Match the texts of a block; note the distinct answers, and which one each text has."""
    gazetteer = borrow_gazetteer(asked.lent)
    texts, streets = (words.to_list() for words in block)
    return _fold_notes(note(match_texts(texts, gazetteer, streets=streets, outside=asked.outside)))


def metres_between(a: pd.DataFrame, b: pd.DataFrame) -> pd.Series:
    """Measure on the local plane, which over a district is within a metre of the globe."""
    north = (a["lat"] - b["lat"]) * _METRES_PER_DEGREE
    east = (a["lng"] - b["lng"]) * _METRES_PER_DEGREE * np.cos(np.radians(b["lat"]))
    return pd.Series(np.hypot(north, east), index=a.index)
