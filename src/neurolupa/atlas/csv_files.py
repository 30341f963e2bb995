"""Tables as CSV files that a spreadsheet shows and never runs."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = re.compile(r"(^|[;\t\n])(?=[\s\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\n])")
"""Where a spreadsheet sees the beginning of a formula (OWASP, "CSV Injection"): of a cell, and behind what
parts cells where the comma is the decimal mark."""


def csv_text(frame: "pd.DataFrame", index: bool = False) -> str:
    r"""A table as CSV; words that would start a formula get an apostrophe in front, numbers stay.

    Names of classes and files come from data sets, and a spreadsheet would run them.

    >>> import pandas as pd
    >>> csv_text(pd.DataFrame({"name": ["=1+1", "cat", "-1"], "value": [-1.5, 2, 3]}))
    "name,value\n'=1+1,-1.5\ncat,2.0\n'-1,3.0\n"
    """
    told = frame.copy(deep=False)
    for name in frame:
        if frame[name].dtype.kind not in "biufcmM":
            told[name] = frame[name].map(_harmless)
    if index:
        told.index = told.index.map(_harmless)
    return told.rename(columns=_harmless).to_csv(index=index, lineterminator="\n")


def write_csv(frame: "pd.DataFrame", path: Path, index: bool = False) -> None:
    """Write `csv_text` to a file, in UTF-8."""
    path.write_text(csv_text(frame, index), encoding="utf-8", newline="")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    >>> harmless("@SUM(A1)"), harmless("cat.jpg"), harmless("cat;=1+1")
    ("'@SUM(A1)", 'cat.jpg', "cat;'=1+1")
    """
    line = text.replace("\r", " ")  # a bare one starts a new row in some programs
    return _FORMULA.sub(r"\1'", line)


def _harmless(value: object) -> object:
    return harmless(value) if isinstance(value, str) else value
