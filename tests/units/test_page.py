"""The whole page of a unit: what is there, what is missing and why, and that no network is needed."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import load_file, save_file
from tests.atlas.builder import build
from tests.atlas.conftest import DEEP, EARLY, FC, LABELS

from neurolupa.atlas import open_atlas
from neurolupa.atlas.schema import CLASSES, EXEMPLARS, LAYERS, ROW_GROUP, UNIT_CLASSES, UNITS
from neurolupa.atlas.tables import read_table, write_table
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


class Read:
    """How many rows and bytes of each file were read."""

    def __init__(self, monkeypatch):
        self.rows, self.bytes = {}, {}
        self.whole = pq.ParquetFile.read_row_groups
        monkeypatch.setattr(pq.ParquetFile, "read_row_groups", lambda *args, **rest: self.note(*args, **rest))

    def note(self, file, wanted, *args, **rest):
        found = self.whole(file, wanted, *args, **rest)
        name = "units" if "dormancy" in file.schema_arrow.names else "others"
        self.rows[name] = self.rows.get(name, 0) + found.num_rows
        size = sum(file.metadata.row_group(group).total_byte_size for group in wanted)
        self.bytes[name] = self.bytes.get(name, 0) + size
        return found


def test_of_many_units_only_a_part_of_the_tables_is_read_and_that_once(tmp_path, monkeypatch):
    """Four sites of 60 units: the row group of the unit's site alone."""
    rng = np.random.default_rng(0)
    values = {f"s{index}.relu": rng.random((6, 60)) for index in range(4)}
    atlas = open_atlas(build(tmp_path / "atlas", values))
    read = Read(monkeypatch)
    unit_page(atlas, "s2.relu", 43)
    assert read.rows["units"] == 60


SMALL, GREAT, TILE = 1_000, 40_000, 10


def tiled(frame: pd.DataFrame, units: int) -> pd.DataFrame:
    """The rows of ten units again and again, under new numbers."""
    times = units // TILE
    found = frame.iloc[np.tile(np.arange(len(frame)), times)]
    return found.assign(unit=found["unit"] + TILE * np.repeat(np.arange(times), len(frame)))


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """50,000 units: ten sites of 1,000, of which s3 has all its files, and the tables of one of 40,000."""
    values = {"seed.relu": np.random.default_rng(0).random((6, TILE, 4, 4))}
    seed = build(tmp_path_factory.mktemp("many") / "atlas", values, [0, 1] * 3, ["cat", "dog"])
    sizes = {f"s{index}.relu": SMALL for index in range(10)} | {"great.relu": GREAT}
    for table in (LAYERS, UNITS, CLASSES, UNIT_CLASSES, EXEMPLARS):
        frame = read_table(seed, table)
        frames = [
            (tiled(frame, units) if "unit" in frame else frame).assign(
                site=site, **({"address": f"{site}:0", "total_neurons": units} if table is LAYERS else {})
            )
            for site, units in sizes.items()
        ]
        write_table(pd.concat(frames, ignore_index=True), seed / table.file, table)
    manifest = json.loads((seed / "atlas.json").read_text())
    manifest["sites"] = [manifest["sites"][0] | {"site": site, "address": f"{site}:0"} for site in sizes]
    (seed / "atlas.json").write_text(json.dumps(manifest))
    for path in (seed / "samples").glob("seed.*"):
        for site in ("s0", "s3"):
            np.save(path.with_name(path.name.replace("seed", site)), np.tile(np.load(path), SMALL // TILE))
    arrays = load_file(seed / "arrays" / "seed.relu.safetensors")
    for name in ("unit_counts", "mean_map"):
        arrays[name] = np.concatenate([arrays[name]] * (SMALL // TILE))
    save_file(arrays, seed / "arrays" / "s3.relu.safetensors")
    return seed


def test_the_page_of_one_of_50000_units_reads_a_fraction_of_the_tables(many, monkeypatch):
    atlas = open_atlas(many)
    assert len(pq.read_table(many / UNITS.file)) == 50_000
    read = Read(monkeypatch)
    page = unit_page(atlas, "s3.relu", 457)
    assert page.record.mean == pytest.approx(unit_page(atlas, "s3.relu", 7).record.mean)
    read.rows.clear(), read.bytes.clear()
    unit_page(open_atlas(many), "s3.relu", 457)
    assert read.rows["units"] == SMALL
    whole = sum(
        group.total_byte_size
        for path in many.glob("*.parquet")
        for metadata in [pq.read_metadata(path)]
        for group in map(metadata.row_group, range(metadata.num_row_groups))
    )
    assert sum(read.bytes.values()) < 0.06 * whole


def test_one_of_40000_units_of_a_site_costs_a_row_group(many, monkeypatch):
    atlas, read = open_atlas(many), Read(monkeypatch)
    assert len(atlas.unit_classes("great.relu", 31_234)) == 2
    assert atlas.unit("great.relu", 31_234).unit == 31_234
    assert read.rows["units"] <= ROW_GROUP
    with pytest.raises(UsageError, match="its units are 0 to 39999"):
        atlas.unit("great.relu", GREAT)


def test_reading_a_page_runs_no_network(make):
    folder = make().folder
    code = f"""
import sys
from neurolupa.atlas import open_atlas
from neurolupa.atlas.schema import CLASSES, EXEMPLARS, LAYERS, ROW_GROUP, UNIT_CLASSES, UNITS
from neurolupa.atlas.tables import read_table, write_table
from neurolupa.units.page import unit_page
import torch
def refuse(*args, **kwargs): raise AssertionError("a network ran")
torch.nn.Module.__call__ = refuse
unit_page(open_atlas({str(folder)!r}), "deep.relu", 1)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
