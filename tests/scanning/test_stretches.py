"""A scan cut into stretches, each from nothing, against the scan of the whole."""

import numpy as np
import pytest

import neurolupa as nl
from neurolupa.capture import trace
from neurolupa.scanning.progress import Progress
from neurolupa.scanning.sampling import choose, hash_ids
from neurolupa.scanning.settings import ScanSettings
from neurolupa.scanning.stretches import MOST_BLOCKS, Task, scan_stretch, stretches


@pytest.mark.parametrize("images", [1, 7, 64, 999, 100_000, 3_000_000])
@pytest.mark.parametrize("batch_size", [1, 16, 64])
@pytest.mark.parametrize("start", [0, 1, 5])
def test_stretches_cover_every_block_once_and_in_order(images, batch_size, start):
    blocks = -(-images // batch_size)
    found = stretches(images, batch_size, start)
    covered = [block for one in found for block in range(one.first, one.end)]
    assert covered == list(range(start, blocks))
    assert max((one.end - one.first for one in found), default=1) <= max(MOST_BLOCKS, blocks // 4096)


def test_borders_do_not_depend_on_where_a_scan_goes_on():
    whole = {one.end for one in stretches(100_000, 16)}
    assert {one.end for one in stretches(100_000, 16, start=37)} == {end for end in whole if end > 37}


@pytest.fixture(scope="module")
def scanned():
    """A network, labelled stimuli, and every part of a scan in stretches of several blocks."""
    model, images = nl.load_model("embedded"), nl.load_images("stimuli?count=40&target=hue&size=32")
    sites = trace(model).select("layer1.0.relu,layer4.1.relu")
    settings = ScanSettings(tuple(site.address for site in sites), 4, samples=11)
    keys = hash_ids(images.id_of(index) for index in range(len(images)))
    task = Task(images, settings, choose(keys, settings.samples), keys, strict=False)
    return model, sites, task


def joined(model, sites, task, parts):
    """The state after stretches of so many blocks."""
    progress = Progress.start(sites, 40, len(task.images.classes), 9, task.sampled)
    rows = []
    for one in parts:
        done = scan_stretch(model, task, one)
        progress.absorb(done)
        rows.append(done.rows)
    return progress, rows


def test_stretches_of_any_length_give_the_state_of_the_whole(scanned):
    model, sites, task = scanned
    (whole,) = stretches(40, 40)
    one, rows = joined(model, sites, task, [type(whole)(0, 10)])
    several, parts = joined(model, sites, task, [type(whole)(0, 3), type(whole)(3, 4), type(whole)(4, 10)])
    for first, second in zip(one.sites, several.sites, strict=True):
        for name, array in first.arrays().items():
            other = second.arrays()[name]
            if array.dtype.kind == "f" and array.dtype.itemsize == 8:
                assert np.allclose(array, other, rtol=1e-12, atol=1e-12), name
            else:
                assert np.array_equal(array, other), name
    assert np.array_equal(one.sizes, several.sizes)
    assert one.next_block == several.next_block == 10
    for key, values in rows[0].items():
        assert np.array_equal(values, np.concatenate([part[key] for part in parts if key in part]))


def test_the_borders_of_a_stretch_do_not_reach_beyond_it(scanned):
    model, _, task = scanned
    found = scan_stretch(model, task, stretches(40, 4)[2])
    assert found.images.tolist() == [8, 9, 10, 11]


def test_pictures_that_cannot_be_read_are_told_by_their_stretch(tmp_path, scanned):
    model, sites, _ = scanned
    for index in range(4):
        (tmp_path / f"{index}.png").write_bytes(b"no picture")
    nl.load_images("samples")[0].image.save(tmp_path / "2.png")
    images = nl.load_images(tmp_path)
    settings = ScanSettings(tuple(site.address for site in sites), 2)
    keys = hash_ids(images.id_of(index) for index in range(4))
    task = Task(images, settings, choose(keys, 4), keys, strict=False)
    found = [scan_stretch(model, task, one) for one in stretches(4, 2)]
    assert [sorted(one.skipped) for one in found] == [[0, 1], [3]]
    assert [one.images.tolist() for one in found] == [[], [2]]
