"""What a run takes from the history and what it leaves there; without one, nothing of either."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots import __version__
from geo_hotspots.columns import lay_end_to_end, share_words
from geo_hotspots.config import Config
from geo_hotspots.history import History, open_history
from geo_hotspots.history.cases import (
    cases_known,
    cases_stale,
    is_forgotten,
    keep_matches,
    merge_cases,
    recall_matches,
    words_known,
)
from geo_hotspots.history.points import (
    keep_points,
    keep_run,
    keys_before,
    listed_before,
    members_before,
    runs_before,
)
from geo_hotspots.history.returns import (
    RECTIFICATIONS,
    VISITS,
    rectifications_known,
    visits_known,
)
from geo_hotspots.hotspots.points.identity import Known, middles
from geo_hotspots.places.by_text import Answers
from geo_hotspots.places.packs.pack import Pack
from geo_hotspots.schema import FEW_WORDS, Period
from geo_hotspots.words import Lang


@dataclass(frozen=True)
class Past:
    """What was known before a run, strictly as of its day.

    Attributes
    ----------
    known
        Points that earlier runs listed, for their names.
    register
        Rectifications that were fed back, `history.returns.RECTIFICATIONS`.
    visits
        Patrol visits, `history.returns.VISITS`; `outcome` is one of `schema.OUTCOMES`.
    listed
        Earlier lists: `as_of`, `hotspot_id`, `kind`, `lifecycle`, `category`, `rank`, `score`,
        `priority`.
    runs
        Earlier runs: `as_of`, `kind` (day, week, month), `label`, `first_day`, `last_day`.
    recall_words
        Gives the content of cases by their keys, indexed as these; None where there is no
        history and cases still carry their own.
    """

    known: Known
    register: pd.DataFrame
    visits: pd.DataFrame
    listed: pd.DataFrame
    runs: pd.DataFrame
    recall_words: Callable[[pd.Series], pd.Series] | None = None


NO_PAST = Past(
    Known.nothing(),
    register=pd.DataFrame(columns=list(RECTIFICATIONS)),
    visits=pd.DataFrame(columns=list(VISITS)),
    listed=pd.DataFrame(
        columns=[
            "as_of",
            "hotspot_id",
            "kind",
            "lifecycle",
            "category",
            "rank",
            "score",
            "priority",
        ]
    ),
    runs=pd.DataFrame(columns=["as_of", "kind", "label", "first_day", "last_day"]),
)


@dataclass(frozen=True)
class Memory:
    """The history of a run, or none, and the salt for its callers."""

    history: History | None
    salt: bytes
    placed_by: str  # pack, settings and version
    matched_by: str  # pack, version and language
    days: int = 0  # how far back cases are looked at

    def recall(self, cases: pd.DataFrame) -> pd.DataFrame:
        """Give where the texts place those cases whose texts were matched before."""
        if self.history is None:
            return pd.DataFrame(index=cases.index[:0])
        return recall_matches(self.history, cases, matched_by=self.matched_by)

    def merge(
        self, placed: pd.DataFrame, by_text: Answers, as_of: date, *,
        place: Callable[[pd.DataFrame], pd.DataFrame],
    ) -> pd.DataFrame:  # fmt: skip
        """Note what the run was told of cases, and give every case that it is to count.

        Parameters
        ----------
        placed, by_text
            The run's own cases with their places, and where their texts alone place them.
        place
            Places known cases anew; asked for those that another pack, or another version of
            ours, placed.

        Returns
        -------
        cases
            The run's own under their index, but for those deleted for good; then the known ones
            of the last `days`, numbered on after it.
        """
        if self.history is None:
            return placed
        own = placed[~is_forgotten(self.history, placed["case_key"])]
        keep_matches(self.history, own, by_text.of(own.index), matched_by=self.matched_by)
        note = partial(merge_cases, self.history, as_of=as_of, placed_by=self.placed_by)
        note(own)
        stale = cases_stale(self.history, as_of, placed_by=self.placed_by)
        if len(stale):
            note(place(stale))
        since = as_of - timedelta(days=self.days)
        cases = cases_known(self.history, as_of, since=since)
        cases = cases.set_axis(_number_on(cases["case_key"], placed))
        old = own[own["reported_at"] < pd.Timestamp(since)]
        if old.empty:
            return cases
        kinds = {name: kind for name, kind in cases.dtypes.items() if name not in FEW_WORDS}
        old = share_words(old, FEW_WORDS).astype(kinds)
        return pd.DataFrame({name: lay_end_to_end([old[name], cases[name]]) for name in cases})

    def past(self, as_of: date) -> Past:
        """Give what was known before the run."""
        if self.history is None:
            return NO_PAST
        known = Known(keys_before(self.history, as_of), members_before(self.history, as_of))
        return Past(
            known, rectifications_known(self.history, as_of), visits_known(self.history, as_of),
            listed_before(self.history, as_of), runs_before(self.history, as_of),
            partial(words_known, self.history, as_of),
        )  # fmt: skip

    def keep(
        self, *, points: pd.DataFrame, hotspots: pd.DataFrame, lineage: pd.DataFrame,
        cases: pd.DataFrame, members: pd.Series, period: Period, as_of: date,
        record: dict[str, Any],
    ) -> None:  # fmt: skip
        """Note what the run found, and make all that it noted lasting.

        Parameters
        ----------
        points, hotspots
            Every listed point, and those that are shown.
        lineage
            As `identity.name_points` gives it.
        cases, members
            Every case counted, with `case_key`, and the point that each belongs to.
        record
            As `record_run` gives it.
        """
        if self.history is None:
            return
        parted = pd.DataFrame({"case_key": cases["case_key"], "hotspot_id": members}).dropna()
        keep_points(self.history, _as_listed(points, hotspots, cases, members), parted, lineage,
                    as_of=as_of)  # fmt: skip
        run = {
            "kind": period.kind, "label": period.label, "first_day": period.first,
            "last_day": period.last, "version": __version__, "pack_hash": record["pack"]["sha256"],
            "inputs": json.dumps(record["input"], ensure_ascii=False),
            "n_read": record["account"]["read"], "n_known": len(cases),
        }  # fmt: skip
        keep_run(self.history, run, as_of=as_of)
        self.history.commit()


def _number_on(keys: pd.Series, placed: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Give the run's own cases their index, and the others numbers after it."""
    own = pd.Series(placed.index, index=placed["case_key"])
    index = own.reindex(keys).to_numpy(dtype=float, copy=True)
    others = np.isnan(index)
    index[others] = placed.index.max() + others.cumsum()[others]
    return index.astype(np.int64)


