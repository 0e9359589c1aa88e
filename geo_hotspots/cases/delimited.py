"""CSV and its kin as sheets: any encoding, any of four delimiters, ragged rows too."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from geo_hotspots.cases.columns import HEADER_ROWS, count_known, find_header
from geo_hotspots.cases.sheet import Cells, Sheet, empty_file
from geo_hotspots.errors import InputError
from geo_hotspots.words import Words

_CHUNK = 1 << 24
_HEAD = 1 << 17  # bytes in which header and delimiter are looked for; csv takes no larger cell
_BOMS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_NAMED = 5  # so many rows a note names one by one
_END = "\x1eend"  # a record that stands after the last one, unless a quotation mark is open


@dataclass(frozen=True)
class _Layout:
    """How the rows of a CSV file are written, and where they begin."""

    source: str
    delimiter: str
    width: int
    first_row: int


def open_delimited(path: Path, source: str, columns: Mapping[str, str] | None) -> Sheet:
    """Find out encoding, delimiter and header; the cells are read when they are asked for.

    Raises
    ------
    InputError
        The file is empty, holds bytes that are no text, or is in an unknown encoding.
    """
    data = _as_utf8(path)
    head = bytes(data[:_HEAD])
    if not head.strip():
        raise empty_file(path)
    delimiter, rows, ends = _sniff(head, columns)
    at = find_header(rows, columns)

    def cells(positions: Mapping[str, int]) -> Cells:
        layout = _Layout(source, delimiter, width=len(rows[at]), first_row=at + 2)
        body = data[ends[at] :]
        return _fast_cells(body, positions, layout) or _exact_cells(body, positions, layout)

    return Sheet(source, rows[at], at + 2, None, cells)


def _as_utf8(path: Path) -> memoryview:
    """Give the file's text as UTF-8 without a byte order mark."""
    data = memoryview(pa.memory_map(str(path)).read_buffer()).cast("B")
    if bytes(data[: len(codecs.BOM_UTF8)]) == codecs.BOM_UTF8:
        data = data[len(codecs.BOM_UTF8) :]
    for bom, encoding in _BOMS.items():
        if data[: len(bom)] == bom:
            return _recoded(data, encoding, path)
    if any(b"\0" in data[i : i + _CHUNK].tobytes() for i in range(0, len(data), _CHUNK)):
        raise InputError(
            f"{path.name} 不是表格文件（含二进制内容）；请给 CSV、XLSX、XLS 或 Parquet",
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
            f"{path.name} 的编码不是 UTF-8、UTF-16、GBK 或 GB18030，或文件已损坏；请另存为 UTF-8",
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


def _fast_cells(body: memoryview, positions: Mapping[str, int], layout: _Layout) -> Cells | None:
    """Read CSV at Arrow's speed, rows of other widths one by one; None where quotes are amiss."""
    quotes = sum(body[i : i + _CHUNK].tobytes().count(b'"') for i in range(0, len(body), _CHUNK))
    if not len(body) or quotes % 2:
        return None
    odd: list[tuple[int, str]] = []
    wanted = [str(i) for i in positions.values()]
    try:
        table = _arrow_table(body, wanted, layout, None)
    except pa.ArrowInvalid:  # with all cores nobody knows which row it was
        try:
            table = _arrow_table(body, wanted, layout, odd)
        except pa.ArrowInvalid:
            return None
    last = table[str(layout.width - 1)][-1].as_py() if len(table) else ""
    if "\n" in last or "\r" in last:  # perhaps a quotation mark left open: all that follows
        return None
    cells = table.select(wanted).rename_columns([*positions]).to_pandas()
    return _mend(cells, odd, positions, layout) if odd else (cells, (), frozenset())


def _arrow_table(
    body: memoryview, wanted: Sequence[str], layout: _Layout, odd: list[tuple[int, str]] | None
) -> pa.Table:
    """Read the wanted columns, and the last, of rows as wide as the header.

    Rows of other widths go into `odd`, as number (from 1) and text; without `odd` they raise.
    """
    names = [str(i) for i in range(layout.width)]

    def keep(row: Any) -> str:
        assert odd is not None
        odd.append((row.number, row.text))
        return "skip"

    return pacsv.read_csv(
        pa.BufferReader(pa.py_buffer(body)),
        read_options=pacsv.ReadOptions(
            column_names=names, block_size=_CHUNK, use_threads=odd is None
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=layout.delimiter, newlines_in_values=True, ignore_empty_lines=False,
            invalid_row_handler=None if odd is None else keep,
        ),
        convert_options=pacsv.ConvertOptions(
            include_columns=[*dict.fromkeys([*wanted, names[-1]])],
            column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False,
        ),
    )  # fmt: skip


def _mend(
    cells: pd.DataFrame,
    odd: Sequence[tuple[int, str]],
    positions: Mapping[str, int],
    layout: _Layout,
) -> Cells | None:
    """Put rows of other widths where they stood; None where one of them is not one row."""
    rows = []
    try:
        for _, text in odd:
            lines = chain(io.StringIO(text, newline=""), [f"{_END}\n"])
            row, *more = csv.reader(lines, delimiter=layout.delimiter)
            if more != [[_END]]:
                return None
            rows.append(row)
    except csv.Error:
        return None
    at = np.array([number - 1 for number, _ in odd])
    between = np.setdiff1d(np.arange(len(cells) + len(odd)), at)
    padded, notes, _ = _pad(rows, positions, layout, at)
    whole = pd.concat([cells.set_axis(between), padded.set_axis(at)]).sort_index()
    return whole, notes, frozenset()


def _exact_cells(body: memoryview, positions: Mapping[str, int], layout: _Layout) -> Cells:
    """Read CSV row by row, which tells where a quotation mark is left open."""
    rows: list[list[str]] = []
    text = io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline="")
    try:
        rows.extend(csv.reader(chain(text, [f"{_END}\n"]), delimiter=layout.delimiter))
    except csv.Error as error:
        raise _open_quote(layout.source, layout.first_row + len(rows)) from error
    if rows.pop() != [_END]:
        raise _open_quote(layout.source, layout.first_row + len(rows))
    return _pad(rows, positions, layout, range(len(rows)))


def _pad(
    rows: Sequence[Sequence[str]],
    positions: Mapping[str, int],
    layout: _Layout,
    at: Iterable[int],
) -> Cells:
    """Make rows as wide as the header, and note those that were wider; `at` says where they are."""
    cells = {
        name: pd.Series([row[i] if i < len(row) else None for row in rows], dtype="str")
        for name, i in positions.items()
    }
    long = [
        layout.first_row + i for i, row in zip(at, rows, strict=True) if any(row[layout.width :])
    ]
    notes = (_too_long(layout.source, long),) if long else ()
    return pd.DataFrame(cells), notes, frozenset()


def _too_long(file: str, rows: Sequence[int]) -> Words:
    which = ", ".join(map(str, rows[:_NAMED])) + (" …" if len(rows) > _NAMED else "")
    return Words(
        f"{file} 有 {len(rows)} 行的单元格多于表头，多出的未读（第 {which} 行）；"
        "多因内容中有未加引号的分隔符",
        f"{file}: {len(rows)} rows have more cells than the header, and the surplus was not read "
        f"(row {which}); an unquoted delimiter inside a text is the usual cause",
    )


def _open_quote(file: str, row: int) -> InputError:
    return InputError(
        f"{file} 第 {row} 行起有引号没有闭合，其后各行无法分开；请改正该行或另存为 xlsx",
        f"{file}: a quotation mark opens at row {row} or after and is never closed, so that "
        "the rows behind it run together; mend that row or save the file as xlsx",
    )
