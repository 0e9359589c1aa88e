"""The report: its blocks, its numbers, its manners on screen and on paper."""

import re
import shutil
import subprocess
from datetime import date

import numpy as np
import pandas as pd
import pytest
from made_up_report import made_up_report

from geo_hotspots.deliver.report.report import tell_story, write_report
from geo_hotspots.deliver.report.view import Pen
from geo_hotspots.demo.calls import share_out
from geo_hotspots.errors import OutputError
from geo_hotspots.hotspots.figures.changes import Comparison
from geo_hotspots.hotspots.figures.summary import within
from geo_hotspots.schema import Period, SchemaError

BLOCKS = (
    "一、热线诉求整体情况", "二、主要诉求分布", "三、时间变化趋势", "四、高频诉求及点位",
    "五、社区问题量、诉求量分布", "六、热线回访情况", "七、热点问题", "八、方法与口径",
)  # fmt: skip
NOVEMBER = Period.holding(date(2026, 11, 20), "month")
HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&{{7*7}}\u2028"


@pytest.fixture(scope="module")
def inputs():
    return made_up_report(2000)


def written(tmp_path, inputs, **changes):
    path = tmp_path / "report.html"
    write_report(path, tell_story(**{**inputs, **changes}))
    return path


def plain(page):
    """The words of a page, tags and blanks aside."""
    body = page[page.index("<body>") :]
    return re.sub(r"\s+", "", re.sub(r"<[^>]*>", "", body))


def test_the_report_has_the_eight_blocks_of_the_office_in_order(tmp_path, inputs):
    page = written(tmp_path, inputs).read_text("utf-8")
    heads = re.findall(r"<h2>([^<]*)</h2>", page)
    assert tuple(heads[1:]) == BLOCKS
    assert "岭南示范区市民热线“接诉即办”工作分析报告" in page


