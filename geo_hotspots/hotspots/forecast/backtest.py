"""Every week of the last year forecast from what was known on its eve, and held against it.

Lists, the choice of ranker, season, rain and calibration all come from the weeks before; only the
score knows the week itself. What is judged is the score, not the priority.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.hotspots.forecast.exposure import Exposure
from geo_hotspots.hotspots.forecast.forecast import MODEL
from geo_hotspots.hotspots.forecast.rankers import name_rankers
from geo_hotspots.hotspots.forecast.scores import bootstrap_weeks, poisson_deviance, score_lists
from geo_hotspots.hotspots.forecast.selection import ALL, Choice, choose_weekly, list_top
from geo_hotspots.hotspots.lifecycle.weekly import Weekly
from geo_hotspots.schema import BACKTEST_COLUMNS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CHOSEN = "chosen"
LENGTHS = (10, 20, 50, 100)
JUDGED = 20  # the length that differences and lead times are given for
ORIGINS = 52
LEAST_WEEKS = 9  # of cases before the first week that is forecast
_LEAST_CALLS = 6.0  # a week: smaller groups have no rows of their own
_DAYS_INTO = 3.5  # of a week, when a call comes on average


class Backtest(NamedTuple):
    """What a year of forecasts comes to.

    Attributes
    ----------
    rows
        One per origin (the last day known), category group or `all`, ranker or `chosen`, and k:
        `schema.BACKTEST_COLUMNS`.
    summary
        Per ranker, over all groups: pooled hit rates (`hit_10`, …), mean `precision_20`,
        `pai_20`, `pei_20`, `ndcg_20`, `deviance`, median `lead_days` of the callers that the
        first 20 places caught, and `ahead`, `ahead_low`, `ahead_high`: how far `chosen` is
        ahead in hit rate at 20, with its 95 % interval.
    choices
        Per origin: the ranker chosen by each group.
    n_units
        Units known on the last eve.
    """

    rows: pd.DataFrame
    summary: pd.DataFrame
    choices: pd.DataFrame
    n_units: int


def run_backtest(
    weekly: Weekly,
    exposure: Exposure,
    *,
    origins: int = ORIGINS,
    visits: pd.DataFrame | None = None,
) -> Backtest:
    """Forecast each of the last weeks and score it.

    Parameters
    ----------
    origins
        How many weeks, fewer where the table is short.
    visits
        `unit` and `week` of patrols, where any are known: a listed unit that was visited and
        stayed quiet counts neither as a hit nor as a miss in `precision`.
    """
    first = max(weekly.weeks - origins, min(LEAST_WEEKS, weekly.weeks))
    names = (*name_rankers(dated=weekly.done.nnz > 0), CHOSEN)
    groups = _list_groups(weekly)
    frames, choices, stays = [], {}, _Stays(len(weekly.units), names)
    for forecast, choice in choose_weekly(weekly, exposure, first=first, model=MODEL):
        if forecast.week == weekly.weeks:
            break
        origin = weekly.ends(forecast.week - 1)
        choices[origin] = choice.rankers
        expected = np.vstack([forecast.expected, choice.expected])
        excused = _excuse(weekly, forecast.week, visits)
        for group in groups:
            frame = _score(weekly, choice, expected, group, excused=excused, names=names)
            frames.append(frame.assign(origin=origin))
        stays.follow(list_top(expected, JUDGED), weekly.week(forecast.week))
    rows = pd.concat(frames, ignore_index=True)[list(BACKTEST_COLUMNS)]
    table = pd.DataFrame(choices, index=[*weekly.groups, ALL]).T
    return Backtest(
        rows, _summarise(rows, names, stays.lead_days()), table, int(weekly.n_known[-1])
    )


def _list_groups(weekly: Weekly) -> list[int]:
    """List the groups large enough to have rows of their own, and last all of them together."""
    calls = weekly.daily.sum(axis=1) / weekly.weeks
    return [*np.flatnonzero(calls >= _LEAST_CALLS).tolist(), len(weekly.groups)]


def _excuse(weekly: Weekly, week: int, visits: pd.DataFrame | None) -> npt.NDArray[np.bool_]:
    excused = np.zeros(len(weekly.units), dtype=bool)
    if visits is not None:
        excused[visits.loc[visits["week"] == week, "unit"].to_numpy(np.int64)] = True
    quiet: npt.NDArray[np.bool_] = excused & (weekly.week(week) == 0)
    return quiet


def _score(
    weekly: Weekly, choice: Choice, expected: Floats, group: int, *,
    excused: npt.NDArray[np.bool_], names: tuple[str, ...],
) -> pd.DataFrame:  # fmt: skip
    """Score every ranker's list of one group and week, at every length."""
    calls, known = weekly.week(choice.week), expected.shape[1]
    is_all = group == len(weekly.groups)
    inside = np.ones(len(calls), dtype=bool) if is_all else weekly.group == group
    members = np.flatnonzero(inside[:known])
    lists = members[list_top(expected[:, members], LENGTHS[-1])]
    calls = np.where(inside, calls, 0.0)
    every = np.vstack([choice.every, choice.expected])[:, members]
    deviance = poisson_deviance(every, calls[members]) if len(members) else np.nan
    frames = []
    for k in LENGTHS:
        scores = score_lists(
            lists, calls, n_next=calls.sum(), k=k, n_known=len(members), excused=excused
        )
        frames.append(pd.DataFrame(scores._asdict()).assign(
            ranker=names, k=k, n_next=calls.sum(), deviance=deviance,
            n_excused=excused[lists[:, :k]].sum(axis=1),
        ))  # fmt: skip
    return pd.concat(frames).assign(category=ALL if is_all else weekly.groups[group])


