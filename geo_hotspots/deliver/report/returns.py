"""Block six of the report: what the citizens said when they were called back (回访)."""

import math
from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from geo_hotspots.deliver.drawing.charts import interval
from geo_hotspots.deliver.report.view import (
    Block,
    Cell,
    Drawn,
    Grid,
    Head,
    Heading,
    Item,
    Story,
    Text,
)
from geo_hotspots.hotspots.figures.rates import RATES, SMALL_SAMPLE, rates_by
from geo_hotspots.hotspots.figures.summary import count_by
from geo_hotspots.words import Words

RATE = {
    "responded": Words("响应率", "responded"),
    "resolved": Words("解决率", "resolved"),
    "satisfied": Words("满意率", "satisfied"),
}
SHOWN_DEPARTMENTS = 20
ENDS = 5  # communities shown at the top and at the bottom
MOST_TIED = 10  # rows at the top, where many share a rank


class Answers(NamedTuple):
    """How many were asked, and how many said yes."""

    asked: int
    yes: int


def answers(cases: pd.DataFrame) -> dict[str, Answers]:
    """Count the answers to each of the three questions."""
    flags = {rate: cases[rate].astype("boolean") for rate in RATES}
    return {rate: Answers(int(f.count()), int(f.sum())) for rate, f in flags.items()}


def returns(story: Story) -> Block:
    """Rank streets, communities and departments by the three rates."""
    pen = story.pen
    title = pen.say("热线回访情况", "What citizens said when called back")
    said = answers(story.current)
    if not any(a.asked for a in said.values()):
        none = pen.say(
            "本期工单没有回访结果，不计算三率。",
            "The cases of this period carry no answers from call-backs, so there are no rates.",
        )
        return Block(title, [Text(none)])
    items: list[Item] = [Text(_sentence(story, said)), Text(_rules(story), "note")]
    items += _ranking(story, "street", pen.say("各街道三率", "Subdistricts"), most=None)
    items += _communities(story)
    items += _ranking(
        story, "department", pen.say("承办单位三率", "Departments"), most=SHOWN_DEPARTMENTS
    )
    return Block(title, items)


def _sentence(story: Story, said: dict[str, Answers]) -> str:
    pen = story.pen
    rates = [
        pen.say(
            f"{RATE[r].zh}{pen.rate(a.yes, a.asked)}（{a.yes}/{a.asked}）",
            f"{RATE[r].en} {pen.rate(a.yes, a.asked)} ({a.yes}/{a.asked})",
        )
        for r, a in said.items()
    ]
    score = pen.score(story.score)
    total = pen.say(f"综合得分{score}", f"composite {score}")
    open_cases = said["resolved"].asked - said["resolved"].yes
    unhappy = said["satisfied"].asked - said["satisfied"].yes
    sentence = pen.say(
        f"本期回访结果：{'，'.join(rates)}；{total}。"
        f"回访认为未解决的{open_cases}件、不满意的{unhappy}件",
        f"Answers: {', '.join(rates)}; {total}. "
        f"{open_cases} said not resolved, {unhappy} not satisfied",
    )
    unresolved = story.current[~story.current["resolved"].astype("boolean").fillna(value=True)]
    worst = count_by(unresolved, "category_1").head(3)
    if worst.empty:
        return sentence + pen.say("。", ".")
    names = [pen.say(f"{c}（{n}件）", f"{c} ({n})")
             for c, n in zip(worst["category_1"], worst["n"], strict=True)]  # fmt: skip
    return sentence + pen.say(
        f"，未解决较多的类别是{pen.listing(names)}，应逐件分析。",
        f"; most of the unresolved: {pen.listing(names)}.",
    )


def _rules(story: Story) -> str:
    pen, w = story.pen, story.weights
    total = w.responded + w.resolved + w.satisfied
    parts = [f"{RATE[r].say(pen.lang)} {100 * getattr(w, r) / total:.4g}%" for r in RATES]
    return pen.say(
        f"分母只含回访时作出回答的诉求，未回访不等于“否”。综合得分为三率加权，权重为{pen.listing(parts)}，"
        "可在设置中调整。得分相同名次并列；括号内为回答数，横线为95%置信区间（威尔逊法），"
        f"任一项回答不足{SMALL_SAMPLE}件的标*，列在后面，不参加排名。",
        f"Only answers count: not asked is not “no”. Composite: {pen.listing(parts)}, from the "
        "settings. Equal scores share a rank. In brackets the answers, the line is the 95 % "
        f"Wilson interval; * marks fewer than {SMALL_SAMPLE} answers, too few to be ranked.",
    )


def _ranking(story: Story, by: str, caption: str, *, most: int | None) -> list[Item]:
    pen = story.pen
    table = _rank(story, by)
    if table.empty:
        none = pen.say(f"{caption}：本期诉求未载明，不作排名。", f"{caption}: not in the cases.")
        return [Heading(caption), Text(none)]
    shown = table if most is None else table.loc[table["n"].nlargest(most).sort_index().index]
    shown = shown.sort_values(["rank", "composite"], ascending=[True, False], kind="stable")
    items: list[Item] = [Heading(caption), Text(_firsts(table, story))]
    remark = ""
    if len(shown) < len(table):
        remark = pen.say(
            f"共{len(table)}个，列出诉求量最大的{len(shown)}个；名次按全部单位排列。",
            f"{len(shown)} of {len(table)} with most cases; ranked among all.",
        )
    return [*items, _rates_table(shown, story, caption, remark, ties=table["rank"])]


