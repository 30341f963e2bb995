"""Every stored notebook is its source's, and every source runs to its end, offline."""

import os
import subprocess
import sys

import nbformat
import pytest
from notebooks import __main__ as program
from notebooks.cells import LANGUAGES, parse
from notebooks.outputs import LARGEST_NOTEBOOK
from notebooks.running import HERE, SOURCES, stale, write

ALL = sorted(SOURCES.glob("*.py"))
CHOOSING = [path for path in ALL if "NEUROLUPA_NOTEBOOKS" in path.read_text()]
by_name = pytest.mark.parametrize("source", ALL, ids=lambda path: path.stem)


def build(arguments, out, **environment):
    """Builds in a process of its own, as `make notebooks` does, in a folder that is not the project's."""
    # Paths of the kernel's connection files are kept apart, so that parallel runs never meet.
    out.mkdir(exist_ok=True)
    path = os.pathsep.join([str(HERE.parent / "src"), str(HERE.parent)])
    given = {**os.environ, "PYTHONPATH": path, "JUPYTER_RUNTIME_DIR": str(out / "runtime"), **environment}
    command = [sys.executable, str(HERE / "build.py"), *map(str, arguments)]
    return subprocess.run(command, env=given, cwd=out, capture_output=True, text=True, check=False)


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def expect_a_full_run(source, out, **environment):
    done = build([source.stem, "--out", out], out, **environment)
    assert done.returncode == 0, done.stderr
    english, spanish = (code_cells(out / lang / f"{source.stem}.ipynb") for lang in LANGUAGES)
    assert [cell.outputs for cell in english] == [cell.outputs for cell in spanish]
    shown = [one for cell in english for one in cell.outputs]
    assert [one for one in shown if "image/png" in one.get("data", {})]
    return "\n".join(one.text for one in shown if one.get("name") == "stdout")


@by_name
def test_it_runs_on_the_embedded_network(source, tmp_path):
    nowhere = {"NEUROLUPA_NOTEBOOKS": "", "NEUROLUPA_DATA": str(tmp_path / "nowhere")}
    told = expect_a_full_run(source, tmp_path, **nowhere)
    assert source not in CHOOSING or "embedded" in told


@pytest.mark.real
@pytest.mark.nightly
@pytest.mark.parametrize("source", CHOOSING, ids=lambda path: path.stem)
def test_it_runs_on_the_real_networks(source, data, tmp_path):
    there = {"NEUROLUPA_NOTEBOOKS": "real", "NEUROLUPA_DATA": str(data.resolve())}
    told = expect_a_full_run(source, tmp_path, **there)
    # Some go on to another network, some show real pictures to the embedded one.
    assert "embedded" not in told or "test-lossless-500" in told


@by_name
def test_what_is_stored_is_its_source(source):
    assert stale(source, HERE) == []


@by_name
def test_what_is_stored_was_run_and_is_small(source):
    for lang in LANGUAGES:
        path = HERE / lang / f"{source.stem}.ipynb"
        assert path.stat().st_size <= LARGEST_NOTEBOOK
        assert any(cell.outputs for cell in code_cells(path))
        assert not any(cell.execution_count for cell in code_cells(path))


def test_every_stored_notebook_has_a_source():
    stored = {path.stem for lang in LANGUAGES for path in (HERE / lang).glob("*.ipynb")}
    assert stored == {path.stem for path in ALL}


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """A folder of sources instead of the project's, with one in it: `a.py`."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "a.py").write_text(
        "# %% [markdown] en\n# Hello\n\n# %% [markdown] es\n# Hola\n\n# %%\nprint(6 * 7)\n"
    )
    monkeypatch.setattr(program, "SOURCES", folder)
    return folder


def test_a_changed_text_is_found_in_its_language(sources, tmp_path):
    source = sources / "a.py"
    write("a", parse(source), {}, tmp_path)
    assert stale(source, tmp_path) == []
    source.write_text(source.read_text().replace("Hola", "Buenas"))
    assert stale(source, tmp_path) == [tmp_path / "es" / "a.ipynb"]
    source.write_text(source.read_text().replace("6 * 7", "7 * 6"))
    assert stale(source, tmp_path) == [tmp_path / lang / "a.ipynb" for lang in LANGUAGES]


def test_a_second_build_changes_no_byte_and_a_check_finds_what_is_not_built(sources, tmp_path, capsys):
    out = tmp_path / "out"
    assert program.main(["a", "--check", "--out", str(out)]) == 1
    assert "a.py: not what is stored in en/a.ipynb, es/a.ipynb" in capsys.readouterr().err
    assert not out.exists()
    assert program.main(["--out", str(out)]) == 0
    first = [(out / lang / "a.ipynb").read_bytes() for lang in LANGUAGES]
    assert [code_cells(out / lang / "a.ipynb")[0].outputs[0].text for lang in LANGUAGES] == ["42\n", "42\n"]
    assert program.main(["--out", str(out)]) == 0
    assert first == [(out / lang / "a.ipynb").read_bytes() for lang in LANGUAGES]
    assert program.main(["--check", "--out", str(out)]) == 0


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import sys\nprint('careful', file=sys.stderr)", "a.py:7: it wrote to stderr: careful"),
        ("print('x' * 1_000_001)", "at most 1,000,000"),
    ],
)
def test_a_cell_that_fails_or_shows_too_much_fails_the_build_and_writes_nothing(
    sources, tmp_path, capsys, code, says
):
    source = sources / "a.py"
    source.write_text(source.read_text().replace("print(6 * 7)", code))
    assert program.main(["--out", str(tmp_path / "out")]) == 1
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_line_of_a_cell_that_fails_is_told(sources, tmp_path, capsys):
    source = sources / "a.py"
    source.write_text(source.read_text() + "\n# %%\n1 / 0\n\n# %%\n3\n")
    assert program.main(["--out", str(tmp_path / "out")]) == 1
    assert "a.py:10: the cell failed" in capsys.readouterr().err


def test_real_pictures_are_not_written_beside_the_stored_ones(monkeypatch, capsys):
    monkeypatch.setenv("NEUROLUPA_NOTEBOOKS", "real")
    assert program.main(["00_one_image"]) == 2
    assert "give --out DIR" in capsys.readouterr().err


def test_an_unknown_name_is_refused_with_the_nearest(capsys):
    assert program.main(["00_one_imgae"]) == 2
    assert "nearest: 00_one_image" in capsys.readouterr().err
