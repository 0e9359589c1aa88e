"""What a messy text carries with it, and how often each operator is applied."""

import zlib
from dataclasses import dataclass, field, replace

import numpy as np

TUNING_SEEDS = (7, 8, 9)  # settings may be chosen on these
REPORTING_SEEDS = (2025, 2026, 2027)  # and tables are made on these
HELD_OUT_STREET = "龙潭街道"  # nothing that lies there is drawn for tuning


@dataclass(frozen=True)
class Rates:
    """How often each operator is applied."""

    negatives: float = 0.07
    unlisted: float = 0.0  # of doors and buildings: those that stand in no gazetteer
    bare: float = 0.32  # without district or street before the name
    wrong_street: float = 0.01
    community_prefix: float = 0.08
    homophone: float = 0.12
    drop: float = 0.04
    swap: float = 0.03
    look_alike: float = 0.02
    asr: float = 0.02  # 幺 for 一 in spoken numbers
    alias: float = 0.08
    ordinal: float = 0.30  # 东四十条 as 东四10条, of the names that hold an ordinal
    full_width: float = 0.06
    chinese: float = 0.08
    relation: float = 0.30
    room: float = 0.25  # unit and room behind a building
    complaint: float = 0.25  # a complaint before or behind an address
    embedded: float = 0.05  # an address within 60-150 characters
    second_place: float = 0.15  # of complaints: the caller's own home is named too

    def with_typos(self, times: float) -> "Rates":
        """Scale what is misheard and mistyped."""
        scaled = {n: getattr(self, n) * times for n in ("homophone", "drop", "swap", "look_alike")}
        return replace(self, asr=self.asr * min(times, 1), **scaled)


@dataclass
class Text:
    """One text on its way, and what is true of it."""

    kind: str
    text: str = ""
    place_id: str = ""
    parent: str = ""  # the road or compound that the number hangs on
    level: str = "none"
    communities: frozenset[str] = frozenset()
    street: str = ""
    lng: float = np.nan
    lat: float = np.nan
    is_unseen: bool = False
    is_listed: bool = True
    operators: list[str] = field(default_factory=list)


def is_unseen(name: str) -> bool:
    """Say whether a road's name is kept from tuning: every fifth, by a hash of the name."""
    return zlib.crc32(name.encode()) % 5 == 0
