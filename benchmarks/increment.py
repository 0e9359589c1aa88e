"""Time a Monday on a history of a million cases.

    OPENBLAS_NUM_THREADS=1 python benchmarks/increment.py [--cases 1000000] [--rows 20000]

The demo's year is placed once and laid side by side, four years back, under new ids and callers,
until the history holds so many cases. Then one more week is run: so many rows, a tenth of them
known cases with news. Printed is the processor time of each step, of this process on one machine;
matrices have one thread, as the command line has it. What memory costs stands first; in brackets
what the run does besides, from reading to the list of points and the forecast; areas and the run
folder are not part of it.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from geo_hotspots import locating, memory
from geo_hotspots.analysis import points as listing
from geo_hotspots.analysis.gather import gather_cases, in_order, recall_words
from geo_hotspots.analysis.register import NO_WORKS
from geo_hotspots.config import Config
from geo_hotspots.demo import make_demo, write_demo
from geo_hotspots.history import open_history
from geo_hotspots.history.cases import merge_cases
from geo_hotspots.hotspots.forecast.forecast import forecast_week
from geo_hotspots.hotspots.points.repeats import number_points
from geo_hotspots.pipeline import pack_cases
from geo_hotspots.places.packs.pack import Pack, read_pack
from geo_hotspots.schema import Period

BEFORE, MONDAY = date(2019, 12, 22), date(2019, 12, 29)


@contextmanager
def timed(spent: dict[str, float], step: str) -> Iterator[None]:
    """Note the processor time of the body."""
    start = time.process_time()
    yield
    spent[step] = spent.get(step, 0.0) + time.process_time() - start


@contextmanager
def naming(spent: dict[str, float]) -> Iterator[None]:
    """Note the naming of points within the body apart from the rest of it."""
    name_points, inside = listing.name_points, "name points"

    def named(*given: Any) -> Any:
        with timed(spent, inside):
            return name_points(*given)

    listing.name_points = named
    yield
    listing.name_points = name_points
    spent["(repeat points)"] = -spent[inside]


def fill(path: Path, year: pd.DataFrame, n: int, pack: Pack) -> None:
    """Lay the year side by side until the history holds `n` cases."""
    with open_history(path, pack=pack.name, salt=b"salt") as history:
        with memory.open_memory(None, pack, Config(), salt=b"salt", lang="zh") as none:
            placed_by = none.placed_by
        copies = -(-n // len(year))
        for k in range(copies):
            part = year.head(n - k * len(year))
            back = pd.Timedelta(days=7 + round(k * 4 * 364 / copies))
            part = part.assign(
                case_key=part["case_key"] + f"-{k}", case_id=part["case_id"] + f"-{k}",
                caller=part["caller"] + f"{k:02d}", reported_at=part["reported_at"] - back,
            )  # fmt: skip
            merge_cases(history, part, as_of=BEFORE, placed_by=placed_by)
        history.commit()


def next_week(cases: Path, folder: Path, n: int) -> Path:
    """Write an export of `n` rows of the last week, a tenth of them known cases with news."""
    rows = pd.read_csv(cases, dtype="str").head(n)
    at = pd.to_datetime(rows["来电时间"], errors="coerce")
    within = pd.Timestamp("2019-12-23") + (at - at.dt.normalize())
    within += pd.to_timedelta(rows.index % 7, unit="D")
    rows["来电时间"] = within.dt.strftime("%Y-%m-%d %H:%M:%S")
    known = rows.index % 10 == 0
    rows["工单编号"] = rows["工单编号"].where(~known, rows["工单编号"] + "-0")
    rows.to_csv(folder / "week.csv", index=False)
    return folder / "week.csv"


def run_week(week: Path, path: Path, pack: Pack) -> tuple[dict[str, float], int]:
    """Run a week up to its list of points; give the time of each step, and the cases looked at."""
    spent: dict[str, float] = {}
    config = Config()
    with ExitStack() as stack:
        with timed(spent, "open"):
            opened = memory.open_memory(path, pack, config, salt=b"salt", lang="zh")
            mind = stack.enter_context(opened)
        with timed(spent, "(read, match and place the week)"):
            located = locating.locate([week], pack, config, salt=mind.salt, recall=mind.recall)
        with timed(spent, "merge, and load all known"):
            known = mind.merge(located.cases, located.by_text, MONDAY, place=lambda stale: stale)
        with timed(spent, "load points, lists, visits"):
            past = mind.past(MONDAY)
        with timed(spent, "(spots, weights)"):
            ordered = in_order(pack_cases(known)).reset_index(drop=True)
            cases = gather_cases(ordered, past, config)
        end = pd.Timestamp(MONDAY)
        with timed(spent, "(repeat points)"), naming(spent):
            points, lineage = listing.list_points(
                cases, past.known, recall_words(cases, past), config=config, end=end
            )
        with timed(spent, "(forecast)"):
            forecast_week(cases, NO_WORKS, as_of=end)
        number = number_points(points, cases)
        at = number.where(number >= 0).map(points["hotspot_id"])
        shown = points.assign(name="", lifecycle="", rank=1, score=0.0, priority=0.0)
        with timed(spent, "keep and commit"):
            mind.keep(
                points=points, hotspots=shown, lineage=lineage, cases=cases,
                members=at, as_of=MONDAY,
                period=Period.holding(MONDAY, "week"),
                record={"pack": {"sha256": pack.hash}, "input": [], "account": {"read": 0}},
            )  # fmt: skip
    return spent, len(known)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=20_000)
    asked = parser.parse_args()
    pack = read_pack("dongcheng")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases, *_ = write_demo(make_demo(pack), folder)
        year = locating.locate([cases], pack, Config(), salt=b"salt").cases
        history = folder / "history.duckdb"
        fill(history, year, asked.cases, pack)
        print(f"history: {asked.cases} cases, {history.stat().st_size / 1e6:.0f} MB", flush=True)
        spent, n = run_week(next_week(cases, folder, asked.rows), history, pack)
    print(f"a week of {asked.rows} rows; {n} cases looked at")
    for step, seconds in sorted(spent.items(), key=lambda pair: pair[0].startswith("(")):
        print(f"{step:38} {seconds:7.2f} s")
    ours = sum(seconds for step, seconds in spent.items() if not step.startswith("("))
    print(f"{'memory in all':38} {ours:7.2f} s")
    print(f"{'all of these':38} {sum(spent.values()):7.2f} s")


if __name__ == "__main__":
    main()
