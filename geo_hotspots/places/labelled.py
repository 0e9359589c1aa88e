"""How right the places are, held against rows that a person has labelled."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from geo_hotspots.errors import InputError
from geo_hotspots.places.datum.shift import METRES_PER_DEGREE
from geo_hotspots.schema import LEVELS, LOCATED
from geo_hotspots.words import LEVEL, STATUS, Lang

BANDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)  # of the score
MIN_HIT = 0.85  # J. H. Ratcliffe 2004: below it a pattern on the map may be one of the losses
_NEAR_METRES = 100.0
_ANSWERED = (*LOCATED, "area_only")

# Column of a labelled sheet -> what else it may be headed.
TRUTH = {
    "true_community": ("真实社区", "正确社区"),
    "true_street": ("真实街道", "正确街道"),
    "true_place_id": ("真实地点编号", "正确地点编号"),
    "true_lng": ("真实经度", "正确经度"),
    "true_lat": ("真实纬度", "正确纬度"),
    "weight": ("权重",),
}
# What a sheet drawn for labelling is headed in Chinese; the truth and the weight by their first.
SHEET = {
    "source": "来源文件", "row": "行号", "case_id": "工单编号", "place_status": "定位结果",
    "place_level": "定位精度", "place_id": "地点编号", "place_name": "定位地点",
    "place_street": "定位街道", "place_community": "定位社区", "place_lng": "定位经度",
    "place_lat": "定位纬度", "place_score": "得分",
    "address": "原地址", "title": "原标题", "content": "原内容",
} | {column: others[0] for column, others in TRUTH.items()}  # fmt: skip
SHEET_TRUTH = tuple(column for column in TRUTH if column != "weight")


_CODED = (("place_status", STATUS), ("place_level", LEVEL))


def say_codes(sheet: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Put statuses and levels into the words of those who label."""
    said = {c: sheet[c].map({code: w.say(lang) for code, w in words.items()})
            for c, words in _CODED}  # fmt: skip
    return sheet.assign(**said)


def read_words(table: pd.DataFrame) -> pd.DataFrame:
    """Put headers, statuses and levels of a sheet back into those of the code."""
    plain = table.rename(columns={said: column for column, said in SHEET.items()})
    for column, words in _CODED:
        if column in plain:
            codes = {said: code for code, w in words.items() for said in (w.zh, w.en)}
            plain[column] = plain[column].map(codes).fillna(plain[column])
    return plain


@dataclass(frozen=True)
class Share:
    """A share of rows with its 95 % interval."""

    label: str
    n: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Scores:
    """What a labelled sheet says of the places found.

    Attributes
    ----------
    hit
        Rows that were placed at all, of those that a person could place.
    levels
        Of these rows, the share placed at each level.
    right
        Of the placed rows, those that are right, by band of the score.
    false
        Rows placed that a person could not place.
    error_m
        Median and 90th percentile of the distance from the true point, where one is given.
    lost_statuses, lost_streets
        What the rows that were not placed are: by status, and by their true street.
    """

    hit: Share
    levels: tuple[Share, ...]
    right: tuple[Share, ...]
    false: Share
    error_m: tuple[float, float] | None
    lost_statuses: dict[str, int]
    lost_streets: dict[str, int]


