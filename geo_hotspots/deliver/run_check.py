"""Check a run folder as those will who open it: GIS programs, browsers, and the account itself.

GeoJSON is held against the twelve rules of `geojson_check`; the GeoPackage, the Shapefiles and
the field dictionary must then say the same as the GeoJSON, every page must ask nobody but whom
its policy names, and the rows of the ledger must sum to the rows read.
"""

import csv
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyogrio

from geo_hotspots.deliver.allowed import PACKAGE_LAYERS
from geo_hotspots.deliver.gis.dictionary import short_name
from geo_hotspots.deliver.gis.geojson_check import Bounds, check_geojson
from geo_hotspots.errors import InputError
from geo_hotspots.words import Lang, Words

WORLD: Bounds = (-180, -90, 180, 90)
MARGIN = 0.05  # degrees: points just outside the area, and what a datum moves
GPKG_VERSION = 10200
_OUTSIDE = re.compile(r"""<(?:script|img|link|iframe)\b[^>]*\s(?:src|href)=(?!["']?(?:data:|#))""")
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]+)"')


def check_run(folder: Path, *, lang: Lang) -> dict[str, list[str]]:
    """Check every file of a run folder.

    Returns
    -------
    faults
        By file, in the order of the folder: what is wrong with it, nothing where all is well.

    Raises
    ------
    InputError
        The folder holds no `run.json`: it is no run folder.
    """
    record = _read_record(folder)
    bounds = _bounds(record)
    layers = {path.stem: path for path in sorted(folder.glob("*.geojson"))}
    found: dict[str, list[str]] = {}
    for name, path in layers.items():
        found[path.name] = check_geojson(path, lang=lang, bounds=bounds)
        if not path.with_suffix(".qml").is_file():
            found[path.name].append(Words("旁边没有样式 .qml", "no style .qml beside it").say(lang))
        for shapefile in folder.glob(f"shapefile/{name}.shp"):
            key = shapefile.relative_to(folder).as_posix()
            found[key] = [fault.say(lang) for fault in _shapefile_faults(shapefile, path)]
    checks: dict[str, Callable[[Path], Iterator[Words]]] = {
        page.name: _page_faults for page in sorted(folder.glob("*.html"))
    }
    if not record.get("public"):  # the set to be shared has no more files
        checks |= {
            "hotspots.gpkg": lambda path: _geopackage_faults(path, layers),
            "fields.csv": lambda path: _dictionary_faults(path, layers),
            "ledger.csv": lambda path: _ledger_faults(path, record),
        }
    for file, check in checks.items():
        path = folder / file
        faults = check(path) if path.is_file() else [Words("文件缺失", "the file is missing")]
        found[file] = [fault.say(lang) for fault in faults]
    return found


def _read_record(folder: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{folder} 不是成果文件夹：run.json 读不出来；请指向 outputs/包名/周期",
            f"{folder} is no run folder: its run.json cannot be read; name outputs/PACK/PERIOD",
        ) from error
    return record


def _bounds(record: dict[str, Any]) -> Bounds:
    extent = record.get("pack", {}).get("extent")
    if not extent:
        return WORLD
    west, south, east, north = extent
    return (west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN)


def _columns(geojson: Path) -> tuple[list[str], int]:
    """Give the properties of a GeoJSON's first feature, and how many features there are."""
    features = json.loads(geojson.read_text(encoding="utf-8-sig")).get("features", [])
    return (list(features[0]["properties"]) if features else []), len(features)


def _geopackage_faults(path: Path, layers: dict[str, Path]) -> Iterator[Words]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        if database.execute("PRAGMA user_version").fetchone()[0] != GPKG_VERSION:
            yield Words("不是 GeoPackage 1.2", "not GeoPackage 1.2")
        styled = {name for (name,) in database.execute("SELECT f_table_name FROM layer_styles")}
        aliases = Counter(
            name for (name,) in database.execute("SELECT table_name FROM gpkg_data_columns")
        )
    for layer, _ in pyogrio.list_layers(path):
        if layer not in (*layers, *PACKAGE_LAYERS, "layer_styles"):
            yield Words(f"多出图层 {layer}", f"layer {layer} should not be there")
    for layer, geojson in layers.items():
        columns, n = _columns(geojson)
        info = pyogrio.read_info(path, layer=layer)
        if info["features"] != n or (n and list(info["fields"]) != columns):
            yield Words(f"图层 {layer} 与 GeoJSON 不一致", f"layer {layer} is not as in GeoJSON")
        if layer not in styled or aliases[layer] < len(columns):
            yield Words(f"图层 {layer} 缺样式或中文名", f"layer {layer} lacks style or aliases")


def _shapefile_faults(path: Path, geojson: Path) -> Iterator[Words]:
    columns, n = _columns(geojson)
    if not path.with_suffix(".cpg").is_file():
        yield Words("没有 .cpg，编码不明", "no .cpg: its encoding is unknown")
        return
    info = pyogrio.read_info(path)
    if info["features"] != n or (n and list(info["fields"]) != [short_name(c) for c in columns]):
        yield Words("与 GeoJSON 不一致", "not as in GeoJSON")


def _dictionary_faults(path: Path, layers: dict[str, Path]) -> Iterator[Words]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        listed = {(row[0], row[2]) for row in csv.reader(file) if len(row) > 2}  # noqa: PLR2004
    for layer, geojson in layers.items():
        for column in _columns(geojson)[0]:
            if (layer, column) not in listed:
                yield Words(f"没有说明 {layer}.{column}", f"{layer}.{column} is not explained")


def _ledger_faults(path: Path, record: dict[str, Any]) -> Iterator[Words]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        statuses = Counter(row["status"] for row in csv.DictReader(file))
    account = record.get("account", {})
    if statuses.total() != account.get("read"):
        yield Words(
            f"{statuses.total()} 行，读入的却是 {account.get('read')} 行",
            f"{statuses.total()} rows, but {account.get('read')} were read",
        )
    for status, n in sorted(statuses.items()):
        if n != account.get(status):
            yield Words(f"{status} 与 run.json 不符", f"{status} is not as in run.json")


def _page_faults(path: Path) -> Iterator[Words]:
    text = path.read_text(encoding="utf-8")
    policy = _POLICY.search(text)
    if policy is None or not policy[1].startswith("default-src 'none'"):
        yield Words("没有内容安全策略", "no content security policy")
    markup = re.sub(r"<script nonce=.*?</script>", "", text, flags=re.DOTALL)
    if _OUTSIDE.search(markup):
        yield Words("引用了文件以外的内容", "refers to something outside the file")
