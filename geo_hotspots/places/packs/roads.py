"""The roads of a pack: lines to find one's way by on the map; nothing is counted along them."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from geo_hotspots.errors import PackError
from geo_hotspots.places.datum.shift import Datum, to_wgs84
from geo_hotspots.places.packs.files import as_text, read_features

ROAD_COLUMNS = ("name", "rank")
RANKS = ("main", "lesser")


def read_roads(path: Path, datum: Datum) -> gpd.GeoDataFrame:
    """Read `roads.geojson`; a pack may be without.

    Returns
    -------
    roads
        `ROAD_COLUMNS` with lines in WGS84; a rank that is not one of `RANKS` is `lesser`.

    Raises
    ------
    PackError
        The file is no collection of lines in longitude and latitude.
    """
    if not path.is_file():
        columns: dict[str, list[str]] = {name: [] for name in ROAD_COLUMNS}
        return gpd.GeoDataFrame(columns, geometry=[], crs="EPSG:4326")
    features = read_features(path)
    lines = shapely.from_geojson([json.dumps(f.get("geometry")) for f in features], "ignore")
    if not np.isin(shapely.get_type_id(lines), (1, 5)).all():  # LineString, MultiLineString
        raise PackError(
            f"{path} 中有的图形不是线；道路应为 LineString",
            f"{path}: a shape is not a line; roads are LineStrings",
        )
    lines = shapely.transform(
        shapely.force_2d(lines), lambda p: np.column_stack(to_wgs84(*p.T, datum=datum))
    )
    rows = [f["properties"] for f in features]
    ranks = [row.get("rank") if row.get("rank") in RANKS else "lesser" for row in rows]
    names = [as_text(row.get("name")) for row in rows]
    return gpd.GeoDataFrame({"name": names, "rank": ranks}, geometry=lines, crs="EPSG:4326")
