"""What the map page holds as data: the contract's columns as compact arrays, nothing else.

A layer is a dictionary of equally long columns. Shapes are rings of whole numbers, hundred
thousandths of a degree (about a metre), each corner as the step from the one before.
"""

import math
from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

Json = dict[str, Any]
Ring = list[int]

UNITS_PER_DEGREE = 100_000
MIN_BASE = 5  # a share or a change of fewer cases is chance, and gets no colour

POINT_FIELDS = (
    "hotspot_id", "rank", "name", "category", "kind", "lifecycle", "n", "n_callers", "n_days",
    "first_at", "last_at", "expected", "score", "priority", "days_since_rectified", "rebounds",
    "community", "street", "level", "uncertainty_m", "reason",
)  # fmt: skip
HOT_FIELDS = ("cell", "n", "n_callers", "expected", "qvalue", "trend", "community")
EMERGING_FIELDS = (
    "cluster_id", "category", "signal", "state", "n", "n_callers", "expected", "weeks",
    "radius_m", "community", "reason",
)  # fmt: skip
PLACE_FIELDS = ("name", "aliases", "lng", "lat")
RECTIFIED_FIELDS = ("hotspot_id", "day", "what", "who")
MAX_PLACES = 20_000  # names that a page can be searched for; about 30 bytes each
AREA_FIELDS = (
    "code", "name", "street", "n", "n_points", "change_pct",
    "responded_rate", "resolved_rate", "satisfied_rate",
    "n_responded_asked", "n_resolved_asked", "n_satisfied_asked",
)  # fmt: skip
RATES = ("responded_rate", "resolved_rate", "satisfied_rate")


def point_layer(hotspots: gpd.GeoDataFrame, main: list[str]) -> Json:
    """Turn repeat points into columns with ``lng`` and ``lat`` in degrees.

    ``weeks``, cases per week from the oldest on, and ``mix``, pairs of category and cases, come
    along where the frame has them. ``main`` is the place of each point's category among the
    `main` categories of the grid, or none.
    """
    layer: Json = {name: to_column(hotspots[name]) for name in POINT_FIELDS}
    layer["lng"] = to_column(hotspots.geometry.x.round(6))
    layer["lat"] = to_column(hotspots.geometry.y.round(6))
    if "weeks" in hotspots:
        layer["weeks"] = [[int(n) for n in weeks] for weeks in hotspots["weeks"]]
    if "mix" in hotspots:
        layer["mix"] = [[[str(name), int(n)] for name, n in mix] for mix in hotspots["mix"]]
    layer["main"] = [_main_of(category, main) for category in hotspots["category"]]
    return layer


def emerging_layer(emerging: gpd.GeoDataFrame | None) -> Json:
    """Turn emerging clusters into columns with the middle of each."""
    if emerging is None:
        return {name: [] for name in (*EMERGING_FIELDS, "lat", "lng")}
    middle = shapely.centroid(emerging.geometry.to_numpy())
    return {
        **{name: to_column(emerging[name]) for name in EMERGING_FIELDS},
        "lat": shapely.get_y(middle).round(5).tolist(),
        "lng": shapely.get_x(middle).round(5).tolist(),
    }


def hot_layer(cells: gpd.GeoDataFrame | None, *, min_cases: int) -> Json:
    """Turn hot cells into columns with their shapes.

    Cells with fewer than `min_cases` cases do not enter the page at all: a page can be read by
    whoever gets the file.
    """
    if cells is None:
        return {name: [] for name in (*HOT_FIELDS, "shape")}
    hot = cells[(cells["n"] >= min_cases) & cells["is_hot"].fillna(value=False).astype(bool)]
    return {
        **{name: to_column(hot[name]) for name in HOT_FIELDS},
        "shape": [to_rings(shape) for shape in hot.geometry],
    }


