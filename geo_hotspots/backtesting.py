"""`backtest`: cases in; out, a page and a table of how right a year of lists would have been."""

from pathlib import Path

import pandas as pd

from geo_hotspots import __version__
from geo_hotspots.account import last_day
from geo_hotspots.analysis.gather import gather_cases
from geo_hotspots.analysis.register import link_register
from geo_hotspots.cases.rain import read_rain
from geo_hotspots.config import Config
from geo_hotspots.deliver.backtest_page import write_backtest
from geo_hotspots.deliver.run_folder import write_whole
from geo_hotspots.errors import InputError
from geo_hotspots.hotspots.forecast.backtest import LEAST_WEEKS, Backtest, run_backtest
from geo_hotspots.hotspots.forecast.forecast import expose_weeks, tabulate_cases
from geo_hotspots.hotspots.lifecycle.weekly import Weekly, weeks_ago
from geo_hotspots.locating import Progress, locate, silent
from geo_hotspots.memory import Past, open_memory
from geo_hotspots.pipeline import Request, merge_known, read_register
from geo_hotspots.places.packs.pack import Pack
from geo_hotspots.schema import Masthead, Period
from geo_hotspots.words import Words


def backtest(
    request: Request, pack: Pack, config: Config, *, salt: bytes, progress: Progress = silent
) -> tuple[Path, Backtest]:
    """Hold the lists of the last year against what came; write `request.out`/pack/backtest.

    With a history its cases, rectifications and visits count too; it is left as it was.

    Raises
    ------
    GeoHotspotsError
        The cases cannot be used, reach back too short a time, or the folder cannot be written.
    """
    lang = request.lang
    with open_memory(request.history, pack, config, salt=salt, lang=lang) as memory:
        located = locate(
            request.paths, pack, config, salt=memory.salt, lang=lang, progress=progress,
            recall=memory.recall,
        )  # fmt: skip
        as_of = request.as_of or last_day(located.cases, request.today)
        known = merge_known(
            memory, located, as_of, pack=pack, config=config, lang=lang, progress=progress
        )
        past = memory.past(as_of)
        end = pd.Timestamp(as_of)
        known = known[known["reported_at"] < end + pd.Timedelta(days=1)]
        cases = gather_cases(known, past, config)  # the history gives the words of some
    no_points = pd.DataFrame({"spot": [], "group": [], "hotspot_id": []}, dtype="str")
    rectified, notes = link_register(
        read_register(request, past), cases, no_points, past.known, located.gazetteer
    )
    weekly = tabulate_cases(cases, rectified, as_of=end)
    _refuse_short(weekly)
    progress(Words("逐周回测", "forecasting week by week"))
    rain_days = request.rain_days or config.forecast.rain_file
    exposure = expose_weeks(weekly, read_rain(rain_days) if rain_days else None)
    result = run_backtest(weekly, exposure, visits=_find_visits(weekly, past))
    masthead = Masthead(
        place=pack.title.say(lang), period=Period.holding(as_of, "week"), as_of=as_of, lang=lang,
        is_demo=request.is_demo, is_approximate=pack.is_approximate, footer=pack.footer.say(lang),
        approval=pack.approval, version=__version__,
        notes=tuple(note.say(lang) for note in (*located.notes, *notes)),
    )  # fmt: skip
    folder = request.out / pack.name / "backtest"
    return write_whole(folder, lambda part: write_backtest(part, result, masthead)), result


def _refuse_short(weekly: Weekly) -> None:
    if weekly.weeks <= LEAST_WEEKS or not len(weekly.units):
        raise InputError(
            f"已定位的工单只覆盖 {weekly.weeks} 周，回测至少需要 {LEAST_WEEKS + 1} 周；"
            "请加入更早的工单",
            f"the located cases reach back {weekly.weeks} weeks; a backtest needs "
            f"{LEAST_WEEKS + 1} or more: add earlier cases",
        )


def _find_visits(weekly: Weekly, past: Past) -> pd.DataFrame | None:
    """Say which unit each visit of the history was to, and in which week."""
    if past.visits.empty:
        return None
    keys = past.known.keys.drop_duplicates("hotspot_id", keep="last")
    visits = past.visits.merge(keys[["hotspot_id", "spot", "group"]], on="hotspot_id")
    units = pd.MultiIndex.from_frame(weekly.units[["spot", "group"]])
    visits["unit"] = units.get_indexer(pd.MultiIndex.from_frame(visits[["spot", "group"]]))
    visits["week"] = weekly.weeks - 1 - weeks_ago(visits["day"], weekly.as_of)
    return visits.loc[visits["unit"] >= 0, ["unit", "week"]]
