"""The area of a point is the one that geopandas.sjoin gives it, the first in order on a border."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots.places import tiling


def joined(lng, lat, areas):
    """Give the first area of each point as geopandas has it."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lng, lat), crs="EPSG:4326")
    shapes = gpd.GeoDataFrame(geometry=list(areas), crs="EPSG:4326")
    found = gpd.sjoin(points, shapes, how="left", predicate="intersects")
    first = found["index_right"].groupby(level=0).min()
    return first.fillna(-1).to_numpy().astype(int)


def tiles(random, n=60):
    """Cut a square about Beijing into areas without gaps, and lay a few others over them."""
    seeds = shapely.MultiPoint(np.c_[116.2 + 0.4 * random.random(n), 39.7 + 0.4 * random.random(n)])
    frame = shapely.box(116.2, 39.7, 116.6, 40.1)
    parts = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=frame))
    parts = list(shapely.intersection(parts, frame))
    hole = shapely.Point(116.4, 39.9).buffer(0.1) - shapely.Point(116.4, 39.9).buffer(0.05)
    return [
        *parts[3:],
        shapely.union_all(parts[:3]),
        hole,
        shapely.box(116.3, 39.8, 116.5, 40.0),
    ]


def on_borders(areas, random):
    """Give corners of areas, middles of their edges, and points a hair's breadth beside these."""
    xy = shapely.get_coordinates(areas)
    between = (xy[1:] + xy[:-1]) / 2
    xy = np.concatenate([xy, between, xy + 1e-13 * random.normal(size=xy.shape)])
    return xy.T


@pytest.mark.parametrize("squares", [1, 100, 1 << 16])
@given(seed=st.integers(0, 2**32))
@settings(max_examples=8, deadline=None)
def test_every_point_is_in_the_area_that_geopandas_finds(squares, seed):
    random = np.random.default_rng(seed)
    areas = tiles(random)
    edge = on_borders(areas, random)
    lng = np.r_[116.1 + 0.6 * random.random(3000), edge[0]]
    lat = np.r_[39.6 + 0.6 * random.random(3000), edge[1]]
    shapes = np.array(areas, dtype=object)
    found = tiling.look_up(lng, lat, shapes, squares=squares)
    assert np.array_equal(found, joined(lng, lat, areas))


def test_round_coordinates_and_straight_borders_are_no_exception():
    rows = [
        shapely.box(x, y, x + 0.25, y + 0.25) for y in (39.5, 39.75) for x in (116.0, 116.25, 116.5)
    ]
    x, y = np.meshgrid(np.arange(115.875, 117, 0.0625), np.arange(39.375, 40.2, 0.0625))
    found = tiling.look_up(x.ravel(), y.ravel(), np.array(rows, dtype=object), squares=1 << 10)
    assert np.array_equal(found, joined(x.ravel(), y.ravel(), rows))


def test_many_points_are_looked_up_and_few_are_asked(monkeypatch):
    areas = tiles(np.random.default_rng(5))
    random = np.random.default_rng(6)
    lng, lat = 116.2 + 0.4 * random.random(30_000), 39.7 + 0.4 * random.random(30_000)
    asked = []
    ask = tiling._ask
    monkeypatch.setattr(tiling, "_ask", lambda *a: asked.append(len(a[0])) or ask(*a))
    many = tiling.first_area(lng, lat, areas)
    assert 0 < sum(asked) < 1000
    assert np.array_equal(tiling.first_area(lng[:500], lat[:500], areas), many[:500])
    assert asked[-1] == 500


def test_shapes_that_cross_themselves_are_left_to_the_index():
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    random = np.random.default_rng(7)
    lng, lat = 2 * random.random((2, tiling._FEW + 1))
    found = tiling.first_area(lng, lat, [bow])
    assert np.array_equal(found, tiling._ask(lng, lat, shapely.STRtree([bow])))
