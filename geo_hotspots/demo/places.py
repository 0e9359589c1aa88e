"""The demo's addresses: where each one truly lies, and the many ways people write it."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo_hotspots.demo.draw import Floats, Ints, Texts, choose
from geo_hotspots.demo.words import (
    BLOCK_CHANCES,
    PREFIX_CHANCES,
    STREET_SIZE,
    STREET_SIZES,
    TRAIL_CHANCES,
)
from geo_hotspots.errors import PackError
from geo_hotspots.places.packs.pack import Pack

METRES_PER_DEGREE = 111_195.0
ROAD_METRES = 200.0  # the doors of a road lie along so much of it
_MOST_NUMBERS = {"compound": 10, "hutong": 12, "road": 9}
_BUILDING = r"^(?P<name>.+?)(?P<number>\d{1,3})号楼$"
_DOOR = r"^(?P<name>.+?)(?P<number>\d{1,4})号$"

# Kinds of address: h homes, d doors, b other buildings, p public places, m medical, s schools.
_WHERE = {"compound": "h", "building": "b", "hutong": "d", "road": "d", "poi": ""}
_POI = {
    "m": "医院$|卫生服务中心$",
    "s": "小学$|中学$|学校$",
    "p": "公园$|[^宾店]站$|桥$|广场$|路口$",
}

# Whose complaints nobody should make up, not even in a demo.
_NOBODYS = "部|局|委员会|法院|检察院|公安|派出所|大使馆|使馆|政府|军|警|报社|办事处"
_SPREAD = 0.9  # sigma of the logarithm of how much an address gives to complain about
_RENAMED, _GAPS = 0.06, 0.03  # how often a former name is used, and a space set
LARGEST_NUMBER = 199  # that can be written out


def build_addresses(pack: Pack, rng: np.random.Generator) -> pd.DataFrame:
    """Give the places of a pack houses: numbers, points of their own, and weights.

    Buildings of a compound lie around its point, doors along 200 m of a road; an address that
    the gazetteer itself holds lies where the gazetteer says.

    Returns
    -------
    addresses
        `key` (as the gazetteer would write it, unique), `name`, `alias`, `number` (0 without),
        `form` (block, door or none), `where` (kind of address: `_WHERE`, `_POI`), `street`,
        `community`, `lng`, `lat` (WGS84) and `weight`, which adds up to one.

    Raises
    ------
    PackError
        The pack has no places to make cases from.
    """
    places = _sorted_places(pack)
    most = places["type"].map(_MOST_NUMBERS).fillna(0).astype("int64").to_numpy()
    counts: Ints = np.where(most > 0, 2 + rng.integers(0, np.maximum(most, 1)), 1)
    at = np.repeat(np.arange(len(places)), counts)
    house: Ints = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = places.iloc[at].reset_index(drop=True)
    rows["number"] = _house_numbers(rows, house, rng)
    rows["form"] = np.select(
        [rows["number"] == 0, rows["type"].isin(("compound", "building"))],
        ["none", "block"],
        "door",
    )
    rows = _spread_points(rows, house, counts[at], rng)
    rows["key"] = rows["name"] + np.where(
        rows["number"] > 0,
        rows["number"].astype("str") + rows["form"].map({"block": "号楼", "door": "号"}).fillna(""),
        "",
    )
    rows = rows.drop_duplicates("key").reset_index(drop=True)
    rows = _settle(rows, pack)
    rows = rows[~_is_elsewhere(rows, pack)].reset_index(drop=True)
    return rows.assign(weight=_weights(rows, rng))


def _sorted_places(pack: Pack) -> pd.DataFrame:
    """List the places once each, those with a building's number taken apart, in a fixed order."""
    columns = ["id", "name", "type", "aliases", "street", "community", "lng", "lat"]
    places = pack.places[columns].sort_values("id", kind="stable")
    where = places["type"].map(_WHERE).fillna("")
    for kind, pattern in _POI.items():
        is_kind = (places["type"] == "poi") & places["name"].str.contains(pattern)
        where = where.mask(is_kind, kind)
    is_nobodys = places["type"].isin(("poi", "building")) & places["name"].str.contains(_NOBODYS)
    places = places.assign(where=where)[(where != "") & ~is_nobodys]
    if places.empty:
        raise PackError(
            f"边界包 {pack.name!r} 没有 places.csv 中的地点，无法生成演示工单；请换用 dongcheng",
            f"the pack {pack.name!r} has no places to make demo cases from; use 'dongcheng'",
        )
    parts = places["name"].str.extract(_BUILDING)
    number = pd.to_numeric(parts["number"]).fillna(0).astype("int64")
    is_numbered = (places["type"] == "building") & number.between(1, LARGEST_NUMBER)
    places = places.assign(
        fixed=number.where(is_numbered, 0),
        name=places["name"].mask(is_numbered, parts["name"]),
        where=places["where"].mask(is_numbered, "h"),
        alias=places["aliases"].fillna("").str.split(";").str[0].fillna(""),
    )
    # Buildings first, so that theirs and not a made-up point of the same address stays.
    places = places.sort_values("fixed", ascending=False, kind="stable")
    return places.drop_duplicates(["name", "fixed"]).reset_index(drop=True)


