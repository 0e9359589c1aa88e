"""The patrol list as a page to print on A4 or read on a phone, with a QR code a point.

Two codes stand beside each point: `geo:` opens the phone's own map, without a network where
that map has none; the other opens AMap, also from WeChat's scanner, which shows a `geo:` code as
bare text. The coordinates are WGS84, and the AMap address says so; no Chinese stands in a code,
which keeps its dots large enough for a creased sheet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import pandas as pd
import segno
from markupsafe import Markup

from geo_hotspots.columns import plain_values
from geo_hotspots.deliver.allowed import only_allowed
from geo_hotspots.deliver.offline import render_page
from geo_hotspots.deliver.patrol import words as say
from geo_hotspots.deliver.writing import writing
from geo_hotspots.schema import Masthead
from geo_hotspots.words import OUTCOME, Lang, Words

TEXTS = {
    "list": Words("总表", "All points"),
    "walk": Words("按步行顺序", "in walking order"),
    "leg": Words("第{}轮", "round {}"),
    "points": Words("{} 个点位", "points: {}"),
    "rank": Words("第{}名", "rank {}"),
    "window": Words("建议时段", "Suggested hours"),
    "responsible": Words("责任人", "Responsible"),
    "change": Words("较上周", "Since last week"),
    "n_28": Words("近28天", "28 days"),
    "n_91": Words("近91天", "91 days"),
    "cases_callers": Words("{} 件 · {} 人", "{} · callers {}"),
    "cases": Words("{} 件", "{}"),
    "last": Words("最近来电", "Last case"),
    "rectified": Words("整改后", "Days since rectified"),
    "days": Words("{} 天", "{}"),
    "rebounds": Words("反弹", "Rebounds"),
    "times": Words("{} 次", "{}"),
    "unresolved": Words("未解决", "Not resolved"),
    "unsatisfied": Words("不满意", "Not satisfied"),
    "geo": Words("手机地图", "Phone map"),
    "amap": Words("高德 / 微信", "AMap / WeChat"),
    "outcome": Words("处置情况", "Outcome"),
    "arrived": Words("到场时间", "Arrived"),
    "checker": Words("核查人", "Checked by"),
    "remarks": Words("备注", "Remarks"),
    "none": Words("本期没有需要巡查的点位。", "No point needs a patrol this time."),
    "singles": Words(
        "同一人多次反映，不与上表一同排名", "one caller, many times: not ranked with the others"
    ),
    "joint": Words("街道吹哨、部门报到", "one subdistrict calls, the departments come"),
    "departments": Words("涉及部门", "Departments"),
    "place": Words("点位", "Place"),
    "category": Words("类别", "Category"),
    "stage": Words("状态", "Stage"),
    "community": Words("社区", "Community"),
}


MASK = 0  # of a QR code: a chessboard, which leaves neither a large dark nor a large light patch


@dataclass(frozen=True)
class Section:
    """The points of one community in the order in which they are walked."""

    street: str
    community: str
    note: str
    points: list[dict[str, Any]]


def write_patrol_html(
    path: Path,
    patrol: pd.DataFrame,
    singles: pd.DataFrame,
    masthead: Masthead,
    *,
    joint: pd.DataFrame | None = None,
) -> None:
    """Write `patrol.html`: a page that any browser prints, without a request to anywhere.

    Parameters
    ----------
    path
        The file; one that is there already is replaced.
    patrol, singles
        Plans of `plan_patrol`: the list, and the points of a single caller.
    masthead
        Whose list it is, for when, and under which reservations.
    joint
        Places for several departments, as `call_departments` gives them.

    Raises
    ------
    SchemaError
        A column is missing or may not leave.
    OutputError
        The file cannot be written.
    """
    lang = masthead.lang
    page_title = f"{say.title(masthead)} {say.span(masthead)}"
    listed = only_allowed(patrol, "patrol.html")
    page = render_page(
        "patrol.html.j2",
        title=page_title,
        lang=lang,
        css=["patrol.css"],
        heading=say.title(masthead),
        dateline=say.dateline(masthead),
        marks=say.marks(masthead),
        masthead=masthead,
        running=css_text(" · ".join([page_title, *say.marks(masthead)])),
        footer=css_text(masthead.footer),
        listed=_rows(listed),
        sections=list(_sections(listed, masthead)),
        singles=list(
            _sections(only_allowed(singles, "patrol.html"), masthead, say.kind_of_singles(lang))
        ),
        joint=[] if joint is None else _rows(only_allowed(joint, "patrol.html")),
        joint_title=say.WHISTLE.say(lang),
        singles_title=say.kind_of_singles(lang),
        outcomes=[words.say(lang) for words in OUTCOME.values()],
        t={key: words.say(lang) for key, words in TEXTS.items()},
    )
    with writing(path):
        path.write_bytes(page.encode("utf-8", "replace"))


def geo_uri(lng: float, lat: float) -> str:
    """Give the address that opens a phone's own map (RFC 5870): latitude first, WGS84.

    >>> geo_uri(116.4, 39.9)
    'geo:39.900000,116.400000'
    """
    return f"geo:{lat:.6f},{lng:.6f}"


def amap_url(lng: float, lat: float, datum: str = "wgs84") -> str:
    """Give the address that opens AMap: longitude first, with the datum declared.

    >>> amap_url(116.4, 39.9)
    'https://uri.amap.com/marker?position=116.400000,39.900000&coordinate=wgs84&callnative=1'
    """
    own = "gaode" if datum == "gcj02" else "wgs84"
    return f"https://uri.amap.com/marker?position={lng:.6f},{lat:.6f}&coordinate={own}&callnative=1"


def css_text(text: str) -> Markup:
    r"""Write a text as a CSS string: whatever is no letter, figure or space stands as its number.

    >>> css_text("a</style>")
    Markup('"a\\00003c\\00002fstyle\\00003e"')
    """
    plain = "".join(c if c.isalnum() or c == " " else f"\\{ord(c):06x}" for c in text)
    return Markup(f'"{plain}"')  # noqa: S704 (nothing is left that HTML or CSS could read)


def qr_svg(text: str) -> Markup:
    """Draw a QR code of level M (15 % of it may be lost) as SVG, with its quiet zone.

    The size is the page's business: no width or height is set. Any of the eight masks is read
    alike; trying all of them, as ISO 18004 has it, would take six times as long as the code itself.
    """
    code = segno.make(text, error="m", mask=MASK, micro=False, boost_error=False)
    drawing = code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None)
    return Markup(drawing)  # noqa: S704 (segno draws; the text itself is not in the drawing)


def _sections(plan: pd.DataFrame, head: Masthead, note: str = "") -> Iterator[Section]:
    lang = head.lang
    streets: dict[str, dict[str, list[dict[str, Any]]]] = {}
    unknown = {"街道": say.UNKNOWN_STREET.say(lang), "社区": say.UNKNOWN_COMMUNITY.say(lang)}
    for row, named in zip(_rows(plan), _rows(plan[list(unknown)].fillna(unknown)), strict=True):
        street, community = named.values()
        streets.setdefault(street, {}).setdefault(community, []).append(row)
    # Streets stay together, each where its best point stands in the list.
    for street, communities in streets.items():
        for community, rows in communities.items():
            walk = sorted(rows, key=itemgetter("stop"))
            yield Section(street, community, note, [_point(row, head) for row in walk])


def _rows(plan: pd.DataFrame) -> list[dict[str, Any]]:
    """Give each row as a mapping with None for what is missing."""
    columns = {str(name): plain_values(column) for name, column in plan.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _point(row: dict[str, Any], head: Masthead) -> dict[str, Any]:
    lng, lat, lang = row["lng"], row["lat"], head.lang
    is_wgs84 = head.datum == "wgs84"  # geo: knows no other datum
    amap = amap_url(lng, lat, head.datum)
    return {
        **row,
        "hours": row["建议时段"].replace("、", Words("、", ", ").say(lang)),
        "position": f"{lng:.6f}, {lat:.6f}",
        "geo": qr_svg(geo_uri(lng, lat)) if is_wgs84 else None,
        "amap": qr_svg(amap),
        "geo_uri": geo_uri(lng, lat),
        "amap_url": amap,
        "facts": list(_facts(row, lang)),
    }


def _facts(row: dict[str, Any], lang: Lang) -> Iterator[tuple[str, str]]:
    """Give what is worth a line on paper: a zero or an unknown is not."""
    t = {key: words.say(lang) for key, words in TEXTS.items()}
    yield t["n_28"], t["cases_callers"].format(row["近28天件数"], row["近28天人数"])
    yield t["n_91"], t["cases"].format(row["近91天件数"])
    yield t["change"], row["较上周"]
    yield t["last"], row["最近来电"] or "—"
    if row["整改后天数"] is not None:
        yield t["rectified"], t["days"].format(row["整改后天数"])
    for key, column, unit in (
        ("rebounds", "反弹次数", "times"),
        ("unresolved", "未解决", "cases"),
        ("unsatisfied", "不满意", "cases"),
    ):
        if row[column]:
            yield t[key], t[unit].format(row[column])
