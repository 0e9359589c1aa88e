"""The three rates (三率) by street, community or department, and the two numbers of an area.

A citizen is called back (回访) and asked whether somebody responded, whether it was resolved and
whether they are satisfied. Who was not asked has said nothing: only answers count, and every
rate stands beside the number of answers it rests on.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.config import RatesConfig
from geo_hotspots.errors import ConfigError
from geo_hotspots.hotspots.figures.changes import change, earlier, elapsed
from geo_hotspots.hotspots.figures.summary import half_up, within
from geo_hotspots.schema import AREA_COLUMNS, POINT_LEVELS, Period

RATES = ("responded", "resolved", "satisfied")
SMALL_SAMPLE = 10  # fewer answers than this: shown, marked, and not to be read as a difference

# A community, street or district is where a case was filed, not a place one can visit.
PLACE_LEVELS = (*POINT_LEVELS, "road")

_Z95 = 1.959963984540054

Floats = npt.NDArray[np.float64]


def wilson(k: npt.ArrayLike, n: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Compute the 95 % Wilson score bounds of `k` successes in `n` answers.

    Unlike the textbook interval it stays inside 0 and 1 and is not a single point when all
    answers agree, which with three answers happens all the time.

    Returns
    -------
    low, high
        Shares between 0 and 1; NaN where `n` is zero.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association, 22(158), 209-212.
    """
    total = np.asarray(n, dtype="float64")
    asked = np.where(total > 0, total, np.nan)
    share = np.asarray(k, dtype="float64") / asked
    z2 = _Z95**2
    middle = (share + z2 / (2 * asked)) / (1 + z2 / asked)
    half = _Z95 / (1 + z2 / asked) * np.sqrt(share * (1 - share) / asked + z2 / (4 * asked**2))
    # At the ends the bound is exact; the arithmetic above would miss it by 1e-17.
    low = np.where(share == 0, 0.0, middle - half)
    high = np.where(share == 1, 1.0, middle + half)
    return low, high


def rates_by(cases: pd.DataFrame, by: str, *, weights: RatesConfig) -> pd.DataFrame:
    """Compute the three rates, their composite and the ranking of each value of `by`.

    Parameters
    ----------
    cases
        The cases of one period; `responded`, `resolved` and `satisfied` are flags, missing
        where nobody was asked.
    by
        The column to group on; cases without a value belong to nobody and are left out.
    weights
        The share of each rate in the composite; they are scaled to sum to one.

    Returns
    -------
    rates
        Indexed by `by`, best first: `n` (cases), and for each rate `n_*_asked`, `n_*_yes`,
        `*_rate`, `*_low`, `*_high` (shares, 95 % Wilson bounds); `composite` (0 to 100, two
        decimals, missing when a rate that counts has no answers), `rank` (equal composites share
        a rank: 1, 1, 1, 4) and `is_small` (a rate that counts rests on fewer than `SMALL_SAMPLE`
        answers).

    Raises
    ------
    ConfigError
        All weights are zero.
    """
    table = _answers(cases, by)
    share = _shares(weights)
    for rate in RATES:
        asked, yes = table[f"n_{rate}_asked"], table[f"n_{rate}_yes"]
        table[f"{rate}_rate"] = yes / asked.where(asked > 0)
        table[f"{rate}_low"], table[f"{rate}_high"] = wilson(yes, asked)
    counting = [f"n_{rate}_asked" for rate in RATES if share[rate] > 0]
    table["is_small"] = table[counting].min(axis="columns") < SMALL_SAMPLE
    table["composite"] = pd.Series(_composites(table, share), index=table.index, dtype="float64")
    table["rank"] = table["composite"].rank(method="min", ascending=False).astype("Int64")
    return table.sort_values("rank", kind="stable", na_position="last")


def composite_of(cases: pd.DataFrame, *, weights: RatesConfig) -> float:
    """Compute the composite over all of `cases`, 0 to 100; NaN when a rate has no answers."""
    table = _answers(cases.assign(everyone="all"), "everyone")
    return next(iter(_composites(table, _shares(weights))), float("nan"))


