import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurolupa.atlas.schema import TABLES, escape, unescape


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_site_name_comes_back_and_names_no_folder(site):
    name = escape(site)
    assert unescape(name) == site
    assert not set(name) & set('/:\\*?"<>|\x00\n')


def test_escaped_names_are_those_of_the_design():
    assert escape("layer1.0.relu") == "layer1.0.relu"
    assert escape("/relu:0") == "%2Frelu%3A0"
    assert escape("100%") == "100%25"


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_keys_are_columns_that_are_never_null(table):
    assert set(table.keys) <= set(table.columns)
    assert not any(table.columns[key].endswith("?") or table.columns[key] == "float" for key in table.keys)
