"""A process beside this one that draws pictures, while this one still imports its libraries."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from geo_hotspots.cli.imports import is_own_process


@contextmanager
def open_painter() -> Iterator[Executor | None]:
    """Hire a painter where the command line has its process to itself, else none.

    Who calls the command line from a program of their own did not ask for processes, which would
    begin by importing that program again.
    """
    if not is_own_process():
        yield None
        return
    from geo_hotspots.deliver.drawing.raster import can_write_chinese  # noqa: PLC0415 - heavy
    from geo_hotspots.hire import hire_processes  # noqa: PLC0415 - heavy

    with hire_processes(1) as painter:
        painter.submit(can_write_chinese)  # so that it starts now, and knows the fonts
        yield painter
