"""Faults while a scan runs: each ends in a finished atlas, in one that can be resumed, or in one line."""

import errno
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import neurolupa as nl
from neurolupa.errors import DataError, Notice
from neurolupa.scanning import ScanInterrupted, finishing, job, workplace
from neurolupa.scanning.checkpoint import Checkpoint
from tests.scanning.networks import SITES, files_of, image_set, tiny
from tests.scanning.test_resuming import DAMAGES, Killed, interrupt, raise_killed, stop_after

ROOT = Path(__file__).parents[2]
OPTIONS = {"batch_size": 4, "samples": 9}


def scan(folder, **options):
    return nl.scan(tiny(), image_set(), SITES, folder, **(OPTIONS | options))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "atlas"
    scan(folder)
    return files_of(folder)


@pytest.fixture
def every_block(monkeypatch):
    """A checkpoint after every block."""
    monkeypatch.setattr(job, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(job, "_SAVING_SHARE", float("inf"))


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A scan that was stopped after three blocks, with the states of two and of three."""
    folder = tmp_path_factory.mktemp("stopped") / "atlas"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "CHECKPOINT_SECONDS", 0.0)
        patch.setattr(job, "_SAVING_SHARE", float("inf"))
        with pytest.raises(ScanInterrupted):
            scan(folder, on_block=stop_after(3, interrupt))
    return folder


@pytest.mark.parametrize("damage", DAMAGES)
def test_behind_a_damaged_checkpoint_stands_the_one_before_it(damage, stopped, whole, tmp_path):
    folder = shutil.copytree(stopped, tmp_path / "atlas")
    state = Checkpoint(folder).path
    state.write_bytes(DAMAGES[damage](state.read_bytes()))
    with pytest.warns(Notice, match=r"cannot be read .*; the one before it is taken"):
        scan(folder, resume=True)
    assert files_of(folder) == whole


def test_a_state_that_was_lost_between_two_renames_is_no_loss(stopped, whole, tmp_path):
    folder = shutil.copytree(stopped, tmp_path / "atlas")
    Checkpoint(folder).path.unlink()
    with pytest.warns(Notice, match="the one before it is taken"):
        scan(folder, resume=True)
    assert files_of(folder) == whole


def test_a_number_that_changed_in_a_whole_archive_is_found_by_the_digest(stopped, tmp_path):
    import numpy as np

    folder = shutil.copytree(stopped, tmp_path / "atlas")
    point = Checkpoint(folder)
    with np.load(point.path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    name = next(name for name in arrays if name.endswith("moments/mean"))
    arrays[name] = arrays[name] + 1e-9
    np.savez(point.path, **arrays)
    point.earlier.unlink()
    with pytest.raises(DataError, match="does not fit its digest"):
        scan(folder, resume=True)


STAGES = [
    *(("Finisher", name) for name in ("_write_tables", "_write_exemplars", "_write_arrays")),
    *(("Finisher", name) for name in ("_write_skipped", "_write_thumbs", "_manifest")),
    (None, "write_kernels"), (None, "run_facts"),
]  # fmt: skip


@pytest.mark.parametrize(("home", "name"), STAGES)
@pytest.mark.parametrize("before", [True, False])
def test_killed_at_every_stage_of_the_end(home, name, before, whole, tmp_path, monkeypatch):
    """Either before a stage's work or right after it."""
    place = getattr(finishing, home) if home else finishing
    real = getattr(place, name)

    def killed(*given, **named):
        if not before:
            real(*given, **named)
        raise_killed()

    with monkeypatch.context() as patch:
        patch.setattr(place, name, killed)
        with pytest.raises(Killed):
            scan(tmp_path / "atlas")
    with pytest.raises(DataError, match="run again with --resume"):
        nl.open_atlas(tmp_path / "atlas")
    scan(tmp_path / "atlas", resume=True)
    assert files_of(tmp_path / "atlas") == whole


@pytest.mark.parametrize("moves", [0, 1, 2])
def test_killed_as_a_new_atlas_takes_the_place_of_an_old_one(moves, whole, tmp_path, monkeypatch):
    folder = tmp_path / "atlas"
    nl.scan(tiny(), image_set(5), "relu", folder)
    old = files_of(folder)
    real, done = Path.replace, []

    def replace(path, target):
        if path.is_dir():
            if len(done) == moves:
                raise_killed()
            done.append(path)
        return real(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        patch.setattr(workplace, "remove_own", _killed_after(moves - 2))
        with pytest.raises(Killed):
            scan(folder, overwrite=True)
    if moves == 0:
        assert files_of(folder) == old
    if moves == 1:
        with pytest.raises(DataError, match="interrupted at its end, run again with --resume"):
            nl.open_atlas(folder)
    if moves < 2:
        scan(folder, resume=True)
    assert files_of(folder) == whole
    assert not (tmp_path / ".atlas.building").exists()


def _killed_after(calls):
    """`remove_own`, which is killed at its last call where that is the old atlas's end."""
    real, left = workplace.remove_own, [3 + calls]

    def remove_own(*given, **named):
        left[0] -= 1
        if calls == 0 and left[0] == 0:
            raise_killed()
        real(*given, **named)

    return remove_own


LIMITED = """
import resource, signal, sys
import neurolupa as nl
from tests.scanning.networks import SITES, image_set, tiny
model, images = tiny(), image_set()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[2])
from neurolupa.errors import NeurolupaError
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    nl.scan(model, images, SITES, sys.argv[1], batch_size=4, samples=9, resume=sys.argv[3] == "resume")
except NeurolupaError as error:
    print(error)
    sys.exit(7)
"""


def run_limited(folder, limit, mode="start"):
    """A scan in a process whose files may grow to `limit` bytes: what it told, and its exit code."""
    words = [sys.executable, "-c", LIMITED, str(folder), str(limit), mode]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" not in ended.stderr
    return ended.stdout, ended.returncode


LARGER = [pytest.param(limit, marks=pytest.mark.nightly) for limit in (1, 900, 20_000, 60_000, 300_000)]


@pytest.mark.parametrize("limit", [200, 5_000, *LARGER])
def test_files_that_cannot_grow_end_in_one_line_and_nothing_lost(limit, whole, tmp_path):
    """As on a full disk: the system refuses the bytes, wherever the scan has come to."""
    folder = tmp_path / "atlas"
    told, code = run_limited(folder, limit)
    assert code == 7
    assert told.startswith(f"the scan into {folder} was stopped: ")
    assert told.count("\n") == 1
    assert os.strerror(errno.EFBIG) in told
    again = "resume" if (folder / "checkpoint").exists() else "start"
    assert ("--resume goes on" in told) == (again == "resume")
    assert run_limited(folder, 0, again) == ("", 0)
    assert files_of(folder) == whole


@pytest.mark.parametrize("file", ["state.part", "fc.max", "skipped.csv", "run.json", "atlas.json"])
def test_a_disk_that_is_full_is_named_with_the_file(file, every_block, whole, tmp_path, monkeypatch):
    folder = tmp_path / "atlas"
    with monkeypatch.context() as patch:
        refuse(patch, file)
        with pytest.raises(DataError, match=r"^the scan into .* was stopped: .*No space left on device"):
            scan(folder)
    if Checkpoint(folder).exists():
        scan(folder, resume=True)
    else:
        scan(folder)
    assert files_of(folder) == whole


def refuse(patch, name):
    """Any file whose name begins with `name` cannot be opened for writing: the disk is full."""
    real = Path.open

    def opened(path, mode="r", *given, **named):
        if path.name.startswith(name) and mode[:1] in "wxar" and ("w" in mode or "+" in mode):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return real(path, mode, *given, **named)

    patch.setattr(Path, "open", opened)


@pytest.mark.parametrize("jump", [-1e9, 1e9])
def test_a_clock_that_jumps_changes_nothing(jump, every_block, whole, tmp_path, monkeypatch):
    real, blocks = time.time, []
    monkeypatch.setattr(time, "time", lambda: real() + jump * (len(blocks) % 2))
    folder = tmp_path / "atlas"
    with pytest.raises(ScanInterrupted):
        scan(folder, on_block=lambda *told: (blocks.append(told), interrupt() if len(blocks) == 3 else None))
    scan(folder, resume=True, on_block=lambda *told: blocks.append(told))
    assert files_of(folder) == whole


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DataError, match="is a file") as caught:
        scan(tmp_path / "file" / "atlas")
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match=r"cannot write to|was stopped") as caught:
        scan(Path("/proc/atlas"))
    assert "\n" not in str(caught.value)
