"""Tickets that speak for many: what counts as saying so, and what it does to a point."""

import geopandas as gpd
import pandas as pd
import pytest
from test_memory import asked
from test_pipeline import SALT, weeks_of_cases

from geo_hotspots import pipeline
from geo_hotspots.config import Config
from geo_hotspots.hotspots.points.stated import mark_stated, speak_for_many

SECRET = "楼内三十余户居民联名反映，请勿外传"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("群诉，要求恢复供水", True), ("小区居民集体投诉噪音", True), ("业主联名要求换管", True),
        ("12户居民家中漏水", True), ("全楼三十余户居民受影响", True), ("１５名业主反映", True),
        ("众多商户反映占道", True), ("居民代表来电", True), ("几十户居民停水", True),
        ("非群诉，个人反映", False), ("集体供暖不热", False), ("集体户口办理", False),
        ("两户居民因漏水争吵", False), ("3名业主", False), ("12号楼居民反映", False),
        ("业主代表大会何时召开", False), ("", False), (None, False),
    ],
)  # fmt: skip
def test_a_text_speaks_for_many_when_it_says_so(text, says):
    assert speak_for_many(pd.Series([text], dtype="str"), least=5).tolist() == [says]


def test_only_a_tested_point_with_a_fresh_statement_of_its_own_becomes_a_group_complaint():
    points = pd.DataFrame(
        {"spot": list("abcd"), "group": "g", "kind": ["repeat"] * 3 + ["single_caller"]}
    )
    day = pd.to_datetime(["2019-05-01", "2018-05-01", "2019-05-01", "2019-05-01", "2019-05-01"])
    cases = pd.DataFrame({"case_key": list("vwxyz"), "reported_at": day, "spot": list("abxcd")})
    cases = cases.assign(ground=cases["spot"], group="g")
    words = pd.Series(["群诉", "群诉", "群诉", "漏水", "群诉"], index=list("vwxyz"))
    marked = mark_stated(
        points, cases, lambda keys: words.loc[keys].set_axis(keys.index),
        since=pd.Timestamp("2019-01-01"), least=5,
    )  # fmt: skip
    assert marked["kind"].tolist() == ["group", "repeat", "repeat", "single_caller"]
    assert marked["is_stated"].tolist() == [True, False, False, False]


def test_a_ticket_that_says_so_makes_a_group_complaint_and_its_words_stay_at_home(city, tmp_path):
    year = weeks_of_cases()
    # Without some calls there are too few people in any month for a group complaint by number.
    gone = ("2019-12-26", "2019-12-23", "2019-08-25", "2019-08-21", "2019-08-01")
    at_home = year["问题点位"] == "幸福里西区2号楼"
    year = year[~at_home | ~year["来电时间"].str.startswith(gone)].copy()
    plain = pipeline.run(asked(tmp_path / "plain", year), city, Config(), salt=SALT)
    year.loc[year["问题点位"] == "幸福里西区2号楼", "主要内容"] = SECRET
    request = asked(tmp_path / "stated", year)
    stated = pipeline.run(request, city, Config(), salt=SALT)
    again = pipeline.run(request, city, Config(), salt=SALT)
    kinds = [_first(run.folder) for run in (plain, stated, again)]
    assert [kind for kind, _ in kinds] == ["repeat", "group", "group"]
    assert "有工单自述为多人共同反映" in kinds[1][1]
    assert "自述" not in kinds[0][1]
    for path in stated.folder.iterdir():
        assert SECRET.encode() not in path.read_bytes()


def _first(folder):
    point = gpd.read_file(folder / "hotspots.geojson").iloc[0]
    return point["kind"], point["reason"]