def _rank(story: Story, by: str) -> pd.DataFrame:
    """Rank those with enough answers; the others follow without a rank, best first."""
    table = rates_by(story.current, by, weights=story.weights)
    among = table["composite"].where(~table["is_small"])
    table["rank"] = among.rank(method="min", ascending=False).astype("Int64")
    order = ["rank", "composite"]
    return table.sort_values(order, ascending=[True, False], kind="stable", na_position="last")


def _firsts(table: pd.DataFrame, story: Story) -> str:
    """Say who is first, together if so, among those with enough answers."""
    pen = story.pen
    ranked = table[table["rank"].notna()]
    if ranked.empty:
        return pen.say(
            f"没有一家的三项回答均满{SMALL_SAMPLE}件，不排名。",
            f"None has {SMALL_SAMPLE} answers to each question: not ranked.",
        )
    first = ranked[ranked["rank"] == 1]
    names, score = pen.listing(first.index.astype(str)[:6].tolist()), first["composite"].iloc[0]
    among, among_en = "", ""
    if len(ranked) < len(table):
        among = f"三项回答均满{SMALL_SAMPLE}件的有{len(ranked)}个，其中"
        among_en = f"Of {len(ranked)} with {SMALL_SAMPLE} answers to each question: "
    if len(first) == 1:
        return pen.say(
            f"{among}综合得分第一的是{names}（{score:.2f}分）。",
            f"{among_en}{names} comes first ({score:.2f}).",
        )
    more = pen.say("等", " and others") if len(first) > 6 else ""  # noqa: PLR2004 - names in a line
    return pen.say(
        f"{among}{names}{more}共{len(first)}个并列第一，综合得分{score:.2f}。",
        f"{among_en}{names}{more}: {len(first)} share the first rank with {score:.2f}.",
    )


def _rates_table(
    shown: pd.DataFrame, story: Story, caption: str, remark: str, *, ties: "pd.Series[int]"
) -> Grid:
    pen = story.pen
    shared = ties.value_counts()
    lows = np.nan_to_num(shown[[f"{rate}_low" for rate in RATES]].to_numpy("float64"), nan=1.0)
    start = min(math.floor(10 * float(lows.min())) / 10, 0.9)
    rows: list[list[Cell]] = []
    for name, row in zip(shown.index.astype(str), shown.to_dict("records"), strict=True):
        rank = "*" if row["is_small"] else "—"
        if not pd.isna(row["rank"]):
            is_tie = shared[row["rank"]] > 1
            rank = pen.say("并列", "=") * bool(is_tie) + str(row["rank"])
        cells = [_rate_cell(row, rate, start, story) for rate in RATES]
        rows.append([rank, name, pen.count(row["n"]), *cells, pen.score(row["composite"])])
    heads = [
        Head(pen.say("名次", "rank"), "mid"),
        Head(pen.say("名称", "name")),
        Head(pen.say("诉求量", "cases"), "num"),
        *(Head(RATE[rate].say(pen.lang), "draw") for rate in RATES),
        Head(pen.say("综合得分", "composite"), "num"),
    ]
    scale = pen.say(f"横线刻度自{start:.0%}至100%。", f"The scale runs from {start:.0%} to 100%. ")
    return Grid(caption, heads, rows, remark=scale + remark)


def _rate_cell(row: Mapping[Hashable, Any], rate: str, start: float, story: Story) -> Cell:
    asked, yes = int(row[f"n_{rate}_asked"]), int(row[f"n_{rate}_yes"])
    if not asked:
        return "—"
    low, high = row[f"{rate}_low"], row[f"{rate}_high"]
    share = story.pen.rate(yes, asked)
    title = f"{RATE[rate].say(story.pen.lang)} {share} ({yes}/{asked}), 95% {low:.1%}–{high:.1%}"
    drawing = interval(row[f"{rate}_rate"], low, high, start=start, title=title)
    return Drawn(share, f"({asked})", drawing)


def _communities(story: Story) -> list[Item]:
    """Rank the communities with enough answers, and show both ends."""
    pen = story.pen
    caption = pen.say("社区三率（前列与后列）", "Communities, both ends")
    named = story.communities.set_index("code")["name"]
    streets = story.communities.set_index("code")["street"]
    table = _rank(story, "community_code")
    ranked = table[table["rank"].notna()]
    head = Heading(caption)
    if ranked.empty:
        none = pen.say(
            f"没有社区的三项回答均满{SMALL_SAMPLE}件，不排名。",
            f"No community has {SMALL_SAMPLE} answers to each question: not ranked.",
        )
        return [head, Text(none)]
    ranked.index = pd.Index(
        [
            pen.say(f"{name}（{street}）", f"{name} ({street})")
            for name, street in zip(
                named.reindex(ranked.index), streets.reindex(ranked.index), strict=True
            )
        ]
    )
    top = ranked[ranked["rank"] <= ENDS].head(MOST_TIED)
    bottom = ranked.drop(index=top.index).tail(ENDS)
    left = len(table) - len(ranked)
    remark = pen.say(
        f"{len(ranked)}个社区参与排名；另有{left}个社区回答不足{SMALL_SAMPLE}件，不排名。",
        f"{len(ranked)} communities ranked; {left} with fewer than {SMALL_SAMPLE} answers are not.",
    )
    front = pen.say("社区三率前列", "Communities in front")
    grids = [_rates_table(top, story, front, remark, ties=ranked["rank"])]
    if len(bottom):
        last = pen.say("社区三率后列", "Communities at the end")
        grids.append(_rates_table(bottom, story, last, "", ties=ranked["rank"]))
    return [head, Text(_firsts(ranked, story)), *grids]
