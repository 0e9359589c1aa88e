import numpy as np
import pandas as pd
import pytest

from geo_hotspots.hotspots.areas.breaks import BREAK_COLUMNS, level_shifts, tell_shifts

AS_OF = pd.Timestamp("2019-08-11")
DAYS = pd.date_range("2018-08-20", AS_OF)


def cases(seed=1, **rates):
    """Cases of each category, at a rate per day that a function of the day gives."""
    rng = np.random.default_rng(seed)
    frames = [
        pd.DataFrame({"reported_at": DAYS.repeat(rng.poisson([rate(day) for day in DAYS]))})
        .assign(category_1=name)
        for name, rate in rates.items()
    ]  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def steady(_):
    return 8.0


def merged(day):
    return 6.0 if day >= pd.Timestamp("2019-07-08") else 0.05


def gone(day):
    return 0.02 if day >= pd.Timestamp("2019-07-08") else 4.0


def test_another_hotline_that_joins_is_found_with_its_day():
    shifts = level_shifts(cases(物业=steady, 市场管理=merged, 旧名=gone), AS_OF)
    assert (*shifts.columns,) == BREAK_COLUMNS
    assert set(shifts["category"]) == {"市场管理", "旧名"}
    market = shifts.set_index("category").loc["市场管理"]
    assert abs((market["since"] - pd.Timestamp("2019-07-08")).days) <= 1
    assert market["before"] < 1
    assert market["after"] > 30


def test_it_is_found_within_a_week_and_told_for_a_quarter():
    city = cases(物业=steady, 市场管理=merged)

    def seen(day):
        return not level_shifts(city[city["reported_at"] < day], day - pd.Timedelta(days=1)).empty

    assert [seen(pd.Timestamp(d)) for d in ("2019-07-08", "2019-07-14", "2019-08-11")] == [
        False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rate",
    [
        lambda day: 12.0 if day >= pd.Timestamp("2019-07-08") else 4.0,
        lambda day: 40.0 if pd.Timestamp("2019-07-20") <= day < pd.Timestamp("2019-07-23") else 0.3,
        lambda day: 6.0 if day < pd.Timestamp("2019-03-15") else 0.05,
        lambda day: {9: 3.0, 7: 9.0, 8: 9.0}.get(day.month, 0.05),
        lambda day: 6.0 if pd.Timestamp("2018-11-10") < day < pd.Timestamp("2019-06-15") else 0.05,
        lambda day: 6.0 if not pd.Timestamp("2018-10-01") < day < pd.Timestamp("2019-07-01") else 0,
    ],
    ids=[
        "a rise",
        "a flood",
        "a break of long ago",
        "a weaker season before",
        "a season's end",
        "a season that returns",
    ],
)
def test_what_is_no_change_of_the_counting(rate):
    assert level_shifts(cases(物业=steady, 其他=rate), AS_OF).empty


def test_steady_categories_are_rarely_called_broken():
    found = [
        len(level_shifts(cases(seed, 甲=steady, 乙=lambda _: 0.3), AS_OF)) for seed in range(9)
    ]
    assert sum(found) == 0


def test_a_few_days_of_data_say_nothing():
    late = cases(市场管理=merged).query("reported_at > '2019-07-20'")
    assert level_shifts(late, AS_OF).empty
    assert level_shifts(late.iloc[:0], AS_OF).empty


def test_the_note_names_category_day_and_levels_in_both_languages():
    shifts = pd.DataFrame(
        [("市场管理", pd.Timestamp("2019-07-08"), 0.34, 41.0, 1e-9)], columns=list(BREAK_COLUMNS)
    )
    (note,) = tell_shifts(shifts)
    assert "“市场管理”约自2019年7月8日起，由平均每周0.3件变为41.0件" in note.zh
    assert "“市场管理” went from 0.3 to 41.0 cases a week on about 2019-07-08" in note.en
