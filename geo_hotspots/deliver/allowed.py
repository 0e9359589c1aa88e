"""What may leave: the one list of columns that each file of a run may carry.

Complaint text, callers, telephone numbers and room numbers are in none of them. Whatever writes
a file of rows passes its frame through `only_allowed` first, so that a column added upstream
cannot slip out by being there.
"""

from typing import Literal, NamedTuple, TypeVar

import pandas as pd

from geo_hotspots.schema import (
    AREA_COLUMNS,
    CATEGORY_CELL_COLUMNS,
    CELL_COLUMNS,
    EMERGING_COLUMNS,
    HOTSPOT_COLUMNS,
    LEDGER_COLUMNS,
    PATROL_COLUMNS,
    SAMPLE_COLUMNS,
    SchemaError,
)
from geo_hotspots.words import Words

Frame = TypeVar("Frame", bound=pd.DataFrame)
FieldKind = Literal["text", "integer", "number", "time", "flag"]


class Field(NamedTuple):
    """A column as GIS staff meet it: its name in words, and its type in every format."""

    alias: Words
    kind: FieldKind


# One layer of the map; a GeoJSON file and a layer of the GeoPackage carry the same columns.
LAYERS: dict[str, tuple[str, ...]] = {
    "hotspots": HOTSPOT_COLUMNS,
    "cells": CELL_COLUMNS,
    "communities": AREA_COLUMNS,
    "streets": AREA_COLUMNS,
    "emerging": EMERGING_COLUMNS,
}

# The overview, the detail and the categories of the cells are in the GeoPackage alone.
PACKAGE_LAYERS: dict[str, tuple[str, ...]] = {
    **LAYERS,
    "cells_overview": CELL_COLUMNS,
    "cells_detail": CELL_COLUMNS,
    "cells_by_category": CATEGORY_CELL_COLUMNS,
}

# The shareable set: hexagons for a GIS, and tables, which draw no border.
PUBLIC_LAYERS: dict[str, tuple[str, ...]] = {
    "public_cells": ("cell", "resolution", "month", "n", "community"),
}

# For the QR codes and the walking order; never columns of a sheet.
PATROL_ASIDE = ("lng", "lat", "leg", "stop")

ALLOWED: dict[str, tuple[str, ...]] = {
    **{f"{layer}.geojson": columns for layer, columns in LAYERS.items()},
    **{f"hotspots.gpkg/{layer}": columns for layer, columns in PACKAGE_LAYERS.items()},
    "ledger.csv": LEDGER_COLUMNS,
    "sample.csv": SAMPLE_COLUMNS,
    "patrol.xlsx": PATROL_COLUMNS,
    "patrol.html": PATROL_COLUMNS + PATROL_ASIDE,
    **{f"{layer}.geojson": columns for layer, columns in PUBLIC_LAYERS.items()},
    "public_streets.csv": ("street", "month", "n"),
    "public_communities.csv": ("code", "name", "street", "month", "n"),
    "public_categories.csv": ("category", "month", "n"),
}

FIELDS: dict[str, Field] = {
    "hotspot_id": Field(Words("点位编号", "point id"), "text"),
    "rank": Field(Words("排名", "rank"), "integer"),
    "name": Field(Words("名称", "name"), "text"),
    "category": Field(Words("类别", "category"), "text"),
    "kind": Field(Words("性质", "kind"), "text"),
    "lifecycle": Field(Words("状态", "lifecycle"), "text"),
    "n": Field(Words("诉求量", "cases"), "integer"),
    "n_callers": Field(Words("诉求人数", "distinct callers"), "integer"),
    "n_days": Field(Words("来电天数", "days with cases"), "integer"),
    "first_at": Field(Words("首次来电", "first case"), "time"),
    "last_at": Field(Words("最近来电", "last case"), "time"),
    "expected": Field(Words("期望值", "expected by chance"), "number"),
    "pvalue": Field(Words("p值", "p value"), "number"),
    "qvalue": Field(Words("q值(FDR)", "q value (FDR)"), "number"),
    "score": Field(Words("得分", "score"), "number"),
    "priority": Field(Words("优先级", "priority"), "number"),
    "days_since_rectified": Field(Words("整改后天数", "days since rectified"), "integer"),
    "rebounds": Field(Words("反弹次数", "rebounds"), "integer"),
    "community_code": Field(Words("社区代码", "community code"), "text"),
    "community": Field(Words("社区", "community"), "text"),
    "street": Field(Words("街道", "street"), "text"),
    "cell": Field(Words("网格编号", "H3 cell"), "text"),
    "level": Field(Words("定位精度", "precision level"), "text"),
    "uncertainty_m": Field(Words("位置误差(米)", "uncertainty (m)"), "number"),
    "reason": Field(Words("入选理由", "reason"), "text"),
    "resolution": Field(Words("网格级别", "H3 resolution"), "integer"),
    "month": Field(Words("月份", "month"), "text"),
    "gistar": Field(Words("Gi*值", "Gi*"), "number"),
    "is_hot": Field(Words("是否热区", "hot"), "flag"),
    "trend": Field(Words("趋势", "trend"), "text"),
    "cluster_id": Field(Words("聚集编号", "cluster id"), "text"),
    "signal": Field(Words("级别", "signal"), "text"),
    "state": Field(Words("新旧", "state"), "text"),
    "weeks": Field(Words("持续周数", "weeks"), "integer"),
    "recurrence_weeks": Field(Words("重现期(周)", "recurrence (weeks)"), "number"),
    "radius_m": Field(Words("半径(米)", "radius (m)"), "integer"),
    "drivers": Field(Words("主要来自", "driven by"), "text"),
    "case_ids": Field(Words("工单编号", "case ids"), "text"),
    "code": Field(Words("代码", "code"), "text"),
    "n_points": Field(Words("问题量", "points"), "integer"),
    "change_pct": Field(Words("环比(%)", "change (%)"), "number"),
    "responded_rate": Field(Words("响应率", "responded rate"), "number"),
    "resolved_rate": Field(Words("解决率", "resolved rate"), "number"),
    "satisfied_rate": Field(Words("满意率", "satisfied rate"), "number"),
    "n_responded_asked": Field(Words("响应回访数", "asked: responded"), "integer"),
    "n_resolved_asked": Field(Words("解决回访数", "asked: resolved"), "integer"),
    "n_satisfied_asked": Field(Words("满意回访数", "asked: satisfied"), "integer"),
}


def only_allowed(frame: Frame, file: str) -> Frame:
    """Give the columns of `file` in the contract's order, or refuse.

    Parameters
    ----------
    frame
        What is about to be written. A `geometry` column is no attribute and stays last.
    file
        A key of `ALLOWED`: the file's name, for a layer `hotspots.gpkg/LAYER`.

    Raises
    ------
    SchemaError
        A column would leave that is not listed, a listed one is missing, or the file itself
        is not listed. A fault of ours, never of the user's data.
    """
    if file not in ALLOWED:
        raise SchemaError(f"{file!r} is not in the list of files that may leave")
    allowed = ALLOWED[file]
    unlisted = [str(c) for c in frame.columns if c not in (*allowed, "geometry")]
    missing = [c for c in allowed if c not in frame]
    if unlisted or missing:
        raise SchemaError(f"{file!r}: columns that may not leave {unlisted}, missing {missing}")
    shape = ["geometry"] if "geometry" in frame else []
    allowed_frame: Frame = frame[[*allowed, *shape]]
    return allowed_frame
