"""Whatever byte of an atlas is damaged, reading gives an answer or one line."""

import json
import shutil

import numpy as np
import pytest

from neurolupa.atlas import open_atlas
from neurolupa.atlas.schema import TABLES
from neurolupa.errors import DataError


def everything(folder):
    atlas = open_atlas(folder)
    return (
        str(atlas),
        atlas._repr_html_(),
        *(frame.to_csv() for frame in (atlas.units, atlas.images, atlas.classes())),
        *(atlas.unit_classes(site).to_csv() + atlas.exemplars(site).to_csv() for site in atlas.sites),
    )


def samples_and_arrays(folder):
    atlas = open_atlas(folder)
    for site in atlas.sites:
        samples, sketch = atlas.samples(site), atlas.sketch(site)
        assert len(samples.max) == len(samples.images)
        assert sketch.counts is not None
        assert sketch.unit_counts(0) is not None
        assert atlas.mean_map(site) is not None


def flip(path, place, mask):
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= mask
    path.write_bytes(bytes(data))


def outcome(read, folder):
    try:
        read(folder)
    except DataError as error:
        return str(error)
    return ""


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "copy")


@pytest.mark.parametrize("name", TABLES)
def test_a_flipped_byte_in_a_table_changes_nothing_or_is_one_line(name, copy, folder):
    path = copy / f"{name}.parquet"
    whole, right, random = path.read_bytes(), everything(folder), np.random.default_rng(0)
    told = []
    pages = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")  # a damaged footer can end pyarrow itself
    for place in random.integers(0, pages, 20):
        flip(path, place, 1 << random.integers(8))
        told.append(outcome(everything, copy))
        assert "\n" not in told[-1]
        path.write_bytes(whole)
    assert any(told)
    assert everything(copy) == right


@pytest.mark.parametrize("damaged", ["samples/fc.mean.npy", "samples/images.npy", "arrays/fc.safetensors"])
def test_a_flipped_byte_in_a_head_is_one_line(damaged, copy):
    path = copy / damaged
    whole, told = path.read_bytes(), []
    for place in range(0, 120, 5):
        flip(path, place, 0x04)
        told.append(outcome(samples_and_arrays, copy))
        assert "\n" not in told[-1]
        path.write_bytes(whole)
    assert sum(map(bool, told)) > 8


def test_a_value_in_a_table_that_was_flipped_is_found(copy):
    path = copy / "units.parquet"
    data = path.read_bytes()
    (place,) = (index for index in [data.find(np.float64(9.0).tobytes())] if index >= 0)
    flip(path, place, 1)
    with pytest.raises(DataError, match=r"units\.parquet is damaged"):
        assert open_atlas(copy).units is not None


@pytest.mark.parametrize("sites", [[], None, "abc", 3, [1], [{}], {}])
def test_an_atlas_without_sites_is_not_opened(sites, copy):
    manifest = json.loads((copy / "atlas.json").read_text())
    (copy / "atlas.json").write_text(json.dumps(manifest | {"sites": sites}))
    with pytest.raises(DataError, match="its sites are not stated"):
        open_atlas(copy)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"schema":' * 100_000])
def test_a_front_page_without_end_is_one_line(text, copy):
    (copy / "atlas.json").write_text(text)
    with pytest.raises(DataError, match="damaged"):
        open_atlas(copy)


def test_a_count_without_end_is_one_line(copy):
    text = (copy / "atlas.json").read_text()
    manifest = json.loads(text)
    manifest["images"]["read"] = float("inf")
    (copy / "atlas.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match="damaged"):
        open_atlas(copy)
