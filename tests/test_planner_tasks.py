"""Ten things that a planner does with the map, each done in a real browser from start to end."""

import re

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from test_map import case_frame, masthead, names, point_frame, started, written

WEEKS = [[0] * 26 + [1, 0] * 11 + [2, 0, 3, i] for i in range(6)]


@pytest.fixture
def page_file(tmp_path):
    points = point_frame()
    points["weeks"] = WEEKS
    points["mix"] = [[("停车管理->私装地锁", 9), ("噪声扰民", 4), ("", 2)]] * len(points)
    return written(
        tmp_path / "map.html",
        hotspots=points,
        cases=case_frame(600),
        places=pd.DataFrame(
            {"name": ["忠实里西区", "帽儿胡同"], "aliases": ["忠西;忠实里胡同", ""], "lng": 116.41,
             "lat": 39.93}
        ),
        rectified=pd.DataFrame(
            {"hotspot_id": ["HS-0"], "day": [pd.Timestamp("2019-06-27")], "what": ["拆除地锁230个"],
             "who": ["街道办事处"]}
        ),
        emerging=gpd.GeoDataFrame(
            {"cluster_id": ["E1"], "category": ["all"], "signal": ["alarm"], "state": ["new"],
             "n": [9], "n_callers": [8], "expected": [1.5], "weeks": [2], "radius_m": [150],
             "community": ["东厂社区"], "reason": ["近2周8人9件"]},
            geometry=[shapely.Point(116.42, 39.92).buffer(0.002)], crs=4326,
        ),
        head=masthead(approval="京S(2026)1号"),
    )  # fmt: skip


@pytest.fixture
def opened(open_page, page_file):
    opened = open_page(page_file)
    started(opened)
    yield opened
    assert opened.faults == []


def centre(page):
    return page.evaluate(
        "() => { var name = Object.keys(window).filter(function (key) {"
        " return window[key] instanceof L.Map; })[0], c = window[name].getCenter();"
        " return [c.lat, c.lng, window[name].getZoom()]; }"
    )


def test_1_find_a_place_by_its_popular_name(opened):
    page = opened.page
    page.fill("#q", "忠西")
    page.click(".chip.place")
    page.wait_for_selector(".leaflet-popup")
    assert page.locator(".leaflet-popup").inner_text().strip() == "忠实里西区"
    lat, lng, zoom = centre(page)
    assert (round(lat, 2), round(lng, 2), zoom) == (39.93, 116.41, 16)
    page.fill("#q", "胡同")
    page.wait_for_selector(".chip.place >> text=帽儿胡同")
    assert page.locator(".chip.place").all_inner_texts() == ["帽儿胡同", "忠实里西区"]


def test_2_filter_by_category_street_course_and_weeks_together(opened):
    page = opened.page
    page.check("#fill-cell", force=True)
    page.select_option("#category", "停车管理")
    assert len(names(page)) == 2
    assert "仅 停车管理" in page.locator("#legend-fill").inner_text()
    page.select_option("#street", "东华门街道")
    page.select_option("#span", "1")
    assert names(page) == ["忠实里西区5号楼"]  # the other had no case in the last week
    assert "1 / 4 个点位" in page.locator("#count").inner_text()
    page.click("#reset")
    assert len(names(page)) == 4
    assert page.url.endswith("#fill=cell")


def test_3_play_the_weeks(opened):
    page = opened.page
    page.check("#fill-cell", force=True)
    page.select_option("#span", "4")
    page.evaluate("document.getElementById('week').value = 49")
    page.locator("#week").dispatch_event("input")
    assert "2019-05-13 至 06-09" in page.locator("#time-text").inner_text()
    before = page.locator("#time-text").inner_text()
    page.click("#play")
    page.wait_for_selector(".play.on")
    page.wait_for_selector(".play:not(.on)")  # at the last week it stops by itself
    assert "2019-06-03 至 06-30" in page.locator("#time-text").inner_text() != before
    assert "week=52" in page.url


def test_4_open_a_card_from_the_map(opened):
    page = opened.page
    page.locator("path.point").last.dispatch_event("click")
    card = page.locator(".card")
    told = card.inner_text()
    for words in ("近28天有9人反映12件。", "近 26 周每周件数", "2019-06-27", "拆除地锁230个",
                  "3 天", "停车管理 › 私装地锁", "噪声扰民", "其他"):  # fmt: skip
        assert words in told
    assert card.locator(".spark rect").count() == 26


