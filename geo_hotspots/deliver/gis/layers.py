"""Everything that GIS staff open: the layers as GeoJSON, one GeoPackage, what columns mean."""

from pathlib import Path

import geopandas as gpd

from geo_hotspots.deliver.gis.dictionary import write_dictionary
from geo_hotspots.deliver.gis.geojson import write_features
from geo_hotspots.deliver.gis.geopackage import tidy_layers, write_tidy
from geo_hotspots.deliver.gis.shapefile import Encoding, write_shapefiles
from geo_hotspots.schema import Masthead

_IDS = {"hotspots": "hotspot_id", "cells": "cell", "communities": "code", "streets": "code",
        "emerging": "cluster_id"}  # fmt: skip


def write_layers(
    folder: Path, layers: dict[str, gpd.GeoDataFrame], more: dict[str, gpd.GeoDataFrame],
    head: Masthead, *, shapefile: Encoding | None,
) -> None:  # fmt: skip
    """Write layers in every format.

    Parameters
    ----------
    layers
        Those that are a file of their own each, by name.
    more
        Those that only the GeoPackage holds.
    shapefile
        Write shapefiles besides, their texts encoded so.
    """
    tidy = tidy_layers(layers | more)
    for name in layers:
        write_features(
            folder / f"{name}.geojson", tidy[name], name=name, id_column=_IDS[name],
            lang=head.lang, datum=head.datum,
        )  # fmt: skip
    write_tidy(folder / "hotspots.gpkg", tidy, lang=head.lang, datum=head.datum)
    write_dictionary(folder / "fields.csv", lang=head.lang)
    if shapefile:
        write_shapefiles(folder / "shapefile", layers, encoding=shapefile)
