"""The history by itself: what was known when, one writer, versions, damage."""

import subprocess
import sys
from datetime import date, timedelta

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots.errors import HistoryError
from geo_hotspots.history import open_history, peek_history, store
from geo_hotspots.history.cases import (
    cases_known,
    cases_stale,
    keep_matches,
    merge_cases,
    recall_matches,
)
from geo_hotspots.history.tables import FACTS, MIGRATIONS, PLACES, VERSION
from geo_hotspots.pipeline import pack_cases
from geo_hotspots.schema import ANALYSED, TEXTS

MONDAY = date(2019, 1, 7)
BLANKS = {"text": None, "number": float("nan"), "time": pd.NaT, "flag": pd.NA}
DTYPES = {"text": "str", "number": "float64", "time": "datetime64[us]", "flag": "boolean"}


def placed(cases):
    """Make placed cases from {key: what is told of it}; whatever is not told is missing."""
    kinds = FACTS | PLACES
    blank = {name: BLANKS[kind] for name, kind in kinds.items()}
    # A case without a time never comes so far.
    blank["reported_at"] = pd.Timestamp(MONDAY)
    rows = [blank | told for told in cases.values()]
    frame = pd.DataFrame(rows, columns=list(kinds))
    frame = frame.astype({name: DTYPES[kind] for name, kind in kinds.items()})
    return frame.assign(case_key=pd.Series(list(cases), dtype="str"))


def merge(history, cases, day, *, placed_by="pack 1"):
    merge_cases(history, placed(cases), as_of=day, placed_by=placed_by)


def known(history, day):
    """Give {key: (department, resolved)} as known on a day."""
    rows = cases_known(history, day)[["case_key", "department", "resolved"]]
    return {
        row.case_key: (row.department, None if row.resolved is pd.NA else bool(row.resolved))
        for row in rows.itertuples()
    }


@pytest.fixture
def history(tmp_path):
    with open_history(tmp_path / "h.duckdb", pack="small-city", salt=b"salt") as opened:
        yield opened


WEEK = st.integers(0, 4).map(lambda n: MONDAY + timedelta(days=7 * n))
TOLD = st.fixed_dictionaries(
    {"department": st.sampled_from(["甲", "乙"]), "resolved": st.sampled_from([True, False, None])}
)
RUN = st.tuples(WEEK, st.dictionaries(st.sampled_from("ABC"), TOLD, min_size=1))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    path = tmp_path_factory.mktemp("scratch") / "h.duckdb"
    with open_history(path, pack="small-city", salt=b"salt") as opened:
        yield opened


def emptied(history):
    for table in ("cases", "told"):
        history.write(f"DELETE FROM {table}")
    return history


@given(st.lists(RUN, max_size=8), WEEK)
@settings(max_examples=15)
def test_what_was_known_on_a_day_is_what_was_told_last_up_to_it_in_whatever_order(
    scratch, runs, day
):
    history, told = emptied(scratch), {}
    for week, cases in runs:
        merge(history, cases, week)
        told |= {(k, week): (c["department"], c["resolved"]) for k, c in cases.items()}
    latest = {}
    for (key, week), case in sorted(told.items()):
        if week <= day:
            latest[key] = case
    assert known(history, day) == latest
    n = history.query("SELECT count(*) AS n FROM cases")["n"].to_pylist()[0]
    assert n == len({(key, case) for (key, _), case in told.items()})


@given(st.lists(RUN, min_size=1, max_size=5))
@settings(max_examples=5)
def test_a_run_merged_again_changes_nothing(scratch, runs):
    history = emptied(scratch)
    for week, cases in runs:
        merge(history, cases, week)
        before = dump(history)
        merge(history, cases, week)
        assert dump(history) == before


def dump(history):
    return {
        table: sorted(map(repr, history.query(f"SELECT * FROM {table}").to_pylist()))
        for table in ("cases", "told")
    }


def test_a_case_comes_back_as_it_went_in_but_for_its_text(history):
    case = {
        name: {"text": "文'\"=1", "number": 116.4, "time": pd.Timestamp("2019-12-01 10:00:01"),
               "flag": False}[kind]
        for name, kind in (FACTS | PLACES).items()
    }  # fmt: skip
    told = placed({"A": case, "B": {}})
    merge_cases(history, told, as_of=MONDAY, placed_by="pack 1")
    back = cases_known(history, MONDAY)
    pd.testing.assert_frame_equal(
        back.sort_values("case_key", ignore_index=True),
        pack_cases(told).assign(caller=told["caller"])[[n for n in ANALYSED if n not in TEXTS]],
    )


def test_only_the_same_text_by_the_same_pack_is_recalled(history):
    told = placed({"A": {"address": "2号楼", "status": "located"}, "B": {"address": "2号楼"}})
    keep_matches(history, told, told.assign(explanation="因为"), matched_by="pack 1")

    def recalled(address, *, by="pack 1"):
        asked = placed({"X": {"address": "9号楼"}, "Y": {"address": address}}).set_axis([7, 5])
        return recall_matches(history, asked, matched_by=by)["status"].to_dict()

    assert recalled("2号楼") == {5: "located"}
    assert recalled("3号楼") == recalled("2号楼", by="pack 2") == {}
    keep_matches(history, told, told.assign(explanation=""), matched_by="pack 2")
    assert recalled("2号楼") == {}


