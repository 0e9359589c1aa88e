"""Time the way from a file of cases to tested cells against the pipeline an analyst writes today.

    python benchmarks/pipeline.py [--cases 100000 1000000] [--large] [--repeats 3]

Both read the same CSV, clean it, find each case's H3 cell and community, count by cell, category
and week, and compute Gi* for all cases and the ten most frequent categories. The plain way is
pandas, h3-py, geopandas.sjoin, groupby and esda, at its best: analytical scores instead of 999
permutations, weights built once. Each run is a process of its own, the two in turn; printed are
medians of processor time by stage, of all stages on the clock, the peak of memory, and whether the
answers are the same: cells, joined cases, groups, and the sum of all |z|. `--large` adds 10 and 22
million cases, ours alone beyond 10.
"""

# ruff: noqa: PLC0415 - each way loads what it needs itself, so that memory and start are its own
import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

from city_points import draw_communities, write_cases
from peak import peak

RESOLUTION, N_LAYERS = 9, 11
STAGES = ("read", "cells", "communities", "groups", "Gi*")
PLAIN_MOST = 10_000_000  # cases that the plain way is asked to do
Answer = dict[str, float]


def plain(cases: Path, areas: Path, lap: Callable[[str], None]) -> Answer:
    """Do as most would today."""
    import geopandas as gpd
    import h3
    import numpy as np
    import pandas as pd
    from esda import G_Local
    from libpysal.weights import W

    lap("import")
    df = pd.read_csv(cases, parse_dates=["受理时间"])
    communities = gpd.read_file(areas)
    df = df.drop_duplicates("工单编号").dropna(subset=["经度", "纬度", "诉求分类"])
    df["week"] = df["受理时间"].dt.to_period("W").dt.start_time
    lap("read")
    df["cell"] = [
        h3.latlng_to_cell(y, x, RESOLUTION) for y, x in zip(df["纬度"], df["经度"], strict=True)
    ]
    lap("cells")
    points = gpd.GeoDataFrame(df, geometry=gpd.points_from_xy(df["经度"], df["纬度"]), crs=4326)
    joined = gpd.sjoin(points, communities, how="left", predicate="intersects")
    df["community"] = joined.loc[~joined.index.duplicated(), "community"]
    lap("communities")
    table = df.groupby(["cell", "诉求分类", "week"]).size().rename("n").reset_index()
    by_community = df.groupby(["community", "诉求分类", "week"]).size()
    lap("groups")
    cells = np.sort(df["cell"].unique())
    known = set(cells)
    near = {c: [x for x in h3.grid_disk(c, 1) if x != c and x in known] for c in cells}
    weights = W(near, id_order=list(cells), silence_warnings=True)
    top = table.groupby("诉求分类")["n"].sum().nlargest(N_LAYERS - 1).index
    total = 0.0
    for name in (None, *top):
        part = table if name is None else table[table["诉求分类"] == name]
        y = part.groupby("cell")["n"].sum().reindex(cells, fill_value=0)
        local = G_Local(y.to_numpy(float), weights, transform="B", permutations=0, star=True)
        total += float(np.abs(local.Zs).sum())
    lap("Gi*")
    return {"cells": len(cells), "joined": int(df["community"].notna().sum()),
            "groups": len(table), "community_groups": len(by_community), "z": total}  # fmt: skip


def ours(cases: Path, areas: Path, lap: Callable[[str], None]) -> Answer:
    """Do the same with the parts that a run is made of."""
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from pyarrow import csv

    from geo_hotspots.columns import give_back_memory
    from geo_hotspots.grid import index_points, neighbourhood
    from geo_hotspots.hotspots.areas.areas import gistar
    from geo_hotspots.places.tiling import first_area

    lap("import")
    needed = ["工单编号", "受理时间", "诉求分类", "经度", "纬度"]
    kinds = {"诉求分类": pa.dictionary(pa.int32(), pa.string()), "工单编号": pa.string()}
    options = csv.ConvertOptions(include_columns=needed, column_types=kinds)
    blocks = csv.ReadOptions(block_size=1 << 20)
    with csv.open_csv(cases, read_options=blocks, convert_options=options) as reader:
        table = reader.read_all()
    communities = gpd.read_file(areas)
    # Ids are numbered as they appear: the first row of each has a number higher than all before.
    number = table["工单编号"].combine_chunks().dictionary_encode().indices.to_numpy()
    is_first = np.diff(np.maximum.accumulate(number), prepend=-1) > 0
    category = table["诉求分类"].unify_dictionaries().combine_chunks()
    names = category.dictionary.to_pylist()
    kind = category.indices.to_numpy().astype(np.int64)[is_first]
    at = table["受理时间"].to_numpy().astype("datetime64[D]").astype(np.int64)[is_first]
    week = (at + 3) // 7  # the first of January 1970 was a Thursday
    week -= week.min()
    lng, lat = (table[c].to_numpy()[is_first] for c in ("经度", "纬度"))
    del table, number, category, at
    give_back_memory()
    lap("read")
    cell = index_points(lng, lat, resolution=RESOLUTION)
    lap("cells")
    community = first_area(lng, lat, communities.geometry.to_numpy())
    lap("communities")
    code, cells = pd.factorize(cell, sort=True)
    layers = kind * (int(week.max()) + 1) + week
    n_layers = len(names) * (int(week.max()) + 1)
    groups, counts = np.unique(code * n_layers + layers, return_counts=True)
    is_in = community >= 0
    in_communities = np.sort(community[is_in] * n_layers + layers[is_in])
    n_by_community = 1 + int(np.count_nonzero(np.diff(in_communities)))
    lap("groups")
    near = neighbourhood(pd.Index(cells))
    of_cell, of_kind = groups // n_layers, groups % n_layers // (int(week.max()) + 1)
    n = np.bincount(of_cell * len(names) + of_kind, counts, len(cells) * len(names))
    n = n.reshape(len(cells), len(names))
    top = sorted(range(len(names)), key=lambda k: (-n[:, k].sum(), names[k]))[: N_LAYERS - 1]
    z = gistar(np.c_[n.sum(axis=1), n[:, top]], near)
    lap("Gi*")
    return {"cells": len(cells), "joined": int(is_in.sum()), "groups": len(groups),
            "community_groups": n_by_community, "z": float(np.abs(z).sum())}  # fmt: skip


