"""The pyramid: every case is counted once at every level, and cells lie where H3 says they lie."""

import base64
import json
import zlib
from datetime import date

import h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots.deliver.map.map import SCRIPTS
from geo_hotspots.deliver.map.pyramid import (
    BOTTOM,
    MAX_CATEGORIES,
    TOP,
    count_pyramid,
    varints,
)
from geo_hotspots.deliver.offline import deflate, read_asset, render_page, to_json

AS_OF = date(2019, 6, 30)
PLACES = {"dongcheng": (116.41, 39.92), "new_york": (-73.95, 40.72), "guangzhou": (113.3, 23.1)}


def cases(n=600, *, at=PLACES["dongcheng"], spread=0.02, seed=1, categories="甲乙丙"):
    random = np.random.default_rng(seed)
    days = random.integers(0, 380, n)  # some of them older than the year that is shown
    return pd.DataFrame(
        {
            "lng": at[0] + random.normal(0, spread, n).round(3),
            "lat": at[1] + random.normal(0, spread, n).round(3),
            "reported_at": pd.Timestamp(AS_OF) - pd.to_timedelta(days, unit="D"),
            "category_1": random.choice(list(categories), n),
            "cell": "known",
        }
    )


def layer_of(frame, *, min_cases=3):
    return count_pyramid(frame, as_of=AS_OF, min_cases=min_cases)


def numbers(data, n_bytes):
    stream = zlib.decompress(base64.b64decode(data), -15)
    assert len(stream) == n_bytes
    value, shift, out = 0, 0, []
    for byte in stream:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            out.append(value)
            value = shift = 0
    return np.array(out)


def shown(frame):
    """The cases that the year holds."""
    first = pd.Timestamp(AS_OF) - pd.Timedelta(days=363)
    return frame[frame["reported_at"] >= first]


def cells_of(frame, level):
    """The finest cell's ancestor; H3's own cell there may be its neighbour, at the edge."""
    fine = [
        h3.latlng_to_cell(lat, lng, BOTTOM)
        for lat, lng in zip(frame["lat"], frame["lng"], strict=True)
    ]
    return [h3.cell_to_parent(cell, level) for cell in fine]


@given(st.lists(st.integers(0, 2**53), max_size=50))
def test_numbers_come_back_from_their_bytes(values):
    stream = varints(values)
    assert numbers(deflate(stream), len(stream)).tolist() == values


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 120), st.integers(1, 6), st.integers(0, 10**6))
def test_every_case_is_shown_at_the_finest_level_or_declared_hidden(n, least, seed):
    frame = cases(n, seed=seed, spread=0.004)
    layer = layer_of(frame, min_cases=least)
    sizes, values = layer["sizes"], numbers(layer["data"], layer["n_bytes"])
    n_categories = max(len(layer["categories"]), 1)
    start = sum(sizes[:-1])
    fine = values[start : start + sizes[-1] * n_categories]
    rest = values[start + len(fine) :][: sizes[-2] * n_categories]
    assert layer["n"] == len(shown(frame))
    assert fine.sum() + rest.sum() == layer["n"]
    assert rest.sum() == layer["hidden"]
    assert (fine.reshape(n_categories, -1).sum(axis=0) >= least).all()
    weekly = numbers(layer["week_data"], layer["week_bytes"])[layer["n_weekly"] :]
    assert sum(weekly) == layer["n"] == np.sum(layer["week_totals"])


def test_a_cell_of_the_finest_level_with_too_few_cases_is_not_in_the_file():
    frame = cases(300, spread=0.01)
    counts = pd.Series(cells_of(shown(frame), BOTTOM)).value_counts()
    assert 0 < (counts >= 3).sum() < len(counts)
    assert layer_of(frame)["sizes"][-1] == (counts >= 3).sum()


def test_the_rare_categories_share_the_last_place():
    frame = cases(900, categories="甲甲甲乙乙丙丁戊己庚辛壬癸")
    layer = layer_of(frame)
    assert len(layer["categories"]) == MAX_CATEGORIES
    assert layer["categories"][0] == "甲"
    assert layer["categories"][-1] == ""
    of_the_first = (shown(frame)["category_1"] == "甲").sum()
    assert sum(layer["week_totals"][0]) == of_the_first


def test_a_city_of_a_million_takes_weeks_at_a_coarser_level(monkeypatch):
    frame = cases(400)
    assert layer_of(frame)["week_level"] == 9
    monkeypatch.setattr("geo_hotspots.deliver.map.pyramid.MAX_WEEKLY", 10)
    assert layer_of(frame)["week_level"] == 8


def test_equal_cases_in_any_order_give_equal_layers():
    frame = cases(300)
    assert layer_of(frame) == layer_of(frame.sample(frac=1, random_state=1))


def test_cases_that_are_counted_some_at_a_time_give_the_same_layer(monkeypatch):
    frame = cases(300, categories="甲乙丙丁戊己庚辛壬癸")
    whole = layer_of(frame)
    monkeypatch.setattr("geo_hotspots.deliver.map.pyramid._CASES_AT_ONCE", 70)
    assert layer_of(frame) == whole


def test_cases_without_a_point_of_their_own_are_left_out():
    frame, areas = cases(100), cases(100, seed=2).assign(cell=None)
    assert layer_of(pd.concat([frame, areas], ignore_index=True)) == layer_of(frame)


