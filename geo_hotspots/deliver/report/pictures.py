"""The report's drawings as pictures (PNG), for files that cannot hold a drawing.

Drawing lets go of the interpreter, so that it goes on beside whatever else is written.
"""

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache

import resvg_py
from markupsafe import Markup

from geo_hotspots.deliver.report.view import Beside, Drawn, Figure, Grid, Item, Paper, Together
from geo_hotspots.deliver.report.wordml import clean

SHARPNESS = 2.0  # picture dots per drawing unit: 192 dpi
_THREADS = 2
# Where it is missing, the renderer takes another that has the signs.
_FONT = "Microsoft YaHei" if sys.platform == "win32" else "Noto Sans CJK SC"
_PROBE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">{}</text></svg>'


class Pictures:
    """Pictures that are being drawn, by their drawing."""

    def __init__(self, drawings: Iterable[Markup], pool: ThreadPoolExecutor) -> None:
        self._drawn: dict[Markup, Future[bytes]] = {
            drawing: pool.submit(render, drawing) for drawing in dict.fromkeys(drawings)
        }

    def __getitem__(self, drawing: Markup) -> bytes:
        """Give the picture of a drawing, waiting for it where need be."""
        return self._drawn[drawing].result()


@contextmanager
def drawn_aside(paper: Paper) -> Iterator[Pictures]:
    """Draw the pictures of a report in threads of their own, while something else is done."""
    pool = ThreadPoolExecutor(_THREADS)
    try:
        yield Pictures(_drawings([i for block in paper.blocks for i in block.items]), pool)
    finally:
        pool.shutdown(cancel_futures=True)


def _drawings(items: Iterable[Item]) -> Iterator[Markup]:
    for item in items:
        match item:
            case Beside(parts) | Together(parts):
                yield from _drawings(parts)
            case Figure(_, drawing, _) if drawing:
                yield drawing
            case Grid():
                cells = (cell for row in item.rows for cell in row)
                shown = (c.drawing if isinstance(c, Drawn) else c for c in cells)
                yield from (c for c in shown if isinstance(c, Markup))


def render(svg: str) -> bytes:
    """Draw an SVG; fonts are looked up only where there is something to write."""
    return resvg_py.svg_to_bytes(
        svg_string=clean(svg), zoom=SHARPNESS, skip_system_fonts="<text" not in svg,
        font_family=_FONT,
    )  # fmt: skip


@cache
def can_write_chinese() -> bool:
    """Say whether any font of this machine has Chinese; a bare server may have none."""
    blank, drawn = (render(_PROBE.format(text)) for text in (" ", "中"))
    return drawn != blank
