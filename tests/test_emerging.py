import geopandas as gpd
import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from geo_hotspots.hotspots.areas.cells import lay_grid
from geo_hotspots.hotspots.areas.clusters import ALL, begin_scans, describe_emerging
from geo_hotspots.hotspots.areas.emerging import (
    MAX_SHARE,
    MAX_WEEKS,
    chance_of,
    disks_of,
    scan_cases,
)
from geo_hotspots.hotspots.points.callers import weigh_cases
from geo_hotspots.schema import EMERGING_COLUMNS

AS_OF = pd.Timestamp("2019-12-29")
WEEKS = 52
CELLS = pd.Index(np.array(sorted(h3.grid_disk(h3.latlng_to_cell(39.9, 116.4, 10), 8)), np.uint64))
DISKS = disks_of(CELLS)
CENTRE = int(CELLS.get_loc(h3.latlng_to_cell(39.9, 116.4, 10)))


def quiet_city(seed, n=800):
    """Places that differ, weeks that differ, and nothing between them."""
    rng = np.random.default_rng(seed)
    place, week = rng.gamma(0.5, size=len(CELLS)), rng.gamma(10, size=WEEKS)
    row = rng.choice(len(CELLS), n, p=place / place.sum())
    return row, rng.choice(WEEKS, n, p=week / week.sum())


def with_burst(row, age, extra, at=CENTRE, weeks=2):
    return np.append(row, [at] * extra), np.append(age, np.arange(extra) % weeks)


def best_chance(row, age):
    return min(scan_cases(row, age, DISKS, weeks=WEEKS)["pvalue"], default=1.0)


def test_a_burst_is_found_where_and_since_when_it_is():
    found = scan_cases(*with_burst(*quiet_city(1), 10), DISKS, weeks=WEEKS)
    best = found.iloc[0]
    assert best["centre"] == CENTRE
    assert best["weeks"] == 2
    assert best["n"] >= 10
    assert best["pvalue"] < 1e-3


def test_the_score_is_the_likelihood_ratio_of_its_definition():
    row, age = with_burst(*quiet_city(2), 12)
    best = scan_cases(row, age, DISKS, weeks=WEEKS).iloc[0]
    inside = DISKS.members[[best["disk"]]].toarray()[0][row] > 0
    recent, n = age < best["weeks"], len(row)
    c, e = (inside & recent).sum(), inside.sum() * recent.sum() / n
    assert best["n"] == c
    assert best["expected"] == pytest.approx(e)
    ratio = c * np.log(c / e) + (n - c) * np.log((n - c) / (n - e))
    assert best["ratio"] == pytest.approx(ratio, abs=1e-9)


def test_no_disk_of_the_definition_scores_higher():
    row, age = with_burst(*quiet_city(3, 300), 6)
    best, n = scan_cases(row, age, DISKS, weeks=WEEKS).iloc[0], len(row)
    inside = DISKS.members.toarray()[:, row] > 0
    for weeks in range(1, MAX_WEEKS + 1):
        c = inside[:, age < weeks].sum(axis=1)
        e = inside.sum(axis=1) * (age < weeks).sum() / n
        fits = (c >= 3) & (c > e + 2 * np.sqrt(e)) & (inside.sum(axis=1) <= MAX_SHARE * n)
        c, e = c[fits], e[fits]
        ratio = c * np.log(c / e) + (n - c) * np.log((n - c) / (n - e))
        assert ratio.max(initial=0) <= best["ratio"] + 1e-9


def test_clusters_share_no_cell_and_the_strongest_comes_first():
    row, age = with_burst(*quiet_city(4), 12)
    far = int(CELLS.get_loc(h3.grid_ring(int(CELLS[CENTRE]), 7)[0]))
    found = scan_cases(*with_burst(row, age, 10, at=far), DISKS, weeks=WEEKS)
    assert set(found["centre"].head(2)) == {CENTRE, far}
    assert found["ratio"].is_monotonic_decreasing
    members = DISKS.members[found["disk"].to_numpy()].toarray()
    assert members.sum(axis=0).max() == 1


def test_a_busy_week_and_a_busy_place_are_no_news():
    row, age = quiet_city(5)
    everywhere = np.random.default_rng(0).choice(row, 400)
    assert best_chance(np.append(row, everywhere), np.append(age, [0] * 400)) > 0.02
    always = np.arange(520) % WEEKS
    assert best_chance(np.append(row, [CENTRE] * 520), np.append(age, always)) > 0.02


def test_quiet_cities_rarely_show_a_cluster():
    chances = [best_chance(*quiet_city(seed)) for seed in range(60)]
    assert sum(p <= 0.05 for p in chances) <= 8  # 5 % of 60 and three standard errors


