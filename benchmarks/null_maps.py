"""How often a map of pure noise shows a hot cell.

    python benchmarks/null_maps.py            # 1,000 maps per rate, about 4 minutes on a core
    python benchmarks/null_maps.py --quick    # 100 maps

2,791 cells of H3 resolution 10, thirteen weeks of cases without any order, at rates from 0.02 to 5
cases per cell and week. Of every map the last week, and the thirteen weeks together, are tested.
Side by side: the normal theory of Gi*, the permutation test of esda (on few maps, since it is
slow), and ours. All are under Benjamini-Hochberg at 5 %, so that at most 5 % of the maps may show
anything. In the last table every incident brings 1.5 calls on average (geometric): more spread than
Poisson has, from noise alone.
"""

import argparse
import time

import h3.api.basic_int as h3
import numpy as np
import pandas as pd
from esda import G_Local
from libpysal.weights import W
from scipy import sparse
from scipy.stats import binomtest, false_discovery_control, norm

from geo_hotspots.grid import neighbourhood
from geo_hotspots.hotspots.areas.areas import gistar, score_cells, weekly_inflation
from geo_hotspots.hotspots.areas.tails import upper_tail

RATES = (0.02, 0.05, 0.2, 1.0, 5.0)
WEEKS = 13
FDR = 0.05
CELLS = pd.Index(np.array(sorted(h3.grid_disk(h3.latlng_to_cell(39.92, 116.41, 10), 30)),
                          dtype=np.uint64))  # fmt: skip
NEAR = neighbourhood(CELLS)
SHARE = pd.Series(1.0, index=CELLS)


def ours(n: np.ndarray, weekly: np.ndarray) -> bool:
    """Test as the product does."""
    inflation = weekly_inflation(weekly, NEAR)
    scores = score_cells(pd.Series(n, index=CELLS), SHARE, NEAR, fdr=FDR, inflation=inflation)
    return bool(scores["is_hot"].any())


def poisson(n: np.ndarray) -> bool:
    """Test the ring's count by Poisson, whatever its weeks say."""
    mean = NEAR @ np.full(len(n), n.mean())
    return bool((false_discovery_control(upper_tail(NEAR @ n, mean)) <= FDR).any())


def normal(n: np.ndarray) -> bool:
    """Take Gi* for a normal score."""
    return bool((false_discovery_control(norm.sf(gistar(n, NEAR))) <= FDR).any())


def permuted(n: np.ndarray, weights: W, seed: int) -> bool:
    """Ask esda: 999 conditional permutations per cell."""
    found = G_Local(n, weights, transform="B", permutations=999, star=True, seed=seed, n_jobs=1)
    hot = (false_discovery_control(found.p_sim) <= FDR) & (found.Zs > 0)
    return bool(hot.any())


def pysal_weights() -> W:
    """Write the neighbours as esda wants them."""
    rows = sparse.coo_array(NEAR)
    near: dict[int, list[int]] = {i: [] for i in range(len(CELLS))}
    for i, j in zip(*rows.coords, strict=True):
        if i != j:
            near[int(i)].append(int(j))
    return W(near, id_order=list(near), silence_warnings=True)


def make_noise(rng: np.random.Generator, rate: float, *, clumped: bool) -> np.ndarray:
    """Make thirteen weeks without order; clumped, an incident brings a geometric number of calls.

    The number of calls of k incidents is k plus a negative binomial.
    """
    if not clumped:
        return rng.poisson(rate, (len(CELLS), WEEKS)).astype(float)
    incidents = rng.poisson(rate / 1.5, (len(CELLS), WEEKS))
    more = rng.negative_binomial(np.maximum(incidents, 1), 1 / 1.5) * (incidents > 0)
    return (incidents + more).astype(float)


def interval(k: int, n: int) -> str:
    """Write a share of maps with its 95 % interval."""
    low, high = binomtest(k, n).proportion_ci(method="wilson")
    return f"{100 * k / n:5.1f} % ({100 * low:4.1f}-{100 * high:5.1f})"


def main() -> None:
    """Print a table per kind of noise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maps", type=int, default=1000)
    parser.add_argument("--quick", action="store_true", help="100 maps, 5 for esda")
    parser.add_argument("--seed", type=int, default=20_261_122)
    args = parser.parse_args()
    maps, slow = (100, 5) if args.quick else (args.maps, 20)
    weights = pysal_weights()
    print(f"maps with any hot cell, of {maps} per rate (esda: {slow}); seed {args.seed}")
    print(f"{'rate':>5}  {'Gi* normal':>22}  {'esda, 999':>22}  {'ours, week':>22}  "
          f"{'ours, 13 weeks':>22}  seconds")  # fmt: skip
    for rate in RATES:
        rng, start = np.random.default_rng([args.seed, int(rate * 100)]), time.process_time()
        hits = np.zeros(3, dtype=int)
        esda = 0
        for i in range(maps):
            weekly = make_noise(rng, rate, clumped=False)
            last = weekly[:, -1]
            hits += [normal(last), ours(last, weekly), ours(weekly.sum(axis=1), weekly)]
            esda += permuted(last, weights, i) if i < slow else 0
        gi, week, quarter = hits
        print(f"{rate:5.2f}  {interval(gi, maps):>22}  {interval(esda, slow):>22}  "
              f"{interval(week, maps):>22}  {interval(quarter, maps):>22}  "
              f"{time.process_time() - start:7.0f}", flush=True)  # fmt: skip
    print("\nclumped noise: 1.5 calls an incident, the thirteen weeks together")
    print(f"{'rate':>5}  {'Poisson alone':>22}  {'ours':>22}")
    for rate in RATES:
        rng = np.random.default_rng([args.seed, 1, int(rate * 100)])
        hits = np.zeros(2, dtype=int)
        for _ in range(maps):
            weekly = make_noise(rng, rate, clumped=True)
            n = weekly.sum(axis=1)
            hits += [poisson(n), ours(n, weekly)]
        print(f"{rate:5.2f}  {interval(hits[0], maps):>22}  {interval(hits[1], maps):>22}")


if __name__ == "__main__":
    main()
