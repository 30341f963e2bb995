"""`inspect`: what it prints and writes, and what it refuses in one line."""

import json
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from neurolupa.images import load_images
from neurolupa.images.picking import index_of, pick_image
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("place")


def test_a_picture_of_an_image_set(run: Run, place: Path) -> None:
    """Unit 0 is the red channel, so 1 on a bright picture; unit 1 is silent."""
    told = run("inspect net.py:Net photos#bright --site relu --by mean --top 1 --out out")
    assert told.code == 0
    assert "True class: bright" in told.out
    assert "site relu:1" in told.out
    assert told.out.endswith("out: 6 files\n")
    assert "a bare name means the last call: relu is relu:1" in told.err
    units = pd.read_csv(place / "out" / "units.csv")
    assert units[["unit", "mean", "max"]].to_numpy().tolist() == [[0, 1, 1], [1, 0, 0]]
    names = {path.name for path in (place / "out").iterdir()}
    assert names == {
        *("analysis.json", "units.csv", "regions.csv"),
        *("overview_relu.png", "overlays_relu.png", "kernels_relu.png"),
    }


def test_json_is_alone_on_stdout_and_has_the_ranked_units(run: Run) -> None:
    told = run("inspect net.py:Net photos#0 --site conv --point relu --by max --out out --json")
    facts = json.loads(told.out)
    assert [row["unit"] for row in facts["ranked"]["relu:0"]] == [0, 1]
    assert facts["sites"][0]["provenance"]["point"] == "relu"


def test_a_filter_that_nothing_passes_says_so_and_the_rest_is_written(run: Run, place: Path) -> None:
    told = run("inspect net.py:Net photos#0 --site relu --by interesting --mean-above 50 --out out")
    assert told.code == 0
    assert "note: relu: No unit passes the filter; mean_above = " in told.err
    assert (place / "out" / "units.csv").exists()
    assert (place / "out" / "overview_relu.png").exists()
    assert not (place / "out" / "overlays_relu.png").exists()


def test_without_exact_zeros_the_criteria_that_work_are_named_in_spanish_too(run: Run) -> None:
    told = run("inspect net.py:Net photos#0 --site conv --out out --lang es")
    assert told.code == 0
    assert "no tienen ceros exactos" in told.err
    assert "Predicción" in told.out


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        ("net.py:Net photos#0 --site rleu", 2, "rleu"),
        ("net.py:Net photos#0 --site fc --point relu", 2, "fc has no point relu"),
        ("alexnte photos#0 --site relu", 2, "nearest: alexnet"),
        ("net.py:Net photos#0 --site relu --point rely", 2, "nearest: relu"),
        ("net.py:Net photos#0 --site relu --by balansed", 2, "nearest: balanced"),
        ("net.py:Net photos#0 --site relu --palette virids", 2, "nearest: viridis"),
        ("net.py:Net photos#0 --site relu --opacity 2", 2, "opacity is a share"),
        ("net.py:Net photos#0 --site relu --min-sparsity nan", 2, "min_sparsity is a share"),
        ("net.py:Net photos#0 --site relu --top 0", 2, "at least 1"),
        ("net.py:Net photos#0 --site relu --lang fr", 2, "en, es"),
        ("net.py:Net photos#0 --site relu --by manual", 2, "needs"),
        ("net.py:Net photos#0 --site relu --by manual --units 3-x", 2, "as 3,5-9"),
        ("net.py:Net photos#0 --site relu --by manual --units 7", 2, "units are 0 to 1"),
        ("net.py:Net photos#0 --site relu --units 1", 2, "--by manual"),
        ("net.py:Net photos --site relu", 2, "as photos#0"),
        ("net.py:Net phutos#0 --site relu", 2, "unknown image set 'phutos'"),
        ("net.py:Net photos#4 --site relu", 1, "images are 0 to 3"),
        ("net.py:Net photos#brihgt --site relu", 1, "nearest: bright"),
        ("net.py:Nat photos#0 --site relu", 1, "nearest: Net"),
        ("net.py:Net missing.png --site relu", 1, "missing.png: file not found"),
        ("net.py:Net net.py --site relu", 1, "net.py: not an image"),
        ("net.py:Net http://127.0.0.1/cat.png --site relu", 1, "127.0.0.1"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    run: Run, place: Path, typed: str, code: int, words: str
) -> None:
    told = run(f"inspect {typed} --out out")
    assert told.code == code, told.err
    assert told.err.startswith("error: ")
    assert words in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert not (place / "out").exists()


def test_a_folder_that_holds_files_is_refused_before_the_network_runs(run: Run, place: Path) -> None:
    (place / "out").mkdir()
    (place / "out" / "mine.txt").touch()
    told = run("inspect net.py:broken photos#0 --site relu --out out")
    assert told.code == 1
    assert "out holds files; name a new folder, or --overwrite" in told.err


def test_a_picture_is_named_by_index_id_or_class_and_a_file_wins(place: Path) -> None:
    images = load_images("photos")
    keys = ("3", "dark/1.png", "dark", "bright")
    assert [index_of(images, key) for key in keys] == [3, 3, 2, 0]
    Image.new("RGB", (2, 2)).save(place / "photos#0.png")
    assert pick_image("photos#0.png") == ("photos#0.png", None)
    picture, found = pick_image("photos?classes=dark#1")
    assert found is not None
    assert (picture.id, picture.class_name) == ("dark/1.png", "dark")
