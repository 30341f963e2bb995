"""The real pictures of NEUROLUPA_DATA."""

import json
from pathlib import Path

import numpy as np
import pytest

from neurolupa.images import load_images

pytestmark = pytest.mark.real


def test_imagenet_by_the_index_at_the_head_of_the_file_name(data: Path):
    images = load_images(data / "imagenet")
    names = json.loads(Path(data / "imagenet" / "class_index.json").read_text())
    assert (len(images), len(set(images.labels.tolist())), images.info().left_out) == (700, 700, 1)
    for index in range(700):
        entry = images.entry(index)
        assert entry.label == int(entry.id[:3])
        assert images.classes[entry.label] == names[str(entry.label)][1]
    assert len(images.classes) == images.labels.max() + 1
    absent = set(range(len(images.classes))) - set(images.labels.tolist())
    assert all(images.classes[label] == f"class {label}" for label in absent)


def test_every_fiftieth_imagenet_picture_decodes(data: Path):
    images = load_images(data / "imagenet")
    for index in range(0, 700, 50):
        assert min(images[index].image.size) in range(100, 300)


def test_textures_by_their_folders(data: Path):
    info = load_images(data / "textures").info()
    assert (info.total, len(info.classes), set(info.per_class.values())) == (400, 10, {40})
    assert info.classes[0] == "banded"


def test_cifar_parquet(data: Path):
    images = load_images(f"parquet:{data}/cifar10/test-jpeg.parquet?names=cifar10")
    assert len(images) == 10_000
    assert set(images.info().per_class.values()) == {1000}
    assert {picture.image.size for picture in images} == {(32, 32)}
    assert (images[0].class_name, images[9999].index) == ("airplane", 9999)


def test_both_cifar_files_at_once(data: Path):
    images = load_images(f"parquet:{data}/cifar10/*-jpeg.parquet?names=cifar10")
    assert np.bincount(images.labels).tolist() == [6000] * 10
    assert [images.entry(index).id for index in (0, 10_000)] == ["test-jpeg/000000", "train-jpeg/000000"]


def test_lossless_cifar(data: Path):
    path = data / "cifar10" / "test-lossless-500.npz"
    images = load_images(f"npz:{path}?names=cifar10")
    with np.load(path) as arrays:
        pixels, labels, indices = arrays["images"], arrays["labels"], arrays["indices"]
    assert len(images) == 500
    assert images.labels.tolist() == labels.tolist()
    for index, picture in enumerate(images):
        assert np.array_equal(np.asarray(picture.image), pixels[index])
        assert picture.id == f"test-lossless-500/{indices[index]:06d}"
