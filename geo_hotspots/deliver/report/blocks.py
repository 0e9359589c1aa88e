"""Blocks one and two of the report: how many cases there are, and what they are about."""

from collections.abc import Hashable, Mapping
from datetime import timedelta
from typing import Any

import pandas as pd

from geo_hotspots.deliver.drawing.charts import Part, bars, pie
from geo_hotspots.deliver.drawing.timelines import columns
from geo_hotspots.deliver.report.streets import streets_compared
from geo_hotspots.deliver.report.view import (
    Beside,
    Block,
    Figure,
    Grid,
    Head,
    Item,
    Story,
    Text,
)
from geo_hotspots.hotspots.areas.breaks import tell_shifts
from geo_hotspots.hotspots.figures.changes import Comparison, compare
from geo_hotspots.hotspots.figures.summary import (
    count_by,
    daily_totals,
    percent,
    subcategories,
    within,
)
from geo_hotspots.hotspots.figures.workdays import label_days

SHOWN_DAYS = 14  # a daily report shows its day among so many
SHOWN_BREAKS = 3


def overall(story: Story) -> Block:
    """Tell how many cases came, day by day, against before, and through whom."""
    pen = story.pen
    title = pen.say("热线诉求整体情况", "Cases as a whole")
    items: list[Item] = [Text(_overall_sentence(story))]
    if story.now.last < story.masthead.period.last:
        items.append(Text(_unfinished(story), "note"))
    items += [Text(note, "warn") for note in _scope_notes(story) or _shift_notes(story)]
    if len(story.cases):
        items.append(_daily(story))
    return Block(title, [*items, *_sources(story)])


def _overall_sentence(story: Story) -> str:
    pen, n = story.pen, len(story.current)
    span, place = pen.span(story.now), story.masthead.place
    if n == 0:
        return pen.say(f"{span}，{place}没有受理诉求。", f"{span}: no cases in {place}.")
    moved = [pen.moved(_against(story, year=year), year=year) for year in (False, True)]
    mean, mean_en = f"，日均{n / story.now.days:.1f}件", f", {n / story.now.days:.1f} a day"
    if story.now.days == 1:
        mean = mean_en = ""
    sentence = pen.say(
        f"{span}，{place}共受理市民热线诉求{n}件{mean}。{'；'.join(moved)}。",
        f"{span}: {pen.count(n)} cases in {place}{mean_en}; {'; '.join(moved)}.",
    )
    if story.now.days == 1:
        return sentence
    daily = daily_totals(story.current, story.now.first, story.now.last)
    days = [day.date() for day in daily.index]
    most, least = days[int(daily.argmax())], days[int(daily.argmin())]
    if daily.max() == daily.min():
        return sentence
    return sentence + pen.say(
        f"单日最多为{pen.day(most)}（{daily.max()}件），最少为{pen.day(least)}（{daily.min()}件）。",
        f" The busiest day was {pen.day(most)} ({daily.max()}), "
        f"the quietest {pen.day(least)} ({daily.min()}).",
    )


def _against(story: Story, *, year: bool) -> Comparison:
    return compare(story.cases, story.now, story.year_ago if year else story.before)


def _unfinished(story: Story) -> str:
    pen = story.pen
    return pen.say(
        f"本期尚未结束，统计截至{pen.full_day(story.now.last)}；"
        f"环比取上期同样天数（{pen.span(story.before)}）。",
        f"The period is not over: counted up to {pen.full_day(story.now.last)}, "
        f"compared with as many days ({pen.span(story.before)}).",
    )


def _scope_notes(story: Story) -> list[str]:
    pen = story.pen
    if story.now.last < story.masthead.period.last:
        return []  # part of a period against whole ones would look like a break
    found = story.scope
    if found.empty:
        return []
    shown = [_scope_note(row, story) for row in found.head(SHOWN_BREAKS).to_dict("records")]
    more = len(found) - len(shown)
    return [
        pen.say(
            f"口径变化提示：{'；'.join(shown)}{f'；另有{more}类' * bool(more)}。"
            "变化幅度异常，请先核实是否调整了分类或受理口径（如热线并入、类别改名），"
            "或属季节性、突发情况，再作趋势解读。",
            f"Was the counting changed? {'; '.join(shown)}{f'; and {more} more' * bool(more)}. "
            "Check whether categories or channels were changed, or a season or an event explains "
            "it, before reading it as a trend.",
        )
    ]


