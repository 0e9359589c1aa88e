"""Follow points over a year of weekly runs in which rows come late or are corrected.

    python benchmarks/identity.py [--seeds 1 2 3] [--weeks 52]

A made-up district: chronic places that are at times active, half of them written with an address
and half with coordinates only, over a background. Every week's export holds the week's cases, but
5 % come one to four weeks late and 5 % come wrong at first (another category, another place, or
another outcome) and right one to four weeks later. Each week goes through the real history and
the real search for repeat points; then each listed point is held against what most of its cases
truly are.

Kept: of all times that a true place was listed again, how often under the name it had last.
Beside ours: the hash of the point's present key (no memory), the hash of its middle to some 10 m
(no memory), and numbers by size, which is what clustering anew each week gives. Intervals are 95 %
(bootstrap over places). Taken: names that at some time stood for another place before.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from geo_hotspots.analysis.gather import gather_cases
from geo_hotspots.analysis.points import list_points
from geo_hotspots.config import Config
from geo_hotspots.history import open_history
from geo_hotspots.history.cases import cases_known, merge_cases, words_known
from geo_hotspots.history.points import keep_points, keys_before, members_before
from geo_hotspots.history.tables import FACTS, PLACES
from geo_hotspots.hotspots.points.identity import Known, hash_key, middles
from geo_hotspots.hotspots.points.repeats import MIXED, number_points
from geo_hotspots.memory import NO_PAST, _as_listed

START = pd.Timestamp("2019-01-07")
PLACES_N, CHRONIC = 1500, 80
GROUPS = np.array([f"大类->小类{i}" for i in range(12)])
WEST, SOUTH, METRE = 116.40, 39.90, 1 / 111_195
DTYPES = {"text": "str", "number": "float64", "time": "datetime64[us]", "flag": "boolean"}


def simulate(rng: np.random.Generator, weeks: int) -> pd.DataFrame:
    """Make true cases: `place`, `group`, `at`, `caller`."""
    chronic = rng.choice(PLACES_N, CHRONIC, replace=False)
    kind = rng.integers(0, len(GROUPS), CHRONIC)
    active = np.zeros((CHRONIC, weeks), dtype=bool)
    for i in range(CHRONIC):
        for start in rng.integers(-8, weeks, rng.integers(1, 4)):
            active[i, max(start, 0) : start + rng.integers(4, 20)] = True
    calls = rng.poisson(np.where(active, rng.gamma(3, 0.4, (CHRONIC, 1)), 0.02))
    i, week = (np.repeat(a.ravel(), calls.ravel()) for a in np.indices(calls.shape))
    noise = 80 * weeks
    place = np.r_[chronic[i], rng.integers(0, PLACES_N, noise)]
    group = np.r_[kind[i], rng.integers(0, len(GROUPS), noise)]
    week = np.r_[week, rng.integers(0, weeks, noise)]
    at = START + pd.to_timedelta(week * 7 + rng.integers(0, 7, len(week)), unit="D")
    at += pd.to_timedelta(rng.integers(8 * 3600, 20 * 3600, len(week)), unit="s")
    caller = [f"c{n}" for n in rng.integers(0, 40_000, len(week))]
    return pd.DataFrame({"place": place, "group": group, "at": at, "caller": caller, "week": week})


def write_rows(true: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Lay the cases out as placed rows; odd places have no address."""
    where = np.random.default_rng(7).uniform(0, 5000, (PLACES_N, 2))  # metres
    keyed = true["place"].to_numpy() % 2 == 0
    off = rng.normal(0, 8, (len(true), 2)) * ~keyed[:, None]
    metres = where[true["place"]] + off
    key = pd.Series([f"K{p}" for p in true["place"]], dtype="str").where(keyed)
    category = pd.Series(GROUPS[true["group"]], dtype="str")
    known = {
        "case_id": [f"A{n}" for n in range(len(true))], "reported_at": true["at"],
        "category": category, "category_1": category.str[:2], "category_2": category.str[4:],
        "category_3": category.str[4:], "caller": true["caller"], "status": "located",
        "level": np.where(keyed, "building", "poi"), "place_key": key, "place_name": key,
        "lng": WEST + metres[:, 0] * METRE / np.cos(np.radians(SOUTH)),
        "lat": SOUTH + metres[:, 1] * METRE, "uncertainty_m": np.where(keyed, 20.0, 30.0),
    }  # fmt: skip
    kinds = FACTS | PLACES
    rows = pd.DataFrame(known).reindex(columns=list(kinds))
    rows = rows.astype({name: DTYPES[kind] for name, kind in kinds.items()})
    return rows.assign(case_key=rows["case_id"])


def tell(true: pd.DataFrame, rng: np.random.Generator) -> Iterator[pd.DataFrame]:
    """Give each week's export: the week's cases, the late and the corrected."""
    rows, n = write_rows(true, rng), len(true)
    late, wrong = rng.random(n) < 0.05, rng.random(n) < 0.05
    arrives = true["week"].to_numpy() + np.where(late, rng.integers(1, 5, n), 0)
    mended = arrives + rng.integers(1, 5, n)
    other = true.assign(
        group=np.where(rng.random(n) < 0.5, rng.integers(0, len(GROUPS), n), true["group"]),
        place=np.where(rng.random(n) < 0.5, rng.integers(0, PLACES_N, n), true["place"]),
    )
    first = write_rows(other, rng).assign(resolved=pd.array([False] * n, dtype="boolean"))
    for week in range(int(true["week"].max()) + 1):
        fresh = (arrives == week) & ~wrong
        yield pd.concat([rows[fresh], first[(arrives == week) & wrong],
                         rows[wrong & (mended == week)]])  # fmt: skip


