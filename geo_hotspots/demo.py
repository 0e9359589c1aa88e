"""A made-up year of hotline cases for Dongcheng, with its truth beside it.

The year runs over 52 ISO weeks, 2018-12-31 (Monday) to 2019-12-29 (Sunday). The ten largest
categories hold 62.59 % of the cases; 市场管理 comes in from 7 July, when 12315 was merged into
12345. No row speaks of a real person, and no phone number is one that is handed out.

Three stories are planted, and some sixty further points (`demo_words.POINTS`):

1. 忠实里西区 2 and 3 号楼, 私装地锁: grows from May, peaks on 21 June; 230 locks are removed on
   27 June; quiet until 12 August, then back; removed again on 15 October; back again from
   25 November to the end of the year. Both are `rebounding`, for the second time.
2. 前门东大街2号楼, 房屋漏雨: on days with 8 mm of rain and the two after; a little snow melt late.
3. 赵家楼 hutongs, 路面积水: the morning after a night with 25 mm and more, at several doors.

`Demo.points` says what each planted point is, `Demo.truth` what each row truly is.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.demo_places import build_addresses, choose
from geo_hotspots.demo_rows import answer_callers, identify, spoil, tell, write_places
from geo_hotspots.demo_stories import (
    DAYS,
    FIRST_DAY,
    Plan,
    category_of,
    make_rain,
    plan_points,
    rain_per_day,
)
from geo_hotspots.demo_words import (
    CHANNELS,
    HOURS,
    LEAVES,
    SEASONS,
    SHARES,
    TOP,
    TOP_SHARE,
    WEEKDAYS,
)
from geo_hotspots.errors import OutputError
from geo_hotspots.places.pack import Pack

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

COLUMNS = (
    "工单编号", "来电时间", "诉求来源", "问题分类", "标题", "主要内容", "问题点位", "被反映区",
    "被反映街乡镇", "社区", "经度", "纬度", "来电号码", "来电人", "主办单位", "办结时间",
    "响应", "解决", "满意",
)  # fmt: skip
FILES = ("演示工单.csv", "整改台账.csv", "降雨日.csv")
LEAST_CASES = 10_000  # fewer leave no background to the planted points, and no exact share
_MARKET_DAY = 188  # 7 July
_MARKET_BEFORE = 0.3  # against over 100 afterwards


@dataclass(frozen=True)
class Demo:
    """A made-up year and what is true of it.

    Attributes
    ----------
    cases
        `COLUMNS`, all text, in order of the calls: `n` cases, and besides them a few earlier
        versions of some (same 工单编号, to be superseded) and rows whose time is broken.
    rectifications, rain
        整改台账 (点位名称, 类别, 整改日期, 整改内容, 整改单位) and rain days (日期, 降雨量 in mm).
    points
        Per planted point, indexed by `point`: `story` (1 to 3, 0 for none), `name`, `category`
        (two levels), `pattern`, `n`, `n_callers`, `first_at`, `last_at`.
    truth
        Per row of `cases`: `point` (0 for none), `is_case` (not superseded, not broken), `key`,
        `street`, `community`, `lng`, `lat` (WGS84; missing where the text tells no place) and
        `told`: address, content, none, unknown, outside, conflict.
    secrets
        `kind` (phone, id_number, room, name, caller) and `value`: what must not leave.
    """

    cases: pd.DataFrame
    rectifications: pd.DataFrame
    rain: pd.DataFrame
    points: pd.DataFrame
    truth: pd.DataFrame
    secrets: pd.DataFrame


def make_demo(pack: Pack, *, seed: int = 20191231, n: int = 20_000) -> Demo:
    """Make up a year of `n` cases among the places of `pack`; equal input, equal year.

    Raises
    ------
    ValueError
        `n` is under 10,000.
    PackError
        The pack does not know the places of the stories.
    """
    if n < LEAST_CASES:
        raise ValueError(f"n is {n}; it must be at least {LEAST_CASES}")
    rng = np.random.default_rng(seed)
    addresses = build_addresses(pack, rng)
    rain = make_rain(rng)
    people = round(0.6 * n)
    plan = plan_points(addresses, rain, rng, first_caller=people)
    rows = _draw_rows(addresses, plan, rain, rng, n=n, people=people)
    places = write_places(rows, addresses, pack, rng)
    cases = identify(rows).assign(诉求来源=choose(rng, CHANNELS, n)).join(places.written)
    cases = cases.join(answer_callers(rows, places.written["被反映街乡镇"], rng))
    told, secrets = tell(rows, places.told, cases, rng)
    cases, truth = spoil(cases.assign(**told), places.truth, rng)
    points = plan.points.join(_count_points(rows))
    return Demo(cases[list(COLUMNS)], plan.rectifications, rain, points, truth, secrets)


def write_demo(demo: Demo, folder: Path) -> list[Path]:
    """Write the demo's three files as an office would export them, UTF-8 with a BOM.

    Raises
    ------
    OutputError
        A file cannot be written.
    """
    paths = [folder / name for name in FILES]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, table in zip(paths, (demo.cases, demo.rectifications, demo.rain), strict=True):
            table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    except OSError as error:
        raise OutputError(
            f"演示数据写不进 {folder}:{error.strerror};请检查权限和磁盘空间",
            f"the demo cannot be written to {folder}: {error.strerror}; check rights and space",
        ) from error
    return paths


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


def _draw_rows(
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


def _count_points(rows: pd.DataFrame) -> pd.DataFrame:
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
