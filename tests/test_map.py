"""The planner's map: what enters the page, what never does, and how it behaves when opened."""

import itertools
import re
from datetime import date

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots.deliver.map.data import (
    UNITS_PER_DEGREE,
    area_layer,
    class_breaks,
    hot_layer,
    label_place,
    road_lines,
    to_column,
    to_rings,
    too_few,
)
from geo_hotspots.deliver.map.map import write_map
from geo_hotspots.deliver.map.words import map_words
from geo_hotspots.schema import (
    AREA_COLUMNS,
    CELL_COLUMNS,
    HOTSPOT_COLUMNS,
    LIFECYCLES,
    Masthead,
    Period,
)

CENTRE = (39.92, 116.41)
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "{{7*7}}",
    "{% raise %}",
    '" onmouseover="alert(3)',
    "\u2028';alert(4)//",
)


def shape_of(cell):
    return shapely.Polygon([(lng, lat) for lat, lng in h3.cell_to_boundary(cell)])


def cell_frame(n):
    cells = sorted(h3.grid_disk(h3.latlng_to_cell(*CENTRE, 9), 2))[: len(n)]
    return gpd.GeoDataFrame(
        {
            "cell": cells,
            "resolution": 9,
            "n": n,
            "n_callers": n,
            "expected": 2.5,
            "gistar": 1.0,
            "pvalue": 0.01,
            "qvalue": 0.04,
            "is_hot": [count >= 12 for count in n],
            "trend": "sporadic_hot",
            "community": "东厂社区",
        },
        geometry=[shape_of(cell) for cell in cells],
        crs=4326,
    )[[*CELL_COLUMNS, "geometry"]]


def area_frame(names, *, kind="社区"):
    west = [116.38 + 0.02 * i for i in range(len(names))]
    return gpd.GeoDataFrame(
        {
            "code": [f"11010100{i}" for i in range(len(names))],
            "name": [f"{name}{kind}" for name in names],
            "street": [f"{name}街道" for name in names],
            "n": [10 * (i + 1) for i in range(len(names))],
            "n_points": range(len(names)),
            "change_pct": [np.nan, *([12.5] * (len(names) - 1))],
            "responded_rate": [np.nan, *([0.957] * (len(names) - 1))],
            "resolved_rate": 0.8,
            "satisfied_rate": 0.9,
            "n_responded_asked": 20,
            "n_resolved_asked": 20,
            "n_satisfied_asked": 20,
        },
        geometry=[shapely.box(x, 39.90, x + 0.02, 39.94) for x in west],
        crs=4326,
    )[[*AREA_COLUMNS, "geometry"]]


def point_frame(count=6):
    at = range(count)
    return gpd.GeoDataFrame(
        {
            "hotspot_id": [f"HS-{i}" for i in at],
            "rank": [i + 1 for i in at],
            "name": [f"忠实里西区{i + 1}号楼" for i in at],
            "category": [("停车管理->私装地锁", "房屋管理->漏雨")[i % 2] for i in at],
            "kind": [("group", "repeat", "single_caller")[i % 3] for i in at],
            "lifecycle": [LIFECYCLES[i % len(LIFECYCLES)] for i in at],
            "n": [20 - i % 10 for i in at],
            "n_callers": [12 - i % 10 for i in at],
            "n_days": 5,
            "first_at": pd.Timestamp("2019-06-21 08:30"),
            "last_at": pd.Timestamp("2019-06-29 19:00"),
            "expected": 2.25,
            "pvalue": 0.0011,
            "qvalue": 0.0123,
            "score": 3.5,
            "priority": 4.5,
            "days_since_rectified": pd.array([3 if i == 0 else None for i in at], dtype="Int64"),
            "rebounds": 1,
            "community_code": "110101001001",
            "community": [("东厂社区", "智德社区")[i % 2] for i in at],
            "street": [("东华门街道", "景山街道")[i % 2] for i in at],
            "cell": "8931aa42c07ffff",
            "level": "building",
            "uncertainty_m": 15.0,
            "reason": "近28天有9人反映12件。",
        },
        geometry=gpd.points_from_xy([116.39 + 0.002 * i for i in at], [39.92] * count),
        crs=4326,
    )[[*HOTSPOT_COLUMNS, "geometry"]]


