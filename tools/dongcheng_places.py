"""Put the authored places of the Dongcheng pack into their streets and communities."""

import hashlib
from collections import Counter
from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from dongcheng_areas import index_of
from dongcheng_names import METRES, join_aliases
from dongcheng_sources import SourceError, to_points

INSIDE_METRES = 20.0  # how far inside its street and community a place is pulled
NAMESAKE_METRES = 400.0  # how far off a place may lie and still be in the community of its name
NAMED_AFTER = ("hutong", "compound", "building")  # short enough to lie in one community
# How far off an authored point may be: half the length of a usual road, a yard's width.
UNCERTAINTY_M = {
    "road": 250,
    "door": 150,
    "hutong": 150,
    "compound": 100,
    "building": 60,
    "poi": 80,
    "intersection": 50,
}
# The others are their own level. A door is counted off along its road, which tells the side and
# the street, not the spot.
LEVEL = {"road": "road", "hutong": "road", "door": "road"}
LETTER = {
    "road": "R",
    "hutong": "H",
    "compound": "C",
    "building": "B",
    "door": "D",
    "poi": "P",
    "intersection": "X",
}
PLACE_COLUMNS = [
    "id", "name", "type", "aliases", "community", "street", "lng", "lat", "level",
    "uncertainty_m", "source",
]  # fmt: skip


def locate_places(
    places: pd.DataFrame, streets: gpd.GeoDataFrame, communities: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Turn authored places into rows of the pack, each inside its street and a community.

    A place says its street; its point is only approximate. Where the two disagree the street
    wins, and the point moves to the nearest spot `INSIDE_METRES` inside the community found.
    """
    home = dict(zip(streets["name"], streets.geometry.to_crs(METRES), strict=True))
    unknown = sorted(set(places["street"]) - set(home))
    if unknown:
        raise SourceError(f"places name streets that do not exist: {unknown}")
    strange = sorted(set(places["type"]) - set(LETTER))
    if strange:
        raise SourceError(f"places have types that do not exist: {strange}")
    given = to_points(places).geometry.to_crs(METRES)
    areas = communities.geometry.to_crs(METRES)
    where = index_of(pull_inside(given, [home[street] for street in places["street"]]), areas)
    where = prefer_namesakes(where, places, communities, given)
    pulled = pull_inside(given, areas.iloc[where])
    point = shapely.get_coordinates(pulled.to_crs("EPSG:4326").to_numpy())
    moved = (np.ceil(given.distance(pulled) / 10) * 10).astype(int)
    keys = zip(places["type"], places["name"], places["street"], strict=True)
    said = pd.to_numeric(places["uncertainty_m"]).fillna(places["type"].map(UNCERTAINTY_M))
    table = places.assign(
        id=[place_id(*key) for key in keys],
        aliases=[join_aliases(text.replace("；", ";").split(";")) for text in places["aliases"]],
        community=communities["name"].to_numpy()[where],
        lng=[f"{lng:.6f}" for lng in point[:, 0]],
        lat=[f"{lat:.6f}" for lat in point[:, 1]],
        level=places["type"].replace(LEVEL),
        uncertainty_m=np.maximum(said, moved).astype(int),
        source="authored",
    )
    twice = [key for key, n in Counter(table["id"]).items() if n > 1]
    if twice:
        raise SourceError(f"place ids collide: {twice}")
    return table[PLACE_COLUMNS].sort_values(["street", "type", "name"], ignore_index=True)


def prefer_namesakes(
    where: npt.NDArray[np.intp],
    places: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    points: gpd.GeoSeries,
) -> npt.NDArray[np.intp]:
    """Put 赵家楼胡同 into 赵家楼社区, since a name tells more than an approximate point.

    Only within the stated street, and not where the point is too far off to be a slip.
    """
    areas = communities.geometry.to_crs(METRES)
    stems = communities["name"].str.removesuffix("社区")
    words = list(enumerate(zip(stems, communities["street"], strict=True)))
    chosen = where.copy()
    for row, (kind, name, street) in enumerate(places[["type", "name", "street"]].to_numpy()):
        known = {
            stem: position
            for position, (stem, home) in words
            if home == street and name.startswith(stem) and not street.startswith(stem)
        }
        if kind in NAMED_AFTER and known:
            best = known[max(known, key=len)]
            if areas.iloc[best].distance(points.iloc[row]) < NAMESAKE_METRES:
                chosen[row] = best
    return chosen


def pull_inside(points: gpd.GeoSeries, homes: Iterable[shapely.Geometry]) -> gpd.GeoSeries:
    """Move each point that is not well inside its home to the nearest spot that is; in metres."""
    inner = shapely.buffer(np.array(list(homes)), -INSIDE_METRES)
    way = shapely.shortest_line(inner, points.to_numpy())
    return gpd.GeoSeries(shapely.get_point(way, 0), crs=points.crs)


def place_id(kind: str, name: str, street: str) -> str:
    """Make an id that stays the same wherever the row stands.

    >>> place_id("hutong", "菊儿胡同", "交道口街道")
    'DC-H-3341f4fe'
    """
    digest = hashlib.sha256(f"{kind}/{name}/{street}".encode()).hexdigest()
    return f"DC-{LETTER[kind]}-{digest[:8]}"
