import json
import os
import subprocess
import sys
from datetime import date

import pytest
from city import export, write_pack

from geo_hotspots.cli import main, make_cli
from geo_hotspots.cli.demo import two_mondays
from geo_hotspots.cli.run import count_workers
from geo_hotspots.cli.words import COMMANDS, OPTIONS
from geo_hotspots.pipeline import Request


@pytest.fixture
def pack(tmp_path):
    return write_pack(tmp_path / "packs" / "small-city")


@pytest.fixture
def cases(tmp_path):
    path = tmp_path / "cases.csv"
    export(问题点位=["幸福里西区2号楼"] * 6 + ["槐树街8号", ""]).to_csv(path, index=False)
    return path


def call(*args):
    """Run the command line; give its exit status."""
    with pytest.raises(SystemExit) as stopped:
        main([str(a) for a in args])
    return stopped.value.code


def ok(*args):
    main([str(a) for a in args])


def test_a_run_prints_the_account_and_where_the_map_lies(pack, cases, tmp_path, capsys):
    ok("run", cases, "--pack", pack, "--out", tmp_path / "out")
    printed = capsys.readouterr()
    account, points, page = printed.out.strip().splitlines()
    assert account == "读入 8 行 = 已定位 6 + 地名有歧义 1 + 未写地点 1"
    assert points.startswith("重复点位 ")
    assert page.endswith("map.html")
    assert "读取工单" in printed.err


def test_a_run_speaks_english_and_json(pack, cases, tmp_path, capsys):
    ok("--lang", "en", "run", cases, "--pack", pack, "--out", tmp_path / "out", "--json")
    summary = json.loads(capsys.readouterr().out)
    assert summary["account"]["read"] == 8
    assert summary["period"] == "2019-W45"


def test_the_demo_counts_up_to_two_sundays_and_remembers_the_first(tmp_path):
    request = Request((), tmp_path, date(2026, 1, 1), history=tmp_path / "h.duckdb", is_demo=True)
    first, last = two_mondays(request)
    assert (last.as_of - first.as_of).days == 7
    assert first.as_of.weekday() == last.as_of.weekday() == 6
    assert first.history == last.history == tmp_path / "h.duckdb"


def test_check_writes_nothing(pack, cases, tmp_path, capsys):
    before = sorted(tmp_path.rglob("*"))
    ok("check", cases, "--pack", pack)
    assert "2019-11-01 至 2019-11-08" in capsys.readouterr().out
    assert sorted(tmp_path.rglob("*")) == before


def test_geocode_writes_the_ledger(pack, cases, tmp_path):
    ok("geocode", cases, "--pack", pack, "--out", tmp_path / "ledger.csv")
    assert (tmp_path / "ledger.csv").read_text(encoding="utf-8-sig").count("\n") == 9


def test_a_pack_is_built_and_checked(pack, tmp_path, capsys):
    built = tmp_path / "built"
    ok(
        "pack", "build", "--out", built, "--name", "b", "--title", "乙",
        "--communities", pack / "communities.geojson", "--column", "street=street",
    )  # fmt: skip
    ok("pack", "check", built, "--lang", "en")
    assert "usable" in capsys.readouterr().out


def test_a_broken_pack_is_refused_with_status_3(pack, capsys):
    (pack / "communities.geojson").write_text("{}")
    assert call("pack", "check", pack) == 3
    assert call("run", "x.csv", "--pack", pack) == 3
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (["run", "nothing.csv"], 3, "nothing.csv"),
        (["run"], 2, "CASES"),
        (["run", "x.csv", "--period", "year"], 2, "year"),
        (["run", "x.csv", "--as-of", "today"], 2, "today"),
        (["run", "x.csv", "--pack", "nowhere"], 3, "nowhere"),
        (["run", "x.csv", "--config", "no.toml"], 2, "no.toml"),
        (["pack", "build", "--out", "o", "--name", "n", "--title", "t", "--communities", "c",
          "--column", "name"], 2, "OURS=THEIRS"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_status_and_names_the_value(args, status, words, capsys):
    assert call("--lang", "en", *args) == status
    assert words in capsys.readouterr().err


def test_a_hostile_file_name_cannot_move_the_cursor(capsys, tmp_path):
    assert call("run", str(tmp_path / "a\x1b[2Jb.csv")) == 3
    assert "\x1b" not in capsys.readouterr().err


def commands(group, path=()):
    for name, command in sorted(group.commands.items()):
        yield (*path, name), command
        yield from commands(command, (*path, name)) if hasattr(command, "commands") else ()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_command_and_option_has_help_in_the_language(lang):
    for path, command in commands(make_cli(lang)):
        assert command.help, path
        for option in command.params:
            if option.param_type_name == "option":
                assert option.help, (path, option.name)


def test_no_word_is_left_over():
    used = {c.help for _, c in commands(make_cli("en"))} | {make_cli("en").help}
    assert {w.en for w in COMMANDS.values()} == used
    options = {
        o.help for _, c in [((), make_cli("en")), *commands(make_cli("en"))]
        for o in c.params if o.param_type_name == "option"
    }  # fmt: skip
    assert {w.en for w in OPTIONS.values()} == options


@pytest.mark.parametrize(
    ("sizes", "hired"),
    [
        ({"a.csv": 10_000_000}, 1), ({"a.csv": 20_000_000, "b.csv": 20_000_000}, 3),
        ({"a.parquet": 20_000_000}, 3), ({"a.csv": 20_000_000}, 1), ({}, 1),
    ],
)  # fmt: skip
def test_large_files_are_shared_unasked(sizes, hired, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    paths = [tmp_path / name for name in sizes]
    for path in paths:
        path.touch()
        os.truncate(path, sizes[path.name])
    assert count_workers([*paths, tmp_path / "missing.csv"]) == hired


def test_a_run_does_not_wait_for_packages_that_it_does_not_use():
    code = (
        "import sys, geo_hotspots.pipeline; "
        "print({'pypinyin', 'scipy.stats', 'sklearn', 'esda'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_help_does_not_wait_for_heavy_packages():
    code = (
        "import sys, geo_hotspots.cli; print({'pandas', 'geopandas', 'folium'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_process_of_its_own_says_nothing_after_its_last_word(cases, pack, tmp_path):
    command = [sys.executable, "-m", "geo_hotspots", "run", cases, "--pack", pack, "--lang", "en"]
    done = subprocess.run(
        [*command, "--out", tmp_path / "out"], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1].endswith("map.html")
    assert all(line.startswith("· ") for line in done.stderr.splitlines())
