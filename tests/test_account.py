"""Whatever the files hold, every command accounts for every row that it read."""

import json
from datetime import date

import pandas as pd
import pytest
from city import export, write_pack
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_pipeline import ROW, SALT, weeks_of_cases

from geo_hotspots import pipeline
from geo_hotspots.backtesting import backtest
from geo_hotspots.cli import main
from geo_hotspots.config import Config
from geo_hotspots.feedback import take_feedback
from geo_hotspots.locating import locate
from geo_hotspots.places.packs.pack import read_pack
from geo_hotspots.schema import STATUSES

# Whole commands are too slow to shrink a failing example by; the rows as found say enough.
FEW = settings(
    max_examples=2,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
SOME = st.lists(ROW, min_size=1, max_size=8)
FILLER = 70  # weeks of one case each, so that a backtest has something to go by


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return write_pack(tmp_path_factory.mktemp("pack") / "small-city")


def written(rows, folder):
    """Write good cases with odd ones between them; give the path and how many rows there are."""
    days = pd.date_range("2018-08-20 10:00", periods=FILLER, freq="7D").strftime("%Y-%m-%d %H:%M")
    good = export(来电时间=list(days), 问题点位=["幸福里西区2号楼", "雨花胡同8号"] * (FILLER // 2))
    table = pd.concat([good, pd.DataFrame(rows)], ignore_index=True).fillna("")
    table.to_csv(folder / "cases.csv", index=False)
    blank = (pd.DataFrame(rows).map(str.strip) == "").all(axis=1).sum()
    return folder / "cases.csv", len(table) - int(blank)


def sums(account, n):
    assert set(account) == {"read", *STATUSES}
    assert account["read"] == n == sum(account[status] for status in STATUSES)


@FEW
@given(SOME)
def test_run_check_and_geocode_account_for_every_row_alike(pack, tmp_path_factory, capsys, rows):
    folder = tmp_path_factory.mktemp("any")
    cases, n = written(rows, folder)
    accounts = []
    for command in ("run", "check", "geocode"):
        to = {"run": ["--out", folder / "out"], "geocode": ["--out", folder / "ledger.csv"]}
        given = [command, cases, "--pack", pack, "--json", *to.get(command, [])]
        main([str(part) for part in given])
        accounts.append(json.loads(capsys.readouterr().out)["account"])
    for account in accounts:
        sums(account, n)
    assert accounts[0] == accounts[1] == accounts[2]
    assert len(pd.read_csv(folder / "ledger.csv", encoding="utf-8-sig")) == n


@FEW
@given(SOME)
def test_a_backtest_counts_the_cases_that_check_counts(pack, tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("any")
    cases, n = written(rows, folder)
    ours = read_pack(pack)
    found = locate([cases], ours, Config(), salt=SALT)
    sums({"read": found.account.n_read, **found.account.statuses}, n)
    asked = pipeline.Request((cases,), folder, date(2026, 1, 1))
    _, result = backtest(asked, ours, Config(), salt=SALT)
    usable = n - found.account.n_unusable
    assert len(found.cases) == usable
    assert 0 < result.rows["n_next"].max() <= usable


LINE = st.fixed_dictionaries(
    {
        "点位名称": st.sampled_from(["幸福里西区2号楼", "幸福里西区2栋", "不存在", "", "=1+1"]),
        "类别": st.sampled_from(["私装地锁", "停车管理/私装地锁", "没有这类", ""]),
        "整改日期": st.sampled_from(["2019-12-01", "2019年12月2日", "昨天", ""]),
        "整改内容": st.sampled_from(["拆除", "加装\n护栏", ""]),
    }
)


@pytest.fixture(scope="module")
def history(city, tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    weeks_of_cases().to_csv(folder / "cases.csv", index=False)
    asked = pipeline.Request(
        (folder / "cases.csv",), folder, date(2026, 1, 1), history=folder / "h.duckdb"
    )
    pipeline.run(asked, city, Config(), salt=SALT)
    return folder / "h.duckdb"


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINE, min_size=1, max_size=8))
def test_feedback_accounts_for_every_line_of_a_register(history, city, tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("register") / "register.csv"
    pd.DataFrame(lines).to_csv(path, index=False)
    done = take_feedback([path], history, city, Config())
    n = sum(any(line.values()) for line in lines)
    assert sum(vars(done.rectifications).values()) + len(done.problems) == n
    assert done.problems["row"].is_unique
