"""Areas in block seven: where cases are dense, what emerges, and which kinds spread nearby."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from geo_hotspots.deliver.report.view import Grid, Head, Heading, Item, Points, Story, Text
from geo_hotspots.hotspots.areas.clusters import ALARM_WEEKS, ALL, WATCH_WEEKS
from geo_hotspots.hotspots.areas.knox import NEAR_DAYS, NEAR_METRES
from geo_hotspots.hotspots.areas.survey import Areas
from geo_hotspots.words import CLUSTER, SIGNAL

SHOWN = 12
NAMED = 5  # communities with the most hot cells
SURE = 0.05
LEAST_RATIO = 1.5  # a smaller excess changes nobody's round


def hot_areas(story: Story, areas: Areas) -> list[Item]:
    """Say how much of the area is hot, how much of the cases it holds, and where it lies."""
    pen, cells = story.pen, areas.cells
    head = Heading(pen.say("热点区域", "Hot areas"))
    hot = cells[cells["is_hot"]]
    if hot.empty:
        none = pen.say(
            "没有哪个网格的件数超出偶然波动。", "No cell holds more cases than chance explains."
        )
        return [head, Text(none)]
    most = hot["community"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    named = pen.listing(
        [pen.say(f"{name}（{n}个）", f"{name} ({n})") for name, n in most.head(NAMED).items()]
    )
    area = pen.rate(len(hot), len(cells))
    share = pen.rate(int(hot["n"].sum()), int(cells["n"].sum()))
    alike = f"{areas.moran.i:.2f}"  # there is one, since cells differ where some are hot
    sentence = pen.say(
        f"{len(cells)}个网格中有{len(hot)}个明显偏热（占{area}），集中了有坐标诉求的{share}。"
        f"偏热网格较多的社区：{named}。相邻网格的相似程度（Moran's I）为{alike}，0为毫无规律。",
        f"{pen.count(len(hot))} of {pen.count(len(cells))} cells are hot ({area}) and hold {share} "
        f"of the cases with a point of their own, most of them in {named}. Neighbouring cells are "
        f"alike to the degree of {alike} (Moran's I; 0 is no order at all).",
    )
    return [head, Text(sentence)]


def emerging(story: Story, areas: Areas) -> list[Item]:
    """Tell which clusters emerge, why each is listed, and which only come from the counting."""
    pen = story.pen
    head = Heading(pen.say("新发聚集", "What emerges"))
    found = _without_echoes(pd.DataFrame(areas.emerging.drop(columns="geometry")))
    news = found[found["state"] != "scope_change"]
    rest = found[found["state"] == "scope_change"]
    items: list[Item] = [head, Text(_summary(story, news))]
    if len(news):
        items.append(_clusters(story, news.head(SHOWN), head.text))
    if len(rest):
        items.append(
            Text(
                pen.say(
                    "下列聚集由口径变化的类别形成，不作为新情况：",
                    "These clusters come from a category whose counting changed, and are no news:",
                )
            )
        )
        places = rest["community"] + pen.say("：", ": ") + rest["reason"]
        items.append(Points(places.head(SHOWN).tolist()))
    return items


def _without_echoes(found: pd.DataFrame) -> pd.DataFrame:
    """Leave out what the scan over all cases only repeats: half of it is a category's cluster."""
    is_all = found["category"] == ALL
    told = [set(ids.split()) for ids in found.loc[~is_all, "case_ids"]]
    echoes = [
        any(2 * len(mine & theirs) >= len(mine) for theirs in told)
        for mine in (set(ids.split()) for ids in found["case_ids"])
    ]
    return found[~(is_all & pd.Series(echoes, index=found.index, dtype=bool))]


