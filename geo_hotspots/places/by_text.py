"""Where the texts of each case place it: address, title and content, asked in this order.

Cases repeat themselves: each distinct pair of text and street is matched once, in columns, and
written in words once.
"""

import numpy as np
import pandas as pd

from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.match.explain import describe
from geo_hotspots.places.match.match import match_texts
from geo_hotspots.schema import LOCATED
from geo_hotspots.words import Lang

CONFLICT_METRES = 500.0  # farther apart than this, two sources name two places
_AREAS = ("community", "street")
_TEXTS = ("address", "title", "content")
_TEXTS_AT_ONCE = 20_000  # what keeps the work tables of a pass in some ten megabytes
_METRES_PER_DEGREE = 111_195.0  # of a great circle, on the mean radius of the earth


def match_cases(
    cases: pd.DataFrame, gazetteer: Gazetteer, outside: tuple[str, ...], lang: Lang
) -> pd.DataFrame:
    """Match the address; where it names no point, ask title and content for a finer place."""
    street = cases["street_given"].fillna("").astype("str")
    blank = pd.Series([""], dtype="str")
    found = _match_distinct(blank, blank, gazetteer, outside, lang).iloc[[0] * len(cases)]
    found = found.set_axis(cases.index)
    found["source_of_place"] = pd.Series(pd.NA, index=cases.index, dtype="str")
    for column in _TEXTS:
        open_rows = cases[column].notna() & ~found["status"].isin([*LOCATED, "outside_area"])
        if not open_rows.any():
            continue
        asked = cases.loc[open_rows, column].astype("str")
        new = _match_distinct(asked, street[open_rows], gazetteer, outside, lang)
        old = found.loc[new.index]
        is_first = old["source_of_place"].isna()
        if not is_first.all():
            new = new[is_first | _is_news(new, old)]
        new = new.assign(source_of_place=column)
        found = new if len(new) == len(found) else _put(found, new)
    return found


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


def _put(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([old.drop(new.index), new]).reindex(old.index) if len(new) else old


def _match_distinct(
    text: pd.Series, street: pd.Series, gazetteer: Gazetteer, outside: tuple[str, ...], lang: Lang
) -> pd.DataFrame:
    """Match each distinct pair of text and street once."""
    texts, names = pd.factorize(text)
    streets, places = pd.factorize(street)
    pair, pairs = pd.factorize(texts.astype(np.int64) * len(places) + streets)
    which, where = names.take(pairs // len(places)), places.take(pairs % len(places))
    parts = [
        describe(
            match_texts(
                which[i : i + _TEXTS_AT_ONCE].tolist(), gazetteer,
                streets=where[i : i + _TEXTS_AT_ONCE].tolist(), outside=outside,
            ),
            lang,
        )
        for i in range(0, len(pairs), _TEXTS_AT_ONCE)
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True).take(pair).set_axis(text.index)


def metres_between(a: pd.DataFrame, b: pd.DataFrame) -> pd.Series:
    """Measure on the local plane, which over a district is within a metre of the globe."""
    north = (a["lat"] - b["lat"]) * _METRES_PER_DEGREE
    east = (a["lng"] - b["lng"]) * _METRES_PER_DEGREE * np.cos(np.radians(b["lat"]))
    return pd.Series(np.hypot(north, east), index=a.index)
