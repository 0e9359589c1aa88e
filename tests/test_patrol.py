import re
import shutil
import subprocess
import zipfile
from datetime import timedelta

import delivery
import numpy as np
import openpyxl
import pandas as pd
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_hotspots.deliver.patrol.duties import find_responsible
from geo_hotspots.deliver.patrol.html import amap_url, geo_uri, qr_svg, write_patrol_html
from geo_hotspots.deliver.patrol.patrol import (
    SINGLE_KINDS,
    count_recent,
    plan_patrol,
    suggest_windows,
)
from geo_hotspots.deliver.patrol.sheets import sheet_name
from geo_hotspots.deliver.patrol.walk import STOPS_PER_LEG, walking_order
from geo_hotspots.deliver.patrol.xlsx import write_patrol_xlsx
from geo_hotspots.errors import OutputError
from geo_hotspots.hotspots.forecast.ranking import RESTING
from geo_hotspots.hotspots.points.callers import MISSING_CALLER
from geo_hotspots.schema import OUTCOMES, PATROL_COLUMNS, SchemaError

HOTSPOTS = delivery.hotspots()
CASES = delivery.cases(HOTSPOTS)


def plan(hotspots=HOTSPOTS, cases=CASES, **changes):
    settings = {
        "as_of": delivery.AS_OF,
        "size": 50,
        "windows": delivery.WINDOWS,
        "responsible": None,
        "lang": "zh",
    }
    return plan_patrol(hotspots, cases, **(settings | changes))


def singles(hotspots=HOTSPOTS, cases=CASES, **changes):
    return plan(hotspots, cases, kinds=SINGLE_KINDS, **changes)


def hostile_hotspots():
    n = len(delivery.HOSTILE)
    points = delivery.hotspots(n)
    for column in ("name", "category", "reason", "street", "community"):
        points[column] = pd.Series(delivery.HOSTILE, dtype="str")
    points["hotspot_id"] = [f"{t}{i}" for i, t in enumerate(delivery.HOSTILE)]
    return points


def case(days_ago, *, caller="a", resolved=None, satisfied=None, hour=10, is_echo=False):
    at = pd.Timestamp(delivery.AS_OF) - timedelta(days=days_ago) + timedelta(hours=hour)
    return {
        "hotspot_id": "DC-00000", "reported_at": at, "caller": caller,
        "is_echo": is_echo, "resolved": resolved, "satisfied": satisfied,
    }  # fmt: skip


def frame(*rows):
    table = pd.DataFrame(rows)
    return table.astype({"caller": "str", "resolved": "boolean", "satisfied": "boolean"})


def test_a_plan_has_the_contracts_columns_and_the_place_aside():
    assert tuple(plan().columns) == (*PATROL_COLUMNS, "lng", "lat", "leg", "stop")
    assert tuple(plan(lang="en").columns) == tuple(plan().columns)


def test_points_at_rest_and_of_a_single_caller_are_not_on_the_list():
    points = HOTSPOTS.assign(lifecycle=["quiet", "insufficient", "new", "persistent"] * 8)
    listed = points[points["kind"].ne("single_caller") & ~points["lifecycle"].isin(RESTING)]
    assert set(plan(points)["点位编号"]) == set(listed["hotspot_id"])
    assert set(singles(points)["性质"]) == {"一人多诉"}


def test_the_list_stands_in_order_of_rank_and_keeps_the_maps_numbers():
    shuffled = HOTSPOTS.sample(frac=1, random_state=3)
    listed = HOTSPOTS.loc[HOTSPOTS["kind"] != "single_caller", "rank"]
    assert list(plan(shuffled)["排名"]) == sorted(listed)
    assert list(plan(shuffled, size=5)["排名"]) == sorted(listed)[:5]
    assert list(singles()["排名"]) == list(range(1, len(singles()) + 1))


def test_row_order_of_points_and_cases_changes_nothing():
    shuffled = plan(HOTSPOTS.sample(frac=1, random_state=5), CASES.sample(frac=1, random_state=6))
    pd.testing.assert_frame_equal(shuffled, plan())


