"""Feed a million broken inputs to everything that reads: none may end in a traceback.

    python benchmarks/fuzz.py [--inputs 1000000] [--minutes 4] [--state FOLDER] [--target NAME]

Inputs are drawn from seeds: good ones of each kind, then bytes and characters dropped, doubled,
exchanged, moved, replaced by the worst that is known (controls, lone surrogates where a file can
hold them, formulas, digits of other scripts, huge numbers). A crash is any error that is not one
of ours with its sentence, a warning, or half a minute of work without an end; for whole files
also an account that does not sum. Cheap targets get most of the inputs. A batch that crashes is
halved until one input is left, which is noted with the place of the fault, each fault once.

The state folder holds what was done: with `--minutes` the script stops in time, and called again
goes on. It prints a table of inputs and different crashes for each target.
"""

import argparse
import io
import json
import random
import signal
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from city import write_pack  # noqa: E402 - the tests' small city

from geo_hotspots.cases.columns import find_header, recognise  # noqa: E402
from geo_hotspots.cases.degrees import parse_degrees  # noqa: E402
from geo_hotspots.cases.flags import parse_flags  # noqa: E402
from geo_hotspots.cases.privacy import hash_callers, scrub, strike_numbers  # noqa: E402
from geo_hotspots.cases.rain import read_rain  # noqa: E402
from geo_hotspots.cases.read import read_cases  # noqa: E402
from geo_hotspots.cases.rectified import read_rectifications  # noqa: E402
from geo_hotspots.cases.times import in_range, parse_times  # noqa: E402
from geo_hotspots.cases.visits import (  # noqa: E402
    is_patrol_sheet,
    read_day,
    read_list_day,
    read_visits,
)
from geo_hotspots.config import Config, read_config  # noqa: E402
from geo_hotspots.deliver.patrol.xlsx import write_patrol_xlsx  # noqa: E402
from geo_hotspots.errors import GeoHotspotsError  # noqa: E402
from geo_hotspots.locating import locate  # noqa: E402
from geo_hotspots.places.gazetteer.index import open_gazetteer  # noqa: E402
from geo_hotspots.places.grammar.numbers import read_number, read_tail, split_name  # noqa: E402
from geo_hotspots.places.grammar.text import normalise_texts  # noqa: E402
from geo_hotspots.places.match.match import match_texts  # noqa: E402
from geo_hotspots.places.packs.pack import read_pack  # noqa: E402

SEED = 2026
PATIENCE = 30  # seconds of processor time for a batch
NASTY = (
    "\x00", "\x1b[31m", "\r", "\n", "\t", "\u2028", "\u202e", "\ufeff", "\u200b", "\U0001f600",
    "=1+1", "'", '"', '""', ",", ";", "|", "->", "NULL", "nan", "inf", "-0", "1e308", "9" * 40,
    "٣", "②", "Ⅳ", "〇", "零", "百", "千万亿", "½", "甲乙丙丁", "号" * 50, "号楼单元室", "%s{0}",
    "../..", "\\", "e\u0301", "A" * 300, "１２３", "\u0130", "ß", "<script>", "0x1F",
    "1_000", "-", "/", ":",
)  # fmt: skip
FIGURES = ("0123456789", "零〇一二三四五六七八九十百两幺")
NUMERALS = "".join(FIGURES) + "千廿卅壹贰０１２３甲乙丙丁东西南北付附之-—~至号楼栋幢座院单元门层室"
HEADERS = (
    "工单编号", "来电时间", "受理时间", "问题分类", "诉求分类", "主要内容", "标题", "地址",
    "问题点位", "被反映街乡镇", "社区", "经度", "纬度", "来电号码", "主办单位", "办结时间",
    "是否解决", "满意", "created_utc", "lng", "lat", "Address", "id", "X", "Y", "备注", "序号", "",
)  # fmt: skip
TIMES = (
    "2019-11-01 09:00:00", "2019/6/21 9:30", "2019年6月21日 下午3时20分", "20190621093000",
    "43637.5", "06/21/2019", "2019-06-21T09:30:00.123Z", "2019-06-21 09:30+08:00", "1900-01-01",
    "2199-12-31", "2016-12-31 23:59:60", "0000-00-00", "24:00", "2019-02-29", "上午", "99999",
    "1899-12-30 00:00",
)  # fmt: skip
CELLS = ("116.405", "东经116°24′0″", "116.4°E", "是", "2", "13900000001", "李先生", "匿名")
ADDRESSES = (
    "幸福里西区2号楼3单元501", "槐树街甲8号", "雨花胡同12号院", "东四十条与槐树街路口",
    "人民剧场对面", "西一社区", "东街道", "邻区某路3号", "幸福里西区二栋", "雨花巷甲乙12之3号旁边",
)  # fmt: skip


