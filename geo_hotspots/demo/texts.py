"""What callers say, with what they should not have said, and what no export is without."""

import numpy as np
import pandas as pd

from geo_hotspots.demo.draw import Texts, choose, happens, make_rooms, name_people
from geo_hotspots.demo.words import ASKS, BROKEN_TIMES, HOSTILE, LEAVES, OPENINGS

_SUPERSEDED = 12


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
    name = np.where(happens("place_in_title", n, rng), told["name"], "")
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
        "room": (",本人住", make_rooms(n, rng)),
        "name": (",联系人", name_people(rng.integers(0, 10_000, n))),
    }
    text: Texts = np.full(n, "", dtype=object)
    slipped: dict[str, Texts] = {}
    for kind, (lead, value) in kinds.items():
        slips = happens(kind, n, rng)
        text = text + np.where(slips, lead + value, "")
        slipped[kind] = value[slips]
    return text, slipped


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
