"""One run of the demo, on the fewest cases it makes, for the tests that read its files."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from geo_hotspots import pipeline
from geo_hotspots.config import Config
from geo_hotspots.demo import Demo, make_demo, write_demo
from geo_hotspots.places.packs.pack import read_pack


class DemoRun(NamedTuple):
    demo: Demo
    cases: Path  # the file that was read
    folder: Path  # the run folder
    done: pipeline.Run


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo-run")
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
