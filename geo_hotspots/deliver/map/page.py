"""The page of the planner's map, laid by folium around the layers' data.

Layers are drawn by our own scripts (``assets/map_*.js``) from compact arrays: a page of eight
thousand cells and two thousand points opens in about a second, on an office PC without internet.
"""

from collections.abc import Sequence
from typing import Any

from branca.element import MacroElement
from folium.template import Template

from geo_hotspots.deliver.map.data import TOP_FIELDS, Json
from geo_hotspots.deliver.map.figure import LeanMap, OfflineFigure
from geo_hotspots.deliver.offline import to_json
from geo_hotspots.schema import Masthead

SCRIPTS = (
    "map_base.js", "map_state.js", "map_stream.js", "map_pyramid.js", "map_cells.js",
    "map_tiles.js", "map_areas.js", "map_labels.js", "map_hot.js", "map_emerging.js",
    "map_legend.js", "map_points.js", "map_rectified.js", "map_panel.js", "map_time.js",
    "map_view.js", "map.js",
)  # fmt: skip


class PlannerLayers(MacroElement):
    """Everything on the map, drawn in the browser from the data in the page."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        GeoHotspots.start({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )


def render_map(
    data: Json, top: list[Json], masthead: Masthead, *, images: Sequence[str] = ()
) -> str:
    """Write the page around its data.

    Parameters
    ----------
    data
        The layers, as the scripts read them.
    top
        Rows of the plain table for browsers that cannot draw the map.
    images
        Who else's images the page may show: the hosts of tiles.
    """
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
