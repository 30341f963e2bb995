"""npz: sets."""

import zipfile

import numpy as np
import pytest

from neurolupa.errors import DataError
from neurolupa.images import load_images


@pytest.fixture
def save(tmp_path):
    def saved(**arrays):
        np.savez(tmp_path / "pets.npz", **arrays)
        return f"npz:{tmp_path / 'pets.npz'}"

    return saved


COLOUR = np.arange(4 * 2 * 3 * 3, dtype=np.uint8).reshape(4, 2, 3, 3)


def test_pictures_labels_classes_and_indices(save):
    spec = save(images=COLOUR, labels=np.array([1, 0, 1, -1]), classes=["cat", "dog"], indices=[7, 3, 9, 1])
    images = load_images(spec)
    assert all(np.array_equal(np.asarray(images[index].image), COLOUR[index]) for index in range(4))
    assert [images.entry(index).id for index in range(4)] == [f"pets/00000{n}" for n in (7, 3, 9, 1)]
    assert (images.labels.tolist(), images.classes, images.entry(0).size) == (
        [1, 0, 1, -1],
        ("cat", "dog"),
        18,
    )
    assert images.info().labelled_by == "array"


def test_images_alone_and_in_grey(save):
    images = load_images(save(images=COLOUR[..., 0]))
    assert images[1].image.getpixel((0, 0)) == (18, 18, 18)
    assert (images.classes, images.labels.tolist(), images.entry(3).id) == ((), [-1] * 4, "pets/000003")


def test_classes_without_labels_are_not_promised(save):
    assert load_images(save(images=COLOUR, classes=["cat"])).classes == ()


def test_labels_as_text(save):
    images = load_images(save(images=COLOUR, labels=np.array(["b", "a", "b", "b"])))
    assert (images.labels.tolist(), images.classes) == ([1, 0, 1, 1], ("a", "b"))


def test_names_for_bare_numbers(save):
    spec = save(images=COLOUR, labels=np.array([3, 0, 1, 1]))
    assert load_images(spec).classes == ("class 0", "class 1", "class 2", "class 3")
    named = load_images(f"{spec}?names=cifar10&classes=cat")
    assert [picture.class_name for picture in named] == ["cat"]
    assert load_images(spec, names=["a", "b", "c", "d"]).classes == ("a", "b", "c", "d")
    assert load_images(load_images(spec, names=["a", "b", "c", "d"]).spec).classes == ("a", "b", "c", "d")
    with pytest.raises(DataError, match=r"pets\.npz: label 3, but only 2 class names"):
        load_images(f"{spec}?names=a,b")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": COLOUR}, "has no array named images"),
        ({"images": COLOUR.astype(np.float32)}, "images is float32 (4, 2, 3, 3), not uint8"),
        ({"images": np.zeros((4, 3, 8, 8), np.uint8)}, "images is uint8 (4, 3, 8, 8), not"),
        ({"images": COLOUR[:0]}, "holds no images"),
        ({"images": COLOUR, "labels": [0, 1]}, "4 images, but labels of shape (2,)"),
        ({"images": COLOUR, "labels": np.zeros((4, 2), int)}, "multi-label sets are not read"),
        ({"images": COLOUR, "labels": np.zeros(4)}, "labels of type float64"),
        ({"images": COLOUR, "indices": [1, 1, 2, 3]}, "indices must be 4 distinct whole numbers"),
        ({"images": COLOUR, "indices": [1]}, "4 images, but indices of shape (1,)"),
        ({"images": np.array([None])}, "is not a readable .npz file of plain arrays"),
    ],
)
def test_faulty_archives_are_refused_in_one_line(save, arrays, message):
    spec = save(**arrays)
    with pytest.raises(DataError) as caught:
        load_images(spec)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_archives(save, tmp_path):
    spec = save(images=COLOUR)
    path = tmp_path / "pets.npz"
    data = path.read_bytes()
    np.save(tmp_path / "single.npy", COLOUR)
    damaged = bytearray(data)
    damaged[len(data) // 3] ^= 255
    for content in (
        b"",
        b"junk",
        data[:200],
        data[:-30],
        bytes(damaged),
        (tmp_path / "single.npy").read_bytes(),
    ):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"pets\.npz"):
            load_images(spec)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", b"junk")
    with pytest.raises(DataError, match=r"pets\.npz"):
        load_images(spec)
    with pytest.raises(DataError, match=r"no file .*nearest: pets\.npz"):
        load_images(f"npz:{tmp_path / 'pest.npz'}")


def test_the_digest_sees_another_archive_of_the_same_shape(save):
    before = load_images(save(images=COLOUR))
    digest, verified = before.digest(), before.digest(verify=True)
    after = load_images(save(images=COLOUR[::-1].copy()))
    assert (after.digest(), after.digest(verify=True) == verified) == (digest, False)
