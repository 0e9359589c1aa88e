"""What a report is made of: paragraphs, tables, figures; and how it writes numbers and dates.

Blocks are plain values, so that the page shows them today and a word processor's file can show
the same tomorrow.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import ClassVar, NamedTuple

import pandas as pd
from markupsafe import Markup

from geo_hotspots.config import RatesConfig
from geo_hotspots.hotspots.areas.survey import Areas
from geo_hotspots.hotspots.figures.changes import Comparison, scope_changes
from geo_hotspots.hotspots.figures.rates import composite_of
from geo_hotspots.hotspots.figures.summary import half_up, percent, top_categories
from geo_hotspots.schema import Masthead, Period
from geo_hotspots.words import Lang, Words

MONTHS = ("January", "February", "March", "April", "May", "June", "July",
          "August", "September", "October", "November", "December")  # fmt: skip
DIGITS_ZH = "一二三四五六七八九十"
WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WORDS = {
    "figure": Words("图", "Figure "),
    "table": Words("表", "Table "),
    "contents": Words("目录", "Contents"),
    "summary": Words("摘要", "Summary"),
}
REPORT = Words("分析报告", "the report")
SMALL_BASE = 10  # cases: a change from fewer is told in cases, for a percentage would shout
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Text:
    """A paragraph; `tone` is empty, `note` (small) or `warn` (to be seen)."""

    text: str
    tone: str = ""
    shape: ClassVar[str] = "text"


@dataclass(frozen=True)
class Heading:
    """A heading inside a block."""

    text: str
    shape: ClassVar[str] = "heading"


@dataclass(frozen=True)
class Points:
    """A list of sentences."""

    points: Sequence[str]
    shape: ClassVar[str] = "points"


@dataclass(frozen=True)
class Head:
    """The head of a column; `kind` is `text`, `key` (never broken), `num`, `mid` or `draw`."""

    text: str
    kind: str = "text"


@dataclass(frozen=True)
class Drawn:
    """A cell with a number, how many it rests on, and a drawing below."""

    text: str
    aside: str
    drawing: Markup


Cell = str | Markup | Drawn  # markup is a drawing; all else is text


class Part(NamedTuple):
    """What heads some rows of a table: a name, and what is said beside it."""

    name: str = ""
    aside: str = ""


@dataclass(frozen=True)
class Grid:
    """A table; `notes` has a sentence to each row, printed under it, or is empty.

    `parts` has a heading to each row, printed above it where it has a name, or is empty.
    """

    caption: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()
    remark: str = ""
    has_total: bool = False  # the last row sums the others
    parts: Sequence[Part] = ()
    is_dense: bool = False  # many short rows: small letters, little air
    shape: ClassVar[str] = "grid"


@dataclass(frozen=True)
class Figure:
    """A drawing with its caption; `is_wide` takes the whole width and scrolls on a phone."""

    caption: str
    drawing: Markup
    is_wide: bool = False
    shape: ClassVar[str] = "figure"


@dataclass(frozen=True)
class Beside:
    """Items next to each other where the page is wide enough."""

    items: Sequence["Item"]
    shape: ClassVar[str] = "beside"


@dataclass(frozen=True)
class Together:
    """Items that a page break must not part: a heading, what it says, and its drawing."""

    items: Sequence["Item"]
    shape: ClassVar[str] = "together"


Item = Text | Heading | Points | Grid | Figure | Beside | Together


@dataclass(frozen=True)
class Block:
    """One numbered part of the report."""

    title: str
    items: Sequence[Item]


@dataclass(frozen=True)
class Paper:
    """The whole report, ready to be laid out as a page or as a word processor's file."""

    heading: str
    period: str
    span: str
    made: str
    marks: Sequence[str]
    figures: Sequence[tuple[str, str]]  # the numbers that head it: name, value
    opening: str
    blocks: Sequence[Block]
    masthead: Masthead


