"""The command line: arguments in, one function of the library called, a few lines out.

Messages are Chinese unless `--lang en` or `GEO_HOTSPOTS_LANG=en` says otherwise. Progress goes
to stderr, results to stdout, `--json` prints them for machines. Heavy packages are imported
inside the commands, so that `--help` comes at once.
"""

import json
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from geo_hotspots import __version__
from geo_hotspots.config import read_config
from geo_hotspots.errors import ConfigError, GeoHotspotsError
from geo_hotspots.schema import PERIOD_KINDS
from geo_hotspots.words import Lang, Words

if TYPE_CHECKING:
    from geo_hotspots.pipeline import Run

_LOCALE = Path(__file__).parent / "locale"
_FILE = click.Path(path_type=Path)


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    given = list(sys.argv[1:] if args is None else args)
    lang = choose_language(given, os.environ)
    speak(lang)
    try:
        make_cli(lang).main(given, prog_name="geo-hotspots", standalone_mode=False)
    except GeoHotspotsError as error:
        click.echo(f"geo-hotspots: {error.say(lang)}", err=True)
        sys.exit(error.exit_status)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo(Words("已中断", "aborted").say(lang), err=True)
        sys.exit(1)


def choose_language(args: Sequence[str], environ: "os._Environ[str] | dict[str, str]") -> Lang:
    """Find the language before any argument is parsed, so that help speaks it too.

    >>> choose_language(["run", "--lang", "en"], {}), choose_language([], {})
    ('en', 'zh')
    """
    wanted = environ.get("GEO_HOTSPOTS_LANG", "zh")
    for arg, following in zip(args, [*args[1:], ""], strict=True):
        if arg == "--lang":
            wanted = following
        elif arg.startswith("--lang="):
            wanted = arg.removeprefix("--lang=")
    return "en" if wanted == "en" else "zh"


def speak(lang: Lang) -> None:
    """Set click's own words to the language, and keep odd consoles from failing on a character."""
    import gettext  # noqa: PLC0415 - part of the start-up that --help pays for

    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain("messages", str(_LOCALE))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def make_cli(lang: Lang) -> click.Group:
    """Build the commands in one language."""

    def say(zh: str, en: str) -> str:
        return Words(zh, en).say(lang)

    group = click.Group(
        "geo-hotspots",
        help=say(
            "12345 热线诉求 → 地点 → 重复点位与热区 → 地图、巡查清单、分析报告。全程不联网。",
            "Hotline cases to places, repeat points and hot areas; to a map, a patrol list and a "
            "report. Never touches a network.",
        ),
        params=[
            _lang_option(say),
            click.Option(
                ["--version"], is_flag=True, is_eager=True, expose_value=False,
                callback=_print_version, help=say("显示版本", "Show the version"),
            ),
        ],
        callback=lambda **_: None,
    )  # fmt: skip
    for command in (_run(say, lang), _demo(say, lang), _check(say, lang), _geocode(say, lang)):
        group.add_command(command)
    group.add_command(_pack(say, lang))
    return group


Say = Callable[[str, str], str]


def _lang_option(say: Say) -> click.Option:
    return click.Option(
        ["--lang"], type=click.Choice(["zh", "en"]), expose_value=False,
        help=say("界面与成果的语言(默认 zh)", "Language of messages and results (default zh)"),
    )  # fmt: skip


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's form
    if value:
        click.echo(f"geo-hotspots {__version__}")
        ctx.exit()


def _common(say: Say, *, pack: str | None) -> list[click.Parameter]:
    """List the options that every reading command has."""
    return [
        click.Argument(["cases"], nargs=-1, required=True, type=_FILE),
        click.Option(
            ["--pack"], default=pack, show_default=True, metavar="DIR",
            help=say("边界与地名包:文件夹,或内置包的名字", "Pack of boundaries and places: a folder or an embedded name"),
        ),
        click.Option(["--config"], type=_FILE, help=say("配置文件 (TOML)", "Settings (TOML)")),
        click.Option(["--json", "as_json"], is_flag=True, help=say("以 JSON 输出结果", "Print results as JSON")),
        _lang_option(say),
    ]  # fmt: skip


