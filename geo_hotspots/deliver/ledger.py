"""The ledger: one row for every row read, in a CSV that Excel opens right and runs nothing from."""

from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import csv

from geo_hotspots.deliver.allowed import only_allowed
from geo_hotspots.errors import OutputError
from geo_hotspots.words import Words

# A cell that begins so is a formula to Excel, WPS or LibreOffice, the full-width forms in
# Chinese locales too, and blanks before it do not always protect. Blanks as Python's strip()
# has them, spelt out for RE2.
BLANK = r"\s\pZ\x0b\x1c-\x1f\x{85}"
FORMULA = rf"^(?:[\t\r\n]|[{BLANK}]*[=+\-@＝＋－＠])"

NUMBERS = {
    "row": 0, "n": 0, "lng": 6, "lat": 6, "uncertainty_m": 1, "score": 4, "place_score": 4,
    "weight": 4, "place_lng": 6, "place_lat": 6,
}  # fmt: skip


def write_ledger(path: Path, ledger: Iterable[pd.DataFrame]) -> None:
    """Write `ledger.csv`: exactly the ledger's columns, UTF-8 with a byte order mark.

    Parameters
    ----------
    ledger
        `LEDGER_COLUMNS`, some rows at a time, at least one frame; any other column is refused,
        since case text must not leave. Coordinates are written with six digits (0.1 m),
        uncertainty in metres with one.

    Raises
    ------
    SchemaError
        A column is missing or not in the allow-list.
    OutputError
        The file cannot be written.
    """
    rows = (only_allowed(some, "ledger.csv") for some in ledger)
    write_table(path, rows, Words("台账", "the ledger"))


def write_sample(
    path: Path,
    sheet: pd.DataFrame,
    texts: pd.DataFrame | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Write a sheet of cases to be labelled by hand: `SAMPLE_COLUMNS`, as `write_ledger` does.

    Parameters
    ----------
    texts
        What the cases say, to stand beside, indexed as `sheet`: only where the user asked for
        it, since it is private.
    headers
        What to write above a column instead of its name.

    Raises
    ------
    SchemaError
        A column is missing or not in the allow-list.
    OutputError
        The file cannot be written.
    """
    table = only_allowed(sheet, "sample.csv")
    beside = table if texts is None else table.join(texts)
    write_table(path, [beside], Words("标注表", "the sheet"), headers)


def write_table(
    path: Path,
    pieces: Iterable[pd.DataFrame],
    called: Words,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Write pieces of a table, at least one, whose columns have passed the allow-list.

    `called` is what an error calls the file.
    """
    laid = (_lay(rows, headers) for rows in pieces)
    first = next(laid)
    try:
        with path.open("wb") as file:
            file.write(b"\xef\xbb\xbf")  # without it Excel reads UTF-8 as GBK
            with csv.CSVWriter(file, first.schema) as writer:
                for rows in chain([first], laid):
                    writer.write_table(rows)
    except OSError as error:
        raise OutputError(
            f"{called.zh} {path.name} 写不进去:{error.strerror};若已在 Excel 中打开,请先关闭",
            f"{called.en} {path.name} cannot be written: {error.strerror}; close it in Excel",
        ) from error


def _lay(rows: pd.DataFrame, headers: Mapping[str, str]) -> pa.Table:
    """Lay out some rows as they are to be written."""
    return pa.table(
        {
            headers.get(name, name): _number(rows[name], NUMBERS[name])
            if name in NUMBERS
            else _text(rows[name])
            for name in rows.columns
        }
    )


def guard_formulas(texts: pa.Array) -> pa.Array:
    """Put an apostrophe before every text that a spreadsheet would run as a formula.

    >>> guard_formulas(pa.array(["=1+1", "忠实里西区2号楼"])).to_pylist()
    ["'=1+1", '忠实里西区2号楼']
    """
    is_formula = pc.match_substring_regex(texts, FORMULA)
    if not pc.any(is_formula).as_py():
        return texts
    apostrophe = pa.scalar("'", texts.type)
    guarded = pc.binary_join_element_wise(apostrophe, texts, pa.scalar("", texts.type))
    return pc.if_else(is_formula, guarded, texts)


def _text(column: pd.Series) -> pa.Array:
    """Lay out texts, guarded; words that many rows share are looked at once."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return guard_formulas(_plain(column))
    row, used = pd.factorize(column.cat.codes.to_numpy())
    words = _plain(column.cat.categories).take(pa.array(used, mask=used < 0))
    return guard_formulas(words).take(pa.array(row))


def _plain(texts: pd.Series | pd.Index) -> pa.Array:
    laid = pa.array(texts.astype("str"), type=pa.large_string(), from_pandas=True)
    return laid.combine_chunks() if isinstance(laid, pa.ChunkedArray) else laid


def _number(column: pd.Series, digits: int) -> pa.Array:
    if digits == 0:
        return pa.array(column.astype("Int64"), type=pa.int64())
    numbers = column.astype("float64").round(digits)
    return pa.array(numbers, type=pa.float64(), from_pandas=True)
