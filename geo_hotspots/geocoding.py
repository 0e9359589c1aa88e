"""A plain frame of addresses to places, and a sheet of them for a person to label."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.cases.clean import clean_columns
from geo_hotspots.cases.columns import fold, recognise
from geo_hotspots.cases.degrees import parse_degrees
from geo_hotspots.config import Config
from geo_hotspots.errors import InputError
from geo_hotspots.locating import place_cases
from geo_hotspots.places.by_text import match_cases
from geo_hotspots.places.gazetteer.build import build_gazetteer
from geo_hotspots.places.gazetteer.index import district_names, open_gazetteer
from geo_hotspots.places.labelled import (
    BANDS,
    SHEET_TRUTH,
    TRUTH,
    Scores,
    read_words,
    score_labelled,
)
from geo_hotspots.places.local_grid import declared_grid
from geo_hotspots.places.packs.pack import Pack, current_names, read_pack
from geo_hotspots.schema import LOCATED, PLACED, RAW_TEXT, SAMPLE_COLUMNS
from geo_hotspots.words import Lang

_SAMPLED = (
    "status", "level", "place_id", "place_name", "street", "community", "lng", "lat", "score",
)  # fmt: skip
_GIVEN = ("district", "street", "community")
_PLAIN = {name: "str" for name, kind in PLACED.columns.items() if kind == "text"}
_TEXTS = ("address", "title", "content")
_ANSWERED = (*LOCATED, "area_only")


def geocode_frame(
    frame: pd.DataFrame,
    pack: Pack | str | Path,
    *,
    config: Config | None = None,
    lang: Lang = "zh",
) -> pd.DataFrame:
    """Place the rows of a frame; see `geo_hotspots.geocode`."""
    config = config or Config()
    said = config.datum
    cases = _as_cases(frame, config.cases.columns)
    if isinstance(pack, Pack):  # it may have been changed since it was read: no index is of it
        gazetteer = build_gazetteer(
            pack.places, pack.communities, pack.streets, district=district_names(pack)
        )
    else:
        pack = read_pack(pack)
        gazetteer = open_gazetteer(pack)
    by_text = match_cases(cases, gazetteer, pack.outside, lang)
    grid = declared_grid(said.crs, said.control_points, limit_m=said.control_limit_m)
    found, detection = place_cases(
        cases, by_text, gazetteer, pack=pack, config=config, grid=grid, lang=lang
    )
    names = {c: place_column(c) for c in PLACED.columns}
    placed = found[list(names)].astype(_PLAIN).rename(columns=names).set_axis(frame.index)
    result = pd.concat([frame.drop(columns=list(placed), errors="ignore"), placed], axis=1)
    result.attrs["notes"] = detection.notes
    return result


def place_column(name: str) -> str:
    """Name a column of a place so that it does not clash with the user's own.

    >>> place_column("lng"), place_column("place_id"), place_column("source_of_place")
    ('place_lng', 'place_id', 'place_source')
    """
    return "place_" + name.removeprefix("place_").removesuffix("_of_place")


def sample_to_label(placed: pd.DataFrame, n: int, *, seed: int = 0) -> pd.DataFrame:
    """Draw rows to be labelled by hand, the same number from every band of the score.

    Parameters
    ----------
    placed
        Cases with `schema.PLACED`.
    n
        Rows wanted; a band with fewer gives all it has, and the others more.

    Returns
    -------
    sheet
        `SAMPLE_COLUMNS`: where each row comes from, what was found, empty columns for the truth,
        and `weight`: for how many rows it stands; indexed as the rows of `placed`. The texts stay
        in the export.
    """
    answered = placed["status"].isin(_ANSWERED)
    band = pd.Series(np.digitize(placed["score"], BANDS[1:-1]) + 1).where(answered.to_numpy(), 0)
    at = _draw_evenly(band, n, np.random.default_rng(seed))
    stands_for = band.map(band.value_counts())[at] / band[at].map(band[at].value_counts())
    rows = placed.iloc[at]
    sheet = rows[["source", "row", "case_id"]].copy()
    for column in _SAMPLED:
        sheet[place_column(column)] = rows[column]
    blank = pd.Series(None, index=sheet.index, dtype="str")
    sheet = sheet.assign(**dict.fromkeys(SHEET_TRUTH, blank))
    sheet["weight"] = stands_for.round(4).to_numpy()
    return sheet[list(SAMPLE_COLUMNS)]


def _draw_evenly(band: pd.Series, n: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw `n` positions, as many from each band as it and the others allow, in order."""
    chosen: list[npt.NDArray[np.int64]] = []
    counts = band.value_counts().sort_values(kind="stable")
    for i, one in enumerate(counts.index):
        share = (n - sum(map(len, chosen))) // (len(counts) - i)
        chosen.append(rng.permutation(np.flatnonzero(band == one))[:share])
    return np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, dtype=np.int64)


