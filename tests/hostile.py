"""Thirty attacks in every text: a run of hostile cases on a hostile pack, and a hostile map.

By hand it feeds the old browser::

    python tests/hostile.py FOLDER
    python tests/old_browser.py FOLDER/map30.html FOLDER/out/hostile/*/*.html
"""

import csv
import json
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import delivery
import pandas as pd
from city import SOUTH, STEP, WEST, feature, square

from geo_hotspots import pipeline
from geo_hotspots.config import Config, DatumConfig, PatrolConfig
from geo_hotspots.deliver.map.map import write_map
from geo_hotspots.places.packs.pack import read_pack

RUN = "alert(1)"
ATTACKS = (
    f"<script>{RUN}</script>", f"</script><script>{RUN}</script>", f"<img src=x onerror={RUN}>",
    f"<svg onload={RUN}>", f"<svg><script>{RUN}</script></svg>", f'"><script>{RUN}</script>',
    f"' onmouseover='{RUN}", f'" autofocus onfocus="{RUN}" x="', f"javascript:{RUN}",
    f"<a href='javascript:{RUN}'>x</a>", f"<iframe srcdoc='<script>{RUN}</script>'>",
    f"<iframe src='javascript:{RUN}'></iframe>", f"<body onload={RUN}>",
    f"<details open ontoggle={RUN}>", f"<video><source onerror={RUN}></video>",
    f"<math><mi xlink:href='javascript:{RUN}'>x", f"</style><script>{RUN}</script>",
    f"<style>@import 'http://x.invalid/a.css';</style><img src=y onerror={RUN}>",
    f"<!--<script>{RUN}//-->", f"-->{RUN}<script>{RUN}</script>",
    f"{{{{ cycler.__init__.__globals__ }}}}{{% {RUN} %}}", "${alert(1)}`alert(1)`",
    f"\u2028{RUN}//\u2029", f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"&lt;script&gt;{RUN}&lt;/script&gt;", f"]]><script>{RUN}</script>",
    f"<base href='http://x.invalid/'><img src=a onerror={RUN}>",
    f"<link rel=stylesheet href='http://x.invalid/b.css'><p onclick={RUN}>",
    f"<object data='javascript:{RUN}'>",
    f"<form action='javascript:{RUN}'><input type=submit autofocus>",
)  # fmt: skip


# What harms elsewhere than in a page: spreadsheets, terminals, file names, XML, SQL.
OTHERS = (
    "=1+1", "+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x.invalid","y")',
    "\t=1", "\r=1", " =1", "＝1+1", '=IMPORTXML("http://x.invalid","//a")', '=WEBSERVICE("x")',
    "\x1b[2J\x1b[31mx", "\x1b]0;title\x07x", "\x1b]8;;http://x.invalid\x1b\\x", "\x9b31mx",
    "a\rb\x08c", "\u202egnp.exe", "../../../../escaped", "..\\..\\escaped", "/tmp/escaped",
    "C:\\escaped", "con", "x\x7fy",
    "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>&b;", "'; DROP TABLE hotspots;--",
    "&P&D&F", "{ HYPERLINK x }", "[a](javascript:x)", "%00%2e%2e%2fescaped",
)  # fmt: skip


