"""The patrol list as a workbook: a sheet for all, one a street, one a community.

Everything is written as text or number, never as "whatever it looks like": a place called
`=cmd|…` stays a name. The header is the first row, so that every program reads the sheet; title
and reservations stand in the head and foot of each printed page.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from geo_hotspots.deliver.allowed import only_allowed
from geo_hotspots.deliver.patrol import words as say
from geo_hotspots.deliver.patrol.sheets import clean, sheets
from geo_hotspots.errors import OutputError
from geo_hotspots.schema import OUTCOMES, PATROL_COLUMNS, Masthead

FONT = "Microsoft YaHei"
LINE = 14.5  # points, a line of 10 pt text
A4, LANDSCAPE_WIDE = 9, 1
TALLEST_ROW = 409  # points, as Excel has it
LONGEST_HEAD = 255
LONGEST_CELL = 2_000  # more would be a page of its own

# In half-width characters; two make a Chinese one.
WIDTHS = {
    "排名": 4.5, "点位编号": 9.5, "点位名称": 14, "类别": 10, "性质": 5.5, "状态": 5.5,
    "入选理由": 28,
    "较上周": 5.5, "近28天件数": 5.5, "近28天人数": 5.5, "近91天件数": 5.5, "最近来电": 10.5,
    "整改后天数": 5.5, "反弹次数": 5.5, "未解决": 5.5, "不满意": 5.5, "建议时段": 13.5, "街道": 8,
    "社区": 8, "责任人": 8, "到场时间": 7.5, "处置情况": 8.5, "核查人": 7.5, "备注": 10,
}  # fmt: skip
NUMBERS = (
    "排名", "近28天件数", "近28天人数", "近91天件数", "整改后天数", "反弹次数", "未解决", "不满意",
)  # fmt: skip
CENTRED = ("性质", "状态", "较上周", "最近来电", "建议时段", "处置情况")
PAGE = "\ue000"  # stands for the page number until `&` has been doubled


def write_patrol_xlsx(
    path: Path,
    patrol: pd.DataFrame,
    singles: pd.DataFrame,
    masthead: Masthead,
    *,
    priority_weights: Mapping[str, float],
    joint: pd.DataFrame | None = None,
    duties: Iterable[tuple[str, pd.DataFrame]] = (),
) -> None:
    """Write `patrol.xlsx`: 总表, 说明, 一人多诉, 吹哨清单, a sheet a street, community and person.

    Parameters
    ----------
    path
        The file; one that is there already is replaced.
    patrol, singles
        Plans of `plan_patrol`: the list, and the points of a single caller.
    masthead
        Whose list it is, for when, and under which reservations.
    priority_weights
        `unresolved`, `rebound`, `group`: printed in 说明.
    joint
        Places for several departments, as `call_departments` gives them.
    duties
        Who answers for points, and for which, as `duty_lists` gives them.

    Raises
    ------
    SchemaError
        A column is missing or may not leave.
    OutputError
        The file cannot be written.
    """
    workbook = xlsxwriter.Workbook(str(path))
    workbook.set_properties(
        {
            "title": say.title(masthead),
            "subject": " · ".join([say.dateline(masthead), *say.marks(masthead)]),
            "comments": masthead.footer,
            # Else the clock: equal runs are to give equal bytes.
            "created": datetime.combine(masthead.as_of, time()),
        }
    )
    formats = _formats(workbook)
    joint = patrol.iloc[:0] if joint is None else joint
    for name, rows in sheets(patrol, singles, masthead, joint=joint, duties=duties):
        sheet = workbook.add_worksheet(name)
        if rows is None:
            _write_notes(sheet, masthead, priority_weights, formats)
        else:
            _write_table(sheet, _laid_out(only_allowed(rows, "patrol.xlsx")), formats)
        _set_page(sheet, name, masthead)
    try:
        workbook.close()
    except FileCreateError as error:
        raise OutputError(
            f"巡查清单 {path.name} 写不进去:{error};若已在 Excel 中打开,请先关闭",
            f"the patrol list {path.name} cannot be written: {error}; close it in Excel",
        ) from error


def _formats(workbook: xlsxwriter.Workbook) -> dict[str, xlsxwriter.format.Format]:
    base = {"font_name": FONT, "font_size": 10, "valign": "vcenter", "text_wrap": True}
    cell = {**base, "border": 1, "border_color": "#A6A6A6"}
    middle = {**cell, "align": "center"}
    return {
        "text": workbook.add_format(cell),
        "centred": workbook.add_format(middle),
        "number": workbook.add_format({**middle, "num_format": "0"}),
        "fill in": workbook.add_format({**middle, "bg_color": "#FFFBEA", "locked": False}),
        "header": workbook.add_format(
            {
                **middle,
                "bold": True,
                "valign": "top",
                "bg_color": "#1F4E79",
                "font_color": "#FFFFFF",
            }
        ),
        "title": workbook.add_format({**base, "bold": True, "font_size": 16, "text_wrap": False}),
        "heading": workbook.add_format({**base, "bold": True, "font_size": 12, "text_wrap": False}),
        "mark": workbook.add_format({**base, "bold": True, "font_color": "#C00000"}),
        "plain": workbook.add_format(base),
    }


def _write_table(
    sheet: xlsxwriter.worksheet.Worksheet,
    rows: pd.DataFrame,
    formats: dict[str, xlsxwriter.format.Format],
) -> None:
    last = max(len(rows), 1)
    for j, column in enumerate(PATROL_COLUMNS):
        sheet.set_column(j, j, WIDTHS[column])
        sheet.write_string(0, j, column, formats["header"])
        _write_column(sheet, j, rows[column], formats[_format_of(column)])
    sheet.set_row(0, 3 * LINE)  # two lines, and the filter's arrows below them
    for i, lines in enumerate(_lines(rows), start=1):
        sheet.set_row(i, min(max(lines, 2) * LINE + 6, TALLEST_ROW))
    outcome = PATROL_COLUMNS.index("处置情况")
    sheet.data_validation(
        1, outcome, last, outcome,
        {"validate": "list", "source": list(OUTCOMES), "error_title": "处置情况",
         "error_message": "请从下拉选项中选择:" + "、".join(OUTCOMES)},
    )  # fmt: skip
    sheet.autofilter(0, 0, last, len(PATROL_COLUMNS) - 1)
    sheet.freeze_panes(1, 3)
    sheet.repeat_rows(0)


def _laid_out(rows: pd.DataFrame) -> pd.DataFrame:
    """Give each suggested hour a line of its own: cells break at a hyphen otherwise."""
    return rows.assign(建议时段=rows["建议时段"].str.replace("、", "\n"))


def _format_of(column: str) -> str:
    if column in ("到场时间", "处置情况", "核查人", "备注"):
        return "fill in"
    if column in NUMBERS:
        return "number"
    return "centred" if column in CENTRED else "text"


def _write_column(
    sheet: xlsxwriter.worksheet.Worksheet,
    j: int,
    values: pd.Series,
    style: xlsxwriter.format.Format,
) -> None:
    for i, value in enumerate(values, start=1):
        if pd.isna(value) or value == "":
            sheet.write_blank(i, j, None, style)
        elif isinstance(value, str):
            sheet.write_string(i, j, clean(value)[:LONGEST_CELL], style)
        else:
            sheet.write_number(i, j, value, style)


def _lines(rows: pd.DataFrame) -> np.ndarray:
    """Estimate how many lines each row's longest text takes, since Excel prints what we set."""
    lines = np.ones(len(rows), dtype="int64")
    for column in rows.columns.difference(list(NUMBERS)):
        room = WIDTHS[column] - 1  # the cell's own margins
        widths = rows[column].fillna("").astype("str").map(text_width).to_numpy()
        lines = np.maximum(lines, np.ceil(widths / room).astype("int64"))
    return lines


