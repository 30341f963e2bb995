"""The page about the atlas names every table and column of the schema, in order, and nothing else."""

import re
from pathlib import Path

import pytest

from neurolupa.atlas.schema import SCHEMA_VERSION, TABLES

PAGE = Path(__file__).parents[2] / "docs" / "atlas.md"


def section(title):
    """The text below a second-level heading."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.M | re.S)
    assert found, f"docs/atlas.md has no section {title}"
    return found.group(1)


def columns(text):
    """The rows `| name | kind | ...` of the table in a section."""
    return dict(re.findall(r"^\| `([^`]+)` \| (\S+) \|", text, re.M))


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_column_is_there_with_its_kind_and_in_its_order(table):
    written = columns(section(table.file))
    assert list(written.items()) == list(table.columns.items())


def test_no_table_is_described_that_is_not_there():
    titles = re.findall(r"^## (\S+)\.parquet$", PAGE.read_text(), re.M)
    assert sorted(titles) == sorted(TABLES)


def test_the_schema_version_is_the_present_one():
    assert f"version of this format, {SCHEMA_VERSION};" in section("atlas.json")


def test_the_reader_of_tables_sees_a_missing_column():
    text = section("images.parquet").replace("| `label` | int |", "")
    assert list(columns(text)) != list(TABLES["images"].columns)


def test_every_file_of_an_atlas_is_described(tmp_path):
    import neurolupa as nl

    model = nl.load_model("squeezenet1_1", weights=None, input_size=32)
    atlas = nl.scan(model, "samples?limit=2", "features.0", tmp_path / "atlas")
    tree = PAGE.read_text().split("```")[1]
    for path in atlas.folder.iterdir():
        assert re.search(rf"^  {re.escape(path.name)}/? ", tree, re.M), f"{path.name} is not described"


def test_every_array_of_a_site_is_described(tmp_path):
    from safetensors import safe_open

    import neurolupa as nl

    model = nl.load_model("squeezenet1_1", weights=None, input_size=32)
    atlas = nl.scan(model, "samples?limit=2", "features.0", tmp_path / "atlas")
    with safe_open(atlas.folder / "arrays" / "features.0.safetensors", framework="np") as arrays:
        stored = sorted(arrays.keys())
    described = re.findall(r"^\| `([^`]+)` \| \(", section("arrays/SITE.safetensors"), re.M)
    assert sorted(described) == stored