def run_year(true: pd.DataFrame, rng: np.random.Generator, path: Path) -> pd.DataFrame:
    """Run every week; give `week`, `truth` and each scheme's name of every listed point."""
    config, sightings = Config(), []
    is_of = pd.Series(list(zip(true["place"], true["group"], strict=True)))
    is_of.index = pd.Index([f"A{n}" for n in range(len(true))])
    for week, told in enumerate(tell(true, rng)):
        day = date(2019, 1, 13) + timedelta(weeks=week)
        with open_history(path, pack="simulated", salt=b"s") as history:
            merge_cases(history, told, as_of=day, placed_by="simulated")
            known = Known(keys_before(history, day), members_before(history, day))
            past = replace(NO_PAST, known=known, recall_words=partial(words_known, history, day))
            cases = gather_cases(cases_known(history, day), past, config)
            points, lineage = list_points(
                cases, known, partial(words_known, history, day),
                config=config, end=pd.Timestamp(day),
            )  # fmt: skip
            at = number_points(points, cases)
            part = cases[at >= 0].assign(number=at[at >= 0])
            members = pd.Series(points["hotspot_id"].to_numpy()[part["number"]], part.index)
            hotspots = points.assign(name="", lifecycle="", rank=1, score=0.0, priority=0.0)
            parted = pd.DataFrame({"case_key": part["case_key"], "hotspot_id": members})
            listed = _as_listed(points, hotspots, cases, members.reindex(cases.index))
            keep_points(history, listed, parted, lineage, as_of=day)
            history.commit()
        if points.empty:
            continue
        sightings.append(name_all(points, part, is_of).assign(week=week))
    return pd.concat(sightings, ignore_index=True)


def name_all(points: pd.DataFrame, part: pd.DataFrame, is_of: pd.Series) -> pd.DataFrame:
    """Name the listed points by each scheme, and say what most cases of each truly are."""
    own = is_of.loc[part["case_key"]].groupby(part["number"].to_numpy())
    truth = own.agg(lambda t: t.value_counts().index[0]).reindex(range(len(points)))
    # A point of all its categories together truly is its place.
    is_mixed = points["group"].to_numpy() == MIXED
    middle = middles(part, part["number"]).reindex(range(len(points)))
    place = middle["lng"].map("{:.4f}".format) + "," + middle["lat"].map("{:.4f}".format)
    size = part["number"].value_counts().reindex(range(len(points)), fill_value=0).to_numpy()
    named = pd.DataFrame({
        "truth": [
            (t[0], MIXED) if m and isinstance(t, tuple) else t
            for t, m in zip(truth, is_mixed, strict=True)
        ],
        "ours": points["hotspot_id"].to_numpy(),
        "key hash": [hash_key(s, g) for s, g in zip(points["spot"], points["group"], strict=True)],
        "place hash": (place + points["group"].to_numpy()).to_numpy(),
        "clustered anew": np.argsort(np.argsort(-size, kind="stable")),
    })  # fmt: skip
    return named[size > 0]


def judge(sightings: pd.DataFrame, scheme: str, rng: np.random.Generator) -> str:
    """Give the share of kept names with its interval, and the share of taken ones."""
    seen = sightings.sort_values("week", kind="stable")
    # A place may be listed as two points at once; either name it had last is a name it had.
    had: dict[object, set[object]] = {}
    owner: dict[object, object] = {}
    kept: dict[object, list[bool]] = {}
    taken = 0
    for (_, truth), names in seen.groupby(["week", "truth"], sort=False)[scheme]:
        now = set(names)
        if truth in had:
            kept.setdefault(truth, []).append(bool(had[truth] & now))
        taken += sum(owner.setdefault(name, truth) != truth for name in now)
        had[truth] = now
    hits = np.array([[sum(k), len(k)] for k in kept.values()])
    draws = [hits[rng.integers(0, len(hits), len(hits))].sum(axis=0) for _ in range(1000)]
    low, high = np.percentile([a / b for a, b in draws], [2.5, 97.5])
    share = hits[:, 0].sum() / hits[:, 1].sum()
    whole = np.mean(hits[:, 0] == hits[:, 1])
    return f"{share:.4f} ({low:.4f}-{high:.4f})  {whole:.3f}  {taken / len(seen):.4f}"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--weeks", type=int, default=52)
    asked = parser.parse_args()
    print("seed  scheme          kept (95 %)             whole year  taken")
    for seed in asked.seeds:
        rng = np.random.default_rng(seed)
        true = simulate(rng, asked.weeks)
        with tempfile.TemporaryDirectory() as folder:
            sightings = run_year(true, rng, Path(folder) / "history.duckdb")
        n = sightings.groupby("week").size().mean()
        for scheme in ("ours", "key hash", "place hash", "clustered anew"):
            line = judge(sightings, scheme, np.random.default_rng(0))
            print(f"{seed:4}  {scheme:14}  {line}", flush=True)
        print(f"      {len(true)} cases, {n:.0f} points a week", flush=True)


if __name__ == "__main__":
    main()
