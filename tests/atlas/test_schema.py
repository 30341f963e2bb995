import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurolupa.atlas.schema import TABLES, escape, unescape


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_site_name_comes_back_and_names_no_folder(site):
    name = escape(site)
    assert len(name.encode()) <= 200
    assert ("%-" in name) or unescape(name) == site
    assert not set(name) & set('/:\\*?"<>|\x00\n')


def test_escaped_names_are_those_of_the_design():
    assert escape("layer1.0.relu") == "layer1.0.relu"
    assert escape("/relu:0") == "%2Frelu%3A0"
    assert escape("100%") == "100%25"


def test_long_names_are_cut_to_200_bytes_and_stay_apart():
    long = ["block." * 40 + "relu", "block." * 40 + "gelu", "/" * 240, "猫" * 240, "x" * 201]
    names = [escape(site) for site in long]
    assert all(len(name.encode()) <= 200 for name in names)
    assert len(set(names)) == len(long)
    assert names == [escape(site) for site in long]
    assert escape("x" * 200) == "x" * 200


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_keys_are_columns_that_are_never_null(table):
    assert set(table.keys) <= set(table.columns)
    assert not any(table.columns[key].endswith("?") or table.columns[key] == "float" for key in table.keys)
