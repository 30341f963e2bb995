"""Tables that fit the terminal without ever cutting a name, and JSON."""

import json
import math
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neurolupa.locales.visible import one_line

if TYPE_CHECKING:
    import pandas as pd

_GAP = 3
_UNLIMITED = 10_000


@dataclass(frozen=True)
class Column:
    """One column of a printed table.

    Attributes:
        name: in the frame.
        head: what stands above it; the name itself when empty.
        show: from a value to its text.
        right: whether it is set to the right.
        spare: 0 is always shown; of the others the highest goes first where the terminal is too narrow.
    """

    name: str
    head: str = ""
    show: Callable[[Any], str] = str
    right: bool = False
    spare: int = 0

    @property
    def title(self) -> str:
        """What stands above the column."""
        return self.head or self.name


def print_table(frame: "pd.DataFrame", columns: Sequence[Column]) -> None:
    """Print the rows on stdout; columns that can be spared are left out where the terminal is too narrow."""
    cells = [
        [
            column.title,
            *("" if missing(value) else one_line(column.show(value)) for value in frame[column.name]),
        ]
        for column in columns
    ]
    kept = fitting([max(map(len, column)) for column in cells], [c.spare for c in columns], terminal_width())
    _print_columns([cells[index] for index in kept], [columns[index].right for index in kept])
    left_out = [column.title for index, column in enumerate(columns) if index not in kept]
    if left_out:
        print(f"(no room for {', '.join(left_out)}: widen the terminal, or --json)", file=sys.stderr)


def fitting(widths: Sequence[int], spare: Sequence[int], room: int) -> list[int]:
    """Which columns are shown: the ones that can be spared go, the highest number first, until all fit.

    >>> fitting([10, 20, 5], [0, 1, 2], 34), fitting([10, 20, 5], [0, 1, 2], 5)
    ([0, 1], [0])
    """
    kept = list(range(len(widths)))
    while sum(widths[index] + _GAP for index in kept) - _GAP > room:
        expendable = [index for index in kept if spare[index]]
        if not expendable:
            break
        kept.remove(max(expendable, key=lambda index: (spare[index], index)))
    return kept


def terminal_width() -> int:
    """Columns of the terminal (or of COLUMNS); without limit where the output is no terminal."""
    return shutil.get_terminal_size((_UNLIMITED, 24)).columns


def print_json(content: Any) -> None:
    """Print JSON on stdout; what is not a finite number is null."""
    print(json.dumps(plain(content), indent=2, ensure_ascii=False))


def records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """The rows of a frame as dictionaries, ready for `print_json`."""
    return [dict(zip(map(str, frame.columns), row, strict=True)) for row in frame.itertuples(index=False)]


def plain(value: Any) -> Any:
    """A value as JSON knows it: NumPy's numbers as Python's, missing and not finite ones as None.

    >>> plain({"shape": (3, 8), "mean": float("nan")})
    {'shape': [3, 8], 'mean': None}
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if missing(value):
        return None
    found = value.item() if hasattr(value, "item") else value
    return None if isinstance(found, float) and not math.isfinite(found) else found


def number(value: float) -> str:
    """Four significant digits.

    >>> number(0.123456), number(12345.6)
    ('0.1235', '1.235e+04')
    """
    return f"{value:.4g}"


def percent(value: float) -> str:
    """A percentage with one decimal.

    >>> percent(62.349)
    '62.3'
    """
    return f"{value:.1f}"


def missing(value: Any) -> bool:
    """Whether there is no value: None, or not a number.

    >>> missing(None), missing(float("nan")), missing(0)
    (True, True, False)
    """
    import pandas as pd

    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _print_columns(columns: Iterable[Sequence[str]], right: Iterable[bool]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    filled = list(columns)
    for cells, to_right in zip(filled, right, strict=True):
        table.add_column(Text(cells[0]), justify="right" if to_right else "left", no_wrap=True)
    for row in zip(*(cells[1:] for cells in filled), strict=True):
        table.add_row(*map(Text, row))
    console = Console(width=_UNLIMITED)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        print(line.rstrip())
