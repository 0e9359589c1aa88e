"""Share the way from files to placed cases among workers; stream a city-year through it.

    python benchmarks/workers.py [--cases 1000000] [--parts 4] [--ways one two dask] [--copies 0]

The demo's generator writes a year of so many cases, which are cut into Parquet files. Of each, a
worker reads, normalises, matches and places the cases (the datum declared, since to find it out is
for all of them at once), leaves compact columns in Parquet, and gives back a small table: cases by
status, cell, category and week. Printed is, for one process, two workers and two of
dask.distributed: time by the clock, processor time of all, the most memory of a worker, and
whether the small tables are the same. Starting workers is within the time.

`--copies K` then streams the files K times through two workers, as so many files of a larger year,
lays the compact columns side by side and prints what they take: bytes a case, and in all.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geo_hotspots.cases.keys import name_cases
from geo_hotspots.cases.normalise import normalise_cases
from geo_hotspots.cases.read import read_cases
from geo_hotspots.config import Config, DatumConfig
from geo_hotspots.demo.make import FILES
from geo_hotspots.locating import place_cases
from geo_hotspots.places.by_text import match_cases
from geo_hotspots.places.gazetteer.index import open_gazetteer
from geo_hotspots.places.packs.pack import read_pack
from geo_hotspots.spread import Crew, hire_processes, open_crew

CONFIG = Config(datum=DatumConfig(cases="wgs84"))
BY = ["status", "cell", "category_1", "week"]
Task = tuple[Path, Path]  # cases to be placed, and where their compact columns go
Done = tuple[pd.DataFrame, float, float]  # the small table, processor time, most memory in MiB


def place_part(task: Task) -> Done:
    """Take the cases of a file to their places."""
    source, kept = task
    begin = time.process_time()
    pack = read_pack("dongcheng")
    gazetteer = open_gazetteer(pack)
    cases, _ = normalise_cases(read_cases([source]), timezone=pack.timezone, salt=b"salt")
    cases["case_key"] = name_cases(cases)
    by_text = match_cases(cases, gazetteer, pack.outside, "zh")
    placed, _ = place_cases(cases, by_text, gazetteer, pack=pack, config=CONFIG, lang="zh")
    pq.write_table(pa.Table.from_pandas(compact(placed), preserve_index=False), kept)
    week = placed["reported_at"].dt.to_period("W").dt.start_time
    table = placed.assign(week=week, cell=placed["cell"].fillna("")).groupby(BY).size()
    return table.rename("n").reset_index(), time.process_time() - begin, peak()


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


def peak() -> float:
    """Give the most memory that this process has held, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


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


def time_way(way: str, paths: list[Path], folder: Path) -> tuple[float, float, float, pd.DataFrame]:
    """Place the cases of all files; give both times, the most memory, and the merged table."""
    tasks = [(path, folder / f"{way}-{i}.parquet") for i, path in enumerate(paths)]
    begin = time.perf_counter()
    with WAYS[way]() as crew:
        done = list(crew.spread(place_part, tasks))
    wall = time.perf_counter() - begin
    tables, cpu, most = zip(*done, strict=True)
    merged = pd.concat(tables).groupby(BY, as_index=False)["n"].sum()
    return wall, sum(cpu), max(most), merged


def stream(paths: list[Path], copies: int, folder: Path) -> None:
    """Send the files through two workers again and again; lay what is kept side by side."""
    tasks = [(path, folder / f"year-{k}-{i}.parquet")
             for k in range(copies) for i, path in enumerate(paths)]  # fmt: skip
    counts: pd.DataFrame | None = None
    n, most, begin = 0, 0.0, time.perf_counter()
    with open_crew(workers=2) as crew:
        for at, (table, _, held) in enumerate(crew.spread(place_part, tasks), start=1):
            both = table if counts is None else pd.concat([counts, table])
            counts = both.groupby(BY, as_index=False)["n"].sum()
            n, most = int(counts["n"].sum()), max(most, held)
            if at % len(paths) == 0:
                wall = time.perf_counter() - begin
                print(f"{n:>12,} cases  {wall:7.0f} s  {wall / n * 1e6:6.1f} us a case  "
                      f"a worker {most:5.0f} MiB  the merging process {peak():5.0f} MiB",
                      flush=True)  # fmt: skip
    begin = time.perf_counter()
    columns = pa.concat_tables([pq.read_table(kept) for _, kept in tasks]).unify_dictionaries()
    held = columns.nbytes
    print(f"compact columns of {len(columns):,} cases: {held / 2**20:,.0f} MiB, "
          f"{held / len(columns):.0f} bytes a case; read in {time.perf_counter() - begin:.1f} s; "
          f"this process {peak():,.0f} MiB at most")  # fmt: skip


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--parts", type=int, default=4)
    parser.add_argument("--ways", nargs="*", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--copies", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = write_parts(asked.cases, asked.parts, folder)
        found = {way: time_way(way, paths, folder) for way in asked.ways}
        print(f"{asked.cases:,} cases in {asked.parts} files")
        print(f"{'':6}{'wall s':>8}{'CPU s':>8}{'MiB':>7}")
        for way, (wall, cpu, most, table) in found.items():
            same = table.equals(next(iter(found.values()))[3])
            print(f"{way:6}{wall:8.1f}{cpu:8.1f}{most:7.0f}  {'same' if same else 'NOT THE SAME'}")
        if asked.copies:
            stream(paths, asked.copies, folder)


if __name__ == "__main__":
    main()
