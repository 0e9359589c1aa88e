"""A made-up week in the shape of the contract, for the tests of the files that users open."""

from datetime import date

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely

from geo_hotspots.schema import (
    AREA_COLUMNS,
    CELL_COLUMNS,
    EMERGING_COLUMNS,
    HOTSPOT_COLUMNS,
    LEDGER_COLUMNS,
    Masthead,
    Period,
)

AS_OF = date(2026, 11, 22)
WINDOWS = ("9:30-10:30", "14:30-15:30")
WEIGHTS = {"unresolved": 0.5, "rebound": 0.5, "group": 0.25}

HOSTILE = (
    "=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "\r=1", " =1", "＝1+1",
    '=HYPERLINK("http://x","y")', "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "{{ 7*7 }}", "{% raw %}", "]]>", '"><svg onload=alert(1)>', "' OR 1=1 --", "</style>",
    "http://example.org", "&amp;&", "\u2028", "javascript:alert(1)", "ａ＜ｂ＞", "%P&P&&L",
)  # fmt: skip

PLACES = (
    ("忠实里西区2号楼", "物业管理/私装地锁", "东花市街道", "忠实里社区", "rebounding"),
    ("忠实里西区3号楼", "物业管理/私装地锁", "东花市街道", "忠实里社区", "rebounding"),
    ("前门东大街2号楼", "房屋修缮/漏水", "前门街道", "前门东大街社区", "persistent"),
    ("赵家楼胡同1号院", "市政管理/积水", "建国门街道", "赵家楼社区", "sporadic"),
    ("南锣鼓巷与帽儿胡同路口", "市容环卫/游商占道", "交道口街道", "南锣鼓巷社区", "intensifying"),
    ("雍和宫大街甲12号", "交通管理/违法停车", "北新桥街道", "海运仓社区", "new"),
    ("东直门南小街10号院(东外斜街拐角处)", "违法建设", "东直门街道", "清水苑社区", "diminishing"),
)  # fmt: skip


def masthead(lang="zh", **changes):
    settings = {
        "place": "东城区" if lang == "zh" else "Dongcheng",
        "period": Period.holding(AS_OF, "week"),
        "as_of": AS_OF,
        "lang": lang,
        "is_demo": True,
        "is_approximate": True,
        "footer": "内部工作用图 · 不得公开",
        "approval": "",
        "version": "0.1.0",
        "notes": (),
    }
    return Masthead(**(settings | changes))


def hotspots(n=32, seed=1):
    """Points of all kinds and stages; every ninth is of a single caller."""
    random = np.random.default_rng(seed)
    i = np.arange(n)
    place = [PLACES[k % len(PLACES)] for k in i]
    nth = [
        f"{p[0]}" if k < len(PLACES) else f"{p[0]}旁{k}号" for k, p in zip(i, place, strict=True)
    ]
    kind = np.where(i % 9 == 8, "single_caller", np.where(i % 3 == 0, "group", "repeat"))
    first = pd.Timestamp("2026-01-05 08:10:00") + pd.to_timedelta(i * 5, unit="D")
    columns = {
        "hotspot_id": [f"DC-{k:05d}" for k in i],
        "rank": pd.array(np.where(kind == "single_caller", -1, i + 1), dtype="Int64"),
        "name": nth,
        "category": [p[1] for p in place],
        "kind": kind,
        "lifecycle": [p[4] for p in place],
        "n": random.integers(3, 60, n),
        "n_callers": random.integers(3, 30, n),
        "n_days": random.integers(3, 25, n),
        "first_at": first,
        "last_at": pd.Timestamp("2026-11-21 17:45:12") - pd.to_timedelta(i % 6, unit="D"),
        "expected": random.random(n) * 5 + 1 / 3,
        "pvalue": random.random(n) * 1e-9,
        "qvalue": random.random(n) * 1e-7,
        "score": np.sort(random.random(n))[::-1] * 4,
        "priority": np.sort(random.random(n))[::-1] * 6,
        "days_since_rectified": pd.array([149 if k % 4 == 0 else None for k in i], dtype="Int64"),
        "rebounds": i % 3,
        "community_code": [f"110101{k % 7:03d}001" for k in i],
        "community": [p[3] for p in place],
        "street": [p[2] for p in place],
        "cell": [f"8931aa52{k:03x}ffff"[:15] for k in i],
        "level": "building",
        "uncertainty_m": 15.0,
        "reason": [
            f"近28天 {3 + k % 9} 件、{3 + k % 7} 人反映“{p[1]}”,"
            "高于同类地点同期水平;6月27日整改后第2次反弹,3件未解决。"
            for k, p in zip(i, place, strict=True)
        ],
    }
    where = gpd.points_from_xy(
        116.38 + random.random(n) * 0.06, 39.87 + random.random(n) * 0.1, crs=4326
    )
    frame = gpd.GeoDataFrame(columns, geometry=where)
    frame["rank"] = frame["rank"].mask(frame["rank"] < 0)
    return frame[[*HOTSPOT_COLUMNS, "geometry"]]


