"""Text kept out of memory: what citizens wrote is most of a case, and read once or twice."""

import mmap
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain, islice
from typing import IO

import numpy as np
import pandas as pd
import pyarrow as pa

from geo_hotspots.errors import OutputError


def lay_aside(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put the parts of columns of text end to end, in files that have no names.

    Nobody else can open the files, and they are gone with the process, however that ends. The
    system reads from them what is looked at and may forget that again. A single part stays in
    memory.

    Parameters
    ----------
    parts
        At least one; each is asked for when the one before it has been written.

    Raises
    ------
    OutputError
        There is no room for temporary files.
    """
    first = list(islice(more := iter(parts), 2))
    if len(first) == 1:
        return first[0]
    index = []
    with ExitStack() as files:
        shelves = {name: _Shelf(files) for name in first[0]}
        for part in chain(first, more):
            for name, shelf in shelves.items():
                shelf.put(part[name])
            index.append(part.index)
        columns = {name: pd.array(shelf.texts, dtype="str") for name, shelf in shelves.items()}
    return pd.DataFrame(columns, index[0].append(index[1:]), copy=False)


class _Shelf:
    """A column of text as Arrow lays it out: its letters, where each text ends, which are there."""

    def __init__(self, files: ExitStack) -> None:
        self.is_there: list[pa.Array] = []
        self.length = 0  # of all letters so far, in bytes
        with _room():
            self.letters = files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - it is one
            self.ends = files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - as above
            self.ends.write(np.int64(0).tobytes())

    def put(self, part: pd.Series) -> None:
        """Write some more texts."""
        text = pa.chunked_array(pa.array(part, pa.large_string())).combine_chunks()
        self.is_there.append(text.is_valid())
        if not len(text):
            return
        _, ends, letters = text.buffers()
        ends = np.frombuffer(ends, np.int64)[text.offset : text.offset + len(text) + 1]
        with _room():
            self.ends.write((ends[1:] - ends[0] + self.length).tobytes())
            self.letters.write((letters or b"")[int(ends[0]) : int(ends[-1])])
        self.length += int(ends[-1] - ends[0])

    @property
    def texts(self) -> pa.Array:
        """Give all texts, which are read when they are looked at; the files may be closed."""
        is_there = pa.concat_arrays(self.is_there)
        bitmap, ends, letters = is_there.buffers()[1], _mapped(self.ends), _mapped(self.letters)
        return pa.LargeStringArray.from_buffers(len(is_there), ends, letters, bitmap)


def _mapped(file: IO[bytes]) -> pa.Buffer:
    """Map a file, which cannot be done to an empty one."""
    with _room():
        file.flush()
    if not file.tell():
        return pa.py_buffer(b"")
    return pa.py_buffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


@contextmanager
def _room() -> Iterator[None]:
    """Say in a sentence that a temporary file cannot be written."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"临时文件写不进去（{error.strerror or error}）；请腾出磁盘空间，"
            "或用环境变量 TMPDIR 换一个文件夹",
            f"a temporary file cannot be written ({error.strerror or error}); make room, "
            "or name another folder in the environment variable TMPDIR",
        ) from error
