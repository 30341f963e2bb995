"""`scan`, `plan`, `layers` and `models`: what is said of a network with written-down answers."""

import json
import re
from pathlib import Path

import pytest
import torch

from neurolupa.cli.progress import Pace, _Bar, _Lines, pace_text
from tests.cli.conftest import Run

SUMMARY = """o: Net on photos · N = 4 images

  Most sparse layer: relu:0 (50.0 % zeros)
  Least sparse layer: relu:0 (50.0 % zeros)
  Most dead units: conv (50.00 %)
  Dead units in all: 3 of 6 (50.00 %)
  Lowest mean: conv (-0.2)
  Highest mean: relu:0 (0.3)

next: neurolupa show o layers
      neurolupa export o DIR --figures
"""


@pytest.mark.parametrize(
    "sites", ["--sites conv,relu:0,relu", "--sites conv --sites relu:0 --sites relu", "--sites conv,relu*"]
)
def test_scan_says_what_it_found_and_what_to_type_next(place: Path, run: Run, sites: str) -> None:
    found = run(f"scan net.py:Net photos {sites} --out o")
    assert found.code == 0
    assert found.out == SUMMARY
    assert found.err == "note: a bare name means the last call: relu is relu:1\n"


def test_sentences_are_in_the_language_that_was_asked_for(place: Path, run: Run) -> None:
    found = run("scan net.py:Net photos --out o --lang es")
    assert "Unidades muertas en total: 1 de 2" in found.out


def test_limit_goes_to_the_images(place: Path, run: Run) -> None:
    assert "N = 3 images" in run("scan net.py:Net photos --limit 3 --out o").out


def test_preprocessing_is_what_the_options_say(place: Path, run: Run) -> None:
    """Red 1.0 becomes 2.0 and 0.2 becomes -1.2: the mean of unit 0 is 1, and of both units 0.5."""
    options = "--mean 0.5,0.5,0.5 --std 0.25,0.25,0.25"
    assert "Highest mean: relu (0.5)" in run(f"scan net.py:Net photos {options} --out o").out


def test_nan_is_counted_site_by_site_at_the_end(place: Path, run: Run) -> None:
    """The two bright pictures are NaN at 2 units x 64 positions; the rest is 0.2 and 0."""
    found = run("scan net.py:Poisoned photos --out o")
    assert found.code == 0
    told = "note: relu: 256 NaN and 0 infinite of 512 values; statistics are over the finite ones\n"
    assert told in found.err
    assert "Highest mean: relu (0.1)" in found.out


def test_partial_weights_are_said(place: Path, run: Run) -> None:
    torch.save({"conv.weight": torch.ones(2, 3, 1, 1), "conv.bias": torch.zeros(2)}, place / "part.pth")
    found = run("scan net.py:Net photos --weights part.pth --allow-partial --out o")
    assert found.code == 0
    assert found.err.startswith("note: loaded in part: 2 missing (fc.weight (2, 2), fc.bias (2,));")


@pytest.mark.parametrize("word", ["random", "none", "None"])
def test_random_weights_have_several_names(place: Path, run: Run, word: str) -> None:
    assert run(f"scan net.py:Net photos --weights {word} --seed 3 --out o").code == 0
    assert json.loads((place / "o" / "atlas.json").read_text())["model"]["weights"]["source"] == "random"


def test_kept_activations_are_announced_with_their_size(place: Path, run: Run) -> None:
    """4 images x 2 units x 64 positions x 4 bytes."""
    found = run("scan net.py:Net photos --keep-activations kept.pt --out o")
    assert found.err.startswith("note: kept.pt will take about 2.0 kB\n")
    kept = torch.load(place / "kept.pt")
    assert kept["activations"]["relu"].shape == (4, 2, 8, 8)


def test_plan_measures_and_writes_nothing(place: Path, run: Run) -> None:
    before = sorted(place.iterdir())
    found = run("plan net.py:Net photos --sites conv --batch-size 2 --json")
    assert found.code == 0
    told = json.loads(found.out)
    assert (told["images"], told["sample"], told["units"], told["batch_size"]) == (4, 4, 2, 2)
    assert told["seconds"] > 0
    assert told["disk"]["samples"] == 4 * 2 * 12
    assert [path for path in sorted(place.iterdir()) if path.name != "__pycache__"] == before


def test_plan_states_the_size_of_its_sample(place: Path, run: Run) -> None:
    found = run("plan net.py:Net photos --limit 3 --batch-size 1")
    assert found.out.splitlines()[0] == "Net on photos: 3 images, 1 site, 2 units, batch 1, cpu"
    assert found.out.endswith("measured on N = 2 of 3 images\n")


def test_layers_lists_the_sites(place: Path, run: Run) -> None:
    found = run("layers net.py:Net --kind relu-calls")
    rows = [re.split(r"\s{2,}", line) for line in found.out.splitlines()]
    assert rows[0] == ["Net at 8 x 8 pixels: 2 of 5 sites"]
    assert rows[2][:4] == ["site", "type", "kind", "shape"]
    assert [row[:4] for row in rows[4:6]] == [[n, "ReLU", "relu", "2 x 8 x 8"] for n in ("relu:0", "relu")]
    assert found.out.endswith("\na bare name means the last call: relu is relu:1\n")


def test_layers_as_json(place: Path, run: Run) -> None:
    told = json.loads(run("layers net.py:Net --kind conv --json").out)
    assert told["input_size"] == [8, 8]
    assert [(site["site"], site["shape"], site["parameters"]) for site in told["sites"]] == [
        ("conv", [2, 8, 8], 8)
    ]


def test_layers_needs_no_weights(run: Run) -> None:
    found = run("layers squeezenet1_1 --input-size 32 --kind linear,conv")
    assert found.code == 2
    assert run("layers squeezenet1_1 --input-size 32 --kind conv").code == 0


def test_models_lists_names_and_says_how_others_are_named(run: Run) -> None:
    found = run("models --filter squeeze")
    assert found.out.splitlines()[0] == "squeezenet1_0  squeezenet1_1"
    for form in ("timm:NAME", "pkg.module:factory", "path/file.py:factory"):
        assert form in found.out
    assert json.loads(run("models --json --filter ALEX").out) == ["alexnet"]


def test_the_rate_begins_where_the_scan_does() -> None:
    """A resumed scan reports 900 images first: they are not its own."""
    pace = Pace()
    assert pace.rate(900, now=10.0) is None
    assert pace.rate(960, now=12.0) == 30.0
    assert pace_text(960, 1000, 30.0) == "30.0 images/s, 0:01 left"


def test_without_a_terminal_there_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 5.0, 11.0, 12.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    lines = _Lines()
    for done in (10, 70, 80):
        lines(done, 100)
    assert capsys.readouterr().err == "70 of 100 images, 10.0 images/s, 0:03 left\n"


def test_on_a_terminal_there_is_a_bar() -> None:
    class Told:
        def add_task(self, description: str, **fields: object) -> int:
            return 7

        def update(self, task: int, **fields: object) -> None:
            self.last = (task, fields["completed"], fields["total"], fields["description"])

    told = Told()
    bar = _Bar(told, 100, "scanning", "writing the atlas")
    bar(64, 100)
    assert told.last == (7, 64, 100, "scanning")
    bar(100, 100)
    assert told.last == (7, 100, 100, "writing the atlas")
