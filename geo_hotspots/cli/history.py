"""`history`: what is remembered; taking it out; deleting for good."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geo_hotspots.cli.options import (
    FILE,
    HISTORY_FILE,
    make_command,
    make_group,
    make_option,
    option_lang,
    option_out,
    output_options,
)
from geo_hotspots.cli.printing import echo, print_json
from geo_hotspots.errors import ConfigError
from geo_hotspots.words import Lang, Words

if TYPE_CHECKING:
    from geo_hotspots.history.tend import Info


def group(lang: Lang) -> click.Group:
    """Make the group."""
    file: click.Parameter = make_option(
        "--history", lang, of="history", type=FILE, default=_DEFAULT, metavar="FILE"
    )
    commands = make_group("history", lang, [])
    commands.add_command(make_command("history info", lang, _info, [file, *output_options(lang)]))
    export = [file, option_out("export", lang, None), make_option("--private", lang, is_flag=True)]
    commands.add_command(
        make_command("history export", lang, _export, [*export, option_lang(lang)])
    )
    forget: list[click.Parameter] = [
        file,
        make_option("--case", lang, multiple=True, metavar="ID"),
        make_option("--callers", lang, is_flag=True),
        make_option("--yes", lang, is_flag=True),
        option_lang(lang),
    ]
    commands.add_command(make_command("history forget", lang, _forget, forget))
    return commands


_DEFAULT = f"outputs/dongcheng/{HISTORY_FILE}"


def _info(lang: Lang, *, history: Path, as_json: bool) -> None:
    from geo_hotspots.history import peek_history  # noqa: PLC0415 - heavy
    from geo_hotspots.history.tend import describe  # noqa: PLC0415 - heavy

    with peek_history(history) as opened:
        info = describe(opened)
    if as_json:
        print_json(
            **{k: v if isinstance(v, int | str) else str(v) for k, v in asdict(info).items()}
        )
        return
    for words in _said(info):
        echo(words.say(lang))


def _said(info: "Info") -> list[Words]:
    """Say what is in a history, a line each."""
    versions, megabytes = f"{info.n_versions}", f"{info.n_bytes / 1e6:.1f} MB"
    days, runs = (info.first_day, info.last_day), (info.first_run, info.last_run)
    return [
        Words(f"边界包：{info.pack}", f"pack: {info.pack}"),
        Words(
            f"诉求 {info.n_cases} 件（先后 {versions} 个版本），{days[0]} 至 {days[1]}",
            f"{info.n_cases} cases in {versions} versions, {days[0]} to {days[1]}",
        ),
        Words(
            f"运行 {info.n_runs} 次，统计截止日 {runs[0]} 至 {runs[1]}",
            f"{info.n_runs} runs, as of {runs[0]} to {runs[1]}",
        ),
        Words(
            f"点位 {info.n_points} 个，整改 {info.n_rectifications} 条，巡查 {info.n_visits} 次",
            f"{info.n_points} points, {info.n_rectifications} rectifications, "
            f"{info.n_visits} visits",
        ),
        Words(
            f"已永久删除 {info.n_forgotten} 件；文件 {megabytes}，版本 {info.version}",
            f"{info.n_forgotten} cases deleted for good; {megabytes}, version {info.version}",
        ),
    ]


def _export(lang: Lang, *, history: Path, out: Path, private: bool) -> None:
    from geo_hotspots.deliver.run_folder import write_whole  # noqa: PLC0415 - heavy
    from geo_hotspots.history import peek_history  # noqa: PLC0415 - heavy
    from geo_hotspots.history.tend import export_tables  # noqa: PLC0415 - heavy

    if out.exists():
        raise ConfigError(
            f"{out} 已存在；请换一个新文件夹", f"{out} is there already; name a new folder"
        )
    with peek_history(history) as opened:
        write_whole(out, lambda part: export_tables(opened, part, private=private))
    if private:
        note = Words(
            "注意：其中有诉求原文和来电人散列，请按个人信息保管",
            "note: it holds complaint text and callers' hashes; keep it as personal data",
        )
        echo(note.say(lang), err=True)
    echo(str(out))


def _forget(lang: Lang, *, history: Path, case: tuple[str, ...], callers: bool, yes: bool) -> None:
    from geo_hotspots.history import peek_history  # noqa: PLC0415 - heavy
    from geo_hotspots.history.tend import find_cases, forget_cases  # noqa: PLC0415 - heavy

    if not case and not callers:
        raise ConfigError(
            "请用 --case 指明工单编号，或用 --callers 从标准输入给出来电号码",
            "name cases with --case, or give callers' numbers on stdin with --callers",
        )
    numbers = _read_callers(lang, confirmed=yes) if callers else []
    with peek_history(history) as opened:
        keys = find_cases(opened, case_ids=case, callers=_hashed(numbers, opened.salt))
    if not keys:
        echo(Words("没有找到相应的诉求", "no such case is known").say(lang))
        return
    asked = Words(
        f"将从 {history} 中永久删除 {len(keys)} 件诉求，无法恢复。继续？",
        f"{len(keys)} cases will be deleted from {history} for good. Go on?",
    )
    if not yes:
        click.confirm(asked.say(lang), abort=True)
    forget_cases(history, keys)
    done = Words(
        f"已永久删除 {len(keys)} 件；以前的成果文件夹和备份请自行处理",
        f"{len(keys)} cases deleted for good; earlier run folders and backups are left to you",
    )
    echo(done.say(lang))


def _read_callers(lang: Lang, *, confirmed: bool) -> list[str]:
    """Read callers' numbers, one a line; never from the arguments, which a shell remembers."""
    if sys.stdin.isatty():
        asked = Words("来电号码（不显示）", "the caller's number (not shown)").say(lang)
        return [click.prompt(asked, hide_input=True)]
    if not confirmed:
        raise ConfigError(
            "来电号码占用了标准输入，无法再询问；请加 --yes",
            "the numbers take up stdin, so that nothing can be asked; add --yes",
        )
    return [line.strip() for line in sys.stdin if line.strip()]


def _hashed(numbers: list[str], salt: bytes) -> list[str]:
    import pandas as pd  # noqa: PLC0415 - heavy

    from geo_hotspots.cases.privacy import hash_callers  # noqa: PLC0415 - heavy

    return list(hash_callers(pd.Series(numbers, dtype="str"), salt=salt).dropna())
