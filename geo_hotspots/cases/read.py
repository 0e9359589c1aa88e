"""Exports as they come: any file in, one frame of text out, no row lost."""

import codecs
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
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
from geo_hotspots.columns import first_bytes
from geo_hotspots.errors import InputError
from geo_hotspots.schema import RAW, RAW_TEXT
from geo_hotspots.words import Words

_HEAD = 1 << 17  # bytes that show what a file is
_NAMED = 5  # so many rows a note names one by one
_NOTHING = pa.array(["", "NULL", "null", r"\N"], pa.large_string())
# The first bytes of these, and of all blanks of Unicode; 0 is a cell's that has none.
_BLANK_BEGINS = np.zeros(256, dtype=bool)
_BLANK_BEGINS[[0, *b"Nn\\\t\n\v\f\r\x1c\x1d\x1e\x1f ", 0xC2, 0xE1, 0xE2, 0xE3]] = True
_LOOKS_LIKE_CASES = 3  # recognised headers that make a sheet one of cases, not a summary


@dataclass
class _Opened:
    """A sheet of cases whose columns are recognised, and what its rows have shown so far."""

    sheet: Sheet
    positions: dict[str, int]  # our name -> position of the column
    left_out: tuple[Words, ...] = ()  # what must be said of other sheets of the file
    overlong: list[int] = field(default_factory=list)
    has_inexact_ids: bool = False
    n_rows: int = 0  # that hold something
    blank_rows: int = 0


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
        `rows_read`, `blank_rows` (that hold nothing in any recognised column; they are not cases),
        `utc_columns` (our name -> sources whose header says UTC),
        `inexact_ids` (sources whose ids were numbers too long for a spreadsheet to keep).

    Raises
    ------
    InputError
        A file is absent, empty, unreadable, given twice, or without a needed column.
    """
    pieces = [*read_pieces(paths, columns=columns, max_workbook_mb=max_workbook_mb)]
    raw = pd.concat(pieces)
    raw.attrs = pieces[-1].attrs
    return raw


def read_pieces(
    paths: Sequence[Path], *, columns: Mapping[str, str] | None = None,
    max_workbook_mb: float = MAX_MEGABYTES,
) -> Iterator[pd.DataFrame]:  # fmt: skip
    """Read the rows of every file, some hundred thousand at a time.

    Every file is opened, and its header recognised, before the first rows are given.

    Yields
    ------
    raw
        As `read_cases` gives it, numbered on from piece to piece. What `attrs` say holds for the
        rows so far, and so, of the last piece, for all.

    Raises
    ------
    InputError
        See `read_cases`.
    """
    if len({path.resolve() for path in paths}) < len(paths):
        twice = next(p for p, n in Counter(path.resolve() for path in paths).items() if n > 1)
        raise InputError(
            f"文件 {twice.name} 给了两次；请只给一次", f"{twice.name} is given twice; give it once"
        )
    opened = [
        part
        for path, source in zip(paths, _source_names(paths), strict=True)
        for part in _open_cases(path, source, columns, max_workbook_mb)
    ]
    n, held = 0, None  # each is held until the next: what is said of all comes with the last
    for raw in chain.from_iterable(map(_read_rows, opened)):
        if raw.empty:
            continue
        if held is not None:
            held.attrs.update(_account(opened))
            yield held
        held = RAW.check(raw.set_axis(pd.RangeIndex(n, n + len(raw))))
        n += len(raw)
    if held is None:
        names = ", ".join(path.name for path in paths) or "-"
        raise InputError(
            f"没有读到任何诉求（{names}）；请检查表头下面是否有数据",
            f"no case was read ({names}); check that there are rows below the header",
        )
    held.attrs.update(_account(opened))
    yield held


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
    pieces = [pd.DataFrame(columns=[*positions], dtype="str")]
    pieces += [piece.cells for piece in sheet.pieces(positions)]
    cells = _blank_to_missing(pd.concat(pieces, ignore_index=True))
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


def _open_cases(
    path: Path, source: str, columns: Mapping[str, str] | None, max_mb: float
) -> list[_Opened]:
    """Open every sheet that holds cases; say of the others that they were left out.

    A summary may name a street and a community; a sheet of cases names more. Where none does,
    the likeliest is read all the same, so that the error says what it lacks.
    """
    sheets = _open_sheets(path, source, columns, max_mb)
    known = [count_known(sheet.headers, columns) for sheet in sheets]
    enough = min(_LOOKS_LIKE_CASES, max(known))
    opened = [
        _Opened(sheet, recognise(sheet.headers, file=sheet.source, columns=columns))
        for sheet, n in zip(sheets, known, strict=True)
        if n >= enough
    ]
    opened[0].left_out = tuple(
        Words(
            f"工作表 {sheet.source} 未读（{sheet.n_rows} 行）：没有可识别的表头",
            f"sheet {sheet.source} was not read ({sheet.n_rows} rows): its header is not "
            "one of cases",
        )
        for sheet, n in zip(sheets, known, strict=True)
        if n < enough
    )
    return opened


def _source_names(paths: Sequence[Path]) -> list[str]:
    """Name each file; files of one name in different folders get a number."""
    seen: Counter[str] = Counter()
    names = []
    for path in paths:
        seen[path.name] += 1
        names.append(path.name + (f"({seen[path.name]})" if seen[path.name] > 1 else ""))
    return names


def _read_rows(part: _Opened) -> Iterator[pd.DataFrame]:
    """Make frames of the contract: blank cells missing, blank rows out, every column there."""
    row = part.sheet.first_row
    for piece in part.sheet.pieces(part.positions):
        part.overlong += piece.overlong
        part.has_inexact_ids |= "case_id" in piece.inexact
        cells = _blank_to_missing(piece.cells)
        kept = cells.notna().any(axis=1).to_numpy()
        part.n_rows += int(np.count_nonzero(kept))
        part.blank_rows += int(np.count_nonzero(~kept))
        rows = row + np.flatnonzero(kept)
        row += len(cells)
        cells = cells if kept.all() else cells[kept].reset_index(drop=True)
        absent = pd.Series(pd.NA, index=cells.index, dtype="str")
        frame: dict[Any, Any] = {
            "source": pd.Series(part.sheet.source, index=cells.index, dtype="str"),
            "row": rows,
        }
        yield pd.DataFrame(frame | {name: cells.get(name, absent) for name in RAW_TEXT})


def _blank_to_missing(cells: pd.DataFrame) -> pd.DataFrame:
    """Make cells missing that hold nothing, or a database's word for nothing."""
    return pd.DataFrame({name: _without_blanks(text) for name, text in cells.items()})


