"""Blocks seven and eight of the report: what to watch, and what every number counts."""

import pandas as pd

from geo_hotspots.deliver.report.blocks import broken_categories
from geo_hotspots.deliver.report.emerging import emerging, hot_areas, spreading
from geo_hotspots.deliver.report.held import held
from geo_hotspots.deliver.report.view import (
    Block,
    Grid,
    Head,
    Heading,
    Item,
    Points,
    Story,
    Text,
)
from geo_hotspots.deliver.report.wishes import wishes
from geo_hotspots.hotspots.figures.changes import changes_by, compare
from geo_hotspots.hotspots.figures.summary import UNUSABLE, status_account
from geo_hotspots.words import LIFECYCLE, STATUS, Words

SURE = 0.05  # Benjamini-Hochberg, over all categories or communities compared
SHOWN = 10
WATCHED = 8
RECENT_DAYS = 28
DORMANT = ("quiet", "insufficient")

_STATES = {
    "rebounding": Words(
        "整改后再次出现诉求，应复查整改措施。", "Cases came back after the fix: check it."
    ),
    "intensifying": Words("近期明显多于前期，应优先处置。", "Clearly more than before: act first."),
    "new": Words("近期新出现，宜早介入。", "Recently appeared: go early."),
}


def issues(story: Story) -> Block:
    """Tell what rebounds, gets worse, is new or rises, and what to watch next."""
    pen = story.pen
    items: list[Item] = []
    lived = set(_ranked(story)["lifecycle"])
    for state, words in _STATES.items():
        if state in lived:
            items += _state(story, state, words)
    missing = [LIFECYCLE[state].say(pen.lang) for state in _STATES if state not in lived]
    if missing:
        none = pen.say(
            f"本期没有{'、'.join(missing)}点位。", f"No point is {' or '.join(missing)}."
        )
        items.append(Text(none))
    if story.areas is not None:
        items += emerging(story, story.areas)
        items += hot_areas(story, story.areas)
        items += spreading(story, story.areas)
    items += held(story)
    items += _rising(story)
    items += _watch(story)
    items += wishes(story)
    return Block(pen.say("热点问题", "Hot issues"), items)


def _ranked(story: Story) -> pd.DataFrame:
    """Give the points that stand in the ranking: single callers do not."""
    found = story.hotspots
    return found[found["kind"] != "single_caller"].sort_values(["rank", "hotspot_id"])


def _state(story: Story, state: str, words: Words) -> list[Item]:
    pen = story.pen
    name = LIFECYCLE[state].say(pen.lang)
    found = _ranked(story)
    found = found[found["lifecycle"] == state]
    head = Heading(pen.say(f"{name}点位", f"{name.capitalize()} points"))
    sentence = pen.say(f"共{len(found)}处。", f"{len(found)} in all. ") + words.say(pen.lang)
    if len(found) > SHOWN:
        sentence += pen.say(f"下列前{SHOWN}处。", f" The first {SHOWN} are listed.")
    grid = _points_grid(found.head(SHOWN), story, head.text, has_state=False)
    return [head, Text(sentence), grid]


def _points_grid(shown: pd.DataFrame, story: Story, caption: str, *, has_state: bool) -> Grid:
    """Lay out points; the state where they differ in it, the days since a fix where one was."""
    pen = story.pen
    has_fix = bool(shown["days_since_rectified"].notna().any())
    now = story.current["hotspot_id"].value_counts()
    rows, notes = [], []
    for i, row in enumerate(shown.to_dict("records")):
        place = " ".join(str(row[c]) for c in ("street", "community") if pd.notna(row[c]))
        since = row["days_since_rectified"]
        state = LIFECYCLE[row["lifecycle"]].say(pen.lang)
        rows.append(
            [
                str(i + 1), str(row["name"]), str(row["category"]), place, *([state] * has_state),
                pen.count(int(now.get(row["hotspot_id"], 0))), pen.count(int(row["n"])),
                pen.count(int(row["n_callers"])),
                *(["—" if pd.isna(since) else str(int(since))] * has_fix),
            ]
        )  # fmt: skip
        notes.append("" if pd.isna(row["reason"]) else str(row["reason"]))
    heads = [
        Head(pen.say("序号", "No."), "mid"), Head(pen.say("点位", "place")),
        Head(pen.say("类别", "category")), Head(pen.say("街道 社区", "subdistrict, community")),
        *([Head(pen.say("状态", "state"), "mid")] * has_state),
        Head(pen.say("本期", "now"), "num"), Head(pen.say("累计", "all"), "num"),
        Head(pen.say("人数", "callers"), "num"),
        *([Head(pen.say("整改后天数", "days since fix"), "num")] * has_fix),
    ]  # fmt: skip
    return Grid(caption, heads, rows, notes)