@pytest.mark.parametrize("kind", ["day", "week", "month"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_period_in_both_languages_opens_without_a_request_or_an_error(
    tmp_path, open_page, kind, lang
):
    period = Period.holding(date(2026, 11, 20), kind)
    opened = open_page(written(tmp_path, made_up_report(1500, period=period, lang=lang)))
    assert opened.faults == []
    assert opened.page.locator("section h2").count() == 9
    if lang == "en":
        shell = opened.page.locator("h2, h3, caption, th, figcaption, .figures dt, nav a")
        words = " ".join(shell.all_inner_texts())
        assert not re.search("[一-鿿]", words.replace("岭南示范区", "")), words


def test_the_page_holds_no_address_but_the_name_of_svg(tmp_path, inputs):
    page = written(tmp_path, inputs).read_text("utf-8")
    assert set(re.findall(r"https?://[^\"' <]*", page)) == {"http://www.w3.org/2000/svg"}
    assert "Content-Security-Policy" in page


def test_equal_input_gives_equal_bytes(tmp_path):
    one = written(tmp_path, made_up_report(800)).read_bytes()
    assert written(tmp_path, made_up_report(800)).read_bytes() == one


def test_the_numbers_of_the_page_are_those_of_the_cases(tmp_path, inputs):
    text = plain(written(tmp_path, inputs).read_text("utf-8"))
    cases = inputs["cases"]
    now = within(cases, NOVEMBER)
    october = len(within(cases, NOVEMBER.before()))
    fall = 100 * (len(now) - october) / october
    top = now["category_1"].value_counts().head(10)
    assert f"共受理市民热线诉求{len(now)}件" in text
    assert f"{abs(fall):.1f}%（上期{october}件）" in text
    assert f"共{top.sum()}件，占全部热线案件的{100 * top.sum() / len(now):.2f}%" in text
    asked = now["resolved"].dropna()
    assert f"解决率{100 * asked.mean():.1f}%（{asked.sum()}/{len(asked)}）" in text
    assert f"共读入{len(cases) + 17}行，其中17行未采用" in text


def test_three_streets_stand_first_together_with_100(tmp_path):
    inputs = made_up_report(8000)
    cases = inputs["cases"].copy()
    happy = cases["street"].isin(["东岭街道", "南湾街道", "钟楼街道"])
    for rate in ("responded", "resolved", "satisfied"):
        cases[rate] = cases[rate].mask(happy & cases[rate].notna(), other=True)
    page = written(tmp_path, inputs, cases=cases).read_text("utf-8")
    text = plain(page)
    assert "东岭街道、南湾街道、钟楼街道共3个并列第一，综合得分100.00" in text
    assert page.count(">并列1") >= 3


def test_a_july_with_the_offices_own_shares_comes_out_to_the_digit(tmp_path):
    """The ten largest with 62.59 %, 14.5 % fewer than in June, three first with 100."""
    inputs = made_up_report(21_696, period=Period.holding(date(2019, 7, 31), "month"))
    shares, nth = share_out(10_000), np.arange(21_696)
    is_july = nth < 10_000
    month = np.where(is_july, "2019-07-01", "2019-06-01").astype("datetime64[us]")
    cases = inputs["cases"].assign(reported_at=month + (nth % 30).astype("timedelta64[D]"))
    cases.loc[is_july, "category_1"] = np.repeat(shares.index.to_numpy(), shares)
    happy = cases["street"].isin(["东岭街道", "南湾街道", "钟楼街道"])
    for rate in ("responded", "resolved", "satisfied"):
        cases[rate] = cases[rate].mask(happy & cases[rate].notna(), other=True)
    text = plain(written(tmp_path, inputs, cases=cases).read_text("utf-8"))
    assert "前十类诉求共6259件，占全部热线案件的62.59%" in text
    assert "环比下降14.5%（上期11696件）" in text
    assert "环比−14.5%" in text
    assert "东岭街道、南湾街道、钟楼街道共3个并列第一，综合得分100.00" in text


def test_few_answers_are_shown_but_not_ranked(tmp_path, inputs):
    cases = inputs["cases"].copy()
    few = (cases["street"] == "东岭街道") & (cases["reported_at"] >= "2026-11-01")
    rates = ["responded", "resolved", "satisfied"]
    cases.loc[few, rates] = pd.NA
    cases.loc[cases.index[few][:3], rates] = True
    page = written(tmp_path, inputs, cases=cases).read_text("utf-8")
    text = plain(page)
    assert "三项回答均满10件的有" in text
    assert "综合得分第一的是东岭街道" not in text
    assert re.search(r'<td class="mid">\*</td><td class="text">东岭街道</td>', page)


def test_points_that_have_gone_quiet_are_counted_but_not_listed(tmp_path, inputs):
    hotspots = inputs["hotspots"].copy()
    quiet = hotspots["lifecycle"] == "quiet"
    hotspots.loc[quiet, "name"] = "已静之处"
    page = written(tmp_path, inputs, hotspots=hotspots).read_text("utf-8")
    assert quiet.any()
    assert "已静之处" not in page
    assert f"平息{(quiet & (hotspots['kind'] != 'single_caller')).sum()}处" in page


def test_a_place_unheard_of_for_four_weeks_is_not_announced(tmp_path, inputs):
    hotspots = inputs["hotspots"].assign(lifecycle="new", kind="repeat")
    hotspots["last_at"] = pd.Timestamp("2026-11-30 10:00")
    hotspots.loc[0, ["name", "last_at"]] = ["早已无声之处", pd.Timestamp("2026-11-02 23:59")]
    hotspots.loc[1, ["name", "last_at"]] = ["近日有声之处", pd.Timestamp("2026-11-03 00:00")]
    text = plain(written(tmp_path, inputs, hotspots=hotspots).read_text("utf-8"))
    announced = text[text.index("下期请重点关注") : text.index("一、热线诉求整体情况")]
    assert "近日有声之处" in announced
    assert "早已无声之处" not in announced


def test_a_change_from_few_cases_is_told_in_cases():
    pen = Pen("zh")
    assert [pen.against(7, 1), pen.against(1, 7), pen.against(4, 4)] == ["+6件", "−6件", "0件"]
    assert [pen.against(15, 10), pen.against(10, 10)] == ["+50.0%", "0.0%"]
    assert pen.against(5, None) == "—"
    assert pen.moved(Comparison(10, 14, None), year=False) == "环比下降28.6%（上期14件）"
    assert pen.moved(Comparison(10, 2, None), year=True) == "同比增加8件（上年同期2件）"


def test_one_repeating_caller_is_never_in_the_ranking_of_the_others(tmp_path, inputs):
    hotspots = inputs["hotspots"].copy()
    alone = (hotspots["kind"] == "single_caller") & (hotspots["lifecycle"] != "quiet")
    hotspots.loc[hotspots["kind"] == "single_caller", "name"] = "独自一处"
    page = written(tmp_path, inputs, hotspots=hotspots).read_text("utf-8")
    start, end = page.index("一人多诉（单列"), page.index('id="block-5"')
    assert page[start:end].count('<td class="text">独自一处</td>') == alone.sum()
    assert '<td class="text">独自一处</td>' not in page[:start] + page[end:]


def test_words_of_citizens_and_packs_stay_words(tmp_path, open_page):
    inputs = made_up_report(600, place=HOSTILE, footer=HOSTILE, approval=HOSTILE, notes=(HOSTILE,))
    cases, hotspots = inputs["cases"], inputs["hotspots"]
    for column in ("category_1", "category_2", "category_3", "channel", "department"):
        cases[column] = HOSTILE + cases[column].fillna("")
    hotspots[["name", "reason", "category"]] = HOSTILE
    for areas in (inputs["communities"], inputs["streets"]):
        areas["name"] = HOSTILE + areas["name"]
    opened = open_page(written(tmp_path, inputs))
    assert opened.faults == []
    assert opened.page.locator("script, img").count() == 0
    assert HOSTILE in opened.page.locator("h1").inner_text()


def test_what_citizens_wrote_and_who_they_are_is_not_on_the_page(tmp_path):
    inputs = made_up_report(600)
    for column in ("content", "title", "address", "caller"):
        inputs["cases"][column] = f"秘密{column}"
    assert "秘密" not in written(tmp_path, inputs).read_text("utf-8")


def test_marks_stand_on_the_page_and_in_the_foot_of_every_printed_one(tmp_path, inputs, open_page):
    opened = open_page(written(tmp_path, inputs))
    for mark in ("演示数据", "示意边界"):
        assert opened.page.locator("header .marks", has_text=mark).is_visible()
    pdf = tmp_path / "report.pdf"
    opened.page.pdf(path=pdf, prefer_css_page_size=True)
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine")
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True)
    pages = text.stdout.decode().split("\f")[:-1]
    assert 5 <= len(pages) <= 25
    for page in pages:
        last = "".join(page.strip().splitlines()[-4:])
        assert "演示数据" in last
        assert "示意边界" in last


def test_a_real_report_carries_no_mark(tmp_path, inputs):
    masthead = made_up_report(10, is_demo=False, is_approximate=False)["masthead"]
    page = written(tmp_path, inputs, masthead=masthead).read_text("utf-8")
    assert "演示数据" not in page
    assert "示意边界" not in page


def test_the_page_fits_a_phone_without_scrolling_sideways(tmp_path, inputs, open_page):
    opened = open_page(written(tmp_path, inputs), width=360, height=740)
    assert opened.page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_page_reads_without_scripts(tmp_path, inputs, open_page):
    opened = open_page(written(tmp_path, inputs), scripts=False)
    assert opened.page.locator("figure svg").count() >= 8


def test_a_report_of_nothing_says_so_in_every_block(tmp_path, open_page):
    inputs = made_up_report(40)
    empty = {
        "cases": inputs["cases"][:0],
        "hotspots": inputs["hotspots"][:0],
        "account": {"rejected": 3},
        "communities": inputs["communities"].assign(n=0, n_points=0),
        "streets": inputs["streets"].assign(n=0, n_points=0),
    }
    path = written(tmp_path, inputs, **empty)
    text = plain(path.read_text("utf-8"))
    for sentence in (
        "没有受理诉求", "本期没有带分类的诉求", "暂无趋势", "本期未发现群诉问题点位",
        "本期没有可落到街道、社区的诉求", "没有回访结果", "本期没有反弹、加剧、新增点位",
        "共读入3行",
    ):  # fmt: skip
        assert sentence in text
    assert open_page(path).faults == []


def test_cases_without_answers_channel_or_hour_are_told_as_such(tmp_path, inputs):
    cases = inputs["cases"].assign(
        **dict.fromkeys(("responded", "resolved", "satisfied"), pd.Series(dtype="boolean")),
        channel=None,
        department=None,
    )
    cases["reported_at"] = cases["reported_at"].dt.normalize()
    text = plain(written(tmp_path, inputs, cases=cases).read_text("utf-8"))
    assert "本期工单没有回访结果，不计算三率" in text
    assert "本期诉求未载明来源渠道、承办单位" in text
    assert "诉求未载明来电时刻" in text


def test_a_period_that_is_not_over_says_so(tmp_path):
    inputs = made_up_report(1500, as_of=date(2026, 11, 12))
    text = plain(written(tmp_path, inputs).read_text("utf-8"))
    assert "本期尚未结束，统计截至2026年11月12日" in text
    assert "2026年10月1日至10月12日" in text


def test_a_lost_row_stops_the_report(tmp_path, inputs):
    account = {**inputs["account"], "located": inputs["account"]["located"] - 1}
    with pytest.raises(SchemaError, match="usable rows but 2000 cases"):
        written(tmp_path, inputs, account=account)


def test_a_folder_that_is_not_there_is_named(tmp_path, inputs):
    with pytest.raises(OutputError, match=r"the report report\.html cannot be written"):
        write_report(tmp_path / "none" / "report.html", tell_story(**inputs))


def test_the_list_of_wishes_names_what_a_community_asks_for_twice(tmp_path, inputs):
    now = within(inputs["cases"], NOVEMBER)
    counts = now["community_code"].value_counts()
    code = counts.index[0]
    its = now[now["community_code"] == code]
    top = its["category_2"].fillna(its["category_1"]).value_counts()
    text = plain(written(tmp_path, inputs).read_text("utf-8"))
    listed = text[text.index("供社区对照办理") :]
    assert f"{int((counts >= 3).sum())}个社区" in text
    assert f"（{top.max()}）" in listed
    assert top.max() >= 2


def test_each_street_is_drawn_beside_the_whole(tmp_path, inputs):
    page = written(tmp_path, inputs).read_text("utf-8")
    drawn = page[page.index("各街道诉求中全区前") :]
    drawn = drawn[: drawn.index("</svg>")]
    now = within(inputs["cases"], NOVEMBER)
    sizes = now["street"].value_counts()
    for street, n in sizes[sizes >= 10].items():
        assert f">{street}<" in drawn
        assert f">{n}件<" in drawn
    biggest = now["category_1"].value_counts().index[0]
    share = (now["category_1"] == biggest).mean()
    assert f"({share:.1%})" in drawn


def test_holidays_are_told_where_they_are_known(tmp_path):
    inputs = made_up_report(1500, period=Period.holding(date(2026, 10, 20), "month"))
    text = plain(written(tmp_path, inputs).read_text("utf-8"))
    assert "2026年10月1日至10月" in text
    abroad = made_up_report(600, timezone="America/New_York")
    assert "节假日" not in plain(written(tmp_path, abroad).read_text("utf-8")).replace(
        "浅色为周末和节假日", ""
    )
