"""What the numbers of a column of coordinates can be, by their range alone."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo_hotspots.places.datum.shift import Floats, is_within
from geo_hotspots.words import Words

COORDINATE_FAULTS = {  # the first that holds is the one
    "missing": Words("无坐标", "no coordinates"),
    "null_island": Words("坐标为零", "coordinates are zero"),
    "swapped": Words("经纬度颠倒", "longitude and latitude are exchanged"),
    "projected": Words("是投影米制坐标，不是经纬度", "projected metres, not degrees"),
    "out_of_range": Words("坐标超出范围", "coordinates out of range"),
    "repeated": Words("疑为平台默认点", "probably a platform's default point"),
}
_NEAR_DEGREES = 0.03  # farther from the area than any datum moves a point: says nothing
_DEFAULT_POINT_ROWS = 20
_DEFAULT_POINT_SHARE = 0.2

# Ranges of east and north in metres: Beijing's grids and the usual map projections.
_GRIDS = (
    (370e3, 630e3, 250e3, 430e3, Words("北京地方坐标系", "Beijing local grid")),
    (400e3, 600e3, 4.3e6, 4.6e6, Words("高斯投影 中央经线117°", "Gauss-Kruger CM 117")),
    (39.3e6, 39.7e6, 4.3e6, 4.6e6, Words("高斯投影 39带", "Gauss-Kruger zone 39")),
    (12.8e6, 13.1e6, 4.7e6, 5.0e6, Words("墨卡托", "Mercator")),
)


def usable_coordinates(
    lng: pd.Series, lat: pd.Series, *, study_area: shapely.Geometry | None = None
) -> pd.Series:
    """Say of each row why its coordinates cannot be used, missing where they can.

    Returns
    -------
    pd.Series
        Keys of `COORDINATE_FAULTS`, of the kind "category", indexed as `lng`. "swapped" rows can
        be used after exchanging the two numbers: as given they lie outside the study area,
        exchanged inside (without a study area: only exchanged are they in range). "repeated" is
        one exact point shared by more than 20 rows and more than 20 % of those with coordinates.
    """
    x, y = lng.to_numpy(dtype=np.float64), lat.to_numpy(dtype=np.float64)
    is_missing = ~np.isfinite(x) | ~np.isfinite(y)
    is_zero = (np.abs(x) < 1e-4) & (np.abs(y) < 1e-4)  # noqa: PLR2004 - some ten metres
    is_degrees = _is_degrees(x, y)
    if study_area is None:
        is_swapped = ~is_degrees & _is_degrees(y, x)
    else:
        near = bounds_about(study_area)
        is_swapped = ~is_within(x, y, near) & is_within(y, x, near)
    many = max(_DEFAULT_POINT_ROWS, _DEFAULT_POINT_SHARE * float((~is_missing).sum()))
    is_metres = ~is_degrees & (np.minimum(abs(x), abs(y)) > 1000)  # noqa: PLR2004 - no degrees
    faults = (is_missing, is_zero, is_swapped, is_metres, ~is_degrees, _is_repeated(x, y, many))
    code = np.select(faults, [*np.arange(len(faults), dtype=np.int8)], default=np.int8(-1))
    flags = pd.Categorical.from_codes(code, pd.Index([*COORDINATE_FAULTS], dtype="str"))
    return pd.Series(flags, index=lng.index, name="coordinate_fault")


def bounds_about(area: shapely.Geometry) -> Floats:
    """Give the box within which a point may be of an area whatever its datum: all four bounds."""
    return np.asarray(shapely.bounds(area) + _NEAR_DEGREES * np.array([-1, -1, 1, 1]))


def _is_degrees(x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    return is_within(x, y, (-180.0, -90.0, 180.0, 90.0))


def _is_repeated(x: Floats, y: Floats, many: float) -> npt.NDArray[np.bool_]:
    """Say which rows share their point with so many that there are more than `many`.

    In order, the x of such a point is met at every `many`-th row, so that few rows are asked: a
    table of all points would weigh more than they do.
    """
    step = int(many)
    rows = np.flatnonzero(np.isin(x, np.unique(np.sort(x)[step::step])))
    at = pd.DataFrame({"x": x[rows], "y": y[rows]})
    n_same = at.groupby(["x", "y"], sort=False)["x"].transform("size").to_numpy()
    is_repeated = np.zeros(len(x), dtype=bool)
    is_repeated[rows[n_same > many]] = True
    return is_repeated


def refusal_by_range(lng: pd.Series, lat: pd.Series, flags: pd.Series) -> Words | None:
    """Say why the numbers cannot be degrees in this order, if that is so for most of them."""
    given = flags[flags != "missing"]
    if given.empty:
        return Words("没有一行带坐标", "no row has coordinates")
    if (given == "swapped").mean() > 0.5:  # noqa: PLR2004 - most
        return Words(
            "经度与纬度两列颠倒，请对调", "longitude and latitude are exchanged; swap them"
        )
    if (given == "projected").mean() <= 0.5:  # noqa: PLR2004 - most
        return None
    is_projected = flags == "projected"
    grid = _name_grid(float(lng[is_projected].median()), float(lat[is_projected].median()))
    return Words(
        f"坐标是投影米制（{grid.zh}），不是经纬度；请先转换为经纬度",
        f"these are projected metres ({grid.en}), not degrees; convert them first",
    )


def _name_grid(x: float, y: float) -> Words:
    """Name the projection that the numbers look like, whichever of the two comes first."""
    for west, east, south, north, name in _GRIDS:
        for a, b in ((x, y), (y, x)):
            if west <= a <= east and south <= b <= north:
                return name
    return Words("未知投影", "unknown projection")
