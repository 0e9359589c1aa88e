"""Made-up hotline cases of a city of twenty million, and communities that tile it.

Sixty in a hundred cases lie 5 to 30 m about 5,000 addresses, of which few have many; the others
are strewn about sixteen centres. Fifty categories by Zipf's law, 52 weeks, a text a row, about 285
bytes in all. Everything follows from the number of cases and the seed.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

Floats = npt.NDArray[np.float64]

N_ADDRESSES, N_CATEGORIES, N_WEEKS, N_COMMUNITIES = 5_000, 50, 52, 7_500
CATEGORIES = np.array([f"诉求类别{i + 1:02d}" for i in range(N_CATEGORIES)], dtype=object)
METRES = np.array([111_320.0 * np.cos(np.radians(39.95)), 111_132.0])  # of a degree
WEST, SOUTH, EAST, NORTH = 115.42, 39.45, 117.50, 41.05
# Longitude and latitude, spread in km, weight: the core, towns of the ring, county seats.
CENTRES = np.array([
    (116.400, 39.920, 5.0, 22), (116.450, 39.980, 6.0, 18), (116.310, 39.975, 6.0, 16),
    (116.290, 39.860, 5.0, 10), (116.230, 39.910, 3.0, 4), (116.660, 39.905, 5.0, 9),
    (116.340, 39.735, 5.0, 8), (116.240, 40.215, 5.0, 9), (116.400, 40.070, 4.0, 7),
    (116.650, 40.130, 4.5, 6), (116.140, 39.735, 4.5, 6), (116.105, 39.935, 2.5, 2),
    (116.635, 40.320, 3.0, 2), (117.115, 40.145, 3.0, 2), (116.840, 40.370, 3.0, 2),
    (115.975, 40.455, 2.5, 1),
])  # fmt: skip


def draw_points(n: int, seed: int) -> pd.DataFrame:
    """Draw `lng`, `lat`, `category` (a number), `reported_at` and `address` (-1 for none)."""
    fixed, random = np.random.default_rng([seed, 1]), np.random.default_rng([seed, 2])
    addresses = _strew(N_ADDRESSES, fixed, uniform=0.02)
    busy = fixed.lognormal(0.0, 1.0, N_ADDRESSES)
    zipf = 1.0 / np.arange(1, N_CATEGORIES + 1) ** 1.1
    theme = fixed.choice(N_CATEGORIES, N_ADDRESSES, p=zipf / zipf.sum())
    address = np.where(
        random.random(n) < 0.6, random.choice(N_ADDRESSES, n, p=busy / busy.sum()), -1
    )
    turn, far = random.uniform(0, 2 * np.pi, n), random.uniform(5.0, 30.0, n)
    about = (
        addresses[address] + np.stack([np.cos(turn), np.sin(turn)], axis=1) * far[:, None] / METRES
    )
    at = np.where(address[:, None] >= 0, about, _strew(n, random, uniform=0.125)).round(7)
    category = random.choice(N_CATEGORIES, n, p=zipf / zipf.sum())
    category = np.where((address >= 0) & (random.random(n) < 0.5), theme[address], category)
    seconds = random.integers(0, N_WEEKS * 7 * 86_400, n)
    start = pd.Timestamp("2024-01-01")  # a Monday
    return pd.DataFrame({
        "lng": at[:, 0], "lat": at[:, 1], "category": category, "address": address,
        "reported_at": start + pd.to_timedelta(seconds, unit="s"),
    })  # fmt: skip


def _strew(n: int, random: np.random.Generator, *, uniform: float) -> Floats:
    """Strew points about the centres, and a share of them anywhere in the frame."""
    weight = CENTRES[:, 3] / CENTRES[:, 3].sum()
    centre = CENTRES[random.choice(len(CENTRES), n, p=weight)]
    turn, far = random.uniform(0, 2 * np.pi, n), np.abs(random.standard_normal(n)) * centre[:, 2]
    way = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    at = centre[:, :2] + way * far[:, None] * 1000 / METRES
    anywhere = np.stack([random.uniform(WEST, EAST, n), random.uniform(SOUTH, NORTH, n)], axis=1)
    at = np.where(random.random(n)[:, None] < uniform, anywhere, at)
    return np.clip(at, (WEST, SOUTH), (EAST, NORTH))


def draw_communities(seed: int, n: int = N_COMMUNITIES) -> gpd.GeoDataFrame:
    """Draw communities that tile the frame without gaps, small where cases are many."""
    random = np.random.default_rng([seed, 3])
    frame = shapely.box(WEST, SOUTH, EAST, NORTH)
    middles = shapely.MultiPoint(_strew(n, random, uniform=0.3))
    lines = shapely.voronoi_polygons(middles, extend_to=frame, only_edges=True)
    ends = [
        shapely.get_coordinates(line)
        for line in shapely.get_parts(shapely.intersection(lines, frame))
    ]
    straight = [line[i : i + 2] for line in ends for i in range(len(line) - 1)]
    borders = [shapely.LineString(_bend(line, random)) for line in straight]
    parts = shapely.get_parts(shapely.polygonize([shapely.union_all([*borders, frame.boundary])]))
    # Bends that cross leave slivers.
    kept = parts[np.argsort(-shapely.area(parts))][:n]
    return gpd.GeoDataFrame({"community": np.arange(len(kept))}, geometry=kept, crs="EPSG:4326")


def _bend(line: Floats, random: np.random.Generator, levels: int = 4) -> Floats:
    """Bend a straight border: halve it, shift the middle sideways, and so on with the halves."""
    for _ in range(levels):
        step = line[1:] - line[:-1]
        aside = np.stack([-step[:, 1], step[:, 0]], axis=1) * random.uniform(
            -0.1, 0.1, (len(step), 1)
        )
        bent = np.empty((2 * len(line) - 1, 2))
        bent[::2], bent[1::2] = line, (line[:-1] + line[1:]) / 2 + aside
        line = bent
    return line.round(7)


def write_cases(n: int, seed: int, path: Path, part: int = 500_000) -> None:
    """Write the cases as an export of the hotline, CSV in UTF-8."""
    points = draw_points(n, seed)
    for start in range(0, n, part):
        some = points.iloc[start : start + part]
        category = CATEGORIES[some["category"]]
        number = pd.Series(10**9 + np.arange(start, start + len(some))).astype("str")
        table = pd.DataFrame({
            "工单编号": ("BJ" + number).to_numpy(),
            "受理时间": some["reported_at"].to_numpy(),
            "诉求分类": category,
            "诉求内容": "市民来电反映，该地址附近存在" + category
            + "问题，已多次拨打热线，至今未得到解决，希望相关部门尽快核实处理并回复。",
            "地址": [
                f"北京市朝阳区和平街道团结路{a % 300 + 1}号院{a // 300 + 1}号楼"
                for a in some["address"]
            ],
            "经度": some["lng"].to_numpy(), "纬度": some["lat"].to_numpy(),
        })  # fmt: skip
        table.to_csv(path, index=False, mode="a" if start else "w", header=not start)
