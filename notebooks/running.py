"""A source run once, and written as two notebooks."""

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from notebooks.cells import LANGUAGES, Cell, in_language, parse
from notebooks.outputs import LARGEST_NOTEBOOK, ROOT, OutputError, tidied

HERE = ROOT / "notebooks"
SOURCES = HERE / "source"
SECONDS_A_CELL = 600
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
Shown = dict[int, list[NotebookNode]]


class RunError(Exception):
    """A cell failed, or showed what must not be stored; says which one."""


def run(source: Path) -> tuple[list[Cell], Shown]:
    """The cells of a source, and what each line's code cell showed, run once from the first to the last.

    Raises:
        SourceError: the source is faulty.
        RunError: a cell failed, or showed what must not be stored.
    """
    cells = parse(source)
    code = [cell for cell in cells if cell.kind == "code"]
    running = new_notebook(cells=[new_code_cell(cell.text) for cell in code], metadata=METADATA)
    place = {"metadata": {"path": str(HERE)}}
    client = NotebookClient(running, timeout=SECONDS_A_CELL, resources=place, record_timing=False)
    try:
        client.execute(env=_environment())
    except CellExecutionError as error:
        failed = sum(1 for cell in running.cells if cell.execution_count) - 1
        raise RunError(f"{source.name}:{code[failed].line}: the cell failed\n{error}") from None
    return cells, {
        cell.line: _stored(ran.outputs, source, cell) for cell, ran in zip(code, running.cells, strict=True)
    }


def on_real_data() -> bool:
    """Whether the notebooks are told to look at the real networks and pictures."""
    return os.environ.get("NEUROLUPA_NOTEBOOKS") == "real"


def write(name: str, cells: list[Cell], shown: Shown, out: Path) -> list[Path]:
    """Writes both notebooks below a folder, `en/NAME.ipynb` and `es/NAME.ipynb`, or neither.

    Raises:
        RunError: one is larger than what is stored with the project may be; real data is not stored.
    """
    texts = {lang: nbformat.writes(as_notebook(cells, lang, shown)) + "\n" for lang in LANGUAGES}
    for text in texts.values():
        if len(text) > LARGEST_NOTEBOOK and not on_real_data():
            raise RunError(f"{name}: {len(text):,} bytes with its outputs; at most {LARGEST_NOTEBOOK:,}")
    paths = {lang: out / lang / f"{name}.ipynb" for lang in LANGUAGES}
    for lang, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[lang], encoding="utf-8")
    return list(paths.values())


def as_notebook(cells: list[Cell], lang: str, shown: Shown) -> NotebookNode:
    """A notebook in one language with the outputs in it; cells have the numbers of their places as ids."""
    made = []
    for number, cell in enumerate(in_language(cells, lang)):
        ident = f"cell-{number:02d}"
        if cell.kind == "code":
            made.append(new_code_cell(cell.text, id=ident, outputs=shown.get(cell.line, [])))
        else:
            made.append(new_markdown_cell(cell.text, id=ident))
    return new_notebook(cells=made, metadata=METADATA)


def stale(source: Path, folder: Path) -> list[Path]:
    """The notebooks of a source below a folder that are missing or whose cells are not the source's."""
    cells = parse(source)
    paths = {lang: folder / lang / f"{source.stem}.ipynb" for lang in LANGUAGES}
    return [path for lang, path in paths.items() if _texts_of(path) != _texts(as_notebook(cells, lang, {}))]


def _stored(outputs: list[NotebookNode], source: Path, cell: Cell) -> list[NotebookNode]:
    try:
        return tidied(outputs)
    except OutputError as error:
        raise RunError(f"{source.name}:{cell.line}: {error}") from None


def _environment() -> dict[str, str]:
    """This process' environment, in which the kernel runs in another folder: relative paths made whole."""
    given = os.environ.get("PYTHONPATH", "")
    data = Path(os.environ.get("NEUROLUPA_DATA") or ROOT.parent / "shared" / "data")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(Path(part).resolve()) for part in given.split(os.pathsep) if part),
        "NEUROLUPA_DATA": str(data.resolve()),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def _texts(notebook: NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def _texts_of(path: Path) -> list[tuple[str, str]] | None:
    return _texts(nbformat.read(path, as_version=4)) if path.is_file() else None
