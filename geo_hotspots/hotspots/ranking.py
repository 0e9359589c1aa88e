"""In which order to go: how many callers next week, lifted by what is still open.

The score is a forecast and can be held against what then came; the priority adds judgement
with printed weights and is what the list is sorted by.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

HALF_LIFE_WEEKS = 4.0
_RANKED = ("group", "repeat")


def expect_next_week(weekly: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Expect next week's callers per point: a mean of past weeks that halves every four.

    Parameters
    ----------
    weekly
        Callers per point and week, oldest first, shape (points, weeks).

    Returns
    -------
    score
        Expected callers of the coming week, shape (points,).
    """
    ago = np.arange(weekly.shape[1])[::-1]
    weight = 0.5 ** (ago / HALF_LIFE_WEEKS)
    score: npt.NDArray[np.float64] = weekly @ weight / weight.sum()
    return score


def prioritise(
    points: pd.DataFrame, *, unresolved: float, rebound: float, group: float
) -> pd.Series:
    """Lift the score by what is open.

    priority = score × (1 + unresolved · share of cases answered "not resolved" or "not
    satisfied" + rebound · came back after a rectification + group · group complaint)

    Parameters
    ----------
    points
        `score`, `open_share` (0 to 1), `lifecycle`, `kind`.
    """
    lift = (
        1
        + unresolved * points["open_share"]
        + rebound * (points["lifecycle"] == "rebounding")
        + group * (points["kind"] == "group")
    )
    return (points["score"] * lift).rename("priority")


def rank_points(points: pd.DataFrame) -> pd.Series:
    """Give each point its place, highest priority first; single callers are ranked apart.

    Ties go to more callers, then to the later case, then to the name of the point, so that the
    same points come in the same order whatever order they arrive in.
    """
    ordered = points.assign(apart=~points["kind"].isin(_RANKED)).sort_values(
        ["apart", "priority", "n_callers", "last_at", "hotspot_id"],
        ascending=[True, False, False, False, True],
        kind="stable",
    )
    rank = ordered.groupby("apart").cumcount() + 1
    return rank.reindex(points.index).rename("rank")
