"""A small made-up city: four communities on two streets around one point, and a few names."""

import json
from pathlib import Path

import pandas as pd

from geo_hotspots.places.packs.pack import Pack, read_pack

WEST, SOUTH, STEP = 116.40, 39.90, 0.01

PACK_TOML = """\
name = "small-city"
title = "小城区"
title_en = "Small City"
code = "990101"
datum = "wgs84"
timezone = "Asia/Shanghai"
vintage = "2020-01-01"
source = "made up for the tests"
licence = "MIT"
approximate = true
footer = "内部工作用图"
footer_en = "Internal working map"
outside = ["邻区"]
"""

PLACES = """\
id,name,type,aliases,community,street,lng,lat,level,uncertainty_m,source
R1,槐树街,road,,东一社区,东街道,116.4150,39.9050,road,300,authored
R2,槐树街,road,,西一社区,西街道,116.4050,39.9050,road,300,authored
H1,雨花胡同,hutong,雨花巷,西一社区,西街道,116.4030,39.9030,road,120,authored
H2,东四十条,road,,东二社区,东街道,116.4170,39.9170,road,250,authored
C1,幸福里西区,compound,幸福西区,西二社区,西街道,116.4040,39.9140,compound,80,authored
B1,幸福里西区2号楼,building,,西二社区,西街道,116.4045,39.9145,building,20,authored
P1,人民剧场,poi,,东一社区,东街道,116.4120,39.9020,poi,60,authored
"""

COMMUNITIES = (
    ("990101001001", "西一社区", "990101001", "西街道", 0, 0),
    ("990101002001", "东一社区", "990101002", "东街道", 1, 0),
    ("990101001002", "西二社区", "990101001", "西街道", 0, 1),
    ("990101002002", "东二社区", "990101002", "东街道", 1, 1),
)


def square(column: float, row: float, *, width: float = 1, height: float = 1) -> list[list[float]]:
    west, south = WEST + column * STEP, SOUTH + row * STEP
    east, north = west + width * STEP, south + height * STEP
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return [[round(x, 6), round(y, 6)] for x, y in corners]


def write_pack(folder: Path, *, places: str = PLACES, toml: str = PACK_TOML) -> Path:
    """Write the pack's files into a new folder."""
    folder.mkdir(parents=True)
    communities = [
        feature({"code": c, "name": n, "street_code": sc, "street": s, "aliases": ""}, square(x, y))
        for c, n, sc, s, x, y in COMMUNITIES
    ]
    streets = [
        feature({"code": "990101001", "name": "西街道", "aliases": ""}, square(0, 0, height=2)),
        feature({"code": "990101002", "name": "东街道", "aliases": ""}, square(1, 0, height=2)),
    ]
    for name, features in (("communities", communities), ("streets", streets)):
        collection = {"type": "FeatureCollection", "features": features}
        text = json.dumps(collection, ensure_ascii=False)
        (folder / f"{name}.geojson").write_text(text, encoding="utf-8")
    (folder / "places.csv").write_text(places, encoding="utf-8")
    (folder / "pack.toml").write_text(toml, encoding="utf-8")
    return folder


def feature(properties: dict[str, str], ring: list[list[float]]) -> dict[str, object]:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def small_pack(folder: Path) -> Pack:
    return read_pack(write_pack(folder))


def export(**columns: list[object]) -> pd.DataFrame:
    """Make an export with the headers of a hotline; columns not given are filled in plainly."""
    n = len(next(iter(columns.values())))
    days = pd.date_range("2019-11-01 09:00", periods=n, freq="D").strftime("%Y-%m-%d %H:%M:%S")
    plain = {
        "工单编号": [f"A{i:04d}" for i in range(n)],
        "来电时间": list(days),
        "问题分类": ["停车管理->私装地锁"] * n,
        "问题点位": [""] * n,
        "来电号码": [f"100000{i:05d}" for i in range(n)],
    }
    return pd.DataFrame(plain | columns)
