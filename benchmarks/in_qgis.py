"""Open a run folder in QGIS without a screen: each layer styled, and no warning.

Not for every day: QGIS is large and brings a Python of its own. On Debian::

    apt-get install --no-install-recommends qgis python3-qgis
    /usr/bin/python3 benchmarks/in_qgis.py outputs/demo/dongcheng/2019-W52 picture.png

For each layer of `hotspots.gpkg` and each GeoJSON it prints how many features and columns QGIS
sees, how the style draws them and how many symbols it has, how many columns bear a name in words,
and whether the layer has labels; at the end the warnings that QGIS wrote. The exit status is 1
where a layer is invalid or unstyled, or a warning came. With a second argument the GeoPackage is
drawn into a picture, to be looked at.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
from qgis.core import (
    Qgis,
    QgsApplication,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProviderRegistry,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

HEADS = ("layer", "features", "columns", "drawn as", "symbols", "named", "labels")
LINE = "{:<26}{:>9}{:>8}  {:<20}{:>8}{:>7}{:>8}"
PICTURE = QSize(1400, 1800)
PROBLEMS = (Qgis.Warning, Qgis.Critical)
BACKDROP = ("streets", "communities")  # at the bottom of the picture


def find_layers(folder: Path) -> Iterator[tuple[str, str]]:
    """Give every layer of the run: a title, and what QGIS is to open."""
    package = folder / "hotspots.gpkg"
    details = QgsProviderRegistry.instance().querySublayers(str(package))
    for detail in sorted(details, key=lambda d: d.name()):
        yield f"gpkg {detail.name()}", f"{package}|layername={detail.name()}"
    for path in sorted(folder.glob("*.geojson")):
        yield path.name, str(path)


def describe(title: str, layer: QgsVectorLayer) -> bool:
    """Give the layer's line of the table, and whether it is as it should be."""
    renderer = layer.renderer()
    kind = renderer.type() if renderer else "nothing"
    symbols = len(renderer.legendSymbolItems()) if renderer else 0
    fields = layer.fields()
    named = sum(bool(field.alias()) for field in fields)
    labels = "yes" if layer.labelsEnabled() else "no"
    print(LINE.format(title, layer.featureCount(), len(fields), kind, symbols, named, labels))
    return layer.isValid() and kind not in ("nothing", "singleSymbol") and named > 0


def draw(layers: list[QgsVectorLayer], path: str) -> list[str]:
    """Draw layers into a picture, areas below, points above."""
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(PICTURE)
    extent = next(layer for layer in layers if layer.name() == "streets").extent()
    extent.scale(1.05)
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(path)
    return [error.message for error in job.errors()]


def main(folder: str, picture: str = "") -> int:
    """Print the table; give the exit status."""
    warnings: list[str] = []
    QgsApplication.messageLog().messageReceived.connect(
        lambda text, tag, level: warnings.append(f"{tag}: {text}") if level in PROBLEMS else None
    )
    print(LINE.format(*HEADS))
    opened, is_good = [], True
    for title, source in find_layers(Path(folder)):
        layer = QgsVectorLayer(source, title.split()[-1], "ogr")
        is_good &= describe(title, layer)
        opened.append(layer)
    if picture:
        wanted = ("hotspots", "emerging", "cells", *reversed(BACKDROP))
        of_package = {layer.name(): layer for layer in opened[::-1]}
        warnings += draw([of_package[name] for name in wanted if name in of_package], picture)
    print(f"warnings: {len(warnings)}", *warnings, sep="\n  ")
    return int(bool(warnings) or not is_good or not opened)


if __name__ == "__main__":
    app = QgsApplication([], GUIenabled=False)
    app.initQgis()
    status = main(*sys.argv[1:3])
    app.exitQgis()
    sys.exit(status)
