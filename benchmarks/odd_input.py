"""Big and odd input: what it takes, and that every row is accounted for.

    OPENBLAS_NUM_THREADS=1 python benchmarks/odd_input.py [--rows 5000000] [--only NAME …]

Each scene runs in a process of its own, whose processor time and highest memory are printed with
the account. `rows` reads and places so many cases of the demo's district under numbers of their
own, with 200,000 callers, and goes no further. The next go the whole way, with a tenth of the rows
(`one address`: a fifth): all at one building, there in one minute or in 100,000 categories, at
100,000 points all over the district, or beside 2,000 columns that mean nothing (a thousandth).
`bomb` is a workbook that unpacks to ten gigabytes of blanks, `corner` one with a value in its last
cell: both must be refused. Matrices have one thread, as the command line has it.
"""

import argparse
import io
import os
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from geo_hotspots import pipeline
from geo_hotspots.config import Config
from geo_hotspots.demo import make_demo
from geo_hotspots.errors import InputError
from geo_hotspots.locating import locate
from geo_hotspots.places.packs.pack import read_pack

SALT = b"salt"
CHUNK = 200_000  # rows written at a time


def write_rows(path: Path, n: int) -> None:
    """Write the demo's cases again and again under new numbers, until there are so many."""
    cases = make_demo(read_pack("dongcheng")).cases
    rng = np.random.default_rng(0)
    for start in range(0, n, CHUNK):
        size = min(CHUNK, n - start)
        part = cases.iloc[np.arange(start, start + size) % len(cases)].copy()
        part["工单编号"] = [f"N{i:09d}" for i in range(start, start + size)]
        part["来电号码"] = [f"139{k:08d}" for k in rng.integers(0, 200_000, size)]
        part.to_csv(path, index=False, mode="a", header=start == 0)


def write_odd(path: Path, n: int, *, kinds: int = 1, days: int = 364) -> None:
    """Write cases at one building within so many days, in so many categories."""
    day = pd.Timestamp("2019-12-29") - pd.to_timedelta(np.arange(n) % days, unit="D")
    table = {
        "工单编号": [f"N{i}" for i in range(n)], "来电时间": day.strftime("%Y-%m-%d 10:00:00"),
        "问题分类": [f"类{i % kinds // 10}->细{i % kinds}" for i in range(n)],
        "问题点位": "忠实里西区2号楼", "来电号码": [f"139{i % 50_000:08d}" for i in range(n)],
    }  # fmt: skip
    pd.DataFrame(table).to_csv(path, index=False)


def write_spread(path: Path, n: int) -> None:
    """Write cases by fives, each by another caller and all within weeks, all over the district."""
    rng, area = np.random.default_rng(0), read_pack("dongcheng").study_area
    west, south, east, north = area.bounds
    spots = n // 5
    drawn = rng.uniform((west, south), (east, north), (4 * spots, 2))
    lng, lat = drawn[shapely.contains_xy(area, *drawn.T)][:spots].round(6).T
    day = pd.Timestamp("2019-12-29") - pd.to_timedelta(rng.integers(0, 300, spots), unit="D")
    for k in range(5):
        table = {
            "工单编号": [f"N{i}-{k}" for i in range(len(lng))],
            "来电时间": (day - pd.Timedelta(days=4 * k)).strftime("%Y-%m-%d 10:00:00"),
            "问题分类": [f"类{i % 50}" for i in range(len(lng))], "经度": lng, "纬度": lat,
            "来电号码": [f"139{i % 20_000_000 * 5 + k:08d}" for i in range(len(lng))],
        }  # fmt: skip
        pd.DataFrame(table).to_csv(path, index=False, mode="a", header=k == 0)


def write_wide(path: Path, n: int) -> None:
    """Write the demo's cases between 2,000 columns that mean nothing."""
    cases = make_demo(read_pack("dongcheng")).cases.head(n)
    more = {f"附加{i}": ["x"] * len(cases) for i in range(2000)}
    pd.DataFrame(more, index=cases.index).join(cases).to_csv(path, index=False)


