"""The places of the demo's rows as an export has them: messy, in the wrong column, or not there."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from geo_hotspots.demo.draw import Texts, choose, happens, make_rooms
from geo_hotspots.demo.places import shift, write_addresses
from geo_hotspots.demo.words import DISTRICT, OUTSIDE, UNKNOWN_NAMES
from geo_hotspots.places.datum.shift import wgs84_to_gcj02
from geo_hotspots.places.packs.pack import Pack

# How the place of a case is told, and the share of the background's cases told so.
TOLD = {"address": 81.2, "content": 12, "none": 3, "outside": 2, "unknown": 1.5, "conflict": 0.3}
_PLANTED_TOLD = {"address": 90, "content": 10}


class Places(NamedTuple):
    """Where the cases lie: as written, as told in the content, and in truth."""

    written: pd.DataFrame
    told: pd.DataFrame
    truth: pd.DataFrame


def write_places(
    rows: pd.DataFrame, addresses: pd.DataFrame, pack: Pack, rng: np.random.Generator
) -> Places:
    """Write the place of each case as callers and operators do.

    Returns
    -------
    places
        `written`: 问题点位 to 纬度 of the export. `told`: `text`, the place inside the content,
        empty where it is not there, and `name`, for a title. `truth`: see `Demo.truth`.
    """
    n = len(rows)
    told = np.where(rows["point"] > 0, choose(rng, _PLANTED_TOLD, n), choose(rng, TOLD, n))
    at = addresses.iloc[rows["address"].to_numpy()].reset_index(drop=True)
    at = _replace_places(at, told, rng)
    text = write_addresses(at, rng, may_rename=(rows["point"] == 0).to_numpy())
    text = _add_rooms(np.where(told == "none", "", text), at, rng)
    in_address = ~np.isin(told, ["content", "none"])
    in_content = (told == "content") | (in_address & happens("place_in_content", n, rng))
    name = np.where(in_address, at["name"], "")
    written = pd.DataFrame({"问题点位": np.where(in_address, text, "")})
    written = written.join(_fill_areas(at, told, pack, rng)).join(_fill_points(at, told, rng))
    is_known = ~np.isin(told, ["none", "unknown"])
    truth = at[["key", "street", "community", "lng", "lat"]].where(pd.Series(is_known), axis=0)
    truth = truth.assign(told=told, point=rows["point"].to_numpy())
    return Places(
        written, pd.DataFrame({"text": np.where(in_content, text, ""), "name": name}), truth
    )


def _replace_places(at: pd.DataFrame, told: Texts, rng: np.random.Generator) -> pd.DataFrame:
    """Put places of other districts, and names nobody knows, where they are told of."""
    at = at.assign(district=DISTRICT)
    number = rng.integers(1, 60, len(at))
    outside = pd.DataFrame(OUTSIDE, columns=["district", "street", "name", "lng", "lat"])
    outside = outside.iloc[rng.integers(0, len(outside), len(at))].reset_index(drop=True)
    spread = rng.normal(0, 120, (2, len(at)))
    lng, lat = shift(outside["lng"].to_numpy(), outside["lat"].to_numpy(), spread[0], spread[1])
    outside = outside.assign(lng=lng, lat=lat, community="", alias="", form="door", number=number)
    unknown = at.assign(name=choose(rng, UNKNOWN_NAMES, len(at)), alias="", form="block")
    unknown["number"] = number % 12 + 1
    for kind, other in (("outside", outside), ("unknown", unknown)):
        is_kind = pd.Series(told == kind)
        columns = [c for c in at.columns if c in other and c != "key"]
        at = at.assign(**{c: at[c].mask(is_kind, other[c]) for c in columns})
        key = other["name"] + other["number"].astype("str")
        key += other["form"].map({"door": "号", "block": "号楼"}).fillna("")
        at["key"] = at["key"].mask(is_kind, key)
    return at


def _add_rooms(text: Texts, at: pd.DataFrame, rng: np.random.Generator) -> Texts:
    """Let some callers give their flat in the address itself."""
    n = len(text)
    ends = pd.Series(text).str.endswith(("号楼", "栋", "幢")) & (at["form"] == "block")
    gives = ends.to_numpy() & happens("room_in_address", n, rng)
    with_room: Texts = np.where(gives, text + make_rooms(n, rng), text)
    return with_room


def _fill_areas(
    at: pd.DataFrame, told: Texts, pack: Pack, rng: np.random.Generator
) -> pd.DataFrame:
    """Fill in district, street and community as operators do: not always, not always right."""
    n = len(at)
    has_help = ~np.isin(told, ["none", "unknown"])
    knows_street = happens("street_filled", n, rng) & (has_help | happens("street_guessed", n, rng))
    is_here = ~np.isin(told, ["none", "unknown", "outside"])
    knows_community = is_here & happens("community_filled", n, rng)
    is_wrong = happens("community_wrong", n, rng)
    other = choose(rng, list(pack.communities["name"].sort_values()), n)
    return pd.DataFrame(
        {
            "被反映区": at["district"],
            "被反映街乡镇": np.where(knows_street, at["street"], ""),
            "社区": np.where(knows_community, np.where(is_wrong, other, at["community"]), ""),
        }
    )


def _fill_points(at: pd.DataFrame, told: Texts, rng: np.random.Generator) -> pd.DataFrame:
    """Give some cases the coordinates of a platform: GCJ-02, 8 to 25 m off, six digits."""
    n = len(at)
    has = happens("coordinates", n, rng) & ~np.isin(told, ["none", "unknown"])
    has |= told == "conflict"
    far, turn = rng.uniform(8, 25, n), rng.uniform(0, 2 * np.pi, n)
    # A wrong pin: some 2 km from what the text says.
    far = np.where(told == "conflict", far + 2_000, far)
    lng, lat = shift(
        at["lng"].to_numpy(), at["lat"].to_numpy(), far * np.cos(turn), far * np.sin(turn)
    )
    gcj = wgs84_to_gcj02(lng, lat)
    texts = [pd.Series(c).map("{:.6f}".format).where(has, "") for c in gcj]
    return pd.DataFrame({"经度": texts[0], "纬度": texts[1]})
