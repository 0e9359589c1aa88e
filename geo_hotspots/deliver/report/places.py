"""Blocks four and five of the report: points, each kind by itself, and the two numbers of areas."""

from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import shapely

from geo_hotspots.deliver.drawing.charts import spark
from geo_hotspots.deliver.drawing.pins import Pin
from geo_hotspots.deliver.drawing.sketch import sketch
from geo_hotspots.deliver.report.view import (
    Beside,
    Block,
    Cell,
    Figure,
    Grid,
    Head,
    Heading,
    Item,
    Story,
    Text,
    Together,
)
from geo_hotspots.hotspots.figures.changes import compare
from geo_hotspots.hotspots.figures.summary import within
from geo_hotspots.words import LIFECYCLE, Words

SHOWN = {"group": 20, "repeat": 20, "single_caller": 10}
SPARK_WEEKS = 13
SHOWN_COMMUNITIES = 20
NBSP = "\u00a0"  # keeps a name and its numbers on one line

_TITLE = {
    "repeat": Words("高频诉求点位", "Repeat points"),
    "group": Words("群诉问题点位", "Group complaints"),
    "single_caller": Words(
        "一人多诉（单列，不参与排名）", "Single callers (not ranked with others)"
    ),
}
_SHORT = {
    "repeat": Words("高频诉求点位", "repeat points"),
    "group": Words("群诉问题点位", "group complaints"),
    "single_caller": Words("一人多诉点位", "single callers"),
}
_MEANS = {
    "repeat": Words(
        "同一地点、同类问题被多人在多日反复反映。",
        "One place, one matter, many callers and days.",
    ),
    "group": Words("短期内多人集中反映同一地点、同类问题。", "Many callers within a short time."),
    "single_caller": Words(
        "主要由同一来电人反复反映，需与诉求人沟通，不代表周边普遍问题。",
        "Mostly one caller: talk to them; it does not speak for the neighbourhood.",
    ),
}  # fmt: skip


def points(story: Story) -> Block:
    """List group complaints, repeat points and single callers, never in one ranking."""
    pen = story.pen
    items: list[Item] = []
    for kind in SHOWN:
        items += _kind(story, kind)
    return Block(pen.say("高频诉求及点位", "Where cases repeat"), items)


def _kind(story: Story, kind: str) -> list[Item]:
    pen = story.pen
    name = _SHORT[kind].say(pen.lang)
    found = story.hotspots[story.hotspots["kind"] == kind].sort_values("rank", kind="stable")
    head = Heading(_TITLE[kind].say(pen.lang))
    if found.empty:
        return [head, Text(pen.say(f"本期未发现{name}。", f"None found: {name}."))]
    alive = found[found["lifecycle"] != "quiet"]
    sentence = _MEANS[kind].say(pen.lang) + _how_many(story, found, alive)
    if alive.empty:
        return [head, Text(sentence)]
    shown = alive.head(SHOWN[kind])
    caption = pen.say(f"{name}分布（序号同下表）", f"{name}, numbered as in the table")
    streets = gpd.GeoDataFrame(story.streets)
    drawing = sketch(streets, title=caption, pins=_pins(shown), width=640, height=330)
    top = Together([head, Text(sentence), Figure(caption, drawing)])
    return [top, _points_table(story, shown, kind)]


def _how_many(story: Story, found: pd.DataFrame, alive: pd.DataFrame) -> str:
    """Say how many points there are, how many had cases now, and how many have gone quiet."""
    pen, quiet = story.pen, len(found) - len(alive)
    active = int(alive["hotspot_id"].isin(story.current["hotspot_id"]).sum())
    most = min(len(alive), SHOWN[str(found["kind"].iloc[0])])
    sentence = pen.say(
        f"共{len(found)}处，其中本期有诉求的{active}处",
        f" {len(found)} in all, {active} with cases in this period",
    )
    sentence += pen.say(
        f"；已平息的{quiet}处不再列出。" if quiet else "。",
        f"; {quiet} have gone quiet and are not shown." if quiet else ".",
    )
    if not most:
        return sentence
    first, first_en = ("前", "the first ") if most < len(alive) else ("", "")
    return sentence + pen.say(
        f"下表按名次列出{first}{most}处，名次以预计下周来电人数为主。",
        f" Listed: {first_en}{most} by rank, which follows the callers expected next week.",
    )


def _pins(shown: pd.DataFrame) -> list[Pin]:
    places = shown["geometry"].to_numpy()
    rows = zip(shapely.get_x(places), shapely.get_y(places), shown["name"].astype(str), strict=True)
    return [Pin(i + 1, x, y, f"{i + 1} {name}") for i, (x, y, name) in enumerate(rows)]


