"""Sizes and times of the map with a million cases, beside plain folium on cells of one level.

The cases are made up over a city the size of Beijing: eight categories, 52 weeks, 342 streets. Both
pages are opened by the same Chromium, slowed down four times, in turns; the table gives the median
of the loads, and the 95th percentile of the gaps between frames while the map is dragged about.
Plain folium writes the addresses of other servers into its page and is blank without them; so its
page gets Leaflet inlined here and loses the rest, which a map of cells does not need.

    python benchmarks/map.py            # a million cases; folium gets the cells of resolution 8
    python benchmarks/map.py --quick    # fifty thousand
"""

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import folium
import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely
from playwright.sync_api import Browser, CDPSession, sync_playwright

from geo_hotspots.deliver.map.map import write_map
from geo_hotspots.deliver.offline import read_asset
from geo_hotspots.schema import AREA_COLUMNS, CELL_COLUMNS, HOTSPOT_COLUMNS, Masthead, Period

AS_OF = date(2026, 11, 22)
CATEGORIES = (
    "停车管理",
    "市容环卫",
    "物业管理",
    "违法建设",
    "噪声扰民",
    "供热管理",
    "交通管理",
    "街巷治理",
)
SHARES = (0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.06, 0.04)
LEVEL = 8  # of the cells that folium gets
RUNS = 3
THROTTLE = 4
WIDTHS = (7, 8, 8, 8, 9, 8, 7)
SIZE = {"width": 1280, "height": 800}
WATCH = """
window.gaps = []; window.ready = 0;
(function watch(before) {
  requestAnimationFrame(function (now) { window.gaps.push(now - before); watch(now); });
})(performance.now());
(function look() {
  var ours = document.querySelector('html.started canvas');
  if (!ours && !document.querySelector('.folium-map canvas')) { setTimeout(look, 10); return; }
  requestAnimationFrame(function () {
    requestAnimationFrame(function () { window.ready = performance.now(); });
  });
})();
"""


class Figures(NamedTuple):
    """What one page takes."""

    megabytes: float
    load: float  # seconds on the clock, which a busy machine stretches
    busy: float  # seconds of the page's own thread until then, which it does not
    pan: float  # milliseconds between frames, 95th percentile, on the clock
    work: float  # milliseconds of the page's own thread per frame
    worst: float
    heap: float  # megabytes


def make_cases(n: int, seed: int) -> pd.DataFrame:
    """Scatter cases around six thousand places, thinner with distance from the middle."""
    random, places = np.random.default_rng(seed), 6000
    far, angle = random.gamma(2.0, 9, places), random.uniform(0, 2 * np.pi, places)
    weight = random.gamma(0.6, 1, places) * np.exp(-far / 25)
    at = random.choice(places, n, p=weight / weight.sum())
    spread = random.gamma(2, 250, places)[at]
    ago = pd.to_timedelta(random.integers(0, 364, n), unit="D")
    return pd.DataFrame(
        {
            "lng": 116.4 + (far * np.cos(angle))[at] / 85 + random.normal(0, spread) / 85_000,
            "lat": 39.92 + (far * np.sin(angle))[at] / 111 + random.normal(0, spread) / 111_000,
            "category_1": np.array(CATEGORIES)[random.choice(8, n, p=SHARES)],
            "cell": "known",
            "reported_at": pd.Timestamp(AS_OF) - ago,
        }
    )


def make_streets(seed: int) -> gpd.GeoDataFrame:
    """Lay 342 oblong streets over the city."""
    random = np.random.default_rng(seed)
    corners = [(115.8 + i * 0.0667, 39.45 + j * 0.0526) for i in range(18) for j in range(19)]
    table = pd.DataFrame(index=range(len(corners)), columns=list(AREA_COLUMNS), dtype="float64")
    names = [f"第{i + 1}街道" for i in table.index]
    table = table.assign(code=[f"{i:09d}" for i in table.index], name=names, street=names)
    table["n"] = random.integers(100, 6000, len(table))
    boxes = [shapely.box(x, y, x + 0.0667, y + 0.0526) for x, y in corners]
    return gpd.GeoDataFrame(table, geometry=boxes, crs=4326)


def write_ours(path: Path, cases: pd.DataFrame | None, streets: gpd.GeoDataFrame) -> None:
    """Write our map of the cases; without any it is the shell."""

    def nothing(columns: Iterable[str]) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(pd.DataFrame(columns=list(columns)), geometry=[], crs=4326)

    head = Masthead(
        place="北京市", period=Period.holding(AS_OF, "week"), as_of=AS_OF, lang="zh", is_demo=True,
        is_approximate=True, footer="内部工作用图", approval="", version="0",
    )  # fmt: skip
    write_map(
        path, hotspots=nothing(HOTSPOT_COLUMNS), cells=nothing(CELL_COLUMNS), streets=streets,
        communities=nothing(AREA_COLUMNS), masthead=head, min_cell_cases=3, cases=cases,
    )  # fmt: skip


