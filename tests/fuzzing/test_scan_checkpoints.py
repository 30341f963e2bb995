"""A scan whose checkpoint was damaged goes on to the same bytes, or says in one line that it cannot."""

import json
import shutil
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import strategies as st

import neurolupa as nl
from neurolupa.errors import DataError
from tests.scanning.networks import SITES, files_of, image_set, tiny

from .effort import EFFORTS, fuzz, kept
from .ends import is_one_line, outcome
from .json_mutations import CHANGES, Change, damaged_json
from .mutations import DAMAGES, Damage, damaged

STATE = "checkpoint/state.npz"
FACTS = "facts.npy"


class Killed(BaseException):
    """Stands for a process that is gone."""


class Scans(NamedTuple):
    """An interrupted scan, and the files of a whole one."""

    folder: Path
    whole: dict[str, bytes]
    model: nl.Model
    images: nl.ImageSet


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Scans:
    folder = tmp_path_factory.mktemp("interrupted")
    found = Scans(folder / "stopped", {}, tiny(), image_set())

    def stop(done: int, _total: int) -> None:
        if done >= 16:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("neurolupa.scanning.job.CHECKPOINT_SECONDS", 0.0)
        patch.setattr("neurolupa.scanning.job._SAVING_SHARE", float("inf"))
        with pytest.raises(Killed):
            go_on(found, found.folder, resume=False, on_block=stop)
    go_on(found, folder / "whole", resume=False)
    found.whole.update(files_of(folder / "whole"))
    return found


def go_on(
    scans: Scans, folder: Path, resume: bool = True, on_block: Callable | None = None
) -> dict[str, bytes]:
    options = {"batch_size": 4, "samples": 9, "workers": 1, "resume": resume, "on_block": on_block}
    nl.scan(scans.model, scans.images, SITES, folder, **options)
    return files_of(folder)


def check(scans: Scans, folder: Path, state: bytes) -> None:
    """With the state before it at hand, the same atlas comes of it, or one line."""
    damaged_scan(scans, folder, state, alone=False)
    found, line = outcome(lambda: go_on(scans, folder))
    assert line is not None or found == scans.whole, "another atlas than without the damage"


def damaged_scan(scans: Scans, folder: Path, state: bytes, alone: bool = True) -> Path:
    """The interrupted scan with this state; `alone`, without the one before it."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(scans.folder, folder)
    (folder / STATE).write_bytes(state)
    if alone:
        (folder / "checkpoint" / "earlier.npz").unlink()
    return folder


def resealed(archive: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The archive with other members, whose checksums fit."""
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(archive)) as held, zipfile.ZipFile(packed, "w") as written:
        for name in held.namelist():
            written.writestr(name, change(name, held.read(name)))
    return packed.getvalue()


def with_facts(archive: bytes, change: Callable[[str], str]) -> bytes:
    """The archive with other facts."""

    def changed(name: str, data: bytes) -> bytes:
        if name != FACTS:
            return data
        stream = BytesIO()
        text = change(np.load(BytesIO(data)).tobytes().decode())
        np.save(stream, np.frombuffer(text.encode(), np.uint8))
        return stream.getvalue()

    return resealed(archive, changed)


def members(archive: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(archive)) as held:
        return held.namelist()


@pytest.mark.parametrize("effort", EFFORTS)
def test_damaged_bytes(effort: str, scans: Scans, tmp_path: Path) -> None:
    whole = (scans.folder / STATE).read_bytes()

    def changed(changes: list[Damage]) -> None:
        check(scans, tmp_path / "atlas", damaged(whole, changes, whole))

    fuzz(effort, "scan_checkpoints", DAMAGES, changed, 0.4)


@pytest.mark.parametrize("effort", EFFORTS)
def test_damaged_facts(effort: str, scans: Scans, tmp_path: Path) -> None:
    whole = (scans.folder / STATE).read_bytes()

    def changed(changes: list[Change]) -> None:
        state = with_facts(whole, lambda text: damaged_json(text, changes))
        check(scans, tmp_path / "atlas", state)

    fuzz(effort, "scan_checkpoints", CHANGES, changed, 0.3)


@pytest.mark.parametrize("effort", EFFORTS)
def test_damaged_arrays_whose_checksums_fit(effort: str, scans: Scans, tmp_path: Path) -> None:
    whole = (scans.folder / STATE).read_bytes()

    def changed(case: tuple[str, int, int]) -> None:
        name, place, byte = case
        state = resealed(
            whole,
            lambda member, data: data[:place] + bytes([byte]) + data[place + 1 :] if member == name else data,
        )
        check(scans, tmp_path / "atlas", state)

    heads = st.tuples(
        st.sampled_from(members(whole)), st.integers(0, 127), st.sampled_from(b"019(),'<>fibTF ")
    )
    fuzz(effort, "scan_checkpoints", heads, changed, 0.3)


def test_without_damage_it_goes_on_to_the_same_bytes(scans: Scans, tmp_path: Path) -> None:
    shutil.copytree(scans.folder, tmp_path / "atlas")
    assert go_on(scans, tmp_path / "atlas") == scans.whole


@pytest.mark.parametrize(("key", "value"), [("next_block", 1), ("next_block", 4), ("next_block", 10**400)])
def test_facts_that_are_not_those_that_were_stored(
    key: str, value: int, scans: Scans, tmp_path: Path
) -> None:
    whole = (scans.folder / STATE).read_bytes()
    state = with_facts(whole, lambda text: json.dumps(json.loads(text) | {key: value}))
    with pytest.raises(DataError, match="does not fit its digest"):
        go_on(scans, damaged_scan(scans, tmp_path / "atlas", state))


def test_an_array_with_another_head_whose_checksum_fits(scans: Scans, tmp_path: Path) -> None:
    def moved(name: str, data: bytes) -> bytes:  # the end of the head is read as the first value
        return data[:8] + b"<" + data[9:] if name == "relu:0|bottom/images.npy" else data

    state = resealed((scans.folder / STATE).read_bytes(), moved)
    with pytest.raises(DataError, match="does not fit its digest"):
        go_on(scans, damaged_scan(scans, tmp_path / "atlas", state))


def test_rows_that_were_lost_are_not_zeros(scans: Scans, tmp_path: Path) -> None:
    folder = shutil.copytree(scans.folder, tmp_path / "atlas")
    rows = next(path for path in sorted((folder / "samples").iterdir()) if path.stat().st_size > 150)
    rows.write_bytes(rows.read_bytes()[:130])
    with pytest.raises(DataError, match="lacks rows") as told:
        go_on(scans, folder)
    assert is_one_line(str(told.value))


@pytest.mark.parametrize("path", kept("scan_checkpoints"))
def test_kept_inputs(path: Path, scans: Scans, tmp_path: Path) -> None:
    """Facts, as they replace those of a checkpoint of today."""
    facts = json.loads(path.read_text(encoding="utf-8"))
    whole = (scans.folder / STATE).read_bytes()
    state = with_facts(whole, lambda text: json.dumps(json.loads(text) | facts))
    check(scans, tmp_path / "atlas", state)
    with pytest.raises(DataError, match="does not fit its digest"):
        go_on(scans, damaged_scan(scans, tmp_path / "atlas", state))