def write_hostile_pack(folder, texts=ATTACKS):
    """Thirty communities in five streets, each named by an attack."""
    folder.mkdir(parents=True)
    communities, streets = [], []
    for i, text in enumerate(texts):
        column, row = divmod(i, 6)
        street = {"code": f"99010{column}", "name": texts[-1 - column], "aliases": text}
        area = {"code": f"99010{column}{row:03d}", "name": text, "street_code": street["code"],
                "street": street["name"], "aliases": text}  # fmt: skip
        communities.append(feature(area, square(column, row)))
        if row == 0:
            streets.append(feature(street, square(column, 0, height=6)))
    line = {"type": "LineString", "coordinates": [[WEST, SOUTH], [WEST + STEP, SOUTH + STEP]]}
    roads = [{"type": "Feature", "properties": {"name": t, "rank": t}, "geometry": line}
             for t in texts]  # fmt: skip
    for name, features in (("communities", communities), ("streets", streets), ("roads", roads)):
        text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
        (folder / f"{name}.geojson").write_text(text, encoding="utf-8")
    places = pd.DataFrame(
        {"id": [f"P{i}" for i in range(30)], "name": texts, "type": "poi", "aliases": texts,
         "community": texts, "street": "",
         "lng": [WEST + (i // 6 + 0.5) * STEP for i in range(30)],
         "lat": [SOUTH + (i % 6 + 0.5) * STEP for i in range(30)],
         "level": "poi", "uncertainty_m": 50, "source": texts}
    )  # fmt: skip
    places.to_csv(folder / "places.csv", index=False, quoting=csv.QUOTE_ALL)
    head = {key: texts[k] for k, key in enumerate(("source", "licence", "vintage", "approval"))}
    head |= {"title": texts[0], "title_en": texts[1], "footer": texts[2], "name": "hostile",
             "footer_en": texts[3], "code": texts[4], "datum": "wgs84",
             "timezone": "Asia/Shanghai"}  # fmt: skip
    lines = [f"{key} = {json.dumps(value)}" for key, value in head.items()]
    (folder / "pack.toml").write_text("\n".join([*lines, "approximate = true"]), encoding="utf-8")
    return folder


def write_hostile_cases(path, texts=ATTACKS):
    """Twelve cases at a point in each community on a quiet ground, every text an attack."""
    rows = [
        {"工单编号": f"{texts[i % 30]}-{i}",
         "来电时间": f"2019-{5 + i % 7:02d}-{1 + i % 28:02d} 10:00:00",
         "问题分类": f"{texts[i % 30]}->{texts[i % 30 - 1]}", "来电号码": f"139{i:08d}",
         "经度": WEST + (i % 31 + 0.3) * STEP * 5 / 31,
         "纬度": SOUTH + (i // 31 + 0.3) * STEP * 6 / 30}
        for i in range(900)
    ]  # fmt: skip
    for i, text in enumerate(texts):
        column, row = divmod(i, 6)
        rows += [
            {"工单编号": f"{text}{k}", "来电时间": f"2019-11-{6 + 2 * k:02d} 09:{i:02d}:00",
             "问题分类": f"{text}->{texts[i - 1]}", "问题点位": text, "主要内容": text,
             "标题": text, "被反映街乡镇": text, "社区": text, "来电号码": f"1380000{i:02d}{k:02d}",
             "主办单位": text, "诉求来源": text, "是否解决": "否",
             "经度": WEST + (column + 0.5) * STEP, "纬度": SOUTH + (row + 0.5) * STEP}
            for k in range(12)
        ]  # fmt: skip
    pd.DataFrame(rows).to_csv(path, index=False, quoting=csv.QUOTE_ALL)
    return path


def write_hostile_register(path, texts=ATTACKS):
    """Something put right at each place, by whom and what an attack."""
    rows = {"点位名称": texts, "类别": texts, "整改日期": "2019-11-01", "整改内容": texts,
            "整改单位": texts}  # fmt: skip
    pd.DataFrame(rows).to_csv(path, index=False, quoting=csv.QUOTE_ALL)
    return path


def make_run(folder, lang="zh", texts=ATTACKS):
    """Take the attacks all the way through."""
    pack = read_pack(write_hostile_pack(folder / "pack", texts))
    config = replace(Config(), datum=DatumConfig(cases="wgs84"), patrol=PatrolConfig(windows=texts))
    cases = write_hostile_cases(folder / "cases.csv", texts)
    request = pipeline.Request(
        (cases,), folder / "out", date(2019, 12, 1), lang=lang, is_public=True,
        rectifications=write_hostile_register(folder / "register.csv", texts),
    )  # fmt: skip
    return pipeline.run(request, pack, config, salt=b"salt").folder


def hostile_rows(frame, keep=()):
    """Give a frame in whose rows every text is an attack, each row's its own."""
    texts = [c for c in frame if pd.api.types.is_string_dtype(frame[c]) and c not in keep]
    rows = [ATTACKS[i % len(ATTACKS)] for i in range(len(frame))]
    return frame.assign(**dict.fromkeys(texts, pd.Series(rows, index=frame.index)))


def write_hostile_map(path):
    """Write a map with an attack in every text of thirty points, cells, areas and clusters."""
    points = hostile_rows(delivery.hotspots(30), keep=("kind", "hotspot_id"))
    points["hotspot_id"] = [f"{text}{i}" for i, text in enumerate(ATTACKS)]
    points["mix"] = [[(text, 5), ("", 1)] for text in ATTACKS]
    points["weeks"] = [[1] * 52] * 30
    rectified = pd.DataFrame(
        {"hotspot_id": points["hotspot_id"], "day": pd.Timestamp("2026-11-02"), "what": ATTACKS,
         "who": ATTACKS[::-1]}
    )  # fmt: skip
    cells = hostile_rows(delivery.cells(), keep=("cell",)).assign(is_hot=True, n=9)
    places = pd.DataFrame({"name": ATTACKS, "aliases": ATTACKS, "lng": 116.4, "lat": 39.9})
    days = pd.Timestamp("2026-11-20") - pd.to_timedelta(range(300), unit="D")
    cases = pd.DataFrame(
        {"lng": 116.41, "lat": 39.92, "reported_at": days,
         "category_1": [ATTACKS[i % 30] for i in range(300)], "cell": "known"}
    )  # fmt: skip
    head = delivery.masthead(
        place=ATTACKS[0], footer=ATTACKS[1], approval=ATTACKS[2], version=ATTACKS[3], notes=ATTACKS
    )
    write_map(
        path, hotspots=points, cells=cells, communities=hostile_rows(delivery.areas()),
        streets=hostile_rows(delivery.areas()), masthead=head, min_cell_cases=3, cases=cases,
        places=places, rectified=rectified, basemap=None,
    )  # fmt: skip
    return path


if __name__ == "__main__":
    to = Path(sys.argv[1])
    print(make_run(to), write_hostile_map(to / "map30.html"))  # noqa: T201
