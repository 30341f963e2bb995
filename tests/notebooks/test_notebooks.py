"""Every notebook runs to its end, offline, and is stored without what it showed."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[2]
RUN = ROOT / "notebooks" / "run.py"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def run(notebook, out, data):
    """Runs a notebook in a process of its own, as `make notebooks` does."""
    # Paths of the kernel's connection files are kept apart, so that parallel runs never meet.
    environment = {**os.environ, "NEUROLUPA_DATA": str(data), "JUPYTER_RUNTIME_DIR": str(out / "runtime")}
    command = [sys.executable, str(RUN), "--out", str(out), str(notebook)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def shown(cell, kind):
    """The outputs of a cell of one kind: a stream's name, or a MIME type."""
    return [one for one in cell.outputs if one.get("name") == kind or kind in one.get("data", {})]


def expect_a_full_run(notebook, out, data):
    done = run(notebook, out, data)
    assert done.returncode == 0, done.stderr
    cells = code_cells(out / notebook.name)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [text for cell in cells for text in shown(cell, "stderr")]
    drawing = [cell for cell in cells if cell.source.startswith("nl.figures.")]
    assert drawing
    assert all(shown(cell, "image/png") for cell in drawing)
    return "\n".join(one.text for cell in cells for one in shown(cell, "stdout"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_without_the_real_data_and_says_that_its_weights_are_random(notebook, tmp_path):
    told = expect_a_full_run(notebook, tmp_path, tmp_path / "nowhere")
    assert "random weights, sample photographs" in told
    assert "none of this says anything about a trained network" in told


@pytest.mark.real
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_on_the_real_network(notebook, data, tmp_path):
    told = expect_a_full_run(notebook, tmp_path, data.resolve())
    assert "resnet20 on test-lossless-500, N = 500 images" in told
    assert "random" not in told


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_without_outputs(notebook):
    cells = code_cells(notebook)
    assert cells
    assert not any(cell.outputs or cell.execution_count for cell in cells)


def test_a_cell_that_fails_fails_the_run(tmp_path):
    broken = tmp_path / "broken.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 / 0")]), broken)
    done = run(broken, tmp_path / "out", tmp_path)
    assert done.returncode == 1
    assert "broken.ipynb failed" in done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert not (tmp_path / "out" / "broken.ipynb").exists()
