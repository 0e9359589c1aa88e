"""The field dictionary (字段说明): what every column of every GIS layer means, in one CSV."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv

from geo_hotspots.deliver.allowed import FIELDS, LAYERS
from geo_hotspots.deliver.gis.styles import TITLES, VALUES
from geo_hotspots.deliver.ledger import guard_formulas
from geo_hotspots.deliver.writing import writing
from geo_hotspots.words import Lang, Words

KINDS = {
    "text": Words("文本", "text"),
    "integer": Words("整数", "integer"),
    "number": Words("数值", "number"),
    "time": Words("当地时间", "local time"),
    "flag": Words("是/否", "yes/no"),
}
# What a column is called where names have ten ASCII characters; the others fit as they are.
SHORT_NAMES = {
    "days_since_rectified": "days_fixed", "community_code": "comm_code",
    "uncertainty_m": "uncert_m", "resolution": "h3_level", "responded_rate": "resp_rate",
    "resolved_rate": "solv_rate", "recurrence_weeks": "recur_wks",
    "satisfied_rate": "satis_rate", "n_responded_asked": "resp_asked",
    "n_resolved_asked": "solv_asked", "n_satisfied_asked": "sati_asked",
}  # fmt: skip
MEANINGS: dict[str, Words] = {
    "hotspot_id": Words("点位的固定编号，各期不变", "the point's id, the same in every period"),
    "month": Words("受理的月份；只在可公开的成果里", "month of the calls; in what is shared alone"),
    "rank": Words("按优先级的名次；一人多诉另排", "by priority; single callers apart"),
    "name": Words("名称", "name"),
    "category": Words("诉求类别，各级以 / 分隔", "category, its levels separated by /"),
    "kind": Words(
        "群诉：30 天内 5 人以上，或工单自述", "group: five callers in 30 days, or stated"
    ),
    "lifecycle": Words("点位所处阶段", "the course of the point"),
    "n": Words(
        "件数：点位为近 364 天，网格为近 91 天，社区和街道为本期",
        "cases: of 364 days (points), 91 days (cells), the period (areas)",
    ),
    "n_callers": Words("不重复的诉求人数", "distinct callers"),
    "n_days": Words("有诉求的天数", "days with cases"),
    "first_at": Words("统计期内第一次来电", "first case counted"),
    "last_at": Words("最近一次来电", "last case"),
    "expected": Words("若无异常应有的人数或件数", "callers or cases that chance would bring"),
    "pvalue": Words("偶然达到这一数量的概率", "chance of so many by accident"),
    "qvalue": Words("控制误报率后的 p 值", "p value after control of false discoveries"),
    "score": Words("预计下周诉求人数", "callers expected next week"),
    "priority": Words("得分按未解决、反弹、群诉加权", "score, lifted by what is unresolved"),
    "days_since_rectified": Words("距上次整改的天数", "days since it was last put right"),
    "rebounds": Words("整改后再次出现的次数", "times it came back after that"),
    "community_code": Words("所在社区的代码", "code of its community"),
    "community": Words("所在社区", "its community"),
    "street": Words("所在街道；街道图层为自身", "its street; of a street, itself"),
    "cell": Words("H3 网格编号（十六进制）", "H3 cell (hexadecimal)"),
    "level": Words("定位到哪一级", "how exactly it is placed"),
    "uncertainty_m": Words("位置可能的偏差", "how far off the place may be"),
    "reason": Words("为什么入选", "why it is listed"),
    "resolution": Words("H3 级别", "H3 resolution"),
    "gistar": Words("Getis-Ord Gi*，仅供参考", "Getis-Ord Gi*, shown for comparison"),
    "is_hot": Words("通过误报率检验的热区", "hot, after control of false discoveries"),
    "trend": Words(
        "时空热点类别（按四周一段）", "class of emerging hot spot, in bins of four weeks"
    ),
    "cluster_id": Words("聚集的编号", "the cluster's id"),
    "signal": Words("报警（一年以上一遇）或关注", "alarm (rarer than once a year) or watch"),
    "state": Words("新出现、持续，或口径变化所致", "new, ongoing, or a change of counting"),
    "weeks": Words("聚集持续的周数", "weeks that the cluster spans"),
    "recurrence_weeks": Words(
        "偶然情况下多久出现一次这样的聚集", "how rarely chance would bring such a cluster"
    ),
    "radius_m": Words("聚集范围的半径", "radius of the cluster"),
    "drivers": Words("主要由哪些类别、点位构成", "categories and points that make it up"),
    "case_ids": Words("所含工单编号", "ids of its cases"),
    "code": Words("行政代码", "administrative code"),
    "n_points": Words("不重复的问题地点数", "distinct places with cases"),
    "change_pct": Words("与上期相比", "against the period before"),
    "responded_rate": Words("回访中已响应的比例", "share of those asked that were responded to"),
    "resolved_rate": Words("回访中已解决的比例", "share of those asked that were resolved"),
    "satisfied_rate": Words("回访中满意的比例", "share of those asked that were satisfied"),
    "n_responded_asked": Words("问到响应情况的件数", "cases asked about the response"),
    "n_resolved_asked": Words("问到解决情况的件数", "cases asked about the solution"),
    "n_satisfied_asked": Words("问到满意情况的件数", "cases asked about satisfaction"),
}
UNITS: dict[str, Words] = {
    "n": Words("件", "cases"),
    "n_callers": Words("人", "callers"),
    "n_days": Words("天", "days"),
    "score": Words("人/周", "callers a week"),
    "days_since_rectified": Words("天", "days"),
    "rebounds": Words("次", "times"),
    "uncertainty_m": Words("米", "m"),
    "n_points": Words("个", "places"),
    "weeks": Words("周", "weeks"),
    "recurrence_weeks": Words("周", "weeks"),
    "radius_m": Words("米", "m"),
    "change_pct": Words("%", "%"),
    **dict.fromkeys(("responded_rate", "resolved_rate", "satisfied_rate"), Words("0–1", "0–1")),
    **dict.fromkeys(
        ("n_responded_asked", "n_resolved_asked", "n_satisfied_asked"), Words("件", "cases")
    ),
}
_HEAD = {
    "layer": Words("图层", "layer"),
    "title": Words("图层名", "title"),
    "field": Words("字段", "field"),
    "alias": Words("中文名", "name"),
    "kind": Words("类型", "type"),
    "unit": Words("单位", "unit"),
    "meaning": Words("含义", "meaning"),
    "values": Words("取值", "values"),
    "short": Words("Shapefile字段", "in a Shapefile"),
}


def short_name(column: str) -> str:
    """Give the name of a column in a Shapefile: ASCII, ten characters at most."""
    return SHORT_NAMES.get(column, column)


def describe_fields(lang: Lang) -> pd.DataFrame:
    """List every column of every layer, one row each, in the order of the files."""
    nothing = Words("", "")
    rows = [
        {
            "layer": layer,
            "title": TITLES[layer].say(lang),
            "field": column,
            "alias": FIELDS[column].alias.say(lang),
            "kind": KINDS[FIELDS[column].kind].say(lang),
            "unit": UNITS.get(column, nothing).say(lang),
            "meaning": MEANINGS[column].say(lang),
            "values": "; ".join(f"{v} {w.say(lang)}" for v, w in VALUES.get(column, {}).items()),
            "short": short_name(column),
        }
        for layer, columns in LAYERS.items()
        for column in columns
    ]
    return pd.DataFrame(rows).rename(columns={key: words.say(lang) for key, words in _HEAD.items()})


def write_dictionary(path: Path, *, lang: Lang) -> None:
    """Write `fields.csv`, UTF-8 with a byte order mark, as Excel wants it.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    table = describe_fields(lang)
    columns = {name: guard_formulas(pa.array(table[name], pa.large_string())) for name in table}
    with writing(path), path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        csv.write_csv(pa.table(columns), file)