def _rising(story: Story) -> list[Item]:
    """Name the categories and communities that rose beyond chance."""
    pen = story.pen
    head = Heading(pen.say("上升较快的类别和社区", "Rising categories and communities"))
    if compare(story.cases, story.now, story.before).n_prev is None:
        none = pen.say("数据未覆盖上期，暂不比较。", "The data do not reach back to compare.")
        return [head, Text(none)]
    names = dict(zip(story.communities["code"], story.communities["name"], strict=True))
    found = [
        *_risen(story, "category_1", pen.say("类别", "category"), {}),
        *_risen(story, "community_code", pen.say("社区", "community"), names),
    ]
    if not found:
        none = pen.say(
            "与上期相比，没有哪一类别或社区的上升超出偶然波动。",
            "No category or community rose beyond chance.",
        )
        return [head, Text(none)]
    rule = pen.say("下列上升明显超出偶然波动：", "These rose clearly beyond chance:")
    return [head, Text(rule), Points(found)]


def _risen(story: Story, column: str, what: str, names: dict[str, str]) -> list[str]:
    pen = story.pen
    table = changes_by(story.cases, column, story.now, story.before)
    broken = broken_categories(story)
    table = table[(table["qvalue"] <= SURE) & ~table[column].isin(broken)].head(SHOWN)
    return [
        pen.say(
            f"{what}“{names.get(row[column], row[column])}”：{row['n']}件，上期{row['n_prev']}件"
            f"（{pen.against(row['n'], row['n_prev'])}）。",
            f"{what} “{names.get(row[column], row[column])}”: {row['n']}, before {row['n_prev']} "
            f"({pen.against(row['n'], row['n_prev'])}).",
        )
        for row in table.to_dict("records")
    ]


def watched(story: Story) -> pd.DataFrame:
    """Give the points to visit first: by priority, those that still live and were heard of lately.

    A burst of a month ago may still weigh in the priority, but is nothing to announce.
    """
    found = _ranked(story)
    since = pd.Timestamp(story.now.last) - pd.Timedelta(days=RECENT_DAYS - 1)
    is_recent = pd.to_datetime(found["last_at"]) >= since
    alive = found[~found["lifecycle"].isin(DORMANT) & is_recent]
    order = alive.sort_values(["priority", "rank", "hotspot_id"], ascending=[False, True, True])
    return order.head(WATCHED)


def _watch(story: Story) -> list[Item]:
    pen = story.pen
    head = Heading(pen.say("下期关注", "What to watch next"))
    shown = watched(story)
    if shown.empty:
        none = pen.say("没有需要特别关注的点位。", "No point needs special attention.")
        return [head, Text(none)]
    sentence = pen.say(
        f"近{RECENT_DAYS}天仍有诉求的点位，按优先度（预计来电人数，计入未解决、反弹、群诉加权）排列，"
        "请相关街道、部门提前处置：",
        f"Points heard of in the last {RECENT_DAYS} days, by priority (expected callers, weighted "
        "for unresolved, rebounds and groups):",
    )
    return [head, Text(sentence), _points_grid(shown, story, head.text, has_state=True)]


def method(story: Story) -> Block:
    """Close the account, and say what each number counts and where it ends."""
    pen, mast = story.pen, story.masthead
    items: list[Item] = [Text(_account_sentence(story)), _account(story)]
    items += [
        Heading(pen.say("各数的含义", "What the numbers count")),
        Points([words.say(pen.lang) for words in _MEANINGS]),
    ]
    items += [Heading(pen.say("局限", "Limits")), Points(_limits(story))]
    release = pen.say(
        f"由 geo-hotspots {mast.version} 生成，数据截至{pen.full_day(mast.as_of)}。",
        f"Made by geo-hotspots {mast.version}, data up to {pen.full_day(mast.as_of)}.",
    )
    return Block(pen.say("方法与口径", "Methods and definitions"), [*items, Text(release, "note")])


