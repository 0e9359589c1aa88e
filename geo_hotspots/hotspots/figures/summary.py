"""What a period's cases add up to: totals, categories, hours of the week, and the account.

Pure counting. Percentages are rounded once, half up, from whole numbers, so that a reader with
a pocket calculator gets the printed figure.
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.schema import STATUSES, Period, SchemaError

UNUSABLE = ("rejected", "superseded")


def half_up(value: Fraction | float | None, *, places: int) -> Decimal | None:
    """Round to `places` decimals, halves away from zero; missing stays missing.

    Give a `Fraction` for an exact result; a float is taken at its shortest written form.

    Examples
    --------
    >>> half_up(Fraction(1, 8) * 100, places=1)
    Decimal('12.5')
    >>> half_up(0.125, places=2), half_up(-14.45, places=1)
    (Decimal('0.13'), Decimal('-14.5'))
    """
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if not isinstance(value, Fraction):
        return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    # The zero added turns a rounded -0 into 0.
    return (Decimal(whole) if value >= 0 else -Decimal(whole)).scaleb(-places) + 0


def percent(k: int, n: int, *, places: int = 2) -> Decimal | None:
    """Give `k` of `n` in percent, rounded half up; missing when `n` is zero."""
    return half_up(Fraction(100 * int(k), int(n)), places=places) if n else None


def within(cases: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Keep the cases reported from the first to the last day of `period`, both included."""
    start = pd.Timestamp(period.first)
    end = pd.Timestamp(period.last) + pd.Timedelta(days=1)
    at = cases["reported_at"]
    if at.is_monotonic_increasing:  # as in a run: a slice copies nothing
        return cases.iloc[at.searchsorted(start) : at.searchsorted(end)]
    return cases[(at >= start) & (at < end)]


def daily_totals(cases: pd.DataFrame, first: date, last: date) -> "pd.Series[int]":
    """Count the cases of every day from `first` to `last`, days without any included."""
    days = pd.date_range(first, last, freq="D")
    counts = cases["reported_at"].dt.normalize().value_counts()
    daily: pd.Series[int] = counts.reindex(days, fill_value=0).astype("int64")
    return daily.rename("n")


def weekly_totals(cases: pd.DataFrame, last: date, weeks: int) -> "pd.Series[int]":
    """Count the cases of seven-day weeks that end with `last`, indexed by their first day.

    Weeks that begin before the first case are left out: not known is not zero.
    """
    first = last - timedelta(days=7 * weeks - 1)
    daily = daily_totals(cases, first, last)
    weekly = daily.groupby(np.arange(len(daily)) // 7).sum()
    weekly.index = pd.Index(daily.index[::7], name="week")
    oldest = cases["reported_at"].min()
    return weekly[weekly.index >= oldest.normalize()] if pd.notna(oldest) else weekly[:0]


def top_categories(cases: pd.DataFrame, *, k: int = 10) -> pd.DataFrame:
    """List the `k` largest first-level categories, with their share of all cases.

    Cases without a category are in the whole but in no row.

    Returns
    -------
    top
        `category`, `n`, `share_pct`, `cumulative_pct`, largest first, equal counts by name. The
        cumulative share is rounded from its own count, not added up from rounded shares.
    """
    counts = count_by(cases, "category_1").head(k)
    return counts.rename(columns={"category_1": "category"})


def count_by(cases: pd.DataFrame, column: str) -> pd.DataFrame:
    """Count the cases of each value of `column`, largest first, equal counts by name.

    Returns
    -------
    counts
        `column`, `n`, `share_pct`, `cumulative_pct`, shares of all cases in two decimals.
    """
    counts = cases[column].astype("object").value_counts().rename("n").rename_axis(column)
    table = counts.reset_index().sort_values(["n", column], ascending=[False, True])
    n = table["n"].to_numpy("int64")
    return table.assign(
        share_pct=_hundredths(n, len(cases)),
        cumulative_pct=_hundredths(n.cumsum(), len(cases)),
    ).reset_index(drop=True)


def _hundredths(k: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.float64]:
    """Give `k` of `n` in percent with two decimals, half up, without a float on the way."""
    return (2 * 10_000 * k + n) // max(2 * n, 1) / 100


def subcategories(cases: pd.DataFrame, *, k: int = 5, per: int = 3) -> pd.DataFrame:
    """List the largest second levels of the `k` largest categories, each with its largest third.

    Returns
    -------
    table
        `category_1`, `category_2`, `n`, `share_pct` (of the first level), `category_3`, `n_3`.
        Second levels that only repeat the first are left out, as are third levels that only
        repeat the second; `category_3` is then missing.
    """
    top = top_categories(cases, k=k)
    levels = ["category_1", "category_2", "category_3"]
    kept = cases.loc[cases["category_1"].isin(top["category"]), levels].astype("object")
    second = _sizes(kept[kept["category_2"] != kept["category_1"]], levels[:2], "n")
    third = _sizes(kept[kept["category_3"] != kept["category_2"]], levels, "n_3")
    table = second.groupby("category_1", sort=False).head(per)
    table = table.merge(third.drop_duplicates(levels[:2]), how="left", on=levels[:2])
    whole = top.set_index("category")["n"]
    order = pd.Series(range(len(top)), index=top["category"])
    table["share_pct"] = [
        float(percent(n, int(whole[c])) or 0)
        for c, n in zip(table["category_1"], table["n"], strict=True)
    ]
    table["n_3"] = table["n_3"].astype("Int64")
    return (
        table.assign(order=table["category_1"].map(order))
        .sort_values(["order", "n", "category_2"], ascending=[True, False, True])
        .reset_index(drop=True)[["category_1", "category_2", "n", "share_pct", "category_3", "n_3"]]
    )


def _sizes(cases: pd.DataFrame, levels: list[str], name: str) -> pd.DataFrame:
    sizes = cases.groupby(levels).size().rename(name).reset_index()
    return sizes.sort_values([name, *levels], ascending=[False, *(True for _ in levels)])


def hour_of_week(cases: pd.DataFrame) -> pd.DataFrame:
    """Count cases by weekday (rows, Monday is 0) and hour (columns 0 to 23).

    Midnight sharp is how a date without an hour is written. Where it makes up more than a third
    of the cases, those are left out: they say nothing of the hour.
    """
    at = cases["reported_at"].dropna()
    is_date = at == at.dt.normalize()
    if is_date.mean() > 1 / 3:
        at = at[~is_date]
    flat = np.bincount(at.dt.day_of_week * 24 + at.dt.hour, minlength=7 * 24)
    return pd.DataFrame(flat.reshape(7, 24), index=range(7), columns=range(24))


def status_account(account: dict[str, int], n_usable: int) -> pd.DataFrame:
    """Lay out where every row read went to; the rows sum to what was read.

    Parameters
    ----------
    account
        Rows per status of the ledger.
    n_usable
        Cases that came out of reading; what is left of the rows once the unusable are gone.

    Returns
    -------
    table
        `status`, `n`, `share_pct`, in the order of `schema.STATUSES`, every status present.

    Raises
    ------
    SchemaError
        A status is unknown, or the account and the cases do not agree: a row was lost.
    """
    unknown = sorted(set(account) - set(STATUSES))
    kept = sum(n for status, n in account.items() if status not in UNUSABLE)
    if unknown or kept != n_usable:
        raise SchemaError(f"account: unknown {unknown}, {kept} usable rows but {n_usable} cases")
    n = np.array([account.get(status, 0) for status in STATUSES], dtype="int64")
    return pd.DataFrame(
        {"status": list(STATUSES), "n": n, "share_pct": _hundredths(n, int(n.sum()))}
    )
