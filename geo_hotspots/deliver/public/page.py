"""The page of the shareable set: the month's counts, and in plain sentences what is left out."""

from geo_hotspots.deliver.drawing.charts import Part, bars
from geo_hotspots.deliver.public.month import Shareable
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
from geo_hotspots.schema import Masthead
from geo_hotspots.words import Words

_SHOWN_KINDS = 10


def lay_out(found: Shareable, masthead: Masthead) -> Paper:
    """Lay the page out in the shapes of the report."""
    pen = Pen(masthead.lang)
    total = "—" if found.total is None else pen.count(found.total)
    shown = [
        (pen.say("街道", "streets"), len(found.streets)),
        (pen.say("社区", "communities"), len(found.communities)),
        (pen.say("网格", "cells"), len(found.cells)),
        (pen.say("类别", "kinds"), len(found.categories)),
    ]
    return Paper(
        heading=pen.say(
            f"{masthead.place}市民热线诉求汇总", f"{masthead.place}: hotline cases in aggregate"
        ),
        period=pen.title(found.month), span=pen.title(found.month),
        made=pen.say(f"每个数不少于{found.k}人", f"no number of fewer than {found.k} people"),
        marks=[pen.say("演示数据", "demonstration data")] * masthead.is_demo,
        figures=[
            (pen.say("诉求（件）", "cases"), total),
            *((name, pen.count(n)) for name, n in shown),
        ],
        opening=_open(found, pen),
        blocks=[
            Block(pen.say("一、各街道", "1. Streets"), _streets(found, pen)),
            Block(pen.say("二、各类诉求", "2. Kinds of trouble"), _kinds(found, pen)),
            Block(
                pen.say("三、没有给出的内容", "3. What is left out"),
                [Points([words.say(pen.lang) for words in left_out(found)])],
            ),
        ],
        masthead=masthead,
    )  # fmt: skip


def left_out(found: Shareable) -> list[Words]:
    """Say what the set leaves out, and why, a sentence each."""
    k = found.k
    return [
        Words(
            f"不足{k}人反映的街道、社区、网格和类别不给出；为防止用上级总数减去下级各数推出"
            f"不足{k}人的数，另有个别达到{k}人的也不给出。没有列出的，不等于没有诉求。",
            f"Streets, communities, cells and kinds that fewer than {k} people spoke of are not "
            f"given. So that no total less its parts tells of fewer than {k}, a few more are "
            "withheld. What is not listed is not without cases.",
        ),
        Words(
            "没有点位、地址、工单编号和单件诉求；没有诉求原文、来电人和承办单位。",
            "There are no points, addresses or case numbers and no single case; no words of "
            "citizens, no callers, no departments.",
        ),
        Words(
            "时间只到整月；同一月份只写出一次，以免两份相减。",
            "Time goes down to whole months; a month is written once, so that no two sets of it "
            "can be subtracted.",
        ),
        Words(
            "网格为六边形，只计其中大部分诉求所在社区的件数；没有画行政区域界线。",
            "Cells are hexagons that count the cases of the community only that most of theirs "
            "lie in; no administrative border is drawn.",
        ),
        Words(
            "没有人数、响应率、解决率、满意率和分类别的分布。",
            "There are no numbers of callers, no rates, and no kinds of trouble by place.",
        ),
    ]


def _open(found: Shareable, pen: Pen) -> str:
    if found.total is None:
        return pen.say(
            f"{pen.title(found.month)}反映诉求的不足{found.k}人，没有可以给出的数。",
            f"Fewer than {found.k} people called in {pen.title(found.month)}; nothing is given.",
        )
    return pen.say(
        f"{pen.title(found.month)}共受理市民热线诉求{found.total}件，"
        f"按街道、社区、网格和类别汇总，每个数都不少于{found.k}人。",
        f"In {pen.title(found.month)} there were {pen.count(found.total)} cases, here summed up by "
        f"street, community, cell and kind, none of fewer than {found.k} people.",
    )


def _streets(found: Shareable, pen: Pen) -> list[Item]:
    rows = [
        [str(row["street"]), pen.count(int(row["n"])), str(below)]
        for row in found.streets.to_dict("records")
        for below in [int((found.communities["street"] == row["street"]).sum())]
    ]
    heads = [
        Head(pen.say("街道", "street"), "key"),
        Head(pen.say("诉求（件）", "cases"), "num"),
        Head(pen.say("给出的社区（个）", "communities given"), "num"),
    ]
    remark = pen.say(
        "各社区见 public_communities.csv，网格见 public_cells.geojson。",
        "Communities are in public_communities.csv, cells in public_cells.geojson.",
    )
    caption = pen.say("各街道诉求", "Cases by street")
    return [Grid(caption, heads, rows, remark=remark) if rows else Text(_nothing(pen))]


def _kinds(found: Shareable, pen: Pen) -> list[Item]:
    top = found.categories.head(_SHOWN_KINDS)
    if top.empty:
        return [Text(_nothing(pen))]
    title = pen.say("诉求最多的类别（件）", "The most frequent kinds (cases)")
    parts = [
        Part(str(row["category"]), int(row["n"]), pen.count(int(row["n"])))
        for row in top.to_dict("records")
    ]
    return [Figure(title, bars(parts, title=title))]


def _nothing(pen: Pen) -> str:
    return pen.say("没有可以给出的数。", "There is nothing that can be given.")
