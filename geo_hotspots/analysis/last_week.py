"""How last week's list fared: the one given out, or one made again from what was known then."""

import pandas as pd

from geo_hotspots.analysis.gather import Recall, count_by
from geo_hotspots.analysis.points import begin_points, describe_points, name_found
from geo_hotspots.config import Config
from geo_hotspots.hotspots.forecast.forecast import Outlook
from geo_hotspots.hotspots.forecast.lookback import WEEK_DAYS, look_back
from geo_hotspots.hotspots.forecast.ranking import choose_listed
from geo_hotspots.hotspots.points.identity import Known, name_pairs
from geo_hotspots.hotspots.points.pairs import find_rows
from geo_hotspots.hotspots.points.repeats import number_points
from geo_hotspots.memory import Past
from geo_hotspots.schema import MET_AGAIN
from geo_hotspots.spread import Crew, Later
from geo_hotspots.words import Words


def begin_last_week(
    cases: pd.DataFrame, past: Past, *, config: Config, end: pd.Timestamp, crew: Crew
) -> Later[pd.DataFrame]:
    """Begin to find the points of a week ago; there are none to find where its list was kept."""
    then = end - pd.Timedelta(days=WEEK_DAYS)
    is_kept = (past.listed["as_of"] == then).any()
    known = cases.iloc[: 0 if is_kept else count_by(cases, then)]
    return begin_points(known, config=config, end=then, crew=crew)


def judge_last_week(
    cases: pd.DataFrame, ids: pd.Series, rectified: pd.DataFrame, points: pd.DataFrame,
    recall: Recall, *, found_then: Later[pd.DataFrame], outlook: Outlook, past: Past,
    config: Config, end: pd.Timestamp,
) -> tuple[Words | None, frozenset[str]]:  # fmt: skip
    """Say how last week's list fared: the one given out where it was kept, else one made again.

    Give its points too, which are none where the cases do not reach back so far.

    Made again, of the points `found_then`, it knows what was known then, but for the call-back's
    answers (resolved, satisfied), whose day is not in the cases.
    """
    then = end - pd.Timedelta(days=WEEK_DAYS)
    week = cases.iloc[count_by(cases, then) :][["spot", "group", "reported_at", "weight"]]
    kept = past.listed[past.listed["as_of"] == then]
    if len(kept):
        listed = choose_listed(kept, size=config.patrol.size)["hotspot_id"]
        name = ids[week.index].astype("str").fillna(_name_others(week, points, past.known))
    else:
        listed, name = _make_again(
            cases, rectified, recall, found_then, outlook=outlook, past=past, config=config,
            then=then,
        )  # fmt: skip
    if listed.empty:
        return None, frozenset()
    visited = past.visits.loc[past.visits["day"] > then, "hotspot_id"]
    fared = look_back(
        set(listed), week.assign(hotspot_id=name), as_of=end.date(), is_kept=bool(len(kept)),
        visited=set(visited),
    )  # fmt: skip
    return fared.tell(), frozenset(listed)


def _name_others(cases: pd.DataFrame, points: pd.DataFrame, known: Known) -> pd.Series:
    """Name what each case is about as earlier runs did, though it is on no list today."""
    pairs = cases[["spot", "group"]].dropna().drop_duplicates().astype("str")
    names = name_pairs(pairs, points, known)
    row = find_rows(pairs, cases["spot"], cases["group"])
    return names.reset_index(drop=True).reindex(row).set_axis(cases.index)


def _make_again(
    cases: pd.DataFrame, rectified: pd.DataFrame, recall: Recall, found: Later[pd.DataFrame], *,
    outlook: Outlook, past: Past, config: Config, then: pd.Timestamp,
) -> tuple[pd.Series, pd.Series]:  # fmt: skip
    """Make the list of an earlier day from what was known on it.

    Returns
    -------
    listed
        Its `hotspot_id`s.
    name
        The `hotspot_id` of each later case; what was no point goes by its spot.
    """
    n_known = count_by(cases, then)
    known, later = cases.iloc[:n_known], cases.iloc[n_known:]
    nothing = pd.Series(dtype="str")
    if known["spot"].notna().sum() == 0:
        return nothing, nothing
    points, _ = name_found(found(), known, past.known, recall, config=config, end=then)
    done = rectified[rectified["day"] <= then]
    met = past.visits[(past.visits["outcome"] == MET_AGAIN) & (past.visits["day"] <= then)]
    shown, _ = describe_points(
        points, known, done, outlook.before, met, config=config, end=then, lang="zh"
    )
    number = number_points(points, later)
    name = number.where(number >= 0).map(points["hotspot_id"]).astype("str")
    listed = choose_listed(shown, size=config.patrol.size)["hotspot_id"]
    return listed, name.fillna(later["spot"].astype("str") + "|" + later["group"].astype("str"))
