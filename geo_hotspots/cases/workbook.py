"""Workbooks as sheets: cells as text that is the same on every machine."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import python_calamine as calamine

from geo_hotspots.cases.columns import HEADER_ROWS, find_header
from geo_hotspots.cases.sheet import ROWS_AT_ONCE, Piece, Sheet, empty_file
from geo_hotspots.cases.unpacked import refuse_bombs, unsound
from geo_hotspots.errors import InputError

_EXACT = 10**15  # whole numbers from here on have lost digits in a spreadsheet


def open_workbook(
    path: Path, source: str, columns: Mapping[str, str] | None, *, max_megabytes: float
) -> list[Sheet]:
    """Open every sheet that is not empty.

    Raises
    ------
    InputError
        The workbook is empty, damaged, locked with a password, or larger than `max_megabytes`
        once unpacked.
    """
    if zipfile.is_zipfile(path):  # XLS of before 2007 is not packed
        refuse_bombs(path, max_megabytes=max_megabytes)
    tables = _tables(path)
    names = [source if len(tables) == 1 else f"{source}#{name}" for name in tables]
    sheets = []
    for name, table in zip(names, tables.values(), strict=True):
        if any(map(any, table)):
            top = [[_as_text(cell) or "" for cell in row] for row in table[:HEADER_ROWS]]
            at = find_header(top, columns)
            rows = table[at + 1 :]
            sheets.append(Sheet(name, top[at], at + 2, len(rows), partial(_pieces, rows)))
    if not sheets:
        raise empty_file(path)
    return sheets


def _tables(path: Path) -> dict[str, list[list[Any]]]:
    """Give the cells of each sheet, from its first row on, so that rows keep their numbers."""
    try:
        book = calamine.CalamineWorkbook.from_path(path)
        return {
            sheet.name: book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            for sheet in book.sheets_metadata
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet
        }
    except calamine.PasswordError as error:
        raise InputError(
            f"{path.name} 有密码；请去掉密码后另存", f"{path.name} has a password; save it without"
        ) from error
    except calamine.CalamineError as error:
        raise unsound(path, error) from error


def _pieces(rows: Sequence[Sequence[Any]], positions: Mapping[str, int]) -> Iterator[Piece]:
    """Give the rows as text, piece by piece."""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        cells = {
            name: pd.Series([_as_text(row[i]) for row in some], dtype="str")
            for name, i in positions.items()
        }
        inexact = {
            name
            for name, i in positions.items()
            if any(isinstance(row[i], float) and abs(row[i]) >= _EXACT for row in some)
        }
        yield Piece(pd.DataFrame(cells), inexact=frozenset(inexact))


def _as_text(cell: object) -> str | None:
    """Give a cell as text that is the same on every machine: ISO times, whole numbers plain."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        whole = Decimal(repr(cell)) if cell.is_integer() else None
        return repr(cell) if whole is None else f"{whole:.0f}"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return None if cell is None else str(cell)