def test_days_are_counted_with_the_last_one():
    rows = [case(0, hour=23), case(6), case(7), case(13), case(14), case(27), case(28), case(90),
            case(91), case(-1)]  # fmt: skip
    counts = count_recent(frame(*rows), as_of=delivery.AS_OF).loc["DC-00000"]
    assert counts[["n_7", "n_before", "n_28", "n_91", "n_all"]].tolist() == [2, 2, 6, 8, 9]


def test_callers_are_counted_once_and_the_nameless_at_a_discount():
    rows = [case(1, caller=c) for c in ("a", "a", "b", None, None)] + [case(40, caller="c")]
    counts = count_recent(frame(*rows), as_of=delivery.AS_OF)
    assert counts["callers_28"].tolist() == [2 + int(2 * MISSING_CALLER)]


def test_where_nobody_is_named_days_stand_for_callers():
    rows = [case(d, hour=h, caller=None) for d, h in ((1, 9), (1, 10), (5, 9), (40, 9))]
    counts = count_recent(frame(*rows), as_of=delivery.AS_OF, nobody=True)
    assert counts["callers_28"].tolist() == [2]


def test_a_report_that_repeats_another_is_a_case_and_nobody():
    rows = [case(1, caller="a"), case(1, caller="b", is_echo=True), case(3, caller="c")]
    counts = count_recent(frame(*rows), as_of=delivery.AS_OF)
    assert counts[["n_28", "callers_28"]].to_numpy().tolist() == [[3, 2]]


def test_only_a_no_counts_as_unresolved():
    answers = [case(1, resolved=r, satisfied=s) for r in (True, False, None) for s in (False, None)]
    counts = count_recent(frame(*answers, case(100, resolved=False)), as_of=delivery.AS_OF)
    assert counts[["unresolved_91", "unsatisfied_91"]].to_numpy().tolist() == [[2, 3]]


@pytest.mark.parametrize(
    ("days", "word"),
    [((1, 2, 3, 8, 30), "+2"), ((1, 8, 9), "-1"), ((1, 8), "持平"), ((0, 6), "新上榜"),
     ((40,), "持平")],
)  # fmt: skip
def test_the_change_since_last_week_is_said_in_a_word(days, word):
    listed = plan(HOTSPOTS.head(1), frame(*(case(d) for d in days)))
    assert listed["较上周"].tolist() == [word]


def test_a_point_is_new_that_was_not_on_last_weeks_list():
    on_both = HOTSPOTS["hotspot_id"].iloc[0]
    listed = plan(HOTSPOTS.head(2), frame(case(30)), before=frozenset({on_both}))
    assert listed.set_index("点位编号")["较上周"].to_dict() == {
        on_both: "持平", HOTSPOTS["hotspot_id"].iloc[1]: "新上榜",
    }  # fmt: skip


def test_a_point_without_cases_at_hand_has_zeros_and_not_gaps():
    listed = plan(HOTSPOTS.head(3), frame(case(1)))
    assert listed["近91天件数"].tolist() == [1, 0, 0]
    assert listed["较上周"].tolist() == ["新上榜", "持平", "持平"]


def test_a_list_of_nothing_is_a_list():
    empty = plan(HOTSPOTS.iloc[:0], CASES.iloc[:0])
    assert tuple(empty.columns[:24]) == PATROL_COLUMNS
    assert empty.empty


def planted(minutes):
    rows = [case(i % 20 + 1, hour=0) for i in range(len(minutes))]
    cases = frame(*rows)
    cases["reported_at"] += pd.to_timedelta(minutes, unit="min")
    points = HOTSPOTS.head(1).set_index("hotspot_id", drop=False)
    return suggest_windows(cases, points, fallback=delivery.WINDOWS).iloc[0]


def test_windows_follow_the_hours_in_which_cases_come_in():
    busy = [8 * 60 + 5, 8 * 60 + 35] * 6 + [18 * 60 + 40, 19 * 60 + 10] * 5
    assert planted(busy) == "8:00-9:00、18:30-19:30"


