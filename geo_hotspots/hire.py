"""Who is hired to share work: processes of this machine, or the workers of a cluster."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

import pyarrow as pa

from geo_hotspots import __version__
from geo_hotspots.errors import ConfigError
from geo_hotspots.spread import ALONE, Crew

_SECONDS = 20  # that a cluster may take to answer


@contextmanager
def open_crew(*, workers: int = 1, cluster: str = "") -> Iterator[Crew]:
    """Open so many processes, or the workers of a cluster, for as long as a run lasts.

    Parameters
    ----------
    workers
        1 leaves everything to this process.
    cluster
        The address of a dask.distributed scheduler, such as tcp://10.0.0.1:8786; then `workers`
        is not looked at.

    Raises
    ------
    ConfigError
        There is no such cluster, nobody works there, or its workers are of another version.
    """
    if cluster:
        with _open_cluster(cluster) as crew:
            yield crew
    elif workers > 1:
        with Crew(partial(hire_processes, workers), size=workers) as crew:
            yield crew
    else:
        yield ALONE


def hire_processes(n: int) -> Executor:
    """Start processes afresh, not as forks: threads of Arrow and DuckDB would be torn."""
    fresh = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(n, mp_context=fresh, initializer=_settle_in)


def _settle_in() -> None:
    """Begin as a worker: leave interruptions to the parent, and end when it does.

    A parent that is killed says nothing; without a look-out its workers would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    pa.set_cpu_count(1)  # the other cores belong to the other workers


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _open_cluster(address: str) -> Iterator[Crew]:
    """Open a dask.distributed cluster: the adapter that another engine would need, too."""
    try:
        engine = import_module("distributed")  # of the extra `[cluster]`
    except ImportError as error:
        raise ConfigError(
            "--cluster 需要 dask.distributed；请安装 geo-hotspots[cluster]",
            "--cluster needs dask.distributed; install geo-hotspots[cluster]",
        ) from error
    try:
        client = engine.Client(address, timeout=_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"连不上集群 {address}；请检查地址，并确认 dask scheduler 已启动",
            f"no cluster answers at {address}; check the address, and that dask scheduler runs",
        ) from error
    is_data = {"distributed.admin.large-graph-warning-threshold": "1 TiB"}  # and no large graph
    with import_module("dask").config.set(is_data), client:
        size = _count_hands(client, address)
        hire = partial(client.get_executor, pure=False)  # no part is worth hashing
        with Crew(hire, size=size, lost=(BrokenExecutor, engine.KilledWorker)) as crew:
            yield crew


def version() -> str:
    """Give the version of whoever is asked: a worker of another one would give other answers."""
    return __version__


def _version_of_workers(client: Any) -> set[str]:
    try:
        return set(client.run(version).values())
    except ImportError:
        return {"-"}


def _count_hands(client: Any, address: str) -> int:
    """Count the parts that a cluster does at once; refuse one where nobody works, or others do."""
    hands = sum(client.nthreads().values())
    if not hands:
        raise ConfigError(
            f"集群 {address} 没有工作进程；请先启动 dask worker",
            f"nobody works for the cluster {address}; start dask worker first",
        )
    others = _version_of_workers(client) - {__version__}
    if others:
        listed = ", ".join(sorted(others))
        raise ConfigError(
            f"集群 {address} 装的是 geo-hotspots {listed}，本机是 {__version__}；请装成一致",
            f"workers of {address} have geo-hotspots {listed}, this machine has {__version__}; "
            "install the same everywhere",
        )
    return int(hands)
