"""Did a rectification (整改) hold, and if not, for how long: one row a rectification.

Trouble is back when two different callers, or one patrol, have reported it since; the nameless
count one each. The next rectification, or the present day, ends the watch.
"""

import pandas as pd

REBOUND_CALLERS = 2


def list_rebounds(
    cases: pd.DataFrame,
    rectified: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
    found: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Follow every rectification until the trouble is back or the watch ends.

    Parameters
    ----------
    cases
        `number` (of the point), `reported_at`, `caller`.
    rectified
        `number`, `day`, up to `as_of`.
    found
        `number`, `day` of patrol visits that met the trouble.

    Returns
    -------
    rebounds
        One row per point and day of rectification, in that order: `number`, `day`, `days` from
        it to the rebound or to the end of the watch, `is_back`.
    """
    works = rectified[["number", "day"]].drop_duplicates().sort_values(["number", "day"])
    works = works.reset_index(drop=True)
    until = works.groupby("number")["day"].shift(-1).fillna(as_of.normalize())
    works = works.assign(until=until)
    seen = _list_sightings(cases, found)
    pairs = works.reset_index(names="work").merge(seen, on="number")
    pairs = pairs[(pairs["at"] > pairs["day"]) & (pairs["at"] <= pairs["until"])]
    pairs = pairs.sort_values(["work", "at"], kind="stable")
    fresh = pairs[pairs["caller"].isna() | ~pairs.duplicated(["work", "caller"])]
    heard = fresh.assign(sum=fresh.groupby("work")["counts"].cumsum())
    back = heard[heard["sum"] >= REBOUND_CALLERS].groupby("work")["at"].first()
    back = back.reindex(works.index)
    is_back = back.notna()
    days = (back.fillna(works["until"]) - works["day"]).dt.days
    return works[["number", "day"]].assign(days=days.astype("int64"), is_back=is_back)


def callers_after(
    cases: pd.DataFrame, last: pd.Series, *, found: pd.DataFrame | None = None
) -> pd.Series:
    """Count who called after the day of each point's last rectification.

    Parameters
    ----------
    last
        The day, indexed by number; missing where there was none.

    Returns
    -------
    callers
        The nameless one each, a patrol's finding two; 0 where nothing was rectified.
    """
    seen = _list_sightings(cases, found)
    later = seen[seen["at"] > last.reindex(seen["number"]).set_axis(seen.index)]
    named = later[later["caller"].notna()].drop_duplicates(["number", "caller"])
    counted = pd.concat([named, later[later["caller"].isna()]])
    callers: pd.Series = counted.groupby("number")["counts"].sum().reindex(last.index, fill_value=0)
    return callers


def _list_sightings(cases: pd.DataFrame, found: pd.DataFrame | None) -> pd.DataFrame:
    """Put calls and findings into one table: `number`, `at` (day), `caller`, `counts`."""
    calls = pd.DataFrame(
        {"number": cases["number"], "at": cases["reported_at"].dt.normalize(),
         "caller": cases["caller"], "counts": 1}
    )  # fmt: skip
    if found is None or found.empty:
        return calls
    visits = found[["number"]].assign(at=found["day"], caller=None, counts=REBOUND_CALLERS)
    return pd.concat([calls, visits.astype({"caller": calls["caller"].dtype})], ignore_index=True)
