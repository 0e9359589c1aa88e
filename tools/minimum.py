"""Run the quick tests with the oldest versions that pyproject.toml allows.

    python tools/minimum.py [--keep FOLDER] [TEST …]

An environment of its own gets every package that a run needs at its lower bound, and the test
tools as pip chooses them. Without TEST, the tests run that need neither a browser nor minutes.
"""

import argparse
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
QUICK = (
    "test_allowed", "test_bad_input", "test_breaks", "test_chance",
    "test_cli", "test_columns", "test_config", "test_datum", "test_emerging", "test_feedback",
    "test_fuzz", "test_geopackage", "test_history", "test_ledger", "test_locate",
    "test_match", "test_memory", "test_normalise", "test_pack", "test_patrol", "test_pipeline",
    "test_privacy", "test_public", "test_rates", "test_read", "test_repeats", "test_report_docx",
    "test_shapefile", "test_tend", "test_unpacked",
)  # fmt: skip
TOOLS = ("pytest", "hypothesis", "openpyxl", "packaging", "pytest-xdist", "playwright")


def lower_bounds(dependencies: list[str]) -> list[str]:
    """Turn what is allowed into its oldest: `name==bound` for every `name>=bound`.

    >>> lower_bounds(["duckdb>=1.3", "folium>=0.20,<0.21", "xstatic==1.9.3.0"])
    ['duckdb==1.3', 'folium==0.20', 'xstatic==1.9.3.0']
    """
    found = []
    for line in dependencies:
        requirement = Requirement(line)
        oldest = [s.version for s in requirement.specifier if s.operator in (">=", "==")]
        if len(oldest) != 1:
            raise SystemExit(f"{line} has no single lower bound")
        found.append(f"{requirement.name}=={oldest[0]}")
    return found


def main() -> None:
    """Make the environment and run the tests in it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keep", type=Path, help="where the environment stays; else it goes")
    parser.add_argument("tests", nargs="*")
    asked = parser.parse_args()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tests = asked.tests or [str(p) for n in QUICK if (p := ROOT / "tests" / f"{n}.py").exists()]
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        python = str(folder / "bin" / "python")
        if not Path(python).exists():
            venv.create(folder, with_pip=True)
            pip = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
            subprocess.run([*pip, *lower_bounds(project["dependencies"]), *TOOLS], check=True)  # noqa: S603 - our own call
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts=", *tests]
        done = subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603 - our own call
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
