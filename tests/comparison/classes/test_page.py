"""The page about classes says what the program does."""

from tests.docs.pages import ROOT, blocks, commands

from neurolupa.comparison.classes import CORRECTIONS, ClassComparison, LookCode, UnitCode

PAGE = ROOT / "docs" / "comparing_classes.md"


def test_the_python_of_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for block in blocks(PAGE, "python"):
        exec(compile(block, PAGE.name, "exec"), {})
    assert "p_adjusted" in capsys.readouterr().out
    for name in ("differences", "heat_map", "lookalikes", "maps"):
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000
    assert ClassComparison.load("comparison").names == ("circle", "star", "ring")


def test_every_code_and_correction_is_explained():
    text = PAGE.read_text()
    for name in (*UnitCode, *LookCode, *CORRECTIONS):
        assert f"`{name}`" in text


def test_its_command_is_the_program_s():
    assert commands(PAGE)[0][:2] == ["neurolupa", "compare-classes"]
