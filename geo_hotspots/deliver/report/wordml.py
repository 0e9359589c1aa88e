"""WordprocessingML (ECMA-376) as text: paragraphs, runs and tables of the report.

A report has thousands of cells. Written as text and parsed once, they cost a tenth of what they
do as one object each. Everything that comes from a file is escaped in `run`, in one place.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

GREY, RED, SHADE = "5B6770", "B3261E", "EEF4F8"
SMALL_PT = 9.0
_TWIPS_MM = 1440 / 25.4
_RULES = (  # in the order of the standard
    ("top", "single", "8", "1F2933"), ("left", "nil", "0", "auto"),
    ("bottom", "single", "8", "1F2933"), ("right", "nil", "0", "auto"),
    ("insideH", "single", "4", "C4CCD2"), ("insideV", "nil", "0", "auto"),
)  # fmt: skip
# Strong rules above and below, hairlines between rows, as the page has them.
_BORDERS = "".join(
    f'<w:{name} w:val="{kind}" w:sz="{size}" w:space="0" w:color="{colour}"/>'
    for name, kind, size, colour in _RULES
)
# What XML cannot hold; a category or a place name of a broken export may carry it.
_UNWRITABLE = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAK = re.compile(r"([\t\n\r])")


class Row(NamedTuple):
    """A row of a table; `wide` is a paragraph over its whole width, and then there are no cells."""

    cells: Sequence[str] = ()
    wide: str = ""


def clean(text: str) -> str:
    """Take out what XML cannot hold."""
    return _UNWRITABLE.sub("", str(text))


def paragraph(*runs: str, style: str = "", align: str = "", more: str = "") -> str:
    """Write a paragraph; `more` are properties that stand between style and alignment."""
    properties = (f'<w:pStyle w:val="{style}"/>' if style else "") + more
    properties += f'<w:jc w:val="{align}"/>' if align else ""
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{''.join(runs)}</w:p>"


def run(text: str, *, bold: bool | None = None, colour: str = "", size: float = 0) -> str:
    """Write words in one look; `bold` None leaves it to the style, `size` is in points."""
    look = "" if bold is None else "<w:b/>" if bold else '<w:b w:val="0"/>'
    look += f'<w:color w:val="{colour}"/>' if colour else ""
    look += f'<w:sz w:val="{size * 2:.0f}"/>' if size else ""
    parts = _BREAK.split(clean(text))
    return f"<w:r>{f'<w:rPr>{look}</w:rPr>' if look else ''}{''.join(map(_words, parts))}</w:r>"


def _words(part: str) -> str:
    if part in ("\t", "\n", "\r"):
        return "<w:tab/>" if part == "\t" else "<w:br/>"
    kept = ' xml:space="preserve"' if part != part.strip() else ""
    return f"<w:t{kept}>{escape(part)}</w:t>" if part else ""


def line_break() -> str:
    """Break the line inside a paragraph."""
    return "<w:r><w:br/></w:r>"


def table(rows: Sequence[Row], widths_mm: Sequence[float], *, has_head: bool) -> str:
    """Write a table of columns that keep their width; a page break parts no row but the head.

    Parameters
    ----------
    rows
        Each cell is the paragraphs in it; the first row is the head where `has_head`, shaded
        and repeated on every page.
    """
    widths = [round(mm * _TWIPS_MM) for mm in widths_mm]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    body = "".join(_row(row, widths, is_head=has_head and i == 0) for i, row in enumerate(rows))
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:type="auto" w:w="0"/>'
        '<w:jc w:val="center"/>'
        f"<w:tblBorders>{_BORDERS}</w:tblBorders>"
        '<w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:firstColumn="1" w:firstRow="1" w:lastColumn="0" w:lastRow="0" '
        'w:noHBand="0" w:noVBand="1" w:val="04A0"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>"
    )


def _row(row: Row, widths: Sequence[int], *, is_head: bool) -> str:
    properties = "<w:tblHeader/>" if is_head else "<w:cantSplit/>"
    shade = f'<w:shd w:val="clear" w:fill="{SHADE}"/>' if is_head else ""
    if row.wide:
        span = f'<w:gridSpan w:val="{len(widths)}"/>'
        cells = _cell(row.wide, sum(widths), span)
    else:
        cells = "".join(_cell(c, w, shade) for c, w in zip(row.cells, widths, strict=True))
    return f"<w:tr><w:trPr>{properties}</w:trPr>{cells}</w:tr>"


def _cell(inside: str, width: int, more: str) -> str:
    return f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{width}"/>{more}</w:tcPr>{inside}</w:tc>'
