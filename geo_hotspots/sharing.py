"""From a run's cases to the set that may be handed on."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from geo_hotspots.config import Config
from geo_hotspots.deliver.public.month import count_month
from geo_hotspots.deliver.public.write import write_public
from geo_hotspots.grid import fit_resolution
from geo_hotspots.places.coordinates import in_datum
from geo_hotspots.places.datum.shift import Datum
from geo_hotspots.places.packs.pack import Pack
from geo_hotspots.schema import Masthead
from geo_hotspots.words import Words


def share_month(
    cases: pd.DataFrame, masthead: Masthead, pack: Pack, config: Config, *, out: Datum, home: Path
) -> tuple[Path, tuple[Words, ...]]:
    """Write the last whole month as a set that may be handed on, beside the run folders.

    The hexagons are one resolution coarser than those of the tests.

    Returns
    -------
    folder, notes
        `home`/public-YYYY-MM, and that it was left as it was where it was there and differed.
    """
    resolution = fit_resolution(pack.study_area, config.grid.resolution) - 1
    found = count_month(
        cases, pack.communities, as_of=masthead.as_of, resolution=resolution,
        k=config.privacy.min_public,
    )  # fmt: skip
    folder = home / f"public-{found.month.label}"
    note = write_public(folder, replace(found, cells=in_datum(found.cells, out)), masthead)
    return folder, (note,) if note else ()
