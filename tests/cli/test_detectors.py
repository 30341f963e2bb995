"""`neurolupa detectors`: published tables of Network Dissection, counted."""

import json

import pytest

from tests.cli.conftest import Run

TABLE = """unit,color-label,color-iou,part-label,part-iou
1,red,0.05,wheel,0.2
2,red,0.04,wheel,0.06
3,blue,0.01,NA,0.039
"""


@pytest.fixture
def table(tmp_path, monkeypatch) -> str:
    """Three units: one detects two concepts, one a single concept, one none, each by a hair."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tally.csv").write_text(TABLE)
    return "tally.csv"


def test_it_counts_units_and_concepts_by_category(table: str, run: Run) -> None:
    code, out, err = run(f"detectors {table}")
    assert (code, err) == (0, "")
    line, *rows = out.splitlines()
    assert line.startswith("tally.csv · N = 3 units · detectors (IoU above 0.04): 2 · different concepts")
    assert line.endswith(": 2, or 1 where a unit counts for its best category alone")
    assert [row.split() for row in rows[-2:]] == [["color", "1", "1"], ["part", "2", "1"]]


def test_what_iou_a_detector_exceeds_can_be_chosen(table: str, run: Run) -> None:
    told = json.loads(run(f"detectors {table} --least-iou 0.1 --json").out)
    assert (told["units"], told["detectors"], told["least"]) == (3, 1, 0.1)
    assert told["unique_in"] == {"color": 0, "part": 1}


def test_it_speaks_spanish(table: str, run: Run) -> None:
    assert "N = 3 unidades" in run(f"detectors {table} --lang es").out


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("nowhere.csv", 1, "nowhere.csv cannot be read as a table of Network Dissection"),
        ("tally.csv --least-iou 2", 2, "least is a share between 0 and 1, not 2"),
        ("tally.csv --lang fr", 2, "en, es"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    table: str, run: Run, line: str, code: int, words: str
) -> None:
    found = run(f"detectors {line}")
    assert found.code == code
    assert words in found.err
    assert len(found.err.strip().splitlines()) == 1


@pytest.mark.real
def test_alexnet_has_the_published_97_detectors_of_61_concepts(data, run: Run) -> None:
    told = json.loads(
        run("detectors", str(data / "published/netdissect-alexnet-imagenet-conv5.csv"), "--json").out
    )
    assert (told["units"], told["detectors"], told["unique"]) == (256, 97, 61)
