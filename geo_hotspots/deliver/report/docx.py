"""The analysis report as a word processor's file, for offices that edit it before it goes out.

The same sentences, numbers and drawings as the page, in real headings, tables and captions; a
drawing becomes a picture with its title as alternative text.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, time
from itertools import count
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.parts.image import ImagePart
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from markupsafe import Markup

from geo_hotspots.deliver.drawing.raster import can_write_chinese
from geo_hotspots.deliver.drawing.svg import text_width
from geo_hotspots.deliver.report.pictures import Pictures, drawn_aside
from geo_hotspots.deliver.report.view import (
    REPORT,
    WORDS,
    Beside,
    Cell,
    Drawn,
    Figure,
    Grid,
    Heading,
    Item,
    Paper,
    Part,
    Points,
    Text,
    Together,
)
from geo_hotspots.deliver.report.wordml import (
    GREY,
    RED,
    SMALL_PT,
    Row,
    clean,
    line_break,
    paragraph,
    run,
    table,
)
from geo_hotspots.deliver.writing import writing
from geo_hotspots.words import Words

_WIDTH_MM = 166.0  # of the text on A4 within margins of 22 mm
_CELL_MM = 22.0
_SHORT_MM, _LONG_MM, _PADDING_MM = 18.0, 80.0, 5.5
_PIXEL_MM, _POINT_MM = 25.4 / 96, 25.4 / 72
_EMU_MM = 36_000  # of the English Metric Units, in which pictures are measured
_BODY, _HEAD, _LATIN = "宋体", "黑体", "Times New Roman"  # on every office PC
_ALIGN = {"num": "right", "mid": "center"}
_NO_FONT = Words(
    "生成本文件的电脑没有中文字体，图中文字未能画出；图见 report.html。",
    "The machine that made this file has no Chinese font, so the pictures lack their words; "
    "see report.html.",
)
_SHED = ("/stylesWithEffects", "/thumbnail")
_FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)


def write_docx(path: Path, paper: Paper, pictures: Pictures | None = None) -> None:
    """Write the report as DOCX: A4, Chinese office fonts, numbered figures and tables.

    Equal input gives equal bytes: the file's clock is that of the last day counted.

    Parameters
    ----------
    pictures
        Those of `paper`, where they were begun before.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    document = docx.Document()
    _shed(document)
    _set_up(document, paper)
    with nullcontext(pictures) if pictures else drawn_aside(paper) as drawn:
        writer = _Writer(document, drawn, paper)
        _fill_in(document, "".join([*writer.front(), *writer.blocks()]))
    with writing(path, REPORT):
        path.write_bytes(_pack(document))


