"""A point keeps its name: by key, by its cases, by its place, one to one, in any order."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots.hotspots.points.identity import Known, hash_key, name_pairs, name_points
from geo_hotspots.hotspots.points.repeats import MIXED

METRE = 1 / 111_195
LOCKS, LEAKS = "停车/地锁", "房屋/漏雨"


def cases_at(spots):
    """Make cases from {spot: (group, metres north of 39.9, case keys)}."""
    rows = [
        {"case_key": key, "spot": spot, "ground": spot, "group": group, "lng": 116.4,
         "lat": 39.9 + metres * METRE, "uncertainty_m": 20.0}
        for spot, (group, metres, keys) in spots.items()
        for key in keys
    ]  # fmt: skip
    return pd.DataFrame(rows).set_index("case_key")


def listed(cases):
    return cases[["spot", "group"]].drop_duplicates(ignore_index=True)


class Weeks:
    """Runs one after the other, each told what the ones before it left."""

    def __init__(self):
        self.known, self.week = Known.nothing(), 0

    def run(self, spots):
        """Give {spot: name} of a week; remember it."""
        cases, self.week = cases_at(spots), self.week + 1
        points = listed(cases)
        named = name_points(points, cases, self.known)
        self.lineage = list(named.lineage.itertuples(index=False, name=None))
        points = points.assign(hotspot_id=named.ids)
        at = cases.groupby(["spot", "group"], as_index=False)[["lng", "lat"]].median()
        borne = points.merge(at).assign(
            as_of=pd.Timestamp(2019, 1, 1) + pd.Timedelta(weeks=self.week)
        )
        keys = pd.concat([self.known.keys, borne]).drop_duplicates(
            ["hotspot_id", "spot", "group"], keep="last"
        )
        now = cases.reset_index().merge(points).set_index("case_key")["hotspot_id"]
        members = pd.concat([self.known.members, now])
        self.known = Known(keys, members[~members.index.duplicated(keep="last")])
        return dict(zip(points["spot"], points["hotspot_id"], strict=True))


@pytest.fixture
def weeks():
    return Weeks()


def test_a_new_point_is_named_by_its_key(weeks):
    assert weeks.run({"A": (LOCKS, 0, "abc")}) == {"A": hash_key("A", LOCKS)}


def test_a_key_is_known_again_whatever_the_cases(weeks):
    first = weeks.run({"A": (LOCKS, 0, "abc")})
    assert weeks.run({"A": (LOCKS, 500, "xyz")}) == first
    assert weeks.lineage == []


def test_a_point_under_a_new_key_is_known_by_half_of_its_cases(weeks):
    name = weeks.run({"@1": (LOCKS, 0, "abc")})["@1"]
    assert weeks.run({"@2": (LOCKS, 100, "abcdef")}) == {"@2": name}
    assert weeks.lineage == [(name, name, "rename")]


def test_fewer_than_half_of_its_cases_do_not_make_it_the_same(weeks):
    name = weeks.run({"@1": (LOCKS, 0, "abc")})["@1"]
    assert weeks.run({"@2": (LOCKS, 100, "abcdefg")})["@2"] != name


@pytest.mark.parametrize(
    ("metres", "group", "is_same"), [(39, LOCKS, True), (41, LOCKS, False), (5, LEAKS, False)]
)
def test_without_common_cases_it_is_known_by_place_and_kind(weeks, metres, group, is_same):
    name = weeks.run({"@1": (LOCKS, 0, "abc")})["@1"]
    assert (weeks.run({"@2": (group, metres, "xyz")})["@2"] == name) is is_same


def test_a_neighbour_does_not_take_the_name_of_a_point_that_is_still_there(weeks):
    name = weeks.run({"A": (LOCKS, 0, "abc")})["A"]
    cases = cases_at({"A": (LOCKS, 0, "abc"), "B": (LOCKS, 10, "xyz")})
    only_b = listed(cases).query("spot == 'B'")
    assert name_points(only_b, cases, weeks.known).ids.tolist() == [hash_key("B", LOCKS)]
    assert name != hash_key("B", LOCKS)


def test_a_point_of_all_categories_together_is_known_by_its_cases_too(weeks):
    def run(ground, keys):
        cases = cases_at({"A": (LOCKS, 0, keys[:3]), "B": (LEAKS, 0, keys[3:])})
        points = pd.DataFrame({"spot": [ground], "group": [MIXED]})
        named = name_points(points, cases.assign(ground=ground), weeks.known)
        weeks.known = Known(
            points.assign(
                hotspot_id=named.ids, lng=116.4, lat=39.9, as_of=pd.Timestamp(2019, 1, 1)
            ),
            pd.Series(named.ids[0], index=list(keys)),
        )
        return named.ids[0]

    assert run("@1", "abcdef") == run("@2", "abcdefg")


def test_an_old_key_brings_the_old_name_back(weeks):
    name = weeks.run({"@1": (LOCKS, 0, "abc")})["@1"]
    weeks.run({"@2": (LOCKS, 0, "abcd")})
    assert weeks.run({"@1": (LOCKS, 0, "abcde")}) == {"@1": name}


def test_a_split_keeps_the_name_with_the_key_and_records_the_parent(weeks):
    name = weeks.run({"A": (LOCKS, 0, "abcdef")})["A"]
    names = weeks.run({"A": (LOCKS, 0, "abcd"), "B": (LOCKS, 80, "ef")})
    assert names["A"] == name
    assert weeks.lineage == [(names["B"], name, "split")]


def test_a_merge_keeps_the_name_with_the_key_and_records_the_parent(weeks):
    names = weeks.run({"A": (LOCKS, 0, "abc"), "B": (LOCKS, 80, "de")})
    assert weeks.run({"A": (LOCKS, 0, "abcde")})["A"] == names["A"]
    assert weeks.lineage == [(names["A"], names["B"], "merge")]
    weeks.run({"A": (LOCKS, 0, "abcdef")})
    assert weeks.lineage == []


def test_two_heirs_do_not_share_a_name(weeks):
    weeks.run({"@1": (LOCKS, 0, "abcd")})
    names = weeks.run({"@2": (LOCKS, 5, "ab"), "@3": (LOCKS, 6, "cd")})
    assert len(set(names.values())) == 2


def test_a_name_once_given_is_not_given_to_another_key(weeks):
    name = weeks.run({"@1": (LOCKS, 0, "abc")})["@1"]
    weeks.run({"@2": (LOCKS, 0, "abc")})
    both = weeks.run({"@2": (LOCKS, 0, "abc"), "@1": (LOCKS, 70, "xyz")})
    assert both["@2"] == name
    assert both["@1"] != name


def test_a_register_may_speak_of_a_point_that_is_not_listed_or_goes_by_another_key(weeks):
    name = weeks.run({"@1": (LOCKS, 0, "abc"), "A": (LEAKS, 9, "uvw")})["@1"]
    cases = cases_at({"@2": (LOCKS, 0, "abc"), "A": (LEAKS, 9, "uvw"), "B": (LEAKS, 90, "k")})
    points = listed(cases).query("spot == '@2'")
    points = points.assign(hotspot_id=name_points(points, cases, weeks.known).ids)
    named = name_pairs(listed(cases), points, weeks.known)
    assert named.tolist() == [name, hash_key("A", LEAKS), hash_key("B", LEAKS)]


SPOTS = st.dictionaries(
    st.sampled_from(["A", "B", "@1", "@2", "@3"]),
    st.tuples(st.sampled_from([LOCKS, LEAKS]), st.integers(0, 90)),
    min_size=1,
)


@given(st.lists(SPOTS, min_size=1, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=15)
def test_names_are_one_to_one_and_do_not_depend_on_the_order_of_rows(runs, random):
    weeks, other = Weeks(), Weeks()
    for spots in runs:
        keys = [chr(97 + i) for i in range(12)]
        random.shuffle(keys)
        told = {
            spot: (group, metres, keys[2 * i : 2 * i + 2])
            for i, (spot, (group, metres)) in enumerate(spots.items())
        }
        names = weeks.run(told)
        assert len(set(names.values())) == len(names)
        assert other.run(dict(reversed(told.items()))) == names
        assert sorted(weeks.lineage) == sorted(other.lineage)
