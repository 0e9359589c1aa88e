from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots.config import Config, read_config
from geo_hotspots.errors import ConfigError
from geo_hotspots.schema import PERIOD_KINDS, Period, SchemaError, Table


def read(tmp_path, text):
    path = tmp_path / "geo_hotspots.toml"
    path.write_text(text, encoding="utf-8")
    return read_config(path)


def test_without_a_file_the_defaults_hold():
    assert read_config(None) == Config()


def test_a_setting_is_taken_and_the_others_stay(tmp_path):
    config = read(tmp_path, '[grid]\nresolution = 10\n[cases.columns]\naddress = "哪儿"')
    assert config.grid.resolution == 10
    assert config.cases.columns == {"address": "哪儿"}
    assert config.hotspots == Config().hotspots


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[gird]", r"no setting 'gird'; did you mean 'grid'\?"),
        ("[grid]\nresolution = 16", r"grid\.resolution is 16; it must lie between 5 and 11"),
        ("[grid]\nresolution = 9.5", r"grid\.resolution is 9\.5; it must be a whole number"),
        ("[grid]\nresolution = true", r"grid\.resolution is True; it must be a whole number"),
        ("grid = 9", "grid is 9; it must be a table"),
        ('[datum]\ncases = "gcj"', "datum.cases is 'gcj'; it must be a auto | wgs84"),
        ('[cases.columns]\nadress = "x"', "did you mean 'address'"),
        ("[patrol]\nwindows = []", "must be a list of texts"),
        ("[grid", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_the_way_out(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        read(tmp_path, text)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"no\.toml cannot be opened"):
        read_config(tmp_path / "no.toml")


@given(st.dates(date(1990, 1, 10), date(2099, 12, 20)), st.sampled_from(PERIOD_KINDS))
def test_a_period_holds_its_day_and_the_one_before_ends_where_it_begins(day, kind):
    period = Period.holding(day, kind)
    assert period.first <= day <= period.last
    assert (period.first - period.before().last).days == 1
    assert period.before().kind == kind
    assert Period.holding(period.last, kind) == period


def test_periods_are_named_as_their_folders():
    day = date(2013, 12, 29)
    labels = [Period.holding(day, kind).label for kind in ("day", "week", "month")]
    assert labels == ["2013-12-29", "2013-W52", "2013-12"]


def test_a_table_names_every_fault_at_once():
    table = Table("t", {"a": "text", "b": "number", "c": "time", "d": "flag"})
    frame = pd.DataFrame({"a": ["x", "y"], "b": ["1", "2"], "d": [True, False]}, index=[1, 1])
    with pytest.raises(SchemaError, match=r"'c' is missing.*'b' is str, not number.*duplicates"):
        table.check(frame)
