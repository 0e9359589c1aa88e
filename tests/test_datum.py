import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots.errors import InputError
from geo_hotspots.places.datum.detect import detect_datum
from geo_hotspots.places.datum.plausible import COORDINATE_FAULTS, bounds_about, usable_coordinates
from geo_hotspots.places.datum.shift import (
    CHINA,
    bd09_to_gcj02,
    from_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    to_wgs84,
    wgs84_to_gcj02,
)

# A district of about 9 by 9 km in Beijing, with a corner cut off so that it is no mere box.
AREA = shapely.Polygon(
    [(116.37, 39.86), (116.47, 39.86), (116.47, 39.94), (116.39, 39.94), (116.37, 39.92)]
)
MANHATTAN = shapely.box(-74.02, 40.70, -73.93, 40.88)

in_china = st.tuples(st.floats(74.0, 135.0), st.floats(4.0, 53.0))
in_beijing = st.tuples(st.floats(115.4, 117.6), st.floats(39.4, 41.1))


def metres(x, y, other_x, other_y):
    east = (np.asarray(x) - other_x) * 111_320 * np.cos(np.radians(y))
    return np.hypot(east, (np.asarray(y) - other_y) * 110_574)


def points_inside(area, n, *, seed=1):
    rng = np.random.default_rng(seed)
    west, south, east, north = area.bounds
    x, y = rng.uniform(west, east, 9 * n), rng.uniform(south, north, 9 * n)
    inside = shapely.contains_xy(area, x, y)
    return x[inside][:n], y[inside][:n]


def detect(x, y, area=AREA, **more):
    return detect_datum(
        pd.Series(x, dtype=float), pd.Series(y, dtype=float), study_area=area, **more
    )


@given(in_china)
def test_gcj02_and_back_is_within_a_micrometre(point):
    assert metres(*gcj02_to_wgs84(*wgs84_to_gcj02(*point)), *point) <= 1e-6


@given(in_china)
def test_bd09_and_back_is_within_a_micrometre(point):
    assert metres(*bd09_to_gcj02(*gcj02_to_bd09(*point)), *point) <= 1e-6


@given(in_china, st.sampled_from(["wgs84", "cgcs2000", "gcj02", "bd09"]))
def test_every_datum_is_undone_by_its_inverse(point, datum):
    assert metres(*to_wgs84(*from_wgs84(*point, datum=datum), datum=datum), *point) <= 1e-6


@given(in_beijing)
def test_the_shift_in_beijing_is_550_metres_to_the_north_east(point):
    x, y = wgs84_to_gcj02(*point)
    assert x > point[0]
    assert y > point[1]
    assert 480 < metres(x, y, *point) < 640


def test_the_median_shift_of_beijing_is_551_and_1357_metres_in_its_middle():
    x, y = np.meshgrid(np.linspace(116.2, 116.6, 50), np.linspace(39.8, 40.05, 50))
    gcj02, bd09 = (from_wgs84(x, y, datum=d) for d in ("gcj02", "bd09"))
    assert np.median(metres(*gcj02, x, y)) == pytest.approx(551, abs=25)
    assert np.median(metres(*bd09, x, y)) == pytest.approx(1357, abs=25)


def test_known_points_come_out_as_the_open_formula_gives_them():
    # Tiananmen, by the formula as published and by independent implementations of it.
    gcj02 = wgs84_to_gcj02(116.404, 39.915)
    assert gcj02 == pytest.approx((116.41024449916938, 39.91640428150164), abs=2e-7)
    bd09 = gcj02_to_bd09(116.404, 39.915)
    assert bd09 == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-9)


# WGS84 and what AMap's own service made of it: four points around Beijing out of the control
# points in the package pygcj 0.0.2 (Jiang Yunpeng, Apache-2.0).
AMAP_SERVICE = [
    (116.004, 39.8293, 116.010132107, 39.8305167643),
    (116.004, 40.8293, 116.010267741, 40.8308536784),
    (117.004, 39.8293, 117.010236816, 39.8305400933),
    (117.004, 40.8293, 117.010371365, 40.8308748372),
]


@pytest.mark.parametrize(("lng", "lat", "amap_lng", "amap_lat"), AMAP_SERVICE)
def test_the_open_formula_is_within_eighty_centimetres_of_amaps_service(
    lng, lat, amap_lng, amap_lat
):
    assert metres(*wgs84_to_gcj02(lng, lat), amap_lng, amap_lat) <= 0.8
    assert metres(*gcj02_to_wgs84(amap_lng, amap_lat), lng, lat) <= 0.8


