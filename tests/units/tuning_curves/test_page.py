"""What docs/tuning.md says is so."""

import re

import pytest
from tests.docs.pages import ROOT, blocks

from neurolupa.images import load_images
from neurolupa.units.tuning_curves import KINDS, Tuning

PAGE = ROOT / "docs" / "tuning.md"


def test_its_python_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (block,) = blocks(PAGE, "python")
    exec(compile(block, PAGE.name, "exec"), {})
    assert "null_95" in capsys.readouterr().out
    assert (tmp_path / "unit_2.png").stat().st_size > 10_000
    assert Tuning.load(tmp_path / "tuned").units == (0, 1, 2, 3)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_its_table_of_pictures_is_that_of_the_code(kind):
    row = re.search(rf"^\| `{kind.name}` \|.*\| ([\d,]+) \| ([\d.]+) \|$", PAGE.read_text(), re.M)
    assert row, f"{PAGE.name} has no row for {kind.name}"
    count, window = row.groups()
    assert int(count.replace(",", "")) == len(load_images(kind.spec.format(side=32)))
    assert float(window) == kind.window
