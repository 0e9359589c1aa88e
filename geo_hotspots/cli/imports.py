"""Imports that are not looked through for cycles, neither then nor later."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import click


def is_own_process() -> bool:
    """Say whether the command line has its process to itself, or was called by a program."""
    return bool(click.get_current_context().find_root().obj)


@contextmanager
def unsearched() -> Iterator[None]:
    """Import within: modules live as long as the process, so nothing of them is garbage.

    Looking through their 150,000 objects, again and again, was 4 % of a small run. Who calls the
    command line from a program of their own keeps its collector as it is.
    """
    if not is_own_process():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
