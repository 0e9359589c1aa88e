"""Packs to disk: plain, in a fixed order, so that equal packs are equal bytes."""

import csv
import io
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from geo_hotspots.errors import OutputError, PackError
from geo_hotspots.places.packs.check import Finding, check_pack
from geo_hotspots.places.packs.files import PACK_FILES

_FORMULA_MARKS = "=+-@\t\r"  # at the front of a cell, spreadsheets take these for a formula


def as_toml(head: Mapping[str, str | bool], aliases: Mapping[str, str]) -> str:
    """Give pack.toml; empty settings are left out."""
    lines = [f"{key} = {_toml_value(value)}" for key, value in head.items() if value != ""]
    if aliases:
        lines += ["", "[aliases]"]
        lines += [f"{_toml_value(k)} = {_toml_value(v)}" for k, v in sorted(aliases.items())]
    return "\n".join(lines) + "\n"


def as_geojson(areas: gpd.GeoDataFrame) -> str:
    """Give a FeatureCollection (RFC 7946), one feature a line, ordered by code."""
    areas = areas.sort_values("code", kind="stable")
    rows = areas.drop(columns="geometry").to_dict("records")
    features = [
        json.dumps(
            {
                "type": "Feature",
                "id": row["code"],
                "properties": row,
                "geometry": json.loads(shapely.to_geojson(shape)),
            },
            ensure_ascii=False,
        )
        for row, shape in zip(rows, areas.geometry, strict=True)
    ]
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "\n]}\n"


def as_csv(table: pd.DataFrame) -> str:
    """Give a CSV, blanks for what is missing; no cell of text can be taken for a formula."""
    text = table.select_dtypes(["str", "object"]).columns
    safe = table.assign(**{c: table[c].str.lstrip(_FORMULA_MARKS) for c in text})
    target = io.StringIO()
    safe.to_csv(target, index=False, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    return target.getvalue()


def put_in_place(out: Path, files: Mapping[str, str]) -> list[Finding]:
    """Write the files beside `out`, check them as a reader would, and rename when all is well.

    Files of other names that lie in an earlier pack of that place (a README) stay.

    Raises
    ------
    PackError
        The check found an error, or `out` is something else than a pack.
    OutputError
        The folder cannot be written.
    """
    if out.exists() and not (out / "pack.toml").is_file() and not _is_empty_folder(out):
        raise PackError(
            f"{out} 已存在且不是边界包，不会覆盖；请换一个文件夹",
            f"{out} exists and is no pack, so it is left alone; choose another folder",
        )
    fresh, old = (out.with_name(f".{out.name}.{word}") for word in ("partial", "old"))
    try:
        return _swap_in(out, fresh, old, files)
    except OSError as error:
        raise OutputError(
            f"{out} 无法写入：{error.strerror}；请检查权限与空间",
            f"{out} cannot be written: {error.strerror}; check rights and space",
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap_in(out: Path, fresh: Path, old: Path, files: Mapping[str, str]) -> list[Finding]:
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, text in files.items():
        (fresh / name).write_text(text, encoding="utf-8", newline="\n")
    report = check_pack(fresh)
    if report.errors:
        zh, en = (text.replace(str(fresh), str(out)) for text in report.errors[0].words)
        raise PackError(zh, en)
    if out.exists():
        for kept in out.iterdir():
            if kept.name not in PACK_FILES and kept.is_file():
                shutil.copy2(kept, fresh / kept.name)
        out.rename(old)
    fresh.rename(out)
    shutil.rmtree(old, ignore_errors=True)
    return list(report.findings)


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _toml_value(value: str | bool) -> str:  # noqa: FBT001 - a value, not a switch
    """Write a text or a flag; TOML's basic strings escape as JSON's do, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
