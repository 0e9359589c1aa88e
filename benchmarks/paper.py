"""What comes out of the printer and what comes back: the patrol list and the report on paper.

Thirty points of the made-up year are printed as offices do it, the page by Chromium and the
workbook by LibreOffice, and looked at with the eyes of a machine: QR codes read by zbar from the
page at 200 dpi, pages counted, letters measured. The workbook is filled in the ways people do
(text, a date, a time, on any sheet), saved by openpyxl and again by LibreOffice, and read by
`feedback`. Thirty hostile strings in every text of cases and pack are looked for as formulas, links
and scripts in every file of a run.

    python benchmarks/paper.py --quick  # half as many cases

It wants chromium, soffice, pdftoppm, pdftotext and zbarimg.
"""

import argparse
import csv
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from playwright.sync_api import Browser, sync_playwright

from geo_hotspots import pipeline
from geo_hotspots.config import Config, PatrolConfig
from geo_hotspots.demo import LAST_DAY, make_demo, write_demo
from geo_hotspots.feedback import take_feedback
from geo_hotspots.history import peek_history
from geo_hotspots.history.returns import visits_known
from geo_hotspots.places.packs.pack import read_pack
from geo_hotspots.schema import OUTCOMES

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from hostile import ATTACKS, make_run  # the attacks of the tests

POINTS = 30
DPI = 200
PAGES = {"page": 1, "workbook": 6}  # promised for the list of thirty
SALT = b"benchmark"
EVER = date(9999, 12, 31)
AFTERNOON = pd.Timestamp("2020-01-02 15:05").to_pydatetime()
NEXT_WEEK = (
    "12月31日 9:40", "2019-12-30", date(2019, 12, 31), AFTERNOON, time(9, 40), "1月2日上午",
)  # fmt: skip
STARTS_FORMULA = re.compile(r"[=+\-@\t\r]")

Line = tuple[str, str, str]  # what, found, wanted


def make_lists(folder: Path, n: int) -> Path:
    """Make up a year and run it with room for thirty points; give the run folder."""
    pack = read_pack("dongcheng")
    cases, register, _ = write_demo(make_demo(pack, n=n), folder / "input")
    request = pipeline.Request(
        (cases,), folder / "out", LAST_DAY, rectifications=register, is_demo=True,
        history=folder / "history.duckdb",
    )  # fmt: skip
    config = replace(Config(), patrol=PatrolConfig(size=POINTS))
    return pipeline.run(request, pack, config, salt=SALT).folder


def print_page(browser: Browser, page: Path, pdf: Path) -> Path:
    """Print a page as Chromium does by itself."""
    opened = browser.new_page()
    opened.goto(page.resolve().as_uri())
    opened.pdf(path=pdf, prefer_css_page_size=True, print_background=True)
    opened.close()
    return pdf


def convert(path: Path, kind: str, folder: Path) -> Path:
    """Let LibreOffice save a workbook as another kind of file."""
    home = f"-env:UserInstallation=file://{folder}/office"
    command = ["soffice", home, "--headless", "--convert-to", kind, "--outdir", str(folder)]
    subprocess.run([*command, str(path)], check=True, capture_output=True)
    return folder / f"{path.stem}.{kind}"


def read_codes(pdf: Path, folder: Path) -> list[str]:
    """Read every QR code of a printed file, page by page."""
    subprocess.run(["pdftoppm", "-r", str(DPI), "-gray", pdf, folder / "page"], check=True)
    found: list[str] = []
    for picture in sorted(folder.glob("page-*.pgm")):
        done = subprocess.run(
            ["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", picture],
            capture_output=True, check=False, text=True,
        )  # fmt: skip
        found += done.stdout.split()
        picture.unlink()
    return found


def measure_letters(pdf: Path, pages: int) -> float:
    """Give the width (pt) of the narrowest Chinese letters of the first pages: their size.

    To a twentieth of a point: programs set type on a grid of their own.
    """
    sizes = [
        (float(x1) - float(x0)) / len(text)
        for x0, x1, text in re.findall(
            r'xMin="([\d.]+)".*xMax="([\d.]+)".*>(.*)<', boxes(pdf, pages)
        )
        if re.fullmatch(r"[\u4e00-\u9fff]+", text)
    ]
    return round(20 * min(sizes)) / 20


