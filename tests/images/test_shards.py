"""Tar files as WebDataset writes them, against the pictures that went in."""

import io
import json
import pickle
import tarfile

import fsspec
import numpy as np
import pytest

from neurolupa.errors import DataError, UsageError
from neurolupa.images import load_images
from neurolupa.images.shard_paths import ranges

COUNT = 6


def picture(number):
    """A picture that no other number has."""
    return np.random.default_rng(number).integers(0, 256, (5, 4, 3), dtype=np.uint8)


def tar_of(path, members):
    """A tar file of (name, bytes)."""
    with tarfile.open(path, "w") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROLUPA_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def shards(tmp_path, encode):
    """Two shards of three samples each, labels in .cls; the path with braces."""
    for shard in range(2):
        members = []
        for place in range(3):
            number = 3 * shard + place
            members += [
                (f"train/{number:06d}.jpg.txt", b"no picture"),
                (f"train/{number:06d}.png", encode(picture(number))),
                (f"train/{number:06d}.cls", str(number % 3).encode()),
                (f"train/{number:06d}.json", json.dumps({"label": "unused", "fine": number}).encode()),
            ]
        tar_of(tmp_path / f"part-{shard:02d}.tar", members)
    return tmp_path / "part-{00..01}.tar"


def same(images, numbers=range(COUNT)):
    """Whether every picture is the one that went in."""
    return all(
        np.array_equal(np.asarray(one.image), picture(number))
        for one, number in zip(images, numbers, strict=True)
    )


def test_pictures_labels_and_ids_are_those_that_went_in(shards):
    images = load_images(f"shards:{shards}")
    assert same(images)
    assert images.labels.tolist() == [0, 1, 2, 0, 1, 2]
    assert images.classes == ("class 0", "class 1", "class 2")
    assert images.entry(4).id == "part-01/000001"
    assert images.info().per_class == {"class 0": 2, "class 1": 2, "class 2": 2}


def test_any_order_of_reading_gives_the_same(shards):
    images = load_images(f"shards:{shards}")
    order = [5, 0, 3, 3, 1, 4]
    assert same([images[index] for index in order], order)


def test_a_glob_names_the_same_shards(shards, tmp_path):
    assert same(load_images(f"shards:{tmp_path}/part-*.tar"))


def test_names_and_subsets_work_as_with_every_set(shards):
    images = load_images(f"shards:{shards}?names=red,green,blue&classes=green")
    assert [one.class_name for one in images] == ["green", "green"]
    assert same(images, [1, 4])


@pytest.mark.parametrize("kind", ["cls", "json"])
def test_labels_may_be_names(kind, tmp_path, encode):
    names = ["zebra", "ant", "zebra", "moth"]
    members = []
    for number, name in enumerate(names):
        data = name.encode() if kind == "cls" else json.dumps({"label": name}).encode()
        members += [(f"{number}.png", encode(picture(number))), (f"{number}.{kind}", data)]
    images = load_images(f"shards:{tar_of(tmp_path / 'a.tar', members)}")
    assert images.classes == ("ant", "moth", "zebra")
    assert [images.classes[label] for label in images.labels] == names


def test_the_field_of_the_label_can_be_named_and_what_lacks_it_is_unlabelled(tmp_path, encode):
    members = [("a.png", encode(picture(0))), ("a.json", b'{"fine": 2}'), ("b.png", encode(picture(1)))]
    images = load_images(f"shards:{tar_of(tmp_path / 'a.tar', members)}?label=fine")
    assert images.labels.tolist() == [2, -1]


def test_the_index_is_made_once_and_again_when_a_shard_changes(shards, tmp_path, encode, monkeypatch):
    from neurolupa.images import shard_index

    read = []
    once = shard_index.samples
    monkeypatch.setattr(
        shard_index, "samples", lambda shard, label: read.append(shard.name) or once(shard, label)
    )
    for _ in range(2):
        assert same(load_images(f"shards:{shards}"))
    assert read == ["part-00.tar", "part-01.tar"]
    tar_of(tmp_path / "part-01.tar", [("x.png", encode(picture(9)))])
    assert same(load_images(f"shards:{shards}"), [0, 1, 2, 9])
    assert len(read) == 4


