"""Which counts may leave: a tree of areas from which nobody can subtract a small group.

Every case stands in a tree: everything, its street, its community, its cell. A node's count may
leave when at least `k` people spoke in it. That alone is not enough: a street's count less those
of its communities would tell what was left out. So of every node that is shown the *rest*, what
is in none of the shown nodes below it, must be of nobody or of `k` people too; where it is not,
the smallest shown node below is withdrawn into it (complementary suppression).

The rests of the shown nodes part the cases among them: no two share a case. Whatever sums and
differences of shown counts anybody takes, the cases so counted, each once or not at all, are
whole rests together; and every rest is of `k` people or more. So no such sum is of fewer.

References
----------
Hundepool, A., Domingo-Ferrer, J., Franconi, L. et al. (2012). Statistical Disclosure Control.
Wiley. Chapter 4, on secondary suppression in hierarchical tables.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def shareable_counts(
    cases: pd.DataFrame, levels: Sequence[str], *, k: int
) -> dict[str, "pd.Series[int]"]:
    """Count the cases of every node whose count may leave.

    Parameters
    ----------
    cases
        `person`, whoever spoke (`people`), and a text column for each of `levels`, the widest
        first. A case that has no value at a level is known no finer than the level before. A
        value stands in one value of the level before only.
    k
        People without whom nothing is told.

    Returns
    -------
    counts
        By level, the cases per shown value, in the order of the values. The level `""` has one
        value, everything, itself shown only from `k` people on.
    """
    everything = pd.Series("", index=cases.index, dtype="str")
    columns = [everything, *(cases[level] for level in levels)]
    factored = [pd.factorize(column, sort=True) for column in columns]
    nodes = [codes.astype(np.int64) for codes, _ in factored]
    person = pd.factorize(cases["person"])[0].astype(np.int64)
    kept = _keep(nodes, person, k)
    counts = {}
    for level, (codes, values), shown in zip(["", *levels], factored, kept, strict=True):
        n = np.bincount(codes[codes >= 0], minlength=len(values))
        counts[level] = pd.Series(n[shown], index=pd.Index(values[shown], name=level), dtype=int)
    return counts


def people(cases: pd.DataFrame) -> "pd.Series[str]":
    """Name whoever spoke in each case, so that people can be counted.

    All the nameless are one person, since they may be. Where nobody at all is named, the days on
    which cases came stand for people.
    """
    if cases["caller"].isna().all():
        days: pd.Series[str] = cases["reported_at"].dt.strftime("%Y-%m-%d")
        return days
    named: pd.Series[str] = cases["caller"].astype("str").fillna("")
    return named


def _keep(nodes: list[Ints], person: Ints, k: int) -> list[Flags]:
    """Choose the nodes to show, the finest level first, so that withdrawing settles for good."""
    kept: list[Flags] = [np.zeros(codes.max(initial=-1) + 1, dtype=bool) for codes in nodes]
    for level in reversed(range(len(nodes))):
        kept[level] = _count_people(nodes[level], person, len(kept[level])) >= k
        rest = nodes[level].copy()
        rest[_cover(nodes, kept, level) >= 0] = -1
        n = _count_people(rest, person, len(kept[level]))
        for node in np.flatnonzero(kept[level] & (n > 0) & (n < k)):
            rows = np.flatnonzero(nodes[level] == node)
            mine = [codes[rows] for codes in nodes]
            _withdraw(mine, person[rows], kept, level, k)
    return kept


def _count_people(codes: Ints, person: Ints, n: int) -> Ints:
    """Count the different people of each node; cases in none are coded -1."""
    pairs = np.unique(np.stack([codes, person])[:, codes >= 0], axis=1)
    return np.bincount(pairs[0], minlength=n).astype(np.int64)


def _cover(nodes: list[Ints], kept: list[Flags], level: int) -> Ints:
    """Give the widest level below `level` at which each case is shown, -1 where at none."""
    found = np.full(len(nodes[0]), -1, dtype=np.int64)
    for below in reversed(range(level + 1, len(nodes))):
        codes = nodes[below]
        is_shown = codes >= 0
        is_shown[is_shown] = kept[below][codes[is_shown]]
        found[is_shown] = below
    return found


def _withdraw(mine: list[Ints], person: Ints, kept: list[Flags], level: int, k: int) -> None:
    """Withdraw the smallest shown nodes below one, given its cases, until its rest will do.

    A node that is withdrawn leaves those below it to the one above; where it had no rest of its
    own they are next, being smaller.
    """
    while True:
        cover = _cover(mine, kept, level)
        if len(np.unique(person[cover < 0])) >= k:
            return
        shown = [
            (n, below, code)
            for below in range(level + 1, len(mine))
            for code, n in zip(
                *np.unique(mine[below][cover == below], return_counts=True), strict=True
            )
        ]
        _, below, code = min(shown)
        kept[below][code] = False