class _Stays:
    """For how many weeks in a row each ranker has listed each unit, and whom it caught then."""

    def __init__(self, n_units: int, names: tuple[str, ...]) -> None:
        self.names = names
        self.weeks = np.zeros((len(names), n_units), dtype=np.int64)
        self.caught: list[tuple[Ints, Floats]] = []

    def follow(self, lists: Ints, calls: Floats) -> None:
        listed = np.zeros_like(self.weeks)
        np.put_along_axis(listed, lists, 1, axis=1)
        self.weeks = (self.weeks + 1) * listed
        self.caught.append((np.take_along_axis(self.weeks, lists, axis=1), calls[lists]))

    def lead_days(self) -> dict[str, float]:
        """Give the median, over callers caught, of days since their unit came on the list."""
        weeks = np.hstack([w for w, _ in self.caught])
        calls = np.hstack([c for _, c in self.caught])
        return {
            name: 7 * (_weighted_median(w, c) - 1) + _DAYS_INTO
            for name, w, c in zip(self.names, weeks, calls, strict=True)
        }


def _weighted_median(values: Ints, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(weights[order])
    if not len(sums) or sums[-1] == 0:
        return float("nan")
    return float(values[order][np.searchsorted(sums, sums[-1] / 2)])


def _summarise(
    rows: pd.DataFrame, names: tuple[str, ...], lead_days: dict[str, float]
) -> pd.DataFrame:
    """Pool the weeks: hit rates by callers, the others as means of weeks."""
    ours = rows[rows["category"] == ALL].assign(hits=lambda r: r["hit_rate"] * r["n_next"])
    pooled = ours.groupby(["ranker", "k"])[["hits", "n_next"]].sum()
    rates = (pooled["hits"] / pooled["n_next"]).unstack().add_prefix("hit_")  # noqa: PD010 - from an index
    at = ours[ours["k"] == JUDGED]
    means = at.groupby("ranker")[["precision", "pai", "pei", "ndcg"]].mean()
    table = rates.join(means.add_suffix(f"_{JUDGED}"))
    table["deviance"] = at.groupby("ranker")["deviance"].mean()
    table["lead_days"] = pd.Series(lead_days)
    hits = at.pivot_table(index="origin", columns="ranker", values="hits", dropna=False).fillna(0.0)
    totals = at.groupby("origin")["n_next"].first().to_numpy()
    ahead = {n: _hold(hits[CHOSEN].to_numpy() - hits[n].to_numpy(), totals) for n in names}
    columns = ["ahead", "ahead_low", "ahead_high"]
    return table.join(pd.DataFrame(ahead, index=columns).T).reindex(list(names))


def _hold(hits: Floats, totals: Floats) -> list[float]:
    low, high = bootstrap_weeks(hits, totals, rng=np.random.default_rng(0))
    return [float(hits.sum() / max(totals.sum(), 1.0)), float(low), float(high)]