def test_windows_keep_two_hours_apart():
    first, second = re.findall(r"(\d+):(\d+)-", planted([10 * 60 + 5, 10 * 60 + 35] * 10))
    apart = (int(second[0]) - int(first[0])) * 60 + int(second[1]) - int(first[1])
    assert apart >= 120


def test_windows_are_in_walking_hours_even_if_cases_come_at_night():
    starts = [int(h) for h in re.findall(r"(\d+):\d+-", planted([2 * 60 + 10] * 30))]
    assert all(7 <= h <= 20 for h in starts)


@pytest.mark.parametrize("minutes", [[0] * 50, [600] * 9, []])
def test_without_times_of_day_the_usual_hours_stand(minutes):
    if minutes:
        assert planted(minutes) == "9:30-10:30、14:30-15:30"
    listed = plan(cases=delivery.cases(HOTSPOTS, timed=False))
    assert set(listed["建议时段"]) == {"9:30-10:30、14:30-15:30"}


def test_the_narrowest_area_names_who_answers():
    rows = [
        ("忠实里西区2号楼", "忠实里社区", "东花市街道", "院长"),
        ("", "忠实里社区", "东花市街道", "书记"),
        ("", "", "东花市街道", "街道办"),
        ("", "", "前门街道", "平安办"),
        ("", "", "前门街道", "城管"),
    ]
    table = pd.DataFrame(rows, columns=["compound", "community", "street", "responsible"])
    found = find_responsible(HOTSPOTS.head(4), table.assign(level="").astype("str"))
    assert found.tolist() == ["院长", "书记", "平安办、城管", ""]


POINTS = st.lists(
    st.tuples(st.floats(116.3, 116.5), st.floats(39.8, 40.0), st.sampled_from("东西")),
    min_size=1,
    max_size=40,
)


@settings(deadline=None)
@given(POINTS)
def test_a_walk_passes_every_stop_once_in_rounds_of_twelve(points):
    stops = pd.DataFrame(points, columns=["lng", "lat", "社区"]).assign(街道="街")
    order = walking_order(stops)
    for _, walk in order.join(stops["社区"]).groupby("社区"):
        assert sorted(walk["stop"]) == list(range(1, len(walk) + 1))
        assert walk.groupby("leg").size().max() <= STOPS_PER_LEG
        assert walk.sort_values("stop")["leg"].is_monotonic_increasing


def test_a_walk_along_a_street_does_not_turn_back():
    lng = np.array([0.0, 5, 1, 4, 2, 3]) / 1000 + 116.4
    stops = pd.DataFrame({"lng": lng, "lat": 39.9, "街道": "街", "社区": "社"})
    walked = lng[np.argsort(walking_order(stops)["stop"])]
    assert (np.diff(walked) > 0).all() or (np.diff(walked) < 0).all()


@pytest.fixture(scope="module")
def workbook(tmp_path_factory):
    path = tmp_path_factory.mktemp("patrol") / "patrol.xlsx"
    write_patrol_xlsx(
        path, plan(), singles(), delivery.masthead(), priority_weights=delivery.WEIGHTS
    )
    return path


def tables(path):
    book = openpyxl.load_workbook(path)
    return {sheet.title: sheet for sheet in book if sheet.title != "说明"}


def test_there_is_a_sheet_for_all_for_singles_and_for_every_street_and_community(workbook):
    names = openpyxl.load_workbook(workbook).sheetnames
    assert names[:3] == ["总表", "说明", "一人多诉"]
    assert set(names[3:]) == set(plan()["街道"]) | set(plan()["社区"])


def test_every_table_starts_with_the_contracts_header(workbook):
    for sheet in tables(workbook).values():
        assert tuple(cell.value for cell in sheet[1]) == PATROL_COLUMNS


def test_the_sheets_of_streets_and_of_communities_each_hold_the_list(workbook):
    for column in ("街道", "社区"):
        ids = [
            row[1].value
            for name in plan()[column].unique()
            for row in tables(workbook)[name].iter_rows(min_row=2)
        ]
        assert sorted(ids) == sorted(plan()["点位编号"])


