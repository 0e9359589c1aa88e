"""`check RUN-FOLDER`: what a run wrote, held against what its readers need."""

import sys
from pathlib import Path

from geo_hotspots.cli.printing import echo, print_json
from geo_hotspots.words import Lang, Words


def check_folder(folder: Path, lang: Lang, *, as_json: bool) -> None:
    """Print what is wrong with each file of a run folder, and leave with 3 where anything is."""
    from geo_hotspots.deliver.run_check import check_run  # noqa: PLC0415 - heavy

    found = check_run(folder, lang=lang)
    n = sum(len(faults) for faults in found.values())
    if as_json:
        print_json(usable=n == 0, files=found)
    else:
        _print(found, n, lang)
    if n:
        sys.exit(3)


def _print(found: dict[str, list[str]], n: int, lang: Lang) -> None:
    for file, faults in found.items():
        echo(f"{file}: {'; '.join(faults) or Words('合格', 'fine').say(lang)}")
    zh = f"共 {len(found)} 个文件，{n} 处问题" if n else f"共 {len(found)} 个文件，全部合格"
    en = f"{len(found)} files, {n} faults" if n else f"{len(found)} files, all fine"
    echo(Words(zh, en).say(lang))
