"""`mirror` and `texture`: units known beforehand are shown pictures again."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.cli.conftest import Run

SITE = "--site relu:0"


@pytest.fixture
def halves(place: Path) -> Path:
    """Twelve pictures, red of different strength at the left alone: unit 0 is red and prefers the left."""
    folder = place / "halves"
    folder.mkdir()
    for number in range(12):
        pixels = np.zeros((8, 8, 3), np.uint8)
        pixels[:, :4, 0] = 120 + 10 * number
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
    return place


def test_a_bias_of_the_pictures_changes_sides_with_them(halves: Path, run: Run) -> None:
    found = run(f"mirror net.py:Net halves {SITE} --units 0 --out mirrored")
    assert found.code == 0
    assert "content: the bias changes sides" in found.out.lower()
    table = pd.read_csv("mirrored/mirrored.csv").set_index("axis")
    assert (table["code"]["horizontal"], table["code"]["vertical"]) == ("content", "none")
    assert table["network"]["horizontal"] == 0
    told = json.loads(run(f"mirror net.py:Net halves {SITE} --json").out)
    assert [row["unit"] for row in told["rows"]] == [0, 0, 1, 1]
    assert told["source"]["read"] == 12


def test_mirror_speaks_spanish(halves: Path, run: Run) -> None:
    told = run(f"mirror net.py:Net halves {SITE} --units 0 --lang es").out
    assert "izquierda frente a derecha" in told
    assert "N = 12 imágenes" in told


def test_a_red_unit_goes_with_red(halves: Path, run: Run) -> None:
    found = run(f"texture net.py:Net halves {SITE} --unit 0 --out red --draws 99")
    assert found.code == 0
    assert {path.name for path in Path("red").iterdir()} == {"texture.csv", "pictures.csv", "texture.png"}
    table = pd.read_csv("red/texture.csv")
    assert (table["feature"][0], table["r"].round(4)[0], table["images"][0]) == ("red", 1.0, 12)
    assert len(pd.read_csv("red/pictures.csv")) == 12
    assert "Goes most with: red" in found.out


def test_one_picture_is_enough_and_a_silent_unit_is_said(halves: Path, run: Run) -> None:
    told = json.loads(run(f"texture net.py:Net halves#03.png {SITE} --unit 1 --out one --json").out)
    assert told["state"] == "silent"
    assert told["rows"][0]["r"] is None
    assert (
        "va sobre todo con: rojo"
        in run(f"texture net.py:Net halves#3 {SITE} --unit 0 --out one --lang es").out.lower()
    )


@pytest.mark.parametrize(
    ("line", "code", "fault"),
    [
        ("mirror net.py:Net halves --site fc", 2, "no maps with rows and columns"),
        ("mirror net.py:Net halves --site rel", 2, "unknown site 'rel'; nearest: relu"),
        (f"mirror net.py:Net halves {SITE} --units 2", 2, "relu:0 has no unit 2; its units are 0 to 1"),
        (f"mirror net.py:Net halves {SITE} --units x", 2, "--units takes unit numbers"),
        (f"mirror net.py:Net nowhere {SITE}", 2, "unknown image set 'nowhere'"),
        (f"mirror net.py:Net halves {SITE} --batch-size 0", 2, "--batch-size is at least 1, not 0"),
        (f"mirror net.py:Net halves {SITE} --units 0 --out net.py", 1, "cannot write to net.py"),
        ("texture net.py:Net halves --site fc --unit 0 --out out", 2, "no maps with rows and columns"),
        (f"texture net.py:Net halves {SITE} --unit 2 --out out", 2, "relu:0 has no unit 2"),
        (f"texture net.py:Net halves {SITE} --unit 0 --draws 5 --out out", 2, "draws must be at least 19"),
        (f"texture net.py:Net halves#40 {SITE} --unit 0 --out out", 1, "40"),
        (f"texture net.py:Net halves {SITE} --unit 0", 2, "missing option '--out'"),
        (f"texture net.py:Net halves {SITE} --unit 0 --lang fr --out out", 2, "unknown language 'fr'"),
    ],
)
def test_bad_questions_get_one_line_and_leave_nothing(
    halves: Path, run: Run, line: str, code: int, fault: str
) -> None:
    found = run(line)
    assert (found.code, found.out) == (code, "")
    assert fault in found.err
    assert found.err.count("error:") == 1
    assert not Path("out").exists()
