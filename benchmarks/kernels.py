"""Time each step over columns of points against the library that does it point by point.

    python benchmarks/kernels.py [--cells] [--areas] [--rings] [--links] [--large]

Without a choice, all of them. Answers are compared in full: the cells of 1 million points over
Beijing, 1 million over China, 200,000 over the world, half of them about the corners and edges of
the icosahedron's faces (`--large`: 22, 5 and 1 million); communities with geopandas.sjoin, points
on borders among them; Gi* with esda. Distance clusters have no twin: DBSCAN chains where complete
linkage does not, so only time and memory stand beside each other. Processor time, medians of 3.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import geopandas as gpd
import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from city_points import N_CATEGORIES, N_WEEKS, draw_communities, draw_points
from esda import G_Local
from libpysal.weights import W
from peak import peak
from scipy import sparse
from sklearn.cluster import DBSCAN

from geo_hotspots import lattice
from geo_hotspots.grid import index_points, neighbourhood
from geo_hotspots.hotspots.areas.areas import gistar, gistar_of_layers
from geo_hotspots.hotspots.points.linkage import link_within, local_metres
from geo_hotspots.icosahedron import faces
from geo_hotspots.places.tiling import first_area

Floats = npt.NDArray[np.float64]
MILLION = 1_000_000


def spent(do: Callable[[], Any], repeats: int = 3) -> float:
    """Give the processor time of a call, the median of several."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        do()
        times.append(time.process_time() - start)
    return median(times)


def say(step: str, theirs: float, ours: float, note: str) -> None:
    """Print a line of the table."""
    print(f"{step:34}{theirs:10.3f} s{ours:10.3f} s{theirs / ours:8.1f}  {note}", flush=True)


