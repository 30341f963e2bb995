"""The Python of the page about activity runs, and one unit on one picture is the same both ways."""

import pytest
from tests.docs.pages import ROOT, blocks

from neurolupa.units.activity import rank_units


def test_the_pages_python_runs_and_inspect_agrees_with_the_atlas(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks(ROOT / "docs" / "units-activity.md", "python"):
        exec(compile(block, "units-activity.md", "exec"), names)
    ranks = rank_units(names["atlas"], "layer3.1.relu", image=5, mark=names["unit"])
    assert ranks.mark.value == pytest.approx(names["found"].units.loc[names["unit"], "mean"], rel=1e-5)
    assert ranks.image.id == names["found"].provenance.image
    for name in ("profile.png", "ranks.png", "map.png", "overlay.png"):
        assert (tmp_path / name).stat().st_size > 10_000
