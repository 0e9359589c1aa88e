"""The planner's map: one file with the district, its figures and its repeat points.

What stands in it as data; `page` lays the page around it.
"""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo_hotspots.deliver.map.basemap import Basemap
from geo_hotspots.deliver.map.data import (
    MIN_BASE,
    MOST_POINTS,
    TOP_FIELDS,
    Json,
    area_layer,
    emerging_layer,
    hot_layer,
    outline,
    page_bounds,
    place_layer,
    point_layer,
    rectified_layer,
    road_lines,
    to_column,
)
from geo_hotspots.deliver.map.words import map_words
from geo_hotspots.schema import Masthead

TOP = 10  # rows of the plain table for browsers that cannot draw the map


def write_map(
    path: Path,
    *,
    hotspots: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    masthead: Masthead,
    min_cell_cases: int,
    pyramid: Json,
    overview: gpd.GeoDataFrame | None = None,
    emerging: gpd.GeoDataFrame | None = None,
    roads: gpd.GeoDataFrame | None = None,
    places: pd.DataFrame | None = None,
    rectified: pd.DataFrame | None = None,
    basemap: Basemap | None = None,
    point_days: int | None = None,
    cell_days: int | None = None,
) -> None:
    """Write the map of one period as a page that opens anywhere, without a network.

    Of the frames only the columns of the contract enter the page. Any of them may be empty.

    Parameters
    ----------
    path
        The file to write.
    hotspots
        `schema.HOTSPOT_COLUMNS` with points in WGS84; a column `weeks`, lists of cases per
        week from the oldest on, becomes a small chart, a column `mix` (`hotspots.mix`) bars. The
        first `MOST_POINTS` are drawn: a phone opens no page of a hundred thousand.
    cells
        `schema.CELL_COLUMNS` with hexagons.
    communities, streets
        `schema.AREA_COLUMNS` with areas.
    masthead
        What the page says of itself.
    min_cell_cases
        Cells with fewer cases are left out of the file.
    pyramid
        The counts of the grid, see `count_pyramid`.
    overview
        The cells one resolution coarser, whose hot ones stand for the others from far away.
    emerging
        `schema.EMERGING_COLUMNS` with areas.
    roads
        `rank` and lines in WGS84 to find one's way by.
    places
        `name`, `aliases`, `lng`, `lat` of what one may search for.
    rectified
        `hotspot_id`, `day`, `what`, `who`: what was put right, for the points that are shown.
    basemap
        Tiles to draw below everything; the page then asks their host, and no other.
    point_days, cell_days
        The days that the counts of points and of cells look back on, said in their legends;
        None leaves it unsaid. Areas count the cases of the period.
    """
    from geo_hotspots.deliver.map.page import render_map  # noqa: PLC0415 - 0.1 s of folium

    hotspots = hotspots.head(MOST_POINTS)
    data: Json = {
        "words": map_words(masthead.lang),
        "min_base": MIN_BASE,
        "point_days": point_days,
        "cell_days": cell_days,
        "bounds": page_bounds(streets, communities, cells, hotspots),
        "outline": outline(streets, communities),
        "roads": road_lines(roads),
        "street": area_layer(streets),
        "community": area_layer(communities),
        "hot": hot_layer(cells, min_cases=min_cell_cases),
        "hot_far": hot_layer(overview, min_cases=min_cell_cases),
        "emerging": emerging_layer(emerging),
        "pyramid": pyramid,
        "point": point_layer(hotspots, pyramid["categories"]),
        "place": place_layer(places),
        "rectified": rectified_layer(rectified, hotspots),
        "tiles": basemap.layer if basemap else None,
    }
    images = basemap.sources if basemap else ()
    text = render_map(data, _top(hotspots), masthead, images=images)
    path.write_text(text, encoding="utf-8", newline="\n")


def _top(hotspots: gpd.GeoDataFrame) -> list[Json]:
    """Give the points that rank first as rows of text; single callers have no rank among them."""
    ranked = hotspots[hotspots["kind"] != "single_caller"].sort_values("rank", kind="stable")
    head = pd.DataFrame(ranked.head(TOP))
    columns = {name: to_column(head[name]) for name in TOP_FIELDS}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
