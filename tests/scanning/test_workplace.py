"""Where a scan may write: nobody's files are lost, and what is in the way is said in one line, early."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import neurolupa as nl
from neurolupa.atlas.ownership import LOCK
from neurolupa.errors import DataError, NeurolupaError, UsageError
from neurolupa.images import load_images
from neurolupa.scanning.lock import Lock
from neurolupa.scanning.workplace import Workplace
from tests.scanning.networks import pictures, tiny


def choose(out, **options):
    return Workplace.choose(out, **({"overwrite": True, "resume": False} | options))


def refused(kind, match, act):
    with pytest.raises(kind, match=match) as caught:
        act()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def scan(out, **options):
    return nl.scan(tiny(), load_images(pictures(4)), "relu", out, **({"batch_size": 2} | options))


FOREIGN = {
    "a folder `checkpoint`": {"checkpoint/last.pt": "weights"},
    "a folder `checkpoint` with a state": {"checkpoint/state.npz": "PK\x03\x04 somebody's model"},
    "another atlas.json": {"atlas.json": "[]"},
    "an atlas.json with a schema alone": {"atlas.json": '{"schema": 1}'},
    "an atlas.json with another schema": {"atlas.json": '{"schema": "x", "neurolupa": "1"}'},
    "an atlas with a thesis": {"atlas.json": '{"schema": 1, "neurolupa": "1"}', "thesis.tex": "years"},
}


@pytest.mark.parametrize("what", FOREIGN)
def test_foreign_folders_are_left_alone_and_overwriting_is_not_advised(what, tmp_path):
    for name, content in FOREIGN[what].items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    for overwrite in (True, False):
        told = refused(
            DataError, "choose an empty or a new folder", lambda o=overwrite: choose(tmp_path, overwrite=o)
        )
        assert "--overwrite" not in told
    if what == "an atlas with a thesis":
        assert "thesis.tex" in told


def test_own_folders_may_be_overwritten(tmp_path):
    folder = tmp_path / "atlas"
    scan(folder)
    assert choose(folder).building != folder
    (folder / "units.parquet.part").touch()
    assert choose(folder).building != folder


def test_abandoning_removes_nothing_that_a_scan_does_not_write(tmp_path):
    place = choose(tmp_path / "atlas")
    with place.open():
        (place.building / "samples").mkdir()
        (place.building / "notes.txt").write_text("mine")
        place.abandon()
    assert [path.name for path in (tmp_path / "atlas").iterdir()] == ["notes.txt"]


def test_landing_keeps_what_somebody_laid_into_the_old_atlas_meanwhile(tmp_path):
    folder = tmp_path / "atlas"
    scan(folder)
    scan(folder, overwrite=True, on_block=lambda *_: (folder / "thesis.tex").write_text("years"))
    assert (tmp_path / ".atlas.old" / "thesis.tex").read_text() == "years"
    assert nl.open_atlas(folder).source.read == 4


ODD = [
    "",
    "a\0b",
    None,
    3,
    b"atlas",
    ".",
    "..",
    "x" * 300,
    "x" * 250,
    "file",
    "file/x",
    "file/x/y",
    "nowhere",
]


@pytest.mark.parametrize("out", ODD, ids=lambda out: repr(out)[:12])
def test_odd_places_are_one_line_before_anything_is_loaded(out, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "nowhere").symlink_to(tmp_path / "not there")
    told = refused(NeurolupaError, ".", lambda: nl.scan("no such network", "no such images", out=out))
    assert "network" not in told
    assert len(told) < 160
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "nowhere"]


def test_a_link_is_followed_and_kept(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "far")
    scan(tmp_path / "link")
    atlas = scan(tmp_path / "link", overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert atlas.source.read == nl.open_atlas(tmp_path / "far").source.read == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["far", "link"]


def test_two_scans_at_once_are_told_apart(tmp_path):
    folder = tmp_path / "atlas"

    def second(done, total):
        for options in ({}, {"overwrite": True}, {"resume": True}):
            refused(DataError, "another scan is writing into", lambda o=options: scan(folder, **o))

    scan(folder, on_block=second)
    assert not (folder / LOCK).exists()
    scan(folder, overwrite=True, on_block=second)


def test_what_was_finished_since_the_place_was_chosen_is_not_overwritten(tmp_path):
    place = choose(tmp_path / "atlas", overwrite=False)
    scan(tmp_path / "atlas")
    with pytest.raises(DataError, match="another scan"), place.open():
        pass
    assert nl.open_atlas(tmp_path / "atlas").source.read == 4


def test_the_lock_of_a_dead_process_holds_nobody_up(tmp_path):
    folder = tmp_path / "atlas"
    folder.mkdir()
    code = (
        "import os, sys; from pathlib import Path; from neurolupa.scanning.lock import Lock;"
        "lock = Lock.take(Path(sys.argv[1])); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(folder / LOCK)], check=False)
    assert (folder / LOCK).exists()
    assert scan(folder).source.read == 4


def test_a_lock_is_not_taken_twice(tmp_path):
    lock = Lock.take(tmp_path / LOCK)
    refused(DataError, "another scan", lambda: Lock.take(tmp_path / LOCK))
    lock.release()
    Lock.take(tmp_path / LOCK).release()
    assert not any(tmp_path.iterdir())


def test_activations_are_kept_in_a_file_outside_of_the_atlas(tmp_path):
    (tmp_path / "file").touch()
    for keep in (tmp_path, tmp_path / "file" / "x.pth", tmp_path / "atlas" / "x.pth", "", "a\0b", 3):
        refused(UsageError, "keep_activations", lambda k=keep: scan(tmp_path / "atlas", keep_activations=k))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_sizes_are_told_in_sensible_units(tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 12})
    monkeypatch.setattr("neurolupa.scanning.sinks.shutil.disk_usage", lambda _: usage)
    refused(DataError, r"needs \d.* kB of disk .* 12 B are free",
            lambda: scan(tmp_path / "atlas", keep_activations=tmp_path / "x.pth"))  # fmt: skip
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["batch_size", "workers", "exemplars", "samples"])
@pytest.mark.parametrize("value", ["3", 2.5, True, 0, -1, float("nan")])
def test_counts_are_whole_numbers(name, value, tmp_path):
    words = name.replace("_", " ")
    refused(UsageError, f"{words} must be ", lambda: scan(tmp_path / "atlas", **{name: value}))
    assert not any(tmp_path.iterdir())


def test_numpys_whole_numbers_will_do(tmp_path):
    atlas = scan(tmp_path / "atlas", batch_size=np.int64(2), exemplars=np.int8(3), workers=np.int32(1))
    assert json.loads((atlas.folder / "atlas.json").read_text())["settings"]["exemplars"] == 3


@pytest.mark.parametrize("bad", [{"dtype": "float8"}, {"dtype": None}, {"on_block": 3}, {"workers": 0}])
def test_bad_values_are_refused_before_anything_is_loaded(bad, tmp_path):
    told = refused(
        UsageError, ".", lambda: nl.scan("no such network", "no such images", out=tmp_path / "o", **bad)
    )
    assert "network" not in told


def full_disk(*_, **__):
    raise OSError(28, "No space left on device")


FULL = {
    "the samples": ("neurolupa.scanning.rows.RowFile.append", True),
    "the first checkpoint": ("neurolupa.scanning.checkpoint.np.savez", False),
    "a table": ("neurolupa.scanning.finishing.write_table", True),
    "the arrays": ("neurolupa.scanning.finishing.save_file", True),
    "the kernels": ("neurolupa.scanning.finishing.write_kernels", True),
    "a picture": ("PIL.Image.Image.save", True),
    "the folder": ("neurolupa.scanning.lock.Lock.take", False),
}


@pytest.mark.parametrize("what", FULL)
def test_a_full_disk_is_one_line_and_what_was_done_is_kept(what, tmp_path, monkeypatch):
    folder, (place, resumable) = tmp_path / "atlas", FULL[what]
    with monkeypatch.context() as patch:
        patch.setattr(place, full_disk)
        told = refused(DataError, "No space left on device", lambda: scan(folder))
    assert ("--resume goes on" in told) == folder.exists() == (resumable and what != "the samples")
    if folder.exists():
        assert scan(folder, resume=True).source.read == 4


def test_the_file_that_is_too_much_is_named(tmp_path):
    script = (
        "import resource, signal, sys; from tests.scanning.test_workplace import scan;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000));"
        "\ntry: scan(sys.argv[1])\nexcept Exception as error: print(type(error).__name__, error)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "atlas")]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("DataError the scan into")
    assert "state.npz: File too large" in done.stdout
    assert not (tmp_path / "atlas").exists()
