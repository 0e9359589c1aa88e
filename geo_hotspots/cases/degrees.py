"""Longitudes and latitudes as people write them."""

import numpy as np
import pandas as pd


def parse_degrees(text: pd.Series) -> pd.Series:
    """Read longitudes or latitudes; ranges and datum are for others to judge.

    Parameters
    ----------
    text
        Decimal degrees, also with °, E, N, 东经, a decimal comma; or degrees, minutes, seconds.

    Returns
    -------
    degrees
        Missing where there is no number; south and west are negative.

    Examples
    --------
    >>> parse_degrees(pd.Series(["116.4°E", "116,4", "东经116°24′0″", "x"])).tolist()
    [116.4, 116.4, 116.4, nan]
    """
    text = text.astype("str")
    degrees = pd.to_numeric(text, errors="coerce").astype("float64")
    odd = text[degrees.isna() & text.notna()]
    if not odd.empty:
        degrees = degrees.fillna(_odd_degrees(odd))
    finite: pd.Series = degrees.where(np.isfinite(degrees))
    return finite


def _odd_degrees(text: pd.Series) -> pd.Series:
    west = text.str.contains(r"[WwSs西南]", regex=True)
    bare = text.str.replace(r"[A-Za-z东西南北经纬度\s]", "", regex=True).str.strip(",")
    bare = bare.str.replace(",", ".")
    parts = bare.str.extract(
        r"^(-?\d+(?:\.\d+)?)°?(?:(\d+(?:\.\d+)?)[′'’](?:(\d+(?:\.\d+)?)[″\"”]?)?)?$"
    )
    number = parts.apply(pd.to_numeric, errors="coerce").astype("float64")
    size = number[0].abs() + number[1].fillna(0) / 60 + number[2].fillna(0) / 3600
    degrees: pd.Series = size.where(~(west | bare.str.startswith("-")), -size)
    return degrees
