"""Where each case lies: its text, its coordinates and the operator's columns weighed together.

Text names the address, coordinates give the finer point, the operator's street and community
are the last resort and only ever an area. Where text and coordinates contradict each other,
that is a status of its own. No case is dropped and each gets its reason in words.
"""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.columns import give_back_memory, lay_end_to_end, share_words
from geo_hotspots.places.by_text import (
    CASES_AT_ONCE,
    CONFLICT_METRES,
    Answers,
    match_cases,
    metres_between,
)
from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.packs.pack import current_names
from geo_hotspots.places.tiling import first_area
from geo_hotspots.schema import LOCATED, PLACED, POINT_LEVELS
from geo_hotspots.words import Lang, Words

COORDINATE_UNCERTAINTY_M = 30.0  # what phones and platforms reach in a built-up street
_AREAS = ("community", "street")

Ints = npt.NDArray[np.int64]


def locate_cases(
    cases: pd.DataFrame,
    points: pd.DataFrame,
    *,
    gazetteer: Gazetteer,
    communities: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    outside: Sequence[str] = (),
    by_text: Answers | None = None,
    lang: Lang = "zh",
) -> pd.DataFrame:
    """Place every case, or say why it cannot be placed.

    Cases of which the same is known lie at the same place: each such situation is weighed once.

    Parameters
    ----------
    cases
        As `schema.CASES`.
    points
        The cases' own coordinates in WGS84 (`lng`, `lat`, missing where unusable) and the
        `problem` that makes them unusable ("datum_unknown" or a sentence), indexed as `cases`.
    outside
        Names of neighbouring districts.
    by_text
        What `match_cases` gave for the cases, where it has been asked already.

    Returns
    -------
    placed
        `cases` with the columns of `schema.PLACED`, the same rows in the same order; texts are
        of the kind "category".
    """
    if by_text is None:
        by_text = match_cases(cases, gazetteer, tuple(outside), lang)
    piled = _find_piles(points, by_text, cases["address"])
    placed = []
    for at in range(0, max(len(cases), 1), CASES_AT_ONCE):
        some = slice(at, at + CASES_AT_ONCE)
        part = _place(
            cases[list(_GIVEN)].iloc[some], _drop_piles(points.iloc[some], piled[some], lang),
            Answers(by_text.table, by_text.code.iloc[some]),
            communities=communities, streets=streets, outside=tuple(outside), lang=lang,
        )  # fmt: skip
        placed.append({name: part[name].copy() for name in PLACED.columns})
        give_back_memory()
    columns = {
        name: lay_end_to_end([part.pop(name) for part in placed], cases.index)
        for name in PLACED.columns
    }
    return PLACED.check(cases.assign(**columns))


_GIVEN = ("district_given", "street_given", "community_given")


def _place(
    cases: pd.DataFrame, points: pd.DataFrame, by_text: Answers, *,
    communities: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, outside: tuple[str, ...],
    lang: Lang,
) -> pd.DataFrame:  # fmt: skip
    """Weigh each situation of some cases once and give every case what its own comes to."""
    area = _find_areas(points, communities)
    first, kind = _tell_apart(cases, points, by_text, area)
    given, at = cases.iloc[first].astype("str"), points.iloc[first].astype({"problem": "str"})
    told = by_text.table.take(by_text.code.to_numpy()[first]).set_axis(given.index)
    told = _within_areas(told, communities)
    by_operator = _areas_of_operator(given, communities, streets)
    placed = _prefer_point(told, _name_areas(area[first], communities, given.index), at, lang)
    placed = _fill_areas(placed, by_operator, lang)
    placed = _mark_outside(placed, given["district_given"], outside, lang)
    texts = [name for name, sort in PLACED.columns.items() if sort == "text"]
    placed = share_words(placed, texts).take(kind).set_axis(cases.index)
    own = placed["source_of_place"].eq("coordinates")
    for axis in ("lng", "lat"):
        placed[axis] = placed[axis].mask(own, points[axis])
    return placed


def _tell_apart(
    cases: pd.DataFrame, points: pd.DataFrame, by_text: Answers, area: Ints
) -> tuple[Ints, Ints]:
    """Tell apart what is known of where cases lie: a case of each kind, and the kind of each.

    Of its coordinates it counts whether there are any, in which area they lie, and whether they
    are far from where the text says; the point itself is put in afterwards.
    """
    told = by_text.spread(by_text.table[["lng", "lat", "uncertainty_m"]])
    known = cases.assign(
        answer=by_text.code, problem=points["problem"], area=area,
        is_known=points["lng"].notna(), is_far=_is_far(told, points),
    )  # fmt: skip
    kind = known.groupby(list(known), dropna=False, sort=False).ngroup().to_numpy().astype(np.int64)
    return np.unique(kind, return_index=True)[1].astype(np.int64), kind


