"""The report's drawings as pictures (PNG), drawn while the other files are written."""

from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager

from markupsafe import Markup

from geo_hotspots.deliver.drawing import raster
from geo_hotspots.deliver.report.view import Beside, Drawn, Figure, Grid, Item, Paper, Together
from geo_hotspots.deliver.report.wordml import clean


class Pictures:
    """Pictures by their drawing, begun by a painter, or drawn when asked for.

    Parameters
    ----------
    drawings
        What will be asked for.
    painter
        Another process: the renderer does not let go of the interpreter, so threads would gain
        nothing.
    """

    def __init__(self, drawings: Iterable[Markup], painter: Executor | None) -> None:
        self._begun: dict[Markup, Future[bytes]] = {}
        if painter:
            self._begun = {
                drawing: painter.submit(raster.render, clean(drawing), raster.SHARPNESS)
                for drawing in dict.fromkeys(drawings)
            }

    def __getitem__(self, drawing: Markup) -> bytes:
        """Give the picture of a drawing, waiting for it where need be."""
        if drawing in self._begun:
            try:
                return self._begun[drawing].result()
            except BrokenExecutor:  # the painter was killed; this process goes on
                self._begun.clear()
        return raster.render(clean(drawing), raster.SHARPNESS)

    def give_up(self) -> None:
        """Leave what is not begun undone."""
        for future in self._begun.values():
            future.cancel()


@contextmanager
def drawn_aside(paper: Paper, painter: Executor | None = None) -> Iterator[Pictures]:
    """Have the pictures of a report drawn while something else is done."""
    items = [item for block in paper.blocks for item in block.items]
    try:
        pictures = Pictures(_drawings(items), painter)
    except BrokenExecutor:
        pictures = Pictures((), None)
    try:
        yield pictures
    finally:
        pictures.give_up()


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
