"""The few elements that charts and small maps are drawn with, and the colours of both.

Everything is escaped in one place, `tag`. Styling is by attributes alone; fonts come from the
page.
"""

import unicodedata

from markupsafe import Markup, escape

INK, MUTED, RULE, PAPER = "#1f2933", "#5b6770", "#d5dbe1", "#ffffff"
ACCENT, ALERT, SOFT = "#1f5a87", "#b3261e", "#9dbdd6"
RAMP = ("#eef4f8", "#cfdfeb", "#9dbdd6", "#5f92b8", "#2b6a99", "#133f63")


def tag(name: str, *inside: str, **attributes: str | float) -> Markup:
    """Write one element; text and attributes are escaped unless they are markup already.

    Attribute names take a hyphen for an underscore (`stroke_width`), `class_` is `class`.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(number(value))}"'
        for key, value in attributes.items()
    )
    content = "".join(escape(part) for part in inside)
    return Markup(f"<{name}{written}>{content}</{name}>")  # noqa: S704 - escaped just above


def number(value: str | float) -> str:
    """Write a length with at most two decimals and no empty ones; texts pass."""
    if isinstance(value, str):
        return value
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def text_width(text: str, size: float) -> float:
    """Estimate how wide `text` is at font size `size`: Chinese one em, other letters about half."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return size * (wide + 0.58 * (len(text) - wide))


def shorten(text: str, size: float, room: float) -> str:
    """Cut `text` to what fits in `room`, with an ellipsis where something is lost."""
    if text_width(text, size) <= room:
        return text
    kept = text
    while kept and text_width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept + "…"


def drawing(width: float, height: float, title: str, *inside: Markup) -> Markup:
    """Frame a drawing; `title` is what a screen reader says."""
    return tag(
        "svg",
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        role="img",
        aria_label=title,
    )


def write(x: float, y: float, text: str, *, size: float = 12, **attributes: str | float) -> Markup:
    """Write text with its baseline at `y`."""
    return tag("text", text, x=x, y=y, font_size=size, **{"fill": INK, **attributes})


def over(fill: str) -> str:
    """Choose ink or paper, whichever reads better over `fill`."""
    red, green, blue = (int(fill[i : i + 2], 16) for i in (1, 3, 5))
    is_dark = 0.299 * red + 0.587 * green + 0.114 * blue < 140  # noqa: PLR2004 - of 255
    return PAPER if is_dark else INK
