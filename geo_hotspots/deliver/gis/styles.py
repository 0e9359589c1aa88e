"""QGIS styles (QML) for our layers: colours, classes from the data, labels, names in words.

Written for QGIS 3.22 and later. Classes are computed from the rows at hand, since a style with
fixed breaks shows a quiet week as one colour.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_hotspots.deliver.allowed import FIELDS, PACKAGE_LAYERS, PUBLIC_LAYERS
from geo_hotspots.deliver.writing import writing
from geo_hotspots.words import CLUSTER, KIND, LEVEL, LIFECYCLE, SIGNAL, TREND, Lang, Words

COLUMNS = {**PACKAGE_LAYERS, **PUBLIC_LAYERS}
CLASSES = 5
DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"

# ColorBrewer's YlOrRd: ordered in grey print and for colour-blind readers.
RAMP = ("#ffffb2", "#fecc5c", "#fd8d3c", "#f03b20", "#bd0026")
NO_CASES = "#f4f4f1"
HOT_OUTLINE = "#1a1a1a"

# Okabe and Ito's colours, told apart by colour-blind readers.
LIFECYCLE_COLOURS = {
    "new": "#56b4e9",
    "intensifying": "#d55e00",
    "persistent": "#e69f00",
    "diminishing": "#009e73",
    "sporadic": "#f0e442",
    "rebounding": "#cc79a7",
    "quiet": "#999999",
    "insufficient": "#d9d9d9",
}

TIPS = {
    "hotspots": ("name", "category", "lifecycle", "n", "n_callers", "last_at", "reason"),
    "cells": ("cell", "community", "n", "n_callers", "expected", "qvalue"),
    "communities": ("name", "street", "n", "n_points", "change_pct", "resolved_rate"),
    "streets": ("name", "n", "n_points", "change_pct", "resolved_rate"),
    "emerging": ("category", "signal", "state", "n", "expected", "recurrence_weeks", "drivers"),
    "cells_overview": ("cell", "community", "n", "n_callers", "expected", "qvalue"),
    "cells_detail": ("cell", "community", "n", "n_callers"),
    "cells_by_category": ("category", "cell", "community", "n", "expected", "qvalue"),
    "public_cells": ("cell", "community", "month", "n"),
}
VALUES = {"kind": KIND, "lifecycle": LIFECYCLE, "level": LEVEL, "trend": TREND, "signal": SIGNAL,
          "state": CLUSTER}  # fmt: skip
TITLES = {
    "hotspots": Words("高频点位", "repeat points"),
    "cells": Words("网格热区", "grid cells"),
    "communities": Words("社区", "communities"),
    "streets": Words("街道", "streets"),
    "emerging": Words("新发聚集", "emerging clusters"),
    "cells_overview": Words("网格热区（概览）", "grid cells, overview"),
    "cells_detail": Words("网格件数（细部）", "grid cells, detail"),
    "cells_by_category": Words("网格热区（分类）", "grid cells by category"),
    "public_cells": Words("诉求分布（汇总）", "cases, aggregated"),
}
UNLABELLED = ("cells", "cells_overview", "cells_detail", "cells_by_category", "emerging",
              "public_cells")  # fmt: skip


def write_qml(path: Path, gdf: gpd.GeoDataFrame, layer: str, *, lang: Lang) -> None:
    """Write the style of `layer` as a `.qml` file; beside a same-named file QGIS takes it.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    with writing(path):
        path.write_text(style(gdf, layer, lang=lang), encoding="utf-8", newline="\n")


def style(gdf: gpd.GeoDataFrame, layer: str, *, lang: Lang) -> str:
    """Give the QML of a layer.

    Parameters
    ----------
    gdf
        The layer's rows; its counts set the classes and the sizes.
    layer
        A key of `COLUMNS`.
    lang
        The language of classes, column names and value names.
    """
    categories = "Symbology|Labeling|Fields|Forms|MapTips"
    root = Element(
        "qgis",
        version="3.22.16",
        styleCategories=categories,
        labelsEnabled=str(int(layer not in UNLABELLED)),
    )
    if layer == "hotspots":
        _add_lifecycles(root, gdf["n"], lang)
    else:
        _add_classes(root, gdf["n"], layer)
    if layer not in UNLABELLED:
        _add_labels(root, layer)
    _add_fields(root, layer, lang)
    SubElement(root, "mapTip").text = _tip(layer, lang)
    SubElement(root, "previewExpression").text = f'"{_title_column(layer)}"'
    indent(root, space=" ")
    return DOCTYPE + tostring(root, encoding="unicode") + "\n"


