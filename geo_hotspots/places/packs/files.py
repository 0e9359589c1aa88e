"""The files of a pack: pack.toml, polygons in GeoJSON, tables in CSV, each checked as it is read.

A missing text is missing, but for `aliases`, which is empty where there are none.
"""

import csv
import difflib
import io
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_hotspots.errors import PackError
from geo_hotspots.places.datum.shift import DATUMS, Datum, to_wgs84

ALIAS_SEPARATOR = ";"
COMMUNITY_COLUMNS = ("code", "name", "street_code", "street", "aliases")
STREET_COLUMNS = ("code", "name", "aliases")
PLACE_COLUMNS = (
    "id", "name", "type", "aliases", "community", "street", "lng", "lat", "level",
    "uncertainty_m", "source",
)  # fmt: skip
PLACE_NUMBERS = ("lng", "lat", "uncertainty_m")
# Who looks after an area: the row speaks of a compound, else a community, else a street.
RESPONSIBLE_COLUMNS = ("compound", "community", "street", "responsible", "level")
PACK_FILES = (
    "pack.toml", "communities.geojson", "streets.geojson", "places.csv", "responsible.csv",
    "roads.geojson",
)  # fmt: skip

_REQUIRED_KEYS = ("name", "title", "datum", "timezone", "approximate")
_TEXT_KEYS = (
    "name", "title", "title_en", "code", "datum", "converted_from", "timezone", "vintage",
    "source", "licence", "footer", "footer_en", "approval",
)  # fmt: skip
_KEYS = (*_TEXT_KEYS, "approximate", "aliases", "outside")
_PAIRS = ("title", "footer")  # may be one text, two keys, or a table of zh and en
_LNG_LAT_CRS = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490")
_FOLDER = re.compile(r"""[^.\s<>:"/\\|?*][^<>:"/\\|?*]{0,79}(?<![.\s])""")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)  # no folders on Windows


def split_aliases(text: str) -> list[str]:
    """Split an `aliases` cell; `;`, `；`, `、` and `|` separate, since people write them all.

    >>> split_aliases("崇外大街;花市、 东花市|")
    ['崇外大街', '花市', '东花市']
    """
    for mark in "|；、":
        text = text.replace(mark, ALIAS_SEPARATOR)
    return [part.strip() for part in text.split(ALIAS_SEPARATOR) if part.strip()]


def read_head(path: Path) -> dict[str, Any]:
    """Read pack.toml: every key known, every value of its kind, defaults filled in."""
    try:
        raw = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise PackError(
            f"{path} 不是合格的 TOML：{error}", f"{path} is not valid TOML: {error}"
        ) from error
    for key in _PAIRS:
        if isinstance(raw.get(key), dict):
            pair = raw.pop(key)
            raw |= {key: pair.get("zh", ""), f"{key}_en": pair.get("en", pair.get("zh", ""))}
    for key in raw:
        if key not in _KEYS:
            raise PackError(
                f"{path} 中没有名为 {key!r} 的设置{hint_zh(key, _KEYS)}",
                f"{path} has no setting {key!r}{hint_en(key, _KEYS)}",
            )
    _check_head(raw, path)
    head: dict[str, Any] = dict.fromkeys(_TEXT_KEYS, "") | raw
    for key in _PAIRS:
        head[f"{key}_en"] = head[f"{key}_en"] or head[key]
    head["aliases"] = _flat_aliases(raw.get("aliases", {}), path)
    head["outside"] = tuple(str(name) for name in raw.get("outside", ()))
    return head


