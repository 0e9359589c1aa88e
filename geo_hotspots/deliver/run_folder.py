"""A run folder: every file written beside the final name, then put there in one step."""

import glob
import json
import os
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_hotspots.config import PatrolConfig, PriorityConfig, RatesConfig
from geo_hotspots.deliver.gis.dictionary import write_dictionary
from geo_hotspots.deliver.gis.geojson import write_features
from geo_hotspots.deliver.gis.geopackage import tidy_layers, write_tidy
from geo_hotspots.deliver.gis.shapefile import write_shapefiles
from geo_hotspots.deliver.ledger import write_ledger
from geo_hotspots.deliver.map.basemap import Basemap
from geo_hotspots.deliver.map.map import write_map
from geo_hotspots.deliver.patrol.duties import duty_lists
from geo_hotspots.deliver.patrol.html import write_patrol_html
from geo_hotspots.deliver.patrol.patrol import SINGLE_KINDS, plan_patrol
from geo_hotspots.deliver.patrol.whistle import call_departments
from geo_hotspots.deliver.patrol.xlsx import write_patrol_xlsx
from geo_hotspots.deliver.report.docx import write_docx
from geo_hotspots.deliver.report.pictures import drawn_aside
from geo_hotspots.deliver.report.report import tell_story, write_report
from geo_hotspots.deliver.report.view import Paper
from geo_hotspots.errors import GeoHotspotsError, OutputError
from geo_hotspots.hotspots.areas.survey import Areas
from geo_hotspots.schema import TEXTS, Masthead

_IDS = {"hotspots": "hotspot_id", "cells": "cell", "communities": "code", "streets": "code",
        "emerging": "cluster_id"}  # fmt: skip
# For the page's cards and the record; never columns of a GIS file.
_ASIDE = ("weeks", "mix", "posterior", "days_to_rebound")


@dataclass(frozen=True)
class Results:
    """Everything that a run folder is made of."""

    cases: pd.DataFrame  # with `hotspot_id`, up to the last day counted
    ledger: Iterable[pd.DataFrame]  # some rows at a time
    hotspots: gpd.GeoDataFrame
    areas: Areas
    communities: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    responsible: pd.DataFrame | None
    account: dict[str, int]
    record: dict[str, Any]
    masthead: Masthead
    rates: RatesConfig
    patrol: PatrolConfig
    priority: PriorityConfig
    min_cell_cases: int
    point_days: int  # days that a point's counts cover
    cell_days: int  # days that a cell's count covers
    n_later: int  # usable cases after the last day counted
    n_forgotten: int  # usable cases that were deleted from the history for good
    n_remembered: int  # cases that earlier runs read
    shapefile: Literal["none", "utf-8", "gbk"] = "none"
    basemap: Basemap | None = None
    roads: gpd.GeoDataFrame | None = None
    places: pd.DataFrame | None = None
    rectified: pd.DataFrame | None = None
    held: pd.DataFrame | None = None  # what has become of the rectifications
    woken: tuple[str, ...] = ()  # categories listed though they rest: rain is forecast
    listed_before: frozenset[str] = frozenset()  # points of last week's list

    @property
    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Give the map layers by name: those that are a file of their own each."""
        return {
            "hotspots": self.hotspots.drop(columns=list(_ASIDE), errors="ignore"),
            "cells": self.areas.cells,
            "communities": self.communities,
            "streets": self.streets,
            "emerging": self.areas.emerging,
        }

    @property
    def more_layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Give the layers that only the GeoPackage holds."""
        return {
            "cells_overview": self.areas.overview,
            "cells_detail": self.areas.detail,
            "cells_by_category": self.areas.by_category,
        }


def write_run(
    folder: Path, results: Results, *, seal: Callable[[], None] = lambda: None,
    painter: Executor | None = None,
) -> Path:  # fmt: skip
    """Write every file of a run; the folder bears its name only when it is whole.

    Parameters
    ----------
    seal
        What must have happened before the folder bears its name: the history's commit.
    painter
        Another process, which draws the Word file's pictures meanwhile.

    Raises
    ------
    OutputError
        The folder cannot be written; nothing of this run is left behind.
    """
    return write_whole(folder, lambda part: _write_files(part, results, painter), seal=seal)


