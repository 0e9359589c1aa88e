"""Holidays in block three of the report: what they do to the number of cases."""

from collections.abc import Hashable, Mapping
from datetime import date, timedelta
from typing import Any

import pandas as pd

from geo_hotspots.deliver.report.view import Cell, Grid, Head, Heading, Item, Story, Text, Together
from geo_hotspots.hotspots.figures.summary import daily_totals, percent
from geo_hotspots.hotspots.figures.workdays import BEFORE_DAYS, count_holidays, label_days

_DAYS = 364
_KINDS = ("workday", "weekend", "holiday")


def holidays(story: Story) -> list[Item]:
    """Tell how many cases a day workdays, weekends and holidays bring; nothing without holidays."""
    pen = story.pen
    daily = _daily(story)
    labels = label_days(pd.DatetimeIndex(daily.index), timezone=story.masthead.timezone)
    found = count_holidays(daily, labels)
    if found.empty:
        return []
    head = Heading(pen.say("节假日", "Holidays"))
    rows = [_row(row, story) for row in found.to_dict("records")]
    heads = [
        Head(pen.say("节日", "holiday"), "key"), Head(pen.say("日期", "days"), "key"),
        Head(pen.say("天数", "days off"), "num"), Head(pen.say("日均件数", "cases a day"), "num"),
        Head(pen.say(f"前{BEFORE_DAYS}天日均", f"a day in the {BEFORE_DAYS} before"), "num"),
        Head(pen.say("相差", "difference"), "num"),
    ]  # fmt: skip
    remark = pen.say(
        "放假日期按国务院办公厅通知；调休上班的周末算工作日；前四周日均不含其他节假日。",
        "Days off by the State Council's notices; weekends worked in exchange are workdays.",
    )
    caption = pen.say("法定节假日诉求量", "Statutory holidays")
    sentence = Text(_sentence(daily, labels, story))
    return [Together([head, sentence, Grid(caption, heads, rows, remark=remark)])]


def _daily(story: Story) -> "pd.Series[int]":
    """Count the cases of every day of the last year, from the first day with cases on."""
    last = story.now.last
    oldest = story.cases["reported_at"].min()
    first = last - timedelta(days=_DAYS - 1)
    known = max(first, oldest.date()) if pd.notna(oldest) else last
    return daily_totals(story.cases, known, last)


def _sentence(daily: "pd.Series[int]", labels: pd.DataFrame, story: Story) -> str:
    pen = story.pen
    mean = {k: daily[labels["kind"] == k].mean() for k in _KINDS}
    names = {
        "workday": pen.say("工作日", "workdays"), "weekend": pen.say("周末", "weekends"),
        "holiday": pen.say("法定节假日", "holidays"),
    }  # fmt: skip
    parts = [
        pen.say(f"{names[k]}{mean[k]:.1f}件", f"{mean[k]:.1f} on {names[k]}")
        for k in _KINDS
        if pd.notna(mean[k])
    ]
    days = len(daily)
    return pen.say(
        f"近{days}天日均诉求量：{pen.listing(parts)}。", f"Cases a day over the last {days} days: "
        f"{pen.listing(parts)}.",
    )  # fmt: skip


def _row(row: Mapping[Hashable, Any], story: Story) -> list[Cell]:
    pen = story.pen
    first, last = row["first"], row["last"]
    total, before = row["mean"], row["mean_before"]
    is_known = pd.notna(before) and before > 0
    change = (
        percent(round(1000 * (total - before)), round(1000 * before), places=1)
        if is_known
        else None
    )
    return [
        row["zh"] if pen.lang == "zh" else row["en"], _span(first, last, story), str(row["days"]),
        f"{total:.1f}", f"{before:.1f}" if is_known else "—", pen.signed(change),
    ]  # fmt: skip


def _span(first: date, last: date, story: Story) -> str:
    pen = story.pen
    if first == last:
        return pen.full_day(first)
    return pen.say(
        f"{pen.full_day(first)}至{pen.day(last)}", f"{pen.day(first)} to {pen.full_day(last)}"
    )
