"""A whole city of addresses with known positions, to draw messy texts from.

The embedded pack of Dongcheng gives the real names of streets, communities, roads, compounds and
places; their doors, buildings, yards and a complement of compounds and shops are made up here, on
lines through the pack's own points. Doors are numbered as annex B of GB/T 35639-2017 has it:
roads that run east-west from the east, the north side odd; roads that run north-south from the
north, the west side odd. The positions are invented, the names and areas are not.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo_hotspots.demo.places import shift
from geo_hotspots.places.packs.pack import Pack

CITY_SEED = 20_190_621  # the city is one and the same in every run; only the texts are drawn
_DOOR_METRES = 30.0  # between neighbours on one side
_SIDE_METRES = {"road": 20.0, "hutong": 8.0}
_MARKED, _YARDS = 0.06, 0.10  # of doors: 甲31号, and yards with buildings of their own
_UNLISTED = 0.05  # doors that stand in the street and in no gazetteer
_NUMBERED = r"^(?P<parent>.*[^\d甲乙])(?P<written>\d{1,3}号楼|[甲乙]?\d{1,3}号院?)$"

_FIRST = (
    "锦绣", "金桂", "翠湖", "丽景", "瑞雪", "嘉禾", "明珠", "紫藤", "银杏", "碧波", "晨曦", "雅致",
    "海棠", "沁园", "御景", "枫林", "祥云", "望春", "盛世", "鸿运", "清荷", "惠风", "万象", "星河",
)  # fmt: skip
_LAST = ("家园", "公寓", "小区", "花苑", "新居", "名邸", "雅苑", "嘉园")
_SHOPS = ("超市", "餐厅", "药房", "宾馆", "幼儿园", "诊所", "洗车行", "五金店", "菜市场", "影院")


@dataclass(frozen=True)
class City:
    """A pack whose gazetteer is whole, and what lies behind it.

    Attributes
    ----------
    pack
        Boundaries as embedded; `places` with every door and building that is listed.
    things
        What a text may mean, one row each: the columns of `places`, `parent` (the name before
        the number), `written` (the number as on the plate: 甲31号, 3号楼, 31号院3号楼, or empty)
        and `is_listed`.
    lines
        One row per piece of a road: `name`, `id`, `street`, `geometry` (metres) and `passes`,
        the communities that the road runs through.
    """

    pack: Pack
    things: pd.DataFrame
    lines: pd.DataFrame

    @cached_property
    def bearers(self) -> Counter[str]:
        """Count what bears each name or alias, numbers left out."""
        tables = [self.things.drop_duplicates("parent"), self.pack.communities, self.pack.streets]
        columns = [tables[0]["parent"], *(t["name"] for t in tables[1:])]
        written = [t["aliases"].str.split(";").explode() for t in tables]
        return Counter(n for column in (*columns, *written) for n in column if n)

    @property
    def names(self) -> frozenset[str]:
        """Give every name and alias that means something here, numbers left out."""
        return frozenset(self.bearers)

    def without_doors(self, share: float, rng: np.random.Generator) -> Pack:
        """Give the pack with a share of its doors and buildings unlisted."""
        places = self.pack.places
        is_point = places["type"].isin(("door", "building")).to_numpy()
        lost = is_point & (rng.random(len(places)) < share)
        return dataclasses.replace(self.pack, places=places[~lost].reset_index(drop=True))


def build_city(pack: Pack) -> City:
    """Complete the gazetteer of a pack with doors, buildings, yards, compounds and shops."""
    rng = np.random.default_rng(CITY_SEED)
    own = _own(pack.places)
    roads = own[own["type"].isin(("road", "hutong"))]
    lines = _lines(roads, rng)
    extra = _complement(own, rng)
    homes = pd.concat([own[own["type"] == "compound"], extra[extra["type"] == "compound"]])
    rows = [*_doors(lines, rng), *_blocks(homes, rng)]
    made = pd.DataFrame(rows)
    made["name"] = made["parent"] + made["written"]
    plain = made["name"].str.replace("号院", "号", regex=False)
    taken = {n for text in (*own["name"], *own["aliases"]) for n in text.split(";")}
    made = made[~(made["name"].isin(taken) | plain.isin(taken) | made.duplicated("name"))]
    things = _settle(pd.concat([own, extra, made], ignore_index=True), pack)
    is_door = things["type"].isin(("door", "building")) & (things["source"] == "made")
    things["is_listed"] = ~is_door | (rng.random(len(things)) >= _UNLISTED)
    places = things.loc[things["is_listed"], list(pack.places.columns)].reset_index(drop=True)
    lines = _with_areas(lines, pack)
    return City(dataclasses.replace(pack, places=places), things, lines)


def _own(places: pd.DataFrame) -> pd.DataFrame:
    """Take the number off the buildings that the pack itself lists."""
    parts = places["name"].str.extract(_NUMBERED).where(places["type"].isin(("building", "door")))
    return places.assign(
        aliases=places["aliases"].fillna(""),
        parent=parts["parent"].fillna(places["name"]),
        written=parts["written"].fillna(""),
    )


def metres(lng: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Lay degrees out in metres east and north of a corner of the city."""
    east = (np.asarray(lng) - 116.4) * 111_195 * np.cos(np.radians(39.92))
    return east, (np.asarray(lat) - 39.92) * 111_195


