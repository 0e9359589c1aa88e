"""Parquet as a sheet of text."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from geo_hotspots.cases.sheet import ROWS_AT_ONCE, Piece, Sheet
from geo_hotspots.errors import InputError


def open_parquet(path: Path, source: str) -> Sheet:
    """Open a Parquet file; its first row is row 2, as below a header.

    Raises
    ------
    InputError
        The file is damaged; or, once its cells are read, a column is of a kind without text.
    """
    try:
        headers = list(pq.read_schema(path).names)
    except pa.ArrowException as error:
        raise _bad_parquet(path, error) from error

    def pieces(positions: Mapping[str, int]) -> Iterator[Piece]:
        wanted = [headers[i] for i in positions.values()]
        try:
            with pq.ParquetFile(path, pre_buffer=False) as file:  # else it keeps what it has read
                for batch in file.iter_batches(ROWS_AT_ONCE, columns=wanted):
                    texts = [batch[header].cast(pa.large_string()) for header in wanted]
                    yield Piece(pa.table(texts, names=list(positions)).to_pandas())
        except pa.ArrowException as error:
            raise _bad_parquet(path, error) from error

    return Sheet(source, headers, 2, None, pieces)


def _bad_parquet(path: Path, error: Exception) -> InputError:
    return InputError(
        f"{path.name} 不是可用的 Parquet 文件：{_first_line(error)}；请重新导出",
        f"{path.name} is not a Parquet file that can be used: {_first_line(error)}; "
        "export it again",
    )


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:120]
