"""Who shares the work shows nowhere: the same answers, whoever did them, and whoever was lost."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import hands
import pytest
from hands import die_once, square
from hypothesis import given
from hypothesis import strategies as st
from test_pipeline import SALT, weeks_of_cases

from geo_hotspots import hire, pipeline, spread
from geo_hotspots.analysis import analyse
from geo_hotspots.cases import delimited
from geo_hotspots.config import Config
from geo_hotspots.errors import ConfigError, PackError, WorkersError
from geo_hotspots.hire import open_crew
from geo_hotspots.places import by_text
from geo_hotspots.places.gazetteer.index import borrow_gazetteer, lend_gazetteer, open_gazetteer
from geo_hotspots.spread import ALONE, Crew, read_ahead

# --- parts and answers


@given(parts=st.lists(st.integers(), max_size=30), size=st.integers(1, 4))
def test_answers_come_in_the_order_of_the_parts(parts, size):
    with Crew(lambda: ThreadPoolExecutor(size), size=size) as crew:
        begun = crew.begin(square, parts)
        assert list(crew.spread(square, parts)) == [n * n for n in parts]
        assert list(begun) == [n * n for n in parts]
    assert list(ALONE.spread(square, parts)) == [n * n for n in parts]
    assert list(ALONE.begin(square, parts)) == [n * n for n in parts]


class Hoarder(Executor):
    """Does a part when its answer is asked for, and notes how many were waiting."""

    def __init__(self) -> None:
        self.waiting, self.most = 0, 0

    def submit(self, fn, /, *args, **kwargs):
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        hoarder = self

        class Late(Future):
            def result(self, timeout=None):  # noqa: ARG002 - the contract's
                hoarder.waiting -= 1
                return fn(*args, **kwargs)

        return Late()


def test_no_more_parts_are_under_way_than_the_workers_need():
    hoarder = Hoarder()
    with Crew(lambda: hoarder, size=2) as crew:
        assert list(crew.spread(square, range(100))) == [n * n for n in range(100)]
    assert hoarder.most == 2 * spread._AHEAD


def test_progress_is_told_some_ten_times_and_ends_with_all():
    heard = []
    list(ALONE.spread(square, range(25), lambda done, of: heard.append((done, of))))
    assert heard == [(n, 25) for n in (*range(2, 25, 2), 25)]
    list(ALONE.spread(square, [1], lambda *_: pytest.fail("a single part is no progress")))


@pytest.mark.parametrize(("size", "besides"), [(1, 1), (2, 1), (4, 3)])
def test_what_is_begun_leaves_a_core_to_whoever_began_it_until_he_asks(size, besides):
    hoarder = Hoarder()
    with Crew(lambda: hoarder, size=size) as crew:
        first, second = crew.begin(square, range(9)), crew.begin(square, range(2))
        assert hoarder.waiting == besides
        assert list(second) == [0, 1]
        assert list(first) == [n * n for n in range(9)]
        assert hoarder.waiting == 0


def test_what_is_begun_goes_on_part_by_part_though_nobody_asks(tmp_path):
    with open_crew(workers=2) as crew:
        crew.begin(hands.wait, [str(tmp_path / str(n)) for n in range(6)])
        end = time.monotonic() + 30
        while len([*tmp_path.iterdir()]) < 6 and time.monotonic() < end:
            time.sleep(0.01)
    assert len([*tmp_path.iterdir()]) == 6


def test_alone_what_is_begun_waits_until_somebody_asks():
    done = []
    begun = ALONE.begin(done.append, [1, 2])
    assert done == []
    next(begun)
    assert done == [1]


def test_what_nobody_asks_for_is_not_done(tmp_path):
    with open_crew(workers=2) as crew:
        crew.begin(hands.wait, [str(tmp_path / str(n)) for n in range(20)])
    assert len(list(tmp_path.iterdir())) < 20


def test_a_worker_lost_over_what_was_begun_is_not_missed(tmp_path):
    with open_crew(workers=2) as crew:
        begun = crew.begin(die_once, [(n, str(tmp_path)) for n in range(8)])
        beside = crew.begin(square, range(8))
        assert list(crew.spread(square, range(8))) == [n * n for n in range(8)]
        assert list(begun) == list(range(8))
        assert list(beside) == [n * n for n in range(8)]
    assert (tmp_path / "died").exists()


def test_workers_are_called_up_before_there_is_work_and_nobody_where_nobody_is():
    hired = []
    with Crew(lambda: hired.append(ThreadPoolExecutor(2)) or hired[0], size=2) as crew:
        crew.call_up()
        assert len(hired) == 1
        assert list(crew.spread(square, range(9))) == [n * n for n in range(9)]
    assert len(hired) == 1
    ALONE.call_up()


@given(parts=st.lists(st.integers(), max_size=9))
def test_what_is_read_ahead_comes_as_it_would_have(parts):
    assert list(read_ahead(parts)) == parts


def test_an_error_on_the_way_comes_when_its_part_is_asked_for():
    def until_it_fails():
        yield 1
        raise ConfigError("不行", "no")

    coming = read_ahead(until_it_fails())
    assert next(coming) == 1
    with pytest.raises(ConfigError, match="no"):
        next(coming)


def test_a_single_part_hires_nobody():
    crew = Crew(lambda: pytest.fail("hired for a single part"), size=2)
    assert list(crew.spread(square, [3])) == [9]


# --- processes


def test_processes_share_the_parts_and_answer_as_one_does(tmp_path):
    with open_crew(workers=2) as crew:
        assert list(crew.spread(square, range(9))) == [n * n for n in range(9)]
        at_work = set(crew.spread(hands.meet, [tmp_path] * 4))
    assert os.getpid() not in at_work
    assert len(at_work) == 2


def test_all_workers_are_there_when_they_have_been_called_up():
    with open_crew(workers=2) as crew:
        before = {*multiprocessing.active_children()}
        crew.call_up()
        assert len({*multiprocessing.active_children()} - before) == 2


def test_a_worker_killed_over_a_part_changes_no_answer(tmp_path):
    with open_crew(workers=2) as crew:
        answers = list(crew.spread(die_once, [(n, str(tmp_path)) for n in range(8)]))
    assert (tmp_path / "died").exists()
    assert answers == list(range(8))


def test_a_part_that_kills_whoever_takes_it_ends_in_a_sentence(monkeypatch):
    monkeypatch.setattr(spread, "_LOSSES", 1)
    with open_crew(workers=2) as crew, pytest.raises(WorkersError, match="died 2 times in a row"):
        list(crew.spread(hands.die, range(4)))


def test_an_error_of_ours_comes_through_with_its_sentence(tmp_path):
    nowhere = tmp_path / "index.npz"
    with open_crew(workers=2) as crew, pytest.raises(PackError, match="all machines share") as e:
        list(crew.spread(borrow_gazetteer, [nowhere] * 2))
    assert "各机共用" in e.value.say("zh")


PARENT = """
import sys, time
from hands import meet
from geo_hotspots.hire import open_crew
if __name__ == "__main__":
    with open_crew(workers=2) as crew:
        print(*set(crew.spread(meet, [sys.argv[1]] * 4)), flush=True)
        time.sleep(60)
