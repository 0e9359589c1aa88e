"""`feedback`: what patrols and rectifications came to, back into the history."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geo_hotspots.cli.options import (
    FILE,
    HISTORY_FILE,
    make_command,
    make_option,
    option_out,
    output_options,
)
from geo_hotspots.cli.printing import echo, one_line, print_json
from geo_hotspots.config import read_config
from geo_hotspots.words import Lang, Words

if TYPE_CHECKING:
    from geo_hotspots.feedback import Feedback


def command(lang: Lang) -> click.Command:
    """Make the command."""
    day = click.DateTime(["%Y-%m-%d"])
    params: list[click.Parameter] = [
        click.Argument(["files"], nargs=-1, required=True, type=FILE),
        make_option("--pack", lang, default="dongcheng", metavar="DIR"),
        make_option("--config", lang, type=FILE, metavar="FILE"),
        make_option("--history", lang, type=FILE, metavar="FILE"),
        option_out("feedback", lang, "outputs"),
        make_option("--as-of", lang, of="feedback", type=day, metavar="YYYY-MM-DD"),
        *output_options(lang),
    ]
    return make_command("feedback", lang, _feedback, params)


def _feedback(
    lang: Lang, *, files: tuple[Path, ...], pack: str, config: Path | None, history: Path | None,
    out: Path, as_of: datetime | None, as_json: bool,
) -> None:  # fmt: skip
    from geo_hotspots.feedback import take_feedback  # noqa: PLC0415 - heavy
    from geo_hotspots.places.packs.pack import read_pack  # noqa: PLC0415 - heavy

    ours = read_pack(pack)
    done = take_feedback(
        files, history or out / ours.name / HISTORY_FILE, ours, read_config(config),
        as_of=as_of.date() if as_of else None,
    )  # fmt: skip
    if as_json:
        why = done.problems.rename(columns={f"why_{lang}": "why"})
        print_json(
            visits=vars(done.visits), rectifications=vars(done.rectifications),
            not_filled_in=done.n_blank, known_from=done.known_from.isoformat(),
            problems=why[["source", "row", "why"]].to_dict("records"),
        )  # fmt: skip
        return
    _print(done, lang)


def _print(done: "Feedback", lang: Lang) -> None:
    for problem in done.problems.to_dict("records"):
        where = Words(
            f"{problem['source']} 第 {problem['row']} 行",
            f"{problem['source']}, row {problem['row']}",
        ).say(lang)
        said = one_line(f"{where}: {problem[f'why_{lang}']}")
        echo(Words(f"注意：{said}", f"note: {said}").say(lang), err=True)
    for name, kept in (
        (Words("巡查", "visits"), done.visits),
        (Words("整改", "rectifications"), done.rectifications),
    ):
        said = Words(
            f"{name.zh}：新增 {kept.n_new}，更正 {kept.n_changed}，已有 {kept.n_same}，"
            f"被后文取代 {kept.n_twice}",
            f"{name.en}: {kept.n_new} new, {kept.n_changed} changed, {kept.n_same} known already, "
            f"{kept.n_twice} said again further down",
        ).say(lang)
        echo(said)
    last = Words(
        f"未填写的点位 {done.n_blank} 个；统计截止日在 {done.known_from} 及以后的运行将计入",
        f"{done.n_blank} points not filled in; runs as of {done.known_from} or later will know",
    )
    echo(last.say(lang))
