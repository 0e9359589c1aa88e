"""Gather every wheel of the runtime for another machine, with a script that needs no network.

python tools/wheelhouse.py --platform win_amd64 --python 3.11
python tools/wheelhouse.py --platform manylinux_2_28_x86_64 --dry-run
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent

POWERSHELL = """\
# Installs geo-hotspots from the wheels beside this script; no network is used.
# 用本文件夹里的安装包离线安装 geo-hotspots。
$ErrorActionPreference = "Stop"
$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$target = if ($args.Count -gt 0) { $args[0] } else { Join-Path $env:USERPROFILE "geo-hotspots" }
if (Get-Command py -ErrorAction SilentlyContinue) { & py -{python} -m venv $target }
else { & python -m venv $target }
if ($LASTEXITCODE -ne 0) { throw "Python {python} is needed / 需要 Python {python}" }
& "$target\\Scripts\\python.exe" -m pip install --no-index --find-links $here geo-hotspots
if ($LASTEXITCODE -ne 0) { throw "installation failed / 安装失败" }
Write-Host "OK: $target\\Scripts\\geo-hotspots.exe"
"""

SHELL = """\
#!/bin/sh
# Installs geo-hotspots from the wheels beside this script; no network is used.
# 用本文件夹里的安装包离线安装 geo-hotspots。
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-"$HOME/geo-hotspots"}
"${PYTHON:-python{python}}" -m venv "$target"
"$target/bin/python" -m pip install --quiet --no-index --find-links "$here" geo-hotspots
echo "OK: $target/bin/geo-hotspots"
"""


def tags_of(platform: str) -> list[str]:
    """List the wheel tags that a platform can use: a glibc runs wheels made for older ones.

    >>> tags_of("win_amd64")
    ['win_amd64']
    >>> tags_of("manylinux_2_17_x86_64")[-1], tags_of("manylinux2014_x86_64")[-1]
    ('manylinux_2_17_x86_64', 'manylinux_2_17_x86_64')
    """
    platform = platform.replace("manylinux2014_", "manylinux_2_17_")
    found = re.fullmatch(r"manylinux_2_(\d+)_(\w+)", platform)
    if not found:
        return [platform]
    newest, machine = int(found[1]), found[2]
    old = [f"manylinux{year}_{machine}" for year in ("1", "2010", "2014")]
    return old + [f"manylinux_2_{minor}_{machine}" for minor in range(5, newest + 1)]


def gather(platform: str, python: str, folder: Path) -> int:
    """Download our wheel's whole runtime for `platform` into `folder`; give the count.

    Only binary wheels count: an office PC has no compiler.
    """
    wheel = next((ROOT / "dist").glob("geo_hotspots-*.whl"))
    tags = [part for tag in tags_of(platform) for part in ("--platform", tag)]
    command = [
        sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download",
        "--only-binary=:all:", "--implementation", "cp", "--python-version", python, *tags,
        "--constraint", str(ROOT / "constraints.txt"), "--dest", str(folder), str(wheel),
    ]  # fmt: skip
    subprocess.run(command, check=True)  # noqa: S603 - our own call
    return len(list(folder.glob("*.whl")))


def main() -> None:
    """Read the arguments and fill `wheelhouse-PLATFORM/`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--platform", default="win_amd64")
    parser.add_argument("--python", default="3.11")
    parser.add_argument(
        "--dry-run", action="store_true", help="prove that it can be done, keep nothing"
    )
    asked = parser.parse_args()
    if asked.dry_run:
        with tempfile.TemporaryDirectory() as scratch:
            n = gather(asked.platform, asked.python, Path(scratch))
        print(f"{asked.platform}, Python {asked.python}: {n} wheels, all binary")
        return
    folder = ROOT / f"wheelhouse-{asked.platform}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    n = gather(asked.platform, asked.python, folder)
    for name, text, mark in (("install.ps1", POWERSHELL, "\r\n"), ("install.sh", SHELL, "\n")):
        script = text.replace("{python}", asked.python)
        # Windows PowerShell 5 reads a script as UTF-8 only behind a byte order mark.
        encoding = "utf-8-sig" if name.endswith("ps1") else "utf-8"
        (folder / name).write_text(script, encoding=encoding, newline=mark)
    (folder / "install.sh").chmod(0o755)
    print(f"{folder.name}: {n} wheels, install.ps1, install.sh")


if __name__ == "__main__":
    main()