def test_the_formula_is_the_published_one_sine_by_sine():
    x, y = np.meshgrid(np.linspace(74, 134, 61), np.linspace(4, 52, 49))
    a, b, pi = x - 105, y - 35, np.pi
    waves = 20 * np.sin(6 * a * pi) + 20 * np.sin(2 * a * pi)
    north = -100 + 2 * a + 3 * b + 0.2 * b * b + 0.1 * a * b + 0.2 * np.sqrt(np.abs(a))
    north += (waves + 20 * np.sin(b * pi) + 40 * np.sin(b / 3 * pi)) * 2 / 3
    north += (160 * np.sin(b / 12 * pi) + 320 * np.sin(b * pi / 30)) * 2 / 3
    east = 300 + a + 2 * b + 0.1 * a * a + 0.1 * a * b + 0.1 * np.sqrt(np.abs(a))
    east += (waves + 20 * np.sin(a * pi) + 40 * np.sin(a / 3 * pi)) * 2 / 3
    east += (150 * np.sin(a / 12 * pi) + 300 * np.sin(a / 30 * pi)) * 2 / 3
    magic = 1 - 0.00669342162296594323 * np.sin(np.radians(y)) ** 2
    meridian = 6378245.0 * (1 - 0.00669342162296594323) / magic**1.5
    parallel = 6378245.0 / np.sqrt(magic) * np.cos(np.radians(y))
    expected = x + np.degrees(east / parallel), y + np.degrees(north / meridian)
    assert metres(*wgs84_to_gcj02(x, y), *expected).max() <= 1e-7


def test_more_points_than_a_block_come_out_as_each_alone():
    x, y = np.linspace(115.4, 117.6, 20_001), np.linspace(39.4, 41.1, 20_001)
    whole = to_wgs84(x, y, datum="bd09")
    for i in (0, 8191, 8192, 20_000):
        assert to_wgs84(x[i], y[i], datum="bd09") == (whole[0][i], whole[1][i])


def test_missing_coordinates_stay_missing_and_shape_is_kept():
    x, y = to_wgs84([116.4, np.nan], [39.9, np.nan], datum="bd09")
    assert np.isfinite(x[0])
    assert np.isnan(x[1])
    assert np.isnan(y[1])
    assert x.shape == (2,)


@pytest.mark.parametrize("convert", [wgs84_to_gcj02, gcj02_to_wgs84, gcj02_to_bd09, bd09_to_gcj02])
def test_points_outside_china_are_refused(convert):
    with pytest.raises(InputError, match=r"-73\.980000, 40\.750000 lies outside China"):
        convert([116.4, -73.98], [39.9, 40.75])


def test_the_box_of_china_holds_its_ends():
    west, south, east, north = CHINA
    for lng, lat in ((73.5, 39.5), (135.0, 48.4), (109.5, 18.2), (121.0, 53.5)):
        assert west < lng < east
        assert south < lat < north


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
@pytest.mark.parametrize("n", [100, 1000])
def test_a_hundred_points_inside_the_area_tell_their_datum(datum, n):
    detection = detect(*from_wgs84(*points_inside(AREA, n), datum=datum))
    assert detection.datum == datum
    assert detection.share_inside[datum] > 0.95
    assert detection.margin > 0.03


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["wgs84", "gcj02", "bd09"]), st.integers(1, 200), st.integers(0, 10_000))
def test_points_inside_the_area_are_never_given_a_wrong_datum(datum, n, seed):
    detection = detect(*from_wgs84(*points_inside(AREA, n, seed=seed), datum=datum))
    assert detection.datum in (datum, None)


def test_fewer_than_twenty_places_tell_nothing():
    detection = detect(*points_inside(AREA, 15))
    assert detection.datum is None
    assert "fewer than 20" in detection.reason.en


def test_a_thousand_calls_from_ten_houses_are_ten_witnesses():
    x, y = points_inside(AREA, 10)
    detection = detect(np.repeat(x, 100), np.repeat(y, 100))
    assert detection.datum is None
    assert detection.n_usable <= 10


def test_points_in_the_middle_fit_every_datum_and_are_refused():
    x, y = points_inside(shapely.box(116.41, 39.89, 116.43, 39.91), 300)
    detection = detect(x, y)
    assert detection.datum is None
    assert "does not lead clearly" in detection.reason.en


def test_points_of_another_district_are_refused():
    x, y = points_inside(shapely.box(116.49, 39.86, 116.50, 39.94), 300)
    assert detect(x, y).datum is None


def test_the_community_that_was_named_tells_the_datum_even_in_the_middle():
    cells = [shapely.box(116.41 + i / 200, 39.89, 116.415 + i / 200, 39.91) for i in range(4)]
    x, y = points_inside(shapely.box(116.41, 39.89, 116.43, 39.91), 300)
    named = pd.Series([cells[int((lng - 116.41) * 200)] for lng in x])
    shifted = from_wgs84(x, y, datum="gcj02")
    assert detect(*shifted).datum is None
    assert detect(*shifted, communities_given=named).datum == "gcj02"


