"""The register of rectifications (整改台账): what was put right where, and when."""

from pathlib import Path

import pandas as pd

from geo_hotspots.cases.read import read_table
from geo_hotspots.errors import InputError

_HEADERS = {
    "hotspot_id": ("点位编号", "hotspot_id"),
    "name": ("点位名称", "name"),
    "category": ("类别", "category"),
    "day": ("整改日期", "date"),
    "what": ("整改内容", "what"),
    "who": ("整改单位", "who"),
}


def read_rectifications(path: Path) -> pd.DataFrame:
    """Read a register of rectifications.

    Returns
    -------
    register
        `hotspot_id`, `name`, `category`, `day` (missing where it is not a date), `what`, `who`,
        `source` (the file) and `row`, as a spreadsheet counts it.

    Raises
    ------
    InputError
        The file cannot be read, or has neither a date nor a point column.
    """
    table = read_table(path)
    found = {}
    for ours, headers in _HEADERS.items():
        column = next((h for h in headers if h in table), None)
        found[ours] = table[column] if column else pd.Series(pd.NA, index=table.index, dtype="str")
    register = pd.DataFrame(found)
    if not set(table.columns) & {"整改日期", "date"} or not set(table.columns) & {
        "点位编号", "点位名称", "hotspot_id", "name",
    }:  # fmt: skip
        raise InputError(
            f"{path.name} 不是整改台账：需要“整改日期”列，以及“点位编号”或“点位名称”列",
            f"{path.name} is no register of rectifications: it needs the columns 整改日期 and "
            "点位编号 or 点位名称",
        )
    day = pd.to_datetime(register["day"], errors="coerce", format="mixed").dt.normalize()
    return register.assign(day=day, source=path.name, row=table["row"])