@settings(max_examples=10)
@given(st.permutations(range(60)))
def test_the_order_of_the_cases_and_of_the_run_changes_nothing(order):
    row, age = with_burst(*quiet_city(6, 50), 10)
    mixed = scan_cases(row[order], age[order], DISKS, weeks=WEEKS)
    straight = scan_cases(row, age, DISKS, weeks=WEEKS)
    pd.testing.assert_frame_equal(
        mixed.drop(columns="pvalue").head(1), straight.drop(columns="pvalue").head(1)
    )
    again = scan_cases(row, age, DISKS, weeks=WEEKS)
    pd.testing.assert_frame_equal(again, straight)


def test_many_cases_do_not_overflow_small_numbers():
    row, age = quiet_city(7, 40_000)
    best = scan_cases(*with_burst(row, age, 300), DISKS, weeks=WEEKS).iloc[0]
    assert best["centre"] == CENTRE
    assert best["pvalue"] < 1e-6


@pytest.mark.parametrize(("n", "weeks"), [(0, 52), (2, 52), (800, 11)])
def test_too_few_cases_or_weeks_say_nothing(n, weeks):
    assert scan_cases(*quiet_city(8, n), DISKS, weeks=weeks).empty


def test_beyond_the_shuffles_the_gumbel_tail_speaks():
    rng = np.random.default_rng(1)
    highest = rng.gumbel(5, 1.2, 999)
    score = np.array([4.0, 8.0, 12.0, 20.0])
    true = -np.expm1(-np.exp(-(score - 5) / 1.2))
    chance = chance_of(score, highest)
    np.testing.assert_allclose(chance[:2], true[:2], rtol=0.25)
    assert 0.3 < np.log(chance[3]) / np.log(true[3]) < 1.3
    assert (np.diff(chance) < 0).all()


def test_without_any_spread_the_share_of_shuffles_is_the_chance():
    assert chance_of(np.array([3.0]), np.zeros(999))[0] == pytest.approx(0.001)


# --- as users meet them

