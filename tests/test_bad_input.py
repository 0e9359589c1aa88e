"""What the command line makes of bad exports: one clear line and status 3, or rows with reasons."""

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from city import export, write_pack

from geo_hotspots.cli import main
from geo_hotspots.words import Words

N = 12


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return write_pack(tmp_path_factory.mktemp("pack") / "small-city")


@pytest.fixture
def say(capsys, monkeypatch):
    """Give a command to the command line; get its status, its results and its messages back."""
    monkeypatch.delenv("GEO_HOTSPOTS_LANG", raising=False)
    monkeypatch.setenv("LANGUAGE", "zh")  # the command line sets it; this puts it back

    def ask(*args):
        status = 0
        try:
            main([str(arg) for arg in args])
        except SystemExit as left:
            status = left.code
        said = capsys.readouterr()
        return status, said.out, said.err

    return ask


def cases(**columns):
    """Make an export of twelve good cases, with some columns spoilt."""
    plain = {"问题点位": ["幸福里西区2号楼"] * N, "被反映街乡镇": ["西街道"] * N}
    return export(**plain | columns)


def csv(table, *, encoding="utf-8", note=""):
    return (note + table.to_csv(index=False)).encode(encoding)


def without(name, **columns):
    return cases().drop(columns=name).assign(**columns)


TIMES = list(cases()["来电时间"])

# What is given -> its bytes, the values that the line names, the way out in Chinese and English.
UNUSABLE = {
    "no file": (None, ["cases.csv"], "检查路径", "check the path"),
    "an empty file": (b"", ["cases.csv"], "重新导出", "export it again"),
    "a blank file": (b"\xef\xbb\xbf \r\n\r\n", ["cases.csv"], "重新导出", "export it again"),
    "a binary": (bytes(range(256)) * 9, ["cases.csv"], "请给 CSV", "give CSV"),
    "an image": (b"\x89PNG\r\n\x1a\n" + bytes(64), ["cases.csv"], "请给 CSV", "give CSV"),
    "a torn workbook": (b"PK\x03\x04" + b"x" * 99, ["cases.csv"], "重新导出", "export it again"),
    "a torn Parquet file": (b"PAR1" + b"x" * 99, ["cases.csv"], "重新导出", "export it again"),
    "a web page": (b"<html><table>", ["cases.csv"], "另存为 xlsx", "save it as xlsx"),
    "no known encoding": (
        "工单编号,来电时间\n".encode() + b"\xff\xff\xff\n", ["cases.csv", "GB18030"],
        "另存为 UTF-8", "save it as UTF-8",
    ),
    "no column of times": (
        csv(without("来电时间", 来电的时刻=TIMES)), ["cases.csv", "来电的时刻"],
        '[cases.columns] reported_at = "来电的时刻"', '[cases.columns] reported_at = "来电的时刻"',
    ),
    "no column of places": (
        csv(without(["问题点位", "被反映街乡镇"], 出事地址="幸福里")), ["cases.csv", "出事地址"],
        '[cases.columns] address = "出事地址"', '[cases.columns] address = "出事地址"',
    ),
    "two columns of one meaning": (
        csv(without("来电时间", 受理时间=TIMES, 登记时间=TIMES)), ["受理时间", "登记时间"],
        '[cases.columns] reported_at = "受理时间"', '[cases.columns] reported_at = "受理时间"',
    ),
    "one header twice": (
        csv(cases().rename(columns={"工单编号": "来电时间"})), ["cases.csv", "来电时间"],
        "改名", "rename",
    ),
    "a header and nothing below": (
        csv(cases().head(0)), ["cases.csv"], "表头下面", "below the header",
    ),
    "no time that is one": (
        csv(cases(来电时间=["0000-00-00"] * N)), ["0000-00-00", str(N)],
        "cases.max_rejected_share", "cases.max_rejected_share",
    ),
    "no time of this age": (
        csv(cases(来电时间=["1066-10-14"] * N)), ["1066-10-14", str(N)],
        "cases.max_rejected_share", "cases.max_rejected_share",
    ),
    "a quotation mark without its other": (
        csv(cases()) + b'"2019-11-01,never closed\n', ["cases.csv", str(N + 2)],
        "另存为 xlsx", "save the file as xlsx",
    ),
}  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("bad", UNUSABLE.values(), ids=UNUSABLE)
def test_what_cannot_be_used_is_refused_in_one_line_and_leaves_nothing(
    tmp_path, pack, say, bad, lang
):
    data, values, zh, en = bad
    path = tmp_path / "cases.csv"
    if data is not None:
        path.write_bytes(data)
    given = (path, "--pack", pack, "--lang", lang)
    status, results, messages = say("run", *given, "--out", tmp_path / "out")
    assert say("check", *given) == (status, results, messages)
    assert status == 3
    assert results == ""
    progress, line = messages.splitlines()[:-1], messages.splitlines()[-1]
    assert all(step.startswith("·") for step in progress)
    assert line.startswith("geo-hotspots: ")
    for wanted in [*values, zh if lang == "zh" else en]:
        assert wanted in line
    assert sorted(tmp_path.iterdir()) == ([] if data is None else [path])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_folder_and_a_file_given_twice_are_refused_by_name(tmp_path, pack, say, lang):
    path = tmp_path / "cases.csv"
    path.write_bytes(csv(cases()))
    for given, way in (
        ([tmp_path], ("不是成果文件夹", "is no run folder")),
        ([path, path], ("给了两次", "is given twice")),
    ):
        status, results, messages = say("check", *given, "--pack", pack, "--lang", lang)
        assert (status, results) == (3, "")
        line = messages.splitlines()[-1]
        assert given[0].name in line
        assert way[lang == "en"] in line