# --- drawing


def damage(text: str, draw: random.Random, alphabet: str = "") -> str:
    """Damage a text at a few places."""
    for _ in range(draw.choice((0, 1, 1, 2, 4, 8))):
        at, to = sorted((draw.randint(0, len(text)), draw.randint(0, len(text))))
        new = draw.choice((
            "", draw.choice(NASTY), text[at:to] * 2, text[at:to][::-1],
            chr(draw.randrange(1, 0xD800)),
            "".join(draw.choices(alphabet, k=draw.randint(1, 9))) if alphabet else "",
        ))  # fmt: skip
        text = text[:at] + new + text[to if draw.random() < 0.5 else at :]
    return text[:5000]


def damage_bytes(data: bytes, draw: random.Random) -> bytes:
    """Damage bytes at a few places."""
    for _ in range(draw.choice((0, 1, 2, 4, 16))):
        at, to = sorted((draw.randint(0, len(data)), draw.randint(0, len(data))))
        to = min(to, at + draw.choice((1, 1, 4, 64, 4096)))
        new = draw.choice((
            b"", draw.randbytes(draw.randint(1, 8)), data[at:to] * 2, data[to : to + 16], b"\xff",
            b"\x00", draw.choice(NASTY).encode("utf-8", "surrogatepass"),
        ))  # fmt: skip
        data = data[:at] + new + data[to:]
    return data


def texts(draw: random.Random, n: int, seeds: Sequence[str], alphabet: str = "") -> list[str]:
    """Draw texts, damaged from good ones."""
    return [damage(draw.choice(seeds), draw, alphabet) for _ in range(n)]


def table(draw: random.Random) -> pd.DataFrame:
    """Draw a small export, columns of every kind, some cells damaged."""
    n = draw.randint(0, 12)
    columns = {
        "工单编号": [f"A{draw.randint(0, 9)}" for _ in range(n)],
        "来电时间": [draw.choice(TIMES) for _ in range(n)],
        "问题分类": [draw.choice(("停车->地锁", "噪声", "->", "a->b->c->d")) for _ in range(n)],
        "问题点位": [draw.choice(ADDRESSES) for _ in range(n)],
        "主要内容": [draw.choice(ADDRESSES) * draw.randint(0, 3) for _ in range(n)],
        "来电号码": [draw.choice(("13900000001", "匿名", "", "李先生")) for _ in range(n)],
        "被反映街乡镇": [draw.choice(("西街道", "东街道", "")) for _ in range(n)],
        "经度": [draw.choice(("116.405", "116405", "1e9", "", "x")) for _ in range(n)],
        "纬度": [draw.choice(("39.905", "116.4", "-91", "")) for _ in range(n)],
        "是否解决": [draw.choice(("是", "否", "2", "")) for _ in range(n)],
    }
    kept = draw.sample(list(columns), draw.randint(2, len(columns)))
    frame = pd.DataFrame({damage(c, draw) if draw.random() < 0.05 else c: columns[c] for c in kept})
    return frame.map(lambda cell: damage(cell, draw) if draw.random() < 0.1 else cell)


def as_csv(draw: random.Random) -> bytes:
    """Write an export in some encoding with some delimiter, then damage its bytes."""
    text = table(draw).to_csv(index=False, sep=draw.choice(",,,\t;|"))
    encoding = draw.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16", "gbk"))
    return damage_bytes(
        draw.choice(("", "说明,\n")).encode() + text.encode(encoding, "replace"), draw
    )


@cache
def good_workbooks() -> list[bytes]:
    """Make the workbooks that damage starts from: exports, a patrol list, a register."""
    books = []
    for seed in range(6):
        file = io.BytesIO()
        with suppress(ValueError):
            table(random.Random(seed)).to_excel(file, index=False, engine="xlsxwriter")
        books.append(file.getvalue())
    return [book for book in books if book]


