"""The command line: arguments in, one function of the library called, a few lines out.

Messages are Chinese unless `--lang en` or `GEO_HOTSPOTS_LANG=en` says otherwise. Progress goes
to stderr, results to stdout, `--json` prints them for machines. Heavy packages are imported
inside the commands, so that `--help` comes at once.
"""

import gettext
import itertools
import json
import os
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geo_hotspots import __version__
from geo_hotspots.cli_words import COMMANDS, OPTIONS
from geo_hotspots.config import Config, read_config
from geo_hotspots.errors import ConfigError, GeoHotspotsError
from geo_hotspots.schema import PERIOD_KINDS
from geo_hotspots.words import Lang, Words

if TYPE_CHECKING:
    from geo_hotspots.pipeline import Located, Run

_LOCALE = Path(__file__).parent / "locale"
_FILE = click.Path(path_type=Path)
_PACK_TEXTS = (
    "--title-en", "--code", "--vintage", "--source", "--licence", "--footer", "--footer-en",
    "--approval",
)  # fmt: skip


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    given = list(sys.argv[1:] if args is None else args)
    lang = choose_language(given, os.environ)
    _speak(lang)
    try:
        make_cli(lang).main(given, prog_name="geo-hotspots", standalone_mode=False)
    except GeoHotspotsError as error:
        click.echo(f"geo-hotspots: {_one_line(error.say(lang))}", err=True)
        sys.exit(error.exit_status)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo(Words("已中断", "aborted").say(lang), err=True)
        sys.exit(1)


def choose_language(args: Sequence[str], environ: Mapping[str, str]) -> Lang:
    """Find the language before any argument is parsed, so that help speaks it too.

    >>> choose_language(["run", "--lang", "en"], {}), choose_language([], {})
    ('en', 'zh')
    """
    wanted = environ.get("GEO_HOTSPOTS_LANG", "zh")
    for arg, following in itertools.zip_longest(args, args[1:], fillvalue=""):
        if arg == "--lang":
            wanted = following
        elif arg.startswith("--lang="):
            wanted = arg.removeprefix("--lang=")
    return "en" if wanted == "en" else "zh"


def make_cli(lang: Lang) -> click.Group:
    """Build the commands in one language."""
    group = _group("geo-hotspots", lang, [_lang(lang), _version(lang)])
    group.add_command(
        _command(
            "run", lang, _run, [*_reading(lang), *_running(lang), _out("run", lang, "outputs")]
        )
    )
    group.add_command(
        _command("demo", lang, _demo, [_out("demo", lang, "outputs"), *_output(lang)])
    )
    group.add_command(_command("check", lang, _check, _reading(lang)))
    group.add_command(
        _command("geocode", lang, _geocode, [*_reading(lang), _out("geocode", lang, None)])
    )
    pack = _group("pack", lang, [])
    pack.add_command(_command("build", lang, _build_pack, _building(lang)))
    folder = click.Argument(["folder"], metavar="DIR")
    pack.add_command(_command("pack check", lang, _check_pack, [folder, *_output(lang)]))
    group.add_command(pack)
    return group


# --- the commands -------------------------------------------------------------------------------


def _run(
    lang: Lang, *, cases: tuple[Path, ...], pack: str, config: Path | None, as_json: bool,
    as_of: datetime | None, out: Path, **asked: Any,
) -> None:  # fmt: skip
    from geo_hotspots import pipeline  # noqa: PLC0415 - heavy
    from geo_hotspots.places.pack import read_pack  # noqa: PLC0415 - heavy

    day = as_of.date() if as_of else None
    request = pipeline.Request(paths=cases, out=out, today=_today(), as_of=day, lang=lang, **asked)
    done = pipeline.run(
        request, read_pack(pack), read_config(config), salt=_salt(), progress=_progress(lang)
    )
    _print_run(done, lang, as_json=as_json)


def _demo(lang: Lang, *, out: Path, as_json: bool) -> None:
    from geo_hotspots import pipeline  # noqa: PLC0415 - heavy
    from geo_hotspots.demo import make_demo, write_demo  # noqa: PLC0415 - heavy
    from geo_hotspots.places.pack import read_pack  # noqa: PLC0415 - heavy

    pack, progress = read_pack("dongcheng"), _progress(lang)
    progress(Words("编造演示工单", "making up demo cases"))
    cases, register, *_ = write_demo(make_demo(pack), out / "demo" / "input")
    request = pipeline.Request(
        paths=(cases,), out=out / "demo", today=_today(), rectifications=register,
        is_demo=True, lang=lang,
    )  # fmt: skip
    done = pipeline.run(request, pack, Config(), salt=_salt(), progress=progress)
    _print_run(done, lang, as_json=as_json)


