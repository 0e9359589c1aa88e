"""The demo's rows as an export has them: messy places, texts, callers, answers, faults."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_hotspots.demo_places import choose, shift, write_addresses
from geo_hotspots.demo_stories import DAYS, FIRST_DAY
from geo_hotspots.demo_words import (
    ASKS,
    BROKEN_TIMES,
    DISTRICT,
    HOSTILE,
    LEAVES,
    OFFICES,
    OPENINGS,
    OUTSIDE,
    SURNAMES,
    UNKNOWN_NAMES,
)
from geo_hotspots.places.datum import wgs84_to_gcj02
from geo_hotspots.places.pack import Pack

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

_TIME = "%Y-%m-%d %H:%M:%S"
# How the place of a case is told, and the share of the background's cases told so.
TOLD = {"address": 81.2, "content": 12, "none": 3, "outside": 2, "unknown": 1.5, "conflict": 0.3}
_PLANTED_TOLD = {"address": 90, "content": 10}
_FULL_MARKS = 3  # streets that answered every case
_SUPERSEDED = 12
# How often people and operators do what they do.
_CHANCES = {
    "place_in_content": 0.60, "place_in_title": 0.40, "room_in_address": 0.05,
    "street_filled": 0.96, "street_guessed": 0.5, "community_filled": 0.65,
    "community_wrong": 0.01, "coordinates": 0.575, "anonymous": 0.03, "dashed": 0.08,
    "street_office": 0.78, "asked": 0.72, "phone": 0.03, "id_number": 0.004, "room": 0.05,
    "name": 0.08,
}  # fmt: skip


class Places(NamedTuple):
    """Where the cases lie: as written, as told in the content, and in truth."""

    written: pd.DataFrame
    told: pd.DataFrame
    truth: pd.DataFrame


def _happens(what: str, n: int, rng: np.random.Generator) -> Flags:
    happens: Flags = rng.random(n) < _CHANCES[what]
    return happens


def identify(rows: pd.DataFrame) -> pd.DataFrame:
    """Give each case its number, its time and its category."""
    day = rows["reported_at"].dt.strftime("DC%Y%m%d-")
    paths = np.array([leaf.path for leaf in LEAVES], dtype=object)
    return pd.DataFrame(
        {
            "工单编号": day + pd.Series(rows.index + 1).astype("str").str.zfill(6),
            "来电时间": rows["reported_at"].dt.strftime(_TIME),
            "问题分类": paths[rows["leaf"].to_numpy()],
        }
    )


# --- places


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
    in_content = (told == "content") | (in_address & _happens("place_in_content", n, rng))
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
    gives = ends.to_numpy() & _happens("room_in_address", n, rng)
    with_room: Texts = np.where(gives, text + _rooms(n, rng), text)
    return with_room


def _rooms(n: int, rng: np.random.Generator) -> Texts:
    unit, floor, door = rng.integers(1, 7, n), rng.integers(1, 19, n), rng.integers(1, 5, n)
    room = (floor * 100 + door).astype(str).astype(object)
    rooms: Texts = unit.astype(str).astype(object) + "单元" + room + "室"
    return rooms


def _fill_areas(
    at: pd.DataFrame, told: Texts, pack: Pack, rng: np.random.Generator
) -> pd.DataFrame:
    """Fill in district, street and community as operators do: not always, not always right."""
    n = len(at)
    has_help = ~np.isin(told, ["none", "unknown"])
    knows_street = _happens("street_filled", n, rng) & (
        has_help | _happens("street_guessed", n, rng)
    )
    is_here = ~np.isin(told, ["none", "unknown", "outside"])
    knows_community = is_here & _happens("community_filled", n, rng)
    is_wrong = _happens("community_wrong", n, rng)
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
    has = _happens("coordinates", n, rng) & ~np.isin(told, ["none", "unknown"])
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


# --- callers and answers


def answer_callers(rows: pd.DataFrame, street: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """Fill in who called, who dealt with it, until when, and what callers said afterwards."""
    n = len(rows)
    who = rows["caller"].to_numpy()
    is_named = ~_happens("anonymous", n, rng)
    tops = pd.Series([leaf.path.partition("->")[0] for leaf in LEAVES], dtype="str")
    tops = tops.iloc[rows["leaf"]].reset_index(drop=True)
    office = tops.map(OFFICES).fillna("区政务服务管理局")
    by_street = (street != "") & _happens("street_office", n, rng)
    took = np.minimum(np.exp(rng.normal(np.log(4.5), 0.7, n)), 30) * 86_400
    closed = rows["reported_at"] + pd.to_timedelta(took.astype("int64"), unit="s")
    is_closed = closed < pd.Timestamp(FIRST_DAY) + pd.Timedelta(days=DAYS)
    asked = is_closed.to_numpy() & _happens("asked", n, rng)
    return pd.DataFrame(
        {
            "来电号码": np.where(is_named, _numbers(who, rng), ""),
            "来电人": np.where(is_named, _names(who), "匿名"),
            "主办单位": office.mask(by_street, street + "办事处"),
            "办结时间": closed.dt.strftime(_TIME).where(is_closed, ""),
        }
    ).join(_answers(street, asked, rng))


def _numbers(who: Ints, rng: np.random.Generator) -> Texts:
    """Make up phone numbers: eleven digits that start with 100, which no network hands out."""
    digits = pd.Series((who * 7919 + 1_234_567) % 10**8).astype("str").str.zfill(8)
    dashed = "100-" + digits.str[:4] + "-" + digits.str[4:]
    numbers: Texts = dashed.where(_happens("dashed", len(who), rng), "100" + digits).to_numpy(
        object
    )
    return numbers


def _names(who: Ints) -> Texts:
    surname = np.array(SURNAMES, dtype=object)[who % len(SURNAMES)]
    names: Texts = surname + np.array(["先生", "女士"], dtype=object)[who // len(SURNAMES) % 2]
    return names


def _answers(street: pd.Series, asked: Flags, rng: np.random.Generator) -> pd.DataFrame:
    """Give 响应, 解决, 满意 of those who were asked, each street with rates of its own."""
    streets = sorted(set(street))
    chances = rng.uniform([[0.93], [0.54], [0.62]], [[0.992], [0.86], [0.93]], (3, len(streets)))
    ours = np.flatnonzero(~np.isin(streets, ["", *(outside[1] for outside in OUTSIDE)]))
    chances[0, rng.permutation(ours)[:_FULL_MARKS]] = 1.0
    code = pd.Categorical(street, categories=streets).codes
    responded, resolved = rng.random((2, len(street))) < chances[:2, code]
    resolved &= responded
    pleased = rng.random(len(street)) < chances[2, code] * np.where(resolved, 1.05, 0.7)
    said = {"响应": responded, "解决": resolved, "满意": pleased}
    return pd.DataFrame({k: np.where(asked, np.where(v, "是", "否"), "") for k, v in said.items()})


# --- texts


def tell(
    rows: pd.DataFrame, told: pd.DataFrame, cases: pd.DataFrame, rng: np.random.Generator
) -> tuple[dict[str, Texts], pd.DataFrame]:
    """Write title and content, with what callers should not have said.

    Returns
    -------
    texts, secrets
        标题 and 主要内容; and every secret in them or beside them, `kind` and `value`.
    """
    n = len(rows)
    leaf = rows["leaf"].to_numpy()
    short = np.array([f.path.rpartition("->")[2] for f in LEAVES], dtype=object)[leaf]
    phrases = np.array([f.phrases[:2] + f.phrases[:1] * (2 - len(f.phrases)) for f in LEAVES],
                       dtype=object)  # fmt: skip
    phrase = phrases[leaf, rng.integers(0, 2, n)]
    name = np.where(_happens("place_in_title", n, rng), told["name"], "")
    texts, secrets = _slip_secrets(n, rng)
    place = told["text"].to_numpy(dtype=object)
    stop = np.where(place == "", "", ",")
    body = choose(rng, OPENINGS, n) + place + stop + phrase + texts + choose(rng, ASKS, n)
    title = "反映" + name + short + "问题"
    room = r"(\d单元\d+室)"
    rooms = [c.str.extract(room)[0].dropna() for c in (cases["问题点位"], told["text"])]
    callers = cases.loc[cases["来电号码"] != "", "来电号码"]
    names = cases.loc[cases["来电人"] != "匿名", "来电人"]
    found: dict[str, pd.Series | Texts]
    found = {
        **secrets,
        "room": pd.concat([*rooms, pd.Series(secrets["room"])]),
        "name": pd.concat([names, pd.Series(secrets["name"])]),
        "caller": callers,
    }
    parts = [pd.Series(values).drop_duplicates() for values in found.values()]
    kinds = np.repeat(list(found), [len(part) for part in parts])
    frame = pd.DataFrame({"kind": kinds, "value": pd.concat(parts, ignore_index=True)})
    return {"标题": title, "主要内容": body}, frame


def _slip_secrets(n: int, rng: np.random.Generator) -> tuple[Texts, dict[str, Texts]]:
    """Make up phone numbers, ID numbers, flats and names, and slip them into some texts.

    The numbers have the shape of real ones, so that they are found, but neither does any
    network hand out 154, nor does 999999 stand for any place.
    """
    serial = (np.arange(n) * 7919 + rng.integers(0, 10**7)) % 10**7
    phone = "1540" + pd.Series(serial).astype("str").str.zfill(7)
    born = pd.Timestamp("1950-01-01") + pd.to_timedelta(rng.integers(0, 18_000, n), unit="D")
    tail = pd.Series(rng.integers(0, 1000, n)).astype("str").str.zfill(3)
    id_number = "999999" + pd.Series(born.strftime("%Y%m%d")) + tail + "X"
    kinds = {
        "phone": (",联系电话", phone.to_numpy(object)),
        "id_number": (",身份证号", id_number.to_numpy(object)),
        "room": (",本人住", _rooms(n, rng)),
        "name": (",联系人", _names(rng.integers(0, 10_000, n))),
    }
    text: Texts = np.full(n, "", dtype=object)
    slipped: dict[str, Texts] = {}
    for kind, (lead, value) in kinds.items():
        slips = _happens(kind, n, rng)
        text = text + np.where(slips, lead + value, "")
        slipped[kind] = value[slips]
    return text, slipped


# --- faults


def spoil(
    cases: pd.DataFrame, truth: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add what no export is without: hostile text, earlier versions of rows, broken times.

    Every case stays; the earlier versions and the rows with broken times come on top.
    """
    plain = np.flatnonzero((truth["point"] == 0) & (truth["told"] == "address"))
    columns = ("标题", "主要内容", "问题点位")
    picked = rng.choice(plain, size=len(HOSTILE) * 3 + len(BROKEN_TIMES), replace=False)
    cases = cases.copy()
    # A formula is one only at the start of a cell; a place must still be read in front.
    for column, at in zip(columns, np.split(picked[: len(HOSTILE) * 3], 3), strict=True):
        text, hostile = cases.loc[at, column].to_numpy(object), np.array(HOSTILE, dtype=object)
        cases.loc[at, column] = text + hostile if column == "问题点位" else hostile + text
    broken = cases.loc[picked[len(HOSTILE) * 3 :]].assign(来电时间=list(BROKEN_TIMES))
    broken["工单编号"] = broken["工单编号"].str.replace("DC", "DX")
    closed = np.flatnonzero((cases["办结时间"] != "").to_numpy() & (truth["point"] == 0).to_numpy())
    earlier = cases.loc[np.sort(rng.choice(closed, size=_SUPERSEDED, replace=False))]
    earlier = earlier.assign(办结时间="", 响应="", 解决="", 满意="")
    whole = pd.concat([earlier, broken, cases])
    truth = truth.assign(is_case=True).loc[whole.index]
    truth["is_case"] = np.arange(len(truth)) >= len(earlier) + len(broken)
    order = np.argsort(whole.index.to_numpy(), kind="stable")
    return whole.iloc[order].reset_index(drop=True), truth.iloc[order].reset_index(drop=True)
