"""Which datum points are in, told from where they fall under each: inside the area or beside it."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo_hotspots.places.datum.plausible import bounds_about
from geo_hotspots.places.datum.shift import Datum, Floats, is_in_china, is_within, to_wgs84
from geo_hotspots.words import Words

CANDIDATES: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
_MIN_POINTS = 20
_WITNESS_DIGITS = 3  # of a degree: points within some 100 m of each other are one witness
_MAX_POINTS = 5000  # more do not change the answer
_MIN_SHARE = 0.6
_MIN_SHARE_IN_COMMUNITY = 0.3  # borders are rough and operators err
_MAX_PVALUE = 0.01


class Verdict(NamedTuple):
    """What one kind of evidence says: a datum, or none where it does not tell."""

    datum: Datum | None
    reason: Words
    n: int = 0
    shares: Mapping[Datum, float] = {}  # inside, by candidate
    metres: Mapping[Datum, float] = {}  # median distance from the anchors, by candidate


def judge_by_boundary(
    lng: Floats, lat: Floats, area: shapely.Geometry, named: npt.NDArray[np.object_] | None = None
) -> Verdict:
    """Tell the datum of degrees from where they fall under each candidate.

    Each distinct point near the area is tried as WGS84 (which stands for CGCS2000), GCJ-02 and
    BD-09. The candidate with most points inside is taken when it beats each other one in a sign
    test over the points on which the two differ (p <= 0.01), at least 60 % are inside (30 % where
    communities are named), and there are at least 20 points; else none is. Points within some
    100 m of each other are one. Outside China only WGS84 comes into question, and half of the
    points inside suffice.

    Simulated over the outline of Dongcheng with n = 20, 50, 100, 300 points, the share told
    right is 7, 81, 100, 100 % for points spread evenly, 4, 26, 62, 92 % for points in 40
    clusters; the rest is refused, less than 0.1 % is wrong.

    Parameters
    ----------
    named
        For each point the polygon of the community that the operator named, WGS84, or none; a
        point then counts as inside only there, which tells datums apart far sooner.
    """
    x, y, areas = _distinct_points(lng, lat, area, named)
    is_chinese = bool(is_in_china(*shapely.get_coordinates(shapely.centroid(area))[0]))
    candidates = CANDIDATES if is_chinese else CANDIDATES[:1]
    inside = {c: _inside(areas, x, y, c) for c in candidates}
    shares: dict[Datum, float] = {
        c: float(hit.mean()) if len(x) else 0.0 for c, hit in inside.items()
    }
    best, *others = sorted(candidates, key=lambda c: -shares[c])
    pvalue = max((_sign_test(inside[best], inside[c]) for c in others), default=0.0)
    least = _MIN_SHARE if named is None else _MIN_SHARE_IN_COMMUNITY
    datum, reason = _decide(best, len(x), shares[best], pvalue, least if is_chinese else None)
    return Verdict(datum, reason, len(x), shares)


def _distinct_points(
    lng: Floats, lat: Floats, area: shapely.Geometry, named: npt.NDArray[np.object_] | None
) -> tuple[Floats, Floats, npt.NDArray[np.object_]]:
    """Give each distinct point near the area once, with the area in which it belongs.

    A hundred calls from one house are one witness. Long columns are thinned evenly.
    """
    areas = np.full(len(lng), area, dtype=object)
    if named is not None:
        is_given = pd.notna(named)
        areas[is_given] = named[is_given]
    is_near = is_within(lng, lat, bounds_about(area))
    at = pd.DataFrame({"x": np.round(lng, _WITNESS_DIGITS), "y": np.round(lat, _WITNESS_DIGITS)})
    rows = np.flatnonzero(is_near & ~at.duplicated().where(is_near, other=False).to_numpy())
    rows = rows[:: 1 + len(rows) // _MAX_POINTS]
    return lng[rows], lat[rows], areas[rows]


def _inside(
    areas: npt.NDArray[np.object_], x: Floats, y: Floats, datum: Datum
) -> npt.NDArray[np.bool_]:
    if not len(x):
        return np.zeros(0, dtype=bool)
    shapely.prepare(areas)
    return np.asarray(shapely.contains_xy(areas, *to_wgs84(x, y, datum=datum)))


def _sign_test(best: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    """Give the chance that `best` leads so clearly on the points where the two differ.

    One-sided binomial tail at one half. Points inside or outside under both say nothing.
    """
    from scipy.special import bdtrc  # noqa: PLC0415 - 0.2 s that most commands need not wait

    ahead, behind = int((best & ~other).sum()), int((other & ~best).sum())
    return float(bdtrc(ahead - 1, ahead + behind, 0.5)) if ahead else 1.0


def _decide(
    best: Datum, n: int, share: float, pvalue: float, least: float | None
) -> tuple[Datum | None, Words]:
    """Take the best candidate or refuse it, with the reason; no `least` share means abroad."""
    percent = f"{share:.0%}"
    if least is None:
        is_most = n > 0 and share >= 0.5  # noqa: PLR2004 - most
        said = Words(f"{percent} 的点落在区内", f"{percent} of the points are inside the area")
        return ("wgs84" if is_most else None), said
    if n < _MIN_POINTS:
        return None, Words(
            f"可用的不同点位只有 {n} 个，少于 {_MIN_POINTS} 个，无法判断坐标系；请声明",
            f"only {n} distinct points, fewer than {_MIN_POINTS}: declare the datum",
        )
    if share < least:
        return None, Words(
            f"最佳的 {best} 也只有 {percent} 的点落在区内，无法判断坐标系；请声明",
            f"even as {best} only {percent} of the points are inside: declare the datum",
        )
    if pvalue > _MAX_PVALUE:
        return None, Words(
            f"{best} 领先不明显（p = {pvalue:.2g}），无法判断坐标系；请声明",
            f"{best} does not lead clearly (p = {pvalue:.2g}): declare the datum",
        )
    return best, Words(
        f"按 {best} 有 {percent} 的点落在区内", f"as {best} {percent} of the points are inside"
    )
