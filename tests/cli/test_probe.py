"""`neurolupa probe` on a network whose unit 0 is the red channel."""

import json
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from neurolupa.figures import probing_export
from neurolupa.probing import ProbeReport
from tests.cli.conftest import Run, furnish

ASK = "probe net.py:Net kinds --sites conv --batch-size 16"
REDS = {"red": 250, "mild": 150, "dull": 30}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten pictures each of three kinds, told apart by their red alone, and two of a fourth."""
    folder = furnish(tmp_path_factory.mktemp("probe"))
    for name, red in REDS.items():
        (folder / "kinds" / name).mkdir(parents=True)
        for number in range(10):
            Image.new("RGB", (8, 8), (red - 2 * number, 90, 90)).save(
                folder / "kinds" / name / f"{number}.png"
            )
    (folder / "kinds" / "rare").mkdir()
    for number in range(2):
        Image.new("RGB", (8, 8), (200, 90, 90)).save(folder / "kinds" / "rare" / f"{number}.png")
    return folder


@pytest.fixture
def kinds(furnished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The network and the pictures in the new folder in which the command runs, with a cache of its own."""
    for name in ("net.py", "kinds"):
        (tmp_path / name).symlink_to(furnished / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROLUPA_CACHE", str(furnished / "cache"))
    return tmp_path


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing_export, "_figures", lambda *given: iter(()))


def test_it_tells_scores_controls_and_depth_and_writes_the_folder(kinds, run: Run) -> None:
    found = run(f"{ASK} --out told --units conv")
    assert found.code == 0
    assert "32 pictures, sites: 1" in found.err
    assert "label: rare (2)" in found.err
    assert "Fewer than two training pictures for each feature" in found.err
    assert "random weights" in found.out
    assert "label: in the pixels already" not in found.out
    assert "label at conv: in one unit. Unit 0 alone gives 100.0 %" in found.out
    rows = [line.split() for line in found.out.splitlines() if line.startswith("label ")]
    assert [row[1] for row in rows] == ["pixels", "conv"]
    assert rows[1][2:4] == ["100.0", "%"]
    held = ProbeReport.load(kinds / "told")
    assert held.concept("label").classes == ("dull", "mild", "red")
    assert held.source.pictures == 32
    files = {path.name for path in (kinds / "told").iterdir()}
    assert {"probes.csv", "probes.png", "confusion_label.csv", "units_label.png"} <= files
    assert found.out.rstrip().endswith(f"told: {len(files)} files")


@pytest.mark.usefixtures("undrawn")
def test_json_has_every_row_with_its_source_and_what_was_dropped(kinds, run: Run) -> None:
    line = (
        f"{ASK} --out told --json --target brightness --group bright=red,mild --group dark=dull --no-controls"
    )
    found = run(f"{line} --test 0.5 --folds 2 --seed 3 --pooling max")
    told = json.loads(found.out)
    assert [row["concept"] for row in told["rows"]] == ["brightness", "group"]
    assert {row["control"] for row in told["rows"]} == {"none"}
    assert told["rows"][1]["test"] == 15
    settings = {name: told["settings"][name] for name in ("test", "folds", "seed")}
    assert settings == {"test": 0.5, "folds": 2, "seed": 3}
    assert (told["source"]["pooling"], told["source"]["random_seed"]) == ("max", None)
    assert {each["concept"] for each in told["emergence"]} == {"brightness", "group"}
    assert len(told["files"]) == len(list((kinds / "told").iterdir()))


@pytest.mark.usefixtures("undrawn")
def test_what_cannot_be_probed_is_said_and_the_rest_goes_on(kinds, run: Run) -> None:
    found = run(f"{ASK} --out told --target edge_density,label --lang es")
    assert found.code == 0
    assert "el valor es el mismo en todas las imágenes: densidad de bordes" in found.err
    assert "etiqueta" in found.out
    rows = pd.read_csv(kinds / "told" / "probes.csv")
    assert rows["concept"].unique().tolist() == ["label"]


@pytest.mark.usefixtures("undrawn")
def test_a_second_run_shows_no_picture_and_replaces_only_when_asked(kinds, run: Run) -> None:
    assert run(f"{ASK} --out told").code == 0
    refused = run(f"{ASK} --out told")
    assert (refused.code, "--overwrite" in refused.err) == (1, True)
    again = run(f"{ASK} --out told --overwrite")
    assert again.code == 0
    assert "kept from before" in again.err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("--target lable", "nearest: label"),
        ("--target hue", "hue is a factor of stimuli, and folder:kinds is no stimulus set"),
        ("--target group", "groups, such as animal=cat,dog"),
        ("--group red", "group 'red' is not of the form name=class,class"),
        ("--group a=red --group b=mlid", "nearest: mild"),
        ("--sites cnov", "nearest: conv"),
        ("--units cnov", "nearest: conv"),
        ("--pooling men", "nearest: mean"),
        ("--pooling grid:x", "grid:3"),
        ("--test 1", "test is a share between 0 and 1, not 1"),
        ("--folds 1", "folds must be at least 2, not 1"),
        ("--seed -1", "seed must be at least 0, not -1"),
        ("--batch-size 0", "--batch-size is at least 1, not 0"),
        ("--lang fr", "en, es"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(kinds, run: Run, more: str, told: str) -> None:
    found = run(f"probe net.py:Net kinds --out o {more}")
    assert found.code == 2
    assert told in found.err
    assert "Traceback" not in found.err
    assert not (kinds / "o").exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("probe net.py:Net npz:nowhere.npz --out o", "nowhere"),
        ("probe net.py:Net kinds/red --out o", "no labels"),
        ("probe net.py:Net kinds?per_class=2 --sites conv --out o", "can be probed"),
        ("probe net.py:Net kinds --out kinds", "holds files"),
    ],
)
def test_what_depends_on_the_data_is_one_line_too(kinds, run: Run, line: str, told: str) -> None:
    found = run(line)
    assert found.code == 1
    assert told in found.err
    assert not (kinds / "o").exists()


def test_the_folder_is_needed(run: Run) -> None:
    found = run("probe embedded samples")
    assert (found.code, "--out" in found.err) == (2, True)
