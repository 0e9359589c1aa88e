"""The shareable set: nothing of fewer people than k leaves, by subtraction either."""

import itertools
import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from city import export
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots import pipeline
from geo_hotspots.cli import main
from geo_hotspots.config import Config
from geo_hotspots.deliver.public.month import count_month, public_month
from geo_hotspots.deliver.public.tree import people, shareable_counts
from geo_hotspots.deliver.run_check import check_run

LEVELS = ["street", "community", "cell"]
K = 3


@st.composite
def trees(draw):
    """Cases somewhere in a small tree, each known to some depth, by a few people."""
    rows = draw(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 3), st.integers(0, 9)),
                         min_size=1, max_size=40))  # fmt: skip
    table = [
        {"street": f"s{leaf // 4}", "community": f"c{leaf // 2}", "cell": f"x{leaf}",
         "person": f"p{who}", "depth": depth}
        for leaf, depth, who in rows
    ]  # fmt: skip
    frame = pd.DataFrame(table)
    for depth, level in enumerate(LEVELS, 1):
        frame[level] = frame[level].where(frame["depth"] >= depth).astype("str")
    return frame


def shown_sets(cases, counts):
    """Give the cases of every shown node as a row of zeros and ones."""
    rows = [np.ones(len(cases), int)] if len(counts[""]) else []
    for level in LEVELS:
        rows += [(cases[level] == value).to_numpy().astype(int) for value in counts[level].index]
    return np.array(rows).reshape(-1, len(cases))


@given(trees())
def test_no_difference_of_what_is_shown_is_of_few_people(cases):
    shown = shown_sets(cases, shareable_counts(cases, LEVELS, k=K))
    for size in range(1, min(4, len(shown)) + 1):
        for chosen in itertools.combinations(range(len(shown)), size):
            for signs in itertools.product((1, -1), repeat=size):
                told = np.array(signs) @ shown[list(chosen)]
                if told.any() and set(told) <= {0, 1}:  # a count of some cases, each once
                    assert cases["person"][told == 1].nunique() >= K


@given(trees())
def test_what_is_in_no_shown_node_below_is_of_nobody_or_of_enough(cases):
    counts = shareable_counts(cases, LEVELS, k=K)
    for depth, level in enumerate(["", *LEVELS]):
        for value in counts[level].index:
            mine = cases if not level else cases[cases[level] == value]
            below = [mine[b].isin(counts[b].index) for b in LEVELS[depth:]]
            rest = mine[~np.any([*below, np.zeros(len(mine), bool)], axis=0)]
            assert rest.empty or rest["person"].nunique() >= K


@given(trees())
def test_a_shown_count_is_the_true_count(cases):
    counts = shareable_counts(cases, LEVELS, k=K)
    for level in LEVELS:
        true = cases[level].value_counts()
        assert (counts[level] == true.reindex(counts[level].index)).all()


def test_nothing_is_withheld_without_need():
    cases = pd.DataFrame({"street": ["a"] * 6, "community": ["b"] * 3 + ["c"] * 3,
                          "person": list("uvwxyz")})  # fmt: skip
    counts = shareable_counts(cases, ["street", "community"], k=3)
    assert counts["community"].to_dict() == {"b": 3, "c": 3}


def test_a_single_small_part_takes_the_smallest_other_with_it():
    cases = pd.DataFrame({"street": ["a"] * 9 + ["b"] * 4 + ["c"] * 2,
                          "person": [f"p{i}" for i in range(15)]})  # fmt: skip
    counts = shareable_counts(cases, ["street"], k=3)
    assert counts["street"].to_dict() == {"a": 9}  # 15 - 9 - 4 would be 2
    assert counts[""].tolist() == [15]


def test_the_nameless_may_all_be_one_person_and_where_nobody_is_named_days_stand_for_people():
    days = pd.to_datetime(["2019-11-01 08:00", "2019-11-01 09:00", "2019-11-02 08:00"])
    some = pd.DataFrame({"caller": ["a", None, None], "reported_at": days})
    some["caller"] = some["caller"].astype("str")
    assert people(some).nunique() == 2
    assert people(some.assign(caller=pd.Series([None] * 3, dtype="str"))).nunique() == 2


@pytest.mark.parametrize(
    ("day", "label"),
    [("2019-11-30", "2019-11"), ("2019-11-29", "2019-10"), ("2020-01-01", "2019-12")],
)
def test_the_month_is_the_last_that_is_over(day, label):
    assert public_month(date.fromisoformat(day)).label == label


def november(n=240, seed=1):
    """Make cases of a month; one caller alone in one community, who could be subtracted."""
    rng = np.random.default_rng(seed)
    address = rng.choice(["雨花胡同8号", "幸福里西区2号楼", "东四十条甲22号"], n, p=[0.4, 0.3, 0.3])
    days = pd.Timestamp("2019-11-01") + pd.to_timedelta(rng.integers(0, 30, n), unit="D")
    frame = export(来电时间=list(days.strftime("%Y-%m-%d 10:00:00")), 问题点位=list(address))
    alone = export(
        来电时间=["2019-11-11 10:00:00"] * 4, 问题点位=["人民剧场"] * 4,
        问题分类=["隐私->家庭纠纷"] * 4, 工单编号=[f"ALONE{i}" for i in range(4)],
        来电号码=["13900000000"] * 4,
    )  # fmt: skip
    return pd.concat([frame, alone], ignore_index=True)


