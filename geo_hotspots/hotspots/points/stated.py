"""Which tickets say of themselves that they speak for many: 群诉, 联名, 30户居民.

One telephone may stand for a house. The words are looked at for the answer yes or no, and go no
further.
"""

import re
import unicodedata
from collections.abc import Callable

import numpy as np
import pandas as pd

from geo_hotspots.hotspots.points.repeats import number_points

_SAYS = re.compile(
    r"(?<![非无])群诉|群体性?(?:诉求|投诉|反映)|集体(?:诉求|投诉|反映|反应|来电|上访|要求|签名|联名)"
    r"|联名|(?:全体|众多|广大|多名|多位|多户)(?:业主|居民|住户|商户|村民)"
    r"|(?:业主|居民|村民)代表(?!大会)"
)
_NUMBERED = re.compile(
    r"(\d+|[一二两三四五六七八九十百千]+)\s*[余多几来]?(?:户|名|位|个|家)"
    r"(?:业主|居民|住户|商户|村民|群众|人家)"
)
_AT_ONCE = 200_000  # tickets whose words are in memory together
_DIGITS = {digit: i for i, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def mark_stated(
    points: pd.DataFrame, cases: pd.DataFrame, recall: Callable[[pd.Series], pd.Series], *,
    since: pd.Timestamp, least: int,
) -> pd.DataFrame:  # fmt: skip
    """Call those repeat points 群诉 of which a ticket says so.

    Parameters
    ----------
    points
        As `find_repeats` lists them. Points of a single caller stay what they are: nobody else
        has been heard.
    cases
        `case_key`, `reported_at`, `spot`, `ground`, `group`.
    recall
        Gives the words of cases by their keys.
    since
        Earlier tickets say nothing of the present point.
    least
        People whom a number must name.

    Returns
    -------
    points
        With `is_stated`, and `kind` "group" where it is true.
    """
    is_near = cases["spot"].isin(points["spot"]) | cases["ground"].isin(points["spot"])
    asked = ["case_key", "spot", "ground", "group", "reported_at"]
    near = cases.loc[is_near & (cases["reported_at"] >= since), asked]
    number = number_points(points, near)
    tested = points.index[points["kind"] != "single_caller"]
    number = number[number.isin(tested)]
    is_stated = np.zeros(len(points), dtype=bool)
    for start in range(0, len(number), _AT_ONCE):
        some = number.iloc[start : start + _AT_ONCE]
        said = speak_for_many(recall(near.loc[some.index, "case_key"]), least=least)
        is_stated[some[said]] = True
    return points.assign(is_stated=is_stated, kind=points["kind"].mask(is_stated, "group"))


def speak_for_many(words: pd.Series, *, least: int) -> pd.Series:
    """Say which texts name themselves a complaint of many, or name `least` people or homes.

    Examples
    --------
    >>> words = pd.Series(["楼内30余户居民反映漏水", "两位居民吵架", "联名要求换水管", "集体户口"])
    >>> speak_for_many(words, least=5).tolist()
    [True, False, True, False]
    """
    codes, distinct = pd.factorize(words)
    said = [_says(unicodedata.normalize("NFKC", text), least) for text in distinct]
    table = pd.array([*said, False], dtype="bool")  # last: no words
    return pd.Series(table[codes], words.index)


def _says(text: str, least: int) -> bool:
    numbers = (match.group(1) for match in _NUMBERED.finditer(text))
    return bool(_SAYS.search(text)) or any(_count(number) >= least for number in numbers)


def _count(number: str) -> int:
    """Read a number as it is written, up to thousands.

    >>> _count("30"), _count("三十二"), _count("一百二十"), _count("十")
    (30, 32, 120, 10)
    """
    if number.isdigit():
        return int(number)
    total, digit = 0, 0
    for sign in number:
        if sign in _UNITS:
            total, digit = total + max(digit, 1) * _UNITS[sign], 0
        else:
            digit = _DIGITS[sign]
    return total + digit
