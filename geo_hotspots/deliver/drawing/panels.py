"""Small multiples as inline SVG: the same bars for every street, on one scale (Tufte 1983)."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from geo_hotspots.deliver.drawing.svg import (
    ACCENT,
    ALERT,
    INK,
    MUTED,
    RULE,
    drawing,
    shorten,
    tag,
    text_width,
    write,
)

_ROW, _HEAD, _GAP = 17.0, 24.0, 18.0
_SIZE = 10.5


class Bar(NamedTuple):
    """One bar of a panel: a share, and the share of the whole to hold it against."""

    name: str
    share: float
    whole: float


class Panel(NamedTuple):
    """One small chart with its name and the number it rests on."""

    name: str
    figure: str
    bars: Sequence[Bar]


def panels(shown: Sequence[Panel], *, title: str, across: int = 4, width: float = 860) -> Markup:
    """Draw panels row by row, every bar to one scale, with a tick at the share of the whole."""
    if not shown:
        return Markup("")
    each = (width - (across - 1) * _GAP) / across
    longest = max(len(panel.bars) for panel in shown)
    tall = _HEAD + longest * _ROW + 14
    scale = max([0.01, *(max(b.share, b.whole) for panel in shown for b in panel.bars)])
    drawn = [
        _panel(panel, ((i % across) * (each + _GAP), (i // across) * tall), each, scale)
        for i, panel in enumerate(shown)
    ]
    return drawing(width, -(-len(shown) // across) * tall, title, *drawn)


def _panel(panel: Panel, at: tuple[float, float], width: float, scale: float) -> Markup:
    x, y = at
    figure = text_width(panel.figure, _SIZE) + 6
    names = min(width * 0.4, max(text_width(b.name, _SIZE) for b in panel.bars) + 2)
    room = width - names - 8 - 34
    head = [
        write(x, y + 13, shorten(panel.name, 12, width - figure), size=12, font_weight="bold"),
        write(x + width, y + 13, panel.figure, size=_SIZE, text_anchor="end", fill=MUTED),
        tag("line", x1=x, x2=x + width, y1=y + 19, y2=y + 19, stroke=RULE),
    ]
    rows = [
        _bar(bar, (x + names, y + _HEAD + i * _ROW), names, room / scale)
        for i, bar in enumerate(panel.bars)
    ]
    return tag("g", *head, *rows)


def _bar(bar: Bar, at: tuple[float, float], names: float, unit: float) -> Markup:
    x, y = at
    long, whole = bar.share * unit, x + 6 + bar.whole * unit
    figure = f"{bar.share:.0%}"
    after = max(x + 6 + long, whole + 2) + 4
    return tag(
        "g",
        tag("title", f"{bar.name} {bar.share:.1%} ({bar.whole:.1%})"),
        write(x, y + 12, shorten(bar.name, _SIZE, names), size=_SIZE, text_anchor="end"),
        tag("rect", x=x + 6, y=y + 3, width=max(long, 0.6), height=_ROW - 6, fill=ACCENT),
        tag("line", x1=whole, x2=whole, y1=y + 1, y2=y + _ROW - 1, stroke=ALERT, stroke_width=1.6),
        write(after, y + 12, figure, size=_SIZE, fill=INK),
    )
