"""`neurolupa dissect` on a network whose unit 0 is the red channel."""

import json

import pandas as pd
import pytest

from neurolupa.probing import Dissection
from tests.cli.conftest import Run, furnish

ASK = "dissect net.py:Net stimuli?count=72&size=32&texture=solid --sites conv --factors hue --shuffles 19"


@pytest.fixture
def furnished(tmp_path, monkeypatch):
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_tells_detectors_and_writes_the_folder(furnished, run: Run) -> None:
    found = run(f"{ASK} --out told")
    assert found.code == 0
    assert "hue" in found.out
    held = Dissection.load(furnished / "told")
    assert held.source.pictures == 72
    table = pd.read_csv(furnished / "told" / "sites.csv")
    assert table["detectors"].tolist() == list(held.detectors.values())
    files = {path.name for path in (furnished / "told").iterdir()}
    assert files == {
        "dissection.json", "dissection.safetensors", "sites.csv", "units.csv", "detectors.csv",
        "concepts.csv", "detectors.png", "units_conv.png", "files.json",
    }  # fmt: skip
    assert found.out.rstrip().endswith("told: 9 files")


def test_json_has_every_unit_with_its_source(furnished, run: Run) -> None:
    found = run(f"{ASK} --json")
    assert found.code == 0
    told = json.loads(found.out)
    assert told["source"]["pictures"] == 72
    assert {row["category"] for row in told["units"]} == {"hue"}
    assert len(told["sites"]) == 1


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (ASK.replace("hue", "heu"), 2, "unknown factor 'heu'; nearest: hue"),
        (f"{ASK} --least-iou 2", 2, "least_iou is a share between 0 and 1, not 2"),
        (ASK.replace("stimuli?count=72&size=32&texture=solid", "samples"), 2, "samples"),
        (f"{ASK} --top 0", 2, "--top"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(furnished, run: Run, line: str, code: int, words: str) -> None:
    found = run(line)
    assert found.code == code
    assert words in found.err
    assert len(found.err.strip().splitlines()) == 1
