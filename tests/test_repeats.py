import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots.hotspots.points import assign_spots, local_metres
from geo_hotspots.hotspots.repeats import MISSING_CALLER, Floor, find_repeats, weigh_cases

AS_OF = pd.Timestamp("2019-12-29")
FLOOR = Floor(callers=3, days=3, group_callers=5, group_days=30)


def cases_of(*points: tuple[str, str, list[int], list[str | None]]) -> pd.DataFrame:
    """Lay out cases: spot, group, days before the last day, callers."""
    rows = [
        (spot, group, AS_OF - pd.Timedelta(days=ago) + pd.Timedelta(hours=9), caller)
        for spot, group, days, callers in points
        for ago, caller in zip(days, callers, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["spot", "group", "reported_at", "caller"])
    frame = frame.astype({"spot": "str", "group": "str", "caller": "str"})
    return frame.assign(weight=weigh_cases(frame))


def background(n: int = 400, *, seed: int = 3) -> list[tuple[str, str, list[int], list[str]]]:
    """Spread single cases over many spots and two groups."""
    rng = np.random.default_rng(seed)
    return [(f"S{i}", f"g{rng.integers(2)}", [int(rng.integers(360))], [f"b{i}"]) for i in range(n)]


def find(*points, fdr=0.05):
    return find_repeats(
        cases_of(*background(), *points), as_of=AS_OF, floor=FLOOR, fdr=fdr, window_days=364
    )


def test_scattered_single_cases_make_no_point():
    assert find().empty


def test_many_callers_on_many_days_at_one_spot_make_a_point():
    found = find(("lock", "g0", [1, 9, 20, 31, 45, 60, 70, 81], [f"c{i}" for i in range(8)]))
    assert found[["spot", "kind", "n", "n_callers", "n_days"]].to_numpy().tolist() == [
        ["lock", "repeat", 8, 8, 8]
    ]
    assert found["qvalue"].iloc[0] < 0.05
    assert found["expected"].iloc[0] < 2


def test_one_caller_however_loud_is_never_ranked_as_a_point():
    found = find(("lock", "g0", list(range(0, 100, 5)), ["same"] * 20))
    assert found["kind"].tolist() == ["single_caller"]
    assert found[["pvalue", "qvalue"]].isna().all(axis=None)


def test_five_callers_within_thirty_days_are_a_group_complaint():
    crowd = ("heat", "g0", [3, 5, 8, 12, 20, 25], [f"c{i}" for i in range(6)])
    slow = ("leak", "g0", [3, 60, 120, 180, 240, 300, 350, 20], [f"d{i}" for i in range(8)])
    kinds = find(crowd, slow).set_index("spot")["kind"]
    assert kinds["heat"] == "group"
    assert kinds.get("leak", "repeat") == "repeat"


def test_all_calls_of_one_day_are_under_the_floor_of_days():
    found = find(("burst", "g0", [4] * 9, [f"c{i}" for i in range(9)]))
    assert found.empty


def test_cases_after_the_last_day_do_not_count():
    late = ("lock", "g0", [-1, -9, -20, -31, -45], [f"c{i}" for i in range(5)])
    assert find(late).empty


def test_the_nameless_count_less_than_people():
    weights = cases_of(("a", "g", [1, 2, 3], [None, "x", "x"]))["weight"]
    assert weights.tolist() == [MISSING_CALLER, 0.0, 1.0]


def test_where_nobody_is_named_days_stand_for_callers():
    frame = cases_of(("a", "g", [1, 1, 2], [None] * 3))
    assert sorted(frame["weight"]) == [0.0, 1.0, 1.0]


@given(st.permutations(range(30)))
def test_the_order_of_rows_changes_nothing(order):
    cases = cases_of(("lock", "g0", list(range(1, 91, 3)), [f"c{i % 11}" for i in range(30)])).iloc[
        list(order)
    ]
    found = find_repeats(
        cases.assign(weight=weigh_cases(cases)), as_of=AS_OF, floor=FLOOR, fdr=0.99, window_days=364
    )
    assert found[["n", "n_callers", "n_days"]].to_numpy().tolist() == [[30, 11, 30]]


POINTS = st.lists(
    st.tuples(st.floats(116.40, 116.402), st.floats(39.90, 39.902)), min_size=1, max_size=40
)


@given(POINTS)
def test_cases_without_an_address_never_form_a_spot_wider_than_allowed(points):
    lng, lat = np.array(points).T
    spots = assign_spots(
        pd.DataFrame(
            {"place_key": pd.Series([None] * len(lng), dtype="str"), "lng": lng, "lat": lat,
             "uncertainty_m": 30.0, "group": "g"}
        ),
        within_metres=60, attach_metres=25,
    )  # fmt: skip
    xy = local_metres(lng, lat)
    assert spots.notna().all()
    for _, members in pd.DataFrame(xy).groupby(spots.to_numpy()):
        gap = members.to_numpy()[:, None] - members.to_numpy()[None]
        assert np.hypot(*gap.T).max() <= 60 + 2**0.5  # points are laid on a metre's grid first


def test_a_case_without_an_address_joins_the_address_beside_it_and_no_farther():
    step = 1 / 111_195  # a metre northwards
    cases = pd.DataFrame(
        {"place_key": pd.Series(["K1", None, None, None], dtype="str"),
         "lng": [116.4, 116.4, 116.4, np.nan],
         "lat": [39.9, 39.9 + 20 * step, 39.9 + 26 * step, np.nan],
         "uncertainty_m": 30.0, "group": ["a", "b", "b", "b"]}
    )  # fmt: skip
    spots = assign_spots(cases, within_metres=60, attach_metres=25)
    assert spots.iloc[:2].tolist() == ["K1", "K1"]
    assert spots.iloc[2].startswith("@")
    assert pd.isna(spots.iloc[3])


@pytest.mark.parametrize("n", [0, 1])
def test_no_case_or_one_gives_no_point_and_no_error(n):
    cases = cases_of(("a", "g", [1], ["c"])).head(n)
    assert find_repeats(cases, as_of=AS_OF, floor=FLOOR, fdr=0.05, window_days=364).empty
