"""Charts and small maps: text, escaping, and labels that leave each other alone."""

import re
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_report import made_up_areas
from shapely.geometry import box

from geo_hotspots.deliver.drawing.charts import Part, bars, interval, pie, spark
from geo_hotspots.deliver.drawing.pins import Pin
from geo_hotspots.deliver.drawing.sketch import class_limits, sketch
from geo_hotspots.deliver.drawing.svg import number, shorten, tag, text_width
from geo_hotspots.deliver.drawing.timelines import columns, heat, line

HOSTILE = "</text><script>alert('1')</script>\" onload=\"alert(2)&"
COUNTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=60)
SVG = "{http://www.w3.org/2000/svg}"


def parts(values):
    return [Part(f"第{i}类 & <其他>", v, f"{v}件") for i, v in enumerate(values)]


def boxes(drawing, size=None):
    """Where each text stands: left, top, right, bottom."""
    found = []
    for text in ET.fromstring(drawing).iter(f"{SVG}text"):
        high = float(text.get("font-size"))
        if size is not None and high != size:
            continue
        wide, x, y = text_width(text.text or "", high), float(text.get("x")), float(text.get("y"))
        left = {"middle": x - wide / 2, "end": x - wide}.get(text.get("text-anchor"), x)
        found.append((left, y - high, left + wide, y))
    return found