def _is_elsewhere(rows: pd.DataFrame, pack: Pack) -> npt.NDArray[np.bool_]:
    """Say which made-up doors are next to a listed one of the same side in another street.

    A long road runs through several streets, and its numbers tell which.
    """
    doors = pack.places.loc[pack.places["type"] == "door", ["name", "street"]]
    listed = doors["name"].str.extract(_DOOR).assign(there=doors["street"]).dropna()
    listed = listed.astype({"number": "int64"})
    asked = rows.loc[rows["form"] == "door", ["name", "number", "street"]].reset_index()
    for table in (listed, asked):
        table["side"] = table["number"] % 2
    near = pd.merge_asof(
        asked.sort_values("number"), listed.sort_values("number"),
        on="number", by=["name", "side"], direction="nearest",
    )  # fmt: skip
    wrong = near.loc[near["there"].notna() & (near["there"] != near["street"]), "index"]
    return rows.index.isin(wrong)


def _house_numbers(rows: pd.DataFrame, house: Ints, rng: np.random.Generator) -> Ints:
    """Give the houses numbers: blocks one after the other, doors with gaps as on a real street."""
    doors = house * 4 + rng.integers(1, 5, len(rows))
    numbers = np.where(rows["type"] == "compound", house + 1, doors)
    numbers = np.where(rows["type"].isin(("hutong", "road", "compound")), numbers, 0)
    return np.where(rows["fixed"] > 0, rows["fixed"], numbers).astype(np.int64)


def _spread_points(
    rows: pd.DataFrame, house: Ints, count: Ints, rng: np.random.Generator
) -> pd.DataFrame:
    """Move each house away from its place's point: along a line for doors, around it for blocks."""
    heading = rng.uniform(0, np.pi, rows["id"].nunique())[pd.factorize(rows["id"])[0]]
    along = ((house + 0.5) / count - 0.5) * ROAD_METRES
    side = np.where(rows["number"] % 2 == 0, 7.0, -7.0)
    turn, far = rng.uniform(0, 2 * np.pi, len(rows)), rng.uniform(25, 70, len(rows))
    is_road = (rows["form"] == "door").to_numpy()
    moves = (rows["form"] != "none").to_numpy() & (rows["fixed"] == 0).to_numpy()
    east = np.where(is_road, along * np.cos(heading) - side * np.sin(heading), far * np.cos(turn))
    north = np.where(is_road, along * np.sin(heading) + side * np.cos(heading), far * np.sin(turn))
    lng, lat = shift(rows["lng"].to_numpy(), rows["lat"].to_numpy(), east * moves, north * moves)
    return rows.assign(place_lng=rows["lng"], place_lat=rows["lat"], lng=lng, lat=lat)


def shift(lng: Floats, lat: Floats, east: Floats, north: Floats) -> tuple[Floats, Floats]:
    """Move points by metres."""
    return (
        lng + east / (METRES_PER_DEGREE * np.cos(np.radians(lat))),
        lat + north / METRES_PER_DEGREE,
    )


