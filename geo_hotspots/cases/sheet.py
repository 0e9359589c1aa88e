"""One table of text, opened but not yet read: what every kind of file is turned into."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo_hotspots.errors import InputError

ROWS_AT_ONCE = 150_000  # of a piece; a file of text is cut by its size, to about as many


@dataclass(frozen=True)
class Piece:
    """Some rows of a sheet, one after the other: the wanted columns as text."""

    cells: pd.DataFrame
    overlong: tuple[int, ...] = ()  # rows with more cells than the header, as `first_row` counts
    inexact: frozenset[str] = frozenset()  # columns with numbers too long for a spreadsheet


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook, or a whole file of another kind."""

    source: str
    headers: list[str]
    first_row: int  # below the header, 1-based, as a spreadsheet would count it
    n_rows: int | None  # known of workbooks only
    # Name -> position in, these columns out, piece by piece; none where there is no row.
    pieces: Callable[[Mapping[str, int]], Iterator[Piece]]


def empty_file(path: Path) -> InputError:
    """Say that there is nothing in a file."""
    return InputError(
        f"文件 {path.name} 是空的；请重新导出", f"{path.name} is empty; export it again"
    )
