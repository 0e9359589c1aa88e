"""One run of the demo, on the fewest cases it makes, for the tests that read its files."""

import os
import pickle
import time
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from geo_hotspots import pipeline
from geo_hotspots.config import Config
from geo_hotspots.demo import Demo, make_demo, write_demo
from geo_hotspots.places.packs.pack import read_pack

PATIENCE = 300  # seconds that a worker waits for what another one makes


class DemoRun(NamedTuple):
    demo: Demo
    cases: Path  # the file that was read
    folder: Path  # the run folder
    done: pipeline.Run


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory):
    return once("demo-run", make_run, tmp_path_factory)


def once(name, make, tmp_path_factory):
    """Make something in a folder that all workers share, one for all; give what was made."""
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    folder, kept = root / name, root / f"{name}.pickle"
    try:
        folder.mkdir()
    except FileExistsError:  # another worker is at it
        end = time.monotonic() + PATIENCE
        while not kept.exists():
            assert time.monotonic() < end, f"{name} was begun and never came"
            time.sleep(0.1)
    else:
        part = root / f"{name}.part"
        part.write_bytes(pickle.dumps(make(folder)))
        part.rename(kept)
    return pickle.loads(kept.read_bytes())


def make_run(folder):
    pack = read_pack("dongcheng")
    demo = make_demo(pack, n=10_000)
    (folder / "input").mkdir()
    cases, register, *_ = write_demo(demo, folder / "input")
    request = pipeline.Request(
        (cases,),
        folder / "out",
        date(2019, 12, 30),
        rectifications=register,
        is_demo=True,
        is_public=True,
    )
    done = pipeline.run(request, pack, Config(), salt=b"salt of the tests")
    return DemoRun(demo, cases, done.folder, done)
