"""The account: every row read, in exactly one status, and the statuses sum to the rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from geo_hotspots.columns import lay_end_to_end
from geo_hotspots.places.coordinates import in_datum
from geo_hotspots.places.datum.shift import Datum
from geo_hotspots.schema import LEDGER_COLUMNS, STATUSES
from geo_hotspots.words import STATUS, Lang, Words

_ROWS_AT_ONCE = 100_000  # so that a long ledger is never in memory


@dataclass(frozen=True)
class Account:
    """Every row read, in exactly one status."""

    n_read: int
    n_blank: int
    statuses: dict[str, int]
    reasons: dict[str, int]  # of the rejected and superseded

    @property
    def n_unusable(self) -> int:
        """Count the rows that never became cases."""
        return self.statuses["rejected"] + self.statuses["superseded"]


def take_account(
    placed: pd.DataFrame, rejected: pd.DataFrame, *, n_read: int, n_blank: int, lang: Lang
) -> Account:
    """Count the rows by status, and the unusable ones by reason, in words.

    Parameters
    ----------
    n_read, n_blank
        Rows that the files hold, and those that hold nothing and are not among them.

    Raises
    ------
    AssertionError
        The statuses do not sum to the rows read: a fault of ours that must not pass.
    """
    counts = [frame["status"].value_counts() for frame in (placed, rejected)]
    statuses = {s: sum(int(n.get(s, 0)) for n in counts) for s in STATUSES}
    assert sum(statuses.values()) == n_read, "statuses do not sum to the rows read"
    # What follows the colon is the value, which differs from row to row and stands in the ledger.
    reasons = rejected[f"reason_{lang}"].str.split("[:：]", regex=True).str[0].value_counts()
    return Account(
        n_read=n_read,
        n_blank=n_blank,
        statuses=statuses,
        reasons={str(r): int(n) for r, n in sorted(reasons.items())},
    )


@dataclass(frozen=True)
class Ledger:
    """Every row read, in the order read; laid some rows at a time, never as a whole.

    Attributes
    ----------
    placed
        The cases with their places and, once that is known, the point that each belongs to.
    rejected
        The rows that are no cases. Both rise by the number under which a row was read.
    datum
        In which coordinates are given; the cases' own are in WGS84.
    """

    placed: pd.DataFrame
    rejected: pd.DataFrame
    lang: Lang
    datum: Datum = "wgs84"

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Give its rows, `schema.LEDGER_COLUMNS`, at least one frame though it may be empty."""
        ends = [index[-1] + 1 for index in (self.placed.index, self.rejected.index) if len(index)]
        for at in range(0, max(ends, default=1), _ROWS_AT_ONCE):
            some = slice(at, at + _ROWS_AT_ONCE - 1)  # of labels, so both ends count
            rows = _lay_rows(self.placed.loc[some], self.rejected.loc[some], self.lang)
            yield in_datum(rows, self.datum)


def _lay_rows(placed: pd.DataFrame, rejected: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Put cases and other rows together, in order.

    Texts are categories, but for the ids: most stand in many rows.
    """
    names = [name for name in LEDGER_COLUMNS if name in placed]
    lost = rejected.rename(columns={f"reason_{lang}": "explanation"}).assign(level="none")
    lost = lost.reindex(columns=names)
    index = placed.index.append(lost.index)
    order = np.argsort(index, kind="stable")
    laid = {name: _laid(placed[name], lost[name]).array.take(order) for name in names}
    rows = pd.DataFrame(laid, index[order], copy=False)
    return rows.reindex(columns=list(LEDGER_COLUMNS))


def _laid(placed: pd.Series, lost: pd.Series) -> pd.Series:
    """Put a column of cases and that of the other rows together."""
    if pd.api.types.is_numeric_dtype(placed):
        return lay_end_to_end([placed, lost.astype(placed.dtype)])
    lost = lost.astype("str")
    if placed.name == "case_id":
        return lay_end_to_end([placed, lost])
    shared = placed.astype("category").cat.remove_unused_categories()
    return lay_end_to_end([shared, lost.astype("category")])


def last_day(cases: pd.DataFrame, today: date) -> date:
    """Give the newest day that has cases and is not in the future; without any, today."""
    days = cases["reported_at"]
    past = days[days < pd.Timestamp(today) + pd.Timedelta(days=1)]
    return past.max().date() if len(past) else today


def describe_account(account: Account, lang: Lang) -> str:
    """Write the account as one line that a person can add up."""
    parts = [f"{STATUS[s].say(lang)} {n}" for s, n in account.statuses.items() if n]
    total = Words(f"读入 {account.n_read} 行", f"{account.n_read} rows read").say(lang)
    return f"{total} = " + (" + ".join(parts) or "0")
