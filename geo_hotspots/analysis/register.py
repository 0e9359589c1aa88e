"""The register of rectifications, linked to the spots that it speaks of."""

import pandas as pd

from geo_hotspots.columns import number_rows
from geo_hotspots.hotspots.lifecycle.rectified import link_rectified
from geo_hotspots.hotspots.points.identity import Known, name_pairs
from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.match.explain import match_text
from geo_hotspots.words import Words

NO_WORKS = pd.DataFrame(  # rectifications: none
    {"spot": pd.Series(dtype="str"), "group": pd.Series(dtype="str"),
     "day": pd.Series(dtype="datetime64[us]")}
)  # fmt: skip


def link_register(
    register: pd.DataFrame | None, cases: pd.DataFrame, points: pd.DataFrame, known: Known,
    gazetteer: Gazetteer,
) -> tuple[pd.DataFrame, tuple[Words, ...]]:  # fmt: skip
    """Link the register of rectifications to spots; say which lines found none."""
    if register is None:
        return NO_WORKS, ()
    spots = [match_text(n, gazetteer).key if isinstance(n, str) else "" for n in register["name"]]
    lines = register.assign(spot=pd.Series(spots, register.index, dtype="str").replace("", None))
    asked = cases[["spot", "group"]]
    if lines["hotspot_id"].isna().all():  # else a line may speak of any
        asked = asked[asked["spot"].isin(lines["spot"].dropna())]
    again = pd.Series(number_rows(asked["spot"], asked["group"])).duplicated().to_numpy()
    pairs = asked[~again].dropna().astype("str")
    pairs = pd.concat([pairs, points[["spot", "group"]]]).drop_duplicates(ignore_index=True)
    pairs = pairs.assign(hotspot_id=name_pairs(pairs, points, known))
    rectified, is_linked = link_rectified(lines[lines["day"].notna()], pairs)
    is_lost = ~is_linked.reindex(register.index, fill_value=False)
    lost = register[is_lost].groupby("source")["row"]
    return rectified, tuple(_say_lost(str(source), rows) for source, rows in lost)


def _say_lost(source: str, rows: pd.Series) -> Words:
    listed = ", ".join(str(row) for row in rows)
    return Words(
        f"整改台账 {source} 第 {listed} 行没有对应到点位或日期不明，未采用",
        f"{source}: rows {listed} of the register of rectifications match no point or carry no "
        "date; not used",
    )
