"""The cells of the study area, counted, tested and drawn, by the contract of `cells.geojson`."""

import geopandas as gpd
import pandas as pd
import shapely

from geo_hotspots.grid import cell_names, cell_polygons, cells_covering, neighbourhood
from geo_hotspots.hotspots.areas import score_cells, trend_of_cells
from geo_hotspots.schema import CELL_COLUMNS


def find_cells(
    cases: pd.DataFrame,
    study_area: shapely.Geometry,
    communities: gpd.GeoDataFrame,
    *,
    as_of: pd.Timestamp,
    resolution: int,
    window_days: int,
    fdr: float,
) -> gpd.GeoDataFrame:
    """Count and test every cell that touches the study area, empty ones included.

    Parameters
    ----------
    cases
        `cell` (text, missing where a case has no point of its own), `reported_at`, `caller`,
        up to `as_of`.
    communities
        Named areas; a cell is said to lie in the one nearest to its centre.
    window_days
        The days, `as_of` included, whose cases are counted.

    Returns
    -------
    cells
        `schema.CELL_COLUMNS` with the outline, WGS84. Cells outside the area, where a point
        on its border may fall, are not part of it.
    """
    share = cells_covering(study_area, resolution=resolution)
    numbers = share.index
    share = share.set_axis(pd.Index(cell_names(numbers), name="cell", dtype="str"))
    known = cases[cases["cell"].isin(share.index)]
    since = as_of.normalize() - pd.Timedelta(days=window_days - 1)
    recent = known[known["reported_at"] >= since]
    n = recent.groupby("cell").size().reindex(share.index, fill_value=0)
    scores = score_cells(n, share, neighbourhood(numbers), fdr=fdr)
    outlines = cell_polygons(numbers)
    table = scores.assign(
        n=n,
        n_callers=_count_callers(recent).reindex(share.index, fill_value=0),
        resolution=resolution,
        trend=trend_of_cells(known, share.index, as_of=as_of),
        community=_nearest_names(outlines, communities),
    ).reset_index()
    shape = outlines.to_numpy()
    return gpd.GeoDataFrame(table[list(CELL_COLUMNS)], geometry=shape, crs="EPSG:4326")


def _count_callers(cases: pd.DataFrame) -> "pd.Series[int]":
    """Count distinct callers per cell; a nameless case counts as one."""
    grouped = cases.assign(nameless=cases["caller"].isna()).groupby("cell")
    return (grouped["caller"].nunique() + grouped["nameless"].sum()).astype("int64")


def _nearest_names(outlines: gpd.GeoSeries, communities: gpd.GeoDataFrame) -> list[str]:
    """Name the community that holds each cell's centre, or lies nearest to it."""
    utm = communities.estimate_utm_crs()
    centres = gpd.GeoDataFrame(geometry=outlines.to_crs(utm).centroid)
    joined = centres.sjoin_nearest(communities[["name", "geometry"]].to_crs(utm))
    first = joined[~joined.index.duplicated()]
    return [str(name) for name in first["name"].reindex(outlines.index)]