def test_abroad_wgs84_is_the_only_candidate():
    x, y = points_inside(MANHATTAN, 5)
    assert detect(x, y, MANHATTAN).datum == "wgs84"
    assert detect(x + 1, y, MANHATTAN).datum is None


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (500_000.0, 4_418_000.0, "Gauss-Kruger CM 117"),
        (4_418_000.0, 500_000.0, "Gauss-Kruger CM 117"),
        (39_500_000.0, 4_418_000.0, "Gauss-Kruger zone 39"),
        (504_000.0, 306_000.0, "Beijing local grid"),
        (12_960_000.0, 4_850_000.0, "Mercator"),
        (77_000.0, 88_000.0, "unknown projection"),
    ],
)
def test_projected_metres_are_refused_by_the_name_of_their_grid(x, y, said):
    steps = np.arange(50.0)
    detection = detect(x + steps, y + steps)
    assert detection.datum is None
    assert said in detection.reason.en
    assert (detection.flags == "projected").all()


def test_exchanged_columns_are_flagged_and_read_the_other_way_round():
    x, y = from_wgs84(*points_inside(AREA, 100), datum="gcj02")
    detection = detect(y, x)
    assert (detection.flags == "swapped").all()
    assert detection.datum == "gcj02"
    assert (detection.rows == "gcj02").all()


def test_exchanged_columns_are_seen_where_both_ranges_fit():
    x, y = points_inside(MANHATTAN, 50)
    assert (usable_coordinates(pd.Series(y), pd.Series(x), study_area=MANHATTAN) == "swapped").all()


def test_the_box_about_an_area_holds_whatever_a_datum_may_move_out_of_it():
    west, south, east, north = MANHATTAN.bounds
    box = bounds_about(MANHATTAN)
    assert box == pytest.approx([west - 0.03, south - 0.03, east + 0.03, north + 0.03])


def test_each_unusable_row_has_its_reason_and_the_index_is_kept():
    lng = pd.Series([116.4, np.nan, 0.0, 39.9, 500_000.0, 200.0, 116.5], index=list("abcdefg"))
    lat = pd.Series([39.9, 39.9, 0.0, 116.4, 4_418_000.0, 39.9, 39.8], index=list("abcdefg"))
    reason = usable_coordinates(lng, lat)
    assert reason.astype("str").fillna("").to_dict() == {
        "a": "", "b": "missing", "c": "null_island", "d": "swapped", "e": "projected",
        "f": "out_of_range", "g": "",
    }  # fmt: skip
    assert set(reason.dropna()) <= set(COORDINATE_FAULTS)


def test_one_point_shared_by_a_fifth_of_the_rows_is_a_default():
    x, y = points_inside(AREA, 75)
    lng = pd.Series(np.r_[x, np.full(25, 116.4)])
    lat = pd.Series(np.r_[y, np.full(25, 39.9)])
    assert usable_coordinates(lng, lat).eq("repeated").sum() == 25
    few = usable_coordinates(lng[55:], lat[55:])  # 20 rows: that many may be one block of flats
    assert few.eq("repeated").sum() == 25
    assert usable_coordinates(lng[:95], lat[:95]).isna().all()


@given(st.data())
def test_a_default_point_is_told_as_by_counting_every_point(data):
    few = st.sampled_from([116.4, 116.41, 116.42, np.nan])  # some share their x alone
    n = data.draw(st.integers(0, 160))
    at = pd.DataFrame({"x": data.draw(st.lists(few, min_size=n, max_size=n))})
    at["y"] = data.draw(st.lists(st.sampled_from([39.9, 39.91]), min_size=n, max_size=n))
    alike = at.groupby(["x", "y"])["x"].transform("size")
    told = usable_coordinates(at["x"], at["y"]).eq("repeated")
    assert told.equals(alike > max(20, 0.2 * at["x"].count()))


def test_no_rows_at_all_tell_nothing():
    assert detect([], []).datum is None
    assert "no row" in detect([np.nan], [np.nan]).reason.en


def test_row_order_changes_nothing():
    x, y = from_wgs84(*points_inside(AREA, 200), datum="bd09")
    there, back = detect(x, y), detect(x[::-1], y[::-1])
    assert there.datum == back.datum
    assert there.share_inside == back.share_inside


def test_a_frame_of_points_from_geopandas_may_be_given():
    x, y = points_inside(AREA, 100)
    points = gpd.GeoSeries.from_xy(x, y)
    assert detect_datum(points.x, points.y, study_area=AREA).datum == "wgs84"
