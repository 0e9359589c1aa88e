import dataclasses
import re
import tomllib
from pathlib import Path

import pytest
from test_cli import commands

from geo_hotspots import schema
from geo_hotspots.cli import make_cli
from geo_hotspots.config import Config

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
README_ZH = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
FORMATS = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
DOCS = sorted(p for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


@pytest.mark.parametrize("path", [" ".join(p) for p, _ in commands(make_cli("en"))])
def test_both_readmes_name_every_command(path):
    assert f"geo-hotspots {path}" in README
    assert f"geo-hotspots {path}" in README_ZH


def test_the_readme_shows_every_setting_with_its_default():
    shown = tomllib.loads(re.search(r"```toml\n(.*?)```", README, re.DOTALL)[1])
    defaults = dataclasses.asdict(Config())
    defaults["cases"].pop("columns")
    defaults["patrol"]["windows"] = list(defaults["patrol"]["windows"])
    assert shown == defaults


@pytest.mark.parametrize(
    "names",
    [
        schema.HOTSPOT_COLUMNS, schema.CELL_COLUMNS, schema.AREA_COLUMNS, schema.LEDGER_COLUMNS,
        schema.CATEGORY_CELL_COLUMNS, schema.EMERGING_COLUMNS, schema.STATUSES, schema.LEVELS,
        schema.KINDS, schema.LIFECYCLES,
    ],
)  # fmt: skip
def test_the_formats_name_every_column_and_value(names):
    assert set(names) <= set(re.findall(r"\w+", FORMATS))


@pytest.mark.parametrize("doc", DOCS, ids=lambda p: p.name)
def test_every_link_inside_the_docs_leads_somewhere(doc):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", doc.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (doc.parent / target).exists(), target


def test_make_names_the_two_commands_of_the_readme():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "check", "wheelhouse"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
        assert f"make {target}" in README + README_ZH + (ROOT / "docs/install.md").read_text(
            "utf-8"
        )
