"""Repeat points of a planted city: ours beside what others do, on seeds nothing was tuned on.

    python benchmarks/repeat_points.py              # seeds 101 to 110
    python benchmarks/repeat_points.py 7 8 --ours   # some seeds, without the alternatives

A listed point is right when most of its cases were planted as one point. Recall is by the callers
planted. ARI compares every located case's point, or none, with the truth. The alternatives get the
same located cases: DBSCAN and HDBSCAN per category on the coordinates, as 311 dashboards do;
complete linkage with our floor of three callers; and our own addresses without the test.
Intervals are 95 % of the mean over seeds (Student).
"""

import argparse
from collections.abc import Callable

import numpy as np
import pandas as pd
from planted_city import AS_OF, PLANTED, City, make_city, metres
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.stats import t as student
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.metrics import adjusted_rand_score

from geo_hotspots.config import HotspotsConfig
from geo_hotspots.hotspots.points.gather import assign_spots
from geo_hotspots.hotspots.points.repeats import Floor, find_repeats, number_points

SETTINGS = HotspotsConfig()
CLASSES = {">= 8": (8, 999), "5-7": (5, 7), "3-4": (3, 4)}
Labels = np.ndarray  # of every located case: its point, -1 for none


def list_ours(cases: pd.DataFrame) -> Labels:
    """List by the method of the tool."""
    floor = Floor(SETTINGS.min_callers, SETTINGS.min_days, SETTINGS.group_callers,
                  SETTINGS.group_days)  # fmt: skip
    points = find_repeats(
        cases, as_of=AS_OF, floor=floor, fdr=SETTINGS.fdr, window_days=SETTINGS.window_days
    )
    number = number_points(points, cases)
    return number.where(
        ~number.isin(points.index[points["kind"] == "single_caller"]), -1
    ).to_numpy()


def list_untested(cases: pd.DataFrame) -> Labels:
    """List every address and category with three callers."""
    label = cases.groupby(["spot", "group"]).ngroup().to_numpy()
    return keep_callers(cases, label)


def by_category(cluster: Callable[[np.ndarray], np.ndarray]) -> Callable[[pd.DataFrame], Labels]:
    """Cluster the coordinates of each category apart."""

    def cluster_all(cases: pd.DataFrame) -> Labels:
        label, start = np.full(len(cases), -1), 0
        xy = metres(cases["lng"].to_numpy(), cases["lat"].to_numpy())
        for rows in cases.reset_index(drop=True).groupby("group").indices.values():
            found = cluster(xy[rows])
            label[rows] = np.where(found >= 0, found + start, -1)
            start += found.max() + 1
        return label

    return cluster_all


def link_completely(xy: np.ndarray) -> np.ndarray:
    """Link completely up to 60 m."""
    return fcluster(linkage(xy, method="complete"), t=60, criterion="distance") - 1


def keep_callers(cases: pd.DataFrame, label: Labels, least: int = 3) -> Labels:
    """Keep the clusters of so many callers."""
    callers = cases["caller"].fillna(cases.index.to_series().astype("str"))
    n = callers.groupby(label).nunique()
    return np.where(np.isin(label, n.index[n >= least]), label, -1)


METHODS: dict[str, Callable[[pd.DataFrame], Labels]] = {
    "DBSCAN 30 m, 3 cases": by_category(DBSCAN(eps=30, min_samples=3).fit_predict),
    "DBSCAN 50 m, 3 cases": by_category(DBSCAN(eps=50, min_samples=3).fit_predict),
    "HDBSCAN, 5 cases": by_category(HDBSCAN(min_cluster_size=5, copy=True).fit_predict),
    "complete linkage 60 m, 3 callers": lambda c: keep_callers(c, by_category(link_completely)(c)),
    "our addresses, 3 callers, no test": list_untested,
    "ours": list_ours,
}


def score(city: City, cases: pd.DataFrame, label: Labels) -> dict[str, float]:
    """Hold a list against the truth."""
    truth = cases["point"].to_numpy()
    listed = pd.DataFrame({"label": label, "point": truth})[label >= 0]
    main = listed.groupby("label")["point"].agg(lambda p: p.value_counts().index[0])
    planted = city.points.iloc[:PLANTED]
    found = planted.index.isin(main)
    result = {"points": float(len(main)), "precision": float((main > 0).mean())}
    for name, ends in CLASSES.items():
        result[f"recall {name}"] = float(found[planted["n_callers"].between(*ends)].mean())
    result["ARI"] = adjusted_rand_score(np.maximum(truth, 0), label)
    result["decoys"] = float((main < 0).sum())
    return result | locate(city, cases, label, main[main > 0])


def locate(city: City, cases: pd.DataFrame, label: Labels, main: pd.Series) -> dict[str, float]:
    """Measure how far right points lie from their buildings; others put theirs at the mean."""
    own = metres(cases["spot_lng"].to_numpy(), cases["spot_lat"].to_numpy())
    xy = metres(cases["lng"].to_numpy(), cases["lat"].to_numpy())
    at = pd.DataFrame(own if cases.attrs.get("ours") else xy, columns=["x", "y"]).groupby(label)
    # Ours is the spot that its cases share, but for those that name no house.
    middle = (at.median() if cases.attrs.get("ours") else at.mean()).loc[main.index]
    true = city.points.loc[main, ["x", "y"]].to_numpy()
    error = np.hypot(*(middle.to_numpy() - true).T)
    return {
        "error p50": float(np.nanmedian(error)),
        "error p95": float(np.nanquantile(error, 0.95)),
    }


def prepare(city: City) -> pd.DataFrame:
    """Give the located cases their spots, as the pipeline does."""
    located = city.cases[city.cases["status"] == "located"]
    spots = assign_spots(
        located, within_metres=SETTINGS.within_metres,
        road_metres=SETTINGS.road_metres, attach_metres=SETTINGS.attach_metres,
    )  # fmt: skip
    return located.join(spots).assign(is_echo=False)


def say(values: pd.Series) -> str:
    """Write a mean over seeds with its interval."""
    digits = 0 if values.mean() > 100 else 3 if values.mean() <= 1 else 1
    if len(values) < 2:
        return f"{values.mean():.{digits}f}"
    half = student.ppf(0.975, len(values) - 1) * values.std() / len(values) ** 0.5
    return f"{values.mean():.{digits}f} ± {half:.{digits}f}"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", type=int, nargs="*", default=list(range(101, 111)))
    parser.add_argument("--ours", action="store_true", help="leave the alternatives out")
    asked = parser.parse_args()
    rows = []
    for seed in asked.seeds:
        city = make_city(seed)
        cases = prepare(city)
        for name, method in METHODS.items():
            if name == "ours" or not asked.ours:
                cases.attrs["ours"] = name.startswith("our")
                rows.append({"method": name} | score(city, cases, method(cases)))
    table = pd.DataFrame(rows)
    columns = list(table.columns[1:])
    print("| method | " + " | ".join(columns) + " |\n| --- |" + " ---: |" * len(columns))
    for name, mine in table.groupby("method", sort=False):
        print(f"| {name} | " + " | ".join(say(mine[c]) for c in columns) + " |")


if __name__ == "__main__":
    main()
