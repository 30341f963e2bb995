"""The counting rule of Network Dissection, on tables by hand and on the published ones."""

import pandas as pd
import pytest

from neurolupa.errors import DataError, UsageError
from neurolupa.probing.dissection import count_detectors, read_published

ROWS = [
    (1, "object", "cat", 0.10), (1, "texture", "dotted", 0.20),
    (2, "object", "cat", 0.05), (2, "texture", "dotted", 0.01),
    (3, "object", "dog", 0.30), (3, "texture", "woven", 0.29),
    (4, "object", "bus", 0.04), (4, "texture", "cat", 0.041),
    (5, "object", "bus", 0.00), (5, "texture", "", 0.00),
]  # fmt: skip


def table(rows=ROWS):
    return pd.DataFrame(rows, columns=["unit", "category", "concept", "iou"])


def test_a_table_by_hand_is_counted_as_written_down():
    found = count_detectors(table())
    assert (found.units, found.least) == (5, 0.04)
    assert found.detectors == 4  # 4 by its texture alone: 0.04 does not exceed 0.04
    assert found.detectors_in == {"object": 3, "texture": 3}
    assert found.unique_in == {"object": 2, "texture": 3}  # a cat is counted once in each
    assert found.unique == 5
    assert found.unique_best == 4  # dotted; cat; dog; cat of texture


@pytest.mark.parametrize(
    ("least", "detectors", "unique"), [(0.0, 4, 6), (0.15, 2, 3), (0.3, 0, 0), (1.0, 0, 0)]
)
def test_the_bound_is_exceeded_not_reached(least, detectors, unique):
    found = count_detectors(table(), least)
    assert (found.detectors, found.unique) == (detectors, unique)


def test_the_order_of_rows_does_not_matter():
    assert count_detectors(table(ROWS[::-1])) == count_detectors(table())


def test_an_iou_that_is_no_number_detects_nothing():
    assert count_detectors(table([(1, "object", "cat", float("nan"))])).detectors == 0


def test_tables_of_several_sites_or_without_a_column_are_refused():
    with pytest.raises(DataError, match="unit 1 has the category object twice"):
        count_detectors(table([*ROWS, ROWS[0]]))
    with pytest.raises(DataError, match="needs a column iou; it has: unit, category, concept"):
        count_detectors(table().drop(columns="iou"))
    with pytest.raises(UsageError, match="least is a share between 0 and 1, not 4"):
        count_detectors(table(), 4)


def test_a_published_table_keeps_labels_that_look_like_missing_values(tmp_path):
    path = tmp_path / "tally.csv"
    path.write_text("unit,category,part-label,part-iou,color-iou,color-label\n3,part,NA,0.5,1e-3,\n")
    assert read_published(path).to_dict("split")["data"] == [[3, "part", "NA", 0.5], [3, "color", "", 0.001]]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "cannot be read"),
        ("unit,a\n1,2\n", "no column ends in -iou"),
        ("unit,a-iou\n1,2\n", "a-label"),
        ("unit,a-iou,a-label\n1,much,b\n", "much"),
        ("", "cannot be read"),
    ],
)
def test_what_is_no_published_table_is_refused_in_one_line(tmp_path, text, told):
    path = tmp_path / "tally.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(DataError, match=told) as refused:
        read_published(path)
    assert "\n" not in str(refused.value)


@pytest.mark.real
def test_alexnet_has_the_published_detectors(data):
    found = count_detectors(read_published(data / "published/netdissect-alexnet-imagenet-conv5.csv"))
    assert (found.units, found.detectors, found.unique, found.unique_best) == (256, 97, 61, 50)
    published = {"object": 21, "part": 8, "scene": 4, "material": 1, "texture": 23, "color": 4}
    assert found.unique_in == published


@pytest.mark.real
def test_resnet18_has_the_published_detectors(data):
    found = count_detectors(read_published(data / "published/netdissect-resnet18-places365-layer4.csv"))
    assert (found.units, found.detectors, found.unique) == (512, 434, 265)
