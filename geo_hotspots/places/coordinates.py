"""The cases' own coordinates, taken to WGS84 where their datum is known, else left unused."""

from dataclasses import replace
from typing import Literal, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_hotspots.errors import ConfigError
from geo_hotspots.places.datum.anchors import MIN_ANCHORS
from geo_hotspots.places.datum.detect import Detection, detect_datum
from geo_hotspots.places.datum.plausible import COORDINATE_FAULTS, usable_coordinates
from geo_hotspots.places.datum.shift import Datum, from_wgs84, to_wgs84
from geo_hotspots.places.local_grid import Grid, recognise_grid
from geo_hotspots.places.packs.pack import Pack, current_names
from geo_hotspots.words import Lang, Words

DeclaredDatum = Datum | Literal["auto"]
_Frame = TypeVar("_Frame", bound=pd.DataFrame)
ANCHOR_LEVELS = ("building", "door", "compound", "poi", "intersection")
_MAX_ANCHOR_METRES = 120.0  # a text that names a place this fine may vouch for a coordinate
_MIN_ANCHOR_SCORE = 0.8
_SAME: dict[Datum, Datum] = {"cgcs2000": "wgs84"}


def restore_points(
    cases: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    *,
    declared: DeclaredDatum = "auto",
    grid: Grid | None = None,
    anchors: pd.DataFrame | None = None,
    lang: Lang = "zh",
) -> tuple[pd.DataFrame, Detection]:
    """Give the coordinates of cases in WGS84, and what was found out about their datum.

    Parameters
    ----------
    cases
        `lng_given`, `lat_given` in an unknown datum, `community_given`, and where there are any
        `source` and `channel`, which may differ in datum.
    declared
        The datum of the file where the user knows it; "auto" asks the numbers, and numbers
        that do not answer are not used.
    grid
        The way from metres to degrees where the user declared one.
    anchors
        For each case where its text says that it is, as `take_anchors` gives it.

    Returns
    -------
    points
        `lng`, `lat` (WGS84, missing where unusable) and `problem`: missing, "datum_unknown",
        or a sentence for the explanation, of the kind "category"; indexed as `cases`.
    detection
        The evidence, for the account of the run.
    """
    given = cases[["lng_given", "lat_given"]].astype(float).set_axis(["lng", "lat"], axis=1)
    given, grid, is_metres = _leave_grid(given, grid, anchors)
    area = communities.geometry.union_all()
    is_known = is_metres & (grid is not None and grid.datum is not None)
    open_ = given.mask(is_known) if is_known.any() else given
    detection = detect_datum(
        open_["lng"], open_["lat"], study_area=area, anchors=anchors, sources=_sources(cases),
        communities_given=_shapes_given(cases["community_given"], communities),
    )  # fmt: skip
    if open_ is not given:
        flags = usable_coordinates(given["lng"], given["lat"], study_area=area)
        detection = replace(detection, flags=flags)
    detection = _decide(detection, declared, grid, is_known)
    return _points(given, detection, lang)


def datum_of_results(pack: Pack, wanted: Literal["wgs84", "pack"]) -> Datum:
    """Say in which datum results are given: WGS84, or a GCJ-02 pack's own where that is wanted.

    Raises
    ------
    ConfigError
        The pack is in BD-09, which neither GIS programs nor phones' maps take.
    """
    if wanted == "wgs84" or pack.datum in ("wgs84", "cgcs2000"):
        return "wgs84"
    if pack.datum == "bd09":
        raise ConfigError(
            'datum.out = "pack" 只支持 GCJ-02 边界包，本包是 BD-09；请改用 wgs84，或重做边界包',
            'datum.out = "pack" needs a pack in GCJ-02 and this one is in BD-09; '
            "use wgs84 or build the pack anew",
        )
    return pack.datum


def in_datum(frame: _Frame, datum: Datum) -> _Frame:
    """Give a frame whose WGS84 shapes, and `lng` and `lat`, are in another datum."""
    if datum == "wgs84":
        return frame
    frame = frame.copy()
    if {"lng", "lat"} <= set(frame.columns):
        frame["lng"], frame["lat"] = from_wgs84(frame["lng"], frame["lat"], datum=datum)
    if isinstance(frame, gpd.GeoDataFrame):
        frame = frame.set_geometry(
            frame.geometry.transform(lambda p: np.column_stack(from_wgs84(*p.T, datum=datum)))
        )
    return frame


def _shapes_given(given: pd.Series, communities: gpd.GeoDataFrame) -> pd.Series:
    """Give the shape of the community that the operator named, each name looked up once."""
    words = given.astype("category").cat
    shapes = communities.drop_duplicates("name").set_index("name").geometry
    named = current_names(pd.Series(words.categories), communities).map(shapes)
    shape = np.array([*named, None], dtype=object)  # the last of those without a name, code -1
    return pd.Series(shape[words.codes], given.index)