def area_table(
    cases: pd.DataFrame,
    hotspots: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    *,
    period: Period,
    by: Literal["community", "street"],
    as_of: date | None = None,
) -> gpd.GeoDataFrame:
    """Count complaints and problem places of every community or street in a period.

    `n` (诉求量) counts cases, wherever in the area they lie, those known to the area only
    included. `n_points` (问题量) counts distinct places among them: a place is an address
    (`place_key`); cases without one but joined to a listed hotspot are one place; what is left
    counts by `place_id` (a road, say), or, where only coordinates are known, by these to four
    decimals, some ten metres. A case known only to its community or street has no place.

    Parameters
    ----------
    cases
        All cases, earlier ones too, with schema.CASES, schema.PLACED and `hotspot_id`.
    hotspots
        The listed points, of which `hotspot_id` is read.
    areas
        `code`, `name`, geometry and, of communities, `street` of every area, those without cases
        included.
    by
        Communities are joined by code, since names repeat; streets by name, since that is all
        a case carries.
    as_of
        The last day counted, where the period is not over yet: the change then compares the
        same number of days.

    Returns
    -------
    table
        One row per area in the order given, the columns of `schema.AREA_COLUMNS` and geometry.
        Rates are shares from 0 to 1, NaN without answers. `change_pct` is against the period
        before, in percent; NaN when that one had no cases, or the cases do not reach back.
    """
    now = period if as_of is None else elapsed(period, as_of)
    before = earlier(period, now)
    case_key, area_key = ("community_code", "code") if by == "community" else ("street", "name")
    current = within(cases, now)
    groups = current.assign(_place=_places(current, hotspots["hotspot_id"])).groupby(
        case_key, observed=True
    )
    key = areas[area_key]
    n = key.map(groups.size()).fillna(0).astype("int64")
    n_prev = key.map(within(cases, before)[case_key].value_counts()).fillna(0).astype("int64")
    table = areas[["code", "name"]].assign(
        street=areas["street" if by == "community" else "name"],
        n=n,
        n_points=key.map(groups["_place"].nunique()).fillna(0).astype("int64"),
        change_pct=change(n, n_prev, reaches_back=_reaches(cases, before)),
    )
    answers = _answers(current, case_key)
    for rate in RATES:
        asked = key.map(answers[f"n_{rate}_asked"]).fillna(0).astype("int64")
        table[f"n_{rate}_asked"] = asked
        table[f"{rate}_rate"] = key.map(answers[f"n_{rate}_yes"]) / asked.where(asked > 0)
    counted = pd.DataFrame(table)[list(AREA_COLUMNS)]
    return gpd.GeoDataFrame(counted, geometry=areas.geometry.rename("geometry"), crs=areas.crs)


def _reaches(cases: pd.DataFrame, before: Period) -> bool:
    first = cases["reported_at"].min()
    return bool(pd.notna(first)) and first.date() <= before.first


def _places(cases: pd.DataFrame, listed: "pd.Series[str]") -> "pd.Series[str]":
    """Name the place of each case, missing where only an area is known."""
    hotspot = cases["hotspot_id"].where(cases["hotspot_id"].isin(listed))
    by_id = cases["place_id"].where(cases["level"].isin(PLACE_LEVELS))
    is_point = cases["level"].isin(POINT_LEVELS) & cases["lng"].notna() & cases["lat"].notna()
    lng, lat = (cases[c].round(4).astype("str") for c in ("lng", "lat"))
    at = (lng + "," + lat).where(is_point)
    # The prefixes keep an address, a hotspot and a gazetteer entry of one spelling apart.
    named = [("key:", cases["place_key"]), ("spot:", hotspot), ("id:", by_id), ("at:", at)]
    place = pd.Series(pd.NA, index=cases.index, dtype="string")
    for prefix, column in named:
        place = place.fillna(prefix + column.astype("string"))
    return place


def _answers(cases: pd.DataFrame, by: str) -> pd.DataFrame:
    """Count cases, answers and yeses of each value of `by`, in the order of its values."""
    columns: dict[str, npt.NDArray[Any]] = {"n": np.ones(len(cases), dtype=np.int64)}
    for rate in RATES:
        said = cases[rate].astype("boolean")
        columns[f"n_{rate}_asked"] = said.notna().to_numpy(np.int64)
        columns[f"n_{rate}_yes"] = said.to_numpy(np.int64, na_value=0)
    table = pd.DataFrame(columns, index=cases.index)
    return table.groupby(cases[by], observed=True, sort=True).sum()


def _shares(weights: RatesConfig) -> dict[str, Fraction]:
    """Give the weights as exact fractions that sum to one: 0.35 means 35/100, not a binary."""
    raw = {rate: Fraction(str(getattr(weights, rate))) for rate in RATES}
    total = sum(raw.values(), Fraction(0))
    if total == 0:
        raise ConfigError(
            "三率权重 [rates] 全为 0,无法计算综合得分;请至少给一项大于 0 的权重",
            "all weights under [rates] are 0, so there is no composite; give one above 0",
        )
    return {rate: weight / total for rate, weight in raw.items()}


def _composites(table: pd.DataFrame, share: dict[str, Fraction]) -> Iterable[float]:
    """Add up the weighted rates from whole numbers, so that equal answers tie exactly."""
    for row in table.to_dict("records"):
        counting = {rate: weight for rate, weight in share.items() if weight > 0}
        if any(row[f"n_{rate}_asked"] == 0 for rate in counting):
            yield float("nan")
            continue
        shares = (
            weight * Fraction(int(row[f"n_{rate}_yes"]), int(row[f"n_{rate}_asked"]))
            for rate, weight in counting.items()
        )
        yield float(half_up(100 * sum(shares, Fraction(0)), places=2) or Decimal(0))
