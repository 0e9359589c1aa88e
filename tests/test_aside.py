"""Work that other processes do, and what becomes of it when they die."""

import os

import pytest

from geo_hotspots.deliver.aside import Aside
from geo_hotspots.errors import OutputError
from geo_hotspots.spread import hire_processes


def refuse(zh, en):
    raise OutputError(zh, en)


def die(here):
    """Die, unless it is this very process."""
    if os.getpid() != here:
        os._exit(1)
    return here


def test_without_a_helper_work_is_done_when_it_is_asked_for():
    done = []
    finish = Aside().begin(done.append, 1)
    assert done == []
    finish()
    assert done == [1]


def test_work_is_done_elsewhere_and_here_where_who_does_it_dies():
    with hire_processes(1) as helper, Aside(helper) as aside:
        assert aside.begin(os.getpid)() != os.getpid()
        with pytest.raises(OutputError, match="full") as refused:
            aside.begin(refuse, "满", "full")()
        assert refused.value.words.zh == "满"
        assert aside.begin(die, os.getpid())() == os.getpid()
        assert aside.begin(os.getpid)() == os.getpid()  # nobody is there any more


def fail_after_beginning(folder, helper):
    with Aside(helper) as aside:
        for i in range(50):
            aside.begin((folder / str(i)).touch)
        raise ValueError("by the way")


def test_after_a_failure_nobody_writes_any_more(tmp_path):
    with hire_processes(1) as helper:
        with pytest.raises(ValueError, match="by the way"):
            fail_after_beginning(tmp_path, helper)
        left = sorted(tmp_path.iterdir())
        helper.submit(os.getpid).result()
        assert sorted(tmp_path.iterdir()) == left