def wilson(k: float, n: float, *, z: float = 1.959964) -> tuple[float, float]:
    """Give Wilson's interval of a share, 95 % unless `z` says otherwise.

    It keeps its promise at shares near none and all, where the textbook interval does not
    (E. B. Wilson 1927, JASA 22:209).

    >>> low, high = wilson(98, 100)
    >>> round(low, 3), round(high, 3), wilson(0, 0)
    (0.93, 0.994, (0.0, 1.0))
    """
    if n == 0:
        return 0.0, 1.0
    share = k / n
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def score_labelled(placed: pd.DataFrame, truth: pd.DataFrame) -> Scores:
    """Hold places against the truth beside them.

    A row is right when every area that its truth names is the one found: the community, else the
    street, else the place's id, else a point within 100 m. Rows without any truth are such that a
    person could not place either. Weights of a stratified sample count in every share; the
    interval is then Wilson's for the effective number of rows, (sum of w)^2 / (sum of w^2).

    Parameters
    ----------
    placed
        `status, level, street, community, place_id, lng, lat, score`.
    truth
        Any of `TRUTH`, names as the pack has them, indexed as `placed`.

    Raises
    ------
    InputError
        No row has a truth.
    """
    known = truth.drop(columns="weight", errors="ignore").notna().any(axis=1)
    if not known.any():
        raise InputError(
            f"没有一行填了真值；请填 {'、'.join(SHEET[c] for c in SHEET_TRUTH)} 中的任意几列",
            f"no row has a truth; fill in any of {', '.join(SHEET_TRUTH)}",
        )
    weight = pd.Series(1.0, placed.index) if "weight" not in truth else truth["weight"].fillna(1.0)
    answered = placed["status"].isin(_ANSWERED)
    right, error = _is_right(placed, truth), _metres_off(placed, truth)
    asked, lost = answered & known, known & ~answered
    found = placed.loc[known, "level"].where(answered[known])
    band = np.digitize(placed["score"].fillna(0.0), BANDS[1:-1])
    bands = [(f"{low:g}-{high:g}", asked & (band == i))
             for i, (low, high) in enumerate(pairwise(BANDS))]  # fmt: skip
    return Scores(
        hit=_share("hit", answered[known], weight),
        levels=tuple(_share(lvl, found.eq(lvl), weight) for lvl in LEVELS if found.eq(lvl).any()),
        right=(
            _share("all", right[asked], weight),
            *(_share(label, right[rows], weight) for label, rows in bands if rows.any()),
        ),
        false=_share("false", answered[~known], weight),
        error_m=_quantiles(error[asked]),
        lost_statuses=_counts(placed.loc[lost, "status"]),
        lost_streets=_counts(truth.loc[lost, "true_street"]) if "true_street" in truth else {},
    )


def _is_right(placed: pd.DataFrame, truth: pd.DataFrame) -> pd.Series:
    """Say of each row whether it is right by the coarsest truth that says something."""
    right = pd.Series(data=False, index=placed.index)
    told = right.copy()
    for name in ("community", "street", "place_id"):
        if f"true_{name}" in truth:
            said = truth[f"true_{name}"].notna() & ~told
            right |= said & placed[name].eq(truth[f"true_{name}"])
            told |= said
    return right | (~told & (_metres_off(placed, truth) <= _NEAR_METRES))


def _metres_off(placed: pd.DataFrame, truth: pd.DataFrame) -> pd.Series:
    if not {"true_lng", "true_lat"} <= set(truth.columns):
        return pd.Series(np.nan, placed.index)
    north = (placed["lat"] - truth["true_lat"]) * METRES_PER_DEGREE
    shrink = np.cos(np.radians(truth["true_lat"]))
    east = (placed["lng"] - truth["true_lng"]) * METRES_PER_DEGREE * shrink
    return pd.Series(np.hypot(north, east), placed.index)


def _share(label: str, successes: pd.Series, weight: pd.Series) -> Share:
    """Give the weighted share of successes with its interval."""
    w = weight[successes.index]
    total = float(w.sum())
    if total == 0:
        return Share(label, len(successes), 0.0, *wilson(0, 0))
    share = float(w[successes].sum()) / total
    effective = total**2 / float((w**2).sum())
    return Share(label, len(successes), share, *wilson(share * effective, effective))


def _quantiles(metres: pd.Series) -> tuple[float, float] | None:
    known = metres.dropna()
    return (float(known.median()), float(known.quantile(0.9))) if len(known) else None


def _counts(values: pd.Series) -> dict[str, int]:
    return {str(value): int(n) for value, n in values.value_counts().head(5).items()}
