"""Reading exports: every encoding, every kind of file, every row."""

import csv
import io
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots.cases import delimited, parquet, workbook
from geo_hotspots.cases.read import _blank_to_missing, read_cases, read_pieces, read_table
from geo_hotspots.errors import InputError
from geo_hotspots.schema import RAW

HEADER = "工单编号,来电时间,问题分类,主要内容,地址"
ROW = "A1,2019-06-21 09:30:00,物业管理->停车->地锁,私装地锁,忠实里西区2号楼"
TEXT = f"{HEADER}\n{ROW}\n"
NYC = Path(__file__).parents[2] / "shared" / "data" / "nyc" / "requests_2010_2018.csv"


@pytest.fixture
def write(tmp_path):
    """Write bytes or text to a file and give its path."""

    def write(content, name="cases.csv", encoding="utf-8"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def book(tmp_path):
    """Write sheets of rows to a workbook and give its path."""

    def write(**sheets):
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for name, rows in sheets.items():
            sheet = workbook.create_sheet(name)
            for row in rows:
                sheet.append(row)
        workbook.save(tmp_path / "cases.xlsx")
        return tmp_path / "cases.xlsx"

    return write


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gbk", "gb18030"]
)
def test_every_encoding_of_an_office_gives_the_same_cases(write, encoding):
    bom = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    raw = read_cases([write(bom + TEXT.encode(encoding))])
    assert raw.loc[0, "address"] == "忠实里西区2号楼"
    assert raw.loc[0, "case_id"] == "A1"


def test_a_rare_character_of_gb18030_is_read(write):
    raw = read_cases([write(TEXT.replace("忠实", "㙍𠮷"), encoding="gb18030")])
    assert raw.loc[0, "address"].startswith("㙍𠮷")


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_the_one_under_which_headers_are_recognised(write, delimiter):
    raw = read_cases([write(TEXT.replace(",", delimiter))])
    assert raw.loc[0, "content"] == "私装地锁"


def test_a_note_row_above_the_header_is_not_the_header_and_rows_keep_their_numbers(write):
    note = '"2019年6月诉求明细,\n制表:某某",,,,\n\n'
    raw = read_cases([write(note + TEXT + ROW.replace("A1", "A2"))])
    assert raw["row"].tolist() == [4, 5]
    assert raw["case_id"].tolist() == ["A1", "A2"]


def test_an_excel_separator_line_is_a_note(write):
    assert read_cases([write("sep=;\r\n" + TEXT.replace(",", ";"))])["row"].tolist() == [3]


def test_a_line_break_in_a_cell_is_one_row_as_in_a_spreadsheet(write):
    text = f'{HEADER}\nA1,2019-06-21,x,"第一行\n第二行,""引""",地\n{ROW}\n'
    raw = read_cases([write(text)])
    assert raw.loc[0, "content"] == '第一行\n第二行,"引"'
    assert raw["row"].tolist() == [2, 3]


def test_blank_rows_are_counted_and_are_no_cases(write):
    raw = read_cases([write(f"{TEXT}\n,,,,\n{ROW}\n , ,\n\n")])
    assert raw["row"].tolist() == [2, 5]
    assert raw.attrs["blank_rows"] == 4


def test_a_row_larger_than_what_is_looked_at_together_is_read_whole(write, monkeypatch):
    monkeypatch.setattr(delimited, "_CHUNK", 1 << 10)
    raw = read_cases([write(TEXT.replace("私装地锁", "锁" * 200_000))])
    assert len(raw.loc[0, "content"]) == 200_000
    assert raw["case_id"].tolist() == ["A1"]


def test_what_holds_nothing_is_missing_by_any_blank():
    characters = pa.array([chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000])
    is_blank = pc.equal(pc.utf8_trim_whitespace(characters), "")
    blanks = [*dict.fromkeys(["", *characters.filter(is_blank).to_pylist()])]
    assert {" ", "\u3000", "\u2028", "\x85"} < {*blanks}
    nothing = [a + word + a for a in blanks for word in ("", "NULL", "null", r"\N")]
    cells = pd.DataFrame({"content": [*nothing, "Null", " x", "N", "\u3000。"]}, dtype="str")
    left = _blank_to_missing(cells)["content"].dropna()
    assert left.tolist() == ["Null", " x", "N", "\u3000。"]


