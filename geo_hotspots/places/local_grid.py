"""Metres of a grid to degrees, by the user's own parameters or control points.

The parameters of Beijing 1954, Xian 1980 and of Beijing's local grid are not public, so none are
built in. Who holds them declares them; who holds points known in both systems lets them be fitted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from geo_hotspots.errors import ConfigError, InputError, PackError
from geo_hotspots.places.datum.anchors import judge_by_anchors
from geo_hotspots.places.datum.boundary import CANDIDATES
from geo_hotspots.places.datum.shift import Datum, Floats
from geo_hotspots.places.packs.crs import parse_crs, refuse_unpublished
from geo_hotspots.places.packs.files import as_numbers, read_csv
from geo_hotspots.words import Words

Way = Callable[[Floats, Floats], tuple[Floats, Floats]]
MIN_CONTROL_POINTS = 4
_MERCATOR = 3857
# EPSG code; range of east and north in metres: CGCS2000 CM 117E, its zone 39, UTM 50N, Mercator.
_PUBLISHED = (
    (4548, 400e3, 600e3, 4.3e6, 4.6e6),
    (4527, 39.3e6, 39.7e6, 4.3e6, 4.6e6),
    (32650, 400e3, 600e3, 4.3e6, 4.6e6),
    (_MERCATOR, 12.8e6, 13.1e6, 4.7e6, 5.0e6),
)
_COLUMNS = ("name", "x", "y", "lng", "lat")


@dataclass(frozen=True)
class Grid:
    """A way from a grid's metres to WGS84 degrees.

    Attributes
    ----------
    said
        What it rests on, for the account.
    to_degrees
        Takes x and y in metres, gives longitude and latitude.
    datum
        The datum of those degrees; none where it is still to be found out.
    """

    said: Words
    to_degrees: Way
    datum: Datum | None = "wgs84"


@dataclass(frozen=True)
class Similarity:
    """A shift, a turn and a scale: w = turn * z + shift, with z = x + iy in metres.

    Attributes
    ----------
    is_north_first
        Whether x counts north and y east, as surveyors in China write them.
    rms_m
        Root of the mean squared residual.
    left_out_m
        The same, each point predicted from the others: what a new point may expect.
    worst
        The control point with the largest residual.
    """

    turn: complex
    shift: complex
    is_north_first: bool
    rms_m: float
    left_out_m: float
    worst: str

    def apply(self, x: Floats, y: Floats) -> npt.NDArray[np.complex128]:
        """Take grid metres to metres east (real) and north (imaginary) of the target plane."""
        z = y + 1j * x if self.is_north_first else x + 1j * y
        return np.asarray(self.turn * z + self.shift)


def declared_grid(crs: str, control_points: str, *, limit_m: float) -> Grid | None:
    """Make the grid that the settings declare; nothing where they declare none.

    Raises
    ------
    ConfigError
        Both a CRS and control points are declared.
    PackError
        The CRS is unknown, or it has no published way to WGS84 and states none.
    InputError
        The control points are too few, or fit worse than `limit_m`.
    """
    if crs and control_points:
        raise ConfigError(
            "datum.crs 与 datum.control_points 只能写一个",
            "declare either datum.crs or datum.control_points, not both",
        )
    if crs:
        return _grid_of_crs(crs)
    if control_points:
        return _grid_of_points(Path(control_points), limit_m)
    return None


def fit_similarity(points: pd.DataFrame, plane: pyproj.Proj) -> Similarity:
    """Fit a four-parameter similarity by least squares, with x as east or as north.

    A mirror image is no similarity, so that the right one of the two orders fits far better.

    Parameters
    ----------
    points
        `name`, `x`, `y` (grid metres), `lng`, `lat` (WGS84 or CGCS2000 degrees), at least four.
    plane
        The projection in which the fit is made.
    """
    east, north = plane(points["lng"].to_numpy(), points["lat"].to_numpy())
    target = np.asarray(east) + 1j * np.asarray(north)
    x, y = points["x"].to_numpy(), points["y"].to_numpy()
    fits = [
        _fit(y + 1j * x if is_north_first else x + 1j * y, target, points["name"], is_north_first)
        for is_north_first in (False, True)
    ]
    return min(fits, key=lambda fit: fit.rms_m)


def _fit(
    z: npt.NDArray[np.complex128],
    w: npt.NDArray[np.complex128],
    names: pd.Series,
    is_north_first: bool,  # noqa: FBT001 - one of the two orders
) -> Similarity:
    """Regress one complex number on another, which is what a plane similarity is."""
    from_middle, n = z - z.mean(), len(z)
    spread = float((np.abs(from_middle) ** 2).sum())
    turn = complex((np.conj(from_middle) * (w - w.mean())).sum() / spread)
    shift = complex(w.mean() - turn * z.mean())
    residual = w - (turn * z + shift)
    # The residual of a point left out is its own, over one less its leverage.
    leverage = 1 / n + np.abs(from_middle) ** 2 / spread
    left_out = np.abs(residual) / (1 - leverage)
    return Similarity(
        turn, shift, is_north_first,
        rms_m=float(np.sqrt((np.abs(residual) ** 2).mean())),
        left_out_m=float(np.sqrt((left_out**2).mean())),
        worst=str(names.iloc[int(left_out.argmax())]),
    )  # fmt: skip


def recognise_grid(x: Floats, y: Floats, anchors: Floats) -> Grid | None:
    """Find the published projection under which metres fall where their texts say; else none.

    Only projections whose range the numbers are in come into question, x and y in either order.
    Their metres must lie around the anchors without an offset (`judge_by_anchors`), which those
    of Beijing 1954 or Xian 1980 do not.

    Parameters
    ----------
    anchors
        Longitude and latitude (WGS84) where the text says each row is, shape (n, 2).
    """
    for code, west, east, south, north in _PUBLISHED:
        for is_swapped in (False, True):
            a, b = (y, x) if is_swapped else (x, y)
            if not (west <= np.median(a) <= east and south <= np.median(b) <= north):
                continue
            way = _way(pyproj.CRS.from_epsg(code), is_swapped=is_swapped)
            is_mercator = code == _MERCATOR
            candidates = CANDIDATES if is_mercator else CANDIDATES[:1]
            if judge_by_anchors(*way(x, y), anchors, candidates=candidates).datum:
                said = Words(
                    f"坐标与 EPSG:{code} 及地址相符，按其转换",
                    f"metres agree with EPSG:{code} and the addresses, converted from it",
                )
                return Grid(said, way, None if is_mercator else "wgs84")
    return None


def _way(crs: pyproj.CRS, *, is_swapped: bool = False) -> Way:
    """Make the way from a CRS to WGS84 degrees, x being east unless swapped."""
    transformer = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def to_degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        lng, lat = transformer.transform(*((y, x) if is_swapped else (x, y)))
        return np.asarray(lng), np.asarray(lat)

    return to_degrees


def _grid_of_crs(text: str) -> Grid:
    crs = parse_crs(text)
    refuse_unpublished(crs, "datum.crs")
    to_degrees = _way(crs)
    said = Words(f"按声明的 {crs.name} 转换", f"converted as declared: {crs.name}")
    return Grid(said, to_degrees)


def _grid_of_points(path: Path, limit_m: float) -> Grid:
    """Read and fit control points; refuse what fits badly."""
    points = _read_points(path)
    middle = f"+lon_0={points['lng'].mean():.6f} +lat_0={points['lat'].mean():.6f}"
    plane = pyproj.Proj(f"+proj=tmerc {middle} +ellps=GRS80 +units=m")
    fit = fit_similarity(points, plane)
    errors_zh = f"中误差 {fit.rms_m:.2f} 米，逐点检核 {fit.left_out_m:.2f} 米"
    errors_en = f"RMS {fit.rms_m:.2f} m, leave-one-out {fit.left_out_m:.2f} m"
    if fit.left_out_m > limit_m:
        raise InputError(
            f"{path.name} 的 {len(points)} 个控制点{errors_zh}，超过 {limit_m:g} 米；"
            f"偏差最大的是 {fit.worst}，请核对",
            f"{path.name}: the {len(points)} control points fit with {errors_en}, above "
            f"{limit_m:g} m; {fit.worst} is the worst, check it",
        )

    def to_degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        at = fit.apply(x, y)
        lng, lat = plane(at.real, at.imag, inverse=True)
        return np.asarray(lng), np.asarray(lat)

    said = Words(
        f"按 {len(points)} 个控制点四参数转换（{errors_zh}）",
        f"converted by a similarity of {len(points)} control points ({errors_en})",
    )
    return Grid(said, to_degrees)


def _read_points(path: Path) -> pd.DataFrame:
    try:
        table = read_csv(path, _COLUMNS, required=_COLUMNS[1:])
    except PackError as error:
        raise InputError(error.words.zh, error.words.en) from error
    numbered = "#" + pd.Series(table.index + 1, table.index).astype("str")
    names = table["name"].fillna(numbered)
    numbers = {c: as_numbers(table[c], path) for c in _COLUMNS[1:]}
    points = table.assign(name=names, **numbers).dropna()
    distinct = points.drop_duplicates(["x", "y"])
    if len(distinct) < MIN_CONTROL_POINTS:
        raise InputError(
            f"{path.name} 只有 {len(distinct)} 个控制点，至少要 {MIN_CONTROL_POINTS} 个",
            f"{path.name} holds {len(distinct)} control points; at least "
            f"{MIN_CONTROL_POINTS} are needed",
        )
    return distinct