def _check(
    lang: Lang, *, cases: tuple[Path, ...], pack: str, config: Path | None, as_json: bool
) -> None:
    located = _locate(lang, cases, pack, config)
    days = located.cases["reported_at"]
    first, last = days.min().date().isoformat(), days.max().date().isoformat()
    if as_json:
        _print_json(
            account=_account(located), reasons=located.account.reasons, first_day=first,
            last_day=last, datum=located.detection.datum,
            datum_reason=located.detection.reason.say(lang),
            notes=[note.say(lang) for note in located.notes],
        )  # fmt: skip
        return
    _print_account(located, lang)
    for reason, n in located.account.reasons.items():
        click.echo(f"  {reason}: {n}")
    click.echo(Words(f"诉求时间：{first} 至 {last}", f"cases from {first} to {last}").say(lang))
    click.echo(Words("坐标：", "coordinates: ").say(lang) + located.detection.reason.say(lang))
    _print_notes(located.notes, lang)


def _geocode(
    lang: Lang, *, cases: tuple[Path, ...], pack: str, config: Path | None, as_json: bool, out: Path
) -> None:
    from geo_hotspots.deliver.ledger import write_ledger  # noqa: PLC0415 - heavy

    located = _locate(lang, cases, pack, config)
    write_ledger(out, located.ledger)
    if as_json:
        _print_json(account=_account(located), out=str(out))
        return
    _print_account(located, lang)
    _print_notes(located.notes, lang)
    click.echo(str(out))


def _build_pack(lang: Lang, *, out: Path, column: tuple[str, ...], **asked: Any) -> None:
    from geo_hotspots.places.pack_build import build_pack  # noqa: PLC0415 - heavy

    report = build_pack(out, columns=dict(_split_column(pair) for pair in column), **asked)
    for line in report.lines(lang):
        click.echo(line)
    click.echo(str(report.folder))


def _check_pack(lang: Lang, *, folder: str, as_json: bool) -> None:
    from geo_hotspots.places.pack_check import check_pack  # noqa: PLC0415 - heavy

    report = check_pack(folder)
    n = len(report.warnings)
    if as_json:
        found = [{"level": f.level, "text": f.words.say(lang)} for f in report.findings]
        _print_json(usable=not report.errors, findings=found)
    else:
        for line in report.lines(lang):
            click.echo(line)
        if not report.errors:
            click.echo(Words(f"可用，{n} 处需留意", f"usable, {n} warnings").say(lang))
    if report.errors:
        sys.exit(3)


def _locate(lang: Lang, cases: tuple[Path, ...], pack: str, config: Path | None) -> "Located":
    from geo_hotspots import pipeline  # noqa: PLC0415 - heavy
    from geo_hotspots.places.pack import read_pack  # noqa: PLC0415 - heavy

    settings = read_config(config)
    return pipeline.locate(
        cases, read_pack(pack), settings, salt=_salt(), lang=lang, progress=_progress(lang)
    )


def _split_column(pair: str) -> tuple[str, str]:
    ours, equals, theirs = pair.partition("=")
    if not (ours and equals and theirs):
        raise ConfigError(
            f"--column 的写法应为“我方列名=文件列名”，而不是 {pair!r}",
            f"--column is written OURS=THEIRS, not {pair!r}",
        )
    return ours.strip(), theirs.strip()


# --- what they print ----------------------------------------------------------------------------


def _print_run(done: "Run", lang: Lang, *, as_json: bool) -> None:
    n, hidden = len(done.findings.hotspots), done.findings.n_hidden
    hot = int(done.findings.cells["is_hot"].sum())
    page = done.folder / "map.html"
    if as_json:
        _print_json(
            folder=str(done.folder), map=str(page), period=done.period.label,
            account=_account(done), points=n, points_hidden=hidden, hot_cells=hot,
            notes=[note.say(lang) for note in done.notes],
        )  # fmt: skip
        return
    _print_account(done, lang)
    zh = f"重复点位 {n} 个（另有 {hidden} 个因人数不足不显示），热点网格 {hot} 个"
    en = f"{n} repeat points ({hidden} more hidden: too few callers), {hot} hot cells"
    click.echo(Words(zh, en).say(lang))
    _print_notes(done.notes, lang)
    click.echo(str(page))


