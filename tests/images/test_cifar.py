"""cifar10: sets, on a tiny data set in torchvision's layout."""

import hashlib
import pickle
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
from torchvision.datasets import CIFAR10, cifar

from neurolupa.errors import DataError
from neurolupa.images import load_images
from neurolupa.images.classes import CIFAR10_CLASSES


def dump(folder: Path, name: str, content: dict) -> list[str]:
    data = pickle.dumps(content)
    (folder / name).write_bytes(data)
    return [name, hashlib.md5(data, usedforsecurity=False).hexdigest()]


@pytest.fixture
def tiny(tmp_path, monkeypatch) -> Path:
    """Two training and three test pictures; picture n has red n, green 0, blue 255."""
    folder = tmp_path / CIFAR10.base_folder
    folder.mkdir()

    def batch(numbers: list[int]) -> dict:
        planes = [np.concatenate([np.full(1024, n), np.zeros(1024), np.full(1024, 255)]) for n in numbers]
        return {"data": np.array(planes, dtype=np.uint8), "labels": [n % 10 for n in numbers]}

    monkeypatch.setattr(CIFAR10, "train_list", [dump(folder, "data_batch_1", batch([11, 12]))])
    monkeypatch.setattr(CIFAR10, "test_list", [dump(folder, "test_batch", batch([3, 4, 5]))])
    meta = dump(folder, "batches.meta", {"label_names": list(CIFAR10_CLASSES)})
    monkeypatch.setattr(CIFAR10, "meta", {"filename": meta[0], "key": "label_names", "md5": meta[1]})
    return tmp_path


def test_both_splits(tiny):
    test = load_images(f"cifar10:{tiny}?split=test")
    assert [picture.image.getpixel((31, 31)) for picture in test] == [(n, 0, 255) for n in (3, 4, 5)]
    assert [picture.class_name for picture in test] == ["cat", "deer", "dog"]
    assert (test.entry(2).id, test.entry(2).size, test.info().split) == ("test/000002", 3072, "test")
    assert load_images(f"cifar10:{tiny}").entry(0).id == "test/000000"
    train = load_images(f"cifar10:{tiny}", split="train")
    assert ([picture.label for picture in train], train.entry(1).id) == ([1, 2], "train/000001")


def refuse(url: str, root: Path, **kwargs) -> None:
    Path(root).mkdir(exist_ok=True)  # as the real one does before it asks
    raise URLError("no route to host")


def test_absent_and_offline_is_one_clear_line_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(cifar, "download_and_extract_archive", refuse)
    root = tmp_path / "data"
    with pytest.raises(DataError) as caught:
        load_images(f"cifar10:{root}")
    assert "CIFAR-10 is not in" in str(caught.value)
    assert "no route to host" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not root.exists()


def test_absent_and_online_it_is_downloaded(tiny, monkeypatch):
    asked = []

    def bring(url, root, **kwargs):
        asked.append(Path(root))
        (tiny / "elsewhere").rename(tiny / CIFAR10.base_folder)

    monkeypatch.setattr(cifar, "download_and_extract_archive", bring)
    (tiny / CIFAR10.base_folder).rename(tiny / "elsewhere")
    assert len(load_images(f"cifar10:{tiny}")) == 3
    assert asked == [tiny]


def test_a_damaged_copy_is_told(tiny, monkeypatch):
    monkeypatch.setattr(cifar, "download_and_extract_archive", refuse)
    (tiny / CIFAR10.base_folder / "test_batch").write_bytes(b"junk")
    with pytest.raises(DataError, match="CIFAR-10 is not in"):
        load_images(f"cifar10:{tiny}")
    assert tiny.exists()