@pytest.mark.parametrize("what", ["no file", "two columns of one meaning"])
def test_one_bad_file_among_good_ones_stops_the_run(tmp_path, pack, say, what):
    good, bad = tmp_path / "good.csv", tmp_path / "cases.csv"
    good.write_bytes(csv(cases()))
    if UNUSABLE[what][0] is not None:
        bad.write_bytes(UNUSABLE[what][0])
    status, _, messages = say("run", good, bad, "--pack", pack, "--out", tmp_path / "out")
    assert status == 3
    assert "cases.csv" in messages.splitlines()[-1]
    assert not (tmp_path / "out").exists()


@pytest.fixture
def run(tmp_path, pack, say):
    """Run the whole way on bytes that can be used; give the ledger and all that was said."""

    def whole_way(data, *, lang="zh", name="cases.csv"):
        path, out = tmp_path / name, tmp_path / "out"
        path.write_bytes(data)
        given = (path, "--pack", pack, "--lang", lang, "--json")
        status, results, messages = say("run", *given, "--out", out, "--no-history")
        assert status == 0, messages
        summary = json.loads(results)
        account = summary["account"]
        ledger = pd.read_csv(Path(summary["folder"]) / "ledger.csv", encoding="utf-8-sig")
        assert len(ledger) == account.pop("read") == sum(account.values())
        assert ledger["status"].value_counts().to_dict() == {s: n for s, n in account.items() if n}
        assert ledger["explanation"].notna().all()
        assert [path for path in out.rglob("*") if ".part" in path.name] == []
        status, results, _ = say("check", *given)
        assert status == 0
        assert json.loads(results)["account"] == {"read": len(ledger), **account}
        return ledger, summary["notes"]

    return whole_way


