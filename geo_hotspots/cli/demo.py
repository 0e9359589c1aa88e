"""`demo`: the whole way on made-up cases."""

from pathlib import Path

import click

from geo_hotspots.cli.options import make_command, option_out, output_options
from geo_hotspots.cli.printing import fresh_salt, make_progress, print_run, today
from geo_hotspots.config import Config
from geo_hotspots.words import Lang, Words


def command(lang: Lang) -> click.Command:
    """Make the command."""
    params = [option_out("demo", lang, "outputs"), *output_options(lang)]
    return make_command("demo", lang, _demo, params)


def _demo(lang: Lang, *, out: Path, as_json: bool) -> None:
    from geo_hotspots import pipeline  # noqa: PLC0415 - heavy
    from geo_hotspots.demo import make_demo, write_demo  # noqa: PLC0415 - heavy
    from geo_hotspots.places.packs.pack import read_pack  # noqa: PLC0415 - heavy

    pack, progress = read_pack("dongcheng"), make_progress(lang)
    progress(Words("编造演示工单", "making up demo cases"))
    cases, register, rain = write_demo(make_demo(pack), out / "demo" / "input")
    request = pipeline.Request(
        paths=(cases,), out=out / "demo", today=today(), rectifications=register,
        rain_days=rain, is_demo=True, lang=lang,
    )  # fmt: skip
    done = pipeline.run(request, pack, Config(), salt=fresh_salt(), progress=progress)
    print_run(done, lang, as_json=as_json)
