"""The analysis report as a word processor's file, for offices that edit it before it goes out.

The same sentences, numbers and drawings as the page, in real headings, tables and captions; a
drawing becomes a picture with its title as alternative text.
"""

import io
import re
import sys
import zipfile
from collections.abc import Sequence
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import docx
import resvg_py
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from markupsafe import Markup

from geo_hotspots.deliver.drawing.svg import text_width
from geo_hotspots.deliver.report.view import (
    WORDS,
    Beside,
    Cell,
    Drawn,
    Figure,
    Grid,
    Heading,
    Item,
    Paper,
    Points,
    Text,
    Together,
)
from geo_hotspots.errors import OutputError
from geo_hotspots.words import Lang, Words

_WIDTH_MM = 166.0  # of the text on A4 within margins of 22 mm
_CELL_MM = 22.0
_SHORT_MM, _LONG_MM, _PADDING_MM = 18.0, 80.0, 5.5
_CELL_PT = 9
_PIXEL_MM, _POINT_MM = 25.4 / 96, 25.4 / 72
_SHARPNESS = 2.5  # picture dots per drawing unit: 240 dpi
_BODY, _HEAD, _LATIN = "宋体", "黑体", "Times New Roman"  # on every office PC
_RED, _GREY, _SHADE = RGBColor(0xB3, 0x26, 0x1E), RGBColor(0x5B, 0x67, 0x70), "EEF4F8"
_RULES = (  # in the order of the standard
    ("top", "single", "8", "1F2933"), ("left", "nil", "0", "auto"),
    ("bottom", "single", "8", "1F2933"), ("right", "nil", "0", "auto"),
    ("insideH", "single", "4", "C4CCD2"), ("insideV", "nil", "0", "auto"),
)  # fmt: skip
_ALIGN = {"num": WD_ALIGN_PARAGRAPH.RIGHT, "mid": WD_ALIGN_PARAGRAPH.CENTER}
# What XML cannot hold; a category or a place name of a broken export may carry it.
_UNWRITABLE = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Where it is missing, the renderer takes another that has the signs.
_FONT = "Microsoft YaHei" if sys.platform == "win32" else "Noto Sans CJK SC"
_PROBE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">{}</text></svg>'
_NO_FONT = Words(
    "生成本文件的电脑没有中文字体，图中文字未能画出；图见 report.html。",
    "The machine that made this file has no Chinese font, so the pictures lack their words; "
    "see report.html.",
)
_FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)


def write_docx(path: Path, paper: Paper) -> None:
    """Write the report as DOCX: A4, Chinese office fonts, numbered figures and tables.

    Equal input gives equal bytes: the file's clock is that of the last day counted.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    document = docx.Document()
    _set_up(document, paper)
    _write_front(document, paper)
    writer = _Writer(document, paper.masthead.lang)
    for block in paper.blocks:
        document.add_heading(_clean(block.title), level=1)
        for item in block.items:
            writer.write(item)
    try:
        path.write_bytes(_pack(document))
    except OSError as error:
        raise OutputError(
            f"分析报告 {path.name} 写不进去：{error.strerror}；请检查文件夹权限",
            f"the report {path.name} cannot be written: {error.strerror}; check the folder",
        ) from error


class _Writer:
    """Writes items one after the other, and counts figures and tables as it goes."""

    def __init__(self, document: Document, lang: Lang) -> None:
        self.document, self.lang = document, lang
        self.counts = {"figure": 0, "table": 0}

    def write(self, item: Item) -> None:
        """Write one item and what is inside it."""
        match item:
            case Text(text, tone):
                _say(self.document.add_paragraph(style="Body Text"), text, tone)
            case Heading(text):
                self.document.add_heading(_clean(text), level=2)
            case Points(points):
                for point in points:
                    _say(self.document.add_paragraph(style="List Bullet"), point)
            case Beside(items) | Together(items):
                for part in items:
                    self.write(part)
            case Figure(caption, drawing, _):
                self._draw(caption, drawing)
            case Grid():
                self._lay(item)

    def _caption(self, kind: str, text: str) -> Paragraph:
        self.counts[kind] += 1
        word = WORDS[kind].say(self.lang)
        caption = self.document.add_paragraph(
            _clean(f"{word}{self.counts[kind]} {text}"), style="Caption"
        )
        caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
        return caption

    def _draw(self, caption: str, drawing: Markup) -> None:
        if not drawing:
            return
        picture = self.document.add_paragraph()
        picture.alignment = WD_ALIGN_PARAGRAPH.CENTER
        picture.paragraph_format.keep_with_next = True
        _picture(picture.add_run(), drawing, most_mm=_WIDTH_MM)
        self._caption("figure", caption)

    def _lay(self, grid: Grid) -> None:
        caption = self._caption("table", grid.caption)
        caption.paragraph_format.keep_with_next = True
        table = self.document.add_table(rows=1, cols=len(grid.heads), style="Table Grid")
        _rule(table)
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        kinds = [head.kind for head in grid.heads]
        _fill(table.rows[0].cells, [head.text for head in grid.heads], kinds, bold=True)
        _repeat_head(table)
        for i, row in enumerate(grid.rows):
            is_total = grid.has_total and i == len(grid.rows) - 1
            _fill(_add_row(table), row, kinds, bold=is_total)
            if grid.notes and grid.notes[i]:
                _note(table, grid.notes[i])
        _set_widths(table, grid)
        if grid.remark:
            _say(self.document.add_paragraph(style="Body Text"), grid.remark, "note")
        self.document.add_paragraph().paragraph_format.space_after = Pt(0)


def _set_up(document: Document, paper: Paper) -> None:
    """Set page, fonts, header and footer, and the file's properties."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(24)
    for name, size, font in (
        ("Normal", 10.5, _BODY), ("Body Text", 11, _BODY), ("List Bullet", 11, _BODY),
        ("Title", 20, _HEAD), ("Heading 1", 15, _HEAD), ("Heading 2", 12.5, _HEAD),
        ("Caption", 10, _HEAD),
    ):  # fmt: skip
        _set_font(document.styles[name], size, font)
    for name in ("Body Text", "List Bullet"):
        document.styles[name].paragraph_format.line_spacing = 1.4
    head, mast = section.header.paragraphs[0], paper.masthead
    _say(head, " · ".join([f"{paper.heading} {paper.period}", *paper.marks]), "note")
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _say(foot, " · ".join(t for t in (mast.footer, mast.approval) if t) + "　", "note")
    _page_number(foot.add_run())
    made = datetime.combine(mast.as_of, time())
    properties = document.core_properties
    properties.title, properties.author = _clean(f"{paper.heading} {paper.period}")[:255], ""
    properties.created = properties.modified = made
    properties.last_modified_by, properties.comments = "", f"geo_hotspots {mast.version}"
    properties.language = {"zh": "zh-CN", "en": "en"}[mast.lang]


