import argparse
import os
import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from neurolupa.errors import DataError
from neurolupa.models.checkpoint import read_checkpoint

STATE = OrderedDict(weight=torch.arange(6.0).view(2, 3), bias=torch.ones(2))
ONE_LINE = 400


class Evil:
    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


def same(found):
    return list(found) == list(STATE) and all(torch.equal(found[k], STATE[k]) for k in STATE)


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".th"])
@pytest.mark.parametrize(
    "content",
    [
        STATE,
        {"state_dict": STATE, "best_prec1": 91.5, "epoch": 3},
        {"model": STATE, "optimizer": {"lr": 0.1}},
        {"model_state_dict": STATE, "step": torch.tensor(5)},
        {"model": {"state_dict": STATE}},
        {"state_dict": STATE, "args": argparse.Namespace(lr=0.1), "best": np.float64(91.2)},
        dict(STATE) | {"note": "text"},
    ],
    ids=["bare", "state_dict", "model", "model_state_dict", "twice", "training script", "with text"],
)
def test_state_dicts_are_found_where_people_put_them(tmp_path, suffix, content):
    path = tmp_path / f"weights{suffix}"
    torch.save(content, path)
    assert same(read_checkpoint(path))


def test_the_old_format_is_read(tmp_path):
    path = tmp_path / "old.pth"
    torch.save(STATE, path, _use_new_zipfile_serialization=False)
    assert same(read_checkpoint(str(path)))


def test_safetensors_are_read(tmp_path):
    save_file(dict(STATE), tmp_path / "w.safetensors")
    found = read_checkpoint(tmp_path / "w.safetensors")
    assert all(torch.equal(found[k], STATE[k]) for k in STATE)


def test_tensors_saved_on_a_gpu_come_to_the_cpu(tmp_path, monkeypatch):
    """A storage tagged as CUDA's, written without one."""
    path = tmp_path / "gpu.pth"
    monkeypatch.setattr(torch.serialization, "location_tag", lambda storage: "cuda:0")
    torch.save(STATE, path)
    monkeypatch.undo()
    if not torch.cuda.is_available():
        with pytest.raises(RuntimeError, match="CUDA"):
            torch.load(path, weights_only=True)
    found = read_checkpoint(path)
    assert same(found)
    assert {t.device.type for t in found.values()} == {"cpu"}


@pytest.mark.parametrize("save", ["torch", "torch old", "pickle 2", "pickle 4"])
def test_code_is_refused_by_name_and_never_run(tmp_path, save):
    path, trace = tmp_path / "evil.pth", tmp_path / "trace"
    content = {"state_dict": STATE, "extra": Evil(trace)}
    if save.startswith("torch"):
        torch.save(content, path, _use_new_zipfile_serialization=save == "torch")
    else:
        path.write_bytes(pickle.dumps({"extra": Evil(trace)}, protocol=int(save[-1])))
    with pytest.raises(DataError, match=r"code or objects \((posix|nt)\.mkdir\)") as caught:
        read_checkpoint(path)
    assert "\n" not in str(caught.value)
    assert not trace.exists()
    with pytest.raises(FileExistsError):  # the trap itself works
        trace.mkdir(), pickle.loads(pickle.dumps(Evil(trace)))


def test_a_whole_pickled_network_is_refused_with_advice(tmp_path):
    torch.save(nn.Linear(1, 1), tmp_path / "whole.pth")
    with pytest.raises(DataError, match=r"torch\.nn\.modules\.linear\.Linear.*state_dict"):
        read_checkpoint(tmp_path / "whole.pth")


@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning")
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_torchscript_archive_is_refused_with_advice(tmp_path):
    torch.jit.script(nn.Linear(1, 1)).save(tmp_path / "script.pt")
    with pytest.raises(DataError, match="TorchScript"):
        read_checkpoint(tmp_path / "script.pt")


def _truncated(path, share, **options):
    torch.save({"a": torch.zeros(1000)}, path, **options)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


BROKEN = {
    "missing.pth": (lambda p: None, "no weights file"),
    "folder.pth": (lambda p: p.mkdir(), "is a folder"),
    "empty.pth": (lambda p: p.touch(), "truncated or not a checkpoint"),
    "text.pth": (lambda p: p.write_text("hello"), "truncated or not a checkpoint"),
    "page.pth": (lambda p: p.write_text("<!DOCTYPE html><html>not found</html>"), "not a checkpoint"),
    "picture.pth": (lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99)), "not a checkpoint"),
    "half.pth": (lambda p: _truncated(p, 0.5), "truncated"),
    "nearly.pth": (lambda p: _truncated(p, 0.98), "truncated"),
    "half_old.pth": (
        lambda p: _truncated(p, 0.5, _use_new_zipfile_serialization=False),
        "truncated",
    ),
    "list.pth": (lambda p: torch.save([torch.zeros(2)], p), "holds a list"),
    "tensor.pth": (lambda p: torch.save(torch.zeros(2), p), "holds a Tensor"),
    "numbers.pth": (lambda p: torch.save({"epoch": 3, "lr": 1.0}, p), "no named tensors.*epoch, lr"),
    "nothing.pth": (lambda p: torch.save({}, p), "it is empty"),
    "text.safetensors": (lambda p: p.write_text("hello, this is text"), "not a safetensors file"),
    "empty.safetensors": (lambda p: p.touch(), "not a safetensors file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_told_in_one_line(tmp_path, name):
    make, message = BROKEN[name]
    make(tmp_path / name)
    with pytest.raises(DataError, match=message) as caught:
        read_checkpoint(tmp_path / name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < ONE_LINE + len(str(tmp_path))


def test_a_truncated_safetensors_file_is_told(tmp_path):
    path = tmp_path / "half.safetensors"
    save_file({"a": torch.zeros(1000)}, path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match=r"half\.safetensors is truncated"):
        read_checkpoint(path)
