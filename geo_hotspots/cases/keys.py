"""By what a case is known again: its id, or, where it has none, what it says."""

from collections.abc import Sequence

import pandas as pd

from geo_hotspots.schema import TEXTS

# Cases without an id of their own are known by what does not change when they are dealt with;
# not by the caller, whose hash is another in every history.
_IDENTIFYING = (
    "reported_at", "category", "district_given", "street_given", "community_given", "lng_given",
    "lat_given", *TEXTS,
)  # fmt: skip


def name_cases(cases: pd.DataFrame, *, inexact: Sequence[str] = ()) -> pd.Series:
    """Give each case the key under which the history knows it.

    The key is the case's id. Where a file has none, and a row's place in the file stands in for
    it, the key is made of what the row says: such a case is known again next week under whatever
    name and in whatever row. Where a spreadsheet has cut the digits of the ids, the time of the
    report is part of the key.

    Parameters
    ----------
    cases
        As `normalise_cases` gives them.
    inexact
        Sources whose ids have lost digits.

    Returns
    -------
    case_key
        Unique text, indexed as `cases`.
    """
    key, cut = cases["case_id"], cases["source"].isin(inexact)
    if cut.any():
        key = key.mask(cut, key + "|" + cases["reported_at"].astype("str"))
    nameless = key.str.contains("#", regex=False)
    place = cases.loc[nameless, ["source", "row"]].astype("str")
    nameless[nameless] = key[nameless] == place["source"] + "#" + place["row"]
    if nameless.any():
        rows = cases.loc[nameless, list(_IDENTIFYING)].reset_index(drop=True)
        said = pd.util.hash_pandas_object(rows, index=False).map("~{:016x}".format)
        said = said.set_axis(key.index[nameless])
        again = said.groupby(said).cumcount().astype("str")
        key = key.mask(nameless, said + "-" + again)
    return key.astype("str").rename("case_key")
