import delivery
import pandas as pd
import pytest

from geo_hotspots.deliver.allowed import ALLOWED, FIELDS, LAYERS, only_allowed
from geo_hotspots.schema import LEDGER_COLUMNS, RAW_TEXT, SchemaError

NEVER = ("content", "title", "address", "caller", "lng_given", "lat_given", "department")


@pytest.mark.parametrize("file", sorted(ALLOWED))
def test_no_file_may_carry_a_citizens_words_or_caller(file):
    assert not set(NEVER) & set(ALLOWED[file])
    assert set(RAW_TEXT) & set(ALLOWED[file]) <= {"case_id", "lng", "lat", "category", "street",
                                                  "community"}  # fmt: skip


def test_a_column_that_is_not_listed_stops_the_file():
    with pytest.raises(SchemaError, match=r"may not leave \['content'\], missing \[\]"):
        only_allowed(delivery.ledger().assign(content="我家住2单元301"), "ledger.csv")


def test_a_missing_column_stops_the_file():
    with pytest.raises(SchemaError, match=r"missing \['cell'\]"):
        only_allowed(delivery.ledger().drop(columns="cell"), "ledger.csv")


def test_a_file_that_is_not_listed_may_not_leave():
    with pytest.raises(SchemaError, match=r"'cases\.csv' is not in the list"):
        only_allowed(pd.DataFrame(), "cases.csv")


def test_columns_come_out_in_the_contracts_order():
    shuffled = delivery.ledger()[list(LEDGER_COLUMNS[::-1])]
    assert tuple(only_allowed(shuffled, "ledger.csv").columns) == LEDGER_COLUMNS


def test_a_shape_stays_with_its_layer():
    layer = only_allowed(delivery.hotspots(), "hotspots.geojson")
    assert layer.columns[-1] == "geometry"
    assert layer.crs.to_epsg() == 4326


def test_every_column_of_a_layer_has_a_name_in_words_that_is_its_own():
    for columns in LAYERS.values():
        for lang in ("zh", "en"):
            aliases = [FIELDS[c].alias.say(lang) for c in columns]
            assert len(set(aliases)) == len(columns)
