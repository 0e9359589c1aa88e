"""Workbooks that would unpack to more than a machine holds are refused before they are opened.

A few kilobytes can unpack to terabytes (a zip bomb), and a single value in the last cell of a
sheet makes a reader lay out seventeen thousand million empty ones. Both are told from the packed
file, piece by piece, in little memory.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from geo_hotspots.errors import InputError

MAX_MEGABYTES = 2000  # unpacked; the setting's default
MAX_CELLS = 100_000_000  # of one sheet, empty ones included: a million rows of a hundred columns
_PIECE = 1 << 20
_LONGEST = 32  # bytes of a reference, as it may be parted between two pieces
# As programs write it: a column beyond Z, a row beyond 99,999. What else XML allows is odd.
_WIDE = re.compile(rb'r="([A-Za-z]{2,3})\d')
_LONG = re.compile(rb'r="[A-Za-z]{1,3}(\d{6,7})"')
_ODD = (b"r='", b"r =", b"r= ", b"r\t", b"r\n", b"r\r", b"=\t", b"=\n", b"=\r")
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})\b""")
_NEAR_ROWS, _NEAR_COLUMNS = 99_999, 26
_LETTERS = 26
_TORN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
         zlib.error)  # fmt: skip # what a torn or locked archive makes the library say


def refuse_bombs(path: Path, *, max_megabytes: float = MAX_MEGABYTES) -> None:
    """Refuse a workbook that is too large once unpacked; do nothing to all others.

    Raises
    ------
    InputError
        It unpacks to more than `max_megabytes`, or spreads over more than `MAX_CELLS` cells, or
        its parts are not what it says of them.
    """
    try:
        with zipfile.ZipFile(path) as book:
            megabytes = sum(part.file_size for part in book.infolist()) / 1e6
            if megabytes > max_megabytes:
                raise _too_large(path, megabytes, max_megabytes)
            for part in book.infolist():
                _refuse_far_cells(path, book, part)
    except InputError:
        raise
    except _TORN as error:
        raise unsound(path, error) from error


def _refuse_far_cells(path: Path, book: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read one part to its end, which also proves its size; measure it where it is a sheet."""
    is_sheet = part.filename.lower().lstrip("/").startswith("xl/worksheets/")
    rows, columns, is_odd = _NEAR_ROWS, _NEAR_COLUMNS, False
    for text in _pieces(book, part):
        if is_sheet:
            columns = max([columns, *map(_column_number, set(_WIDE.findall(text)))])
            rows = max([rows, *map(int, set(_LONG.findall(text)))])
            is_odd = is_odd or any(form in text for form in _ODD)
    if is_odd or rows * columns > MAX_CELLS:
        rows, columns = _measure(book, part)
    if rows * columns > MAX_CELLS:
        raise InputError(
            f"{path.name} 的工作表 {part.filename} 一直铺到第 {rows} 行、第 {columns} 列，"
            f"超过 {MAX_CELLS} 格；请删除远处的零散单元格，或另存为 CSV",
            f"{path.name}: {part.filename} reaches to row {rows} and column {columns}, "
            f"over {MAX_CELLS} cells; delete the stray cells far out, or save it as CSV",
        )


def _pieces(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpack a part piece by piece, each with the end of the one before."""
    kept = b""
    with book.open(part) as stream:
        while piece := stream.read(_PIECE):
            yield kept + piece
            kept = piece[-_LONGEST:]


def _measure(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int]:
    """Find the last row and column of a sheet, cell by cell."""
    rows, columns = 1, {b"A"}
    for text in _pieces(book, part):
        cells = _CELL.findall(text)
        rows = max([rows, *(int(row) for _, row in cells)])
        columns |= {column for column, _ in cells}
    return rows, max(map(_column_number, columns))


def _column_number(letters: bytes) -> int:
    """Give the number of a column.

    >>> _column_number(b"A"), _column_number(b"xfd")
    (1, 16384)
    """
    number = 0
    for letter in letters.upper():
        number = number * _LETTERS + letter - ord("A") + 1
    return number


def _too_large(path: Path, megabytes: float, most: float) -> InputError:
    return InputError(
        f"{path.name} 解压后有 {megabytes:.0f} MB，超过 cases.max_workbook_mb = {most:g}；"
        "请分成几个文件、另存为 CSV，或调高该设置",
        f"{path.name} unpacks to {megabytes:.0f} MB, more than cases.max_workbook_mb = {most:g}; "
        "part it, save it as CSV, or raise that setting",
    )


def unsound(path: Path, error: Exception) -> InputError:
    """Say that a workbook cannot be read, and why."""
    return InputError(
        f"{path.name} 不是完好的 Excel 文件（{error}）；请重新导出或另存为 xlsx",
        f"{path.name} is not a sound workbook ({error}); export it again or save it as xlsx",
    )
