"""Charts as inline SVG: real text, no script, sharp on paper, the same bytes every time.

Every chart gives markup for a page. Colours run from dark to light, so that a grey print keeps
their order, and every figure that matters stands there as a number. Labels that would touch
another are left out or moved aside, and every mark keeps its full text as a tooltip.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from geo_hotspots.deliver.svg import (
    ACCENT,
    ALERT,
    MUTED,
    PAPER,
    RAMP,
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


def columns(
    labels: Sequence[str],
    values: Sequence[int],
    *,
    title: str,
    light: Sequence[bool] = (),
    before: Sequence[int] = (),
    width: float = 860,
) -> Markup:
    """Draw a column to each label.

    Parameters
    ----------
    light
        Which columns to draw lighter: weekends, or days that are only there to compare.
    before
        The values of an earlier period, as a dashed line over the columns.
    """
    height, left, base, top = 180.0, 40.0, 152.0, 18.0
    ticks = _ticks(max([*values, *before, 1]))
    pace = (width - left - 4) / max(len(values), 1)
    unit = (base - top) / ticks[1]
    room = all(text_width(str(v), 10) + 2 <= pace for v in values)
    drawn, figures = [_gridlines(left, width, base, unit, ticks)], []
    for i, value in enumerate(values):
        x, y = left + i * pace, base - value * unit
        fill = SOFT if i < len(light) and light[i] else ACCENT
        bar = tag("rect", x=x + pace * 0.15, y=y, width=pace * 0.7, height=base - y, fill=fill)
        drawn.append(tag("g", tag("title", f"{labels[i]}: {value}"), bar))
        if room:
            figures.append(_figure(x + pace / 2, y - 4, str(value), size=10))
    middles = [left + (i + 0.5) * pace for i in range(max(len(values), len(before)))]
    if before:
        points = [(middles[i], base - v * unit) for i, v in enumerate(before)]
        drawn.append(_line(points, stroke=ALERT, stroke_width=1.4, stroke_dasharray="4 3"))
    # Last, so that the dashed line does not strike them out.
    drawn += [*figures, *_axis_labels(middles, labels, base + 16, width)]
    return drawing(width, height, title, *drawn)


def line(
    labels: Sequence[str],
    values: Sequence[int],
    *,
    names: Sequence[str],
    title: str,
    width: float = 860,
) -> Markup:
    """Draw a line with its highest, lowest and last value written; `names` are the tooltips.

    An empty label leaves its place on the axis blank.
    """
    height, left, base, top = 190.0, 40.0, 162.0, 20.0
    ticks = _ticks(max([*values, 1]))
    pace = (width - left - 26) / max(len(values) - 1, 1)
    unit = (base - top) / ticks[1]
    points = [(left + 8 + i * pace, base - v * unit) for i, v in enumerate(values)]
    drawn = [_gridlines(left, width, base, unit, ticks)]
    drawn.append(_line(points, stroke=ACCENT, stroke_width=1.8))
    for (x, y), name in zip(points, names, strict=True):
        drawn.append(
            tag("circle", tag("title", name), cx=x, cy=y, r=2.6, fill=PAPER, stroke=ACCENT)
        )
    drawn += _extremes(points, values, base=base)
    drawn += _axis_labels([x for x, _ in points], labels, base + 16, width)
    return drawing(width, height, title, *drawn)


def _extremes(
    points: Sequence[tuple[float, float]], values: Sequence[int], *, base: float
) -> list[Markup]:
    """Write the last, highest and lowest value, each only where it touches no other."""
    if not values:
        return []
    order = [len(values) - 1, int(np.argmax(values)), int(np.argmin(values))]
    drawn: list[Markup] = []
    used: list[float] = []
    for i in order:
        x, y = points[i]
        if all(abs(x - other) > text_width(str(values[i]), 12) + 8 for other in used):
            used.append(x)
            below = values[i] == min(values) and values[i] != max(values) and y + 16 < base
            drawn.append(_figure(x, y + 16 if below else y - 8, str(values[i]), size=12))
    return drawn


def _figure(x: float, y: float, text: str, *, size: float) -> Markup:
    """Write a figure that stays legible over lines and columns."""
    return write(
        x, y, text, size=size, text_anchor="middle", stroke=PAPER, stroke_width=3,
        paint_order="stroke",
    )  # fmt: skip


def _line(points: Sequence[tuple[float, float]], **attributes: str | float) -> Markup:
    path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return tag("polyline", points=path, fill="none", stroke_linejoin="round", **attributes)


def _ticks(highest: float, most: int = 5) -> tuple[float, float]:
    """Choose a round step and a ceiling so that at most `most` steps reach over `highest`."""
    power = 10 ** math.floor(math.log10(highest / most)) if highest > most else 1
    step = next(power * k for k in (1, 2, 5, 10) if power * k * most >= highest)
    return step, step * math.ceil(highest / step)


def _gridlines(
    left: float, width: float, base: float, unit: float, ticks: tuple[float, float]
) -> Markup:
    step, ceiling = ticks
    drawn = []
    for k in range(round(ceiling / step) + 1):
        y = base - k * step * unit
        drawn.append(tag("line", x1=left, x2=width, y1=y, y2=y, stroke=RULE, stroke_width=0.8))
        drawn.append(
            write(left - 6, y + 4, number(k * step), size=10.5, text_anchor="end", fill=MUTED)
        )
    return tag("g", *drawn)


def _axis_labels(
    middles: Sequence[float], labels: Sequence[str], y: float, width: float
) -> list[Markup]:
    """Write the labels from left to right, leaving out what would touch the one before."""
    drawn, free_from = [], -math.inf
    for x, label in zip(middles, labels, strict=False):
        half = text_width(label, 11) / 2
        centre = min(x, width - half)
        if label and centre - half >= free_from:
            drawn.append(write(centre, y, label, size=11, text_anchor="middle", fill=MUTED))
            free_from = centre + half + 7
    return drawn


def heat(
    counts: npt.NDArray[np.int64],
    *,
    days: Sequence[str],
    unit: str,
    title: str,
    width: float = 860,
) -> Markup:
    """Draw weekday by hour, darker where more; every cell also holds its number."""
    left, row, top = 58.0, 24.0, 20.0
    pace = (width - left - 52) / 24
    highest = max(int(counts.max()), 1)
    drawn = [
        write(left + (h + 0.5) * pace, 13, str(h), size=10.5, text_anchor="middle", fill=MUTED)
        for h in range(24)
    ]
    for d, name in enumerate(days):
        y = top + d * row
        drawn.append(write(left - 8, y + 16, name, size=11.5, text_anchor="end"))
        drawn += [
            _heat_cell(
                int(counts[d, h]),
                (left + h * pace, y, pace - 1.5, row - 1.5),
                highest=highest,
                name=f"{name} {h}:00",
            )
            for h in range(24)
        ]
        total = f"{int(counts[d].sum())}{unit}"
        drawn.append(write(width, y + 16, total, size=11, text_anchor="end", fill=MUTED))
    return drawing(width, top + 7 * row + 2, title, *drawn)


def _heat_cell(
    n: int, box: tuple[float, float, float, float], *, highest: int, name: str
) -> Markup:
    x, y, width, height = box
    fill = RAMP[math.ceil(n / highest * (len(RAMP) - 1))]
    cell = tag("rect", x=x, y=y, width=width, height=height, fill=fill)
    size = min(10.5, (width - 2) / max(len(str(n)) * 0.58, 1))
    figure = write(
        x + width / 2, y + 15.5, str(n), size=size, text_anchor="middle", fill=over(fill)
    )
    return tag("g", tag("title", f"{name} · {n}"), cell, *([figure] if n else []))


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