def boxes(pdf: Path, pages: int) -> str:
    """Give the words of the first pages with where they stand, as `pdftotext -bbox` does."""
    command = ["pdftotext", "-bbox", "-l", str(pages), str(pdf), "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def pages_with(pdf: Path, ids: set[str]) -> int:
    """Say on how many pages of the file, from its first, each of `ids` has stood once."""
    done = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, check=True, text=True)
    seen: set[str] = set()
    for number, text in enumerate(done.stdout.split("\f"), start=1):
        plain = re.sub(r"\s", "", text)
        seen |= {i for i in ids if i in plain}
        if seen == ids:
            return number
    return -1


def on_paper(run: Path, browser: Browser, folder: Path) -> Iterator[Line]:
    """Print both lists and measure them."""
    sheet = pd.read_excel(run / "patrol.xlsx", sheet_name="总表", engine="calamine")
    page = print_page(browser, run / "patrol.html", folder / "page.pdf")
    expected = re.findall(r'href="(geo:[^"]*|https://uri[^"]*)"', (run / "patrol.html").read_text())
    wanted = {code.replace("&amp;", "&") for code in expected}
    read = set(read_codes(page, folder))
    yield f"QR codes read from paper at {DPI} dpi", str(len(wanted & read)), str(len(wanted))
    yield "QR codes read that are not ours", str(len(read - wanted)), "0"
    names = {re.sub(r"\s", "", str(name)) for name in sheet["点位名称"]}
    n = pages_with(page, names)
    yield f"pages of the list of {len(sheet)}, Chromium", str(n), f"≤ {PAGES['page']}"
    book = convert(run / "patrol.xlsx", "pdf", folder)
    n = pages_with(book, set(sheet["点位编号"]))
    yield f"pages of 总表 with {len(sheet)}, LibreOffice", str(n), f"≤ {PAGES['workbook']}"
    yield "smallest letters, Chromium (pt)", f"{measure_letters(page, 1):.2f}", "≥ 8"
    yield "smallest letters, LibreOffice (pt)", f"{measure_letters(book, n):.2f}", "≥ 8"


def fill_in(run: Path, path: Path) -> pd.DataFrame:
    """Fill in each point on one of its sheets, as people do; give what was written of it."""
    book = openpyxl.load_workbook(run / "patrol.xlsx")
    heads = [cell.value for cell in book["总表"][1]]
    at = {name: heads.index(name) + 1 for name in heads}
    rows = []
    for row in range(2, book["总表"].max_row + 1):
        point, street, community = (
            book["总表"].cell(row, at[c]).value for c in ("点位编号", "街道", "社区")
        )
        entry = {
            "到场时间": NEXT_WEEK[row % len(NEXT_WEEK)], "处置情况": OUTCOMES[row % len(OUTCOMES)],
            "核查人": f"王{row}", "备注": ATTACKS[row % len(ATTACKS)],
        }  # fmt: skip
        sheet = book[("总表", street, community)[row % 3]]
        place = next(r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 2).value == point)
        for column, value in entry.items():
            cell = sheet.cell(place, at[column], value)
            if isinstance(value, str):
                cell.data_type = "s"  # as typed: openpyxl would make a formula of "=…"
        rows.append({"hotspot_id": point, **entry})
    book.save(path)
    return pd.DataFrame(rows).set_index("hotspot_id").sort_index()


def read_back(path: Path, history: Path, run: Path) -> pd.DataFrame:
    """Take a filled workbook into a copy of the history; give what it then knows."""
    copy = Path(shutil.copy(history, path.with_suffix(".duckdb")))
    take_feedback([path], copy, read_pack(run.parent.name), Config())
    with peek_history(copy) as opened:
        return visits_known(opened, EVER).set_index("hotspot_id").sort_index()


