"""One table of text, opened but not yet read: what every kind of file is turned into."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo_hotspots.errors import InputError
from geo_hotspots.words import Words

Cells = tuple[pd.DataFrame, tuple[Words, ...], frozenset[str]]


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook, or a whole file of another kind."""

    source: str
    headers: list[str]
    first_row: int  # below the header, 1-based, as a spreadsheet would count it
    n_rows: int | None  # known of workbooks only
    # Name -> position in, text of these columns out, with what must be said of it and the
    # columns that hold whole numbers too long for a spreadsheet.
    cells: Callable[[Mapping[str, int]], Cells]


def empty_file(path: Path) -> InputError:
    """Say that there is nothing in a file."""
    return InputError(
        f"文件 {path.name} 是空的；请重新导出", f"{path.name} is empty; export it again"
    )
