"""A damaged weights file is one line, or the tensors it held where its checksums can tell; never code."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from hypothesis import strategies as st
from safetensors.torch import save
from torch import Tensor

from neurolupa.models.checkpoint import read_checkpoint

from .effort import EFFORTS, fuzz, kept
from .ends import outcome
from .mutations import DAMAGES, damaged, damaged_inside

MARK = Path("code-was-run")


class Trap:
    """Pickled, it makes a file when it is loaded by a reader that runs code."""

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (MARK,)


def state() -> dict[str, Tensor]:
    numbers = torch.arange(24.0)
    return {
        "conv.weight": numbers.reshape(2, 3, 2, 2),
        "conv.bias": numbers[:2] / 3,
        "norm.num_batches_tracked": torch.tensor(7),
    }


@cache
def seeds() -> dict[str, bytes]:
    """By file name."""
    nested = {"state_dict": state(), "epoch": 3, "best": 0.5}
    return {
        "plain.pth": _saved(state()),
        "nested.pt": _saved(nested),
        "legacy.pth": _saved(state(), _use_new_zipfile_serialization=False),
        "trap.pth": _saved(state() | {"trap": Trap()}),
        "legacy-trap.pth": _saved({"trap": Trap()} | state(), _use_new_zipfile_serialization=False),
        "plain.safetensors": save(state()),
    }


def _saved(content: object, **options: bool) -> bytes:
    stream = BytesIO()
    torch.save(content, stream, **options)
    return stream.getvalue()


class Case(NamedTuple):
    """A damaged file; `sealed` where its checksums were made after the damage."""

    name: str
    data: bytes
    sealed: bool


@st.composite
def damaged_weights(draw: st.DrawFn) -> Case:
    name, other = draw(st.tuples(*[st.sampled_from(sorted(seeds()))] * 2))
    data, changes = seeds()[name], draw(DAMAGES)
    if data.startswith(b"PK") and draw(st.booleans()):
        return Case(name, damaged_inside(data, draw(st.sampled_from([0, 0, 1, 4, 5])), changes), True)
    return Case(name, damaged(data, changes, seeds()[other]), False)


def check(case: Case, folder: Path) -> None:
    path = folder / case.name
    path.write_bytes(case.data)
    found, line = outcome(lambda: read_checkpoint(path))
    assert not MARK.exists(), "code of the file was run"
    if line is not None:
        assert line.startswith(path.name)
        return
    assert all(isinstance(name, str) and isinstance(value, Tensor) for name, value in found.items())
    if case.data.startswith(b"PK") and not case.sealed:
        assert same(found, state()), "other numbers than were saved"


def same(one: dict[str, Tensor], two: dict[str, Tensor]) -> bool:
    return set(one) == set(two) and all(torch.equal(one[name], two[name]) for name in one)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome(lambda: read_checkpoint(tmp_path))


@pytest.mark.parametrize("effort", EFFORTS)
def test_damaged_files(effort: str, tmp_path: Path) -> None:
    fuzz(effort, "network_checkpoints", damaged_weights(), lambda case: check(case, tmp_path))


@pytest.mark.parametrize("name", seeds())
def test_what_is_not_damaged_is_read_and_no_code_is_run(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(seeds()[name])
    found, line = outcome(lambda: read_checkpoint(tmp_path / name))
    assert not MARK.exists()
    assert ("never run" in line) if "trap" in name else same(found, state())


def test_the_trap_works(tmp_path: Path) -> None:
    torch.load(BytesIO(seeds()["trap.pth"]), weights_only=False)
    assert MARK.exists()


@pytest.mark.parametrize("place", [0, 41, 95])
def test_a_flipped_bit_in_a_weight_is_found(place: int, tmp_path: Path) -> None:
    data = bytearray(seeds()["plain.pth"])
    data[data.find(torch.arange(24.0).numpy().tobytes()) + place] ^= 4
    check(Case("plain.pth", bytes(data), False), tmp_path)


def test_weights_that_were_saved_without_checksums_are_read(tmp_path: Path) -> None:
    config = pytest.importorskip("torch.utils.serialization").config
    with config.patch("save.compute_crc32", False):
        data = _saved(state())
    check(Case("plain.pth", data, False), tmp_path)
    assert same(read_checkpoint(tmp_path / "plain.pth"), state())


@pytest.mark.parametrize("path", kept("network_checkpoints"))
def test_kept_inputs(path: Path, tmp_path: Path) -> None:
    check(Case(path.name, path.read_bytes(), "sealed" in path.name), tmp_path)
