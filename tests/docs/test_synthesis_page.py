"""The page about synthetic pictures gives the methods with the defaults that they have, and it runs."""

import doctest
import re
from pathlib import Path

from neurolupa.figures.synthesis_words import caution
from neurolupa.folders import FOLDER
from neurolupa.synthesis import METHODS
from neurolupa.synthesis.result import STATES

PAGE = Path(__file__).parents[2] / "docs" / "synthesis.md"


def row(name, recipe):
    """A method as the page's table has it."""
    size = "as seen" if recipe.enlarged == 1 else f"{recipe.enlarged:g} times as seen"
    changes = ", ".join(f"`{change}`" for change in recipe.transforms)
    rate = f"{recipe.rate:g}" if recipe.floor == 1 else f"{recipe.rate:g} to {recipe.rate * recipe.floor:g}"
    return f"| `{name}` | {recipe.steps} | {rate} | {recipe.rule} | {recipe.views} | {size} | {changes} |"


def test_the_methods_and_their_defaults_are_those_of_the_program():
    written = re.findall(r"^\| `[a-z]+` \|.*$", PAGE.read_text(encoding="utf-8"), re.M)
    assert written == [row(name, METHODS[name]) for name in METHODS.names()]


def test_every_state_and_the_caution_are_there():
    told = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^\| `([A-Z_]+)` \|", told, re.M) == list(STATES)
    for share in re.findall(r"\d+ %", caution("en")):
        assert share in told
    assert f"${FOLDER}" in told


def test_the_example_gives_what_is_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert (failed, tried > 5) == (0, True)
    assert (tmp_path / "gallery" / "grid.png").is_file()
