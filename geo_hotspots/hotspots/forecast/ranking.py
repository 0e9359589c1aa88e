"""In which order to go: how many callers next week, lifted by what is still open.

The score is a forecast (`forecast`) and is held against what then came; the priority adds judgement
with printed weights and is what the list is sorted by.
"""

import pandas as pd

LISTED_KINDS = ("group", "repeat")
RESTING = ("quiet", "insufficient")


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
    ordered = points.assign(apart=~points["kind"].isin(LISTED_KINDS)).sort_values(
        ["apart", "priority", "n_callers", "last_at", "hotspot_id"],
        ascending=[True, False, False, False, True],
        kind="stable",
    )
    rank = ordered.groupby("apart").cumcount() + 1
    return rank.reindex(points.index).rename("rank")


def choose_listed(
    points: pd.DataFrame,
    *,
    size: int,
    kinds: tuple[str, ...] = LISTED_KINDS,
    woken: tuple[str, ...] = (),
) -> pd.DataFrame:
    """Choose the points to walk to, best first.

    Parameters
    ----------
    points
        `kind`, `lifecycle`, `category`, `rank`, `priority`, `hotspot_id`. Points at rest (quiet,
        or too few cases to say) are left out; of single callers the quiet ones alone.
    size
        How many at most.
    woken
        Categories whose points come first, and though they rest: rain is forecast.
    """
    resting = RESTING if kinds == LISTED_KINDS else RESTING[:1]
    points = points.assign(is_dry=~points["category"].isin(woken))
    is_up = ~points["lifecycle"].isin(resting) | ~points["is_dry"]
    chosen = points[points["kind"].isin(kinds) & is_up]
    order = ["is_dry", "rank", "priority", "hotspot_id"]
    chosen = chosen.sort_values(order, ascending=[True, True, False, True]).head(size)
    return chosen.drop(columns="is_dry")
