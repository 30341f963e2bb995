"""CSV files that a spreadsheet shows and never runs."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import neurolupa as nl
from neurolupa.atlas.csv_files import csv_text, write_csv

SOURCE = Path(nl.__file__).parent
FORMULAS = [
    '=cmd|"/c calc"!A1',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "cat\r=1",
    "  =1",
    "\n=1",
    "\ufeff=1",
]
FORMULAS += ["\uff1d1", "\xa0@A1", "cat;=1+1", "cat; =1", "cat\t+1", "cat\n-1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_starts_a_formula(cell):
    rows = list(
        csv.reader(io.StringIO(csv_text(pd.DataFrame({"name": [cell, "cat"], cell: [1, 2]})), newline=""))
    )
    assert len(rows) == 3
    for shown in (rows[1][0], rows[0][1]):
        assert shown.replace("'", "") == cell.replace("\r", " ")
        parts = re.split("[;\t\n]", shown)  # where a comma is the decimal mark these part cells
        assert not [part for part in parts if part.strip("\ufeff \xa0").startswith(tuple("=+-@\uff1d"))]
    assert rows[2] == ["cat", "2"]


def test_an_index_is_no_way_in():
    frame = pd.DataFrame({"value": [1, 2]}, index=["=1+1", "cat"])
    assert csv_text(frame, index=True) == ",value\n'=1+1,1\ncat,2\n"


def test_numbers_and_missing_values_stay_what_they_are(tmp_path):
    frame = pd.DataFrame({"a": [-1.5, np.nan], "b": [-3, 4], "c": [True, False], "d": ["x", None]})
    write_csv(frame, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b"a,b,c,d\n-1.5,-3,True,x\n,4,False,\n"


def test_the_frame_is_left_as_it_was():
    frame = pd.DataFrame({"name": pd.Categorical(["=1", "a"])})
    before = frame.copy()
    csv_text(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_every_table_goes_through_here():
    others = [
        path
        for path in SOURCE.rglob("*.py")
        if ".to_csv(" in path.read_text() and path.name != "csv_files.py"
    ]
    assert others == []


def test_names_of_classes_and_files_are_harmless_in_an_export(tmp_path):
    pictures = [np.full((32, 32, 3), 60 * place, np.uint8) for place in range(4)]
    images = nl.load_images(pictures, labels=["=1+1", "cat", "=1+1", "cat"])
    atlas = nl.scan("embedded", images, "layer4.1.relu", tmp_path / "atlas")
    nl.atlas.export_tables(atlas, tmp_path / "tables")
    cells = [
        cell
        for path in (tmp_path / "tables").glob("*.csv")
        for row in csv.reader(io.StringIO(path.read_text(), newline=""))
        for cell in row
    ]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]
