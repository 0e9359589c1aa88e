"""What comes back: matched or reported, never guessed; the same file twice changes nothing."""

import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from test_memory import SUNDAYS, asked, files_of, up_to
from test_pipeline import SALT, weeks_of_cases

from geo_hotspots import pipeline
from geo_hotspots.config import Config
from geo_hotspots.errors import HistoryError, InputError
from geo_hotspots.feedback import take_feedback
from geo_hotspots.history import peek_history
from geo_hotspots.history.returns import rectifications_known, visits_known

EVER = date(9999, 12, 31)
NEXT = date(2019, 12, 30)


@pytest.fixture(scope="module")
def monday(city, tmp_path_factory):
    """Run once; give the folder, with its history and the list that patrols are to fill in."""
    folder = tmp_path_factory.mktemp("monday")
    done = pipeline.run(asked(folder, weeks_of_cases()), city, Config(), salt=SALT)
    return folder, done


@pytest.fixture
def history(monday, tmp_path):
    return Path(shutil.copy(monday[0] / "history.duckdb", tmp_path))


def fill(monday, path, *entries):
    """Fill in the list: (sheet, column, text) of its first point."""
    book = openpyxl.load_workbook(monday[1].folder / "patrol.xlsx")
    headers = [cell.value for cell in book["总表"][1]]
    for sheet, column, text in entries:
        book[sheet].cell(2, headers.index(column) + 1).value = text
    book.save(path)
    return path


def told(history, known=visits_known):
    with peek_history(history) as opened:
        return known(opened, EVER)


def test_what_a_patrol_wrote_comes_back_word_for_word_from_whichever_sheet(
    monday, history, city, tmp_path
):
    sheet = fill(
        monday, tmp_path / "filled.xlsx", ("总表", "到场时间", "12月31日 9:40"),
        ("西街道", "处置情况", "仍存在"), ("西二社区", "备注", " =已拍照，锁 3 把"),
        ("西街道", "核查人", "李"),
    )  # fmt: skip
    done = take_feedback([sheet], history, city, Config())
    assert (done.visits.n_new, len(done.problems), done.known_from) == (1, 0, NEXT)
    (visit,) = told(history).to_dict("records")
    assert visit["hotspot_id"] == monday[1].findings.hotspots["hotspot_id"].iloc[0]
    assert visit["day"] == pd.Timestamp("2019-12-31")
    assert [visit[c] for c in ("visited_at", "outcome", "inspector", "note")] == [
        "12月31日 9:40", "仍存在", "李", "=已拍照，锁 3 把",
    ]  # fmt: skip


def test_the_same_sheet_twice_changes_nothing_and_a_corrected_one_corrects(
    monday, history, city, tmp_path
):
    first = fill(monday, tmp_path / "a.xlsx", ("总表", "处置情况", "仍存在"))
    take_feedback([first], history, city, Config())
    before = told(history)
    again = take_feedback([first], history, city, Config(), as_of=date(2020, 3, 1))
    assert vars(again.visits) == {"n_new": 0, "n_changed": 0, "n_same": 1, "n_twice": 0}
    pd.testing.assert_frame_equal(told(history), before)
    corrected = fill(monday, tmp_path / "b.xlsx", ("总表", "处置情况", "已处置"))
    assert take_feedback([corrected], history, city, Config()).visits.n_changed == 1
    assert told(history)["outcome"].tolist() == ["已处置"]


def test_sheets_that_contradict_each_other_are_reported_with_their_rows(
    monday, history, city, tmp_path
):
    sheet = fill(
        monday,
        tmp_path / "torn.xlsx",
        ("总表", "处置情况", "仍存在"),
        ("西街道", "处置情况", "已处置"),
    )
    done = take_feedback([sheet], history, city, Config())
    assert done.visits.n_new == 0
    where = done.problems[["source", "row"]].apply(tuple, axis=1).tolist()
    assert where == [("torn.xlsx#总表", 2), ("torn.xlsx#西街道", 2)]
    assert done.problems["why_en"].str.contains("different things").all()


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([("总表", "处置情况", "弄好了")], "is none of"),
        ([("总表", "处置情况", "已上报"), ("总表", "到场时间", "昨天")], "neither a day nor"),
        ([("总表", "处置情况", "已上报"), ("总表", "点位编号", "P0"), ("总表", "点位名称", "别处")],
         "matches no known point"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_reported_and_not_taken(monday, history, city, entries, why):
    sheet = fill(monday, history.with_name("x.xlsx"), *entries)
    done = take_feedback([sheet], history, city, Config())
    assert done.visits.n_new == 0
    assert done.problems["why_en"].str.contains(why).tolist() == [True]


def test_a_point_whose_id_was_lost_is_known_by_place_and_category(monday, history, city, tmp_path):
    sheet = fill(
        monday, tmp_path / "x.xlsx", ("总表", "处置情况", "未发现"), ("总表", "点位编号", None)
    )
    assert take_feedback([sheet], history, city, Config()).visits.n_new == 1
    hotspots = monday[1].findings.hotspots
    assert told(history)["hotspot_id"].tolist() == hotspots["hotspot_id"].head(1).tolist()


def test_a_register_is_remembered_and_used_from_the_next_run_on(year_run, city, tmp_path):
    folder, history, plain = year_run
    register = tmp_path / "register.csv"
    pd.DataFrame(
        {"点位名称": ["幸福里西区2栋", "不存在的地方", "幸福里西区2栋"], "类别": ["私装地锁"] * 3,
         "整改日期": ["2019-10-01", "2019-10-01", "某天"], "整改单位": ["甲所"] * 3}
    ).to_csv(register, index=False)  # fmt: skip
    done = take_feedback([register], history, city, Config())
    assert done.rectifications.n_new == 1
    assert done.problems["row"].tolist() == [3, 4]
    assert told(history, rectifications_known)["who"].tolist() == ["甲所"]

    request = asked(folder, up_to(weeks_of_cases(), SUNDAYS[2]), history=history)
    again = pipeline.run(request, city, Config(), salt=SALT)
    assert files_of(again.folder) == plain  # what was made before it came is rebuilt without it
    later = pipeline.run(
        asked(folder, weeks_of_cases().tail(1), history=history, as_of=NEXT), city, Config(),
        salt=SALT,
    )  # fmt: skip
    point = later.findings.hotspots.iloc[0]
    assert (point["name"], point["days_since_rectified"]) == ("幸福里西区2号楼", 90)


@pytest.fixture
def year_run(monday, history, tmp_path):
    return tmp_path, history, files_of(monday[1].folder)


def test_a_file_that_is_neither_list_nor_register_is_refused_and_nothing_is_taken(
    monday, history, city, tmp_path
):
    sheet = fill(monday, tmp_path / "a.xlsx", ("总表", "处置情况", "仍存在"))
    (tmp_path / "b.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no register of rectifications"):
        take_feedback([sheet, tmp_path / "b.csv"], history, city, Config())
    assert told(history).empty


def test_a_mistyped_history_is_not_begun(monday, city, tmp_path):
    sheet = fill(monday, tmp_path / "a.xlsx")
    with pytest.raises(HistoryError, match="there is no history"):
        take_feedback([sheet], tmp_path / "no.duckdb", city, Config())
    assert not (tmp_path / "no.duckdb").exists()
