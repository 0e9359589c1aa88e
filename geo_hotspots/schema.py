"""What each stage promises the next, and what may leave: tables, periods, page heads.

Tables are plain frames; a `Table` here says which columns they carry and of what kind.
The tuples of column names are the contract with users and GIS staff: append, never rename.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from geo_hotspots.words import KIND, LEVEL, LIFECYCLE, STATUS, Lang

if TYPE_CHECKING:  # the command line reads names from here and must not wait for pandas
    import pandas as pd

PeriodKind = Literal["day", "week", "month"]
PERIOD_KINDS: tuple[PeriodKind, ...] = get_args(PeriodKind)

STATUSES = tuple(STATUS)
LEVELS = tuple(LEVEL)
KINDS = tuple(KIND)
LIFECYCLES = tuple(LIFECYCLE)

# A case stands at a point of its own only at these levels; the others name an area.
POINT_LEVELS = ("building", "door", "compound", "poi", "intersection", "door_interpolated")
LOCATED = ("located", "located_low")

LEDGER_COLUMNS = (
    "source", "row", "case_id", "status", "level", "source_of_place", "place_id",
    "street", "community", "lng", "lat", "uncertainty_m", "cell", "hotspot_id",
    "score", "explanation",
)  # fmt: skip

# A sheet to be labelled by hand, beside the export that holds the texts.
SAMPLE_COLUMNS = (
    "source", "row", "case_id", "place_status", "place_level", "place_id", "place_name",
    "place_street", "place_community", "place_lng", "place_lat", "place_score",
    "true_community", "true_street", "true_place_id", "true_lng", "true_lat", "weight",
)  # fmt: skip

HOTSPOT_COLUMNS = (
    "hotspot_id", "rank", "name", "category", "kind", "lifecycle", "n", "n_callers", "n_days",
    "first_at", "last_at", "expected", "pvalue", "qvalue", "score", "priority",
    "days_since_rectified", "rebounds", "community_code", "community", "street", "cell",
    "level", "uncertainty_m", "reason",
)  # fmt: skip

CELL_COLUMNS = (
    "cell", "resolution", "n", "n_callers", "expected", "gistar", "pvalue", "qvalue",
    "is_hot", "trend", "community",
)  # fmt: skip

# The same for one category group on its own.
CATEGORY_CELL_COLUMNS = ("category", *CELL_COLUMNS)

# Clusters that emerge: `signal` is alarm or watch, `state` new, ongoing or scope_change.
EMERGING_COLUMNS = (
    "cluster_id", "category", "signal", "state", "n", "n_callers", "expected", "weeks",
    "first_at", "last_at", "pvalue", "recurrence_weeks", "radius_m", "cell", "community",
    "drivers", "case_ids", "reason",
)  # fmt: skip

# Communities and streets carry the same; `street` of a street is its own name.
AREA_COLUMNS = (
    "code", "name", "street", "n", "n_points", "change_pct",
    "responded_rate", "resolved_rate", "satisfied_rate",
    "n_responded_asked", "n_resolved_asked", "n_satisfied_asked",
)  # fmt: skip

PATROL_COLUMNS = (
    "排名", "点位编号", "点位名称", "类别", "性质", "状态", "入选理由", "较上周",
    "近28天件数", "近28天人数", "近91天件数", "最近来电", "整改后天数", "反弹次数",
    "未解决", "不满意", "建议时段", "街道", "社区", "责任人", "到场时间", "处置情况",
    "核查人", "备注",
)  # fmt: skip

BACKTEST_COLUMNS = (
    "origin", "category", "ranker", "k", "hit_rate", "precision", "pai", "pei", "ndcg", "n_next",
    "deviance", "n_excused",
)  # fmt: skip

OUTCOMES = ("未发现", "已处置", "已上报", "仍存在", "无法核实")
MET_AGAIN = "仍存在"  # a patrol met the trouble: as good as two callers


class SchemaError(TypeError):
    """A stage broke its promise: a fault of ours, never of the user's data."""


