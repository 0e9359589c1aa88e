"""The demo made and written: places, stories, calls, forms, texts, faults, in this order."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from geo_hotspots.demo.calls import count_points, draw_rows
from geo_hotspots.demo.draw import choose
from geo_hotspots.demo.forms import answer_callers, identify
from geo_hotspots.demo.places import build_addresses
from geo_hotspots.demo.rain import make_rain
from geo_hotspots.demo.rows import write_places
from geo_hotspots.demo.stories import plan_points
from geo_hotspots.demo.texts import spoil, tell
from geo_hotspots.demo.words import CHANNELS
from geo_hotspots.errors import OutputError
from geo_hotspots.places.packs.pack import Pack

COLUMNS = (
    "工单编号", "来电时间", "诉求来源", "问题分类", "标题", "主要内容", "问题点位", "被反映区",
    "被反映街乡镇", "社区", "经度", "纬度", "来电号码", "来电人", "主办单位", "办结时间",
    "响应", "解决", "满意",
)  # fmt: skip
FILES = ("演示工单.csv", "整改台账.csv", "降雨日.csv")
LEAST_CASES = 10_000  # fewer leave no background to the planted points, and no exact share


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
    rows = draw_rows(addresses, plan, rain, rng, n=n, people=people)
    places = write_places(rows, addresses, pack, rng)
    cases = identify(rows).assign(诉求来源=choose(rng, CHANNELS, n)).join(places.written)
    cases = cases.join(answer_callers(rows, places.written["被反映街乡镇"], rng))
    told, secrets = tell(rows, places.told, cases, rng)
    cases, truth = spoil(cases.assign(**told), places.truth, rng)
    points = plan.points.join(count_points(rows))
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
            f"演示数据写不进 {folder}：{error.strerror}；请检查权限和磁盘空间",
            f"the demo cannot be written to {folder}: {error.strerror}; check rights and space",
        ) from error
    return paths
