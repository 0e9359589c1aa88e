"""Text that is kept out of memory is the text that was given."""

import tempfile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots.analysis import gather
from geo_hotspots.analysis.gather import in_order
from geo_hotspots.errors import OutputError
from geo_hotspots.shelf import lay_aside

TEXTS = st.lists(st.one_of(st.none(), st.text(max_size=5)), max_size=4)


def frames(parts):
    start = 0
    for part in parts:
        index = pd.RangeIndex(start, start + len(part))
        start += len(part)
        text = pd.Series(part, index, dtype="str")
        yield pd.DataFrame({"content": text, "title": text.str.upper()})


@given(st.lists(TEXTS, min_size=2, max_size=5), st.data())
def test_parts_laid_aside_are_the_parts_end_to_end(parts, data):
    whole = pd.concat([*frames(parts)])
    aside = lay_aside(frames(parts))
    pd.testing.assert_frame_equal(aside, whole)
    n = len(whole)
    mask = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    pd.testing.assert_frame_equal(aside[mask], whole[mask])


@given(st.permutations(range(7)), st.integers(1, 4))
def test_words_keep_to_their_cases_when_those_are_put_in_order(order, at_once):
    day = pd.Timestamp("2019-12-01")
    cases = pd.DataFrame(
        {"reported_at": [day + pd.Timedelta(hours=n // 2) for n in order],
         "case_key": [f"K{n}" for n in order], "content": [f"words of {n}" for n in order]},
    ).astype({"case_key": "str", "content": "str"})  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gather, "_AT_ONCE", at_once)
        ordered = in_order(cases)
    assert ordered["case_key"].tolist() == [f"K{n}" for n in range(7)]
    assert ordered["content"].tolist() == [f"words of {n}" for n in range(7)]
    assert ordered.index.tolist() == [order.index(n) for n in range(7)]


def test_a_single_part_stays_where_it_is():
    (part,) = frames([["a", None]])
    assert lay_aside([part]) is part


def test_parts_are_asked_for_one_after_the_other():
    asked = []

    def parts():
        for i, part in enumerate(frames([["a"], ["b"], ["c"]])):
            asked.append(i)
            yield part

    assert lay_aside(parts())["content"].tolist() == ["a", "b", "c"]
    assert asked == [0, 1, 2]


def test_nobody_else_finds_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    aside = lay_aside(frames([["我家住2单元301"], ["b"]]))
    assert aside["content"].tolist() == ["我家住2单元301", "b"]
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_in_a_sentence(monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(OutputError, match="No space left on device"):
        lay_aside(frames([["a"], ["b"]]))
