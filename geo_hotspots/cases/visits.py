"""Filled patrol sheets: who went where, when, and what was found."""

import re
import zipfile
import zlib
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from geo_hotspots.cases.read import read_tables
from geo_hotspots.errors import InputError
from geo_hotspots.schema import OUTCOMES
from geo_hotspots.words import Words

# Our name -> header of the patrol list; the last four are filled in on the spot.
_HEADERS = {
    "hotspot_id": "点位编号", "name": "点位名称", "category": "类别", "community": "社区",
    "visited_at": "到场时间", "outcome": "处置情况", "inspector": "核查人", "note": "备注",
}  # fmt: skip
FILLED_IN = ("visited_at", "outcome", "inspector", "note")
_PLACE = ["hotspot_id", "name", "category", "community"]
_FULL_DAY = re.compile(r"(?<!\d)(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_HOUR = re.compile(r"\d\s*[:：点时]")
_DAY = re.compile(r"(?<![\d:])(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:[日号]|(?![\d:]))")
_CREATED = re.compile(rb"<dcterms:created[^>]*>(\d{4}-\d\d-\d\d)T00:00:00Z<")
_LONGEST_CORE = 1 << 16  # bytes; what a workbook says of itself is short
_LATEST = timedelta(days=92)  # a month and a day are of the quarter after the list


def is_patrol_sheet(path: Path) -> bool:
    """Say whether a file is a patrol list, filled in or not."""
    return any({"点位编号", "处置情况"} <= set(table) for table in read_tables(path).values())


def read_visits(path: Path) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Read what a patrol filled in, from every sheet of its list.

    A point stands on several sheets and may be filled in on any: what was written of it on all
    of them is put together. Where two sheets say different things of it, nobody guesses.

    Returns
    -------
    visits
        One row a point that was filled in: `hotspot_id`, `name`, `category`, `community`,
        `visited_at`, `outcome`, `inspector`, `note` as written, `source` and `row` of the first.
    problems
        `source`, `row`, `why_zh`, `why_en`: what contradicts itself or is no outcome.
    n_blank
        Points on the list that nobody filled in.

    Raises
    ------
    InputError
        The file cannot be read, or no sheet of it is a patrol list.
    """
    parts = [
        pd.DataFrame({ours: table.get(header) for ours, header in _HEADERS.items()}).assign(
            source=source, row=table["row"]
        )
        for source, table in read_tables(path).items()
        if {"点位编号", "处置情况"} <= set(table)
    ]
    if not parts:
        raise InputError(
            f"{path.name} 里没有巡查清单：需要“点位编号”和“处置情况”列",
            f"{path.name} holds no patrol list: it needs the columns 点位编号 and 处置情况",
        )
    rows = pd.concat(parts, ignore_index=True)
    texts = [*_PLACE, *FILLED_IN]
    rows[texts] = rows[texts].astype("str").apply(lambda text: text.str.strip())
    rows["point"] = rows["hotspot_id"].fillna(
        rows["name"].fillna("")
        + "|"
        + rows["category"].fillna("")
        + "|"
        + rows["community"].fillna("")
    )
    filled = rows[rows[list(FILLED_IN)].notna().any(axis=1).astype(bool)]
    n_blank = rows["point"].nunique() - filled["point"].nunique()
    visits, problems = _put_together(filled)
    return visits, problems, n_blank


def _put_together(filled: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Join what several sheets say of one point; keep apart what contradicts itself."""
    by_point = filled.groupby("point", sort=False)
    is_torn = filled["point"].map(by_point[list(FILLED_IN)].nunique().max(axis=1) > 1).astype(bool)
    is_odd = filled["outcome"].notna() & ~filled["outcome"].isin(OUTCOMES)
    is_odd = is_odd.groupby(filled["point"]).transform("any").astype(bool)
    torn = _problem(filled[is_torn], _TORN)
    odd = _problem(filled[is_odd & ~is_torn & filled["outcome"].notna()], _ODD)
    visits = filled[~is_torn & ~is_odd].groupby("point", sort=False).first()
    return visits.reset_index(drop=True), pd.concat([torn, odd], ignore_index=True)


_TORN = Words(
    "各表对同一点位填写不一致，未采用", "the sheets say different things of this point; not used"
)
_ODD = Words(
    "处置情况不是" + "、".join(OUTCOMES) + "之一，未采用",
    "处置情况 is none of " + ", ".join(OUTCOMES) + "; not used",
)


def _problem(rows: pd.DataFrame, why: Words) -> pd.DataFrame:
    return rows[["source", "row"]].assign(why_zh=why.zh, why_en=why.en)


def read_list_day(path: Path) -> date | None:
    """Give the last day that the list of a patrol workbook counted, where the file still says so.

    `write_patrol_xlsx` puts it into the workbook as the time of its creation, at midnight, and
    office programs keep it there.
    """
    try:
        with zipfile.ZipFile(path) as book, book.open("docProps/core.xml") as core:
            found = _CREATED.search(core.read(_LONGEST_CORE))
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, zlib.error):
        return None  # no workbook of ours, or torn, or locked: the day is told elsewhere
    return _as_day(*map(int, found[1].split(b"-"))) if found else None


def read_day(text: str | None, *, after: date) -> date | None:
    """Read the day of a visit, where the text names one.

    A month and a day without a year are the first such day after the list, within a quarter.

    >>> read_day("2019/12/30 9:40", after=date(2019, 12, 29))
    datetime.date(2019, 12, 30)
    >>> read_day("1月2日上午", after=date(2019, 12, 29))
    datetime.date(2020, 1, 2)
    >>> read_day("9:40", after=date(2019, 12, 29)) is None
    True
    """
    if text is None:
        return None
    full, short = _FULL_DAY.search(text), _DAY.search(text)
    if full:
        return _as_day(int(full[1]), int(full[2]), int(full[3]))
    if short:
        days = [_as_day(after.year + n, int(short[1]), int(short[2])) for n in (0, 1)]
        near = [day for day in days if day and after < day <= after + _LATEST]
        return near[0] if near else None
    return None


def names_hour(text: str) -> bool:
    """Say whether a text names an hour, as who filled in the list on its day may do.

    >>> [names_hour(text) for text in ("9:40", "上午9点", "昨天")]
    [True, True, False]
    """
    return _HOUR.search(text) is not None


def _as_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
