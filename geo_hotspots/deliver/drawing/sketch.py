"""Small maps for paper: areas in shades, numbered points, a scale bar, no basemap.

Longitude and latitude are drawn as a plane whose unit is the same length east and north at the
middle latitude: over a district that is true to under a thousandth.
"""

import math
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from markupsafe import Markup

from geo_hotspots.deliver.drawing.pins import MARGIN, Box, Frame, Pin, draw_pins, is_free
from geo_hotspots.deliver.drawing.svg import (
    INK,
    MUTED,
    PAPER,
    RAMP,
    drawing,
    number,
    tag,
    text_width,
    write,
)

METRES_PER_DEGREE = 111_195.0  # of a great circle on a sphere of 6,371 km
_BELOW = 22.0
SURROUNDINGS = 700.0  # metres shown around the outermost points
_STREET = "街道"


def sketch(
    streets: gpd.GeoDataFrame,
    *,
    title: str,
    pins: Sequence[Pin] = (),
    areas: gpd.GeoDataFrame | None = None,
    shade: str = "",
    legend: str = "",
    width: float = 420,
    height: float = 560,
) -> Markup:
    """Draw the streets, over them shaded areas or numbered points.

    Parameters
    ----------
    streets
        `name` and `geometry`; their outlines and names.
    pins
        Points; where two would cover each other, the later moves aside on a short line.
    areas, shade, legend
        Areas with `name`, the column of counts that they are shaded by, and what it counts.
    width, height
        Of the drawing at most, the line below it aside. With points, the view closes in on them.

    Returns
    -------
    drawing
        Empty when there is no geometry to draw.
    """
    if streets.empty or bool(streets.geometry.is_empty.all()):
        return Markup("")
    frame = _fit(_view(streets.total_bounds, pins), width, height)
    streets = _clipped(streets, frame)
    drawn: list[Markup] = []
    below = _scale_bar(frame)
    if areas is not None and shade:
        limits = class_limits(areas[shade].to_numpy("int64"))
        drawn += _shaded(areas, shade, limits, frame)
        below += _key(limits, legend, frame)
    fill = "none" if areas is not None else RAMP[0]
    drawn += [
        tag("path", d=d, fill=fill, stroke=MUTED, stroke_linejoin="round")
        for d in _paths(streets, frame)
    ]
    marks, taken = draw_pins(pins, frame)
    drawn += [*_names(streets, frame, taken), *marks, *below]
    return drawing(frame.width, frame.height + _BELOW, title, *drawn)


def _view(
    bounds: npt.NDArray[np.float64], pins: Sequence[Pin]
) -> tuple[float, float, float, float]:
    """Give west, south, east, north of what to show: the points and their surroundings."""
    west, south, east, north = bounds.tolist()
    if not pins:
        return west, south, east, north
    room = SURROUNDINGS / METRES_PER_DEGREE
    wide = room / math.cos(math.radians((south + north) / 2))
    lngs, lats = [p.lng for p in pins], [p.lat for p in pins]
    return (
        min(lngs) - min(wide, max(min(lngs) - west, 0)),
        min(lats) - min(room, max(min(lats) - south, 0)),
        max(lngs) + min(wide, max(east - max(lngs), 0)),
        max(lats) + min(room, max(north - max(lats), 0)),
    )


def _fit(view: tuple[float, float, float, float], width: float, height: float) -> Frame:
    """Scale the view into the drawing; what is too tall leaves room left and right."""
    west, south, east, north = view
    squeeze = math.cos(math.radians((south + north) / 2))
    per_lat = min(
        (width - 2 * MARGIN) / max((east - west) * squeeze, 1e-9),
        (height - 2 * MARGIN) / max(north - south, 1e-9),
    )
    tall = (north - south) * per_lat + 2 * MARGIN
    spare = width - 2 * MARGIN - (east - west) * squeeze * per_lat
    per_lng = per_lat * squeeze
    return Frame(west - spare / 2 / per_lng, north, per_lng, per_lat, width, tall)


def _clipped(areas: gpd.GeoDataFrame, frame: Frame) -> gpd.GeoDataFrame:
    """Cut away what lies outside the drawing, a margin aside."""
    east = frame.west + (frame.width - 2 * MARGIN) / frame.per_lng
    south = frame.north - (frame.height - 2 * MARGIN) / frame.per_lat
    edge = MARGIN / frame.per_lat
    view = (frame.west - edge, south - edge, east + edge, frame.north + edge)
    shapes = shapely.clip_by_rect(areas.geometry.to_numpy(), *view)
    kept = areas.set_geometry(gpd.GeoSeries(shapes, index=areas.index, crs=areas.crs))
    return kept[~kept.geometry.is_empty]


