"""Every call of the demo's year, planted or background: about what, where, when, by whom."""

import numpy as np
import pandas as pd

from geo_hotspots.demo.draw import Floats, Ints
from geo_hotspots.demo.points import category_of
from geo_hotspots.demo.rain import DAYS, FIRST_DAY, rain_per_day
from geo_hotspots.demo.stories import Plan
from geo_hotspots.demo.words import HOURS, LEAVES, SEASONS, SHARES, TOP, TOP_SHARE, WEEKDAYS

_MARKET_DAY = 188  # 7 July
_MARKET_BEFORE = 0.3  # against over 100 afterwards


def share_out(n: int) -> pd.Series:
    """Say how many of `n` cases each level-1 category has, the ten largest 62.59 % together."""
    shares = pd.Series(SHARES)
    top = round(n * TOP_SHARE)
    counts: pd.Series = pd.concat([_round_to(shares[:TOP], top), _round_to(shares[TOP:], n - top)])
    return counts


def _round_to(weights: pd.Series, total: int) -> pd.Series:
    """Turn weights into whole numbers that add up to `total`, by largest remainders."""
    exact = weights / weights.sum() * total
    whole = exact.astype("int64")
    ahead = (exact - whole).sort_values(ascending=False, kind="stable").index
    whole[ahead[: total - int(whole.sum())]] += 1
    return whole


def draw_rows(
    addresses: pd.DataFrame, plan: Plan, rain: pd.DataFrame, rng: np.random.Generator,
    *, n: int, people: int,
) -> pd.DataFrame:  # fmt: skip
    """Put planted and background calls together, in order of time.

    Returns
    -------
    rows
        `point`, `address`, `leaf` (positions), `day`, `caller`, `reported_at`; indexed 0 to n-1.
    """
    planted = plan.events.assign(leaf=_leaves_under(plan.events["category"], rng))
    tops = pd.Series([leaf.path.partition("->")[0] for leaf in LEAVES])
    left = share_out(n) - tops[planted["leaf"]].value_counts().reindex(list(SHARES), fill_value=0)
    if (left < 0).any():
        raise ValueError(f"n is {n}, too few for the points planted in {left.idxmin()}")
    leaves = _draw_leaves(left, tops, rng)
    background = pd.DataFrame({"point": 0, "leaf": leaves})
    background["address"] = _draw_addresses(leaves, addresses, plan, rng)
    background["day"] = _draw_days(leaves, rain_per_day(rain), rng)
    weights = np.exp(rng.normal(0, 0.8, people))
    background["caller"] = rng.choice(people, size=len(leaves), p=weights / weights.sum())
    rows = pd.concat([planted.drop(columns="category"), background], ignore_index=True)
    second = _draw_seconds(rows["leaf"].to_numpy(), rng)
    since = pd.to_timedelta(rows["day"] * 86_400 + second, unit="s")
    rows["reported_at"] = pd.Timestamp(FIRST_DAY) + since
    return rows.sort_values("reported_at", kind="stable", ignore_index=True)


def _leaves_under(categories: pd.Series, rng: np.random.Generator) -> Ints:
    """Choose a lowest category under each two-level one."""
    leaves = np.zeros(len(categories), dtype=np.int64)
    for category, rows in categories.groupby(categories).indices.items():
        under = [i for i, leaf in enumerate(LEAVES) if category_of(leaf.path) == category]
        leaves[rows] = rng.choice(under, size=len(rows))
    return leaves


def _draw_leaves(left: pd.Series, tops: pd.Series, rng: np.random.Generator) -> Ints:
    """Share each level-1 category's background among its lowest categories."""
    weights = pd.Series([leaf.weight for leaf in LEAVES], dtype="float64")
    parts = []
    for top, leaves in tops.groupby(tops, sort=False).indices.items():
        chance = weights[leaves] / weights[leaves].sum()
        parts.append(rng.choice(leaves, size=int(left[str(top)]), p=chance))
    return np.concatenate(parts).astype(np.int64)


def _draw_addresses(
    leaves: Ints, addresses: pd.DataFrame, plan: Plan, rng: np.random.Generator
) -> Ints:
    """Draw where the background complains; never at a planted point about what is planted.

    So a point that went quiet is quiet, and the truth of the demo is the whole truth.
    """
    planted = plan.events[["address", "category"]].drop_duplicates()
    weight = addresses["weight"].to_numpy()
    is_kind = {kind: (addresses["where"] == kind).to_numpy() for kind in "hdpbms"}
    drawn = np.zeros(len(leaves), dtype=np.int64)
    for leaf in np.unique(leaves):
        fits = np.any([is_kind[kind] for kind in LEAVES[leaf].where], axis=0)
        fits = fits if fits.any() else is_kind["d"] | is_kind["h"]
        category = category_of(LEAVES[leaf].path)
        rows = np.flatnonzero(leaves == leaf)
        chance = weight * fits
        chance[planted.loc[planted["category"] == category, "address"]] = 0
        drawn[rows] = rng.choice(len(weight), size=len(rows), p=chance / chance.sum())
    return drawn


def _draw_days(leaves: Ints, fell: Floats, rng: np.random.Generator) -> Ints:
    """Draw the day of each background call from season, weekday and weather."""
    days = pd.date_range(FIRST_DAY.isoformat(), periods=DAYS)
    weekday = np.array(WEEKDAYS)[np.arange(DAYS) % 7]
    wet = 1 + (fell + 0.6 * np.roll(fell, 1) + 0.3 * np.roll(fell, 2)) / 8
    seasons = np.array([leaf.season for leaf in LEAVES])[leaves]
    drawn = np.zeros(len(leaves), dtype=np.int64)
    for season, months in SEASONS.items():
        chance = np.array(months, float)[days.month.to_numpy() - 1] * weekday
        chance *= wet if season == "rain" else 1.0
        if season == "market":
            chance[:_MARKET_DAY] = _MARKET_BEFORE
        rows = np.flatnonzero(seasons == season)
        drawn[rows] = rng.choice(DAYS, size=len(rows), p=chance / chance.sum())
    return drawn


def _draw_seconds(leaves: Ints, rng: np.random.Generator) -> Ints:
    """Draw the second of the day from the hours at which people ring about such things."""
    hours = np.array([leaf.hours for leaf in LEAVES])[leaves]
    drawn = np.zeros(len(leaves), dtype=np.int64)
    for name, weights in HOURS.items():
        rows = np.flatnonzero(hours == name)
        chance = np.array(weights, float) / sum(weights)
        drawn[rows] = rng.choice(24, size=len(rows), p=chance)
    return drawn * 3600 + rng.integers(0, 3600, len(leaves))


def count_points(rows: pd.DataFrame) -> pd.DataFrame:
    """Count what was planted at each point."""
    return (
        rows[rows["point"] > 0]
        .groupby("point")
        .agg(
            n=("caller", "size"),
            n_callers=("caller", "nunique"),
            first_at=("reported_at", "min"),
            last_at=("reported_at", "max"),
        )
    )
