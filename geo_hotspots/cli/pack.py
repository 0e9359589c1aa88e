"""`pack`: boundaries and places, built and checked."""

import sys
from pathlib import Path
from typing import Any

import click

from geo_hotspots.cli.options import (
    FILE,
    make_command,
    make_group,
    make_option,
    option_lang,
    option_out,
    output_options,
)
from geo_hotspots.cli.printing import echo, print_json
from geo_hotspots.errors import ConfigError
from geo_hotspots.words import Lang, Words

_TEXTS = (
    "--title-en", "--code", "--vintage", "--source", "--licence", "--footer", "--footer-en",
    "--approval",
)  # fmt: skip


def group(lang: Lang) -> click.Group:
    """Make the group."""
    commands = make_group("pack", lang, [])
    commands.add_command(make_command("pack build", lang, _build_pack, _building(lang)))
    folder = click.Argument(["folder"], metavar="DIR")
    params = [folder, *output_options(lang)]
    commands.add_command(make_command("pack check", lang, _check_pack, params))
    return commands


def _build_pack(lang: Lang, *, out: Path, column: tuple[str, ...], **asked: Any) -> None:
    from geo_hotspots.places.packs.build import build_pack  # noqa: PLC0415 - heavy

    report = build_pack(out, columns=dict(_split_column(pair) for pair in column), **asked)
    for line in report.lines(lang):
        echo(line)
    echo(str(report.folder))


def _check_pack(lang: Lang, *, folder: str, as_json: bool) -> None:
    from geo_hotspots.places.packs.check import check_pack  # noqa: PLC0415 - heavy

    report = check_pack(folder)
    n = len(report.warnings)
    if as_json:
        found = [{"level": f.level, "text": f.words.say(lang)} for f in report.findings]
        print_json(usable=not report.errors, findings=found)
    else:
        for line in report.lines(lang):
            echo(line)
        if not report.errors:
            echo(Words(f"可用，{n} 处需留意", f"usable, {n} warnings").say(lang))
    if report.errors:
        sys.exit(3)


def _split_column(pair: str) -> tuple[str, str]:
    ours, equals, theirs = pair.partition("=")
    if not (ours and equals and theirs):
        raise ConfigError(
            f"--column 的写法应为“我方列名=文件列名”，而不是 {pair!r}",
            f"--column is written OURS=THEIRS, not {pair!r}",
        )
    return ours.strip(), theirs.strip()


def _building(lang: Lang) -> list[click.Parameter]:
    return [
        option_out("build", lang, None),
        make_option("--name", lang, required=True),
        make_option("--title", lang, required=True),
        make_option("--communities", lang, type=FILE, required=True, metavar="FILE"),
        *(
            make_option(flag, lang, type=FILE, metavar="FILE")
            for flag in ("--streets", "--places", "--responsible")
        ),
        make_option("--column", lang, multiple=True, metavar="OURS=THEIRS"),
        make_option("--crs", lang),
        make_option("--datum", lang),
        make_option("--timezone", lang, default="Asia/Shanghai"),
        make_option("--approximate/--exact", lang, default=False),
        *(make_option(flag, lang, default="", metavar="TEXT") for flag in _TEXTS),
        option_lang(lang),
    ]
