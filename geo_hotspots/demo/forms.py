"""What operators fill in: number, time, category, caller, office, and the answers afterwards."""

import numpy as np
import pandas as pd

from geo_hotspots.demo.draw import Flags, Ints, Texts, happens, name_people
from geo_hotspots.demo.rain import DAYS, FIRST_DAY
from geo_hotspots.demo.words import LEAVES, OFFICES, OUTSIDE

_TIME = "%Y-%m-%d %H:%M:%S"
_FULL_MARKS = 3  # streets that answered every case


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


def answer_callers(rows: pd.DataFrame, street: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """Fill in who called, who dealt with it, until when, and what callers said afterwards."""
    n = len(rows)
    who = rows["caller"].to_numpy()
    is_named = ~happens("anonymous", n, rng)
    tops = pd.Series([leaf.path.partition("->")[0] for leaf in LEAVES], dtype="str")
    tops = tops.iloc[rows["leaf"]].reset_index(drop=True)
    office = tops.map(OFFICES).fillna("区政务服务管理局")
    by_street = (street != "") & happens("street_office", n, rng)
    took = np.minimum(np.exp(rng.normal(np.log(4.5), 0.7, n)), 30) * 86_400
    closed = rows["reported_at"] + pd.to_timedelta(took.astype("int64"), unit="s")
    is_closed = closed < pd.Timestamp(FIRST_DAY) + pd.Timedelta(days=DAYS)
    asked = is_closed.to_numpy() & happens("asked", n, rng)
    return pd.DataFrame(
        {
            "来电号码": np.where(is_named, _numbers(who, rng), ""),
            "来电人": np.where(is_named, name_people(who), "匿名"),
            "主办单位": office.mask(by_street, street + "办事处"),
            "办结时间": closed.dt.strftime(_TIME).where(is_closed, ""),
        }
    ).join(_answers(street, asked, rng))


def _numbers(who: Ints, rng: np.random.Generator) -> Texts:
    """Make up phone numbers: eleven digits that start with 100, which no network hands out."""
    digits = pd.Series((who * 7919 + 1_234_567) % 10**8).astype("str").str.zfill(8)
    dashed = "100-" + digits.str[:4] + "-" + digits.str[4:]
    numbers: Texts = dashed.where(happens("dashed", len(who), rng), "100" + digits).to_numpy(object)
    return numbers


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
