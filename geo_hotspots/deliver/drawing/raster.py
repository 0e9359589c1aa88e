"""Drawings as pictures (PNG), for files that cannot hold a drawing.

Light to import, since a process of its own may do it: the renderer does not let go of the
interpreter.
"""

import sys
from functools import cache

import resvg_py

SHARPNESS = 2.0  # picture dots per drawing unit: 192 dpi
# Where it is missing, the renderer takes another that has the signs.
_FONT = "Microsoft YaHei" if sys.platform == "win32" else "Noto Sans CJK SC"
_PROBE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">{}</text></svg>'


def render(svg: str, sharpness: float) -> bytes:
    """Draw an SVG; fonts are looked up only where there is something to write."""
    return resvg_py.svg_to_bytes(
        svg_string=svg, zoom=sharpness, skip_system_fonts="<text" not in svg, font_family=_FONT
    )


@cache
def can_write_chinese() -> bool:
    """Say whether any font of this machine has Chinese; a bare server may have none."""
    blank, drawn = (render(_PROBE.format(text), 1.0) for text in (" ", "中"))
    return drawn != blank
