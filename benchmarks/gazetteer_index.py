"""How long a gazetteer of a million doors takes to build and to load, and the memory it holds.

    python benchmarks/gazetteer_index.py [--doors 1000000]

The roads are the pack's own names with made-up continuations, each with a hundred doors at invented
places. Loading is timed in a process of its own, until the first text is answered; memory is what
the loaded gazetteer adds to the process (resident set).
"""

import argparse
import dataclasses
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from geo_hotspots.places.gazetteer.index import open_gazetteer, read_index
from geo_hotspots.places.match.explain import match_text
from geo_hotspots.places.packs.pack import Pack, read_pack

_DOORS_PER_ROAD = 100
_WORDS = "春夏秋冬梅兰竹菊松柏杨柳金银铜铁仁义礼智"


def made_up(pack: Pack, n_doors: int) -> Pack:
    """Give a pack whose places are so many doors and their roads."""
    own = pack.places[pack.places["level"] == "road"]["name"].unique()
    n_roads = n_doors // _DOORS_PER_ROAD
    heads = [a + b + c for a in _WORDS for b in _WORDS for c in _WORDS if len({a, b, c}) > 1]
    roads = [f"{heads[i // len(own)]}{own[i % len(own)]}" for i in range(n_roads)]
    rng = np.random.default_rng(1)
    area = rng.integers(len(pack.communities), size=n_roads)
    road = np.repeat(np.arange(n_roads), _DOORS_PER_ROAD)
    number = np.tile(np.arange(1, _DOORS_PER_ROAD + 1), n_roads)
    doors = pd.DataFrame(
        {
            "id": [f"D{i:07d}" for i in range(len(road))],
            "name": [f"{roads[r]}{n}号" for r, n in zip(road, number, strict=True)],
            "type": "door", "aliases": "", "level": "door", "uncertainty_m": 15.0,
            "community": pack.communities["name"].to_numpy()[area[road]],
            "street": pack.communities["street"].to_numpy()[area[road]],
            "lng": rng.uniform(116.38, 116.44, len(road)),
            "lat": rng.uniform(39.86, 39.97, len(road)), "source": "made",
        }
    )  # fmt: skip
    return dataclasses.replace(pack, places=doors, hash=f"made-up {n_doors}")


def resident() -> float:
    """Give the resident set of this process in megabytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def load(path: Path, text: str) -> None:
    """Load an index and answer one text; print seconds and megabytes."""
    before, start = resident(), time.perf_counter()
    gazetteer = read_index(path)
    if gazetteer is None:
        sys.exit(f"{path} is damaged")
    loaded = time.perf_counter() - start
    found = match_text(text, gazetteer)
    answered = time.perf_counter() - start
    print(f"{loaded:.3f} {answered:.3f} {resident() - before:.0f} {found.name}")


def main() -> None:
    """Build, load and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--doors", type=int, default=1_000_000)
    parser.add_argument("--load", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--text", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.load:
        load(asked.load, asked.text)
        return
    pack = made_up(read_pack("dongcheng"), asked.doors)
    text = pack.places["name"].iloc[asked.doors // 2]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        gazetteer = open_gazetteer(pack, Path(folder))
        built = time.perf_counter() - start
        (path,) = Path(folder).iterdir()
        command = [sys.executable, __file__, "--load", str(path), "--text", text]
        words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        size = path.stat().st_size / 1e6
    print("| doors | names | build | on disk | load | to the first answer | memory |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    print(
        f"| {asked.doors:,} | {len(gazetteer.names):,} | {built:.1f} s | {size:.0f} MB | "
        f"{words[0]} s | {words[1]} s | {words[2]} MB |"
    )


if __name__ == "__main__":
    main()
