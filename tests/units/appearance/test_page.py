"""The Python of the page about appearance runs."""

from tests.docs.pages import ROOT, blocks


def test_the_pages_python_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks(ROOT / "docs" / "units-appearance.md", "python"):
        exec(compile(block, "units-appearance.md", "exec"), names)
    assert (names["one"].images, names["many"].images) == (1, 7)
    assert (tmp_path / "appearance.png").stat().st_size > 10_000
    assert "smooth simple" in capsys.readouterr().out
