"""A plain frame to places; a sheet to label by hand, and what a labelled one says."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from city import export, write_pack

import geo_hotspots
from geo_hotspots.cli import main
from geo_hotspots.config import Config
from geo_hotspots.errors import InputError
from geo_hotspots.geocoding import sample_to_label, score_sheet
from geo_hotspots.places.labelled import score_labelled, wilson
from geo_hotspots.places.packs.pack import read_pack
from geo_hotspots.schema import PLACED, SAMPLE_COLUMNS

# --- frames


def test_a_frame_keeps_its_rows_index_and_columns_and_gains_a_place(city):
    frame = pd.DataFrame(
        {"诉求地址": ["幸福里西区2栋", "反映工资", None], "lng": ["x", "y", "z"]}, index=[7, 3, 5]
    )
    placed = geo_hotspots.geocode(frame.drop(columns="lng"), city)
    assert list(placed.index) == [7, 3, 5]
    assert placed["place_id"].fillna("").tolist() == ["B1", "", ""]
    assert placed["place_status"].tolist()[1:] == ["no_place_in_text"] * 2
    assert len(placed.columns) == 1 + len(PLACED.columns)


def test_in_a_pack_in_hand_too_no_slip_begins_inside_the_district_s_own_name():
    pack = read_pack("dongcheng")
    office = pack.places.head(1).assign(id="X1", name="东城区委", aliases="", type="poi")
    more = replace(pack, places=pd.concat([pack.places, office], ignore_index=True))
    texts = ["东城区委门前", "东城区崇文门外街道老柳树巷7号楼", "东城区老柳树巷7号楼"]
    placed = geo_hotspots.geocode(pd.DataFrame({"地址": texts}), more)
    assert placed["place_id"].eq("X1").tolist() == [True, False, False]


def test_a_frame_needs_no_time_and_nothing_of_it_is_changed(city):
    frame = pd.DataFrame({"content": ["幸福里西区2号楼漏水", "雨花胡同3号堆物"]})
    before = frame.copy()
    first = geo_hotspots.geocode(frame, city)
    pd.testing.assert_frame_equal(frame, before)
    again = geo_hotspots.geocode(first, city)
    pd.testing.assert_frame_equal(again, first)


def test_coordinates_and_texts_of_a_frame_are_weighed_together(city):
    n = 40
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"经度": rng.uniform(116.401, 116.419, n), "纬度": rng.uniform(39.901, 39.919, n),
         "社区": ["西一社区"] * n}
    )  # fmt: skip
    placed = geo_hotspots.geocode(frame, city, lang="en")
    assert set(placed["place_status"]) <= {"located", "area_only", "datum_unknown"}
    assert placed["place_lng"].notna().all()


def test_an_empty_frame_is_given_back_empty(city):
    assert geo_hotspots.geocode(pd.DataFrame({"地址": pd.Series([], dtype="str")}), city).empty


def test_a_frame_that_says_nowhere_is_refused(city):
    with pytest.raises(InputError, match="DataFrame has no column for the place"):
        geo_hotspots.geocode(pd.DataFrame({"备注": ["x"]}), city)


def test_a_header_can_be_named_that_nobody_would_recognise(city):
    frame = pd.DataFrame({"哪里": ["幸福里西区2号楼"]})
    placed = geo_hotspots.geocode(frame, city, columns={"address": "哪里"})
    assert placed["place_id"].tolist() == ["B1"]


# --- samples


def cases(n=300, seed=1):
    rng = np.random.default_rng(seed)
    located = rng.random(n) < 0.9
    return pd.DataFrame(
        {"source": "a.csv", "row": np.arange(n) + 2, "case_id": [f"A{i}" for i in range(n)],
         "status": np.where(located, "located", "no_place_in_text"), "level": "building",
         "place_id": "B1", "place_name": "幸福里西区2号楼", "street": "西街道",
         "community": "西二社区", "lng": 116.4, "lat": 39.9,
         "score": np.where(located, rng.choice([0.55, 0.75, 0.97], n, p=[0.05, 0.15, 0.8]), 0.0)}
    )  # fmt: skip


def test_a_sample_is_even_over_the_bands_and_its_weights_add_up_to_all_rows():
    sheet = sample_to_label(cases(), 40)
    assert list(sheet.columns) == list(SAMPLE_COLUMNS)
    assert len(sheet) == 40
    drawn = sheet.groupby(["place_status", "place_score"]).size()
    there = cases().groupby(["status", "score"]).size()
    assert drawn.to_numpy() == pytest.approx(np.minimum(there.to_numpy(), 11), abs=1)
    assert sheet["weight"].sum() == pytest.approx(300, abs=0.01)
    assert sheet["row"].is_monotonic_increasing


def test_a_sample_larger_than_the_cases_is_all_of_them():
    assert sample_to_label(cases(20), 100)["weight"].eq(1).all()


# --- labelled sheets


def labelled(**truth):
    n = len(next(iter(truth.values())))
    placed = pd.DataFrame(
        {"status": "located", "level": "building", "street": "西街道", "community": "西二社区",
         "place_id": "B1", "lng": 116.4045, "lat": 39.9145, "score": 0.97}, index=range(n)
    )  # fmt: skip
    return placed, pd.DataFrame(truth)


def test_a_share_has_wilsons_interval():
    placed, truth = labelled(true_community=["西二社区"] * 98 + ["东一社区"] * 2)
    total, band = score_labelled(placed, truth).right
    assert (total.share, total.n) == (0.98, 100)
    assert (total.low, total.high) == pytest.approx(wilson(98, 100))
    assert (band.label, band.n) == ("0.95-1", 100)


def test_weights_count_in_shares_and_widen_their_intervals():
    truth = {"true_community": ["西二社区"] * 50 + ["东一社区"] * 50}
    even = score_labelled(*labelled(**truth)).right[0]
    weighed = score_labelled(*labelled(**truth, weight=[9.0] * 50 + [1.0] * 50)).right[0]
    assert (even.share, weighed.share) == (0.5, 0.9)
    effective = 500**2 / (50 * 81 + 50)
    assert (weighed.low, weighed.high) == pytest.approx(wilson(0.9 * effective, effective))


def test_a_point_alone_is_right_within_a_hundred_metres():
    lat = [39.9145, 39.9145 + 90 / 111_195, 39.9145 + 150 / 111_195]
    scores = score_labelled(*labelled(true_lng=[116.4045] * 3, true_lat=lat))
    assert scores.right[0].share == pytest.approx(2 / 3)
    assert scores.error_m == pytest.approx((90, 138), abs=1)


def test_rows_that_a_person_cannot_place_count_as_false_when_they_are_placed():
    scores = score_labelled(*labelled(true_street=["西街道", None, None]))
    assert (scores.hit.n, scores.false.n, scores.false.share) == (1, 2, 1.0)


def test_a_sheet_without_any_truth_is_refused():
    with pytest.raises(InputError, match="no row has a truth"):
        score_labelled(*labelled(true_street=[None, None]))


def test_former_names_count_as_the_present_ones(city):
    areas = city.communities.assign(aliases=city.communities["aliases"])
    assert not areas.empty
    table = pd.DataFrame({"地址": ["幸福里西区2号楼"], "真实社区": ["990101001002"]})
    assert score_sheet(table, city, Config()).right[0].share == 1.0


# --- the command line


@pytest.fixture
def pack(tmp_path):
    return write_pack(tmp_path / "packs" / "small-city")


def test_a_sheet_in_chinese_goes_out_with_its_texts_where_asked_and_comes_back(
    pack, tmp_path, capsys
):
    places = ["幸福里西区2号楼", "=1+1", "雨花胡同3号"]
    export(问题点位=places).to_csv(tmp_path / "cases.csv", index=False)
    sheet = tmp_path / "sheet.csv"
    main(["geocode", str(tmp_path / "cases.csv"), "--pack", str(pack), "--sample", "3",
          "--with-text", "--out", str(sheet)])  # fmt: skip
    table = pd.read_csv(sheet, dtype="str")
    assert table["原地址"].tolist() == ["幸福里西区2号楼", "'=1+1", "雨花胡同3号"]
    assert table["定位结果"].tolist() == ["已定位", "未写地点", "已定位（待核）"]
    table["真实社区"] = table["定位社区"]
    table.to_csv(sheet, index=False)
    capsys.readouterr()
    main(["geocode", "--labelled", str(sheet), "--pack", str(pack), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert (said["hit"]["share"], said["right"][0]["share"]) == (1.0, 1.0)


def test_a_sheet_goes_out_is_filled_in_and_scored(pack, tmp_path, capsys):
    places = ["幸福里西区2号楼"] * 8 + ["雨花胡同3号"] * 4 + ["工资问题"] * 8
    export(问题点位=places).to_csv(tmp_path / "cases.csv", index=False)
    sheet = tmp_path / "sheet.csv"
    main(["geocode", str(tmp_path / "cases.csv"), "--pack", str(pack), "--sample", "20",
          "--out", str(sheet), "--lang", "en"])  # fmt: skip
    capsys.readouterr()
    assert "工资问题" not in sheet.read_text("utf-8")
    table = pd.read_csv(sheet, dtype="str")
    table["true_community"] = table["place_community"].fillna("东一社区")
    table["true_street"] = "东街道"
    table.to_csv(sheet, index=False)
    main(["geocode", "--labelled", str(sheet), "--pack", str(pack), "--lang", "en"])
    printed = capsys.readouterr()
    assert printed.out.startswith("placed: 60.0%")
    assert "of these right: 100.0%" in printed.out
    assert "score 0.95-1: 100.0%" in printed.out
    assert "fewer than 85 % are placed" in printed.err
    assert "东街道 8" in printed.err
    anew = ["geocode", str(tmp_path / "cases.csv"), "--labelled", str(sheet)]
    main([*anew, "--pack", str(pack), "--json"])
    assert json.loads(capsys.readouterr().out)["hit"]["share"] == pytest.approx(0.6)


def test_a_sheet_of_other_cases_is_refused(city):
    table = pd.DataFrame({"source": ["a.csv"], "row": ["999"], "true_street": ["西街道"]})
    with pytest.raises(InputError, match=r"a\.csv#999 of the sheet is none of the cases"):
        score_sheet(table, city, Config(), cases())
    with pytest.raises(InputError, match="no columns source and row"):
        score_sheet(table.drop(columns="row"), city, Config(), cases())


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--labelled", "a.csv", "--out", "b.csv"], "not with --out or --sample"),
        (["--out", "b.csv"], "needs cases and --out"),
        (["cases.csv"], "needs cases and --out"),
    ],
)
def test_what_does_not_go_together_is_refused(args, said, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--lang", "en", "geocode", *args])
    assert said in capsys.readouterr().err
