"""What the tests have other processes do: a module of its own, which they import in no time."""

import os
import signal
import time
from pathlib import Path


def square(n):
    return n * n


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(task):
    """Be killed over the third part, the first time it is done."""
    n, folder = task
    marker = Path(folder) / "died"
    if n == 2 and not marker.exists():
        marker.touch()
        die(n)
    return n


def meet(folder):
    """Wait until two processes are at work, and say who this one is."""
    (Path(folder) / f"{os.getpid()}.here").touch()
    end = time.monotonic() + 60
    while len(list(Path(folder).glob("*.here"))) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    return os.getpid()


def wait(marker):
    """Leave a mark, and take a while."""
    Path(marker).touch()
    time.sleep(0.1)
