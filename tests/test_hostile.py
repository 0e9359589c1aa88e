"""Thirty attacks in every text of cases, pack and register: none runs, in any page."""

import contextlib
import csv
import json
import re
import sqlite3
import zipfile
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from city import write_pack
from hostile import ATTACKS, OTHERS, make_run, write_hostile_map

from geo_hotspots.cli import main
from geo_hotspots.deliver.gis.geojson_check import check_geojson
from geo_hotspots.errors import PackError
from geo_hotspots.places.packs.pack import read_pack

PUBLIC = "../public-2019-10/public.html"


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("others"), texts=OTHERS)


@pytest.fixture(params=["in pages", "elsewhere"])
def folder(request):
    name = "run_folder" if request.param == "in pages" else "others"
    return request.getfixturevalue(name)


def test_the_attacks_are_thirty_of_each_kind():
    assert (len(set(ATTACKS)), len(set(OTHERS))) == (30, 30)


def test_no_attack_runs_in_the_map_whatever_is_opened(open_page, tmp_path):
    opened = open_page(write_hostile_map(tmp_path / "map.html"))
    page = opened.page
    page.wait_for_selector("html.started", state="attached")
    page.fill("#q", "alert")
    page.wait_for_selector(".chip")
    page.fill("#q", "")
    page.wait_for_selector(".chip", state="detached")
    for fill in ("cell", "heat", "street", "community"):
        page.check(f"#fill-{fill}", force=True)
    page.check("#rectified", force=True)
    assert page.locator(".item-head").count() > 20
    for head in page.locator(".item-head").all():
        head.dispatch_event("click")
        assert page.locator(".card .rectified li").count() == 1
    for path in page.locator("path.area, path.point, path.hot-cell").all():
        path.dispatch_event("mouseover")
        path.dispatch_event("click")
    page.pdf()
    assert opened.faults == []


@pytest.mark.parametrize("name", ["map.html", "report.html", "patrol.html", PUBLIC])
def test_no_attack_runs_in_the_pages_of_a_run(run_folder, open_page, name):
    opened = open_page(run_folder / name)
    opened.page.pdf()
    assert opened.faults == []


def test_no_attack_runs_where_scripts_are_off(open_page, tmp_path):
    page = open_page(write_hostile_map(tmp_path / "map.html"), scripts=False).page
    assert page.locator("#plain tbody tr").count() == 10
    assert page.locator("#plain script, #plain img, #plain svg, #plain iframe").count() == 0


# --- elsewhere than in pages

FORMULA = re.compile(r"[\s]*[=+\-@＝＋－＠]")


def test_no_cell_of_a_workbook_is_a_formula_or_a_link_outside(folder):
    book = openpyxl.load_workbook(folder / "patrol.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert len(cells) > 1000
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "b"}
    assert not [c for c in cells if c.hyperlink and c.hyperlink.target]


def test_no_cell_of_a_table_begins_as_a_formula(folder):
    tables = [*folder.glob("*.csv"), *folder.parent.glob("public-*/*.csv")]
    assert len(tables) == 5
    for path in tables:
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        odd = [c for c in cells if FORMULA.match(c) and not re.fullmatch(r"-?[\d.]+(?:e-?\d+)?", c)]
        assert odd == []


def test_a_document_points_nowhere_and_runs_nothing(folder):
    with zipfile.ZipFile(folder / "report.docx") as parts:
        for name in parts.namelist():
            if not name.endswith((".xml", ".rels")):
                continue
            text = parts.read(name)
            ET.fromstring(text)
            assert b'TargetMode="External"' not in text
            assert b"<!DOCTYPE" not in text
            fields = re.findall(rb"<w:instrText[^>]*>([^<]*)", text)
            assert {field.split()[0] for field in fields} <= {b"PAGE", b"NUMPAGES", b"SEQ"}


def test_a_database_keeps_its_tables_and_runs_nothing(folder):
    with sqlite3.connect(folder / "hotspots.gpkg") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kinds = database.execute("SELECT type, name FROM sqlite_master").fetchall()
    assert ("table", "hotspots") in kinds
    assert not [name for _, name in kinds if not re.fullmatch(r"\w+", name)]
    assert not [name for kind, name in kinds if kind == "view"]


def test_layers_are_sound_and_attacks_stand_in_values_alone(folder):
    for path in folder.glob("*.geojson"):
        assert check_geojson(path) == []
        for feature in json.loads(path.read_text("utf-8"))["features"]:
            assert all(re.fullmatch(r"\w+", key) for key in feature["properties"])
    for path in folder.glob("*.qml"):
        ET.fromstring(path.read_text("utf-8").split("\n", 1)[1])


def test_nothing_is_written_beside_the_folders_of_a_run(others):
    home = others.parents[2]
    assert {path.name for path in home.iterdir()} == {"pack", "cases.csv", "register.csv", "out"}
    assert {path.name for path in (home / "out").iterdir()} == {"hostile"}
    assert not [path for path in home.rglob("*") if "escaped" in path.name]


@pytest.mark.parametrize(
    "name", ["../up", "a/b", "..", ".hidden", "C:x", "con", "x\u001b[2J", "a" * 99]
)
def test_a_pack_cannot_lead_its_results_elsewhere(tmp_path, name):
    pack = write_pack(tmp_path / "small-city")
    head = (pack / "pack.toml").read_text("utf-8")
    text = head.replace('name = "small-city"', f"name = {json.dumps(name)}")
    (pack / "pack.toml").write_text(text, "utf-8")
    with pytest.raises(PackError, match="it must be a plain folder name"):
        read_pack(pack)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_nothing_that_a_terminal_would_obey_is_printed(others, lang, form, capsys, tmp_path):
    home = others.parents[2]
    given = ["--lang", lang, "--pack", str(home / "pack"), *form]
    calls = [
        ["pack", "check", str(home / "pack"), "--lang", lang, *form],
        ["check", str(home / "cases.csv"), *given],
        ["run", str(home / "cases.csv"), *given, "--out", str(tmp_path / "\x1b[31m")],
    ]
    for call in calls[: 3 if form else 2]:
        with contextlib.suppress(SystemExit):
            main(call)
        said = capsys.readouterr()
        assert len(said.out) > 40
        assert not [c for c in said.out + said.err if not c.isprintable() and c != "\n"]
        if form:
            json.loads(said.out)
