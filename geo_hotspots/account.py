"""The account: every row read, in exactly one status, and the statuses sum to the rows."""

from dataclasses import dataclass
from datetime import date

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

    Texts are categories, but for the ids: most stand in many rows, and the ledger is held to the
    end of the run.
    """
    lost = rejected.rename(columns={f"reason_{lang}": "explanation"}).assign(level="none")
    index = placed.index.union(rejected.index)
    columns = {
        name: _laid([frame[name] for frame in (placed, lost) if name in frame], index)
        for name in LEDGER_COLUMNS
        if name in placed
    }
    rows = pd.DataFrame(columns, index=index)
    blank = pd.Series(pd.NA, index=rows.index, dtype="str")
    return rows.assign(hotspot_id=blank)[list(LEDGER_COLUMNS)]


def _laid(parts: list[pd.Series], index: pd.Index) -> pd.Series:
    """Put the parts of a column together in the order of the rows."""
    is_text = not pd.api.types.is_numeric_dtype(parts[0])
    if is_text and parts[0].name != "case_id":
        parts = [part.astype("category") for part in parts]
    whole: pd.Series = lay_end_to_end(parts).reindex(index)
    return whole


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