def touching(found):
    return [
        (a, b)
        for i, a in enumerate(found)
        for b in found[i + 1 :]
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


@given(COUNTS)
def test_every_chart_of_any_counts_is_well_formed_and_finite(values):
    labels = [f"{i}日" for i in range(len(values))]
    drawn = [
        bars(parts(values), title="条形图"),
        pie(parts(values)[:10], rest=Part("其他", 3, "3件"), title="饼图"),
        columns(labels, values, title="柱形图", before=values[::-1]),
        line(labels, values, names=labels, title="折线图"),
        spark(values, title="走势"),
    ]
    for drawing in drawn:
        assert ET.fromstring(drawing).tag == f"{SVG}svg"
        assert not re.search(r"\b(nan|inf|None)\b", drawing)
        assert " style=" not in drawing


@pytest.mark.parametrize("zeros", [[], [0], [0, 0]])
def test_nothing_to_draw_is_drawn_without_a_fault(zeros):
    labels = ["一"] * len(zeros)
    for drawing in (
        bars(parts(zeros), title="空"),
        pie(parts(zeros), rest=None, title="空"),
        columns(labels, zeros, title="空"),
        line(labels, zeros, names=labels, title="空"),
        spark(zeros, title="空"),
        heat(np.zeros((7, 24), "int64"), days="一二三四五六日", unit="", title="空"),
    ):
        ET.fromstring(drawing)


def test_hostile_names_stay_text():
    for drawing in (
        bars([Part(HOSTILE, 3, HOSTILE)], title=HOSTILE),
        pie([Part(HOSTILE, 3, HOSTILE)], rest=Part(HOSTILE, 1, ""), title=HOSTILE),
        columns([HOSTILE], [3], title=HOSTILE),
        line([HOSTILE], [3], names=[HOSTILE], title=HOSTILE),
        interval(0.5, 0.4, 0.6, title=HOSTILE),
        spark([1, 2], title=HOSTILE),
    ):
        root = ET.fromstring(drawing)
        assert root.get("aria-label") == HOSTILE
        assert not list(root.iter(f"{SVG}script"))
        assert not [e for e in root.iter() if "onload" in e.attrib]


@given(st.lists(st.floats(0.001, 100), min_size=1, max_size=10), st.floats(0, 100))
def test_the_names_of_a_pie_never_touch(values, rest):
    slices = [Part("物业管理与服务质量问题", v, "12.34%") for v in values]
    drawing = pie(slices, rest=Part("其他", rest, "37.41%"), title="构成")
    assert touching(boxes(drawing, size=12)) == []


@given(st.integers(1, 70), st.sampled_from([9, 999, 123456]))
def test_the_labels_of_an_axis_never_touch(n, value):
    drawing = columns([f"12/{i}" for i in range(n)], [value] * n, title="每日")
    assert touching(boxes(drawing)) == []


@given(COUNTS)
def test_the_values_written_on_a_line_never_touch(values):
    labels = [f"{i}月" for i in range(len(values))]
    drawing = line(labels, values, names=labels, title="每周")
    bold = boxes(drawing, size=12)
    assert bold
    assert touching(bold) == []


@given(st.text("市a<", max_size=30), st.floats(20, 200))
def test_a_shortened_text_fits_and_says_that_it_was_cut(text, room):
    short = shorten(text, 12, room)
    assert text_width(short, 12) <= room
    assert short == text or short.endswith("…")


def test_lengths_are_written_short_and_names_take_hyphens():
    assert [number(v) for v in (1.0, -0.001, 2.345, 10, "x")] == ["1", "0", "2.35", "10", "x"]
    assert tag("rect", stroke_width=0.5, class_="a") == '<rect stroke-width="0.5" class="a"></rect>'


def test_the_heat_strip_holds_every_count_as_text_and_reads_in_grey():
    counts = np.arange(168).reshape(7, 24)
    drawing = heat(counts, days="一二三四五六日", unit="件", title="时段")
    words = [t.text for t in ET.fromstring(drawing).iter(f"{SVG}text")]
    assert all(str(n) in words for n in counts.ravel() if n)
    fills = [r.get("fill") for r in ET.fromstring(drawing).iter(f"{SVG}rect")]
    grey = [
        sum(int(f[i : i + 2], 16) * w for i, w in ((1, 0.3), (3, 0.59), (5, 0.11))) for f in fills
    ]
    assert grey == sorted(grey, reverse=True)


@given(st.lists(st.integers(0, 50), max_size=60))
def test_classes_cover_every_count_and_equal_counts_share_one(counts):
    limits = class_limits(np.array(counts, dtype="int64"))
    assert limits == sorted(set(limits))
    assert len(limits) <= 5
    assert max(counts, default=0) == (limits[-1] if limits else 0)


POINT = st.tuples(st.floats(116.381, 116.439), st.floats(39.861, 39.899))


@given(st.lists(POINT, min_size=1, max_size=20))
def test_the_numbers_and_names_of_a_map_never_touch(points):
    _, streets = made_up_areas()
    pins = [Pin(i + 1, x, y, f"点位{i}") for i, (x, y) in enumerate(points)]
    drawing = sketch(streets, title="分布", pins=pins, width=640, height=330)
    assert len(boxes(drawing, size=9.5)) == len(pins)
    assert touching(boxes(drawing, size=9.5)) == []
    assert touching(boxes(drawing, size=10)) == []
    numbers, names = boxes(drawing, size=9.5), boxes(drawing, size=10)
    assert not [pair for n in numbers for pair in touching([n, *names]) if pair[0] == n]


def test_a_map_shows_every_area_with_its_count_and_a_scale():
    communities, streets = made_up_areas()
    counted = communities.assign(n=range(24))
    drawing = sketch(streets, title="诉求量", areas=counted, shade="n", legend="诉求量（件）")
    titles = [t.text for t in ET.fromstring(drawing).iter(f"{SVG}title")]
    assert titles == [f"{name}: {n}" for name, n in zip(counted["name"], range(24), strict=True)]
    assert " km<" in drawing
    assert "诉求量（件）" in drawing


def test_a_map_without_areas_is_empty():
    nowhere = gpd.GeoDataFrame({"name": []}, geometry=[], crs="EPSG:4326")
    assert sketch(nowhere, title="空") == ""


def test_a_map_of_another_place_is_not_squashed():
    square = gpd.GeoDataFrame({"name": ["S"]}, geometry=[box(0, 60, 0.2, 60.1)], crs="EPSG:4326")
    root = ET.fromstring(sketch(square, title="square on the ground", width=400, height=400))
    path = next(p.get("d") for p in root.iter(f"{SVG}path") if p.get("d").endswith("Z"))
    xy = np.array([pair.split() for pair in path.strip("MZ").split("L")], dtype=float)
    wide, tall = np.ptp(xy, axis=0)
    assert wide / tall == pytest.approx(1, abs=0.01)