def _without_blanks(text: pd.Series) -> pd.Series:
    parts = pa.chunked_array(pa.array(text, pa.large_string()), pa.large_string())
    cells = parts.combine_chunks()
    suspect = np.flatnonzero(_BLANK_BEGINS[first_bytes(cells)])
    blank = np.zeros(len(cells), dtype=bool)
    trimmed = pc.utf8_trim_whitespace(cells.take(suspect))
    blank[suspect] = pc.is_in(trimmed, value_set=_NOTHING).to_numpy(zero_copy_only=False)
    if not blank.any():
        return text
    return pd.Series(pd.array(pc.if_else(blank, None, cells), dtype="str"), index=text.index)


def _account(opened: Sequence[_Opened]) -> dict[str, Any]:
    """Say what is known of the sheets by now."""
    utc: dict[str, list[str]] = {}
    for part in opened:
        for name, at in part.positions.items():
            if "utc" in part.sheet.headers[at].casefold():
                utc.setdefault(name, []).append(part.sheet.source)
    return {
        "notes": tuple(note for part in opened for note in _notes(part)),
        "rows_read": sum(part.n_rows for part in opened),
        "blank_rows": sum(part.blank_rows for part in opened),
        "utc_columns": {name: tuple(sources) for name, sources in utc.items()},
        "inexact_ids": tuple(part.sheet.source for part in opened if part.has_inexact_ids),
    }


def _notes(part: _Opened) -> Iterator[Words]:
    """Say what the reader did that a person should know."""
    source = part.sheet.source
    yield from part.left_out
    if part.overlong:
        yield _too_long(source, part.overlong)
    if not {"category", "category_2", "category_3"} & part.positions.keys():
        yield Words(
            f"{source} 没有分类列，全部记为“未分类”",
            f"{source} has no category column; every case counts as 未分类",
        )
    if "case_id" not in part.positions:
        yield Words(
            f"{source} 没有工单编号列，以“文件#行号”代替；同一诉求的更新无法识别",
            f"{source} has no case id column; file#row stands in, so that updates "
            "of one case cannot be told",
        )
    if part.has_inexact_ids:
        yield Words(
            f"{source} 的工单编号是超过 15 位的数字，表格软件已丢失末位；请以文本格式导出",
            f"{source}: case ids are numbers of more than 15 digits, of which a spreadsheet "
            "has lost the last ones; export them as text",
        )


def _too_long(file: str, rows: Sequence[int]) -> Words:
    which = ", ".join(map(str, rows[:_NAMED])) + (" …" if len(rows) > _NAMED else "")
    return Words(
        f"{file} 有 {len(rows)} 行的单元格多于表头，多出的未读（第 {which} 行）；"
        "多因内容中有未加引号的分隔符",
        f"{file}: {len(rows)} rows have more cells than the header, and the surplus was not read "
        f"(row {which}); an unquoted delimiter inside a text is the usual cause",
    )