def test_a_case_placed_anew_to_the_same_place_is_not_asked_again(history):
    merge(history, {"A": {"status": "located"}, "B": {"status": "located"}}, MONDAY)
    stale = cases_stale(history, MONDAY, placed_by="pack 2")
    assert stale["case_key"].tolist() == ["A", "B"]
    next_week = MONDAY + timedelta(days=7)
    merge(history, {"A": {"status": "located"}, "B": {"status": "ambiguous"}}, next_week,
          placed_by="pack 2")  # fmt: skip
    assert cases_stale(history, next_week, placed_by="pack 2").empty
    assert cases_known(history, MONDAY)["status"].tolist() == ["located", "located"]
    assert cases_known(history, next_week)["status"].tolist() == ["located", "ambiguous"]


# --- the file


def committed(path, *, pack="small-city", salt=b"salt"):
    with open_history(path, pack=pack, salt=salt) as history:
        merge(history, {"A": {"department": "甲"}}, MONDAY)
        history.commit()
    return path


def test_what_was_not_committed_never_was(tmp_path):
    path = committed(tmp_path / "h.duckdb")
    with open_history(path, pack="small-city", salt=b"salt") as history:
        merge(history, {"A": {"department": "乙"}, "B": {}}, MONDAY)
    with peek_history(path) as history:
        assert known(history, MONDAY) == {"A": ("甲", None)}


def test_a_history_that_was_only_begun_leaves_no_file(tmp_path):
    with open_history(tmp_path / "h.duckdb", pack="small-city", salt=b"salt"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_history_keeps_its_own_salt(tmp_path):
    path = committed(tmp_path / "h.duckdb", salt=b"first")
    with open_history(path, pack="small-city", salt=b"second") as history:
        assert history.salt == b"first"


def test_two_writers_at_once_are_refused_and_so_is_a_reader(tmp_path):
    path = committed(tmp_path / "h.duckdb")
    code = (
        "import sys; from pathlib import Path\n"
        "from geo_hotspots.history import open_history, peek_history\n"
        "from geo_hotspots.errors import HistoryError\n"
        f"path = Path({str(path)!r})\n"
        "for how in (lambda: open_history(path, pack='small-city', salt=b's'), "
        "lambda: peek_history(path)):\n"
        "    try:\n"
        "        with how(): print('opened')\n"
        "    except HistoryError as error: print(error)\n"
    )
    with open_history(path, pack="small-city", salt=b"salt"):
        printed = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, text=True
        ).stdout.splitlines()
    assert len(printed) == 2
    assert all("is in use by another program; wait for it to end" in line for line in printed)


def test_a_command_that_has_read_the_history_ends_without_a_word_of_its_own(tmp_path):
    """The database's library complains at the end of a process about what was not freed."""
    path = committed(tmp_path / "h.duckdb")
    told = subprocess.run(
        [sys.executable, "-m", "geo_hotspots", "history", "info", "--history", str(path)],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert told.stderr == ""
    assert "small-city" in told.stdout


def test_several_may_read_at_once(tmp_path):
    path = committed(tmp_path / "h.duckdb")
    with peek_history(path) as one, peek_history(path) as other:
        assert known(one, MONDAY) == known(other, MONDAY)


def test_a_history_of_another_pack_is_refused(tmp_path):
    path = committed(tmp_path / "h.duckdb", pack="elsewhere")
    with pytest.raises(HistoryError, match="belongs to the pack elsewhere, not small-city"):
        committed(path)


def test_a_newer_version_is_refused(tmp_path):
    path = committed(tmp_path / "h.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE meta SET value = '9'::BLOB WHERE name = 'version'")
    with pytest.raises(HistoryError, match=f"of version 9, newer than ours, {VERSION}; upgrade"):
        committed(path)
    with pytest.raises(HistoryError, match="newer than ours"), peek_history(path):
        pass


def test_an_older_version_is_brought_up_to_date_by_a_writer_only(tmp_path, monkeypatch):
    path = committed(tmp_path / "h.duckdb")
    more = (*MIGRATIONS, ("ALTER TABLE runs ADD COLUMN weather VARCHAR",))
    monkeypatch.setattr(store, "MIGRATIONS", more)
    monkeypatch.setattr(store, "VERSION", VERSION + 1)
    outdated = pytest.raises(HistoryError, match="the next run brings it up to date")
    with outdated, peek_history(path):
        pass
    committed(path)
    with peek_history(path) as history:
        assert history.query("SELECT weather FROM runs").num_rows == 0
        assert known(history, MONDAY) == {"A": ("甲", None)}


@pytest.mark.parametrize("failure", [duckdb.TransactionException, duckdb.FatalException])
def test_a_commit_that_the_disk_does_not_take_is_said_in_a_sentence(tmp_path, failure):
    with (
        pytest.raises(HistoryError, match="cannot be read or written: Failed to commit"),
        open_history(tmp_path / "h.duckdb", pack="city", salt=b"s"),
    ):
        raise failure("Failed to commit: No space left on device")


@pytest.mark.parametrize("damage", ["not a database", "cut", "flipped", "other", "folder"])
def test_a_file_that_cannot_be_used_is_said_in_a_sentence(tmp_path, damage):
    path = committed(tmp_path / "h.duckdb")
    data = path.read_bytes()
    if damage == "not a database":
        path.write_bytes(b"hello" * 1000)
    elif damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "flipped":
        path.write_bytes(data[:12288] + bytes(b ^ 255 for b in data[12288:]))
    elif damage == "other":
        path.unlink()
        with duckdb.connect(str(path)) as connection:
            connection.execute("CREATE TABLE theirs (x INT)")
    else:
        path.unlink()
        path.mkdir()
    match = "of something else" if damage == "other" else "cannot be read or written.*anew"
    with pytest.raises(HistoryError, match=match):
        committed(path)


def test_there_is_no_history_before_the_first_run(tmp_path):
    with pytest.raises(HistoryError, match="run once first"), peek_history(tmp_path / "h.duckdb"):
        pass
