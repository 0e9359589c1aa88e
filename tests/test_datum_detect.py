"""What addresses beside the coordinates say of their datum, of columns and of mixed rows."""

import dataclasses

import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_datum import AREA, metres, points_inside

from geo_hotspots.places.coordinates import datum_of_results, in_datum, restore_points, take_anchors
from geo_hotspots.places.datum import detect
from geo_hotspots.places.datum.detect import detect_datum
from geo_hotspots.places.datum.shift import from_wgs84, gcj02_to_wgs84, wgs84_to_gcj02

DATUMS = ["wgs84", "gcj02", "bd09"]


def column(datum, n, *, sigma=60.0, wrong=0.2, seed=1, off=(0.0, 0.0)):
    """Draw points that lie near their addresses, some of which are wrong, in a datum."""
    rng = np.random.default_rng(seed)
    at = np.column_stack(points_inside(AREA, n, seed=seed))
    error = (rng.normal(0, sigma, (n, 2)) + off) / 111_195
    lng, lat = from_wgs84(*(at + error).T, datum=datum)
    named = np.where(rng.random(n)[:, None] < wrong, rng.permutation(at), at)
    anchors = pd.DataFrame({"lng": named[:, 0], "lat": named[:, 1], "key": np.arange(n)})
    return pd.Series(lng), pd.Series(lat), anchors


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(DATUMS), st.integers(10, 120), st.integers(0, 10_000))
def test_addresses_never_tell_a_wrong_datum(datum, n, seed):
    lng, lat, anchors = column(datum, n, seed=seed)
    assert detect_datum(lng, lat, study_area=AREA, anchors=anchors).datum in (datum, None)


@pytest.mark.parametrize("datum", DATUMS)
@pytest.mark.parametrize("sigma", [30, 100, 300])
def test_a_hundred_addresses_tell_the_datum_though_a_fifth_are_wrong(datum, sigma):
    lng, lat, anchors = column(datum, 100, sigma=sigma)
    detection = detect_datum(lng, lat, study_area=AREA, anchors=anchors)
    assert detection.datum == datum
    assert min(detection.metres, key=detection.metres.get) == datum
    assert (detection.rows == datum).all()


def test_a_thousand_calls_from_nine_houses_are_nine_witnesses():
    lng, lat, anchors = column("gcj02", 9, wrong=0)
    many = [c.loc[np.repeat(np.arange(9), 100)].reset_index(drop=True) for c in (lng, lat, anchors)]
    detection = detect_datum(many[0], many[1], study_area=AREA, anchors=many[2])
    assert detection.metres == {}
    assert detection.datum is None


def test_a_datum_that_is_none_of_the_three_is_refused_by_its_offset():
    lng, lat, anchors = column("wgs84", 100, sigma=30, off=(80.0, 60.0))
    detection = detect_datum(lng, lat, study_area=AREA, anchors=anchors)
    assert detection.datum is None
    assert "Beijing 1954 or Xian 1980" in detection.reason.en


def test_addresses_against_the_boundary_decide_nothing():
    lng, lat, anchors = column("gcj02", 300, sigma=20, wrong=0)
    shifted = anchors.assign(lng=lng, lat=lat)  # addresses that claim WGS84
    detection = detect_datum(lng, lat, study_area=AREA, anchors=shifted)
    assert detection.datum is None
    assert "addresses say wgs84, the boundary gcj02" in detection.reason.en


def mixed(*, sources=("网站", "微信"), sigma=40.0):
    parts = [column(datum, 150, sigma=sigma, seed=i) for i, datum in enumerate(("wgs84", "gcj02"))]
    lng, lat, anchors = (pd.concat(p, ignore_index=True) for p in zip(*parts, strict=True))
    truth = pd.Series(np.repeat(["wgs84", "gcj02"], 150))
    return lng, lat, anchors.assign(key=np.arange(300)), truth, pd.Series(np.repeat(sources, 150))


def test_two_platforms_are_each_read_in_their_own_datum():
    lng, lat, anchors, truth, sources = mixed()
    detection = detect_datum(lng, lat, study_area=AREA, anchors=anchors, sources=sources)
    assert detection.datum is None
    assert detection.reason.en.startswith("the datums are mixed")
    assert (detection.rows == truth).all()


def test_two_platforms_are_told_by_the_boundary_alone():
    parts = [
        from_wgs84(*points_inside(AREA, 300, seed=i), datum=d) for i, d in enumerate(DATUMS[:2])
    ]
    lng, lat = (pd.Series(np.concatenate(c)) for c in zip(*parts, strict=True))
    sources = pd.Series(np.repeat(["a", "b"], 300))
    rows = detect_datum(lng, lat, study_area=AREA, sources=sources).rows
    assert list(rows.groupby(sources).unique().map(list)) == [["wgs84"], ["gcj02"]]


