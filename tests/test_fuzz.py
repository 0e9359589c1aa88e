"""What fuzzing found, kept; and a taste of it in every run of the tests."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from geo_hotspots.cases.visits import read_list_day, read_visits

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import fuzz


@pytest.mark.parametrize("name", list(fuzz.TARGETS))
def test_a_few_broken_inputs_end_in_no_traceback(name):
    target, state = fuzz.TARGETS[name], {}
    fuzz.feed(name, state, max(4, target.batch // 20))
    assert state[name]["crashes"] == {}


def test_the_fuzzer_finds_the_one_input_that_crashes_and_names_the_place():
    def act(inputs):
        return [1 / value for value in inputs]

    worst, fault = fuzz.smallest(act, [3, 5, 0, 7])
    assert worst == [0]
    assert fault.startswith("ZeroDivisionError in test_fuzz.py:")


def test_a_list_that_nobody_filled_in_holds_no_visit(tmp_path):
    heads = {"点位编号": ["DC-1"], "点位名称": ["某处"], "类别": ["漏雨"], "处置情况": [None]}
    pd.DataFrame(heads).to_excel(tmp_path / "list.xlsx", index=False)
    visits, problems, n_blank = read_visits(tmp_path / "list.xlsx")
    assert (len(visits), len(problems), n_blank) == (0, 0, 1)


def test_a_torn_workbook_tells_no_day(tmp_path):
    (tmp_path / "torn.xlsx").write_bytes(b"PK\x05\x06" + b"\xff" * 40)
    assert read_list_day(tmp_path / "torn.xlsx") is None
