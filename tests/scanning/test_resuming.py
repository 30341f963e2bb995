"""Scans that are stopped in every way go on to the same bytes, or say what changed."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

import neurolupa as nl
from neurolupa.errors import DataError, UsageError
from neurolupa.images import load_images
from neurolupa.scanning import ScanInterrupted
from neurolupa.scanning.stretches import stretches
from tests.scanning.networks import CLASSES, SITES, files_of, image_set, pictures, tiny

ROOT = Path(__file__).parents[2]


@pytest.fixture
def every_block(monkeypatch):
    """A checkpoint after every block."""
    monkeypatch.setattr("neurolupa.scanning.job.CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr("neurolupa.scanning.job._SAVING_SHARE", float("inf"))


class Killed(BaseException):
    """Stands for a process that is gone: nothing in the scan may catch and mend it."""


def stop_after(blocks, how):
    seen = []

    def on_block(done, total):
        seen.append(done)
        if len(seen) == blocks:
            how()

    return on_block


def raise_killed():
    raise Killed


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "atlas"
    nl.scan(tiny(), image_set(), SITES, folder, batch_size=4, samples=9)
    return files_of(folder)


def scan(folder, **options):
    return nl.scan(tiny(), image_set(), SITES, folder, **({"batch_size": 4, "samples": 9} | options))


@pytest.mark.parametrize("blocks", [1, 3, 6])
@pytest.mark.parametrize(("how", "raised"), [(raise_killed, Killed), (interrupt, ScanInterrupted)])
def test_a_stopped_scan_goes_on_to_the_same_bytes(blocks, how, raised, whole, every_block, tmp_path):
    folder = tmp_path / "atlas"
    with pytest.raises(raised):
        scan(folder, on_block=stop_after(blocks, how))
    with pytest.raises(DataError, match="was interrupted, run again with --resume"):
        nl.open_atlas(folder)
    scan(folder, resume=True)
    assert files_of(folder) == whole


@pytest.mark.parametrize("blocks", [5, 6, 7])
def test_sums_of_a_stretch_that_was_cut_are_those_of_the_whole(blocks, tmp_path):
    options = {"batch_size": 1, "samples": 9}
    nl.scan(tiny(), image_set(96), SITES, tmp_path / "whole", **options)
    assert stretches(96, 1)[1].end == 6
    stop = stop_after(blocks, interrupt)
    with pytest.raises(ScanInterrupted):
        nl.scan(tiny(), image_set(96), SITES, tmp_path / "cut", **options, on_block=stop)
    nl.scan(tiny(), image_set(96), SITES, tmp_path / "cut", **options, resume=True)
    assert files_of(tmp_path / "cut") == files_of(tmp_path / "whole")


def test_it_may_be_stopped_again_and_again(whole, every_block, tmp_path):
    folder = tmp_path / "atlas"
    with pytest.raises(ScanInterrupted, match=r"stopped after 4 of 23 images; .* --resume goes on"):
        scan(folder, on_block=stop_after(1, interrupt))
    for _ in range(4):
        with pytest.raises(ScanInterrupted):
            scan(folder, resume=True, on_block=stop_after(1, interrupt))
    scan(folder, resume=True)
    assert files_of(folder) == whole


def test_the_recorded_batch_size_is_used_again(whole, every_block, tmp_path):
    folder = tmp_path / "atlas"
    with pytest.raises(ScanInterrupted):
        scan(folder, on_block=stop_after(2, interrupt))
    scan(folder, resume=True, batch_size=7)
    assert files_of(folder) == whole


def test_a_scan_killed_while_it_writes_its_tables_goes_on(whole, every_block, tmp_path, monkeypatch):
    folder = tmp_path / "atlas"
    with monkeypatch.context() as patch:
        patch.setattr("neurolupa.scanning.finishing.save_file", lambda *_: raise_killed())
        with pytest.raises(Killed):
            scan(folder)
    assert not (folder / "atlas.json").exists()
    scan(folder, resume=True)
    assert files_of(folder) == whole


def test_kept_activations_survive_an_interruption(every_block, tmp_path):
    scan(tmp_path / "one", keep_activations=tmp_path / "one.pth")
    with pytest.raises(ScanInterrupted):
        scan(tmp_path / "two", keep_activations=tmp_path / "two.pth", on_block=stop_after(3, interrupt))
    assert not (tmp_path / "two.pth").exists()
    scan(tmp_path / "two", keep_activations=tmp_path / "two.pth", resume=True)
    one, two = (torch.load(tmp_path / name, weights_only=True) for name in ("one.pth", "two.pth"))
    assert all(torch.equal(one["activations"][site], two["activations"][site]) for site in one["activations"])


def changed_weights():
    model = tiny()
    with torch.no_grad():
        model.module.conv1.weight[0, 0, 0, 0] += 1
    return {"model": model}


def changed_code():
    model = tiny()
    model.module.fc.register_forward_hook(lambda module, inputs, output: output + 1)
    return {"model": model}


CHANGES = {
    "the network's weights": changed_weights,
    "the network's code": changed_code,
    "the image set": lambda: {"images": image_set(22)},
    "the sites": lambda: {"sites": ["conv1"]},
    "the number of exemplars": lambda: {"exemplars": 3},
    "the number type": lambda: {"dtype": "bfloat16"},
    "the network's preprocessing": lambda: {"model": tiny(size=10)},
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_changed_is_named_and_nothing_is_lost(what, whole, every_block, tmp_path):
    folder = tmp_path / "atlas"
    with pytest.raises(ScanInterrupted):
        scan(folder, on_block=stop_after(2, interrupt))
    asked = {"model": tiny(), "images": image_set(), "sites": SITES, "batch_size": 4, "samples": 9}
    with pytest.raises(DataError, match=f"cannot resume: .*{what}"):
        nl.scan(out=folder, resume=True, **(asked | CHANGES[what]()))
    scan(folder, resume=True)
    assert files_of(folder) == whole


def test_an_interrupted_scan_is_not_overwritten_by_accident(every_block, tmp_path):
    folder = tmp_path / "atlas"
    with pytest.raises(ScanInterrupted):
        scan(folder, on_block=stop_after(2, interrupt))
    with pytest.raises(UsageError, match="holds an interrupted scan; --resume goes on"):
        scan(folder)
    assert scan(folder, overwrite=True).manifest["images"]["read"] == 23


DAMAGES = {
    f"cut to {share} %": lambda data, share=share: data[: len(data) * share // 100]
    for share in (0, 30, 70, 99)
}
DAMAGES |= {
    f"byte flipped at {place}": lambda data, place=place: flipped(data, int(place * len(data)))
    for place in (0.0, 0.3, 0.6, 0.9999)
}


def flipped(data, place):
    return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("interrupted") / "atlas"
    with pytest.raises(ScanInterrupted):
        scan(folder, on_block=stop_after(2, interrupt))
    return folder


@pytest.mark.parametrize("damage", DAMAGES)
def test_two_damaged_checkpoints_are_one_line(damage, interrupted, tmp_path):
    folder = shutil.copytree(interrupted, tmp_path / "atlas")
    for state in (folder / "checkpoint").iterdir():
        state.write_bytes(DAMAGES[damage](state.read_bytes()))
    with pytest.raises(DataError, match=r"^the checkpoint in [^\n]*$"):
        scan(folder, resume=True)
    assert not (folder / "atlas.json").exists()


def test_nothing_to_resume_is_said(tmp_path):
    with pytest.raises(DataError, match="nothing to resume"):
        scan(tmp_path / "atlas", resume=True)


def test_an_interrupted_overwrite_leaves_the_old_atlas_and_can_be_resumed(whole, every_block, tmp_path):
    folder = tmp_path / "atlas"
    nl.scan(tiny(), image_set(5), "relu", folder)
    before = files_of(folder)
    with pytest.raises(ScanInterrupted):
        scan(folder, overwrite=True, on_block=stop_after(2, interrupt))
    assert files_of(folder) == before
    scan(folder, resume=True)
    assert files_of(folder) == whole
    assert [path.name for path in tmp_path.iterdir()] == ["atlas"]


def test_signals_are_handled_as_before_afterwards(tmp_path):
    handler = signal.getsignal(signal.SIGINT)
    scan(tmp_path / "atlas")
    assert signal.getsignal(signal.SIGINT) is handler


def save_pictures(folder: Path, count: int) -> Path:
    for index, picture in enumerate(pictures(count)):
        (folder / CLASSES[index % 3]).mkdir(parents=True, exist_ok=True)
        picture.save(folder / CLASSES[index % 3] / f"{index:04d}.png")
    return folder


SCRIPT = """
import sys
from neurolupa.scanning import job
job.CHECKPOINT_SECONDS, job._SAVING_SHARE = 0.0, float("inf")
from tests.scanning.networks import tiny
import neurolupa as nl
nl.scan(tiny(), f"folder:{sys.argv[1]}", ["relu:0", "relu:1", "fc"], sys.argv[2], batch_size=3,
        resume=sys.argv[3] == "resume", on_block=lambda done, total: print(done, flush=True))
