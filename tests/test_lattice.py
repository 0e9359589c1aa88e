"""Columns of points are indexed as H3 indexes them, to the last bit."""

import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots import lattice
from geo_hotspots.grid import cell_names, index_points, neighbourhood
from geo_hotspots.icosahedron import faces, unit_vectors

N = 2_000
EDGE = (38.0, 115.0)  # latitude and longitude where two faces of the icosahedron meet


def points(where, random):
    """Give points of some kind, longitude and latitude."""
    if where == "Beijing":
        return 115.4 + 2.1 * random.random(N), 39.4 + 1.6 * random.random(N)
    if where == "China":
        return 73 + 62 * random.random(N), 18 + 36 * random.random(N)
    if where == "date line":
        return random.choice([180.0, -180.0], N) + random.normal(size=N), random.uniform(-90, 90, N)
    spread = 10 ** random.uniform(-7, 0, (N, 1))
    corners = np.array([h3.cell_to_latlng(cell) for cell in h3.get_pentagons(0)])
    lat, lng = corners[random.integers(0, 12, N)].T
    middle = {
        "world": random.normal(size=(N, 3)),
        "pentagons": unit_vectors(lat, lng).T,
        "middles of faces": faces()[random.integers(0, 20, N)],
        "edges of faces": faces()[random.integers(0, 20, N)] + faces()[random.integers(0, 20, N)],
    }[where]
    x, y, z = (middle + spread * random.normal(size=(N, 3))).T
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))


@pytest.mark.parametrize("resolution", [0, 1, 2, 5, 8, 9, 10, 11, 15])
@pytest.mark.parametrize(
    "where",
    ["Beijing", "China", "world", "pentagons", "middles of faces", "edges of faces", "date line"],
)
@pytest.mark.parametrize("levels", [4, 6])  # small and large tables
def test_every_point_has_the_cell_that_h3_gives_it(where, resolution, levels):
    lng, lat = points(where, np.random.default_rng(resolution))
    found = lattice.index(lng, lat, resolution=resolution, levels=levels)
    assert np.array_equal(found, lattice.ask(lng, lat, resolution=resolution))


def test_most_points_of_a_city_never_reach_h3(monkeypatch):
    lng, lat = points("Beijing", np.random.default_rng(1))
    asked = []
    ask = lattice.ask
    monkeypatch.setattr(lattice, "ask", lambda x, y, **k: asked.append(len(x)) or ask(x, y, **k))
    lattice.index(lng, lat, resolution=10, levels=6)
    assert 0 < sum(asked) < N / 20


@given(st.integers(1, 15), st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_a_point_on_the_edge_of_its_cell_is_where_h3_has_it(resolution, seed):
    random = np.random.default_rng(seed)
    lng, lat = 100 + 30 * random.random(60), 20 + 30 * random.random(60)
    cells = lattice.ask(lng, lat, resolution=resolution)
    corners = [np.array(h3.cell_to_boundary(cell)) for cell in cells.tolist()]
    lat, lng = np.concatenate([(1 - t) * c + t * np.roll(c, 1, axis=0)
                               for t in (0, 0.5) for c in corners]).T  # fmt: skip
    found = lattice.index(lng, lat, resolution=resolution)
    assert np.array_equal(found, lattice.ask(lng, lat, resolution=resolution))


def test_a_point_without_coordinates_has_no_cell():
    lng = np.r_[np.nan, np.full(500, 116.4), 116.4, np.inf]
    lat = np.r_[39.9, np.full(500, 39.9), np.nan, 39.9]
    cells = index_points(lng, lat, resolution=10)
    assert cells[[0, -2, -1]].tolist() == [0, 0, 0]
    assert set(cells[1:501].tolist()) == {h3.latlng_to_cell(39.9, 116.4, 10)}
    assert cell_names(cells[:2]) == [None, h3.int_to_str(int(cells[1]))]


@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize(
    ("where", "resolution", "is_on_plane"),
    [
        ("a city", 9, True),
        ("a city", 10, True),
        ("a pentagon", 9, False),
        ("an edge of a face", 8, False),
    ],
)
def test_neighbours_are_those_of_h3(where, resolution, is_on_plane, k):
    lat, lng = {
        "a city": (39.9, 116.4),
        "a pentagon": h3.cell_to_latlng(h3.get_pentagons(9)[1]),
        "an edge of a face": EDGE,
    }[where]
    disk = h3.grid_disk(h3.latlng_to_cell(lat, lng, resolution), 12)
    cells = pd.Index(np.random.default_rng(0).permutation(disk)[:300].astype(np.uint64))
    assert (lattice.pairs(cells.to_numpy()) is not None) == is_on_plane
    matrix = neighbourhood(cells, k=k)
    for row, cell in enumerate(cells):
        expected = set(h3.grid_disk(int(cell), k)) & set(cells)
        assert set(cells[matrix[[row]].indices]) == expected


def test_neighbours_of_cells_strewn_over_a_country_are_found_too():
    lng, lat = points("China", np.random.default_rng(0))
    cells = pd.Index(np.unique(lattice.index(lng, lat, resolution=12)))
    assert (neighbourhood(cells, k=1).diagonal() == 1).all()


def test_no_cells_have_no_neighbours():
    assert neighbourhood(pd.Index([], dtype="uint64")).shape == (0, 0)
