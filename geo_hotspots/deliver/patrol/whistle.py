"""The whistle list (街道吹哨、部门报到): places where several departments must come together."""

from datetime import date

import pandas as pd

from geo_hotspots.words import Lang, Words

DAYS = 364
LEAST = 2  # cases; a single one may have gone to the wrong desk
_JOINED = 2  # departments
# Who blows the whistle does not come to it.
_CALLERS = ("街道办事处", "街道办", "街道", "地区办事处", "乡政府", "镇政府", "社区", "居委会")


def call_departments(
    plan: pd.DataFrame, cases: pd.DataFrame, *, as_of: date, lang: Lang
) -> pd.DataFrame:
    """Keep the places of a plan whose cases went to several departments, and say to which.

    Parameters
    ----------
    plan
        As `plan_patrol` gives it.
    cases
        `hotspot_id`, `spot`, `department`, `category_1`, `category_2`, `reported_at`. All cases of
        a place count, of whatever category, for `DAYS` up to `as_of`.

    Returns
    -------
    joint
        Rows of `plan`, one to a place, best first, with the departments and what concerns each
        as 入选理由. Subdistrict and community offices, which blow the whistle, do not count, nor
        does a department with fewer than `LEAST` cases.
    """
    spot_of = cases.dropna(subset=["hotspot_id"]).drop_duplicates("hotspot_id")
    spots = plan["点位编号"].map(spot_of.set_index("hotspot_id")["spot"])
    concerned = _concerned(cases[cases["spot"].isin(spots.dropna())], as_of)
    said = {
        spot: _say(rows, lang)
        for spot, rows in concerned.groupby("spot", sort=False)
        if len(rows) >= _JOINED
    }
    kept = spots.isin(said) & ~spots.duplicated()
    return plan[kept].assign(入选理由=spots[kept].map(said).astype("str"))


def _concerned(cases: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Count each place's cases by department, with the category most of them are about."""
    since = pd.Timestamp(as_of) - pd.Timedelta(days=DAYS - 1)
    recent = cases[(cases["reported_at"] >= since) & cases["department"].notna()]
    recent = recent[~recent["department"].str.endswith(_CALLERS)]
    finest = recent["category_2"].fillna(recent["category_1"]).fillna("")
    by_kind = recent.assign(about=finest).groupby(["spot", "department", "about"]).size()
    counts = by_kind.rename("n_about").reset_index()
    counts = counts.sort_values(["n_about", "about"], ascending=[False, True], kind="stable")
    total = counts.groupby(["spot", "department"])["n_about"].transform("sum").rename("n")
    largest = counts.join(total).drop_duplicates(["spot", "department"])
    largest = largest[largest["n"] >= LEAST]
    return largest.sort_values(["spot", "n", "department"], ascending=[True, False, True])


def _say(rows: pd.DataFrame, lang: Lang) -> str:
    parts = [
        Words(f"{department}（{about}等{n}件）", f"{department} ({n}: {about} …)")
        if n > n_about
        else Words(f"{department}（{about}{n}件）", f"{department} ({n}: {about})")
        for department, about, n, n_about in zip(
            rows["department"], rows["about"], rows["n"], rows["n_about"], strict=True
        )
    ]
    named_zh, named_en = "、".join(p.zh for p in parts), ", ".join(p.en for p in parts)
    return Words(
        f"近一年涉及{len(parts)}个部门：{named_zh}，建议街道吹哨、一并到场",
        f"{len(parts)} departments within a year: {named_en}; call them together",
    ).say(lang)