def place_layer(places: pd.DataFrame | None) -> Json:
    """Turn places into the columns that a search needs, each name and place once."""
    if places is None:
        return {name: [] for name in PLACE_FIELDS}
    first = places.drop_duplicates("name").head(MAX_PLACES)
    return {name: to_column(_short(first[name])) for name in PLACE_FIELDS}


def rectified_layer(rectified: pd.DataFrame | None, hotspots: pd.DataFrame) -> Json:
    """Turn rectifications of the points that are shown into columns."""
    if rectified is None:
        return {name: [] for name in RECTIFIED_FIELDS}
    shown = rectified[rectified["hotspot_id"].isin(hotspots["hotspot_id"])]
    return {name: to_column(shown[name]) for name in RECTIFIED_FIELDS}


def area_layer(areas: gpd.GeoDataFrame) -> Json:
    """Turn communities or streets into columns with shapes, label places and class breaks.

    ``few`` marks, per measure, the areas that `too_few` finds; they do not shape the classes.
    """
    few = too_few(areas)
    return {
        **{name: to_column(areas[name]) for name in AREA_FIELDS},
        "shape": [to_rings(shape) for shape in areas.geometry],
        "label": [label_place(shape) for shape in areas.geometry],
        "breaks": {
            "n": class_breaks(areas["n"]),
            "n_points": class_breaks(areas["n_points"]),
            "change_pct": [-30, -10, 10, 30],
            **{rate: class_breaks(areas[rate][~few[rate]] * 100) for rate in RATES},
        },
        "few": {measure: to_column(marks) for measure, marks in few.items()},
    }


def too_few(areas: pd.DataFrame) -> "dict[str, pd.Series[bool]]":
    """Mark the areas whose rate or change rests on fewer than `MIN_BASE` cases.

    One case after two is "-50 %", one answer is "100 %": on a map of weekly communities such
    values shout loudest. A rate rests on those asked, a change on the larger of the two counts;
    the earlier one follows from the change, except where nothing is left (-100 %).
    """
    n, change = areas["n"].astype(float), areas["change_pct"].astype(float)
    before = n / (1 + change / 100).where(change > -100)  # noqa: PLR2004 - per cent
    few = {"change_pct": change.notna() & (np.fmax(before, n) < MIN_BASE)}
    for rate in RATES:
        few[rate] = areas[rate].notna() & (areas[_asked(rate)] < MIN_BASE)
    return few


def _asked(rate: str) -> str:
    return f"n_{rate.removesuffix('_rate')}_asked"


