"""`check`: cases to places, and no further; of a run folder too."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from geo_hotspots.cli.check_run import check_folder
from geo_hotspots.cli.options import make_command, reading_options
from geo_hotspots.cli.printing import (
    account_of,
    echo,
    fresh_salt,
    make_progress,
    print_account,
    print_json,
    print_notes,
)
from geo_hotspots.config import read_config
from geo_hotspots.words import Lang, Words

if TYPE_CHECKING:
    from geo_hotspots.pipeline import Located


def check(lang: Lang) -> click.Command:
    """Make `check`."""
    return make_command("check", lang, _check, reading_options(lang))


def _check(
    lang: Lang, *, cases: tuple[Path, ...], pack: str, config: Path | None, as_json: bool
) -> None:
    if len(cases) == 1 and cases[0].is_dir():
        check_folder(cases[0], lang, as_json=as_json)
        return
    located = read_and_locate(lang, cases, pack, config)
    days = located.cases["reported_at"]
    first, last = days.min().date().isoformat(), days.max().date().isoformat()
    if as_json:
        print_json(
            account=account_of(located), reasons=located.account.reasons, first_day=first,
            last_day=last, datum=located.detection.datum,
            datum_reason=located.detection.reason.say(lang),
            notes=[note.say(lang) for note in located.notes],
        )  # fmt: skip
        return
    print_account(located, lang)
    for reason, n in located.account.reasons.items():
        echo(f"  {reason}: {n}")
    echo(Words(f"诉求时间：{first} 至 {last}", f"cases from {first} to {last}").say(lang))
    echo(Words("坐标：", "coordinates: ").say(lang) + located.detection.reason.say(lang))
    print_notes(located.notes, lang)


def read_and_locate(
    lang: Lang, cases: tuple[Path, ...], pack: str, config: Path | None
) -> "Located":
    """Read and place the cases that a command was given."""
    from geo_hotspots import pipeline  # noqa: PLC0415 - heavy
    from geo_hotspots.places.packs.pack import read_pack  # noqa: PLC0415 - heavy

    settings = read_config(config)
    return pipeline.locate(
        cases, read_pack(pack), settings, salt=fresh_salt(), lang=lang, progress=make_progress(lang)
    )
