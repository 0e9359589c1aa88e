"""Which datum a column of coordinates is in, and which each row of a mixed one is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
import pandas as pd
import shapely

from geo_hotspots.places.datum.anchors import MIN_ANCHORS, judge_by_anchors, rows_by_anchors
from geo_hotspots.places.datum.boundary import Verdict, judge_by_boundary
from geo_hotspots.places.datum.plausible import refusal_by_range, usable_coordinates
from geo_hotspots.places.datum.shift import Datum
from geo_hotspots.words import Words

DATUMS = pd.CategoricalDtype([*get_args(Datum)])

_PURE = 0.95  # of a source's rows in one datum: the rest are wrong anchors
_MIN_CHANCE = 0.99  # of a row of a mixed source, before it is used
_ENOUGH_ROWS = 20_000  # of a source: more of them do not tell better whether it is mixed


@dataclass(frozen=True)
class Detection:
    """What is known about the datum of a column of coordinates.

    Attributes
    ----------
    datum
        The datum of the whole column, or nothing where the numbers do not tell or it is mixed.
    reason
        Why this answer, in a sentence.
    flags
        For each row, a key of `COORDINATE_FAULTS` or missing; of the kind "category".
    rows
        For each row its datum, one of `DATUMS`; missing where nobody may assume one.
    share_inside
        For each candidate, the share of the points that fall where they belong.
    metres
        For each candidate, the median distance of the points from the places their texts name.
    n_usable
        How many distinct points the answer rests on.
    converted
        How many points were taken to WGS84, by the datum (or "grid") they came from.
    notes
        What the user should know before trusting the points.
    margin
        By how much the best candidate's share inside exceeds the next one's.
    """

    datum: Datum | None
    reason: Words
    flags: pd.Series
    rows: pd.Series
    share_inside: Mapping[Datum, float] = field(default_factory=dict)
    metres: Mapping[Datum, float] = field(default_factory=dict)
    n_usable: int = 0
    converted: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Words, ...] = ()

    @property
    def margin(self) -> float:
        """Give the lead of the best share over the next."""
        shares = sorted(self.share_inside.values(), reverse=True)
        return shares[0] - (shares[1] if len(shares) > 1 else 0.0) if shares else 0.0


def detect_datum(
    lng: pd.Series,
    lat: pd.Series,
    *,
    study_area: shapely.Geometry,
    communities_given: pd.Series | None = None,
    anchors: pd.DataFrame | None = None,
    sources: pd.Series | None = None,
) -> Detection:
    """Tell the datum of coordinates, of the whole column or, where sources differ, of each row.

    The numbers' range comes first: projected metres are refused, exchanged ones are read the
    other way round. Then the anchors speak (`judge_by_anchors`), where there are fewer than ten
    the boundary (`judge_by_boundary`). Both may decide; when they contradict each other, nothing
    does. Sources that speak for different datums are each read in their own, and the rows of a
    source that is mixed in itself each in the one that its own anchor shows beyond 99 %.

    Parameters
    ----------
    communities_given
        For each row the polygon of the community that the operator named, WGS84, or missing.
    anchors
        For each row where its text says that it is: `lng`, `lat` (WGS84, missing where it does
        not) and `key`, the same for rows of one place.
    sources
        For each row the file or platform it comes from.
    """
    flags = usable_coordinates(lng, lat, study_area=study_area)
    refusal = refusal_by_range(lng, lat, flags)
    given = flags.ne("missing")
    if refusal is not None and not (flags[given].eq("swapped").mean() > 0.5):  # noqa: PLR2004
        nothing = pd.Series(None, index=lng.index, dtype=DATUMS)
        return Detection(None, refusal, flags, nothing)
    source = "" if sources is None else sources.astype("category").cat.codes
    table = _table(lng, lat, flags, communities_given).assign(source=source, **_columns(anchors))
    is_usable = (flags.isna() | flags.eq("swapped")).to_numpy()
    table = table[is_usable]
    whole = _judge(table, study_area)
    split = table.groupby("source")
    parts = {s: _judge(r, study_area) if len(split) > 1 else whole for s, r in split}
    rows = _settle_rows(table, whole, parts)
    spoken = set(rows.dropna().unique())
    datum, reason = whole.datum, whole.reason
    if len(spoken) > 1 or (datum is not None and spoken != {datum}):
        datum, reason = None, _mixed(rows)
    code = np.full(len(lng), -1, dtype=np.int8)
    code[is_usable] = rows.cat.codes
    rows = pd.Series(pd.Categorical.from_codes(code, dtype=DATUMS), lng.index)
    return Detection(datum, reason, flags, rows, whole.shares, whole.metres, whole.n)


def _table(
    lng: pd.Series, lat: pd.Series, flags: pd.Series, communities: pd.Series | None
) -> pd.DataFrame:
    """Lay what is known of each row side by side, exchanged numbers put right."""
    swapped = flags.eq("swapped")
    return pd.DataFrame(
        {
            "lng": lng.where(~swapped, lat).astype("float64"),
            "lat": lat.where(~swapped, lng).astype("float64"),
            "named": pd.Series(None, lng.index, object) if communities is None else communities,
        }
    )


def _columns(anchors: pd.DataFrame | None) -> dict[str, Any]:
    names = ("lng", "lat", "key")
    if anchors is None:
        return {"anchor_lng": np.nan, "anchor_lat": np.nan, "anchor_key": ""}
    return {f"anchor_{name}": anchors[name] for name in names}


def _judge(table: pd.DataFrame, area: shapely.Geometry) -> Verdict:
    """Ask the anchors and the boundary; refuse where they contradict each other."""
    lng, lat, named = (table[c].to_numpy() for c in ("lng", "lat", "named"))
    fenced = judge_by_boundary(lng, lat, area, named if pd.notna(named).any() else None)
    known = table[table["anchor_lng"].notna()].drop_duplicates("anchor_key")
    if len(known) < MIN_ANCHORS:
        return fenced
    anchored = judge_by_anchors(
        known["lng"].to_numpy(), known["lat"].to_numpy(),
        known[["anchor_lng", "anchor_lat"]].to_numpy(),
        candidates=tuple(fenced.shares) or ("wgs84",),
    )  # fmt: skip
    both = anchored._replace(shares=fenced.shares)
    if anchored.datum is None or fenced.datum in (None, anchored.datum):
        return both
    return both._replace(
        datum=None,
        reason=Words(
            f"地址说是 {anchored.datum}，区界说是 {fenced.datum}，互相矛盾；请声明坐标系",
            f"addresses say {anchored.datum}, the boundary {fenced.datum}: declare the datum",
        ),
    )


def _settle_rows(table: pd.DataFrame, whole: Verdict, parts: Mapping[Any, Verdict]) -> pd.Series:
    """Give every usable row a datum, or none."""
    verdicts = pd.Series({s: v.datum for s, v in parts.items()}, dtype=DATUMS)
    said = pd.Series(verdicts.reindex(table["source"]).array, table.index)
    if whole.datum and set(verdicts.dropna()) <= {whole.datum}:
        said = said.fillna(whole.datum)  # sources that do not tell follow the others
    known = table[table["anchor_lng"].notna()]
    if len(known) < MIN_ANCHORS or len(whole.metres) < 2:  # noqa: PLR2004 - abroad there is one
        return said
    every = 1 + known.groupby("source")["source"].transform("size") // _ENOUGH_ROWS
    some = known[known.groupby("source").cumcount() % every == 0]
    mixed = _mixed_sources(some)
    if mixed.empty:
        return said
    chances = _chances(known)
    is_mixed = table["source"].isin(mixed)
    sure = chances.idxmax(axis=1).where(chances.max(axis=1) >= _MIN_CHANCE).astype(DATUMS)
    return said.where(~is_mixed, sure.reindex(table.index))


def _mixed_sources(known: pd.DataFrame) -> pd.Index:
    """Give the sources of which not nearly all rows with an anchor are in one datum."""
    source = known["source"]
    shares, n = _chances(known).groupby(source).mean(), source.groupby(source).size()
    return shares.index[(shares.max(axis=1) < _PURE) & (n >= MIN_ANCHORS)]


def _chances(known: pd.DataFrame) -> pd.DataFrame:
    return rows_by_anchors(
        known["lng"].to_numpy(), known["lat"].to_numpy(),
        known[["anchor_lng", "anchor_lat"]].to_numpy(), pd.factorize(known["source"])[0],
    ).set_index(known.index)  # fmt: skip


def _mixed(rows: pd.Series) -> Words:
    counts = rows.cat.remove_unused_categories().value_counts()
    zh = "、".join(f"{datum} {n} 行" for datum, n in counts.items())
    en = ", ".join(f"{datum} {n} rows" for datum, n in counts.items())
    n_open = int(rows.isna().sum())
    return Words(
        f"坐标系混用：{zh}，{n_open} 行无法判断",
        f"the datums are mixed: {en}, {n_open} rows cannot be told",
    )
