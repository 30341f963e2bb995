"""`synthesize`: a gallery in a folder, what is found again, Ctrl-C, and what is wrong with a bad question."""

import json
from pathlib import Path
from shutil import copytree

import pandas as pd
import pytest
from PIL import Image

from neurolupa.synthesis import Synthesis
from neurolupa.synthesis import synthesizing as module
from tests.cli.conftest import Run

RED = "synthesize net.py:Net --site relu:0 --steps 4 --out out"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache is neither read nor filled."""
    monkeypatch.setenv("NEUROLUPA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def names() -> set[str]:
    return {path.name for path in Path("out").iterdir()}


def test_a_folder_with_pictures_their_json_a_table_and_a_grid(place: Path, run: Run) -> None:
    found = run(f"{RED} --units 0-1")
    assert found.code == 0
    general = {"grid.png", "files.json", "synthesis.csv", "synthesis.json", "synthesis.safetensors"}
    assert names() == general | {f"relu%3A0_{unit}.{end}" for unit in (0, 1) for end in ("png", "json")}
    with Image.open("out/relu%3A0_0.png") as picture:
        assert picture.size == (8, 8)
        assert "relu:0#0" in picture.text["Description"]
    table = pd.read_csv("out/synthesis.csv")
    assert table["unit"].tolist() == [0, 1]
    assert Synthesis.load("out").targets == ("relu:0#0", "relu:0#1")
    assert "out: 9 files, 2 pictures, 0 of them from the cache" in found.out
    assert "82 %" in found.out


def test_pictures_that_drive_nothing_are_named(place: Path, run: Run) -> None:
    """Unit 1 is the same on every picture, so that nothing changes the grey that is begun with."""
    told = run(f"{RED} --units 0,1,1 --steps 30").out
    assert "  unit 1: Blank: the picture has hardly any contrast." in told
    assert "  unit 0:" not in told
    assert "All pictures" not in told
    assert "All pictures" in run("synthesize net.py:Net --site relu:0 --units 0 --steps 30 --out other").out


def test_what_was_made_is_not_made_again(place: Path, run: Run, own_cache: Path) -> None:
    run(f"{RED} --units 0")
    first = Path("out/synthesis.safetensors").read_bytes()
    assert "1 of them from the cache" in run(f"{RED} --units 0 --overwrite").out
    assert Path("out/synthesis.safetensors").read_bytes() == first
    assert "1 pictures, 0 of them" in run(f"{RED} --units 0 --overwrite --no-cache").out
    assert len(list((own_cache / "synthesis").glob("*.safetensors"))) == 1
    assert run(f"{RED} --units 0").code == 1


def test_json_and_spanish(place: Path, run: Run) -> None:
    told = json.loads(run(f"{RED} --units 0 --copies 2 --seed 3 --json --at 1,2").out)
    assert [row["copy"] for row in told["rows"]] == [0, 1]
    assert [row["target"] for row in told["rows"]] == ["relu:0#0[1,2]"] * 2
    assert told["source"]["seed"] == 3
    assert (told["interrupted"], told["from_cache"]) == (False, 0)
    assert {Path(name).name for name in told["files"]} == names()
    assert "unidad 1: Vacía" in run(f"{RED} --lang es --overwrite").out


def test_with_an_atlas_every_unit_stands_beside_natural_pictures(
    atlas: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copytree(atlas.parent, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    found = run(f"{RED} --units 0 --atlas atlas --size 8")
    assert found.code == 0
    assert "relu%3A0_0_beside_natural.png" in names()
    facts = json.loads(Path("out/relu%3A0_0.json").read_text())
    assert facts["quality"]["natural_mean"] == pytest.approx(1.0, abs=0.01)
    other = run("synthesize embedded --site relu --units 0 --steps 2 --atlas atlas --out other")
    assert other.code == 2
    assert "other weights" in other.err
    assert not Path("other").exists()


def test_ctrl_c_keeps_what_is_there_and_says_so(
    place: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    optimise, calls = module.optimise, []

    def stopped(job, report):
        calls.append(job)

        def step(done, total):
            if len(calls) == 2:
                raise KeyboardInterrupt

        return optimise(job, step)

    monkeypatch.setattr(module, "optimise", stopped)
    found = run("synthesize embedded --site relu --units 0-5 --steps 4 --batch 2 --out out")
    assert found.code == 130
    assert "interrupted: 4 of 6 pictures are there, the last ones unfinished" in found.err
    assert Synthesis.load("out").units == (0, 1, 2, 3)
    monkeypatch.setattr(module, "optimise", optimise)
    again = run("synthesize embedded --site relu --units 0-5 --steps 4 --batch 2 --out out --overwrite")
    assert "6 pictures, 2 of them from the cache" in again.out


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ("--units 7", 2, "no unit 7 at relu:0; its units are 0 to 1"),
        ("--units 3-1", 2, "--units takes unit numbers"),
        ("--method furier", 2, "unknown method 'furier'; nearest: fourier"),
        ("--steps 0", 2, "--steps is at least 1"),
        ("--copies 0", 2, "--copies is at least 1"),
        ("--batch 0", 2, "--batch is at least 1"),
        ("--size x", 2, "--size takes pixels"),
        ("--size 2000", 2, "at most 1024 pixels"),
        ("--at middle", 2, "--at takes mean, centre or ROW,COLUMN"),
        ("--prior nowhere:x", 2, "nowhere"),
        ("--atlas nowhere", 1, "nowhere"),
        ("--lang fr", 2, "en, es"),
        ("--site relo", 2, "relo"),
        ("--seed -1", 2, "a seed is a whole number from 0 to"),
        ("--units 0-1000000000", 2, "--units takes unit numbers"),
        ("--at 8,0", 2, "no position 8,0 at relu:0: on 8 x 8 pixels its maps have 8 rows and 8 columns"),
        ("--diversity nan --copies 2", 2, "diversity must be a number"),
        ("--diversity 1", 2, "it needs 2 copies or more"),
        ("--prior folder:grey", 1, "grey has no contrast to measure colours and spectrum on"),
        ("--out net.py/deep", 1, "cannot write to net.py/deep"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(
    place: Path, run: Run, options: str, code: int, told: str
) -> None:
    (place / "grey").mkdir()
    Image.new("RGB", (9, 9), (128, 128, 128)).save(place / "grey" / "a.png")
    found = run(f"{RED} {options}")
    assert found.code == code
    errors = [line for line in found.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert told in errors[0]
    assert not Path("out").exists()


def test_too_few_pixels_name_the_fewest_that_work(place: Path, run: Run) -> None:
    (place / "deep.py").write_text(
        "from torch import nn\n"
        "def net():\n    return nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.Conv2d(4, 4, 5))\n"
    )
    found = run("synthesize deep.py:net --input-size 16 --site 2 --size 6 --units 0 --out out")
    assert found.code == 2
    assert "6 pixels are too few for 2; the smallest that works is 9" in found.err


def test_a_network_that_cuts_the_gradient_off_says_so(place: Path, run: Run) -> None:
    (place / "cut.py").write_text(
        "from torch import nn\n"
        "class Cut(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.conv = nn.Conv2d(3, 2, 3)\n"
        "    def forward(self, x):\n        return self.conv(x.detach())\n"
    )
    found = run("synthesize cut.py:Cut --input-size 8 --site conv --units 0 --steps 2 --out out")
    assert found.code == 1
    assert "no gradient comes back" in found.err
    assert not Path("out").exists()


def test_pictures_that_all_fail_are_told_and_leave_with_1(place: Path, run: Run) -> None:
    (place / "nan.py").write_text(
        "import torch\nfrom torch import nn\n"
        "class Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.conv = nn.Conv2d(3, 2, 3)\n"
        "        self.conv.weight.data[0] = torch.nan\n"
        "    def forward(self, x):\n        return self.conv(x)\n"
    )
    found = run("synthesize nan.py:Net --input-size 8 --site conv --units 0 --steps 3 --out out")
    assert found.code == 1
    assert "unit 0: Failed: twice there was no finite number" in found.out
    assert Synthesis.load("out").states == ("FAILED",)
