"""Nothing that a citizen said of themselves is in any file of a run: the demo's secrets are sought.

Every byte of the run folder is searched, and what is packed is unpacked first: workbooks are
zipped, the GeoPackage is a database, JSON and HTML may write a character as an escape.

Phone numbers, ID numbers and callers are eleven figures and more, and stand nowhere by chance. A
room is sought with its stairway (`3单元1302室`), as citizens write it, for a bare number is in
every file. A name is sought with its title (`朱先生`), for 朱 alone is in 朱家胡同.
"""

import base64
import html
import json
import re
import sqlite3
import zipfile

import ahocorasick
import pytest

SHORTEST = {"phone": 11, "id_number": 18, "caller": 11, "room": 5, "name": 3}


def readings(path):
    """Give every text that a file holds, as bytes show it and as a program reads it."""
    raw = path.read_bytes()
    yield raw.decode("utf-8", "replace")
    yield raw.decode("utf-16-le", "replace")
    if path.suffix in (".xlsx", ".docx"):
        with zipfile.ZipFile(path) as parts:
            for part in parts.namelist():
                yield html.unescape(parts.read(part).decode("utf-8", "replace"))
    elif path.suffix == ".gpkg":
        with sqlite3.connect(path) as database:
            yield "\n".join(database.iterdump())
    elif path.suffix in (".json", ".geojson"):
        yield json.dumps(json.loads(raw), ensure_ascii=False)
    elif path.suffix == ".html":
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), raw.decode())
        yield html.unescape(text)


def found_in(folder, values):
    """List which of `values` stand in which file."""
    sought = ahocorasick.Automaton()
    for value in values:
        sought.add_word(value, value)
    sought.make_automaton()
    return [
        (path.name, hit)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for text in readings(path)
        for hit in sorted({value for _, value in sought.iter(text)})[:3]
    ]


@pytest.mark.parametrize("kind", list(SHORTEST))
def test_no_file_of_a_run_holds_a_secret(demo_run, kind):
    secrets, folder = demo_run.demo.secrets, demo_run.folder
    values = secrets.loc[secrets["kind"] == kind, "value"].unique()
    assert len(values) >= 10
    assert min(map(len, values)) >= SHORTEST[kind]
    assert found_in(folder, values) == []


def test_no_file_of_a_run_holds_what_a_citizen_wrote(demo_run):
    folder = demo_run.folder
    texts = demo_run.demo.cases["主要内容"].drop_duplicates()
    assert len(texts) > 5000
    ends = texts.str.slice(-10).drop_duplicates()  # how people ask, without any place's name
    assert found_in(folder, {*texts[texts.str.len() > 15], *ends[ends.str.len() == 10]}) == []


def test_the_set_to_be_shared_holds_no_secret_no_point_and_no_address(demo_run):
    done = demo_run.done
    secrets = demo_run.demo.secrets
    values = {*secrets.loc[secrets["kind"].isin(SHORTEST), "value"]}
    values |= {*done.findings.points["hotspot_id"], *done.findings.cases["case_id"].dropna()}
    values |= {*demo_run.demo.cases["问题点位"].dropna()[lambda text: text.str.len() > 4]}
    assert len(values) > 10_000
    assert found_in(done.public, values) == []


def test_the_salt_is_in_no_file(demo_run):
    salt = b"salt of the tests"
    forms = {salt.decode(), salt.hex(), base64.b64encode(salt).decode()}
    assert found_in(demo_run.folder, forms) == []
    assert found_in(demo_run.done.public, forms) == []


def test_a_home_of_fewer_than_three_callers_is_in_no_file(demo_run):
    found = demo_run.done.findings
    hidden = set(found.points["hotspot_id"]) - set(found.hotspots["hotspot_id"])
    assert len(hidden) == found.n_hidden > 0
    assert found_in(demo_run.folder, hidden) == []
    homes = found.hotspots[found.hotspots["level"].isin(["building", "door", "compound"])]
    assert len(homes) > 10
    assert homes["n_callers"].min() >= 3


def test_the_search_finds_what_is_hidden_in_any_kind_of_file(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/sharedStrings.xml", "<t>&#26417;先生</t>")
    with sqlite3.connect(tmp_path / "b.gpkg") as database:
        database.execute("CREATE TABLE t (name TEXT)")
        database.execute("INSERT INTO t VALUES ('朱先生')")
    (tmp_path / "c.geojson").write_text('{"name": "\\u6731先生"}', "utf-8")
    (tmp_path / "d.html").write_text("<p>&#26417;先生</p>", "utf-8")
    (tmp_path / "e.html").write_text('<script>"\\u6731先生"</script>', "utf-8")
    found = found_in(tmp_path, ["朱先生"])
    assert {name for name, _ in found} == {"a.xlsx", "b.gpkg", "c.geojson", "d.html", "e.html"}
