"""Categories split into their levels."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

CATEGORY_LEVELS = ("category", "category_2", "category_3")  # as read, wherever the levels stand
UNCATEGORISED = "未分类"
_ARROW = r"[-—–―－]*(?:>|＞|→|»|&gt;)+|[|｜]"
_WEAK = (r"[/／]", r"[-—–]")  # levels in one export, part of a name in another


def split_categories(clean: pd.DataFrame) -> dict[str, pd.Series]:
    """Split categories into levels, once for each distinct one.

    Parameters
    ----------
    clean
        `category`, `category_2` and `category_3` as written, wherever the levels stand.

    Returns
    -------
    columns
        `category` (levels joined by "->") and `category_1` to `category_3`; where a level is
        missing, the one above stands in, and `UNCATEGORISED` where there is none. Of the kind
        "category".
    """
    names = list(CATEGORY_LEVELS)
    codes = clean.groupby(names, dropna=False, sort=False).ngroup().to_numpy()
    _, first = np.unique(codes, return_index=True)
    distinct = clean[names].iloc[first].astype("str")
    splitter = _splitter(distinct["category"].dropna().drop_duplicates())
    levels = [_levels(row, splitter) for row in distinct.itertuples(index=False)]
    columns = {"category": ["->".join(each) for each in levels]}
    columns |= {
        f"category_{k + 1}": [each[min(k, len(each) - 1)] for each in levels] for k in range(3)
    }
    return {
        name: pd.Series(pd.Categorical(pd.array(values, dtype="str")).take(codes), clean.index)
        for name, values in columns.items()
    }


def _splitter(distinct: pd.Series) -> re.Pattern[str]:
    """Find what separates levels: arrows always, a slash or a dash where most names have one."""
    separators = [_ARROW]
    unsplit = distinct[~distinct.str.contains(_ARROW, regex=True)]
    separators += [
        weak for weak in _WEAK if len(unsplit) and unsplit.str.contains(weak).mean() > 1 / 2
    ]
    return re.compile("|".join(separators))


def _levels(written: Iterable[Any], splitter: re.Pattern[str]) -> list[str]:
    """List the levels of one category; a further column adds what the first does not say."""
    parts = (
        part.strip() for text in written if isinstance(text, str) for part in splitter.split(text)
    )
    return list(dict.fromkeys(filter(None, parts))) or [UNCATEGORISED]
