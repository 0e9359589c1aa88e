"""What the commands print: results to stdout, progress and notes to stderr."""

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from geo_hotspots.words import Lang, Words

if TYPE_CHECKING:
    from geo_hotspots.pipeline import Located, Run


def print_run(done: "Run", lang: Lang, *, as_json: bool) -> None:
    """Say what a run came to, and where its map lies."""
    n, hidden = len(done.findings.hotspots), done.findings.n_hidden
    hot = int(done.findings.cells["is_hot"].sum())
    page = done.folder / "map.html"
    if as_json:
        print_json(
            folder=str(done.folder), map=str(page), period=done.period.label,
            **({"public": str(done.public)} if done.public else {}),
            account=account_of(done), points=n, points_hidden=hidden, hot_cells=hot,
            notes=[note.say(lang) for note in done.notes],
        )  # fmt: skip
        return
    print_account(done, lang)
    zh = f"重复点位 {n} 个（另有 {hidden} 个因人数不足不显示），热点网格 {hot} 个"
    en = f"{n} repeat points ({hidden} more hidden: too few callers), {hot} hot cells"
    echo(Words(zh, en).say(lang))
    print_notes(done.notes, lang)
    echo(str(page))
    if done.public:
        echo(str(done.public / "public.html"))


def print_account(what: "Located | Run", lang: Lang) -> None:
    """Say how many rows were read and what became of them."""
    from geo_hotspots.account import describe_account  # noqa: PLC0415 - heavy

    echo(describe_account(what.account, lang))


def account_of(what: "Located | Run") -> dict[str, int]:
    """Give the account as `--json` prints it."""
    return {"read": what.account.n_read, **what.account.statuses}


def print_json(**summary: object) -> None:
    """Print a summary for machines."""
    text = json.dumps(summary, ensure_ascii=False, indent=2)
    echo("".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text))


def print_notes(notes: Sequence[Words], lang: Lang) -> None:
    """Print on stderr what the user should know before trusting the numbers."""
    for note in notes:
        text = one_line(note.say(lang))
        echo(Words(f"注意：{text}", f"note: {text}").say(lang), err=True)


def echo(text: str, *, err: bool = False) -> None:
    """Print text, its lines as they are and nothing in them that a terminal would obey.

    Names come from files: an escape sequence in one could colour, move or overwrite what stands
    on the screen.
    """
    click.echo("\n".join(map(one_line, text.split("\n"))), err=err)


def one_line(text: str) -> str:
    """Keep a message on its line: file names and cells may carry control characters."""
    return "".join(c if c.isprintable() else " " for c in text)


def make_progress(lang: Lang) -> Callable[[Words], None]:
    """Make the callback by which a stage says what it is doing."""
    return lambda words: echo(f"· {words.say(lang)} …", err=True)


def today() -> date:
    """Give the day on the clock of this machine."""
    return datetime.now(UTC).astimezone().date()


def fresh_salt() -> bytes:
    """Make a salt: for a new history, or for this run alone and its hashes go with it."""
    return secrets.token_bytes(32)