def _run_options(say: Say) -> list[click.Parameter]:
    return [
        click.Option(
            ["--as-of"], type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
            help=say("统计截止日(默认:最近有诉求的一天)", "Last day counted (default: the newest day with cases)"),
        ),
        click.Option(
            ["--period"], type=click.Choice(PERIOD_KINDS), default="week", show_default=True,
            help=say("报告周期:日、周、月", "Period of the report"),
        ),
        click.Option(
            ["--rectifications"], type=_FILE, metavar="FILE",
            help=say("整改台账(点位、类别、整改日期)", "Register of rectifications (point, category, date)"),
        ),
        click.Option(
            ["--out"], type=_FILE, default="outputs", show_default=True, metavar="DIR",
            help=say("成果放在 DIR/包名/周期 下", "Results go to DIR/pack/period"),
        ),
    ]  # fmt: skip


def _run(say: Say, lang: Lang) -> click.Command:
    def callback(
        cases: tuple[Path, ...], pack: str, config: Path | None, as_of: datetime | None,
        period: str, rectifications: Path | None, out: Path, *, as_json: bool,
    ) -> None:  # fmt: skip
        from geo_hotspots import pipeline  # noqa: PLC0415 - heavy
        from geo_hotspots.places.pack import read_pack  # noqa: PLC0415 - heavy

        request = pipeline.Request(
            paths=cases, out=out, today=_today(), as_of=as_of.date() if as_of else None,
            period=cast("Any", period), rectifications=rectifications, lang=lang,
        )  # fmt: skip
        done = pipeline.run(
            request, read_pack(pack), read_config(config), salt=_salt(), progress=_progress(lang)
        )
        _print_run(done, lang, as_json=as_json)

    return click.Command(
        "run", callback=callback, params=[*_common(say, pack="dongcheng"), *_run_options(say)],
        help=say(
            "读入工单,完成全部分析,写出一个成果文件夹。",
            "Read cases, find points and areas, and write a folder with every result.",
        ),
    )  # fmt: skip


def _demo(say: Say, lang: Lang) -> click.Command:
    def callback(out: Path, *, as_json: bool) -> None:
        from geo_hotspots import pipeline  # noqa: PLC0415 - heavy
        from geo_hotspots.config import Config  # noqa: PLC0415 - with its user
        from geo_hotspots.demo import make_demo, write_demo  # noqa: PLC0415 - heavy
        from geo_hotspots.places.pack import read_pack  # noqa: PLC0415 - heavy

        pack, progress = read_pack("dongcheng"), _progress(lang)
        progress(Words("编造演示工单", "making up demo cases"))
        folder = out / "demo" / "input"
        cases, register, *_ = write_demo(make_demo(pack), folder)
        request = pipeline.Request(
            paths=(cases,), out=out / "demo", today=_today(), rectifications=register,
            is_demo=True, lang=lang,
        )  # fmt: skip
        done = pipeline.run(request, pack, Config(), salt=_salt(), progress=progress)
        _print_run(done, lang, as_json=as_json)

    return click.Command(
        "demo", callback=callback,
        params=[
            click.Option(["--out"], type=_FILE, default="outputs", show_default=True, metavar="DIR",
                         help=say("成果放在 DIR/demo 下", "Results go to DIR/demo")),
            click.Option(["--json", "as_json"], is_flag=True, help=say("以 JSON 输出结果", "Print results as JSON")),
            _lang_option(say),
        ],
        help=say(
            "用编造的东城区一年工单走一遍全程;每页都标明“演示数据”。",
            "Go the whole way on a made-up year of Dongcheng; every page says so.",
        ),
    )  # fmt: skip


