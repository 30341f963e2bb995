"""`unit`: a page that can be sent, its tables, and what is wrong with a bad question."""

import json
from pathlib import Path
from shutil import copytree

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.atlas.builder import build
from tests.cli.conftest import Run

FILES = {
    "page.html",
    "page.png",
    "unit.csv",
    "exemplars.csv",
    "profile.csv",
    "relations.csv",
    "classes.csv",
    "spatial.csv",
}


def test_the_page_its_picture_and_its_tables_are_written(atlas: Path, run: Run) -> None:
    found = run("unit atlas relu:0 0 --out page")
    assert found.code == 0
    assert {path.name for path in Path("page").iterdir()} == FILES
    with Image.open("page/page.png") as picture:
        assert picture.width == 1500
    assert "Unit 0 of relu:0" in Path("page/page.html").read_text(encoding="utf-8")
    classes = pd.read_csv("page/classes.csv").set_index("class_name")
    assert classes["mean"].round(6).to_dict() == {"bright": 1.0, "dark": 0.2}


def test_the_screen_says_what_the_page_says(atlas: Path, run: Run) -> None:
    told = run("unit atlas relu:0 0 --out page").out
    assert "One of 2 units of relu:0 (ReLU). Its maps have 8 x 8 positions." in told
    assert "Prefers bright, then dark: ratio 5.00, selectivity very high." in told
    assert "Unreliable: the preferred or the second class has fewer than 10 pictures." in told
    assert "No bias: neither half's mean is more than 1.1 times the other's." in told
    assert "page: 8 files" in told


def test_it_speaks_spanish(atlas: Path, run: Run) -> None:
    told = run("unit atlas relu:0 0 --out page --lang es").out
    assert "Unidad 0 de relu:0" in told
    assert '<html lang="es">' in Path("page/page.html").read_text(encoding="utf-8")


def test_a_dead_unit_is_called_dead_and_has_its_page(atlas: Path, run: Run) -> None:
    told = run("unit atlas relu:0 1 --out page").out
    assert "It is dead: on none of these pictures is it above 0.000001." in told


def test_pictures_without_labels_say_so_and_have_their_page(tmp_path: Path, run: Run) -> None:
    plain = build(tmp_path / "plain", {"relu": np.random.default_rng(0).random((5, 3, 4, 4))})
    found = run(f"unit {plain} relu 2 --out {tmp_path / 'page'}")
    assert found.code == 0
    assert "The pictures have no labels." in found.out
    assert {path.name for path in (tmp_path / "page").iterdir()} == FILES - {"classes.csv"}


def test_json_has_the_source_and_the_files(atlas: Path, run: Run) -> None:
    found = json.loads(run("unit atlas relu:0 0 --out page --json").out)
    assert found["unit"]["unit"] == 0
    assert found["classes"]["top_class"] == "bright"
    assert found["source"]["read"] == 4
    assert {Path(name).name for name in found["files"]} == FILES


def test_contours_come_from_the_network_that_was_scanned(atlas: Path, run: Run) -> None:
    assert run("unit atlas relu:0 0 --out page --contours net.py:Net").code == 0
    other = run("unit atlas relu:0 0 --out other --contours embedded")
    assert other.code == 2
    assert "is not the network that was scanned" in other.err
    assert not Path("other").exists()


@pytest.mark.parametrize(
    ("command", "code", "line"),
    [
        ("unit atlas relu:9 0 --out nothing", 2, "relu:0"),
        ("unit atlas relu:0 2 --out nothing", 2, "relu:0 has no unit 2; its units are 0 to 1"),
        ("unit atlas relu:0 x --out nothing", 2, "UNIT"),
        ("unit nowhere relu:0 0 --out nothing", 1, "no atlas at nowhere"),
        ("unit atlas relu:0 0 --out nothing --lang fr", 2, "en, es"),
        ("unit atlas relu:0 0 --out net.py", 1, "net.py"),
    ],
)
def test_bad_questions_get_one_line_and_leave_nothing(
    atlas: Path, run: Run, command: str, code: int, line: str
) -> None:
    found = run(command)
    assert found.code == code
    assert line in found.err
    assert "Traceback" not in found.err
    assert not Path("nothing").exists()


def test_an_atlas_of_another_schema_is_refused_with_both_versions(
    atlas: Path, run: Run, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    copytree(atlas, other)
    manifest = json.loads((other / "atlas.json").read_text())
    (other / "atlas.json").write_text(json.dumps(manifest | {"schema": 99}))
    found = run("unit", str(other), "relu:0", "0", "--out", "page")
    assert found.code == 1
    assert "an atlas of schema 99; this neurolupa reads schema 1" in found.err