def case_frame(n=400, seed=3):
    """Cases of a year around a few places, three categories and a stray fourth."""
    random = np.random.default_rng(seed)
    at = random.integers(0, 12, n)
    return pd.DataFrame(
        {
            "lng": 116.40 + at % 4 / 120 + random.normal(0, 4e-4, n),
            "lat": 39.91 + at // 4 / 150 + random.normal(0, 4e-4, n),
            "reported_at": pd.Timestamp("2019-06-30 12:00")
            - pd.to_timedelta(random.integers(0, 364, n), unit="D"),
            "category_1": random.choice(["停车管理", "房屋管理", "市容环卫"], n),
            "cell": "known",
        }
    )


def frames():
    return {
        "hotspots": point_frame(),
        "cells": cell_frame([2, 3, 5, 8, 13, 21, 1, 4, 7, 9, 12, 15]),
        "communities": area_frame(["东厂", "智德", "多福巷"]),
        "streets": area_frame(["东华门", "景山", "交道口"], kind="街道"),
        "cases": case_frame(),
    }


def masthead(lang="zh", **other):
    options = {
        "place": "北京市东城区",
        "period": Period.holding(date(2019, 6, 27), "week"),
        "as_of": date(2019, 6, 30),
        "lang": lang,
        "is_demo": True,
        "is_approximate": True,
        "footer": "内部工作用图",
        "approval": "",
        "version": "0.1.0",
    }
    return Masthead(**{**options, **other})


def written(path, *, head=None, **changed):
    layers = {**frames(), **changed}
    write_map(path, **layers, masthead=head or masthead(), min_cell_cases=3)
    return path


@pytest.fixture
def map_file(tmp_path):
    return written(tmp_path / "map.html")


# --- What is in the file ----------------------------------------------------------------------


def test_equal_input_gives_equal_bytes(tmp_path):
    first = written(tmp_path / "a.html").read_bytes()
    assert first == written(tmp_path / "b.html").read_bytes()


