"""Exports as they come: CSV, workbooks and Parquet in, one frame of text out, no row lost."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import python_calamine as calamine

from geo_hotspots.cases.columns import HEADER_ROWS, count_known, find_header, recognise
from geo_hotspots.errors import InputError
from geo_hotspots.schema import RAW, RAW_TEXT
from geo_hotspots.words import Words

_CHUNK = 1 << 24
_HEAD = 1 << 17  # bytes in which header and delimiter are looked for; csv takes no larger cell
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_LOOKS_LIKE_CASES = 3  # recognised headers that make a sheet one of cases, not a summary
_EXACT = 10**15  # whole numbers from here on have lost digits in a spreadsheet
_NAMED = 5  # so many rows a note names one by one
_END = "\x1eend"  # a record that stands after the last one, unless a quotation mark is open


Cells = tuple[pd.DataFrame, tuple[Words, ...], frozenset[str]]


@dataclass(frozen=True)
class _Sheet:
    """One sheet of a workbook, or a whole file of another kind."""

    source: str
    headers: list[str]
    first_row: int  # below the header, 1-based, as a spreadsheet would count it
    n_rows: int | None  # known of workbooks only
    # Name -> position in, text of these columns out, with what must be said of it and the
    # columns that hold whole numbers too long for a spreadsheet.
    cells: Callable[[Mapping[str, int]], Cells]


@dataclass(frozen=True)
class _Layout:
    """How the rows of a CSV file are written, and where they begin."""

    source: str
    delimiter: str
    width: int
    first_row: int


@dataclass(frozen=True)
class _Part:
    """The rows of one sheet: recognised columns as text, and what must be said."""

    source: str
    headers: Mapping[str, str]  # our name -> header in the file
    cells: pd.DataFrame
    first_row: int
    notes: tuple[Words, ...] = ()
    inexact_ids: bool = False


def read_cases(paths: Sequence[Path], *, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Read every row of every file as text.

    Parameters
    ----------
    paths
        CSV (comma, tab, semicolon or bar), XLSX, XLS or Parquet; what a file is shows in its
        bytes, not in its name. Text is UTF-8, UTF-16 with a mark, GBK or GB18030.
    columns
        Our name -> header in the files, where recognition needs help (`[cases.columns]`).

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
            f"文件 {twice.name} 给了两次;请只给一次", f"{twice.name} is given twice; give it once"
        )
    named = zip(paths, _source_names(paths), strict=True)
    parts = [part for path, source in named for part in _read_file(path, source, columns)]
    frames = [_finish(part) for part in parts]
    raw = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    if raw.empty:
        names = ", ".join(path.name for path in paths) or "-"
        raise InputError(
            f"没有读到任何诉求({names});请检查表头下面是否有数据",
            f"no case was read ({names}); check that there are rows below the header",
        )
    raw.attrs.update(_account(parts, blank_rows=sum(len(p.cells) for p in parts) - len(raw)))
    return RAW.check(raw)


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
    cells = cells[kept].reset_index(drop=True)
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

    return pd.DataFrame({name: text.mask(is_blank(text)) for name, text in cells.items()})


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
            f"{part.source} 没有分类列,全部记为“未分类”",
            f"{part.source} has no category column; every case counts as 未分类",
        )
    if "case_id" not in part.headers:
        yield Words(
            f"{part.source} 没有工单编号列,以“文件#行号”代替;同一诉求的更新无法识别",
            f"{part.source} has no case id column; file#row stands in, so that updates "
            "of one case cannot be told",
        )
    if part.inexact_ids:
        yield Words(
            f"{part.source} 的工单编号是超过 15 位的数字,表格软件已丢失末位;请以文本格式导出",
            f"{part.source}: case ids are numbers of more than 15 digits, of which a spreadsheet "
            "has lost the last ones; export them as text",
        )


# --- one file


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
    sheet = _open_sheets(path, path.name, None)[0]
    positions: dict[str, int] = {}
    for at, header in enumerate(sheet.headers):
        if header.strip():
            positions.setdefault(header.strip(), at)
    cells = _blank_to_missing(sheet.cells(positions)[0])
    table = cells.assign(row=sheet.first_row + np.arange(len(cells)))
    return table[cells.notna().any(axis=1)].reset_index(drop=True)


def _read_file(path: Path, source: str, columns: Mapping[str, str] | None) -> list[_Part]:
    """Read every sheet that holds cases; say of the others that they were left out.

    A summary may name a street and a community; a sheet of cases names more. Where none does,
    the likeliest is read all the same, so that the error says what it lacks.
    """
    sheets = _open_sheets(path, source, columns)
    known = [count_known(sheet.headers, columns) for sheet in sheets]
    enough = min(_LOOKS_LIKE_CASES, max(known))
    parts = [
        _read_sheet(sheet, columns) for sheet, n in zip(sheets, known, strict=True) if n >= enough
    ]
    left_out = [
        Words(
            f"工作表 {sheet.source} 未读({sheet.n_rows} 行):没有可识别的表头",
            f"sheet {sheet.source} was not read ({sheet.n_rows} rows): its header is not "
            "one of cases",
        )
        for sheet, n in zip(sheets, known, strict=True)
        if n < enough
    ]
    return [replace(parts[0], notes=(*left_out, *parts[0].notes)), *parts[1:]]


def _read_sheet(sheet: _Sheet, columns: Mapping[str, str] | None) -> _Part:
    positions = recognise(sheet.headers, file=sheet.source, columns=columns)
    cells, notes, inexact = sheet.cells(positions)
    named = {name: sheet.headers[at] for name, at in positions.items()}
    return _Part(sheet.source, named, cells, sheet.first_row, notes, "case_id" in inexact)


def _open_sheets(path: Path, source: str, columns: Mapping[str, str] | None) -> list[_Sheet]:
    """Open a file by what its first bytes say it is."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise InputError(
            f"文件 {path.name} 打不开:{error.strerror};请检查路径",
            f"{path.name} cannot be opened: {error.strerror}; check the path",
        ) from error
    if not head.strip():
        raise _empty(path)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _workbook_sheets(path, source, columns)
    if head.startswith(b"PAR1"):
        return [_parquet_sheet(path, source)]
    if head.lstrip(codecs.BOM_UTF8 + b" \t\r\n").startswith(b"<"):
        raise InputError(
            f"{path.name} 其实是网页;请用 Excel 或 WPS 打开后另存为 xlsx",
            f"{path.name} is really a web page; open it in a spreadsheet and save it as xlsx",
        )
    return [_csv_sheet(path, source, columns)]


