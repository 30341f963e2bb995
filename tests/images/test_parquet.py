"""parquet: sets, and the rows beneath them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from neurolupa.errors import DataError
from neurolupa.images import UnreadableImage, load_images
from neurolupa.images import rows as rows_module
from neurolupa.images.rows import ByteRows


@pytest.fixture
def pictures(encode) -> list[bytes]:
    return [encode(Image.new("RGB", (2, 1), (place, 0, 0))) for place in range(10)]


def write(path: Path, columns: dict, rows_per_group: int = 4, metadata: dict | None = None) -> str:
    path.parent.mkdir(exist_ok=True)
    table = pa.table(columns)
    pq.write_table(table.replace_schema_metadata(metadata), path, row_group_size=rows_per_group)
    return f"parquet:{path}"


def reds(images) -> list[int]:
    return [picture.image.getpixel((0, 0))[0] for picture in images]


def test_bytes_and_labels_over_several_row_groups(pictures, tmp_path):
    spec = write(tmp_path / "pets.parquet", {"image": pictures, "label": [0, 1] * 5})
    images = load_images(f"{spec}?names=cat,dog")
    assert reds(images) == list(range(10))
    assert images.entry(7).id == "pets/000007"
    assert (images[7].class_name, images.entry(7).size, images.name) == ("dog", None, "pets")
    assert images.info().labelled_by == "column"
    assert [images[index].image.getpixel((0, 0))[0] for index in (9, 0, 5, 2, 9)] == [9, 0, 5, 2, 9]


def test_structs_with_bytes_and_class_names_in_the_metadata(pictures, tmp_path):
    structs = [{"bytes": data, "path": None} for data in pictures]
    names = b'{"info": {"features": {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}'
    spec = write(
        tmp_path / "a.parquet", {"img": structs, "label": [1] * 10}, metadata={b"huggingface": names}
    )
    images = load_images(spec)
    assert (reds(images), images.classes, images[0].class_name) == (list(range(10)), ("cat", "dog"), "dog")


def test_the_columns_can_be_named(pictures, tmp_path):
    spec = write(tmp_path / "a.parquet", {"photo": pictures, "kind": ["b", "a"] * 5, "label": [7] * 10})
    images = load_images(f"{spec}?image=photo&label=kind")
    assert (images.classes, images.labels.tolist()) == (("a", "b"), [1, 0] * 5)
    assert load_images(f"{spec}?image=photo&label=kind&names=z,b,a").labels.tolist() == [1, 2] * 5


def test_no_labels_some_labels_and_dictionary_labels(pictures, tmp_path):
    assert load_images(write(tmp_path / "a.parquet", {"image": pictures})).classes == ()
    some = load_images(write(tmp_path / "b.parquet", {"image": pictures, "label": [2, None] * 5}))
    assert (some.labels.tolist(), some.classes) == ([2, -1] * 5, ("class 0", "class 1", "class 2"))
    coded = pa.array(["dog", "cat"] * 5).dictionary_encode()
    assert (
        load_images(write(tmp_path / "c.parquet", {"image": pictures, "label": coded})).labels.tolist()
        == [1, 0] * 5
    )


def test_a_glob_in_natural_order(pictures, tmp_path):
    for number, part in [(10, pictures[6:]), (2, pictures[2:6]), (1, pictures[:2])]:
        write(tmp_path / "data" / f"part-{number}.parquet", {"image": part, "label": [0] * len(part)}, 3)
    images = load_images(f"parquet:{tmp_path}/data/part-*.parquet")
    assert reds(images) == list(range(10))
    assert [images.entry(index).id for index in (0, 2, 9)] == [
        "part-1/000000",
        "part-2/000000",
        "part-10/000003",
    ]
    assert images.name == "data"
    assert len(load_images(f"parquet:{tmp_path}/data/part-?.parquet")) == 6
    assert len(load_images(f"parquet:{tmp_path}/data/part-?.parquet?limit=5")) == 5


def test_files_of_one_name_in_two_folders_have_their_own_ids(pictures, tmp_path):
    for folder in ("a", "b"):
        write(tmp_path / folder / "0.parquet", {"image": pictures[:1]})
    images = load_images(f"parquet:{tmp_path}/*/0.parquet")
    assert [images.entry(index).id for index in (0, 1)] == ["a/0/000000", "b/0/000000"]


def test_broken_rows_are_unreadable_and_the_rest_are_not(pictures, tmp_path):
    spec = write(tmp_path / "a.parquet", {"image": [pictures[0], None, b"junk", b"", pictures[4]]})
    images = load_images(spec)
    reasons = {}
    for index in range(5):
        try:
            images[index]
        except UnreadableImage as error:
            reasons[error.name] = error.reason
    assert reasons == {"a/000001": "no bytes", "a/000002": "not an image", "a/000003": "empty file"}


def test_a_damaged_column_is_found_when_its_rows_are_asked_for(encode, noise, tmp_path):
    picture = encode(noise)
    spec = write(tmp_path / "a.parquet", {"image": [picture] * 3, "label": [0] * 3}, 1)
    path = tmp_path / "a.parquet"
    data = bytearray(path.read_bytes())
    start = pq.read_metadata(path).row_group(1).column(0).data_page_offset
    data[start : start + 12] = b"\xff" * 12
    path.write_bytes(data)
    images = load_images(spec)
    assert images[0].image.size == images[2].image.size == (64, 48)
    with pytest.raises(UnreadableImage, match=r"^a/000001: the parquet file is damaged$"):
        images[1]
    assert images[2].image.size == (64, 48)


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"picture": [b"a"]}, "", "has no column image; it has picture"),
        ({"image": [b"a"]}, "?image=img", "has no column 'img'; it has image"),
        ({"image": ["a.png"]}, "", "the column image holds string, not encoded images"),
        ({"image": [{"path": "a"}]}, "", "not encoded images"),
        ({"image": [b"a"], "label": [[0, 1]]}, "", "multi-label sets are not read"),
        ({"image": [b"a"], "label": [0.5]}, "", "labels of type float64"),
        ({"image": [b"a"], "label": [5]}, "?names=cifar10,cat", "label 5, but only 2 class names"),
        ({"image": [b"a"], "label": ["owl"]}, "?names=cat,dog", "'owl' is not among the class names given"),
        ({"image": pa.array([], pa.binary())}, "", "holds no images"),
    ],
)
def test_faulty_files_are_refused_in_one_line(tmp_path, columns, options, message):
    spec = write(tmp_path / "a.parquet", columns)
    with pytest.raises(DataError) as caught:
        load_images(spec + options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_do_not_fit_together_or_are_not_parquet(pictures, tmp_path):
    write(tmp_path / "1.parquet", {"image": pictures, "label": [0] * 10})
    write(tmp_path / "2.parquet", {"image": pictures})
    with pytest.raises(DataError, match=r"2\.parquet lacks the columns of the other files: image, label"):
        load_images(f"parquet:{tmp_path}/*.parquet")
    (tmp_path / "2.parquet").write_bytes(b"junk")
    with pytest.raises(DataError, match=r"2\.parquet is not a readable parquet file"):
        load_images(f"parquet:{tmp_path}/2.parquet")
    with pytest.raises(DataError, match="is a folder; try parquet:"):
        load_images(f"parquet:{tmp_path}")
    with pytest.raises(DataError, match="no file matches"):
        load_images(f"parquet:{tmp_path}/x*.parquet")
    with pytest.raises(DataError, match=r"nearest: .*2\.parquet"):
        load_images(f"parquet:{tmp_path}/3.parquet")


def test_the_digest_sees_another_file(pictures, tmp_path):
    before = load_images(write(tmp_path / "a.parquet", {"image": pictures}))
    digest, verified = before.digest(), before.digest(verify=True)
    assert load_images(f"parquet:{tmp_path}/a.parquet").digest() == digest
    after = load_images(write(tmp_path / "a.parquet", {"image": [*pictures[:9], pictures[9] + b"0"]}))
    assert after.digest() != digest
    assert after.digest(verify=True) != verified


def test_rows_in_any_order_and_many_threads(tmp_path, monkeypatch):
    monkeypatch.setattr(rows_module, "_KEPT_BYTES", 2000)
    values = [bytes([number % 256, number // 256]) * 8 for number in range(1000)]
    for start, stop in ((0, 700), (700, 1000)):
        write(tmp_path / f"{start}.parquet", {"image": values[start:stop]}, 150)
    rows = ByteRows([tmp_path / "0.parquet", tmp_path / "700.parquet"], "image")
    assert [rows[row] for row in range(1000)] == values
    order = np.random.default_rng(0).permutation(1000).tolist()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(rows.__getitem__, order)) == [values[row] for row in order]


def test_a_passing_fault_of_the_disk_costs_only_the_row_asked_for(tmp_path):
    values = [bytes([number]) for number in range(200)]
    write(tmp_path / "a.parquet", {"image": values}, 200)
    rows = ByteRows([tmp_path / "a.parquet"], "image")
    assert rows[0] == values[0]

    def fail():
        raise OSError("the disk is away")
        yield

    rows._stream = fail()
    with pytest.raises(OSError, match="the disk is away"):
        rows[150]
    assert rows[150] == values[150]


def test_one_large_row_group_is_streamed_in_bounded_memory(tmp_path):
    size, count = 2**18, 600  # 150 MB in one row group
    block = np.random.default_rng(0).bytes(size)
    writer = pq.ParquetWriter(
        tmp_path / "a.parquet",
        pa.schema({"image": pa.binary()}),
        compression="none",
        use_dictionary=False,
        write_batch_size=8,  # otherwise the writer makes pages of 1,024 rows, and a page is read as a whole
    )
    writer.write_table(pa.table({"image": [block] * count}), row_group_size=count)
    writer.close()
    assert pq.read_metadata(tmp_path / "a.parquet").num_row_groups == 1
    rows = ByteRows([tmp_path / "a.parquet"], "image")
    before, peak = pa.total_allocated_bytes(), 0
    for row in range(count):
        assert rows[row] == block
        peak = max(peak, pa.total_allocated_bytes() - before)
    assert peak < 80 * 2**20


def test_labels_of_every_width_take_eight_bytes_a_row(pictures, tmp_path):
    for kind in ("int8", "uint8", "int32", "uint32", "int64"):
        labels = pa.array([place % 3 if place != 7 else None for place in range(10)], kind)
        images = load_images(write(tmp_path / kind / "a.parquet", {"image": pictures, "label": labels}))
        assert images.labels.dtype == np.int64
        assert images.labels.tolist() == [0, 1, 2, 0, 1, 2, 0, -1, 2, 0]


def test_a_stretch_reads_its_own_row_groups_alone(pictures, tmp_path, monkeypatch):
    images = load_images(write(tmp_path / "a.parquet", {"image": pictures}, rows_per_group=2))
    restart, groups = ByteRows._restart, []

    def counted(rows, group):
        groups.append(group.number)
        restart(rows, group)

    monkeypatch.setattr(ByteRows, "_restart", counted)
    assert reds(images[index] for index in range(4, 8)) == [4, 5, 6, 7]
    assert groups == [2, 3]