def test_the_file_refers_to_nothing_outside(map_file):
    html = map_file.read_text(encoding="utf-8")
    markup = re.sub(r"<script nonce=.*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r"""(?:src|href)=["'](?!data:)|https?://|@import""", markup)
    assert "tile.openstreetmap" not in html


def test_a_hot_cell_below_the_count_is_not_in_the_file():
    cells = cell_frame([2, 3, 4]).assign(is_hot=[True, True, False])
    layer = hot_layer(cells, min_cases=3)
    assert layer["cell"] == cells["cell"].tolist()[1:2]
    assert len(layer["shape"]) == 1


def test_only_columns_of_the_contract_enter_the_page(tmp_path):
    leaky = {
        name: frame.assign(content="王先生电话13800000000") for name, frame in frames().items()
    }
    html = written(tmp_path / "map.html", **leaky).read_text(encoding="utf-8")
    assert "13800000000" not in html


def test_the_page_says_of_itself_what_it_must(tmp_path):
    head = masthead(notes=("12315 并入后口径变化。",), approval="京S(2024)000号")
    html = written(tmp_path / "map.html", head=head).read_text(encoding="utf-8")
    for words in (
        "演示数据", "示意边界", "2019-W26", "2019-06-24", "2019-06-30", "内部工作用图",
        "12315 并入后口径变化。", "审图号：京S(2024)000号", "geo-hotspots 0.1.0",
    ):  # fmt: skip
        assert words in html


def test_a_real_run_on_official_boundaries_says_neither_demo_nor_sketch(tmp_path):
    head = masthead(is_demo=False, is_approximate=False)
    html = written(tmp_path / "map.html", head=head).read_text(encoding="utf-8")
    body = html[html.index("<body>") : html.index('<script type="application/json"')]
    assert "演示数据" not in body
    assert "示意边界" not in body


def test_the_words_are_whole_in_both_languages():
    chinese, english = map_words("zh"), map_words("en")
    for group, words in chinese.items():
        for key, text in words.items():
            assert text
            places = re.findall(r"\{\w+\}", text)
            assert sorted(places) == sorted(re.findall(r"\{\w+\}", english[group][key]))


# --- The data ---------------------------------------------------------------------------------


@given(
    st.lists(
        st.integers(0, 10_000) | st.none() | st.floats(0, 1, allow_subnormal=False), max_size=40
    )
)
def test_class_breaks_rise_and_leave_no_class_empty_at_the_ends(values):
    series = pd.Series(values, dtype="float64")
    breaks = class_breaks(series)
    assert breaks == sorted(set(breaks))
    assert len(breaks) <= 5
    if breaks:
        assert (series >= breaks[-1]).any()
        assert (series < breaks[0]).any()


def test_counts_are_cut_at_whole_numbers():
    assert class_breaks(pd.Series(range(1, 100))) == [21, 40, 60, 79]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_none_at_all_is_a_class_of_its_own(counts):
    series = pd.Series(counts)
    breaks = class_breaks(series)
    if (series == 0).any() and (series > 0).any():
        assert breaks[0] == 1
    else:
        assert 1 not in breaks


def test_a_few_small_counts_are_a_class_each():
    assert class_breaks(pd.Series([0, 0, 1, 1, 1, 2])) == [1, 2]
    assert class_breaks(pd.Series([3, 4, 7])) == [4, 7]


@pytest.mark.parametrize(
    ("n", "change", "few"),
    [
        (1, -50.0, True),  # after 2
        (3, 50.0, True),  # after 2
        (4, -20.0, False),  # after 5
        (5, 400.0, False),  # after 1
        (0, -100.0, True),  # after nobody knows how many
        (3, None, False),  # not known is another thing
    ],
)
def test_a_change_between_few_cases_is_marked(n, change, few):
    areas = area_frame(["东厂"]).assign(n=n, change_pct=np.nan if change is None else change)
    assert too_few(areas)["change_pct"].tolist() == [few]


def test_a_rate_of_few_answers_is_marked_and_shapes_no_class():
    areas = area_frame(["东厂", "智德", "多福巷"]).assign(
        satisfied_rate=[0.8, 0.9, 0.1], n_satisfied_asked=[5, 40, 4]
    )
    layer = area_layer(areas)
    assert layer["few"]["satisfied_rate"] == [False, False, True]
    assert min(layer["breaks"]["satisfied_rate"]) > 10


def test_a_shape_comes_back_from_its_steps_to_within_a_metre():
    shape = shape_of(h3.latlng_to_cell(*CENTRE, 9))
    ((steps,),) = to_rings(shape)
    back = np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / UNITS_PER_DEGREE
    assert np.abs(back - shapely.get_coordinates(shape)).max() <= 0.51 / UNITS_PER_DEGREE


def test_a_label_stands_inside_the_largest_part_of_its_area():
    large = shapely.Polygon([(0, 0), (0.1, 0), (0.1, 0.1), (0.05, 0.02), (0, 0.1)])
    lat, lng, radius = label_place(shapely.MultiPolygon([large, shapely.box(1, 1, 1.01, 1.01)]))
    assert large.contains(shapely.Point(lng, lat))
    assert 2000 < radius < 4000


def test_missing_values_and_times_become_what_json_can_hold():
    assert to_column(pd.Series([1.0, None, 2.5])) == [1, None, 2.5]
    assert to_column(pd.Series([True, None], dtype="boolean")) == [True, None]
    assert to_column(pd.Series(["a", None], dtype="string")) == ["a", None]
    assert to_column(pd.to_datetime(pd.Series(["2019-06-29 19:00", None]))) == ["2019-06-29", None]


def test_roads_are_lines_and_need_not_be_there():
    line = shapely.LineString([(116.4, 39.9), (116.41, 39.9)])
    roads = gpd.GeoDataFrame({"rank": ["lesser"]}, geometry=[line])
    assert road_lines(roads) == {"main": [], "lesser": [[11_640_000, 3_990_000, 1000, 0]]}
    assert road_lines(None) == {"main": [], "lesser": []}


# --- In the browser ---------------------------------------------------------------------------


def started(opened):
    opened.page.wait_for_selector("html.started", state="attached")
    return opened.page


def names(page):
    return page.locator(".item-text b").all_inner_texts()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [1400, 390])
