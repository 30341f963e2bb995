"""The page of measures has a row for every number that an atlas, a method or a training log gives."""

import re
from pathlib import Path

import pytest

from neurolupa.atlas.schema import TABLES
from neurolupa.attribution import METHODS
from neurolupa.monitoring.log import COLUMNS

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split(" | ")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
]
NAMED = {name for row in ROWS for name in re.findall(r"`(\w+%?)`", row[0])}
PLACES = {
    "site", "address", "order", "type", "kind", "link", "shape", "channel_axis", "height", "width", "unit",
    "n", "total_elements", "total_neurons", "sketch_thinning", "class_id", "class_name", "images",
    "silent_ties",
}  # fmt: skip
"""Columns that say where a number is from, not what was measured."""


def measured(table):
    """The measures of a table; what belongs to a half of a map stands in that half's row."""
    kept = (name for name in TABLES[table].columns if name not in PLACES and not name.startswith("rf_"))
    halves = ("left", "right", "top", "bottom")
    return {name.split("_")[0] if name.startswith(halves) else name for name in kept}


@pytest.mark.parametrize("table", ["layers", "units", "classes", "unit_classes"])
def test_every_measure_of_an_atlas_has_its_row(table):
    assert measured(table) <= NAMED


def test_every_attribution_method_has_its_row():
    assert set(METHODS.names()) <= NAMED


def test_every_column_of_a_training_log_has_its_row():
    assert set(COLUMNS) - PLACES - {"step", "units"} <= NAMED


def test_every_row_is_whole():
    heads = [row for row in ROWS if row[0] == "measure"]
    assert len(heads) == 7
    assert {tuple(row) for row in heads} == {
        ("measure", "formula", "source", "range", "null", "read with care")
    }
    assert [row[0] for row in ROWS if not row[0] or not row[1]] == []