def _settle(rows: pd.DataFrame, pack: Pack) -> pd.DataFrame:
    """Keep houses in the community of their place, and say which that is.

    A house that the spread put across a border goes back next to its place's point.
    """
    home = _community_at(rows["place_lng"], rows["place_lat"], pack)
    strayed = _community_at(rows["lng"], rows["lat"], pack) != home
    near = {c: rows[f"place_{c}"] + (rows[c] - rows[f"place_{c}"]) * 0.1 for c in ("lng", "lat")}
    known = pack.communities[["name", "street"]].iloc[np.maximum(home, 0)].reset_index(drop=True)
    return rows.assign(
        lng=rows["lng"].mask(strayed, near["lng"]),
        lat=rows["lat"].mask(strayed, near["lat"]),
        community=known["name"].where(home >= 0, rows["community"]).fillna(""),
        street=known["street"].where(home >= 0, rows["street"]).fillna(""),
    )[["key", "name", "alias", "number", "form", "where", "street", "community", "lng", "lat"]]


def _community_at(lng: pd.Series, lat: pd.Series, pack: Pack) -> Ints:
    """Find the position of the community that holds each point; -1 where none does."""
    points = np.asarray(shapely.points(lng.to_numpy(), lat.to_numpy()))
    which, area = shapely.STRtree(pack.communities.geometry.to_numpy()).query(points, "intersects")
    found = np.full(len(points), -1, dtype=np.int64)
    found[which[::-1]] = area[::-1]
    return found


def _weights(rows: pd.DataFrame, rng: np.random.Generator) -> Floats:
    """Weigh addresses: streets by size, and a few addresses of each far above the rest."""
    own = np.exp(rng.normal(0, _SPREAD, len(rows)))
    size = rows["street"].map(STREET_SIZES).fillna(STREET_SIZE).to_numpy()
    total = pd.Series(own).groupby(rows["street"].to_numpy()).transform("sum").to_numpy()
    weight = own / total * size
    shares: Floats = weight / weight.sum()
    return shares


def write_addresses(
    rows: pd.DataFrame, rng: np.random.Generator, *, may_rename: npt.NDArray[np.bool_]
) -> Texts:
    """Write each address as one caller or operator might.

    With or without district and street, digits in three scripts, 号楼, 楼, 栋 or #, 附近 or 门口
    behind it, now and then a former name.

    Parameters
    ----------
    rows
        `addresses`, one row per case, and each one's `district`.
    may_rename
        Where a former name may stand in for the present one.
    """
    n = len(rows)
    name = rows["name"].to_numpy(dtype=object)
    alias = rows["alias"].to_numpy(dtype=object)
    renamed = may_rename & (alias != "") & (rng.random(n) < _RENAMED)
    name = np.where(renamed, alias, name)
    prefix = pd.Series(choose(rng, PREFIX_CHANCES, n), dtype="str")
    before: Texts = np.full(n, "", dtype=object)
    for mark, part in (("c", "北京市"), ("d", rows["district"]), ("s", rows["street"])):
        before = before + np.where(prefix.str.contains(mark), part, "")
    script = rng.choice(3, size=n, p=[0.86, 0.08, 0.06])
    number = _SCRIPTS[script, rows["number"].to_numpy()]
    block = np.where(script == 0, choose(rng, BLOCK_CHANCES, n), "号楼")
    form = rows["form"].to_numpy(dtype=object)
    after = np.where(form == "block", number + block, np.where(form == "door", number + "号", ""))
    gap = np.where((rng.random(n) < _GAPS) & (form != "none"), " ", "")
    written: Texts = before + name + gap + after + choose(rng, TRAIL_CHANCES, n)
    return written


def _in_chinese(number: int) -> str:
    """Write a number up to 199 in Chinese numerals: 一百零三."""
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = "一百" * hundreds
    if tens:
        text += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (digits[ones] if ones else "")


_FULL_WIDTH = str.maketrans(
    "0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19"
)

# One row per script: plain digits, full-width digits, Chinese numerals.
_SCRIPTS = np.array(
    [
        [str(i) for i in range(LARGEST_NUMBER + 1)],
        [str(i).translate(_FULL_WIDTH) for i in range(LARGEST_NUMBER + 1)],
        [_in_chinese(i) for i in range(LARGEST_NUMBER + 1)],
    ],
    dtype=object,
)
