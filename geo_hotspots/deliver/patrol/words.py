"""What the patrol list says of itself and of its columns, on paper and in the workbook."""

from collections.abc import Mapping
from datetime import timedelta

from geo_hotspots.deliver.report.view import Pen
from geo_hotspots.hotspots.points.callers import MISSING_CALLER
from geo_hotspots.schema import Masthead, Period
from geo_hotspots.words import KIND, LIFECYCLE, Lang, Words

TITLE = Words("未诉先办巡查清单", "Patrol list")
DEMO = Words("演示数据", "made-up demonstration data")
APPROXIMATE = Words("示意边界", "approximate boundaries")
APPROVAL = Words("审图号", "map approval no.")
AS_OF = Words("数据截至", "data up to")
NOTES = Words("说明", "Notes")
WHISTLE = Words("吹哨清单", "Several departments")
RESPONSIBLE = Words("责任人", "For")
UNKNOWN_STREET = Words("未定街道", "no subdistrict")
UNKNOWN_COMMUNITY = Words("未定社区", "no community")

HOW = Words("怎么用", "How to use")
PRIORITY = Words("优先级", "Priority")
MEANING = Words("各列含义", "Columns")
STAGE = Words("状态", "Stages")

COLUMNS = {
    "排名": Words("与地图上的名次一致", "the rank, as on the map"),
    "点位编号": Words("点位的固定编号，各周不变", "the point's id, the same every week"),
    "点位名称": Words("地点名称", "the place"),
    "类别": Words("诉求类别", "what the cases are about"),
    "性质": Words(
        "群诉：30 天内多人反映同一问题，或工单自述为多人共同反映；"
        "重复点位：不同的人反复反映；一人多诉：同一人多次反映，单列",
        "群诉: many people within 30 days, or a report that says so; "
        "重复点位: different people again and again; "
        "一人多诉: one person many times, on a list of its own",
    ),
    "状态": Words("点位所处阶段，见下", "the point's stage, see below"),
    "入选理由": Words("为什么列入本周清单", "why the point is on this list"),
    "较上周": Words(
        "近 7 天件数减去再前 7 天；上周清单上没有的为新上榜；"
        "没有上周清单时，首次来电在近 7 天内的为新上榜",
        "cases of the last 7 days less those of the 7 before; new if not on last week's list, or, "
        "where there was none, if its first case is of the last 7 days",
    ),
    "近28天件数": Words(
        "近 28 天（含截止日）的诉求件数", "cases of 28 days, the last day included"
    ),
    "近28天人数": Words(
        f"近 28 天不同来电人数；没有号码的诉求每件按 {MISSING_CALLER:g} 人计；"
        "全部没有号码的，以来电天数代替",
        f"callers of 28 days; a case without a caller counts {MISSING_CALLER:g}, days with cases "
        "stand for callers where nobody is named",
    ),
    "近91天件数": Words("近 91 天的诉求件数", "cases of 91 days"),
    "最近来电": Words("最近一次来电的日期", "the day of the last case"),
    "整改后天数": Words("距最近一次整改的天数", "days since the point was last rectified"),
    "反弹次数": Words("整改后又出现诉求的次数", "how often cases came back after a rectification"),
    "未解决": Words(
        "近 91 天回访答“未解决”的件数；未回访的不计",
        "answers 'not resolved' of 91 days; who was not asked is not counted",
    ),
    "不满意": Words(
        "近 91 天回访答“不满意”的件数；未回访的不计",
        "answers 'not satisfied' of 91 days; who was not asked is not counted",
    ),
    "建议时段": Words(
        "该社区上榜点位来电最集中的两个小时（7:00 至 21:00）；来电无时刻或不足 10 件的，用默认时段",
        "the two hours (7:00 to 21:00) when the cases of the community's points come in; "
        "the usual hours where fewer than ten carry a time",
    ),
    "街道": Words("所属街道", "the subdistrict"),
    "社区": Words("所属社区", "the community"),
    "责任人": Words("院落、社区或街道的责任人，取最小范围", "who answers for the place"),
    "到场时间": Words("现场填写", "to be filled in on the spot"),
    "处置情况": Words(
        "现场填写，从下拉选项中选：未发现、已处置、已上报、仍存在、无法核实",
        "to be chosen: 未发现 not found, 已处置 handled, 已上报 reported, 仍存在 persists, "
        "无法核实 could not be checked",
    ),
    "核查人": Words("现场填写", "to be filled in on the spot"),
    "备注": Words(
        "现场填写；请勿写居民姓名、电话和门牌室号", "remarks; no names, numbers or rooms"
    ),
}

