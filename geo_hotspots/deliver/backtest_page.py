"""`backtest.html` and `backtest.csv`: how often the lists of a year were right, beside others."""

import math
from pathlib import Path

import pandas as pd

from geo_hotspots.deliver.drawing.lines import draw_lines
from geo_hotspots.deliver.drawing.svg import ACCENT, ALERT, SOFT
from geo_hotspots.deliver.report.report import render_report
from geo_hotspots.deliver.report.view import (
    Block,
    Figure,
    Grid,
    Head,
    Item,
    Paper,
    Pen,
    Points,
    Text,
)
from geo_hotspots.errors import OutputError
from geo_hotspots.hotspots.forecast.backtest import CHOSEN, JUDGED, LENGTHS, Backtest
from geo_hotspots.hotspots.forecast.selection import ALL
from geo_hotspots.schema import Masthead
from geo_hotspots.words import RANKER, Words

_SHOWN_GROUPS = 30
_DIGITS = 6
_BASELINE = "count_4"

_MEANINGS = (
    Words(
        "做法：对每个周日，只用当天以前已收到的工单、已记录的整改和已下的雨，排出清单，"
        "再与随后七天的来电对照；采用哪种方法、季节和降雨系数，也只由当天以前的数据决定。",
        "Each list knows the cases received, the rectifications recorded and the rain fallen by "
        "its day, and is held against the seven days after it; the choice of ranker, season and "
        "rain factors know no more.",
    ),
    Words(
        "命中率：清单前 k 个点位收到的来电，占当周全部已定位来电的比例；各周合计后计算。",
        "Hit rate: callers at the first k places, of all located callers; weeks pooled.",
    ),
    Words(
        "准确率：清单前 20 个点位中，当周确有来电的比例；巡查过而当周没有来电的点位不计入。",
        "Precision: share of the first 20 places with a caller; places that were visited and "
        "stayed quiet are left out.",
    ),
    Words(
        "PAI：命中率除以清单点位占全部点位的比例；PEI：命中率除以事后最好的清单的命中率；"
        "NDCG：越靠前的命中计得越多，1 为最好；偏差：泊松偏差，越小越好。",
        "PAI: hit rate over the share of places listed. PEI: hit rate over that of the best list "
        "in hindsight. NDCG: hits count more the higher they stand, 1 is best. Deviance: Poisson, "
        "less is better.",
    ),
    Words(
        "提前量：命中的来电之前，该点位已连续在清单上的天数，取中位数。",
        "Lead: days for which the place had been on the list when the call came, the median.",
    ),
    Words(
        "领先：本工具采用的方法的命中率减去该方法的命中率（百分点）；"
        "括号内为按周成对自助法的 95% 区间。",
        "Ahead: hit rate of what the tool uses less that of the ranker, in points; in brackets the "
        "95 % interval of a bootstrap by weeks, paired.",
    ),
    Words(
        "地点由今天的地名库定位，未写地址的工单按全部工单归并成点位：这两点并非当时所知，各方法所受影响相同。",
        "Places are those of today's gazetteer, and cases without an address are gathered into "
        "places from all cases: so much was not known then, for no ranker more than for another.",
    ),
)


def write_backtest(folder: Path, result: Backtest, masthead: Masthead) -> None:
    """Write both files into an existing folder.

    Raises
    ------
    OutputError
        A file cannot be written.
    """
    rows = result.rows.assign(origin=result.rows["origin"].dt.strftime("%Y-%m-%d"))
    try:
        rows.round(_DIGITS).to_csv(
            folder / "backtest.csv", index=False, encoding="utf-8-sig", lineterminator="\n"
        )
        page = render_report(lay_out(result, masthead))
        (folder / "backtest.html").write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(
            f"回测结果写不进 {folder}：{error.strerror}；请检查权限和磁盘空间",
            f"the backtest cannot be written to {folder}: {error.strerror}; check rights and space",
        ) from error


