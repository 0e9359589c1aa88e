"""The word processor's file tells what the page tells."""

import os
import re
import struct
import zipfile
from dataclasses import replace

import docx
import pytest
from made_up_report import made_up_report

from geo_hotspots.deliver.drawing import raster
from geo_hotspots.deliver.drawing.svg import drawing, write
from geo_hotspots.deliver.report.docx import write_docx
from geo_hotspots.deliver.report.pictures import drawn_aside
from geo_hotspots.deliver.report.report import tell_story
from geo_hotspots.deliver.report.view import Block, Figure, Grid, Head, Text
from geo_hotspots.errors import OutputError
from geo_hotspots.hire import hire_processes

SHIPPED = raster.SHARPNESS  # read before `conftest` makes it rough

HOSTILE = (
    '=HYPERLINK("http://x","y")', "<w:t>x</w:t>", "</w:p><w:p>", "]]>", "&amp;&lt;", "{{7*7}}",
    "\x00\x07\x1b[2J red", "\u202etxt", "'\"", "x\ufffey", "x\ud800y", "@SUM(1)", "DDEAUTO c:\\x",
)  # fmt: skip


@pytest.fixture(scope="module")
def paper():
    return tell_story(**made_up_report(2000))


@pytest.fixture(scope="module")
def written(paper, tmp_path_factory):
    path = tmp_path_factory.mktemp("docx") / "report.docx"
    write_docx(path, paper)
    return path


def grids(items):
    for item in items:
        if isinstance(item, Grid):
            yield item
        elif hasattr(item, "items"):
            yield from grids(item.items)


def words_of(path):
    """Every paragraph and every cell, each once."""
    document = docx.Document(str(path))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return {p.text for p in document.paragraphs} | set(cells)


def test_every_table_of_the_page_stands_in_the_file_cell_by_cell(paper, written):
    tables = docx.Document(str(written)).tables[1:]  # the first holds the key figures
    expected = [g for block in paper.blocks for g in grids(block.items)]
    assert len(tables) == len(expected) >= 8
    for table, grid in zip(tables, expected, strict=True):
        plain = [[c for c in row if type(c) is str] for row in grid.rows]
        told = {cell.text for row in table.rows for cell in row.cells}
        assert {h.text for h in grid.heads} <= told
        assert {c for row in plain for c in row} <= told
        heads = {part.name for part in grid.parts if part.name}
        assert heads <= {said.split("　")[0] for said in told}


def test_the_key_figures_the_summary_and_every_block_are_there(paper, written):
    said = words_of(written)
    assert {value for _, value in paper.figures} <= said
    assert paper.opening in said
    assert {block.title for block in paper.blocks} <= said


def test_every_figure_becomes_a_picture_with_its_title(written):
    with zipfile.ZipFile(written) as file:
        body = file.read("word/document.xml").decode()
        pictures = [n for n in file.namelist() if n.startswith("word/media/")]
        assert all(file.read(n).startswith(b"\x89PNG") for n in pictures)
    described = re.findall(r'descr="([^"]+)"', body)
    assert len(described) == body.count("<pic:pic") >= len(pictures) >= 8


def test_pictures_are_sharp_enough_to_be_printed():
    picture = raster.render(drawing(96, 48, "an inch wide", write(0, 12, "字")), SHIPPED)
    width, height = struct.unpack(">II", picture[16:24])  # of the PNG's header
    assert 150 <= width == 2 * height <= 300


def test_whoever_draws_the_pictures_even_one_who_dies_they_are_the_same(paper, written, tmp_path):
    with hire_processes(1) as painter:
        with drawn_aside(paper, painter) as pictures:
            write_docx(tmp_path / "aside.docx", paper, pictures)
        with drawn_aside(paper, painter) as pictures:
            painter.submit(os._exit, 1)
            write_docx(tmp_path / "died.docx", paper, pictures)
        with drawn_aside(paper, painter) as pictures:  # nobody is there any more
            write_docx(tmp_path / "late.docx", paper, pictures)
    files = [tmp_path / f"{name}.docx" for name in ("aside", "died", "late")]
    assert {file.read_bytes() for file in files} == {written.read_bytes()}


def test_equal_reports_are_equal_bytes(paper, written, tmp_path):
    write_docx(tmp_path / "again.docx", paper)
    assert (tmp_path / "again.docx").read_bytes() == written.read_bytes()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text, paper, tmp_path):
    shown = drawing(100, 20, text.replace("\ud800", ""), write(0, 12, "x"))
    items = [
        Text(text), Grid(text, [Head(text)], [[text]], notes=[text]), Figure(text, shown),
    ]  # fmt: skip
    write_docx(tmp_path / "r.docx", replace(paper, heading=text, blocks=[Block(text, items)]))
    with zipfile.ZipFile(tmp_path / "r.docx") as file:
        body = file.read("word/document.xml").decode()
        rels = file.read("word/_rels/document.xml.rels").decode()
    assert set(re.findall(r'w:instr="([^"]*)"|<w:instrText', body)) <= {""}
    assert "External" not in rels
    kept = re.sub("[\x00-\x08\x0b-\x1f\ud800\ufffe\uffff]", "", text)
    assert kept in words_of(tmp_path / "r.docx")


def test_what_citizens_wrote_is_not_in_the_file(tmp_path):
    inputs = made_up_report(300)
    inputs["cases"]["content"] = "我住三单元五零一室"
    write_docx(tmp_path / "r.docx", tell_story(**inputs))
    with zipfile.ZipFile(tmp_path / "r.docx") as file:
        everything = b"".join(file.read(name) for name in file.namelist())
    assert "三单元五零一室".encode() not in everything


def test_a_folder_that_is_not_there_is_named(paper, tmp_path):
    with pytest.raises(OutputError, match=r"report\.docx"):
        write_docx(tmp_path / "none" / "report.docx", paper)