@dataclass(frozen=True)
class Pen:
    """Writes numbers, dates and sentences in the language of the page."""

    lang: Lang

    def say(self, zh: str, en: str) -> str:
        """Give the sentence in the language of the page."""
        return zh if self.lang == "zh" else en

    def count(self, n: int) -> str:
        """Write a whole number, in groups of three where that is the custom."""
        return str(n) if self.lang == "zh" else f"{n:,}"

    def pct(self, value: Decimal | float | None, places: int) -> str:
        """Write a percentage, a dash where there is none."""
        rounded = half_up(value, places=places) if not isinstance(value, Decimal) else value
        return "—" if rounded is None else f"{rounded:.{places}f}%".replace("-", "−")

    def rate(self, k: int, n: int) -> str:
        """Write `k` of `n` as a percentage with one decimal, a dash when nobody was asked."""
        return self.pct(100 * k / n if n else None, 1)

    def top(self, n: int) -> str:
        """Say "the first n" as a sentence does: 前十."""
        return self.say(f"前{DIGITS_ZH[n - 1] if 1 <= n <= len(DIGITS_ZH) else n}", str(n))

    def score(self, value: float) -> str:
        """Write a composite with two decimals, a dash where a rate has no answers."""
        return "—" if math.isnan(value) else f"{value:.2f}"

    def signed(self, value: Decimal | float | None) -> str:
        """Write a change in percent with its sign and one decimal, a dash where unknown."""
        text = self.pct(value, 1)
        return f"+{text}" if value is not None and float(value) > 0 else text

    def against(self, n: int, n_prev: int | None) -> str:
        """Write a change for a table or a tile: in percent, or in cases where these are few."""
        if n_prev is None:
            return "—"
        if n_prev >= SMALL_BASE:
            return self.signed(percent(n - n_prev, n_prev, places=1))
        return f"{n - n_prev:+d}{self.say('件', '')}".replace("-", "−").replace("+0", "0")

    def moved(self, compared: Comparison, *, year: bool) -> str:
        """Say a comparison in words: 环比下降14.5%(上期2015件)."""
        name = self.say(
            "同比" if year else "环比", "a year before" if year else "the period before"
        )
        if compared.n_prev is None:
            return self.say(f"{name}暂不可比（数据未覆盖）", f"no data for {name}")
        n, n_prev = compared.n, compared.n_prev
        base = self.say("上年同期" if year else "上期", "") + self.count(n_prev)
        if n == n_prev:
            return self.say(f"{name}持平（{base}件）", f"as many as {name}")
        way = ("上升", "up") if n > n_prev else ("下降", "down")
        size = self.against(n, n_prev).lstrip("+−")
        if n_prev < SMALL_BASE:
            way = ("增加", "up") if n > n_prev else ("减少", "down")
        return self.say(f"{name}{way[0]}{size}（{base}件）", f"{way[1]} {size} on {name} ({base})")

    def day(self, day: date) -> str:
        """Write a day without its year."""
        return self.say(f"{day.month}月{day.day}日", f"{day.day} {MONTHS[day.month - 1][:3]}")

    def full_day(self, day: date) -> str:
        """Write a day with its year."""
        return self.say(f"{day.year}年{self.day(day)}", f"{self.day(day)} {day.year}")

    def span(self, period: Period) -> str:
        """Write the days of a period, the year once."""
        if period.first == period.last:
            return self.full_day(period.first)
        if period.first.year != period.last.year:
            first, last = self.full_day(period.first), self.full_day(period.last)
            return self.say(f"{first}至{last}", f"{first} to {last}")
        first, last = self.day(period.first), self.day(period.last)
        year = period.first.year
        return self.say(f"{year}年{first}至{last}", f"{first} to {last} {year}")

    def title(self, period: Period) -> str:
        """Write what a period is called."""
        first = period.first
        if period.kind == "month":
            return self.say(
                f"{first.year}年{first.month}月", f"{MONTHS[first.month - 1]} {first.year}"
            )
        if period.kind == "week":
            year, week, _ = first.isocalendar()
            return self.say(f"{year}年第{week}周", f"week {week} of {year}")
        return self.full_day(first)

    def weekday(self, number: int) -> str:
        """Name a day of the week, Monday being 0."""
        return self.say(WEEKDAYS_ZH[number], WEEKDAYS_EN[number])

    def listing(self, names: Sequence[str]) -> str:
        """Join names as a sentence does."""
        return self.say("、", ", ").join(names)


@dataclass(frozen=True)
class Story:
    """What the blocks tell of: the inputs of a report, and the periods it compares."""

    cases: pd.DataFrame
    current: pd.DataFrame  # the cases of `now`
    now: Period  # the period, up to the last day counted
    before: Period
    year_ago: Period
    hotspots: pd.DataFrame  # with `geometry`, as the areas: plain tables, of which GeoPandas
    communities: pd.DataFrame  # would take several times as long to give a column
    streets: pd.DataFrame
    account: dict[str, int]
    weights: RatesConfig
    n_later: int  # usable cases after the last day counted
    n_forgotten: int  # usable cases that were deleted from the history for good
    n_remembered: int  # cases that earlier runs read
    masthead: Masthead
    pen: Pen
    areas: Areas | None = None
    held: pd.DataFrame | None = None  # of `hotspots.held.judge_works`

    @cached_property
    def scope(self) -> pd.DataFrame:
        """Give the categories whose counting may have changed (`scope_changes`), found once."""
        return scope_changes(self.cases, self.now)

    @cached_property
    def score(self) -> float:
        """Give the composite of the three rates over all cases of `now`."""
        return composite_of(self.current, weights=self.weights)

    @cached_property
    def top(self) -> pd.DataFrame:
        """Give the ten largest categories of `now` (`top_categories`)."""
        return top_categories(self.current)