@pytest.fixture(scope="module")
def shared(city, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    november().to_csv(folder / "c.csv", index=False)
    request = pipeline.Request(
        (folder / "c.csv",), folder / "out", date(2019, 12, 2), as_of=date(2019, 12, 1),
        is_public=True,
    )  # fmt: skip
    return request, pipeline.run(request, city, Config(), salt=b"salt")


def rows(folder, name):
    return pd.read_csv(folder / name, encoding="utf-8-sig", dtype=str)


def test_the_set_is_of_the_last_whole_month_and_of_these_files(shared):
    folder = shared[1].public
    assert folder.name == "public-2019-11"
    assert {path.name for path in folder.iterdir()} == {
        "public.html", "run.json", "public_streets.csv", "public_communities.csv",
        "public_categories.csv", "public_cells.geojson", "public_cells.qml",
    }  # fmt: skip
    assert not any(check_run(folder, lang="en").values())


def test_the_lone_caller_cannot_be_had_from_the_set(shared):
    folder = shared[1].public
    streets = rows(folder, "public_streets.csv").set_index("street")["n"].astype(int)
    communities = rows(folder, "public_communities.csv")
    assert "东一社区" not in set(communities["name"])
    east = communities[communities["street"] == "东街道"]["n"].astype(int).sum()
    assert streets.get("东街道", east) - east in (0, *range(10, 1000))
    record = json.loads((folder / "run.json").read_text("utf-8"))
    assert record["cases"] == 244
    kinds = rows(folder, "public_categories.csv")
    assert kinds["n"].astype(int).sum() in (0, 244)
    page = (folder / "public.html").read_text("utf-8")
    assert "家庭纠纷" not in page + kinds.to_csv()


def test_the_set_says_what_it_leaves_out(shared):
    folder = shared[1].public
    record = json.loads((folder / "run.json").read_text("utf-8"))
    page = (folder / "public.html").read_text("utf-8")
    assert record["least_people"] == 10
    assert len(record["left_out"]) == 5
    for sentence in record["left_out"]:
        assert sentence in page


def test_the_set_holds_no_case_no_point_and_no_day(shared):
    folder, found = shared[1].public, shared[1].findings
    names = set(found.cases["case_id"]) | set(found.points["hotspot_id"])
    for path in folder.iterdir():
        text = path.read_text("utf-8-sig")
        assert not [name for name in names if name in text]
        assert "2019-11-" not in text
        assert "幸福里" not in text


def test_a_month_is_written_once(shared, city):
    request, done = shared
    same = pipeline.run(request, city, Config(), salt=b"salt")
    assert same.notes == done.notes
    before = (done.public / "public_streets.csv").read_bytes()
    november(300).to_csv(request.paths[0], index=False)
    later = pipeline.run(request, city, Config(), salt=b"salt")
    assert "两份相减会暴露少数人" in later.notes[-1].zh
    assert (done.public / "public_streets.csv").read_bytes() == before
    assert [path.name for path in done.public.parent.iterdir() if path.name[0] == "."] == []


def test_a_cell_lies_in_one_community(city):
    cases = pd.DataFrame({
        "reported_at": pd.Timestamp("2019-11-05"), "caller": [f"p{i}" for i in range(30)],
        "category_1": "甲", "street": "西街道",
        "community_code": ["990101001001"] * 18 + ["990101001002"] * 12,
        "cell": "8a31aa52a83ffff", "lng": 116.405, "lat": 39.91,
    })  # fmt: skip
    found = count_month(cases, city.communities, as_of=date(2019, 11, 30), resolution=9, k=10)
    assert found.cells["n"].tolist() == [18]  # not 30: the others are counted in their own
    assert found.cells["community"].tolist() == ["西一社区"]
    assert found.communities["n"].tolist() == [18, 12]
    assert found.total == 30


def test_with_too_few_people_the_set_is_empty_and_says_so(city, tmp_path):
    export(问题点位=["幸福里西区2号楼"] * 6).to_csv(tmp_path / "c.csv", index=False)
    request = pipeline.Request(
        (tmp_path / "c.csv",), tmp_path, date(2020, 1, 1), as_of=date(2019, 11, 30), is_public=True
    )
    folder = pipeline.run(request, city, Config(), salt=b"salt").public
    assert "没有可以给出的数" in (folder / "public.html").read_text("utf-8")
    assert json.loads((folder / "run.json").read_text("utf-8"))["cases"] is None


def test_the_threshold_cannot_be_lowered(tmp_path, capsys):
    (tmp_path / "c.toml").write_text("[privacy]\nmin_public = 9\n")
    with pytest.raises(SystemExit):
        main(["--lang", "en", "run", "x.csv", "--public", "--config", str(tmp_path / "c.toml")])
    assert "must lie between 10 and 1000" in capsys.readouterr().err
    assert replace(Config().privacy).min_public == 10
