"""The patrol list as a workbook: a sheet for all, one a street, one a community.

Everything is written as text or number, never as "whatever it looks like": a place called
`=cmd|…` stays a name, and a time that is filled in stays as it was typed. The header is the first
row, so that every program reads the sheet; title, reservations and how last week's list fared
stand in the head of the printed page. All columns fit across A4 at full size, in letters over
eight points: a sheet that is shrunk to the page cannot be read on the way.
"""

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from geo_hotspots.deliver.allowed import only_allowed
from geo_hotspots.deliver.patrol import words as say
from geo_hotspots.deliver.patrol.sheets import ALL_POINTS, clean, sheets
from geo_hotspots.errors import OutputError
from geo_hotspots.schema import OUTCOMES, PATROL_COLUMNS, Masthead

FONT, FIGURES = "Microsoft YaHei", "Arial"  # the second for what holds no Chinese
# Columns are as wide as so many digits of this font, which each system has, or one as wide.
MEASURE = {"font_name": FIGURES, "font_size": 10}
LETTER = 8.5  # points, on paper as in the cell: nothing is shrunk
LINE = 12  # points, a line of such letters
PIXELS = LETTER * 96 / 72  # a Chinese character of that size
MARGIN_PIXELS = 5  # of a cell, left and right together
HEAD_LETTER = 9  # points, in the head and foot of a page: whole ones
A4 = 9
SIDE_MARGIN = 0.2  # inches: 287 mm are left, and the columns take 285
ZOOM = 130  # on the screen there is room for more
TALLEST_ROW = 409  # points, as Excel has it
LONGEST_HEAD, LONGEST_SIDE = 255, 60
LONGEST_CELL = 2_000  # more would be a page of its own

# In Chinese characters of a line.
WIDTHS = {
    "排名": 2.1, "点位编号": 5.6, "点位名称": 4.6, "类别": 4.5, "性质": 2.1, "状态": 2.1,
    "入选理由": 12.2,
    "较上周": 2.1, "近28天件数": 2.2, "近28天人数": 2.2, "近91天件数": 2.2, "最近来电": 3.0,
    "整改后天数": 2.2, "反弹次数": 2.1, "未解决": 2.1, "不满意": 2.1, "建议时段": 5.5, "街道": 3.1,
    "社区": 3.1, "责任人": 3.1, "到场时间": 3.7, "处置情况": 4.1, "核查人": 3.1, "备注": 5.2,
}  # fmt: skip
NUMBERS = (
    "排名", "近28天件数", "近28天人数", "近91天件数", "整改后天数", "反弹次数", "未解决", "不满意",
)  # fmt: skip
CENTRED = ("性质", "状态", "较上周", "处置情况")
IN_FIGURES = ("点位编号", "最近来电", "建议时段")
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
    workbook = xlsxwriter.Workbook(str(path), {"default_format_properties": {**MEASURE}})
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
    patrol, singles = _plain(patrol), _plain(singles)
    joint = patrol.iloc[:0] if joint is None else _plain(joint)
    duties = [(who, _plain(rows)) for who, rows in duties]
    for name, rows in sheets(patrol, singles, masthead, joint=joint, duties=duties):
        sheet = workbook.add_worksheet(name)
        if rows is None:
            _write_notes(sheet, masthead, priority_weights, formats)
        else:
            _write_table(sheet, only_allowed(rows, "patrol.xlsx"), formats)
        _set_page(sheet, name, masthead)
    try:
        workbook.close()
    except FileCreateError as error:
        raise OutputError(
            f"巡查清单 {path.name} 写不进去：{error}；若已在 Excel 中打开，请先关闭",
            f"the patrol list {path.name} cannot be written: {error}; close it in Excel",
        ) from error


