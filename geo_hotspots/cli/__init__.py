"""The command line: arguments in, one function of the library called, a few lines out.

Messages are Chinese unless `--lang en` or `GEO_HOTSPOTS_LANG=en` says otherwise. Progress goes
to stderr, results to stdout, `--json` prints them for machines. Each command has a module of its
own, which imports heavy packages inside the command, so that `--help` comes at once.
"""

import gc
import gettext
import itertools
import os
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import click

from geo_hotspots.cli import backtest, demo, feedback, geocode, history, pack, places, run
from geo_hotspots.cli.options import make_group, option_lang, option_version
from geo_hotspots.cli.printing import echo, one_line
from geo_hotspots.errors import GeoHotspotsError
from geo_hotspots.words import Lang, Words

# Collections of cycles, which are few: frames are freed by counting. Python's own pace costs 7 %.
_RARE = (20_000, 10, 10)
# What libraries read when they are loaded. A thread for each core gains nothing for matrices as
# small as ours, and on a busy machine, where they wait for each other, a forecast takes twice as
# long; and Arrow's own allocator keeps of what was freed a third as much as what is held.
_LIBRARIES = {
    "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system",
}  # fmt: skip
_LOCALE = Path(__file__).parents[1] / "locale"


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status.

    Without arguments it takes those of the process, which then is its own: it ends with it.
    """
    if args is not None:
        _obey(args, is_own=False)
        return
    gc.set_threshold(*_RARE)
    settle_libraries(os.environ)
    try:
        _obey(sys.argv[1:], is_own=True)
    except SystemExit as end:
        _leave(int(end.code or 0))
    _leave(0)


def _obey(args: Sequence[str], *, is_own: bool) -> None:
    """Do what the arguments ask for; what a user can mend is told in one line."""
    lang = choose_language(args, os.environ)
    _speak(lang)
    try:
        cli = make_cli(lang)
        cli.main(list(args), prog_name="geo-hotspots", standalone_mode=False, obj=is_own)
    except GeoHotspotsError as error:
        echo(f"geo-hotspots: {one_line(error.say(lang))}", err=True)
        sys.exit(error.exit_status)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        echo(Words("已中断", "aborted").say(lang), err=True)
        sys.exit(1)


def _leave(status: int) -> NoReturn:
    """End the process as it stands: to take down what it holds would be a quarter of a second.

    Files are closed, histories committed and workers gone by then, each by who opened them.
    """
    with suppress(BrokenPipeError):  # whoever read our words has gone
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def settle_libraries(environ: MutableMapping[str, str]) -> None:
    """Tell libraries how to work, before they are loaded; a user's own word holds.

    >>> settle_libraries(environ := {"MKL_NUM_THREADS": "4"})
    >>> environ["MKL_NUM_THREADS"], environ["OPENBLAS_NUM_THREADS"]
    ('4', '1')
    """
    for name, value in _LIBRARIES.items():
        environ.setdefault(name, value)


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
    group = make_group("geo-hotspots", lang, [option_lang(lang), option_version(lang)])
    commands = (
        run.command, backtest.command, feedback.command, demo.command, places.check,
        geocode.command, pack.group, history.group,
    )  # fmt: skip
    for make in commands:
        group.add_command(make(lang))
    return group


def _speak(lang: Lang) -> None:
    """Set click's own words to the language, and keep odd consoles from failing on a character."""
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain("messages", str(_LOCALE))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
