"""Image sets from lists."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from neurolupa.errors import DataError, UsageError
from neurolupa.images import UnreadableImage, load_images

GREY = np.zeros((2, 2), dtype=np.uint8)


def test_every_kind_of_source_together(encode, tmp_path):
    data = encode(Image.new("RGB", (1, 1), (9, 9, 9)))
    path = tmp_path / "a.png"
    path.write_bytes(data)
    images = load_images([GREY, Image.new("RGB", (1, 1), (9, 9, 9)), data, path, str(path)])
    assert [picture.image.getpixel((0, 0)) for picture in images] == [(0, 0, 0)] + [(9, 9, 9)] * 4
    sizes = [images.entry(index).size for index in range(5)]
    assert sizes == [4, None, len(data), len(data), len(data)]
    assert images.entry(4).id == "memory/000004"


def test_paths_are_known_by_what_they_do_not_share(fill):
    root = fill(["a/1.png", "b/1.png"])
    images = load_images([root / "b" / "1.png", root / "a" / "1.png"])
    assert [images.entry(index).id for index in (0, 1)] == ["b/1.png", "a/1.png"]
    assert load_images([root / "b" / "1.png"]).entry(0).id == "1.png"
    assert load_images([root / "a/1.png"] * 2).entry(1).id == "memory/000001"


def test_a_missing_path_is_found_when_asked_for():
    images = load_images([Path("no/such.png"), GREY])
    assert images.entry(0).size is None
    with pytest.raises(UnreadableImage, match="file not found"):
        images[0]


def test_an_array_of_arrays_and_a_generator():
    assert len(load_images(np.zeros((3, 2, 2, 3), dtype=np.uint8))) == 3
    assert len(load_images(GREY for _ in range(4))) == 4
    with pytest.raises(UsageError, match=r"must be \(N, H, W, C\), not \(2, 2\)"):
        load_images(GREY)


def test_labels_as_numbers_and_as_names():
    numbered = load_images([GREY] * 3, labels=[2, None, 0])
    assert (numbered.labels.tolist(), numbered.classes) == ([2, -1, 0], ("class 0", "class 1", "class 2"))
    named = load_images([GREY] * 3, labels=["dog", None, "cat"])
    assert (named.labels.tolist(), named.classes) == ([1, -1, 0], ("cat", "dog"))
    both = load_images([GREY] * 2, labels=["dog", "cat"], classes=["owl", "dog", "cat"])
    assert (both.labels.tolist(), both.classes) == ([1, 2], ("owl", "dog", "cat"))
    array = load_images([GREY] * 2, labels=np.array([1, 0], dtype=np.uint8), classes="cat,dog")
    assert (array.labels.tolist(), array.classes) == ([1, 0], ("cat", "dog"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": [0]}, "2 images, but 1 labels"),
        ({"labels": [0, 5], "classes": ["cat"]}, "label 5, but only 1 class names"),
        ({"labels": ["cat", "owl"], "classes": ["cat"]}, "'owl' is not among the class names"),
        ({"labels": [[0, 1], [1, 0]]}, "multi-label sets are not read"),
        ({"labels": [[0], [1, 0]]}, "multi-label sets are not read"),
        ({"labels": [0.5, 1.0]}, "not whole numbers"),
        ({"labels": [0, -2]}, "-2 is no class index"),
        ({"classes": ["cat"]}, "there are no labels"),
        ({"label": [0, 1]}, "unknown option of a list of images 'label'; nearest: labels"),
        ({"limit": 0}, "limit=0"),
    ],
)
def test_senseless_options_are_usage_errors(options, message):
    with pytest.raises(UsageError) as caught:
        load_images([GREY, GREY], **options)
    assert message in str(caught.value)


def test_what_is_no_image_is_told_at_once():
    with pytest.raises(UsageError, match="cannot open a int as an image"):
        load_images([GREY, 5])
    with pytest.raises(DataError, match="memory holds no images"):
        load_images([])
