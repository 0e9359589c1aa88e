"""Text without what cannot be seen, on one line and of a length that can be kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo_hotspots.columns import may_match
from geo_hotspots.schema import RAW_TEXT
from geo_hotspots.words import Words

MAX_TEXT = 20_000  # characters; a longer cell is cut, and a note says so
_NAMED = 5  # so many rows a note names one by one

# Digits, letters and the space of full width become narrow; names are left as they are written.
_NARROW = {c: c - 0xFEE0 for r in ((0xFF10, 0xFF1A), (0xFF21, 0xFF3B), (0xFF41, 0xFF5B))
           for c in range(*r)}  # fmt: skip
_SPACES = dict.fromkeys([*b"\t\n\v\f\r", 0x85, 0xA0, 0x3000, 0x2028, 0x2029], " ")

# Other control characters, and the marks that hide text or turn its direction.
_HIDDEN = [
    *range(0x20), *range(0x7F, 0xA0), 0xAD, 0x061C, *range(0x200B, 0x2010),
    *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC),
]  # fmt: skip
_CLEAN: dict[int, Any] = dict.fromkeys(_HIDDEN) | _SPACES | _NARROW
_UNCLEAN = "[" + "".join(rf"\x{{{c:x}}}" for c in _CLEAN) + "]"


def clean_columns(raw: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Clean every text column; give `source` and `row` of those whose cells were cut."""
    clean = raw.assign(source=raw["source"].astype("str"))
    cut = {}
    for name in RAW_TEXT:
        clean[name] = clean_text(raw[name])
        if _sizes(pc.max, clean[name]) <= MAX_TEXT:  # bytes, and no fewer than characters
            continue
        long = clean[name].str.len() > MAX_TEXT
        if long.any():
            clean[name] = clean[name].str.slice(0, MAX_TEXT)
            cut[name] = raw.loc[long, ["source", "row"]]
    return clean, cut


def note_cuts(cuts: Sequence[Mapping[str, pd.DataFrame]]) -> Iterator[Words]:
    """Say of each column where its cells were cut, in all pieces together."""
    for name in RAW_TEXT:
        where = [cut[name] for cut in cuts if name in cut]
        if where:
            yield _cut(name, pd.concat(where))


def _cut(name: str, where: pd.DataFrame) -> Words:
    named = ", ".join(f"{at.source}#{at.row}" for at in where.head(_NAMED).itertuples())
    named += " …" if len(where) > _NAMED else ""
    return Words(
        f"{name} 列有 {len(where)} 个单元格超过 {MAX_TEXT} 字，已截断（{named}）",
        f"column {name}: {len(where)} cells of more than {MAX_TEXT} characters were cut ({named})",
    )


def clean_text(text: pd.Series) -> pd.Series:
    r"""Strip text, narrow its digits and letters, and take out what cannot be seen.

    Parameters
    ----------
    text
        As read.

    Returns
    -------
    clean
        On one line, without control characters or marks that turn the direction of writing;
        missing where nothing is left. Names stay as they are written.

    Examples
    --------
    >>> clean_text(pd.Series(["\u3000忠实里２号楼\n３层 ", " "])).tolist()
    ['忠实里2号楼 3层', nan]
    """
    clean = text.astype("str")
    if clean.isna().all():
        return clean
    if may_match(clean, _UNCLEAN):
        unclean = pc.match_substring_regex(pa.array(clean), _UNCLEAN)
        dirty = unclean.to_numpy(zero_copy_only=False) == True  # noqa: E712  missing is neither
        clean = clean.copy()
        clean[dirty] = clean[dirty].str.translate(_CLEAN)
    stripped = clean.str.strip()
    if _sizes(pc.sum, stripped) == _sizes(pc.sum, clean):  # the text as it was does for both
        stripped = clean
    return stripped.mask(stripped == "") if _sizes(pc.min, stripped) == 0 else stripped


def _sizes(take: Callable[[pa.Array], pa.Scalar], text: pd.Series) -> int:
    """Take the sum, the largest or the smallest of the lengths of texts, in bytes."""
    return int(take(pc.binary_length(pa.array(text))).as_py() or 0)