def world(n: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Strew points over the globe, half of them about the corners and edges of faces."""
    at = random.normal(size=(n, 3))
    two = faces()[random.integers(0, 20, (n // 2, 2))].sum(axis=1)
    at[: n // 2] = two + 10 ** random.uniform(-7, -1, (n // 2, 1)) * at[: n // 2]
    x, y, z = at.T
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))


def compare_cells(*, large: bool) -> None:
    """Index points at resolution 9 (Beijing also at 10 and 11), as h3-py does."""
    random = np.random.default_rng(1)
    sizes = (22, 5, 1) if large else (1, 1, 0.2)
    beijing, china, globe = (int(size * MILLION) for size in sizes)
    city = draw_points(beijing, 1)
    lng, lat = city["lng"].to_numpy(), city["lat"].to_numpy()
    wide = 73 + 62 * random.random(china), 18 + 36 * random.random(china)
    places = [(f"Beijing, {level}", lng, lat, level) for level in (9, 10, 11)]
    places += [("China, 9", *wide, 9), ("world, 9", *world(globe, random), 9)]
    for name, x, y, level in places:
        theirs = lattice.ask(x, y, resolution=level)
        slow = spent(lambda x=x, y=y, level=level: lattice.ask(x, y, resolution=level), 1)
        fast = spent(lambda x=x, y=y, level=level: index_points(x, y, resolution=level))
        differ = int((index_points(x, y, resolution=level) != theirs).sum())
        say(f"cells: {name}", slow, fast, f"{differ} of {len(x):,} differ")


def compare_areas(*, large: bool) -> None:
    """Find the community of each point, as sjoin does; the table is laid within the time."""
    communities = draw_communities(1)
    shapes = communities.geometry.to_numpy()
    corners = shapely.get_coordinates(shapes[:200])
    for n in (MILLION // 10, MILLION, *([10 * MILLION] if large else [])):
        points = draw_points(n, 1)
        lng = np.r_[points["lng"].to_numpy(), corners[:, 0]]
        lat = np.r_[points["lat"].to_numpy(), corners[:, 1]]

        def join(lng: Floats = lng, lat: Floats = lat) -> pd.Series:
            where = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lng, lat), crs=4326)
            joined = gpd.sjoin(where, communities, how="left", predicate="intersects")
            return joined["index_right"].groupby(level=0).min().fillna(-1)

        theirs = join().to_numpy().astype(int)
        slow = spent(join, 1)
        fast = spent(lambda lng=lng, lat=lat: first_area(lng, lat, shapes))
        differ = int((first_area(lng, lat, shapes) != theirs).sum())
        say(f"communities: {n:,}", slow, fast, f"{differ} of {len(lng):,} differ")


def compare_rings() -> None:
    """Score cells by Gi*, weights included, as esda does; then every category in every week."""
    random = np.random.default_rng(1)
    disk = h3.grid_disk(h3.latlng_to_cell(39.9, 116.4, 9), 277)
    cells = pd.Index(np.sort(np.array(disk, dtype=np.uint64)))
    counts = random.poisson(2, len(cells)).astype(float)
    known = set(cells)
    for k in (1, 2):

        def plain(k: int = k) -> Any:
            near = {c: [x for x in h3.grid_disk(int(c), k) if x != c and x in known] for c in cells}
            weights = W(near, id_order=list(cells), silence_warnings=True)
            return G_Local(counts, weights, transform="B", permutations=0, star=True).Zs

        start = time.process_time()
        theirs = plain()
        slow = time.process_time() - start
        fast = spent(lambda k=k: gistar(counts, neighbourhood(cells, k=k)), 5)
        apart = np.abs(gistar(counts, neighbourhood(cells, k=k)) - theirs).max()
        say(f"Gi*: {len(cells):,} cells, ring {k}", slow, fast, f"largest difference {apart:.0e}")

    points = draw_points(MILLION, 1)
    lng, lat = points["lng"].to_numpy(), points["lat"].to_numpy()
    week = (points["reported_at"] - points["reported_at"].min()).dt.days // 7
    layer = (points["category"] * N_WEEKS + week).to_numpy()

    def layers() -> sparse.csr_array:
        code, found = pd.factorize(index_points(lng, lat, resolution=9), sort=True)
        shape = (len(found), N_CATEGORIES * N_WEEKS)
        cases = sparse.csr_array((np.ones(len(code)), (code, layer)), shape=shape)
        return gistar_of_layers(cases, neighbourhood(pd.Index(found)))

    n = N_CATEGORIES * N_WEEKS
    print(f"Gi* of all {n:,} layers of a million cases, cells included: {spent(layers):.2f} s")


def compare_links() -> None:
    """Cluster a million points within 60 m, beside DBSCAN at 50 m, each in its own process."""
    for way in ("all", "by category"):
        rows = []
        for who in ("dbscan", "ours"):
            command = [sys.executable, __file__, "--one", who, way]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            rows.append([float(word) for word in done.stdout.split()])
        (slow, room), (fast, little) = rows
        say(f"clusters: 1,000,000, {way}", slow, fast, f"memory {room:.0f} and {little:.0f} MiB")


def link(who: str, way: str) -> None:
    """Cluster in this process; print seconds and the memory added, MiB."""
    points = draw_points(MILLION, 1)
    xy = local_metres(points["lng"].to_numpy(), points["lat"].to_numpy())
    kind = points["category"].to_numpy().astype(np.int64) * (way != "all")
    before = peak()
    start = time.process_time()
    if who == "ours":
        link_within(xy, kind, 60)
    else:
        for one in np.unique(kind):
            DBSCAN(eps=50, min_samples=10, algorithm="kd_tree").fit_predict(xy[kind == one])
    seconds = time.process_time() - start
    print(seconds, peak() - before)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    for step in ("cells", "areas", "rings", "links", "large"):
        parser.add_argument(f"--{step}", action="store_true")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        link(*asked.one)
        return
    every = not (asked.cells or asked.areas or asked.rings or asked.links)
    print(f"{'':34}{'library':>12}{'ours':>12}{'ratio':>8}")
    if every or asked.cells:
        compare_cells(large=asked.large)
    if every or asked.areas:
        compare_areas(large=asked.large)
    if every or asked.rings:
        compare_rings()
    if every or asked.links:
        compare_links()


if __name__ == "__main__":
    main()
