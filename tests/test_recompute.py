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


class Files:
    """The files of a run, read as a stranger would."""

    def __init__(self, run):
        page = (run.folder / "report.html").read_text("utf-8")
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
        )
        self.now = self.between(FIRST, END)
        self.hotspots = self.layer(run, "hotspots")
        self.streets, self.communities = self.layer(run, "streets"), self.layer(run, "communities")
        self.patrol = pd.DataFrame(
            openpyxl.load_workbook(run.folder / "patrol.xlsx")["总表"].values
        ).pipe(lambda t: t[1:].set_axis(t.iloc[0].tolist(), axis=1))

    def between(self, start, end):
        return self.cases[(self.cases["at"] >= start) & (self.cases["at"] < end)]

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
