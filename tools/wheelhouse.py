"""Gather every wheel of the runtime for another machine, with a script that needs no network.

python tools/wheelhouse.py --platform win_amd64 --python 3.11
python tools/wheelhouse.py --platform manylinux_2_28_x86_64 --dry-run

pip evaluates environment markers on the machine that it runs on, so what only the target needs
(colorama for click on Windows, say) would be missed. Here the wheels' own metadata are asked,
with the markers of the target, until no wheel asks for another one.
"""

import argparse
import email
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
TEMPLATES = Path(__file__).parent / "wheelhouse_files"
SYSTEMS = {
    "win": {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"},
    "manylinux": {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"},
}
MACHINES = {"amd64": "AMD64", "arm64": "ARM64"}  # as Windows spells them

Environment = dict[str, str]


class WheelhouseError(Exception):
    """A wheelhouse cannot be made for this platform."""


def environment_of(platform: str, python: str) -> Environment:
    """Give what the markers of a requirement see on CPython `python` on `platform`.

    >>> environment_of("win_amd64", "3.11")["sys_platform"]
    'win32'
    >>> environment_of("manylinux_2_28_aarch64", "3.12")["platform_machine"]
    'aarch64'
    """
    found = re.fullmatch(r"(win|manylinux)(?:\d+|_\d+_\d+)?_(\w+)", platform)
    if not found:
        raise WheelhouseError(
            f"platform {platform!r} is unknown; name one such as win_amd64, win_arm64, "
            "manylinux_2_28_x86_64 or manylinux_2_28_aarch64"
        )
    system, machine = found.groups()
    return {
        **SYSTEMS[system],
        "platform_machine": MACHINES.get(machine, machine),
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_version": "",
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "python_version": python,
        "python_full_version": f"{python}.0",
    }


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


def requirements_of(
    metadata: str, environment: Environment, *, extras: Iterable[str] = ()
) -> list[Requirement]:
    """List what a wheel requires in an environment, from its METADATA.

    >>> text = 'Requires-Dist: colorama; sys_platform == "win32"'
    >>> [r.name for r in requirements_of(text, environment_of("win_amd64", "3.11"))]
    ['colorama']
    >>> requirements_of(text, environment_of("manylinux_2_28_x86_64", "3.11"))
    []
    """
    stated = email.message_from_string(metadata).get_all("Requires-Dist", [])
    settings = [{**environment, "extra": extra} for extra in ("", *extras)]
    return [
        requirement
        for requirement in map(Requirement, stated)
        if not requirement.marker or any(map(requirement.marker.evaluate, settings))
    ]


def read_metadata(wheel: Path) -> str:
    """Read the METADATA of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n))
        return archive.read(name).decode()


def gather(
    wheel: Path, platform: str, python: str, folder: Path, *, options: Sequence[str] = ()
) -> list[Path]:
    """Put `wheel` and everything that it needs on `platform` into `folder`.

    Parameters
    ----------
    options
        More options for `pip download`, such as where else to look.

    Returns
    -------
    wheels
        Their files, sorted; what only another system needs is not among them.
    """
    environment = environment_of(platform, python)
    shutil.copy(wheel, folder)
    asked: set[tuple[NormalizedName, str]] = set()
    wanted = requirements_of(read_metadata(wheel), environment)
    while wanted:
        download(wanted, platform, python, folder, options)
        held = {parse_wheel_filename(w.name)[0]: w for w in folder.glob("*.whl")}
        asked |= {pair for requirement in wanted for pair in asked_by(requirement)}
        following = [
            further
            for requirement in wanted
            for further in requirements_of(
                read_metadata(held[canonicalize_name(requirement.name)]),
                environment,
                extras=requirement.extras,
            )
        ]
        wanted = [r for r in following if not asked_by(r) <= asked]
    wheels = sorted(folder.glob("*.whl"))
    check_versions(wheels, environment)
    return wheels


def asked_by(requirement: Requirement) -> set[tuple[NormalizedName, str]]:
    """Name a required package, alone and with each extra: an extra can ask for more."""
    name = canonicalize_name(requirement.name)
    return {(name, extra) for extra in ("", *requirement.extras)}


def download(
    wanted: Iterable[Requirement], platform: str, python: str, folder: Path, options: Sequence[str]
) -> None:
    """Fetch the wheels of `wanted` alone; only binary ones, an office PC has no compiler."""
    tags = [part for tag in tags_of(platform) for part in ("--platform", tag)]
    names = sorted({f"{r.name}{r.specifier}" for r in wanted})
    command = [
        sys.executable, "-m", "pip", "-qq", "--disable-pip-version-check", "download",
        "--no-deps", "--only-binary=:all:", "--implementation", "cp", "--python-version", python,
        *tags, "--constraint", str(CONSTRAINTS), "--dest", str(folder), *options, *names,
    ]  # fmt: skip
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own call
        raise WheelhouseError(
            f"pip finds no binary wheels for {platform}, Python {python}; above it says of what"
        )


def check_versions(wheels: Iterable[Path], environment: Environment) -> None:
    """Refuse a set of wheels in which one asks for another version of the next."""
    wheels = list(wheels)
    held = {name: version for name, version, *_ in (parse_wheel_filename(w.name) for w in wheels)}
    if len(held) < len(wheels):
        raise WheelhouseError(f"two versions of one package: {[w.name for w in wheels]}")
    for wheel in wheels:
        for requirement in requirements_of(read_metadata(wheel), environment):
            version = held[canonicalize_name(requirement.name)]
            if not requirement.specifier.contains(version, prereleases=True):
                raise WheelhouseError(f"{wheel.name} needs {requirement}, not {version}")


def write_scripts(folder: Path, platform: str, python: str) -> list[str]:
    """Put the install script of the platform, and how to use it, beside the wheels."""
    is_windows = platform.startswith("win")
    # Windows PowerShell 5 and old editors read UTF-8 only behind a byte order mark.
    encoding, line_end = ("utf-8-sig", "\r\n") if is_windows else ("utf-8", "\n")
    sources = sorted((TEMPLATES / ("windows" if is_windows else "linux")).iterdir())
    for source in sources:
        text = source.read_text(encoding="utf-8").replace("@PYTHON@", python)
        (folder / source.name).write_text(text, encoding=encoding, newline=line_end)
    return [source.name for source in sources]


def write_hashes(folder: Path, wheels: Iterable[Path]) -> Path:
    """Write what is to be installed with the SHA-256 of each wheel, as pip demands it back.

    The hashes stand here and not in the constraints: a package has another file for every system,
    and a wheelhouse is of one. Whoever carries it into an office can compare this one file.
    """
    lines = []
    for wheel in sorted(wheels):
        name, version, *_ = parse_wheel_filename(wheel.name)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lines.append(f"{name}=={version} --hash=sha256:{digest}\n")
    path = folder / "requirements.txt"
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return path


def make_wheelhouse(wheel: Path, platform: str, python: str, folder: Path) -> str:
    """Fill `folder` anew and say what it holds."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wheels = gather(wheel, platform, python, folder)
    scripts = [*write_scripts(folder, platform, python), write_hashes(folder, wheels).name]
    size = sum(w.stat().st_size for w in wheels) / 1e6
    return f"{folder.name}: {len(wheels)} wheels ({size:.0f} MB), {', '.join(scripts)}"


def main() -> None:
    """Read the arguments and fill `wheelhouse-PLATFORM-pyVERSION/`, or only try."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--platform", default="win_amd64")
    parser.add_argument("--python", default="3.11", metavar="X.Y")
    parser.add_argument("--wheel", type=Path, help="our wheel (default: the one in dist/)")
    parser.add_argument("--dry-run", action="store_true", help="prove that it can be done")
    asked = parser.parse_args()
    wheel = asked.wheel or next((ROOT / "dist").glob("geo_hotspots-*.whl"))
    name = f"wheelhouse-{asked.platform}-py{asked.python}"
    try:
        if asked.dry_run:
            with tempfile.TemporaryDirectory() as scratch:
                said = make_wheelhouse(wheel, asked.platform, asked.python, Path(scratch, name))
            print(f"{said}; tried, not kept")
        else:
            print(make_wheelhouse(wheel, asked.platform, asked.python, ROOT / name))
    except WheelhouseError as error:
        sys.exit(f"wheelhouse: {error}")


if __name__ == "__main__":
    main()