def cases(points, per_point=12, seed=2, *, timed=True):
    random = np.random.default_rng(seed)
    n = len(points) * per_point
    days = pd.to_timedelta(random.integers(0, 110, n), unit="D")
    reported = pd.Timestamp(AS_OF) - days
    if timed:
        reported = reported + pd.to_timedelta(random.integers(8 * 60, 20 * 60, n), unit="min")
    answers = pd.array(random.choice([True, False, None], n), dtype="boolean")
    return pd.DataFrame(
        {
            "hotspot_id": np.repeat(points["hotspot_id"].to_numpy(), per_point),
            "reported_at": reported,
            "caller": pd.Series(random.choice([*"abcdefgh", None], n), dtype="str"),
            "is_echo": False,
            "resolved": answers,
            "satisfied": answers,
        }
    )


def areas(n=6):
    columns = {
        "code": [f"1101010{k:02d}000" for k in range(n)],
        "name": [f"{PLACES[k % 7][3]}" for k in range(n)],
        "street": [PLACES[k % 7][2] for k in range(n)],
        "n": [0, 3, 8, 21, 55, 144][:n],
        "n_points": list(range(n)),
        "change_pct": [None, -14.5, 3.25, 0.0, 12.0, 1 / 3][:n],
        "responded_rate": [None, 1.0, 0.95, 0.9, 0.85, 2 / 3][:n],
        "resolved_rate": [None, 0.9, 0.8, 0.7, 0.6, 0.5][:n],
        "satisfied_rate": [None, 0.9, 0.8, 0.7, 0.6, 0.5][:n],
        "n_responded_asked": [0, 2, 5, 10, 20, 30][:n],
        "n_resolved_asked": [0, 2, 5, 10, 20, 30][:n],
        "n_satisfied_asked": [0, 2, 5, 10, 20, 30][:n],
    }
    # Clockwise on purpose, and with more digits than may leave.
    boxes = [
        shapely.box(116.4 + k / 90, 39.9, 116.4 + (k + 1) / 90, 39.9 + 1 / 90, ccw=False)
        for k in range(n)
    ]
    return gpd.GeoDataFrame(columns, geometry=boxes, crs=4326)[[*AREA_COLUMNS, "geometry"]]


def cells(n=40):
    centre = h3.latlng_to_cell(39.92, 116.41, 9)
    ids = sorted(h3.grid_disk(centre, 4 if n <= 61 else 12))[:n]
    i = np.arange(n)
    columns = {
        "cell": ids,
        "resolution": 9,
        "n": i % 17 * 3,
        "n_callers": i % 11,
        "expected": i / 3,
        "gistar": np.where(i % 5 == 0, np.nan, i / 7),
        "pvalue": 1 / (i + 1),
        "qvalue": 1 / (i + 1),
        "is_hot": i % 8 == 7,
        "trend": "sporadic_hot",
        "community": "忠实里社区",
    }
    shapes = [shapely.Polygon([(x, y) for y, x in h3.cell_to_boundary(c)]) for c in ids]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)[[*CELL_COLUMNS, "geometry"]]


def emerging(n=3):
    centres = [h3.latlng_to_cell(39.92, 116.40 + k / 50, 10) for k in range(n)]
    disks = [
        [shapely.Polygon([(x, y) for y, x in h3.cell_to_boundary(c)]) for c in h3.grid_disk(m, 1)]
        for m in centres
    ]
    columns = {
        "cluster_id": [f"E{k:08x}" for k in range(n)],
        "category": ["all", *["市政设施/路面积水"] * (n - 1)],
        "signal": ["alarm", *["watch"] * (n - 1)],
        "state": ["ongoing", "scope_change", *["new"] * (n - 2)],
        "n": 9,
        "n_callers": 7,
        "expected": 1 / 3,
        "weeks": 2,
        "first_at": pd.Timestamp("2026-11-10 08:00:00"),
        "last_at": pd.Timestamp("2026-11-21 17:45:12"),
        "pvalue": 1e-4,
        "recurrence_weeks": 119.5,
        "radius_m": 150.0,
        "cell": "8a31aa52a83ffff",
        "community": "赵家楼社区",
        "drivers": "市政设施/路面积水 9件；赵家楼胡同1号院 6件",
        "case_ids": [f"2026{k}01 2026{k}02" for k in range(n)],
        "reason": "近2周7人9件，按本处以往和全区近况应有0.3件",
    }
    shapes = [shapely.union_all(disk, grid_size=1e-6) for disk in disks]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)[[*EMERGING_COLUMNS, "geometry"]]


def layers():
    areal = {"cells": cells(), "communities": areas(), "streets": areas()}
    return {"hotspots": hotspots(), **areal, "emerging": emerging()}


def ledger(n=30, **columns):
    i = np.arange(n)
    frame = {
        "source": "市民热线.xlsx",
        "row": i + 2,
        "case_id": [f"2026112200{k:04d}" for k in i],
        "status": "located",
        "level": "building",
        "source_of_place": "address",
        "place_id": "P1",
        "street": "东花市街道",
        "community": "忠实里社区",
        "lng": 116.43 + i / 3e5,
        "lat": np.where(i % 7 == 0, np.nan, 39.9),
        "uncertainty_m": 15.04,
        "cell": "8931aa52a83ffff",
        "hotspot_id": None,
        "score": 0.87654321,
        "explanation": "“忠实里西区2号楼”按楼号命中",
    }
    return pd.DataFrame(frame | columns, index=i)[list(LEDGER_COLUMNS)]