def test_a_communitys_sheet_is_in_walking_order(workbook):
    name = "忠实里社区"
    walk = plan().query("社区 == @name").sort_values("stop")
    rows = tables(workbook)[name].iter_rows(min_row=2)
    assert [row[1].value for row in rows] == list(walk["点位编号"])


def test_every_table_offers_the_five_outcomes(workbook):
    for sheet in tables(workbook).values():
        (rule,) = sheet.data_validations.dataValidation
        assert rule.formula1 == '"' + ",".join(OUTCOMES) + '"'
        assert str(rule.sqref).startswith("V2")
        assert sheet["V1"].value == "处置情况"


def test_every_sheet_prints_on_a4_across_with_title_and_reservations(workbook):
    for sheet in openpyxl.load_workbook(workbook):
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert "东城区未诉先办巡查清单" in sheet.oddHeader.left.text
        assert "2026年11月23日至11月29日巡查用" in sheet.oddHeader.center.text
        assert sheet.oddHeader.center.size == 9
        assert sheet.oddHeader.right.text == "演示数据 · 示意边界"
        assert "&P" in sheet.oddFooter.center.text
    for sheet in tables(workbook).values():
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.freeze_panes == "D2"
        assert sheet.auto_filter.ref.startswith("A1:X")


def test_all_columns_fit_across_a4_in_letters_over_eight_points_that_nothing_shrinks(workbook):
    for sheet in tables(workbook).values():
        columns = sheet.column_dimensions.values()  # equal neighbours are one
        pixels = sum((c.max - c.min + 1) * round(7 * c.width) for c in columns)
        margins = sheet.page_margins.left + sheet.page_margins.right
        assert 0.97 <= pixels / 96 / (297 / 25.4 - margins) <= 1
        assert {cell.font.size for row in sheet for cell in row} == {8.5}


def test_what_is_filled_in_stays_as_it_was_typed(workbook):
    for sheet in tables(workbook).values():
        assert {c.number_format for row in sheet.iter_rows(min_row=2) for c in row[20:]} == {"@"}


def test_the_first_page_says_how_last_weeks_list_fared_and_a_long_head_is_cut(tmp_path):
    said = "上周清单：50个点位中，33个有来电 & 命中61人次"
    for track in (said, said * 20):
        head, path = delivery.masthead(track=track), tmp_path / "patrol.xlsx"
        write_patrol_xlsx(path, plan(), singles(), head, priority_weights=delivery.WEIGHTS)
        book = openpyxl.load_workbook(path)
        assert said.replace("&", "＆") in book["总表"].oddHeader.center.text
        assert book["总表"].oddHeader.right.text == "演示数据 · 示意边界"
        assert said[:4] not in book["说明"].oddHeader.center.text


def test_the_notes_print_the_weights_and_explain_every_column(workbook):
    notes = openpyxl.load_workbook(workbook)["说明"]
    said = {cell.value for row in notes for cell in row}
    assert "优先级 = 得分 × (1 + 0.5 × 未解决或不满意占比 + 0.5 × 反弹 + 0.25 × 群诉)" in said
    assert set(PATROL_COLUMNS) <= said


def test_numbers_are_numbers_and_a_filled_in_sheet_starts_blank(workbook):
    for row in tables(workbook)["总表"].iter_rows(min_row=2):
        assert isinstance(row[0].value, int)
        assert isinstance(row[8].value, int)
        assert [cell.value for cell in row[20:]] == [None] * 4


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_text_becomes_a_formula_or_a_link(tmp_path, lang):
    points = hostile_hotspots()
    people = pd.DataFrame({"compound": "", "community": "", "street": points["street"],
                           "responsible": points["name"], "level": ""})  # fmt: skip
    cases = delivery.cases(points)
    listed = plan(points, cases, lang=lang, responsible=people)
    masthead = delivery.masthead(lang, place="=1+1 & &P 12", footer="&L&G", notes=("=1",))
    path = tmp_path / "patrol.xlsx"
    write_patrol_xlsx(path, listed, singles(points, cases), masthead, priority_weights={})
    for sheet in openpyxl.load_workbook(path):
        for row in sheet:
            assert {cell.data_type for cell in row} <= {"s", "n"}
            assert not any(cell.hyperlink for cell in row)
    texts = [row[2].value for row in tables(path)["总表"].iter_rows(min_row=2)]
    clean = [t for t in listed["点位名称"] if "\r" not in t]
    assert [t for t in texts if t in clean] == clean