def _as_cases(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Make of a frame what the places need of `schema.CASES`, whatever its headers."""
    headers = [str(c) for c in frame.columns]
    positions = recognise(headers, file="DataFrame", columns=columns, needs_time=False)
    index = pd.RangeIndex(len(frame))
    absent = pd.Series(pd.NA, index=index, dtype="str")
    raw = {
        name: frame.iloc[:, positions[name]].set_axis(index).astype("str")
        if name in positions
        else absent
        for name in RAW_TEXT
    }
    where: dict[str, Any] = {"source": "", "row": index}
    clean, _ = clean_columns(pd.DataFrame(where | raw))
    cases = clean[["source", "channel", *_TEXTS]].replace("", None)
    cases = cases.assign(**{f"{name}_given": clean[name].replace("", None) for name in _GIVEN})
    return cases.assign(**{f"{name}_given": parse_degrees(clean[name]) for name in ("lng", "lat")})


def score_sheet(
    table: pd.DataFrame, pack: Pack, config: Config, cases: pd.DataFrame | None = None
) -> Scores:
    """Hold places against the labels of a sheet.

    Parameters
    ----------
    table
        Truth under the headers of `places.labelled.TRUTH`, and either texts under any recognised
        headers, which are placed now, or what `sample_to_label` put there.
    cases
        Placed cases (`schema.PLACED`), to be held against the sheet instead, by source and row.

    Raises
    ------
    InputError
        No row has a truth, nothing says where, or a row of the sheet is none of the cases.
    """
    table = read_words(table)
    if cases is not None:
        placed = _same_rows(table, cases)
    elif set(SAMPLE_COLUMNS) <= set(table.columns):
        placed = table.rename(columns={place_column(c): c for c in _SAMPLED})
        numbers = {c: pd.to_numeric(placed[c], errors="coerce") for c in ("lng", "lat", "score")}
        placed = placed.assign(**numbers)
    else:
        names = {place_column(c): c for c in PLACED.columns}
        found = geocode_frame(table.drop(columns=list(_truth_columns(table))), pack, config=config)
        placed = found[list(names)].rename(columns=names)
    return score_labelled(placed, _truth(table, pack))


def _same_rows(table: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Find the case of each row of the sheet."""
    key = ["source", "row"]
    if not set(key) <= set(table.columns):
        raise InputError(
            "标注表没有 source、row 两列，无法与工单对应；请用 --sample 写出的表",
            "the sheet has no columns source and row to find its cases by; use one from --sample",
        )
    asked = table[key].astype({"source": "str"}).assign(row=pd.to_numeric(table["row"]))
    found = asked.merge(cases.astype({"source": "str"}), on=key, how="left", validate="m:1")
    if found["status"].isna().any():
        lost = asked[found["status"].isna().to_numpy()].iloc[0]
        where = f"{lost['source']}#{lost['row']}"
        raise InputError(
            f"标注表中的 {where} 不在所给工单中；请给抽样时的同一批文件",
            f"{where} of the sheet is none of the cases; give the files it was drawn from",
        )
    return found.set_axis(table.index)


def _truth(table: pd.DataFrame, pack: Pack) -> pd.DataFrame:
    """Read the truth of a sheet, areas by their present names."""
    named = _truth_columns(table)
    truth = table[list(named)].rename(columns=named)
    for column in {"true_lng", "true_lat", "weight"} & set(truth.columns):
        truth[column] = pd.to_numeric(truth[column], errors="coerce")
    for column, areas in (("true_community", pack.communities), ("true_street", pack.streets)):
        if column in truth:
            truth[column] = current_names(truth[column], areas).fillna(truth[column])
    return truth


def _truth_columns(table: pd.DataFrame) -> dict[Any, str]:
    known = {fold(h): name for name, others in TRUTH.items() for h in (name, *others)}
    return {c: known[fold(str(c))] for c in table.columns if fold(str(c)) in known}