def test_a_short_row_is_padded_and_a_long_row_is_noted(write):
    raw = read_cases([write(f"{TEXT}B2,2019-06-22\nC3,2019-06-23,x,他说,坏了,地址\n")])
    assert raw["case_id"].tolist() == ["A1", "B2", "C3"]
    assert raw["address"].isna().tolist() == [False, True, False]
    assert any("row 4" in note.en for note in raw.attrs["notes"])


@pytest.mark.parametrize("tail", ['B2,2019-06-22,x,"没有闭合,地址\n' + ROW, ROW + ',"\n' + ROW])
def test_a_quotation_mark_that_never_closes_is_refused_since_it_would_swallow_rows(write, tail):
    with pytest.raises(InputError, match="quotation mark opens at row 3"):
        read_cases([write(TEXT + tail + "\n")])


CELL = st.text(st.sampled_from('a东 ,"\n\r;1'), max_size=6)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8), st.booleans())
def test_what_the_csv_module_writes_is_what_is_read(tmp_path_factory, rows, trailing):
    rows = [("2019-06-21", *row) for row in rows]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("来电时间", "主要内容", "地址", "问题分类"), *rows])
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text(out.getvalue() + ("\r\n" if trailing else ""), encoding="utf-8", newline="")
    raw = read_cases([path])
    expected = [[cell if cell.strip() else None for cell in row] for row in rows]
    columns = ["reported_at", "content", "address", "category"]
    assert raw[columns].astype(object).where(raw[columns].notna(), None).to_numpy().tolist() == (
        expected
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(CELL, max_size=5), min_size=1, max_size=8))
def test_rows_of_any_width_keep_their_places_and_their_cells(tmp_path_factory, tails):
    rows = [("2019-06-21", str(at), *tail) for at, tail in enumerate(tails)]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("来电时间", "工单编号", "主要内容", "地址"), *rows])
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    raw = read_cases([path])
    assert raw["row"].tolist() == list(range(2, 2 + len(rows)))
    assert raw["case_id"].tolist() == [row[1] for row in rows]
    for name, at in (("content", 2), ("address", 3)):
        expected = [row[at] if len(row) > at and row[at].strip() else "" for row in rows]
        assert raw[name].fillna("").tolist() == expected


@pytest.mark.parametrize("width", [2, 3])
def test_an_open_quotation_mark_in_a_column_nobody_reads_still_swallows_no_row(write, width):
    # The inch mark makes the number of quotation marks even.
    rows = ['2019-06-21,5"管,甲', '2019-06-22,乙,"丙'.split(",", 3 - width)[-1], "2019-06-23,丁,戊"]
    with pytest.raises(InputError, match="is never closed"):
        read_cases([write("来电时间,地址,附言\n" + "\n".join(rows) + "\n")])


def test_the_frame_keeps_its_promise_and_absent_columns_are_missing(write):
    raw = read_cases([write("来电时间,地址\n2019-06-21,某地\n")])
    RAW.check(raw)
    assert list(raw.columns) == list(RAW.columns)
    assert raw.loc[0, "caller"] is pd.NA or pd.isna(raw.loc[0, "caller"])
    assert [n.en.split(" has ")[1][:7] for n in raw.attrs["notes"]] == ["no cate", "no case"]


def test_several_files_are_one_frame_and_files_of_one_name_stay_apart(write):
    paths = [write(TEXT, "一月/a.csv"), write(TEXT, "二月/a.csv"), write(TEXT, "b.csv")]
    raw = read_cases(paths)
    assert raw["source"].tolist() == ["a.csv", "a.csv(2)", "b.csv"]
    assert raw.index.tolist() == [0, 1, 2]


