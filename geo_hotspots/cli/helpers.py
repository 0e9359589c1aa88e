"""Processes beside this one that write files, and get ready while it still reads and counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from geo_hotspots.cli.imports import is_own_process, unsearched

if TYPE_CHECKING:
    from geo_hotspots.deliver.aside import Helpers


@contextmanager
def open_helpers() -> "Iterator[Helpers]":
    """Hire helpers where the command line has its process to itself, else none.

    Who calls the command line from a program of their own did not ask for processes, which would
    begin by importing that program again.
    """
    from geo_hotspots.deliver.aside import NOBODY, Helpers  # noqa: PLC0415 - heavy

    if not is_own_process():
        yield NOBODY
        return
    from geo_hotspots.deliver.drawing.raster import can_write_chinese  # noqa: PLC0415 - heavy
    from geo_hotspots.spread import hire_processes  # noqa: PLC0415 - heavy

    with hire_processes(1) as clerk, hire_processes(1) as painter:
        clerk.submit(get_ready)  # so that they start now
        painter.submit(can_write_chinese)
        yield Helpers(clerk, painter)


def get_ready() -> None:
    """Import what a clerk needs."""
    with unsearched():
        from geo_hotspots.deliver.gis import layers  # noqa: F401, PLC0415 - heavy
        from geo_hotspots.deliver.map import map, page  # noqa: A004, F401, PLC0415 - heavy
