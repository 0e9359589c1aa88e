"""Real cases, end to end: 8,739 requests from New York, a pack built from its neighbourhoods.

    python benchmarks/real_nyc.py ../shared/data/nyc [--out DIR]

The folder holds `requests_2010_2018.csv` and `nta_2010.geojson`; neither is part of the project.
Builds a pack, runs the week that ends on 2013-12-29, holds the results against what must be true
of them, and prints the account. Exit status 1 when something does not hold.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd

ROWS = 8_739
NEIGHBOURHOODS = 195
FILES = (
    "map.html", "report.html", "report.docx", "patrol.xlsx", "patrol.html", "hotspots.geojson",
    "cells.geojson", "communities.geojson", "streets.geojson", "hotspots.gpkg", "ledger.csv",
    "run.json",
)  # fmt: skip


def tool(*args: str) -> str:
    """Call the command line as a user does and give what it prints."""
    command = [sys.executable, "-m", "geo_hotspots", "--lang", "en", *args]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def build_pack(data: Path, out: Path) -> Path:
    """Build a pack from the neighbourhoods."""
    pack = out / "pack"
    tool(
        "pack", "build", "--out", str(pack), "--name", "new-york", "--title", "纽约市",
        "--title-en", "New York City", "--timezone", "America/New_York", "--vintage", "2010",
        "--communities", str(data / "nta_2010.geojson"), "--column", "name=NTAName",
        "--column", "code=NTACode", "--column", "street=BoroName",
        "--source", "New York City Department of City Planning",
    )  # fmt: skip
    return pack


def run(data: Path, out: Path) -> Path:
    """Build the pack, run the week, give the run folder."""
    pack = build_pack(data, out)
    requests = str(data / "requests_2010_2018.csv")
    printed = tool(
        "run", requests, "--pack", str(pack), "--as-of", "2013-12-29", "--out", str(out), "--json"
    )
    return Path(json.loads(printed)["folder"])


def faults(folder: Path) -> list[str]:
    """Hold a run folder against what must be true of these requests."""
    account = json.loads((folder / "run.json").read_text(encoding="utf-8"))["account"]
    with (folder / "ledger.csv").open(encoding="utf-8-sig", newline="") as file:
        ledger = list(csv.DictReader(file))
    counts = {s: sum(row["status"] == s for row in ledger) for s in {r["status"] for r in ledger}}
    areas = gpd.read_file(folder / "communities.geojson")
    points = gpd.read_file(folder / "hotspots.geojson")
    boroughs = {row["street"] for row in ledger if row["status"] == "located"}
    inside = points.geometry.within(areas.geometry.union_all().buffer(1e-6))
    holds = {
        "every file is there": all((folder / name).is_file() for name in FILES),
        f"the ledger has {ROWS} rows": len(ledger) == ROWS == account["read"],
        "statuses sum to the rows": sum(counts.values()) == ROWS,
        "the ledger and run.json agree": all(account[s] == n for s, n in counts.items()),
        "every row says why": all(row["explanation"] for row in ledger),
        f"there are {NEIGHBOURHOODS} areas": len(areas) == NEIGHBOURHOODS,
        "five boroughs have cases": len(boroughs) == 5,
        "nine in ten rows are located": counts["located"] >= 0.9 * (ROWS - counts["superseded"]),
        "points lie in the city": bool(inside.all()),
        "the address with most days comes first": points["name"].iloc[0] == "398 Morgan Avenue",
    }
    return [text for text, is_true in holds.items() if not is_true]


def main() -> None:
    """Run, check, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        start = time.perf_counter()
        folder = run(asked.data, asked.out or Path(scratch))
        seconds = time.perf_counter() - start
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        print(json.dumps(record["account"], indent=2))
        print(f"points {record['points']}, hot cells {record['hot_cells']}, {seconds:.1f} s")
        points = gpd.read_file(folder / "hotspots.geojson").head(20)
        for row in points.itertuples():
            print(f"{row.rank:>3} {row.name} | {row.category} | {row.reason}")
        wrong = faults(folder)
    print("\n".join(f"WRONG: {text}" for text in wrong) or "all holds")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