def _shift_notes(story: Story) -> list[str]:
    """Say what changed in the counting since the period compared with, if not in this period."""
    if story.areas is None:
        return []
    shifts = story.areas.shifts
    notes = tell_shifts(shifts.loc[shifts["since"].dt.date > story.before.first])
    return [f"{note.say(story.pen.lang)}{story.pen.say('。', '.')}" for note in notes]


def broken_categories(story: Story) -> set[str]:
    """Name the first-level categories that cannot be compared with the period before."""
    broken = set(story.scope["category"])
    if story.areas is None:
        return broken
    shifts = story.areas.shifts
    return broken | set(shifts.loc[shifts["since"].dt.date > story.before.first, "category"])


def _scope_note(row: Mapping[Hashable, Any], story: Story) -> str:
    pen, n = story.pen, int(row["n"])
    mean, since = f"{row['mean_before']:.1f}", pen.day(row["since"])
    return pen.say(
        f"“{row['category']}”本期{n}件，此前{row['periods']}期平均每期{mean}件，约自{since}起变化",
        f"“{row['category']}”: {pen.count(n)} cases, {mean} on average in the {row['periods']} "
        f"periods before, another daily count from about {since} on",
    )


def _daily(story: Story) -> Figure:
    """Draw the period day by day; a single day stands among the days before it."""
    pen, now = story.pen, story.now
    is_day = now.days == 1
    first = now.last - timedelta(days=SHOWN_DAYS - 1) if is_day else now.first
    daily = daily_totals(story.cases, first, now.last)
    labels = [f"{d.month}/{d.day}" for d in daily.index]
    is_free = (
        label_days(pd.DatetimeIndex(daily.index), timezone=story.masthead.timezone)["kind"]
        != "workday"
    )
    light = [d.date() != now.last for d in daily.index] if is_day else is_free.tolist()
    before: list[int] = []
    if not is_day and _against(story, year=False).n_prev is not None:
        last = min(story.before.last, story.before.first + timedelta(days=now.days - 1))
        before = daily_totals(story.cases, story.before.first, last).tolist()
    caption = pen.say(
        "近14天每日诉求量（深色为本日）" if is_day else "每日诉求量（浅色为周末和节假日）",
        "Cases a day, the day itself dark"
        if is_day
        else "Cases a day, weekends and holidays lighter",
    )
    if before:
        caption += pen.say("；虚线为上期同序日", "; dashed: the period before, day for day")
    drawing = columns(labels, daily.tolist(), title=caption, light=light, before=before)
    return Figure(caption, drawing, is_wide=True)


def _sources(story: Story) -> list[Item]:
    pen = story.pen
    shown: list[Item] = []
    missing: list[str] = []
    for column, name in (
        ("channel", pen.say("来源渠道", "channel")),
        ("department", pen.say("承办单位", "department")),
    ):
        counts = count_by(story.current, column).head(10)
        if counts.empty:
            missing.append(name)
            continue
        caption = pen.say(f"按{name}分布（前十）", f"By {name}, ten largest")
        shown.append(Figure(caption, bars(_parts(counts, column, story), title=caption)))
    items: list[Item] = [Beside(shown)] if shown else []
    if missing:
        names = pen.listing(missing)
        items.append(
            Text(
                pen.say(
                    f"本期诉求未载明{names}，不作相应分析。",
                    f"The cases do not say their {names}.",
                ),
                "note",
            )
        )
    return items


def _parts(counts: pd.DataFrame, column: str, story: Story) -> list[Part]:
    unit = story.pen.say("件", "")
    return [
        Part(str(name), int(n), f"{story.pen.count(int(n))}{unit} · {share:.2f}%")
        for name, n, share in zip(counts[column], counts["n"], counts["share_pct"], strict=True)
    ]


def categories(story: Story) -> Block:
    """Tell what the cases are about: the ten largest categories, and what they are made of."""
    pen = story.pen
    title = pen.say("主要诉求分布", "What the cases are about")
    top = story.top
    if top.empty:
        none = pen.say("本期没有带分类的诉求。", "No case of the period has a category.")
        return Block(title, [Text(none)])
    parts = _parts(top, "category", story)
    rest_n = len(story.current) - int(top["n"].sum())
    rest_share = pen.pct(percent(rest_n, len(story.current)), 2)
    rest = Part(pen.say("其他", "others"), rest_n, rest_share)
    slices = [Part(p.name, p.n, f"{s:.2f}%") for p, s in zip(parts, top["share_pct"], strict=True)]
    bar_caption = pen.say("主要诉求类别（件数与占比）", "Largest categories, cases and share")
    pie_caption = pen.say("主要诉求类别构成", "Make-up by category")
    return Block(
        title,
        [
            Text(_top_sentence(top, story)),
            Beside(
                [
                    Figure(bar_caption, bars(parts, title=bar_caption)),
                    Figure(pie_caption, pie(slices, rest=rest, title=pie_caption)),
                ]
            ),
            _top_table(top, story),
            *_second_table(story),
            *streets_compared(story),
        ],
    )


