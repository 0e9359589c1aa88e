"""Kill runs at random moments, fill the disk, lock the folder: what is left must be whole.

    python benchmarks/kills.py [--kills 200] [--hard 20] [--seed 9] [--minutes 4] [--state FOLDER]
                               [--workers 2]

A small city with a year of cases is run once (the old state) and then for the week after (the
new). Of the second run, and of `feedback` with a filled list and a register, so many are killed
(SIGKILL) at moments drawn evenly over their processor time, which a busy machine does not
stretch; every fourth falls into the moments in which the history is committed and the folder gets
its name. After each kill: the history opens and is the old or the new, table by table; every
folder with a final name passes the tool's own check and holds the bytes of the old or the new
run; the same command again ends well, leaves the bytes of a run that nobody killed, and nothing
else.

Then the same with a disk that fills up at random sizes (a small tmpfs; root on Linux), an output
folder that may not be written (a tmpfs mounted read-only), two runs at once, and a history of a
newer version: each ends in one sentence of ours and leaves the old state whole.

With `--workers` a run shares its texts, one by one, and its analysis among processes; of a killed
run none of them may be alive ten seconds later. Moments are drawn from the time of all of them.

Every trial is drawn from its own number, and noted in the state folder: with `--minutes` the
script stops in time, and called again goes on. Commands run in forks of a process that has only
imported, so that the moments fall into the work and not into Python's start.
"""

import argparse
import hashlib
import json
import operator
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import openpyxl
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from city import export, write_pack  # noqa: E402 - the tests' small city

from geo_hotspots import feedback, pipeline  # noqa: E402, F401 - imported before the forks
from geo_hotspots.analysis import analyse  # noqa: E402
from geo_hotspots.cli import main as command_line  # noqa: E402
from geo_hotspots.deliver.run_check import check_run  # noqa: E402
from geo_hotspots.places import by_text  # noqa: E402

SEED = 9
OLD, NEW = "2019-12-22", "2019-12-29"
TICKS = os.sysconf("SC_CLK_TCK")  # of processor time, in a second
BUSY = 75  # exit status of our own: the child met a traceback


# --- commands in forks


def start(act: Callable[[], Any], said: Path) -> int:
    """Begin `act` in a fork whose output goes to a file; give the fork's number."""
    child = os.fork()
    if child:
        return child
    os.setsid()  # so that whatever it starts is known by the session
    with said.open("w", encoding="utf-8") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            act()
        except SystemExit as stopped:
            os._exit(int(stopped.code or 0))
        except BaseException:  # noqa: BLE001 - noted, and told by the status
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(BUSY)
        sys.stdout.flush()
        os._exit(0)


def finish(child: int) -> int:
    """Wait for a fork; give its exit status, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def call(act: Callable[[], Any], said: Path) -> int:
    """Run `act` in a fork to its end."""
    return finish(start(act, said))


def kill_when(
    act: Callable[[], Any], is_time: Callable[[float], bool], pause: float, said: Path
) -> int | None:
    """Run `act` in a fork; kill it a pause after `is_time`, which is given the processor time.

    Says how many processes that it had started stay alive; nothing where it was no more at work.
    """
    child = start(act, said)
    while (used := used_by(child)) is not None and not is_time(used):
        time.sleep(0.001)
    time.sleep(pause)
    os.kill(child, signal.SIGKILL)  # it is there until it is waited for
    return count_left(child) if finish(child) == -signal.SIGKILL else None


def used_by(child: int) -> float | None:
    """Give the processor time of a fork and of what it started, nothing when it has ended."""
    fields = _fields(child)
    if not fields or fields[0] == "Z":
        return None
    started = Path(f"/proc/{child}/task/{child}/children").read_text().split()
    return _spent(fields) + sum(_spent(_fields(int(one))) for one in started)


def _fields(process: int) -> list[str]:
    """Give what the system says of a process from its state on; nothing of one that is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _spent(fields: list[str]) -> float:
    """Add up processor time, with that of children that have ended."""
    return sum(map(int, fields[11:15])) / TICKS