def write_whole(
    folder: Path, write: Callable[[Path], None], *, seal: Callable[[], None] = lambda: None
) -> Path:
    """Let `write` fill a folder beside `folder`, then put it in that one's place.

    An earlier folder of the name is moved aside first and deleted last, so that a run killed at
    any moment leaves one whole folder, the earlier or the new.
    """
    part = folder.with_name(f".{folder.name}.part-{os.getpid()}")
    try:
        part.mkdir(parents=True)
        write(part)
        seal()
        _replace(folder, part)
    except GeoHotspotsError:
        raise
    except OSError as error:
        raise OutputError(
            f"无法写入 {folder}：{error.strerror or error}；"
            "请检查磁盘空间和权限，或用 --out 换个位置",
            f"{folder} cannot be written: {error.strerror or error}; check space and rights, "
            "or choose another place with --out",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def sweep_leftovers(folder: Path) -> None:
    """Take away what killed runs left beside a folder; a folder caught between names gets its own.

    Only for who holds the history: without one, another run may be writing there this moment.
    """
    olds = sorted(folder.parent.glob(f".{glob.escape(folder.name)}.old-*"))
    if olds and not folder.exists():
        olds.pop().rename(folder)
    for left in (*olds, *folder.parent.glob(f".{glob.escape(folder.name)}.part-*")):
        shutil.rmtree(left, ignore_errors=True)


def _replace(folder: Path, part: Path) -> None:
    old = folder.with_name(f".{folder.name}.old-{os.getpid()}")
    if folder.exists():
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _write_files(part: Path, results: Results, painter: Executor | None) -> None:
    """Write the files of the contract, the account last; pictures are drawn meanwhile."""
    cases = results.cases.drop(columns=list(TEXTS), errors="ignore")
    paper = _tell(results, cases)
    with drawn_aside(paper, painter) as pictures:
        _write_layers(part, results)
        _write_map(part, results)
        write_report(part / "report.html", paper)
        _write_patrol(part, results, cases)
        write_ledger(part / "ledger.csv", results.ledger)
        write_docx(part / "report.docx", paper, pictures)
    (part / "run.json").write_text(dump_record(results.record), encoding="utf-8", newline="\n")


def _tell(results: Results, cases: pd.DataFrame) -> Paper:
    return tell_story(
        cases=cases, hotspots=results.hotspots, communities=results.communities,
        streets=results.streets, account=results.account, masthead=results.masthead,
        weights=results.rates, n_later=results.n_later, n_forgotten=results.n_forgotten,
        n_remembered=results.n_remembered, areas=results.areas, held=results.held,
    )  # fmt: skip


def _write_layers(part: Path, results: Results) -> None:
    """Write what GIS staff open."""
    head, lang = results.masthead, results.masthead.lang
    tidy = tidy_layers(results.layers | results.more_layers)
    for name in results.layers:
        write_features(
            part / f"{name}.geojson", tidy[name], name=name, id_column=_IDS[name], lang=lang,
            datum=head.datum,
        )  # fmt: skip
    write_tidy(part / "hotspots.gpkg", tidy, lang=lang, datum=head.datum)
    write_dictionary(part / "fields.csv", lang=lang)
    if results.shapefile != "none":
        write_shapefiles(part / "shapefile", results.layers, encoding=results.shapefile)


def _write_map(part: Path, results: Results) -> None:
    write_map(
        part / "map.html", hotspots=results.hotspots, cells=results.areas.cells,
        communities=results.communities, streets=results.streets, masthead=results.masthead,
        min_cell_cases=results.min_cell_cases, point_days=results.point_days,
        cell_days=results.cell_days, cases=results.cases,
        basemap=results.basemap, roads=results.roads, places=results.places,
        rectified=results.rectified, overview=results.areas.overview,
        emerging=results.areas.emerging,
    )  # fmt: skip


def _write_patrol(part: Path, results: Results, cases: pd.DataFrame) -> None:
    head = results.masthead
    options: dict[str, Any] = {
        "as_of": head.as_of, "size": results.patrol.size, "windows": results.patrol.windows,
        "responsible": results.responsible, "lang": head.lang, "woken": results.woken,
    }  # fmt: skip
    patrol = plan_patrol(results.hotspots, cases, before=results.listed_before, **options)
    singles = plan_patrol(results.hotspots, cases, kinds=SINGLE_KINDS, **options)
    weights = asdict(results.priority)
    joint = call_departments(patrol, cases, as_of=head.as_of, lang=head.lang)
    duties = duty_lists(patrol, results.responsible)
    write_patrol_xlsx(
        part / "patrol.xlsx", patrol, singles, head,
        priority_weights=weights, joint=joint, duties=duties,
    )  # fmt: skip
    write_patrol_html(part / "patrol.html", patrol, singles, head, joint=joint)


def dump_record(record: dict[str, Any]) -> str:
    """Write a record as JSON that is the same for the same run."""
    return json.dumps(record, ensure_ascii=False, indent=2, sort_keys=True, default=_plain) + "\n"


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else str(value)
