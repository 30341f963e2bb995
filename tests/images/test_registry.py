"""The contract of every kind of image set, shown on a small set of each."""

import inspect
import re
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from torchvision.datasets import CIFAR10

from neurolupa.errors import UsageError
from neurolupa.images import IMAGE_SETS, ImageSet, load_images

PICTURES = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)
LABELS = [0, 1, 0, 1, 0, 1]


class FakeCifar:
    data, targets, classes = PICTURES, LABELS, ["a", "b"]

    def __init__(self, root: Path, train: bool) -> None:
        pass


def folder(root: Path, encode, monkeypatch) -> str:
    for number, label in enumerate(LABELS):
        (root / "ab"[label]).mkdir(exist_ok=True)
        (root / "ab"[label] / f"{number}.png").write_bytes(encode(PICTURES[number]))
    return f"folder:{root}"


def npz(root: Path, encode, monkeypatch) -> str:
    np.savez(root / "a.npz", images=PICTURES, labels=LABELS)
    return f"npz:{root / 'a.npz'}"


def parquet(root: Path, encode, monkeypatch) -> str:
    table = pa.table({"image": [encode(picture) for picture in PICTURES], "label": LABELS})
    pq.write_table(table, root / "a.parquet", row_group_size=2)
    return f"parquet:{root / 'a.parquet'}"


def cifar10(root: Path, encode, monkeypatch) -> str:
    monkeypatch.setattr("torchvision.datasets.CIFAR10", FakeCifar)
    return f"cifar10:{root}"


def samples(root: Path, encode, monkeypatch) -> str:
    return "samples"


def stimuli(root: Path, encode, monkeypatch) -> str:
    return "stimuli?size=32&count=12&seed=3"


def gratings(root: Path, encode, monkeypatch) -> str:
    return "gratings?orientations=3&frequencies=2&phases=2"


def hues(root: Path, encode, monkeypatch) -> str:
    return "hues?hues=6&saturation=1"


def shards(root: Path, encode, monkeypatch) -> str:
    monkeypatch.setenv("NEUROLUPA_CACHE", str(root / "cache"))
    for shard in range(2):
        with tarfile.open(root / f"part-{shard}.tar", "w") as tar:
            for number in range(3 * shard, 3 * shard + 3):
                for kind, data in (("png", encode(PICTURES[number])), ("cls", str(LABELS[number]).encode())):
                    member = tarfile.TarInfo(f"{number:06d}.{kind}")
                    member.size = len(data)
                    tar.addfile(member, BytesIO(data))
    return f"shards:{root}/part-{{0..1}}.tar"


KINDS = (folder, npz, parquet, cifar10, samples, stimuli, gratings, hues, shards)
EXAMPLES: dict[str, Callable[..., str]] = {f.__name__: f for f in KINDS}


@pytest.fixture(params=IMAGE_SETS.names())
def spec(request, tmp_path, encode, monkeypatch) -> str:
    assert request.param in EXAMPLES, f"add a small example of {request.param!r} to this file"
    return EXAMPLES[request.param](tmp_path, encode, monkeypatch)


@pytest.fixture
def images(spec) -> ImageSet:
    return load_images(spec)


def test_the_names():
    assert {"cifar10", "folder", "npz", "parquet", "samples", "stimuli", "gratings", "hues", "shards"} <= set(
        IMAGE_SETS.names()
    )
    assert CIFAR10 is not FakeCifar


def test_entries_agree_with_pictures(images):
    for index, picture in enumerate(images):
        entry = images.entry(index)
        assert (entry.index, entry.id, entry.label) == (picture.index, picture.id, picture.label)
        assert picture.index == index
        assert isinstance(picture.image, Image.Image)
        assert picture.image.mode == "RGB"
        assert picture.class_name == images.classes[picture.label]
        assert entry.size is None or entry.size > 0
        assert type(entry.label) is int


def test_ids_are_unique_and_labels_are_indices(images):
    ids = [images.entry(index).id for index in range(len(images))]
    assert len(set(ids)) == len(ids) == len(images.labels)
    assert images.labels.dtype == np.int64
    assert images.labels.min() >= -1
    assert images.labels.max() < len(images.classes)
    assert not any(id.startswith("/") for id in ids)


def test_the_same_text_gives_the_same_set(spec, images):
    again = load_images(spec)
    assert (again.digest(), again.digest(verify=True)) == (images.digest(), images.digest(verify=True))
    assert load_images(images.spec).digest() == images.digest()
    assert images.digest() != images.digest(verify=True)


def test_subsets(images):
    some = images.subset(per_class=2, sample=3, seed=1)
    assert len(some) == 3
    assert [picture.index for picture in some] == [0, 1, 2]
    by_id = {picture.id: np.asarray(picture.image) for picture in images}
    assert all(np.array_equal(np.asarray(picture.image), by_id[picture.id]) for picture in some)


def test_info(images):
    info = images.info()
    assert (info.total, sum(info.per_class.values()), info.classes) == (
        len(images),
        len(images),
        images.classes,
    )
    assert info.sizes
    assert {picture.image.size for picture in images} == set(info.sizes)
    assert str(info).startswith(f"{info.name}: {info.total} images")


def test_reading_from_threads(images):
    expected = [picture.image.tobytes() for picture in images]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda index: images[index].image.tobytes(), list(range(len(images))) * 4))
    assert found == expected * 4


def test_an_unknown_option_names_the_kind(spec):
    kind = re.split("[:?]", spec)[0]
    with pytest.raises(UsageError, match=f"unknown option of {kind} 'per_clas'; nearest: per_class"):
        load_images(spec, per_clas=3)


@pytest.mark.parametrize("kind", IMAGE_SETS.names())
def test_every_entry_is_documented_and_takes_where_and_keywords(kind):
    factory = IMAGE_SETS[kind]
    first, *rest = inspect.signature(factory).parameters.values()
    assert first.name == "where"
    assert all(each.kind is each.KEYWORD_ONLY and each.default is not each.empty for each in rest)
    assert inspect.getdoc(factory)
