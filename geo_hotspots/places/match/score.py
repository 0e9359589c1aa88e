"""How likely a place is right: what it was on made-up texts of the tuning seeds.

Measured with `benchmarks/geocoding.py` on seeds 7, 8 and 9 (errors at half and full rate, addresses
and complaints), 2026-11-22; the seeds that `docs/accuracy.md` reports were not used. A score is the
product of how the name was found and what became of its number.
"""

import numpy as np
import numpy.typing as npt

from geo_hotspots.places.gazetteer.doors import BESIDE, BETWEEN, LISTED, PARENT, UNLISTED
from geo_hotspots.places.gazetteer.entries import Entries
from geo_hotspots.places.match.candidates import Candidates
from geo_hotspots.schema import LEVELS

SCORE_OF_CROSSING = {"met": 0.995, "crossing": 0.9, "stretch": 0.95}
SCORE_OF_STEM = 0.8
SCORE_ELSEWHERE = 0.85  # the operator filed it under another street
SURE = 0.8  # below it a case is to be reviewed

_OF_HOW = np.array([1.0, 0.998, 0.985])  # as written, by its sound, with a slip
_OF_STATE = {LISTED: 0.998, PARENT: 0.9, BETWEEN: 0.99, BESIDE: 0.88}
_NEIGHBOURS_DIFFER = 0.82  # of a missing door whose two neighbours lie in two communities
_OF_LEVEL = {
    "building": 0.998, "door": 0.998, "compound": 0.998, "poi": 0.998, "intersection": 0.99,
    "road": 0.965, "community": 0.995, "street": 0.995,
}  # fmt: skip
_COMPOUND_UNLISTED, _ROAD_UNLISTED = 0.83, 0.9


def score_places(
    row: Candidates, how: npt.NDArray[np.int8], entries: Entries
) -> npt.NDArray[np.float64]:
    """Give the chance that each winner names the right place."""
    by_level = np.array([_OF_LEVEL.get(level, 0.5) for level in LEVELS])
    level = entries.level[row.entry]
    score = by_level[level]
    for state, value in _OF_STATE.items():
        score[row.state == state] = value
    between = np.flatnonzero(row.state == BETWEEN)
    differ = entries.community[row.lower[between]] != entries.community[row.upper[between]]
    score[between[differ]] = _NEIGHBOURS_DIFFER
    unlisted = row.state == UNLISTED
    score[unlisted & (level == LEVELS.index("compound"))] = _COMPOUND_UNLISTED
    score[unlisted & (level == LEVELS.index("road"))] = _ROAD_UNLISTED
    chance: npt.NDArray[np.float64] = score * _OF_HOW[how]
    return chance
