"""`run`: the whole way."""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from geo_hotspots.cli.imports import unsearched
from geo_hotspots.cli.options import (
    FILE,
    HISTORY_FILE,
    make_command,
    make_option,
    option_out,
    reading_options,
)
from geo_hotspots.cli.painter import open_painter
from geo_hotspots.cli.printing import fresh_salt, make_progress, print_run, today
from geo_hotspots.cli.words import OPTIONS
from geo_hotspots.config import read_config
from geo_hotspots.schema import PERIOD_KINDS
from geo_hotspots.words import Lang

MOST_WORKERS = 61  # what Windows lets one process wait for; beyond them stands a cluster
_UNASKED = 4  # workers that a run takes without being told: some 300 MB each
_WORTH_SHARING = 100_000  # cases; of fewer the analysis is not shared either
_TEXT_OF_A_CASE, _PACKED_CASE = 350, 85  # bytes of it in a CSV, in Parquet or a workbook
_PACKED = (".parquet", ".xlsx")


def command(lang: Lang) -> click.Command:
    """Make the command."""
    params = [*reading_options(lang), *_options(lang), option_out("run", lang, "outputs")]
    return make_command("run", lang, _run, params)


def _run(
    lang: Lang, *, cases: tuple[Path, ...], pack: str, config: Path | None, as_json: bool,
    as_of: datetime | None, out: Path, history: Path | None, no_history: bool,
    workers: int | None, cluster: str, **asked: Any,
) -> None:  # fmt: skip
    settings = read_config(config)
    with open_painter() as painter:
        with unsearched():
            from geo_hotspots import pipeline  # noqa: PLC0415 - heavy
            from geo_hotspots.hire import open_crew  # noqa: PLC0415 - heavy
            from geo_hotspots.places.packs.pack import read_pack  # noqa: PLC0415 - heavy

        ours = read_pack(pack)
        kept = None if no_history else history or out / ours.name / HISTORY_FILE
        request = pipeline.Request(
            paths=cases, out=out, today=today(), as_of=as_of.date() if as_of else None,
            history=kept, lang=lang, tile_key=os.environ.get(settings.basemap.key_env, ""), **asked,
        )  # fmt: skip
        with open_crew(workers=workers or count_workers(cases), cluster=cluster) as crew:
            done = pipeline.run(
                request, ours, settings, salt=fresh_salt(), progress=make_progress(lang), crew=crew,
                painter=painter,
            )  # fmt: skip
    print_run(done, lang, as_json=as_json)


def count_workers(paths: Iterable[Path]) -> int:
    """Say how many processes share files of this size where nobody asked for any number."""
    n = sum(
        path.stat().st_size // (_PACKED_CASE if path.suffix.lower() in _PACKED else _TEXT_OF_A_CASE)
        for path in paths
        if path.is_file()
    )
    return 1 if n < _WORTH_SHARING else min(os.cpu_count() or 1, _UNASKED)


def _options(lang: Lang) -> list[click.Parameter]:
    day = click.DateTime(["%Y-%m-%d"])
    return [
        make_option("--as-of", lang, type=day, metavar="YYYY-MM-DD"),
        make_option("--period", lang, type=click.Choice(PERIOD_KINDS), default="week"),
        make_option("--rectifications", lang, type=FILE, metavar="FILE"),
        make_option("--history", lang, type=FILE, metavar="FILE"),
        make_option("--no-history", lang, is_flag=True),
        make_option("--shapefile", lang, type=click.Choice(["utf-8", "gbk"])),
        make_option("--rain-days", lang, type=FILE, metavar="FILE"),
        make_option("--rain", lang, is_flag=True),
        make_option("--workers", lang, type=click.IntRange(1, MOST_WORKERS)),
        make_option("--cluster", lang, default="", metavar="tcp://HOST:PORT"),
        click.Option(["--public", "is_public"], is_flag=True, help=OPTIONS["--public"].say(lang)),
    ]
