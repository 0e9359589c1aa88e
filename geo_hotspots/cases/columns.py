"""Which column of an export is which: headers recognised, doubts put to the user."""

import difflib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from geo_hotspots.errors import InputError
from geo_hotspots.schema import RAW_TEXT
from geo_hotspots.words import Words

HEADER_ROWS = 20  # a note may stand above the header, but not a page of them

# Our name -> headers in tiers (|): those of an earlier tier are taken before those of a later
# one, and two of one tier in one file are a question to the user. Where a wrong guess would do
# little harm (title, department, channel), each header is a tier of its own: nobody is asked.
_HEADERS = {
    "case_id": """
        case_id 工单编号 工单号
        | 诉求编号 案件号 案件编号 受理编号 诉求单号 事件编号 事件号 任务编号 任务号 案卷编号
        来电编号 热线编号 case_number
        service_request_id unique_key
        | 编号 单号 流水号 id
    """,
    "reported_at": """
        reported_at 来电时间
        | 登记时间 受理时间 创建时间 上报时间 诉求时间 反映时间 投诉时间 来件时间 接诉时间
        created_at created_utc created_date
        created date_created opened requested_datetime
        | 派单时间 下派时间 交办时间 转派时间 接单时间 发生时间 来电日期 受理日期 登记日期
        | 时间 日期 date datetime
    """,
    "category": """
        category 问题分类
        | 诉求分类 诉求类型 问题类型 诉求类别 问题类别 案件类型 事件类型 分类 类别
        complaint_type request_type service_name
        | 诉求类型一级 问题类型一级 诉求分类一级 问题分类一级 一级分类 一级类别 一级诉求分类
        一级问题分类 大类名称 大类 category_1
        | 类型 type
    """,
    "category_2": """
        category_2 诉求类型二级 问题类型二级 诉求分类二级 问题分类二级 二级分类 二级类别
        二级诉求分类 二级问题分类 中类名称 中类
        | 小类名称 小类 descriptor
    """,
    "category_3": """
        category_3 诉求类型三级 问题类型三级 诉求分类三级 问题分类三级 三级分类 三级类别
        三级诉求分类 三级问题分类 细类名称 细类
    """,
    "content": """
        content 主要内容
        | 诉求内容 问题描述 诉求描述 工单内容 反映内容 来电内容 投诉内容 问题内容 事件描述
        案件描述 详细描述 具体内容 description
        complaint_description request_details
        | 内容 描述 details
    """,
    "title": """
        title | 标题 | 诉求标题 | 工单标题 | 问题标题 | 事件标题 | 主题 | subject
    """,
    "address": """
        address 地址
        | 事发地址 诉求地址 问题地址 事发地点 问题地点 反映地址 发生地址 发生地点 案发地址
        问题点位 问题位置 incident_address
        | 详细地址 具体地址 具体位置 小区点位 点位 地点 位置 street_address location_address
        | 点位名称 小区名称 所在小区
    """,
    "district": """
        district 被反映区
        | 区级 所属区 区县 所属区县 所在区 被反映区县 行政区 行政区划 诉求区 区
        | borough
    """,
    "street": """
        street 被反映街乡镇
        | 街乡镇 街道 所属街道 所在街道 街道名称 被反映街道 属地街道 街道乡镇 乡镇街道
        所属街乡镇 街镇 所属街镇
    """,
    "community": """
        community 村社区
        | 所在村社区 社区 所属社区 所在社区 社区名称 被反映社区 社区村 所属村社区 居委会
        neighborhood
    """,
    "lng": """
        lng 经度
        | lon long longitude 经度坐标 gps经度
        | x x坐标 坐标x 横坐标
    """,
    "lat": """
        lat 纬度
        | latitude 纬度坐标 gps纬度
        | y y坐标 坐标y 纵坐标
    """,
    "caller": """
        caller 来电号码
        | 联系电话 来电电话 主叫号码 手机号码 手机号 电话号码 诉求人电话 反映人电话
        | 联系方式 电话
        | 来电人 诉求人 反映人 投诉人 来电人姓名 诉求人姓名 反映人姓名
        | 联系人 姓名
    """,
    "department": """
        department | 主办单位 | 承办单位 | 责任单位 | 处置单位 | 处理单位 | 办理单位 | 承办部门
        | 责任部门 | 处置部门 |
        agency_name | agency
    """,
    "channel": """
        channel | 诉求来源 | 来源 | 渠道 | 诉求渠道 | 来电渠道 | 受理渠道 | 工单来源 | 案件来源
        | 问题来源 | 信息来源 |
        open_data_channel_type | method_received
    """,
    "closed_at": """
        closed_at 办结时间
        | 结案时间 完成时间 办理完成时间 关闭时间 closed_date closed_utc closed
    """,
    "replied_at": """
        replied_at 回复时间
        | 答复时间 反馈时间
    """,
    "due_at": """
        due_at 时限要求
        | 办理时限 处置时限 截止时间 到期时间 应办结时间 规定时限 due_date
    """,
    "responded": """
        responded 响应
        | 是否响应 响应情况 响应结果
    """,
    "resolved": """
        resolved 解决
        | 是否解决 解决情况 解决结果
    """,
    "satisfied": """
        satisfied 满意
        | 是否满意 满意情况 满意度 满意度评价
    """,
}


