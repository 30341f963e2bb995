"""folder: sets."""

import os

import pytest
from PIL import Image

from neurolupa.errors import DataError, UsageError
from neurolupa.images import UnreadableImage, load_images


def test_ids_labels_pictures_and_info(fill):
    root = fill(["dog/2.png", "dog/10.png", "cat/1.png", "notes.txt"])
    images = load_images(f"folder:{root}")
    assert [images.entry(index).id for index in range(3)] == ["cat/1.png", "dog/2.png", "dog/10.png"]
    assert [picture.class_name for picture in images] == ["cat", "dog", "dog"]
    assert [picture.image.getpixel((0, 0)) for picture in images] == [(2, 0, 7), (0, 0, 7), (1, 0, 7)]
    info = images.info()
    assert (info.name, info.classes, info.total) == ("pictures", ("cat", "dog"), 3)
    assert info.per_class == {"cat": 1, "dog": 2}
    assert (info.sizes, info.headers, info.left_out, info.labelled_by) == (((3, 2),), 3, 1, "folders")
    assert "cat 1, dog 2" in str(info)


def test_entry_gives_the_bytes_on_disk(fill):
    root = fill(["a.png"])
    assert load_images(root).entry(0).size == (root / "a.png").stat().st_size


def test_a_split_is_a_sub_folder(fill):
    root = fill(["train/cat/1.png", "train/dog/1.png", "test/cat/9.png"])
    images = load_images(f"{root}?split=test")
    assert (images.entry(0).id, images.classes, images.info().split) == ("cat/9.png", ("cat",), "test")
    with pytest.raises(UsageError, match="unknown split 'tset'; nearest: test"):
        load_images(root, split="tset")


def test_the_labelling_can_be_chosen(fill):
    root = fill(["1_dog.png", "2_cat.png"])
    assert load_images(root).labels.tolist() == [1, 2]
    assert load_images(f"{root}?labels=none").labels.tolist() == [-1, -1]
    with pytest.raises(UsageError, match="unknown way of labelling 'folder'; nearest: folders"):
        load_images(root, labels="folder")


def test_a_file_that_only_the_table_lists_is_there_and_unreadable(fill):
    root = fill(["a.png"])
    (root / "labels.csv").write_text("file,label\na.png,cat\ngone.png,dog\n")
    images = load_images(root)
    assert (len(images), images.classes, images.info().left_out) == (2, ("cat", "dog"), 0)
    assert images.entry(1).size is None
    with pytest.raises(UnreadableImage, match=r"^gone\.png: file not found$"):
        images[1]


def test_an_empty_folder_a_file_and_no_folder(fill, tmp_path):
    root = fill(["notes.txt", "a.png"])
    with pytest.raises(DataError, match="is not a folder"):
        load_images(f"folder:{root / 'a.png'}")
    with pytest.raises(DataError, match="nearest: pictures"):
        load_images(f"folder:{tmp_path / 'picture'}")
    with pytest.raises(UsageError, match="folder needs a path"):
        load_images("folder:")
    (root / "a.png").unlink()
    with pytest.raises(DataError, match="holds no images"):
        load_images(root)


def test_a_name_that_is_no_text_has_an_id_that_can_be_written(fill, tmp_path):
    root = fill(["a.png"])
    (root / "a.png").rename(root / os.fsdecode(b"b\xff.png"))
    images = load_images(root)
    assert images[0].id == "b\\xff.png"
    assert images[0].id.encode("utf-8")
    assert len(images.digest()) == 64


def test_a_broken_file_does_not_stop_the_set_from_being_made(fill):
    root = fill(["a.png", "b.png"])
    (root / "a.png").write_bytes(b"")
    images = load_images(root)
    assert images.info().headers == 1
    assert images.entry(0).size == 0
    assert isinstance(images[1].image, Image.Image)
    with pytest.raises(UnreadableImage, match=r"^a\.png: empty file$"):
        images[0]
