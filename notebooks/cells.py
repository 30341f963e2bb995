"""A notebook's source: a Python file in percent format whose texts stand in two languages.

`# %%` opens a code cell, `# %% [markdown] en` an English text and `# %% [markdown] es` its Spanish twin,
which follows at once. What stands above the first marker (a docstring, ruff's comments) is the file's alone.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

LANGUAGES = ("en", "es")
_MARKER = re.compile(r"^#\s*%%(.*)$")
_KINDS = {"": "code", "[markdown] en": "en", "[markdown] es": "es"}
_MAGIC = re.compile(r"^# (%[a-z]\w*.*)$", re.MULTILINE)
_HEADING = re.compile(r"^#+ ", re.MULTILINE)


class SourceError(Exception):
    """A fault in a source, as `file:line: what is wrong`."""


@dataclass(frozen=True)
class Cell:
    """One cell: `kind` is `code`, `en` or `es`; `line` is where its marker stands."""

    kind: str
    text: str
    line: int


def parse(path: Path) -> list[Cell]:
    """The cells of a source, checked.

    Raises:
        SourceError: an unknown marker, a text without its twin, a text that is no comment, code above the
            first marker, or a cell with nothing in it.
    """
    try:
        return list(_checked(list(_cells(path.read_text(encoding="utf-8")))))
    except _FaultError as fault:
        raise SourceError(f"{path.name}:{fault.line}: {fault}") from None


def in_language(cells: list[Cell], lang: str) -> list[Cell]:
    """The code and the texts of one language, in order.

    >>> both = [Cell("en", "Hello", 1), Cell("es", "Hola", 3), Cell("code", "1 + 1", 5)]
    >>> [cell.text for cell in in_language(both, "es")]
    ['Hola', '1 + 1']
    """
    return [cell for cell in cells if cell.kind in ("code", lang)]


class _FaultError(Exception):
    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


def _cells(source: str) -> Iterator[Cell]:
    lines = source.split("\n")
    starts = [at for at, line in enumerate(lines) if _MARKER.match(line)]
    _expect_no_code("\n".join(lines[: starts[0]] if starts else lines))
    for start, end in pairwise([*starts, len(lines)]):
        kind = _kind(lines[start], start + 1)
        body = lines[start + 1 : end]
        text = _code(body) if kind == "code" else _prose(body, start + 2)
        if not text:
            raise _FaultError(start + 1, "a cell with nothing in it")
        yield Cell(kind, text, start + 1)


def _expect_no_code(above: str) -> None:
    try:
        statements = ast.parse(above).body
    except SyntaxError as error:
        raise _FaultError(error.lineno or 1, f"above the first marker: {error.msg}") from None
    for statement in statements:
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            raise _FaultError(statement.lineno, "code above the first marker; open a cell with '# %%'")


def _kind(line: str, number: int) -> str:
    found = _MARKER.match(line)
    after = " ".join(found.group(1).split()) if found else ""
    if after not in _KINDS:
        raise _FaultError(
            number, f"unknown marker {line.strip()!r}; use '# %%' or '# %% [markdown] en' or '... es'"
        )
    return _KINDS[after]


def _code(lines: list[str]) -> str:
    return _MAGIC.sub(r"\1", "\n".join(lines).strip("\n"))


def _prose(lines: list[str], first: int) -> str:
    for number, line in enumerate(lines, first):
        if line.strip() and line != "#" and not line.startswith("# "):
            raise _FaultError(number, "a line of a text cell has to begin with '# '")
    return "\n".join(line[2:].rstrip() for line in lines).strip("\n")


def _checked(cells: list[Cell]) -> Iterator[Cell]:
    if not cells:
        raise _FaultError(1, "no cell: open one with '# %%'")
    for at, cell in enumerate(cells):
        if cell.kind == "en" and (at + 1 == len(cells) or cells[at + 1].kind != "es"):
            raise _FaultError(cell.line, "an English text without its Spanish twin right below it")
        if cell.kind == "es":
            _expect_twins(cells[at - 1] if at else None, cell)
        yield cell


def _expect_twins(before: Cell | None, spanish: Cell) -> None:
    if before is None or before.kind != "en":
        raise _FaultError(spanish.line, "a Spanish text without its English twin right above it")
    if before.text == spanish.text:
        raise _FaultError(spanish.line, "the Spanish text is the English one, word for word")
    if _HEADING.findall(before.text) != _HEADING.findall(spanish.text):
        raise _FaultError(spanish.line, "its headings are not those of the English text above it")
