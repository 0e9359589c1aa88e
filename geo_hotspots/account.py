"""The account: every row read, in exactly one status, and the statuses sum to the rows."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from geo_hotspots.columns import lay_end_to_end
from geo_hotspots.schema import LEDGER_COLUMNS, STATUSES
from geo_hotspots.words import STATUS, Lang, Words


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


def lay_ledger(placed: pd.DataFrame, rejected: pd.DataFrame, *, lang: Lang) -> pd.DataFrame:
    """Lay the ledger: one row per row read, in the order read, `schema.LEDGER_COLUMNS`.

    Texts are categories, but for the ids: most stand in many rows.
    """
    names = [name for name in LEDGER_COLUMNS if name in placed]
    lost = rejected.rename(columns={f"reason_{lang}": "explanation"}).assign(level="none")
    lost = lost.reindex(columns=names)
    index = placed.index.append(lost.index)
    order = np.argsort(index, kind="stable")
    laid = {name: _laid(placed[name], lost[name]).array.take(order) for name in names}
    blank = pd.Categorical.from_codes(np.full(len(index), -1), pd.Index([], dtype="str"))
    rows = pd.DataFrame(laid | {"hotspot_id": blank}, index[order], copy=False)
    return rows[list(LEDGER_COLUMNS)]


def _laid(placed: pd.Series, lost: pd.Series) -> pd.Series:
    """Put a column of cases and that of the other rows together."""
    if pd.api.types.is_numeric_dtype(placed):
        return lay_end_to_end([placed, lost.astype(placed.dtype)])
    lost = lost.astype("str")
    if placed.name == "case_id":
        return lay_end_to_end([placed, lost])
    return lay_end_to_end([placed.astype("category"), lost.astype("category")])


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
