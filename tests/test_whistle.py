"""Places for several departments, and who answers for which points."""

import pandas as pd
import pytest

from geo_hotspots.deliver.patrol.duties import duty_lists, find_responsible
from geo_hotspots.deliver.patrol.whistle import LEAST, call_departments

DAY = pd.Timestamp("2026-11-15")


def plan(*points):
    columns = ["点位编号", "点位名称", "社区", "街道", "入选理由"]
    return pd.DataFrame([(*p, "—") for p in points], columns=columns)


def cases(*rows):
    columns = ["hotspot_id", "spot", "department", "category_2"]
    table = pd.DataFrame(rows, columns=columns).astype("str")
    table = table.replace("", None).assign(category_1="大类", reported_at=DAY)
    return table.astype({"category_1": "str"})


MARKET = plan(("P1", "市场1号", "甲社区", "东街道"), ("P2", "市场1号", "甲社区", "东街道"))


def test_a_place_whose_cases_go_to_two_departments_is_called_once():
    ours = [("P1", "s", "城管委", "占道")] * 3 + [("P2", "s", "交通支队", "停车")] * 2
    called = call_departments(MARKET, cases(*ours), as_of=DAY.date(), lang="zh")
    assert called["点位编号"].tolist() == ["P1"]
    said = called["入选理由"].iloc[0]
    assert "2个部门：城管委（占道3件）、交通支队（停车2件）" in said


def test_cases_of_the_place_outside_every_point_count_too():
    ours = [("P1", "s", "城管委", "占道")] * 2 + [("", "s", "交通支队", "停车")] * 2
    assert len(call_departments(MARKET, cases(*ours), as_of=DAY.date(), lang="zh")) == 1


@pytest.mark.parametrize(
    "second",
    [
        [("P1", "s", "交通支队", "停车")] * (LEAST - 1),  # may be the wrong desk
        [("P1", "s", "东街道办事处", "停车")] * 9,  # blows the whistle
        [("P1", "s", "", "停车")] * 9,  # went to nobody known
        [("P1", "elsewhere", "交通支队", "停车")] * 9,
    ],
)
def test_one_department_needs_no_whistle(second):
    ours = [("P1", "s", "城管委", "占道")] * 5 + second
    assert call_departments(MARKET, cases(*ours), as_of=DAY.date(), lang="zh").empty


def test_cases_of_long_ago_call_nobody():
    ours = cases(*[("P1", "s", "城管委", "占道")] * 3, *[("P1", "s", "交通支队", "停车")] * 3)
    ours.loc[ours["department"] == "交通支队", "reported_at"] = DAY - pd.Timedelta(days=364)
    assert call_departments(MARKET, ours, as_of=DAY.date(), lang="zh").empty
    ours.loc[:, "reported_at"] = DAY - pd.Timedelta(days=363)
    assert len(call_departments(MARKET, ours, as_of=DAY.date(), lang="en")) == 1


PEOPLE = pd.DataFrame(
    [
        ("忠实里西区", "忠实里社区", "东花市街道", "院长", "院落"),
        ("", "忠实里社区", "东花市街道", "书记", "社区"),
        ("", "", "东花市街道", "处长", "街道"),
    ],
    columns=["compound", "community", "street", "responsible", "level"],
)
POINTS = plan(
    ("P1", "忠实里西区2号楼", "忠实里社区", "东花市街道"),
    ("P2", "广渠门内大街9号", "忠实里社区", "东花市街道"),
    ("P3", "花市枣苑3号楼", "花市枣苑社区", "东花市街道"),
    ("P4", "忠实里西区2号楼", "忠实里社区", "天坛街道"),
)


def test_everyone_gets_all_points_that_they_answer_for():
    lists = {name: rows["点位编号"].tolist() for name, rows in duty_lists(POINTS, PEOPLE)}
    assert lists == {"院长": ["P1"], "书记": ["P1", "P2"], "处长": ["P1", "P2", "P3"]}


def test_the_column_names_the_narrowest():
    named = POINTS.rename(columns={"点位名称": "name", "社区": "community", "街道": "street"})
    assert find_responsible(named, PEOPLE).tolist() == ["院长", "书记", "处长", ""]


def test_without_a_table_nobody_gets_a_list():
    assert list(duty_lists(POINTS, None)) == []
    assert list(duty_lists(POINTS.iloc[:0], PEOPLE)) == []
