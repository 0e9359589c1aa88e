"""A made-up city for the tests of summaries and the report: areas, cases, points, an account."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point, box

from geo_hotspots.config import RatesConfig
from geo_hotspots.hotspots.figures.rates import area_table
from geo_hotspots.schema import CASES, HOTSPOT_COLUMNS, PLACED, Masthead, Period

CATEGORIES = {
    "物业管理": ("电梯故障", "供暖不热", "保洁不到位"),
    "市容环卫": ("垃圾清运", "暴露垃圾", "公厕管理"),
    "交通管理": ("违法停车", "私装地锁", "共享单车"),
    "违法建设": ("屋顶加建", "占道搭建", "圈占绿地"),
    "市场管理": ("消费纠纷", "无照经营", "价格争议"),
    "住房": ("房屋漏雨", "房屋修缮", "公租房"),
    "噪声扰民": ("施工噪声", "社会生活噪声", "广场舞"),
    "园林绿化": ("树木修剪", "绿地维护", "飞絮"),
    "市政设施": ("路面积水", "井盖破损", "路灯不亮"),
    "供水供电": ("停水", "停电", "水压不足"),
    "养老服务": ("养老驿站", "老年餐桌", "居家照料"),
    "教育": ("入学咨询", "校外培训", "校园周边"),
}
STREETS = ("东岭街道", "西岭街道", "南湾街道", "北坡街道", "河沿街道", "钟楼街道")
CHANNELS = ("电话", "网络", "微信", "来信")
DEPARTMENTS = ("城管委", "住建委", "市场监管局", "交通支队", "园林局", "供热公司")
WEST, SOUTH, STEP = 116.38, 39.86, 0.02


def made_up_areas():
    """Six streets of four communities each, as a mosaic of squares."""
    rows = []
    for s, street in enumerate(STREETS):
        x, y = WEST + STEP * (s % 3), SOUTH + STEP * (s // 3)
        for c in range(4):
            half = STEP / 2
            x0, y0 = x + half * (c % 2), y + half * (c // 2)
            shape = box(x0, y0, x0 + half, y0 + half)
            rows.append((f"1101{s:02d}{c:03d}", f"{street[:2]}第{c + 1}社区", street, shape))
    communities = gpd.GeoDataFrame(
        rows, columns=["code", "name", "street", "geometry"], crs="EPSG:4326"
    )
    streets = communities.dissolve("street").reset_index()[["street", "geometry"]]
    streets = streets.assign(name=streets["street"], code=[f"1101{i:02d}" for i in range(6)])
    return communities, streets[["code", "name", "street", "geometry"]]


def made_up_cases(n, communities, *, first=date(2025, 10, 1), days=426, seed=7):
    """About a year of cases, with every column that the report may be given."""
    rng = np.random.default_rng(seed)
    area = rng.choice(len(communities), n, p=_lean(len(communities), rng))
    names = list(CATEGORIES)
    kind = rng.choice(len(names), n, p=_lean(len(names), rng))
    sub = rng.choice(3, n, p=[0.6, 0.3, 0.1])
    hour = rng.choice(24, n, p=_hours())
    at = pd.to_datetime(np.datetime64(first)) + pd.to_timedelta(rng.integers(0, days, n), "D")
    at = at + pd.to_timedelta(hour * 3600 + rng.integers(1, 3600, n), "s")
    bounds = communities.geometry.bounds.iloc[area]
    first_level = np.array(names)[kind]
    second = np.array([CATEGORIES[c][s] for c, s in zip(first_level, sub, strict=True)])
    located = rng.random(n) < 0.82
    place = rng.integers(0, 40, n)
    code = communities["code"].to_numpy()[area]
    key = np.char.add(code.astype(str), np.char.add("/", place.astype(str)))
    text = {c: None for t in (CASES, PLACED) for c, k in t.columns.items() if k == "text"}
    frame = pd.DataFrame({**text}, index=pd.RangeIndex(n)).astype("str")
    frame = frame.assign(
        source="made-up.csv",
        row=np.arange(2, n + 2),
        case_id=[f"M{i:06d}" for i in range(n)],
        reported_at=at.astype("datetime64[us]"),
        category=pd.Series(first_level) + "->" + second,
        category_1=first_level,
        category_2=second,
        category_3=np.where(sub == 0, np.char.add(second, "反映"), second),
        channel=np.array(CHANNELS)[rng.choice(4, n, p=[0.7, 0.17, 0.1, 0.03])],
        department=np.array(DEPARTMENTS)[kind % 6],
        status=np.where(located, "located", "area_only"),
        level=np.where(located, "door", "community"),
        place_key=pd.Series(key, dtype="str").where(located),
        street=communities["street"].to_numpy()[area],
        community_code=code,
        community=communities["name"].to_numpy()[area],
        lng=np.where(located, bounds["minx"] + 0.01 * rng.random(n), np.nan),
        lat=np.where(located, bounds["miny"] + 0.01 * rng.random(n), np.nan),
        **dict.fromkeys(("lng_given", "lat_given", "uncertainty_m", "score"), np.nan),
        **dict.fromkeys(("closed_at", "replied_at", "due_at"), pd.NaT),
        cell=None,
        hotspot_id=pd.Series(None, index=range(n), dtype="str"),
    )
    for rate, share in (("responded", 0.98), ("resolved", 0.86), ("satisfied", 0.9)):
        answer = pd.array(rng.random(n) < share, dtype="boolean")
        answer[rng.random(n) < 0.35] = pd.NA
        frame[rate] = answer
    return frame


def made_up_hotspots(cases):
    """Points of every kind and state; their cases are marked in `cases`, which is changed."""
    lives = ("rebounding", "intensifying", "new", "persistent", "diminishing", "sporadic", "quiet")
    counted = cases["place_key"].value_counts().head(34)
    rows = []
    for i, (key, n) in enumerate(counted.items()):
        mine = cases.index[cases["place_key"] == key]
        cases.loc[mine, "hotspot_id"] = f"H{i:04d}"
        case = cases.loc[mine[0]]
        kind = "single_caller" if i % 8 == 5 else "group" if i % 6 == 3 else "repeat"
        life = lives[i % len(lives)]
        tail = "整改后11天反弹，第2次" if life == "rebounding" else "近8周持续增加"
        rows.append(
            {
                "hotspot_id": f"H{i:04d}", "rank": i + 1, "name": f"{case['community']}{i + 3}号楼",
                "category": case["category_2"], "kind": kind, "lifecycle": life, "n": n,
                "n_callers": max(n - i % 4, 1), "n_days": max(n - 2, 1),
                "first_at": cases.loc[mine, "reported_at"].min(),
                "last_at": cases.loc[mine, "reported_at"].max(), "expected": 1.2,
                "pvalue": 1e-4, "qvalue": 0.002, "score": 2.5 - i / 20, "priority": 3 - i / 20,
                "days_since_rectified": 11.0 if life == "rebounding" else np.nan,
                "rebounds": 2 if life == "rebounding" else 0,
                "community_code": case["community_code"], "community": case["community"],
                "street": case["street"], "cell": "8931aa4225bffff", "level": "door",
                "uncertainty_m": 10.0,
                "reason": f"回溯期{n}件（同类楼栋期望1.2件），q=0.002；{tail}。",
                "geometry": Point(case["lng"], case["lat"]),
            }
        )  # fmt: skip
    table = gpd.GeoDataFrame(rows, columns=[*HOTSPOT_COLUMNS, "geometry"], crs="EPSG:4326")
    return table if rows else table.set_geometry("geometry")


def made_up_masthead(period, **changes):
    values = {
        "place": "岭南示范区", "period": period, "as_of": period.last, "lang": "zh",
        "is_demo": True, "is_approximate": True, "footer": "内部工作用图", "approval": "",
        "version": "0.1.0", **changes,
    }  # fmt: skip
    return Masthead(**values)


def made_up_report(n=2000, *, period=None, areas=None, **changes):
    """Everything `tell_story` asks for, by keyword."""
    period = period or Period.holding(date(2026, 11, 20), "month")
    communities, streets = areas or made_up_areas()
    cases = made_up_cases(n, communities)
    hotspots = made_up_hotspots(cases)
    account = {**cases["status"].value_counts().to_dict(), "rejected": 12, "superseded": 5}
    return {
        "cases": cases,
        "hotspots": hotspots,
        "communities": area_table(cases, hotspots, communities, period=period, by="community"),
        "streets": area_table(cases, hotspots, streets, period=period, by="street"),
        "account": account,
        "masthead": made_up_masthead(period, **changes),
        "weights": RatesConfig(),
    }


def _lean(n, rng):
    weights = np.sort(rng.pareto(2.0, n) + 0.25)[::-1]
    return weights / weights.sum()


def _hours():
    night, morning = [1, 1, 1, 1, 1, 2, 4, 8], [14, 20, 21, 17, 11, 12]
    mass = np.array([*night, *morning, 17, 19, 17, 14, 11, 10, 9, 6, 4, 2])
    return mass / mass.sum()