"""


def run_scan(photos, folder, mode):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(photos), str(folder), mode],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish_scan(photos, folder, mode):
    with run_scan(photos, folder, mode) as process:
        process.communicate()
    assert process.returncode == 0


def kill_at_a_random_moment(photos, folder, mode, chance):
    """Starts a scan and kills it -9 some time after a random block; whether it was still alive."""
    with run_scan(photos, folder, mode) as process:
        for _ in range(chance.randint(1, 12)):
            process.stdout.readline()
        time.sleep(chance.random() * 0.02)
        process.send_signal(signal.SIGKILL)
    return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    "seed", [0, pytest.param(1, marks=pytest.mark.nightly), pytest.param(2, marks=pytest.mark.nightly)]
)
def test_kill_minus_nine_at_random_moments_then_resume(seed, tmp_path):
    photos, chance = save_pictures(tmp_path / "photos", 60), random.Random(seed)
    finish_scan(photos, tmp_path / "whole", "start")
    killed = kill_at_a_random_moment(photos, tmp_path / "atlas", "start", chance)
    while killed and not (tmp_path / "atlas" / "atlas.json").exists() and seed and chance.random() < 0.7:
        killed = kill_at_a_random_moment(photos, tmp_path / "atlas", "resume", chance)
    if not (tmp_path / "atlas" / "atlas.json").exists():
        finish_scan(photos, tmp_path / "atlas", "resume")
    assert files_of(tmp_path / "atlas") == files_of(tmp_path / "whole")


def test_images_that_cannot_be_read_are_skipped_counted_and_listed(tmp_path):
    good = pictures(6)
    images = load_images(
        [good[0], b"no picture", good[1], good[2], b"", good[3]], labels=[0] * 6, classes=("a",)
    )
    atlas = nl.scan(tiny(), images, "relu", tmp_path / "atlas", batch_size=2)
    plain = nl.scan(tiny(), load_images(good[:4]), "relu", tmp_path / "plain", batch_size=2)
    facts = atlas.manifest["images"]
    assert (facts["total"], facts["read"], facts["skipped"], facts["labelled"]) == (6, 4, 2, 4)
    lines = (tmp_path / "atlas" / "skipped.csv").read_text().splitlines()
    assert lines[0] == "image,id,reason"
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "4"]
    assert atlas.images.loc[atlas.images["skipped"], "image"].tolist() == [1, 4]
    columns = ["mean", "max", "zeros"]
    np.testing.assert_allclose(atlas.units[columns], plain.units[columns], rtol=1e-5)
    assert set(atlas.exemplars("relu", 0)["image"]) <= {0, 2, 3, 5}


def test_strict_stops_at_the_first_unreadable_image(tmp_path):
    images = load_images([*pictures(2), b"no picture"])
    with pytest.raises(DataError, match="cannot be read: "):
        nl.scan(tiny(), images, "relu", tmp_path / "atlas", strict=True)
    assert not (tmp_path / "atlas").exists()


def test_a_set_without_a_readable_image_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(DataError, match="none of 2 images could be read; the first, "):
        nl.scan(tiny(), load_images([b"", b"x"]), "relu", tmp_path / "atlas")
    assert not any(tmp_path.iterdir())


def test_forty_broken_files_of_three_hundred_are_skipped_with_their_reasons(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for index, picture in enumerate(pictures(260)):
        picture.save(photos / f"good {index:03d}.png")
    good = (photos / "good 000.png").read_bytes()
    cut = [good[:20], good[:60], good[:-30], good[8:]]
    ways = [b"", b"text", bytes(99), b"GIF89a", b"\xff\xd8\xff", b"%PDF-1.7", *cut]
    for number in range(40):
        (photos / f"bad {number:02d}.png").write_bytes(ways[number % 10])
    atlas = nl.scan(tiny(), f"folder:{photos}", "relu", tmp_path / "atlas", batch_size=64)
    facts = atlas.manifest["images"]
    assert (facts["total"], facts["read"], facts["skipped"]) == (300, 260, 40)
    rows = [line.split(",") for line in (atlas.folder / "skipped.csv").read_text().splitlines()[1:]]
    assert {name for _, name, *_ in rows} == {f"bad {number:02d}.png" for number in range(40)}
    assert all(row[2] for row in rows)
    assert (atlas.units["images"] == 260).all()
