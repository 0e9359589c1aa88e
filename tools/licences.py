"""Write docs/licences.md: under which licence each package comes that a run needs."""

import tomllib
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "licences.md"
HEAD = """# Licences

Everything that a run needs besides Python, with the licence that its package declares. Made by
`python tools/licences.py`; a test holds it against what is installed, and refuses the GPL. Tests
and build tools are not shipped and not listed. The extra `[cluster]` brings dask.distributed and
what it needs, under BSD, MIT and Apache licences.

| package | licence |
| --- | --- |
"""
# What a package says in a file instead of in its metadata.
READ_BY_HAND = {
    "resvg-py": "MIT",
    "xstatic-leaflet": "BSD-2-Clause (Leaflet's)",
}


def runtime() -> dict[str, str]:
    """List what a run needs, packages of packages included: name to licence."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    todo = [Requirement(line).name for line in project["dependencies"]]
    found: dict[str, str] = {}
    while todo:
        name = canonicalize_name(todo.pop())
        if name in found:
            continue
        package = distribution(name)
        found[name] = READ_BY_HAND.get(name) or licence_of(package)
        needs = [Requirement(line) for line in package.requires or []]
        todo += [r.name for r in needs if r.marker is None or r.marker.evaluate({"extra": ""})]
    return dict(sorted(found.items()))


def licence_of(package: Distribution) -> str:
    """Give the licence as the package's metadata has it, in whichever of three places."""
    said = package.metadata.get("License-Expression")
    classes = [
        line.rsplit(" :: ", 1)[-1]
        for line in package.metadata.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    return said or ", ".join(classes) or package.metadata.get("License", "").partition("\n")[0]


def render(licences: dict[str, str]) -> str:
    """Give the page."""
    return HEAD + "".join(f"| {name} | {licence} |\n" for name, licence in licences.items())


if __name__ == "__main__":
    TABLE.write_text(render(runtime()), encoding="utf-8")
