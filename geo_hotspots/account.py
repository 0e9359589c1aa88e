"""The account: every row read, in exactly one status, and the statuses sum to the rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pandas as pd

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
        placed, lost = _alike(self.placed, self.rejected, self.lang)
        ends = [index[-1] + 1 for index in (placed.index, lost.index) if len(index)]
        for at in range(0, max(ends, default=1), _ROWS_AT_ONCE):
            some = slice(at, at + _ROWS_AT_ONCE - 1)  # of labels, so both ends count
            rows = pd.concat([placed.loc[some], lost.loc[some]]).sort_index(kind="stable")
            yield in_datum(rows.reindex(columns=list(LEDGER_COLUMNS)), self.datum)


def _alike(
    placed: pd.DataFrame, rejected: pd.DataFrame, lang: Lang
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the columns of cases and of other rows the same kinds, to be put together in pieces."""
    ours = {name: placed[name] for name in LEDGER_COLUMNS if name in placed}
    lost = rejected.rename(columns={f"reason_{lang}": "explanation"}).assign(level="none")
    lost = lost.reindex(columns=[*ours])
    for name, column in ours.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            words = column.cat.categories.astype("str")
            more = pd.Index(lost[name].dropna().unique(), dtype="str").difference(words)
            kind = pd.CategoricalDtype(words.append(more))  # the words of cases keep their numbers
            shared = pd.Categorical.from_codes(column.cat.codes, dtype=kind, validate=False)
            ours[name] = pd.Series(shared, column.index)
    lost = lost.astype({name: column.dtype for name, column in ours.items()})
    return pd.DataFrame(ours, copy=False), lost


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