# What stands where a time should -> its reason in the ledger.
REASONS = {
    "昨天下午": Words("来电时间不是时间", "is not a time"),
    "": Words("来电时间为空", "there is no time"),
    "2019-13-45 08:00:00": Words("2019-13-45 08:00:00", "2019-13-45 08:00:00"),
    "1819-11-05": Words("1819-11-05", "1819-11-05"),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_row_whose_time_is_none_stands_in_the_ledger_with_its_reason(run, lang):
    ledger, _ = run(csv(cases(来电时间=[*TIMES[len(REASONS) :], *REASONS])), lang=lang)
    bad = ledger.tail(len(REASONS))
    assert bad["row"].tolist() == list(range(N - len(REASONS) + 2, N + 2))
    assert bad["status"].eq("rejected").all()
    assert bad["level"].eq("none").all()
    for reason, told in zip(REASONS.values(), bad["explanation"], strict=True):
        assert reason.say(lang) in told
    assert not ledger["explanation"].str.contains("昨天").any()  # a caller may have said it
    assert ledger["status"].head(N - len(REASONS)).eq("located").all()


# Longitude and latitude -> why they were not used.
FAULTS = {
    ("0", "0"): Words("坐标为零", "coordinates are zero"),
    ("200", "39.9"): Words("坐标超出范围", "coordinates out of range"),
    ("448000", "4417000"): Words("投影", "projected metres"),
    ("abc", "39.9"): Words("没有文字", "there is no text"),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_row_whose_coordinates_are_out_of_range_says_so_and_is_placed_nowhere(run, lang):
    n = N - len(FAULTS)
    places = ["幸福里西区2号楼"] * n + [""] * len(FAULTS)
    lng, lat = ([""] * n + [point[axis] for point in FAULTS] for axis in (0, 1))
    columns = cases(问题点位=places, 被反映街乡镇=places, 经度=lng, 纬度=lat)
    ledger, _ = run(csv(columns), lang=lang)
    bad = ledger.tail(len(FAULTS))
    assert bad["status"].eq("no_place_in_text").all()
    for fault, told in zip(FAULTS.values(), bad["explanation"], strict=True):
        assert fault.say(lang) in told
    assert bad[["lng", "lat", "cell", "street"]].isna().all(axis=None)


def test_an_address_counts_all_the_same_where_the_coordinates_are_out_of_range(run):
    ledger, _ = run(csv(cases(经度=["200"] * N, 纬度=["95"] * N)))
    assert ledger["status"].eq("located").all()
    assert ledger["source_of_place"].eq("address").all()
    assert ledger["explanation"].str.contains("坐标超出范围").all()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_cell_beyond_twenty_thousand_characters_is_cut_and_its_row_named(run, lang):
    long = "人民剧场对面" + "吵" * 20_001
    columns = cases(
        主要内容=[*["扰民"] * (N - 1), long], 问题点位=[*["幸福里西区2号楼"] * (N - 1), ""]
    )
    ledger, notes = run(csv(columns), lang=lang)
    assert ledger["place_id"].iloc[-1] == "P1"
    assert [f"cases.csv#{N + 1}" in note and "20000" in note for note in notes] == [True]
    assert ledger["explanation"].str.len().max() < 200


def test_a_cell_of_just_twenty_thousand_characters_is_not_cut(run):
    ledger, notes = run(csv(cases(主要内容=["吵" * 20_000] * N)))
    assert len(ledger) == N
    assert notes == []


def test_every_encoding_of_an_office_gives_the_same_ledger(tmp_path, pack, say):
    table, ledgers = cases(标题=["反映占道堆物问题,请处理"] * N), []
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"):
        path, ledger = tmp_path / "cases.csv", tmp_path / f"{encoding}.csv"
        path.write_bytes(csv(table, encoding=encoding))
        status, *_ = say("geocode", path, "--pack", pack, "--out", ledger)
        assert status == 0
        ledgers.append(ledger.read_bytes())
    assert len(set(ledgers)) == 1
    assert pd.read_csv(ledger, encoding="utf-8-sig")["place_id"].eq("B1").all()


def test_characters_that_only_gb18030_has_are_read(run):
    ledger, _ = run(csv(cases(问题点位=["㐀𠀀里,幸福里西区2号楼"] * N), encoding="gb18030"))
    assert ledger["place_id"].eq("B1").all()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_notes_above_the_header_are_passed_over_and_rows_keep_their_numbers(run, tmp_path, kind):
    columns = cases()
    if kind == "csv":
        ledger, _ = run(csv(columns, note="小城区热线工单,,,\n导出时间:2019-12-01,,,\n"))
    else:
        book = openpyxl.Workbook()
        table = [["小城区热线工单"], ["导出时间:2019-12-01"], list(columns)]
        for row in [*table, *columns.to_numpy().tolist()]:
            book.active.append(row)
        book.save(tmp_path / "made.xlsx")
        ledger, _ = run((tmp_path / "made.xlsx").read_bytes(), name="cases.xlsx")
    assert ledger["row"].tolist() == list(range(4, 4 + N))
    assert ledger["case_id"].tolist() == columns["工单编号"].tolist()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_of_rows_with_one_id_the_last_counts_and_the_others_name_it(run, lang):
    ids = [f"A{i}" for i in range(N)]
    ids[0] = ids[3] = ids[7] = "A7"
    ledger, _ = run(csv(cases(工单编号=ids)), lang=lang)
    older = ledger.loc[[0, 3]]
    assert older["status"].eq("superseded").all()
    assert older["explanation"].str.endswith("cases.csv#9").all()
    assert ledger.drop([0, 3])["status"].eq("located").all()


def test_an_export_without_any_repeat_point_ends_with_every_file(run):
    ledger, _ = run(csv(cases().head(2)))
    assert len(ledger) == 2
    assert ledger["hotspot_id"].isna().all()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_rows_shorter_or_longer_than_the_header_stay_and_the_long_ones_are_named(run, lang):
    lines = csv(cases()).decode().splitlines()
    lines[3] += ",surplus"
    lines[6] = lines[6].rpartition(",")[0]
    ledger, notes = run("\n".join(lines).encode(), lang=lang)
    assert ledger["row"].tolist() == list(range(2, N + 2))
    assert ledger["status"].eq("located").all()
    assert len(notes) == 1
    assert ("第 4 行" if lang == "zh" else "row 4") in notes[0]