def _formats(workbook: xlsxwriter.Workbook) -> dict[str, xlsxwriter.format.Format]:
    base = {"font_name": FONT, "font_size": LETTER, "valign": "vcenter", "text_wrap": True}
    cell = {**base, "border": 1, "border_color": "#A6A6A6"}
    middle = {**cell, "align": "center"}
    return {
        "text": workbook.add_format(cell),
        "centred": workbook.add_format(middle),
        "number": workbook.add_format({**middle, "font_name": FIGURES, "num_format": "0"}),
        "figures": workbook.add_format({**middle, "font_name": FIGURES}),
        # As text: a spreadsheet would make a date of "12-31" and a fraction of "9:40".
        "fill in": workbook.add_format({**middle, "bg_color": "#FFFBEA", "num_format": "@"}),
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
    lines = np.full(len(rows), 2)
    for j, (column, values) in enumerate(_columns(rows)):
        sheet.set_column_pixels(j, j, round(WIDTHS[column] * PIXELS + MARGIN_PIXELS))
        sheet.write_string(0, j, column, formats["header"])
        _write_column(sheet, j, values, formats[_format_of(column)])
        if column not in NUMBERS:
            lines = np.maximum(lines, _lines(values, 2 * WIDTHS[column]))
    sheet.set_row(0, 4 * LINE + 2)  # three lines, and the filter's arrows below them
    for i, n in enumerate(lines.tolist(), start=1):
        sheet.set_row(i, min(n * LINE + 5, TALLEST_ROW))
    outcome = PATROL_COLUMNS.index("处置情况")
    sheet.data_validation(
        1, outcome, last, outcome,
        {"validate": "list", "source": list(OUTCOMES), "error_title": "处置情况",
         "error_message": "请从下拉选项中选择：" + "、".join(OUTCOMES)},
    )  # fmt: skip
    sheet.autofilter(0, 0, last, len(PATROL_COLUMNS) - 1)
    sheet.freeze_panes(1, 3)
    sheet.repeat_rows(0)
    sheet.set_zoom(ZOOM)


def _plain(rows: pd.DataFrame) -> pd.DataFrame:
    """Make plain values of a table once, None where one is missing: each sheet takes some rows."""
    return rows.astype("object").where(rows.notna(), None)


def _columns(rows: pd.DataFrame) -> Iterator[tuple[str, list[Any]]]:
    """Give the cells column by column.

    Each suggested hour has a line of its own: cells break at a hyphen otherwise.
    """
    cells = rows[list(PATROL_COLUMNS)].to_numpy(dtype=object)
    for j, column in enumerate(PATROL_COLUMNS):
        values = cells[:, j].tolist()
        if column == "建议时段":
            values = [hours and hours.replace("、", "\n") for hours in values]
        yield column, values


def _format_of(column: str) -> str:
    if column in ("到场时间", "处置情况", "核查人", "备注"):
        return "fill in"
    if column in NUMBERS:
        return "number"
    if column in IN_FIGURES:
        return "figures"
    return "centred" if column in CENTRED else "text"


def _write_column(
    sheet: xlsxwriter.worksheet.Worksheet,
    j: int,
    values: list[Any],
    style: xlsxwriter.format.Format,
) -> None:
    for i, value in enumerate(values, start=1):
        if value is None or value == "":
            sheet.write_blank(i, j, None, style)
        elif isinstance(value, str):
            sheet.write_string(i, j, clean(value)[:LONGEST_CELL], style)
        else:
            sheet.write_number(i, j, value, style)


def _lines(values: list[Any], room: float) -> list[int]:
    """Estimate how many lines each text takes, since Excel prints the height that we set."""
    return [math.ceil(text_width(str(value)) / room) if value else 1 for value in values]


@cache
def text_width(text: str) -> int:
    """Count the half-width columns of a text: a Chinese character takes two.

    >>> text_width("2号楼")
    5
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


_NAMES, _MEANINGS = 20, 160  # half-width characters of a line in the two columns of the notes


def _write_notes(
    sheet: xlsxwriter.worksheet.Worksheet,
    masthead: Masthead,
    weights: Mapping[str, float],
    formats: dict[str, xlsxwriter.format.Format],
) -> None:
    lang = masthead.lang
    sheet.hide_gridlines(2)
    sheet.set_column_pixels(0, 0, _NAMES * PIXELS / 2)
    sheet.set_column_pixels(1, 1, _MEANINGS * PIXELS / 2)
    sheet.set_zoom(ZOOM)
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
        wrapped = -(-text_width(text) // (_NAMES + _MEANINGS - 4))
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
            sheet.set_row(row, -(-text_width(meaning) // (_MEANINGS - 4)) * LINE + 4)
            row += 1


def _set_page(sheet: xlsxwriter.worksheet.Worksheet, name: str, masthead: Masthead) -> None:
    """Set A4 landscape, one page wide, with title, reservations and page numbers on each."""
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)  # against other fonts: with these nothing is left to fit
    sheet.set_margins(left=SIDE_MARGIN, right=SIDE_MARGIN, top=0.7, bottom=0.5)
    sheet.center_horizontally()
    dateline = say.dateline(masthead)
    if name == ALL_POINTS and masthead.track:
        dateline = f"{dateline}\n{masthead.track}"
    title, marks = f"{say.title(masthead)} · {name}", " · ".join(say.marks(masthead))
    sheet.set_header(_head(title, dateline, marks), {"margin": 0.3})
    page = "第 &P 页，共 &N 页" if masthead.lang == "zh" else "page &P of &N"
    sheet.set_footer(
        _head(masthead.footer, PAGE, f"geo-hotspots {masthead.version}").replace(PAGE, page),
        {"margin": 0.25},
    )


def _head(left: str, centre: str, right: str) -> str:
    """Put three texts into a page head, where `&` is Excel's own sign and 255 the limit.

    What stands in the middle is cut where it is too long; title and reservations hold.
    """
    size = f"&{HEAD_LETTER} "  # the blank keeps a digit that follows from being read as more size
    left, centre, right = (clean(t).replace("&", "＆") for t in (left, centre, right))
    left, right = left[:LONGEST_SIDE], right[:LONGEST_SIDE]
    room = LONGEST_HEAD - len(left) - len(right) - 3 * len(f"&L{size}")
    return f"&L{size}{left}&C{size}{centre[:room]}&R{size}{right}"