def _account_sentence(story: Story) -> str:
    pen, total = story.pen, sum(story.account.values())
    unusable = sum(story.account.get(status, 0) for status in UNUSABLE)
    usable, n_later, n_remembered = _usable(story), story.n_later, story.n_remembered
    later = pen.say(
        f"，另有{n_later}件晚于统计截止日、不计入", f", and {pen.count(n_later)} after the last day"
    )
    earlier = pen.say(
        f"；历史库中以往读入的{n_remembered}件一并统计",
        f"; {pen.count(n_remembered)} cases of earlier runs are counted with them",
    )
    return pen.say(
        f"共读入{total}行，其中{unusable}行未采用（无法使用或已被后一行更新），可用诉求{usable}件，"
        f"本期{len(story.current)}件{later if n_later else ''}"
        f"{earlier if n_remembered else ''}。"
        "每一行的去向见下表，逐行原因见 ledger.csv。",
        f"{pen.count(total)} rows read, {pen.count(unusable)} not used (rejected or superseded), "
        f"{pen.count(usable)} usable cases, {pen.count(len(story.current))} of them in "
        f"this period{later if n_later else ''}{earlier if n_remembered else ''}. "
        "The table tells where the rows went, and "
        "ledger.csv why.",
    )


def _usable(story: Story) -> int:
    """Count the usable cases of this run's own files."""
    return len(story.cases) - story.n_remembered + story.n_later + story.n_forgotten


def _account(story: Story) -> Grid:
    pen = story.pen
    table = status_account(story.account, _usable(story))
    some = table[table["n"] > 0].to_dict("records")
    rows = [
        [STATUS[row["status"]].say(pen.lang), pen.count(row["n"]), f"{row['share_pct']:.2f}%"]
        for row in some
    ]
    total = int(table["n"].sum())
    rows.append([pen.say("合计", "total"), pen.count(total), "100.00%" if total else "—"])
    heads = [
        Head(pen.say("去向", "status")),
        Head(pen.say("行数", "rows"), "num"),
        Head(pen.say("占比", "share"), "num"),
    ]
    return Grid(pen.say("读入数据的去向", "Where the rows went"), heads, rows, has_total=True)


_MEANINGS = (
    Words(
        "诉求量：本期登记的可用工单件数，地点不明的也计入总数。",
        "Cases: usable cases of the period; those without a known place count in the total.",
    ),
    Words(
        "问题量：诉求涉及的不同点位数（门牌、楼栋、院落、单位、路口、道路），同一点位只计一处。",
        "Problem places: distinct places among the cases (door, building, compound, road).",
    ),
    Words(
        "环比：与上一期相比，期未满时取同样天数；同比：与上年同期相比，周报取52周前。"
        "数据未覆盖对比期的不比较；对比期不足10件的，只列增减件数，不列百分比。",
        "Changes: against the period before (as many days, if this one is not over) and the same "
        "days a year before (52 weeks for a week); in cases, not percent, where fewer than ten.",
    ),
    Words(
        "占比、累计占比：由件数直接计算，四舍五入到两位小数；累计占比不由已舍入的占比相加。",
        "Shares: from counts, rounded half up; cumulative shares from their own counts.",
    ),
    Words(
        "累计、人数：点位近一年（或设置的回溯期）的全部件数和不同来电人数；“本期”只计本期。",
        "Points: cases and callers of a year (or the window set); “now” is the period.",
    ),
    Words(
        "群诉：短期内多人集中反映，或工单自述为多人共同反映；一人多诉单列，不与其他点位一起排名。",
        "Group: many callers in a short time, or a report that says so; single callers are never "
        "ranked with the others.",
    ),
    Words(
        "上升较快：按日均件数作精确泊松检验，对全部类别、社区作多重比较校正（q≤0.05）。",
        "Rising: exact Poisson test on cases a day, corrected for all compared (q≤0.05).",
    ),
    Words(
        "口径变化提示：某类别本期与此前各期均值、与最近三期都相差悬殊（q<0.001，且一方不足另一方十分之一）时提示核实。",
        "Was the counting changed? Shown at q<0.001 where one side is under a tenth of the other, "
        "of the mean before and of each of the last three periods.",
    ),
)


def _limits(story: Story) -> list[str]:
    pen, mast = story.pen, story.masthead
    limits = [
        pen.say(
            "诉求反映的是“谁来电”，来电少不等于问题少；各街道、社区的件数不能直接当作治理水平比较。",
            "Cases measure who calls: few calls are not few problems.",
        ),
        pen.say(
            "地点由地址文字比对得出，可能有误；待核的已在 ledger.csv 标明。",
            "Places come from matching addresses; doubtful ones are marked in ledger.csv.",
        ),
    ]
    if mast.is_approximate:
        limits.append(
            pen.say(
                "街道、社区边界为示意边界，边界附近的诉求可能归入相邻街道、社区，不作勘界依据。",
                "Boundaries are approximate: cases near them may be counted next door.",
            )
        )
    if mast.is_demo:
        limits.append(
            pen.say(
                "本报告使用演示数据，所有诉求均为虚构。",
                "Demonstration data: every case is made up.",
            )
        )
    return [*limits, *mast.notes]
