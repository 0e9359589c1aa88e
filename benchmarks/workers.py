"""Share the way from files to placed cases among workers; hold what is left of a larger year.

    python benchmarks/workers.py [--cases 1000000] [--parts 4] [--ways one two dask] [--year 0]

The demo's generator writes a year of so many cases, which are cut into Parquet files. Of each, a
worker reads, normalises, matches and places the cases (the datum declared, since to find it out is
for all of them at once), leaves compact columns in Parquet, and gives back a small table: cases by
status, cell, category and week. Printed is, for one process, two workers and two of
dask.distributed: time by the clock, processor time of all and of the busiest worker (its start
within; on a busy machine it says what the clock would on a quiet one), the most memory of a
worker, and whether the small tables are the same.

`--year N` then lays the compact columns side by side until they are of N cases, as a process would
hold them that goes on with a larger year, counts over all of them, and prints what both take.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from peak import peak

from geo_hotspots.cases.keys import name_cases
from geo_hotspots.cases.normalise import normalise_cases
from geo_hotspots.cases.read import read_pieces
from geo_hotspots.config import Config, DatumConfig
from geo_hotspots.demo.make import FILES
from geo_hotspots.hire import hire_processes, open_crew
from geo_hotspots.locating import place_cases
from geo_hotspots.places.by_text import match_cases
from geo_hotspots.places.gazetteer.index import open_gazetteer
from geo_hotspots.places.packs.pack import read_pack
from geo_hotspots.spread import Crew

CONFIG = Config(datum=DatumConfig(cases="wgs84"))
BY = ["status", "cell", "category_1", "week"]
Task = tuple[Path, Path]  # cases to be placed, and where their compact columns go
Done = tuple[pd.DataFrame, int, float, float]  # the small table; who, its seconds and most MiB


def place_part(task: Task) -> Done:
    """Take the cases of a file to their places."""
    source, kept = task
    pack = read_pack("dongcheng")
    gazetteer = open_gazetteer(pack)
    cases, _ = normalise_cases(read_pieces([source]), timezone=pack.timezone, salt=b"salt")
    cases["case_key"] = name_cases(cases)
    by_text = match_cases(cases, gazetteer, pack.outside, "zh")
    placed, _ = place_cases(cases, by_text, gazetteer, pack=pack, config=CONFIG, lang="zh")
    pq.write_table(pa.Table.from_pandas(compact(placed), preserve_index=False), kept)
    week = placed["reported_at"].dt.to_period("W").dt.start_time
    words = {c: placed[c].astype("str").fillna("") for c in BY[:3]}
    table = pd.DataFrame(words | {"week": week}).groupby(BY).size()
    return table.rename("n").reset_index(), os.getpid(), time.process_time(), peak()


def compact(placed: pd.DataFrame) -> pd.DataFrame:
    """Keep of a case what an analysis of all of them needs: numbers, and codes for texts."""
    codes = ("status", "category", "category_1", "community_code", "place_key", "cell")
    hashed = {c: pd.util.hash_array(placed[c].to_numpy(object)) for c in ("case_key", "caller")}
    return pd.DataFrame(
        hashed
        | {"reported_at": placed["reported_at"], "lng": placed["lng"], "lat": placed["lat"]}
        | {c: placed[c].astype("category") for c in codes}
        | {c: placed[c] for c in ("responded", "resolved", "satisfied")}
    )


@contextmanager
def two_of_dask() -> Iterator[Crew]:
    """Open a cluster of two on this machine."""
    from distributed import LocalCluster  # noqa: PLC0415 - an extra

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        open_crew(cluster=cluster.scheduler_address) as crew,
    ):
        yield crew


WAYS: dict[str, Callable[[], AbstractContextManager[Crew]]] = {
    "one": lambda: Crew(partial(hire_processes, 1)),  # a process of its own, as the others
    "two": lambda: open_crew(workers=2),
    "dask": two_of_dask,
}


def write_parts(n: int, parts: int, folder: Path) -> list[Path]:
    """Write a year of `n` cases as so many Parquet files, cases of all weeks in each."""
    maker = Path(__file__).with_name("whole_run.py")
    subprocess.run([sys.executable, maker, f"--cases={n}", f"--write={folder}"], check=True)
    year = pd.read_csv(folder / FILES[0], dtype="str", encoding="utf-8-sig")
    paths = [folder / f"part-{i:02d}.parquet" for i in range(parts)]
    for i, path in enumerate(paths):
        year.iloc[i::parts].to_parquet(path, index=False)
    return paths


def time_way(way: str, paths: list[Path], folder: Path) -> tuple[list[float], pd.DataFrame]:
    """Place the cases of all files; give the times and the most memory, and the merged table."""
    tasks = [(path, folder / f"{way}-{i}.parquet") for i, path in enumerate(paths)]
    begin = time.perf_counter()
    with WAYS[way]() as crew:
        done = list(crew.spread(place_part, tasks))
    wall = time.perf_counter() - begin
    tables, who, cpu, most = zip(*done, strict=True)
    spent = pd.Series(cpu).groupby(list(who)).max()
    merged = pd.concat(tables).groupby(BY, as_index=False)["n"].sum()
    return [wall, spent.sum(), spent.max(), max(most)], merged


def lay(kept: list[Path], n: int) -> None:
    """Lay compact columns side by side until they are of `n` cases, and count over all of them."""
    parts = [pq.read_table(path) for path in kept]
    size = sum(map(len, parts))
    begin = time.perf_counter()
    columns = pa.concat_tables(parts * -(-n // size)).unify_dictionaries().combine_chunks()
    laid = time.perf_counter()
    week = columns["reported_at"].to_numpy().astype("datetime64[W]").astype(np.int64)
    week -= week.min()
    cell, kind = (columns[c].chunk(0).indices.fill_null(-1).to_numpy() for c in BY[1:3])
    layers = np.int64(kind.max() + 1) * (week.max() + 1)
    counts = np.unique(cell * layers + kind * (week.max() + 1) + week, return_counts=True)[1]
    print(f"{len(columns):,} cases laid side by side: {columns.nbytes / 2**20:,.0f} MiB, "
          f"{columns.nbytes / len(columns):.0f} bytes a case, in {laid - begin:.1f} s; "
          f"{len(counts):,} counts of cell, category and week in "
          f"{time.perf_counter() - laid:.1f} s; the process {peak():,.0f} MiB at most")  # fmt: skip


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--parts", type=int, default=4)
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--year", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = write_parts(asked.cases, asked.parts, folder)
        found = {way: time_way(way, paths, folder) for way in asked.ways}
        print(f"{asked.cases:,} cases in {asked.parts} files")
        print(f"{'':6}{'wall s':>9}{'CPU s':>9}{'busiest':>9}{'MiB':>9}")
        for way, (figures, table) in found.items():
            same = table.equals(next(iter(found.values()))[1])
            row = "".join(f"{figure:9.1f}" for figure in figures)
            print(f"{way:6}{row}  {'same' if same else 'NOT THE SAME'}")
        if asked.year:
            lay([folder / f"{asked.ways[-1]}-{i}.parquet" for i in range(asked.parts)], asked.year)


if __name__ == "__main__":
    main()
