"""Time a whole run, from an export to every file of the folder, stage by stage.

    python benchmarks/whole_run.py [--cases 1000000] [--parquet] [--with-history] [--workers 1]

The demo's generator writes a year of so many cases at the places of the embedded pack, each address
spelt in many ways, and a process of its own runs them as the command line does. Printed is the
processor time of each stage of that process, its wall time, and the most memory that was held so
far; the start of Python and the imports stand first. Under 10,000 cases, the head of a year of so
many is taken. With `--parquet` the export is of that kind and may be of any size: years of a
million cases each, which share their callers, are drawn one after the other and laid out by time,
in bounded memory. Run it while nothing else runs: processor time grows too where cores share a
cache.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from peak import peak

STEPS = (  # module, function, and how deep it stands under those above
    ("pipeline", "locate", 0), ("locating", "normalise_cases", 1),
    ("locating", "open_gazetteer", 1), ("locating", "match_cases", 1),
    ("locating", "place_cases", 1), ("pipeline", "merge_known", 0), ("pipeline", "analyse", 0),
    ("analysis.analyse", "gather_cases", 1), ("analysis.points", "find_repeats", 1),
    ("analysis.analyse", "forecast_week", 1), ("analysis.points", "profile_points", 1),
    ("analysis.analyse", "finish_survey", 1), ("hotspots.areas.survey", "describe_emerging", 2),
    ("hotspots.areas.survey", "list_near", 2), ("pipeline", "write_run", 0),
    ("deliver.run_folder", "write_features", 1), ("deliver.run_folder", "write_tidy", 1),
    ("deliver.run_folder", "write_map", 1), ("deliver.run_folder", "tell_story", 1),
    ("deliver.run_folder", "write_report", 1), ("deliver.run_folder", "write_docx", 1),
    ("deliver.run_folder", "_write_patrol", 1), ("deliver.run_folder", "write_ledger", 1),
)  # fmt: skip
LEAST = 10_000
AT_ONCE = 1_000_000  # of a year that is drawn in one go
_AS_COMMAND_LINE = {"OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
ID, TIME = "工单编号", "来电时间"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--parquet", action="store_true", help="not CSV; for more than a million")
    parser.add_argument("--with-history", action="store_true", help="keep one, as `run` does")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the work")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)  # in the child process
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.write:
        write_year(asked.cases, asked.write, parquet=asked.parquet)
    elif asked.measure:
        told = measure(asked.measure, asked.workers, with_history=asked.with_history)
        print(json.dumps(told))
    else:
        kind = ["--parquet"] if asked.parquet else []
        report(asked.cases, kind, asked.workers, with_history=asked.with_history)


def report(n: int, kind: list[str], workers: int, *, with_history: bool) -> None:
    """Write the cases, run them in a process of their own, print its table."""
    with tempfile.TemporaryDirectory() as name:
        call([f"--cases={n}", f"--write={name}", *kind])
        start = time.perf_counter()
        options = [f"--workers={workers}", *(["--with-history"] if with_history else [])]
        told = call([f"--measure={name}", *options])
        wall = time.perf_counter() - start
    print(f"{'':34}{'CPU s':>8}{'wall s':>8}{'peak MiB':>10}")
    for label, cpu, waited, held in told["steps"]:
        print(f"{label:34}{cpu:8.2f}{waited:8.2f}{held:10.0f}")
    print(f"{f'{n} cases in all':34}{told['cpu']:8.2f}{wall:8.2f}{told['peak']:10.0f}")


def call(args: list[str]) -> dict[str, Any]:
    """Run this script again and read the last line that it prints."""
    done = subprocess.run(
        [sys.executable, __file__, *args], check=True, stdout=subprocess.PIPE, text=True,
        env={**_AS_COMMAND_LINE, **os.environ},
    )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def write_year(n: int, folder: Path, *, parquet: bool) -> None:
    """Write an export of `n` cases, its register and its rain days."""
    from geo_hotspots.demo import make_demo, write_demo  # noqa: PLC0415 - not in the run's process
    from geo_hotspots.places.packs.pack import read_pack  # noqa: PLC0415 - as above

    pack = read_pack("dongcheng")
    demo = make_demo(pack, n=max(min(n, AT_ONCE) if parquet else n, LEAST))
    cases, *_ = write_demo(demo, folder)
    if parquet:
        cases.unlink()
        for i, size in enumerate(part_sizes(n)):
            year = make_demo(pack, seed=i, n=max(size, LEAST)).cases.head(size)
            year = year.assign(**{ID: f"{i}-" + year[ID]})
            year.to_parquet(folder / f"{i:02d}.parquet", index=False)
            del year
        lay_out(folder, cases.with_suffix(".parquet"))
    elif n < LEAST:
        demo.cases.head(n).to_csv(cases, index=False, encoding="utf-8-sig", lineterminator="\n")
    print("{}")


def part_sizes(n: int) -> list[int]:
    """Part so many cases into years of some million each."""
    parts = -(-n // AT_ONCE)
    return [n * (i + 1) // parts - n * i // parts for i in range(parts)]


def lay_out(folder: Path, path: Path) -> None:
    """Put the years of a folder into one file, in order of time."""
    import duckdb  # noqa: PLC0415 - not in the run's process

    parts = sorted(folder.glob("??.parquet"))
    with duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(folder)}) as db:
        years = db.read_parquet([*map(str, parts)])
        years.order(f'"{TIME}", "{ID}"').write_parquet(str(path))
    for part in parts:
        part.unlink()


def measure(folder: Path, workers: int, *, with_history: bool) -> dict[str, Any]:
    """Run the cases and say what each stage took."""
    from geo_hotspots import pipeline  # noqa: PLC0415 - the start is measured
    from geo_hotspots.config import Config  # noqa: PLC0415 - as above
    from geo_hotspots.demo.make import FILES  # noqa: PLC0415 - as above
    from geo_hotspots.hire import hire_processes, open_crew  # noqa: PLC0415 - as above
    from geo_hotspots.places.packs.pack import read_pack  # noqa: PLC0415 - as above

    steps = [("start and imports", time.process_time(), time.process_time(), peak())]
    watch(steps)
    cases, register, rain = (folder / name for name in FILES)
    cases = cases if cases.exists() else cases.with_suffix(".parquet")
    request = pipeline.Request(
        (cases,), folder / "out", date(2019, 12, 30), rectifications=register, rain_days=rain,
        history=folder / "history.duckdb" if with_history else None,
    )  # fmt: skip
    with open_crew(workers=workers) as crew, hire_processes(1) as painter:
        pipeline.run(
            request, read_pack("dongcheng"), Config(), salt=b"salt", crew=crew, painter=painter
        )
    return {"steps": steps, "cpu": time.process_time(), "peak": peak()}


Step = Callable[..., Any]
Steps = list[tuple[str, float, float, float]]


class Watched:
    """A step that notes what every call of it takes; a worker gets the step itself."""

    def __init__(
        self, step: Step, label: str, steps: list[tuple[str, float, float, float]]
    ) -> None:
        self.step, self.label, self.steps = step, label, steps

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Do the step."""
        at = len(self.steps)
        self.steps.append((self.label, 0.0, 0.0, 0.0))
        cpu, wall = time.process_time(), time.perf_counter()
        result = self.step(*args, **options)
        spent = time.process_time() - cpu, time.perf_counter() - wall
        self.steps[at] = self.label, *spent, peak()
        return result

    def __reduce__(self) -> tuple[Callable[[str, str], Step], tuple[str, str]]:
        """Travel by name."""
        return find_step, (self.step.__module__, self.step.__name__)


def find_step(module: str, name: str) -> Step:
    """Find a step by its name."""
    step: Step = getattr(importlib.import_module(module), name)
    return step


def watch(steps: Steps) -> None:
    """Note what every call of `STEPS` takes, in the order in which they begin."""
    for place, name, depth in STEPS:
        module = importlib.import_module(f"geo_hotspots.{place}")
        label = "  " * depth + name.strip("_")
        setattr(module, name, Watched(getattr(module, name), label, steps))


if __name__ == "__main__":
    main()
