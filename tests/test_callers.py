import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots.hotspots.points import echoes as of_echoes
from geo_hotspots.hotspots.points.callers import (
    MISSING_CALLER,
    count_callers,
    number_units,
    weigh_cases,
)
from geo_hotspots.hotspots.points.echoes import follow_closely, mark_echoes

WORDS = "楼下停车位被人私自安装了地锁占用请尽快派人拆除"


def cases_of(*rows: tuple[float, str | None, str | None], spot: str = "s") -> pd.DataFrame:
    """Lay out cases of one spot: hours after the first, caller, content."""
    frame = pd.DataFrame(rows, columns=["hours", "caller", "content"])
    at = pd.Timestamp("2019-06-21 08:00") + pd.to_timedelta(frame.pop("hours"), unit="h")
    frame = frame.assign(reported_at=at, spot=spot, group="g", is_echo=False)
    frame["case_key"] = [f"{spot}{i}" for i in range(len(frame))]
    return frame.astype({"caller": "str", "content": "str"})


def mark(cases: pd.DataFrame) -> pd.Series:
    return mark_echoes(cases, lambda keys: cases["content"].loc[keys.index])


def echoes(*rows: tuple[float, str | None, str | None]) -> list[bool]:
    return mark(cases_of(*rows)).tolist()


def test_words_are_asked_for_only_where_two_reports_came_within_a_day():
    close = follow_closely(cases_of((0, "a", None), (24, "b", None), (49, "c", None)))
    assert close.tolist() == [True, True, False]


def test_the_same_words_within_a_day_are_one_report_whoever_says_them():
    assert echoes((0, "a", WORDS), (3, "b", WORDS), (20, None, WORDS + "。")) == [False, True, True]


def test_the_same_words_after_more_than_a_day_are_another_report():
    assert echoes((0, "a", WORDS), (25, "b", WORDS)) == [False, False]


def test_other_words_and_short_words_are_reports_of_their_own():
    other = "地下室夜里漏水已经三天没有人来修理非常着急"
    assert (
        echoes((0, "a", WORDS), (1, "b", other), (2, "c", "地锁"), (3, "d", "地锁")) == [False] * 4
    )


def test_the_set_words_of_a_form_are_nobodys_echo():
    many = [cases_of((0, "a", WORDS), (1, "b", WORDS), spot=f"t{i}") for i in range(3)]
    assert not mark(pd.concat(many, ignore_index=True)).any()
    assert mark(pd.concat(many[:2], ignore_index=True)).sum() == 2


def test_cases_without_a_spot_or_without_words_echo_nothing():
    nowhere = cases_of((0, "a", WORDS), (1, "b", WORDS)).assign(spot=None)
    assert not mark(nowhere).any()
    assert echoes((0, "a", None), (1, "b", None)) == [False, False]


@given(st.permutations(range(12)))
@settings(max_examples=10)
def test_the_order_of_rows_changes_no_echo(order):
    rows = [(h, f"c{h}", WORDS + "再" * (h % 3)) for h in range(0, 240, 20)]
    cases = cases_of(*rows)
    turned = mark(cases.iloc[list(order)])
    pd.testing.assert_series_equal(turned.sort_index(), mark(cases))


SAYING = st.sampled_from([WORDS, WORDS + "。", WORDS[:-4] + "车库", "地锁", WORDS[2:] * 2])


@given(
    st.lists(st.tuples(st.integers(0, 90), st.sampled_from("stuv"), SAYING), max_size=40),
    st.integers(1, 9),
)
@settings(max_examples=60)
def test_words_read_in_blocks_are_the_same_echoes(rows, at_once):
    parts = [cases_of((hour, None, text), spot=spot) for hour, spot, text in rows]
    cases = pd.concat(parts or [cases_of()], ignore_index=True)
    whole = mark(cases)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of_echoes, "_AT_ONCE", at_once)
        pd.testing.assert_series_equal(mark(cases), whole)


def count(cases: pd.DataFrame) -> list[int]:
    return count_callers(cases, pd.Series("x", cases.index)).tolist()


def test_a_caller_counts_again_after_a_week_and_the_nameless_count_less():
    cases = cases_of((0, "a", None), (24, "a", None), (24 * 9, "a", None), (5, None, None))
    assert weigh_cases(cases).tolist() == [1.0, 0.0, 1.0, MISSING_CALLER]
    assert count(cases) == [1]
    assert count(cases.head(0)) == []


def test_an_echo_weighs_nothing_and_is_nobody():
    cases = cases_of((0, "a", WORDS), (1, "b", WORDS), (30, "c", None))
    cases = cases.assign(is_echo=mark(cases))
    assert weigh_cases(cases).tolist() == [1.0, 0.0, 1.0]
    assert count(cases) == [2]


def test_where_nobody_is_named_days_stand_for_callers():
    cases = cases_of((0, None, None), (2, None, None), (30, None, None), (24 * 9, None, None))
    assert weigh_cases(cases).tolist() == [1.0, 0.0, 1.0, 1.0]
    assert number_units(cases)["unit"].nunique() == 3
    assert count(cases) == [3]


def test_a_point_of_echoes_and_of_nameless_cases_has_somebody():
    cases = cases_of((0, None, None), (1, None, None), (2, "a", None))
    point = pd.Series(["nameless", "nameless", "echo"])
    echoed = cases.assign(is_echo=[False, False, True])
    assert count_callers(echoed, point).to_dict() == {"echo": 1, "nameless": 1}


def test_a_nameless_case_is_like_no_other():
    units = number_units(cases_of((0, "a", None), (1, None, None), (2, None, None), (3, "a", None)))
    assert units["unit"].nunique() == 3
    assert units["worth"].tolist() == [1.0, MISSING_CALLER, MISSING_CALLER, 1.0]
