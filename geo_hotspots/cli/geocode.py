"""`geocode`: only the places; a sheet of them to label, and what a labelled one says."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geo_hotspots.cli.options import FILE, make_command, make_option, reading_options
from geo_hotspots.cli.places import read_and_locate
from geo_hotspots.cli.printing import account_of, echo, print_account, print_json, print_notes
from geo_hotspots.config import read_config
from geo_hotspots.errors import ConfigError
from geo_hotspots.words import LEVEL, STATUS, Lang, Words

if TYPE_CHECKING:
    from geo_hotspots.places.labelled import Scores, Share


_TEXTS = ("address", "title", "content")


def command(lang: Lang) -> click.Command:
    """Make the command."""
    cases = click.Argument(["cases"], nargs=-1, type=FILE)
    params = [
        cases,
        *reading_options(lang)[1:],
        make_option("--out", lang, of="geocode", type=FILE, metavar="FILE"),
        make_option("--sample", lang, type=click.IntRange(1, 100_000), metavar="N"),
        make_option("--with-text", lang, is_flag=True),
        make_option("--labelled", lang, type=FILE, metavar="FILE"),
    ]
    return make_command("geocode", lang, _geocode, params)


def _geocode(
    lang: Lang, *, cases: tuple[Path, ...], pack: str, config: Path | None, as_json: bool,
    out: Path | None, sample: int | None, with_text: bool, labelled: Path | None,
) -> None:  # fmt: skip
    if labelled is not None and (out or sample):
        raise ConfigError(
            "--labelled 不写文件，不与 --out、--sample 同用",
            "--labelled writes no file: not with --out or --sample",
        )
    if labelled is not None:
        _score(lang, labelled, pack, config, cases=cases, as_json=as_json)
    elif not cases or out is None:
        raise ConfigError(
            "geocode 需要工单文件和 --out；给标注表打分请用 --labelled",
            "geocode needs cases and --out, or --labelled to score a labelled sheet",
        )
    else:
        _place(lang, cases, pack, config, out=out, sample=sample, with_text=with_text,
               as_json=as_json)  # fmt: skip


def _place(
    lang: Lang, cases: tuple[Path, ...], pack: str, config: Path | None, *,
    out: Path, sample: int | None, with_text: bool, as_json: bool,
) -> None:  # fmt: skip
    """Place cases and write the ledger, or a sample of them to label."""
    from geo_hotspots.deliver.ledger import write_ledger, write_sample  # noqa: PLC0415 - heavy

    located = read_and_locate(lang, cases, pack, config)
    if sample:
        from geo_hotspots.geocoding import sample_to_label  # noqa: PLC0415 - heavy
        from geo_hotspots.places.labelled import SHEET, say_codes  # noqa: PLC0415 - heavy

        sheet = sample_to_label(located.cases, sample)
        texts = located.cases.loc[sheet.index, list(_TEXTS)] if with_text else None
        write_sample(out, say_codes(sheet, lang), texts, SHEET if lang == "zh" else {})
    else:
        write_ledger(out, located.ledger)
    if as_json:
        print_json(account=account_of(located), out=str(out))
        return
    print_account(located, lang)
    print_notes(located.notes, lang)
    echo(str(out))


def _score(
    lang: Lang, sheet: Path, pack: str, config: Path | None, *,
    cases: tuple[Path, ...], as_json: bool,
) -> None:  # fmt: skip
    """Print what a labelled sheet says of the places found."""
    from geo_hotspots.cases.read import read_table  # noqa: PLC0415 - heavy
    from geo_hotspots.geocoding import score_sheet  # noqa: PLC0415 - heavy
    from geo_hotspots.places.labelled import MIN_HIT  # noqa: PLC0415 - heavy
    from geo_hotspots.places.packs.pack import read_pack  # noqa: PLC0415 - heavy

    placed = read_and_locate(lang, cases, pack, config).cases if cases else None
    scores = score_sheet(read_table(sheet), read_pack(pack), read_config(config), placed)
    if as_json:
        print_json(**asdict(scores))
        return
    for line in _lines(scores, lang):
        echo(line)
    if scores.hit.share < MIN_HIT:
        print_notes((_lost(scores),), lang)


def _lines(scores: "Scores", lang: Lang) -> Iterator[str]:
    """Write the scores, a share a line."""
    yield Words("定位率", "placed").say(lang) + _percent(scores.hit, lang)
    for share in scores.levels:
        yield "  " + LEVEL[share.label].say(lang) + _percent(share, lang)
    total, *bands = scores.right
    yield Words("其中正确", "of these right").say(lang) + _percent(total, lang)
    for share in bands:
        yield "  " + Words("得分 ", "score ").say(lang) + share.label + _percent(share, lang)
    if scores.false.n:
        yield Words("无法定位却定位了", "placed without a place").say(lang) + _percent(
            scores.false, lang
        )
    if scores.error_m:
        half, most = scores.error_m
        yield Words(
            f"距真实位置：中位 {half:.0f} 米，九成在 {most:.0f} 米内",
            f"distance from the true point: median {half:.0f} m, nine in ten within {most:.0f} m",
        ).say(lang)


def _percent(share: "Share", lang: Lang) -> str:
    low, high = f"{share.low:.1%}", f"{share.high:.1%}"
    return Words(
        f"：{share.share:.1%}（{low}–{high}，{share.n} 行）",
        f": {share.share:.1%} ({low} to {high}, {share.n} rows)",
    ).say(lang)


def _lost(scores: "Scores") -> Words:
    """Say what the rows that were not placed are: loss is rarely by chance."""
    status = scores.lost_statuses.items()
    zh = "、".join(f"{STATUS[s].zh} {n}" for s, n in status)
    en = ", ".join(f"{STATUS[s].en} {n}" for s, n in status)
    streets_zh = "、".join(f"{s} {n}" for s, n in scores.lost_streets.items())
    streets_en = ", ".join(f"{s} {n}" for s, n in scores.lost_streets.items())
    return Words(
        f"定位率低于 85%，地图上的格局可能只是漏掉的那些造成的；未定位的：{zh}"
        + (f"；按街道：{streets_zh}" if streets_zh else ""),
        f"fewer than 85 % are placed, so a pattern on the map may be one of the losses: {en}"
        + (f"; by street: {streets_en}" if streets_en else ""),
    )
