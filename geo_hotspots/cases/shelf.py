"""Text kept out of memory: what citizens wrote is most of a case, and read once or twice."""

import mmap
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice

import pandas as pd
import pyarrow as pa

from geo_hotspots.errors import OutputError


def lay_aside(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put the parts of columns of text end to end, in a file that has no name.

    Nobody else can open the file, and it is gone with the process, however that ends. The system
    reads from it what is looked at and may forget that again. A single part stays in memory.

    Parameters
    ----------
    parts
        At least one; each is asked for when the one before it has been written. Look at the whole
        through masks: to take rows by their numbers, Arrow would read all of it.

    Raises
    ------
    OutputError
        There is no room for temporary files.
    """
    first = list(islice(more := iter(parts), 2))
    if len(first) == 1:
        return first[0]
    schema = pa.schema([(name, pa.large_string()) for name in first[0]])
    index = []
    with _room():
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
    with file, pa.ipc.new_stream(file, schema) as out:
        for part in chain(first, more):
            with _room():
                out.write_table(pa.Table.from_pandas(part, schema, preserve_index=False))
            index.append(part.index)
        with _room():
            out.close()
            file.flush()
        seen = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    laid = pa.ipc.open_stream(pa.py_buffer(seen)).read_all()
    columns = {name: pd.array(laid.column(name), dtype="str") for name in laid.column_names}
    return pd.DataFrame(columns, index[0].append(index[1:]))


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
