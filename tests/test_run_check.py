"""The check of a run folder: a whole one passes, and each kind of damage is named."""

import json
import shutil
import sqlite3

import pytest

from geo_hotspots.cli import main
from geo_hotspots.deliver.run_check import check_run
from geo_hotspots.errors import InputError


@pytest.fixture
def folder(demo_run, tmp_path):
    return shutil.copytree(demo_run.folder, tmp_path / "run")


def faults(folder):
    found = check_run(folder, lang="en")
    return {file: said for file, said in found.items() if said}


def edit(path, change):
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def test_a_run_passes_its_own_check(folder):
    found = check_run(folder, lang="zh")
    pages = {path.name for path in folder.glob("*.html")}
    layers = {path.name for path in folder.glob("*.geojson")}
    assert set(found) == pages | layers | {"hotspots.gpkg", "fields.csv", "ledger.csv"}
    assert faults(folder) == {}


def swap_axes(text):
    collection = json.loads(text)
    for feature in collection["features"]:
        feature["geometry"]["coordinates"].reverse()
    return json.dumps(collection, ensure_ascii=False)


def drop_a_feature(text):
    collection = json.loads(text)
    collection["features"].pop()
    return json.dumps(collection, ensure_ascii=False)


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("hotspots.geojson", swap_axes, "longitude and latitude are swapped"),
        ("hotspots.geojson", lambda t: "\ufeff" + t, "byte order mark"),
        ("ledger.csv", lambda t: t[: t.rindex("\n", 0, -1) + 1], "were read"),
        ("map.html", lambda t: t.replace("<body>", '<body><img src="//x.cn/a">'), "outside"),
        ("report.html", lambda t: t.replace("default-src 'none'", "default-src *"), "no content"),
        ("fields.csv", lambda t: t.replace('"rank"', '"rink"'), "rank is not explained"),
    ],
)
def test_a_damaged_file_is_named_with_what_is_wrong(folder, file, change, said):
    edit(folder / file, change)
    found = faults(folder)
    assert said in " ".join(found[file])


def test_formats_that_disagree_are_named(folder):
    edit(folder / "cells.geojson", drop_a_feature)
    assert faults(folder) == {"hotspots.gpkg": ["layer cells is not as in GeoJSON"]}


def test_a_geopackage_of_another_version_or_without_styles_is_named(folder):
    with sqlite3.connect(folder / "hotspots.gpkg") as database:
        database.execute("PRAGMA user_version = 10400")
        database.execute("DELETE FROM layer_styles WHERE f_table_name = 'streets'")
    said = faults(folder)["hotspots.gpkg"]
    assert said == ["not GeoPackage 1.2", "layer streets lacks style or aliases"]


def test_a_missing_style_or_page_part_is_named(folder):
    (folder / "streets.qml").unlink()
    (folder / "fields.csv").unlink()
    assert faults(folder) == {
        "streets.geojson": ["no style .qml beside it"], "fields.csv": ["the file is missing"],
    }  # fmt: skip


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"is no run folder: its run\.json cannot be read"):
        check_run(tmp_path, lang="en")


def test_the_command_says_fine_or_leaves_with_three(folder, capsys):
    main(["check", str(folder)])
    assert "全部合格" in capsys.readouterr().out
    (folder / "streets.qml").unlink()
    with pytest.raises(SystemExit) as stopped:
        main(["check", str(folder)])
    assert stopped.value.code == 3
    assert "streets.geojson: 旁边没有样式 .qml" in capsys.readouterr().out
