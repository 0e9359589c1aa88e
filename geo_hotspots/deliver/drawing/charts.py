"""Charts as inline SVG: real text, no script, sharp on paper, the same bytes every time.

Every chart gives markup for a page. Colours run from dark to light, so that a grey print keeps
their order, and every figure that matters stands there as a number. Labels that would touch
another are left out or moved aside, and every mark keeps its full text as a tooltip.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from geo_hotspots.deliver.drawing.svg import (
    ACCENT,
    ALERT,
    MUTED,
    PAPER,
    RULE,
    SOFT,
    drawing,
    number,
    over,
    shorten,
    tag,
    text_width,
    write,
)

SLICES = (
    "#12395a", "#1c5280", "#2b6a99", "#4680a9", "#5f92b8",
    "#7aa6c6", "#95b9d3", "#aecadf", "#c4d8e7", "#d8e5ef",
)  # fmt: skip
REST = "#e7e7e3"


class Part(NamedTuple):
    """One bar or slice: its name, its size, and the figure written beside it."""

    name: str
    n: float
    figure: str


def bars(parts: Sequence[Part], *, title: str, width: float = 400) -> Markup:
    """Draw horizontal bars, a line of text to each, in the order given."""
    row, size = 23.0, 12.5
    names = min(width * 0.36, max((text_width(p.name, size) for p in parts), default=0) + 4)
    figures = max((text_width(p.figure, size) for p in parts), default=0) + 10
    scale = (width - names - figures - 10) / max([*(p.n for p in parts), 1])
    drawn = []
    for i, part in enumerate(parts):
        y, long = i * row, part.n * scale
        drawn.append(
            tag(
                "g",
                tag("title", f"{part.name} {part.figure}"),
                write(
                    names, y + 15.5, shorten(part.name, size, names), size=size, text_anchor="end"
                ),
                tag("rect", x=names + 8, y=y + 4, width=max(long, 1), height=row - 8, fill=ACCENT),
                write(names + 14 + max(long, 1), y + 15.5, part.figure, size=size),
            )
        )
    return drawing(width, len(parts) * row + 2, title, *drawn)


def pie(parts: Sequence[Part], *, rest: Part | None, title: str, width: float = 400) -> Markup:
    """Draw a pie clockwise from the top, numbered, with the names in a list beside it.

    Slices of ten-odd categories are too thin for names, and leader lines cross; a number fits
    where the slice takes more than a thirtieth, and the list is in the order of the slices.
    """
    slices = [*parts, rest] if rest is not None and rest.n > 0 else list(parts)
    total, radius, row = sum(p.n for p in slices), 100.0, 21.0
    height = max(2 * radius + 12, len(slices) * row + 6)
    middle = (radius + 4, height / 2)
    drawn, turned = [], 0.0
    for i, part in enumerate(slices):
        is_rest = part is rest
        fill = REST if is_rest else SLICES[min(i, len(SLICES) - 1)]
        share = part.n / total if total else 0.0
        label = "" if is_rest else str(i + 1)
        drawn.append(_slice(part, middle, radius, turn=(turned, share), fill=fill, label=label))
        turned += share
        y = (height - len(slices) * row) / 2 + i * row
        drawn.append(_legend_row(part, 2 * radius + 26, y, width=width, fill=fill, label=label))
    return drawing(width, height, title, *drawn)


def _slice(
    part: Part,
    middle: tuple[float, float],
    radius: float,
    *,
    turn: tuple[float, float],
    fill: str,
    label: str,
) -> Markup:
    start, share = turn
    if share >= 1:
        shape = tag("circle", cx=middle[0], cy=middle[1], r=radius, fill=fill)
    else:
        x0, y0 = _on_circle(middle, radius, start)
        x1, y1 = _on_circle(middle, radius, start + share)
        arc = f"A{number(radius)} {number(radius)} 0 {int(share > 0.5)} 1 "  # noqa: PLR2004 - half
        path = f"M{number(middle[0])} {number(middle[1])}L{number(x0)} {number(y0)}"
        shape = tag(
            "path", d=f"{path}{arc}{number(x1)} {number(y1)}Z", fill=fill, stroke=PAPER,
            stroke_width=1.2,
        )  # fmt: skip
    x, y = _on_circle(middle, radius * 0.8, start + share / 2)
    written = [write(x, y + 4, label, size=11.5, text_anchor="middle", fill=over(fill))]
    fits = share > 1 / 30
    title = tag("title", f"{part.name} {part.figure}")
    return tag("g", title, shape, *(written if fits and label else []))


def _on_circle(middle: tuple[float, float], radius: float, turn: float) -> tuple[float, float]:
    angle = 2 * math.pi * turn - math.pi / 2
    return middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle)


def _legend_row(part: Part, x: float, y: float, *, width: float, fill: str, label: str) -> Markup:
    figure = text_width(part.figure, 12) + 8
    room = width - x - 18 - figure
    return tag(
        "g",
        tag("title", f"{part.name} {part.figure}"),
        tag("rect", x=x, y=y + 4, width=12, height=12, fill=fill, stroke=MUTED, stroke_width=0.4),
        write(x + 18, y + 14.5, shorten(f"{label} {part.name}".strip(), 12, room), size=12),
        write(width, y + 14.5, part.figure, size=12, text_anchor="end", fill=MUTED),
    )


def spark(values: Sequence[int], *, title: str, width: float = 66, height: float = 18) -> Markup:
    """Draw a word-sized row of columns, the last one dark: now against before."""
    pace = width / max(len(values), 1)
    unit = (height - 2) / max([*values, 1])
    drawn = []
    for i, value in enumerate(values):
        long = max(value * unit, 0.8)
        fill = ALERT if i == len(values) - 1 else SOFT
        drawn.append(
            tag("rect", x=i * pace, y=height - long, width=pace - 1.2, height=long, fill=fill)
        )
    return drawing(width, height, title, tag("title", title), *drawn)


def interval(
    share: float, low: float, high: float, *, title: str, start: float = 0.0, width: float = 74
) -> Markup:
    """Draw a rate as a dot on a scale from `start` to 1, with a line over its interval."""
    y, room = 7.0, width - 8
    at, left, right = (4 + (v - start) / (1 - start) * room for v in (share, low, high))
    return drawing(
        width, 14, title,
        tag("title", title),
        tag("line", x1=4, x2=width - 4, y1=y, y2=y, stroke=RULE, stroke_width=1),
        tag("line", x1=left, x2=right, y1=y, y2=y, stroke=SOFT, stroke_width=4),
        tag("circle", cx=at, cy=y, r=3.2, fill=ACCENT),
    )  # fmt: skip
