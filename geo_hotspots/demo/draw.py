"""What the demo draws its world with: chances, words by weight, flats and names of nobody."""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from geo_hotspots.demo.words import SURNAMES

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]

# How often people and operators do what they do.
_CHANCES = {
    "place_in_content": 0.60, "place_in_title": 0.40, "room_in_address": 0.05,
    "street_filled": 0.96, "street_guessed": 0.5, "community_filled": 0.65,
    "community_wrong": 0.01, "coordinates": 0.575, "anonymous": 0.03, "dashed": 0.08,
    "street_office": 0.78, "asked": 0.72, "phone": 0.03, "id_number": 0.004, "room": 0.05,
    "name": 0.08,
}  # fmt: skip


def choose(
    rng: np.random.Generator, chances: Mapping[str, float] | Iterable[str], size: int
) -> Texts:
    """Draw texts, by their weights where they have any."""
    weights = np.array(list(chances.values()) if isinstance(chances, Mapping) else [], float)
    words = np.array(list(chances), dtype=object)
    chance = weights / weights.sum() if len(weights) else None
    return words[rng.choice(len(words), size=size, p=chance)]


def happens(what: str, n: int, rng: np.random.Generator) -> Flags:
    """Say to which of `n` something happens, by its chance."""
    does: Flags = rng.random(n) < _CHANCES[what]
    return does


def make_rooms(n: int, rng: np.random.Generator) -> Texts:
    """Make up unit and flat: 3单元1602室."""
    unit, floor, door = rng.integers(1, 7, n), rng.integers(1, 19, n), rng.integers(1, 5, n)
    room = (floor * 100 + door).astype(str).astype(object)
    rooms: Texts = unit.astype(str).astype(object) + "单元" + room + "室"
    return rooms


def name_people(who: Ints) -> Texts:
    """Give made-up persons a family name and 先生 or 女士; equal numbers have equal names."""
    surname = np.array(SURNAMES, dtype=object)[who % len(SURNAMES)]
    names: Texts = surname + np.array(["先生", "女士"], dtype=object)[who // len(SURNAMES) % 2]
    return names
