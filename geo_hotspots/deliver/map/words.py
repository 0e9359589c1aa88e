"""What the map page says, in both languages; names of columns come from `allowed.FIELDS`."""

from geo_hotspots.deliver.allowed import FIELDS
from geo_hotspots.words import CLUSTER, KIND, LEVEL, LIFECYCLE, SIGNAL, TREND, Lang, Words

PAGE = {
    "title": Words("诉求热点地图", "Complaint hotspots"),
    "demo": Words("演示数据", "Demo data"),
    "approximate": Words("示意边界", "Sketch boundaries"),
    "approximate_note": Words(
        "示意边界：街道、社区界线为示意，不作划界依据",
        "Sketch boundaries: street and community lines are indicative only",
    ),
    "day": Words("日报", "Daily"),
    "week": Words("周报", "Weekly"),
    "month": Words("月报", "Monthly"),
    "to": Words("至", "to"),
    "as_of": Words("数据截至", "Data up to"),
    "approval": Words("审图号：", "Map approval no.: "),
    "old_browser": Words(
        "本页地图需要较新的浏览器：请在 360 浏览器中切换到“极速模式”，或用 Edge、Chrome 打开。"
        "以下为排名前十的点位。",
        "The map needs a newer browser, such as Edge, Chrome or Firefox. "
        "These are the ten points that rank first.",
    ),
    "no_points": Words(
        "本期没有达到门槛的重复点位。", "No point passed the threshold this period."
    ),
    "map_label": Words(
        "地图；点位可在列表中用键盘选择", "Map; points can be chosen in the list by keyboard"
    ),
    "layers": Words("图层", "Layers"),
    "hide": Words("收起", "Hide"),
    "fill": Words("底图着色", "Colour by"),
    "fill_community": Words("社区", "Community"),
    "fill_street": Words("街道", "Street"),
    "fill_cell": Words("网格", "Grid"),
    "fill_heat": Words("热力", "Heat"),
    "fill_none": Words("无", "None"),
    "measure": Words("指标", "Measure"),
    "show_hot": Words("热区轮廓", "Hot areas"),
    "show_hot_days": Words("热区轮廓（近 {days} 天）", "Hot areas, last {days} days"),
    "show_points": Words("重复点位", "Repeat points"),
    "show_emerging": Words("新发聚集", "Emerging clusters"),
    "every_category": Words("全部类别合计", "All categories together"),
    "show_rectified": Words("整改", "Rectifications"),
    "unit_cell": Words("单位：件/格，格宽约 {wide}", "cases per cell, about {wide} wide"),
    "cell_hidden": Words(
        "少于 {n} 件的格不显示，共隐去 {cases} 件", "cells under {n} not shown: {cases} cases"
    ),
    "unit_heat": Words("件/平方公里", "cases per km²"),
    "only_category": Words("仅 {name}", "{name} only"),
    "areas_unfiltered": Words(
        "着色为本期全部诉求，不随类别、时间筛选",
        "Colours show all cases of this period, whatever the filters",
    ),
    "others": Words("其他", "Other"),
    "whole_category": Words("{name}（全部）", "All of {name}"),
    "m": Words("米", "m"),
    "km": Words("公里", "km"),
    "time": Words("时间", "Time"),
    "until": Words("截止周", "Last week shown"),
    "span": Words("时间范围", "Span"),
    "span_all": Words("全部 {n} 周", "All {n} weeks"),
    "span_week": Words("单周", "1 week"),
    "span_weeks": Words("连续 {n} 周", "{n} weeks"),
    "span_cases": Words("{n} 件", "{n} cases"),
    "play": Words("按周播放", "Play week by week"),
    "pause": Words("暂停", "Pause"),
    "tiles_gone": Words(
        "底图瓦片取不到，已关闭底图；其余内容不受影响",
        "The tiles of the base map cannot be had and are switched off; all else is as it was",
    ),
    "print": Words("打印", "Print"),
    "no_data": Words("无数据", "no data"),
    "too_few": Words("不足 {n} 件，不着色", "under {n}, not coloured"),
    "unit_n": Words("件", "cases"),
    "unit_period": Words("件（本期）", "cases this period"),
    "unit": Words("单位：{unit}", "{unit}"),
    "unit_n_points": Words("个点位", "points"),
    "unit_pct": Words("%", "%"),
    "unit_callers": Words("人", "callers"),
    "size_legend": Words("圆的大小：诉求人数", "Size: distinct callers"),
    "size_legend_days": Words(
        "圆的大小：近 {days} 天诉求人数", "Size: distinct callers in {days} days"
    ),
    "small_dots": Words(
        "小点：与更靠前的点位重叠，放大可见", "Small dots: covered by others until nearer"
    ),
    "colour_legend": Words("颜色：状态", "Colour: lifecycle"),
    "shape_legend": Words("形状：性质", "Shape: kind"),
    "points": Words("点位", "Points"),
    "count": Words("{n} 个点位", "{n} points"),
    "count_one": Words("1 个点位", "1 point"),
    "count_of": Words("{n} / {all} 个点位", "{n} of {all} points"),
    "order": Words("按优先级排序", "by priority"),
    "order_note": Words(
        "优先级 = 下周预计诉求人数，未解决、反弹和加剧的点位加权",
        "Priority: callers expected next week, more where complaints are unresolved or return",
    ),
    "this_period": Words("本期 {n} 件", "{n} cases this period"),
    "this_period_most": Words("本期 {n} 件落到街道：", "{n} cases placed this period, most in:"),
    "nothing": Words("本期没有诉求", "No case this period"),
    "search": Words("搜索点位、社区、街道", "Search points, communities, streets"),
    "filters": Words("筛选", "Filters"),
    "all_categories": Words("全部类别", "Category"),
    "all_streets": Words("全部街道", "Street"),
    "all_kinds": Words("群诉和重复", "Kind"),
    "filtered_by": Words("筛选：", "Filtered by "),
    "reset": Words("清除筛选", "Clear"),
    "none_found": Words("没有符合条件的点位。", "No point matches."),
    "more": Words("再显示 {n} 个", "Show {n} more"),
    "single_note": Words(
        "一人多诉单独列出，不参与排名比较。",
        "Complaints by a single caller are listed apart and not ranked with the others.",
    ),
    "weeks": Words("近 {n} 周每周件数", "Cases per week, last {n} weeks"),
    "weeks_max": Words("最多 {n} 件", "at most {n}"),
    "weeks_ago": Words("{n} 周前", "{n} weeks ago"),
    "last_week": Words("最近一周", "last week"),
    "four_weeks": Words(
        "近 4 周 {now} 件，之前 4 周 {before} 件",
        "{now} cases in the last 4 weeks, {before} in the 4 before",
    ),
    "rectified": Words("整改", "fixed"),
    "rectified_when": Words("整改记录", "What was put right"),
    "mix": Words("同一地点的诉求构成", "Reported from this place"),
    "next_week": Words("预计下周人数", "Callers expected next week"),
    "days_unit": Words("{n} 天", "{n} days"),
    "times_unit": Words("{n} 次", "{n}"),
    "metres_unit": Words("约 {n} 米", "about {n} m"),
    "only_here": Words("只看此街道的点位", "Only points of this street"),
    "zoom_here": Words("放大到这里", "Zoom to it"),
    "asked": Words("回访 {n} 件", "{n} asked"),
    "hot_cell": Words("热区", "hot"),
    "whole": Words("回到全图", "Whole map"),
    "zoom_in": Words("放大", "Zoom in"),
    "zoom_out": Words("缩小", "Zoom out"),
}


def map_words(lang: Lang) -> dict[str, dict[str, str]]:
    """Give every text of the page in one language, by group: page, field, kind and so on."""
    groups: dict[str, dict[str, Words]] = {
        "page": PAGE,
        "field": {name: field.alias for name, field in FIELDS.items()},
        "kind": KIND,
        "lifecycle": LIFECYCLE,
        "level": LEVEL,
        "trend": TREND,
        "signal": SIGNAL,
        "cluster": CLUSTER,
    }
    return {
        group: {key: _begin(words.say(lang), group) for key, words in pairs.items()}
        for group, pairs in groups.items()
    }


def _begin(text: str, group: str) -> str:
    """Give names of columns and codes a capital: here they stand alone, not in a sentence."""
    return text if group == "page" else text[:1].upper() + text[1:]