def _is_far(told: pd.DataFrame, points: pd.DataFrame) -> pd.Series:
    """Say where coordinates lie too far from where the text says to mean the same place."""
    limit = np.maximum(CONFLICT_METRES, 3 * told["uncertainty_m"])
    return metres_between(told, points) > limit


def _within_areas(by_text: pd.DataFrame, communities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give inferred doors the community that holds their point: neighbours may lie in two."""
    inferred = by_text[by_text["level"] == "door_interpolated"]
    if inferred.empty:
        return by_text
    area = _name_areas(_find_areas(inferred, communities), communities, inferred.index)
    known = area.index[area["code"].notna()]
    by_text = by_text.copy()
    for column, source in (("street", "street"), ("community_code", "code"), ("community", "name")):
        by_text.loc[known, column] = area.loc[known, source]
    return by_text


def _find_piles(
    points: pd.DataFrame, by_text: Answers, address: pd.Series
) -> npt.NDArray[np.bool_]:
    """Say which coordinates several addresses share: a platform's default point.

    Where a platform cannot place an address it gives the middle of the town; such piles would
    become the largest hot spots of all.
    """
    is_known = points["lng"].notna().to_numpy()
    named = by_text.table["place_key"].fillna(by_text.table["place_name"])
    label = pd.factorize(named)[0].take(by_text.code.to_numpy()[is_known])
    nameless = label < 0
    is_asked = is_known.copy()
    is_asked[is_known] = nameless
    said = pd.factorize(address[is_asked].str.casefold())[0]
    label[nameless] = np.where(said < 0, -1, said + len(named))
    at = points.loc[is_known, ["lng", "lat"]].round(_METRE)
    spot = at.groupby(["lng", "lat"], sort=False).ngroup().to_numpy()
    pairs = pd.DataFrame({"spot": spot, "label": label})[label >= 0].drop_duplicates()
    several = np.bincount(pairs["spot"], minlength=len(at)) >= _PILE_ADDRESSES
    piled = is_known.copy()
    piled[is_known] = several[spot]
    return piled


def _drop_piles(points: pd.DataFrame, piled: npt.NDArray[np.bool_], lang: Lang) -> pd.DataFrame:
    """Take back piled coordinates, and say so."""
    problem = points["problem"].astype("category").cat.add_categories(_PILE.say(lang))
    return points.assign(
        lng=points["lng"].mask(piled), lat=points["lat"].mask(piled),
        problem=problem.mask(piled, _PILE.say(lang)),
    )  # fmt: skip


_METRE = 5  # digits of a degree
_PILE_ADDRESSES = 3
_PILE = Words(
    "坐标被多个不同地址共用，疑为平台默认点，未采用",
    "several addresses share the coordinates, probably a platform's default point, not used",
)


def _find_areas(points: pd.DataFrame, communities: gpd.GeoDataFrame) -> Ints:
    """Give the community of each point by its place in the pack, the first on a border; else -1."""
    area = np.full(len(points), -1, dtype=np.int64)
    at = np.flatnonzero(points["lng"].notna())
    known = points.iloc[at]
    lng, lat = known["lng"].to_numpy(float), known["lat"].to_numpy(float)
    area[at] = first_area(lng, lat, communities.geometry.to_numpy())
    return area


def _name_areas(area: Ints, communities: gpd.GeoDataFrame, index: pd.Index) -> pd.DataFrame:
    """Write out which communities those are."""
    areas = communities[["code", "name", "street"]].astype("str").reset_index(drop=True)
    return areas.reindex(area).set_axis(index)


def _areas_of_operator(
    cases: pd.DataFrame, communities: gpd.GeoDataFrame, streets: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Read the operator's community and street as areas of the pack; former names count."""
    community = current_names(cases["community_given"], communities)
    street = current_names(cases["street_given"], streets)
    table = communities.drop_duplicates("name").set_index("name")
    inside = {
        "lng": communities.set_index("name").geometry.representative_point().x,
        "lat": communities.set_index("name").geometry.representative_point().y,
    }
    return pd.DataFrame(
        {
            "community": community,
            "community_code": community.map(table["code"]),
            "street": community.map(table["street"]).fillna(street),
            "lng": community.map(inside["lng"].groupby(level=0).first()),
            "lat": community.map(inside["lat"].groupby(level=0).first()),
        },
        index=cases.index,
    )


def _prefer_point(
    by_text: pd.DataFrame, by_point: pd.DataFrame, points: pd.DataFrame, lang: Lang
) -> pd.DataFrame:
    """Let usable coordinates give the point, unless they contradict the text."""
    placed = by_text.copy()
    usable, inside = points["lng"].notna(), by_point["code"].notna()
    # The name of an area is too coarse to contradict a point: it may be a post town.
    speaks = placed["status"].isin([*LOCATED, "area_only"]) & ~placed["level"].isin(_AREAS)
    conflict = usable & (
        (speaks & _is_far(placed, points)) | (inside & (placed["status"] == "outside_area"))
    )

    take = usable & inside & ~conflict
    unlisted = take & placed["place_id"].isna() & placed["place_name"].notna()
    # A point is finer than the area a text names: the area's name is not the point's.
    by_area = take & placed["level"].isin(_AREAS)
    placed.loc[by_area, ["place_id", "place_name"]] = pd.NA
    coarse = take & ~placed["level"].isin(POINT_LEVELS)
    placed.loc[coarse, "level"] = "door"
    placed.loc[take, "status"] = "located"
    placed.loc[take, "source_of_place"] = "coordinates"
    for column, source in (("street", "street"), ("community_code", "code"), ("community", "name")):
        placed.loc[take, column] = by_point.loc[take, source]
    # An address that the gazetteer lacks is a key all the same where coordinates place it.
    placed.loc[unlisted, "place_key"] = by_point["code"] + "/" + placed["place_name"]
    placed.loc[take, ["lng", "lat"]] = points.loc[take, ["lng", "lat"]]
    placed.loc[take, "uncertainty_m"] = COORDINATE_UNCERTAINTY_M
    placed.loc[take, "score"] = np.maximum(placed.loc[take, "score"], 0.9)
    _say(placed, take, Words("点位取自坐标", "the point is from the coordinates"), lang)

    away = usable & ~inside & ~conflict & ~speaks
    placed.loc[away, "status"] = "outside_area"
    _say(placed, away, Words("坐标不在本区", "the coordinates lie outside the area"), lang)
    placed.loc[conflict, "status"] = "coordinate_conflict"
    _say(
        placed, conflict, Words("坐标与文字不在一处", "coordinates and text name two places"), lang
    )
    unclear = points["problem"].eq("datum_unknown") & placed["status"].isin(
        ["no_place_in_text", "name_not_in_gazetteer", "ambiguous"]
    )
    placed.loc[unclear, "status"] = "datum_unknown"
    told = points["problem"].notna()
    problem = points["problem"].where(~points["problem"].eq("datum_unknown"), _DATUM.say(lang))
    placed.loc[told, "explanation"] += ("；" if lang == "zh" else "; ") + problem[told]
    return placed


_DATUM = Words(
    "坐标系无法判定，坐标未采用", "the datum of the coordinates is unknown, so they are not used"
)


def _fill_areas(placed: pd.DataFrame, operator: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Fall back on the area that the operator filled in, and settle roads of unclear community."""
    placed = placed.copy()
    same_street = placed["street"].eq(operator["street"])
    unclear = placed["status"].isin([*LOCATED, "area_only"]) & placed["community"].isna()
    settle = unclear & operator["community"].notna() & (same_street | placed["street"].isna())
    lost = (
        placed["status"].isin(
            ["no_place_in_text", "name_not_in_gazetteer", "ambiguous", "datum_unknown"]
        )
        & operator["street"].notna()
    )
    for column in ("street", "community_code", "community"):
        placed.loc[settle | lost, column] = operator.loc[settle | lost, column]
    placed.loc[lost, ["lng", "lat"]] = operator.loc[lost, ["lng", "lat"]]
    placed.loc[lost, "status"] = "area_only"
    placed.loc[lost, "source_of_place"] = "operator"
    has_community = operator["community"].notna()
    placed.loc[lost, "level"] = np.where(has_community[lost], "community", "street")
    placed.loc[lost, "score"] = np.where(has_community[lost], 0.5, 0.4)
    _say(placed, lost, Words("按登记的街道社区归属", "the area is the one filled in"), lang)
    return placed


def _mark_outside(
    placed: pd.DataFrame, district: pd.Series, outside: tuple[str, ...], lang: Lang
) -> pd.DataFrame:
    """Believe the operator that a case lies in another district, unless its coordinates deny it.

    A name alone does not: many a hutong has a namesake next door.
    """
    placed = placed.copy()
    is_here = placed["status"].isin(LOCATED) & placed["source_of_place"].eq("coordinates")
    away = district.isin(outside) & ~is_here
    placed.loc[away, "status"] = "outside_area"
    _say(placed, away, Words("登记为外区", "filed under another district"), lang)
    # What is not placed in an area of ours carries none of its marks.
    blank = ~placed["status"].isin([*LOCATED, "area_only"])
    placed.loc[blank, ["place_id", "place_key", "street", "community_code", "community"]] = pd.NA
    placed.loc[blank, ["lng", "lat", "uncertainty_m"]] = np.nan
    placed.loc[blank, "level"] = "none"
    return placed


def _say(placed: pd.DataFrame, rows: pd.Series, words: Words, lang: Lang) -> None:
    """Add a sentence to the explanation of `rows`, in place on a frame of our own."""
    stop = "；" if lang == "zh" else "; "
    placed.loc[rows, "explanation"] = placed.loc[rows, "explanation"] + stop + words.say(lang)
