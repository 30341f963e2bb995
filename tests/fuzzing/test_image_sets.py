"""A damaged container of pictures is one line, or a set each of whose labels has a class."""

from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
from hypothesis import strategies as st
from torchvision.datasets import CIFAR10
from torchvision.datasets import cifar as torchvision_cifar

from neurolupa.images import ImageSet, UnreadableImage, load_images

from .containers import cifar, odd_containers, seeds
from .effort import EFFORTS, fuzz, kept
from .ends import outcome
from .mutations import DAMAGES, Damage, damaged, damaged_inside
from .test_pictures import MOST_PIXELS
from .test_pictures import seeds as pictures

KINDS = {".parquet": "parquet", ".npz": "npz", ".tar": "shards"}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROLUPA_CACHE", str(tmp_path / "cache"))
    for name in seeds():  # what is imported and opened for the first time is no memory of a set's
        check(name, seeds()[name], tmp_path)


@st.composite
def damaged_containers(draw: st.DrawFn) -> tuple[str, bytes]:
    name, other = draw(st.tuples(*[st.sampled_from(sorted(seeds()))] * 2))
    data, changes = seeds()[name], draw(DAMAGES)
    if name.endswith(".npz") and draw(st.booleans()):
        return name, damaged_inside(data, draw(st.integers(0, 2)), changes)
    return name, damaged(data, changes, seeds()[other])


def check(name: str, data: bytes, folder: Path) -> None:
    if name.endswith(".csv"):
        home, name = folder / "pictures", "labels.csv"
        home.mkdir(exist_ok=True)
        for place in "ab":
            (home / f"{place}.png").write_bytes(pictures()["png"])
        spec = f"folder:{home}"
    else:
        home = folder
        spec = f"{KINDS[Path(name).suffix]}:{home / name}"
    (home / name).write_bytes(data)
    found, line = outcome(lambda: load_images(spec, max_pixels=MOST_PIXELS))
    if line is None:
        require_whole(found)


def require_whole(images: ImageSet) -> None:
    assert images.labels.shape == (len(images),)
    assert images.labels.dtype == np.int64
    assert images.labels.min() >= -1
    assert images.labels.max() < max(len(images.classes), 1)
    assert all(isinstance(name, str) for name in images.classes)
    for read in (images.info, images.digest, lambda: images.digest(verify=True), lambda: repr(images)):
        found, line = outcome(read)
        assert found is not None, line
    if len(images) > 50:
        return
    assert len({images.entry(index).id for index in range(len(images))}) == len(images)
    for index in range(len(images)):
        _, line = outcome(lambda index=index: read_picture(images, index))
        assert line is None


def read_picture(images: ImageSet, index: int) -> None:
    """Unreadable is the one fault that a picture of a set may have."""
    try:
        picture = images[index]
    except UnreadableImage:
        return
    assert picture.image.mode == "RGB"
    assert picture.class_name is None or picture.class_name == images.classes[picture.label]


@pytest.mark.parametrize("effort", EFFORTS)
def test_damaged_containers(effort: str, tmp_path: Path) -> None:
    fuzz(effort, "image_sets", damaged_containers(), lambda case: check(*case, tmp_path), 0.6)


@pytest.mark.parametrize("effort", EFFORTS)
def test_odd_containers(effort: str, tmp_path: Path) -> None:
    fuzz(effort, "image_sets", odd_containers(), lambda case: check(*case, tmp_path), 0.3)


@pytest.mark.parametrize("effort", EFFORTS)
def test_damaged_cifar(effort: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """torchvision's own sums tell, before anything is unpickled."""
    folder = tmp_path / "data" / CIFAR10.base_folder
    for name, value in cifar(folder).items():
        monkeypatch.setattr(CIFAR10, name, value)
    monkeypatch.setattr(torchvision_cifar, "download_and_extract_archive", refuse)
    whole = (folder / "test_batch").read_bytes()
    assert len(load_images(f"cifar10:{tmp_path / 'data'}")) == 2

    def changed(changes: list[Damage]) -> None:
        (folder / "test_batch").write_bytes(damaged(whole, changes, whole))
        found, line = outcome(lambda: load_images(f"cifar10:{tmp_path / 'data'}"))
        assert line or found.labels.tolist() == [3, 4]

    fuzz(effort, "image_sets", DAMAGES, changed, 0.1)


def refuse(*_: object, **__: object) -> None:
    raise URLError("no route to host")


@pytest.mark.parametrize("name", seeds())
def test_what_is_not_damaged_is_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(seeds()[name])
    if path.suffix in KINDS:
        images = load_images(f"{KINDS[path.suffix]}:{path}")
        assert [picture.image.mode for picture in images] == ["RGB"] * len(images)
        assert len(images) == (2 if name == "labelled.tar" else 3)


@pytest.mark.parametrize("path", kept("image_sets"))
def test_kept_inputs(path: Path, tmp_path: Path) -> None:
    check(path.name, path.read_bytes(), tmp_path)