def _paths(areas: gpd.GeoDataFrame, frame: Frame) -> list[str]:
    """Write every area as a path, a third of a unit coarser than it is."""
    flat = shapely.simplify(shapely.transform(areas.geometry.to_numpy(), frame.to_xy), 0.3)
    return ["".join(_ring(r) for p in shapely.get_parts(g) for r in _rings(p)) for g in flat]


def _rings(polygon: shapely.Geometry) -> list[shapely.Geometry]:
    rings: list[shapely.Geometry] = list(shapely.get_rings(polygon))
    return rings


def _ring(ring: shapely.Geometry) -> str:
    points = shapely.get_coordinates(ring)[:-1]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"


def class_limits(counts: npt.NDArray[np.int64], most: int = 5) -> list[int]:
    """Choose the upper limits of up to `most` classes of about equally many areas.

    Zero has its own shade and is in no class; equal counts never fall into two.
    """
    some = counts[counts > 0]
    if not len(some):
        return []
    limits = np.quantile(some, np.arange(1, most + 1) / most, method="inverted_cdf")
    return [int(limit) for limit in np.unique(limits)]


def _shade(n: int, limits: Sequence[int]) -> str:
    if n == 0:
        return PAPER
    place = int(np.searchsorted(limits, n))
    return RAMP[1 + round(place * (len(RAMP) - 2) / max(len(limits) - 1, 1))]


def _shaded(
    areas: gpd.GeoDataFrame, shade: str, limits: Sequence[int], frame: Frame
) -> list[Markup]:
    rows = zip(areas["name"].astype(str), areas[shade].astype(int), _paths(areas, frame),
               strict=True)  # fmt: skip
    return [
        tag(
            "path", tag("title", f"{name}: {n}"), d=d, fill=_shade(n, limits), stroke=PAPER,
            stroke_width=0.6,
        )
        for name, n, d in rows
    ]  # fmt: skip


def _key(limits: Sequence[int], legend: str, frame: Frame) -> list[Markup]:
    """Draw the shades and their ranges in one line below the map, right to left."""
    low = [1, *(limit + 1 for limit in limits)][: len(limits)]
    labels = [str(b) if a == b else f"{a}–{b}" for a, b in zip(low, limits, strict=True)]
    x, y, drawn = frame.width, frame.height + 14.0, []
    for label, limit in reversed(list(zip(labels, limits, strict=True))):
        x -= text_width(label, 10)
        drawn.append(write(x, y, label, size=10, fill=MUTED))
        x -= 15
        drawn.append(
            tag("rect", x=x, y=y - 9, width=12, height=10, fill=_shade(limit, limits),
                stroke=MUTED, stroke_width=0.4)
        )  # fmt: skip
        x -= 7
    return [*drawn, write(x, y, legend, size=10, text_anchor="end", fill=MUTED)]


def _scale_bar(frame: Frame) -> list[Markup]:
    """Draw a round length of at most a fifth of the width."""
    metres = frame.width / 5 / frame.per_lat * METRES_PER_DEGREE
    power = 10 ** math.floor(math.log10(metres))
    long = max(power * k for k in (1, 2, 5) if power * k <= metres)
    label = f"{number(long / 1000)} km" if long >= 1000 else f"{number(long)} m"  # noqa: PLR2004 - a kilometre
    units = long / METRES_PER_DEGREE * frame.per_lat
    y = frame.height + 12
    path = f"M{MARGIN} {number(y - 4)}v4h{number(units)}v-4"
    return [
        tag("path", d=path, fill="none", stroke=MUTED, stroke_width=1),
        write(MARGIN + units + 5, y, label, size=10, fill=MUTED),
    ]


def _names(streets: gpd.GeoDataFrame, frame: Frame, taken: Sequence[Box]) -> list[Markup]:
    """Write the names of the streets, the largest first, where they touch nothing."""
    size, used, drawn = 10.0, list(taken), []
    order = np.argsort(-shapely.area(streets.geometry.to_numpy()), kind="stable")
    inside = shapely.point_on_surface(streets.geometry.to_numpy())
    middles = frame.to_xy(shapely.get_coordinates(inside))
    for i in order:
        name = str(streets["name"].iloc[i]).removesuffix(_STREET)
        half = text_width(name, size) / 2
        x, y = middles[i]
        box = (x - half, y - size, x + half, y + 3)
        if is_free(box, used, frame):
            used.append(box)
            drawn.append(
                write(
                    x, y, name, size=size, text_anchor="middle", fill=INK, stroke=PAPER,
                    stroke_width=2.4, paint_order="stroke",
                )
            )  # fmt: skip
    return drawn
