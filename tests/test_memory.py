"""A run and its history: the same list with and without, and twice the same bytes."""

import json
import pickle
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from city import PLACES, export, small_pack, write_pack
from test_pipeline import SALT, weeks_of_cases

from geo_hotspots import pipeline
from geo_hotspots.config import Config
from geo_hotspots.deliver.run_folder import sweep_leftovers
from geo_hotspots.errors import InputError
from geo_hotspots.history import peek_history
from geo_hotspots.history.cases import cases_known
from geo_hotspots.history.points import listed_before
from geo_hotspots.places.packs.pack import read_pack

LOUD = (2, 8, 11, 14, 18, 21, 25, 29, 33)  # days before the last Sunday
SUNDAYS = (date(2019, 12, 15), date(2019, 12, 22), date(2019, 12, 29))


@pytest.fixture(scope="module")
def year():
    return weeks_of_cases()


def asked(folder, cases, *, name="cases.csv", **options):
    """Write an export; give the request to run it with a history."""
    folder.mkdir(parents=True, exist_ok=True)
    cases.to_csv(folder / name, index=False)
    return pipeline.Request(
        **{"paths": (folder / name,), "out": folder / "out", "today": date(2026, 1, 1),
           "history": folder / "history.duckdb", **options}
    )  # fmt: skip


