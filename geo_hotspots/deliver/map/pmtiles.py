"""PMTiles, version 3: one file of picture tiles, of which a page embeds those that it needs.

The format is public (github.com/protomaps/PMTiles, spec v3): a header of 127 bytes, directories
of variable-length integers, and tiles numbered along a Hilbert curve, level after level.
"""

import base64
import gzip
import math
import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from geo_hotspots.errors import ConfigError

MEDIA = {2: "image/png", 3: "image/jpeg", 4: "image/webp"}
MAX_BYTES = 15_000_000  # a page beyond some 20 MB opens slowly on an office PC
_HEADER = struct.Struct("<7sB8QQQQ4B2B4iB2i")
_NONE, _GZIP = 1, 2


class _Header(NamedTuple):
    """What we use of the header."""

    root: tuple[int, int]  # where it begins, how long it is
    leaves: int
    data: int
    compression: int
    kind: int
    zooms: tuple[int, int]


class _Entry(NamedTuple):
    """Tiles that are one after another, all the same; a run of 0 leads to another directory."""

    first: int
    offset: int
    length: int
    run: int


def read_pmtiles(
    path: Path, *, bounds: Sequence[float], max_zoom: int, max_bytes: int = MAX_BYTES
) -> dict[str, str]:
    """Read the picture tiles that touch `bounds`, as ``z/x/y`` to a ``data:`` address.

    Parameters
    ----------
    path
        The archive.
    bounds
        West, south, east, north, degrees of the archive's own datum.
    max_zoom
        Finer tiles are left out.
    max_bytes
        Of all tiles together; what does not fit loses its finest levels.

    Raises
    ------
    ConfigError
        The file cannot be read, is not PMTiles of version 3, holds no pictures (vector tiles
        cannot be drawn here), or none of its tiles lies in `bounds`.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"basemap.url 的 {path} 打不开：{error.strerror}；请检查路径",
            f"basemap.url: {path} cannot be opened: {error.strerror}; check the path",
        ) from error
    head = _read_header(raw, path)
    find, tiles = _finder(raw, head), dict[str, str]()
    size = 0
    for zoom in range(head.zooms[0], min(head.zooms[1], max_zoom) + 1):
        level = dict(_level(find, zoom, bounds))
        size += sum(len(tile) for tile in level.values())
        if size > max_bytes:
            break
        tiles |= {name: _address(tile, head.kind) for name, tile in level.items()}
    if not tiles:
        raise ConfigError(
            f"{path.name} 在本区范围内没有可嵌入的瓦片；请检查范围和级别",
            f"{path.name} holds no tile of this area that fits into the page; check its extent",
        )
    return tiles


def hilbert_number(zoom: int, x: int, y: int) -> int:
    """Give the number of a tile: all coarser ones come first, then along the curve.

    >>> [hilbert_number(1, x, y) for x, y in ((0, 0), (0, 1), (1, 1), (1, 0))]
    [1, 2, 3, 4]
    """
    number = ((1 << 2 * zoom) - 1) // 3
    for bit in reversed(range(zoom)):
        side = 1 << bit
        right, low = int(x & side > 0), int(y & side > 0)
        number += side * side * ((3 * right) ^ low)
        if not low:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
    return number


def _read_header(raw: bytes, path: Path) -> _Header:
    if len(raw) < _HEADER.size or raw[:8] != b"PMTiles\x03":
        raise ConfigError(
            f"{path.name} 不是第 3 版 PMTiles 文件", f"{path.name} is not PMTiles of version 3"
        )
    f = _HEADER.unpack_from(raw)
    header = _Header((f[2], f[3]), f[6], f[8], f[14], f[16], (f[17], f[18]))
    if header.kind not in MEDIA or header.compression not in (_NONE, _GZIP):
        raise ConfigError(
            f"{path.name} 里不是图片瓦片（PNG、JPEG、WebP）；矢量瓦片请先转成图片",
            f"{path.name} holds no pictures (PNG, JPEG, WebP); turn vector tiles into pictures",
        )
    return header


def _level(
    find: Callable[[int], bytes | None], zoom: int, bounds: Sequence[float]
) -> Iterator[tuple[str, bytes]]:
    """Give the tiles of one zoom that touch the bounds."""
    west, south, east, north = bounds
    left, top = _tile_at(west, north, zoom)
    right, bottom = _tile_at(east, south, zoom)
    for x in range(left, right + 1):
        for y in range(top, bottom + 1):
            found = find(hilbert_number(zoom, x, y))
            if found is not None:
                yield f"{zoom}/{x}/{y}", found


def _tile_at(lng: float, lat: float, zoom: int) -> tuple[int, int]:
    side = 1 << zoom
    x = (lng + 180) / 360 * side
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side
    return min(side - 1, max(0, int(x))), min(side - 1, max(0, int(y)))


def _finder(raw: bytes, head: _Header) -> Callable[[int], bytes | None]:
    """Make a function that follows the directories, root first, to a tile."""
    unpack: Callable[[bytes], bytes] = gzip.decompress if head.compression == _GZIP else bytes

    @cache
    def entries(offset: int, length: int) -> list[_Entry]:
        return _directory(unpack(raw[offset : offset + length]))

    def find(number: int) -> bytes | None:
        offset, length = head.root
        for _ in range(4):  # the format allows three levels below the root
            entry = _last_before(entries(offset, length), number)
            if entry is None or (entry.run and number >= entry.first + entry.run):
                return None
            if entry.run:
                start = head.data + entry.offset
                return raw[start : start + entry.length]
            offset, length = head.leaves + entry.offset, entry.length
        return None

    return find


def _last_before(entries: list[_Entry], number: int) -> _Entry | None:
    at = bisect_right(entries, number, key=lambda entry: entry.first)
    return entries[at - 1] if at else None


def _directory(raw: bytes) -> list[_Entry]:
    """Read the columns of a directory: steps of numbers, runs, lengths, offsets."""
    numbers = _varints(raw)
    n = next(numbers)
    first, entries = 0, []
    steps, runs, lengths, offsets = ([next(numbers) for _ in range(n)] for _ in range(4))
    end = 0
    for step, run, length, offset in zip(steps, runs, lengths, offsets, strict=True):
        first += step
        start = offset - 1 if offset else end  # zero: right behind the one before
        end = start + length
        entries.append(_Entry(first, start, length, run))
    return entries


def _varints(raw: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in raw:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:  # noqa: PLR2004 - no further byte
            yield value
            value = shift = 0


def _address(tile: bytes, kind: int) -> str:
    return f"data:{MEDIA[kind]};base64,{base64.b64encode(tile).decode()}"
