"""Did a batch of rectifications help: before and after, against the same trouble elsewhere."""

from typing import NamedTuple

import pandas as pd
from scipy.special import ndtri

DAYS = 91  # compared before and after


class Effect(NamedTuple):
    """The weighted displacement difference of a batch without displacement areas.

    Attributes
    ----------
    difference
        Cases after at the treated points, less those that they would have had, had they gone the
        way of the controls; below nought is an improvement.
    low, high
        90 % interval.
    treated_before, treated_after, control_before, control_after
        Cases.
    """

    difference: float
    low: float
    high: float
    treated_before: int
    treated_after: int
    control_before: int
    control_after: int


def measure_effect(
    cases: pd.DataFrame,
    treated: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
    days: int = DAYS,
    level: float = 0.90,
) -> Effect:
    """Hold the points of a batch against the same categories in other communities.

    Parameters
    ----------
    cases
        `spot`, `group`, `community_code`, `reported_at`.
    treated
        `spot`, `group`, `community_code`, `day` of each rectification; one a point. Each point is
        compared over the same days before and after its own day, the day itself left out, and
        so are its controls: all cases of its group outside every treated community.
    as_of
        The last day counted; a rectification less than `days` old is compared over fewer days.

    Returns
    -------
    effect
        The counts are Poisson; the interval is the delta method's.

    References
    ----------
    Wheeler, A. P. & Ratcliffe, J. H. (2018). A simple weighted displacement difference test to
    evaluate place based crime interventions. Crime Science, 7, 11. Their controls are of one size
    with the treated; here the controls' change is a ratio, so that their number does not matter.
    """
    tb = ta = cb = ca = 0
    is_apart = cases["community_code"].notna()
    is_apart &= ~cases["community_code"].isin(treated["community_code"])
    for (group, _), works in treated.groupby(["group", "day"], observed=True):
        ours = cases["group"] == group
        done = works["day"].iloc[0]
        length = min(days, max((as_of.normalize() - done).days, 0))
        since = (cases.loc[ours, "reported_at"].dt.normalize() - done).dt.days
        before, after = since.between(-length, -1), since.between(1, length)
        is_point = cases.loc[ours, "spot"].isin(works["spot"])
        tb, ta = tb + int((before & is_point).sum()), ta + int((after & is_point).sum())
        weight = len(works)
        cb += weight * int((before & is_apart[ours]).sum())
        ca += weight * int((after & is_apart[ours]).sum())
    ratio = ca / cb if cb else 1.0
    difference = ta - tb * ratio
    noise = tb**2 * ratio**2 * (1 / ca + 1 / cb) if ca and cb else 0.0
    spread = float(ndtri(0.5 + level / 2)) * (ta + ratio**2 * tb + noise) ** 0.5
    return Effect(difference, difference - spread, difference + spread, tb, ta, cb, ca)
