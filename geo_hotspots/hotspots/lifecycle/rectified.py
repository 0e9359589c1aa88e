"""Rectifications (整改): which point a line of the register speaks of."""

import pandas as pd

_LINE = ("hotspot_id", "spot", "category", "day", "what", "who")


def link_rectified(register: pd.DataFrame, points: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Link each line of the register to the points it names.

    Parameters
    ----------
    register
        `hotspot_id` or `spot` (the key of the place it names), `category`, `day`, `what` and
        `who`, one row per rectification; what is not known is missing.
    points
        Every spot × group that has cases: `spot`, `group`, `hotspot_id`.

    Returns
    -------
    rectified
        `spot`, `group`, `day`, `hotspot_id`, `what`, `who`; a line without category speaks of
        every group of its spot.
    is_linked
        Whether a line found any point, indexed as `register`. What is not linked is told to
        the user, never guessed.
    """
    lines = register.reindex(columns=list(_LINE)).reset_index(names="line")
    by_id = lines[["line", "hotspot_id", "day", "what", "who"]].merge(
        points, on="hotspot_id", how="inner", validate="many_to_one"
    )
    by_place = lines[["line", "spot", "category", "day", "what", "who"]].dropna(subset=["spot"])
    by_place = by_place.merge(points, on="spot", how="inner")
    fits = [_is_about(c, g) for c, g in zip(by_place["category"], by_place["group"], strict=True)]
    found = pd.concat([by_id, by_place[pd.Series(fits, by_place.index, dtype=bool)]])
    is_linked = pd.Series(register.index.isin(found["line"]), index=register.index)
    kept = found[["spot", "group", "day", "hotspot_id", "what", "who"]]
    return kept.drop_duplicates(["spot", "group", "day"], ignore_index=True), is_linked


def _is_about(category: object, group: str) -> bool:
    """Say whether the register's word for a category means the group, at whichever level."""
    if not isinstance(category, str) or not category:
        return True
    word = category.replace("->", "/")
    return word == group or word in group.split("/") or group in word.split("/")
