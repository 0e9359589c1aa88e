"""Tiles: nobody is asked but who is named, nothing is drawn in a datum that nobody declared."""

import base64
import re
import struct

import pytest
from test_map import started, written

from geo_hotspots.config import BasemapConfig
from geo_hotspots.deliver.map.basemap import plan_basemap
from geo_hotspots.deliver.map.pmtiles import hilbert_number, read_pmtiles
from geo_hotspots.deliver.map.pyramid import varints
from geo_hotspots.errors import ConfigError
from geo_hotspots.places.datum.shift import from_wgs84, to_wgs84

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGPQrLn1HwAE0QKC8vSDngAAAABJRU5ErkJg"
    "gg=="
)
INTRANET = "https://tiles.example.gov.cn:8443/vec/{z}/{x}/{y}.png"
AREA = (116.38, 39.90, 116.44, 39.94)


def planned(key="", **settings):
    return plan_basemap(BasemapConfig(**settings), key=key, bounds=AREA)


def policy(path):
    html = path.read_text(encoding="utf-8")
    return re.search(r"img-src ([^;]+);", html)[1]


def archive(path, tiles, *, kind=2, packed=1):
    """Write tiles, by zoom, column and row, as a PMTiles file of one directory."""
    named = sorted((hilbert_number(*at), data) for at, data in tiles.items())
    numbers = [number for number, _ in named]
    steps = [b - a for a, b in zip([0, *numbers], numbers, strict=False)]
    lengths = [len(data) for _, data in named]
    offsets = [1, *[0] * (len(named) - 1)]
    directory = b"".join(
        varints(column) for column in ([len(named)], steps, [1] * len(named), lengths, offsets)
    )
    zooms = [at[0] for at in tiles]
    head = struct.pack(
        "<7sB8QQQQ4B2B4iB2i", b"PMTiles", 3, 127, len(directory), 0, 0, 127 + len(directory), 0,
        127 + len(directory), sum(lengths), len(named), len(named), len(named),
        1, packed, 1, kind, min(zooms), max(zooms), 0, 0, 0, 0, 0, 0, 0,
    )  # fmt: skip
    path.write_bytes(head + directory + b"".join(data for _, data in named))
    return path


# --- settings ---------------------------------------------------------------------------------


def test_without_a_base_map_the_page_may_ask_nobody(tmp_path):
    assert planned() is None
    assert policy(written(tmp_path / "map.html")) == "data: blob:"


def test_the_policy_opens_for_the_declared_host_and_for_no_other(tmp_path):
    basemap = planned(kind="xyz", url=INTRANET, datum="cgcs2000")
    path = written(tmp_path / "map.html", basemap=basemap)
    assert policy(path) == "data: blob: https://tiles.example.gov.cn:8443"


def test_wmts_may_be_written_in_its_own_words():
    url = "http://10.0.0.1/wmts?TileMatrix={TileMatrix}&TileRow={TileRow}&TileCol={TileCol}"
    basemap = planned(kind="wmts", url=url, datum="cgcs2000")
    assert basemap.urls == ("http://10.0.0.1/wmts?TileMatrix={z}&TileRow={y}&TileCol={x}",)
    assert basemap.datum == "wgs84>wgs84"