def _points_table(story: Story, shown: pd.DataFrame, kind: str) -> Grid:
    pen = story.pen
    weekly = _weekly_by_point(story, shown)
    now = story.current["hotspot_id"].value_counts()
    rows, notes = [], []
    for i, row in enumerate(shown.drop(columns="geometry").to_dict("records")):
        trend = weekly.get(row["hotspot_id"], [0] * SPARK_WEEKS)
        in_words = pen.say("近13周每周件数：", "Cases a week: ") + " ".join(map(str, trend))
        place = " ".join(str(row[c]) for c in ("street", "community") if pd.notna(row[c]))
        rows.append(
            [
                str(i + 1), str(row["name"]), str(row["category"]), place,
                LIFECYCLE[row["lifecycle"]].say(pen.lang),
                pen.count(int(now.get(row["hotspot_id"], 0))), pen.count(int(row["n"])),
                pen.count(int(row["n_callers"])), _month_day(row["last_at"]),
                spark(trend, title=in_words),
            ]
        )  # fmt: skip
        notes.append("" if pd.isna(row["reason"]) else str(row["reason"]))
    heads = [
        Head(pen.say("序号", "No."), "mid"), Head(pen.say("点位", "place")),
        Head(pen.say("类别", "category")), Head(pen.say("街道 社区", "subdistrict, community")),
        Head(pen.say("状态", "state"), "mid"), Head(pen.say("本期", "now"), "num"),
        Head(pen.say("累计", "all"), "num"), Head(pen.say("人数", "callers"), "num"),
        Head(pen.say("最近", "last"), "mid"), Head(pen.say("近13周", "13 weeks"), "draw"),
    ]  # fmt: skip
    return Grid(_TITLE[kind].say(pen.lang), heads, rows, notes)


def _month_day(at: Any) -> str:
    return "—" if pd.isna(at) else f"{at.month}/{at.day}"


def _weekly_by_point(story: Story, shown: pd.DataFrame) -> dict[str, list[int]]:
    """Count the cases of each point in each of the last weeks, oldest first."""
    cases = story.cases[story.cases["hotspot_id"].isin(shown["hotspot_id"])]
    age = (pd.Timestamp(story.now.last) - cases["reported_at"].dt.normalize()).dt.days
    week = SPARK_WEEKS - 1 - age // 7
    recent = (age >= 0) & (week >= 0)
    table = pd.crosstab(cases["hotspot_id"][recent], week[recent])
    table = table.reindex(columns=range(SPARK_WEEKS), fill_value=0)
    return {
        str(i): list(row) for i, row in zip(table.index, table.to_numpy().tolist(), strict=True)
    }


def areas(story: Story) -> Block:
    """Set complaints and problem places of streets and communities side by side."""
    pen = story.pen
    title = pen.say("社区问题量、诉求量分布", "Problem places and cases by community")
    if story.communities.empty or not int(story.streets["n"].sum()):
        none = pen.say(
            "本期没有可落到街道、社区的诉求。", "No case of the period lies in a known area."
        )
        return Block(title, [Text(none)])
    return Block(
        title,
        [
            Text(_areas_sentence(story)),
            Text(
                pen.say(
                    "诉求量是工单件数；问题量是这些工单涉及的不同点位数，同一地点反复来电只计一处。"
                    "只知街道的诉求计入街道，不计入社区。",
                    "Cases are complaints; problem places are the distinct places among them. "
                    "Cases known to a subdistrict only count there, not in a community.",
                ),
                "note",
            ),
            Beside([_area_map(story, "n"), _area_map(story, "n_points")]),
            _area_table(story, "street"),
            _area_table(story, "community"),
            *_all_communities(story),
        ],
    )


def _areas_sentence(story: Story) -> str:
    pen, total = story.pen, len(story.current)
    streets, communities = story.streets, story.communities
    largest = streets.sort_values(["n", "code"], ascending=[False, True]).head(3)
    names = [pen.say(f"{a}（{n}件）", f"{a} ({n})")
             for a, n in zip(largest["name"], largest["n"], strict=True) if n]  # fmt: skip
    some = int((communities["n"] > 0).sum())
    in_street, in_community = int(streets["n"].sum()), int(communities["n"].sum())
    return pen.say(
        f"本期{total}件诉求中，{in_street}件可落到街道，其中{in_community}件可落到社区，"
        f"涉及{some}个社区、{int(communities['n_points'].sum())}处问题点位；"
        f"{f'{total - in_street}件地点不明或不在本区，未计入本节。' * (total > in_street)}"
        f"诉求量居前的街道是{pen.listing(names)}。",
        f"Of {pen.count(total)} cases, {pen.count(in_street)} lie in a known subdistrict and "
        f"{pen.count(in_community)} of them in a known community: {some} communities, "
        f"{pen.count(int(communities['n_points'].sum()))} problem places. "
        f"{f'{total - in_street} have no known place here. ' * (total > in_street)}"
        f"Most cases: {pen.listing(names)}.",
    )