def read_areas(path: Path, columns: Sequence[str], datum: Datum) -> gpd.GeoDataFrame:
    """Read a GeoJSON of polygons with at least `code` and `name`; the other columns may lack."""
    features = read_features(path)
    rows = [{k: as_text(v) for k, v in f["properties"].items()} for f in features]
    frame = pd.DataFrame(rows, dtype="str").reindex(columns=list(columns)).astype("str")
    for column in ("code", "name"):
        if frame[column].isna().all():
            known = {k for row in rows for k in row}
            raise no_column(path, column, known)
        if frame[column].isna().any():
            row = int(frame[column].isna().argmax()) + 1
            raise PackError(
                f"{path} 第 {row} 个要素没有 {column}，请补上",
                f"{path}: feature {row} has no {column!r}; fill it in",
            )
    frame["aliases"] = [ALIAS_SEPARATOR.join(split_aliases(a)) for a in frame["aliases"].fillna("")]
    if frame["code"].duplicated().any():
        code = frame["code"][frame["code"].duplicated()].iloc[0]
        raise PackError(
            f"{path} 中编码 {code!r} 重复；每个区域应只有一个要素",
            f"{path}: the code {code!r} stands twice; give each area one feature",
        )
    geometry = _geometry([f.get("geometry") for f in features], path, frame["name"], datum)
    return gpd.GeoDataFrame(frame, geometry=geometry, crs="EPSG:4326")


def read_csv(path: Path, columns: Sequence[str], required: Sequence[str]) -> pd.DataFrame:
    """Read a CSV as text, blanks missing; columns that we do not know are left out."""
    lines = list(csv.reader(io.StringIO(read_text(path))))
    if not lines:
        raise PackError(f"{path} 是空的；至少要有表头", f"{path} is empty; it needs a header")
    header = [name.strip() for name in lines[0]]
    for column in required:
        if column not in header:
            raise no_column(path, column, header)
    for number, line in enumerate(lines[1:], start=2):
        if line and len(line) != len(header):
            raise PackError(
                f"{path} 第 {number} 行有 {len(line)} 格，表头有 {len(header)} 格",
                f"{path}: line {number} has {len(line)} cells, the header {len(header)}",
            )
    rows = [[" ".join(cell.split()) or None for cell in line] for line in lines[1:] if line]
    frame = pd.DataFrame(rows, columns=header, dtype="str")
    return frame.reindex(columns=list(columns)).astype("str")


def as_numbers(text: pd.Series, path: Path) -> pd.Series:
    """Turn a column of text into numbers, blanks missing; refuse what is none."""
    number = pd.to_numeric(text, errors="coerce").astype("float64")
    is_wrong = text.notna() & ~np.isfinite(number)
    if is_wrong.any():
        raise PackError(
            f"{path} 中 {text.name} = {text[is_wrong].iloc[0]!r} 不是数字",
            f"{path}: {text.name} is {text[is_wrong].iloc[0]!r}; it must be a number",
        )
    return number


def no_column(path: Path, column: str, known: Iterable[str]) -> PackError:
    """Say which column is missing, what there is, and which may have been meant."""
    known = sorted(known)
    return PackError(
        f"{path} 缺少 {column} 列；已有：{'、'.join(known)}{hint_zh(column, known)}",
        f"{path} has no column {column!r}; it has {', '.join(known)}{hint_en(column, known)}",
    )


def hint_zh(word: str, known: Iterable[str]) -> str:
    """Say in Chinese which known word was probably meant, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"；是否指 {near[0]!r}？" if near else ""


def hint_en(word: str, known: Iterable[str]) -> str:
    """Say in English which known word was probably meant, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _check_head(raw: dict[str, Any], path: Path) -> None:
    for key in _REQUIRED_KEYS:
        if raw.get(key, "") == "":
            raise PackError(f"{path} 缺少 {key}，请补上", f"{path} lacks {key!r}; add it")
    for key, value in raw.items():
        kind = {"approximate": bool, "aliases": dict, "outside": list}.get(key, str)
        if not isinstance(value, kind):
            raise _bad_value(path, key, value, kind.__name__)
    if not is_folder_name(raw["name"]):
        wanted = "a plain folder name, without / \\ : and leading dots"
        raise _bad_value(path, "name", raw["name"], wanted)
    if raw["datum"] not in DATUMS:
        raise _bad_value(path, "datum", raw["datum"], " | ".join(DATUMS))
    try:
        ZoneInfo(raw["timezone"])
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a folder is no time zone
        raise _bad_value(path, "timezone", raw["timezone"], "'Asia/Shanghai' …") from error