def test_the_map_opens_without_a_request_or_an_error(open_page, tmp_path, lang, width):
    opened = open_page(written(tmp_path / "map.html", head=masthead(lang)), width=width)
    page = started(opened)
    assert page.locator(".leaflet-areas-pane path.area").count() == 3
    assert page.locator("path.point").count() == 4
    assert page.locator("#plain").is_hidden()
    assert opened.faults == []


@pytest.mark.parametrize("missing", ["hotspots", "cells", "communities", "streets"])
def test_any_layer_may_be_empty(open_page, tmp_path, missing):
    empty = {missing: frames()[missing].iloc[:0]}
    opened = open_page(written(tmp_path / "map.html", **empty))
    started(opened)
    assert opened.faults == []


def test_all_layers_may_be_empty(open_page, tmp_path):
    empty = {name: frame.iloc[:0] for name, frame in frames().items()}
    opened = open_page(written(tmp_path / "map.html", **empty))
    assert "本期没有达到门槛" in started(opened).locator("#list").inner_text()
    assert opened.faults == []


def hostile(frame, text):
    columns = [c for c in frame if c != "geometry" and pd.api.types.is_string_dtype(frame[c])]
    keep = {"cell", "kind"} if "resolution" in frame else {"kind"}
    return frame.assign(**{c: text for c in columns if c not in keep})


@pytest.mark.parametrize("text", HOSTILE)
def test_a_citizens_text_is_shown_and_never_run(open_page, tmp_path, text):
    layers = {name: hostile(frame, text) for name, frame in frames().items()}
    layers["hotspots"]["hotspot_id"] = [f"{text}{i}" for i in range(len(layers["hotspots"]))]
    head = masthead(place=text, footer=text, approval=text, notes=(text,))
    opened = open_page(written(tmp_path / "map.html", head=head, **layers))
    page = started(opened)
    page.locator(".item-head").first.click()
    page.wait_for_selector(".card")
    page.locator("path.area").last.click(force=True)
    page.locator("path.point").first.hover(force=True)
    shown = " ".join(text.split())
    assert names(page)[0].split() == shown.split()
    assert text.strip() in page.locator(".reason").text_content()
    assert page.locator("img[src=x]").count() == 0
    assert opened.faults == []


def test_hostile_text_is_plain_in_the_table_without_scripts(open_page, tmp_path):
    layers = {"hotspots": hostile(point_frame(), HOSTILE[1])}
    opened = open_page(written(tmp_path / "map.html", **layers), scripts=False)
    assert HOSTILE[1] in opened.page.locator("#plain td").nth(1).inner_text()


def test_without_scripts_the_page_is_a_sentence_and_the_first_ten(open_page, tmp_path):
    opened = open_page(written(tmp_path / "map.html", hotspots=point_frame(30)), scripts=False)
    page = opened.page
    assert "极速模式" in page.locator(".plain-note").inner_text()
    assert page.locator("#plain tbody tr").count() == 10
    assert "一人多诉" not in page.locator("#plain tbody").inner_text()
    assert page.locator("#app").is_hidden()


