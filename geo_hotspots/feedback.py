"""What comes back: filled patrol sheets and registers of rectifications, into the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from geo_hotspots.analysis.gather import group_categories
from geo_hotspots.cases.rectified import read_rectifications
from geo_hotspots.cases.visits import (
    is_patrol_sheet,
    names_hour,
    read_day,
    read_list_day,
    read_visits,
)
from geo_hotspots.config import Config
from geo_hotspots.errors import HistoryError
from geo_hotspots.history import History, open_history, peek_history
from geo_hotspots.history.cases import cases_known
from geo_hotspots.history.points import keys_before, names_before, runs_before
from geo_hotspots.history.returns import Kept, keep_returns
from geo_hotspots.hotspots.lifecycle.rectified import link_rectified
from geo_hotspots.hotspots.points.identity import Known, name_pairs
from geo_hotspots.places.gazetteer.index import open_gazetteer
from geo_hotspots.places.match.explain import match_text
from geo_hotspots.places.packs.pack import Pack
from geo_hotspots.words import Words

_EVER = date(9999, 12, 31)


@dataclass(frozen=True)
class Feedback:
    """What was taken of the files that came back, and what was not."""

    visits: Kept
    rectifications: Kept
    n_blank: int  # points of patrol lists that nobody filled in
    problems: pd.DataFrame  # source, row, why_zh, why_en
    known_from: date  # the first day whose run knows of it


def take_feedback(
    paths: Sequence[Path], path: Path, pack: Pack, config: Config, *, as_of: date | None = None
) -> Feedback:
    """Read patrol sheets and registers of rectifications into the history.

    A line is matched to a point by its id, else by place and category. What matches none, or
    contradicts itself, is reported and not taken; the same file twice changes nothing.

    Parameters
    ----------
    paths
        Filled `patrol.xlsx` files, and registers, in any order.
    path
        The history.
    as_of
        The first day whose run is to know of it; by default the day after the latest run, so
        that lists made before are rebuilt as they were.

    Raises
    ------
    GeoHotspotsError
        A file or the history cannot be used; nothing is taken of any file.
    """
    with peek_history(path):  # a mistyped name must not begin a new one
        pass
    with open_history(path, pack=pack.name, salt=b"") as history:
        latest = _latest_run(history)
        known_from = as_of or latest + timedelta(days=1)
        sheets = [p for p in paths if is_patrol_sheet(p)]
        registers = [p for p in paths if p not in sheets]
        visits, seen, n_blank = _gather_visits(sheets, history, latest)
        lines, lost = _gather_lines(registers, history, pack, config)
        kept = [
            keep_returns(history, table, rows, known_from=known_from)
            for table, rows in (("visits", visits), ("rectifications", lines))
        ]
        history.commit()
    problems = pd.concat([seen, lost], ignore_index=True)
    return Feedback(kept[0], kept[1], n_blank, problems, known_from)


def _latest_run(history: History) -> date:
    runs = runs_before(history, _EVER)
    if runs.empty:
        raise HistoryError(
            f"历史库 {history.path.name} 里还没有运行过；先运行一次 run",
            f"the history {history.path.name} has seen no run yet; run once first",
        )
    latest: date = runs["as_of"].max().date()
    return latest


def _gather_visits(
    paths: Sequence[Path], history: History, latest: date
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Read the sheets, give each visit its point and day, and say what fits no point."""
    listed, parts, problems, n_blank = names_before(history, _EVER), [], [], 0
    lists = set(runs_before(history, _EVER)["as_of"].dt.date)
    for path in paths:
        visits, wrong, blank = read_visits(path)
        made = read_list_day(path)
        after = made if made and made in lists else latest
        visits["hotspot_id"] = _find_points(visits, listed)
        said = [t if isinstance(t, str) else None for t in visits["visited_at"]]
        days = [read_day(t, after=after) for t in said]
        first = after + timedelta(days=1)  # when the list was for, where no day is named
        visits["day"] = pd.to_datetime(pd.Series([d or first for d in days], index=visits.index))
        is_point = visits["hotspot_id"].notna()
        unread = [
            t is not None and day is None and not names_hour(t)
            for t, day in zip(said, days, strict=True)
        ]
        is_unread = is_point & pd.Series(unread, index=visits.index, dtype="bool")
        parts.append(visits[is_point & ~is_unread])
        problems += [wrong, _problem(visits[~is_point], _UNKNOWN)]
        problems.append(_problem(visits[is_unread], _NO_TIME))
        n_blank += blank
    if not parts:
        return _NO_VISITS, _NO_PROBLEMS, 0
    return pd.concat(parts), pd.concat(problems, ignore_index=True), n_blank