class _Writer:
    """Writes a report as text for the body, and counts figures and tables as it goes."""

    def __init__(self, document: Document, pictures: Pictures, paper: Paper) -> None:
        self.paper, self.lang = paper, paper.masthead.lang
        self.album = _Album(document, pictures)
        self.counts = {"figure": count(1), "table": count(1)}

    def front(self) -> Iterator[str]:
        """Write the title, the key figures and the summary."""
        paper, mast = self.paper, self.paper.masthead
        yield paragraph(run(paper.heading), style="Title", align="center")
        spans = dict.fromkeys([paper.period, paper.span, paper.made, *paper.marks])
        yield paragraph(run(" · ".join(spans)), align="center")
        names = [_say_cell(name, "mid") for name, _ in paper.figures]
        values = [_say_cell(value, "mid", bold=True) for _, value in paper.figures]
        widths = [_WIDTH_MM / len(paper.figures)] * len(paper.figures)
        yield table([Row(names), Row(values)], widths, has_head=False)
        yield paragraph(run(WORDS["summary"].say(self.lang)), style="Heading1")
        yield _say(paper.opening)
        if mast.track:
            yield _say(mast.track)
        yield from (_say(note, "warn") for note in mast.notes)
        if not can_write_chinese():
            yield _say(_NO_FONT.say(self.lang), "warn")

    def blocks(self) -> Iterator[str]:
        """Write what the report is made of."""
        for block in self.paper.blocks:
            yield paragraph(run(block.title), style="Heading1")
            for item in block.items:
                yield from self._item(item)

    def _item(self, item: Item) -> Iterator[str]:
        """Write one item and what is inside it."""
        match item:
            case Text(text, tone):
                yield _say(text, tone)
            case Heading(text):
                yield paragraph(run(text), style="Heading2")
            case Points(points):
                yield from (paragraph(run(point), style="ListBullet") for point in points)
            case Beside(items) | Together(items):
                for part in items:
                    yield from self._item(part)
            case Figure(caption, drawing, _) if drawing:
                shown = self.album.show(drawing, most_mm=_WIDTH_MM)
                yield paragraph(shown, align="center", more="<w:keepNext/>")
                yield self._caption("figure", caption)
            case Grid():
                yield from self._grid(item)

    def _caption(self, kind: str, text: str, more: str = "") -> str:
        said = run(f"{WORDS[kind].say(self.lang)}{next(self.counts[kind])} {text}")
        return paragraph(said, style="Caption", align="center", more=more)

    def _grid(self, grid: Grid) -> Iterator[str]:
        yield self._caption("table", grid.caption, "<w:keepNext/>")
        kinds = [head.kind for head in grid.heads]
        rows = [Row([_say_cell(h.text, h.kind, bold=True) for h in grid.heads])]
        for i, row in enumerate(grid.rows):
            if grid.parts and grid.parts[i].name:
                rows.append(Row(wide=_part(grid.parts[i])))
            bold = grid.has_total and i == len(grid.rows) - 1
            cells = zip(row, kinds, strict=True)
            rows.append(Row([self._cell(cell, kind, bold=bold) for cell, kind in cells]))
            if grid.notes and grid.notes[i]:
                rows.append(Row(wide=paragraph(_toned(grid.notes[i], "note"))))
        yield table(rows, _widths_mm(grid), has_head=True)
        if grid.remark:
            yield _say(grid.remark, "note")
        yield paragraph(more='<w:spacing w:after="0"/>')

    def _cell(self, cell: Cell, kind: str, *, bold: bool) -> str:
        align = _ALIGN.get(kind, "left")
        match cell:
            case Markup():
                return paragraph(self.album.show(cell, most_mm=_CELL_MM), align=align)
            case Drawn(said, aside, drawing):
                words = run(f"{said} {aside}", bold=False, size=SMALL_PT)
                shown = self.album.show(drawing, most_mm=_CELL_MM)
                return paragraph(words, line_break(), shown, align=align)
            case _:
                return _say_cell(cell, kind, bold=bold)