@dataclass(frozen=True)
class Table:
    """The columns a frame owes its reader, and their kinds.

    `columns` maps a name to a kind: "text", "number", "time", "flag" (True, False or
    missing) or "geometry".
    """

    name: str
    columns: dict[str, str]

    def check(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """Give `frame` back when it keeps the promise; name every fault at once when not.

        Raises
        ------
        SchemaError
            A column is missing or of another kind, or the index holds duplicates.
        """
        faults = [f"column {c!r} is missing" for c in self.columns if c not in frame]
        faults += [
            f"column {c!r} is {frame[c].dtype}, not {kind}"
            for c, kind in self.columns.items()
            if c in frame and not _is_kind(frame[c], kind)
        ]
        # Asked first, this tells of an index that rises all that else takes a table to tell.
        _ = frame.index.is_monotonic_increasing
        if not frame.index.is_unique:
            faults.append("the index holds duplicates")
        if faults:
            raise SchemaError(f"table {self.name!r}: " + "; ".join(faults))
        return frame


def _is_kind(column: "pd.Series", kind: str) -> bool:
    import pandas as pd  # noqa: PLC0415 - see the head of the module

    types = pd.api.types
    if kind == "text":
        is_category = isinstance(column.dtype, pd.CategoricalDtype)
        return is_category or types.is_string_dtype(column) or bool(column.isna().all())
    if kind == "number":
        return types.is_numeric_dtype(column) and not types.is_bool_dtype(column)
    if kind == "time":
        return types.is_datetime64_any_dtype(column)
    if kind == "flag":
        return types.is_bool_dtype(column)
    return str(column.dtype) == "geometry"


# As read: everything is text, nothing is dropped. `row` counts from 1 as a person would in the
# file's own sheet (the header's line included), so that the ledger can be held beside it.
RAW_TEXT = (
    "case_id", "reported_at", "category", "category_2", "category_3", "content", "title", "address",
    "district", "street", "community", "lng", "lat", "caller", "department", "channel",
    "closed_at", "replied_at", "due_at", "responded", "resolved", "satisfied",
)  # fmt: skip
RAW = Table("raw cases", {"source": "text", "row": "number", **dict.fromkeys(RAW_TEXT, "text")})

# After cases/: one row per usable case. What the operator filled in keeps `_given`.
CASES = Table(
    "cases",
    {
        "source": "text",
        "row": "number",
        "case_id": "text",
        "reported_at": "time",
        "category": "text",  # as written, levels joined by "->"
        "category_1": "text",
        "category_2": "text",  # the level above, where a case has no second level
        "category_3": "text",
        "content": "text",
        "title": "text",
        "address": "text",
        "district_given": "text",
        "street_given": "text",
        "community_given": "text",
        "lng_given": "number",
        "lat_given": "number",
        "caller": "text",  # a salted hash, missing where nobody is named
        "department": "text",
        "channel": "text",
        "closed_at": "time",
        "replied_at": "time",
        "due_at": "time",
        "responded": "flag",
        "resolved": "flag",
        "satisfied": "flag",
    },
)

# What citizens wrote. It serves to place a case and goes no further, but for the local history,
# which keeps it in case the pack changes.
TEXTS = ("content", "title", "address")

# After places/: where each case lies, WGS84, with status and reason. `place_key` names the
# address exactly (compound, door or building) and is missing where only an area is known.
PLACED = Table(
    "placed cases",
    {
        "status": "text",
        "level": "text",
        "source_of_place": "text",  # address, content, title, coordinates, operator, or missing
        "place_id": "text",
        "place_key": "text",
        "place_name": "text",
        "street": "text",
        "community_code": "text",
        "community": "text",
        "lng": "number",
        "lat": "number",
        "uncertainty_m": "number",
        "score": "number",
        "explanation": "text",
    },
)

# What the analysis and what is written after it look at. All else served to
# place a case; the ledger and the history have it by then.
ANALYSED = (
    "case_key", "case_id", "reported_at", "category_1", "category_2", "category_3", "content",
    "caller", "department", "channel", "responded", "resolved", "satisfied", "status", "level",
    "place_id", "place_key", "place_name", "street", "community_code", "community", "lng", "lat",
    "uncertainty_m", "cell",
)  # fmt: skip

# Texts of which there are few: a number each, and no millions of equal words.
FEW_WORDS = (
    "status", "category_1", "category_2", "category_3", "department", "channel", "level",
    "place_id", "place_key", "place_name", "street", "community_code", "community", "cell",
)  # fmt: skip


@dataclass(frozen=True)
class Period:
    """The day, ISO week or month that a run reports on; `first` and `last` are included."""

    kind: PeriodKind
    first: date
    last: date

    @property
    def label(self) -> str:
        """Give the name of the run folder: 2026-11-22, 2026-W47 or 2026-11."""
        if self.kind == "day":
            return self.first.isoformat()
        if self.kind == "month":
            return f"{self.first:%Y-%m}"
        year, week, _ = self.first.isocalendar()
        return f"{year}-W{week:02d}"

    @property
    def days(self) -> int:
        """Count the days of the period."""
        return (self.last - self.first).days + 1

    @classmethod
    def holding(cls, day: date, kind: PeriodKind) -> "Period":
        """Give the period of `kind` that `day` lies in."""
        if kind == "day":
            return cls(kind, day, day)
        if kind == "week":
            monday = day - timedelta(days=day.weekday())
            return cls(kind, monday, monday + timedelta(days=6))
        first = day.replace(day=1)
        return cls(kind, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))

    def before(self) -> "Period":
        """Give the period of the same kind that ends the day before this one."""
        return Period.holding(self.first - timedelta(days=1), self.kind)


@dataclass(frozen=True)
class Masthead:
    """What every page says of itself: whose it is, for when, and under which reservations."""

    place: str  # the pack's title in the page's language
    period: Period
    as_of: date
    lang: Lang
    is_demo: bool
    is_approximate: bool
    footer: str
    approval: str  # 审图号, may be empty
    version: str
    notes: tuple[str, ...] = ()  # sentences that every page must carry (口径变化, ...)
    track: str = ""  # how last week's list fared, for the first page of the next
    timezone: str = "Asia/Shanghai"  # of the pack: whose holidays count
    datum: str = "wgs84"  # of every coordinate in the run folder
