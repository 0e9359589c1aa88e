"""Cases by category group: what is tested of each by itself is dealt out so."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.integer]


def rows_by_group(group: pd.Series, counts: npt.NDArray[np.bool_]) -> Iterator[tuple[str, Ints]]:
    """Give the rows of each group, in their order; the groups in the order of their names.

    Parameters
    ----------
    group
        Names, of the kind "category" where there are many cases.
    counts
        Which rows are asked for; a group that has none is left out, as is no group at all.
    """
    names = group.astype("category").cat
    code = names.codes.to_numpy()
    rows = np.flatnonzero(counts & (code >= 0)).astype(np.min_scalar_type(len(code)))
    code = code[rows]
    n = np.bincount(code, minlength=len(names.categories))
    rows = rows[np.argsort(code, kind="stable")]
    for name, size in zip(names.categories, n, strict=True):
        mine, rows = rows[:size], rows[size:]
        if size:
            yield str(name), mine
