"""The one way through: cases and a pack in, every file of a run folder out."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd

from geo_hotspots import __version__
from geo_hotspots.account import Account, last_day, lay_ledger, take_account
from geo_hotspots.cases.normalise import normalise_cases
from geo_hotspots.cases.privacy import scrub
from geo_hotspots.cases.read import read_cases
from geo_hotspots.cases.rectified import read_rectifications
from geo_hotspots.config import Config
from geo_hotspots.deliver.basemap import plan_basemap
from geo_hotspots.deliver.run_folder import Results, write_run
from geo_hotspots.errors import InputError
from geo_hotspots.grid import cell_names, index_points
from geo_hotspots.hotspots.cells import find_cells
from geo_hotspots.hotspots.mix import mix_categories
from geo_hotspots.hotspots.points import assign_spots
from geo_hotspots.hotspots.profile import Weights, identify_points, profile_points
from geo_hotspots.hotspots.rates import area_table
from geo_hotspots.hotspots.rectified import link_rectified
from geo_hotspots.hotspots.repeats import Floor, find_repeats, weigh_cases
from geo_hotspots.places.by_text import match_cases
from geo_hotspots.places.coordinates import datum_of_results, in_datum, restore_points
from geo_hotspots.places.datum_detect import Detection
from geo_hotspots.places.explain import match_text
from geo_hotspots.places.gazetteer import Gazetteer, build_gazetteer
from geo_hotspots.places.local_grid import declared_grid
from geo_hotspots.places.locate import locate_cases
from geo_hotspots.places.pack import Pack
from geo_hotspots.record import record_run
from geo_hotspots.schema import LOCATED, POINT_LEVELS, Masthead, Period, PeriodKind
from geo_hotspots.words import Lang, Words

Progress = Callable[[Words], None]


def silent(_: Words) -> None:
    """Say nothing: the progress of a library call."""


@dataclass(frozen=True)
class Request:
    """What the user asked of a run."""

    paths: tuple[Path, ...]
    out: Path
    today: date
    as_of: date | None = None  # the last day counted; by default the newest day with cases
    period: PeriodKind = "week"
    rectifications: Path | None = None
    is_demo: bool = False
    lang: Lang = "zh"
    shapefile: Literal["utf-8", "gbk"] | None = None  # wanted besides what the settings say
    tile_key: str = ""  # for the tiles of `[basemap]`


@dataclass(frozen=True)
class Located:
    """Cases with their places, and an account of every row read."""

    cases: pd.DataFrame
    ledger: pd.DataFrame  # without hotspots yet
    account: Account
    detection: Detection
    gazetteer: Gazetteer
    notes: tuple[Words, ...]


@dataclass(frozen=True)
class Findings:
    """What the cases come to."""

    cases: pd.DataFrame  # up to the last day counted, with `hotspot_id`
    hotspots: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    n_hidden: int  # points that are not shown, for too few callers
    notes: tuple[Words, ...] = ()
    rectified: pd.DataFrame | None = None  # `hotspot_id`, `day`, `what`, `who`


@dataclass(frozen=True)
class Run:
    """A finished run."""

    folder: Path
    period: Period
    account: Account
    findings: Findings
    notes: tuple[Words, ...]


def run(
    request: Request, pack: Pack, config: Config, *, salt: bytes, progress: Progress = silent
) -> Run:
    """Take cases all the way to a run folder, `request.out`/pack/period.

    Raises
    ------
    GeoHotspotsError
        The cases cannot be used or the folder cannot be written; nothing is left half made.
    """
    lang = request.lang
    out = datum_of_results(pack, config.datum.out)
    extent = pack.communities.total_bounds.tolist()
    basemap = plan_basemap(config.basemap, key=request.tile_key, bounds=extent, under=out)
    located = locate(request.paths, pack, config, salt=salt, lang=lang, progress=progress)
    as_of = request.as_of or last_day(located.cases, request.today)
    period = Period.holding(as_of, request.period)
    register = read_rectifications(request.rectifications) if request.rectifications else None

    findings = analyse(
        located, pack, config,
        period=period, as_of=as_of, register=register, lang=lang, progress=progress,
    )  # fmt: skip

    notes = (*located.notes, *findings.notes, *([_SHIFTED] if out != "wgs84" else []))
    masthead = Masthead(
        place=pack.title.say(lang), period=period, as_of=as_of, lang=lang,
        is_demo=request.is_demo, is_approximate=pack.is_approximate,
        footer=pack.footer.say(lang), approval=pack.approval, version=__version__,
        notes=tuple(note.say(lang) for note in notes), timezone=pack.timezone,
        datum=out,
    )  # fmt: skip
    hotspot_id = findings.cases["hotspot_id"].reindex(located.ledger.index)
    ledger = located.ledger.assign(hotspot_id=hotspot_id)
    results = Results(
        cases=in_datum(findings.cases, out), ledger=in_datum(ledger, out),
        hotspots=in_datum(findings.hotspots, out), cells=in_datum(findings.cells, out),
        communities=in_datum(findings.communities, out), streets=in_datum(findings.streets, out),
        responsible=pack.responsible,
        account=located.account.statuses, masthead=masthead, rates=config.rates,
        patrol=config.patrol, priority=config.priority,
        min_cell_cases=config.privacy.min_cell_cases,
        point_days=config.hotspots.window_days,
        cell_days=config.grid.window_days,
        n_later=len(located.cases) - len(findings.cases),
        shapefile=request.shapefile or config.deliver.shapefile,
        basemap=basemap, roads=in_datum(pack.roads, out), places=in_datum(pack.places, out),
        rectified=findings.rectified,
        record=record_run(
            located.account, located.detection, pack, config, masthead,
            paths=[*request.paths, *([request.rectifications] if request.rectifications else [])],
            n_counted=len(findings.cases), n_points=len(findings.hotspots),
            n_hidden=findings.n_hidden, n_hot=int(findings.cells["is_hot"].sum()), out=out,
        ),
    )  # fmt: skip
    progress(Words("写出成果", "writing the run folder"))
    folder = write_run(request.out / pack.name / period.label, results)
    return Run(folder, period, located.account, findings, notes)


def locate(
    paths: Sequence[Path],
    pack: Pack,
    config: Config,
    *,
    salt: bytes,
    lang: Lang = "zh",
    progress: Progress = silent,
) -> Located:
    """Read cases and place them; write nothing.

    Raises
    ------
    InputError
        No file can be read, nothing in them is usable, or more rows are rejected than
        `cases.max_rejected_share` allows.
    """
    declared = config.datum
    grid = declared_grid(declared.crs, declared.control_points, limit_m=declared.control_limit_m)
    progress(Words("读取工单", "reading cases"))
    raw = read_cases(paths, columns=config.cases.columns)
    cases, rejected = normalise_cases(raw, timezone=pack.timezone, salt=salt)
    _refuse_broken(len(raw), rejected, config.cases.max_rejected_share)
    progress(Words(f"定位 {len(cases)} 件", f"locating {len(cases)} cases"))
    gazetteer = build_gazetteer(pack.places, pack.communities, pack.streets)
    by_text = match_cases(cases, gazetteer, pack.outside, lang)
    points, detection = restore_points(
        cases, pack.communities, declared=config.datum.cases, grid=grid, by_text=by_text, lang=lang
    )
    placed = locate_cases(
        cases, points, gazetteer=gazetteer, communities=pack.communities, streets=pack.streets,
        outside=pack.outside, by_text=by_text, lang=lang,
    )  # fmt: skip
    placed["cell"] = _index_cases(placed, resolution=config.grid.resolution)
    ledger = lay_ledger(raw, placed, rejected, lang=lang)
    account = take_account(raw, placed, rejected, lang=lang)
    notes = (*cases.attrs.get("notes", ()), *detection.notes)
    return Located(placed, ledger, account, detection, gazetteer, notes)


def analyse(
    located: Located,
    pack: Pack,
    config: Config,
    *,
    period: Period,
    as_of: date,
    register: pd.DataFrame | None = None,
    lang: Lang = "zh",
    progress: Progress = silent,
) -> Findings:
    """Find the repeat points, the hot cells and the state of every area as of a day."""
    end = pd.Timestamp(as_of)
    cases = located.cases[located.cases["reported_at"] < end + pd.Timedelta(days=1)]
    progress(Words("查找重复点位", "finding repeat points"))
    cases = _gather(cases, config)
    rectified, notes = _link(register, cases, located.gazetteer)
    hotspots, ids = _find_points(cases, rectified, config, end, lang)
    shown = ids.where(ids.isin(hotspots["hotspot_id"]))
    cases = cases.assign(hotspot_id=shown)
    progress(Words("检验热区", "testing cells"))
    cells = find_cells(
        cases, pack.study_area, pack.communities, as_of=end, resolution=config.grid.resolution,
        window_days=config.grid.window_days, fdr=config.hotspots.fdr,
    )  # fmt: skip
    communities = area_table(
        cases, hotspots, pack.communities, period=period, by="community", as_of=as_of
    )
    streets = area_table(cases, hotspots, pack.streets, period=period, by="street", as_of=as_of)
    n_hidden = int(ids.nunique() - shown.nunique())
    if cases["caller"].isna().all():
        notes = (*notes, _NAMELESS)
    mix = mix_categories(
        cases, since=end - pd.Timedelta(days=config.hotspots.window_days - 1),
        min_callers=config.privacy.min_callers,
    )  # fmt: skip
    hotspots["mix"] = hotspots["hotspot_id"].map(mix)
    done = rectified.reindex(columns=["hotspot_id", "day", "what", "who"])
    done = done.assign(what=scrub(done["what"]), who=scrub(done["who"]))
    return Findings(cases, hotspots, cells, communities, streets, n_hidden, notes, done)


_NAMELESS = Words(
    "工单没有来电人信息，各处“人数”按有诉求的天数计",
    "the cases name no callers; wherever callers are counted, days with cases stand for them",
)


_SHIFTED = Words(
    "坐标为 GCJ-02，未还原为 WGS84；与其他图层叠加前请先统一坐标系",
    "coordinates are in GCJ-02, not WGS84; bring other layers to the same datum first",
)


def _refuse_broken(n_read: int, rejected: pd.DataFrame, most: float) -> None:
    """Stop when too much is unusable: a list made from a tenth of the cases is worse than none."""
    bad = rejected[rejected["status"] == "rejected"]
    if n_read == 0:
        raise InputError(
            "文件里只有表头，没有工单；请重新导出",
            "the files hold a header and no cases; export them again",
        )
    if len(bad) < n_read and len(bad) <= most * n_read:
        return
    top_zh = "；".join(f"{r} {n}行" for r, n in bad["reason_zh"].value_counts().head(3).items())
    top_en = "; ".join(f"{r}: {n} rows" for r, n in bad["reason_en"].value_counts().head(3).items())
    raise InputError(
        f"{n_read} 行中有 {len(bad)} 行无法使用（{top_zh}）；请更正导出，"
        "或调高 cases.max_rejected_share",
        f"{len(bad)} of {n_read} rows cannot be used ({top_en}); mend the export "
        "or raise cases.max_rejected_share",
    )


def _index_cases(placed: pd.DataFrame, *, resolution: int) -> pd.Series:
    """Give each case that has a point of its own its cell; a centroid is never a point."""
    is_point = placed["status"].isin(LOCATED) & placed["level"].isin(POINT_LEVELS)
    lng, lat = placed["lng"].where(is_point), placed["lat"].where(is_point)
    cells = index_points(lng.to_numpy(float), lat.to_numpy(float), resolution=resolution)
    return pd.Series(cell_names(cells), index=placed.index, dtype="str")


def _gather(cases: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Say of each case what it is about (`group`), at which `spot`, and what it weighs."""
    cases = cases.assign(group=_group_categories(cases, level=config.hotspots.category_level))
    spots = assign_spots(
        cases[cases["status"].isin(LOCATED)],
        within_metres=config.hotspots.within_metres,
        attach_metres=config.hotspots.attach_metres,
    )
    cases = cases.assign(spot=spots.reindex(cases.index))
    return cases.assign(weight=weigh_cases(cases))


