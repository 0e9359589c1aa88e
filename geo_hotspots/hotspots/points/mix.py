"""What else is reported from the place of a point: its mix of categories."""

import pandas as pd

MOST = 5  # categories that a card has room for

Mix = list[tuple[str, int]]


def mix_categories(cases: pd.DataFrame, *, since: pd.Timestamp, min_callers: int) -> "pd.Series":
    """Count by category what was reported from the spot of each point, all categories together.

    Parameters
    ----------
    cases
        `hotspot_id` (missing where a case belongs to no point), `spot`, `group`, `caller`,
        `reported_at`.
    since
        The first moment counted.
    min_callers
        What fewer distinct callers report is told without its category: at one building it
        would point at a person.

    Returns
    -------
    mix
        Per `hotspot_id` a list of category and cases, most first; the last one may be the empty
        text, which stands for all others.
    """
    spots = cases.dropna(subset=["hotspot_id"]).groupby("hotspot_id")["spot"].first()
    is_recent = (cases["reported_at"] >= since) & cases["spot"].isin(spots)
    recent = cases.loc[is_recent, ["spot", "group", "caller"]]
    by_group = recent.assign(nameless=recent["caller"].isna()).groupby(["spot", "group"])
    table = by_group.agg(
        n=("group", "size"), callers=("caller", "nunique"), nameless=("nameless", "sum")
    ).reset_index()
    told = table[table["callers"] + table["nameless"] >= min_callers]
    told = told.sort_values(["spot", "n", "group"], ascending=[True, False, True])
    head = told[told.groupby("spot").cumcount() < MOST]
    shown = head.groupby("spot")["n"].sum()
    rest = table.groupby("spot")["n"].sum().sub(shown, fill_value=0)
    mixes: dict[object, Mix] = {spot: [] for spot in rest.index}
    for spot, name, n in zip(head["spot"], head["group"], head["n"], strict=True):
        mixes[spot].append((str(name), int(n)))
    for spot, n in rest[rest > 0].items():
        mixes[spot].append(("", int(n)))
    return pd.Series([mixes.get(spot, []) for spot in spots], index=spots.index, dtype="object")