class _Album:
    """Puts pictures into the file, each once, however often it is shown."""

    def __init__(self, document: Document, pictures: Pictures) -> None:
        self.part, self.pictures = document.part, pictures
        self.known: dict[Markup, tuple[str, float, float, str]] = {}
        self.relations: dict[bytes, str] = {}
        self.ids = count(1)

    def show(self, drawing: Markup, *, most_mm: float) -> str:
        """Write a run with the picture, of the drawing's size, or `most_mm` wide if that is less.

        What is inside comes from our own drawing; its title may hold a place's name.
        """
        if drawing not in self.known:
            self.known[drawing] = self._add(drawing)
        relation, width, ratio, title = self.known[drawing]
        wide = int(min(width * _PIXEL_MM, most_mm) * _EMU_MM)
        size = f'cx="{wide}" cy="{round(wide * ratio)}"'
        n = next(self.ids)
        return (
            f"<w:r><w:drawing><wp:inline><wp:extent {size}/>"
            f'<wp:docPr id="{n}" name="Picture {n}" descr={title}/><wp:cNvGraphicFramePr>'
            '<a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr><a:graphic>'
            '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
            '<pic:pic><pic:nvPicPr><pic:cNvPr id="0" name="image.png"/><pic:cNvPicPr/>'
            f'</pic:nvPicPr><pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/>'
            '</a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/>'
            f'<a:ext {size}/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr></pic:pic>'
            "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )

    def _add(self, drawing: Markup) -> tuple[str, float, float, str]:
        """Put a picture into the file; give its relation, size and quoted title."""
        found = re.search(r'<svg[^>]* viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing)
        title = re.search(r'<svg[^>]* aria-label="([^"]*)"', drawing)
        if not found:
            raise ValueError("a drawing has no viewBox")
        picture = self.pictures[drawing]
        if picture not in self.relations:
            name = PackURI(f"/word/media/image{len(self.relations) + 1}.png")
            part = ImagePart(name, CONTENT_TYPE.PNG, picture)
            self.relations[picture] = self.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
        width, height = float(found[1]), float(found[2])
        said = clean(Markup(title[1]).unescape()) if title else ""  # noqa: S704 - our own drawing
        relation = self.relations[picture]
        return relation, width, height / width, quoteattr(said)


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
    _note(head, " · ".join([f"{paper.heading} {paper.period}", *paper.marks]))
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _note(foot, " · ".join(t for t in (mast.footer, mast.approval) if t) + "　")
    _page_number(foot.add_run())
    made = datetime.combine(mast.as_of, time())
    properties = document.core_properties
    properties.title, properties.author = clean(f"{paper.heading} {paper.period}")[:255], ""
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


def _note(line: Paragraph, text: str) -> None:
    """Write small grey words into header or footer."""
    words = line.add_run(clean(text))
    words.font.size, words.font.color.rgb = Pt(SMALL_PT), RGBColor.from_string(GREY)


def _page_number(run: Run) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    run._r.addnext(field)  # noqa: SLF001 - python-docx has no fields


def _fill_in(document: Document, body: str) -> None:
    """Put the body's text before the page's properties, which end every document."""
    names = nsdecls("w", "wp", "a", "pic", "r")
    parsed = parse_xml(f"<w:body {names}>{body}</w:body>")
    end = document.element.body.sectPr
    for element in list(parsed):
        end.addprevious(element)


def _say(text: str, tone: str = "") -> str:
    """Write a paragraph in the tone of `view.Text`."""
    return paragraph(_toned(text, tone), style="BodyText")


def _toned(text: str, tone: str) -> str:
    match tone:
        case "note":
            return run(text, colour=GREY, size=SMALL_PT)
        case "warn":
            return run(text, colour=RED)
    return run(text)


def _part(part: Part) -> str:
    name = run(part.name, bold=True, size=SMALL_PT)
    return paragraph(name, run(f"　{part.aside}" if part.aside else "", colour=GREY, size=SMALL_PT))


def _say_cell(text: str, kind: str, *, bold: bool = False) -> str:
    return paragraph(run(text, bold=bold, size=SMALL_PT), align=_ALIGN.get(kind, "left"))


def _widths_mm(grid: Grid) -> list[float]:
    """Give each column what it holds; where that is too much, the long texts wrap."""
    columns = [[head.text, *(row[i] for row in grid.rows)] for i, head in enumerate(grid.heads)]
    wanted = [max(_wanted_mm(cell) for cell in column) for column in columns]
    holds = [  # a picture would be cut, a short word or a name torn
        width <= _SHORT_MM
        or head.kind == "key"
        or any(not isinstance(c, str) or isinstance(c, Markup) for c in column)
        for head, width, column in zip(grid.heads, wanted, columns, strict=True)
    ]
    fixed = sum(w for w, hold in zip(wanted, holds, strict=True) if hold)
    squeeze = min(1.0, (_WIDTH_MM - fixed) / max(sum(wanted) - fixed, 1.0))
    return [w if hold else w * squeeze for w, hold in zip(wanted, holds, strict=True)]


def _wanted_mm(cell: Cell) -> float:
    if not isinstance(cell, str) or isinstance(cell, Markup):
        return _CELL_MM + _PADDING_MM
    return min(text_width(cell, SMALL_PT) * _POINT_MM, _LONG_MM) + _PADDING_MM


def _shed(document: Document) -> None:
    """Take out what the library's empty document brings: another's thumbnail, Word 2010's styles.

    No reader of today looks at either, and the styles would be half of the file's text.
    """
    for rels in (document.part.rels, document.part.package.rels):
        for name in [k for k, rel in rels.items() if rel.reltype.endswith(_SHED)]:
            del rels[name]


def _pack(document: Document) -> bytes:
    """Save the document with a clock of its own, so that equal reports are equal files."""
    raw, packed = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as given, zipfile.ZipFile(packed, "w") as out:
        for name in given.namelist():
            entry = zipfile.ZipInfo(name, _FIRST_DAY_OF_ZIP)
            is_packed = name.endswith(".png")
            entry.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            out.writestr(entry, given.read(name))
    return packed.getvalue()