def test_a_list_of_nothing_is_a_workbook(tmp_path):
    nothing = plan(HOTSPOTS.iloc[:0], CASES.iloc[:0])
    path = tmp_path / "patrol.xlsx"
    write_patrol_xlsx(path, nothing, nothing, delivery.masthead(), priority_weights={})
    assert openpyxl.load_workbook(path).sheetnames == ["总表", "说明"]


def test_points_without_a_street_or_a_community_have_their_sheets(tmp_path):
    points = HOTSPOTS.assign(street=None, community=None)
    path = tmp_path / "patrol.xlsx"
    write_patrol_xlsx(path, plan(points), singles(), delivery.masthead(), priority_weights={})
    assert openpyxl.load_workbook(path).sheetnames[3:] == ["未定街道", "未定社区"]


def test_two_streets_may_each_have_a_community_of_one_name(tmp_path):
    points = HOTSPOTS.assign(community="和平社区")
    path = tmp_path / "patrol.xlsx"
    write_patrol_xlsx(path, plan(points), singles(), delivery.masthead(), priority_weights={})
    assert "和平社区(前门街道)" in openpyxl.load_workbook(path).sheetnames


@given(st.lists(st.text() | st.sampled_from(["History", "a/b", "'x'", "社区" * 20]), max_size=20))
def test_sheet_names_are_what_excel_accepts_and_unique(wanted):
    taken = set()
    names = [sheet_name(name, taken) for name in wanted]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert 1 <= len(name) <= 31
        assert not set(name) & set("[]:*?/\\")
        assert name.strip("'") == name
        assert name.casefold() != "history"


def test_the_same_plan_gives_the_same_workbook_and_page(workbook, tmp_path):
    again = tmp_path / "patrol.xlsx"
    write_patrol_xlsx(
        again, plan(), singles(), delivery.masthead(), priority_weights=delivery.WEIGHTS
    )
    assert again.read_bytes() == workbook.read_bytes()
    assert b"2026-11-22T00:00:00Z" in zipfile.ZipFile(again).read("docProps/core.xml")
    for name in ("a.html", "b.html"):
        write_patrol_html(tmp_path / name, plan(), singles(), delivery.masthead())
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_no_other_column_leaves_with_the_list(tmp_path):
    leaking = plan().assign(content="我家住2单元301")
    with pytest.raises(SchemaError, match="content"):
        write_patrol_html(tmp_path / "patrol.html", leaking, singles(), delivery.masthead())


def test_a_list_that_cannot_be_written_is_one_line(tmp_path):
    nowhere = tmp_path / "nowhere"
    with pytest.raises(OutputError, match=r"patrol\.xlsx cannot be written"):
        write_patrol_xlsx(
            nowhere / "patrol.xlsx", plan(), singles(), delivery.masthead(), priority_weights={}
        )
    with pytest.raises(OutputError, match=r"patrol\.html cannot be written"):
        write_patrol_html(nowhere / "patrol.html", plan(), singles(), delivery.masthead())


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("patrol") / "patrol.html"
    write_patrol_html(path, plan(), singles(), delivery.masthead())
    return path


@pytest.mark.parametrize("width", [360, 1400])
def test_the_page_asks_for_nothing_and_fits_its_window(open_page, page, width):
    opened = open_page(page, width=width)
    assert opened.faults == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.page.locator("article.card").count() == len(plan()) + len(singles())


