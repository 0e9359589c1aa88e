"""The one way through: cases and a pack in, every file of a run folder out."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots import __version__
from geo_hotspots.account import Account, last_day
from geo_hotspots.analysis.analyse import Findings, analyse
from geo_hotspots.analysis.gather import in_order
from geo_hotspots.cases.rain import read_rain
from geo_hotspots.cases.rectified import read_rectifications
from geo_hotspots.columns import (
    give_back_memory,
    hold_once,
    lay_at,
    number_names,
    share_words,
)
from geo_hotspots.config import Config
from geo_hotspots.deliver.map.basemap import Basemap, plan_basemap
from geo_hotspots.deliver.map.map import MOST_POINTS
from geo_hotspots.deliver.run_folder import Results, sweep_leftovers, write_run
from geo_hotspots.locating import (
    Located,
    Progress,
    locate,
    place_cases,
    silent,
)
from geo_hotspots.memory import Memory, Past, open_memory
from geo_hotspots.places.by_text import match_cases
from geo_hotspots.places.coordinates import datum_of_results, in_datum
from geo_hotspots.places.datum.shift import Datum
from geo_hotspots.places.gazetteer.index import lend_gazetteer
from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.local_grid import declared_grid
from geo_hotspots.places.packs.pack import Pack
from geo_hotspots.record import record_run
from geo_hotspots.schema import (
    ANALYSED,
    FEW_WORDS,
    LEDGER_COLUMNS,
    Masthead,
    Period,
    PeriodKind,
)
from geo_hotspots.sharing import share_month
from geo_hotspots.spread import ALONE, Crew
from geo_hotspots.words import Lang, Words

__all__ = ["Findings", "Located", "Request", "Run", "analyse", "locate", "run"]


@dataclass(frozen=True)
class Request:
    """What the user asked of a run."""

    paths: tuple[Path, ...]
    out: Path
    today: date
    as_of: date | None = None  # the last day counted; by default the newest day with cases
    period: PeriodKind = "week"
    rectifications: Path | None = None
    rain_days: Path | None = None  # by default that of the settings, where there is one
    rain: bool = False  # a heavy rain is forecast for tomorrow
    history: Path | None = None  # what earlier runs knew; without it nothing is remembered
    is_demo: bool = False
    lang: Lang = "zh"
    shapefile: Literal["utf-8", "gbk"] | None = None  # wanted besides what the settings say
    tile_key: str = ""  # for the tiles of `[basemap]`
    is_public: bool = False  # a set to be shared is wanted besides


@dataclass(frozen=True)
class Run:
    """A finished run."""

    folder: Path
    period: Period
    account: Account
    findings: Findings
    notes: tuple[Words, ...]
    public: Path | None = None  # the folder of the shareable set


def run(
    request: Request, pack: Pack, config: Config, *, salt: bytes, progress: Progress = silent,
    crew: Crew = ALONE, painter: Executor | None = None,
) -> Run:  # fmt: skip
    """Take cases all the way to a run folder, `request.out`/pack/period.

    Parameters
    ----------
    crew
        Who shares the work; the folder is the same to the byte whoever does.
    painter
        A process that draws the Word file's pictures while this one writes the other files.

    Raises
    ------
    GeoHotspotsError
        The cases cannot be used or the folder cannot be written; nothing is left half made.
    """
    lang = request.lang
    out = datum_of_results(pack, config.datum.out)
    extent = pack.communities.total_bounds.tolist()
    basemap = plan_basemap(config.basemap, key=request.tile_key, bounds=extent, under=out)
    with open_memory(request.history, pack, config, salt=salt, lang=lang) as memory:
        located = locate(
            request.paths, pack, config, salt=memory.salt, lang=lang, progress=progress,
            recall=memory.recall, crew=crew,
        )  # fmt: skip
        as_of = request.as_of or last_day(located.cases, request.today)
        period = Period.holding(as_of, request.period)
        known = merge_known(
            memory, located, as_of, pack=pack, config=config, lang=lang, progress=progress,
            crew=crew,
        )  # fmt: skip
        located = forget_texts(located)  # so that the cases are in memory once
        give_back_memory()
        past = memory.past(as_of)
        findings = analyse(
            replace(located, cases=known), pack, config, period=period, as_of=as_of,
            register=read_register(request, past), past=past, rain=_read_rain(request, config),
            rain_ahead=request.rain, lang=lang, progress=progress, crew=crew,
        )  # fmt: skip
        notes = _all_notes(located, findings, as_of, out)
        results = _gather_results(
            request, located, findings, pack=pack, config=config, period=period, as_of=as_of,
            out=out, basemap=basemap, notes=notes,
        )  # fmt: skip
        give_back_memory()
        progress(Words("写出成果", "writing the run folder"))
        folder = request.out / pack.name / period.label
        if memory.history:
            sweep_leftovers(folder)
        write_run(
            folder, results,
            seal=lambda: memory.keep(
                points=findings.points, hotspots=findings.hotspots, lineage=findings.lineage,
                cases=findings.cases, members=findings.members, period=period, as_of=as_of,
                record=results.record,
            ),
            painter=painter,
        )  # fmt: skip
    if not request.is_public:
        return Run(folder, period, located.account, findings, notes)
    public, more = share_month(
        findings.cases, results.masthead, pack, config, out=out, home=folder.parent
    )
    return Run(folder, period, located.account, findings, (*notes, *more), public)


def pack_cases(cases: pd.DataFrame) -> pd.DataFrame:
    """Give cases as the analysis needs them: `ANALYSED`, words of many cases as numbers.

    Of callers it is only asked who is the same as whom.
    """
    packed = share_words(cases[[name for name in ANALYSED if name in cases]], FEW_WORDS)
    return packed.assign(caller=number_names(packed["caller"]))


def forget_texts(located: Located) -> Located:
    """Keep of the cases that were read what the ledger needs; the rest is beside the known."""
    names = [name for name in ("reported_at", *LEDGER_COLUMNS) if name in located.cases]
    return replace(located, cases=located.cases[names], by_text=located.by_text.forgotten)


def merge_known(
    memory: Memory, located: Located, as_of: date, *, pack: Pack, config: Config, lang: Lang,
    progress: Progress, crew: Crew = ALONE,
) -> pd.DataFrame:  # fmt: skip
    """Put the cases of a run beside those that the history remembers, in order and packed."""
    known = memory.merge(
        located.cases, located.by_text, as_of,
        place=lambda stale: _place_anew(
            stale, located.gazetteer, pack=pack, config=config, lang=lang, progress=progress,
            crew=crew,
        ),
    )  # fmt: skip
    # Mostly a case goes by its id.
    return hold_once(in_order(pack_cases(known)), "case_key", "case_id")


def _place_anew(
    stale: pd.DataFrame, gazetteer: Gazetteer, *, pack: Pack, config: Config, lang: Lang,
    progress: Progress, crew: Crew,
) -> pd.DataFrame:  # fmt: skip
    """Place cases that another pack, or another version of ours, placed before."""
    n = len(stale)
    progress(Words(f"边界包或程序有更新，重新定位 {n} 件", f"locating {n} known cases anew"))
    lent = gazetteer if crew.is_alone else lend_gazetteer(pack, gazetteer)
    by_text = match_cases(stale, lent, pack.outside, lang, crew=crew, told=progress)
    said = config.datum
    grid = declared_grid(said.crs, said.control_points, limit_m=said.control_limit_m)
    placed, _ = place_cases(
        stale, by_text, gazetteer, pack=pack, config=config, grid=grid, lang=lang
    )
    return placed


def _gather_results(
    request: Request, located: Located, findings: Findings, *, pack: Pack, config: Config,
    period: Period, as_of: date, out: Datum, basemap: Basemap | None, notes: Sequence[Words],
) -> Results:  # fmt: skip
    """Put together everything that the run folder is made of."""
    lang, rain_days = request.lang, request.rain_days or config.forecast.rain_file
    masthead = Masthead(
        place=pack.title.say(lang), period=period, as_of=as_of, lang=lang,
        is_demo=request.is_demo, is_approximate=pack.is_approximate,
        track=findings.track.say(lang) if findings.track else "",
        footer=pack.footer.say(lang), approval=pack.approval, version=__version__,
        notes=tuple(note.say(lang) for note in notes), timezone=pack.timezone,
        datum=out,
    )  # fmt: skip
    is_own = _are_own(findings, located)
    n_own, n_later = int(is_own.sum()), _count_later(located, as_of)
    own, placed = findings.cases.loc[is_own, "hotspot_id"], located.cases
    at = placed.index.searchsorted(own.index)  # they are in the order in which they were read
    placed = placed.assign(hotspot_id=lay_at(own, at, placed.index))
    return Results(
        cases=in_datum(findings.cases, out), hotspots=in_datum(findings.hotspots, out),
        ledger=replace(located.ledger, placed=placed, datum=out),
        areas=findings.areas.drawn(lambda layer: in_datum(layer, out)),
        communities=in_datum(findings.communities, out), streets=in_datum(findings.streets, out),
        responsible=pack.responsible,
        account=located.account.statuses, masthead=masthead, rates=config.rates,
        patrol=config.patrol, priority=config.priority,
        min_cell_cases=config.privacy.min_cell_cases,
        point_days=config.hotspots.window_days,
        cell_days=config.grid.window_days,
        n_later=n_later,
        n_forgotten=len(located.cases) - n_own - n_later,
        n_remembered=len(findings.cases) - n_own,
        shapefile=request.shapefile or config.deliver.shapefile,
        basemap=basemap, roads=in_datum(pack.roads, out), places=in_datum(pack.places, out),
        rectified=findings.rectified, held=findings.held, listed_before=findings.listed_before,
        woken=findings.outlook.rainy if request.rain else (),
        record=record_run(
            located.account, located.detection, pack, config, masthead,
            paths=[*request.paths, *filter(None, (request.rectifications, rain_days))],
            n_counted=n_own, n_later=n_later, n_known=len(findings.cases),
            n_points=len(findings.hotspots), n_hidden=findings.n_hidden,
            n_hot=int(findings.cells["is_hot"].sum()),
            emerging_states=findings.areas.emerging["state"].tolist(), out=out,
            decisive=_list_decisive(findings.cases), courses=_list_courses(findings.hotspots),
            outlook=findings.outlook,
        ),
    )  # fmt: skip


_SHIFTED = Words(
    "坐标为 GCJ-02，未还原为 WGS84；与其他图层叠加前请先统一坐标系",
    "coordinates are in GCJ-02, not WGS84; bring other layers to the same datum first",
)


def _list_decisive(cases: pd.DataFrame) -> dict[str, list[str]]:
    """List, by point, the ids of the cases without which it would not be listed."""
    some = cases[cases["is_decisive"] & cases["hotspot_id"].notna()].sort_values("case_id")
    by_point = some.groupby("hotspot_id", sort=True)["case_id"]
    return {str(point): ids.tolist() for point, ids in by_point}


def _list_courses(hotspots: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    """Say, by point, how sure its class is, and after how many days it came back."""
    known = hotspots.set_index("hotspot_id")[["posterior", "days_to_rebound"]].sort_index()
    rows = known.round(2).astype("object").where(known.notna(), None).to_dict("index")
    return {str(point): {str(k): v for k, v in row.items()} for point, row in rows.items()}


def _all_notes(located: Located, findings: Findings, as_of: date, out: Datum) -> tuple[Words, ...]:
    """Give what every page must say before its numbers are trusted."""
    n = len(located.cases) - int(_are_own(findings, located).sum()) - _count_later(located, as_of)
    forgotten = Words(
        f"文件中有 {n} 件是已永久删除的诉求，未计入",
        f"{n} cases in the files were deleted for good and are not counted",
    )
    n_undrawn = len(findings.hotspots) - MOST_POINTS
    added = ((forgotten, n > 0), (_say_undrawn(n_undrawn), n_undrawn > 0),
             (_SHIFTED, out != "wgs84"))  # fmt: skip
    return (*located.notes, *findings.notes, *(note for note, holds in added if holds))


def _are_own(findings: Findings, located: Located) -> npt.NDArray[np.bool_]:
    """Say which cases the run read itself; those that earlier runs read are numbered after them."""
    return np.asarray(findings.cases.index <= located.cases.index.max())


def _say_undrawn(n: int) -> Words:
    return Words(
        f"地图只画排在最前的 {MOST_POINTS} 个点位，其余 {n} 个只在 hotspots.geojson 和 "
        "hotspots.gpkg 中",
        f"the map draws the first {MOST_POINTS} points; {n} more are in hotspots.geojson and "
        "hotspots.gpkg alone",
    )


def _count_later(located: Located, as_of: date) -> int:
    """Count the cases after the last day counted."""
    return int((located.cases["reported_at"] >= pd.Timestamp(as_of) + pd.Timedelta(days=1)).sum())


def read_register(request: Request, past: Past) -> pd.DataFrame | None:
    """Put the register given beside the rectifications that were fed back earlier."""
    given = [read_rectifications(request.rectifications)] if request.rectifications else []
    parts = [*given, *([past.register] if len(past.register) else [])]
    return pd.concat(parts, ignore_index=True) if parts else None


def _read_rain(request: Request, config: Config) -> pd.DataFrame | None:
    path = request.rain_days or config.forecast.rain_file
    return read_rain(path) if path else None