def count_left(session: int) -> int:
    """Count the processes of a session that are still alive ten seconds later."""
    end = time.monotonic() + 10
    while True:
        every = [_fields(int(p.name)) for p in Path("/proc").iterdir() if p.name.isdigit()]
        alive = [f for f in every if f and f[3] == str(session) and f[0] != "Z"]
        if not alive or time.monotonic() > end:
            return len(alive)
        time.sleep(0.05)


# --- what is on the disk


def tables(history: Path) -> str:
    """Sum up every table of a history, whatever the order of its rows."""
    with duckdb.connect(str(history), read_only=True) as opened:
        names = sorted(
            n for (n,) in opened.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        )
        rows = {
            n: sorted(map(repr, opened.execute(f"SELECT * FROM {n}").fetchall())) for n in names
        }
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def bytes_of(folder: Path) -> str:
    """Sum up every file of a folder."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def state_of(out: Path) -> dict[str, Any]:
    """Sum up the history and every folder with a final name; list what is wrong with these."""
    home = out / "small-city"
    folders = sorted(p for p in home.iterdir() if p.is_dir() and not p.name.startswith("."))
    faults = [
        f"{folder.name}/{file}: {said}"
        for folder in folders
        for file, found in check_run(folder, lang="en").items()
        for said in found
    ]
    return {
        "history": tables(home / "history.duckdb"),
        "folders": {folder.name: bytes_of(folder) for folder in folders},
        "left": sorted(p.name for p in home.iterdir() if p.name.startswith(".")),
        "faults": faults,
    }


def look(out: Path, scratch: Path) -> dict[str, Any]:
    """Sum up in a fork: the process itself must stay without open files and threads."""
    answer = scratch / "state.json"
    answer.unlink(missing_ok=True)
    status = call(lambda: answer.write_text(json.dumps(state_of(out))), scratch / "said.txt")
    if status:
        return {"faults": [(scratch / "said.txt").read_text(encoding="utf-8")[-300:]]}
    found: dict[str, Any] = json.loads(answer.read_text())
    return found


# --- the city


def write_cases(folder: Path) -> None:
    """Write a year of scattered cases with trouble at one building, and the week after it."""
    rng = np.random.default_rng(SEED)
    n = 200
    days = pd.Timestamp(NEW) - pd.to_timedelta(rng.integers(0, 364, n), unit="D")
    noise = export(
        来电时间=list(days.strftime("%Y-%m-%d 10:00:00")),
        问题分类=list(rng.choice(["市容环卫->垃圾清运", "物业管理->公共维修"], n)),
        问题点位=[f"雨花胡同{i}号" for i in rng.integers(1, 200, n)],
        工单编号=[f"B{i}" for i in range(n)],
    )
    ago = [2, 4, 8, 9, 12, 15, 120, 123, 126, 130, 133, 140]
    locks = pd.Timestamp(NEW) - pd.to_timedelta(ago, unit="D")
    planted = export(
        来电时间=list(locks.strftime("%Y-%m-%d 09:30:00")), 问题点位=["幸福里西区2号楼"] * len(ago)
    )
    cases = pd.concat([noise, planted], ignore_index=True)
    is_late = cases["来电时间"] > OLD + "~"
    cases[~is_late].to_csv(folder / "old.csv", index=False)
    cases[is_late].to_csv(folder / "new.csv", index=False)


def fill_list(run: Path, folder: Path) -> None:
    """Fill in the first line of a patrol list, and write a register."""
    book = openpyxl.load_workbook(run / "patrol.xlsx")
    heads = [cell.value for cell in book["总表"][1]]
    book["总表"].cell(2, heads.index("处置情况") + 1).value = "仍存在"
    book.save(folder / "filled.xlsx")
    register = {"点位名称": ["幸福里西区2号楼"], "类别": ["私装地锁"], "整改日期": ["2019-12-20"]}
    pd.DataFrame(register).to_csv(folder / "register.csv", index=False)


class City:
    """The template that trials copy, and the states that they may leave.

    `base` holds the inputs and `out` of the old state; `states` what each command makes of it.
    """

    def __init__(self, base: Path, seed: int, workers: int) -> None:
        self.base, self.scratch, self.seed = base, base / "scratch", seed
        self.workers = [f"--workers={workers}"] if workers > 1 else []
        if not (base / "ready.json").exists():
            self._make()
        ready = json.loads((base / "ready.json").read_text())
        self.states, self.seconds = ready["states"], ready["seconds"]

    def command(self, name: str, out: Path) -> Callable[[], None]:
        """Give the command line of a trial."""
        common = ["--pack", str(self.base / "small-city"), "--out", str(out)]
        given = {
            "old": ["run", "old.csv", "--as-of", OLD],
            "run": ["run", "new.csv", "--as-of", NEW, *self.workers],
            "feedback": ["feedback", "filled.xlsx", "register.csv"],
        }[name]
        files = [str(self.base / a) if "." in a else a for a in given]
        return lambda: command_line(["--lang", "en", *files, *common])

    def copy(self, to: Path) -> Path:
        """Lay the old state at `to`."""
        shutil.rmtree(to, ignore_errors=True)
        return Path(shutil.copytree(self.base / "out", to))

    def _make(self) -> None:
        shutil.rmtree(self.base, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        write_pack(self.base / "small-city")
        write_cases(self.base)
        said = self.scratch / "said.txt"
        assert call(self.command("old", self.base / "out"), said) == 0, said.read_text()
        fill_list(self.base / "out/small-city/2019-W51", self.base)
        states, seconds = {"old": look(self.base / "out", self.scratch)}, {}
        for name in ("run", "feedback"):
            out = self.copy(self.scratch / "out")
            before = os.times()
            assert call(self.command(name, out), said) == 0, said.read_text()
            after = os.times()
            seconds[name] = sum(after[2:4]) - sum(before[2:4])  # of children
            states[name] = look(out, self.scratch)
        assert not any(state["faults"] for state in states.values()), states
        assert len({state["history"] for state in states.values()}) == len(states)
        (self.base / "ready.json").write_text(json.dumps({"states": states, "seconds": seconds}))

    def judge(self, name: str, found: dict[str, Any], *, history_too: bool = True) -> list[str]:
        """List what is neither of the old nor of the new state."""
        old, new = self.states["old"], self.states[name]
        wrong = list(found["faults"])
        if "history" not in found:
            return wrong
        if history_too and found["history"] not in (old["history"], new["history"]):
            wrong.append("the history is neither the old nor the new")
        lost = set(old["folders"]) - set(found["folders"])
        wrong += [f"{folder} is gone" for folder in lost]
        for folder, digest in found["folders"].items():
            if digest not in (old["folders"].get(folder), new["folders"].get(folder)):
                wrong.append(f"{folder} is neither the old nor the new")
        return wrong


# --- trials


def killed(city: City, name: str, number: int) -> tuple[list[str], str]:
    """Kill one command at a moment of its own; give what went wrong, and which state it left."""
    draw = random.Random(f"{city.seed} {name} {number}")
    said = city.scratch / "said.txt"
    while True:
        out = city.copy(city.scratch / "out")
        moment = draw.uniform(0, city.seconds[name])
        is_late = number % 4 == 3
        pause = draw.uniform(0, 0.1 if is_late else 0.02)
        wait = partial(_is_ending, name, out) if is_late else partial(operator.le, moment)
        n_left = kill_when(city.command(name, out), wait, pause, said)
        if n_left is not None:
            break
    found = look(out, city.scratch)
    wrong = city.judge(name, found)
    left = "new" if found.get("history") == city.states[name]["history"] else "old"
    left += "+left" if found.get("left") else ""
    if n_left:
        wrong.append(f"{n_left} processes outlived it")
    return [*wrong, *_again(city, name, out)], left


def _is_ending(name: str, out: Path, _: float) -> bool:
    """Say whether a command has come to its last steps: commit, and rename for a run."""
    home = out / "small-city"
    if name == "feedback":
        return (home / "history.duckdb.wal").exists()
    return any(home.glob(".*.part-*/run.json"))


def _again(city: City, name: str, out: Path) -> list[str]:
    """Run the command again; it must end as one that nobody killed."""
    said = city.scratch / "said.txt"
    status = call(city.command(name, out), said)
    if status:
        return [f"the next {name} ends with {status}: {said.read_text()[-300:]}"]
    found, new = look(out, city.scratch), city.states[name]
    return [f"after the next {name}, {k} differ" for k in new if found.get(k) != new[k]]


def full_disk(city: City, name: str, number: int) -> tuple[list[str], str]:
    """Run on a disk with some room left, too little more often than not."""
    draw = random.Random(f"{city.seed} disk {name} {number}")
    disk = city.scratch / "disk"
    used = sum(p.stat().st_size for p in (city.base / "out").rglob("*") if p.is_file())
    room = int(used + draw.uniform(0, 1.2) * used) // 4096 + 64
    with mounted(disk, f"size={room * 4096}"):
        out = city.copy(disk / "out")
        wrong, left = _refused(city, name, out)
        subprocess.run(["mount", "-o", "remount,size=1g", str(disk)], check=True)
        return [*wrong, *_again(city, name, out)], left


def read_only(city: City, name: str, number: int) -> tuple[list[str], str]:  # noqa: ARG001
    """Run where nothing may be written, then where it may."""
    disk = city.scratch / "disk"
    with mounted(disk, "size=1g"):
        out = city.copy(disk / "out")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        wrong, left = _refused(city, name, out)
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        return [*wrong, *_again(city, name, out)], left


def _refused(city: City, name: str, out: Path) -> tuple[list[str], str]:
    """Run where it cannot end well; it must say so in a line and leave the old or the new."""
    said = city.scratch / "said.txt"
    status = call(city.command(name, out), said)
    last = said.read_text(encoding="utf-8").strip().splitlines()[-1:]
    wrong = city.judge(name, look(out, city.scratch))
    if status not in (0, 1) or (status == 1 and not last[0].startswith("geo-hotspots: ")):
        wrong.append(f"ends with {status}: {' '.join(last)}")
    return wrong, "done" if status == 0 else "refused"


class mounted:  # noqa: N801 - reads as a verb
    """A tmpfs for as long as the body lasts."""

    def __init__(self, at: Path, options: str) -> None:
        self.at, self.options = at, options

    def __enter__(self) -> None:
        self.at.mkdir(exist_ok=True)
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", self.options, "tmpfs", str(self.at)], check=True
        )

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", str(self.at)], check=True)


def two_at_once(city: City, name: str, number: int) -> tuple[list[str], str]:
    """Begin the same command twice, a moment apart."""
    draw = random.Random(f"{city.seed} twice {name} {number}")
    out = city.copy(city.scratch / "out")
    said = [city.scratch / f"said{i}.txt" for i in (1, 2)]
    first = start(city.command(name, out), said[0])
    time.sleep(draw.uniform(0, city.seconds[name]))
    second = start(city.command(name, out), said[1])
    ends = [finish(first), finish(second)]
    wrong = city.judge(name, look(out, city.scratch))
    for end, path in zip(ends, said, strict=True):
        if end and not (end == 1 and "in use by another program" in path.read_text()):
            wrong.append(f"ends with {end}: {path.read_text()[-300:]}")
    if all(ends):
        wrong.append("neither of two came through")
    return [*wrong, *_again(city, name, out)], "both" if not any(ends) else "one refused"


def newer(city: City, name: str, number: int) -> tuple[list[str], str]:  # noqa: ARG001
    """Meet a history that a newer version has written."""
    out = city.copy(city.scratch / "out")
    history = out / "small-city/history.duckdb"
    raise_version = "UPDATE meta SET value = '99'::BLOB WHERE name = 'version'"
    call(
        lambda: duckdb.connect(str(history)).execute(raise_version).close(), city.scratch / "s.txt"
    )
    before = history.read_bytes()
    said = city.scratch / "said.txt"
    status = call(city.command(name, out), said)
    wrong = [] if "newer than ours" in said.read_text() else [said.read_text()[-300:]]
    if status != 1 or history.read_bytes() != before:
        wrong.append(f"ends with {status}, or the history was touched")
    return wrong, "refused"


SCENES = {"killed": killed, "full disk": full_disk, "read-only": read_only,
          "two at once": two_at_once, "newer history": newer}  # fmt: skip


def plan(kills: int, hard: int) -> list[tuple[str, str, int]]:
    """List the trials: two kills of a run to one of feedback, and the hard ones for both."""
    order = [("killed", "feedback" if i % 3 == 2 else "run", i) for i in range(kills)]
    for scene, n in (
        ("full disk", hard),
        ("two at once", hard),
        ("read-only", 1),
        ("newer history", 1),
    ):
        order += [(scene, name, i) for i in range(n) for name in ("run", "feedback")]
    return order


def main() -> None:
    """Go through the trials that are not noted yet, and print what all of them came to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument(
        "--hard", type=int, default=20, help="trials of a full disk, and of two runs"
    )
    parser.add_argument("--seed", type=int, default=SEED, help="of the moments")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--state", type=Path, default=Path("kills"), help="a folder, to go on in")
    parser.add_argument("--workers", type=int, default=1, help="processes that share a run")
    asked = parser.parse_args()
    if asked.workers > 1:
        # The week of a small city is a single part else.
        by_text._TEXTS_AT_LEAST = 1  # noqa: SLF001
        analyse._SHARED_FROM = 1  # noqa: SLF001
    os.environ["GEO_HOTSPOTS_CACHE"] = str(asked.state.resolve() / "cache")
    end = time.monotonic() + 60 * asked.minutes
    city = City(asked.state.resolve() / "city", asked.seed, asked.workers)
    noted = asked.state / "trials.jsonl"
    lines = noted.read_text(encoding="utf-8").splitlines() if noted.exists() else []
    done = {tuple(json.loads(line)["trial"]): json.loads(line) for line in lines}
    for trial in plan(asked.kills, asked.hard):
        if trial in done or time.monotonic() > end:
            continue
        wrong, left = SCENES[trial[0]](city, *trial[1:])
        done[trial] = {"trial": trial, "wrong": wrong, "left": left}
        with noted.open("a", encoding="utf-8") as file:
            file.write(json.dumps(done[trial], ensure_ascii=False) + "\n")
    _print(done, len(plan(asked.kills, asked.hard)))


def _print(done: dict[Any, dict[str, Any]], n: int) -> None:
    print("| scene | command | trials | survived | left behind |\n| --- | --- | --- | --- | --- |")
    for scene, name in dict.fromkeys(trial[:2] for trial in done):
        mine = [told for trial, told in done.items() if trial[:2] == (scene, name)]
        left = ", ".join(f"{k} {v}" for k, v in sorted(Counter(t["left"] for t in mine).items()))
        print(f"| {scene} | {name} | {len(mine)} | {sum(not t['wrong'] for t in mine)} | {left} |")
    for trial, told in done.items():
        for fault in told["wrong"]:
            print("!", *trial, fault)
    print(f"{len(done)} of {n} trials")


if __name__ == "__main__":
    main()
