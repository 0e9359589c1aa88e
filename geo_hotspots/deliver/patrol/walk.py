"""The order in which a patrol walks the points of a community."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

STOPS_PER_LEG = 12  # what one round on foot holds
METRES_PER_DEGREE = 111_195.0


def walking_order(plan: pd.DataFrame) -> pd.DataFrame:
    """Order the points of each community as one would walk: rounds of at most twelve stops.

    Nearest neighbour from the northernmost point on, cut into rounds of even length, each
    improved by 2-opt. Straight lines stand for streets.

    Parameters
    ----------
    plan
        `街道`, `社区`, `lng`, `lat`.

    Returns
    -------
    order
        `leg` (round) and `stop` (place in the community's whole walk), both from 1, by `plan`'s
        index.
    """
    order = pd.DataFrame({"leg": 0, "stop": 0}, index=plan.index, dtype="int64")
    for _, members in plan.groupby(["街道", "社区"], sort=False, dropna=False):
        lng, lat = members["lng"].to_numpy(), members["lat"].to_numpy()
        y = (lat - lat.mean()) * METRES_PER_DEGREE
        x = (lng - lng.mean()) * METRES_PER_DEGREE * np.cos(np.radians(lat.mean()))
        distances = np.hypot(x[:, None] - x, y[:, None] - y)
        tour = _nearest_first(distances, start=int(np.argmax(lat)))
        legs = np.array_split(tour, -(-len(tour) // STOPS_PER_LEG))
        walked = [_untangle(leg.tolist(), distances) for leg in legs]
        index = members.index[[stop for leg in walked for stop in leg]]
        order.loc[index, "stop"] = np.arange(1, len(index) + 1)
        order.loc[index, "leg"] = np.repeat(np.arange(1, len(legs) + 1), [len(g) for g in legs])
    return order


def _nearest_first(distances: np.ndarray, *, start: int) -> np.ndarray:
    """Go from each point to the nearest one not yet visited."""
    tour = [start]
    left = np.ones(len(distances), dtype=bool)
    left[start] = False
    while left.any():
        nearest = int(np.argmin(np.where(left, distances[tour[-1]], np.inf)))
        tour.append(nearest)
        left[nearest] = False
    return np.array(tour)


def _untangle(tour: list[int], distances: np.ndarray) -> list[int]:
    """Turn stretches of an open walk round as long as that makes it shorter (2-opt)."""
    best = _length(tour, distances)
    is_better = True
    while is_better:
        is_better = False
        for i in range(len(tour) - 1):
            for j in range(i + 2, len(tour) + 1):
                other = tour[:i] + tour[i:j][::-1] + tour[j:]
                length = _length(other, distances)
                if length < best - 1e-6:  # a micrometre, or rounding could go on for ever
                    tour, best, is_better = other, length, True
    return tour


def _length(tour: Iterable[int], distances: np.ndarray) -> float:
    stops = np.fromiter(tour, dtype="int64")
    return float(distances[stops[:-1], stops[1:]].sum())
