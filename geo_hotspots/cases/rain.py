"""A file of rain days: when it rained, and how much."""

from pathlib import Path

import pandas as pd

from geo_hotspots.cases.read import read_table
from geo_hotspots.errors import InputError

_DAY = ("日期", "date", "day")
_MM = ("降雨量", "雨量", "mm", "rain_mm")
_MOST_MM = 2_000.0  # a day; the record of the world is 1,825


def read_rain(path: Path) -> pd.DataFrame:
    """Read a file of rain days.

    Returns
    -------
    rain
        `day` and `mm`, in order, one row a day; days of the file without rain included.

    Raises
    ------
    InputError
        A column is missing, or a row is no day, no amount, or repeats a day.
    """
    table = read_table(path)
    day_column = next((h for h in _DAY if h in table), None)
    mm_column = next((h for h in _MM if h in table), None)
    if day_column is None or mm_column is None:
        raise InputError(
            f"{path.name} 不是降雨日表：需要“日期”列和“降雨量”列（毫米）",
            f"{path.name} is no file of rain days: it needs the columns 日期 and 降雨量 (mm)",
        )
    day = pd.to_datetime(table[day_column], errors="coerce", format="mixed").dt.normalize()
    mm = pd.to_numeric(table[mm_column], errors="coerce")
    wrong = day.isna() | ~mm.between(0, _MOST_MM) | day.duplicated()
    if wrong.any():
        row = table[wrong].iloc[0]
        said = f"{row[day_column]}, {row[mm_column]}"
        raise InputError(
            f"{path.name} 第 {row['row']} 行（{said}）不是一天的降雨量，或与前面的日期重复；请更正",
            f"{path.name}, row {row['row']} ({said}) is not one day's rain in mm, or repeats a "
            "day; mend it",
        )
    return pd.DataFrame({"day": day, "mm": mm}).sort_values("day", ignore_index=True)