def _leave_grid(
    given: pd.DataFrame, grid: Grid | None, anchors: pd.DataFrame | None
) -> tuple[pd.DataFrame, Grid | None, pd.Series]:
    """Turn metres into degrees where the grid is declared, or known from the anchors."""
    is_metres = given.abs().min(axis=1) > 1000  # noqa: PLR2004 - no degrees are so large
    metres = given[is_metres]
    if metres.empty:
        return given, None, is_metres
    if grid is None and anchors is not None:
        known = anchors.loc[metres.index].dropna(subset="lng").drop_duplicates("key")
        if len(known) >= MIN_ANCHORS:
            at = metres.loc[known.index]
            grid = recognise_grid(
                at["lng"].to_numpy(), at["lat"].to_numpy(), known[["lng", "lat"]].to_numpy()
            )
    if grid is None:
        return given, None, is_metres
    given = given.copy()
    lng, lat = grid.to_degrees(metres["lng"].to_numpy(), metres["lat"].to_numpy())
    given.loc[is_metres, "lng"], given.loc[is_metres, "lat"] = lng, lat
    return given, grid, is_metres


def take_anchors(by_text: pd.DataFrame) -> pd.DataFrame:
    """Take the answers of texts that name a place fine enough to vouch for a coordinate.

    Parameters
    ----------
    by_text
        Where texts place cases, `schema.PLACED` columns.

    Returns
    -------
    anchors
        `lng`, `lat` (WGS84, missing where a text does not vouch) and `key`, the same number for
        answers of one place; indexed as `by_text`.
    """
    fine = (
        by_text["status"].eq("located")
        & by_text["level"].isin(ANCHOR_LEVELS)
        & by_text["uncertainty_m"].le(_MAX_ANCHOR_METRES)
        & by_text["score"].ge(_MIN_ANCHOR_SCORE)
    )
    anchors = by_text[["lng", "lat"]].where(fine)
    return anchors.assign(key=pd.factorize(by_text["place_key"])[0].astype(np.int32))


def _sources(cases: pd.DataFrame) -> pd.Series:
    """Say by a number where each row comes from: its file and its platform."""
    names = [name for name in ("source", "channel") if name in cases]
    if not names:
        return pd.Series(0, cases.index)
    number = cases.groupby(names, sort=False, dropna=False, observed=True).ngroup()
    return number.astype(np.int32)


def _decide(
    detection: Detection, declared: DeclaredDatum, grid: Grid | None, is_known: pd.Series
) -> Detection:
    """Let what the user declared, or the grid says, go before what the numbers say."""
    rows, datum, reason = detection.rows, detection.datum, detection.reason
    notes: tuple[Words, ...] = ()
    if declared != "auto":
        usable = detection.flags.isna() | detection.flags.eq("swapped")
        found, said = datum, _SAME.get(declared, declared)
        rows = rows.mask(usable, declared)
        datum, reason = declared, Words(f"声明为 {declared}", f"declared as {declared}")
        if found not in (None, said):
            zh = f"声明的坐标系是 {declared}，但{detection.reason.zh}；请核对"
            en = f"the datum is declared as {declared}, but {detection.reason.en}; check it"
            notes = (Words(zh, en),)
    if grid is not None:
        rows = rows.mask(is_known, "wgs84")
        all_known = bool(is_known.sum() == detection.flags.ne("missing").sum())
        datum = "wgs84" if all_known else datum
        reason = grid.said if all_known or grid.datum is None else _both(grid.said, reason)
    counts = rows[~is_known].value_counts()
    converted = {**{str(name): int(n) for name, n in counts.items()}, "grid": int(is_known.sum())}
    return replace(
        detection, rows=rows, datum=datum, reason=reason, notes=notes,
        converted={name: n for name, n in sorted(converted.items()) if n},
    )  # fmt: skip


def _both(one: Words, other: Words) -> Words:
    return Words(f"{one.zh}；{other.zh}", f"{one.en}; {other.en}")


def _points(
    given: pd.DataFrame, detection: Detection, lang: Lang
) -> tuple[pd.DataFrame, Detection]:
    """Take every usable point to WGS84 from its own datum, and say why the others are not."""
    flags, rows = detection.flags, detection.rows
    swapped = flags.eq("swapped")
    x = given["lng"].where(~swapped, given["lat"])
    y = given["lat"].where(~swapped, given["lng"])
    usable = (flags.isna() | swapped) & x.notna()
    points = pd.DataFrame({"lng": np.nan, "lat": np.nan}, index=given.index)
    for datum in sorted(rows[usable].dropna().unique()):
        at = usable & rows.eq(datum)
        points.loc[at, "lng"], points.loc[at, "lat"] = to_wgs84(x[at], y[at], datum=datum)
    said = {key: fault.say(lang) for key, fault in COORDINATE_FAULTS.items()}
    problem = flags.cat.rename_categories(said).cat.remove_categories(said["missing"])
    problem = problem.cat.add_categories("datum_unknown")
    points["problem"] = problem.mask(usable & rows.isna(), "datum_unknown")
    return points, detection
