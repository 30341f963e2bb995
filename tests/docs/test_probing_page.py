"""The page about probes says what the program does."""

import re

import pytest
from tests.docs.pages import ROOT, blocks

from neurolupa.images import load_images
from neurolupa.probing import Control, Emergence, ProbeCode, Settings
from neurolupa.probing.concepts import available

PAGE = ROOT / "docs" / "probing.md"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROLUPA_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_every_python_block_runs_by_itself(elsewhere, capsys):
    for number, block in enumerate(blocks(PAGE, "python")):
        exec(compile(block, f"probing.md, block {number}", "exec"), {})
    assert "MANY_UNITS" in capsys.readouterr().out
    assert {"probes.png", "probes", "few.png"} <= {path.name for path in elsewhere.iterdir()}


def test_the_concepts_of_the_page_are_those_of_the_program():
    rows = re.findall(r"^\| (`.*?) \| ", PAGE.read_text(), re.M)
    told = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert told >= {*available(load_images("stimuli?count=9")), "group"}


def test_every_control_and_code_of_emergence_is_explained():
    text = PAGE.read_text()
    for code in (*Emergence, ProbeCode.FEW_SAMPLES):
        assert f"`{code.value}`" in text
    for control in (Control.RANDOM_WEIGHTS, Control.SHUFFLED_LABELS, Control.PIXELS):
        assert f"| `{control.value}` |" in text


def test_the_defaults_of_the_page_are_those_of_the_program():
    settings = Settings()
    text = PAGE.read_text()
    assert settings.strengths == (1e-4, 1e-3, 1e-2, 0.1, 1.0)
    assert "Of 10⁻⁴, 10⁻³, 10⁻², 0.1 and 1," in text
    assert (settings.test, settings.folds, settings.resamples) == (0.2, 5, 1000)
    assert all(words in text for words in ("a fifth of the pictures", "five folds", "1,000 times"))