def _set_font(style: Any, size: float, font: str) -> None:
    """Set a style's fonts; Chinese takes its own, which python-docx has no name for."""
    style.font.size, style.font.name, style.font.italic = Pt(size), _LATIN, False
    style.font.color.rgb = RGBColor(0x1F, 0x29, 0x33)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    fonts.set(qn("w:eastAsia"), font)


def _write_front(document: Document, paper: Paper) -> None:
    """Write the title, the key figures and the summary."""
    lang = paper.masthead.lang
    document.add_heading(_clean(paper.heading), level=0).alignment = WD_ALIGN_PARAGRAPH.CENTER
    spans = dict.fromkeys([paper.period, paper.span, paper.made, *paper.marks])
    under = document.add_paragraph()
    under.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _say(under, " · ".join(spans))
    table = document.add_table(rows=0, cols=len(paper.figures), style="Table Grid")
    _rule(table)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    middle = ["mid"] * len(paper.figures)
    _fill(_add_row(table), [name for name, _ in paper.figures], middle)
    _fill(_add_row(table), [value for _, value in paper.figures], middle, bold=True)
    document.add_heading(WORDS["summary"].say(lang), level=1)
    _say(document.add_paragraph(style="Body Text"), paper.opening)
    if paper.masthead.track:
        _say(document.add_paragraph(style="Body Text"), paper.masthead.track)
    for note in paper.masthead.notes:
        _say(document.add_paragraph(style="Body Text"), note, "warn")
    if not _can_write_chinese():
        _say(document.add_paragraph(style="Body Text"), _NO_FONT.say(lang), "warn")


def _say(paragraph: Paragraph, text: str, tone: str = "") -> None:
    """Write a paragraph's words in the tone of `report_view.Text`."""
    run = paragraph.add_run(_clean(text))
    if tone == "note":
        run.font.size, run.font.color.rgb = Pt(9), _GREY
    elif tone == "warn":
        run.font.color.rgb = _RED


def _fill(cells: Sequence[_Cell], texts: Sequence[Cell], kinds: Sequence[str], *,
          bold: bool = False) -> None:  # fmt: skip
    for cell, text, kind in zip(cells, texts, kinds, strict=True):
        paragraph = cell.paragraphs[0]
        paragraph.alignment = _ALIGN.get(kind, WD_ALIGN_PARAGRAPH.LEFT)
        match text:
            case Markup():
                _picture(paragraph.add_run(), text, most_mm=_CELL_MM)
            case Drawn(said, aside, drawing):
                _say_small(paragraph, f"{said} {aside}")
                paragraph.add_run().add_break()
                _picture(paragraph.add_run(), drawing, most_mm=_CELL_MM)
            case _:
                _say_small(paragraph, text, bold=bold)


