"""`backtest`: a year of lists, each held against the week after it."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from geo_hotspots.cli.options import FILE, make_command, make_option, option_out, reading_options
from geo_hotspots.cli.printing import echo, fresh_salt, make_progress, print_json, today
from geo_hotspots.config import read_config
from geo_hotspots.words import RANKER, Lang, Words


def command(lang: Lang) -> click.Command:
    """Make the command."""
    day = click.DateTime(["%Y-%m-%d"])
    options: list[click.Parameter] = [
        make_option("--as-of", lang, type=day, metavar="YYYY-MM-DD"),
        make_option("--rectifications", lang, type=FILE, metavar="FILE"),
        make_option("--rain-days", lang, type=FILE, metavar="FILE"),
        make_option("--history", lang, type=FILE, metavar="FILE"),
    ]
    params = [*reading_options(lang), *options, option_out("backtest", lang, "outputs")]
    return make_command("backtest", lang, _backtest, params)


def _backtest(
    lang: Lang, *, cases: tuple[Path, ...], pack: str, config: Path | None, as_json: bool,
    as_of: datetime | None, out: Path, **asked: Any,
) -> None:  # fmt: skip
    from geo_hotspots.backtesting import backtest  # noqa: PLC0415 - heavy
    from geo_hotspots.hotspots.forecast.backtest import CHOSEN, JUDGED  # noqa: PLC0415 - heavy
    from geo_hotspots.pipeline import Request  # noqa: PLC0415 - heavy
    from geo_hotspots.places.packs.pack import read_pack  # noqa: PLC0415 - heavy

    day = as_of.date() if as_of else None
    request = Request(paths=cases, out=out, today=today(), as_of=day, lang=lang, **asked)
    folder, result = backtest(
        request, read_pack(pack), read_config(config), salt=fresh_salt(),
        progress=make_progress(lang),
    )  # fmt: skip
    page = folder / "backtest.html"
    if as_json:
        table = result.summary.astype(float).round(6)
        rankers = {str(name): row.dropna().to_dict() for name, row in table.iterrows()}
        print_json(page=str(page), csv=str(folder / "backtest.csv"), rankers=rankers)
        return
    rates = result.summary[f"hit_{JUDGED}"]
    for name in [CHOSEN, *rates.drop(CHOSEN).sort_values(ascending=False).index]:
        echo(f"{100 * rates[name]:6.2f}%  {RANKER[str(name)].say(lang)}")
    said = Words(
        f"以上为前 {JUDGED} 个点位命中当周已定位来电的比例，{len(result.choices)} 周合计",
        f"share of located callers at the first {JUDGED} places, {len(result.choices)} weeks",
    )
    echo(said.say(lang))
    echo(str(page))