@cache
def good_lists() -> list[bytes]:
    """Make filled patrol lists and registers, as workbooks and as CSV."""
    import delivery  # noqa: PLC0415 - of the tests

    from geo_hotspots.deliver.patrol.patrol import plan_patrol  # noqa: PLC0415

    points = delivery.hotspots(8)
    patrol = plan_patrol(
        points, delivery.cases(points), as_of=delivery.AS_OF, size=8, windows=delivery.WINDOWS,
        responsible=None, lang="zh", woken=(),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "patrol.xlsx")
        write_patrol_xlsx(
            path, patrol, patrol.head(0), delivery.masthead(), priority_weights=delivery.WEIGHTS
        )
        whole = path.read_bytes()
    register = (
        "点位名称,类别,整改日期,整改内容,整改单位\n幸福里西区2号楼,地锁,2019-12-01,拆除,物业\n"
    )
    sheet = pd.DataFrame(patrol)[[]].to_csv()
    heads = "点位编号,点位名称,类别,到场时间,处置情况,核查人,备注"
    visits = f"{heads}\nDC-1,某处,漏雨,12月1日 9:40,仍存在,李,x\n"
    rain = "日期,降雨量\n2019-07-01,12.5\n"
    return [whole, register.encode(), visits.encode(), rain.encode(), sheet.encode()]


def damage_workbook(data: bytes, draw: random.Random) -> bytes:
    """Damage a workbook: half the time its bytes, half the time what is packed in it."""
    if draw.random() < 0.5 or not data.startswith(b"PK"):
        return damage_bytes(data, draw)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        chosen = draw.choice(old.namelist())
        for name in old.namelist():
            part = old.read(name)
            if name == chosen or (name.startswith("xl/worksheets") and draw.random() < 0.5):
                part = damage_bytes(part, draw)
            if name != chosen or draw.random() < 0.9:
                new.writestr(name, part)
    return out.getvalue()


# --- targets: each takes a list of inputs


def read_times(cells: list[str]) -> None:
    """Read times, one column of all and one of each zone."""
    text = pd.Series(cells, dtype="str")
    utc = pd.Series(np.arange(len(text)) % 2 == 0)
    times = in_range(parse_times(text, timezone="Asia/Shanghai", utc=utc))
    assert len(times) == len(text)


def read_columns(lists: list[list[str]]) -> None:
    """Recognise headers, each list for itself."""
    for headers in lists:
        with suppress(GeoHotspotsError):
            find_header([headers, headers[::-1]], None)
            recognise(headers, file="x.csv", columns=None)


