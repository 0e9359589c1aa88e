"""From text to cases: every row in exactly one place, every time read as it was meant."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots.cases.categories import UNCATEGORISED
from geo_hotspots.cases.clean import MAX_TEXT, clean_text
from geo_hotspots.cases.degrees import parse_degrees
from geo_hotspots.cases.flags import parse_flags
from geo_hotspots.cases.normalise import normalise_cases
from geo_hotspots.cases.privacy import find_secrets
from geo_hotspots.cases.times import parse_times
from geo_hotspots.schema import CASES, RAW_TEXT

BEIJING = "Asia/Shanghai"


def raw_frame(rows, **attrs):
    frame = pd.DataFrame([{"reported_at": "2019-06-21 09:30"} | row for row in rows])
    frame = frame.reindex(columns=RAW_TEXT).astype("str")
    frame.insert(0, "row", np.arange(len(frame)) + 2)
    frame.insert(0, "source", pd.Series("a.csv", index=frame.index, dtype="str"))
    frame.attrs.update(attrs)
    return frame


def normalise(*rows, timezone=BEIJING, **attrs):
    return normalise_cases([raw_frame(rows, **attrs)], timezone=timezone, salt=b"salt")


def times(*texts, timezone=BEIJING, utc=False):
    text = pd.Series(texts, dtype="str")
    read = parse_times(text, timezone=timezone, utc=pd.Series(utc, index=text.index))
    return [None if pd.isna(time) else time.isoformat(" ") for time in read]


# --- piece by piece


def cut(raw, size):
    """Cut a frame as the reader does: what is said of all comes with every piece."""
    return [raw.iloc[at : at + size] for at in range(0, len(raw), size)]


@settings(deadline=None, max_examples=20)
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "case_id": st.sampled_from(["A", "B", "a.csv#2", None]),
                "reported_at": st.sampled_from(
                    ["2019-06-21", "06/21/2019", "21/06/2019", "06/05/2019", "x", None, "1800-1-1"]
                ),
                "closed_at": st.sampled_from(["06/07/2019", "06/27/2019", "x", None]),
                "category": st.sampled_from(["a-b", "a-c", "环境/噪声", "d", "a->b", None]),
                "satisfied": st.sampled_from(["是", "不满意", "?", None]),
                "content": st.sampled_from(["请拨13800001234", "甲" * (MAX_TEXT + 1), None]),
                "caller": st.sampled_from(["13800001234", "匿名", None]),
            },
        ),
        min_size=1, max_size=12,
    ),
    st.integers(2, 6),
    st.sampled_from([(), ("a.csv",)]),
)  # fmt: skip
def test_cases_in_pieces_are_the_cases_of_the_whole(rows, size, inexact):
    raw = raw_frame(rows, inexact_ids=inexact, notes=())
    whole, lost = normalise_cases([raw], timezone=BEIJING, salt=b"salt")
    cases, rejected = normalise_cases(cut(raw, size), timezone=BEIJING, salt=b"salt")
    pd.testing.assert_frame_equal(rejected, lost)
    assert cases.attrs == whole.attrs
    texts = [name for name, kind in CASES.columns.items() if kind == "text"]
    plain = dict.fromkeys(texts, "str")
    pd.testing.assert_frame_equal(cases.astype(plain), whole.astype(plain))


def test_what_is_said_of_many_cases_is_kept_once():
    cases, _ = normalise({"category": "环境", "street": "东四"}, {"category": "环境"})
    assert {"category", "category_1", "street_given", "source", "channel"} <= set(
        cases.select_dtypes("category")
    )


# --- every row once

ANY = st.one_of(
    st.none(),
    st.sampled_from(["", " ", "1", "2019-06-21", "20190621093000", "2019年6月21日", "匿名", "a->b",
                     "0001-01-01T00Z", "9999-12-31T23:59:59-12:00", "43637.5", "06/21/2019"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.dictionaries(st.sampled_from(RAW_TEXT), ANY), min_size=1, max_size=8),
    st.sampled_from([(), ("a.csv",)]),
)
def test_every_row_is_a_case_or_rejected_with_a_reason_never_both(rows, marked):
    raw = raw_frame(rows, inexact_ids=marked, utc_columns={"reported_at": marked})
    raw.index = raw.index[::-1] * 3
    cases, rejected = normalise_cases([raw], timezone=BEIJING, salt=b"salt")
    assert sorted([*cases.index, *rejected.index]) == sorted(raw.index)
    CASES.check(cases)
    assert list(cases.columns) == list(CASES.columns)
    assert cases[["reported_at", "case_id", "category", "category_3"]].notna().all(axis=None)
    assert list(rejected.columns) == [
        "source", "row", "case_id", "status", "reason_zh", "reason_en",
    ]  # fmt: skip
    assert rejected.notna().all(axis=None)
    assert set(rejected["status"]) <= {"rejected", "superseded"}
    assert not rejected["reason_en"].str.contains("\n").any()


def test_a_time_that_is_none_is_rejected_with_its_reason():
    cases, rejected = normalise(
        {"reported_at": None},
        {"reported_at": "昨天"},
        {"reported_at": "2019-02-30"},
        {"reported_at": "1989-12-31"},
        {"reported_at": "2101-01-01"},
        {"reported_at": "2100-12-31 23:59:59"},
    )
    assert cases.index.tolist() == [5]
    assert rejected["reason_en"].tolist() == [
        "there is no time of the report",
        "the time of the report is not a time: ***",
        "the time of the report is not a time: 2019-02-30",
        "the time of the report is not between 1990 and 2100: 1989-12-31",
        "the time of the report is not between 1990 and 2100: 2101-01-01",
    ]


def test_a_reason_does_not_repeat_what_a_caller_said_or_their_number():
    _, rejected = normalise({"reported_at": "13800001234"}, {"reported_at": "张三住501室"})
    assert rejected["reason_zh"].tolist() == ["来电时间不是时间:***"] * 2
    assert find_secrets(rejected["reason_en"]).empty


def test_the_later_row_of_a_case_wins_and_the_earlier_says_which():
    cases, rejected = normalise(
        {"case_id": "A", "resolved": "未解决"},
        {"case_id": "B"},
        {"case_id": " Ａ", "resolved": "已解决"},
    )
    assert cases.index.tolist() == [1, 2]
    assert cases.loc[2, "resolved"]
    assert rejected.loc[0, ["status", "reason_en"]].tolist() == [
        "superseded",
        "a later row updates the same case: a.csv#4",
    ]


def test_a_later_row_that_is_unusable_does_not_take_the_case_away():
    cases, rejected = normalise({"case_id": "A"}, {"case_id": "A", "reported_at": "x"})
    assert cases.index.tolist() == [0]
    assert rejected["status"].tolist() == ["rejected"]


def test_rows_without_an_id_are_cases_of_their_own():
    cases, _ = normalise({}, {})
    assert cases["case_id"].tolist() == ["a.csv#2", "a.csv#3"]


def test_ids_that_lost_their_digits_do_not_swallow_other_cases():
    same = [{"case_id": "2019", "reported_at": t} for t in ("2019-06-21", "2019-06-22")]
    assert len(normalise(*same)[0]) == 1
    assert len(normalise(*same, inexact_ids=("a.csv",))[0]) == 2


def test_the_readers_notes_go_on_and_a_cut_is_noted_with_its_row():
    cases, _ = normalise({}, {"content": "锁" * (MAX_TEXT + 1)}, notes=("read",))
    assert len(cases.loc[1, "content"]) == MAX_TEXT
    assert cases.attrs["notes"][0] == "read"
    assert "a.csv#3" in cases.attrs["notes"][1].en


# --- times


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2019-06-21 09:30:00", "2019-06-21 09:30:00"),
        ("2019-06-21T09:30:15.123456", "2019-06-21 09:30:15"),
        ("2019-06-21", "2019-06-21 00:00:00"),
        ("2019/6/21 9:30", "2019-06-21 09:30:00"),
        ("2019.6.1 9:05:07", "2019-06-01 09:05:07"),
        ("2019年6月21日 9时30分", "2019-06-21 09:30:00"),
        ("2019年6月21日9点", "2019-06-21 09:00:00"),
        ("2019年06月21日 09时30分15秒", "2019-06-21 09:30:15"),
        ("2019年6月21日 星期五 下午3:20", "2019-06-21 15:20:00"),
        ("2019年6月21日", "2019-06-21 00:00:00"),
        ("２０１９－０６－２１　０９：３０", "2019-06-21 09:30:00"),
        ("20190621", "2019-06-21 00:00:00"),
        ("20190621093000", "2019-06-21 09:30:00"),
        ("20190621 09:30:00", "2019-06-21 09:30:00"),
        ("201906210930", "2019-06-21 09:30:00"),
        ("43637", "2019-06-21 00:00:00"),
        ("43637.3958333333", "2019-06-21 09:30:00"),
        ("06/21/2019 09:30:00 PM", "2019-06-21 21:30:00"),
        ("06/21/2019 12:05 AM", "2019-06-21 00:05:00"),
        ("21/06/2019", "2019-06-21 00:00:00"),
        ("2019-06-21T01:30:00Z", "2019-06-21 09:30:00"),
        ("2019-06-21T09:30:00+08:00", "2019-06-21 09:30:00"),
        ("2019-06-21 01:30:00.000000Z", "2019-06-21 09:30:00"),
        ("2019-06-20T20:30:00-0500", "2019-06-21 09:30:00"),
        ("2019-06-21 24:00:00", "2019-06-22 00:00:00"),
        ("2019-06-21 24:00:01", None),
        ("2019-06-31 09:30:00", None),
        ("2019-06-21 23:59:60", None),
        ("2019-06-2109:30:00", None),
        ("12019-06-21 09:30:00", None),
        ("2019-06-21 9:60", None),
        ("2019-02-29", None),
        ("25568", None),
        ("80001", None),
        ("09:30", None),
        ("06/07/2019", None),
        ("19-06-21", None),
        ("", None),
    ],
)
def test_a_time_is_read_as_a_person_reads_it(text, read):
    assert times(text) == [read]


def test_spellings_may_be_mixed_in_one_column():
    assert times("2019-06-21", "2019/6/21 9:30", None, "43637", "x", "2019-06-21T01:30:00Z") == [
        "2019-06-21 00:00:00",
        "2019-06-21 09:30:00",
        None,
        "2019-06-21 00:00:00",
        None,
        "2019-06-21 09:30:00",
    ]


def test_month_and_day_are_told_apart_by_the_whole_column_or_not_at_all():
    assert times("06/07/2019", "06/21/2019") == ["2019-06-07 00:00:00", "2019-06-21 00:00:00"]
    assert times("06/07/2019", "21/06/2019") == ["2019-07-06 00:00:00", "2019-06-21 00:00:00"]
    assert times("06/07/2019", "06/21/2019", "21/06/2019") == [None, None, None]


def test_a_header_that_says_utc_turns_plain_times_into_local_ones():
    assert times("2013-07-01T12:00:00", timezone="America/New_York", utc=True) == [
        "2013-07-01 08:00:00"
    ]
    raw = [{"reported_at": "2013-01-01T12:00:00", "closed_at": "2013-01-01T12:00:00"}]
    cases, _ = normalise(*raw, timezone="America/New_York", utc_columns={"reported_at": ("a.csv",)})
    assert cases.loc[0, "reported_at"] == pd.Timestamp("2013-01-01 07:00")
    assert cases.loc[0, "closed_at"] == pd.Timestamp("2013-01-01 12:00")


@settings(deadline=None, max_examples=40)
@given(st.datetimes(pd.Timestamp(1990, 1, 1), pd.Timestamp(2100, 12, 31)))
def test_every_spelling_of_a_moment_is_that_moment(moment):
    moment = moment.replace(second=0, microsecond=0)
    spellings = [
        f"{moment:%Y-%m-%d %H:%M:%S}",
        f"{moment.year}/{moment.month}/{moment.day} {moment.hour}:{moment:%M:%S}",
        f"{moment:%Y}年{moment.month}月{moment.day}日 {moment.hour}时{moment.minute}分",
        f"{moment:%Y%m%d%H%M%S}",
        f"{moment:%Y-%m-%dT%H:%M:%S}+08:00",
    ]
    assert set(times(*spellings)) == {moment.isoformat(" ")}


# --- categories


@pytest.mark.parametrize(
    "written",
    ["物业->停车->地锁", "物业 → 停车 → 地锁", "物业—>停车—>地锁", "物业>停车>地锁",
     "物业－＞停车－＞地锁", "物业/停车/地锁", "物业|停车|地锁", "物业-停车-地锁",
     "物业-&gt;停车-&gt;地锁"],
)  # fmt: skip
def test_levels_in_one_column_are_split_whatever_stands_between(written):
    cases, _ = normalise({"category": written})
    named = ["category", "category_1", "category_2", "category_3"]
    assert cases.loc[0, named].tolist() == ["物业->停车->地锁", "物业", "停车", "地锁"]


def test_levels_in_three_columns_are_joined_and_what_lacks_falls_back_to_the_level_above():
    cases, _ = normalise(
        {"category": "物业", "category_2": "停车", "category_3": "地锁"},
        {"category": "物业", "category_2": "停车"},
        {"category": "物业->停车", "category_2": "停车", "category_3": "地锁"},
        {"category": "物业"},
        {},
    )
    assert cases["category"].tolist() == [
        "物业->停车->地锁", "物业->停车", "物业->停车->地锁", "物业", UNCATEGORISED,
    ]  # fmt: skip
    assert cases["category_3"].tolist() == ["地锁", "停车", "地锁", "物业", UNCATEGORISED]


def test_a_slash_in_few_names_is_part_of_the_name():
    names = ["Broken/ Open manhole", "Illegal Parking", "Noise - Residential"]
    cases, _ = normalise(*({"category": name} for name in names))
    assert cases["category_1"].tolist() == names


# --- text, flags, numbers, callers


def test_text_is_stripped_narrowed_and_freed_of_what_cannot_be_seen():
    text = pd.Series(["\u3000忠实里２号楼\u200b\r\nＡ座\x00\u202e ", "㈱（甲）①", "\t", None])
    assert clean_text(text).fillna("-").tolist() == ["忠实里2号楼  A座", "㈱（甲）①", "-", "-"]


def test_blank_or_unasked_is_not_no():
    words = [
        "是",
        "否",
        " 已解决",
        "未解决",
        "不满意",
        "基本满意",
        "Y",
        "0",
        "TRUE",
        "未回访",
        None,
    ]
    flags, is_unknown = parse_flags(pd.Series(words))
    expected = [True, False, True, False, False, True, True, False, True, pd.NA, pd.NA]
    assert flags.fillna(value=False).tolist() == [x is True for x in expected]
    assert flags.isna().tolist() == [x is pd.NA for x in expected]
    assert not is_unknown.any()


def test_a_flag_that_is_neither_is_missing_and_noted():
    cases, _ = normalise({"resolved": "也许"}, {"resolved": "是"})
    assert cases["resolved"].isna().tolist() == [True, False]
    assert "resolved: 1 values" in cases.attrs["notes"][0].en


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("116.4075", 116.4075),
        (" １１６.5", 116.5),
        ("116.5°", 116.5),
        ("116.5°E", 116.5),
        ("东经116.5度", 116.5),
        ("116,5", 116.5),
        ("116.5,", 116.5),
        ("116°30′0″", 116.5),
        ("73.5W", -73.5),
        ("-73.5", -73.5),
        ("9999", 9999.0),
        ("0", 0.0),
    ],
)
def test_degrees_are_read_and_their_range_is_not_judged(text, degrees):
    cases, rejected = normalise({"lng": text})
    assert cases.loc[0, "lng_given"] == pytest.approx(degrees)
    assert rejected.empty


@pytest.mark.parametrize("text", ["", "x", "inf", "nan", "116.4 39.9", "--1"])
def test_what_is_no_number_is_missing_and_the_case_stays(text):
    assert parse_degrees(pd.Series([text])).isna().all()
    assert len(normalise({"lat": text})[0]) == 1


def test_callers_leave_as_hashes_only():
    cases, _ = normalise({"caller": "13800001234"}, {"caller": "138 0000 1234"}, {"caller": "匿名"})
    assert cases["caller"].isna().tolist() == [False, False, True]
    assert cases.loc[0, "caller"] == cases.loc[1, "caller"]
    assert find_secrets(cases["caller"]).empty


def test_what_the_operator_filled_in_keeps_its_name():
    row = {"district": "东城区", "street": "建国门街道", "community": "赵家楼社区"}
    cases, _ = normalise(row)
    assert cases.loc[0, [f"{name}_given" for name in row]].tolist() == list(row.values())


def test_other_times_that_are_none_are_missing_and_the_case_stays():
    cases, _ = normalise({"closed_at": "x", "due_at": "1900-01-01", "replied_at": "2019/6/22"})
    assert cases.loc[0, ["closed_at", "due_at"]].isna().all()
    assert cases.loc[0, "replied_at"] == pd.Timestamp("2019-06-22")
