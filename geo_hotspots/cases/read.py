"""Exports as they come: any file in, one frame of text out, no row lost."""

import codecs
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo_hotspots.cases.columns import count_known, recognise
from geo_hotspots.cases.delimited import open_delimited
from geo_hotspots.cases.parquet import open_parquet
from geo_hotspots.cases.sheet import Sheet, empty_file
from geo_hotspots.cases.unpacked import MAX_MEGABYTES
from geo_hotspots.cases.workbook import open_workbook
from geo_hotspots.errors import InputError
from geo_hotspots.schema import RAW, RAW_TEXT
from geo_hotspots.words import Words

_HEAD = 1 << 17  # bytes that show what a file is
_LOOKS_LIKE_CASES = 3  # recognised headers that make a sheet one of cases, not a summary


@dataclass(frozen=True)
class _Part:
    """The rows of one sheet: recognised columns as text, and what must be said."""

    source: str
    headers: Mapping[str, str]  # our name -> header in the file
    cells: pd.DataFrame
    first_row: int
    notes: tuple[Words, ...] = ()
    inexact_ids: bool = False


def read_cases(
    paths: Sequence[Path], *, columns: Mapping[str, str] | None = None,
    max_workbook_mb: float = MAX_MEGABYTES,
) -> pd.DataFrame:  # fmt: skip
    """Read every row of every file as text.

    Parameters
    ----------
    paths
        CSV (comma, tab, semicolon or bar), XLSX, XLS or Parquet; what a file is shows in its
        bytes, not in its name. Text is UTF-8, UTF-16 with a mark, GBK or GB18030.
    columns
        Our name -> header in the files, where recognition needs help (`[cases.columns]`).
    max_workbook_mb
        Workbooks that unpack to more megabytes are refused.

    Returns
    -------
    raw
        A frame that keeps `schema.RAW`: `source` (`file` or `file#sheet`), `row` (1-based as in a
        spreadsheet, header included) and text. In `attrs`:
        `notes` (tuple of Words: what the reader did that a person should know),
        `blank_rows` (rows that hold nothing in any recognised column; they are not cases),
        `utc_columns` (our name -> sources whose header says UTC),
        `inexact_ids` (sources whose ids were numbers too long for a spreadsheet to keep).

    Raises
    ------
    InputError
        A file is absent, empty, unreadable, given twice, or without a needed column.
    """
    if len({path.resolve() for path in paths}) < len(paths):
        twice = next(p for p, n in Counter(path.resolve() for path in paths).items() if n > 1)
        raise InputError(
            f"文件 {twice.name} 给了两次；请只给一次", f"{twice.name} is given twice; give it once"
        )
    named = zip(paths, _source_names(paths), strict=True)
    parts = [
        part
        for path, source in named
        for part in _read_file(path, source, columns, max_workbook_mb)
    ]
    frames = [_finish(part) for part in parts]
    raw = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    if raw.empty:
        names = ", ".join(path.name for path in paths) or "-"
        raise InputError(
            f"没有读到任何诉求（{names}）；请检查表头下面是否有数据",
            f"no case was read ({names}); check that there are rows below the header",
        )
    raw.attrs.update(_account(parts, blank_rows=sum(len(p.cells) for p in parts) - len(raw)))
    return RAW.check(raw)


def read_table(path: Path) -> pd.DataFrame:
    """Read any small table that a person filled in, under its own headers.

    Parameters
    ----------
    path
        CSV, XLSX, XLS or Parquet, as for `read_cases`; of a workbook the first sheet that is
        not empty. A note may stand above the header.

    Returns
    -------
    table
        Text under the stripped headers of the file (of two equal ones the first), and `row` as a
        spreadsheet counts it; blank rows are left out.

    Raises
    ------
    InputError
        The file is absent, empty or unreadable.
    """
    return _read_own(_open_sheets(path, path.name, None)[0])


def read_tables(path: Path) -> dict[str, pd.DataFrame]:
    """Read every sheet that a person filled in, each as `read_table` does.

    Returns
    -------
    tables
        By source: `file`, or `file#sheet` where there are several.
    """
    return {sheet.source: _read_own(sheet) for sheet in _open_sheets(path, path.name, None)}


def _read_own(sheet: Sheet) -> pd.DataFrame:
    """Give a sheet's cells under its own headers."""
    positions: dict[str, int] = {}
    for at, header in enumerate(sheet.headers):
        if header.strip():
            positions.setdefault(header.strip(), at)
    cells = _blank_to_missing(sheet.cells(positions)[0])
    table = cells.assign(row=sheet.first_row + np.arange(len(cells)))
    return table[cells.notna().any(axis=1)].reset_index(drop=True)


