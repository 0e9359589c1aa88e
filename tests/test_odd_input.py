"""Odd input: wide, flat, crowded into one place or one minute, years apart."""

import warnings
from datetime import date

import numpy as np
import pandas as pd
import pytest
from city import export

from geo_hotspots import pipeline
from geo_hotspots.cases.times import in_range, parse_times
from geo_hotspots.config import Config
from geo_hotspots.deliver.map import map as map_page
from geo_hotspots.deliver.run_check import check_run
from geo_hotspots.hotspots.areas import survey
from geo_hotspots.locating import locate

SALT = b"salt of the tests"


def run_on(table, city, folder):
    """Run a table with a shapefile of everything; give the run, checked and summed."""
    table.to_csv(folder / "c.csv", index=False)
    request = pipeline.Request((folder / "c.csv",), folder / "out", date(2200, 1, 1))
    done = pipeline.run(request, city, Config(), salt=SALT)
    assert not any(check_run(done.folder, lang="en").values())
    assert sum(done.account.statuses.values()) == done.account.n_read == len(table)
    return done


def spread(n, seed=3):
    """Draw times of a year."""
    days = np.random.default_rng(seed).integers(0, 364, n)
    return list((pd.Timestamp("2019-12-29") - pd.to_timedelta(days, unit="D")).astype(str))


def test_two_thousand_columns_are_read_for_those_that_are_known(city, tmp_path):
    table = export(问题点位=["幸福里西区2号楼"] * 5)
    other = {f"附加{i}": ["x"] * 5 for i in range(2000)}
    pd.DataFrame(other).join(table).to_csv(tmp_path / "c.csv", index=False)
    found = locate([tmp_path / "c.csv"], city, Config(), salt=SALT)
    assert found.account.statuses["located"] == 5


# One run each: all that is odd of one kind lies in one file.
ODD = {
    "all at one point": {"经度": ["116.4045"] * 60, "纬度": ["39.9145"] * 60,
                         "来电时间": spread(60)},
    "all at one address": {"问题点位": ["幸福里西区2号楼"] * 400, "来电时间": spread(400)},
    "all in one minute": {"问题点位": ["幸福里西区2号楼", "雨花胡同8号"] * 30,
                          "来电时间": ["2019-12-20 10:00:00"] * 60},
    "all by one caller": {"问题点位": ["雨花胡同8号"] * 60, "来电号码": ["13900000001"] * 60,
                          "来电时间": spread(60)},
    "a category each": {"问题点位": ["幸福里西区2号楼"] * 300, "来电时间": spread(300),
                        "问题分类": [f"大类{i}->小类{i}" for i in range(300)]},
    "years apart": {"问题点位": ["幸福里西区2号楼"] * 4,
                    "来电时间": ["1990-01-01", "2019-12-29", "2019-12-29 08:00", "2100-12-31"]},
}  # fmt: skip


@pytest.mark.parametrize("kind", list(ODD))
def test_a_run_of_odd_cases_is_whole_and_sums(city, tmp_path, kind, monkeypatch):
    monkeypatch.setattr(survey, "_MOST_ALONE", 100)
    done = run_on(export(**ODD[kind]), city, tmp_path)
    points = done.findings.hotspots
    if kind == "all by one caller":
        assert set(points["kind"]) <= {"single_caller"}
    if kind == "all at one address":
        assert points["name"].tolist()[:1] == ["幸福里西区2号楼"]
        assert points["n"].max() == 400
    pooled = [note.zh for note in done.notes if "类别过多" in note.zh]
    assert len(pooled) == (kind == "a category each")
    if pooled:
        assert done.findings.areas.by_category["category"].nunique() <= 100
        assert "其余200类" in pooled[0]
        assert pooled[0] in (done.folder / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("1900-01-01", None), ("1989-12-31 23:59:59", None), ("1990-01-01", "1990-01-01"),
        ("2100-12-31 23:59", "2100-12-31 23:59"), ("2101-01-01", None), ("2199-12-31", None),
        ("2016-12-31 23:59:60", None),  # the leap second is no moment of our clocks
        ("2019-02-29", None), ("2020-02-29", "2020-02-29"), ("2019-12-20 24:00", "2019-12-21"),
    ],
)  # fmt: skip
def test_times_of_two_centuries_are_taken_or_refused(text, time):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = parse_times(pd.Series([text]), timezone="Asia/Shanghai", utc=pd.Series([False]))
    found = in_range(read).iloc[0]
    assert pd.isna(found) if time is None else found == pd.Timestamp(time)


def test_a_map_draws_the_first_points_and_says_where_the_others_are(city, tmp_path, monkeypatch):
    monkeypatch.setattr(map_page, "MOST_POINTS", 1)
    monkeypatch.setattr(pipeline, "MOST_POINTS", 1)
    table = export(**ODD["all by one caller"], 问题分类=["设施->路灯", "噪音->施工"] * 30)
    done = run_on(table, city, tmp_path)
    points = done.findings.hotspots
    assert len(points) == 2
    ids = points["hotspot_id"].tolist()
    page = (done.folder / "map.html").read_text("utf-8")
    assert [name in page for name in ids] == [True, False]
    assert all(name in (done.folder / "hotspots.geojson").read_text("utf-8") for name in ids)
    assert "其余 1 个只在" in page