def _group_categories(cases: pd.DataFrame, *, level: int) -> pd.Series:
    """Name what a case is about at a level of the category tree, the path above included."""
    names = [cases[f"category_{i}"].astype("str") for i in range(1, level + 1)]
    group = names[0]
    for upper, name in itertools.pairwise(names):
        group = group.where(name == upper, group + "/" + name)
    return group


def _link(
    register: pd.DataFrame | None, cases: pd.DataFrame, gazetteer: Gazetteer
) -> tuple[pd.DataFrame, tuple[Words, ...]]:
    """Link the register of rectifications to spots; say which lines found none."""
    if register is None:
        return pd.DataFrame(columns=["spot", "group", "day"]), ()
    spots = [match_text(n, gazetteer).key if isinstance(n, str) else "" for n in register["name"]]
    lines = register.assign(spot=pd.Series(spots, register.index, dtype="str").replace("", None))
    pairs = cases[["spot", "group"]].dropna().drop_duplicates(ignore_index=True)
    pairs = pairs.assign(hotspot_id=identify_points(pairs))
    rectified, is_linked = link_rectified(lines[lines["day"].notna()], pairs)
    is_lost = ~is_linked.reindex(register.index, fill_value=False)
    rows = ", ".join(str(r) for r in register.loc[is_lost, "row"])
    note = Words(
        f"整改台账第 {rows} 行没有对应到点位或日期不明，未采用",
        f"rows {rows} of the register of rectifications match no point or carry no date; not used",
    )
    return rectified, (note,) if rows else ()


def _find_points(
    cases: pd.DataFrame, rectified: pd.DataFrame, config: Config, end: pd.Timestamp, lang: Lang
) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """List the repeat points, tested and described."""
    settings, lift = config.hotspots, config.priority
    floor = Floor(
        settings.min_callers, settings.min_days, settings.group_callers, settings.group_days
    )
    points = find_repeats(
        cases, as_of=end, floor=floor, fdr=settings.fdr, window_days=settings.window_days
    )
    return profile_points(
        points, cases, rectified, as_of=end,
        weights=Weights(lift.unresolved, lift.rebound, lift.group),
        min_callers=config.privacy.min_callers, lang=lang,
    )  # fmt: skip