def _print_account(what: "Located | Run", lang: Lang) -> None:
    from geo_hotspots.account import describe_account  # noqa: PLC0415 - heavy

    click.echo(describe_account(what.account, lang))


def _account(what: "Located | Run") -> dict[str, int]:
    return {"read": what.account.n_read, **what.account.statuses}


def _print_json(**summary: object) -> None:
    click.echo(json.dumps(summary, ensure_ascii=False, indent=2))


def _print_notes(notes: Sequence[Words], lang: Lang) -> None:
    for note in notes:
        text = _one_line(note.say(lang))
        click.echo(Words(f"注意：{text}", f"note: {text}").say(lang), err=True)


def _one_line(text: str) -> str:
    """Keep a message on its line: file names and cells may carry control characters."""
    return "".join(c if c.isprintable() else " " for c in text)


def _progress(lang: Lang) -> Callable[[Words], None]:
    return lambda words: click.echo(f"· {words.say(lang)} …", err=True)


def _today() -> date:
    return datetime.now(UTC).astimezone().date()


def _salt() -> bytes:
    """Make a salt for this run alone: hashes of callers serve to tell them apart, then go."""
    return secrets.token_bytes(32)


def _speak(lang: Lang) -> None:
    """Set click's own words to the language, and keep odd consoles from failing on a character."""
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain("messages", str(_LOCALE))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


# --- how they are asked -------------------------------------------------------------------------


def _command(
    name: str, lang: Lang, action: Callable[..., None], params: list[click.Parameter]
) -> click.Command:
    return click.Command(
        name.rsplit(maxsplit=1)[-1],
        callback=lambda **asked: action(lang, **asked),
        params=params,
        help=COMMANDS[name].say(lang),
    )


def _group(name: str, lang: Lang, params: list[click.Parameter]) -> click.Group:
    return click.Group(name, help=COMMANDS[name].say(lang), params=params)


def _option(flag: str, lang: Lang, *, of: str = "", **settings: Any) -> click.Option:
    words = OPTIONS[f"{of} {flag}".strip()]
    shown = {"show_default": True} if settings.get("default") else {}
    return click.Option([flag], help=words.say(lang), **(shown | settings))


def _lang(lang: Lang) -> click.Option:
    return _option("--lang", lang, type=click.Choice(["zh", "en"]), expose_value=False)


def _version(lang: Lang) -> click.Option:
    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's form
        if value:
            click.echo(f"geo-hotspots {__version__}")
            ctx.exit()

    return _option(
        "--version", lang, is_flag=True, is_eager=True, expose_value=False, callback=show
    )


def _output(lang: Lang) -> list[click.Parameter]:
    as_json = click.Option(["--json", "as_json"], is_flag=True, help=OPTIONS["--json"].say(lang))
    return [as_json, _lang(lang)]


def _out(command: str, lang: Lang, default: str | None) -> click.Option:
    metavar = "FILE" if command == "geocode" else "DIR"
    return _option(
        "--out", lang, of=command, type=_FILE, default=default, required=not default,
        metavar=metavar,
    )  # fmt: skip


def _reading(lang: Lang) -> list[click.Parameter]:
    return [
        click.Argument(["cases"], nargs=-1, required=True, type=_FILE),
        _option("--pack", lang, default="dongcheng", metavar="DIR"),
        _option("--config", lang, type=_FILE, metavar="FILE"),
        *_output(lang),
    ]


def _running(lang: Lang) -> list[click.Parameter]:
    day = click.DateTime(["%Y-%m-%d"])
    return [
        _option("--as-of", lang, type=day, metavar="YYYY-MM-DD"),
        _option("--period", lang, type=click.Choice(PERIOD_KINDS), default="week"),
        _option("--rectifications", lang, type=_FILE, metavar="FILE"),
    ]


def _building(lang: Lang) -> list[click.Parameter]:
    return [
        _out("build", lang, None),
        _option("--name", lang, required=True),
        _option("--title", lang, required=True),
        _option("--communities", lang, type=_FILE, required=True, metavar="FILE"),
        *(
            _option(flag, lang, type=_FILE, metavar="FILE")
            for flag in ("--streets", "--places", "--responsible")
        ),
        _option("--column", lang, multiple=True, metavar="OURS=THEIRS"),
        _option("--crs", lang),
        _option("--datum", lang),
        _option("--timezone", lang, default="Asia/Shanghai"),
        _option("--approximate/--exact", lang, default=False),
        *(_option(flag, lang, default="", metavar="TEXT") for flag in _PACK_TEXTS),
        _lang(lang),
    ]