def _area_map(story: Story, column: Literal["n", "n_points"]) -> Figure:
    pen = story.pen
    name = pen.say("诉求量", "cases") if column == "n" else pen.say("问题量", "problem places")
    caption = pen.say(f"各社区{name}", f"Communities: {name}")
    unit = pen.say("件", "") if column == "n" else pen.say("处", "")
    legend = pen.say(f"{name}（{unit}）", name)
    drawing = sketch(
        gpd.GeoDataFrame(story.streets), title=caption, areas=gpd.GeoDataFrame(story.communities),
        shade=column, legend=legend,
    )  # fmt: skip
    return Figure(caption, drawing)


def _area_table(story: Story, by: Literal["street", "community"]) -> Grid:
    pen, is_street = story.pen, by == "street"
    table = story.streets if is_street else story.communities
    ordered = table.sort_values(["n", "n_points", "code"], ascending=[False, False, True])
    if not is_street:
        ordered = ordered[ordered["n"] > 0].head(SHOWN_COMMUNITIES)
    before = _counts_before(story, by)
    rows: list[list[Cell]] = []
    for i, row in enumerate(ordered.drop(columns="geometry").to_dict("records")):
        names = [str(row["name"])] if is_street else [str(row["name"]), str(row["street"])]
        per = f"{row['n'] / row['n_points']:.1f}" if row["n_points"] else "—"
        counts = [pen.count(row["n"]), pen.count(row["n_points"]), per]
        area = row["name" if is_street else "code"]
        n_prev = None if before is None else before.get(area, 0)
        then = ["—" if n_prev is None else pen.count(n_prev), pen.against(row["n"], n_prev)]
        rows.append([str(i + 1), *names, *counts, *then])
    street, community = Head(pen.say("街道", "subdistrict")), Head(pen.say("社区", "community"))
    heads = [
        Head(pen.say("序号", "No."), "mid"), *([street] if is_street else [community, street]),
        Head(pen.say("诉求量（件）", "cases"), "num"),
        Head(pen.say("问题量（处）", "places"), "num"),
        Head(pen.say("每处件数", "cases a place"), "num"),
        Head(pen.say("上期诉求量", "cases before"), "num"),
        Head(pen.say("诉求量环比", "change"), "num"),
    ]  # fmt: skip
    caption = (
        pen.say("各街道诉求量、问题量", "Subdistricts")
        if is_street
        else pen.say(
            f"诉求量居前的{len(rows)}个社区", f"The {len(rows)} communities with most cases"
        )
    )
    return Grid(caption, heads, rows)


def _counts_before(story: Story, by: Literal["street", "community"]) -> dict[str, int] | None:
    """Count the cases of each area in the period before; nothing where that is not known."""
    if compare(story.cases, story.now, story.before).n_prev is None:
        return None
    column = "street" if by == "street" else "community_code"
    counts = within(story.cases, story.before)[column].value_counts()
    return {str(name): int(n) for name, n in counts.items()}


def _all_communities(story: Story) -> list[Item]:
    """Print every community with cases in one compact table, a line to each street."""
    pen = story.pen
    some = story.communities[story.communities["n"] > 0]
    lines: dict[str, list[str]] = {street: [] for street in some["street"].dropna()}
    told = some.dropna(subset="street").sort_values(["n", "code"], ascending=[False, True])
    for street, name, n, places in told[["street", "name", "n", "n_points"]].itertuples(
        index=False
    ):
        short = str(name).removesuffix("居委会").removesuffix("社区")
        lines[street].append(f"{short}{NBSP}{n}/{places}")
    rows = [[str(street), pen.say("；", "; ").join(line)] for street, line in lines.items()]
    heads = [
        Head(pen.say("街道", "subdistrict"), "key"),
        Head(pen.say("社区 诉求量/问题量", "community cases/places")),
    ]
    return [Grid(pen.say("全部社区一览", "All communities with cases"), heads, rows)]
