"""Charts of time as inline SVG: days as columns, weeks as a line, the hours of the week as a strip.

Labels that would touch another are left out, and every mark keeps its full text as a tooltip.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from geo_hotspots.deliver.drawing.svg import (
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
    tag,
    text_width,
    write,
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
