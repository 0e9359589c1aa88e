from datetime import date

import pandas as pd
import pytest
from delivery import cells, emerging
from made_up_report import made_up_areas, made_up_report

from geo_hotspots.deliver.report.report import tell_story
from geo_hotspots.deliver.report.view import Grid, Heading, Points, Text
from geo_hotspots.hotspots.areas.areas import Moran
from geo_hotspots.hotspots.areas.breaks import BREAK_COLUMNS
from geo_hotspots.hotspots.areas.clusters import ALL
from geo_hotspots.hotspots.areas.knox import NEAR_COLUMNS
from geo_hotspots.hotspots.areas.survey import Areas
from geo_hotspots.schema import Period

JULY = Period.holding(date(2026, 7, 31), "month")
AREAS = made_up_areas()
SHIFT = [("市场管理", pd.Timestamp("2026-07-07"), 0.3, 40.0, 1e-9)]
NEAR = [("漏雨", 90, 40, 10.0, 4.0, 1e-9, 1e-8), ("停水", 80, 11, 10.0, 1.1, 0.4, 0.5)]


def clusters(**columns):
    table = emerging(4).assign(category=[ALL, "漏雨", "积水", "市场管理/消费"], signal="alarm")
    table["state"] = ["new", "ongoing", "new", "scope_change"]
    table["case_ids"] = ["a b", "c d e", "f g", "h i"]
    return table.assign(**columns)


def areas(**changes):
    grid = cells()
    settings = {
        "cells": grid, "overview": grid, "detail": grid, "by_category": grid,
        "emerging": clusters(), "moran": Moran(0.17, -0.01, 9.0),
        "near": pd.DataFrame(NEAR, columns=list(NEAR_COLUMNS)),
        "shifts": pd.DataFrame(SHIFT, columns=list(BREAK_COLUMNS)), "n_pooled": 0,
    }  # fmt: skip
    return Areas(**(settings | changes))


def told(found, *, lang="zh", period=JULY):
    """Give the items of the report, block by block, in one list."""
    paper = tell_story(**made_up_report(700, period=period, areas=AREAS, lang=lang), areas=found)
    return [item for block in paper.blocks for item in block.items]


@pytest.fixture(scope="module")
def items():
    return told(areas())


def after(items, heading):
    """Give what follows a heading, up to the next."""
    at = next(i for i, item in enumerate(items) if item == Heading(heading))
    rest = items[at + 1 :]
    ends = [i for i, item in enumerate(rest) if isinstance(item, Heading)]
    return rest[: ends[0]] if ends else rest


def test_what_emerges_is_listed_with_its_reason_and_what_is_no_news_apart(items):
    summary, grid, note, points = after(items, "新发聚集")
    assert summary.text.startswith("时空扫描发现3处近六周内的聚集，其中预警3处、新出现2处。")
    assert [row[1] for row in grid.rows] == ["全部诉求", "漏雨", "积水"]
    assert grid.notes == clusters()["reason"].head(3).tolist()
    assert note.text == "下列聚集由口径变化的类别形成，不作为新情况："
    assert isinstance(points, Points)
    assert len(points.points) == 1


def test_the_scan_over_all_cases_does_not_repeat_a_category():
    echo = clusters(case_ids=["c d x", "c d e", "f g", "h i"])
    (_, grid, *_) = after(told(areas(emerging=echo)), "新发聚集")
    assert [row[1] for row in grid.rows] == ["漏雨", "积水"]


def test_where_nothing_stands_out_the_report_says_so():
    calm = areas(
        emerging=clusters().iloc[:0], cells=cells().assign(is_hot=False),
        near=pd.DataFrame(NEAR[1:], columns=list(NEAR_COLUMNS)),
    )  # fmt: skip
    items = told(calm)
    assert after(items, "新发聚集") == [Text("时空扫描没有发现超出偶然的新聚集。")]
    assert after(items, "热点区域") == [Text("没有哪个网格的件数超出偶然波动。")]
    assert Heading("近邻再发") not in items


def test_hot_areas_are_counted_with_their_share_of_the_cases(items):
    (text,) = after(items, "热点区域")
    grid = cells()
    share = 100 * grid.loc[grid["is_hot"], "n"].sum() / grid["n"].sum()
    assert f"40个网格中有5个明显偏热（占12.5%），集中了有坐标诉求的{share:.1f}%。" in text.text
    assert "（Moran's I）为0.17" in text.text


def test_only_categories_that_spread_are_said_to(items):
    text, grid = after(items, "近邻再发")
    assert "14天内、200米以内" in text.text
    assert [row[0] for row in grid.rows] == ["漏雨"]
    assert grid.rows[0][-1] == "4.0倍"


def test_it_is_told_in_english_too():
    items = told(areas(), lang="en")
    heads = ("What emerges", "Hot areas", "What comes again nearby")
    assert all(Heading(head) in items for head in heads)


def changes(items):
    """Give the changes of the largest categories, by name, as the report prints them."""
    table = next(i for i in items if isinstance(i, Grid) and i.caption.startswith("诉求量前十类"))
    return {row[1]: row[-1] for row in table.rows}


def test_a_category_whose_counting_changed_is_not_compared(items):
    name = next(iter(changes(items)))
    shifts = pd.DataFrame([(name, *SHIFT[0][1:])], columns=list(BREAK_COLUMNS))
    broken = told(areas(shifts=shifts))
    assert [key for key, change in changes(broken).items() if change == "口径变化"] == [name]
    warnings = [item.text for item in broken if isinstance(item, Text) and item.tone == "warn"]
    assert any(f"“{name}”约自2026年7月7日起" in text for text in warnings)


def test_a_break_before_both_periods_spoils_no_comparison():
    items = told(areas(), period=Period.holding(date(2026, 9, 30), "month"))
    assert "口径变化" not in changes(items).values()


def test_without_areas_nothing_is_said_of_them():
    assert Heading("新发聚集") not in told(None)