def test_rows_of_a_mixed_platform_are_told_by_their_own_address_or_left_open():
    lng, lat, anchors, truth, _ = mixed()
    anchors.loc[::10, ["lng", "lat"]] = np.nan
    rows = detect_datum(lng, lat, study_area=AREA, anchors=anchors).rows
    told = rows.notna()
    assert 0.6 < told.mean() < 0.9
    assert (rows[told] == truth[told]).mean() > 0.99
    assert rows[::10].isna().all()


def test_of_a_long_source_every_so_many_rows_tell_that_it_is_mixed(monkeypatch):
    lng, lat, anchors, _, _ = mixed()
    rows = detect_datum(lng, lat, study_area=AREA, anchors=anchors).rows
    monkeypatch.setattr(detect, "_ENOUGH_ROWS", 60)
    some = detect_datum(lng, lat, study_area=AREA, anchors=anchors).rows
    pd.testing.assert_series_equal(some, rows)
    assert some.notna().mean() > 0.6


def test_row_order_changes_no_rows_datum():
    lng, lat, anchors, _, sources = mixed()
    order = np.random.default_rng(1).permutation(300)
    there = detect_datum(lng, lat, study_area=AREA, anchors=anchors, sources=sources).rows
    back = detect_datum(
        lng[order], lat[order], study_area=AREA, anchors=anchors.loc[order], sources=sources[order]
    ).rows
    assert back.sort_index().equals(there)


def cases(lng, lat, **more):
    table = pd.DataFrame({"lng_given": lng, "lat_given": lat, "community_given": None} | more)
    return table.astype({"community_given": "str"})


def placed(anchors):
    return pd.DataFrame(
        {"lng": anchors["lng"], "lat": anchors["lat"], "place_key": anchors["key"].astype("str"),
         "status": "located", "level": "building", "uncertainty_m": 20.0, "score": 0.97}
    )  # fmt: skip


def around(n=80, seed=5):
    rng = np.random.default_rng(seed)
    lng, lat = rng.uniform(116.402, 116.418, n), rng.uniform(39.902, 39.918, n)
    return lng, lat, placed(pd.DataFrame({"lng": lng, "lat": lat, "key": np.arange(n)}))


def test_the_texts_of_the_cases_tell_the_datum_of_their_coordinates(city):
    lng, lat, by_text = around()
    given = wgs84_to_gcj02(lng, lat)
    points, detection = restore_points(
        cases(*given), city.communities, anchors=take_anchors(by_text)
    )
    assert detection.datum == "gcj02"
    assert detection.converted == {"gcj02": 80}
    assert metres(points["lng"], points["lat"], lng, lat).max() < 1e-6


def test_metres_are_used_where_addresses_vouch_for_their_projection(city):
    lng, lat, by_text = around()
    x, y = pyproj.Proj("EPSG:4548")(lng, lat)
    bare, refused = restore_points(cases(x, y), city.communities)
    assert refused.datum is None
    assert "Gauss-Kruger CM 117" in refused.reason.en
    assert bare["lng"].isna().all()
    points, detection = restore_points(cases(x, y), city.communities, anchors=take_anchors(by_text))
    assert detection.converted == {"grid": 80}
    assert metres(points["lng"], points["lat"], lng, lat).max() < 0.01


def test_mercator_metres_of_a_shifted_datum_are_undone_twice(city):
    lng, lat, by_text = around()
    x, y = pyproj.Proj("EPSG:3857")(*wgs84_to_gcj02(lng, lat))
    points, detection = restore_points(cases(x, y), city.communities, anchors=take_anchors(by_text))
    assert detection.datum == "gcj02"
    assert metres(points["lng"], points["lat"], lng, lat).max() < 0.01


def test_a_declaration_that_the_addresses_deny_is_followed_and_noted(city):
    lng, lat, by_text = around()
    given = wgs84_to_gcj02(lng, lat)
    points, detection = restore_points(
        cases(*given), city.communities, declared="wgs84", anchors=take_anchors(by_text)
    )
    assert points["lng"].to_numpy() == pytest.approx(given[0])
    assert "declared as wgs84, but as gcj02" in detection.notes[0].en


def test_a_gcj02_pack_may_keep_results_in_its_own_datum(city):
    pack = dataclasses.replace(city, datum="gcj02")
    assert datum_of_results(city, "pack") == "wgs84"
    assert datum_of_results(pack, "wgs84") == "wgs84"
    assert datum_of_results(pack, "pack") == "gcj02"
    moved = in_datum(city.communities, "gcj02")
    before, after = (f.geometry.get_coordinates().to_numpy() for f in (city.communities, moved))
    assert metres(*gcj02_to_wgs84(*after.T), *before.T).max() < 1e-6