def _summary(story: Story, news: pd.DataFrame) -> str:
    pen = story.pen
    if news.empty:
        return pen.say(
            "时空扫描没有发现超出偶然的新聚集。", "The scan finds no cluster beyond chance."
        )
    new, alarms = int((news["state"] == "new").sum()), int((news["signal"] == "alarm").sum())
    more = pen.say(f"下列前{SHOWN}处。", f" The first {SHOWN} are listed.")
    return pen.say(
        f"时空扫描发现{len(news)}处近六周内的聚集，其中预警{alarms}处、新出现{new}处。"
        f"重现期是全部扫描合计、仅凭偶然平均多少周出现一次，{ALARM_WEEKS}周以上为预警，"
        f"{WATCH_WEEKS}周以上为关注。{more if len(news) > SHOWN else ''}",
        f"The scan finds {len(news)} clusters of the last six weeks, {alarms} of them alarms and "
        f"{new} new. Over all scans together, chance alone brings one every so many weeks: from "
        f"{ALARM_WEEKS} on it is an alarm, from {WATCH_WEEKS} on to be watched."
        f"{more if len(news) > SHOWN else ''}",
    )


def _clusters(story: Story, shown: pd.DataFrame, caption: str) -> Grid:
    pen = story.pen
    records = shown.to_dict("records")
    rows = [_cluster(story, i, row) for i, row in enumerate(records, 1)]
    heads = [
        Head(pen.say("序号", "No."), "mid"), Head(pen.say("类别", "category")),
        Head(pen.say("中心社区", "around")), Head(pen.say("半径(米)", "radius (m)"), "num"),
        Head(pen.say("件数", "cases"), "num"), Head(pen.say("应有", "expected"), "num"),
        Head(pen.say("人数", "callers"), "num"), Head(pen.say("周数", "weeks"), "num"),
        Head(pen.say("级别", "signal"), "mid"), Head(pen.say("新旧", "state"), "mid"),
    ]  # fmt: skip
    return Grid(caption, heads, rows, [str(row["reason"]) for row in records])


def _cluster(story: Story, number: int, row: Mapping[Hashable, Any]) -> list[str]:
    pen = story.pen
    is_all = row["category"] == ALL
    return [
        str(number), pen.say("全部诉求", "all cases") if is_all else str(row["category"]),
        str(row["community"]), pen.count(int(row["radius_m"])), pen.count(int(row["n"])),
        f"{row['expected']:.1f}", pen.count(int(row["n_callers"])), str(int(row["weeks"])),
        SIGNAL[row["signal"]].say(pen.lang), CLUSTER[row["state"]].say(pen.lang),
    ]  # fmt: skip


def spreading(story: Story, areas: Areas) -> list[Item]:
    """Tell which kinds of trouble come again nearby and soon: there a round pays off."""
    pen = story.pen
    found = areas.near
    found = found[(found["qvalue"] <= SURE) & (found["ratio"] >= LEAST_RATIO)].head(SHOWN)
    if found.empty:
        return []
    head = Heading(pen.say("近邻再发", "What comes again nearby"))
    sentence = pen.say(
        f"下列类别在一处出现后，{NEAR_DAYS:.0f}天内、{NEAR_METRES:.0f}米以内再次出现的机会"
        "明显高于平常，接诉后宜一并巡查周边。",
        f"After one case of these kinds, another within {NEAR_DAYS:.0f} days and "
        f"{NEAR_METRES:.0f} m is clearly likelier than usual: look around when one comes in.",
    )
    rows = [
        [
            str(row["group"]), pen.count(row["n"]), pen.count(row["n_pairs"]),
            f"{row['expected']:.1f}", pen.say(f"{row['ratio']:.1f}倍", f"{row['ratio']:.1f} ×"),
        ]
        for row in found.sort_values("ratio", ascending=False).to_dict("records")
    ]  # fmt: skip
    heads = [
        Head(pen.say("类别", "category")),
        Head(pen.say("近一年件数", "cases in a year"), "num"),
        Head(pen.say("近邻成对", "near pairs"), "num"),
        Head(pen.say("偶然应有", "by chance"), "num"),
        Head(pen.say("倍数", "ratio"), "num"),
    ]
    return [head, Text(sentence), Grid(head.text, heads, rows)]
