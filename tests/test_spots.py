import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage

from geo_hotspots.hotspots.points.gather import assign_spots
from geo_hotspots.hotspots.points.linkage import _parts, link_within, local_metres
from geo_hotspots.hotspots.points.piles import find_piles

STEP = 1 / 111_195  # a metre northwards
POINTS = st.lists(
    st.tuples(st.floats(116.40, 116.402), st.floats(39.90, 39.902)), min_size=1, max_size=40
)


def cases_of(*rows: dict[str, object]) -> pd.DataFrame:
    """Lay out located cases; `north` is metres north of one place."""
    usual: dict[str, object] = dict.fromkeys(["place_key", "place_id"])
    usual |= {"level": "door", "uncertainty_m": 30.0, "community_code": "Q1", "group": "g"}
    usual |= {"lng": 116.4, "north": 0.0}
    frame = pd.DataFrame([usual | row for row in rows])
    frame["lat"] = 39.9 + frame.pop("north") * STEP
    return frame.astype(dict.fromkeys(["place_key", "place_id", "community_code"], "str"))


def spots_of(*rows: dict[str, object], attach_metres: float = 25) -> pd.DataFrame:
    return assign_spots(
        cases_of(*rows), within_metres=60, road_metres=80, attach_metres=attach_metres
    )


def building(number: int, **more: object) -> dict[str, object]:
    return {"place_key": f"C1/{number}号楼", "place_id": "C1", "level": "compound", **more}


PLACES = st.fixed_dictionaries(
    {
        "place_key": st.sampled_from([None, "C1", "C1/1号楼", "C1/2号楼", "C2/1号楼", "R1/3"]),
        "place_id": st.sampled_from([None, "C1", "C2", "R1"]),
        "level": st.sampled_from(["compound", "building", "poi", "road"]),
        "uncertainty_m": st.sampled_from([10.0, 300.0, np.nan]),
        "community_code": st.sampled_from([None, "Q1", "Q2"]),
        "group": st.sampled_from(["a", "b"]),
        "north": st.sampled_from([0.0, 20.0, 26.0, 90.0]),
    }
)


@given(st.lists(PLACES, min_size=1, max_size=30))
@settings(max_examples=40, deadline=None)
def test_words_and_numbers_with_names_make_the_same_spots(rows):
    plain = cases_of(*rows)
    shared = plain.copy()
    for name in ("place_key", "place_id", "level", "community_code", "group"):
        words = sorted({*plain[name].dropna(), "A0", "Z9/1号楼"})  # and some that no case has
        shared[name] = pd.Categorical(plain[name], words)
    known = {"within_metres": 60, "road_metres": 80, "attach_metres": 25}
    spots = assign_spots(shared, **known)
    pd.testing.assert_frame_equal(spots, assign_spots(plain, **known))
    for name in ("spot", "ground", "area"):
        assert spots[name].cat.categories.is_monotonic_increasing
        assert set(spots[name].cat.categories) == set(spots[name].dropna())


@given(POINTS)
@settings(max_examples=20)
def test_cases_without_an_address_never_form_a_spot_wider_than_allowed(points):
    rows = [{"lng": lng, "north": (lat - 39.9) / STEP} for lng, lat in points]
    spots = spots_of(*rows)["spot"]
    xy = local_metres(*np.array(points).T)
    assert spots.notna().all()
    for _, members in pd.DataFrame(xy).groupby(spots.to_numpy()):
        gap = members.to_numpy()[:, None] - members.to_numpy()[None]
        assert np.hypot(*gap.T).max() <= 60 + 2**0.5  # points are laid on a metre's grid first


def test_a_chain_of_near_points_is_not_one_spot():
    spots = spots_of(*[{"north": 40.0 * i} for i in range(20)])["spot"]
    assert spots.nunique() >= 10


def test_cases_along_one_road_may_lie_farther_apart_than_others():
    pair = [{"north": 0.0}, {"north": 75.0}]
    alike = [p | {"place_id": "R1"} for p in pair]
    other = [p | {"place_id": f"R{i}"} for i, p in enumerate(pair)]
    n_spots = [len(set(spots_of(*rows)["spot"])) for rows in (pair, alike, other)]
    assert n_spots == [2, 1, 2]


def test_different_troubles_without_an_address_are_different_spots():
    assert spots_of({"group": "a"}, {"group": "b"})["spot"].tolist() == ["@116.40000,39.90000"] * 2
    apart = spots_of({"group": "a"}, {"group": "b", "north": 30.0})["spot"]
    assert apart.nunique() == 2


def test_a_case_without_an_address_joins_the_address_beside_it_and_no_farther():
    spots = spots_of({"place_key": "K1"}, {"north": 20.0}, {"north": 26.0}, {"lng": np.nan})["spot"]
    assert spots.iloc[:2].tolist() == ["K1", "K1"]
    assert spots.iloc[2].startswith("@")
    assert pd.isna(spots.iloc[3])