def write_workbook(path: Path, *, cell: str = "", blanks: int = 0) -> None:
    """Write a small workbook with a cell far out, or a part that is nothing but blanks."""
    whole = io.BytesIO()
    pd.DataFrame({"来电时间": ["2019-01-01"], "地址": ["x"]}).to_excel(whole, index=False)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/") and cell:
                far = f'<row r="1048576"><c r="{cell}"><v>1</v></c></row></sheetData>'
                part = part.replace(b"</sheetData>", far.encode())
            new.writestr(name, part)
        if blanks:
            with new.open("xl/blank.xml", "w", force_zip64=True) as file:
                for _ in range(blanks):
                    file.write(b" " * 1_000_000)


def place(path: Path) -> str:
    """Read and place, no further."""
    found = locate([path], read_pack("dongcheng"), Config(), salt=SALT).account
    assert sum(found.statuses.values()) == found.n_read
    return f"{found.n_read:,} rows accounted for, {found.statuses['located']:,} located"


def whole_way(path: Path) -> str:
    """Go the whole way."""
    request = pipeline.Request((path,), path.parent / "out", date(2026, 1, 1))
    done = pipeline.run(request, read_pack("dongcheng"), Config(), salt=SALT)
    assert sum(done.account.statuses.values()) == done.account.n_read
    size = sum(p.stat().st_size for p in done.folder.iterdir()) / 1e6
    n = len(done.findings.points)
    return f"{done.account.n_read:,} rows accounted for; {n:,} points; run folder {size:.0f} MB"


def refused(path: Path) -> str:
    """Expect one of our sentences."""
    try:
        return f"NOT refused: {place(path)}"
    except InputError as error:
        return f"{path.stat().st_size / 1e3:,.0f} kB refused: {str(error)[:70]}…"


def in_fork(act: Callable[[Path], str], path: Path) -> tuple[str, float, float]:
    """Run in a process of its own; give what it says, processor seconds and gigabytes at most."""
    get, put = os.pipe()
    child = os.fork()
    if not child:
        os.close(get)
        try:
            said = act(path)
        except BaseException as error:  # noqa: BLE001 - told in the table
            said = f"FAILED {type(error).__name__}: {error}"
        os.write(put, said.encode()[:4000])
        os._exit(0)
    os.close(put)
    said = b"".join(iter(lambda: os.read(get, 4096), b"")).decode() or "ENDED by the system"
    usage = os.wait4(child, 0)[2]
    return said, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6


def main() -> None:
    """Go through the scenes and print a line for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--most-gigabytes", type=float, default=8, help="a scene gets no more")
    asked = parser.parse_args()
    n = asked.rows
    scenes: dict[str, tuple[Callable[[Path], None], Callable[[Path], str]]] = {
        "rows": (lambda p: write_rows(p, n), place),
        "one address": (lambda p: write_odd(p, n // 5), whole_way),
        "one minute": (lambda p: write_odd(p, n // 10, days=1), whole_way),
        "spread": (lambda p: write_spread(p, n // 10), whole_way),
        "columns": (lambda p: write_wide(p, n // 1000), whole_way),
        "categories": (lambda p: write_odd(p, n // 10, kinds=100_000), whole_way),
        "bomb": (lambda p: write_workbook(p, blanks=10_000), refused),
        "corner": (lambda p: write_workbook(p, cell="XFD1048576"), refused),
    }
    limit = int(asked.most_gigabytes * 1e9)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    print("| scene | processor | memory | what came |\n| --- | --- | --- | --- |")
    for name in asked.only or scenes:
        write, act = scenes[name]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "cases.xlsx" if act is refused else "cases.csv")
            begin = time.monotonic()
            write(path)
            print(f"{name}: written in {time.monotonic() - begin:.0f} s", file=sys.stderr)
            said, seconds, gigabytes = in_fork(act, path)
            print(f"| {name} | {seconds:.0f} s | {gigabytes:.1f} GB | {said} |", flush=True)


if __name__ == "__main__":
    main()