def read_numbers(words: list[str]) -> None:
    """Read house numbers, alone and behind a name."""
    for word, normal in zip(words, normalise_texts(words), strict=True):
        for figures in FIGURES:  # a number is written in one script
            if number := "".join(c for c in normal if c in figures)[:6]:
                read_number(number)
        for text in (word, normal):
            read_tail(text, len(text) // 3)
            split_name(text)


def read_cells(cells: list[str]) -> None:
    """Read degrees, flags and callers; strike numbers out of texts."""
    text = pd.Series(cells, dtype="str")
    assert len(parse_degrees(text)) == len(text)
    parse_flags(text)
    hash_callers(text, salt=b"salt")
    strike_numbers(text)
    scrub(text)


@cache
def small_pack() -> Any:
    """Read the small city, kept for the length of the process."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"), "small-city")
    return read_pack(write_pack(folder))


def place_texts(addresses: list[str]) -> None:
    """Match texts against the small city's names."""
    pack = small_pack()
    assert len(match_texts(addresses, open_gazetteer(pack)).score) == len(addresses)


def in_file(name: str, data: bytes, read: Callable[[Path], object]) -> None:
    """Read bytes from a file; one of our own errors is an answer."""
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        with suppress(GeoHotspotsError):
            read(path)


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def read_files(files: list[bytes]) -> None:
    """Read exports, each for itself."""
    for data in files:
        in_file("cases.csv", data, lambda path: read_cases([path]))


def whole_way(files: list[bytes]) -> None:
    """Read and place exports; the account must sum, and the ledger hold every row."""

    def way(path: Path) -> None:
        found = locate([path], small_pack(), Config(), salt=b"salt")
        ledger = pd.concat(found.ledger)
        assert sum(found.account.statuses.values()) == found.account.n_read == len(ledger)
        assert ledger["explanation"].notna().all()

    for data in files:
        in_file("cases.csv", data, way)


def read_lists(files: list[bytes]) -> None:
    """Read patrol lists, registers and rain days."""

    def way(path: Path) -> None:
        for read in (read_rain, read_rectifications, is_patrol_sheet, read_visits, read_list_day):
            with suppress(GeoHotspotsError):
                read(path)
        read_day(path.read_bytes()[-40:].decode("utf-8", "replace"), after=date(2019, 12, 29))

    for data in files:
        in_file("patrol.xlsx", data, way)


def read_settings(files: list[bytes]) -> None:
    """Read settings."""
    for data in files:
        in_file("c.toml", data, read_config)


def read_packs(damaged: list[tuple[str, bytes]]) -> None:
    """Read the small city with one of its files damaged."""
    for name, data in damaged:
        with tempfile.TemporaryDirectory(dir=_memory()) as folder:
            pack = write_pack(Path(folder, "small-city"))
            (pack / name).write_bytes(data)
            with suppress(GeoHotspotsError):
                read_pack(pack)


@cache
def pack_files() -> dict[str, bytes]:
    """Give the files of the small city, and one of those responsible."""
    with tempfile.TemporaryDirectory() as folder:
        pack = write_pack(Path(folder, "small-city"))
        files = {path.name: path.read_bytes() for path in pack.iterdir()}
    files["responsible.csv"] = (
        "compound,community,street,responsible,level\n,西一社区,西街道,李,3\n".encode()
    )
    line = {"type": "LineString", "coordinates": [[116.4, 39.9], [116.41, 39.9]]}
    road = {"type": "Feature", "properties": {"name": "路", "rank": "main"}, "geometry": line}
    roads = json.dumps({"type": "FeatureCollection", "features": [road]})
    return files | {"roads.geojson": roads.encode()}


def _settings(draw: random.Random) -> bytes:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.split("```toml\n")[1].split("```")[0]
    if draw.random() < 0.5:
        return damage_bytes(block.encode(), draw)
    lines = block.splitlines()
    return damage("\n".join(draw.sample(lines, draw.randint(1, 6))), draw).encode(
        "utf-8", "replace"
    )


def _pack(draw: random.Random) -> tuple[str, bytes]:
    name = draw.choice(list(pack_files()))
    data = pack_files()[name]
    if draw.random() < 0.5:
        return name, damage_bytes(data, draw)
    return name, damage(data.decode(), draw).encode("utf-8", "replace")


class Target(NamedTuple):
    """What is fed, with what, how much of a million it gets, and how much at a time."""

    act: Callable[[list[Any]], None]
    draw: Callable[[random.Random, int], list[Any]]
    share: int
    batch: int


TARGETS: dict[str, Target] = {
    "times": Target(read_times, lambda d, n: texts(d, n, TIMES), 300_000, 2000),
    "number grammar": Target(
        read_numbers, lambda d, n: texts(d, n, ADDRESSES, NUMERALS), 250_000, 1000
    ),
    "degrees, flags, callers": Target(
        read_cells, lambda d, n: texts(d, n, CELLS), 200_000, 2000,
    ),
    "text matching": Target(
        place_texts, lambda d, n: texts(d, n, ADDRESSES, NUMERALS), 180_000, 500
    ),
    "column recognition": Target(
        read_columns,
        lambda d, n: [texts(d, d.randint(1, 12), HEADERS) for _ in range(n)], 30_000, 200,
    ),
    "settings": Target(read_settings, lambda d, n: [_settings(d) for _ in range(n)], 20_000, 100),
    "CSV reader": Target(read_files, lambda d, n: [as_csv(d) for _ in range(n)], 12_000, 50),
    "XLSX reader": Target(
        read_files,
        lambda d, n: [damage_workbook(d.choice(good_workbooks()), d) for _ in range(n)], 4_000, 20,
    ),
    "feedback reader": Target(
        read_lists,
        lambda d, n: [damage_workbook(d.choice(good_lists()), d) for _ in range(n)], 2_000, 20,
    ),
    "pack loader": Target(read_packs, lambda d, n: [_pack(d) for _ in range(n)], 1_500, 20),
    "whole way": Target(whole_way, lambda d, n: [as_csv(d) for _ in range(n)], 1_500, 10),
}  # fmt: skip


# --- running


class StuckError(Exception):
    """A batch took longer than anybody would wait."""


def _stop(*_: object) -> None:
    raise StuckError


def fault_of(act: Callable[[list[Any]], None], inputs: list[Any]) -> str | None:
    """Run a batch; give the error and its place in our code, or nothing."""
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        act(inputs)
    except Exception as error:  # noqa: BLE001 - that is what is sought
        frames = traceback.extract_tb(error.__traceback__)
        ours = [f for f in frames if "geo_hotspots" in f.filename] or frames
        where = f"{Path(ours[-1].filename).name}:{ours[-1].name}"
        return f"{type(error).__name__} in {where}: {str(error).splitlines()[:1]}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def smallest(act: Callable[[list[Any]], None], inputs: list[Any]) -> tuple[list[Any], str]:
    """Halve a batch that crashes for as long as a half still does."""
    fault = fault_of(act, inputs) or ""
    while len(inputs) > 1:
        middle = len(inputs) // 2
        halves = [(half, fault_of(act, half)) for half in (inputs[:middle], inputs[middle:])]
        crashing = [(half, found) for half, found in halves if found]
        if not crashing:
            break
        inputs, fault = crashing[0][0], str(crashing[0][1])
    return inputs, fault


def feed(name: str, state: dict[str, Any], wanted: int) -> int:
    """Feed one target its next batch; give how many inputs that were."""
    target, done = TARGETS[name], state.setdefault(name, {"batches": 0, "inputs": 0, "crashes": {}})
    draw = random.Random(f"{SEED} {name} {done['batches']}")
    inputs = target.draw(draw, min(target.batch, wanted))
    if fault_of(target.act, inputs):
        worst, fault = smallest(target.act, inputs)
        kind = fault.split(": ")[0]
        done["crashes"].setdefault(kind, {"fault": fault, "input": repr(worst)[:2000]})
    done["batches"] += 1
    done["inputs"] += len(inputs)
    return len(inputs)


def main() -> None:
    """Feed every target its share, and print how it went."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--inputs", type=int, default=1_001_000)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--state", type=Path, default=Path("fuzz"), help="a folder, to go on in")
    parser.add_argument("--target", choices=list(TARGETS), action="append")
    asked = parser.parse_args()
    asked.state.mkdir(parents=True, exist_ok=True)
    noted = asked.state / "done.json"
    state = json.loads(noted.read_text(encoding="utf-8")) if noted.exists() else {}
    warnings.simplefilter("error")
    signal.signal(signal.SIGPROF, _stop)
    end = time.monotonic() + 60 * asked.minutes
    scale = asked.inputs / sum(target.share for target in TARGETS.values())
    left = {name: round(TARGETS[name].share * scale) for name in asked.target or TARGETS}
    left = {name: n - state.get(name, {}).get("inputs", 0) for name, n in left.items()}
    while any(n > 0 for n in left.values()) and time.monotonic() < end:
        for name in [name for name, n in left.items() if n > 0]:
            left[name] -= feed(name, state, left[name])
            fresh = noted.with_suffix(".new")
            fresh.write_text(json.dumps(state, ensure_ascii=False, indent=1), encoding="utf-8")
            fresh.replace(noted)  # who stops the script midway finds the old state or the new
    _print(state)


def _print(state: dict[str, Any]) -> None:
    print("| target | inputs | crashes |\n| --- | --- | --- |")
    for name in TARGETS:
        done = state.get(name, {"inputs": 0, "crashes": {}})
        print(f"| {name} | {done['inputs']:,} | {len(done['crashes'])} |")
    total = sum(done["inputs"] for done in state.values())
    print(f"| all | {total:,} | {sum(len(done['crashes']) for done in state.values())} |")
    for name, done in state.items():
        for crash in done["crashes"].values():
            print(f"! {name}: {crash['fault']}\n  {crash['input'][:300]}")


if __name__ == "__main__":
    main()
