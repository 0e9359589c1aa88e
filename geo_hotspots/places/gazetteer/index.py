"""The gazetteer on disk: built once for a pack, then read in a fraction of a second.

One file: the SHA-256 of what follows, then plain arrays (NumPy's `.npz`, nothing pickled). It is
named by the hash of the pack and of the code that makes it, lies in the user's cache and may be
deleted at any time; one that is damaged or old is built anew without a word, and where nothing can
be written a run goes on without.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from io import BufferedRandom, BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from geo_hotspots import __version__
from geo_hotspots.errors import PackError
from geo_hotspots.places.gazetteer.doors import Doors
from geo_hotspots.places.gazetteer.entries import Entries, Lists, large_strings
from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.packs.pack import Pack

# What decides how a gazetteer of a given pack comes out.
_MAKERS = ("grammar", "gazetteer")  # the rooms whose code makes gazetteers
_PARTS: dict[str, type[Entries | Doors | Lists]] = {
    "entries": Entries, "doors": Doors, "found": Lists, "sounding_names": Lists,
}  # fmt: skip
# Text that is needed as a list; the names and ids of a million doors stay as they lie.
_LISTS = {
    "names", "sounding", "district", "stems", "entries.types", "entries.streets",
    "entries.communities", "entries.community_codes",
}  # fmt: skip
_DIGEST_BYTES = 32


def district_names(pack: Pack) -> set[str]:
    """List what the district of a pack is called: no slip may begin inside its own name."""
    return {pack.title.zh, *pack.aliases, *pack.aliases.values()}


def open_gazetteer(pack: Pack, folder: Path | None = None) -> Gazetteer:
    """Read the gazetteer of a pack from its index, or build it and leave an index behind.

    Parameters
    ----------
    folder
        Where indexes lie; by default the user's cache (`index_folder`).
    """
    path = _index_path(pack, folder or index_folder())
    held = read_index(path)
    if held is not None:
        return held
    from geo_hotspots.places.gazetteer.build import (  # noqa: PLC0415 - pypinyin is heavy
        build_gazetteer,
    )

    gazetteer = build_gazetteer(
        pack.places, pack.communities, pack.streets, district=district_names(pack)
    )
    with suppress(OSError):  # a full or read-only disk costs time, not the run
        write_index(path, gazetteer)
        _sweep(path)
    return gazetteer


Lent = Gazetteer | Path  # a gazetteer, or the index in which another process finds it


def lend_gazetteer(pack: Pack, gazetteer: Gazetteer) -> Lent:
    """Give what another process gets at the gazetteer by: its index, or else the whole of it."""
    path = _index_path(pack, index_folder())
    return path if path.is_file() else gazetteer


def borrow_gazetteer(lent: Lent) -> Gazetteer:
    """Take what was lent; an index is read once in each process.

    Raises
    ------
    PackError
        The index is not there: a worker on another machine looks into another folder.
    """
    return lent if isinstance(lent, Gazetteer) else _read_once(lent)


@lru_cache(maxsize=1)
def _read_once(path: Path) -> Gazetteer:
    gazetteer = read_index(path)
    if gazetteer is None:
        raise PackError(
            f"工作进程读不到地名索引 {path}；请用 GEO_HOTSPOTS_CACHE 指向各机共用的文件夹",
            f"a worker does not find the index of names {path}; let GEO_HOTSPOTS_CACHE name a "
            "folder that all machines share",
        )
    return gazetteer


def index_folder() -> Path:
    """Give the folder of indexes: `GEO_HOTSPOTS_CACHE`, else the user's cache."""
    named = os.environ.get("GEO_HOTSPOTS_CACHE")
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir())) / "geo-hotspots"
    home = Path("~/Library/Caches" if sys.platform == "darwin" else "~/.cache").expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or home) / "geo-hotspots"


def code_version() -> str:
    """Hash the code that makes gazetteers: nobody has to remember to count a number up."""
    digest = hashlib.sha256(__version__.encode())
    for room in _MAKERS:  # an install without sources goes by the version
        for source in sorted((Path(__file__).parents[1] / room).glob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()


def _index_path(pack: Pack, folder: Path) -> Path:
    """Name the index by what it is made from."""
    digest = hashlib.sha256(f"{code_version()} {pack.hash}".encode()).hexdigest()
    name = "".join(c if c.isalnum() else "-" for c in pack.name)
    return folder / f"{name}-{digest[:24]}.npz"


def write_index(path: Path, gazetteer: Gazetteer) -> None:
    """Write an index beside its final name and move it there, readable by the user alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w+b") as file:
            file.write(bytes(_DIGEST_BYTES))
            np.savez(file, allow_pickle=False, **dict(_arrays(gazetteer)))
            digest = _digest(file)
            file.seek(0)
            file.write(digest)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def read_index(path: Path) -> Gazetteer | None:
    """Read an index; nothing where there is none or it is not what was written."""
    try:
        with path.open("rb") as file:
            told = file.read(_DIGEST_BYTES)
            if _digest(file) != told:
                return None
            file.seek(_DIGEST_BYTES)
            arrays = np.load(file, allow_pickle=False)
            return _gazetteer({name: arrays[name] for name in arrays.files})
    except OSError:
        return None


def _digest(file: BufferedReader | BufferedRandom) -> bytes:
    """Hash what follows the digest's own place."""
    file.seek(_DIGEST_BYTES)
    return hashlib.file_digest(file, "sha256").digest()


def _arrays(gazetteer: Gazetteer) -> Iterator[tuple[str, np.ndarray]]:
    """Name every array of a gazetteer; text is its bytes and where each string begins."""
    for field, value in _fields(gazetteer):
        if isinstance(value, np.ndarray):
            yield field, value
        else:
            strings = value if isinstance(value, pa.Array) else large_strings(value)
            _, starts, data = strings.buffers()
            yield f"{field}.starts", np.frombuffer(starts, np.int64)[: len(strings) + 1]
            yield f"{field}.bytes", np.frombuffer(data or b"", np.uint8)


def _fields(gazetteer: Gazetteer) -> Iterator[tuple[str, Any]]:
    for field in gazetteer.__dataclass_fields__:
        value = getattr(gazetteer, field)
        if field in _PARTS:
            yield from ((f"{field}.{part}", v) for part, v in value._asdict().items())
        else:
            yield field, value


def _gazetteer(arrays: Mapping[str, np.ndarray]) -> Gazetteer:
    """Put a gazetteer together again."""
    parts: dict[str, Any] = {
        field: kind(**{part: _value(f"{field}.{part}", arrays) for part in kind._fields})
        for field, kind in _PARTS.items()
    }
    others = [f for f in Gazetteer.__dataclass_fields__ if f not in _PARTS]
    return Gazetteer(**parts, **{field: _value(field, arrays) for field in others})


def _value(name: str, arrays: Mapping[str, np.ndarray]) -> Any:
    if name in arrays:
        return arrays[name]
    starts, data = arrays[f"{name}.starts"], arrays[f"{name}.bytes"]
    strings = pa.LargeStringArray.from_buffers(
        len(starts) - 1, pa.py_buffer(starts), pa.py_buffer(data)
    )
    return strings.to_pylist() if name in _LISTS else strings


def _sweep(path: Path) -> None:
    """Delete the older indexes of the same pack."""
    name, _, digest = path.stem.rpartition("-")
    for other in path.parent.glob(f"{name}-{'?' * len(digest)}.npz"):
        if other != path:
            other.unlink(missing_ok=True)
