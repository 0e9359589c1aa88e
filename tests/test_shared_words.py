"""Columns of words as numbers with names: nothing is told apart or lost that was not before."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots import columns
from geo_hotspots.columns import (
    first_bytes,
    hold_once,
    lay_at,
    lay_end_to_end,
    may_match,
    name_numbers,
    number_names,
    number_rows,
    plain_values,
    sort_rows,
)
from geo_hotspots.hotspots.points.pairs import find_rows

WORDS = ["a", "b", "b/1", "c", None]
ROWS = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)), max_size=30)


TEXTS = st.lists(st.one_of(st.none(), st.text("ab1东\0", max_size=3)), max_size=8)


@given(TEXTS, st.integers(0, 8), st.integers(0, 8))
def test_one_look_at_a_column_finds_what_stands_in_any_of_its_texts(texts, begin, cut):
    part = pd.Series(texts, dtype="str").iloc[begin:]
    both = pd.concat([part.iloc[:cut], part.iloc[cut:]])
    for column in (part, both):
        held = any("1" in text or "东" in text for text in column.dropna())
        assert may_match(column, "[1东]") == held


@given(TEXTS, st.integers(0, 8))
def test_the_first_byte_of_a_text_is_that_which_it_begins_with(texts, begin):
    held = pa.array([text or "" for text in texts], pa.large_string())[begin:]
    first = [(text.encode() or b"\0")[0] for text in held.to_pylist()]
    assert first_bytes(held).tolist() == first


def frame(rows):
    return pd.DataFrame(rows, columns=["spot", "group"], dtype="str")


@given(ROWS, st.booleans(), st.sampled_from([3, 2**62]))
def test_rows_are_numbered_alike_where_they_are_alike_and_in_the_order_of_their_words(
    rows, is_shared, most
):
    plain = frame(rows)
    told = plain.astype("category") if is_shared else plain
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_MOST_NUMBERS", most)
        numbers = number_rows(told["spot"], told["group"])
    keys = [tuple(word or "" for word in row) for row in rows]
    ranks = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    dense = np.unique(numbers, return_inverse=True)[1]
    assert dense.tolist() == [ranks[key] for key in keys]


@given(ROWS, st.sampled_from([3, 2**62]))
def test_equal_rows_are_put_together_in_the_order_of_their_words_and_then_their_own(rows, most):
    told = frame(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_MOST_NUMBERS", most)
        order, number = sort_rows(told["spot"], told["group"])
    keys = [tuple(word or "" for word in row) for row in rows]
    assert order.tolist() == sorted(range(len(rows)), key=lambda row: (keys[row], row))
    ranks = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    assert number.tolist() == [ranks[keys[row]] for row in order]


@given(st.lists(st.integers(-1, 5), max_size=20))
def test_a_column_of_numbered_words_says_the_same_and_has_its_own_words_in_order(numbers):
    words = pd.Index(["z", "a", "z", "m", "", "q"], dtype="str")  # one twice, one empty
    column = name_numbers(np.array(numbers, dtype=np.int32), words)
    said = [words[n] if n >= 0 else None for n in numbers]
    assert [None if pd.isna(word) else word for word in column] == said
    assert column.categories.tolist() == sorted({word for word in said if word is not None})


@given(st.lists(st.sampled_from(["x", "y", "z", None]), max_size=12), st.booleans())
def test_names_that_became_numbers_are_told_apart_as_before(names, is_shared):
    column = pd.Series(names, dtype="str")
    numbers = number_names(column.astype("category") if is_shared else column)
    assert numbers.isna().tolist() == column.isna().tolist()
    assert (pd.factorize(numbers)[0] == pd.factorize(column)[0]).all()
    assert number_names(numbers).equals(numbers)


@given(ROWS, ROWS, st.booleans())
def test_a_pair_is_found_where_an_index_of_both_would_find_it(pairs, rows, is_shared):
    known = frame(pairs).dropna(subset="group").drop_duplicates(ignore_index=True)
    cases = frame(rows).dropna(subset="group").reset_index(drop=True)
    told = cases.astype("category") if is_shared else cases
    index = pd.MultiIndex.from_frame(known.fillna("\x00"))
    row = index.get_indexer(pd.MultiIndex.from_frame(cases.fillna("\x01")))
    assert find_rows(known, told["spot"], told["group"]).tolist() == row.tolist()
    about_b = index.get_indexer(pd.MultiIndex.from_frame(cases.assign(group="b").fillna("\x01")))
    assert find_rows(known, told["spot"], "b").tolist() == about_b.tolist()


@given(st.lists(st.integers(0, 20), unique=True), st.sampled_from(["str", "category", "float64"]))
def test_a_column_laid_at_some_rows_is_missing_in_the_others(rows, kind):
    column = pd.Series([str(row) for row in rows], index=rows, dtype="str").astype(kind)
    laid = lay_at(column, np.array(rows, dtype=np.intp), pd.RangeIndex(21))
    pd.testing.assert_series_equal(laid, column.reindex(range(21)), check_index_type=False)


def test_two_columns_that_say_the_same_are_held_once():
    ids = pd.Series(["1", "2", None], dtype="str")
    held = hold_once(pd.DataFrame({"key": ids.copy(deep=True), "id": ids}), "key", "id")
    key, own = (held[name].array._pa_array for name in held)
    buffers = [[b.address for b in column.chunk(0).buffers() if b] for column in (key, own)]
    assert buffers[0] == buffers[1]
    other = pd.DataFrame({"key": ["1", "3"], "id": ["1", "2"]}, dtype="str")
    assert hold_once(other, "key", "id")["key"].tolist() == ["1", "3"]


@pytest.mark.parametrize("kind", ["str", "object", "int64"])
def test_a_piece_without_a_word_lays_itself_before_one_with_words(kind):
    nothing = pd.Series(pd.Categorical.from_codes([-1, -1], pd.Index([], dtype=kind)))
    words = pd.Series(["b", "a"], index=[2, 3], dtype="str")
    for parts in ([nothing, words.astype("category")], [words.astype("category"), nothing]):
        whole = lay_end_to_end(parts)
        plain = pd.concat([part.astype("str") for part in parts])
        assert list(whole.cat.categories) == ["a", "b"]
        pd.testing.assert_series_equal(whole.astype("str"), plain)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("str", ["甲", None]), ("category", ["甲", None]), ("Int64", [7, None]),
        ("boolean", [True, None]), ("float64", [0.5, None]), ("object", ["甲", None]),
        ("datetime64[us]", [pd.Timestamp("2026-11-23 08:00"), None]), ("int64", [7, 8]),
    ],
)  # fmt: skip
def test_values_are_pythons_own_and_none_where_one_is_missing(kind, values):
    told = plain_values(pd.Series(values, dtype=kind))
    assert told == values
    assert [type(value) for value in told] == [type(value) for value in values]