def _find_points(lines: pd.DataFrame, listed: pd.DataFrame) -> pd.Series:
    """Find the point of each line: by id, else as the only one of its name and category."""
    ids = lines["hotspot_id"].where(lines["hotspot_id"].isin(listed["hotspot_id"]))
    named = listed.drop_duplicates(["hotspot_id", "name", "group"])
    named = named[~named.duplicated(["name", "group"], keep=False)]
    by_name = named.set_index(["name", "group"])["hotspot_id"]
    category = lines["category"].str.replace("->", "/")
    asked = pd.MultiIndex.from_arrays([lines["name"], category])
    found = by_name.reindex(asked).to_numpy()
    return ids.fillna(pd.Series(found, index=lines.index, dtype="str"))


def _gather_lines(
    paths: Sequence[Path], history: History, pack: Pack, config: Config
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the registers, and say which lines fit no point or carry no date."""
    if not paths:
        return _NO_LINES, _NO_PROBLEMS
    register = pd.concat([read_rectifications(path) for path in paths], ignore_index=True)
    listed = names_before(history, _EVER)
    found = _find_points(register, listed)
    gazetteer = open_gazetteer(pack)
    spots = [match_text(n, gazetteer).key if isinstance(n, str) else "" for n in register["name"]]
    lines = register.assign(
        hotspot_id=found, spot=pd.Series(spots, register.index, dtype="str").replace("", None)
    )
    _, is_linked = link_rectified(lines, _all_pairs(history, config))
    is_dated = register["day"].notna()
    taken = register.assign(hotspot_id=register["hotspot_id"].fillna(found))[is_linked & is_dated]
    lost = _problem(register[~is_linked & is_dated], _UNKNOWN)
    return taken, pd.concat([lost, _problem(register[~is_dated], _NO_DAY)])


def _all_pairs(history: History, config: Config) -> pd.DataFrame:
    """Give every spot and group that a register may speak of, with the point's name."""
    cases = cases_known(history, _EVER)
    group = group_categories(cases, level=config.hotspots.category_level)
    addressed = pd.DataFrame({"spot": cases["place_key"], "group": group}).drop_duplicates()
    addressed = addressed.dropna().astype("str")  # few rows: plain words
    keys = keys_before(history, _EVER)
    pairs = pd.concat([addressed, keys[["spot", "group"]]]).drop_duplicates(ignore_index=True)
    nothing = pd.DataFrame(columns=["spot", "group", "hotspot_id"])
    known = Known(keys, pd.Series(dtype="str"))
    return pairs.assign(hotspot_id=name_pairs(pairs, nothing, known))


_UNKNOWN = Words("没有对应到已知点位，未采用", "matches no known point; not used")
_NO_DAY = Words("整改日期不明，未采用", "carries no date that can be read; not used")
_NO_TIME = Words(
    "到场时间读不出日期或钟点，未采用", "says at 到场时间 neither a day nor an hour; not used"
)
_NO_PROBLEMS = pd.DataFrame(columns=["source", "row", "why_zh", "why_en"])
_NO_VISITS = pd.DataFrame(columns=["hotspot_id", "day", "visited_at", "outcome", "inspector",
                                   "note", "source", "row"])  # fmt: skip
_NO_LINES = pd.DataFrame(columns=["hotspot_id", "name", "category", "day", "what", "who",
                                  "source", "row"])  # fmt: skip


def _problem(rows: pd.DataFrame, why: Words) -> pd.DataFrame:
    return rows[["source", "row"]].assign(why_zh=why.zh, why_en=why.en)
