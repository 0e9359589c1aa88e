"""Looking into a history, taking it out, and deleting for good, through the command line."""

import io
import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from city import export, write_pack
from test_cli import call, ok

from geo_hotspots.history import peek_history

TEXT = "楼道堆物无人清理已有半年之久请尽快处理编号七四一"
NUMBER = "13912345678"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Run once on cases of which one caller's tell a text of their own."""
    folder = tmp_path_factory.mktemp("tend")
    pack = write_pack(folder / "small-city")
    n = 8
    cases = export(
        问题点位=["幸福里西区2号楼"] * 5 + ["人民剧场"] * 3,
        主要内容=["车位被锁"] * 5 + [f"{TEXT}，请回电{NUMBER}"] * 3,
        来电号码=[f"1380000{i:04d}" for i in range(5)] + [NUMBER] * 3,
        来电人=["李某"] * n,
    )
    cases.to_csv(folder / "cases.csv", index=False)
    ok("run", folder / "cases.csv", "--pack", pack, "--out", folder / "out")
    return folder, pack


@pytest.fixture
def history(kept, tmp_path):
    return Path(shutil.copy(kept[0] / "out" / "small-city" / "history.duckdb", tmp_path))


def holds(path, text):
    return text.encode() in path.read_bytes()


def rows(history, table):
    with peek_history(history) as opened:
        return opened.query(f"SELECT * FROM {table}").to_pylist()


def test_a_history_says_what_is_in_it(history, capsys):
    ok("history", "info", "--history", history)
    assert "诉求 8 件（先后 8 个版本），2019-11-01 至 2019-11-08" in capsys.readouterr().out
    ok("history", "info", "--history", history, "--json", "--lang", "en")
    info = json.loads(capsys.readouterr().out)
    assert (info["n_cases"], info["n_runs"], info["pack"]) == (8, 1, "small-city")


def test_an_export_holds_neither_salt_nor_text_nor_caller_unless_asked_for(history, tmp_path):
    with peek_history(history) as opened:
        salt = opened.salt
        hashed = opened.query("SELECT caller FROM cases")["caller"].to_pylist()
    ok("history", "export", "--history", history, "--out", tmp_path / "a")
    ok("history", "export", "--history", history, "--out", tmp_path / "b", "--private")
    for folder, is_private in ((tmp_path / "a", False), (tmp_path / "b", True)):
        tables = {path.stem: pq.read_table(path) for path in folder.iterdir()}
        assert {"cases", "told", "points", "runs", "visits"} <= set(tables)
        assert {"caller", "content"}.isdisjoint(tables["cases"].column_names) is not is_private
        said = repr([table.to_pylist() for table in tables.values()])
        assert (TEXT in said) is is_private
        assert (hashed[0] in said) is is_private
        assert repr(salt)[2:-1] not in said
    assert call("history", "export", "--history", history, "--out", tmp_path / "a") == 2


def test_the_number_in_a_text_is_in_no_history(history):
    assert holds(history, TEXT)
    assert not holds(history, NUMBER)
    assert not holds(history, "李某")


def test_a_callers_cases_are_deleted_for_good_from_the_bytes_and_from_coming_back(
    kept, history, monkeypatch, capsys
):
    with peek_history(history) as opened:
        (caller,) = {row["caller"] for row in rows_of_theatre(opened)}
    assert holds(history, caller)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"+86 {NUMBER}\n\n"))
    ok("history", "forget", "--history", history, "--callers", "--yes")
    assert "已永久删除 3 件" in capsys.readouterr().out
    for secret in (TEXT, caller, "人民剧场"):
        assert not holds(history, secret), secret
    assert sorted(p.name for p in history.parent.iterdir()) == ["history.duckdb"]
    assert len(rows(history, "cases")) == len(rows(history, "told")) == 5

    folder, pack = kept
    ok("run", folder / "cases.csv", "--pack", pack, "--out", history.parent, "--history", history)
    assert "文件中有 3 件是已永久删除的诉求，未计入" in capsys.readouterr().err
    record = history.parent / "small-city" / "2019-W45" / "run.json"
    account = json.loads(record.read_text(encoding="utf-8"))["account"]
    assert (account["counted"], account["deleted_for_good"]) == (5, 3)
    assert len(rows(history, "matches")) == 1
    assert len(rows(history, "cases")) == 5
    assert not holds(history, caller)


def rows_of_theatre(opened):
    return opened.query("SELECT caller FROM cases WHERE place_name = '人民剧场'").to_pylist()


def test_a_case_is_deleted_by_its_id_and_points_of_others_stay(history, capsys):
    before = {row["hotspot_id"] for row in rows(history, "points")}
    ok("history", "forget", "--history", history, "--case", "A0001", "--yes")
    assert "已永久删除 1 件" in capsys.readouterr().out
    assert len(rows(history, "cases")) == 7
    assert {row["hotspot_id"] for row in rows(history, "points")} == before != set()
    ok("history", "forget", "--history", history, "--case", "A0001", "--yes")
    assert "没有找到相应的诉求" in capsys.readouterr().out


def test_deleting_is_asked_about_and_may_be_declined(history, monkeypatch, capsys):
    before = history.read_bytes()
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert call("history", "forget", "--history", history, "--case", "A0001") == 1
    assert "将从" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO(NUMBER))
    assert call("history", "forget", "--history", history, "--callers") == 2
    assert call("history", "forget", "--history", history) == 2
    assert history.read_bytes() == before


def test_feedback_is_told_in_lines_or_json(kept, history, tmp_path, capsys):
    register = tmp_path / "register.csv"
    lines = {"点位名称": ["幸福里西区2栋", "别处"], "整改日期": ["2019-11-02", "2019-11-03"]}
    pd.DataFrame(lines).to_csv(register, index=False)
    asked = ("feedback", register, "--pack", kept[1], "--history", history)
    ok(*asked)
    printed = capsys.readouterr()
    assert "整改：新增 1，更正 0，已有 0" in printed.out
    assert "register.csv 第 3 行: 没有对应到已知点位，未采用" in printed.err
    ok(*asked, "--json", "--lang", "en")
    summary = json.loads(capsys.readouterr().out)
    known = {"n_new": 0, "n_changed": 0, "n_same": 1, "n_twice": 0}
    assert summary["rectifications"] == known
    assert summary["problems"][0]["row"] == 3


def test_a_look_without_a_history_leaves_none(kept, tmp_path):
    folder, pack = kept
    ok("run", folder / "cases.csv", "--pack", pack, "--out", tmp_path, "--no-history")
    assert [p.name for p in (tmp_path / "small-city").iterdir()] == ["2019-W45"]
