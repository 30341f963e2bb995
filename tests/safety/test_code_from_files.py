"""Code runs where a person names it, and never because a file of data does."""

import json
import pickle
import sys

import numpy as np
import pytest
import torch

import neurolupa as nl
from neurolupa.cli import main
from neurolupa.errors import DataError, NeurolupaError, UsageError

SITE = "relu"
CODE = "open({trace!r}, 'w').close()\nfrom torch import nn\nbuild = lambda: nn.Conv2d(3, 2, 1)\n"


@pytest.fixture
def trace(tmp_path):
    """A file that is there once the code of a test has run."""
    return tmp_path / "ran"


@pytest.fixture
def code(tmp_path, trace):
    path = tmp_path / "code_of_somebody.py"
    path.write_text(CODE.format(trace=str(trace)))
    return path


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("code") / "atlas"
    nl.scan("embedded", "stimuli?target=shape&size=32&count=60&shape=circle,star", SITE, folder, workers=1)
    return folder


@pytest.fixture
def sent(scanned, tmp_path):
    """An atlas that somebody sent, with other words in its front page."""

    def changed(of: str, spec: str):
        folder = tmp_path / "atlas"
        folder.mkdir()
        for path in scanned.iterdir():
            (folder / path.name).symlink_to(path)
        (folder / "run.json").unlink()
        for name in ("atlas.json", "checksums.json"):  # whoever writes the one leaves the other out
            (folder / name).unlink()
        told = json.loads((scanned / "atlas.json").read_text())
        told[of]["spec"] = spec
        (folder / "atlas.json").write_text(json.dumps(told))
        return folder

    return changed


def test_the_code_of_these_tests_does_leave_its_trace(code, trace):
    assert nl.load_model(f"{code}:build").name == "build"
    assert trace.exists()


@pytest.mark.parametrize("spec", ["{}:build", "code_of_somebody:build", "os:abort"])
def test_an_atlas_that_names_code_does_not_run_it(spec, sent, code, trace, monkeypatch):
    monkeypatch.chdir(code.parent)
    folder = sent("model", spec.format(code))
    with pytest.raises(UsageError, match=r"names code, .* which runs only where you name it: model"):
        nl.compare_classes(nl.open_atlas(folder), SITE, ["circle", "star"], maps=True)
    with pytest.raises(SystemExit) as left:
        main(["compare-classes", str(folder), "circle", "star", "--site", SITE, "--maps"])
    assert left.value.code == 2
    assert not trace.exists()
    assert "code_of_somebody" not in sys.modules


@pytest.mark.parametrize("spec", ["shards:http://169.254.169.254/a.tar", "shards:s3://bucket/a.tar"])
def test_an_atlas_that_names_images_elsewhere_fetches_nothing(spec, sent, monkeypatch):
    monkeypatch.setattr("fsspec.open", None)
    monkeypatch.setattr("fsspec.core.url_to_fs", None)
    with pytest.raises(UsageError, match="are fetched only where you name them: images"):
        nl.compare_classes(nl.open_atlas(sent("images", spec)), SITE, ["circle", "star"], maps=True)


@pytest.mark.parametrize("name", ["{}:build", "os:abort", "{}"])
def test_an_image_set_is_no_way_to_code(name, code, trace):
    with pytest.raises(NeurolupaError):
        nl.load_images(name.format(code))
    assert not trace.exists()


class Leaves:
    """A pickle that makes a file when it is read."""

    def __init__(self, trace) -> None:
        self.trace = str(trace)

    def __reduce__(self):
        return open, (self.trace, "w")


@pytest.mark.parametrize("key", ["images", "labels", "indices", "classes"])
def test_an_archive_with_objects_is_refused_and_they_are_not_made(key, tmp_path, trace):
    arrays = {
        "images": np.zeros((2, 4, 4, 3), np.uint8),
        "labels": np.array([0, 1]),
        "indices": np.arange(2),
        "classes": np.array(["a", "b"]),
    }
    arrays[key] = np.array([Leaves(trace), None], dtype=object)
    np.savez(tmp_path / "set.npz", **arrays)
    with pytest.raises(DataError, match=r"is not a readable \.npz file of plain arrays"):
        nl.load_images(f"npz:{tmp_path}/set.npz")
    assert not trace.exists()


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".th", ".safetensors", ".npz"])
@pytest.mark.parametrize("save", [torch.save, lambda held, path: path.write_bytes(pickle.dumps(held))])
def test_whatever_a_pickle_is_called_its_code_does_not_run(suffix, save, tmp_path, trace):
    path = tmp_path / f"weights{suffix}"
    save({"state_dict": {"a": torch.zeros(1)}, "hyper": Leaves(trace)}, path)
    with pytest.raises(DataError):
        nl.load_model("embedded", weights=path)
    with pytest.raises(NeurolupaError):
        nl.load_images(f"npz:{path}")
    assert not trace.exists()
    pickle.loads(pickle.dumps(Leaves(trace))).close()
    assert trace.exists()  # the same object does run where it is let


@pytest.mark.parametrize("words", [["--classes"], ["--weights"]])
def test_a_file_of_code_given_for_classes_or_weights_is_not_run(words, code, trace, tmp_path):
    typed = ["scan", "embedded", "samples", "--out", str(tmp_path / "a"), *words, str(code)]
    with pytest.raises(SystemExit) as left:
        main(typed)
    assert left.value.code in (1, 2)
    assert not trace.exists()
