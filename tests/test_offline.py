"""The page shell: everything inside, nothing from outside, and no citizen's text that runs."""

import json
import re
from importlib.resources import files

import folium
import pytest
from branca.element import Element
from folium.plugins import MarkerCluster
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from geo_hotspots.deliver.map.figure import LeanMap, OfflineFigure
from geo_hotspots.deliver.offline import (
    VENDORED,
    Asset,
    read_asset,
    read_vendored,
    render_page,
    script,
    stylesheet,
    to_json,
)
from geo_hotspots.errors import AssetError

OWN_SCRIPTS = [
    f for f in (files("geo_hotspots.deliver") / "assets").iterdir() if f.name.endswith(".js")
]
LEAFLET = {"css": ["leaflet/leaflet.css"], "js": ["leaflet/leaflet.js"]}
# Leaflet names its own home in one link that only a click would follow.
OUTSIDE = re.compile(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//|url\(\s*["']?(?!data:|#)""")


def page(title="t", **options):
    return render_page("page.html.j2", title=title, lang="zh", **options)


def test_every_vendored_asset_is_the_file_we_know():
    assert all(read_asset(name) for name in VENDORED)


def test_a_changed_asset_is_refused():
    known = VENDORED["leaflet/leaflet.js"]
    with pytest.raises(AssetError, match=r"leaflet\.js .* is not the file we know \(SHA-256 58192"):
        read_vendored(Asset(known.package, known.path, "0" * 64))


@pytest.mark.parametrize(
    "name",
    [
        "jquery.js",
        "https://example.org/leaflet.js",
        "../offline.py",
        "/etc/passwd",
        "page.html.j2",
        "leaflet/leaflet-src.js",
    ],
)
def test_an_unknown_asset_is_refused_and_never_fetched(name):
    with pytest.raises(AssetError, match="does not ship with us and is never downloaded"):
        page(js=[name])


def test_pictures_in_styles_are_data_inside_the_page():
    text = stylesheet("leaflet/leaflet.css")
    assert text.count("url(data:image/png;base64,") == 3
    assert not OUTSIDE.search(text)


def test_a_page_with_leaflet_refers_to_nothing_outside():
    html = page(**LEAFLET)
    assert "sourceMappingURL" not in html
    assert not OUTSIDE.search(html.replace('href="https://leafletjs.com"', ""))


def test_equal_input_gives_equal_bytes_and_other_input_another_nonce():
    assert page("甲", **LEAFLET) == page("甲", **LEAFLET)
    nonces = {re.search(r"'nonce-([\w-]+)'", page(title))[1] for title in ("甲", "乙")}
    assert len(nonces) == 2


def test_the_policy_lets_only_our_scripts_run():
    html = page(**LEAFLET)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)[1]
    assert policy.startswith(f"default-src 'none'; script-src 'nonce-{nonce}';")
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    tags = re.findall(r"<script[^>]*>", html)
    assert [tag for tag in tags if "text/plain" not in tag] == [f'<script nonce="{nonce}">'] * 2
    assert len(tags) == 3  # what unpacks, what is packed, and the call for it


def test_a_page_says_its_language_and_asks_360_for_webkit():
    assert '<html lang="zh-CN">' in page()
    assert '<meta name="renderer" content="webkit">' in page()
    assert '<html lang="en">' in render_page("page.html.j2", title="t", lang="en")


def test_text_is_escaped():
    assert "<title>&lt;/title&gt;&lt;script&gt;{{7*7}}</title>" in page("</title><script>{{7*7}}")


def test_even_an_escape_forgotten_runs_nothing(open_page, tmp_path):
    html = page(**LEAFLET)
    forgotten = "<img src=x onerror=alert(1)><script>alert(2)</script><a href='javascript:1'>"
    path = tmp_path / "page.html"
    path.write_text(html.replace("</body>", forgotten + "</body>"), encoding="utf-8")
    opened = open_page(path)
    assert opened.page.evaluate("typeof L.map") == "function"
    assert opened.dialogs == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON)
def test_json_comes_back_as_it_went_and_closes_no_script(value):
    text = to_json(value)
    assert json.loads(text) == value
    assert not set("<>&\u2028\u2029") & set(text)


def test_json_has_no_nan():
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        to_json({"rate": float("nan")})


@given(st.sampled_from(["</script", "</SCRIPT ", "<!--"]), st.text(max_size=5))
def test_code_cannot_end_its_own_script(ending, rest):
    code = script(f"var a = '{ending}{rest}';")
    assert ending.lower() not in code.lower()
    assert isinstance(code, Markup)


@pytest.mark.parametrize("file", OWN_SCRIPTS, ids=lambda f: f.name)
def test_our_scripts_are_es5(file):
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    newer = re.findall(r"=>|`|\b(?:let|const|class|async|await)\s+\w|\.\.\.|\bfetch\(", code)
    assert newer == []


# --- folium's figure on our page --------------------------------------------------------------


def test_a_folium_layer_whose_scripts_do_not_ship_is_refused():
    sheet = OfflineFigure("page.html.j2", title="t", lang="zh")
    chart = LeanMap(tiles=None)
    chart.add_child(MarkerCluster([[39.9, 116.4]]))
    sheet.add_child(chart)
    with pytest.raises(AssetError, match=r"leaflet\.markercluster.* does not ship with us"):
        sheet.render()


def test_a_folium_map_of_the_usual_kind_is_refused():
    sheet = OfflineFigure("page.html.j2", title="t", lang="zh")
    sheet.add_child(folium.Map(tiles=None))
    with pytest.raises(AssetError, match="a layer writes markup of its own into the head"):
        sheet.render()


@pytest.mark.parametrize("markup", ["<script>alert(1)</script>", "<style>p {}</style>"])
def test_markup_of_a_layers_own_in_the_head_is_refused(markup):
    sheet = OfflineFigure("page.html.j2", title="t", lang="zh")
    sheet.header.add_child(Element(markup))
    with pytest.raises(AssetError, match="a layer writes markup of its own"):
        sheet.render()


def test_elements_are_numbered_so_that_two_maps_are_the_same():
    def built():
        sheet = OfflineFigure("page.html.j2", title="t", lang="zh")
        chart = LeanMap(tiles=None)
        chart.add_child(folium.Circle([39.9, 116.4]))
        sheet.add_child(chart)
        sheet.render()
        return sheet.script.render()

    assert built() == built()
    assert "L.map(" in built()