def test_tianditu_needs_a_key_from_the_environment_and_nothing_else():
    with pytest.raises(ConfigError, match="the environment variable TDT holds none"):
        planned(kind="tianditu", key_env="TDT")
    basemap = planned(kind="tianditu", key_env="TDT", key='k"<>&')
    assert [re.search("LAYER=(...)", url)[1] for url in basemap.urls] == ["vec", "cva"]
    assert all(url.endswith("tk=k%22%3C%3E%26") for url in basemap.urls)
    assert (basemap.sources, basemap.attribution) == (("https://t0.tianditu.gov.cn",), "天地图")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"kind": "xyz", "url": INTRANET}, "datum is not declared; tiles in GCJ-02"),
        ({"kind": "local", "url": "tiles/{z}/{x}/{y}.png"}, "datum is not declared"),
        (
            {
                "kind": "xyz",
                "url": "https://webrd01.is.autonavi.com/?x={x}&y={y}&z={z}",
                "datum": "wgs84",
            },
            "are in GCJ-02, but basemap.datum says wgs84",
        ),
        (
            {"kind": "xyz", "url": "https://online1.map.bdimg.com/{z}/{x}/{y}", "datum": "gcj02"},
            "tiles of its own scheme in BD-09",
        ),
        ({"kind": "xyz", "url": "tiles/{z}/{x}/{y}.png", "datum": "wgs84"}, "must begin with http"),
        ({"kind": "xyz", "url": "javascript:{z}{x}{y}", "datum": "wgs84"}, "must begin with http"),
        ({"kind": "wmts", "url": "https://a.cn/{z}", "datum": "wgs84"}, "TileMatrix"),
        ({"kind": "xyz", "url": "https://{s}.a.cn/{z}/{x}/{y}", "datum": "wgs84"}, "one certain"),
        ({"kind": "xyz", "url": "https://a.cn;x/{z}/{x}/{y}", "datum": "wgs84"}, "one certain"),
        ({"kind": "local", "url": "/etc/{z}/{x}/{y}.png", "datum": "wgs84"}, "a folder beside"),
        ({"kind": "local", "url": "../{z}/{x}/{y}.png", "datum": "wgs84"}, "a folder beside"),
        ({"kind": "pmtiles", "url": "none.pmtiles", "datum": "wgs84"}, "cannot be opened"),
    ],
)
def test_a_base_map_that_would_mislead_is_refused(settings, said):
    with pytest.raises(ConfigError, match=said):
        planned(**settings)


# --- archives ---------------------------------------------------------------------------------


def test_an_archive_gives_the_tiles_of_the_area_alone(tmp_path):
    tiles = {(1, x, y): f"{x}{y}".encode() for x in (0, 1) for y in (0, 1)}
    path = archive(tmp_path / "a.pmtiles", tiles | {(0, 0, 0): b"whole"})
    found = read_pmtiles(path, bounds=AREA, max_zoom=18)
    told = {name: base64.b64decode(address.split(",")[1]) for name, address in found.items()}
    assert told == {"0/0/0": b"whole", "1/1/0": b"10"}


def test_levels_that_would_make_the_page_too_large_are_left_out(tmp_path):
    path = archive(tmp_path / "a.pmtiles", {(0, 0, 0): b"12345", (1, 1, 0): b"1234567890"})
    assert list(read_pmtiles(path, bounds=AREA, max_zoom=18, max_bytes=12)) == ["0/0/0"]
    with pytest.raises(ConfigError, match="no tile of this area that fits"):
        read_pmtiles(path, bounds=AREA, max_zoom=18, max_bytes=2)


def test_vector_tiles_and_other_files_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="holds no pictures"):
        read_pmtiles(archive(tmp_path / "v", {(0, 0, 0): b"x"}, kind=1), bounds=AREA, max_zoom=5)
    (tmp_path / "other").write_bytes(b"PK" * 100)
    with pytest.raises(ConfigError, match="not PMTiles of version 3"):
        read_pmtiles(tmp_path / "other", bounds=AREA, max_zoom=5)


# --- in the browser ---------------------------------------------------------------------------


MIDDLE = (296.406 / 360, 0.37888)  # of the views, as shares of the world's width and height
REACH = 10  # tiles to each side: what a view, its margin and another datum come to


def local_tiles(folder, zooms):
    """Lay a tile wherever the map could ask for one: one file, many names."""
    for zoom in zooms:
        left, top = (int(share * (1 << zoom)) - REACH for share in MIDDLE)
        for x in range(left, left + 2 * REACH + 1):
            column = folder / "tiles" / str(zoom) / str(x)
            column.mkdir(parents=True)
            for y in range(top, top + 2 * REACH + 1):
                (column / f"{y}.png").write_bytes(PNG)


def test_tiles_beside_the_page_are_drawn(open_page, tmp_path):
    local_tiles(tmp_path, zooms=[13, 14, 15])
    basemap = planned(
        kind="local", url="tiles/{z}/{x}/{y}.png", datum="cgcs2000",
        attribution="<b>测绘院</b>", approval="京S(2026)1号",
    )  # fmt: skip
    opened = open_page(written(tmp_path / "map.html", basemap=basemap), hash_="#at=14/39.92/116.41")
    page = started(opened)
    page.wait_for_selector(".leaflet-tile-loaded")
    credit = page.locator(".leaflet-control-attribution").inner_text()
    assert "<b>测绘院</b> · 审图号：京S(2026)1号" in credit
    assert opened.faults == []