def test_one_file_given_twice_is_refused_since_every_case_would_count_twice(write):
    path = write(TEXT)
    with pytest.raises(InputError, match=r"cases\.csv is given twice"):
        read_cases([path, path.parent / "." / path.name])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \r\n\n", "is empty"),
        (b"\xff\xfe", "is empty"),
        (b"\x7fELF\x00\x01\x02\x00", "binary file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary file"),
        (b"PK\x03\x04 not a workbook", "not a sound workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1junk", "not a sound workbook"),
        (b"PAR1junkPAR1", "not a Parquet file"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "a web page"),
        (b"\xff\xff\xff,\xfe\xfe", "encoding of cases.csv is none of"),
        (HEADER.encode(), "no case was read"),
        ("来电时间,地址\n,\n".encode(), "no case was read"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(write, content, message):
    with pytest.raises(InputError, match=message):
        read_cases([write(content)])


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv cannot be opened: No such file"):
        read_cases([tmp_path / "none.csv"])
    with pytest.raises(InputError, match="cannot be opened"):
        read_cases([tmp_path])
    with pytest.raises(InputError, match="no case was read"):
        read_cases([])


def test_a_missing_column_is_named_with_the_nearest_header_there_is(write):
    with pytest.raises(InputError, match='nearest header: "来电时问"'):
        read_cases([write(TEXT.replace("来电时间", "来电时问"))])


def test_two_columns_of_one_meaning_are_a_question_to_the_user_and_the_settings_answer(write):
    path = write("登记时间,受理时间,地址\n2019-06-21,2019-06-22,某地\n")
    with pytest.raises(InputError, match='"登记时间" and "受理时间" could each be reported_at'):
        read_cases([path])
    raw = read_cases([path], columns={"reported_at": "受理时间"})
    assert raw.loc[0, "reported_at"] == "2019-06-22"


def test_a_cell_of_many_thousand_characters_is_read_whole(write):
    raw = read_cases([write(TEXT.replace("私装地锁", "锁" * 200_000))])
    assert len(raw.loc[0, "content"]) == 200_000


def test_cells_of_a_workbook_are_text_that_is_the_same_everywhere(book):
    path = book(
        诉求=[
            ["2019年6月诉求"],
            [*HEADER.split(","), "经度", "是否解决"],
            [12345.0, pd.Timestamp(2019, 6, 21, 9, 30), "x", "y", "z", 116.4075, True],
            [20190621000123456789, date(2019, 6, 21), "x", "y", 7, 116, None],
            [None] * 7,
        ]
    )
    raw = read_cases([path])
    assert raw["source"].unique().tolist() == ["cases.xlsx"]
    assert raw["row"].tolist() == [3, 4]
    assert raw["reported_at"].tolist() == ["2019-06-21 09:30:00", "2019-06-21"]
    assert raw["case_id"].tolist()[0] == "12345"
    assert raw.loc[1, "case_id"].startswith("201906210001234")
    assert raw.loc[1, "case_id"].isdigit()
    assert raw.loc[0, ["lng", "resolved"]].tolist() == ["116.4075", "true"]
    assert raw.loc[1, ["lng", "address"]].tolist() == ["116", "7"]
    assert raw.attrs["inexact_ids"] == ("cases.xlsx",)


def test_every_sheet_of_cases_is_read_and_what_is_left_out_is_said(book):
    rows = [HEADER.split(","), ROW.split(",")]
    summary = [["本表为六月数据"], ["街道", "数量"], ["建国门", 3]]
    path = book(说明=summary, 五月=rows, 空=[], 六月=rows)
    raw = read_cases([path])
    assert raw["source"].tolist() == ["cases.xlsx#五月", "cases.xlsx#六月"]
    assert [n.en for n in raw.attrs["notes"]] == [
        "sheet cases.xlsx#说明 was not read (1 rows): its header is not one of cases"
    ]


def test_a_sheet_of_cases_with_a_misspelt_header_is_refused_not_skipped(book):
    good = [HEADER.split(","), ROW.split(",")]
    bad = [HEADER.replace("来电时间", "来电时问").split(","), ROW.split(",")]
    with pytest.raises(InputError, match=r"cases\.xlsx#六月 has no column for the time"):
        read_cases([book(五月=good, 六月=bad)])


def test_a_workbook_without_cases_says_what_its_likeliest_sheet_lacks(book):
    with pytest.raises(InputError, match="has no column for the time of the report"):
        read_cases([book(甲=[["街道", "数量"], ["东四", 1]], 乙=[["备注"]])])
    with pytest.raises(InputError, match="is empty"):
        read_cases([book(甲=[], 乙=[])])


def test_parquet_keeps_numbers_times_and_zones(tmp_path):
    table = pa.table(
        {
            "id": pa.array([1, 2]),
            "created_at": pa.array(
                [pd.Timestamp(2019, 6, 21, 1, 30)] * 2, pa.timestamp("us", "UTC")
            ),
            "lon": pa.array([116.4, None]),
            "lat": pa.array([39.9, None]),
            "category": pa.array(["a", "b"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    raw = read_cases([tmp_path / "a.parquet"])
    assert raw.loc[0, ["case_id", "lng", "category"]].tolist() == ["1", "116.4", "a"]
    assert raw.loc[0, "reported_at"].startswith("2019-06-21 01:30")
    assert raw.loc[0, "reported_at"].endswith("Z")
    assert raw["row"].tolist() == [2, 3]


def test_a_parquet_column_that_is_no_text_is_refused(tmp_path):
    pq.write_table(pa.table({"来电时间": [["a"]], "地址": ["b"]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="not a Parquet file that can be used"):
        read_cases([tmp_path / "a.parquet"])


@settings(deadline=None, max_examples=80)
@given(
    lines=st.lists(
        st.sampled_from(
            [
                "A1,2019-06-21,x,y,z",
                'A2,2019-06-21,"x\ny",y,"z, ""q"" "',
                'A3,2019-06-21,5" pipe,y,z',
                'A4,2019-06-21,x,y,"z\n"',
                "A5,2019-06-21,x",
                "A6,2019-06-21,x,y,z,more,and more",
                ",,,,",
                "",
            ]
        ),
        min_size=1, max_size=30,
    ),
    size=st.integers(1, 80),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
)  # fmt: skip
def test_a_file_read_in_pieces_is_the_file_read_at_once(tmp_path_factory, lines, size, encoding):
    path = tmp_path_factory.mktemp("csv") / "cases.csv"
    text = "\n".join([HEADER, "A0,2019-06-21,私装,忠实里,地锁", *lines])
    path.write_bytes(text.encode(encoding))

    def read():
        try:
            return read_cases([path])
        except InputError as error:
            return error.say("en")

    whole = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_PIECE", size)
        pieces = read()
    if isinstance(whole, str):
        assert pieces == whole
    else:
        pd.testing.assert_frame_equal(pieces, whole)
        assert pieces.attrs == whole.attrs


def test_sheets_and_parquet_are_read_in_pieces_that_number_on(book, tmp_path, monkeypatch):
    rows = [HEADER.split(","), *(ROW.replace("A1", f"A{i}").split(",") for i in range(5))]
    rows.insert(3, [None] * 5)
    paths = [book(五月=rows, 六月=rows), tmp_path / "c.parquet"]
    pd.DataFrame(rows[1:], columns=rows[0]).to_parquet(paths[1])
    whole = read_cases(paths)
    for module in (workbook, parquet):
        monkeypatch.setattr(module, "ROWS_AT_ONCE", 2)
    pieces = [*read_pieces(paths)]
    assert max(map(len, pieces)) == 2
    assert whole.index.tolist() == [*range(15)]
    pd.testing.assert_frame_equal(pd.concat(pieces), whole)
    assert pieces[-1].attrs == whole.attrs
    assert whole.attrs["blank_rows"] == 3


def test_a_header_that_says_utc_is_marked_with_its_file(write):
    paths = [write("created_utc,address\n2019-06-21,x\n", "a.csv"), write(TEXT, "b.csv")]
    assert read_cases(paths).attrs["utc_columns"] == {"reported_at": ("a.csv",)}


def test_any_table_is_read_under_its_own_headers(book):
    header = ["点位名称", " 整改日期 ", "整改日期"]
    table = read_table(book(整改=[["台账"], header, [None], ["某楼", date(2019, 6, 27), "x"]]))
    assert table.to_dict("records") == [{"点位名称": "某楼", "整改日期": "2019-06-27", "row": 4}]


@pytest.mark.skipif(not NYC.exists(), reason="the New York requests are not beside the checkout")
def test_every_row_of_the_new_york_requests_is_read():
    raw = read_cases([NYC])
    assert len(raw) == 8739
    assert raw[["case_id", "reported_at", "category", "lng", "lat"]].notna().all(axis=None)
    assert raw[["content", "address"]].notna().mean().min() > 0.7
    assert raw.attrs["utc_columns"] == {"reported_at": (NYC.name,)}
