"""From files to placed cases: every row read, in exactly one status."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from geo_hotspots.account import Account, Ledger, take_account
from geo_hotspots.cases.keys import name_cases
from geo_hotspots.cases.normalise import normalise_cases
from geo_hotspots.cases.read import read_pieces
from geo_hotspots.columns import give_back_memory
from geo_hotspots.config import Config
from geo_hotspots.errors import InputError
from geo_hotspots.grid import cell_names, fit_resolution, index_points
from geo_hotspots.places.by_text import Answers, match_cases
from geo_hotspots.places.coordinates import restore_points, take_anchors
from geo_hotspots.places.datum.detect import Detection
from geo_hotspots.places.gazetteer.index import lend_gazetteer, open_gazetteer
from geo_hotspots.places.gazetteer.names import Gazetteer
from geo_hotspots.places.local_grid import Grid, declared_grid
from geo_hotspots.places.locate import locate_cases
from geo_hotspots.places.packs.pack import Pack
from geo_hotspots.schema import LOCATED, POINT_LEVELS
from geo_hotspots.spread import ALONE, Crew
from geo_hotspots.words import Lang, Words

Progress = Callable[[Words], None]
Recall = Callable[[pd.DataFrame], pd.DataFrame]


def silent(_: Words) -> None:
    """Say nothing: the progress of a library call."""


def recall_nothing(cases: pd.DataFrame) -> pd.DataFrame:
    """Know no text from before: a look without a history."""
    return pd.DataFrame(index=cases.index[:0])


@dataclass(frozen=True)
class Located:
    """Cases with their places, and an account of every row read."""

    cases: pd.DataFrame
    rejected: pd.DataFrame  # the rows that are no cases
    by_text: Answers  # where the texts alone place them
    account: Account
    detection: Detection
    gazetteer: Gazetteer
    notes: tuple[Words, ...]
    lang: Lang

    @property
    def ledger(self) -> Ledger:
        """Give the ledger, without hotspots yet."""
        return Ledger(self.cases, self.rejected, self.lang)


def locate(
    paths: Sequence[Path],
    pack: Pack,
    config: Config,
    *,
    salt: bytes,
    lang: Lang = "zh",
    progress: Progress = silent,
    recall: Recall = recall_nothing,
    crew: Crew = ALONE,
) -> Located:
    """Read cases and place them; write nothing.

    Parameters
    ----------
    recall
        Gives where the texts place those cases whose texts were matched before, on their index.
    crew
        Who shares the texts.

    Raises
    ------
    InputError
        No file can be read, nothing in them is usable, or more rows are rejected than
        `cases.max_rejected_share` allows.
    """
    said = config.datum
    grid = declared_grid(said.crs, said.control_points, limit_m=said.control_limit_m)
    progress(Words("读取工单", "reading cases"))
    crew.call_up()
    pieces = read_pieces(
        paths, columns=config.cases.columns, max_workbook_mb=config.cases.max_workbook_mb
    )
    cases, rejected = normalise_cases(pieces, timezone=pack.timezone, salt=salt)
    _refuse_broken(len(cases) + len(rejected), rejected, config.cases.max_rejected_share)
    cases["case_key"] = name_cases(cases, inexact=cases.attrs["inexact_ids"])
    give_back_memory()
    gazetteer = open_gazetteer(pack)
    known = recall(cases)
    new = cases if known.empty else cases.drop(index=known.index)
    progress(Words(f"定位 {len(new)} 件", f"locating {len(new)} cases"))
    lent = gazetteer if crew.is_alone else lend_gazetteer(pack, gazetteer)
    matched = match_cases(new, lent, pack.outside, lang, crew=crew, told=progress)
    by_text = matched.joined(known, cases.index)
    give_back_memory()
    placed, detection = place_cases(
        cases, by_text, gazetteer, pack=pack, config=config, grid=grid, lang=lang
    )
    told = cases.attrs
    account = take_account(
        placed, rejected, n_read=told["rows_read"], n_blank=told["blank_rows"], lang=lang
    )
    notes = (*told["notes"], *detection.notes)
    give_back_memory()
    return Located(placed, rejected, by_text, account, detection, gazetteer, notes, lang)


def place_cases(
    cases: pd.DataFrame, by_text: Answers, gazetteer: Gazetteer, *, pack: Pack,
    config: Config, grid: Grid | None = None, lang: Lang,
) -> tuple[pd.DataFrame, Detection]:  # fmt: skip
    """Give cases their places and cells, and what was found out about their coordinates.

    Parameters
    ----------
    by_text
        Where their texts place them, as `match_cases` gives it.
    grid
        The way from metres to degrees where the user declared one.
    """
    points, detection = restore_points(
        cases, pack.communities, declared=config.datum.cases, grid=grid,
        anchors=by_text.spread(take_anchors(by_text.table)), lang=lang,
    )  # fmt: skip
    give_back_memory()
    placed = locate_cases(
        cases, points, gazetteer=gazetteer, communities=pack.communities, streets=pack.streets,
        outside=pack.outside, by_text=by_text, lang=lang,
    )  # fmt: skip
    resolution = fit_resolution(pack.study_area, config.grid.resolution)
    placed["cell"] = _index_cases(placed, resolution=resolution)
    return placed, detection


def _refuse_broken(n_read: int, rejected: pd.DataFrame, most: float) -> None:
    """Stop when too much is unusable: a list made from a tenth of the cases is worse than none."""
    bad = rejected[rejected["status"] == "rejected"]
    if len(bad) < n_read and len(bad) <= most * n_read:
        return
    top_zh = "；".join(f"{r} {n}行" for r, n in bad["reason_zh"].value_counts().head(3).items())
    top_en = "; ".join(f"{r}: {n} rows" for r, n in bad["reason_en"].value_counts().head(3).items())
    raise InputError(
        f"{n_read} 行中有 {len(bad)} 行无法使用（{top_zh}）；请更正导出，"
        "或调高 cases.max_rejected_share",
        f"{len(bad)} of {n_read} rows cannot be used ({top_en}); mend the export "
        "or raise cases.max_rejected_share",
    )


def _index_cases(placed: pd.DataFrame, *, resolution: int) -> pd.Series:
    """Give each case that has a point of its own its cell; a centroid is never a point."""
    is_point = placed["status"].isin(LOCATED) & placed["level"].isin(POINT_LEVELS)
    lng, lat = placed["lng"].where(is_point), placed["lat"].where(is_point)
    cells = index_points(lng.to_numpy(float), lat.to_numpy(float), resolution=resolution)
    code, distinct = pd.factorize(cells, sort=True)
    n_none = int(np.count_nonzero(distinct == 0))  # no cell at all, which sorts first
    names = pd.Index(cell_names(distinct[n_none:]), dtype="str")
    return pd.Series(pd.Categorical.from_codes(code - n_none, names), index=placed.index)
