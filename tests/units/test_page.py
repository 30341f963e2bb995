"""The whole page of a unit: what is there, what is missing and why, and that no network is needed."""

import subprocess
import sys

import numpy as np
import pytest
from tests.atlas.builder import build
from tests.atlas.conftest import DEEP, EARLY, FC, LABELS

from neurolupa.atlas import open_atlas
from neurolupa.errors import UsageError
from neurolupa.units.page import unit_page

PARTS = {"unit", "exemplars", "profile", "relations", "spatial", "classes"}


@pytest.fixture
def make(tmp_path):
    def make(labels=LABELS):
        values = {"early/relu": EARLY, "deep.relu": DEEP, "fc": FC}
        return open_atlas(
            build(
                tmp_path / f"atlas{len(list(tmp_path.iterdir()))}",
                values,
                labels,
                ["cat", "dog"],
                linear=["fc"],
            )
        )

    return make


def test_every_part_is_the_analysis_itself(make):
    page = unit_page(make(), "early/relu", 0)
    assert page.to_frames().keys() == PARTS
    assert (page.place.units, page.place.height, page.place.width, page.place.field) == (2, 1, 2, (3, 3))
    assert page.record.max == 8
    assert page.classes.top_class == "dog"
    assert page.spatial.horizontal.code == "strong_right"
    assert dict(page.absent) == {"tuning": "NO_STIMULI"}


def test_units_without_maps_and_sets_without_labels_say_so(make):
    page = unit_page(make([-1] * 4), "fc", 1)
    assert page.spatial is page.classes is page.tuning is None
    assert dict(page.absent) == {"spatial": "NO_MAPS", "classes": "NO_LABELS", "tuning": "NO_STIMULI"}
    assert page.to_frames().keys() == PARTS - {"spatial", "classes"}


def test_the_nearest_site_and_the_valid_units_are_named(make):
    with pytest.raises(UsageError, match=r"deep\.relu"):
        unit_page(make(), "deep.rellu", 0)
    with pytest.raises(UsageError, match=r"deep\.relu has no unit 3; its units are 0 to 2"):
        unit_page(make(), "deep.relu", 3)


def test_of_many_units_only_a_part_of_the_tables_is_read(tmp_path, monkeypatch):
    """Four sites of 60 units: the row groups of the unit's site alone."""
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    values = {f"s{index}.relu": rng.random((6, 60)) for index in range(4)}
    atlas = open_atlas(build(tmp_path / "atlas", values))
    read: dict[str, int] = {}
    groups = pq.ParquetFile.read_row_groups

    def counted(self, wanted, *args, **kwargs):
        found = groups(self, wanted, *args, **kwargs)
        name = str(self.schema_arrow.names)
        read[name] = read.get(name, 0) + found.num_rows
        return found

    monkeypatch.setattr(pq.ParquetFile, "read_row_groups", counted)
    unit_page(atlas, "s2.relu", 43)
    of_units = [rows for name, rows in read.items() if "dormancy" in name]
    assert of_units
    assert sum(of_units) <= 3 * 60


def test_reading_a_page_runs_no_network(make):
    folder = make().folder
    code = f"""
import sys
from neurolupa.atlas import open_atlas
from neurolupa.units.page import unit_page
import torch
def refuse(*args, **kwargs): raise AssertionError("a network ran")
torch.nn.Module.__call__ = refuse
unit_page(open_atlas({str(folder)!r}), "deep.relu", 1)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