def test_labels_stay_on_disk_and_are_not_written_to(shards):
    images = load_images(f"shards:{shards}")
    assert isinstance(images.labels.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        images.labels[0] = 1


def test_a_file_system_of_fsspec_is_read_like_a_folder(shards, tmp_path):
    memory = fsspec.filesystem("memory")
    for name in ("part-00.tar", "part-01.tar"):
        memory.pipe(f"/bucket/{name}", (tmp_path / name).read_bytes())
    images = load_images("shards:memory://bucket/part-{00..01}.tar")
    assert same(images)
    assert images.entry(3).id == "part-01/000000"


def test_a_set_survives_the_journey_to_another_process(shards):
    here = load_images(f"shards:{shards}")
    _ = here[0]
    there = pickle.loads(pickle.dumps(here))
    assert same(there)
    assert there.digest() == here.digest()


def test_a_picture_that_is_none_is_skipped_like_everywhere(tmp_path, encode):
    from neurolupa.images.unreadable import UnreadableImage

    members = [("a.png", b"broken"), ("b.png", encode(picture(1)))]
    images = load_images(f"shards:{tar_of(tmp_path / 'a.tar', members)}")
    with pytest.raises(UnreadableImage):
        images[0]
    assert np.array_equal(np.asarray(images[1].image), picture(1))


def test_names_of_members_lead_nowhere(tmp_path, encode):
    members = [("../../etc/passwd.png", encode(picture(0))), ("/etc/x.png", encode(picture(1)))]
    images = load_images(f"shards:{tar_of(tmp_path / 'a.tar', members)}")
    assert same(images, [0, 1])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar", "cache"]


class TestFaults:
    @pytest.mark.parametrize("kept", [700, 1024, 3000, 4096, 5000, 8192])
    def test_a_truncated_shard_is_named_with_how_far_it_goes(self, kept, shards, tmp_path):
        whole = (tmp_path / "part-01.tar").read_bytes()
        (tmp_path / "part-01.tar").write_bytes(whole[:kept])
        with pytest.raises(DataError, match=r"part-01.tar is no whole tar file: .*, after \d images"):
            load_images(f"shards:{shards}")
        assert not list((tmp_path / "cache" / "shards").iterdir())

    def test_a_shard_that_shrinks_later_gives_unreadable_images(self, shards, tmp_path):
        from neurolupa.images.unreadable import UnreadableImage

        images = load_images(f"shards:{shards}")
        (tmp_path / "part-01.tar").write_bytes(b"")
        with pytest.raises(UnreadableImage, match="ends before the image does"):
            images[5]
        assert same([images[0]], [0])

    def test_no_tar_file(self, tmp_path):
        (tmp_path / "a.tar").write_bytes(b"hello" * 200)
        with pytest.raises(DataError, match="is no whole tar file"):
            load_images(f"shards:{tmp_path / 'a.tar'}")

    def test_no_image(self, tmp_path):
        tar_of(tmp_path / "a.tar", [("a.txt", b"x")])
        with pytest.raises(DataError, match="holds no image"):
            load_images(f"shards:{tmp_path / 'a.tar'}")

    @pytest.mark.parametrize(
        ("labels", "line"),
        [
            ([b"1", b"cat"], "some labels of the shards are numbers and some are names, as 'cat'"),
            ([b"-7", b"1"], "-7 is no class index"),
        ],
    )
    def test_labels_that_cannot_be(self, labels, line, tmp_path, encode):
        members = [
            one
            for number, label in enumerate(labels)
            for one in ((f"{number}.png", encode(picture(number))), (f"{number}.cls", label))
        ]
        with pytest.raises(DataError, match=line):
            load_images(f"shards:{tar_of(tmp_path / 'a.tar', members)}")

    def test_a_label_that_is_no_text(self, tmp_path, encode):
        tar_of(tmp_path / "a.tar", [("a.png", encode(picture(0))), ("a.json", b'{"label": [1]}')])
        with pytest.raises(DataError, match="neither a whole number nor a name"):
            load_images(f"shards:{tmp_path / 'a.tar'}")

    @pytest.mark.parametrize(
        ("where", "line"),
        [
            ("part-{05..06}.tar", "no shard at .*part-05.tar"),
            ("part-{02..01}.tar", "is no range of shards"),
            ("nothing-*.tar", "no file matches"),
            ("part-00.tar.gz", "is compressed"),
            ("memory://nowhere/a.tar", "no shard at memory://nowhere/a.tar"),
        ],
    )
    def test_paths_that_lead_nowhere(self, where, line, shards, tmp_path):
        place = where if "://" in where else f"{tmp_path}/{where}"
        with pytest.raises((DataError, UsageError), match=line):
            load_images(f"shards:{place}")

    def test_two_shards_of_one_name(self, shards, tmp_path):
        (tmp_path / "b").mkdir()
        (tmp_path / "b" / "part-00.tar").write_bytes((tmp_path / "part-00.tar").read_bytes())
        with pytest.raises(DataError, match="two shards are called part-00"):
            load_images(f"shards:{tmp_path}/**/part-00.tar")


def test_braces_may_stand_twice():
    assert list(ranges("{0..1}/{08..09}.tar")) == ["0/08.tar", "0/09.tar", "1/08.tar", "1/09.tar"]