def test_a_filter_narrows_list_and_map_and_stays_in_the_address(open_page, map_file):
    page = started(open_page(map_file))
    page.select_option("#category", "房屋管理->漏雨")
    assert names(page) == ["忠实里西区2号楼", "忠实里西区4号楼"]
    assert page.locator("path.point").count() == 2
    assert "category=" in page.url
    address = page.url.split("#")[1]
    again = started(open_page(map_file, hash_="#" + address))
    assert names(again) == ["忠实里西区2号楼", "忠实里西区4号楼"]
    again.click("#reset")
    assert len(names(again)) == 4


def test_a_press_on_a_lifecycle_shows_its_points_and_another_press_all(open_page, map_file):
    page = started(open_page(map_file))
    states = page.locator(".state")
    assert sum(int(text) for text in states.locator("b").all_inner_texts()) == 4
    states.first.click()
    assert len(names(page)) == 1
    assert states.first.get_attribute("aria-pressed") == "true"
    assert "lifecycle=" in page.url
    states.first.click()
    assert len(names(page)) == 4


def test_the_summary_counts_the_period_and_leads_to_the_worst_streets(open_page, tmp_path):
    streets = area_frame(["东华门", "景山", "交道口", "安定门"], kind="街道")
    page = started(open_page(written(tmp_path / "map.html", streets=streets)))
    assert "100 件" in page.locator("#summary").inner_text()
    assert page.locator(".most").all_inner_texts() == ["安定门 40", "交道口 30", "景山 20"]
    page.locator(".most").nth(2).click()
    assert page.locator("#street").input_value() == "景山街道"


def test_a_period_without_cases_says_so(open_page, tmp_path):
    none = area_frame(["东华门", "景山"], kind="街道").assign(n=0)
    page = started(open_page(written(tmp_path / "map.html", streets=none)))
    assert page.locator("#summary").inner_text() == "本期没有诉求"


def test_search_finds_points_by_area_and_offers_the_area(open_page, map_file):
    page = started(open_page(map_file))
    page.fill("#q", "智德")
    page.wait_for_selector(".chip")
    assert len(names(page)) == 2
    assert page.locator(".chip").all_inner_texts() == ["智德社区"]
    page.fill("#q", "没有这个地方")
    page.wait_for_selector(".empty")


def test_single_callers_stand_apart_and_only_when_asked_for(open_page, map_file):
    page = started(open_page(map_file))
    assert "忠实里西区3号楼" not in names(page)
    page.select_option("#kind", "single_caller")
    assert names(page) == ["忠实里西区3号楼", "忠实里西区6号楼"]
    assert page.locator("#single-note").is_visible()


def test_list_and_map_choose_the_same_point(open_page, map_file):
    page = started(open_page(map_file))
    page.locator(".item-head").nth(1).click()
    assert "sel=HS-1" in page.url
    assert page.locator(".leaflet-ranks-pane path").count() == 1
    page.locator("path.point").last.dispatch_event("click")
    assert "sel=HS-0" in page.url
    assert page.locator(".item.open .item-text b").inner_text() == "忠实里西区1号楼"
    assert "3 天" in page.locator(".card").inner_text()


def test_the_list_works_by_keyboard(open_page, map_file):
    page = started(open_page(map_file))
    page.locator(".item-head").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".item.open .item-text b").inner_text() == "忠实里西区1号楼"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(".item.open .item-text b").inner_text() == "忠实里西区2号楼"


@pytest.mark.parametrize("measure", ["n", "n_points", "change_pct", "responded_rate"])
def test_every_measure_has_a_legend_and_hatches_what_is_unknown(open_page, map_file, measure):
    opened = open_page(map_file, hash_=f"#measure={measure}")
    page = started(opened)
    fills = page.locator("path.area").evaluate_all("all => all.map(a => a.getAttribute('fill'))")
    assert ("url(#no-data)" in fills) == (measure in ("change_pct", "responded_rate"))
    assert page.locator(".swatch").count() >= 1
    assert opened.faults == []


