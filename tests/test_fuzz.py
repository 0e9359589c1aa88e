"""What fuzzing found, kept; and a taste of it in every run of the tests."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from geo_hotspots.cases.read import read_cases
from geo_hotspots.cases.visits import read_list_day, read_visits
from geo_hotspots.errors import InputError
from geo_hotspots.places.gazetteer.index import open_gazetteer
from geo_hotspots.places.grammar.text import normalise_texts
from geo_hotspots.places.match.match import match_texts

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


@pytest.mark.parametrize("form", ["{}", "{}\u030a", "w{}"])
def test_every_character_has_an_end_to_its_folding(form):
    plane = [form.format(chr(c)) for c in range(0x10000) if not 0xD800 <= c < 0xE000]
    assert len(normalise_texts(plane)) == len(plane)
    assert normalise_texts(["\u1e98路3号"]) == ["w路3号"]  # casefolds to w and a ring, and back


@pytest.mark.parametrize("text", ["幸福\t😀西区二栋", "幸福😀西区2号楼", "𠀀花胡同8号"])
def test_a_character_beyond_the_first_plane_stops_no_match(city, text):
    found = match_texts([text], open_gazetteer(city))
    assert len(found.score) == 1


def test_a_workbook_whose_directory_points_before_its_begin_is_refused(tmp_path):
    path = tmp_path / "torn.xlsx"
    pd.DataFrame({"来电时间": ["2019-06-21"], "地址": ["某地"]}).to_excel(path, index=False)
    data = path.read_bytes()
    path.write_bytes(data[:40] + data[140:])
    with pytest.raises(InputError, match="is not a sound workbook"):
        read_cases([path])


def test_a_list_that_nobody_filled_in_holds_no_visit(tmp_path):
    heads = {"点位编号": ["DC-1"], "点位名称": ["某处"], "类别": ["漏雨"], "处置情况": [None]}
    pd.DataFrame(heads).to_excel(tmp_path / "list.xlsx", index=False)
    visits, problems, n_blank = read_visits(tmp_path / "list.xlsx")
    assert (len(visits), len(problems), n_blank) == (0, 0, 1)


def test_a_torn_workbook_tells_no_day(tmp_path):
    (tmp_path / "torn.xlsx").write_bytes(b"PK\x05\x06" + b"\xff" * 40)
    assert read_list_day(tmp_path / "torn.xlsx") is None
