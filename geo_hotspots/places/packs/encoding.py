"""In which encoding a file of an office is, where nothing says so."""

import struct
from pathlib import Path

_CODECS = {
    "65001": "utf-8", "utf8": "utf-8", "utf-8": "utf-8", "gbk": "gb18030", "936": "gb18030",
    "cp936": "gb18030", "ansi 936": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030",
    "54936": "gb18030", "oem": "gb18030", "big5": "big5", "950": "big5", "cp950": "big5",
}  # fmt: skip
_TEXT_MARKS = "\ufffd"


def shapefile_encoding(path: Path) -> str:
    """Tell how a Shapefile's table is encoded: as its .cpg says, else whichever decodes.

    Chinese Shapefiles seldom say. Text in GBK is hardly ever valid UTF-8, so UTF-8 goes
    first. A name cut at its field's end does not count as a fault.
    """
    cpg = path.with_suffix(".cpg")
    if cpg.is_file():
        said = cpg.read_text(encoding="ascii", errors="replace").strip().lower()
        if said in _CODECS:
            return _CODECS[said]
    table = path.with_suffix(".dbf")
    values = _table_values(table.read_bytes()) if table.is_file() else []
    faults = {codec: sum(_is_mojibake(v, codec) for v in values) for codec in ("utf-8", "gb18030")}
    return min(faults, key=lambda codec: faults[codec])


def decode(raw: bytes) -> str:
    """Give the text of a file that is in UTF-8 or, where that cannot be, in GB18030.

    Raises
    ------
    UnicodeDecodeError
        It is in neither.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _table_values(raw: bytes) -> list[bytes]:
    """List the text values of a dBASE table that are not plain ASCII, as bytes."""
    if len(raw) < 32:  # noqa: PLR2004 - the size of its head
        return []
    n, head, size = struct.unpack("<IHH", raw[4:12])
    fields = [raw[at : at + 32] for at in range(32, head - 1, 32)]
    values, start = [], 1
    for field in fields:
        width = field[16]
        if field[11:12] == b"C":
            cells = (raw[head + row * size + start :][:width] for row in range(n))
            values += [cell.rstrip(b" \0") for cell in cells if not cell.isascii()]
        start += width
    return values


def _is_mojibake(value: bytes, codec: str) -> bool:
    """Say whether bytes are not text in `codec`, but for a character cut off at the end."""
    try:
        text = value.decode(codec)
    except UnicodeDecodeError as error:
        return error.start < len(value) - 3
    return any(mark in text for mark in _TEXT_MARKS)
