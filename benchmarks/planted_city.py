"""A made-up city whose repeat points are known: who planted them knows them all.

42 km2, 520 compounds of some ten buildings, 20,000 complaints of a year that are nobody's hot
spot, 150 planted points, 60 single callers who ring like a crowd. Complaints keep to seasons and
compounds to some categories, as real ones do. What is known of the place of a case is what an
export knows: 65 % a point within metres of the building, 20 % the middle of the compound, 10 % a
pile on the street, 5 % somewhere else; the building's number for four in five, one in fifty of
them wrong.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

AS_OF = pd.Timestamp("2019-12-30")
DAYS = 364
SIDE_M = 6_500.0
COMPOUNDS, STREET_PILES = 520, 400
BACKGROUND, PLANTED, DECOYS = 20_000, 150, 60
TOP_TEN = 0.6259  # of all cases, as a district's report of 2019 has it
GROUPS = 24
SEASONAL = 6  # groups whose cases crowd into some months
_METRES_PER_DEGREE = 111_195.0
_ORIGIN = (116.40, 39.90)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class City:
    """Cases as the place stage gives them, and what is true.

    Attributes
    ----------
    cases
        Columns of `schema.PLACED` that points are made of, `group`, `caller`, `reported_at`;
        besides them the truth: `point` (0 for none, below 0 for a single caller's),
        `x_true`, `y_true` in metres.
    points
        Indexed by `point`: `building`, `group`, `n_callers`, `x`, `y`; single callers too.
    """

    cases: pd.DataFrame
    points: pd.DataFrame


def make_city(seed: int) -> City:
    """Make up a city; equal seed, equal city."""
    rng = np.random.default_rng(seed)
    buildings = _build(rng)
    shares = _shares()
    background = _draw_background(buildings, shares, rng)
    planted, points = _plant(buildings, shares, rng)
    events = pd.concat([background, planted], ignore_index=True)
    cases = _locate(events, buildings, rng)
    cases["group"] = "类别" + pd.Series(events["group"]).astype("str").str.zfill(2)
    second = rng.integers(7 * 3600, 22 * 3600, len(cases))
    start = AS_OF.normalize() - pd.Timedelta(days=DAYS - 1)
    since = pd.to_timedelta(events["day"] * 86_400 + second, unit="s")
    cases["reported_at"] = start + since
    named = rng.random(len(cases)) >= 0.03
    cases["caller"] = ("c" + events["caller"].astype("str")).where(named).astype("str")
    cases["point"] = events["point"]
    return City(cases.sample(frac=1, random_state=seed).reset_index(drop=True), points)


def _shares() -> Floats:
    """Share of each category group: ten hold 62.59 %, each list falling by a tenth a step."""
    fall = 0.9 ** np.arange(GROUPS)
    top, rest = fall[:10] / fall[:10].sum(), fall[10:] / fall[10:].sum()
    return np.concatenate([top * TOP_TEN, rest * (1 - TOP_TEN)])


def _build(rng: np.random.Generator) -> pd.DataFrame:
    """Lay out compounds, and their buildings in rows 42 m apart."""
    centre = rng.uniform(150, SIDE_M - 150, (COMPOUNDS, 2))
    size = np.clip(np.round(rng.lognormal(np.log(8), 0.6, COMPOUNDS)), 2, 40).astype(int)
    compound = np.repeat(np.arange(COMPOUNDS), size)
    number = np.concatenate([np.arange(n) for n in size])
    wide = np.ceil(np.sqrt(size))[compound]
    grid = np.c_[number % wide, number // wide] - (wide[:, None] - 1) / 2
    xy = centre[compound] + 42 * grid + rng.normal(0, 4, grid.shape)
    busy = rng.lognormal(0, 0.5, COMPOUNDS)[compound] * rng.gamma(2, 0.5, len(compound))
    return pd.DataFrame(
        {"compound": compound, "number": number + 1, "x": xy[:, 0], "y": xy[:, 1], "busy": busy,
         "cx": centre[compound, 0], "cy": centre[compound, 1],
         "kind": rng.integers(0, 4, COMPOUNDS)[compound]}
    )  # fmt: skip


def _draw_background(
    buildings: pd.DataFrame, shares: Floats, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw complaints by building and group: busy buildings, compounds of a kind, seasons."""
    taste = rng.lognormal(0, 0.5, (4, GROUPS))[buildings["kind"]]
    taste = taste * rng.gamma(4, 0.25, (len(buildings), GROUPS))  # each building its own
    chance = buildings["busy"].to_numpy()[:, None] * taste * shares
    # The city's shares stay what they are.
    chance = chance / chance.sum(axis=0) * shares
    drawn = rng.choice(chance.size, size=BACKGROUND, p=chance.ravel() / chance.sum())
    building, group = np.divmod(drawn, GROUPS)
    people = rng.lognormal(0, 0.8, 12_000)
    caller = rng.choice(len(people), size=BACKGROUND, p=people / people.sum())
    return pd.DataFrame({"building": building, "group": group, "caller": caller, "point": 0,
                         "day": _draw_days(group, rng)})  # fmt: skip


def _draw_days(group: Ints, rng: np.random.Generator) -> Ints:
    """Draw days; the first `SEASONAL` groups keep to a season of some ten weeks, mostly."""
    day = rng.integers(0, DAYS, len(group))
    crowded = (group < SEASONAL) & (rng.random(len(group)) < 0.6)
    middle = 30 + group * 60
    season = np.round(rng.normal(middle, 18)).astype(int) % DAYS
    return np.where(crowded, season, day)


def _plant(
    buildings: pd.DataFrame, shares: Floats, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Plant points of 3 to some 30 callers over 3 weeks to a year, and single callers."""
    total = PLANTED + DECOYS
    building = rng.choice(len(buildings), size=total, replace=False)
    group = rng.choice(GROUPS, size=total, p=shares)
    frames, rows = [], []
    for i in range(total):
        is_decoy = i >= PLANTED
        people = 1 if is_decoy else 2 + int(rng.geometric(0.15))
        calls = int(rng.integers(5, 21)) if is_decoy else people + int(rng.poisson(0.35 * people))
        span = int(rng.choice([21, 45, 90, 180, DAYS]))
        start = int(rng.integers(0, DAYS - span + 1))
        who = np.concatenate([np.arange(people), rng.integers(0, people, calls - people)])
        point = -(i - PLANTED + 1) if is_decoy else i + 1
        frames.append(pd.DataFrame(
            {"building": building[i], "group": group[i], "caller": 1_000_000 + 1_000 * i + who,
             "point": point, "day": start + rng.integers(0, span, calls)}
        ))  # fmt: skip
        at = buildings.iloc[building[i]]
        rows.append((point, building[i], f"类别{group[i]:02d}", people, at["x"], at["y"]))
    columns = ["point", "building", "group", "n_callers", "x", "y"]
    return pd.concat(frames), pd.DataFrame(rows, columns=columns).set_index("point")


def _locate(
    events: pd.DataFrame, buildings: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Write the place of each case as the place stage would: key, point, uncertainty."""
    at = buildings.iloc[events["building"].to_numpy()].reset_index(drop=True)
    n = len(at)
    quality = rng.choice(4, size=n, p=[0.65, 0.20, 0.10, 0.05])
    true = at[["x", "y"]].to_numpy()
    piles = rng.uniform(0, SIDE_M, (STREET_PILES, 2))
    near = np.argmin(((at[["cx", "cy"]].to_numpy()[:, None] - piles) ** 2).sum(axis=2), axis=1)
    xy = np.select(
        [quality[:, None] == 0, quality[:, None] == 1, quality[:, None] == 2],
        [true + rng.normal(0, 10, (n, 2)), at[["cx", "cy"]].to_numpy(), piles[near]],
        rng.uniform(0, SIDE_M, (n, 2)),
    )
    told = rng.choice(3, size=n, p=[0.8, 0.1, 0.1])  # building, compound, nothing
    wrong = rng.random(n) < 0.02
    block = np.where(wrong, at["number"] % 5 + 1, at["number"])
    compound = "C" + at["compound"].astype("str").str.zfill(3)
    key = compound.where(told == 1, compound + "/" + pd.Series(block).astype("str") + "号楼")
    key = key.where(told < 2)
    # Text and coordinates that name two places are in conflict, and such a case has no point.
    apart = np.hypot(*(xy - at[["cx", "cy"]].to_numpy()).T)
    conflict = (told < 2) & (apart > 500)
    lng, lat = degrees(xy)
    return pd.DataFrame(
        {"status": np.where(conflict, "coordinate_conflict", "located"),
         "level": np.where(told == 2, "door", "compound"), "source_of_place": "coordinates",
         "place_id": compound.where(told < 2), "place_key": key, "place_name": key,
         "community_code": "Q" + (at["compound"] // 20).astype("str"),
         "lng": lng, "lat": lat, "uncertainty_m": 30.0, "x_true": true[:, 0],
         "y_true": true[:, 1]}
    ).astype({"place_key": "str", "place_id": "str", "place_name": "str"})  # fmt: skip


def degrees(xy: Floats) -> tuple[Floats, Floats]:
    """Turn metres of the city into longitude and latitude."""
    lat = _ORIGIN[1] + xy[:, 1] / _METRES_PER_DEGREE
    lng = _ORIGIN[0] + xy[:, 0] / (_METRES_PER_DEGREE * np.cos(np.radians(_ORIGIN[1])))
    return lng, lat


def metres(lng: Floats, lat: Floats) -> Floats:
    """Turn longitude and latitude back into metres of the city, shape (n, 2)."""
    x = (lng - _ORIGIN[0]) * _METRES_PER_DEGREE * np.cos(np.radians(_ORIGIN[1]))
    return np.c_[x, (lat - _ORIGIN[1]) * _METRES_PER_DEGREE]
