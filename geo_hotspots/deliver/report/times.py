"""Block three of the report: the run of the weeks, and the hours of the week."""

import pandas as pd

from geo_hotspots.deliver.drawing.timelines import heat, line
from geo_hotspots.deliver.report.holidays import holidays
from geo_hotspots.deliver.report.view import (
    MONTHS,
    Block,
    Figure,
    Heading,
    Item,
    Story,
    Text,
    Together,
)
from geo_hotspots.hotspots.figures.summary import hour_of_week, percent, weekly_totals

YEAR, HALF_YEAR = 52, 26  # weeks
RECENT = 4  # weeks held against as many before
HOURS_WEEKS = 13  # one week is too few for a profile of 168 hours
SATURDAY = 5


def times(story: Story) -> Block:
    """Tell how the cases run over weeks and over the hours of the week."""
    pen = story.pen
    title = pen.say("时间变化趋势", "Over time")
    weekly = weekly_totals(story.cases, story.now.last, YEAR)
    if len(weekly) < YEAR:
        weekly = weekly.tail(HALF_YEAR)
    if len(weekly) <= 1:
        none = pen.say("数据不足两周，暂无趋势。", "Less than two weeks of data: no trend yet.")
        return Block(title, [Text(none), *_hours(story)])
    caption = pen.say(
        f"近{len(weekly)}周诉求量（每7天一点，末点止于{pen.day(story.now.last)}）",
        f"The last {len(weekly)} weeks; the last ends on {pen.day(story.now.last)}",
    )
    month = weekly.index.to_series().dt.month
    # The first week is in the middle of a month as a rule: the first label is the next month's.
    labels = [
        pen.say(f"{d.month}月", f"{MONTHS[d.month - 1][:3]}") if is_new else ""
        for d, is_new in zip(weekly.index, month.diff().fillna(0).ne(0), strict=True)
    ]
    names = [f"{d:%Y-%m-%d} · {n}" for d, n in zip(weekly.index, weekly, strict=True)]
    drawing = line(labels, weekly.tolist(), names=names, title=caption)
    figure = Figure(caption, drawing, is_wide=True)
    return Block(
        title,
        [Text(_weeks_sentence(weekly, story)), figure, *_hours(story), *holidays(story)],
    )


def _weeks_sentence(weekly: "pd.Series[int]", story: Story) -> str:
    pen = story.pen
    recent, earlier = int(weekly.tail(RECENT).sum()), int(weekly.iloc[-2 * RECENT : -RECENT].sum())
    sentence = pen.say(
        f"近{len(weekly)}周周均{weekly.mean():.1f}件，最多的一周{weekly.max()}件，"
        f"最少的一周{weekly.min()}件。",
        f"{weekly.mean():.1f} cases a week over {len(weekly)} weeks, "
        f"{pen.count(weekly.max())} at most, {pen.count(weekly.min())} at least.",
    )
    if len(weekly) < 2 * RECENT or not earlier:
        return sentence
    moved = pen.against(recent, earlier)
    return sentence + pen.say(
        f"最近四周共{recent}件，此前四周{earlier}件（{moved}）。",
        f" The last four weeks had {pen.count(recent)}, the four before {pen.count(earlier)} "
        f"({moved}).",
    )


def _hours(story: Story) -> list[Item]:
    pen = story.pen
    matrix = hour_of_week(_recent(story))
    total = int(matrix.to_numpy().sum())
    if not total:
        none = pen.say("诉求未载明来电时刻。", "The cases do not say the hour.")
        return [Text(none, "note")]
    caption = pen.say(
        f"近{HOURS_WEEKS}周各时段诉求量（件）", f"Cases by hour, the last {HOURS_WEEKS} weeks"
    )
    days = [pen.weekday(d) for d in range(7)]
    drawing = heat(matrix.to_numpy(), days=days, unit=pen.say("件", ""), title=caption)
    head = Heading(pen.say("一周各时段", "Hours of the week"))
    sentence = Text(_hours_sentence(matrix, total, story))
    return [Together([head, sentence, Figure(caption, drawing, is_wide=True)])]


def _recent(story: Story) -> pd.DataFrame:
    since = pd.Timestamp(story.now.last) - pd.Timedelta(days=7 * HOURS_WEEKS - 1)
    until = pd.Timestamp(story.now.last) + pd.Timedelta(days=1)
    at = story.cases["reported_at"]
    return story.cases.loc[(at >= since) & (at < until), ["reported_at"]]


def _hours_sentence(matrix: pd.DataFrame, total: int, story: Story) -> str:
    pen = story.pen
    by_hour = matrix.sum()
    busy = by_hour.sort_values(ascending=False, kind="stable").head(3).index.sort_values()
    share = pen.pct(percent(int(by_hour[busy].sum()), total, places=1), 1)
    hours = pen.listing([pen.say(f"{h}时", f"{h}:00") for h in busy])
    sentence = pen.say(
        f"近{HOURS_WEEKS}周来电最集中的三个整点时段是{hours}，合占{share}。",
        f"The three busiest hours are {hours}, {share} of all.",
    )
    by_day = matrix.sum(axis="columns").to_numpy()
    weekday, weekend = float(by_day[:SATURDAY].mean()), float(by_day[SATURDAY:].mean())
    if not weekend:
        return sentence
    return sentence + pen.say(
        f"周一至周五的日均诉求量是周末的{weekday / weekend:.1f}倍。",
        f" Monday to Friday have {weekday / weekend:.1f} times as many a day as the weekend.",
    )
