import csv
import json

import numpy as np
import pytest

from neurolupa.atlas import Atlas, export_tables, open_atlas
from neurolupa.errors import DataError

from .builder import build

STATISTICS = (
    "layer,shape,total_elements,mean,std,min,max,median,q25,q75,sparsity_%,active_neurons,total_neurons"
)
CLASSES = "class_id,class_name,num_samples,mean,std,median,sparsity_%"
DEAD = ["total_neurons", "dead_neurons", "dead_percentage", "dead_indices_count"]


@pytest.fixture
def exported(atlas, tmp_path):
    export_tables(atlas, tmp_path / "out")
    return tmp_path / "out"


def test_the_files_are_the_notebooks(exported):
    assert sorted(path.name for path in exported.iterdir()) == [
        "activation_statistics.csv",
        "class_stats_deep_relu.csv",
        "class_stats_early%2Frelu.csv",
        "class_stats_fc.csv",
        "dead_neurons_info.json",
    ]


def test_the_statistics_have_the_notebooks_columns_first(exported):
    lines = (exported / "activation_statistics.csv").read_text().splitlines()
    assert lines[0].startswith(f"{STATISTICS},")
    rows = list(csv.DictReader(lines))
    assert [row["layer"] for row in rows] == ["early/relu", "deep.relu", "fc"]
    assert (float(rows[0]["mean"]), rows[0]["shape"], rows[0]["total_elements"]) == (
        1.0,
        "[4, 2, 1, 2]",
        "16",
    )
    assert (rows[1]["active_neurons"], rows[1]["total_neurons"]) == ("3", "3")
    assert rows[2]["sparsity_%"] == ""


def test_dead_units_by_layer(exported):
    told = json.loads((exported / "dead_neurons_info.json").read_text())
    assert list(told) == ["early/relu", "deep.relu", "fc"]
    assert list(told["fc"])[:4] == DEAD
    assert [told["early/relu"][name] for name in DEAD] == [2, 1, 50.0, 1]
    assert told["early/relu"]["dead_indices"] == [1]
    assert [told["deep.relu"][name] for name in DEAD] == [3, 0, 0.0, 0]


def test_another_threshold_is_used_and_stated(atlas, tmp_path):
    export_tables(atlas, tmp_path, threshold=3.0)
    told = json.loads((tmp_path / "dead_neurons_info.json").read_text())
    assert told["deep.relu"]["dead_indices"] == [1]
    assert told["deep.relu"]["threshold"] == 3.0


def test_class_statistics_have_exactly_the_notebooks_columns(exported):
    lines = (exported / "class_stats_deep_relu.csv").read_text().splitlines()
    assert lines[0] == CLASSES
    assert lines[1].split(",")[:4] == ["0", "cat", "2", "2.0"]
    assert (exported / "class_stats_fc.csv").read_text().splitlines()[1].endswith(",")


def test_an_unlabelled_atlas_has_no_class_files(tmp_path):
    atlas = open_atlas(build(tmp_path / "atlas", {"relu": np.ones((2, 1, 1, 1))}))
    assert [path.name for path in export_tables(atlas, tmp_path / "out")] == [
        "activation_statistics.csv",
        "dead_neurons_info.json",
    ]


def test_two_exports_are_the_same_bytes(atlas, exported, tmp_path):
    again = {path.name: path.read_bytes() for path in export_tables(atlas, tmp_path / "again")}
    assert again == {path.name: path.read_bytes() for path in exported.iterdir()}


@pytest.mark.parametrize("existing", [True, False])
def test_an_export_that_fails_leaves_nothing_behind(atlas, tmp_path, monkeypatch, existing):
    target = tmp_path / "out"
    if existing:
        target.mkdir()
        (target / "activation_statistics.csv").write_text("old")

    def fail(self, site=None):
        raise DataError("the table is damaged")

    monkeypatch.setattr(Atlas, "classes", fail)
    with pytest.raises(DataError, match="damaged"):
        export_tables(atlas, target)
    left = {path.name: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == ({"activation_statistics.csv": "old"} if existing else {})
    assert target.exists() == existing


def test_a_target_that_cannot_be_a_folder_is_one_line(atlas, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(DataError, match="cannot write to"):
        export_tables(atlas, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "a file"