def come_back(run: Path, history: Path, folder: Path) -> Iterator[Line]:
    """Compare what was written with what arrives."""
    filled = folder / "filled.xlsx"
    written = fill_in(run, filled)
    (folder / "saved").mkdir()
    for name, path in (
        ("openpyxl", filled),
        ("LibreOffice, xlsx", convert(filled, "xlsx", folder / "saved")),
        ("LibreOffice, xls", convert(filled, "xls", folder / "saved")),
    ):
        told = read_back(path, history, run)
        same = told.reindex(written.index)
        right = sum(
            (same[ours].fillna("").astype("str") == written[theirs].map(as_read)).sum()
            for ours, theirs in (("visited_at", "到场时间"), ("outcome", "处置情况"),
                                 ("inspector", "核查人"), ("note", "备注"))
        )  # fmt: skip
        days = (same["day"] == written["到场时间"].map(day_of)).sum()
        yield f"entries back, saved by {name}", str(right), str(4 * len(written))
        yield f"days of visits understood, {name}", str(days), str(len(written))
        yield f"visits nobody made, {name}", str(len(told.index.difference(written.index))), "0"


def as_read(value: object) -> str:
    """Give an entry as the history keeps it: words as typed, dates and times in ISO's way."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).strip()


def day_of(value: object) -> pd.Timestamp:
    """Say which day was meant: a time alone is of the list's first day."""
    said = {"12月31日 9:40": "2019-12-31", "2019-12-30": "2019-12-30", "1月2日上午": "2020-01-02"}
    if isinstance(value, time):
        return pd.Timestamp("2019-12-30")
    return pd.Timestamp(said.get(str(value), value)).normalize()


def hostile(folder: Path, browser: Browser) -> Iterator[Line]:
    """Take the attacks all the way through; count those that act, by kind of file."""
    run = make_run(folder)
    book = openpyxl.load_workbook(run / "patrol.xlsx")
    cells = [cell for sheet in book for row in sheet for cell in row]
    acting = sum(cell.data_type == "f" or cell.hyperlink is not None for cell in cells)
    yield "formulas and links in XLSX", str(acting), f"0 of {len(ATTACKS)}"
    with (run / "ledger.csv").open(encoding="utf-8-sig", newline="") as file:
        texts = [text for row in csv.reader(file) for text in row]
    acting = sum(bool(STARTS_FORMULA.match(t)) and not is_number(t) for t in texts)
    yield "formulas in CSV", str(acting), f"0 of {len(ATTACKS)}"
    with zipfile.ZipFile(run / "report.docx") as file:
        parts = {
            name: file.read(name).decode()
            for name in file.namelist()
            if name.endswith((".xml", ".rels"))
        }
    fields = re.findall(r'w:instr="([^"]*)"|<w:instrText[^>]*>([^<]*)', "".join(parts.values()))
    orders = {"".join(field).strip() for field in fields} - {"PAGE", "NUMPAGES"}
    outside = sum('TargetMode="External"' in text for text in parts.values())
    yield "fields and links in DOCX", str(len(orders) + outside), f"0 of {len(ATTACKS)}"
    acting = sum(count_acts(browser, page) for page in sorted(run.glob("*.html")))
    yield "scripts, requests, errors in HTML", str(acting), f"0 of {len(ATTACKS)}"


def is_number(text: str) -> bool:
    """Say whether a text is a plain number, which may well begin with a minus."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def count_acts(browser: Browser, path: Path) -> int:
    """Open a page, print it, and count what it did that a page must not do."""
    acts: list[Any] = []
    page = browser.new_page()
    page.on("dialog", lambda dialog: (acts.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: acts.append(str(error)))
    page.on("console", lambda said: acts.append(said.text) if said.type == "error" else None)
    page.on(
        "request",
        lambda r: None if r.url.startswith(("file:", "data:", "blob:")) else acts.append(r.url),
    )
    page.goto(path.resolve().as_uri())
    page.pdf()
    page.close()
    return len(acts)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="half as many cases")
    n = 10_000 if parser.parse_args().quick else 20_000
    print(f"{'':<48}{'found':>8}{'goal':>10}")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        run = make_lists(folder, n)
        lines: tuple[Callable[[], Iterator[Line]], ...] = (
            lambda: on_paper(run, browser, folder),
            lambda: come_back(run, folder / "history.duckdb", folder),
            lambda: hostile(folder / "hostile", browser),
        )
        for part in lines:
            for what, found, wanted in part():
                print(f"{what:<48}{found:>8}{wanted:>10}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
