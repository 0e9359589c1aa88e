"""Read the authored sources of the Dongcheng pack: outline, lines, seeds, tables, places."""

import itertools
import json
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

GRID = 1e-6  # six digits, about a decimetre
STOP_DEGREES = 3e-4  # about 30 m
DOOR_STEP = 10  # every fifth door of a side
PLACE_SOURCE_COLUMNS = ["name", "type", "aliases", "street", "lng", "lat", "uncertainty_m"]
Points = npt.NDArray[np.float64]


class SourceError(ValueError):
    """An authored source contradicts itself or another one."""


@dataclass(frozen=True)
class Sources:
    """What is authored or taken over, as read."""

    outline: shapely.Geometry
    lines: gpd.GeoDataFrame
    seeds: gpd.GeoDataFrame
    streets: pd.DataFrame
    communities: pd.DataFrame
    former: pd.DataFrame
    places: pd.DataFrame


def read_sources(folder: Path) -> Sources:
    """Read all sources of the pack from `folder`."""
    seeds = read_table(folder / "seeds.csv")
    communities = read_table(folder / "communities_2023.csv")
    return Sources(
        outline=read_outline(folder / "outline_wgs84.geojson"),
        lines=read_lines(folder / "lines.csv"),
        seeds=to_points(seeds.merge(communities[["code", "street_code"]], on="code")),
        streets=read_table(folder / "streets_2023.csv"),
        communities=communities,
        former=read_table(folder / "communities_former.csv"),
        places=read_places(sorted(folder.glob("places_*.csv")), folder / "numbers.csv"),
    )


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV as text; blanks stay blank."""
    return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")


def read_outline(path: Path) -> shapely.Geometry:
    """Read the one polygon of the district."""
    feature = json.loads(path.read_text(encoding="utf-8"))["features"][0]
    parts = shapely.get_parts(shapely.from_geojson(json.dumps(feature["geometry"])))
    if len(parts) != 1:
        raise SourceError(f"{path.name} has {len(parts)} parts; the district is one")
    ring = np.round(shapely.get_coordinates(shapely.get_exterior_ring(parts[0])), 6)
    stops = [with_stops(start, end) for start, end in itertools.pairwise(ring)]
    return shapely.Polygon(np.vstack(stops))


def with_stops(start: Points, end: Points) -> Points:
    """Give the start of an edge and, about every `STOP_DEGREES`, a point that lies on it.

    Where a road meets the outline, the outline bends to a vertex of six digits. The shorter the
    edge, the less that moves the outline, so long edges are divided first, at those points of
    the grid which they (all but) touch.
    """
    run = end - start
    longer = int(np.argmax(np.abs(run)))
    n = int(np.hypot(*run) / STOP_DEGREES) + 1
    stops = [start]
    for k in range(1, n):
        near = np.round(start[longer] + run[longer] * k / n, 6) + np.arange(-100, 101) * GRID
        points = start + np.outer((near - start[longer]) / run[longer], run)
        off = np.abs(points - np.round(points, 6)).max(axis=1)
        stops.append(np.round(points[np.argmin(off)], 6))
    return np.array(stops)


def read_lines(path: Path) -> gpd.GeoDataFrame:
    """Read the roads that bound streets and communities: `role`, `name`, `geometry`."""
    table = read_table(path)
    geometry = [shapely.from_wkt(f"LINESTRING ({p.replace(';', ', ')})") for p in table["points"]]
    return gpd.GeoDataFrame(table[["role", "name"]], geometry=geometry, crs="EPSG:4326")


def read_places(paths: Iterable[Path], numbers: Path) -> pd.DataFrame:
    """Read the authored places and number the doors; a name stands once per street and type."""
    tables = [read_table(path) for path in paths]
    tables.append(count_doors(read_table(numbers)))
    places = pd.concat([pd.DataFrame(columns=PLACE_SOURCE_COLUMNS, dtype="str"), *tables])
    places = places[PLACE_SOURCE_COLUMNS].fillna("").map(str.strip)
    twice = places[places.duplicated(["name", "street", "type"])]
    if len(twice):
        raise SourceError(f"places stand twice: {twice[['name', 'street']].to_numpy().tolist()}")
    return places.reset_index(drop=True)


def count_doors(numbers: pd.DataFrame) -> pd.DataFrame:
    """Count the doors of one side of a road along a straight line, every fifth and the last.

    On a road between two streets the number tells the side and so the street: north odd and
    counted from the east, west odd and counted from the north (GB/T 35639-2017, annex B). A
    door that is left out lies between its neighbours of the same side.
    """
    sides = [number_side(row) for row in numbers.to_dict("records")]
    empty = pd.DataFrame(columns=PLACE_SOURCE_COLUMNS, dtype="str")
    return pd.concat([empty, *sides], ignore_index=True)


def number_side(side: dict[Hashable, str]) -> pd.DataFrame:
    """List the doors of one line of `numbers.csv`."""
    last = int(side["last"])
    values = [*range(int(side["first"]), last, DOOR_STEP), last]
    ends = (values[0], last)
    lng = np.interp(values, ends, (float(side["lng"]), float(side["last_lng"])))
    lat = np.interp(values, ends, (float(side["lat"]), float(side["last_lat"])))
    doors = pd.DataFrame({"name": [f"{side['road']}{n}号" for n in values]}, dtype="str")
    return doors.assign(
        type="door",
        aliases="",
        street=side["street"],
        lng=[f"{x:.5f}" for x in lng],
        lat=[f"{y:.5f}" for y in lat],
        uncertainty_m="",
    )


def to_points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Make points of the columns `lng` and `lat`."""
    lng, lat = table["lng"].astype(float), table["lat"].astype(float)
    rest = table.drop(columns=["lng", "lat"])
    return gpd.GeoDataFrame(rest, geometry=gpd.points_from_xy(lng, lat, crs="EPSG:4326"))
