"""Callers become hashes; what tells who somebody is, is found."""

import hashlib

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots.cases.privacy import find_secrets, hash_callers, normalise_caller, scrub

SALT = b"a salt of this test"


def hashes(*callers):
    return hash_callers(pd.Series(callers, dtype="str"), salt=SALT)


def test_one_number_in_any_dress_is_one_caller():
    dresses = ["13800001234", "+86 138 0000 1234", "86-138-0000-1234", "１３８００００１２３４",
               "13800001234.0", "李红 13800001234", "008613800001234"]  # fmt: skip
    assert len(set(hashes(*dresses))) == 1


def test_a_caller_keeps_his_hash_from_year_to_year():
    key = hashlib.blake2b(SALT).digest()
    hashed = hashlib.blake2b(b"13800001234", key=key, digest_size=16).hexdigest()
    assert hashes("13800001234", "+86 13800001234").tolist() == [hashed, hashed]


def test_other_numbers_and_other_salts_give_other_hashes():
    assert hashes("13800001234", "13800001235", "65123456", "010-65123456").nunique() == 4
    other = hash_callers(pd.Series(["13800001234"]), salt=b"other")
    assert other[0] != hashes("13800001234")[0]


@pytest.mark.parametrize(
    "nobody",
    [
        "匿名",
        "无",
        "不详",
        "保密",
        "0",
        "********",
        "00000000000",
        "",
        " ",
        "-",
        "张先生",
        "女士",
        None,
    ],
)
def test_where_nobody_is_named_the_hash_is_missing(nobody):
    assert hashes(nobody).isna().all()


def test_the_index_and_missing_callers_stay():
    hashed = hash_callers(pd.Series(["13800001234", None], index=["b", "a"]), salt=SALT)
    assert hashed.index.tolist() == ["b", "a"]
    assert hashed.isna().tolist() == [False, True]


def test_an_empty_salt_is_refused():
    with pytest.raises(ValueError, match="salt must not be empty"):
        hash_callers(pd.Series(["1"]), salt=b"")


@given(st.lists(st.text(max_size=14)))
def test_a_hash_tells_nothing_of_its_caller(callers):
    callers = [caller.encode("utf-8", "ignore").decode() for caller in callers]
    for caller, hashed in zip(callers, hashes(*callers), strict=True):
        if normalise_caller(caller):
            assert len(hashed) == 32
            assert set(hashed) <= set("0123456789abcdef")
        else:
            assert pd.isna(hashed)


SECRETS = {
    "电话13800001234请回电": "phone",
    "+86 138-0000-1234": "phone",
    "座机010-65123456": "phone",
    "65123456": "phone",
    "身份证110101199003071234": "id_number",
    "11010119900307123X": "id_number",
    "2号楼3单元501室": "room",
    "5单元1201": "room",
    "忠实里2-3-501": "room",
    "住401号房": "room",
}


@pytest.mark.parametrize(("text", "kind"), SECRETS.items())
def test_secrets_are_found_and_scrubbed(text, kind):
    found = find_secrets(pd.Series([text], index=["here"]))
    assert found["kind"].tolist() == [kind]
    assert found.index.tolist() == ["here"]
    assert find_secrets(scrub(pd.Series([text]))).empty


@pytest.mark.parametrize(
    "text",
    [
        "2019-06-21 09:30:00",
        "9:30-10:30",
        "116.407395,39.904211",
        "8931aa4c65bffff",
        "2019-W47",
        "忠实里西区2号楼",
        "前门东大街2号楼",
        "BJ1000000001",
        "20190621000123456789",
        "三里屯路19号",
        "8931aa13800001234",
        "116.13800001234",
        "东四10条",
        "20190621",
    ],
)
def test_dates_coordinates_cells_and_buildings_are_no_secrets(text):
    assert find_secrets(pd.Series([text])).empty


def test_missing_text_stays_missing_when_scrubbed():
    assert scrub(pd.Series([None, "致电13800001234"], dtype="str")).fillna("-").tolist() == [
        "-",
        "致电***",
    ]
