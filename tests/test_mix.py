"""What else is reported from a place, and what is kept back."""

import pandas as pd

from geo_hotspots.hotspots.points.mix import mix_categories


def frame(*rows):
    columns = ["hotspot_id", "spot", "group", "caller"]
    return pd.DataFrame(rows, columns=columns).assign(reported_at=pd.Timestamp("2026-11-01"))


def mixed(cases, since="2026-01-01"):
    return mix_categories(cases, since=pd.Timestamp(since), min_callers=2).to_dict()


def test_a_place_tells_all_its_categories_most_first():
    cases = frame(
        ("P1", "a", "停车", "x"), ("P1", "a", "停车", "y"),
        (None, "a", "漏水", "x"), (None, "a", "漏水", "y"), (None, "a", "漏水", "z"),
        (None, "b", "噪声", "x"), (None, "b", "噪声", "y"),
    )  # fmt: skip
    assert mixed(cases) == {"P1": [("漏水", 3), ("停车", 2)]}


def test_what_too_few_report_is_told_without_its_category():
    cases = frame(
        ("P1", "a", "停车", "x"), ("P1", "a", "停车", "y"),
        (None, "a", "家庭纠纷", "x"), (None, "a", "家庭纠纷", "x"),
    )  # fmt: skip
    assert mixed(cases) == {"P1": [("停车", 2), ("", 2)]}


def test_cases_before_the_window_do_not_count():
    cases = frame(("P1", "a", "停车", "x"), ("P1", "a", "停车", "y"))
    assert mixed(cases, since="2026-11-02") == {"P1": []}