def _empty(path: Path) -> InputError:
    return InputError(
        f"文件 {path.name} 是空的;请重新导出", f"{path.name} is empty; export it again"
    )


# --- CSV


def _csv_sheet(path: Path, source: str, columns: Mapping[str, str] | None) -> _Sheet:
    data = _as_utf8(path)
    head = bytes(data[:_HEAD])
    if not head.strip():
        raise _empty(path)
    delimiter, rows, ends = _sniff(head, columns)
    at = find_header(rows, columns)

    def cells(positions: Mapping[str, int]) -> Cells:
        layout = _Layout(source, delimiter, width=len(rows[at]), first_row=at + 2)
        body = data[ends[at] :]
        fast = _fast_cells(body, positions, layout)
        return _exact_cells(body, positions, layout) if fast is None else (fast, (), frozenset())

    return _Sheet(source, rows[at], at + 2, None, cells)


def _as_utf8(path: Path) -> memoryview:
    """Give the file's text as UTF-8 without a byte order mark."""
    data = memoryview(pa.memory_map(str(path)).read_buffer()).cast("B")
    for bom, encoding in _BOMS.items():
        if data[: len(bom)] == bom:
            return _recoded(data, encoding, path)
    if any(b"\0" in data[i : i + _CHUNK].tobytes() for i in range(0, len(data), _CHUNK)):
        raise InputError(
            f"{path.name} 不是表格文件(含二进制内容);请给 CSV、XLSX、XLS 或 Parquet",
            f"{path.name} is a binary file, not a table; give CSV, XLSX, XLS or Parquet",
        )
    try:
        for _ in _decoded(data, "utf-8"):
            pass
    except UnicodeDecodeError:
        return _recoded(data, "gb18030", path)
    return data