def test_no_case_is_a_layer_of_nothing():
    layer = layer_of(cases(5).iloc[:0])
    assert (layer["n"], layer["roots"], layer["weeks"]) == (0, [], 0)


# --- In the browser ---------------------------------------------------------------------------


def script_page(open_page, path, **data):
    """A page with the map's scripts and nothing to look at."""
    html = render_page(
        "page.html.j2", title="t", lang="zh", css=["leaflet/leaflet.css"],
        js=["leaflet/leaflet.js", *SCRIPTS[:5]],
    )  # fmt: skip
    tag = f'<script type="application/json" id="data">{to_json(data)}</script>'
    path.write_text(html.replace("<body>", f"<body>{tag}"), encoding="utf-8")
    return open_page(path).page


READ = """() => {
  var d = JSON.parse(document.getElementById('data').textContent);
  var p = new GeoHotspots.Pyramid(d.layer), out = {}, all = d.layer.weeks;
  for (var r = d.layer.top; r <= d.layer.bottom; r++) {
    out[r] = { names: [], corners: [], n: [], second: [], recent: [] };
    for (var i = 0; i < p.levels[r].n; i++) {
      out[r].names.push(p.name(r, i));
      out[r].corners.push(Array.from(p.corners(r, i, new Float64Array(12))));
    }
    out[r].n = Array.from(p.counts(r, -1, null));
    out[r].second = Array.from(p.counts(r, 1, null));
    if (r <= d.layer.week_level) { out[r].recent = Array.from(p.counts(r, 1, [all - 4, all])); }
  }
  return out;
}"""


def metres_apart(corners, cell):
    """How far each of the page's corners is from the nearest of H3's."""
    square = np.reshape(corners, (6, 2))
    lng, lat = (
        (square[:, 0] - 0.5) * 360,
        np.degrees(np.arctan(np.sinh((0.5 - square[:, 1]) * 2 * np.pi))),
    )
    true = np.array(h3.cell_to_boundary(cell))
    east = (lng[:, None] - true[:, 1]) * np.cos(np.radians(lat.mean()))
    return np.hypot(lat[:, None] - true[:, 0], east).min(axis=1) * 111_195


@pytest.mark.parametrize("place", PLACES)
def test_the_page_draws_h3s_own_cells_to_a_decimetre(open_page, tmp_path, place):
    frame = cases(500, at=PLACES[place])
    page = script_page(open_page, tmp_path / "page.html", layer=layer_of(frame))
    read = page.evaluate(READ)
    for level in range(TOP, BOTTOM):
        found = read[str(level)]
        assert found["names"] == sorted(set(cells_of(shown(frame), level)))
        apart = [metres_apart(c, n) for c, n in zip(found["corners"], found["names"], strict=True)]
        assert np.max(apart) <= 0.1


def test_the_page_counts_what_a_table_counts(open_page, tmp_path):
    frame = cases(500)
    layer = layer_of(frame)
    read = script_page(open_page, tmp_path / "page.html", layer=layer).evaluate(READ)
    frame = shown(frame)
    recent = frame["reported_at"] > pd.Timestamp(AS_OF) - pd.Timedelta(days=28)
    second = frame["category_1"] == layer["categories"][1]
    for level in range(TOP, BOTTOM):
        cell, found = pd.Series(cells_of(frame, level), index=frame.index), read[str(level)]

        def table(rows, cell=cell, found=found):
            return cell[rows].value_counts().reindex(found["names"], fill_value=0).tolist()

        assert found["n"] == table(slice(None))
        assert found["second"] == table(second)
        assert found["recent"] == table(second & recent)
    assert sum(read[str(BOTTOM)]["n"]) == layer["n"] - layer["hidden"]


@pytest.mark.parametrize("kind", ["dynamic", "fixed", "stored", "long"])
def test_the_page_inflates_what_zlib_deflates(open_page, tmp_path, kind):
    random = np.random.default_rng(5)
    if kind == "long":
        raw = np.repeat(random.integers(0, 9, 3000), 90).astype(np.uint8).tobytes()
    else:
        raw = (random.normal(0, 40, 70_000) % 256).astype(np.uint8).tobytes()
    press = {
        "dynamic": zlib.compressobj(9, zlib.DEFLATED, -15),
        "long": zlib.compressobj(9, zlib.DEFLATED, -15),
        "fixed": zlib.compressobj(9, zlib.DEFLATED, -15, strategy=zlib.Z_FIXED),
        "stored": zlib.compressobj(0, zlib.DEFLATED, -15),
    }[kind]
    packed = press.compress(raw) + press.flush()
    page = script_page(open_page, tmp_path / "page.html", packed=list(packed), size=len(raw))
    out = page.evaluate(
        "() => { var d = JSON.parse(document.getElementById('data').textContent);"
        " return Array.from(Packed.inflate(new Uint8Array(d.packed), d.size)); }"
    )
    assert bytes(out) == raw


def test_a_broken_stream_is_an_error_and_not_a_hang(open_page, tmp_path):
    page = script_page(open_page, tmp_path / "page.html")
    said = page.evaluate(
        "() => { try { Packed.inflate(new Uint8Array([255, 255, 255]), 10); return 'read'; }"
        " catch (error) { return String(error); } }"
    )
    assert "broken stream" in said


def test_the_scripts_of_the_pyramid_are_small():
    own = sum(len(read_asset(name)) for name in SCRIPTS)
    assert own < 100_000
    assert json.dumps(sorted(SCRIPTS)) == json.dumps(sorted(set(SCRIPTS)))