# What the missing of a needed column is told as; any one of _PLACES will do.
_CALLED = {
    "reported_at": Words("来电时间", "the time of the report"),
    "place": Words(
        "地点（地址、内容、标题、坐标、社区或街道）",
        "the place (an address, content, title, coordinates, a community or a street)",
    ),
}
_PLACES = ("address", "content", "title", "lng", "lat", "community", "street")


def fold(header: str) -> str:
    """Give what makes a header the same header: no width, case, spaces or punctuation.

    >>> fold("*街/乡/镇 ") == fold("街乡镇"), fold("Ｃreated Date") == fold("created_date")
    (True, True)
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", header).casefold())


def _without_brackets(header: str) -> str:
    """Fold a header less what stands in brackets: 来电时间(必填) is 来电时间."""
    return fold(re.sub(r"\(.*?\)|\[.*?\]|【.*?】", "", unicodedata.normalize("NFKC", header)))


# Folded header -> our name and its tier.
_KNOWN = {
    fold(header): (name, tier)
    for name, tiers in _HEADERS.items()
    for tier, headers in enumerate(tiers.split("|"))
    for header in headers.split()
}
# 小类 is the second level under 大类, but the third where 中类 stands between them.
_MIDDLE = {"中类", "中类名称"}
_UNDER_MIDDLE = dict.fromkeys(("小类", "小类名称"), ("category_3", 0))


def _known(header: str) -> tuple[str, int] | None:
    return _KNOWN.get(fold(header)) or _KNOWN.get(_without_brackets(header))


def count_known(headers: Iterable[str], columns: Mapping[str, str] | None = None) -> int:
    """Count the meanings that a row of cells names: what tells a header from a note."""
    chosen = {fold(header): name for name, header in (columns or {}).items()}
    known = ((chosen.get(fold(header)), _known(header)) for header in headers if header)
    return len({name or (found and found[0]) for name, found in known} - {None})


def find_header(rows: Sequence[Sequence[str]], columns: Mapping[str, str] | None = None) -> int:
    """Find the row with the most recognised headers among the first twenty.

    Where none is recognised it is the widest row, so that an error can name what stands there.
    """

    def likeness(at: int) -> tuple[int, int, int]:
        row = rows[at]
        return count_known(row, columns), sum(map(bool, row)), -at

    return max(range(min(len(rows), HEADER_ROWS)), key=likeness, default=0)


def recognise(
    headers: Sequence[str], *, file: str, columns: Mapping[str, str] | None = None,
    needs_time: bool = True,
) -> dict[str, int]:  # fmt: skip
    """Say at which position each of our columns stands.

    Parameters
    ----------
    headers
        The header row, as written.
    file
        What errors call the file (or `file#sheet`).
    columns
        Our name -> header, from `[cases.columns]`: taken before anything is recognised.
    needs_time
        Whether a case must have a time; a place it must have anyway.

    Returns
    -------
    positions
        Our name -> position in `headers`, in the order of the contract.

    Raises
    ------
    InputError
        A chosen header is not there, two columns have one meaning, or a needed one is missing.
    """
    positions = {
        name: _chosen(name, header, headers, file) for name, header in (columns or {}).items()
    }
    special = _UNDER_MIDDLE if _MIDDLE & {fold(header) for header in headers} else {}
    tiers: dict[str, dict[int, list[int]]] = {}
    for at, header in enumerate(headers):
        known = special.get(fold(header)) or _known(header)
        if known and known[0] not in positions and at not in positions.values():
            tiers.setdefault(known[0], {}).setdefault(known[1], []).append(at)
    for name, candidates in tiers.items():
        best = candidates[min(candidates)]
        if len(best) > 1:
            raise _doubt(name, [headers[at] for at in best], file)
        positions[name] = best[0]
    _need(positions, headers, file, needs_time=needs_time)
    return {name: positions[name] for name in RAW_TEXT if name in positions}


def _chosen(name: str, wanted: str, headers: Sequence[str], file: str) -> int:
    if name not in RAW_TEXT:
        raise InputError(
            f"[cases.columns] 中没有名为 {name!r} 的列；可用：{'、'.join(RAW_TEXT)}",
            f"[cases.columns] knows no column {name!r}; it knows {', '.join(RAW_TEXT)}",
        )
    found = [at for at, header in enumerate(headers) if header == wanted]
    found = found or [at for at, header in enumerate(headers) if fold(header) == fold(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise _doubt(name, [headers[at] for at in found], file)
    near = nearest([wanted], headers)
    listed = "、".join(map(_quote, near)), ", ".join(map(_quote, near))
    raise InputError(
        f"{file} 里没有 [cases.columns] {name} 所写的表头 {_quote(wanted)}；最接近的：{listed[0]}",
        f"{file} has no header {_quote(wanted)}, which [cases.columns] {name} asks for; "
        f"nearest: {listed[1]}",
    )


def _doubt(name: str, headers: Sequence[str], file: str) -> InputError:
    if len(set(headers)) == 1:
        return InputError(
            f"{file} 里有 {len(headers)} 列的表头都是 {_quote(headers[0])}；请给其中的列改名",
            f"{file} has {len(headers)} columns headed {_quote(headers[0])}; rename all but one",
        )
    setting = f"[cases.columns] {name} = {_quote(headers[0])}"
    listed = "、".join(map(_quote, headers)), " and ".join(map(_quote, headers))
    return InputError(
        f"{file} 里 {listed[0]} 都像是 {name}；请在配置中选定一个，如 {setting}",
        f"{file}: {listed[1]} could each be {name}; choose one in the settings, such as {setting}",
    )


def _need(
    positions: Mapping[str, int], headers: Sequence[str], file: str, *, needs_time: bool
) -> None:
    """Make sure that a case can have a time and a place."""
    has_point = {"lng", "lat"} <= positions.keys()
    has_place = has_point or bool(({*_PLACES} - {"lng", "lat"}) & positions.keys())
    missing = "place" if "reported_at" in positions or not needs_time else "reported_at"
    if has_place and missing == "place":
        return
    names = _PLACES if missing == "place" else (missing,)
    unused = [h for at, h in enumerate(headers) if h.strip() and at not in positions.values()]
    wanted = [header for name in names for header in _HEADERS[name].replace("|", " ").split()]
    near = nearest(wanted, unused or headers)
    setting = f"[cases.columns] {names[0]} = {_quote(near[0] if near else '…')}"
    zh, en = _CALLED[missing]
    listed = "、".join(map(_quote, near)), ", ".join(map(_quote, near))
    raise InputError(
        f"{file} 里没有{zh}一列；最接近的表头：{listed[0] or '（无）'}；"
        f"若就是它，请在配置中写 {setting}",
        f"{file} has no column for {en}; nearest header: {listed[1] or '(none)'}; "
        f"if that is it, write {setting} in the settings",
    )


def nearest(wanted: Sequence[str], headers: Sequence[str], *, n: int = 3) -> list[str]:
    """List the `n` headers most like any of the wanted ones, the likest first."""
    targets = [fold(w) for w in wanted]

    def likeness(header: str) -> float:
        text = fold(header)[:40]
        return max(difflib.SequenceMatcher(None, text, target).ratio() for target in targets)

    return sorted((h for h in dict.fromkeys(headers) if h.strip()), key=likeness, reverse=True)[:n]


def _quote(header: str) -> str:
    """Write a header as TOML would, on one line: it can be copied into the settings."""
    short = "".join(c if c.isprintable() or c in "\n\t" else " " for c in header[:40])
    return json.dumps(short, ensure_ascii=False)
