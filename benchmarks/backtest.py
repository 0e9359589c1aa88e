"""Does next week's list hold next week's callers: made-up cities and real requests.

    python benchmarks/backtest.py --seeds 101 102 103 104 105
    python benchmarks/backtest.py --seeds 101 102 103 104 105 --works 0.03
    python benchmarks/backtest.py --nyc DATA

The last 52 of 156 weeks, every ranker on the same weeks. The ceiling ranks by each unit's true
intensity of the week, with the weather of the season instead of the weather to come; "last week's
truth" knows the true intensity a week late and is what a filter could reach at best. `--works` is
the weekly chance that trouble is put right: the fewer works, the fewer dates to learn from. DATA
holds `requests_2010_2018.csv` and `nta_2010.geojson` of New York.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from simulated import FIRST_DAY, GROUPS, WEEKS, City, simulate

from geo_hotspots.analysis.gather import gather_cases
from geo_hotspots.analysis.register import NO_WORKS
from geo_hotspots.config import Config
from geo_hotspots.hotspots.forecast.backtest import CHOSEN, run_backtest
from geo_hotspots.hotspots.forecast.forecast import expose_weeks, tabulate_cases
from geo_hotspots.hotspots.forecast.scores import bootstrap_weeks
from geo_hotspots.hotspots.forecast.selection import ALL
from geo_hotspots.hotspots.lifecycle.weekly import Weekly
from geo_hotspots.locating import locate
from geo_hotspots.memory import NO_PAST
from geo_hotspots.places.packs.pack import read_pack

Floats = npt.NDArray[np.float64]

K, ORIGINS = 20, 52
MEANS = ("ewma_0.1", "ewma_0.2", "ewma_0.3")


def tabulate(city: City) -> Weekly:
    """Lay a city's cases out as the tool does."""
    spot = city.cases["place"].map("p{}".format)
    cases = city.cases.assign(spot=spot, weight=1.0).join(city.places, on="place")
    works = city.works.assign(spot=city.works["place"].map("p{}".format))
    return tabulate_cases(cases, works, as_of=FIRST_DAY + pd.Timedelta(days=7 * WEEKS - 1))


def find_truth(city: City, weekly: Weekly) -> Floats:
    """Give every unit's true intensity per week, the weather that of the season."""
    place = weekly.units["spot"].str[1:].astype(int).to_numpy()
    group = np.array([GROUPS.index(name) for name in weekly.units["group"]])
    truth: Floats = city.background[place, group][:, None] * city.season[group]
    unit = pd.Series(np.arange(len(place)), pd.MultiIndex.from_arrays([place, group]))
    codes = [GROUPS.index(name) for name in city.chronic["group"]]
    rows = unit.reindex(pd.MultiIndex.from_arrays([city.chronic["place"], codes]))
    known = rows.notna().to_numpy()
    truth[rows[known].astype(int)] += city.awaited[known]
    return truth


def measure(seed: int, works: float) -> tuple[pd.DataFrame, Floats]:
    """Give the callers caught a week per ranker, with the ceiling's, and all callers a week."""
    city = simulate(seed, works=works)
    weekly = tabulate(city)
    result = run_backtest(weekly, expose_weeks(weekly, city.rain), origins=ORIGINS)
    at = result.rows[(result.rows["category"] == ALL) & (result.rows["k"] == K)]
    hits = at.assign(hits=at["hit_rate"] * at["n_next"]).pivot_table(
        index="origin", columns="ranker", values="hits"
    )
    truth = find_truth(city, weekly)
    weeks = range(WEEKS - ORIGINS, WEEKS)
    for name, lag in (("ceiling", 0), ("last week's truth", 1)):
        hits[name] = [
            weekly.week(w)[
                np.argsort(-truth[: weekly.n_known[w], w - lag], kind="stable")[:K]
            ].sum()
            for w in weeks
        ]
    return hits, np.array([weekly.week(w).sum() for w in weeks])


def simulated(seeds: list[int], works: float) -> None:
    """Print the made-up cities: hit rates by seed, and how far ahead over all of them."""
    runs = {seed: measure(seed, works) for seed in seeds}
    rates = pd.DataFrame({s: hits.sum() / total.sum() for s, (hits, total) in runs.items()})
    rates["mean"] = rates.mean(axis=1)
    rates["of ceiling"] = rates["mean"] / rates.loc["ceiling", "mean"]
    print((rates.sort_values("mean")).round(3).to_string())
    hits = pd.concat([h for h, _ in runs.values()], ignore_index=True)
    best = str(rates.loc[list(MEANS), "mean"].idxmax())
    for name in ("count_4", best):
        base = rates.loc[name, "mean"]
        ahead = (hits[CHOSEN] - hits[name]).to_numpy()
        interval = bootstrap_weeks(ahead, hits[name].to_numpy(), rng=np.random.default_rng(0))
        gain = rates.loc[CHOSEN, "mean"] / base - 1
        low, high = 100 * interval
        print(f"chosen above {name}: {100 * gain:+.1f} % [{low:+.1f}, {high:+.1f}]")


def real(data: Path) -> None:
    """Print New York: every ranker's pooled hit rates, and how far the tool is from the best."""
    from real_nyc import build_pack  # noqa: PLC0415 - the pack takes a while

    with tempfile.TemporaryDirectory() as folder:
        pack = read_pack(str(build_pack(data, Path(folder))))
        located = locate([data / "requests_2010_2018.csv"], pack, Config(), salt=b"benchmark")
    end = pd.Timestamp("2014-06-29")
    cases = located.cases[located.cases["reported_at"] < end + pd.Timedelta(days=1)]
    cases = cases[cases["reported_at"] >= "2012-12-31"]
    weekly = tabulate_cases(gather_cases(cases, NO_PAST, Config()), NO_WORKS, as_of=end)
    table = run_backtest(weekly, expose_weeks(weekly, None), origins=68).summary
    print(table.round(4).to_string())
    best = table.drop(CHOSEN)["hit_20"]
    behind = 100 * (best.max() - table.loc[CHOSEN, "hit_20"])
    print(f"below the best ({best.idxmax()}): {behind:.2f} points")


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", nargs="*", type=int, default=[])
    parser.add_argument("--works", type=float, default=0.15)
    parser.add_argument("--nyc", type=Path)
    asked = parser.parse_args()
    if asked.seeds:
        simulated(asked.seeds, asked.works)
    if asked.nyc:
        real(asked.nyc)


if __name__ == "__main__":
    main()