def _check(say: Say, lang: Lang) -> click.Command:
    def callback(cases: tuple[Path, ...], pack: str, config: Path | None, *, as_json: bool) -> None:
        from geo_hotspots import pipeline  # noqa: PLC0415 - heavy
        from geo_hotspots.account import describe_account  # noqa: PLC0415 - heavy
        from geo_hotspots.places.pack import read_pack  # noqa: PLC0415 - heavy

        located = pipeline.locate(
            cases, read_pack(pack), read_config(config),
            salt=_salt(), lang=lang, progress=_progress(lang),
        )  # fmt: skip
        days = located.cases["reported_at"]
        summary = {
            "account": {"read": located.account.n_read, **located.account.statuses},
            "reasons": located.account.reasons,
            "datum": located.detection.datum,
            "datum_reason": located.detection.reason.say(lang),
            "first_day": days.min().date().isoformat(),
            "last_day": days.max().date().isoformat(),
            "notes": [note.say(lang) for note in located.notes],
        }
        if as_json:
            click.echo(json.dumps(summary, ensure_ascii=False, indent=2))
            return
        click.echo(describe_account(located.account, lang))
        for reason, n in located.account.reasons.items():
            click.echo(f"  {reason}: {n}")
        click.echo(f"{summary['first_day']} .. {summary['last_day']}")
        click.echo(say("坐标:", "coordinates: ") + str(summary["datum_reason"]))
        _print_notes(located.notes, lang)

    return click.Command(
        "check", callback=callback, params=_common(say, pack="dongcheng"),
        help=say(
            "读入并定位,只说明会怎样,不写任何文件。",
            "Read and locate, say what would happen, write nothing.",
        ),
    )  # fmt: skip


def _geocode(say: Say, lang: Lang) -> click.Command:
    def callback(
        cases: tuple[Path, ...], pack: str, config: Path | None, out: Path, *, as_json: bool
    ) -> None:
        from geo_hotspots import pipeline  # noqa: PLC0415 - heavy
        from geo_hotspots.account import describe_account  # noqa: PLC0415 - heavy
        from geo_hotspots.deliver.ledger import write_ledger  # noqa: PLC0415 - heavy
        from geo_hotspots.places.pack import read_pack  # noqa: PLC0415 - heavy

        located = pipeline.locate(
            cases, read_pack(pack), read_config(config),
            salt=_salt(), lang=lang, progress=_progress(lang),
        )  # fmt: skip
        write_ledger(out, located.ledger)
        account = {"read": located.account.n_read, **located.account.statuses}
        click.echo(
            json.dumps({"out": str(out), "account": account}, ensure_ascii=False)
            if as_json
            else f"{describe_account(located.account, lang)}\n{out}"
        )
        _print_notes(located.notes, lang)

    out = click.Option(
        ["--out"], type=_FILE, required=True, metavar="FILE",
        help=say("写出的台账 (CSV)", "The ledger to write (CSV)"),
    )  # fmt: skip
    return click.Command(
        "geocode", callback=callback, params=[*_common(say, pack="dongcheng"), out],
        help=say("只做定位,写出逐行台账。", "Only locate; write the ledger, a row for each row."),
    )  # fmt: skip


def _pack(say: Say, lang: Lang) -> click.Group:
    group = click.Group("pack", help=say("边界与地名包", "Packs of boundaries and places"))
    group.add_command(_pack_build(say, lang))
    group.add_command(_pack_check(say, lang))
    return group


def _pack_build(say: Say, lang: Lang) -> click.Command:
    def callback(out: Path, column: tuple[str, ...], **given: Any) -> None:
        from geo_hotspots.places.pack_build import build_pack  # noqa: PLC0415 - heavy

        columns = dict(_split_column(pair) for pair in column)
        report = build_pack(out, columns=columns, **given)
        for line in report.lines(lang):
            click.echo(line)
        click.echo(str(report.folder))

    def text(name: str, zh: str, en: str, default: str = "") -> click.Option:
        return click.Option([name], default=default, metavar="TEXT", help=say(zh, en))

    return click.Command(
        "build", callback=callback,
        params=[
            click.Option(["--out"], type=_FILE, required=True, metavar="DIR", help=say("写出的包", "The pack to write")),
            click.Option(["--name"], required=True, help=say("包名(文件夹名)", "Name of the pack (a folder name)")),
            click.Option(["--title"], required=True, help=say("标题,如 东城区", "Title, such as 东城区")),
            click.Option(["--communities"], type=_FILE, required=True,
                         help=say("社区边界:Shapefile、GeoJSON、GPKG 或 CSV(WKT)",
                                  "Communities: Shapefile, GeoJSON, GPKG or CSV (WKT)")),
            click.Option(["--streets"], type=_FILE, help=say("街道边界", "Streets (sub-districts)")),
            click.Option(["--places"], type=_FILE, help=say("地名地址表", "Places")),
            click.Option(["--responsible"], type=_FILE, help=say("责任人表 (CSV)", "Responsible persons (CSV)")),
            click.Option(["--column"], multiple=True, metavar="OURS=THEIRS",
                         help=say("列名对应,如 name=NTAName、places.lng=X,可重复",
                                  "Column names, such as name=NTAName or places.lng=X; repeatable")),
            click.Option(["--crs"], help=say("文件未注明时的坐标参考,如 EPSG:4548", "CRS where a file states none, such as EPSG:4548")),
            click.Option(["--datum"], help=say("wgs84、cgcs2000、gcj02 或 bd09", "wgs84, cgcs2000, gcj02 or bd09")),
            click.Option(["--timezone"], default="Asia/Shanghai", show_default=True, help=say("时区", "Time zone")),
            click.Option(["--approximate/--exact"], default=False,
                         help=say("是否示意边界(每页注明)", "Whether the boundaries are approximate (every page says so)")),
            text("--title-en", "英文标题", "English title"),
            text("--code", "行政区划代码", "Official code"),
            text("--vintage", "数据时点", "Date of the data"),
            text("--source", "来源", "Source"),
            text("--licence", "许可", "Licence"),
            text("--footer", "页脚", "Footer"),
            text("--footer-en", "英文页脚", "English footer"),
            text("--approval", "审图号", "Map approval number"),
            _lang_option(say),
        ],
        help=say(
            "把边界与地名文件做成一个包,并报告重叠、缝隙、重名和放错的地点。",
            "Make a pack from boundary and place files; report overlaps, gaps, duplicate names "
            "and misplaced places.",
        ),
    )  # fmt: skip