def test_the_grid_is_drawn_on_a_canvas_when_asked_for(open_page, map_file):
    opened = open_page(map_file)
    page = started(opened)
    assert page.locator("canvas").count() == 0
    page.locator("#fill-cell").check(force=True)
    assert page.locator(".leaflet-cells-pane canvas").count() == 1
    assert "件/格" in page.locator("#legend-fill").inner_text()
    page.locator("#fill-heat").check(force=True)
    assert "件/平方公里" in page.locator("#legend-fill").inner_text()
    assert opened.faults == []


@pytest.mark.parametrize("fill", ["community", "cell"])
def test_the_legend_names_whole_classes_from_the_least_that_is_shown(open_page, map_file, fill):
    page = started(open_page(map_file, hash_=f"#fill={fill}"))
    labels = page.locator(".swatch span").all_inner_texts()
    assert labels[0].startswith("0" if fill == "community" else "3")
    assert labels[-1].startswith("≥")


@pytest.mark.parametrize("times", [1, 37, 1_234])
def test_words_of_the_legend_never_run_into_each_other(open_page, tmp_path, times):
    path = tmp_path / "map.html"
    names = ["东厂", "智德", "多福巷", "韶九", "灯市口", "台基厂", "王府井", "甘雨"]
    areas = area_frame(names)
    areas["n"] = times * (1 + np.arange(len(names)) ** 2)
    changed = frames() | {"communities": areas}
    write_map(path, **changed, masthead=masthead(), min_cell_cases=3, point_days=364, cell_days=91)
    page = started(open_page(path))
    words = page.locator(".swatch span").evaluate_all(
        "all => all.filter(s => s.textContent).map(s => {"
        "  const box = document.createRange(); box.selectNodeContents(s);"
        "  const {left, right} = box.getBoundingClientRect(); return [left, right]; })"
    )
    assert len(words) >= 4
    assert all(here[1] <= there[0] for here, there in itertools.pairwise(words))


def test_the_legends_say_what_the_counts_look_back_on(open_page, tmp_path):
    path = tmp_path / "map.html"
    write_map(path, **frames(), masthead=masthead(), min_cell_cases=3, point_days=364, cell_days=91)
    page = started(open_page(path, hash_="#fill=cell"))
    assert "2018-07-02 至 2019-06-30" in page.locator("#legend-fill").inner_text()
    assert "近 364 天" in page.locator("#legend-points").inner_text()
    assert page.locator("#hot-text").inner_text() == "热区轮廓（近 91 天）"


@pytest.mark.parametrize(
    "hash_", ["#fill=river&measure=__proto__", "#%E0%A4%A&=&sel=%", "#at=x/y/z&kind=none", "#q=%00"]
)
def test_a_broken_address_does_no_harm(open_page, map_file, hash_):
    opened = open_page(map_file, hash_=hash_)
    started(opened)
    assert opened.faults == []


def test_a_week_chart_has_a_bar_for_every_week(open_page, tmp_path):
    points = point_frame()
    points["weeks"] = [[i % 4 for i in range(26)] for _ in range(len(points))]
    page = started(open_page(written(tmp_path / "map.html", hotspots=points)))
    page.locator(".item-head").first.click()
    assert page.locator(".spark rect").count() == 26
    told = page.locator(".spark").inner_text()
    assert "近 26 周" in told
    assert "近 4 周 6 件，之前 4 周 6 件" in told
    assert page.locator(".spark .fixed").inner_text() == "整改"
    page.locator(".item-head").nth(1).click()
    assert page.locator(".spark .fixed").count() == 0  # never put right


def test_the_map_prints_on_one_sheet(open_page, tmp_path):
    opened = open_page(written(tmp_path / "map.html", hotspots=point_frame(40)))
    pdf = started(opened).pdf(prefer_css_page_size=True, print_background=True)
    assert "演示数据" in opened.page.title()
    assert re.findall(rb"/Type\s*/Pages.*?/Count\s+(\d+)", pdf, flags=re.DOTALL) == [b"1"]
    assert opened.faults == []
