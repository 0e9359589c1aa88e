"""Workbooks that unpack to more than a machine holds: refused before anything is laid out."""

import struct
import zipfile

import pandas as pd
import pytest

from geo_hotspots.cases.read import read_cases
from geo_hotspots.errors import InputError


def packed_again(path, change):
    """Write a workbook with some of its parts changed."""
    with zipfile.ZipFile(path) as old:
        parts = {name: change(name, old.read(name)) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return path


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.xlsx"
    pd.DataFrame({"来电时间": ["2019-06-21"], "地址": ["某地"]}).to_excel(path, index=False)
    return path


def far_cell(quote):
    cell = f"<row r={quote}1048576{quote[-1]}><c r={quote}XFD1048576{quote[-1]}><v>1</v></c></row>"

    def change(name, part):
        is_sheet = name.startswith("xl/worksheets/")
        return part.replace(b"</sheetData>", cell.encode() + b"</sheetData>") if is_sheet else part

    return change


@pytest.mark.parametrize("quote", ['"', "'", "\t'"])
def test_a_cell_in_the_last_corner_of_a_sheet_is_refused_and_not_laid_out(book, quote):
    with pytest.raises(InputError, match="reaches to row 1048576 and column 16384, over 1000"):
        read_cases([packed_again(book, far_cell(quote))])


def test_a_workbook_that_unpacks_to_more_than_the_limit_is_refused(book):
    bomb = packed_again(book, lambda n, p: p + b" " * 3_000_000 if n.endswith("app.xml") else p)
    assert bomb.stat().st_size < 20_000
    assert len(read_cases([bomb], max_workbook_mb=4)) == 1
    with pytest.raises(InputError, match=r"unpacks to 3 MB, more than cases.max_workbook_mb = 2;"):
        read_cases([bomb], max_workbook_mb=2)


def test_a_workbook_that_lies_about_its_size_is_refused(book):
    bomb = packed_again(book, lambda n, p: p + b" " * 300_000 if n.endswith("app.xml") else p)
    with zipfile.ZipFile(bomb) as parts:
        true = next(i.file_size for i in parts.infolist() if i.filename.endswith("app.xml"))
    told = bomb.read_bytes().replace(struct.pack("<I", true), struct.pack("<I", 99))
    bomb.write_bytes(told)
    with pytest.raises(InputError, match="is not a sound workbook"):
        read_cases([bomb])


def test_a_wide_sheet_of_few_rows_is_read(tmp_path):
    wide = {f"附加{i}": [i] for i in range(2000)} | {"来电时间": ["2019-06-21"], "地址": ["某地"]}
    pd.DataFrame(wide).to_excel(tmp_path / "wide.xlsx", index=False)
    assert len(read_cases([tmp_path / "wide.xlsx"])) == 1
