"""What names a compound and no house: whose it is once a point of a house is listed."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from test_repeats import AS_OF, FLOOR, background, cases_of, crowd

from geo_hotspots.hotspots.points.gather import WHOLE_COMPOUND
from geo_hotspots.hotspots.points.repeats import find_repeats, number_points

HOUSE, WHOLE = "C1/2号楼", "C1"
DAYS = [3, 8, 15, 21, 28, 40, 55, 70]


def lay(*more):
    """Lay out a city with one crowded house in the compound C1, and more."""
    cases = cases_of(*background(), crowd(HOUSE, "g0", DAYS), *more)
    spot = cases["spot"]
    whole = (spot == WHOLE).map({True: WHOLE_COMPOUND, False: 0})
    return cases.assign(area=spot.str.replace("/.*", "", regex=True), kind_of_place=whole)


def find(cases):
    points = find_repeats(cases, as_of=AS_OF, floor=FLOOR, fdr=0.05, window_days=364)
    number = number_points(points, cases)
    at_whole = cases.index[cases["spot"] == WHOLE]
    house = points.index[points["spot"] == HOUSE][0]
    return points.loc[house], (number[at_whole] == house).tolist()


def test_a_case_that_names_the_compound_alone_goes_with_the_point_that_rules_it():
    cases = lay((WHOLE, "g0", [30, 200, 1], ["x", "y", "z"]), (WHOLE, "g1", [30], ["w"]))
    point, belongs = find(cases)
    assert point["whole"] == WHOLE
    assert belongs == [True, False, False, False]  # but not before or after, nor about all else
    assert point[["n", "n_callers"]].tolist() == [len(DAYS) + 1] * 2


def test_where_the_compound_complains_as_much_elsewhere_nobody_knows_whose_it_is():
    others = [(f"C1/{i}号楼", "g0", [9 * i], [f"o{i}"]) for i in range(3, 3 + len(DAYS))]
    point, belongs = find(lay((WHOLE, "g0", [30], ["x"]), *others))
    assert pd.isna(point["whole"])
    assert belongs == [False]


def test_what_a_point_claims_proves_nothing_of_it():
    alone, _ = find(lay())
    claiming, _ = find(lay((WHOLE, "g0", [30, 33, 36], ["x", "y", "z"])))
    assert claiming["best_callers"] == alone["best_callers"]
    assert claiming["n_decisive"] == alone["n_decisive"]


@given(st.lists(st.integers(0, 363), max_size=12))
@settings(max_examples=10)
def test_counts_are_those_of_the_cases_that_belong(days):
    cases = lay((WHOLE, "g0", sorted(days), [f"w{i}" for i in range(len(days))]))
    point, belongs = find(cases)
    assert point["n"] == len(DAYS) + sum(belongs)


def test_no_point_claims_its_own_spot_though_a_nameless_case_has_joined_it():
    cases = cases_of(*background(), crowd("P9", "g0", DAYS))
    at_place = cases["spot"] == "P9"
    kind = at_place.map({True: WHOLE_COMPOUND, False: 2})
    kind[cases.index[at_place][0]] = 2  # named no place, and lies at this one
    points = find_repeats(
        cases.assign(area=cases["spot"], kind_of_place=kind),
        as_of=AS_OF, floor=FLOOR, fdr=0.05, window_days=364,
    )  # fmt: skip
    found = points[points["spot"] == "P9"]
    assert found["whole"].isna().all()
    assert found["n"].tolist() == [len(DAYS)]
