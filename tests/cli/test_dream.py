"""`dream`: a picture in its own proportions, what is written beside it, Ctrl-C, bad questions in one line."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from neurolupa.synthesis import Dream, dreaming
from tests.cli.conftest import Run

RED = "dream net.py:Net wide.png --site conv --steps 3 --octaves 2"
FOLDER = {"beside_original.png", "dream.json", "dream.png", "dream.safetensors", "files.json"}
FILES = {"mine.png", "mine.json", "mine_beside_original.png"}


@pytest.fixture(autouse=True)
def wide(place: Path) -> Path:
    """A picture of 24 x 12 pixels."""
    values = np.random.default_rng(0).integers(90, 160, (12, 24, 3), np.uint8)
    Image.fromarray(values).save(place / "wide.png")
    return place / "wide.png"


def names(folder: str = "out") -> set[str]:
    return {path.name for path in Path(folder).iterdir()}


def test_a_folder_holds_the_picture_its_settings_and_both_side_by_side(run: Run) -> None:
    found = run(f"{RED} --unit 0 --out out")
    assert found.code == 0
    assert names() == FOLDER
    assert "24 × 12" in found.out  # noqa: RUF001 (it is a product)
    assert "Synthetic, not a photograph" in found.out
    with Image.open("out/dream.png") as picture:
        assert picture.size == (24, 12)
        assert "changed by optimisation (DeepDream) to drive conv:0#0" in picture.text["Description"]
        assert "Synthetic, not a photograph" in picture.text["Comment"]
    again = Dream.load("out")
    assert again.target == "conv:0#0"
    assert [len(one.curve) for one in again.octaves] == [3, 3]
    assert again.octaves[-1].curve[0] == pytest.approx(again.octaves[-1].before, rel=1e-5)


def test_a_png_gets_its_json_and_figure_beside_it(run: Run, place: Path) -> None:
    assert run(f"{RED} --out new/mine.png --seed 3").code == 0
    assert names("new") == FILES
    facts = json.loads(Path("new/mine.json").read_text())
    assert facts["synthetic"] is True
    assert facts["source"]["seed"] == 3
    assert len(facts["octaves"][0]["curve"]) == 3


def test_json_and_spanish(run: Run) -> None:
    found = run(f"{RED} --json --out out")
    told = json.loads(found.out)
    assert told["target"] == "conv:0"
    assert {Path(path).name for path in told["files"]} == FOLDER
    assert "Sintética, no es una fotografía" in run(f"{RED} --lang es --out otro").out


@pytest.mark.parametrize(("out", "first"), [("out", "out"), ("mine.png", "mine.png")])
def test_what_is_there_is_replaced_only_when_that_is_said(run: Run, out: str, first: str) -> None:
    assert run(f"{RED} --out {out}").code == 0
    kept = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    refused = run(f"{RED} --seed 1 --out {out}")
    assert refused.code == 1
    assert "--overwrite" in refused.err
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == kept
    assert run(f"{RED} --seed 1 --out {out} --overwrite").code == 0


def test_a_large_picture_is_reduced_and_that_is_said(run: Run) -> None:
    found = run(f"{RED} --most 72 --out out")
    assert "note: the picture of 24 x 12 pixels was reduced to 12 x 6; --most allows more" in found.err


def test_ctrl_c_keeps_what_is_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    climbed = dreaming._Night._climbed

    def stopped(night, net, base, rate, report):
        def step(done, total):
            if done == 4:
                raise KeyboardInterrupt

        return climbed(night, net, base, rate, step)

    monkeypatch.setattr(dreaming._Night, "_climbed", stopped)
    found = run(f"{RED} --out out")
    assert found.code == 130
    assert "interrupted: 4 of 6 steps were taken" in found.err
    assert Dream.load("out").interrupted
    assert names() == FOLDER


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ("--unit 2", 2, "no unit 2 at conv; its units are 0 to 1"),
        ("--unit -1", 2, "no unit -1 at conv; its units are 0 to 1"),
        ("--site comv", 2, "nearest: conv"),
        ("--steps 0", 2, "steps must be at least 1"),
        ("--octaves 0", 2, "octaves must be at least 1"),
        ("--scale 1", 2, "scale is above 1"),
        ("--rate nan", 2, "rate must be a number"),
        ("--most 0", 2, "most must be at least 1"),
        ("--seed -1", 2, "a seed is a whole number from 0 to"),
        ("--lang fr", 2, "en, es"),
        ("--out wide.png/deep", 1, "cannot write to wide.png/deep"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(run: Run, options: str, code: int, told: str) -> None:
    before = set(Path().iterdir())
    found = run(f"{RED} --out out {options}")
    assert found.code == code
    errors = [line for line in found.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert told in errors[0]
    assert {path for path in Path().iterdir() if path.name != "__pycache__"} == before


def test_a_picture_that_is_none_is_one_line(run: Run, place: Path) -> None:
    (place / "text.png").write_text("no picture")
    found = run("dream net.py:Net text.png --site conv --out out")
    assert found.code == 1
    assert found.err.count("error: ") == 1
    assert not Path("out").exists()


def test_a_network_that_gives_no_number_is_told_and_leaves_with_1(run: Run, place: Path) -> None:
    (place / "nan.py").write_text(
        "import torch\nfrom torch import nn\n"
        "class Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.conv = nn.Conv2d(3, 2, 3)\n"
        "        self.conv.weight.data[0] = torch.nan\n"
        "    def forward(self, x):\n        return self.conv(x)\n"
    )
    found = run("dream nan.py:Net wide.png --input-size 8 --site conv --steps 1 --out out")
    assert found.code == 1
    assert "Failed: at every size" in found.out
    assert "nan" not in found.out.replace("nan.py", "")
