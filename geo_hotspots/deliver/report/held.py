"""What has become of the rectifications (整改): whether they hold, and whether they help."""

import math

import pandas as pd

from geo_hotspots.deliver.report.view import Grid, Head, Heading, Item, Pen, Story, Text
from geo_hotspots.hotspots.lifecycle.survival import ALL

_FEWEST = 3  # rectifications below which a category has no row of its own
_SHOWN = 12


def held(story: Story) -> list[Item]:
    """Lay out, by category, how many came back, how long they hold, and what they changed."""
    pen, table = story.pen, story.held
    if table is None or table.empty:
        return []
    shown = table[(table.index == ALL) | (table["n"] >= _FEWEST)].head(_SHOWN + 1)
    rows = [
        [
            pen.say("全部", "all") if name == ALL else str(name),
            pen.count(int(row["n"])), pen.count(int(row["back"])),
            "—" if math.isnan(row["median_days"]) else f"{row['median_days']:.0f}",
            _share(row, 28), _share(row, 91), _change(row),
        ]
        for name, row in shown.iterrows()
    ]  # fmt: skip
    heads = [
        Head(pen.say("类别", "category")), Head(pen.say("整改次数", "rectified"), "num"),
        Head(pen.say("已反弹", "came back"), "num"),
        Head(pen.say("半数反弹天数", "half back, days"), "num"),
        Head(pen.say("28天保持率", "holds 28 days"), "num"),
        Head(pen.say("91天保持率", "holds 91 days"), "num"),
        Head(pen.say("净变化（件）", "net change, cases"), "num"),
    ]  # fmt: skip
    head = Heading(pen.say("整改成效", "What rectifications achieved"))
    grid = Grid(head.text, heads, rows, remark=_remark(pen))
    return [head, Text(_sentence(table[table.index == ALL].iloc[0], pen)), grid]


def _sentence(row: "pd.Series[float]", pen: Pen) -> str:
    n, back = int(row["n"]), int(row["back"])
    said = pen.say(
        f"台账所载整改共{n}次，其中{back}次后又有两人以上反映（反弹）；",
        f"Of {n} rectifications, {back} were followed by two callers or more. ",
    )
    if row["high"] < 0:
        return said + pen.say(
            "与其他社区同类诉求相比，整改点位的诉求明显减少。",
            "Against the same trouble in other communities, cases at these points clearly fell.",
        )
    if row["low"] > 0:
        return said + pen.say(
            "与其他社区同类诉求相比，整改点位的诉求不减反增。",
            "Against the same trouble in other communities, cases at these points rose.",
        )
    return said + pen.say(
        "与其他社区同类诉求相比，看不出整改点位的诉求有明显变化。",
        "Against the same trouble in other communities, no clear change is seen.",
    )


def _remark(pen: Pen) -> str:
    return pen.say(
        "保持率为 Kaplan-Meier 估计，括号内为 95% 区间；"
        "净变化为整改后与整改前各91天（不足的按实际天数）相比，"
        "减去其他社区同类诉求的变化，括号内为 90% 区间，负数为减少。",
        "Shares that hold: Kaplan-Meier, 95 % interval. Net change: 91 days after against 91 "
        "before (fewer where fewer have passed), less the change of the same trouble in other "
        "communities, 90 % interval; below nought is fewer.",
    )


def _share(row: "pd.Series[float]", day: int) -> str:
    share, low, high = (100 * row[f"{key}_{day}"] for key in ("holds", "low", "high"))
    return f"{share:.0f}% [{low:.0f}, {high:.0f}]"


def _change(row: "pd.Series[float]") -> str:
    text = f"{row['difference']:+.0f} [{row['low']:+.0f}, {row['high']:+.0f}]"
    return text.replace("-", "−")