def test_embedded_tiles_are_drawn_and_ask_nobody(open_page, tmp_path):
    tiles = {(z, x, y): PNG for z in (0, 5) for x in range(1 << z) for y in range(1 << z)}
    path = archive(tmp_path / "a.pmtiles", tiles)
    basemap = planned(kind="pmtiles", url=str(path), datum="wgs84")
    assert basemap.max_zoom == 5
    opened = open_page(written(tmp_path / "map.html", basemap=basemap))
    page = started(opened)
    page.wait_for_selector(".leaflet-tile-loaded", state="attached")
    assert page.locator(".leaflet-tile").first.get_attribute("src").startswith("data:image/png")
    assert opened.faults == []
    assert policy(tmp_path / "map.html") == "data: blob:"


def test_after_three_errors_the_tiles_go_and_the_page_says_so(open_page, tmp_path):
    basemap = planned(kind="xyz", url=INTRANET, datum="cgcs2000", attribution="内网")
    opened = open_page(written(tmp_path / "map.html", basemap=basemap))
    page = started(opened)
    page.wait_for_selector("#notice:not([hidden])")
    assert "已关闭底图" in page.locator("#notice").inner_text()
    assert page.locator(".leaflet-tile").count() == 0
    assert "内网" not in page.locator(".leaflet-control-attribution").inner_text()
    assert page.locator(".item-head").count() == 4  # all else is as it was
    assert all(url.startswith("https://tiles.example.gov.cn:8443/") for url in opened.requests)


WHERE = """() => {
  var box = document.querySelector('.map').getBoundingClientRect(), out = [];
  var tiles = document.querySelectorAll('.leaflet-tile');
  for (var i = 0; i < tiles.length; i++) {
    var at = tiles[i].getBoundingClientRect();
    out.push([tiles[i].src.split('/').slice(-3), at.left - box.left, at.top - box.top, at.width]);
  }
  var name = Object.keys(window).filter(function (key) { return window[key] instanceof L.Map; })[0];
  var middle = window[name].containerPointToLatLng([box.width / 2, box.height / 2]);
  return [out, box.width / 2, box.height / 2, middle.lng, middle.lat];
}"""


@pytest.mark.parametrize(
    ("view", "tiles_in", "page_in"),
    [
        ("16/39.9200/116.4100", "gcj02", "wgs84"),
        ("15.6/39.9312/116.4021", "gcj02", "wgs84"),
        ("15.6/39.9312/116.4021", "wgs84", "gcj02"),
        ("15.6/39.9312/116.4021", "gcj02", "gcj02"),
    ],
)
def test_tiles_of_another_datum_lie_within_a_metre_at_the_views_centre(
    open_page, tmp_path, view, tiles_in, page_in
):
    local_tiles(tmp_path, zooms=[16])
    settings = BasemapConfig(kind="local", url="tiles/{z}/{x}/{y}.png", datum=tiles_in)
    basemap = plan_basemap(settings, under=page_in)
    page = started(open_page(written(tmp_path / "map.html", basemap=basemap), hash_="#at=" + view))
    page.wait_for_selector(".leaflet-tile-loaded")
    tiles, middle_x, middle_y, centre_lng, centre_lat = page.evaluate(WHERE)
    # The tile in the middle: which place in GCJ-02 lies at the view's centre?
    name, left, top, width = next(
        t for t in tiles if 0 <= middle_x - t[1] < t[3] and 0 <= middle_y - t[2] < t[3]
    )
    zoom, x, y = int(name[0]), int(name[1]), int(name[2].split(".")[0])
    column, row = x + (middle_x - left) / width, y + (middle_y - top) / width
    shown = page.evaluate(
        "([x, y, z]) => { var p = L.CRS.EPSG3857.pointToLatLng(L.point(256 * x, 256 * y), z);"
        " return [p.lng, p.lat]; }",
        [column, row, zoom],
    )
    lng, lat = to_wgs84(*([degree] for degree in shown), datum=tiles_in)
    lng, lat = from_wgs84(lng, lat, datum=page_in)
    east, north = (lng[0] - centre_lng) * 85_300, (lat[0] - centre_lat) * 111_195
    assert (east**2 + north**2) ** 0.5 <= 1.0
