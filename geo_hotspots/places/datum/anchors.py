"""Which datum points are in, told from anchors: rows whose text says where they are."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.places.datum.boundary import CANDIDATES, Verdict
from geo_hotspots.places.datum.shift import METRES_PER_DEGREE, Datum, Floats, to_wgs84
from geo_hotspots.words import Words

MIN_ANCHORS = 10
_RESAMPLES = 400
_MAX_ANCHORS = 1000  # more do not change the answer
_MIN_CONFIDENCE = 0.99
_MAX_METRES = 600.0  # median distance of the best candidate: farther off, none of them fits
_MAX_BIAS_METRES = 60.0  # systematic; Beijing 1954 and Xian 1980 lie 50-130 m off
_NORMAL_MEDIAN = 1.1774  # median length of circular normal errors of spread one
_WRONG = 0.2  # of anchors that are another place than the one meant
_WRONG_AREA = 25e6  # square metres over which those scatter
_PRIOR_ROWS = 10.0  # how many rows all sources together weigh against one source's own


def residuals(lng: Floats, lat: Floats, anchors: Floats, datum: Datum) -> Floats:
    """Give how far points, read in a datum, lie east and north of their anchors, in metres.

    Parameters
    ----------
    anchors
        Longitude and latitude in WGS84, shape (n, 2).
    """
    x, y = to_wgs84(lng, lat, datum=datum)
    east = (x - anchors[:, 0]) * METRES_PER_DEGREE * np.cos(np.radians(anchors[:, 1]))
    return np.column_stack([east, (y - anchors[:, 1]) * METRES_PER_DEGREE])


def judge_by_anchors(
    lng: Floats, lat: Floats, anchors: Floats, *, candidates: Sequence[Datum] = CANDIDATES
) -> Verdict:
    """Tell the datum of degrees from their distances to the places that their texts name.

    The likeliest candidate is taken when it stays so in 99 % of bootstrap samples, its median
    distance is within 600 m, and the points do not lie off to one side by more than 60 m: that
    would be a datum which is none of these.

    Parameters
    ----------
    lng, lat
        One row per distinct place; a thousand calls from one house are one witness.
    anchors
        Where the text says that the row is, WGS84, shape (n, 2).
    """
    n = len(lng)
    if n < MIN_ANCHORS:
        return Verdict(None, _few(n), n)
    every = slice(None, None, 1 + n // _MAX_ANCHORS)
    off = np.stack([residuals(lng[every], lat[every], anchors[every], c) for c in candidates])
    evidence = np.log(_likelihood(off))
    best = int(evidence.sum(axis=1).argmax())
    rng = np.random.default_rng(0)  # equal input, equal answer
    sample = rng.integers(evidence.shape[1], size=(_RESAMPLES, evidence.shape[1]))
    wins = evidence[:, sample].sum(axis=2).argmax(axis=0) == best
    medians = np.median(np.hypot(off[..., 0], off[..., 1]), axis=1)
    metres = dict(zip(candidates, map(float, medians), strict=True))
    datum, reason = _decide(candidates[best], n, metres, float(wins.mean()), off[best])
    return Verdict(datum, reason, n, metres=metres)


def _likelihood(off: Floats) -> Floats:
    """Give the density of residuals of shape (candidates, n, 2) under each candidate.

    Errors are normal and circular, of one spread that the nearest candidate tells; one anchor in
    five is a wrong place, anywhere.
    """
    squared = (off**2).sum(axis=2)
    spread = float(np.clip(np.median(np.sqrt(squared.min(axis=0))) / _NORMAL_MEDIAN, 20.0, 300.0))
    near = np.exp(-squared / (2 * spread**2)) / (2 * np.pi * spread**2)
    return np.asarray((1 - _WRONG) * near + _WRONG / _WRONG_AREA)


def rows_by_anchors(
    lng: Floats, lat: Floats, anchors: Floats, sources: npt.NDArray[np.int64]
) -> pd.DataFrame:
    """Give for each row the chance of each candidate, its source's habit weighed in.

    A mixture of the three candidates and of wrong anchors is fitted by expectation-maximisation:
    every source has its own shares of the candidates, drawn towards those of all rows where it
    has few.
    """
    likelihood = _likelihood(np.stack([residuals(lng, lat, anchors, c) for c in CANDIDATES])).T
    n_sources = int(sources.max(initial=0)) + 1
    chances = np.full(likelihood.shape, 1 / len(CANDIDATES))
    for _ in range(50):
        overall = chances.mean(axis=0)
        counts = np.zeros((n_sources, len(CANDIDATES)))
        np.add.at(counts, sources, chances)
        shares = counts + _PRIOR_ROWS * overall
        shares /= shares.sum(axis=1, keepdims=True)
        chances = likelihood * shares[sources]
        chances /= chances.sum(axis=1, keepdims=True)
    return pd.DataFrame(chances, columns=list(CANDIDATES))


def _decide(
    best: Datum, n: int, metres: dict[Datum, float], confidence: float, off: Floats
) -> tuple[Datum | None, Words]:
    """Take the best candidate or refuse it, with the reason."""
    median = metres[best]
    middle = np.median(off, axis=0)
    bias = float(np.hypot(*middle))
    spread = float(np.median(np.hypot(*(off - middle).T))) / _NORMAL_MEDIAN
    doubt = 3 * 1.2533 * spread / np.sqrt(n)  # three standard errors of a median
    if median > _MAX_METRES:
        return None, Words(
            f"{n} 个有地址的点位按 {best} 仍偏离约 {median:.0f} 米，不是已知坐标系；请声明",
            f"even as {best} the {n} points with an address are {median:.0f} m off: "
            "declare the datum",
        )
    if confidence < _MIN_CONFIDENCE:
        return None, Words(
            f"{n} 个有地址的点位分不清坐标系（{best} 把握 {confidence:.0%}）；请声明",
            f"{n} points with an address do not tell the datum ({best}: {confidence:.0%} sure): "
            "declare it",
        )
    if bias > _MAX_BIAS_METRES + doubt:
        return None, Words(
            f"按 {best} 所有点位整体偏移约 {bias:.0f} 米，像是 54 或 80 坐标系；请声明参数",
            f"as {best} all points are shifted by {bias:.0f} m, as Beijing 1954 or Xian 1980 "
            "would be: declare its parameters",
        )
    return best, Words(
        f"按 {best}，{n} 个有地址的点位离其地址中位 {median:.0f} 米",
        f"as {best} the {n} points with an address are {median:.0f} m from it (median)",
    )


def _few(n: int) -> Words:
    return Words(
        f"有地址可对照的点位只有 {n} 个，少于 {MIN_ANCHORS} 个",
        f"only {n} points have an address to compare with, fewer than {MIN_ANCHORS}",
    )
