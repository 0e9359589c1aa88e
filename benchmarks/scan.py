"""Whether the scan finds bursts, and how often it finds what is not there.

    python benchmarks/scan.py            # size, power and speed: about 20 minutes on a core
    python benchmarks/scan.py size       # one part of it; also: speed, equal, power 0 … power 4
    python benchmarks/scan.py --quick    # a twentieth of the runs

A made-up district of 2,791 cells of H3 resolution 10 and 6,000 cases a year: places are alike
or differ (gamma, shape 0.5), weeks differ (season and noise), and place and week have nothing to
do with each other. Into the last two weeks 6 to 14 more cases are thrown, on one random cell or on
the seven about it; or they are all of one category of twelve, which is scanned on its own among
thirteen scans, as the product does; or they come over six weeks. Found: a cluster with a
recurrence interval of 20 weeks (to be watched) or 52 (alarm), whose centre lies within one ring of
the true one. Beside it, what one does without a scan: every ring's last two weeks against its own
year, exact Poisson, Benjamini-Hochberg at 5 %; `equal` holds that method to as many false alarms
as the scan promises.
"""

import argparse
import time
from typing import NamedTuple

import h3.api.basic_int as h3
import numpy as np
import pandas as pd
from scipy.stats import binom, binomtest, false_discovery_control

from geo_hotspots.grid import neighbourhood
from geo_hotspots.hotspots.areas.emerging import disks_of, scan_cases
from geo_hotspots.hotspots.areas.tails import upper_tail

WEEKS = 52
CELLS = pd.Index(np.array(sorted(h3.grid_disk(h3.latlng_to_cell(39.92, 116.41, 10), 30)),
                          dtype=np.uint64))  # fmt: skip
NEAR = neighbourhood(CELLS)
DISKS = disks_of(CELLS)
EXTRA = (6, 8, 10, 14)


class Setting(NamedTuple):
    """A kind of district, and of burst."""

    name: str
    shape: float  # of the gamma by which places differ
    steps: int  # how far about its centre a burst spreads
    cases: int
    scans: int
    weeks: int = 2  # over which it comes


SETTINGS = (
    Setting("places alike, burst in one cell", 1e6, 0, 6000, 1),
    Setting("places differ, burst in one cell", 0.5, 0, 6000, 1),
    Setting("places differ, burst over seven cells", 0.5, 1, 6000, 1),
    Setting("the same, of one category of twelve", 0.5, 1, 500, 13),
    Setting("places differ, burst of six weeks over seven cells", 0.5, 1, 6000, 1, 6),
)


def make_city(rng: np.random.Generator, n: int, shape: float) -> tuple[np.ndarray, np.ndarray]:
    """Give the cell and the age in weeks of `n` cases, independent of each other."""
    place = rng.gamma(shape, size=len(CELLS))
    season = 1 + 0.4 * np.sin(2 * np.pi * (np.arange(WEEKS) + rng.uniform(0, WEEKS)) / WEEKS)
    week = season * rng.gamma(20, 1 / 20, WEEKS)
    row = rng.choice(len(CELLS), n, p=place / place.sum())
    return row, rng.choice(WEEKS, n, p=week / week.sum())


def add_burst(
    rng: np.random.Generator, row: np.ndarray, age: np.ndarray, extra: int, setting: Setting
) -> tuple[np.ndarray, np.ndarray, int]:
    """Throw `extra` cases of the last weeks on a random cell, or on it and those around."""
    centre = int(rng.integers(len(CELLS)))
    around = NEAR[[centre]].indices if setting.steps else np.array([centre])
    more = rng.choice(around, extra), rng.integers(0, setting.weeks, extra)
    return np.append(row, more[0]), np.append(age, more[1]), centre


def scan(row: np.ndarray, age: np.ndarray) -> pd.DataFrame:
    """Scan as the product does: `pvalue` and `centre` of each cluster."""
    return scan_cases(row, age, DISKS, weeks=WEEKS)


def own_year(row: np.ndarray, age: np.ndarray) -> pd.DataFrame:
    """Hold every ring's last two weeks against its own year; `pvalue` is the q of the best."""
    recent = NEAR @ np.bincount(row[age < 2], minlength=len(CELLS))
    usual = NEAR @ np.bincount(row[age >= 2], minlength=len(CELLS)) * 2 / (WEEKS - 2)
    qvalue = false_discovery_control(upper_tail(recent, np.maximum(usual, 2 / WEEKS)))
    best = int(np.argmin(qvalue))
    return pd.DataFrame({"pvalue": [qvalue[best]], "centre": [best]})


def is_found(clusters: pd.DataFrame, centre: int, level: float) -> bool:
    """Say whether a cluster at `level` lies within one ring of the burst."""
    near = NEAR[[centre]].toarray()[0] > 0
    sure = clusters[clusters["pvalue"] <= level]
    return bool(near[sure["centre"].to_numpy(dtype=int)].any())


def interval(k: int, n: int) -> str:
    """Write a share with its 95 % interval."""
    low, high = binomtest(k, n).proportion_ci(method="wilson")
    return f"{100 * k / n:5.1f} % ({100 * low:4.1f}-{100 * high:5.1f})"