def _top_sentence(top: pd.DataFrame, story: Story) -> str:
    pen = story.pen
    total = f"{top['cumulative_pct'].iloc[-1]:.2f}%"
    first = pen.listing(
        [
            pen.say(f"{name}（{share:.2f}%）", f"{name} ({share:.2f}%)")
            for name, share in zip(top["category"][:3], top["share_pct"][:3], strict=True)
        ]
    )
    unnamed = int(story.current["category_1"].isna().sum())
    sentence = pen.say(
        f"{pen.top(len(top))}类诉求共{int(top['n'].sum())}件，占全部热线案件的{total}。"
        f"居前的是{first}。",
        f"The {len(top)} largest categories hold {pen.count(int(top['n'].sum()))} cases, "
        f"{total} of all. In front: {first}.",
    )
    if story.current["category_1"].nunique() <= len(top):
        sentence = pen.say(
            f"诉求涉及{len(top)}类，居前的是{first}。",
            f"There are {len(top)} categories. In front: {first}.",
        )
    if unnamed:
        sentence += pen.say(
            f"另有{unnamed}件未载明分类，计入总数，不列入排序。",
            f" {unnamed} cases without a category count in the whole but are not listed.",
        )
    return sentence


def _top_table(top: pd.DataFrame, story: Story) -> Grid:
    pen = story.pen
    known = _against(story, year=False).n_prev is not None
    counts = within(story.cases, story.before)["category_1"].value_counts()
    before = [int(counts.get(name, 0)) if known else None for name in top["category"]]
    broken, changed = broken_categories(story), pen.say("口径变化", "counting changed")
    rows = [
        [
            str(i + 1), str(row["category"]), pen.count(row["n"]), f"{row['share_pct']:.2f}%",
            f"{row['cumulative_pct']:.2f}%", "—" if n_prev is None else pen.count(n_prev),
            changed if row["category"] in broken else pen.against(row["n"], n_prev),
        ]
        for i, (row, n_prev) in enumerate(zip(top.to_dict("records"), before, strict=True))
    ]  # fmt: skip
    heads = [
        Head(pen.say("序号", "No."), "mid"),
        Head(pen.say("诉求类别", "category")),
        Head(pen.say("件数", "cases"), "num"),
        Head(pen.say("占比", "share"), "num"),
        Head(pen.say("累计占比", "cumulative"), "num"),
        Head(pen.say("上期", "before"), "num"),
        Head(pen.say("环比", "change"), "num"),
    ]
    return Grid(
        pen.say(f"诉求量{pen.top(len(top))}类", f"The {len(top)} largest categories"), heads, rows
    )


def _second_table(story: Story) -> list[Item]:
    pen = story.pen
    table = subcategories(story.current)
    if table.empty:
        none = pen.say("诉求未分二级类别。", "The cases have no second level.")
        return [Text(none, "note")]
    heads = [
        Head(pen.say("一级", "first level"), "key"),
        Head(pen.say("二级", "second level"), "key"),
        Head(pen.say("件数", "cases"), "num"),
        Head(pen.say("占该一级", "of the first"), "num"),
    ]
    has_third = bool(table["category_3"].notna().any())
    if has_third:
        heads.append(Head(pen.say("其中最多的三级", "largest third level")))
    rows = []
    previous = None
    for row in table.to_dict("records"):
        name = "" if row["category_1"] == previous else str(row["category_1"])
        previous = row["category_1"]
        cells = [name, str(row["category_2"]), pen.count(row["n"]), f"{row['share_pct']:.2f}%"]
        rows.append([*cells, _third(row, story)] if has_third else cells)
    caption = pen.say("前五类的二、三级构成", "The five largest by second and third level")
    return [Grid(caption, heads, rows)]


def _third(row: Mapping[Hashable, Any], story: Story) -> str:
    name, n = row["category_3"], row["n_3"]
    return "—" if pd.isna(name) else story.pen.say(f"{name}（{n}件）", f"{name} ({n})")
