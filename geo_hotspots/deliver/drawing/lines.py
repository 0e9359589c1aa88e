"""Several courses over the same weeks, as lines in one drawing, each named at its end."""

from collections.abc import Sequence

from markupsafe import Markup

from geo_hotspots.deliver.drawing.svg import MUTED, RULE, drawing, number, tag, text_width, write


def draw_lines(
    labels: Sequence[str],
    courses: Sequence[tuple[str, str, Sequence[float]]],
    *,
    unit: str,
    title: str,
    width: float = 860,
) -> Markup:
    """Draw a line to each course, from zero up.

    Parameters
    ----------
    labels
        Of the places on the axis; one that would touch the one before is left out.
    courses
        Name, colour and values of each; the last lies on top.
    unit
        What is written after the figures of the axis.
    """
    height, left, base, top = 230.0, 44.0, 196.0, 34.0
    highest = max([*(v for *_, values in courses for v in values), 1e-9])
    step = _step(highest)
    ceiling = step * -(-highest // step)
    pace = (width - left - 12) / max(len(labels) - 1, 1)
    drawn = []
    for k in range(round(ceiling / step) + 1):
        y = base - (base - top) * k * step / ceiling
        drawn.append(tag("line", x1=left, x2=width, y1=y, y2=y, stroke=RULE, stroke_width=0.8))
        figure = f"{number(k * step)}{unit}"
        drawn.append(write(left - 6, y + 4, figure, size=10.5, text_anchor="end", fill=MUTED))
    for _, colour, values in courses:
        points = " ".join(
            f"{number(left + 6 + i * pace)},{number(base - (base - top) * v / ceiling)}"
            for i, v in enumerate(values)
        )
        drawn.append(tag("polyline", points=points, fill="none", stroke=colour, stroke_width=1.8,
                         stroke_linejoin="round"))  # fmt: skip
    free_from = left
    for i, label in enumerate(labels):
        x, half = left + 6 + i * pace, text_width(label, 11) / 2
        if x - half >= free_from and x + half <= width:
            drawn.append(write(x, base + 17, label, size=11, text_anchor="middle", fill=MUTED))
            free_from = x + half + 12
    return drawing(width, height, title, *drawn, *_legend(courses, left))


def _step(highest: float) -> float:
    """Choose a round step that reaches over `highest` in at most five."""
    power = 1.0
    while power * 5 < highest:
        power *= 10
    while power * 0.5 >= highest:
        power /= 10
    return next(power * k for k in (0.1, 0.2, 0.5, 1, 2, 5, 10) if power * k * 5 >= highest)


def _legend(courses: Sequence[tuple[str, str, Sequence[float]]], x: float) -> list[Markup]:
    drawn = []
    for name, colour, _ in courses:
        drawn.append(tag("line", x1=x, x2=x + 22, y1=12, y2=12, stroke=colour, stroke_width=3))
        drawn.append(write(x + 28, 16, name, size=12))
        x += 28 + text_width(name, 12) + 24
    return drawn