def write_folium(path: Path, cases: pd.DataFrame) -> int:
    """Write the cells of one resolution as folium does it; give how many there are."""
    cells = [
        h3.latlng_to_cell(lat, lng, LEVEL)
        for lat, lng in zip(cases["lat"], cases["lng"], strict=True)
    ]
    counts = pd.Series(cells).value_counts()
    top = float(counts.quantile(0.9))
    features = [
        {
            "type": "Feature",
            "id": cell,
            "properties": {"n": int(n)},
            "geometry": {"type": "Polygon", "coordinates": [
                [[x, y] for y, x in (*h3.cell_to_boundary(cell), h3.cell_to_boundary(cell)[0])]
            ]},
        }
        for cell, n in counts.items()
    ]  # fmt: skip
    chart = folium.Map([39.92, 116.41], zoom_start=10, tiles=None, prefer_canvas=True)
    folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        style_function=lambda f: {
            "fillColor": f"#{255 - int(min(1, f['properties']['n'] / top) * 200):02x}60a0",
            "weight": 0.5, "color": "#fff", "fillOpacity": 1,
        },
    ).add_to(chart)  # fmt: skip
    html = chart.get_root().render()
    html = re.sub(r'<script src="[^"]*"></script>|<link rel="stylesheet"[^>]*>', "", html)
    css, code = (read_asset(f"leaflet/leaflet.{kind}").decode() for kind in ("css", "js"))
    head = f"<head><style>{css}</style><script>{code}</script>"
    path.write_text(html.replace("<head>", head, 1), encoding="utf-8")
    return len(features)


def look(browser: Browser, path: Path, *, hash_: str = "") -> Figures:
    """Open a page at the throttle, wait for its canvas, drag the map about."""
    page = browser.new_page(viewport=SIZE)
    page.set_default_timeout(180_000)
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.add_init_script(WATCH)
    page.goto(path.resolve().as_uri() + hash_)
    while not (ready := page.evaluate("window.ready")):
        time.sleep(0.2)
    busy = thread_seconds(tools)
    time.sleep(1)
    page.evaluate("window.gaps.length = 0")
    before = thread_seconds(tools)
    drag(tools)
    dragged = thread_seconds(tools) - before
    gaps = sorted(page.evaluate("window.gaps"))
    heap = page.evaluate("performance.memory.usedJSHeapSize")
    page.close()
    at_95 = gaps[int(0.95 * len(gaps))]
    work = 1000 * dragged / len(gaps)
    size = path.stat().st_size / 1e6
    return Figures(size, ready / 1000, busy, at_95, work, gaps[-1], heap / 1e6)


def thread_seconds(tools: CDPSession) -> float:
    """Give the processor time that the page's own thread has taken so far."""
    metrics = tools.send("Performance.getMetrics")["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))


def drag(tools: CDPSession) -> None:
    """Drag to and fro, some two seconds, as a hand does."""
    x, y = 700.0, 400.0
    for turn in range(4):
        tools.send("Input.dispatchMouseEvent", mouse("mousePressed", x, y))
        for _ in range(25):
            x, y = x + (6 if turn % 2 else -6), y + (3 if turn < 2 else -3)
            tools.send("Input.dispatchMouseEvent", mouse("mouseMoved", x, y))
            time.sleep(0.016)
        tools.send("Input.dispatchMouseEvent", mouse("mouseReleased", x, y))
        time.sleep(0.15)


def mouse(kind: str, x: float, y: float) -> dict[str, object]:
    """Describe what the mouse does."""
    return {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}


def row(name: str, runs: list[Figures]) -> str:
    """Give a line of the table: medians of several runs."""
    size, load, busy, pan, work, worst, heap = (
        statistics.median(column) for column in zip(*runs, strict=True)
    )
    times = f"{load:>8.2f}{busy:>8.2f}{pan:>8.1f}{work:>9.1f}{worst:>8.0f}"
    return f"{name:<36}{size:>7.2f}{times}{heap:>7.0f}"


def main() -> None:
    """Print the sizes, then a line per page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fifty thousand cases, one run")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    n, runs = (50_000, 1) if asked.quick else (1_000_000, RUNS)
    cases, streets = make_cases(n, asked.seed), make_streets(asked.seed)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        shell, ours, theirs = (
            Path(folder) / name for name in ("shell", "ours.html", "folium.html")
        )
        write_ours(shell, None, streets.iloc[:0])
        begun = time.process_time()
        write_ours(ours, cases, streets)
        seconds = time.process_time() - begun
        begun = time.process_time()
        n_cells = write_folium(theirs, cases)
        print(f"shell {shell.stat().st_size / 1000:.0f} kB; {n:,} cases written in {seconds:.1f} s "
              f"of CPU, by folium {time.process_time() - begun:.1f} s")  # fmt: skip
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        found: dict[str, list[Figures]] = {}
        for _ in range(runs):
            grid, weeks = "#fill=cell", "#fill=cell&span=4&week=40"
            found.setdefault("ours, five resolutions, 52 weeks", []).append(
                look(browser, ours, hash_=grid)
            )
            found.setdefault("ours, opened at four weeks", []).append(
                look(browser, ours, hash_=weeks)
            )
            found.setdefault(f"folium, {n_cells:,} cells", []).append(look(browser, theirs))
        browser.close()
    heads = ("MB", "load s", "busy s", "p95 ms", "work ms", "worst", "heap")
    print(
        f"\n{'CPU slowed 4 times':<36}"
        + "".join(f"{h:>{w}}" for h, w in zip(heads, WIDTHS, strict=True))
    )
    for name, figures in found.items():
        print(row(name, figures))


if __name__ == "__main__":
    main()
