"""What the report and the patrol list print, worked out again from the other files of a run.

The ledger says of every row read what became of it, the office's own export when it came and what
it was about: with both beside the page, a reader with a spreadsheet must get its numbers.
"""

import json
import re

import openpyxl
import pandas as pd
import pytest

FIRST, LAST = pd.Timestamp("2019-12-23"), pd.Timestamp("2019-12-29")
END = LAST + pd.Timedelta(days=1)
ANSWERS = {"响应": "响应率", "解决": "解决率", "满意": "满意率"}
WEIGHTS = {"响应": 0.30, "解决": 0.35, "满意": 0.35}
LEAST_ANSWERS = 10  # to each of the three questions, before anyone is ranked


class Files:
    """The files of a run, read as a stranger would."""

    def __init__(self, run):
        page = (run.folder / "report.html").read_text("utf-8")
        self.page = page
        self.text = re.sub(r"\s+", "", re.sub(r"<[^>]*>", "", page[page.index("<body>") :]))
        self.rows = [
            [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
            for row in re.findall(r"<tr class=\"row[^>]*>(.*?)</tr>", page, re.DOTALL)
        ]
        given = pd.read_csv(run.cases, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        given["row"] = range(2, len(given) + 2)
        self.ledger = pd.read_csv(run.folder / "ledger.csv", dtype={"hotspot_id": "str"})
        joined = self.ledger.merge(given, on="row", validate="one_to_one")
        used = joined[~joined["status"].isin(["rejected", "superseded"])]
        self.cases = used.assign(
            at=pd.to_datetime(used["来电时间"], format="mixed"),
            top=used["问题分类"].str.split("->").str[0].str.strip(),
            second=used["问题分类"].str.split("->").str[1].str.strip(),
        )
        self.now = self.between(FIRST, END)
        self.hotspots = self.layer(run, "hotspots")
        self.streets, self.communities = self.layer(run, "streets"), self.layer(run, "communities")
        self.cells, self.emerging = self.layer(run, "cells"), self.layer(run, "emerging")
        self.register = pd.read_csv(run.cases.parent / "整改台账.csv", encoding="utf-8-sig")
        self.patrol = pd.DataFrame(
            openpyxl.load_workbook(run.folder / "patrol.xlsx")["总表"].values
        ).pipe(lambda t: t[1:].set_axis(t.iloc[0].tolist(), axis=1))

    def between(self, start, end):
        return self.cases[(self.cases["at"] >= start) & (self.cases["at"] < end)]

    def table(self, caption):
        """Give the rows of the table of this caption, as texts."""
        text = self.page[self.page.index(f"{caption}</caption>") :]
        rows = re.findall(
            r"<tr class=\"row[^>]*>(.*?)</tr>", text[: text.index("</table>")], re.DOTALL
        )
        cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
        return [[re.sub(r"<svg.*?</svg>|<[^>]*>", "", c, flags=re.DOTALL).strip() for c in row]
                for row in cells]  # fmt: skip

    def row(self, *start):
        """Find the one table row that begins with these cells."""
        (found,) = [r for r in self.rows if r[: len(start)] == list(start)]
        return found

    @staticmethod
    def layer(run, name):
        features = json.loads((run.folder / f"{name}.geojson").read_text("utf-8"))["features"]
        return pd.DataFrame([f["properties"] for f in features])


@pytest.fixture(scope="module")
def files(demo_run):
    return Files(demo_run)


def test_the_account_is_that_of_the_ledger(files):
    n, unusable = len(files.ledger), len(files.ledger) - len(files.cases)
    assert f"共读入{n}行，其中{unusable}行未采用" in files.text
    assert f"可用诉求{len(files.cases)}件，本期{len(files.now)}件" in files.text
    assert files.row("合计")[1] == str(n)


def test_the_week_the_one_before_and_their_change(files):
    n, before = len(files.now), len(files.between(FIRST - pd.Timedelta(days=7), FIRST))
    way = "上升" if n > before else "下降"
    change = f"{abs(100 * (n - before) / before):.1f}"
    assert f"共受理市民热线诉求{n}件，日均{n / 7:.1f}件" in files.text
    assert f"环比{way}{change}%（上期{before}件）" in files.text


def test_the_busiest_day_and_the_run_of_the_weeks(files):
    daily = files.now["at"].dt.day.value_counts()
    assert f"单日最多为12月{daily.idxmax()}日（{daily.max()}件）" in files.text
    last = len(files.between(END - pd.Timedelta(days=28), END))
    before = len(files.between(END - pd.Timedelta(days=56), END - pd.Timedelta(days=28)))
    assert f"最近四周共{last}件，此前四周{before}件" in files.text


def test_the_ten_largest_categories(files):
    top = files.now["top"].value_counts().head(10)
    share = 100 * top.sum() / len(files.now)
    assert f"前十类诉求共{top.sum()}件，占全部热线案件的{share:.2f}%" in files.text
    counted = {r[1]: int(r[2]) for r in files.rows if len(r) == 7 and r[1] in top.index}
    assert counted == top.to_dict()
    first = top.index[0]
    assert files.row("1", first)[3] == f"{100 * top.iloc[0] / len(files.now):.2f}%"


def test_the_three_rates(files):
    for column, name in ANSWERS.items():
        asked = files.now[column][files.now[column] != ""]
        yes = int((asked == "是").sum())
        assert f"{name}{100 * yes / len(asked):.1f}%（{yes}/{len(asked)}）" in files.text


def test_streets_and_communities(files):
    in_street, in_community = files.now["street"].notna(), files.now["community"].notna()
    assert f"{in_street.sum()}件可落到街道，其中{in_community.sum()}件可落到社区" in files.text
    counted = files.now["street"].value_counts()
    assert (
        files.streets.set_index("name")["n"].to_dict()
        == counted.reindex(files.streets["name"], fill_value=0).to_dict()
    )
    assert files.communities["n"].sum() == in_community.sum()
    largest = files.streets.sort_values(["n", "code"], ascending=[False, True]).iloc[0]
    assert files.row("1", largest["name"], str(largest["n"]), str(largest["n_points"]))


def test_points_by_kind_and_stage(files):
    kinds = files.hotspots["kind"].value_counts()
    assert (
        f"共识别群诉点位{kinds.get('group', 0)}处、重复点位{kinds.get('repeat', 0)}处" in files.text
    )
    ranked = files.hotspots[files.hotspots["kind"] != "single_caller"]["lifecycle"]
    for stage, word in (("rebounding", "反弹"), ("intensifying", "加剧"), ("new", "新增")):
        if n := int((ranked == stage).sum()):
            assert f"{word}{n}处" in files.text
    year = files.between(END - pd.Timedelta(days=364), END)
    counted = year["hotspot_id"].value_counts()
    listed = files.hotspots.set_index("hotspot_id")["n"]
    pd.testing.assert_series_equal(
        counted.reindex(listed.index), listed, check_names=False, check_dtype=False
    )


def test_the_patrol_list(files):
    recent = files.between(END - pd.Timedelta(days=28), END)["hotspot_id"].value_counts()
    quarter = files.between(END - pd.Timedelta(days=91), END)
    open_ = quarter[quarter["解决"] == "否"]["hotspot_id"].value_counts()
    listed = files.patrol.set_index("点位编号")
    for column, counted in (("近28天件数", recent), ("近91天件数", None), ("未解决", open_)):
        ours = quarter["hotspot_id"].value_counts() if counted is None else counted
        assert ours.reindex(listed.index, fill_value=0).tolist() == listed[column].tolist()
    assert listed["排名"].is_monotonic_increasing
    assert len(listed) == len(set(listed.index)) <= 50


def test_sources_and_departments(files):
    for column in ("诉求来源", "主办单位"):
        for name, n in files.now[column].value_counts().head(5).items():
            assert f"{n}件·{100 * n / len(files.now):.2f}%" in files.text, name


def test_the_second_levels_of_the_five_largest_categories(files):
    top, shown = "", 0
    for first, second, n, share, _ in files.table("前五类的二、三级构成"):
        top = first or top
        ours = files.now[files.now["top"] == top]
        assert int(n) == (ours["second"] == second).sum()
        assert share == f"{100 * int(n) / len(ours):.2f}%"
        shown += 1
    assert shown >= 10


def test_hours_of_the_week(files):
    at = files.between(END - pd.Timedelta(days=91), END)["at"]
    hours = at.dt.hour.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    busiest = "、".join(f"{h}时" for h in sorted(hours.index[:3]))
    share = 100 * hours.iloc[:3].sum() / len(at)
    assert f"三个整点时段是{busiest}，合占{share:.1f}%" in files.text
    days = at.dt.day_of_week.value_counts()
    ratio = days[days.index < 5].sum() / 5 / (days[days.index >= 5].sum() / 2)
    assert f"日均诉求量是周末的{ratio:.1f}倍" in files.text


def test_a_holiday_beside_the_four_weeks_before(files):
    golden = pd.Timestamp("2019-10-01")
    days = len(files.between(golden, golden + pd.Timedelta(days=7))) / 7
    # The Mid-Autumn days of 13 to 15 September are holidays too, and left out.
    before = files.between(golden - pd.Timedelta(days=28), golden)["at"].dt.date.astype("str")
    quiet = before[~before.isin(["2019-09-13", "2019-09-14", "2019-09-15"])]
    assert files.row("国庆节")[2:5] == ["7", f"{days:.1f}", f"{len(quiet) / 25:.1f}"]


@pytest.mark.parametrize("caption", ["群诉问题点位", "高频诉求点位"])
def test_the_points_of_block_four(files, caption):
    now = files.now["hotspot_id"].value_counts()
    known = files.hotspots.set_index(["name", "category"])
    rows = files.table(caption)
    assert rows
    for _, name, category, _, _, n_now, n, callers, last, _ in rows:
        point = known.loc[(name, category)]
        assert int(n_now) == now.get(point["hotspot_id"], 0)
        assert (int(n), int(callers)) == (point["n"], point["n_callers"])
        at = pd.Timestamp(point["last_at"])
        assert last == f"{at.month}/{at.day}"


def test_the_communities_of_block_five(files):
    week = pd.Timedelta(days=7)
    now, then = (
        t["community"].value_counts() for t in (files.now, files.between(FIRST - week, FIRST))
    )
    points = files.communities.set_index("name")["n_points"]
    rows = files.table("诉求量居前的20个社区")
    assert len(rows) == 20
    for _, name, _, n, n_points, per, before, _ in rows:
        assert (int(n), int(before)) == (now[name], then.get(name, 0))
        assert int(n_points) == points[name]
        assert per == f"{now[name] / points[name]:.1f}"


@pytest.mark.parametrize(
    ("caption", "column"), [("各街道三率", "street"), ("承办单位三率", "主办单位")]
)
def test_the_ranking_by_the_three_rates(files, caption, column):
    scores = {}
    for rank, name, n, *shares, score in files.table(caption):
        ours = files.now[files.now[column] == name]
        assert int(n) == len(ours)
        total, least = 0.0, LEAST_ANSWERS
        for (answer, weight), share in zip(WEIGHTS.items(), shares, strict=True):
            asked = ours[answer][ours[answer] != ""]
            if len(asked):
                assert share.split() == [f"{100 * (asked == '是').mean():.1f}%", f"({len(asked)})"]
                total += 100 * weight * (asked == "是").mean()
            least = min(least, len(asked))
        assert score == "—" or abs(float(score) - total) <= 0.005 + 1e-9
        assert (rank in "*—") == (least < LEAST_ANSWERS)
        if least == LEAST_ANSWERS:
            scores[name] = (round(total, 6), int(rank.removeprefix("并列")))
    for score, rank in scores.values():
        better = sum(other > score for other, _ in scores.values())
        assert rank == better + 1 or column != "street"  # of departments the smaller are not shown


def test_hot_cells_and_clusters(files):
    hot = files.cells[files.cells["is_hot"]]
    share = 100 * hot["n"].sum() / files.cells["n"].sum()
    assert f"{len(files.cells)}个网格中有{len(hot)}个明显偏热" in files.text
    assert f"集中了有坐标诉求的{share:.1f}%" in files.text
    located = files.between(END - pd.Timedelta(days=91), END)["status"] == "located"
    assert files.cells["n"].sum() == located.sum()
    rows = files.table("新发聚集")
    told = [(int(r[4]), float(r[5]), int(r[6])) for r in rows]
    known = files.emerging[files.emerging["state"] != "scope_change"]
    there = {(n, round(e, 1), c) for n, e, c in
             zip(known["n"], known["expected"], known["n_callers"], strict=True)}  # fmt: skip
    assert rows
    assert set(told) <= there
    assert ("预警" in {r[8] for r in rows}) == (known["signal"] == "alarm").any()


def test_rebounds_and_rectifications(files):
    known = files.hotspots.set_index(["name", "category"])
    for _, name, category, _, n_now, n, _, days in files.table("反弹点位"):
        point = known.loc[(name, category)]
        assert int(days) == point["days_since_rectified"]
        assert int(n) == point["n"]
        assert int(n_now) == (files.now["hotspot_id"] == point["hotspot_id"]).sum()
    done = files.register[pd.to_datetime(files.register["整改日期"]) < END]
    assert f"台账所载整改共{len(done)}次" in files.text


def test_what_each_community_asks_for(files):
    rows = files.table("民意清单")
    counted = files.now["community"].value_counts()
    listed = files.page[files.page.index("民意清单</caption>") :]
    asides = "、".join(re.findall(r'<tr class="part">.*?<span>(.*?)</span>', listed))
    folded = [re.fullmatch(r"(.+) (\d+)/(\d+)", said).groups() for said in asides.split("、")]
    assert len(folded) >= 3
    assert len(rows) + len(folded) == (counted >= 3).sum()
    for name, n, about, _, open_ in [*rows, *((f, n, "", "", o) for f, n, o in folded)]:
        ours = files.now[files.now["community"] == name]
        assert int(n) == len(ours)
        assert int(open_) == ((ours["解决"] == "否") | (ours["满意"] == "否")).sum()
        if not about:
            assert ours["second"].fillna(ours["top"]).value_counts().max() == 1
        for category, k in re.findall(r"(?:^|、|和)([^、（]+)（(\d+)）", about):
            assert int(k) == (ours["second"].fillna(ours["top"]) == category).sum()
