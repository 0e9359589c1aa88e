"""The folder that may be handed on: a page, three tables and hexagons, each of one whole month."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from geo_hotspots.deliver.allowed import PUBLIC_LAYERS, only_allowed
from geo_hotspots.deliver.gis.geojson import write_geojson
from geo_hotspots.deliver.ledger import write_table
from geo_hotspots.deliver.public.month import Shareable
from geo_hotspots.deliver.public.page import lay_out, left_out
from geo_hotspots.deliver.report.report import render_report
from geo_hotspots.deliver.run_folder import write_whole
from geo_hotspots.schema import Masthead
from geo_hotspots.words import Words


class _DiffersError(Exception):
    """The month was written before, with other numbers."""


def write_public(folder: Path, found: Shareable, masthead: Masthead) -> Words | None:
    """Write the set beside its final name, and put it there once.

    A set of the same month that is there already and differs is left as it is: who had both
    could subtract one from the other.

    Returns
    -------
    note
        That it was left, where it was.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    head = replace(
        masthead, notes=(), track="", footer=_FOOTER.say(masthead.lang), period=found.month,
        as_of=found.month.last,
    )  # fmt: skip

    def write(part: Path) -> None:
        _write_files(part, found, head)
        if folder.exists() and _contents(folder) != _contents(part):
            raise _DiffersError

    try:
        write_whole(folder, write)
    except _DiffersError:
        return Words(
            f"{folder.name} 已经写出过，且数字与本次不同，未改动：两份相减会暴露少数人；"
            "如从未对外提供，请先删除它",
            f"{folder.name} was written before with other numbers and is left as it is: the two "
            "subtracted could tell of few people; delete it first if nobody was given it",
        )
    return None


_FOOTER = Words(
    "汇总数据；对外提供前请按本单位规定审批",
    "aggregates; ask your office before you hand them on",
)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _write_files(part: Path, found: Shareable, head: Masthead) -> None:
    layer = found.cells[[*PUBLIC_LAYERS["public_cells"], "geometry"]]
    write_geojson(
        part / "public_cells.geojson", layer, name="public_cells", id_column="cell",
        lang=head.lang, datum=head.datum,
    )  # fmt: skip
    for name, table in (
        ("public_streets.csv", found.streets),
        ("public_communities.csv", found.communities),
        ("public_categories.csv", found.categories),
    ):
        write_table(part / name, [only_allowed(table, name)], Words("汇总表", "the table"))
    page = render_report(lay_out(found, head))
    (part / "public.html").write_text(page, encoding="utf-8", newline="\n")
    text = json.dumps(_record(found, head), ensure_ascii=False, indent=2, sort_keys=True)
    (part / "run.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def _record(found: Shareable, head: Masthead) -> dict[str, Any]:
    """Say what the set is and what it leaves out; of the run itself nothing."""
    return {
        "version": head.version,
        "public": True,
        "demo": head.is_demo,
        "month": found.month.label,
        "datum": head.datum,
        "least_people": found.k,
        "cases": found.total,
        "shown": {
            "streets": len(found.streets),
            "communities": len(found.communities),
            "cells": len(found.cells),
            "categories": len(found.categories),
        },
        "left_out": [words.say(head.lang) for words in left_out(found)],
    }
