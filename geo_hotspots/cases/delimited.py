"""CSV and its kin as sheets: any encoding, any of four delimiters, ragged rows too."""

import codecs
import csv
import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from geo_hotspots.cases.columns import HEADER_ROWS, count_known, find_header
from geo_hotspots.cases.sheet import Piece, Sheet, empty_file
from geo_hotspots.errors import InputError

_CHUNK = 1 << 22  # bytes that are looked at together; a cache holds a few, which is faster
_PIECE = 1 << 25  # bytes that are read at once
_ROW = 1 << 25  # bytes that a row may have
_HEAD = 1 << 17  # bytes in which header and delimiter are looked for; csv takes no larger cell
_BOMS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_END = "\x1eend"  # a record that stands after the last one, unless a quotation mark is open


@dataclass(frozen=True)
class _Text:
    """A file of text: how it is opened as bytes, where its text begins, and their encoding."""

    open: Callable[[], BinaryIO]
    start: int = 0
    encoding: Literal["utf-8", "gb18030"] = "utf-8"  # of both a byte " or \n is that character


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
    text = _open_text(path)
    with text.open() as file:
        file.seek(text.start)
        head = file.read(_HEAD)
    if not head.strip():
        raise empty_file(path)
    delimiter, rows, ends = _sniff(head, text.encoding, columns)
    at = find_header(rows, columns)
    layout = _Layout(source, delimiter, width=len(rows[at]), first_row=at + 2)
    body = replace(text, start=text.start + ends[at])
    return Sheet(source, rows[at], at + 2, None, partial(_pieces, body, layout))


def _open_text(path: Path) -> _Text:
    """Find out the encoding, by reading the whole file once."""
    with path.open("rb") as file:
        head = file.read(len(codecs.BOM_UTF8))
    plain = _Text(lambda: path.open("rb"))
    for bom, encoding in _BOMS.items():
        if head.startswith(bom):
            whole = b"".join(text.encode("utf-8") for text in _decoded(plain, encoding, path))
            return _Text(partial(io.BytesIO, whole))
    if any(b"\0" in chunk for chunk in _chunks(plain)):
        raise InputError(
            f"{path.name} 不是表格文件（含二进制内容）；请给 CSV、XLSX、XLS 或 Parquet",
            f"{path.name} is a binary file, not a table; give CSV, XLSX, XLS or Parquet",
        )
    text = replace(plain, start=len(head) if head == codecs.BOM_UTF8 else 0)
    try:
        deque(_decoded(text, "utf-8", path), maxlen=0)
    except InputError:
        deque(_decoded(text, "gb18030", path), maxlen=0)
        return replace(text, encoding="gb18030")
    return text


def _chunks(text: _Text) -> Iterator[bytes]:
    with text.open() as file:
        file.seek(text.start)
        while chunk := file.read(_CHUNK):
            yield chunk


def _decoded(text: _Text, encoding: str, path: Path) -> Iterator[str]:
    """Decode piece by piece, so that a large file is never in memory as text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(text):
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path.name} 的编码不是 UTF-8、UTF-16、GBK 或 GB18030，或文件已损坏；请另存为 UTF-8",
            f"the encoding of {path.name} is none of UTF-8, UTF-16, GBK and GB18030, "
            "or the file is damaged; save it as UTF-8",
        ) from error


def _sniff(
    head: bytes, encoding: str, columns: Mapping[str, str] | None
) -> tuple[str, list[list[str]], list[int]]:
    """Find the delimiter: the one under which the most headers are recognised.

    Returns
    -------
    delimiter, rows, ends
        The first rows under it, and the byte at which each of them ends.
    """
    text = head.decode(encoding, "ignore")
    offsets = np.cumsum([0, *map(len, head.splitlines(keepends=True))])
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


def _pieces(text: _Text, layout: _Layout, positions: Mapping[str, int]) -> Iterator[Piece]:
    """Read some rows at a time; where a piece does not end with a row, all that follows at once."""
    with text.open() as file:
        file.seek(text.start)
        while data := _next_rows(file):
            piece = _read_rows(_as_utf8(data, text), positions, layout)
            if piece is None:
                piece = _exact_cells(_as_utf8(data + file.read(), text), positions, layout)
            yield piece
            layout = replace(layout, first_row=layout.first_row + len(piece.cells))


def _next_rows(file: BinaryIO) -> bytes:
    """Take the next rows: whole lines, to the first after which no quotation mark is open."""
    lines = [file.read(_PIECE), file.readline()]
    quotes = sum(line.count(b'"') for line in lines)
    while quotes % 2 and (line := file.readline()):
        lines.append(line)
        quotes += line.count(b'"')
    return b"".join(lines)


def _as_utf8(data: bytes, text: _Text) -> bytes:
    return data if text.encoding == "utf-8" else data.decode(text.encoding).encode("utf-8")


def _read_rows(data: bytes, positions: Mapping[str, int], layout: _Layout) -> Piece | None:
    """Read rows; None where the last of them goes on behind the data."""
    fast = _fast_cells(data, positions, layout)
    try:
        return fast or _exact_cells(data, positions, layout)
    except InputError:
        return None


def _fast_cells(body: bytes, positions: Mapping[str, int], layout: _Layout) -> Piece | None:
    """Read CSV at Arrow's speed, rows of other widths one by one; None where quotes are amiss."""
    if body.count(b'"') % 2:
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
    return _mend(cells, odd, positions, layout) if odd else Piece(cells)


def _arrow_table(
    body: bytes, wanted: Sequence[str], layout: _Layout, odd: list[tuple[int, str]] | None
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
        pa.BufferReader(body),
        read_options=pacsv.ReadOptions(
            column_names=names,
            block_size=_CHUNK if odd is None else _ROW,  # no row may be larger
            use_threads=odd is None,
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
) -> Piece | None:
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
    padded = _pad(rows, positions, layout, at)
    whole = pd.concat([cells.set_axis(between), padded.cells.set_axis(at)]).sort_index()
    return replace(padded, cells=whole)


def _exact_cells(body: bytes, positions: Mapping[str, int], layout: _Layout) -> Piece:
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
) -> Piece:
    """Make rows as wide as the header, and say which were wider; `at` says where they are."""
    cells = {
        name: pd.Series([row[i] if i < len(row) else None for row in rows], dtype="str")
        for name, i in positions.items()
    }
    long = [
        layout.first_row + int(i)
        for i, row in zip(at, rows, strict=True)
        if any(row[layout.width :])
    ]
    return Piece(pd.DataFrame(cells), tuple(long))


def _open_quote(file: str, row: int) -> InputError:
    return InputError(
        f"{file} 第 {row} 行起有引号没有闭合，其后各行无法分开；请改正该行或另存为 xlsx",
        f"{file}: a quotation mark opens at row {row} or after and is never closed, so that "
        "the rows behind it run together; mend that row or save the file as xlsx",
    )
