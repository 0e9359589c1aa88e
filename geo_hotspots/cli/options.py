"""How the commands are asked: arguments and options, made in one language."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from geo_hotspots import __version__
from geo_hotspots.cli.printing import echo
from geo_hotspots.cli.words import COMMANDS, OPTIONS
from geo_hotspots.words import Lang

FILE = click.Path(path_type=Path)
HISTORY_FILE = "history.duckdb"  # beside the run folders of its pack


def make_command(
    name: str, lang: Lang, action: Callable[..., None], params: list[click.Parameter]
) -> click.Command:
    """Make a command of `words.COMMANDS[name]`, named by its last word."""
    return click.Command(
        name.rsplit(maxsplit=1)[-1],
        callback=lambda **asked: action(lang, **asked),
        params=params,
        help=COMMANDS[name].say(lang),
    )


def make_group(name: str, lang: Lang, params: list[click.Parameter]) -> click.Group:
    """Make a group of commands."""
    return click.Group(name, help=COMMANDS[name].say(lang), params=params)


def make_option(flag: str, lang: Lang, *, of: str = "", **settings: Any) -> click.Option:
    """Make an option; `of` names the command where several say a flag differently."""
    words = OPTIONS[f"{of} {flag}".strip()]
    shown = {"show_default": True} if settings.get("default") else {}
    return click.Option([flag], help=words.say(lang), **(shown | settings))


def option_lang(lang: Lang) -> click.Option:
    """Make `--lang`; `main` has read it before, so that help speaks it too."""
    return make_option("--lang", lang, type=click.Choice(["zh", "en"]), expose_value=False)


def option_version(lang: Lang) -> click.Option:
    """Make `--version`."""

    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's form
        if value:
            echo(f"geo-hotspots {__version__}")
            ctx.exit()

    return make_option(
        "--version", lang, is_flag=True, is_eager=True, expose_value=False, callback=show
    )


def output_options(lang: Lang) -> list[click.Parameter]:
    """Make the options of every command that prints results."""
    as_json = click.Option(["--json", "as_json"], is_flag=True, help=OPTIONS["--json"].say(lang))
    return [as_json, option_lang(lang)]


def option_out(command: str, lang: Lang, default: str | None) -> click.Option:
    """Make `--out`; without a default it must be given."""
    return make_option(
        "--out", lang, of=command, type=FILE, default=default, required=not default, metavar="DIR"
    )


def reading_options(lang: Lang) -> list[click.Parameter]:
    """Make the options of every command that reads cases."""
    return [
        click.Argument(["cases"], nargs=-1, required=True, type=FILE),
        make_option("--pack", lang, default="dongcheng", metavar="DIR"),
        make_option("--config", lang, type=FILE, metavar="FILE"),
        *output_options(lang),
    ]