def _split_column(pair: str) -> tuple[str, str]:
    ours, equals, theirs = pair.partition("=")
    if not (ours and equals and theirs):
        raise ConfigError(
            f"--column 的写法应为 我方列名=文件列名,而不是 {pair!r}",
            f"--column is written OURS=THEIRS, not {pair!r}",
        )
    return ours.strip(), theirs.strip()


def _pack_check(say: Say, lang: Lang) -> click.Command:
    def callback(folder: str) -> None:
        from geo_hotspots.places.pack_check import check_pack  # noqa: PLC0415 - heavy

        report = check_pack(folder)
        for line in report.lines(lang):
            click.echo(line)
        if report.errors:
            sys.exit(3)
        n = len(report.warnings)
        click.echo(say(f"可用,{n} 处需留意", f"usable, {n} warnings"))

    return click.Command(
        "check", callback=callback,
        params=[click.Argument(["folder"], metavar="DIR"), _lang_option(say)],
        help=say("检查一个包:拓扑、重名、位置。", "Check a pack: topology, names, positions."),
    )  # fmt: skip


def _today() -> date:
    return datetime.now(UTC).astimezone().date()


def _salt() -> bytes:
    """Make a salt for this run alone: hashes of callers serve to tell them apart, then go."""
    return secrets.token_bytes(32)


def _progress(lang: Lang) -> Callable[[Words], None]:
    return lambda words: click.echo(f"· {words.say(lang)} …", err=True)


def _print_run(done: "Run", lang: Lang, *, as_json: bool) -> None:
    from geo_hotspots.account import describe_account  # noqa: PLC0415 - heavy

    hot = int(done.findings.cells["is_hot"].sum())
    n, hidden = len(done.findings.hotspots), done.findings.n_hidden
    if as_json:
        account = {"read": done.account.n_read, **done.account.statuses}
        summary = {"folder": str(done.folder), "map": str(done.folder / "map.html"),
                   "period": done.period.label, "account": account, "points": n,
                   "points_hidden": hidden, "hot_cells": hot,
                   "notes": [note.say(lang) for note in done.notes]}  # fmt: skip
        click.echo(json.dumps(summary, ensure_ascii=False, indent=2))
        return
    click.echo(describe_account(done.account, lang))
    zh = f"重复点位 {n} 个(另有 {hidden} 个因人数不足不显示),热点网格 {hot} 个"
    en = f"{n} repeat points ({hidden} more hidden: too few callers), {hot} hot cells"
    click.echo(Words(zh, en).say(lang))
    _print_notes(done.notes, lang)
    click.echo(str(done.folder / "map.html"))


def _print_notes(notes: Sequence[Words], lang: Lang) -> None:
    for note in notes:
        click.echo(Words("注意:", "note: ").say(lang) + note.say(lang), err=True)
