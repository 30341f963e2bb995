import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest

from neurolupa.atlas import open_atlas
from neurolupa.core.sketch import COARSE, FINE
from neurolupa.errors import DataError, UsageError

from .conftest import DEEP, EARLY


def test_sites_are_found_by_name_and_by_address(atlas):
    assert atlas.sites == ("early/relu", "deep.relu", "fc")
    assert atlas.site("deep.relu") == atlas.site("deep.relu:0") == "deep.relu"
    with pytest.raises(UsageError, match=r"nearest: deep\.relu"):
        atlas.site("deep.rel")


def test_the_tables_are_those_of_the_arrays(atlas):
    assert atlas.layers["mean"].tolist() == [1.0, 1.5, -4.5]
    assert atlas.layers["total_neurons"].tolist() == [2, 3, 2]
    assert atlas.units["max"].tolist() == [8.0, 0.0, 9.0, 3.0, 6.0, -1.0, -2.0]
    assert atlas.images["label"].tolist() == [0, 1, 0, 1]
    assert atlas.classes("early/relu")["mean"].tolist() == [0.5, 1.5]
    assert len(atlas.classes()) == 6
    assert atlas.unit_classes("early/relu", 0)["mean"].tolist() == [1.0, 3.0]
    assert len(atlas.unit_classes("deep.relu")) == 6


def test_what_a_reader_does_to_a_table_does_not_reach_the_next(atlas):
    layers = atlas.layers
    layers["mean"] = 0.0
    assert atlas.layers["mean"].tolist() == [1.0, 1.5, -4.5]


def test_dead_units_depend_on_the_threshold(atlas):
    assert list(zip(atlas.dead()["site"], atlas.dead()["unit"], strict=True)) == [
        ("early/relu", 1),
        ("fc", 0),
        ("fc", 1),
    ]
    assert len(atlas.dead(threshold=3.0)) == 4
    assert atlas.dead(threshold=-1.5)["unit"].tolist() == [1]


def test_one_unit_is_read_without_the_rest(atlas, monkeypatch):
    groups = []
    original = pq.ParquetFile.read_row_groups
    monkeypatch.setattr(
        pq.ParquetFile,
        "read_row_groups",
        lambda self, held, **options: groups.append(list(held)) or original(self, held, **options),
    )
    assert atlas.layers is not None
    groups.clear()
    record = atlas.unit("deep.relu", 1)
    assert groups == [[1]]
    assert (record.mean, record.max, record.zeros, record.sparsity, record.dead) == (
        0.75,
        3.0,
        6,
        75.0,
        False,
    )
    assert record.to_frame()["unit"].tolist() == [1]
    assert atlas.unit("fc", 0).to_dict()["sparsity"] is None


def test_the_exemplars_of_a_site_are_read_without_those_of_others(atlas, monkeypatch):
    every = [atlas.exemplars("deep.relu", unit) for unit in range(3)]
    groups, original = [], pq.ParquetFile.read_row_groups
    monkeypatch.setattr(
        pq.ParquetFile,
        "read_row_groups",
        lambda self, held, **options: groups.append(list(held)) or original(self, held, **options),
    )
    found = atlas.exemplars("deep.relu")
    assert groups == [[1]]
    assert len(found) == sum(map(len, every)) > 0
    assert found["unit"].is_monotonic_increasing


@pytest.mark.parametrize("unit", [-1, 2, 99])
def test_a_unit_that_is_not_there(atlas, unit):
    for ask in (atlas.unit, atlas.exemplars, atlas.unit_classes, atlas.mean_map):
        with pytest.raises(UsageError, match="units are 0 to 1"):
            ask("fc", unit)


def test_exemplars_have_a_picture_and_a_patch(atlas):
    best = atlas.exemplars("early/relu", 0).iloc[0]
    assert (best["image"], best["value"], best["column"]) == (3, 8.0, 1)
    assert atlas.thumb(3).getpixel((0, 0)) == (60, 0, 0)
    assert atlas.patch(best).size == (3, 3)
    whole = best.copy()
    whole["input_x0"] = float("nan")
    assert atlas.patch(whole).size == (8, 8)
    with pytest.raises(DataError, match="image 99"):
        atlas.thumb(99)


def test_a_patch_has_at_least_one_pixel(atlas):
    row = {"image": 0, "input_x0": 2.25, "input_y0": 3.0, "input_x1": 2.75, "input_y1": 3.0}
    assert atlas.patch(row).size == (1, 1)


def test_the_sketch_answers_for_the_site_and_for_a_unit(atlas):
    sketch = atlas.sketch("deep.relu")
    assert sketch.counts.shape == (FINE.size,)
    assert sketch.counts.sum() == DEEP.size
    assert sketch.counts[FINE.zero] == (DEEP == 0).sum()
    np.testing.assert_allclose(sketch.quantile([0, 0.5, 1]), [0, 0, 9], rtol=2**-8)
    np.testing.assert_allclose(sketch.unit_quantile(2, [0.5, 1]), [0, 6], rtol=0.13)
    assert sketch.unit_counts(2).shape == (COARSE.size,)
    assert sketch.histogram([0, 5, 10]).tolist() == [20.0, 4.0]


def test_samples_and_mean_maps_are_read_by_unit(atlas):
    samples = atlas.samples("early/relu")
    np.testing.assert_array_equal(samples.images, [0, 1, 2, 3])
    np.testing.assert_array_equal(samples.mean[:, 0], [1, 2, 1, 4])
    np.testing.assert_array_equal(samples.argmax[:, 0], [1, 1, 0, 1])
    assert isinstance(samples.max, np.memmap)
    np.testing.assert_array_equal(atlas.mean_map("early/relu", 0), EARLY[:, 0].mean(axis=0))
    assert atlas.mean_map("deep.relu").shape == (3, 1, 2)


@pytest.mark.parametrize("damage", ["arrays/fc.safetensors", "samples/fc.mean.npy", "thumbs/000000.png"])
@pytest.mark.parametrize("content", [None, b"", b"not what it was"])
def test_a_missing_or_damaged_file_is_one_line(folder, tmp_path, damage, content):
    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / damage).unlink()
    if content is not None:
        (copy / damage).write_bytes(content)
    atlas = open_atlas(copy)
    asks = {"arrays": lambda: atlas.sketch("fc").counts, "samples": lambda: atlas.samples("fc")}
    with pytest.raises(DataError) as caught:
        asks.get(damage.partition("/")[0], lambda: atlas.thumb(0))()
    assert "\n" not in str(caught.value)