STAGES = {
    "new": Words("近期新出现", "appeared of late"),
    "intensifying": Words("来电明显增多", "clearly more cases than before"),
    "persistent": Words("长期持续来电", "cases keep coming"),
    "diminishing": Words("来电减少", "fewer cases than before"),
    "sporadic": Words("时有时无", "cases come and go"),
    "rebounding": Words("整改后又出现", "came back after a rectification"),
}

USE = (
    Words(
        "总表按名次排列；各街道表按名次排列；各社区表按步行顺序排列，每 12 个点位以内为一轮。",
        "总表 (all points) and the sheets of the subdistricts stand by rank, those of the "
        "communities in walking order, in rounds of at most 12 stops.",
    ),
    Words(
        "到现场后填写到场时间、处置情况、核查人和备注；填哪一张表都可以，点位编号请勿改动。",
        "Fill in the last four columns, in whichever sheet; leave the ids as they are.",
    ),
    Words(
        "填好的表交回，用 geo-hotspots feedback 读入，下周名次即计入核查结果。",
        "Send the sheet back; geo-hotspots feedback reads it, and next week's list knows.",
    ),
    Words(
        "一人多诉单列一表，不与其他点位一同排名。",
        "Points of a single caller stand on a sheet of their own and share no ranking.",
    ),
    Words("内部工作用表，不得公开。", "For internal work; not to be published."),
)

WEIGHTS = {
    "unresolved": Words("未解决或不满意占比", "share not resolved or not satisfied"),
    "rebound": Words("反弹", "rebounding"),
    "group": Words("群诉", "group complaint"),
}


def title(masthead: Masthead) -> str:
    """Give the list's title, such as 东城区未诉先办巡查清单."""
    gap = "" if masthead.lang == "zh" else " · "
    return f"{masthead.place}{gap}{TITLE.say(masthead.lang)}"


def span(masthead: Masthead) -> str:
    """Say which days the list is for: the week after the last day that counts."""
    first = masthead.as_of + timedelta(days=1)
    pen = Pen(masthead.lang)
    return pen.span(Period("week", first, masthead.as_of + timedelta(days=7)))


def dateline(masthead: Masthead) -> str:
    """Say which days the list is for, and the last day that counts."""
    pen = Pen(masthead.lang)
    as_of = pen.full_day(masthead.as_of)
    return pen.say(
        f"{span(masthead)}巡查用 · {AS_OF.zh}{as_of}",
        f"for {span(masthead)} · {AS_OF.en} {as_of}",
    )


def marks(masthead: Masthead) -> list[str]:
    """List the reservations that stand on every page."""
    lang = masthead.lang
    given = ((masthead.is_demo, DEMO), (masthead.is_approximate, APPROXIMATE))
    said = [words.say(lang) for holds, words in given if holds]
    if masthead.approval:
        said.append(f"{APPROVAL.say(lang)} {masthead.approval}")
    return said


def say_weights(weights: Mapping[str, float], lang: Lang) -> str:
    """Print how the priority is made of the score and its weights."""
    parts = " + ".join(f"{value:g} × {WEIGHTS[key].say(lang)}" for key, value in weights.items())
    first = Words("优先级 = 得分 × (1 + ", "priority = score × (1 + ").say(lang)
    return f"{first}{parts})"


def stages(lang: Lang) -> list[tuple[str, str]]:
    """Name the stages that a listed point can be in, and what each means."""
    return [(LIFECYCLE[key].say(lang), words.say(lang)) for key, words in STAGES.items()]


def kind_of_singles(lang: Lang) -> str:
    """Name the kind that has a list of its own."""
    return KIND["single_caller"].say(lang)
