"""`demo`: the whole way on made-up cases, on two Mondays, so that the second has a week before."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geo_hotspots.cli.imports import unsearched
from geo_hotspots.cli.options import HISTORY_FILE, make_command, option_out, output_options
from geo_hotspots.cli.painter import open_painter
from geo_hotspots.cli.printing import fresh_salt, make_progress, print_run, today
from geo_hotspots.config import Config
from geo_hotspots.words import Lang, Words

if TYPE_CHECKING:
    from geo_hotspots.pipeline import Request


def command(lang: Lang) -> click.Command:
    """Make the command."""
    params = [option_out("demo", lang, "outputs"), *output_options(lang)]
    return make_command("demo", lang, _demo, params)


def _demo(lang: Lang, *, out: Path, as_json: bool) -> None:
    with unsearched():
        from geo_hotspots import pipeline  # noqa: PLC0415 - heavy
        from geo_hotspots.demo import make_demo, write_demo  # noqa: PLC0415 - heavy
        from geo_hotspots.places.packs.pack import read_pack  # noqa: PLC0415 - heavy

    pack, progress = read_pack("dongcheng"), make_progress(lang)
    progress(Words("编造演示工单", "making up demo cases"))
    cases, register, rain = write_demo(make_demo(pack), out / "demo" / "input")
    history = out / "demo" / pack.name / HISTORY_FILE
    history.unlink(missing_ok=True)  # each demo begins where nothing is known
    history.parent.mkdir(parents=True, exist_ok=True)
    request = pipeline.Request(
        paths=(cases,), out=out / "demo", today=today(), rectifications=register,
        rain_days=rain, history=history, is_demo=True, lang=lang,
    )  # fmt: skip
    with open_painter() as painter:
        for week in two_mondays(request):
            progress(Words(f"统计截至 {week.as_of}", f"as of {week.as_of}"))
            done = pipeline.run(
                week, pack, Config(), salt=fresh_salt(), progress=progress, painter=painter
            )
    print_run(done, lang, as_json=as_json)


def two_mondays(request: "Request") -> "tuple[Request, Request]":
    """Ask for the demo's last week but one, then for its last: a list is judged a week later."""
    from geo_hotspots.demo import LAST_DAY  # noqa: PLC0415 - heavy

    return (
        replace(request, as_of=LAST_DAY - timedelta(days=7)),
        replace(request, as_of=LAST_DAY),
    )