def files_of(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def up_to(cases, day, *, since="2000-01-01"):
    at = cases["来电时间"]
    return cases[(at >= since) & (at < str(day + pd.Timedelta(days=1)))]


@pytest.fixture(scope="module")
def once(year, city, tmp_path_factory):
    request = asked(tmp_path_factory.mktemp("once"), year)
    return request, pipeline.run(request, city, Config(), salt=SALT)


@pytest.fixture(scope="module")
def first_week(year, city, tmp_path_factory):
    """Run all cases up to the second last Sunday; give the folder, to be copied by who goes on."""
    folder = tmp_path_factory.mktemp("first")
    first = asked(folder, up_to(year, SUNDAYS[1]), name="1.csv", as_of=SUNDAYS[1])
    pipeline.run(first, city, Config(), salt=SALT)
    return folder


def test_a_first_run_with_a_history_finds_what_one_without_finds(once, city, tmp_path):
    request, done = once
    plain = pipeline.run(
        replace(request, out=tmp_path, history=None), city, Config(), salt=b"other"
    )
    assert files_of(done.folder) == files_of(plain.folder)


def test_the_same_run_twice_gives_the_same_bytes_and_places_no_case_again(once, city):
    request, done = once
    before, said = files_of(done.folder), []
    again = pipeline.run(
        request, city, Config(), salt=b"not used: the history has its own",
        progress=lambda words: said.append(words.en),
    )  # fmt: skip
    assert files_of(again.folder) == before
    assert "locating 0 cases" in said


def test_weekly_exports_come_to_the_same_as_one_of_the_whole_year(
    year, once, first_week, city, tmp_path
):
    shutil.copytree(first_week, tmp_path, dirs_exist_ok=True)
    week = up_to(year, SUNDAYS[2], since=str(SUNDAYS[1] + pd.Timedelta(days=1)))
    request = asked(tmp_path, week, name="2.csv", as_of=SUNDAYS[2])
    done = pipeline.run(request, city, Config(), salt=SALT)
    whole = files_of(once[1].folder)
    assert {n: b for n, b in files_of(done.folder).items() if n.endswith(".geojson")} == {
        n: b for n, b in whole.items() if n.endswith(".geojson")
    }
    record = json.loads((done.folder / "run.json").read_text(encoding="utf-8"))
    assert record["account"]["read"] == len(week) < record["cases_known"] == len(year)


def test_an_earlier_week_run_again_is_rebuilt_as_it_was(year, first_week, city, tmp_path):
    shutil.copytree(first_week, tmp_path, dirs_exist_ok=True)
    before = files_of(tmp_path / "out" / "small-city" / "2019-W51")
    later = asked(tmp_path, up_to(year, SUNDAYS[2]), name="2.csv", as_of=SUNDAYS[2])
    pipeline.run(later, city, Config(), salt=SALT)
    request = replace(later, paths=(tmp_path / "1.csv",), as_of=SUNDAYS[1])
    assert files_of(pipeline.run(request, city, Config(), salt=SALT).folder) == before
    with peek_history(request.history) as history:
        lists = listed_before(history, date(2100, 1, 1))
        assert lists["as_of"].nunique() == 2
        assert len(cases_known(history, SUNDAYS[1])) == len(up_to(year, SUNDAYS[1]))


def test_a_new_pack_places_every_known_case_anew(year, tmp_path):
    old = small_pack(tmp_path / "old")
    pipeline.run(asked(tmp_path, up_to(year, SUNDAYS[1])), old, Config(), salt=SALT)
    moved = PLACES.replace("116.4045,39.9145,building,20", "116.4055,39.9155,building,20")
    new = read_pack(write_pack(tmp_path / "new", places=moved))
    last = up_to(year, SUNDAYS[2], since="2019-12-23")
    said = []
    done = pipeline.run(
        asked(tmp_path, last, name="b.csv"), new, Config(), salt=SALT,
        progress=lambda words: said.append(words.en),
    )  # fmt: skip
    assert f"locating {len(year) - len(last)} known cases anew" in said
    locks = done.findings.hotspots.iloc[0]
    assert locks["name"] == "幸福里西区2号楼"
    assert (locks.geometry.x, locks.geometry.y) == pytest.approx((116.4055, 39.9155), abs=1e-9)


# --- killed runs

# Where a run is killed, and whether the history is then the new one.
MOMENTS = {
    "geo_hotspots.pipeline.analyse": False,
    "geo_hotspots.history.store.History.commit": False,
    "geo_hotspots.deliver.run_folder._replace": True,
}

KILLED = """
import os, pickle, signal, sys
from unittest import mock
from geo_hotspots import pipeline
from geo_hotspots.config import Config
from geo_hotspots.places.packs.pack import read_pack
request, pack, moment = pickle.load(sys.stdin.buffer)
with mock.patch(moment, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)):
    pipeline.run(request, read_pack(pack), Config(), salt=b"salt")
"""


@pytest.fixture(scope="module")
def two_weeks(year, first_week, tmp_path_factory):
    """Go on from the first week; give the folder, the second week's request, and what it gives."""
    folder = tmp_path_factory.mktemp("killed")
    shutil.copytree(first_week, folder, dirs_exist_ok=True)
    pack = small_pack(folder / "pack")
    second = asked(folder, up_to(year, SUNDAYS[2]), name="2.csv", as_of=SUNDAYS[2])
    return folder, second, files_of(pipeline.run(second, pack, Config(), salt=SALT).folder)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_killed_at_any_moment_leaves_the_old_or_the_new_and_the_next_one_heals(
    first_week, two_weeks, moment
):
    folder, request, whole = two_weeks
    shutil.rmtree(folder / "out")
    shutil.copytree(first_week / "out", folder / "out")
    shutil.copy(first_week / "history.duckdb", folder)

    killed = subprocess.run(
        [sys.executable, "-c", KILLED], check=False,
        input=pickle.dumps((request, folder / "pack", moment)),
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    with peek_history(request.history) as history:
        last = listed_before(history, date(2100, 1, 1))["as_of"].max()
    assert last.date() == SUNDAYS[2 if MOMENTS[moment] else 1]
    runs = folder / "out" / "small-city"
    assert [p.name for p in runs.iterdir() if not p.name.startswith(".")] == ["2019-W51"]

    done = pipeline.run(request, read_pack(folder / "pack"), Config(), salt=SALT)
    assert files_of(done.folder) == whole
    assert sorted(p.name for p in runs.iterdir()) == ["2019-W51", "2019-W52"]


def test_a_folder_caught_between_its_names_gets_its_own_back(tmp_path):
    (tmp_path / ".2019-W52.old-7").mkdir()
    (tmp_path / ".2019-W52.part-7").mkdir()
    (tmp_path / ".2019-W51.part-7").mkdir()
    sweep_leftovers(tmp_path / "2019-W52")
    assert sorted(p.name for p in tmp_path.iterdir()) == [".2019-W51.part-7", "2019-W52"]


def test_nothing_is_kept_of_a_run_that_is_refused(city, tmp_path):
    request = asked(tmp_path, pd.DataFrame({"来电时间": ["昨天"], "问题点位": ["x"]}))
    with pytest.raises(InputError, match="1 of 1 rows cannot be used"):
        pipeline.run(request, city, Config(), salt=SALT)
    assert [p.name for p in tmp_path.iterdir()] == ["cases.csv"]


def test_the_hit_rate_on_the_second_weeks_page_is_what_a_hand_counts(year, city, tmp_path):
    noise = export(
        来电时间=[str(date(2019, 12, 29) - timedelta(days=d)) + " 21:00:00" for d in LOUD],
        工单编号=[f"N{d}" for d in LOUD], 问题分类=["噪声扰民->社会生活噪声"] * len(LOUD),
        问题点位=["人民剧场"] * len(LOUD), 来电号码=[f"10088800{d:03d}" for d in LOUD],
    )  # fmt: skip
    cases = pd.concat([year, noise], ignore_index=True)
    before, last = SUNDAYS[1:]
    first = pipeline.run(asked(tmp_path, up_to(cases, before)), city, Config(), salt=SALT)
    second = pipeline.run(
        asked(tmp_path, up_to(cases, last, since=str(before + timedelta(days=1)))),
        city, Config(), salt=SALT,
    )  # fmt: skip
    listed = pd.read_excel(first.folder / "patrol.xlsx", engine="calamine")["点位名称"]
    assert sorted(listed) == ["人民剧场", "幸福里西区2号楼"]
    # Every caller here rings once, about one thing, and names a place: a case is a caller.
    week = cases[cases["来电时间"] > f"{before}T"]["问题点位"]
    caught = week.isin(set(listed)).sum()
    said = (
        f"上周清单：{len(listed)}个点位中，{week[week.isin(set(listed))].nunique()}个在"
        f"12月23日至12月29日有来电；命中{caught}人次，占已定位来电{len(week)}人次的"
        f"{100 * caught / len(week):.1f}%。"
    )
    assert said in (second.folder / "report.html").read_text(encoding="utf-8")
    assert said in (second.folder / "patrol.html").read_text(encoding="utf-8")
