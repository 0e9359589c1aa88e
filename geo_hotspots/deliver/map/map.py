"""The planner's map: one file with the district, its figures and its repeat points.

Layers are drawn by our own scripts (``assets/map_*.js``) from compact arrays: a page of eight
thousand cells and two thousand points opens in about a second, on an office PC without internet.
"""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from branca.element import MacroElement
from folium.template import Template

from geo_hotspots.deliver.map.basemap import Basemap
from geo_hotspots.deliver.map.data import (
    MIN_BASE,
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
from geo_hotspots.deliver.map.figure import LeanMap, OfflineFigure
from geo_hotspots.deliver.map.pyramid import count_pyramid
from geo_hotspots.deliver.map.words import map_words
from geo_hotspots.deliver.offline import to_json
from geo_hotspots.schema import Masthead

TOP = 10  # rows of the plain table for browsers that cannot draw the map
MOST_POINTS = 10_000  # drawn; each takes some 600 bytes of the page
TOP_FIELDS = (
    "rank", "name", "category", "kind", "lifecycle", "n", "n_callers", "last_at",
    "street", "community", "reason",
)  # fmt: skip

SCRIPTS = (
    "map_base.js", "map_state.js", "map_stream.js", "map_pyramid.js", "map_cells.js",
    "map_tiles.js", "map_areas.js", "map_labels.js", "map_hot.js", "map_emerging.js",
    "map_legend.js", "map_points.js", "map_rectified.js", "map_panel.js", "map_time.js",
    "map_view.js", "map.js",
)  # fmt: skip

_NO_CASES = pd.DataFrame(
    {
        "lng": [],
        "lat": [],
        "reported_at": pd.to_datetime([]),
        "category_1": pd.Series([], dtype="str"),
        "cell": pd.Series([], dtype="str"),
    }
)


class PlannerLayers(MacroElement):
    """Everything on the map, drawn in the browser from the data in the page."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        GeoHotspots.start({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )


def write_map(
    path: Path,
    *,
    hotspots: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    masthead: Masthead,
    min_cell_cases: int,
    overview: gpd.GeoDataFrame | None = None,
    emerging: gpd.GeoDataFrame | None = None,
    cases: pd.DataFrame | None = None,
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
    overview
        The cells one resolution coarser, whose hot ones stand for the others from far away.
    emerging
        `schema.EMERGING_COLUMNS` with areas.
    cases
        `lng`, `lat`, `reported_at`, `category_1` and `cell` of every case, as `count_pyramid` asks
        for; only counts in cells enter the page. Without them there is no grid.
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
    hotspots = hotspots.head(MOST_POINTS)
    pyramid = count_pyramid(
        _NO_CASES if cases is None else cases, as_of=masthead.as_of, min_cases=min_cell_cases
    )
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
    path.write_text(_page(data, _top(hotspots), masthead, images), encoding="utf-8", newline="\n")


def _page(data: Json, top: list[Json], masthead: Masthead, images: tuple[str, ...]) -> str:
    words = data["words"]
    figure = OfflineFigure(
        "map.html.j2",
        title=_title(words["page"], masthead),
        lang=masthead.lang,
        css=["map.css"],
        js=SCRIPTS,
        images=images,
        masthead=masthead,
        words=words,
        data=to_json(data),
        top=top,
        top_fields=TOP_FIELDS,
    )
    chart = LeanMap(tiles=None, zoom_control=False, **_view(data["bounds"]))
    chart.add_child(PlannerLayers())  # type: ignore[no-untyped-call] # branca's __init__
    figure.add_child(chart)
    return figure.render()


def _title(words: dict[str, str], masthead: Masthead) -> str:
    demo = [words["demo"]] if masthead.is_demo else []
    return " · ".join([words["title"], masthead.place, masthead.period.label, *demo])


def _view(bounds: list[list[float]] | None) -> dict[str, Any]:
    """Say how the map may be moved; it is fitted to the district once its size is known."""
    options = {"zoom_snap": 0.1, "zoom_delta": 0.5, "max_zoom": 18, "wheel_px_per_zoom_level": 90}
    if bounds is None:
        return {"location": [0, 0], **options}
    (south, west), (north, east) = bounds
    return {"location": [(south + north) / 2, (west + east) / 2], **options}


def _top(hotspots: gpd.GeoDataFrame) -> list[Json]:
    """Give the points that rank first as rows of text; single callers have no rank among them."""
    ranked = hotspots[hotspots["kind"] != "single_caller"].sort_values("rank", kind="stable")
    head = pd.DataFrame(ranked.head(TOP))
    columns = {name: to_column(head[name]) for name in TOP_FIELDS}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