def _title_column(layer: str) -> str:
    """Name the column that stands for a feature in lists."""
    return {"emerging": "category"}.get(layer, "cell" if layer in UNLABELLED else "name")


def class_breaks(n: pd.Series) -> list[tuple[float, float]]:
    """Cut the counts above zero at their quantiles into at most five classes, ends included.

    Zero is a class of its own, the first; equal quantiles are merged. A class starts one above
    the end of the last, so that the legend does not name a count twice.

    >>> class_breaks(pd.Series([0, 1, 2, 3, 4, 50]))
    [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 50)]
    """
    counts = n.dropna().to_numpy(dtype="float64")
    counts = counts[counts > 0]
    if not counts.size:
        return [(0, 0)]
    quantiles = np.quantile(counts, np.arange(1, CLASSES + 1) / CLASSES, method="inverted_cdf")
    ends = [int(end) for end in np.unique(np.floor(quantiles))]
    starts = [1, *(end + 1 for end in ends[:-1])]
    return [(0, 0), *zip(starts, ends, strict=True)]


def _add_classes(root: Element, n: pd.Series, layer: str) -> None:
    renderer = SubElement(
        root, "renderer-v2", type="graduatedSymbol", attr="n", graduatedMethod="GraduatedColor",
        symbollevels="0", enableorderby="0", forceraster="0",
    )  # fmt: skip
    ranges, symbols = SubElement(renderer, "ranges"), SubElement(renderer, "symbols")
    breaks = class_breaks(n)
    steps = np.linspace(0, len(RAMP) - 1, max(len(breaks) - 1, 1)).round().astype(int)
    colours = [NO_CASES, *(RAMP[i] for i in steps)]
    for i, (low, high) in enumerate(breaks):
        label = f"{low}" if low == high else f"{low}–{high}"
        SubElement(
            ranges, "range", lower=str(low), upper=str(high), label=label, symbol=str(i),
            render="true",
        )  # fmt: skip
        symbol = _symbol(symbols, str(i), "fill", alpha=0.65 if layer in UNLABELLED else 0.8)
        fill = {"color": _rgba(colours[i]), "style": "solid", "outline_style": "solid",
                "outline_color": _rgba("#6e6e6e"), "outline_width": _outline(layer),
                "outline_width_unit": "MM", "joinstyle": "miter"}  # fmt: skip
        outline = _hot_outline() if layer.startswith("cells") else {}
        _symbol_layer(symbol, "SimpleFill", fill, outline)


def _outline(layer: str) -> str:
    return {"streets": "0.5", "communities": "0.26"}.get(layer, "0.1")


def _hot_outline() -> dict[str, str]:
    hot = 'coalesce("is_hot", false)'
    return {
        "outlineColor": f"if({hot}, '{HOT_OUTLINE}', '#b0b0b0')",
        "outlineWidth": f"if({hot}, 0.6, 0.1)",
    }


def _add_lifecycles(root: Element, n: pd.Series, lang: Lang) -> None:
    renderer = SubElement(
        root, "renderer-v2", type="categorizedSymbol", attr="lifecycle", symbollevels="0",
        enableorderby="0", forceraster="0",
    )  # fmt: skip
    categories, symbols = SubElement(renderer, "categories"), SubElement(renderer, "symbols")
    largest = max(int(n.max()) if n.notna().any() else 1, 1)
    # Area, not width, is what the eye compares: the side grows with the root.
    size = f'2.4 + 4.6 * sqrt(coalesce("n", 0) / {largest}.0)'
    for i, (value, words) in enumerate(LIFECYCLE.items()):
        SubElement(
            categories, "category", value=value, label=words.say(lang), symbol=str(i),
            type="string", render="true",
        )  # fmt: skip
        symbol = _symbol(symbols, str(i), "marker", alpha=0.9)
        marker = {"name": "circle", "color": _rgba(LIFECYCLE_COLOURS[value]), "size": "4",
                  "size_unit": "MM", "outline_color": _rgba("#333333"), "outline_style": "solid",
                  "outline_width": "0.2", "outline_width_unit": "MM"}  # fmt: skip
        _symbol_layer(symbol, "SimpleMarker", marker, {"size": size})