def outline(streets: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> list[list[Ring]]:
    """Draw the border of the whole area, from streets or, where there are none, communities."""
    return to_rings(_union((streets if len(streets) else communities).geometry))


def road_lines(roads: gpd.GeoDataFrame | None) -> dict[str, list[Ring]]:
    """Turn roads into open lines by rank, steps as in a ring."""
    lines: dict[str, list[Ring]] = {"main": [], "lesser": []}
    if roads is not None:
        for rank, shape in zip(roads["rank"], roads.geometry, strict=True):
            lines[rank] += [_steps(line) for line in shapely.get_parts(shape)]
    return lines


def page_bounds(*layers: gpd.GeoDataFrame) -> list[list[float]] | None:
    """Give the corners [[south, west], [north, east]] of the first layer that holds anything."""
    for layer in layers:
        west, south, east, north = layer.total_bounds
        if np.isfinite([west, south, east, north]).all():
            return [[round(south, 5), round(west, 5)], [round(north, 5), round(east, 5)]]
    return None


def class_breaks(values: pd.Series, *, classes: int = 5) -> list[float]:
    """Cut values into classes of about equal size, at numbers that read well in a legend.

    Counts that hold a zero give it a class of its own, below 1: nothing is not little. A few
    different counts (say 1, 2 and 5) are a class each.

    Returns
    -------
    breaks
        The lower ends of the second class and up; fewer where many values are equal, and none
        where all are. A value belongs to the class of the last break that is not above it.
    """
    every = values.dropna().astype(float)
    known = every[every > 0]
    if known.empty:
        return []
    whole = bool((known % 1 == 0).all())
    zero = [1.0] if whole and bool((every == 0).any()) else []
    if whole and known.nunique() <= classes:
        return [*zero, *sorted(known.unique().tolist())[1:]]
    ends = known.quantile(np.arange(1, classes) / classes)
    rounded = sorted({math.ceil(_two_digits(e)) if whole else _two_digits(e) for e in ends})
    return [*zero, *(end for end in rounded if known.min() < end <= known.max())]


def label_place(shape: shapely.Geometry) -> list[float] | None:
    """Find where a name has most room: [lat, lng, radius in metres] of the largest circle inside.

    Degrees of longitude shrink with latitude, so the circle is sought on a scaled copy.
    """
    parts = shapely.get_parts(shape)
    parts = parts[shapely.area(parts) > 0]
    if not len(parts):
        return None
    part = parts[int(np.argmax(shapely.area(parts)))]
    shrink = math.cos(math.radians(shapely.centroid(part).y))
    scaled = shapely.transform(part, lambda xy: xy * [shrink, 1.0])
    radius = shapely.maximum_inscribed_circle(scaled, tolerance=1e-4)
    (x, y), _ = shapely.get_coordinates(radius)
    metres = shapely.length(radius) * 111_195
    return [round(float(y), 5), round(float(x) / shrink, 5), round(float(metres))]


def to_rings(shape: shapely.Geometry) -> list[list[Ring]]:
    """Turn a shape into polygons of rings, the outer one first; what is not an area is left out."""
    polygons = [p for p in shapely.get_parts(shape) if shapely.get_type_id(p) == 3]  # noqa: PLR2004 - Polygon
    return [[_steps(ring) for ring in (p.exterior, *p.interiors)] for p in polygons]


def to_column(values: pd.Series) -> list[Any]:
    """Turn a column into what JSON can hold: times as dates, None for what is missing."""
    types = pd.api.types
    if types.is_datetime64_any_dtype(values):
        return [None if pd.isna(v) else f"{v:%Y-%m-%d}" for v in values]
    if types.is_bool_dtype(values):
        return [None if pd.isna(v) else bool(v) for v in values]
    if types.is_numeric_dtype(values):
        return [_number(v) for v in values.astype("float64")]
    return [None if pd.isna(v) else str(v) for v in values]


def _main_of(category: object, main: list[str]) -> int | None:
    """Find the main category that a path of categories begins with; the others share the last."""
    path = f"{category}/".replace("->", "/")
    names = [(len(name), i) for i, name in enumerate(main)
             if name and path.startswith(f"{name}/")]  # fmt: skip
    if names:
        return max(names)[1]
    return main.index("") if "" in main else None


def _short(column: pd.Series) -> pd.Series:
    return column.round(5) if pd.api.types.is_float_dtype(column) else column


def _number(value: float) -> float | None:
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() else round(value, 6)


def _steps(line: shapely.Geometry) -> Ring:
    corners = np.rint(shapely.get_coordinates(line) * UNITS_PER_DEGREE).astype(np.int64)
    steps = np.diff(corners, axis=0, prepend=0)
    keep = np.ones(len(steps), dtype=bool)
    keep[1:] = (steps[1:] != 0).any(axis=1)  # rounding may lay two corners on one place
    flat: Ring = steps[keep].ravel().tolist()
    return flat


def _two_digits(value: float) -> float:
    if not value:
        return 0.0
    digits = 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    return int(rounded) if float(rounded).is_integer() else rounded


def _union(shapes: Iterable[shapely.Geometry]) -> shapely.Geometry:
    """Melt shapes into one; corners a tenth of a metre apart count as the same."""
    return shapely.union_all(list(shapes), grid_size=1e-6)