AREA = box(116.40, 39.90, 116.42, 39.915)
COMMUNITIES = gpd.GeoDataFrame(
    {"name": ["西社区", "东社区"]},
    geometry=[box(116.40, 39.90, 116.41, 39.915), box(116.41, 39.90, 116.42, 39.915)],
    crs="EPSG:4326",
)
GRID = lay_grid(AREA, COMMUNITIES, resolution=10)
HOT = GRID.cells.index[len(GRID.cells) // 2]
NAMES = pd.DataFrame({"hotspot_id": ["P1"], "name": ["幸福里2号楼"]})


def city_cases(seed=1, n=600):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({
        "case_id": [f"A{i:04d}" for i in range(n)],
        "cell": rng.choice(GRID.cells.index, n),
        "reported_at": AS_OF - pd.to_timedelta(rng.integers(0, 364, n), "D"),
        "caller": [f"c{i}" for i in range(n)],
        "category_1": rng.choice(["物业", "环卫"], n),
        "hotspot_id": pd.Series(None, index=range(n), dtype="str"),
    }).assign(group=lambda c: c["category_1"] + "/其他")  # fmt: skip


def burst(n=10, *, days=(0, 12), caller="b{}", category="市政/积水"):
    return pd.DataFrame({
        "case_id": [f"B{i:04d}" for i in range(n)], "cell": HOT,
        "reported_at": AS_OF - pd.to_timedelta(np.linspace(*days, n).astype(int), "D"),
        "caller": [caller.format(i) for i in range(n)], "category_1": category.split("/")[0],
        "group": category, "hotspot_id": "P1",
    })  # fmt: skip


def emerging(*parts, shifted=(), lang="zh", names=NAMES, **options):
    cases = pd.concat(parts, ignore_index=True)
    cases["weight"] = weigh_cases(cases.assign(spot=cases["cell"], is_echo=False))
    asked = {"alone": frozenset(cases["group"]), "min_callers": 3} | options
    scans = begin_scans(cases, GRID, as_of=AS_OF, alone=asked["alone"], shifted=shifted)
    return describe_emerging(
        scans, cases, names, GRID, as_of=AS_OF, min_callers=asked["min_callers"], lang=lang
    )


@pytest.fixture(scope="module")
def found():
    return emerging(city_cases(), burst(category="物业/漏雨"), burst(3, days=(100, 300)))


def test_a_group_that_is_not_scanned_alone_counts_among_all():
    parts = (city_cases(), burst(category="物业/其他"))
    assert set(emerging(*parts)["category"]) == {ALL, "物业/其他"}
    assert set(emerging(*parts, alone={"环卫/其他"})["category"]) == {ALL}


def test_a_cluster_says_where_since_when_and_which_cases(found):
    assert (*found.columns,) == (*EMERGING_COLUMNS, "geometry")
    mine = found[found["category"] == ALL].iloc[0]
    assert {f"B{i:04d}" for i in range(10)} <= set(mine["case_ids"].split())
    assert len(mine["case_ids"].split()) == mine["n"]
    assert mine["cell"] == HOT
    assert mine["community"] == GRID.cells.loc[HOT, "community"]
    assert mine["geometry"].contains(GRID.outlines[HOT].centroid)
    assert mine["first_at"] >= AS_OF - pd.Timedelta(weeks=mine["weeks"])
    assert mine["signal"] == "alarm"
    assert mine["recurrence_weeks"] == pytest.approx(min(1000, 1 / mine["pvalue"] / 5))  # 5 scans


def test_a_cluster_says_what_drives_it(found):
    assert "物业/漏雨 10件" in found.iloc[0]["drivers"]
    assert "幸福里2号楼 10件" in found.iloc[0]["drivers"]
    own = found[found["category"] == "物业/漏雨"]
    assert not own["drivers"].str.contains("物业/漏雨").any()  # the category says that


def test_a_cluster_without_a_listed_point_says_what_it_is_about_alone():
    cases = pd.concat([city_cases(), burst(category="物业/漏雨")], ignore_index=True)
    cases = cases.astype({"caller": "category"})  # as the analysis has them
    assert emerging(cases, names=NAMES.head(0)).iloc[0]["drivers"] == "物业/漏雨 10件"


def test_what_one_or_two_people_complained_of_is_not_named():
    one = burst(1, days=(1, 1), category="家庭/纠纷").assign(caller="alone", hotspot_id="P2")
    two = burst(2, days=(1, 2), category="房屋/群租").assign(hotspot_id="P2")
    named = pd.Series({"P2": "某处3号楼"}).rename_axis("hotspot_id").rename("name").reset_index()
    cases = pd.concat([city_cases(), burst(category="物业/漏雨"), one, two], ignore_index=True)
    first = emerging(cases, names=pd.concat([NAMES, named])).iloc[0]
    assert "物业/漏雨 10件" in first["reason"]
    assert "某处3号楼 3件" in first["drivers"]  # three people
    assert not any(word in first["reason"] for word in ("纠纷", "群租"))


def test_the_reason_is_a_sentence_in_both_languages():
    new = burst(days=(0, 5))
    zh, en = (emerging(city_cases(), new, lang=lang).iloc[0]["reason"] for lang in ("zh", "en"))
    assert zh.startswith("近1周10人10件，按本处以往和全区近况应有")
    assert "新出现" in zh
    assert en.startswith("10 cases by 10 callers in the last week, ")
    assert "; by chance once in " in en


def test_what_was_there_a_week_ago_is_ongoing():
    new = emerging(city_cases(), burst(days=(0, 5)))
    old = emerging(city_cases(), burst(20, days=(0, 20)))
    assert set(new["state"]) == {"new"}
    assert set(old["state"]) == {"ongoing"}


def test_one_person_is_no_cluster():
    assert emerging(city_cases(), burst(10, days=(0, 3), caller="same")).empty
    everyday = burst(12, days=(0, 40), caller="same")
    assert emerging(city_cases(), everyday).empty  # few people, however many weeks


def test_a_category_whose_counting_changed_makes_no_news():
    joined = city_cases(2, 60).assign(category_1="市场", group="市场/消费")
    joined["reported_at"] = AS_OF - pd.Timedelta(days=3)
    merged = pd.concat([burst(12, days=(0, 20), category="市场/消费"), joined])
    rain = burst(14, days=(0, 5)).assign(cell=GRID.cells.index[3])
    unknown = emerging(city_cases(), merged, rain)
    known = emerging(city_cases(), merged, rain, shifted={"市场"})
    assert "scope_change" not in set(unknown["state"])
    assert dict(zip(known["cell"], known["state"], strict=True)) == {
        HOT: "scope_change", GRID.cells.index[3]: "new",
    }  # fmt: skip


def test_clusters_of_few_people_are_not_shown(found):
    assert found["n_callers"].min() >= 3
    shown = emerging(city_cases(), burst(), min_callers=11)
    assert shown.empty
    assert shown.crs.to_epsg() == 4326
    assert (*shown.columns,) == (*EMERGING_COLUMNS, "geometry")


def test_a_short_file_has_no_clusters():
    cases = city_cases().query("reported_at > '2019-11-20'")
    assert emerging(cases, burst()).empty
    assert emerging(cases.iloc[:0]).empty