def _symbol(symbols: Element, name: str, kind: str, *, alpha: float) -> Element:
    return SubElement(
        symbols, "symbol", name=name, type=kind, alpha=str(alpha), clip_to_extent="1",
        force_rhr="0",
    )  # fmt: skip


def _symbol_layer(
    symbol: Element, kind: str, settings: Mapping[str, str], expressions: Mapping[str, str]
) -> None:
    attributes = {"class": kind, "enabled": "1", "locked": "0", "pass": "0"}
    layer = SubElement(symbol, "layer", attributes)
    _option(layer, None, dict(settings))
    if expressions:
        properties = {
            key: {"active": True, "expression": text, "type": 3}
            for key, text in expressions.items()
        }
        defined = SubElement(layer, "data_defined_properties")
        _option(defined, None, {"name": "", "properties": properties, "type": "collection"})


def _add_labels(root: Element, layer: str) -> None:
    is_point = layer == "hotspots"
    # Twelve characters are what fits beside a point; the map tip says the rest.
    short = 'if(length("name") > 12, left("name", 11) || \'…\', "name")'
    expression = f"coalesce(\"rank\" || ' ', '') || {short}" if is_point else '"name"'
    settings = SubElement(SubElement(root, "labeling", type="simple"), "settings")
    text = SubElement(
        settings, "text-style", fieldName=expression, isExpression="1", fontSizeUnit="Point",
        fontSize="10" if layer == "streets" else "8", textColor="34,34,34,255",
        fontFamily="Microsoft YaHei", textOpacity="1", multilineHeight="1",
    )  # fmt: skip
    SubElement(
        text, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM",
        bufferColor="255,255,255,255", bufferOpacity="0.9",
    )  # fmt: skip
    SubElement(
        settings, "placement", placement="6" if is_point else "1",
        offsetType="1", predefinedPositionOrder="R,L,TR,BR,TL,BL", dist="0.6", distUnits="MM",
        priority="8" if layer == "streets" else "5", centroidInside="1",
    )  # fmt: skip
    SubElement(settings, "rendering", displayAll="0", obstacle="1", drawLabels="1")


def _add_fields(root: Element, layer: str, lang: Lang) -> None:
    """Name the columns, and the values of the enumerations, in words."""
    configuration = SubElement(root, "fieldConfiguration")
    for column in COLUMNS[layer]:
        if column in VALUES:
            field = SubElement(configuration, "field", name=column)
            widget = SubElement(field, "editWidget", type="ValueMap")
            values = [{words.say(lang): value} for value, words in VALUES[column].items()]
            _option(SubElement(widget, "config"), None, {"map": values})
    aliases = SubElement(root, "aliases")
    for i, column in enumerate(COLUMNS[layer]):
        alias = FIELDS[column].alias.say(lang)
        SubElement(aliases, "alias", index=str(i), field=column, name=alias)


def _tip(layer: str, lang: Lang) -> str:
    """Write the map tip; its texts come from citizens and packs, so they are escaped."""
    first, *others = TIPS[layer]
    rows = "".join(
        f"<tr><td>{FIELDS[c].alias.say(lang)}</td><td>[% {_shown(c, lang)} %]</td></tr>"
        for c in others
    )
    return f"<b>[% {_shown(first, lang)} %]</b><table>{rows}</table>"


def _shown(column: str, lang: Lang) -> str:
    value = f'"{column}"'
    if FIELDS[column].kind == "time":
        value = f"format_date({value}, 'yyyy-MM-dd')"
    if column in VALUES:
        pairs = ", ".join(f"'{v}', '{words.say(lang)}'" for v, words in VALUES[column].items())
        value = f"map_get(map({pairs}), {value})"
    text = f"to_string(coalesce({value}, '—'))"
    return f"replace(replace({text}, '&', '&amp;'), '<', '&lt;')"


def _option(parent: Element, name: str | None, value: Any) -> None:
    """Write a value the way QGIS stores its variants."""
    kinds = {dict: "Map", list: "List", bool: "bool", int: "int", str: "QString"}
    option = SubElement(parent, "Option", type=kinds[type(value)])
    if name is not None:
        option.set("name", name)
    if isinstance(value, dict):
        for key, member in value.items():
            _option(option, key, member)
    elif isinstance(value, list):
        for member in value:
            _option(option, None, member)
    else:
        option.set("value", _flag(value) if isinstance(value, bool) else str(value))


def _rgba(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},255"


def _flag(value: bool) -> str:  # noqa: FBT001 (it is the value to be written)
    return "true" if value else "false"
