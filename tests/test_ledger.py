import csv
import io

import delivery
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots import account
from geo_hotspots.account import Ledger
from geo_hotspots.deliver.ledger import guard_formulas, write_ledger
from geo_hotspots.errors import OutputError
from geo_hotspots.schema import LEDGER_COLUMNS, SchemaError

START = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def read(path):
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_the_ledger_has_the_contracts_columns_and_every_row(tmp_path):
    write_ledger(tmp_path / "ledger.csv", [delivery.ledger(30)])
    header, *rows = read(tmp_path / "ledger.csv")
    assert tuple(header) == LEDGER_COLUMNS
    assert len(rows) == 30
    assert rows[1] == [
        "市民热线.xlsx", "3", "20261122000001", "located", "building", "address", "P1",
        "东花市街道", "忠实里社区", "116.430003", "39.9", "15", "8931aa52a83ffff", "", "0.8765",
        "“忠实里西区2号楼”按楼号命中",
    ]  # fmt: skip


def test_excel_is_told_that_it_is_utf8(tmp_path):
    write_ledger(tmp_path / "ledger.csv", [delivery.ledger(1)])
    assert (tmp_path / "ledger.csv").read_bytes()[:3] == b"\xef\xbb\xbf"


@given(st.lists(st.text() | st.sampled_from(delivery.HOSTILE), min_size=1, max_size=8))
def test_no_text_begins_as_a_formula_and_none_is_lost(texts):
    guarded = guard_formulas(pa.array(texts)).to_pylist()
    for before, after in zip(texts, guarded, strict=True):
        assert not after.lstrip().startswith(START[:4] + START[7:])
        assert not after.startswith(START)
        assert after in (before, "'" + before)


def test_a_harmless_text_stays_as_it_is():
    texts = pa.array(["忠实里西区2号楼", "2-3号楼", "a=b", "", None])
    assert guard_formulas(texts).equals(texts)


def test_hostile_texts_are_guarded_in_every_text_column(tmp_path):
    texts = [c for c in LEDGER_COLUMNS
             if c not in ("row", "lng", "lat", "uncertainty_m", "score")]  # fmt: skip
    for column in texts:
        hostile = pd.Series(delivery.HOSTILE, dtype="str")
        write_ledger(tmp_path / "ledger.csv",
                     [delivery.ledger(len(hostile), **{column: hostile})])  # fmt: skip
        _, *rows = read(tmp_path / "ledger.csv")
        assert len(rows) == len(hostile)
        cells = [row[LEDGER_COLUMNS.index(column)] for row in rows]
        assert not [c for c in cells if c.lstrip()[:1] in set("=+-@＝＋－＠") and c.strip()]


def test_negative_numbers_stay_numbers(tmp_path):
    write_ledger(tmp_path / "ledger.csv", [delivery.ledger(2, lng=-73.9857, lat=-0.5)])
    _, row, _ = read(tmp_path / "ledger.csv")
    assert row[LEDGER_COLUMNS.index("lng")] == "-73.9857"


def test_the_same_ledger_gives_the_same_bytes(tmp_path):
    for name in ("a.csv", "b.csv"):
        write_ledger(tmp_path / name, [delivery.ledger()])
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_ledger_without_rows_has_a_header(tmp_path):
    write_ledger(tmp_path / "ledger.csv", [delivery.ledger(0)])
    assert read(tmp_path / "ledger.csv") == [list(LEDGER_COLUMNS)]


@pytest.mark.parametrize("at_once", [1, 4, 100])
def test_a_ledger_has_every_row_in_the_order_read_however_many_are_laid_at_once(
    tmp_path, monkeypatch, at_once
):
    monkeypatch.setattr(account, "_ROWS_AT_ONCE", at_once)
    rows = delivery.ledger(12).assign(hotspot_id=["H1", *[None] * 10, "H2"])
    is_lost = rows.index.isin([0, 5, 6, 7, 8, 10])  # the first, and all of a piece
    rejected = rows.loc[is_lost, ["source", "row", "case_id"]]
    lost = rejected.assign(status="rejected", reason_zh="来电时间为空", reason_en="no time")
    ledger = Ledger(rows[~is_lost].astype({"place_id": "category"}), lost, "zh")
    assert max(map(len, ledger)) <= at_once
    write_ledger(tmp_path / "whole.csv", [rows])
    write_ledger(tmp_path / "pieces.csv", ledger)
    whole, pieces = read(tmp_path / "whole.csv"), read(tmp_path / "pieces.csv")
    for row, laid, told in zip(whole[1:], pieces[1:], is_lost, strict=True):
        why = [*row[:3], "rejected", "none", *[""] * 10, "来电时间为空"]
        assert laid == (why if told else row)


def test_a_ledger_without_cases_is_laid_all_the_same():
    nothing = delivery.ledger(0)
    rejected = nothing[["source", "row", "case_id", "status"]].assign(reason_zh="", reason_en="")
    assert [len(rows) for rows in Ledger(nothing, rejected, "zh")] == [0]


def test_a_callers_words_cannot_leave_with_the_ledger(tmp_path):
    with pytest.raises(SchemaError, match="content"):
        write_ledger(tmp_path / "ledger.csv", [delivery.ledger().assign(content="x")])


def test_a_ledger_that_cannot_be_written_is_one_line(tmp_path):
    with pytest.raises(OutputError, match=r"ledger\.csv cannot be written"):
        write_ledger(tmp_path / "nowhere" / "ledger.csv", [delivery.ledger()])
