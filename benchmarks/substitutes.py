"""What one would use in our stead: exact substrings, TF-IDF over n-grams, fuzzy ratios.

Each is given the gazetteer as it is, names and aliases, and the text with its leading city and
district taken off, which helps all of them.
"""

import unicodedata
from collections.abc import Callable

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer

from geo_hotspots.places.packs.pack import Pack

_LEAST_COSINE, _LEAST_RATIO = 0.35, 60.0
_PREFIX = r"^(?:北京市)?(?:东城区)?"


def by_substring(pack: Pack) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Take the longest name that stands in the text as it is."""
    names = _names(pack)
    place = dict(zip(names["text"], range(len(names)), strict=True))
    longest = max(map(len, place))

    def geocode(texts: pd.DataFrame) -> pd.DataFrame:
        return _rows(texts, names, [_longest(t, place, longest) for t in _plain(texts)])

    return geocode


def by_tfidf(pack: Pack) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Take the name nearest by cosine over n-grams of one to three characters."""
    names = _names(pack)
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
    known = vectorizer.fit_transform(names["text"]).T.tocsr()

    def geocode(texts: pd.DataFrame) -> pd.DataFrame:
        found = []
        asked = vectorizer.transform(_plain(texts))
        for first in range(0, asked.shape[0], 500):
            cosine = (asked[first : first + 500] @ known).tocsr()
            best = np.asarray(cosine.argmax(axis=1)).ravel()
            score = cosine[np.arange(len(best)), best]
            found += [
                (int(b), float(s)) for b, s in zip(best, np.asarray(score).ravel(), strict=True)
            ]
        return _rows(texts, names, [(b, s) if s >= _LEAST_COSINE else (-1, 0.0) for b, s in found])

    return geocode


def by_ratio(pack: Pack) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Take the name nearest by RapidFuzz's ratio, all names tried."""
    names = _names(pack)
    known = names["text"].tolist()

    def geocode(texts: pd.DataFrame) -> pd.DataFrame:
        found = []
        for text in _plain(texts):
            best = process.extractOne(
                text, known, scorer=fuzz.ratio, processor=None, score_cutoff=_LEAST_RATIO
            )
            found.append((best[2], best[1] / 100) if best else (-1, 0.0))
        return _rows(texts, names, found)

    return geocode


METHODS = {"exact substring": by_substring, "TF-IDF": by_tfidf, "RapidFuzz ratio": by_ratio}


def _fold(text: str) -> str:
    """Fold width and case."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _longest(text: str, place: dict[str, int], longest: int) -> tuple[int, float]:
    for length in range(min(longest, len(text)), 1, -1):
        for start in range(len(text) - length + 1):
            found = place.get(text[start : start + length])
            if found is not None:
                return found, 1.0
    return -1, 0.0


def _plain(texts: pd.DataFrame) -> list[str]:
    text = texts["address"].fillna(texts["content"]).map(_fold)
    return text.str.replace(_PREFIX, "", regex=True).str.replace(" ", "", regex=False).tolist()


def _names(pack: Pack) -> pd.DataFrame:
    """List every name and alias with its place."""
    areas = []
    for table, level in ((pack.communities, "community"), (pack.streets, "street")):
        inside = table.geometry.representative_point()
        areas.append(
            pd.DataFrame(table[["name", "aliases"]]).assign(
                id=table["code"],
                level=level,
                lng=inside.x,
                lat=inside.y,
                street=table["street"] if level == "community" else table["name"],
                community=table["name"] if level == "community" else None,
            )
        )
    places = pack.places[["id", "name", "aliases", "street", "community", "lng", "lat", "level"]]
    table = pd.concat([places, *areas], ignore_index=True)
    table["text"] = (table["name"] + ";" + table["aliases"].fillna("")).str.split(";")
    table = table.explode("text", ignore_index=True)
    table["text"] = table["text"].map(_fold)
    return table[table["text"] != ""].drop_duplicates("text").reset_index(drop=True)


def _rows(texts: pd.DataFrame, names: pd.DataFrame, found: list[tuple[int, float]]) -> pd.DataFrame:
    """Write the finds as the geocoder writes its own."""
    at = np.array([f[0] for f in found])
    table = names.reindex(at).set_index(texts.index)
    return pd.DataFrame(
        {
            "status": np.where(at >= 0, "located", "name_not_in_gazetteer"),
            "level": table["level"], "place_id": table["id"], "place_name": table["name"],
            "street": table["street"], "community": table["community"],
            "lng": table["lng"], "lat": table["lat"],
            "score": [f[1] for f in found], "explanation": "",
        },
        index=texts.index,
    )  # fmt: skip
