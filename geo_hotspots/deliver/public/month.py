"""The counts of the last whole month, by street, community, hexagon and kind of trouble."""

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import pandas as pd

from geo_hotspots.deliver.public.tree import people, shareable_counts
from geo_hotspots.grid import cell_names, cell_polygons, index_points
from geo_hotspots.hotspots.figures.summary import within
from geo_hotspots.schema import Period

LEVELS = ("street", "community_code", "cell")


@dataclass(frozen=True)
class Shareable:
    """The counts of one month that may leave."""

    month: Period
    k: int
    total: int | None  # of all cases of the month
    streets: pd.DataFrame  # `street, month, n`
    communities: pd.DataFrame  # `code, name, street, month, n`
    cells: gpd.GeoDataFrame  # `cell, resolution, month, n, community`, hexagons
    categories: pd.DataFrame  # `category, month, n`, of the first level


def public_month(as_of: date) -> Period:
    """Give the last month that is over at the end of a day.

    >>> public_month(date(2019, 11, 29)).label, public_month(date(2019, 11, 30)).label
    ('2019-10', '2019-11')
    """
    month = Period.holding(as_of, "month")
    return month if month.last <= as_of else month.before()


def count_month(
    cases: pd.DataFrame, communities: pd.DataFrame, *, as_of: date, resolution: int, k: int
) -> Shareable:
    """Count the last whole month, and keep what may leave.

    Parameters
    ----------
    cases
        `reported_at`, `caller`, `category_1`, `street`, `community_code`, `cell`, `lng`, `lat`.
    communities
        `code`, `name`, `street` of every community.
    resolution
        Of the hexagons. One counts the cases of the community only that most of its cases are
        in, so that each lies in one community and nothing can be had by laying both over each
        other.
    k
        People without whom nothing is told.
    """
    month = public_month(as_of)
    mine = within(cases, month)
    known = communities.set_index("code")[["name", "street"]]
    mine = mine.assign(
        person=people(mine), cell=_cells(mine, resolution),
        street=mine["community_code"].map(known["street"]).fillna(mine["street"]),
    )  # fmt: skip
    mine["cell"] = mine["cell"].where(_is_at_home(mine))
    tree = shareable_counts(mine, LEVELS, k=k)
    kinds = shareable_counts(mine, ["category_1"], k=k)["category_1"]
    total = tree[""]
    return Shareable(
        month, k, int(total.iloc[0]) if len(total) else None,
        streets=_table(tree["street"], "street", month),
        communities=_table(tree["community_code"], "code", month).join(known, on="code"),
        cells=_hexagons(tree["cell"], mine, known["name"], month, resolution),
        categories=_table(kinds, "category", month),
    )  # fmt: skip


def _cells(cases: pd.DataFrame, resolution: int) -> pd.Series:
    """Give the cases that have a cell the one of another resolution."""
    placed = cases[cases["cell"].notna()]
    numbers = index_points(
        placed["lng"].to_numpy(float), placed["lat"].to_numpy(float), resolution=resolution
    )
    names = pd.Series(cell_names(numbers), index=placed.index, dtype="str")
    return names.reindex(cases.index)


def _is_at_home(cases: pd.DataFrame) -> pd.Series:
    """Say which cases are in the community that most of their cell's cases are in."""
    pairs = cases.groupby(["cell", "community_code"], observed=True).size().reset_index(name="n")
    pairs = pairs.sort_values(["n", "community_code"], ascending=[False, True])
    home = pairs.drop_duplicates("cell").set_index("cell")["community_code"]
    return cases["cell"].map(home) == cases["community_code"]


def _table(counts: "pd.Series[int]", name: str, month: Period) -> pd.DataFrame:
    table = pd.DataFrame({name: counts.index.astype("str"), "n": counts.to_numpy()})
    return table.assign(month=month.label).sort_values(
        ["n", name], ascending=[False, True], ignore_index=True
    )


def _hexagons(
    counts: "pd.Series[int]", cases: pd.DataFrame, names: pd.Series, month: Period, resolution: int
) -> gpd.GeoDataFrame:
    table = _table(counts, "cell", month).assign(resolution=resolution)
    home = cases.dropna(subset=["cell"]).drop_duplicates("cell").set_index("cell")
    table["community"] = table["cell"].map(home["community_code"]).map(names).astype("str")
    outlines = cell_polygons([int(cell, 16) for cell in table["cell"]])
    return gpd.GeoDataFrame(table, geometry=outlines.to_numpy(), crs="EPSG:4326")
