import pandas as pd
import pyarrow.parquet as pq
import pytest

from neurolupa.atlas.schema import EXEMPLARS, LAYERS, UNIT_CLASSES, UNITS
from neurolupa.atlas.tables import read_rows, read_table, write_table
from neurolupa.errors import DataError


def rows(site: str, units: range, classes: int = 1) -> pd.DataFrame:
    pairs = [(unit, class_id) for unit in units for class_id in range(classes)]
    unit, class_id = zip(*pairs, strict=True)
    numbers = {"mean": [float(one) for one in unit], "std": 0.0, "min": 0.0, "max": 1.0}
    return pd.DataFrame({"site": site, "unit": unit, "class_id": class_id, "num_samples": 1, **numbers})


@pytest.fixture
def big(tmp_path):
    """Site `z` with 5,000 rows in two groups, then site `a` with 10, whose name sorts before."""
    write_table(
        [rows("z", range(2500), 2), rows("a", range(5), 2)], tmp_path / "unit_classes.parquet", UNIT_CLASSES
    )
    return tmp_path


def test_a_row_group_has_at_most_4096_rows_of_one_site(big):
    metadata = pq.ParquetFile(big / "unit_classes.parquet").metadata
    assert [metadata.row_group(index).num_rows for index in range(3)] == [4096, 904, 10]
    sites = [metadata.row_group(index).column(0).statistics for index in range(3)]
    assert [(one.min, one.max) for one in sites] == [("z", "z"), ("z", "z"), ("a", "a")]


def test_sites_keep_their_order_and_rows_are_sorted_within(tmp_path):
    shuffled = pd.concat([rows("z", range(4)), rows("a", range(4))]).iloc[[3, 0, 2, 1, 7, 4, 6, 5]]
    write_table(shuffled, tmp_path / "unit_classes.parquet", UNIT_CLASSES)
    found = read_table(tmp_path, UNIT_CLASSES)
    assert list(zip(found["site"], found["unit"], strict=True)) == [(s, u) for s in "za" for u in range(4)]


def test_bands_are_in_their_order_not_the_alphabets(tmp_path):
    frame = pd.DataFrame({name: [0, 0, 0] for name in EXEMPLARS.columns})
    frame = frame.assign(site="s", band=["bottom", "middle", "top"]).astype({"value": float})
    write_table(frame, tmp_path / EXEMPLARS.file, EXEMPLARS)
    assert read_table(tmp_path, EXEMPLARS)["band"].tolist() == ["top", "middle", "bottom"]


def test_one_unit_reads_only_the_row_groups_that_hold_it(big, monkeypatch):
    asked = []
    original = pq.ParquetFile.read_row_groups

    def counted(self, groups, **options):
        asked.append(list(groups))
        return original(self, groups, **options)

    monkeypatch.setattr(pq.ParquetFile, "read_row_groups", counted)
    assert read_rows(big, UNIT_CLASSES, "z", 2400)["mean"].tolist() == [2400.0, 2400.0]
    assert read_rows(big, UNIT_CLASSES, "a", 3)["mean"].tolist() == [3.0, 3.0]
    assert len(read_rows(big, UNIT_CLASSES, "z")) == 5000
    assert asked == [[1], [2], [0, 1]]


def test_the_same_rows_give_the_same_bytes_without_metadata(tmp_path):
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    write_table(rows("s", range(3)), one, UNIT_CLASSES)
    write_table(rows("s", range(3)).iloc[::-1].set_index("mean", drop=False), other, UNIT_CLASSES)
    assert one.read_bytes() == other.read_bytes()
    assert pq.ParquetFile(one).metadata.metadata is None


def test_a_float_that_is_no_number_is_null_and_a_nullable_int_stays_whole(tmp_path, folder):
    frame = read_table(folder, LAYERS).iloc[:2].assign(rf_height=[None, 3])
    frame["sparsity_%"] = [float("nan"), 50.0]
    write_table(frame, tmp_path / LAYERS.file, LAYERS)
    column = pq.read_table(tmp_path / LAYERS.file)
    assert column["sparsity_%"].to_pylist() == [None, 50.0]
    assert column["rf_height"].to_pylist() == [None, 3]
    assert str(read_table(tmp_path, LAYERS)["rf_height"].dtype) == "Int64"


def test_other_columns_are_named_and_nothing_is_left(tmp_path):
    with pytest.raises(ValueError, match=r"units.*extra"):
        write_table(pd.DataFrame({"site": ["s"], "extra": [1]}), tmp_path / UNITS.file, UNITS)
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_fails_midway_leaves_the_old_file(tmp_path):
    path = tmp_path / UNIT_CLASSES.file
    write_table(rows("s", range(2)), path, UNIT_CLASSES)
    before = path.read_bytes()

    def broken():
        yield rows("s", range(3))
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError, match="power"):
        write_table(broken(), path, UNIT_CLASSES)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [(path.name, before)]


@pytest.mark.parametrize("content", [b"", b"PAR1 not a table PAR1"])
def test_a_damaged_or_missing_table_is_one_line(tmp_path, content):
    with pytest.raises(DataError, match=r"lacks units\.parquet"):
        read_table(tmp_path, UNITS)
    (tmp_path / UNITS.file).write_bytes(content)
    with pytest.raises(DataError, match="damaged") as caught:
        read_table(tmp_path, UNITS)
    assert "\n" not in str(caught.value)


def test_a_table_that_lacks_a_column_is_named(tmp_path):
    write_table(rows("s", range(2)), tmp_path / UNIT_CLASSES.file, UNIT_CLASSES)
    (tmp_path / UNIT_CLASSES.file).rename(tmp_path / UNITS.file)
    with pytest.raises(DataError, match=r"units\.parquet is damaged: it has no column 'n'"):
        read_rows(tmp_path, UNITS, "s", 0)
