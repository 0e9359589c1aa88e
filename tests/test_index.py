import dataclasses
import os

import numpy as np
import pyarrow as pa
import pytest

from geo_hotspots.places.gazetteer import build as gazetteer_build
from geo_hotspots.places.gazetteer import index
from geo_hotspots.places.gazetteer.build import build_gazetteer
from geo_hotspots.places.gazetteer.index import open_gazetteer, read_index
from geo_hotspots.places.match.explain import match_text

TEXTS = ("西街道幸福里西区2号楼", "雨花巷甲31号", "槐数街8号", "东四10条", "人民剧场门前")


def only(folder):
    (path,) = folder.iterdir()
    return path


def test_a_gazetteer_from_disk_answers_as_the_one_that_was_built(city, tmp_path):
    built = open_gazetteer(city, tmp_path)
    held = read_index(only(tmp_path))
    assert [match_text(t, held) for t in TEXTS] == [match_text(t, built) for t in TEXTS]
    for field in built.__dataclass_fields__:
        for a, b in zip(flat(getattr(built, field)), flat(getattr(held, field)), strict=True):
            assert a.equals(b) if isinstance(a, pa.Array) else np.array_equal(a, b)


def flat(value):
    return value if isinstance(value, tuple) else (value,)


def test_an_index_is_built_once(city, tmp_path, monkeypatch):
    open_gazetteer(city, tmp_path)
    monkeypatch.setattr(gazetteer_build, "build_gazetteer", pytest.fail)
    open_gazetteer(city, tmp_path)


def test_another_pack_or_another_version_of_the_code_has_another_index(city, tmp_path, monkeypatch):
    open_gazetteer(city, tmp_path)
    first = only(tmp_path)
    open_gazetteer(dataclasses.replace(city, hash="another"), tmp_path)
    second = only(tmp_path)  # the older one of the same pack is gone
    monkeypatch.setattr(index, "code_version", lambda: "another")
    open_gazetteer(city, tmp_path)
    assert len({first, second, only(tmp_path)}) == 3


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "foreign"])
def test_a_damaged_index_is_built_anew_in_silence(city, tmp_path, damage):
    open_gazetteer(city, tmp_path)
    path = only(tmp_path)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    broken = {"cut": whole[:-9], "flip": bytes(flipped), "empty": b"", "foreign": b"PK" * 99}
    path.write_bytes(broken[damage])
    assert read_index(path) is None
    assert match_text(TEXTS[0], open_gazetteer(city, tmp_path)).key == "B1"
    assert path.read_bytes() == whole


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_costs_the_index_not_the_run(city, tmp_path):
    tmp_path.chmod(0o500)
    assert match_text(TEXTS[0], open_gazetteer(city, tmp_path)).key == "B1"


def test_a_folder_that_cannot_be_made_costs_the_index_not_the_run(city, tmp_path):
    (tmp_path / "file").write_text("in the way")
    names = open_gazetteer(city, tmp_path / "file" / "cache")
    assert match_text(TEXTS[0], names).key == "B1"


def test_the_folder_of_indexes_may_be_named(monkeypatch, tmp_path):
    monkeypatch.setenv("GEO_HOTSPOTS_CACHE", str(tmp_path))
    assert index.index_folder() == tmp_path


def test_an_index_holds_nothing_pickled(city, tmp_path):
    open_gazetteer(city, tmp_path)
    with only(tmp_path).open("rb") as file:
        file.seek(32)
        arrays = np.load(file, allow_pickle=False)
        assert {arrays[name].dtype.kind for name in arrays.files} <= set("iuf")


def test_equal_packs_have_equal_indexes(city, tmp_path):
    for folder in ("a", "b"):
        index.write_index(
            tmp_path / folder / "x.npz",
            build_gazetteer(city.places, city.communities, city.streets),
        )
    assert (tmp_path / "a/x.npz").read_bytes() == (tmp_path / "b/x.npz").read_bytes()
