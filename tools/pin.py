"""Write constraints.txt: the versions that a fresh environment gets today, and no addresses."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from packaging.utils import canonicalize_name, parse_wheel_filename
from wheelhouse import CONSTRAINTS, ROOT, gather

OWN = ("geo-hotspots", "pip", "setuptools")  # ours, and what every environment has
ELSEWHERE = ("win_amd64", "manylinux_2_28_aarch64")  # systems that may need packages of their own
BUILD_ONLY = ("editables",)  # hatchling asks for it when a checkout is installed in place
HEAD = "# Pinned versions of everything, made by `make constraints`; names and versions only.\n"


def freeze() -> dict[str, str]:
    """Install everything into a new environment and list what came: name to version."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        pip = [str(Path(folder, "bin", "python")), "-m", "pip", "--disable-pip-version-check"]
        extras = f"{ROOT}[test,check,build]"
        subprocess.run([*pip, "install", "-qq", extras, *BUILD_ONLY], check=True)  # noqa: S603 - our own call
        frozen = subprocess.run(  # noqa: S603 - our own call
            [*pip, "list", "--format=freeze"], check=True, capture_output=True, text=True
        ).stdout
    pins = dict(line.split("==") for line in frozen.split())
    return {canonicalize_name(name): pins[name] for name in pins if name not in OWN}


def write_pins(pins: dict[str, str]) -> None:
    """Write the versions in order of their names."""
    lines = [f"{name}=={version}\n" for name, version in sorted(pins.items())]
    CONSTRAINTS.write_text(HEAD + "".join(lines), encoding="utf-8")


def needed_elsewhere() -> dict[str, str]:
    """List what the runtime is made of on other systems: name to version."""
    wheel = next((ROOT / "dist").glob("geo_hotspots-*.whl"))
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    names = []
    for platform in ELSEWHERE:
        with tempfile.TemporaryDirectory() as folder:
            names += [w.name for w in gather(wheel, platform, python, Path(folder))]
    parsed = [parse_wheel_filename(name)[:2] for name in names]
    return {name: str(version) for name, version in parsed if name not in OWN}


def main() -> None:
    """Pin what this system needs, then what others need besides."""
    pins = freeze()
    write_pins(pins)
    pins = needed_elsewhere() | pins
    write_pins(pins)
    print(f"{len(pins)} versions pinned", file=sys.stderr)


if __name__ == "__main__":
    main()
