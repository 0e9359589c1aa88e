"""Do rectifications hold and do they help, by category: what the report says of them."""

import pandas as pd

from geo_hotspots.hotspots.lifecycle.effect import measure_effect
from geo_hotspots.hotspots.lifecycle.rebounds import list_rebounds
from geo_hotspots.hotspots.lifecycle.survival import ALL, survival_by

_AS_TEXT = dict.fromkeys(("spot", "group", "community_code"), "str")  # few rows: plain words
_NEEDED = ("spot", "group", "community_code", "reported_at", "caller")


def judge_works(
    cases: pd.DataFrame, rectified: pd.DataFrame, *, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Follow every rectification up to a day.

    Parameters
    ----------
    cases
        `spot`, `group`, `community_code`, `reported_at`, `caller`.
    rectified
        `spot`, `group`, `day`.

    Returns
    -------
    table
        `survival.survival_by` by category, and `difference`, `low`, `high` of
        `effect.measure_effect`; the most rectified first, `all` on top; empty without works.
    """
    works = rectified[["spot", "group", "day"]].drop_duplicates()
    works = works[works["day"] <= as_of.normalize()].sort_values(["spot", "group", "day"])
    if works.empty:
        return pd.DataFrame()
    pair = works.groupby(["spot", "group"], sort=True).ngroup()
    keys = works.assign(number=pair)[["spot", "group", "number"]].drop_duplicates()
    near = cases.loc[cases["spot"].isin(keys["spot"]), list(_NEEDED)]
    owned = near.astype(_AS_TEXT).merge(keys, on=["spot", "group"])
    rebounds = list_rebounds(owned, works.assign(number=pair), as_of=as_of)
    group = keys.set_index("number")["group"]
    table = survival_by(rebounds, rebounds["number"].map(group))
    where = owned.groupby("number")["community_code"].agg(lambda c: c.mode().min())
    treated = works.assign(community_code=pair.map(where)).reset_index(drop=True)
    effects = {
        name: measure_effect(
            cases, treated if name == ALL else treated[treated["group"] == name], as_of=as_of
        )
        for name in table.index
    }
    parts = {name: (e.difference, e.low, e.high) for name, e in effects.items()}
    return table.join(pd.DataFrame(parts, index=["difference", "low", "high"]).T)
