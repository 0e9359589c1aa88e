"""Numbered points on a small map: each where it lies, or aside on a short line, none on another."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from geo_hotspots.deliver.drawing.svg import ALERT, PAPER, tag, write

MARGIN = 6.0  # kept free around a map
_RADIUS = 7.5

Box = tuple[float, float, float, float]


class Pin(NamedTuple):
    """A numbered point."""

    number: int
    lng: float
    lat: float
    title: str


class Frame(NamedTuple):
    """How longitude and latitude become places on the drawing."""

    west: float
    north: float
    per_lng: float  # drawing units per degree
    per_lat: float
    width: float
    height: float

    def to_xy(self, lnglat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Turn rows of longitude, latitude into rows of x, y."""
        x = MARGIN + (lnglat[:, 0] - self.west) * self.per_lng
        y = MARGIN + (self.north - lnglat[:, 1]) * self.per_lat
        return np.column_stack([x, y])


def draw_pins(pins: Sequence[Pin], frame: Frame) -> tuple[list[Markup], list[Box]]:
    """Draw the points; give also the boxes they take, which no name may touch."""
    drawn: list[Markup] = []
    taken: list[Box] = []
    for pin in pins:
        x, y = frame.to_xy(np.array([[pin.lng, pin.lat]]))[0]
        place = next((p for p in _places(x, y) if is_free(_around(*p), taken, frame)), (x, y))
        taken.append(_around(*place))
        if place != (x, y):
            line = {"x1": x, "y1": y, "x2": place[0], "y2": place[1]}
            drawn.append(tag("line", **line, stroke=ALERT, stroke_width=0.9))
            drawn.append(tag("circle", cx=x, cy=y, r=1.8, fill=ALERT))
        drawn.append(
            tag(
                "g",
                tag("title", pin.title),
                tag("circle", cx=place[0], cy=place[1], r=_RADIUS, fill=ALERT, stroke=PAPER),
                write(
                    place[0], place[1] + 3.4, str(pin.number), size=9.5, text_anchor="middle",
                    fill=PAPER, font_weight="bold",
                ),
            )
        )  # fmt: skip
    return drawn, taken


def _places(x: float, y: float) -> list[tuple[float, float]]:
    """List where the mark of a point may stand: on it, then ever farther around it."""
    around = [
        (x + far * math.cos(turn * math.pi / 6), y + far * math.sin(turn * math.pi / 6))
        for far in (16, 24, 34, 46, 60)
        for turn in range(12)
    ]
    return [(x, y), *around]


def _around(x: float, y: float) -> Box:
    return (x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS)


def is_free(box: Box, taken: Sequence[Box], frame: Frame) -> bool:
    """Tell whether `box` lies on the drawing and touches none of `taken`."""
    inside = box[0] >= 0 and box[1] >= 0 and box[2] <= frame.width and box[3] <= frame.height
    return inside and not any(
        box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken
    )
