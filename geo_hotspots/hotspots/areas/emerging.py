"""Where trouble begins: the prospective space-time permutation scan on the hexagonal grid.

Disks of cells (0 to 3 steps) and the last 1 to 6 weeks are searched for the cluster that chance
explains least. Chance is a shuffle of the cases' weeks among their places, so that neither a busy
place nor a busy week is news; no population is needed. The share of shuffles that hold as strong
a cluster gives the recurrence interval: in how many weeks chance alone would bring one.

References
----------
Kulldorff, M., Heffernan, R., Hartman, J., Assunção, R. & Mostashari, F. (2005). A space-time
permutation scan statistic for disease outbreak detection. PLoS Medicine, 2(3), e59.
Abrams, A. M., Kleinman, K. & Kulldorff, M. (2010). Gumbel based p-value approximations for
spatial scan statistics. International Journal of Health Geographics, 9, 61.
Besag, J. & Clifford, P. (1991). Sequential Monte Carlo p-values. Biometrika, 78(2), 301-304.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.special import xlogy

from geo_hotspots.grid import neighbourhood

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer]

STEPS = (0, 1, 2, 3)  # radii of the disks
MAX_WEEKS = 6  # the longest a cluster may last and still emerge
HISTORY_WEEKS = 52
LEAST_HISTORY = 2 * MAX_WEEKS  # weeks; with fewer the past says nothing of what is usual
MIN_CASES = 3
MAX_SHARE = 0.25  # of all cases in a disk; more would be the city itself
REPLICATES = 999
MOST_CLUSTERS = 10  # of one scan
_BATCH = 37  # shuffles at a time: 27 times 37 are 999
_AT_ONCE = 1 << 22  # cases that are counted at once, of however many shuffles of a batch
_ENOUGH = 10  # shuffles that beat the cluster: its chance is known, and it is no news
_SEED = 20190707  # constant: the same cases have the same clusters
_EULER = 0.5772156649


@dataclass(frozen=True)
class Disks:
    """Every disk that a cluster may fill."""

    cells: pd.Index  # as H3 counts them
    members: sparse.csr_array  # disks by cells, 0/1
    around: sparse.csr_array  # cells by cells: within one step

    def __reduce__(self) -> tuple[Callable[[pd.Index], "Disks"], tuple[pd.Index]]:
        """Travel as cells, a hundredth as many bytes: disks are laid in a hundredth of a second."""
        return disks_of, (self.cells,)


@dataclass(frozen=True)
class Search:
    """The disks worth a look, and what is needed to score them."""

    zones: sparse.csr_array  # by occupied cells, 0/1
    disk: Ints  # which disk each zone is
    expected: Floats  # cases, per zone and number of weeks
    least: Ints  # cases from which on it is scored, per zone and number of weeks
    powers: Floats  # c ln c + (N - c) ln (N - c), by c
    total: int  # N, all cases


def disks_of(cells: pd.Index) -> Disks:
    """Lay a disk of every size around each cell (as H3 counts them), the smallest first."""
    members = [neighbourhood(cells, k=k).astype(np.int16) for k in STEPS]
    return Disks(cells, sparse.vstack(members, format="csr"), members[1])


def scan_cases(
    row: Ints, age: Ints, disks: Disks, *, weeks: int, replicates: int = REPLICATES
) -> pd.DataFrame:
    """Search for the clusters of the last weeks that chance does not explain.

    A disk with `c` of all `N` cases in the last weeks, where place and weeks make one expect
    `e`, scores c ln(c/e) + (N - c) ln((N - c)/(N - e)). It is scored from three cases on, and
    when `c` exceeds `e` by two standard deviations: lesser ones are nobody's news and cost time.
    Shuffling stops early when ten shuffles have beaten the best cluster.

    Parameters
    ----------
    row, age
        Of each case: the row of its cell, and how many whole weeks ago it was (0 is this week).
    weeks
        How many weeks are looked at; older cases do not count.

    Returns
    -------
    clusters
        `disk`, `centre` (the row of the cell about which the cases lie thickest), `weeks`, `n`,
        `expected`, `ratio` (logarithm of the likelihood ratio), `pvalue`, the strongest first,
        no two of which share a cell. All are judged by the same shuffles, the lesser ones
        therefore strictly.
    """
    row, age = row[age < weeks], age[age < weeks]
    occupied, cell = _number_cells(row)
    recent = np.bincount(age, minlength=MAX_WEEKS)[:MAX_WEEKS]
    if weeks < LEAST_HISTORY or recent.sum() < MIN_CASES:
        return _NOTHING
    search = _prepare(disks.members[:, occupied], np.bincount(cell), recent.cumsum())
    ordered = cell[np.argsort(age, kind="stable")]
    counts = _count(search.zones, ordered[None, : recent.sum()], recent)
    zone, week, _, ratio = _score(search, counts)
    if not len(zone):
        return _NOTHING
    found = pd.DataFrame({
        "disk": search.disk[zone], "weeks": week + 1, "n": counts[zone, week, 0].astype("int64"),
        "expected": search.expected[zone, week], "ratio": ratio,
    })  # fmt: skip
    found = found.sort_values(["ratio", "disk", "weeks"], ascending=[False, True, True])
    highest = _shuffle(search, cell, recent, float(ratio.max()), replicates)
    apart = _set_apart(found.drop_duplicates("disk"), disks)
    return apart.assign(
        centre=[
            _thickest(row[age < w], disks, d)
            for d, w in zip(apart["disk"], apart["weeks"], strict=True)
        ],
        pvalue=chance_of(apart["ratio"].to_numpy(), highest),
    )


def _number_cells(row: Ints) -> tuple[Ints, Ints]:
    """List the cells that hold a case, and say of each case at which place of the list its is."""
    holds = np.bincount(row) > 0
    number = np.cumsum(holds, dtype=np.int32) - np.int32(1)
    return np.flatnonzero(holds), number[row]


_NOTHING = pd.DataFrame({
    "disk": np.array([], dtype="int64"), "weeks": np.array([], dtype="int64"),
    "n": np.array([], dtype="int64"), "expected": np.array([]), "ratio": np.array([]),
    "pvalue": np.array([]), "centre": np.array([], dtype="int64"),
})  # fmt: skip


def _prepare(members: sparse.csr_array, totals: Ints, recent: Ints) -> Search:
    """Keep the disks that may hold a cluster; of those that hold the same cases, the smallest.

    `totals` are all cases per occupied cell, `recent` those of the last 1, 2, … weeks.
    """
    n = int(totals.sum())
    inside = members.astype(np.int64) @ totals
    # Disks with the same occupied cells have the same sum of numbers drawn for the cells.
    draws = np.random.default_rng(_SEED).integers(1, 2**40, len(totals))
    _, first = np.unique(members.astype(np.int64) @ draws, return_index=True)
    kept = np.sort(first)
    kept = kept[(inside[kept] >= MIN_CASES) & (inside[kept] <= MAX_SHARE * n)]
    expected = np.outer(inside[kept], recent) / n
    least = np.maximum(np.floor(expected + 2 * np.sqrt(expected)) + 1, MIN_CASES)
    c = np.arange(recent[-1] + 1)
    powers = (xlogy(c, c) + xlogy(n - c, n - c)).astype(np.float64)
    small = np.int16 if recent[-1] < np.iinfo(np.int16).max else np.int32
    return Search(members[kept].astype(small), kept, expected, least.astype(small), powers, n)


def _count(zones: sparse.csr_array, cells: Ints, recent: Ints) -> Ints:
    """Count the cases per zone, last 1, 2, … weeks, and shuffle.

    `cells` are the cells of the recent cases, a shuffle per row, this week's cases first.
    """
    shuffles, size = len(cells), zones.shape[1]
    week = np.repeat(np.arange(MAX_WEEKS, dtype=np.int32), recent)
    flat = cells * np.int32(MAX_WEEKS) + week
    flat = flat * np.int32(shuffles) + np.arange(shuffles, dtype=np.int32)[:, None]
    counts = np.bincount(flat.ravel(), minlength=size * MAX_WEEKS * shuffles)
    running = counts.reshape(size, MAX_WEEKS, shuffles).cumsum(axis=1, dtype=zones.dtype)
    found: Ints = zones @ running.reshape(size, -1)
    return found.reshape(-1, MAX_WEEKS, shuffles)


def _score(search: Search, counts: Ints) -> tuple[Ints, Ints, Ints, Floats]:
    """Give zone, weeks less one, shuffle and likelihood ratio of all that is worth a score."""
    zone, week, shuffle = np.nonzero(counts >= search.least[:, :, None])
    c = counts[zone, week, shuffle].astype(np.int64)  # of small whole numbers, which overflow
    e, n = search.expected[zone, week], search.total
    ratio = search.powers[c] - c * np.log(e) - (n - c) * np.log(n - e)
    return zone, week, shuffle, ratio


def _shuffle(search: Search, cell: Ints, recent: Ints, best: float, replicates: int) -> Floats:
    """Give the highest score of each shuffle, zero where none is worth one."""
    random = np.random.default_rng(_SEED)
    highest, n_recent = np.array([]), int(recent.sum())
    most = max(_AT_ONCE // max(n_recent, 1), 1)
    while len(highest) < replicates and (highest >= best).sum() < _ENOUGH:
        size = min(_BATCH, replicates - len(highest))
        for start in range(0, size, most):
            drawn = np.empty((min(most, size - start), n_recent), dtype=cell.dtype)
            for one in drawn:
                one[:] = random.choice(cell, n_recent, replace=False)
            highest = np.append(highest, _highest(search, _count(search.zones, drawn, recent)))
    return highest


def _highest(search: Search, counts: Ints) -> Floats:
    """Give the highest score of each shuffle, zero where none is worth one."""
    _, _, shuffle, ratio = _score(search, counts)
    top = np.zeros(counts.shape[2])
    np.maximum.at(top, shuffle, ratio)
    return top


def chance_of(ratio: Floats, highest: Floats) -> Floats:
    """Give the chance of each score, from the highest scores of the shuffles.

    The share of shuffles that reach it, where any does. Beyond them the Gumbel distribution
    of maxima says how far; where both speak, the larger.
    """
    reached = (highest >= ratio[:, None]).sum(axis=1)
    share = (1 + reached) / (1 + len(highest))
    scale = float(highest.std()) * np.sqrt(6) / np.pi
    if scale == 0:
        return np.asarray(share)
    gumbel = -np.expm1(-np.exp(-(ratio - highest.mean()) / scale - _EULER))
    return np.asarray(np.where(reached > 0, np.maximum(share, gumbel), gumbel))


def _set_apart(found: pd.DataFrame, disks: Disks) -> pd.DataFrame:
    """Keep the strongest cluster, then the strongest that does not touch it, and so on."""
    members = disks.members[found["disk"].to_numpy()].astype(np.int32)
    taken = np.zeros(members.shape[1], dtype=np.int32)
    free = np.ones(len(found), dtype=bool)
    kept: list[int] = []
    while free.any() and len(kept) < MOST_CLUSTERS:
        kept.append(int(np.argmax(free)))
        taken |= members[[kept[-1]]].toarray()[0]
        free &= members @ taken == 0
    return found.iloc[kept].reset_index(drop=True)


def _thickest(row: Ints, disks: Disks, disk: int) -> int:
    """Find the cell of a disk that, with those around it, holds the most of its cases."""
    inside = disks.members[[disk]].toarray()[0]
    counts = np.bincount(row, minlength=len(inside)) * inside
    # Its own cases settle a tie between neighbours.
    return int(np.argmax((disks.around @ counts + counts / (counts.sum() + 1)) * inside))
