"""How well the course of a point's life is told, on made-up points whose course is known.

    python benchmarks/lifecycle.py 101 102 103

Eight courses, one to three callers a week while active, 50 points each and seed. Beside ours:
the rules of emerging hot spot analysis, which ask for 90 % of the time steps, on the same points.
"""

import argparse
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import kendalltau, poisson
from sklearn.metrics import f1_score

from geo_hotspots.hotspots.lifecycle.lifecycle import trace_lives
from geo_hotspots.schema import LIFECYCLES

Floats = npt.NDArray[np.float64]

AS_OF = pd.Timestamp("2019-12-29")
WEEKS, EACH = 104, 50
WATCHED = 10  # weeks after a return that the delay is looked for in


class Course(NamedTuple):
    """A made-up point: callers expected per week, and the week of its rectification."""

    rate: Floats
    work: int | None


def plan_course(name: str, rng: np.random.Generator) -> Course:
    """Make up one point of a class."""
    level = rng.uniform(1, 3)
    rate, work = np.full(WEEKS, 0.01), None
    if name == "new":
        rate[WEEKS - rng.integers(1, 7) :] = level
    elif name in ("intensifying", "diminishing"):
        start = WEEKS - rng.integers(16, 40)
        ramp = np.linspace(0.35, 1.65, WEEKS - max(start, WEEKS - 26))
        rate[start:] = level * ramp[0]
        rate[-len(ramp) :] = level * ramp
        if name == "diminishing":
            rate[start:] = level * ramp[-1]
            rate[-len(ramp) :] = level * ramp[::-1]
    elif name == "persistent":
        rate[WEEKS - rng.integers(18, WEEKS) :] = level
    elif name == "sporadic":
        at = WEEKS - int(rng.integers(1, 5))
        while at > WEEKS - 70:
            rate[at : at + rng.integers(1, 4)] = level
            at -= int(rng.integers(6, 13))
    elif name == "rebounding":
        back = WEEKS - int(rng.integers(2, 13))
        work = back - int(rng.integers(3, 17))
        rate[work - int(rng.integers(8, 27)) : work + 1] = level
        rate[back:] = level
    elif name == "quiet":
        end = WEEKS - int(rng.integers(7, 30))
        rate[end - int(rng.integers(8, 40)) : end] = level
        work = end - 1 if rng.random() < 0.5 else None
    return Course(rate, work)


def make_points(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Make up cases, rectifications and the truth."""
    rng = np.random.default_rng(seed)
    cases, works, truth = [], [], []
    for number, name in enumerate(np.repeat(LIFECYCLES, EACH)):
        course = plan_course(name, rng)
        calls = rng.poisson(course.rate)
        while name == "new" and calls.sum() < 3:  # fewer are insufficient by definition
            calls = rng.poisson(course.rate)
        if name == "insufficient":
            calls = np.bincount(
                rng.integers(WEEKS - 50, WEEKS, rng.integers(1, 3)), minlength=WEEKS
            )
        day = 7 * np.repeat(np.arange(WEEKS), calls) + rng.integers(0, 7, calls.sum())
        if course.work is not None:
            works.append((number, 7 * course.work + 6))
        cases.append(pd.DataFrame({"number": number, "day": day, "caller": np.arange(len(day))}))
        truth.append(str(name))
    table = pd.concat(cases, ignore_index=True).assign(weight=1.0)
    first = AS_OF - pd.Timedelta(days=7 * WEEKS - 1)
    table["reported_at"] = first + pd.to_timedelta(table["day"], unit="D")
    done = pd.DataFrame(works, columns=["number", "day"])
    done["day"] = first + pd.to_timedelta(done["day"], unit="D")
    return table, done, truth


def class_by_90_percent(cases: pd.DataFrame, n: int) -> list[str]:
    """Class by the rules of emerging hot spot analysis, time steps of four weeks, one year."""
    ago = ((AS_OF - cases["reported_at"].dt.normalize()).dt.days // 28).to_numpy()
    inside = ago < 13
    table = np.zeros((n, 13))
    np.add.at(table, (cases["number"].to_numpy()[inside], 12 - ago[inside]), 1.0)
    hot = poisson.sf(table - 1, table.mean()) < 0.05
    return [_esri(h, t) for h, t in zip(hot, table, strict=True)]


def _esri(hot: npt.NDArray[np.bool_], counts: Floats) -> str:
    """Name one point's class; ours for what means the same."""
    if not hot.any():
        return "insufficient"
    if not hot[-1]:
        return "quiet" if hot.mean() >= 0.9 else "sporadic"
    if hot.sum() == 1 or not hot[: -int(np.argmin(hot[::-1])) or None].any():
        return "new"
    if hot.mean() < 0.9:
        return "sporadic"
    tau = kendalltau(np.arange(13), counts)
    if tau.pvalue >= 0.05:
        return "persistent"
    return "intensifying" if tau.statistic > 0 else "diminishing"


def measure(seed: int) -> dict[str, float]:
    """Give the scores of one seed."""
    cases, done, truth = make_points(seed)
    n, none = len(truth), done.head(0)
    ours = trace_lives(cases, done, n=n, as_of=AS_OF, min_callers=3)["lifecycle"]
    blind = trace_lives(cases, none, n=n, as_of=AS_OF, min_callers=3)["lifecycle"]
    theirs = class_by_90_percent(cases, n)
    back = ["rebounding"]
    each = f1_score(truth, ours, labels=list(LIFECYCLES), average=None)
    return {
        "macro-F1": f1_score(truth, ours, average="macro"),
        "90 % rules": f1_score(truth, theirs, average="macro", zero_division=0.0),
        "rebound": f1_score(truth, ours, labels=back, average="macro"),
        "rebound, no dates": f1_score(truth, blind, labels=back, average="macro"),
        "weeks to notice": find_delay(seed),
        **dict(zip(LIFECYCLES, each, strict=True)),
    }


def find_delay(seed: int) -> float:
    """Give the median of weeks from the return of trouble to the week that calls it rebounding."""
    rng = np.random.default_rng(seed)
    calls, works = [], []
    for number in range(100):
        rate = rng.uniform(1, 3)
        weeks = np.r_[np.full(20, rate), np.zeros(10), np.full(WATCHED, rate)]
        count = rng.poisson(weeks)
        day = 7 * np.repeat(np.arange(len(weeks)), count) + rng.integers(0, 7, count.sum())
        calls.append(pd.DataFrame({"number": number, "day": day, "caller": np.arange(len(day))}))
        works.append((number, AS_OF + pd.Timedelta(days=7 * 20 - 1)))
    table = pd.concat(calls, ignore_index=True).assign(weight=1.0)
    table["reported_at"] = AS_OF + pd.to_timedelta(table["day"], unit="D")
    register = pd.DataFrame(works, columns=["number", "day"])
    delay = np.full(100, WATCHED + 1.0)
    for week in range(WATCHED, 0, -1):
        as_of = AS_OF + pd.Timedelta(days=7 * (30 + week) - 1)
        known = table[table["reported_at"] <= as_of]
        lives = trace_lives(known, register, n=100, as_of=as_of, min_callers=3)
        delay[(lives["lifecycle"] == "rebounding").to_numpy()] = week
    return float(np.median(delay))


def main() -> None:
    """Print a row per measure, a column per seed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", nargs="*", type=int, default=[101, 102, 103])
    table = pd.DataFrame({seed: measure(seed) for seed in parser.parse_args().seeds})
    table["mean"] = table.mean(axis=1)
    print(table.round(2).to_string())


if __name__ == "__main__":
    main()
