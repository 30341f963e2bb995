"""The page about watching a training says what the program does."""

import re

from tests.docs.pages import ROOT, blocks

from neurolupa.monitoring.log import COLUMNS

PAGE = ROOT / "docs" / "monitoring.md"


def test_the_python_block_runs_by_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (block,) = blocks(PAGE, "python")
    exec(compile(block, "monitoring.md", "exec"), {})
    assert {path.name for path in tmp_path.iterdir()} == {"training-log", "training.png"}


def test_every_column_is_explained():
    text = PAGE.read_text()
    told = set(re.findall(r"`([a-z_]+)`", text))
    assert told >= set(COLUMNS) - {"step", "site", "order", "units"}
