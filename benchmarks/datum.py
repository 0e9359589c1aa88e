"""How often the datum of coordinates is found out, how exact the way back is, and how fast.

    python benchmarks/datum.py [--columns 300] [--seed 2025]

Columns of points are drawn over the places of the embedded pack, in each datum, with errors of
30, 100 and 300 m; one anchor in five is a wrong place. A column is told right, refused or wrong.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import shapely
from wilson import share

from geo_hotspots.places.datum.detect import detect_datum
from geo_hotspots.places.datum.shift import Datum, from_wgs84, to_wgs84
from geo_hotspots.places.packs.pack import Pack, read_pack

_DATUMS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
_WRONG = 0.2
_METRES = 111_195.0
_BEIJING_1954 = (85.0, 60.0)  # metres east and north: about what an undeclared old datum does


def draw(
    pack: Pack, n: int, sigma: float, datum: Datum, *, rng: np.random.Generator,
    off: tuple[float, float] = (0.0, 0.0),
) -> tuple[pd.Series, pd.Series, pd.DataFrame]:  # fmt: skip
    """Draw points at places of the pack, their coordinates in a datum, and their anchors."""
    at = pack.places[["lng", "lat"]].to_numpy()[rng.choice(len(pack.places), n)]
    error = (rng.normal(0, sigma, (n, 2)) + off) / _METRES
    error[:, 0] /= np.cos(np.radians(39.92))
    lng, lat = from_wgs84(*(at + error).T, datum=datum)
    is_wrong = rng.random(n) < _WRONG
    named = np.where(is_wrong[:, None], rng.permutation(at), at)
    anchors = pd.DataFrame({"lng": named[:, 0], "lat": named[:, 1], "key": np.arange(n)})
    return pd.Series(lng), pd.Series(lat), anchors


def tally(answers: list[tuple[Datum | None, Datum]]) -> str:
    """Write shares told right, refused and wrong."""
    right, none = sum(a == b for a, b in answers), sum(a is None for a, _ in answers)
    n = len(answers)
    return f"{share(right, n)} | {share(none, n)} | {share(n - right - none, n)}"


def columns(pack: Pack, times: int, rng: np.random.Generator) -> None:
    """Print how columns are told by anchors, by the boundary, and when none of three fits."""
    area = pack.study_area
    shapely.prepare(area)
    print("| evidence | error | n | right % | refused % | wrong % |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for sigma in (30.0, 100.0, 300.0):
        for n in (10, 30, 100):
            told = []
            for i in range(times):
                datum = _DATUMS[i % 3]
                lng, lat, anchors = draw(pack, n, sigma, datum, rng=rng)
                told.append((detect_datum(lng, lat, study_area=area, anchors=anchors).datum, datum))
            print(f"| anchors, 20 % wrong | {sigma:.0f} m | {n} | {tally(told)} |", flush=True)
    for n in (20, 50, 100, 300):
        told = []
        for i in range(times):
            lng, lat, _ = draw(pack, n, 30.0, _DATUMS[i % 3], rng=rng)
            told.append((detect_datum(lng, lat, study_area=area).datum, _DATUMS[i % 3]))
        print(f"| boundary alone | 30 m | {n} | {tally(told)} |", flush=True)
    refused = []
    for _ in range(times):
        lng, lat, anchors = draw(pack, 100, 30.0, "wgs84", rng=rng, off=_BEIJING_1954)
        refused.append(detect_datum(lng, lat, study_area=area, anchors=anchors).datum is None)
    print(
        f"\nan undeclared datum 104 m off is refused in {share(sum(refused), times)} % of columns"
    )


def rows(pack: Pack, times: int, rng: np.random.Generator) -> None:
    """Print how the rows of mixed columns are told, by source and without one."""
    print("\n| mixed column, 300 rows | error | right % | refused % | wrong % |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for label in ("two sources, one datum each", "two sources, one mixed", "no source named"):
        for sigma in (30.0, 100.0):
            told: list[tuple[Datum | None, Datum]] = []
            for _ in range(times):
                parts = [draw(pack, 150, sigma, datum, rng=rng) for datum in ("wgs84", "gcj02")]
                lng, lat, anchors = (
                    pd.concat(p, ignore_index=True) for p in zip(*parts, strict=True)
                )
                anchors["key"] = np.arange(300)
                truth = np.repeat(np.array(["wgs84", "gcj02"]), 150)
                source = pd.Series(truth)
                if "one mixed" in label:
                    source = source.mask(np.arange(300) >= 225, "wgs84")
                found = detect_datum(
                    lng, lat, study_area=pack.study_area, anchors=anchors,
                    sources=None if label == "no source named" else source,
                ).rows  # fmt: skip
                told += zip(found.astype(object).where(found.notna(), None), truth, strict=True)
            print(f"| {label} | {sigma:.0f} m | {tally(told)} |", flush=True)


def formulas(rng: np.random.Generator) -> None:
    """Print error and speed of the way there and back."""
    n = 1_000_000
    lng, lat = rng.uniform(73.5, 135.5, n), rng.uniform(3.5, 53.5, n)
    print("\n| way | largest error there and back | points/s of CPU |\n| --- | ---: | ---: |")
    for datum in ("gcj02", "bd09"):
        given = from_wgs84(lng, lat, datum=datum)
        seconds = min(_timed(lambda g=given, d=datum: to_wgs84(*g, datum=d)) for _ in range(3))
        back = to_wgs84(*given, datum=datum)
        east = (back[0] - lng) * _METRES * np.cos(np.radians(lat))
        off = np.hypot(east, (back[1] - lat) * _METRES).max()
        print(f"| {datum} to WGS84, all China | {off:.1e} m | {n / seconds:,.0f} |")


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--columns", type=int, default=300, help="of each kind")
    parser.add_argument("--seed", type=int, default=2025)
    asked = parser.parse_args()
    rng, pack = np.random.default_rng(asked.seed), read_pack("dongcheng")
    columns(pack, asked.columns, rng)
    rows(pack, max(asked.columns // 10, 5), rng)
    formulas(rng)


if __name__ == "__main__":
    main()