def degrees(east: float, north: float) -> tuple[float, float]:
    """Undo `metres`."""
    return 116.4 + east / (111_195 * np.cos(np.radians(39.92))), 39.92 + north / 111_195


def _lines(roads: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Lay each road through its points: one heading to a name, length by its uncertainty."""
    rows = []
    for name, pieces in roads.sort_values("id").groupby("name", sort=True):
        is_north = _runs_north(str(name), rng)
        angle = np.radians(rng.normal(90 if is_north else 0, 6))
        rows.append(pieces.assign(is_north=is_north, angle=angle))
    lines = pd.concat(rows).rename(columns={"type": "kind", "uncertainty_m": "half"})
    lines = lines.reset_index(drop=True)
    east, north = metres(lines["lng"], lines["lat"])
    dx, dy = np.cos(lines["angle"]) * lines["half"], np.sin(lines["angle"]) * lines["half"]
    ends = np.stack([np.c_[east - dx, north - dy], np.c_[east + dx, north + dy]], axis=1)
    return lines.assign(geometry=list(shapely.linestrings(ends)))


def _runs_north(name: str, rng: np.random.Generator) -> bool:
    if name.endswith(("北大街", "南大街", "北街", "南街")):
        return True
    if name.endswith(("东大街", "西大街", "东街", "西街")):
        return False
    return bool(rng.random() < 0.5)


def _doors(lines: pd.DataFrame, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Give every road its doors, numbered from its east or north end, odd ones north or west."""
    for name, pieces in lines.groupby("name", sort=True):
        by = "lat" if pieces["is_north"].iloc[0] else "lng"
        next_number = [1, 2]
        for piece in pieces.sort_values(by, ascending=False).itertuples():
            for along in np.arange(piece.half - _DOOR_METRES / 2, -piece.half, -_DOOR_METRES):
                for side in (0, 1):
                    number = next_number[side]
                    next_number[side] += 2 if rng.random() < 0.9 else 4
                    at = _beside(piece, along + rng.normal(0, 4), side)
                    yield from _house(str(name), number, at, rng)


def _beside(piece: object, along: float, side: int) -> tuple[float, float]:
    """Give the point beside a road, side 0 being the odd one: north, or west."""
    off = _SIDE_METRES[piece.kind] * (1 if side == 0 else -1)
    cos, sin = np.cos(piece.angle), np.sin(piece.angle)
    lng, lat = shift(piece.lng, piece.lat, along * cos - off * sin, along * sin + off * cos)
    return float(lng), float(lat)


def _house(
    name: str, number: int, at: tuple[float, float], rng: np.random.Generator
) -> Iterator[dict[str, object]]:
    """List a door, or a yard with its buildings, and now and then the door marked 甲 beside."""
    if rng.random() < _YARDS:
        yield _row(name, f"{number}号院", "door", at)
        for block in range(1, 2 + int(rng.integers(1, 4))):
            there = _moved(at, rng, 20, 45)
            yield _row(name, f"{number}号院{block}号楼", "building", there)
        return
    yield _row(name, f"{number}号", "door", at)
    if rng.random() < _MARKED:
        mark = "甲乙"[int(rng.random() < 0.25)]
        there = _moved(at, rng, 6, 12)
        yield _row(name, f"{mark}{number}号", "door", there)


def _row(parent: str, written: str, kind: str, at: tuple[float, float]) -> dict[str, object]:
    return {
        "parent": parent, "written": written, "type": kind, "level": kind,
        "aliases": "", "lng": at[0], "lat": at[1], "uncertainty_m": 20.0, "source": "made",
    }  # fmt: skip


def _moved(
    at: tuple[float, float], rng: np.random.Generator, least: float, most: float
) -> tuple[float, float]:
    turn, far = rng.uniform(0, 2 * np.pi), rng.uniform(least, most)
    lng, lat = shift(at[0], at[1], far * np.cos(turn), far * np.sin(turn))
    return float(lng), float(lat)


def _complement(own: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Make up compounds and shops near the pack's places, under names that nothing else bears."""
    taken, rows = set(own["name"]), []
    spots = own[["lng", "lat"]].to_numpy()
    kinds = [("compound", _LAST, 190, 100.0), ("poi", _SHOPS, 480, 60.0)]
    for kind, lasts, n, uncertainty in kinds:
        bodies = [a + b for a in _FIRST for b in lasts] + [
            a[0] + b[0] + c for a in _FIRST for b in _FIRST for c in lasts if a != b
        ]
        free = [b for b in dict.fromkeys(bodies) if b not in taken]
        for name in rng.permutation(free)[:n].tolist():
            spot = spots[rng.integers(len(spots))]
            at = _moved((spot[0], spot[1]), rng, 60, 180)
            taken.add(name)
            rows.append(_row(name, "", kind, at) | {"uncertainty_m": uncertainty})
    table = pd.DataFrame(rows)
    return table.assign(name=table["parent"])


def _blocks(homes: pd.DataFrame, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Give every compound its buildings on a grid, north to south and then east to west."""
    for home in homes.itertuples():
        n = int(rng.integers(3, 15))
        wide = int(np.ceil(np.sqrt(n)))
        for block in range(n):
            column, line = divmod(block, wide)
            east, north = (wide / 2 - column) * 55, (wide / 2 - line) * 45
            lng, lat = shift(home.lng, home.lat, east, north)
            at = (float(lng), float(lat))
            yield _row(home.name, f"{block + 1}号楼", "building", at)


def _settle(things: pd.DataFrame, pack: Pack) -> pd.DataFrame:
    """Give every thing the area its point lies in and an id; what lies outside is left out."""
    points = np.asarray(shapely.points(things["lng"], things["lat"]))
    tree = shapely.STRtree(pack.communities.geometry.to_numpy())
    which, area = tree.query(points, "intersects")
    home = pd.Series(area, index=which).groupby(level=0).first()
    things = things.loc[home.index].copy()
    areas = pack.communities.iloc[home.to_numpy()]
    things["community"], things["street"] = areas["name"].to_numpy(), areas["street"].to_numpy()
    ids = pd.Series([f"MADE-{i:06d}" for i in range(len(things))], index=things.index)
    things["id"] = things["id"].fillna(ids)
    return things.reset_index(drop=True)


def _with_areas(lines: pd.DataFrame, pack: Pack) -> pd.DataFrame:
    """Say through which communities each road runs, all its pieces taken together."""
    shapes = pack.communities.geometry.to_numpy()
    flat = shapely.transform(shapes, lambda p: np.column_stack(metres(*p.T)))
    which, area = shapely.STRtree(flat).query(lines["geometry"].to_numpy(), "intersects")
    names = pack.communities["name"].to_numpy()
    found = pd.DataFrame({"name": lines["name"].to_numpy()[which], "community": names[area]})
    passed = found.groupby("name")["community"].agg(frozenset)
    return lines.assign(passes=lines["name"].map(passed))