def test_the_english_page_fits_a_phone_too(open_page, tmp_path):
    path = tmp_path / "patrol.html"
    write_patrol_html(path, plan(lang="en"), singles(lang="en"), delivery.masthead("en"))
    opened = open_page(path, width=360)
    assert opened.faults == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_hostile_texts_do_nothing_in_the_page(open_page, tmp_path):
    points = hostile_hotspots()
    cases = delivery.cases(points)
    masthead = delivery.masthead(
        place="</style><script>alert(1)</script>", footer='"} @import url(//x)', notes=("<b>x",)
    )
    path = tmp_path / "patrol.html"
    write_patrol_html(path, plan(points, cases), singles(points, cases), masthead)
    opened = open_page(path)
    assert opened.faults == []
    shown = opened.page.locator("article.card .reason").all_inner_texts()
    assert "<img src=x onerror=alert(1)>" in shown
    assert opened.page.locator("script, article img").count() == 0


def test_beside_every_point_stand_the_codes_of_its_place(page):
    html = page.read_text(encoding="utf-8")
    everywhere = pd.concat([plan(), singles()])
    for lng, lat in zip(everywhere["lng"], everywhere["lat"], strict=True):
        for text in (geo_uri(lng, lat), amap_url(lng, lat)):
            assert html.count(str(qr_svg(text))) == 1
    assert html.count('class="qr"') == 2 * len(everywhere)


def test_a_code_holds_its_text_and_survives_a_crease():
    code = segno.make(amap_url(116.4, 39.9), error="m", micro=False, boost_error=False)
    assert (code.error, code.designator) == ("M", "6-M")
    svg = str(qr_svg(amap_url(116.4, 39.9)))
    size = code.symbol_size(border=4)[0]
    assert f'viewBox="0 0 {size} {size}"' in svg


@pytest.mark.skipif(shutil.which("zbarimg") is None, reason="no zbarimg on this machine")
def test_every_code_can_be_read_from_the_page(open_page, page, tmp_path):
    opened = open_page(page)
    read = set()
    for i, codes in enumerate(opened.page.locator(".codes").all()):
        codes.screenshot(path=tmp_path / f"{i}.png")
        done = subprocess.run(
            ["zbarimg", "-q", "--raw", str(tmp_path / f"{i}.png")], capture_output=True, check=True
        )
        read |= set(done.stdout.decode().split())
    everywhere = pd.concat([plan(), singles()])
    places = list(zip(everywhere["lng"], everywhere["lat"], strict=True))
    assert read == {geo_uri(*p) for p in places} | {amap_url(*p) for p in places}


def test_codes_are_printed_at_least_22_millimetres_wide(open_page, page):
    opened = open_page(page)
    opened.page.emulate_media(media="print")
    boxes = [code.bounding_box() for code in opened.page.locator("svg.qr").all()]
    assert min(min(box["width"], box["height"]) for box in boxes) >= 22 / 25.4 * 96


def test_an_empty_list_says_so(open_page, tmp_path):
    nothing = plan(HOTSPOTS.iloc[:0], CASES.iloc[:0])
    write_patrol_html(tmp_path / "patrol.html", nothing, nothing, delivery.masthead())
    opened = open_page(tmp_path / "patrol.html")
    assert opened.faults == []
    assert "本期没有需要巡查的点位" in opened.page.locator("main").inner_text()


def test_the_workbook_has_a_sheet_for_the_whistle_and_one_for_each_person(tmp_path):
    listed = plan()
    path = tmp_path / "patrol.xlsx"
    joint = listed.head(2).assign(入选理由="近一年涉及2个部门")
    write_patrol_xlsx(
        path, listed, singles(), delivery.masthead(), priority_weights={}, joint=joint,
        duties=[("王某", listed.head(1)), ("=1+1", listed.tail(1))],
    )  # fmt: skip
    sheets = tables(path)
    assert [row[6].value for row in sheets["吹哨清单"].iter_rows(min_row=2)] == [
        "近一年涉及2个部门"
    ] * 2
    assert sheets["责任人 王某"].max_row == 2
    assert sheets["责任人 =1+1"]["C2"].value == listed["点位名称"].iloc[-1]