def lay_out(result: Backtest, masthead: Masthead) -> Paper:
    """Lay the page out in the shapes of the report."""
    pen = Pen(masthead.lang)
    origins = result.rows["origin"].drop_duplicates()
    first, last = origins.min().date(), origins.max().date()
    rates = result.summary[result.summary.index == CHOSEN]
    ours = {str(name): float(value.iloc[0]) for name, value in rates.items()}
    marks = [pen.say("演示数据", "demonstration data")] * masthead.is_demo
    return Paper(
        heading=pen.say(
            f"{masthead.place}未诉先办清单回测", f"{masthead.place}: how right the lists were"
        ),
        period=pen.say(f"{len(origins)}周", f"{len(origins)} weeks"),
        span=pen.say(
            f"{pen.full_day(first)}至{pen.full_day(last)}的清单",
            f"lists of {pen.full_day(first)} to {pen.full_day(last)}",
        ),
        made=pen.say(
            f"数据截至{pen.full_day(masthead.as_of)}", f"data up to {pen.full_day(masthead.as_of)}"
        ),
        marks=marks,
        figures=[*(
            (pen.say(f"前{k}命中率", f"hit rate, first {k}"), pen.pct(100 * ours[f"hit_{k}"], 1))
            for k in LENGTHS
        ),
            (
                pen.say(f"前{JUDGED}准确率", f"precision, first {JUDGED}"),
                pen.pct(100 * ours[f"precision_{JUDGED}"], 1),
            ),
            (pen.say("提前（天）", "lead, days"), _figure(ours["lead_days"], 1)),
        ],
        opening=_open(result, pen),
        blocks=[
            _by_week(result, pen), _side_by_side(result, pen), _choices(result, pen),
            Block(
                pen.say("四、各数的含义", "4. What the numbers mean"),
                [Points([words.say(pen.lang) for words in _MEANINGS])],
            ),
        ],
        masthead=masthead,
    )  # fmt: skip


def _open(result: Backtest, pen: Pen) -> str:
    """Say in one sentence what a reader wants to know, the bad included."""
    rates = {str(name): 100 * float(v) for name, v in result.summary[f"hit_{JUDGED}"].items()}
    hit, its = pen.pct(rates[CHOSEN], 1), pen.pct(rates[_BASELINE], 1)
    best = max((name for name in rates if name != CHOSEN), key=rates.__getitem__)
    behind = rates[best] - rates[CHOSEN]
    name = RANKER[best].say(pen.lang)
    tail = (
        pen.say(f"事后看最好的是“{name}”，高出{behind:.1f}个百分点。",
                f" In hindsight “{name}” was best, by {behind:.1f} points.")
        if behind > 0
        else pen.say("没有一种单一方法更好。", " No single ranker was better.")
    )  # fmt: skip
    return (
        pen.say(
            f"清单前{JUDGED}个点位（共{result.n_units}个已知点位）命中当周已定位来电的{hit}，"
            f"按近4周件数排列为{its}。",
            f"The first {JUDGED} places, of {result.n_units:,} known, caught {hit} of each week's "
            f"located callers; the count of four weeks caught {its}.",
        )
        + tail
    )


def _by_week(result: Backtest, pen: Pen) -> Block:
    rows = result.rows
    at = rows[(rows["category"] == ALL) & (rows["k"] == JUDGED)]
    table = at.pivot_table(index="origin", columns="ranker", values="hit_rate", dropna=False)
    best = at.assign(best=at["hit_rate"] / at["pei"]).groupby("origin")["best"].max()
    courses = [
        (pen.say("事后最好的清单", "best list in hindsight"), SOFT, best),
        (RANKER[_BASELINE].say(pen.lang), ALERT, table[_BASELINE]),
        (RANKER[CHOSEN].say(pen.lang), ACCENT, table[CHOSEN]),
    ]
    chart = draw_lines(
        [day.strftime("%m-%d") for day in table.index],
        [(name, colour, (100 * values.fillna(0)).tolist()) for name, colour, values in courses],
        unit="%", title=pen.say(f"前{JUDGED}个点位的命中率", f"hit rate of the first {JUDGED}"),
    )  # fmt: skip
    caption = pen.say(
        f"每周清单前{JUDGED}个点位的命中率（横轴为清单日期）",
        f"Hit rate of the first {JUDGED} places, by the day of the list",
    )
    return Block(
        pen.say("一、逐周命中率", "1. Week by week"), [Figure(caption, chart, is_wide=True)]
    )


