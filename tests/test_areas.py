import numpy as np
import pandas as pd
import pytest
import shapely
from esda import G_Local
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.weights import W
from scipy import sparse
from shapely.geometry import MultiPolygon, box

from geo_hotspots.grid import (
    cell_names,
    cell_polygons,
    cells_covering,
    index_points,
    neighbourhood,
)
from geo_hotspots.hotspots.areas import gistar, score_cells, trend_of_cells

AREA = box(116.38, 39.88, 116.45, 39.95)
SHARE = cells_covering(AREA, resolution=8)
NEAR = neighbourhood(SHARE.index)


def test_the_cells_and_their_shares_make_up_the_area():
    surface = shapely.area(np.asarray(cell_polygons(SHARE.index))) * SHARE
    assert surface.sum() == pytest.approx(AREA.area, rel=1e-9)
    assert SHARE.between(0, 1, inclusive="right").all()


def test_a_cell_that_two_parts_touch_is_listed_once():
    parts = MultiPolygon(
        [box(116.40, 39.90, 116.405, 39.905), box(116.4051, 39.90, 116.41, 39.905)]
    )
    assert cells_covering(parts, resolution=7).index.is_unique


def test_every_cell_is_its_own_neighbour_and_neighbours_are_mutual():
    assert (NEAR.diagonal() == 1).all()
    assert (NEAR != NEAR.T).nnz == 0
    assert NEAR.sum(axis=1).max() == 7


def test_a_point_without_coordinates_has_no_cell():
    cells = index_points(np.array([116.4, np.nan]), np.array([39.9, 39.9]), resolution=9)
    assert cell_names(cells)[0].startswith("89")
    assert cell_names(cells)[1] is None


@settings(max_examples=20)
@given(st.lists(st.integers(0, 30), min_size=len(SHARE), max_size=len(SHARE)))
def test_gistar_is_that_of_esda(counts):
    n = pd.Series(counts, index=SHARE.index, dtype=float)
    if n.min() == n.max():
        assert (gistar(n, NEAR) == 0).all()
        return
    rows = sparse.coo_array(NEAR)
    ids = range(len(n))
    near = {i: [] for i in ids}
    for i, j in zip(*rows.coords, strict=True):
        if i != j:
            near[int(i)].append(int(j))
    weights = W(near, id_order=list(ids), silence_warnings=True)
    oracle = G_Local(n.to_numpy(), weights, transform="B", permutations=0, star=True).Zs
    np.testing.assert_allclose(gistar(n, NEAR), oracle, atol=1e-10)


def test_a_planted_cluster_is_hot_and_noise_is_not():
    rng = np.random.default_rng(11)
    n = pd.Series(rng.poisson(4 * SHARE), index=SHARE.index)
    assert not score_cells(n, SHARE, NEAR, fdr=0.05)["is_hot"].any()
    centre = int(np.argmax(NEAR.sum(axis=1)))
    n.iloc[centre] += 40
    scores = score_cells(n, SHARE, NEAR, fdr=0.05)
    assert scores["is_hot"].iloc[centre]
    assert (n[scores["is_hot"]] > scores.loc[scores["is_hot"], "expected"]).all()
    beside = (NEAR[[centre]].toarray()[0] == 1) & (n < scores["expected"]).to_numpy()
    assert scores.loc[beside, "qvalue"].min() < 0.05
    assert not scores.loc[beside, "is_hot"].any()


def test_maps_of_noise_rarely_show_a_hot_cell():
    rng = np.random.default_rng(5)
    maps = [pd.Series(rng.poisson(0.3 * SHARE), index=SHARE.index) for _ in range(200)]
    false = sum(score_cells(n, SHARE, NEAR, fdr=0.05)["is_hot"].any() for n in maps)
    assert false <= 20  # 5 % of 200 and three standard errors


def test_the_expected_cases_sum_to_the_cases():
    n = pd.Series(np.arange(len(SHARE)) % 5, index=SHARE.index)
    scores = score_cells(n, SHARE, NEAR, fdr=0.05)
    assert scores["expected"].sum() == pytest.approx(n.sum())
    assert scores["qvalue"].ge(scores["pvalue"] - 1e-12).all()


def test_an_empty_city_has_no_hot_cell():
    scores = score_cells(pd.Series(0, index=SHARE.index), SHARE, NEAR, fdr=0.05)
    assert not scores["is_hot"].any()
    assert scores["gistar"].eq(0).all()


def test_a_cell_rises_only_against_the_city():
    as_of = pd.Timestamp("2019-12-29")
    old, new = as_of - pd.Timedelta(days=200), as_of - pd.Timedelta(days=3)
    cells = ["a"] * 40 + ["b"] * 40 + ["c"] * 40
    at = [old] * 20 + [new] * 20 + [old] * 36 + [new] * 4 + [old] * 24 + [new] * 16
    trend = trend_of_cells(
        pd.DataFrame({"cell": cells, "reported_at": at}),
        pd.Index(["a", "b", "c", "d"]),
        as_of=as_of,
    )
    assert trend.to_dict() == {"a": "rising", "b": "falling", "c": "steady", "d": "steady"}