def _decoded(data: memoryview, encoding: str) -> Iterator[str]:
    """Decode piece by piece, so that a large file is never in memory as text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(data), _CHUNK):
        yield decoder.decode(data[start : start + _CHUNK])
    yield decoder.decode(b"", final=True)


def _recoded(data: memoryview, encoding: str, path: Path) -> memoryview:
    try:
        return memoryview(b"".join(text.encode("utf-8") for text in _decoded(data, encoding)))
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path.name} 的编码不是 UTF-8、UTF-16、GBK 或 GB18030,或文件已损坏;请另存为 UTF-8",
            f"the encoding of {path.name} is none of UTF-8, UTF-16, GBK and GB18030, "
            "or the file is damaged; save it as UTF-8",
        ) from error


def _sniff(
    head: bytes, columns: Mapping[str, str] | None
) -> tuple[str, list[list[str]], list[int]]:
    """Find the delimiter: the one under which the most headers are recognised.

    Returns
    -------
    delimiter, rows, ends
        The first rows under it, and the byte at which each of them ends.
    """
    text = head.decode("utf-8", "ignore")
    sizes = [len(line.encode("utf-8")) for line in io.StringIO(text, newline="")]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    best: tuple[tuple[int, int], str, list[list[str]], list[int]] | None = None
    for delimiter in ",\t;|":
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        pairs = [(row, int(offsets[reader.line_num])) for row in islice(reader, HEADER_ROWS)]
        rows = [row for row, _ in pairs]
        header = rows[find_header(rows, columns)]
        score = count_known(header, columns), len(header)
        if best is None or score > best[0]:
            best = score, delimiter, rows, [end for _, end in pairs]
    assert best is not None
    return best[1:]


def _fast_cells(
    body: memoryview, positions: Mapping[str, int], layout: _Layout
) -> pd.DataFrame | None:
    """Read well-made CSV with all cores; None where a row is not as wide as the header."""
    quotes = sum(body[i : i + _CHUNK].tobytes().count(b'"') for i in range(0, len(body), _CHUNK))
    if not len(body) or quotes % 2:
        return None
    names = [str(i) for i in range(layout.width)]
    wanted = [names[i] for i in positions.values()]
    try:
        table = pacsv.read_csv(
            pa.BufferReader(pa.py_buffer(body)),
            read_options=pacsv.ReadOptions(column_names=names, block_size=_CHUNK),
            parse_options=pacsv.ParseOptions(
                delimiter=layout.delimiter, newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=pacsv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.large_string()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    cells = table.rename_columns(list(positions)).to_pandas()
    return None if cells.iloc[-1].str.endswith(("\n", "\r")).any() else cells


def _exact_cells(body: memoryview, positions: Mapping[str, int], layout: _Layout) -> Cells:
    """Read CSV whose rows are of several widths, padding the short and noting the long."""
    rows: list[list[str]] = []
    text = io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline="")
    is_ended = not body or body[-1] in b"\r\n"
    lines = chain(text, ["" if is_ended else "\n"], [f"{_END}\n"])
    try:
        rows.extend(csv.reader(filter(None, lines), delimiter=layout.delimiter))
    except csv.Error as error:
        raise _open_quote(layout.source, layout.first_row + len(rows)) from error
    if rows.pop() != [_END]:
        raise _open_quote(layout.source, layout.first_row + len(rows))
    cells = {
        name: pd.Series([row[i] if i < len(row) else None for row in rows], dtype="str")
        for name, i in positions.items()
    }
    long = [layout.first_row + i for i, row in enumerate(rows) if any(row[layout.width :])]
    notes = (_too_long(layout.source, long),) if long else ()
    return pd.DataFrame(cells), notes, frozenset()


def _too_long(file: str, rows: Sequence[int]) -> Words:
    which = ", ".join(map(str, rows[:_NAMED])) + (" …" if len(rows) > _NAMED else "")
    return Words(
        f"{file} 有 {len(rows)} 行的单元格多于表头,多出的未读(第 {which} 行);"
        "多因内容中有未加引号的分隔符",
        f"{file}: {len(rows)} rows have more cells than the header, and the surplus was not read "
        f"(row {which}); an unquoted delimiter inside a text is the usual cause",
    )


def _open_quote(file: str, row: int) -> InputError:
    return InputError(
        f"{file} 第 {row} 行起有引号没有闭合,其后各行无法分开;请改正该行或另存为 xlsx",
        f"{file}: a quotation mark opens at row {row} or after and is never closed, so that "
        "the rows behind it run together; mend that row or save the file as xlsx",
    )


# --- workbooks and Parquet


def _workbook_sheets(path: Path, source: str, columns: Mapping[str, str] | None) -> list[_Sheet]:
    """Give every sheet that is not empty."""
    tables = _tables(path)
    names = [source if len(tables) == 1 else f"{source}#{name}" for name in tables]
    sheets = []
    for name, table in zip(names, tables.values(), strict=True):
        if any(map(any, table)):
            top = [[_as_text(cell) or "" for cell in row] for row in table[:HEADER_ROWS]]
            at = find_header(top, columns)
            rows = table[at + 1 :]
            sheets.append(_Sheet(name, top[at], at + 2, len(rows), partial(_sheet_cells, rows)))
    if not sheets:
        raise _empty(path)
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
            f"{path.name} 有密码;请去掉密码后另存", f"{path.name} has a password; save it without"
        ) from error
    except calamine.CalamineError as error:
        raise InputError(
            f"{path.name} 不是完好的 Excel 文件({error});请重新导出或另存为 xlsx",
            f"{path.name} is not a sound workbook ({error}); export it again or save it as xlsx",
        ) from error


def _sheet_cells(rows: Sequence[Sequence[Any]], positions: Mapping[str, int]) -> Cells:
    cells = {
        name: pd.Series([_as_text(row[i]) for row in rows], dtype="str")
        for name, i in positions.items()
    }
    inexact = {
        name
        for name, i in positions.items()
        if any(isinstance(row[i], float) and abs(row[i]) >= _EXACT for row in rows)
    }
    return pd.DataFrame(cells), (), frozenset(inexact)


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


def _parquet_sheet(path: Path, source: str) -> _Sheet:
    """Open a Parquet file; its first row is row 2, as below a header."""
    try:
        headers = list(pq.read_schema(path).names)
    except pa.ArrowException as error:
        raise _bad_parquet(path, error) from error

    def cells(positions: Mapping[str, int]) -> Cells:
        wanted = [headers[i] for i in positions.values()]
        try:
            table = pq.read_table(path, columns=wanted)
            arrays = [table[header].cast(pa.large_string()) for header in wanted]
        except pa.ArrowException as error:
            raise _bad_parquet(path, error) from error
        return pa.table(arrays, names=list(positions)).to_pandas(), (), frozenset()

    return _Sheet(source, headers, 2, None, cells)


def _bad_parquet(path: Path, error: Exception) -> InputError:
    return InputError(
        f"{path.name} 不是可用的 Parquet 文件:{_first_line(error)}",
        f"{path.name} is not a Parquet file that can be used: {_first_line(error)}",
    )


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:120]
