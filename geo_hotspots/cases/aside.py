"""Text kept out of memory: what citizens wrote is most of a case, and read once or twice."""

import mmap
import tempfile
from collections.abc import Iterable
from itertools import chain, islice

import pandas as pd
import pyarrow as pa


def lay_aside(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put the parts of columns of text end to end, in a file that has no name.

    Nobody else can open the file, and it is gone with the process, however that ends. The system
    reads from it what is looked at and may forget that again. A single part stays in memory.

    Parameters
    ----------
    parts
        At least one; each is asked for when the one before it has been written. Look at the whole
        through masks: to take rows by their numbers, Arrow would read all of it.
    """
    first = list(islice(more := iter(parts), 2))
    if len(first) == 1:
        return first[0]
    schema = pa.schema([(name, pa.large_string()) for name in first[0]])
    index = []
    with tempfile.TemporaryFile() as file:
        with pa.ipc.new_stream(file, schema) as out:
            for part in chain(first, more):
                out.write_table(pa.Table.from_pandas(part, schema, preserve_index=False))
                index.append(part.index)
        file.flush()
        seen = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    laid = pa.ipc.open_stream(pa.py_buffer(seen)).read_all()
    columns = {name: pd.array(laid.column(name), dtype="str") for name in laid.column_names}
    return pd.DataFrame(columns, index[0].append(index[1:]))
