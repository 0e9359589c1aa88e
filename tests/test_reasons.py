import pandas as pd
import pytest

from geo_hotspots.hotspots.points.reasons import explain_point, gather_facts

AS_OF = pd.Timestamp("2019-07-14")


def members_of(*days: str, caller: bool = True) -> pd.DataFrame:
    at = pd.to_datetime(list(days)) + pd.Timedelta(hours=9)
    who = [f"c{i}" if caller else None for i in range(len(days))]
    frame = pd.DataFrame({"reported_at": at, "caller": who, "group": "g", "is_echo": False})
    return frame.astype({"caller": "str"})


def row_of(members: pd.DataFrame, done: tuple[str, ...] = (), **more: object) -> dict:
    point = {"best_days": 28.0, "best_end": AS_OF - pd.Timedelta(days=2)} | more
    works = pd.DataFrame({"number": 0, "day": pd.to_datetime(list(done))})
    [facts] = gather_facts(
        members.assign(number=0), pd.DataFrame([point]), works, as_of=AS_OF
    ).to_dict("records")
    row = {"kind": "repeat", "n": len(members), "n_callers": len(members), "n_days": len(members),
           "pvalue": 2e-5, "best_expected": 0.8, "n_decisive": 6.0, "rebounds": 2, "n_open": 3,
           "days_to_rebound": float("nan"), "is_mixed": False, "is_stated": False}  # fmt: skip
    return point | facts | row | more


LOCK = members_of(
    "2019-06-21", "2019-06-22", "2019-06-24", "2019-07-08", "2019-07-09", "2019-07-10", "2019-07-11"
)


def test_a_point_that_came_back_says_when_and_how_often():
    row = row_of(LOCK, done=("2019-06-27",), days_to_rebound=12.0)
    assert explain_point(row, "zh") == (
        "近30天7人7件，同类点位平常0.8人，偶然达到的可能不到千分之一；"
        "6月27日整改后12天反弹，第2次；3件未解决或不满意；若无其中6人的来电则不入选"
    )
    assert explain_point(row, "en") == (
        "7 reports by 7 callers in the last 30 days, where 0.8 callers are usual; chance alone "
        "does so less than once in a thousand; back 12 days after it was rectified on 27 June, "
        "the 2nd time; 3 unresolved or unsatisfied; "
        "without 6 callers of these it would not be listed"
    )


def test_one_of_each_is_said_in_the_singular():
    row = row_of(LOCK, done=("2019-07-07",), days_to_rebound=1.0, n_decisive=1.0, rebounds=1,
                 n_open=0)  # fmt: skip
    assert "back 1 day after it was rectified on 7 July, the 1st time" in explain_point(row, "en")
    assert explain_point(row, "en").endswith("without 1 caller of these it would not be listed")


def test_a_window_of_the_past_is_named_by_its_days_and_the_last_weeks_beside_it():
    spring = members_of("2019-03-03", "2019-03-10", "2019-03-20", "2019-07-01")
    row = row_of(spring, best_end=pd.Timestamp("2019-03-20"))
    assert explain_point(row, "zh").startswith("2月21日至3月20日3人3件，")
    assert "；近28天1人1件；" in explain_point(row, "zh")
    assert "; 1 report by 1 caller in the last 28 days;" in explain_point(row, "en")
    quiet = row_of(spring.head(3), best_end=pd.Timestamp("2019-03-20"))
    assert "；近28天无来电；" in explain_point(quiet, "zh")
    assert "; nobody in the last 28 days;" in explain_point(quiet, "en")


def test_a_window_that_began_last_year_names_both_years():
    row = row_of(members_of("2018-12-30"), best_end=pd.Timestamp("2019-01-02"))
    assert explain_point(row, "zh").startswith("2018年12月6日至2019年1月2日1人1件")
    assert "from 6 December 2018 to 2 January 2019" in explain_point(row, "en")


def test_a_rectification_that_held_and_one_that_half_did():
    held, half = (row_of(LOCK, done=(day,)) for day in ("2019-07-12", "2019-07-10"))
    assert "；7月12日整改后无来电；" in explain_point(held, "zh")
    assert "; rectified on 12 July, no report since;" in explain_point(held, "en")
    assert "；7月10日整改后1件；" in explain_point(half, "zh")
    assert "; rectified on 10 July, 1 report since;" in explain_point(half, "en")


def test_where_nobody_is_named_no_people_are_counted_aloud():
    row = row_of(members_of("2019-07-01", "2019-07-02", "2019-07-03", caller=False))
    assert "人" not in explain_point(row, "zh")
    assert "近30天3件，同类点位平常0.8天" in explain_point(row, "zh")
    assert "caller" not in explain_point(row, "en")


def test_a_point_of_many_troubles_says_how_many():
    members = LOCK.assign(group=["a", "b", "c", "a", "b", "c", "d"])
    row = row_of(members, is_mixed=True)
    assert explain_point(row, "zh").startswith("4类问题合计，近30天7人7件")
    assert "about 4 kinds of trouble together in the last 30 days" in explain_point(row, "en")


def test_a_single_caller_is_not_given_a_chance():
    none = {"best_days": None, "best_end": None, "pvalue": None, "n_decisive": None}
    row = row_of(LOCK.assign(caller="c"), kind="single_caller", n_open=0, **none)
    assert explain_point(row, "zh").startswith("同一来电人反复反映，7天7件")
    assert "chance" not in explain_point(row, "en")


@pytest.mark.parametrize(
    ("chance", "zh", "en"),
    [(5e-4, "不到千分之一", "less than once in a thousand"),
     (5e-3, "不到百分之一", "less than once in a hundred"), (0.02, "约2%", "about once in 50")],
)  # fmt: skip
def test_a_small_chance_is_said_in_words(chance, zh, en):
    row = row_of(LOCK, pvalue=chance, best_expected=0.04)
    assert f"平常不到0.1人，偶然达到的可能{zh}" in explain_point(row, "zh")
    assert f"fewer than 0.1 callers are usual; chance alone does so {en}" in explain_point(
        row, "en"
    )
