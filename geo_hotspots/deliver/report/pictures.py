"""The report's drawings as pictures (PNG), drawn while the other files are written."""

from collections.abc import Callable, Iterable, Iterator

from markupsafe import Markup

from geo_hotspots.deliver.aside import Aside
from geo_hotspots.deliver.drawing import raster
from geo_hotspots.deliver.report.view import Beside, Drawn, Figure, Grid, Item, Paper, Together
from geo_hotspots.deliver.report.wordml import clean

Pictures = dict[Markup, Callable[[], bytes]]


def begin_pictures(paper: Paper, aside: Aside) -> Pictures:
    """Have a report's pictures drawn, each once; give, by drawing, what waits for it."""
    items = [item for block in paper.blocks for item in block.items]
    return {
        drawing: aside.begin(raster.render, clean(drawing), raster.SHARPNESS)
        for drawing in dict.fromkeys(_drawings(items))
    }


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