def test_5_share_a_view_by_its_address(opened, open_page, page_file):
    page = opened.page
    page.check("#fill-heat", force=True)
    page.select_option("#category", "房屋管理->漏雨")
    page.select_option("#span", "13")
    page.check("#rectified")
    page.locator(".item-head").nth(1).click()
    page.wait_for_timeout(900)
    there = started(open_page(page_file, hash_="#" + page.url.split("#")[1]))
    assert names(there) == names(page)
    assert there.locator("#fill-heat").is_checked()
    assert there.locator("#rectified").is_checked()
    assert there.locator("#time-text").inner_text() == page.locator("#time-text").inner_text()
    assert there.locator(".item.open .item-text b").inner_text() == "忠实里西区4号楼"
    assert centre(there) == pytest.approx(centre(page), abs=0.01)


@pytest.mark.parametrize(("paper", "height"), [("A4", 841.92), ("A3", 1191.12)])
def test_6_print_on_one_sheet_of_a4_or_a3(opened, paper, height):
    page = opened.page
    page.evaluate("window.print = function () {}")
    page.select_option("#street", "东华门街道")
    page.click(f"#print-{paper}")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert re.findall(rb"/Type\s*/Pages.*?/Count\s+(\d+)", pdf, flags=re.DOTALL) == [b"1"]
    box = re.search(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)", pdf)
    assert abs(float(box[1]) - height) < 2
    page.emulate_media(media="print")
    shown = page.locator("body").inner_text()
    for words in ("北京市东城区", "2019-06-24", "诉求量", "件（本期）", "内部工作用图", "示意边界",
                  "审图号：京S(2026)1号", "筛选：东华门街道", "颜色：状态"):  # fmt: skip
        assert words in shown
    assert page.locator(".leaflet-control-scale-line").is_visible()
    assert page.locator("#time").is_hidden()


def test_7_work_by_keyboard_alone(opened):
    page = opened.page
    page.locator("#q").focus()
    page.keyboard.type("智德")
    page.wait_for_selector(".chip")
    page.keyboard.press("Tab")
    while page.evaluate("!document.activeElement.classList.contains('item-head')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(".item.open").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".item.open").count() == 0
    page.locator("#week").focus()
    page.keyboard.press("ArrowLeft")
    assert "span=4&week=51" in page.url
    page.locator("#play").focus()
    page.keyboard.press("Space")
    page.wait_for_selector(".play.on")
    page.keyboard.press("Space")
    page.wait_for_selector(".play:not(.on)")


def test_8_use_it_on_a_phone(open_page, page_file):
    opened = open_page(page_file, width=390, height=844)
    page = started(opened)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#layers").is_hidden()
    page.click("#layers-open")
    page.check("#fill-cell", force=True)
    page.click("#layers-close")
    assert page.locator("#layers").is_hidden()
    page.click("#filters-open")
    page.select_option("#category", "房屋管理->漏雨")
    page.locator(".item-head").first.click()
    page.wait_for_timeout(700)
    card = page.locator(".card").bounding_box()
    bar = page.locator(".stage").bounding_box()
    assert bar["y"] + bar["height"] <= card["y"] < 844  # under the map, and in view
    assert page.locator("#play").bounding_box()["width"] >= 32
    assert opened.faults == []


CHINESE = re.compile("[\u4e00-\u9fff]")


def test_9_read_it_in_english(open_page, tmp_path):
    path = written(tmp_path / "map.html", head=masthead("en", place="Dongcheng", footer="Internal"))
    page = started(open_page(path))
    page.check("#fill-cell", force=True)
    page.check("#hot")
    own = "#layers, .head, .count-row, #time, .foot, #single-note, .filters input"
    assert not CHINESE.search(" ".join(page.locator(own).all_inner_texts()))
    assert not CHINESE.search(page.locator("#q").get_attribute("placeholder"))


def test_10_get_the_first_ten_where_no_script_runs(open_page, tmp_path):
    path = written(tmp_path / "map.html", hotspots=point_frame(30))
    page = open_page(path, scripts=False).page
    assert "极速模式" in page.locator(".plain-note").inner_text()
    assert page.locator("#plain tbody tr").count() == 10
