"""Official geometry of any projection and datum, taken to WGS84 longitude and latitude."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo_hotspots.errors import PackError
from geo_hotspots.places.datum.shift import CHINA, Datum, to_wgs84
from geo_hotspots.places.packs.check import Finding
from geo_hotspots.places.packs.sources import Source, are_degrees
from geo_hotspots.words import Words

# Geodetic systems that only surveyors' own parameters take to WGS84, here 50-130 m away.
_UNPUBLISHED = {4214: "Beijing 1954", 4610: "Xian 1980", 4555: "New Beijing"}
_UNPUBLISHED_RADII = (6378245.0, 6378140.0)  # Krasovsky and IAG 1975, under whatever name


@dataclass(frozen=True)
class Declared:
    """What the user says of all files: the CRS of those that state none, and the datum."""

    crs: pyproj.CRS | None
    datum: Datum | None

    @property
    def is_shifted(self) -> bool:
        """Say whether the datum is one of the two that shift coordinates on purpose."""
        return self.datum in ("gcj02", "bd09")


def parse_crs(text: str) -> pyproj.CRS:
    """Read an EPSG code, WKT or PROJ string.

    Raises
    ------
    PackError
        PROJ does not know it.
    """
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise PackError(
            f"坐标系 {text!r} 无法识别；可写 EPSG:4490、WKT 或 PROJ 字符串",
            f"the CRS {text!r} is unknown; write e.g. EPSG:4490, WKT or a PROJ string",
        ) from error


def as_lng_lat(source: Source, said: Declared) -> np.ndarray:
    """Give the source's geometry as WGS84 longitude and latitude.

    The file's own CRS goes before the declared one. A datum of GCJ-02 or BD-09 is taken off
    after the projection is undone.

    Raises
    ------
    PackError
        No CRS is known and the numbers are no degrees, or the CRS has no published way to
        WGS84, or the datum cannot be theirs.
    """
    geometry = shapely.force_2d(source.geometry)
    known = source.crs or said.crs
    west, south, east, north = _bounds(geometry, source.path)
    if known is None and not are_degrees((west, south, east, north)):
        if are_degrees((south, west, north, east)):
            raise PackError(
                f"{source.path} 的经纬度颠倒（{west:.6g}, {south:.6g}）；请对调两列",
                f"{source.path}: longitude and latitude are exchanged "
                f"({west:.6g}, {south:.6g}); swap them",
            )
        raise PackError(
            f"{source.path} 没有坐标系，坐标 {west:.6g}, {south:.6g} 也不是经纬度；请用 --crs 声明",
            f"{source.path} states no CRS and {west:.6g}, {south:.6g} are no degrees; "
            "declare it with --crs",
        )
    if known is not None:
        geometry = _to_degrees(geometry, known, source.path)
    datum = said.datum
    if datum is None or not said.is_shifted:
        return np.asarray(geometry)
    _check_in_range(geometry, source.path, datum)
    return np.asarray(
        shapely.transform(geometry, lambda p: np.column_stack(to_wgs84(*p.T, datum=datum)))
    )


def unlike_declared(source: Source, said: Declared) -> list[Finding]:
    """Warn where a file's own CRS was used although another was declared."""
    own, other = source.crs, said.crs
    if own is None or other is None or own == other or (own.is_geographic and other.is_geographic):
        return []
    words = Words(
        f"{source.path} 自带坐标系 {own.name}，未采用声明的 {other.name}",
        f"{source.path} states its own CRS {own.name}; the declared {other.name} was not used",
    )
    return [Finding("warning", words)]


def _to_degrees(geometry: np.ndarray, crs: pyproj.CRS, path: Path) -> np.ndarray:
    """Undo the projection; refuse systems whose shift against WGS84 is not public."""
    refuse_unpublished(crs, str(path))
    series = gpd.GeoSeries(geometry, crs=crs)
    return np.asarray(series.to_crs("EPSG:4326").to_numpy())


def refuse_unpublished(crs: pyproj.CRS, where: str) -> None:
    """Refuse a CRS whose shift against WGS84 is not public and which does not state its own.

    Raises
    ------
    PackError
        It rests on Beijing 1954, Xian 1980 or their ellipsoids, without +towgs84.
    """
    base = crs.geodetic_crs
    code = base.to_epsg() if base is not None else None
    radius = base.ellipsoid.semi_major_metre if base is not None and base.ellipsoid else 0.0
    is_odd = code is None and radius in _UNPUBLISHED_RADII
    if base is None or ((code in _UNPUBLISHED or is_odd) and not crs.is_bound):
        name = _UNPUBLISHED.get(code or 0, base.name if base is not None else crs.name)
        raise PackError(
            f"{where} 的坐标系基于 {name}，转换参数未公开，误差可达百米；请先转为 CGCS2000，"
            "或用带 +towgs84 的 PROJ 字符串声明",
            f"{where}: {name} has no published way to WGS84 and may be 100 m off; convert it to "
            "CGCS2000 first, or declare a PROJ string with +towgs84",
        )


def _bounds(geometry: np.ndarray, path: Path) -> tuple[float, float, float, float]:
    bounds = shapely.total_bounds(geometry)
    if not np.isfinite(bounds).all():
        raise PackError(f"{path} 中没有图形", f"{path} holds no shapes at all")
    west, south, east, north = map(float, bounds)
    return west, south, east, north


def _check_in_range(geometry: np.ndarray, path: Path, datum: Datum) -> None:
    west, south, east, north = _bounds(geometry, path)
    box = CHINA
    if west < box[0] or south < box[1] or east > box[2] or north > box[3]:
        raise PackError(
            f"{path} 的范围 {west:.4f}–{east:.4f}, {south:.4f}–{north:.4f} 不在中国，"
            f"不可能是 {datum}；请检查声明的坐标系",
            f"{path}: {west:.4f} to {east:.4f}, {south:.4f} to {north:.4f} is not in China "
            f"and cannot be {datum}; check the declared datum",
        )