"""


def test_workers_end_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    path = os.pathsep.join([*sys.path, os.environ.get("PYTHONPATH", "")])
    parent = subprocess.Popen(  # its workers find what it does
        [sys.executable, script, tmp_path],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
    )
    with parent:
        workers = [int(word) for word in parent.stdout.readline().split()]
        assert len(workers) == 2
        parent.kill()
        parent.wait()
        end = time.monotonic() + 20
        while any(map(is_at_work, workers)) and time.monotonic() < end:
            time.sleep(0.05)
    assert not any(map(is_at_work, workers))


def is_at_work(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_the_adapter_of_the_docs_does_the_work(monkeypatch):
    told = (Path(__file__).parents[1] / "docs" / "scale.md").read_text(encoding="utf-8")
    adapter = told.split("```python\n")[1].split("```")[0]
    assert len(adapter.strip().splitlines()) <= 20
    fresh = multiprocessing.get_context("spawn")
    monkeypatch.setattr(multiprocessing, "Pool", fresh.Pool)
    exec(adapter, names := {})
    with Crew(lambda: names["PoolExecutor"](2), size=2) as crew:
        assert list(crew.spread(square, range(9))) == [n * n for n in range(9)]


# --- whole runs


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    weeks_of_cases().to_csv(folder / "cases.csv", index=False)
    return pipeline.Request(
        paths=(folder / "cases.csv",), out=folder / "one", today=date(2026, 1, 1)
    )


@pytest.fixture(scope="module")
def of_one(asked, city):
    return contents(pipeline.run(asked, city, Config(), salt=SALT).folder)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(by_text, "_TEXTS_AT_LEAST", 10)
    monkeypatch.setattr(by_text, "_TEXTS_AT_ONCE", 30)
    monkeypatch.setattr(delimited, "_PIECE", 20_000)  # bytes of a file
    monkeypatch.setattr(analyse, "_SHARED_FROM", 1)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("when", ["匹配", "预计"])
def test_a_run_shared_by_two_writes_the_same_bytes_though_one_is_killed(asked, city, of_one, when):
    killed = []

    def kill(words):
        if when in words.zh and not killed:
            killed.append(multiprocessing.active_children()[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    request = replace(asked, out=asked.out.with_name(f"two-{when}"))
    with open_crew(workers=2) as crew:
        done = pipeline.run(request, city, Config(), salt=SALT, progress=kill, crew=crew)
    assert killed
    assert contents(done.folder) == of_one


@pytest.mark.usefixtures("small_blocks")
def test_a_run_shared_by_three_writes_the_same_bytes(asked, city, of_one):
    request = replace(asked, out=asked.out.with_name("three"))
    with Crew(lambda: ThreadPoolExecutor(3), size=3) as crew:
        done = pipeline.run(request, city, Config(), salt=SALT, crew=crew)
    assert contents(done.folder) == of_one


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    try:
        import distributed  # noqa: PLC0415 - an extra
    except ImportError:
        if os.environ.get("CI"):
            pytest.fail("no dask.distributed here, and CI must try a cluster: install [test]")
        pytest.skip("no dask.distributed on this machine")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=None,
        local_directory=str(tmp_path_factory.mktemp("dask")),
    ) as cluster:
        yield cluster


@pytest.mark.usefixtures("small_blocks")
def test_a_run_shared_by_a_cluster_writes_the_same_bytes(asked, city, of_one, cluster):
    request = replace(asked, out=asked.out.with_name("cluster"))
    with open_crew(cluster=cluster.scheduler_address) as crew:
        assert crew.size == 2
        done = pipeline.run(request, city, Config(), salt=SALT, crew=crew)
    assert contents(done.folder) == of_one


def test_a_cluster_takes_large_parts_without_a_word(cluster):
    with open_crew(cluster=cluster.scheduler_address) as crew:  # warnings are errors here
        assert list(crew.begin(len, [bytes(11_000_000)] * 2)) == [11_000_000] * 2


def test_a_cluster_that_loses_a_worker_gives_the_same_answers(cluster, tmp_path):
    with open_crew(cluster=cluster.scheduler_address) as crew:
        answers = list(crew.spread(die_once, [(n, str(tmp_path)) for n in range(8)]))
    assert (tmp_path / "died").exists()
    assert answers == list(range(8))


# --- what cannot be


def test_a_cluster_that_does_not_answer_is_said_in_a_sentence(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(hire, "_SECONDS", 0.3)
    with pytest.raises(ConfigError, match=r"no cluster answers at tcp://127\.0\.0\.1:9"):
        open_crew(cluster="tcp://127.0.0.1:9").__enter__()


def test_a_cluster_without_the_extra_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"install geo-hotspots\[cluster\]"):
        open_crew(cluster="tcp://127.0.0.1:9").__enter__()


class Scheduler:
    """Says who works there, and of which version they are."""

    def __init__(self, hands: int, version: str | None) -> None:
        self.hands, self.version = hands, version

    def nthreads(self):
        return {"tcp://1": self.hands}

    def run(self, _ask):
        if self.version is None:
            raise ModuleNotFoundError("No module named 'geo_hotspots'")
        return {"tcp://1": self.version}


@pytest.mark.parametrize(
    ("scheduler", "sentence"),
    [
        (Scheduler(0, "1"), "nobody works for the cluster here"),
        (Scheduler(2, "0.0.1"), r"workers of here have geo-hotspots 0\.0\.1"),
        (Scheduler(2, None), "workers of here have geo-hotspots -,"),
    ],
)
def test_a_cluster_that_cannot_give_our_answers_is_refused(scheduler, sentence):
    with pytest.raises(ConfigError, match=sentence):
        hire._count_hands(scheduler, "here")


def test_a_gazetteer_is_lent_by_its_index_and_read_once(city, tmp_path, monkeypatch):
    monkeypatch.setenv("GEO_HOTSPOTS_CACHE", str(tmp_path))
    gazetteer = open_gazetteer(city)
    lent = lend_gazetteer(city, gazetteer)
    assert isinstance(lent, Path)
    assert borrow_gazetteer(lent) is borrow_gazetteer(lent)
    lent.unlink()
    assert lend_gazetteer(city, gazetteer) is gazetteer
    with pytest.raises(PackError, match="folder that all machines share"):
        borrow_gazetteer(tmp_path / "elsewhere.npz")
