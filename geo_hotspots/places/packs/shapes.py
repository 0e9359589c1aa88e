"""Polygons made fit for a pack: repaired where that is safe, joined by code, rounded."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_hotspots.errors import PackError
from geo_hotspots.places.packs.check import Finding, warn_of

DIGITS = 6  # of a degree: a tenth of a metre
_MAX_AREA_CHANGE = 0.001  # a repair that changes more than this is a guess
_AREA_TYPES = (3, 6)  # Polygon, MultiPolygon
_NAMED = 5


def clean_areas(areas: gpd.GeoDataFrame, path: Path) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Give one valid polygon, six digits, per code, and what had to be done for that.

    `areas` has `code`, `name` and WGS84 geometry. Rounding moves each corner of a border in the
    same way on both sides, so that it opens no gap.

    Raises
    ------
    PackError
        A shape is empty, is no polygon, or its repair would change its area by more than
        0.1 %; or one code has two names. All offenders of a kind are named at once.
    """
    given, labels = areas.geometry.to_numpy(), _labels(areas)
    is_missing = shapely.is_missing(given) | shapely.is_empty(given)
    _refuse(labels[is_missing], path, "没有图形", "have no shape")
    is_other = ~np.isin(shapely.get_type_id(given), (*_AREA_TYPES, 7))
    _refuse(labels[is_other], path, "不是面", "are not polygons")
    repaired, is_safe = repair(given)
    _refuse(
        labels[~is_safe], path, "图形无效且无法安全修复，请在原图中改正",
        "are invalid and cannot be repaired safely; mend the source",
    )  # fmt: skip
    found = warn_of(
        labels[~shapely.is_valid(given)], "图形无效，已修复", "invalid shapes, repaired", "info"
    )
    joined, more = _join_parts(areas.set_geometry(repaired, crs=areas.crs), path)
    rounded, is_safe = repair(_round(joined.geometry.to_numpy()))
    _refuse(_labels(joined)[~is_safe], path, "面积太小", "are too small to keep six digits")
    return joined.set_geometry(_tidy(rounded), crs=areas.crs), found + more


def repair(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make shapes valid polygons, and say of each whether its area stayed within 0.1 %.

    A ring that touches itself keeps its area; one that crosses itself (a bow tie) counts part
    of its area as negative, so that no repair of it is known to be right.
    """
    valid = shapely.is_valid(shapes) & np.isin(shapely.get_type_id(shapes), _AREA_TYPES)
    fixed = shapes.copy()
    fixed[~valid] = [_polygons_of(s) for s in shapely.make_valid(shapes[~valid])]
    before, after = shapely.area(shapes), shapely.area(fixed)
    is_same = np.abs(after - before) <= _MAX_AREA_CHANGE * before
    return fixed, is_same & (after > 0)


def dissolve(areas: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Join the communities of each street; slits that rounding left inside are closed."""
    parts = areas[["geometry"]].assign(code=areas["street_code"], name=areas["street"], aliases="")
    streets = parts.dissolve("code", as_index=False, sort=True)
    return clean_areas(streets[["code", "name", "aliases", "geometry"]], Path("streets.geojson"))


def _polygons_of(shape: shapely.Geometry) -> shapely.Geometry:
    """Keep the polygons of a repaired shape; the lines and points beside them hold no ground."""
    parts = shapely.get_parts(np.atleast_1d(np.asarray(shape, dtype=object)))
    while (shapely.get_type_id(parts) > 3).any():  # noqa: PLR2004 - collections of collections
        parts = shapely.get_parts(parts)
    return shapely.union_all(parts[shapely.get_type_id(parts) == 3])  # noqa: PLR2004 - Polygon


def _join_parts(areas: gpd.GeoDataFrame, path: Path) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Join features of the same code and name into one."""
    names = areas.groupby("code")["name"].nunique()
    torn = names[names > 1].index
    _refuse(
        areas.loc[areas["code"].isin(torn), "name"].to_numpy() + "",
        path, "编码相同而名称不同", "share a code but not a name",
    )  # fmt: skip
    repeated = areas.loc[areas["code"].duplicated(), "name"].unique()
    joined = areas.dissolve("code", as_index=False, sort=True)[list(areas.columns)]
    return joined, warn_of(repeated, "多个要素合为一个", "features joined into one", "info")


def _round(shapes: np.ndarray) -> np.ndarray:
    return np.asarray(shapely.transform(shapes, lambda points: np.round(points, DIGITS)))


def _tidy(shapes: np.ndarray) -> np.ndarray:
    """Put rings in one order and direction (RFC 7946), and fill slits of rounding."""
    filled = [_without_slits(shape) for shape in shapes]
    return np.asarray(shapely.orient_polygons(shapely.normalize(filled)))


def _without_slits(shape: shapely.Geometry) -> shapely.Geometry:
    """Fill holes thinner than two units of the last digit."""
    parts = []
    for part in shapely.get_parts(shape):
        shell, *holes = shapely.get_rings(part)
        kept = [h for h in holes if 2 * shapely.Polygon(h).area > 2 * 10**-DIGITS * h.length]
        parts.append(shapely.Polygon(shell, kept))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _labels(areas: pd.DataFrame) -> np.ndarray:
    return np.asarray(areas["name"] + " (" + areas["code"] + ")", dtype=object)


def _refuse(labels: np.ndarray, path: Path, zh: str, en: str) -> None:
    if not len(labels):
        return
    listed = [str(label) for label in labels[:_NAMED]]
    more = len(labels) - len(listed)
    raise PackError(
        f"{path} 中 {'、'.join(listed)}{f' 等 {len(labels)} 个' if more else ''} {zh}",
        f"{path}: {', '.join(listed)}{f' and {more} more' if more else ''} {en}",
    )
