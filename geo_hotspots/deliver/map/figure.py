"""Folium's object model on our own page: what a layer asks for is in the file, or refused.

Plain folium writes some thirty addresses of other servers into its page and shows nothing where
they cannot be reached. Here the figure takes every script and style from the table of `offline`,
and the map asks for Leaflet alone: no jQuery, no Bootstrap, no icon fonts.
"""

from collections.abc import Sequence
from itertools import count
from typing import Any

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink
from folium.template import Template
from markupsafe import Markup

from geo_hotspots.deliver.offline import render_page, script
from geo_hotspots.errors import AssetError
from geo_hotspots.words import Lang


class OfflineFigure(Figure):
    """A figure whose page is one of our templates and holds all that its layers need.

    The template finds what the layers wrote in ``figure_html`` and ``figure_script``.

    Parameters
    ----------
    template, title, lang, css, js
        As for `render_page`; scripts that layers ask for come before ours.
    **context
        What else the template shows.
    """

    def __init__(
        self,
        template: str,
        *,
        title: str,
        lang: Lang,
        css: Sequence[str] = (),
        js: Sequence[str] = (),
        **context: Any,
    ) -> None:
        super().__init__(title=title)
        self._page, self._lang, self._css, self._js = template, lang, css, js
        self._context = {"title": title, **context}

    def render(self, **kwargs: Any) -> str:
        """Write the whole page.

        Raises
        ------
        AssetError
            A layer asks for a script or style that does not ship with us, or writes markup of
            its own into the head, where a script would carry no nonce.
        """
        _number(self, count(1))
        for child in self._children.values():
            child.render(**kwargs)
        _refuse_raw_markup(self.header)
        head = self.header._children.values()  # noqa: SLF001 - branca has no other way in
        return render_page(
            self._page,
            lang=self._lang,
            css=[*(link.url for link in head if isinstance(link, CssLink)), *self._css],
            js=[*(link.url for link in head if isinstance(link, JavascriptLink)), *self._js],
            figure_html=Markup(self.html.render(**kwargs)),  # noqa: S704 - written by our layers
            figure_script=script(self.script.render(**kwargs)),
            **self._context,
        )


def _refuse_raw_markup(header: Element) -> None:
    for name, element in header._children.items():  # noqa: SLF001 - branca has no other way in
        # Our page says its character set itself.
        if name == "meta_http" or isinstance(element, CssLink | JavascriptLink):
            continue
        text = element.render().strip()
        if text:
            raise AssetError(
                f"图层在页首写入了自己的内容：{text[:60]!r}；请改用随软件提供的脚本和样式",
                f"a layer writes markup of its own into the head: {text[:60]!r}; "
                "take a script or style that ships with us",
            )


class LeanMap(folium.Map):
    """A folium map that needs Leaflet and nothing else, without tiles.

    Its script is ES5, as old office browsers want it, and its size is its container's.
    """

    # Lists of the class, as folium has them.
    default_js = [("leaflet", "leaflet/leaflet.js")]  # noqa: RUF012
    default_css = [("leaflet_css", "leaflet/leaflet.css")]  # noqa: RUF012

    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div class="map" id="{{ this.get_name() }}"></div>
        {% endmacro %}

        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }},
            L.extend({{ this.options|tojavascript }}, {center: {{ this.location|tojson }}}));
        {{ this.get_name() }}.attributionControl.setPrefix('Leaflet');
        {% endmacro %}
        """
    )


def _number(element: Element, ids: "count[int]") -> None:
    """Give a number to an element and all below it, in the order they were added.

    branca draws ids from the system's random source, and they become names in the page; equal
    input has to give equal bytes.
    """
    element._id = str(next(ids))  # noqa: SLF001 - branca has no other way in
    for child in element._children.values():  # noqa: SLF001 - as above
        _number(child, ids)
