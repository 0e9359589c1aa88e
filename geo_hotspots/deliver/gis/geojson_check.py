"""Our own check of a GeoJSON file: the habits of real importers, which no validator looks at.

Rules: UTF-8 without a mark; JSON without NaN or repeated keys; a collection without `crs`; text
ids, each once; shapes present and of one type; the same scalar properties in the same order, of
one type each; times without a zone; coordinates in range, axes not swapped, six digits; rings
closed, outer ones turning left.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from geo_hotspots.words import Lang, Words

DIGITS = 6
ZONED = re.compile(r"^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$")
DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2,
         "MultiPolygon": 3}  # fmt: skip
Bounds = tuple[float, float, float, float]


def check_geojson(
    path: Path, *, lang: Lang = "zh", bounds: Bounds = (-180, -90, 180, 90)
) -> list[str]:
    """List what is wrong with a GeoJSON file; nothing when importers will read it alike.

    Parameters
    ----------
    path
        The file.
    lang
        The language of the sentences.
    bounds
        Smallest and largest longitude and latitude to be met: west, south, east, north. A
        district's own bounds find swapped axes everywhere, the world's only beyond 90°.
    """
    return [fault.say(lang) for fault in dict.fromkeys(_faults(path, bounds))]


def _faults(path: Path, bounds: Bounds) -> Iterator[Words]:
    raw = path.read_bytes()
    if raw.startswith(b"\xef\xbb\xbf"):
        yield Words("文件带 BOM", "the file starts with a byte order mark")
    try:
        collection = json.loads(
            raw.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique_keys,
        )
    except UnicodeDecodeError:
        yield Words("文件不是 UTF-8", "the file is not UTF-8")
        return
    except ValueError as error:
        yield Words(f"不是合格的 JSON:{error}", f"not valid JSON: {error}")
        return
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        yield Words("不是 FeatureCollection", "not a FeatureCollection")
        return
    if "crs" in collection:
        yield Words("含有过时的 crs 成员", "the outdated member crs is there")
    features = collection.get("features")
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        yield Words("features 不是要素列表", "features is not a list of features")
        return
    yield from _id_faults(features)
    yield from _property_faults(features)
    yield from _shape_faults(features, bounds)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) < len(pairs):
        raise ValueError("a key occurs twice in one object")
    return keys


def _id_faults(features: list[dict[str, Any]]) -> Iterator[Words]:
    ids = [f.get("id") for f in features]
    if any(f.get("type") != "Feature" for f in features):
        yield Words("有成员不是 Feature", "a member is not a Feature")
    if not all(isinstance(i, str) and i for i in ids):
        yield Words("有要素没有文本 id", "a feature has no text id")
    elif len(set(ids)) < len(ids):
        yield Words("id 重复", "an id occurs twice")


def _property_faults(features: list[dict[str, Any]]) -> Iterator[Words]:
    properties = [f.get("properties") or {} for f in features]
    if len({tuple(p) for p in properties}) > 1:
        yield Words("各要素的属性名或顺序不一致", "features differ in property names or order")
    for name in dict.fromkeys(name for p in properties for name in p):
        values = [p.get(name) for p in properties if p.get(name) is not None]
        kinds = {_kind(value) for value in values}
        if "nested" in kinds:
            yield Words(f"属性 {name} 不是单值", f"property {name} is not a single value")
        elif len(kinds) > 1:
            yield Words(f"属性 {name} 类型不一", f"property {name} has values of several types")
        if any(isinstance(value, str) and ZONED.match(value) for value in values):
            yield Words(f"时间 {name} 带时区", f"time {name} carries a zone")


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | Decimal):
        return "number"
    return "text" if isinstance(value, str) else "nested"


def _shape_faults(features: list[dict[str, Any]], bounds: Bounds) -> Iterator[Words]:
    shapes = [f.get("geometry") for f in features]
    if not all(isinstance(s, dict) and s.get("type") in DEPTH for s in shapes):
        yield Words("有要素没有可用的图形", "a feature has no usable geometry")
        return
    known = [s for s in shapes if isinstance(s, dict)]
    if len({s["type"] for s in known}) > 1:
        yield Words("一个文件中有多种几何类型", "several geometry types in one file")
    for shape in known:
        depth = DEPTH[shape["type"]]
        positions = _flatten(shape["coordinates"], depth)
        yield from _position_faults(list(positions), bounds)
        if shape["type"].endswith("Polygon"):
            for polygon in _flatten(shape["coordinates"], depth - 2):
                yield from _ring_faults(polygon)


def _flatten(coordinates: Any, depth: int) -> Iterator[Any]:
    """Give the members of nested lists `depth` levels down."""
    if depth == 0:
        yield coordinates
    else:
        for member in coordinates:
            yield from _flatten(member, depth - 1)


def _position_faults(positions: list[Any], bounds: Bounds) -> Iterator[Words]:
    west, south, east, north = bounds
    for position in positions:
        if len(position) != 2 or not all(_kind(x) == "number" for x in position):  # noqa: PLR2004
            yield Words("坐标不是经度、纬度两个数", "a position is not two numbers")
            continue
        lng, lat = position
        if not (west <= lng <= east and south <= lat <= north):
            yield (
                Words("经纬度颠倒", "longitude and latitude are swapped")
                if west <= lat <= east and south <= lng <= north
                else Words("坐标超出范围", "a position is out of range")
            )
        if any(isinstance(x, Decimal) and _digits(x) > DIGITS for x in position):
            yield Words(f"坐标超过 {DIGITS} 位小数", f"more than {DIGITS} digits in a position")


def _digits(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def _ring_faults(polygon: list[Any]) -> Iterator[Words]:
    for i, ring in enumerate(polygon):
        if len(ring) < 4 or ring[0] != ring[-1]:  # noqa: PLR2004 (a triangle and its first corner)
            yield Words("环未闭合", "a ring is not closed")
        elif (_doubled_area(ring) > 0) != (i == 0):
            yield Words("环的方向不合右手规则", "a ring turns against the right-hand rule")


def _doubled_area(ring: list[Any]) -> Decimal:
    """Give twice the ring's signed area in square degrees, above zero when it turns left."""
    corners = pairwise(ring)
    return sum((Decimal(a[0]) * b[1] - Decimal(b[0]) * a[1] for a, b in corners), Decimal())
