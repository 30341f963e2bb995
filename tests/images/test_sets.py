"""What every image set does, shown on lists in memory and on folders."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from neurolupa.errors import DataError, UsageError
from neurolupa.images import Entry, ImageSet, UnreadableImage, load_images


@pytest.fixture
def pets() -> ImageSet:
    """Six pictures, each of one colour that is its place."""
    pictures = [np.full((2, 3, 3), place, dtype=np.uint8) for place in range(6)]
    return load_images(pictures, labels=[0, 1, 0, 1, 0, -1], classes=["cat", "dog"])


def colours(images: ImageSet) -> list[int]:
    return [picture.image.getpixel((0, 0))[0] for picture in images]


def test_an_entry_and_a_picture(pets):
    assert pets.entry(1) == Entry(index=1, id="memory/000001", label=1, size=18)
    picture = pets[1]
    assert (picture.index, picture.id, picture.label, picture.class_name) == (1, "memory/000001", 1, "dog")
    assert (picture.image.mode, picture.image.size) == ("RGB", (3, 2))
    assert (pets[5].label, pets[5].class_name) == (-1, None)


def test_indices_from_the_end_and_beyond(pets):
    assert pets[-1].index == 5
    assert pets.entry(np.int64(-6)).index == 0
    for index in (6, -7):
        with pytest.raises(IndexError):
            pets[index]
        with pytest.raises(IndexError):
            pets.entry(index)
    with pytest.raises(TypeError):
        pets["1"]


def test_iterating_gives_the_order(pets):
    assert colours(pets) == [0, 1, 2, 3, 4, 5]


def test_a_subset_counts_anew_and_keeps_ids_labels_and_classes(pets):
    dogs = pets.subset(classes="dog")
    assert [picture.index for picture in dogs] == [0, 1]
    assert [picture.id for picture in dogs] == ["memory/000001", "memory/000003"]
    assert colours(dogs) == [1, 3]
    assert (dogs.classes, dogs.labels.tolist(), dogs.info().per_class) == (("cat", "dog"), [1, 1], {"dog": 2})
    assert dogs.entry(1) == Entry(1, "memory/000003", 1, 18)


def test_a_subset_of_a_subset(pets):
    assert colours(pets.subset(classes="cat").subset(limit=2).subset(limit=1)) == [0]
    assert pets.subset() is pets


def test_nothing_left_and_senseless_choices(pets):
    with pytest.raises(UsageError, match="unknown class 'bird'"):
        pets.subset(classes="bird")
    with pytest.raises(UsageError, match="unknown option of a subset 'limits'; nearest: limit"):
        pets.subset(limits=3)
    unlabelled = load_images([np.zeros((2, 2), dtype=np.uint8)] * 2, labels=[-1, -1], classes=["cat"])
    with pytest.raises(DataError, match=r"memory\?per_class=1 holds no images"):
        unlabelled.subset(per_class=1)


def test_labels_are_not_to_be_changed(pets):
    with pytest.raises(ValueError, match="read-only"):
        pets.labels[0] = 1


def test_info_counts_unlabelled_images_and_tells_equal_names_apart():
    pictures = [np.zeros((2, 3), dtype=np.uint8)] * 4
    images = load_images(pictures, labels=[0, 2, 2, -1], classes=["crane", "owl", "crane"])
    info = images.info()
    assert info.per_class == {"unlabelled": 1, "crane (0)": 1, "crane (2)": 2}
    assert sum(info.per_class.values()) == info.total == 4
    assert "crane (2) 2" in str(info)


def test_info_of_an_unlabelled_set():
    info = load_images([np.zeros((2, 3), dtype=np.uint8), np.zeros((5, 4), dtype=np.uint8)]).info()
    assert (info.per_class, info.classes, info.sizes) == ({"unlabelled": 2}, (), ((3, 2), (4, 5)))
    assert "none (unlabelled)" in str(info)
    assert "3 x 2 to 4 x 5 (from 2 headers)" in str(info)


def test_info_of_a_set_without_one_readable_header():
    info = load_images([b"junk"]).info()
    assert (info.sizes, info.headers) == ((), 0)
    assert "sizes: unknown" in str(info)


def digests(images: ImageSet) -> tuple[str, str]:
    return images.digest(), images.digest(verify=True)


def test_the_digest_sees_ids_sizes_labels_and_class_names(fill):
    root = fill(["cat/1.png", "dog/1.png"])
    before = digests(load_images(root))
    assert before == digests(load_images(root))
    assert before[0] != before[1]
    (root / "cat/1.png").rename(root / "cat/2.png")
    renamed = digests(load_images(root))
    (root / "cat").rename(root / "kat")
    reclassed = digests(load_images(root))
    (root / "dog/1.png").write_bytes((root / "dog/1.png").read_bytes() + b"\0")
    resized = digests(load_images(root))
    assert len({*before, *renamed, *reclassed, *resized}) == 8


def test_the_digest_sees_other_labels_of_the_same_classes(fill):
    root = fill(["1.png", "2.png", "3.png"])
    digests_seen = set()
    for labels in ("cat dog dog", "dog cat dog"):
        rows = [f"{place}.png,{label}" for place, label in enumerate(labels.split(), 1)]
        (root / "labels.csv").write_text("\n".join(["file,label", *rows]))
        digests_seen.add(load_images(root).digest())
    assert len(digests_seen) == 2


def test_the_digest_does_not_depend_on_the_order(fill):
    root = fill(["1.png", "2.png"])
    paths = [root / "1.png", root / "2.png"]
    assert load_images(paths).digest() == load_images(paths[::-1]).digest()


def test_only_verifying_sees_contents_of_equal_size(fill):
    root = fill(["1.png"])
    fast, slow = digests(load_images(root))
    data = bytearray((root / "1.png").read_bytes())
    data[-20] ^= 1
    (root / "1.png").write_bytes(data)
    assert load_images(root).digest() == fast
    assert load_images(root).digest(verify=True) != slow


def test_the_digest_does_not_depend_on_where_the_folder_lies(fill):
    root = fill(["1.png", "2.png"])
    before = digests(load_images(root))
    root.rename(root.parent / "moved")
    assert digests(load_images(root.parent / "moved")) == before


def test_every_digest_sees_the_contents_of_images_in_memory():
    array = np.zeros((2, 2), dtype=np.uint8)
    other = np.ones((2, 2), dtype=np.uint8)
    for first, second in [(array, other), (b"a", b"b"), (Image.fromarray(array), Image.fromarray(other))]:
        one, two = load_images([first]), load_images([second])
        assert one.digest() != two.digest()
        assert one.digest(verify=True) != two.digest(verify=True)
        assert one.subset(limit=1).digest() != two.subset(limit=1).digest()


def test_the_digest_sees_the_colours_of_a_palette():
    sets = []
    for colour in (0, 255):
        image = Image.new("P", (2, 2))
        image.putpalette([colour, 0, 0])
        sets.append(load_images([image]))
    assert sets[0].digest() != sets[1].digest()


def test_paths_in_a_list_are_not_read_for_the_digest(fill):
    path = fill(["1.png"]) / "1.png"
    before = load_images([path]).digest()
    path.write_bytes(bytes(path.stat().st_size))
    assert load_images([path]).digest() == before


def test_the_digest_tells_a_subset_from_the_whole(pets):
    assert pets.subset(limit=5).digest() != pets.digest()


def test_max_pixels_holds_for_the_set_and_its_subsets():
    images = load_images([np.zeros((2, 2), dtype=np.uint8), Image.new("L", (3, 3))], max_pixels=8, limit=2)
    assert images[0].image.size == (2, 2)
    with pytest.raises(UnreadableImage, match=r"^memory/000001: too large: 3 x 3 pixels$"):
        images[1]


def test_many_threads_read_what_one_reads(fill):
    images = load_images(fill([f"{number}.png" for number in range(60)]))
    alone = [picture.image.getpixel((1, 1)) for picture in images]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda index: images[index].image.getpixel((1, 1)), list(range(60)) * 5))
    assert together == alone * 5
    assert len(set(alone)) == 60
