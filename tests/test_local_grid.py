import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots.errors import ConfigError, InputError, PackError
from geo_hotspots.places.datum.shift import from_wgs84
from geo_hotspots.places.local_grid import declared_grid, fit_similarity, recognise_grid

PLANE = pyproj.Proj("+proj=tmerc +lon_0=116.41 +lat_0=39.91 +ellps=GRS80 +units=m")
RNG = np.random.default_rng(3)


def metres_apart(one, other):
    east = (np.asarray(one[0]) - other[0]) * 111_195 * np.cos(np.radians(39.9))
    return np.hypot(east, (np.asarray(one[1]) - other[1]) * 111_195)


def control_points(n=6, *, turn=0.01, scale=1.00003, noise=0.0, north_first=False, seed=1):
    """Draw points known in degrees and in a grid of which nobody knows the parameters."""
    rng = np.random.default_rng(seed)
    lng, lat = rng.uniform(116.37, 116.45, n), rng.uniform(39.87, 39.95, n)
    east, north = PLANE(lng, lat)
    z = (np.asarray(east) + 1j * np.asarray(north)) / (scale * np.exp(1j * turn))
    z += 504_000 + 306_000j + noise * (rng.normal(size=n) + 1j * rng.normal(size=n))
    x, y = (z.imag, z.real) if north_first else (z.real, z.imag)
    names = [f"K{i}" for i in range(n)]
    return pd.DataFrame({"name": names, "x": x, "y": y, "lng": lng, "lat": lat})


@settings(deadline=None)
@given(st.floats(-3, 3), st.floats(0.5, 2), st.booleans(), st.integers(0, 1000))
def test_an_exact_similarity_is_found_to_the_millimetre_in_either_order(turn, scale, first, seed):
    points = control_points(turn=turn, scale=scale, north_first=first, seed=seed)
    fit = fit_similarity(points, PLANE)
    assert fit.is_north_first == first
    assert fit.rms_m < 1e-3
    assert abs(fit.turn) == pytest.approx(scale, rel=1e-6)


def test_leave_one_out_is_what_a_refit_without_the_point_gives():
    points = control_points(7, noise=0.4)
    target = PLANE(points["lng"].to_numpy(), points["lat"].to_numpy())
    errors = []
    for i in range(7):
        at = fit_similarity(points.drop(index=i), PLANE).apply(*points.loc[i, ["x", "y"]])
        errors.append(abs(at - (target[0][i] + 1j * target[1][i])))
    expected = np.sqrt(np.mean(np.square(errors)))
    assert fit_similarity(points, PLANE).left_out_m == pytest.approx(expected, rel=1e-9)


@pytest.fixture
def csv(tmp_path):
    def write(points):
        path = tmp_path / "control.csv"
        points.to_csv(path, index=False)
        return str(path)

    return write


def test_control_points_take_new_points_to_degrees(csv):
    every = control_points(12)
    grid = declared_grid("", csv(every[:6]), limit_m=2.0)
    rest = every[6:]
    found = grid.to_degrees(rest["x"].to_numpy(), rest["y"].to_numpy())
    assert metres_apart(found, (rest["lng"], rest["lat"])).max() < 0.01
    assert "6 control points" in grid.said.en


def test_control_points_that_fit_badly_are_refused_with_the_worst_named(csv):
    points = control_points(8, noise=0.05)
    points.loc[3, "x"] += 30
    with pytest.raises(InputError, match=r"leave-one-out .* above 2 m; K3 is the worst"):
        declared_grid("", csv(points), limit_m=2.0)


def test_three_control_points_are_too_few(csv):
    with pytest.raises(InputError, match="holds 3 control points; at least 4"):
        declared_grid("", csv(control_points(3)), limit_m=2.0)


def test_control_points_without_a_column_name_it(csv):
    with pytest.raises(InputError, match="no column 'lat'"):
        declared_grid("", csv(control_points().drop(columns="lat")), limit_m=2.0)


def test_a_declared_crs_is_used_and_nothing_declared_is_nothing():
    grid = declared_grid("EPSG:4548", "", limit_m=2.0)
    x, y = pyproj.Proj("EPSG:4548")(116.41, 39.91)
    assert grid.to_degrees(np.array([x]), np.array([y])) == (
        pytest.approx([116.41], abs=1e-9), pytest.approx([39.91], abs=1e-9),
    )  # fmt: skip
    assert declared_grid("", "", limit_m=2.0) is None


@pytest.mark.parametrize(
    "crs",
    [
        "EPSG:2436",
        "EPSG:2350",
        "+proj=tmerc +lon_0=116.35 +lat_0=39.87 +x_0=5e5 +y_0=3e5 +ellps=krass",
    ],
)
def test_old_datums_without_parameters_are_refused(crs):
    with pytest.raises(PackError, match=r"datum.crs: .* has no published way to WGS84"):
        declared_grid(crs, "", limit_m=2.0)


def test_an_old_datum_with_the_users_own_parameters_is_taken():
    own = "+proj=tmerc +lon_0=117 +x_0=500000 +ellps=krass +towgs84=15.8,-154.4,-82.3,0,0,0,0"
    grid = declared_grid(own, "", limit_m=2.0)
    lng, lat = grid.to_degrees(np.array([450_000.0]), np.array([4_419_000.0]))
    plain = pyproj.Proj("+proj=tmerc +lon_0=117 +x_0=500000 +ellps=krass")
    off = metres_apart((lng, lat), plain(450_000.0, 4_419_000.0, inverse=True))
    assert 50 < off[0] < 200


def test_a_crs_and_control_points_together_are_refused(csv):
    with pytest.raises(ConfigError, match="not both"):
        declared_grid("EPSG:4548", csv(control_points()), limit_m=2.0)


@pytest.mark.parametrize("code", [4548, 4527, 32650, 3857])
@pytest.mark.parametrize("north_first", [False, True])
def test_metres_of_a_published_projection_are_known_by_their_addresses(code, north_first):
    lng, lat = RNG.uniform(116.37, 116.45, 40), RNG.uniform(39.87, 39.95, 40)
    x, y = pyproj.Proj(f"EPSG:{code}")(lng, lat)
    x, y = (np.asarray(c) + RNG.normal(0, 40, 40) for c in (x, y))
    anchors = np.column_stack([lng, lat])
    grid = recognise_grid(*((y, x) if north_first else (x, y)), anchors)
    assert f"EPSG:{code}" in grid.said.en
    found = grid.to_degrees(*((y, x) if north_first else (x, y)))
    assert np.median(metres_apart(found, (lng, lat))) < 80


def test_metres_of_mercator_over_a_shifted_datum_stay_open():
    lng, lat = RNG.uniform(116.37, 116.45, 40), RNG.uniform(39.87, 39.95, 40)
    x, y = pyproj.Proj("EPSG:3857")(*from_wgs84(lng, lat, datum="gcj02"))
    assert recognise_grid(np.asarray(x), np.asarray(y), np.column_stack([lng, lat])).datum is None


def test_metres_with_an_offset_are_not_taken_for_cgcs2000():
    lng, lat = RNG.uniform(116.37, 116.45, 60), RNG.uniform(39.87, 39.95, 60)
    x, y = pyproj.Proj("EPSG:4548")(lng, lat)
    x, y = np.asarray(x) + 90 + RNG.normal(0, 20, 60), np.asarray(y) - 60 + RNG.normal(0, 20, 60)
    assert recognise_grid(x, y, np.column_stack([lng, lat])) is None