def test_a_case_as_near_to_one_address_as_to_another_joins_neither():
    two = (building(1), building(2, north=20.0))
    assert spots_of(*two, {"north": 10.0})["spot"].iloc[2].startswith("@")
    assert spots_of(*two, {"north": 8.0})["spot"].iloc[2] == "C1/1号楼"


def test_a_case_that_names_a_compound_joins_its_buildings_only():
    named = {"place_key": "C2", "place_id": "C2", "level": "compound", "north": 5.0}
    spots = spots_of(building(1), named, named | {"place_key": "C1", "place_id": "C1"})
    assert spots["spot"].tolist() == ["C1/1号楼", "C2", "C1/1号楼"]


def test_a_case_of_another_community_joins_no_address():
    spots = spots_of(building(1), {"north": 5.0, "community_code": "Q2"})["spot"]
    assert spots.iloc[1].startswith("@")


def test_a_place_that_is_known_roughly_forms_no_spot_without_an_address():
    spots = spots_of({"uncertainty_m": 300.0}, building(1, uncertainty_m=300.0))["spot"]
    assert spots.isna().tolist() == [True, False]


def test_a_point_that_three_addresses_share_is_a_pile_and_two_are_neighbours():
    two, three = [building(i) for i in (1, 2)], [building(i) for i in (1, 2, 3)]
    assert not find_piles(cases_of(*two)).any()
    assert find_piles(cases_of(*three, {"north": 9.0})).tolist() == [True] * 3 + [False]


def test_a_point_without_text_where_most_kinds_of_trouble_meet_is_a_pile():
    pile = [{"group": f"g{i}"} for i in range(6)]
    assert find_piles(cases_of(*pile)).all()
    assert not find_piles(cases_of(*pile[:5], *[{"group": "g9", "north": 50.0}])).any()


def test_a_case_on_the_middle_of_a_compound_speaks_of_the_compound():
    piled = [building(i) for i in (1, 2, 3)]
    spots = spots_of(*piled, {})
    assert spots["spot"].iloc[3] == "C1"
    mixed = [*piled, {"place_key": "C2/1号楼", "place_id": "C2", "level": "compound"}]
    assert pd.isna(spots_of(*mixed, {})["spot"].iloc[4])


def test_a_pile_says_nothing_of_where_its_addresses_are():
    precise = building(1, north=40.0)
    spots = spots_of(*[building(i) for i in (1, 2, 3)], precise)
    assert spots["spot_lat"].iloc[0] == pytest.approx(39.9 + 40 * STEP)
    assert spots["spot_lat"].iloc[1:3].isna().all()


def test_a_spot_lies_in_the_middle_of_its_cases_and_strays_do_not_move_it():
    rows = [
        building(1, north=n, group=g) for n, g in ((0.0, "a"), (4.0, "b"), (8.0, "a"), (200.0, "a"))
    ]
    spots = spots_of(*rows)
    assert spots["spot_lat"].to_numpy() == pytest.approx(39.9 + 4 * STEP)


@given(st.integers(0, 10_000))
@settings(max_examples=5)
def test_a_large_crowd_is_cut_and_its_clusters_still_keep_to_the_diameter(seed):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 900, (3_000, 2))
    label = link_within(xy, np.zeros(len(xy), np.int64), 60)
    for _, members in pd.DataFrame(xy).groupby(label):
        gap = members.to_numpy()[:, None] - members.to_numpy()[None]
        assert np.hypot(*gap.T).max() <= 60 + 2**0.5
    assert len(np.unique(label)) < 500  # 225 circles of 60 m would cover it at best


def test_points_set_apart_are_never_linked():
    label = link_within(np.zeros((4, 2)), np.array([1, 1, 2, 2]), 60)
    assert label[0] == label[1] != label[2] == label[3]


@given(st.integers(0, 2**32), st.sampled_from([1, 4_000_000_000_000]))
@settings(max_examples=15, deadline=None)
def test_each_part_is_cut_as_scipy_cuts_its_tree(seed, far):
    random = np.random.default_rng(seed)
    xy = random.integers(0, 900, (150, 2))
    xy[:60] = random.choice(xy[:20], 60) + random.integers(0, 9, (60, 2))
    spots = np.unique(np.c_[far * random.integers(0, 3, len(xy)), xy], axis=0)
    label = link_within(spots[:, 1:].astype(float), spots[:, 0], 60)
    part = _parts(spots, 60)
    expected = np.zeros(len(spots), dtype=np.int64)
    for one in np.unique(part):
        mine = part == one
        tree = linkage(spots[mine, 1:], "complete") if mine.sum() > 1 else np.empty((0, 4))
        cut = fcluster(tree, 60, "distance") if mine.sum() > 1 else 1
        expected[mine] = 1000 * one + cut
    pairs = np.unique(np.c_[label, expected], axis=0)
    assert len(pairs) == len(np.unique(label)) == len(np.unique(expected))