def _say_small(paragraph: Paragraph, text: str, *, bold: bool = False) -> None:
    run = paragraph.add_run(_clean(text))
    run.bold, run.font.size = bold, Pt(_CELL_PT)


def _set_widths(table: Table, grid: Grid) -> None:
    """Give each column what it holds; where that is too much, the long texts wrap."""
    columns = [[head.text, *(row[i] for row in grid.rows)] for i, head in enumerate(grid.heads)]
    wanted = [max(_wanted_mm(cell) for cell in column) for column in columns]
    holds = [  # a picture would be cut, a short word torn
        width <= _SHORT_MM or any(not isinstance(c, str) or isinstance(c, Markup) for c in column)
        for width, column in zip(wanted, columns, strict=True)
    ]
    fixed = sum(w for w, hold in zip(wanted, holds, strict=True) if hold)
    squeeze = min(1.0, (_WIDTH_MM - fixed) / max(sum(wanted) - fixed, 1.0))
    table.autofit = False
    ruled = list(table.columns)
    for column, width, hold in zip(ruled, wanted, holds, strict=True):
        column.width = Mm(width if hold else width * squeeze)
    widths = [column.width for column in ruled]
    for row in table._tbl.tr_lst:  # noqa: SLF001 - asking a column for its cells reads them all
        if len(row.tc_lst) == len(widths):  # a sentence spans the table
            for cell, wide in zip(row.tc_lst, widths, strict=True):
                cell.width = wide


def _wanted_mm(cell: Cell) -> float:
    if not isinstance(cell, str) or isinstance(cell, Markup):
        return _CELL_MM + _PADDING_MM
    return min(text_width(cell, _CELL_PT) * _POINT_MM, _LONG_MM) + _PADDING_MM


def _add_row(table: Table) -> Sequence[_Cell]:
    """Add a row that no page break parts."""
    row = table.add_row()  # type: ignore[no-untyped-call] # python-docx forgot
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 - no name for it
    cells: Sequence[_Cell] = row.cells
    return cells


def _note(table: Table, text: str) -> None:
    """Write a sentence under its row, over the whole width."""
    cells = _add_row(table)
    cell = cells[0].merge(cells[-1])
    _say(cell.paragraphs[0], text, "note")


def _rule(table: Table) -> None:
    """Rule a table as the page does: strong above and below, hairlines between rows."""
    borders = OxmlElement("w:tblBorders")
    for name, kind, size, colour in _RULES:
        line = OxmlElement(f"w:{name}")
        for key, value in (("val", kind), ("sz", size), ("space", "0"), ("color", colour)):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)  # noqa: SLF001 - python-docx has no name for it


def _repeat_head(table: Table) -> None:
    """Repeat the head on every page, and shade it."""
    row = table.rows[0]
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no name for it
    properties.append(OxmlElement("w:tblHeader"))
    for cell in row.cells:
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:fill"), _SHADE)
        cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - as above


def _page_number(run: Run) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    run._r.addnext(field)  # noqa: SLF001 - python-docx has no fields


def _picture(run: Run, drawing: Markup, *, most_mm: float) -> None:
    """Draw an SVG as a picture of its own size, or of `most_mm` where that is less."""
    found = re.search(r'<svg[^>]* viewBox="0 0 ([\d.]+) ', drawing)
    title = re.search(r'<svg[^>]* aria-label="([^"]*)"', drawing)
    if not found:
        raise ValueError("a drawing has no viewBox")
    width = min(float(found[1]) * _PIXEL_MM, most_mm)
    shape = run.add_picture(io.BytesIO(_render(str(drawing))), width=Mm(width))
    shape._inline.docPr.set("descr", _clean(Markup(title[1]).unescape()) if title else "")  # noqa: S704, SLF001 - our own drawing; python-docx has no name for it


def _render(svg: str) -> bytes:
    """Draw an SVG; fonts are looked up only where there is something to write."""
    has_text = "<text" in svg
    return resvg_py.svg_to_bytes(
        svg_string=_clean(svg), zoom=_SHARPNESS, skip_system_fonts=not has_text,
        font_family=_FONT,
    )  # fmt: skip


@cache
def _can_write_chinese() -> bool:
    """Say whether any font of this machine has Chinese; a bare server may have none."""
    blank, drawn = (_render(_PROBE.format(text)) for text in (" ", "中"))
    return drawn != blank


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("", str(text))


def _pack(document: Document) -> bytes:
    """Save the document with a clock of its own, so that equal reports are equal files."""
    raw, packed = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as given, zipfile.ZipFile(packed, "w") as out:
        for name in given.namelist():
            entry = zipfile.ZipInfo(name, _FIRST_DAY_OF_ZIP)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            out.writestr(entry, given.read(name))
    return packed.getvalue()