def tell_size(seed: int, runs: int, n: int, *, busy: bool) -> None:
    """Print how often quiet districts show something, or such as are busier throughout of late."""
    rng = np.random.default_rng([seed, int(busy)])
    chance, rival = np.ones(runs), np.ones(runs)
    for i in range(runs):
        row, age = make_city(rng, n, 0.5)
        if busy:  # half as many again everywhere, in the last two weeks
            more = rng.choice(row, int((age < 2).sum() // 2))
            row, age = np.append(row, more), np.append(age, rng.integers(0, 2, len(more)))
        chance[i] = scan(row, age)["pvalue"].min()
        rival[i] = own_year(row, age)["pvalue"].min()
    print(f"{'busy weeks' if busy else 'quiet districts'}, {runs} runs of {n} cases")
    for weeks in (20, 52):
        low, high = binom.interval(0.95, runs, 1 / weeks)
        k = int((chance <= 1 / weeks).sum())
        print(f"  recurrence >= {weeks} weeks: {k} runs; by definition {runs / weeks:.1f}, "
              f"exact 95 % band {low:.0f} to {high:.0f}")  # fmt: skip
    print(f"  own year, Poisson, FDR 5 %: any ring in {interval(int((rival <= 0.05).sum()), runs)}")


def tell_power(seed: int, runs: int, setting: Setting) -> None:
    """Print how often bursts of one setting are found."""
    print(f"\n{setting.name}: {setting.cases} cases, {setting.scans} scans, {runs} runs each")
    print(f"{'extra':>6}  {'watch':>22}  {'alarm':>22}  {'own year, FDR 5 %':>22}")
    for extra in EXTRA:
        rng = np.random.default_rng([seed, extra, setting.steps, setting.cases])
        hits = np.zeros(3, dtype=int)
        for _ in range(runs):
            city = make_city(rng, setting.cases, setting.shape)
            row, age, centre = add_burst(rng, *city, extra, setting)
            mine = scan(row, age)
            hits += [is_found(mine, centre, 1 / 20 / setting.scans),
                     is_found(mine, centre, 1 / 52 / setting.scans),
                     is_found(own_year(row, age), centre, 0.05 / setting.scans)]  # fmt: skip
        watch, alarm, other = (interval(int(k), runs) for k in hits)
        print(f"{extra:>6}  {watch:>22}  {alarm:>22}  {other:>22}", flush=True)


def tell_equal(seed: int, runs: int, setting: Setting, extra: int) -> None:
    """Print what the rival finds where it raises as many false alarms as the scan promises."""
    rng = np.random.default_rng([seed, runs])
    quiet = [own_year(*make_city(rng, setting.cases, setting.shape)) for _ in range(runs)]
    levels = np.quantile([q["pvalue"].min() for q in quiet], [1 / 20, 1 / 52])
    hits = np.zeros(2, dtype=int)
    for _ in range(runs):
        city = make_city(rng, setting.cases, setting.shape)
        row, age, centre = add_burst(rng, *city, extra, setting)
        hits += [is_found(own_year(row, age), centre, level) for level in levels]
    print(f"\n{setting.name}, {extra} extra cases, {runs} runs")
    for weeks, k in zip((20, 52), hits, strict=True):
        print(f"  own year, one false alarm in {weeks} weeks: found {interval(int(k), runs)}")


def tell_speed(seed: int) -> None:
    """Print what 999 shuffles cost; a sure burst keeps them from stopping early."""
    print("\n999 shuffles")
    for n in (6_000, 20_000, 100_000):
        rng = np.random.default_rng([seed, n])
        row, age, _ = add_burst(rng, *make_city(rng, n, 0.5), 60, SETTINGS[2])
        start, cpu = time.perf_counter(), time.process_time()
        scan(row, age)
        print(f"  {n:>7} cases: {time.perf_counter() - start:.2f} s, "
              f"{time.process_time() - cpu:.2f} s of processor time")  # fmt: skip


def main() -> None:
    """Print size, power and speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", choices=["size", "power", "equal", "speed"])
    parser.add_argument("setting", nargs="?", type=int, choices=range(len(SETTINGS)))
    parser.add_argument("--quick", action="store_true", help="a twentieth of the runs")
    parser.add_argument("--seed", type=int, default=20_261_122)
    args = parser.parse_args()
    if args.part in (None, "size"):
        tell_size(args.seed, 50 if args.quick else 1000, 6_000, busy=False)
        tell_size(args.seed, 50 if args.quick else 400, 6_000, busy=True)
    if args.part in (None, "power"):
        chosen = SETTINGS if args.setting is None else [SETTINGS[args.setting]]
        for setting in chosen:
            tell_power(args.seed, 10 if args.quick else 200, setting)
    if args.part in (None, "equal"):
        tell_equal(args.seed, 75 if args.quick else 1500, SETTINGS[2], 8)
    if args.part in (None, "speed"):
        tell_speed(args.seed)


if __name__ == "__main__":
    main()