def _side_by_side(result: Backtest, pen: Pen) -> Block:
    order = result.summary.sort_values(f"hit_{JUDGED}", ascending=False)
    rows = [
        [
            RANKER[str(name)].say(pen.lang),
            *(_figure(100 * row[f"hit_{k}"], 2) for k in LENGTHS),
            _figure(100 * row[f"precision_{JUDGED}"], 1), _figure(row[f"pai_{JUDGED}"], 1),
            _figure(row[f"pei_{JUDGED}"], 2), _figure(row[f"ndcg_{JUDGED}"], 2),
            _figure(row["deviance"], 3), _figure(row["lead_days"], 0), _say_ahead(str(name), row),
        ]
        for name, row in order.iterrows()
    ]  # fmt: skip
    numbers = [
        *(pen.say(f"命中率 {k}（%）", f"hit {k}, %") for k in LENGTHS),
        pen.say("准确率（%）", "precision, %"), "PAI", "PEI", "NDCG", pen.say("偏差", "deviance"),
        pen.say("提前（天）", "lead, days"), pen.say("领先（百分点）", "ahead, points"),
    ]  # fmt: skip
    heads = [Head(pen.say("方法", "ranker"), "key"), *(Head(text, "num") for text in numbers)]
    caption = pen.say("各方法并列，按前20命中率排列", "All rankers, by hit rate of the first 20")
    return Block(pen.say("二、各方法比较", "2. All rankers"), [Grid(caption, heads, rows)])


def _say_ahead(name: str, row: pd.Series) -> str:
    if name == CHOSEN:
        return "—"
    ahead, low, high = (100 * row[c] for c in ("ahead", "ahead_low", "ahead_high"))
    return f"{ahead:+.2f} [{low:+.2f}, {high:+.2f}]".replace("-", "−")


def _choices(result: Backtest, pen: Pen) -> Block:
    """Say which ranker each group has at the end, and how often it was changed."""
    rows, choices = result.rows, result.choices
    at = rows[(rows["ranker"] == CHOSEN) & (rows["k"] == JUDGED)]
    table = at.assign(hits=at["hit_rate"] * at["n_next"]).groupby("category")[["hits", "n_next"]]
    sums = table.sum().sort_values("n_next", ascending=False).head(_SHOWN_GROUPS)
    lines = [
        [
            pen.say("全部", "all") if group == ALL else str(group),
            RANKER[choices[group].iloc[-1]].say(pen.lang),
            str(int((choices[group] != choices[group].shift()).sum() - 1)),
            f"{row['n_next'] / len(choices):.1f}", _figure(100 * row["hits"] / row["n_next"], 1),
        ]
        for group, row in sums.iterrows()
    ]  # fmt: skip
    heads = [
        Head(pen.say("类别", "category")), Head(pen.say("现采用", "used now")),
        Head(pen.say("更换次数", "changes"), "num"),
        Head(pen.say("每周来电人数", "callers a week"), "num"),
        Head(pen.say("前20命中率（%）", "hit rate 20, %"), "num"),
    ]  # fmt: skip
    note = pen.say(
        "每类由过去一年的比试决定；与最好的方法相差不到一个标准误时，取较简单的；某类要偏离全部类别的选择，"
        "须好出两个标准误以上。每周不足6人的类别随全部类别。",
        "Each group is decided by the year before; within one standard error of the best the "
        "simpler is taken, and a group departs from the choice for all only beyond two. Groups of "
        "fewer than six callers a week go with all.",
    )
    caption = pen.say("各类别采用的方法", "What each category uses")
    items: list[Item] = [Grid(caption, heads, lines), Text(note, "note")]
    return Block(pen.say("三、采用的方法", "3. What is used"), items)


def _figure(value: float, places: int) -> str:
    return "—" if math.isnan(value) else f"{value:.{places}f}".replace("-", "−")
