"""What an atlas notes about its own tables, said in the chosen language."""

import json
import shutil
from pathlib import Path

import pytest

from neurolupa.atlas.checksums import CHECKSUMS
from tests.cli.conftest import Run

SENTENCES = {
    "en": "note: Of 5,120,000 pairs of class and unit, unit_classes keeps 20 of each unit: ",
    "es": "note: De 5\u202f120\u202f000 pares de clase y unidad, unit_classes conserva 20 de cada unidad: ",
}


@pytest.fixture
def cut(atlas: Path, tmp_path: Path) -> Path:
    """A copy of the atlas that notes that a table was cut, and something of a later version."""
    folder = Path(shutil.copytree(atlas, tmp_path / "cut"))
    manifest = json.loads((folder / "atlas.json").read_text())
    manifest["notes"] = [{"code": "CLASSES_CUT", "cells": 5_120_000, "kept": 20}, {"code": "LATER"}]
    (folder / "atlas.json").write_text(json.dumps(manifest))
    (folder / CHECKSUMS).unlink()
    return folder


@pytest.mark.parametrize("lang", ["en", "es"])
def test_show_says_what_was_cut_in_the_chosen_language(cut: Path, run: Run, lang: str) -> None:
    told = run(f"show {cut} summary --lang {lang}")
    assert told.code == 0
    assert told.err.startswith(SENTENCES[lang])
    assert "LATER" not in told.err


def test_json_stays_json(cut: Path, run: Run) -> None:
    assert json.loads(run(f"show {cut} summary --json").out)


def test_a_scan_says_what_was_cut_in_the_chosen_language(
    place: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("neurolupa.scanning.finishing.CLASS_CELLS", 1)
    told = run("scan net.py:Net photos --lang es --out cut")
    assert told.code == 0
    assert "note: De 4 pares de clase y unidad, unit_classes conserva 20 de cada unidad" in told.err
