"""The demo year through the whole tool: its three stories must come out, and its truth.

The demo keeps the truth of every row (where it really is, which planted point it belongs to), so
that what the tool says can be held against what is so.
"""

import json
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo_hotspots import pipeline
from geo_hotspots.config import Config
from geo_hotspots.places.packs.pack import read_pack
from geo_hotspots.schema import LOCATED


@pytest.fixture(scope="module")
def demo(demo_run):
    return demo_run.demo


@pytest.fixture(scope="module")
def run(demo_run):
    return demo_run.done


@pytest.fixture(scope="module")
def points(run):
    return gpd.read_file(run.folder / "hotspots.geojson")


@pytest.fixture(scope="module")
def ledger(run, demo):
    ledger = pd.read_csv(run.folder / "ledger.csv", encoding="utf-8-sig", dtype={"hotspot_id": str})
    return ledger.join(demo.truth.reset_index(drop=True).add_suffix("_true"))


@pytest.mark.parametrize("building", ["忠实里西区2号楼", "忠实里西区3号楼"])
def test_the_locks_came_back_twice(points, building):
    lock = points[(points["name"] == building) & points["category"].str.endswith("私装地锁")]
    assert lock[["lifecycle", "rebounds"]].to_numpy().tolist() == [["rebounding", 2]]
    assert lock["rank"].iloc[0] <= 50


def test_the_building_that_leaks_after_rain_is_on_the_list(points):
    leak = points[(points["name"] == "前门东大街2号楼") & points["category"].str.contains("漏雨")]
    assert len(leak) == 1
    assert leak["kind"].iloc[0] == "group"


def test_the_lanes_that_pond_after_heavy_rain_were_found_and_are_quiet_in_december(points):
    pond = points[points["category"].str.contains("积水") & (points["community"] == "赵家楼社区")]
    assert len(pond) >= 2
    assert (pond["lifecycle"] == "quiet").all()


def test_nearly_all_planted_points_are_listed_and_nearly_all_listed_points_were_planted(
    demo, ledger
):
    cases = ledger[ledger["hotspot_id"].notna()]
    main = cases.groupby("hotspot_id")["point_true"].agg(lambda p: p.value_counts().index[0])
    crowd = demo.points[demo.points["n_callers"] >= 5]
    assert crowd.index.isin(main).mean() >= 0.95
    assert (main != 0).mean() >= 0.9  # 0 is the background


def test_located_cases_are_where_they_are(ledger):
    found = ledger[ledger["status"].isin(LOCATED) & ledger["lng_true"].notna()]
    north = (found["lat"] - found["lat_true"]) * 111_195
    east = (found["lng"] - found["lng_true"]) * 111_195 * np.cos(np.radians(39.9))
    apart = np.hypot(north, east)
    assert apart.median() < 60
    assert (found["street"] == found["street_true"]).mean() > 0.98
    assert (found["community"] == found["community_true"])[found["community"].notna()].mean() > 0.9


def test_rows_that_tell_no_place_are_not_given_one(ledger):
    told, is_point = ledger["told_true"], ledger["status"].isin(LOCATED)
    assert not is_point[told.isin(["none", "unknown", "outside", "conflict"])].any()


def test_the_ten_largest_categories_make_up_62_59_percent(run):
    largest = run.findings.cases["category_1"].value_counts()
    assert round(100 * largest.head(10).sum() / largest.sum(), 2) == 62.59


def test_the_merge_of_july_is_called_a_change_of_scope(demo, tmp_path):
    until_then = demo.cases[demo.cases["来电时间"].astype("str") < "2019-08"]
    assert 0 < len(until_then) < len(demo.cases)
    cases = tmp_path / "cases.csv"
    until_then.to_csv(cases, index=False)
    request = pipeline.Request(
        (cases,), tmp_path, date(2026, 1, 1), as_of=date(2019, 7, 31), period="month", is_demo=True
    )
    july = pipeline.run(request, read_pack("dongcheng"), Config(), salt=b"salt of the tests")
    page = (july.folder / "report.html").read_text(encoding="utf-8")
    assert "口径变化" in page
    assert "市场管理" in page[page.index("口径变化") : page.index("口径变化") + 600]


def test_every_page_says_that_the_data_are_made_up_and_the_borders_approximate(run):
    for page in ("map.html", "report.html", "patrol.html"):
        text = (run.folder / page).read_text(encoding="utf-8")
        assert "演示数据" in text
        assert "示意边界" in text
    assert json.loads((run.folder / "run.json").read_text(encoding="utf-8"))["demo"] is True