def _open_sheets(
    path: Path, source: str, columns: Mapping[str, str] | None, max_mb: float = MAX_MEGABYTES
) -> list[Sheet]:
    """Open a file by what its first bytes say it is."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise _unopened(path, error) from error
    if not head.strip():
        raise empty_file(path)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return open_workbook(path, source, columns, max_megabytes=max_mb)
    if head.startswith(b"PAR1"):
        return [open_parquet(path, source)]
    if head.lstrip(codecs.BOM_UTF8 + b" \t\r\n").startswith(b"<"):
        raise InputError(
            f"{path.name} 其实是网页；请用 Excel 或 WPS 打开后另存为 xlsx",
            f"{path.name} is really a web page; open it in a spreadsheet and save it as xlsx",
        )
    return [open_delimited(path, source, columns)]


def _unopened(path: Path, error: OSError) -> InputError:
    """Say why a file cannot be opened, the two usual causes in words of our own."""
    if path.is_dir():
        return InputError(
            f"{path.name} 是文件夹，不是文件；请给出其中的文件",
            f"{path.name} cannot be opened: it is a folder; give the files in it",
        )
    if isinstance(error, FileNotFoundError):
        return InputError(
            f"找不到文件 {path.name}；请检查路径",
            f"{path.name} cannot be opened: {error.strerror}; check the path",
        )
    return InputError(
        f"文件 {path.name} 打不开：{error.strerror}；请检查权限，若已在 Excel 中打开，请先关闭",
        f"{path.name} cannot be opened: {error.strerror}; check your rights, and close it in Excel",
    )


def _read_file(
    path: Path, source: str, columns: Mapping[str, str] | None, max_mb: float
) -> list[_Part]:
    """Read every sheet that holds cases; say of the others that they were left out.

    A summary may name a street and a community; a sheet of cases names more. Where none does,
    the likeliest is read all the same, so that the error says what it lacks.
    """
    sheets = _open_sheets(path, source, columns, max_mb)
    known = [count_known(sheet.headers, columns) for sheet in sheets]
    enough = min(_LOOKS_LIKE_CASES, max(known))
    parts = [
        _read_sheet(sheet, columns) for sheet, n in zip(sheets, known, strict=True) if n >= enough
    ]
    left_out = [
        Words(
            f"工作表 {sheet.source} 未读（{sheet.n_rows} 行）：没有可识别的表头",
            f"sheet {sheet.source} was not read ({sheet.n_rows} rows): its header is not "
            "one of cases",
        )
        for sheet, n in zip(sheets, known, strict=True)
        if n < enough
    ]
    return [replace(parts[0], notes=(*left_out, *parts[0].notes)), *parts[1:]]


def _read_sheet(sheet: Sheet, columns: Mapping[str, str] | None) -> _Part:
    positions = recognise(sheet.headers, file=sheet.source, columns=columns)
    cells, notes, inexact = sheet.cells(positions)
    named = {name: sheet.headers[at] for name, at in positions.items()}
    return _Part(sheet.source, named, cells, sheet.first_row, notes, "case_id" in inexact)


def _source_names(paths: Sequence[Path]) -> list[str]:
    """Name each file; files of one name in different folders get a number."""
    seen: Counter[str] = Counter()
    names = []
    for path in paths:
        seen[path.name] += 1
        names.append(path.name + (f"({seen[path.name]})" if seen[path.name] > 1 else ""))
    return names


def _finish(part: _Part) -> pd.DataFrame:
    """Make the frame of the contract: blank cells missing, blank rows out, every column there."""
    cells = _blank_to_missing(part.cells)
    kept = cells.notna().any(axis=1).to_numpy()
    rows = part.first_row + np.flatnonzero(kept)
    cells = cells if kept.all() else cells[kept].reset_index(drop=True)
    absent = pd.Series(pd.NA, index=cells.index, dtype="str")
    frame: dict[Any, Any] = {
        "source": pd.Series(part.source, index=cells.index, dtype="str"),
        "row": rows,
    }
    frame |= {name: cells.get(name, absent) for name in RAW_TEXT}
    return pd.DataFrame(frame)


def _blank_to_missing(cells: pd.DataFrame) -> pd.DataFrame:
    """Make cells missing that hold nothing, or a database's word for nothing."""

    def is_blank(text: pd.Series) -> np.ndarray:
        trimmed = pc.utf8_trim_whitespace(pa.array(text))
        nothing = pa.array(["", "NULL", "null", r"\N"], trimmed.type)
        blank: np.ndarray = pc.is_in(trimmed, value_set=nothing).to_pandas().to_numpy(dtype=bool)
        return blank

    blank = {name: is_blank(text) for name, text in cells.items()}
    held = {name: text.mask(blank[name]) if blank[name].any() else text
            for name, text in cells.items()}  # fmt: skip
    return pd.DataFrame(held)


def _account(parts: Sequence[_Part], *, blank_rows: int) -> dict[str, Any]:
    notes = [note for part in parts for note in (*part.notes, *_absent_notes(part))]
    utc: dict[str, list[str]] = {}
    for part in parts:
        for name, header in part.headers.items():
            if "utc" in header.casefold():
                utc.setdefault(name, []).append(part.source)
    return {
        "notes": tuple(notes),
        "blank_rows": blank_rows,
        "utc_columns": {name: tuple(sources) for name, sources in utc.items()},
        "inexact_ids": tuple(part.source for part in parts if part.inexact_ids),
    }


def _absent_notes(part: _Part) -> Iterator[Words]:
    if not {"category", "category_2", "category_3"} & part.headers.keys():
        yield Words(
            f"{part.source} 没有分类列，全部记为“未分类”",
            f"{part.source} has no category column; every case counts as 未分类",
        )
    if "case_id" not in part.headers:
        yield Words(
            f"{part.source} 没有工单编号列，以“文件#行号”代替；同一诉求的更新无法识别",
            f"{part.source} has no case id column; file#row stands in, so that updates "
            "of one case cannot be told",
        )
    if part.inexact_ids:
        yield Words(
            f"{part.source} 的工单编号是超过 15 位的数字，表格软件已丢失末位；请以文本格式导出",
            f"{part.source}: case ids are numbers of more than 15 digits, of which a spreadsheet "
            "has lost the last ones; export them as text",
        )