def is_folder_name(name: str) -> bool:
    r"""Say whether a text names a folder on every system, and one below where it is put.

    Results go to a folder of the pack's name: it must not lead elsewhere.

    >>> [is_folder_name(n) for n in ("dongcheng", "东城 2019", "..", "a/b", "C:x", "con", "x\x1b")]
    [True, True, False, False, False, False, False]
    """
    stem = name.partition(".")[0].rstrip()
    return bool(_FOLDER.fullmatch(name)) and name.isprintable() and not _DEVICE.fullmatch(stem)


def _bad_value(path: Path, key: str, value: object, wanted: str) -> PackError:
    return PackError(
        f"{path} 中 {key} = {value!r} 不对，应为 {wanted}",
        f"{path}: {key} is {value!r}; it must be {wanted}",
    )


def _flat_aliases(raw: Mapping[str, Any], path: Path) -> dict[str, str]:
    """Take `former = "today"` as well as `today = ["former", …]`."""
    flat: dict[str, str] = {}
    for key, value in raw.items():
        if isinstance(value, str):
            flat[key] = value
        elif isinstance(value, list) and all(isinstance(v, str) for v in value):
            flat |= dict.fromkeys(value, key)
        else:
            raise _bad_value(path, f"aliases.{key}", value, "str | [str, …]")
    return flat


def read_text(path: Path) -> str:
    """Read a file of UTF-8, with or without a mark at its front."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PackError(
            f"{path} 打不开：{error.strerror}；请检查边界包是否完整",
            f"{path} cannot be opened: {error.strerror}; check that the pack is whole",
        ) from error
    except UnicodeDecodeError as error:
        raise PackError(
            f"{path} 不是 UTF-8 编码；请另存为 UTF-8", f"{path} is not UTF-8; save it as UTF-8"
        ) from error


def read_features(path: Path) -> list[dict[str, Any]]:
    """Read the features of a GeoJSON in longitude and latitude; refuse what is none."""
    try:
        raw = json.loads(read_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise PackError(
            f"{path} 不是合格的 JSON：{error}", f"{path} is not valid JSON: {error}"
        ) from error
    features = raw.get("features") if isinstance(raw, dict) else None
    is_whole = isinstance(features, list) and all(
        isinstance(f, dict) and isinstance(f.get("properties"), dict) for f in features
    )
    if not features or not is_whole:
        raise PackError(
            f"{path} 不是带属性的 FeatureCollection，或者是空的",
            f"{path} is not a FeatureCollection with properties, or it is empty",
        )
    crs = json.dumps(raw.get("crs") or "CRS84")
    if not any(name in crs for name in _LNG_LAT_CRS):
        raise PackError(
            f"{path} 的坐标系 {crs} 不是经纬度；请用 pack build 转换",
            f"{path}: its crs {crs} is not longitude/latitude; convert it with 'pack build'",
        )
    return list(features)


def as_text(value: object) -> str | None:
    """Give a JSON value as text; lists become aliases, blanks are missing."""
    if isinstance(value, list):
        value = ALIAS_SEPARATOR.join(str(v) for v in value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else " ".join(str(value).split())
    return text or None


def _geometry(raw: list[object], path: Path, names: pd.Series, datum: Datum) -> np.ndarray:
    """Parse polygons and refuse, by name, those that would spoil what is counted in them."""
    found = shapely.from_geojson([json.dumps(g) for g in raw], on_invalid="ignore")
    is_area = np.isin(shapely.get_type_id(found), (3, 6))  # Polygon, MultiPolygon
    is_fine = is_area & ~shapely.is_empty(found) & shapely.is_valid(found)
    if not is_fine.all():
        name = names.iloc[int((~is_fine).argmax())]
        raise PackError(
            f"{path} 中 {name} 的图形不是有效的面；请用 pack build 修复",
            f"{path}: the shape of {name!r} is not a valid polygon; repair it with 'pack build'",
        )
    west, south, east, north = shapely.total_bounds(found)
    if west < -180 or south < -90 or east > 180 or north > 90:  # noqa: PLR2004 - degrees
        raise PackError(
            f"{path} 的坐标 {west:.6g}, {south:.6g} 不是经纬度；请用 pack build 转换",
            f"{path}: {west:.6g}, {south:.6g} is not longitude/latitude; use 'pack build'",
        )
    found = shapely.force_2d(found)
    return shapely.transform(found, lambda p: np.column_stack(to_wgs84(*p.T, datum=datum)))