def _as_listed(
    points: pd.DataFrame, hotspots: pd.DataFrame, cases: pd.DataFrame, members: pd.Series
) -> pd.DataFrame:
    """Put together what is kept of each listed point; of a hidden one neither name nor rank."""
    shown = hotspots[["hotspot_id", "name", "lifecycle", "rank", "score", "priority"]]
    is_owned = members.notna()
    middle = middles(cases[["lng", "lat", "uncertainty_m"]][is_owned], members[is_owned])
    middle = middle.rename_axis("hotspot_id").reset_index()
    found = points[["hotspot_id", "spot", "group", "kind", "n", "n_callers"]]
    listed = found.merge(middle, how="left").merge(pd.DataFrame(shown), how="left")
    return listed.sort_values("hotspot_id", ignore_index=True)


@contextmanager
def open_memory(
    path: Path | None, pack: Pack, config: Config, *, salt: bytes, lang: Lang
) -> Iterator[Memory]:
    """Open the history of a run for as long as the run lasts; nobody else may write meanwhile."""
    placed_by = f"{__version__} {pack.hash} {config.datum} {config.grid.resolution}"
    matched_by = f"{__version__} {pack.hash} {lang}"
    if path is None:
        yield Memory(None, salt, placed_by, matched_by)
        return
    with open_history(path, pack=pack.name, salt=salt) as history:
        yield Memory(history, history.salt, placed_by, matched_by, config.history.days)