WAYS = {"plain": plain, "ours": ours}


def run_one(way: str, cases: Path, areas: Path) -> dict[str, Any]:
    """Run one way in this process; give seconds by stage, the peak of memory and the answer."""
    seconds: dict[str, float] = {}
    clock: dict[str, float] = {}
    last = time.process_time(), time.perf_counter()

    def lap(stage: str) -> None:
        nonlocal last
        now = time.process_time(), time.perf_counter()
        seconds[stage], clock[stage] = (b - a for a, b in zip(last, now, strict=True))
        last = now

    answer = WAYS[way](cases, areas, lap)
    seconds |= {
        "all": sum(seconds[s] for s in STAGES),
        "on the clock": sum(clock[s] for s in STAGES),
    }
    return {"seconds": seconds, "peak": peak(), "answer": answer}


def run_apart(way: str, cases: Path, areas: Path) -> dict[str, Any]:
    """Run one way in a process of its own, so that its memory is its own."""
    command = [sys.executable, __file__, "--one", way, str(cases), str(areas)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def is_same(one: Answer, other: Answer) -> bool:
    """Say whether two answers are equal, the sum of scores to a thousand millionth."""
    whole = all(one[key] == other[key] for key in one if key != "z")
    return whole and abs(one["z"] / other["z"] - 1) < 1e-9


def compare(n: int, repeats: int, folder: Path) -> None:
    """Print the table of one size."""
    cases, areas = folder / f"{n}.csv", folder / "communities.gpkg"
    write_cases(n, 1, cases)
    ways = list(WAYS) if n <= PLAIN_MOST else ["ours"]
    runs: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    for _ in range(repeats):
        for way in ways:
            runs[way].append(run_apart(way, cases, areas))
    cases.unlink()
    print(f"\n{n:,} cases")
    print(f"{'':12}" + "".join(f"{way:>12}" for way in ways) + f"{'ratio':>10}")
    for stage in (*STAGES, "all", "on the clock"):
        row = [median(r["seconds"][stage] for r in runs[way]) for way in ways]
        ratio = f"{row[0] / row[1]:9.1f}" if len(row) > 1 else ""
        print(f"{stage:12}" + "".join(f"{s:10.2f} s" for s in row) + f"{ratio:>10}")
    peaks = [median(r["peak"] for r in runs[way]) for way in ways]
    ratio = f"{peaks[0] / peaks[1]:9.1f}" if len(peaks) > 1 else ""
    print(f"{'memory':12}" + "".join(f"{p:8.0f} MiB" for p in peaks) + f"{ratio:>10}")
    answers = [r["answer"] for way in ways for r in runs[way]]
    print(
        "same answers:",
        all(is_same(answers[0], answer) for answer in answers),
        answers[0],
        flush=True,
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--cases", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        way, cases, areas = asked.one
        print(json.dumps(run_one(way, Path(cases), Path(areas))))
        return
    used = ("numpy", "pandas", "geopandas", "shapely", "h3", "esda", "libpysal", "pyarrow", "scipy")
    print(
        platform.machine(), platform.python_version(), *(f"{p} {metadata.version(p)}" for p in used)
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw_communities(1).to_file(folder / "communities.gpkg")
        for n in [*asked.cases, *([10_000_000, 22_000_000] if asked.large else [])]:
            compare(n, asked.repeats, folder)


if __name__ == "__main__":
    main()