def text_width(text: str) -> int:
    """Count the half-width columns of a text: a Chinese character takes two.

    >>> text_width("2号楼")
    5
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def _write_notes(
    sheet: xlsxwriter.worksheet.Worksheet,
    masthead: Masthead,
    weights: Mapping[str, float],
    formats: dict[str, xlsxwriter.format.Format],
) -> None:
    lang = masthead.lang
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 110)
    lines = [(say.title(masthead), "title"), (say.dateline(masthead), "plain")]
    lines += [(masthead.track, "plain")] * bool(masthead.track)
    lines += [(mark, "mark") for mark in say.marks(masthead)]
    lines += [(note, "mark") for note in masthead.notes]
    lines += [(say.HOW.say(lang), "heading")]
    lines += [(words.say(lang), "plain") for words in say.USE]
    lines += [(say.PRIORITY.say(lang), "heading"), (say.say_weights(weights, lang), "plain")]
    row = 0
    for text, kind in lines:
        sheet.merge_range(row, 0, row, 1, "", formats[kind])
        sheet.write_string(row, 0, clean(text), formats[kind])
        wrapped = -(-text_width(text) // 120)
        sheet.set_row(row, {"title": 30, "heading": 26}.get(kind, wrapped * LINE + 4))
        row += 1
    pairs = [(column, words.say(lang)) for column, words in say.COLUMNS.items()]
    for heading, table in ((say.MEANING, pairs), (say.STAGE, say.stages(lang))):
        sheet.write_string(row, 0, heading.say(lang), formats["heading"])
        sheet.set_row(row, 26)
        row += 1
        for name, meaning in table:
            sheet.write_string(row, 0, name, formats["centred"])
            sheet.write_string(row, 1, meaning, formats["text"])
            sheet.set_row(row, -(-text_width(meaning) // 106) * LINE + 4)
            row += 1


def _set_page(sheet: xlsxwriter.worksheet.Worksheet, name: str, masthead: Masthead) -> None:
    """Set A4 landscape, one page wide, with title, reservations and page numbers on each."""
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.fit_to_pages(LANDSCAPE_WIDE, 0)
    sheet.set_margins(left=0.35, right=0.35, top=0.75, bottom=0.6)
    sheet.center_horizontally()
    sheet.set_header(
        _head(
            f"{say.title(masthead)} · {name}",
            say.dateline(masthead),
            " · ".join(say.marks(masthead)),
        ),
        {"margin": 0.35},
    )
    page = "第 &P 页,共 &N 页" if masthead.lang == "zh" else "page &P of &N"
    sheet.set_footer(
        _head(masthead.footer, PAGE, f"geo-hotspots {masthead.version}").replace(PAGE, page),
        {"margin": 0.3},
    )


def _head(left: str, centre: str, right: str) -> str:
    """Put three texts into a page head, where `&` is Excel's own sign and 255 the limit."""
    room = (LONGEST_HEAD - 75) // 3  # 75 are taken by the three fonts
    left, centre, right = (clean(t)[:room].replace("&", "＆") for t in (left, centre, right))
    # The size comes before the font: digits of the text behind it would make it 102026 points.
    return f'&L&10&"{FONT}"{left}&C&10&"{FONT}"{centre}&R&10&"{FONT}"{right}'
