"""Labels of the files of a folder, by the first rule that fits.

1. "table": a file labels.csv in the folder, with the columns file and label.
2. "folders": some image lies in a sub-folder; the first folder of its path is its class.
3. "file names": every name begins with a class index of one to five digits and "_".
4. Otherwise the images are unlabelled.
"""

import csv
import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neurolupa.errors import DataError
from neurolupa.images.classes import checked_labels, complete_classes, encode_names, placeholder
from neurolupa.images.records import UNLABELLED

TABLE = "labels.csv"
_HEAD = re.compile(r"(?P<index>[0-9]{1,5})_(?P<rest>.+)")
_WORDNET = re.compile(r"(?P<code>n[0-9]{8})(?:_(?P<rest>.*))?")
_COUNTER = re.compile(r"(?:^|[_-])[0-9]+$")
_SEPARATORS = re.compile(r"[;|]")


@dataclass(frozen=True, eq=False)
class Labelling:
    """Labels (N,) for N paths, the class names they index, and the code of the rule."""

    labels: np.ndarray
    classes: tuple[str, ...]
    rule: str


def label_paths(root: Path, paths: Sequence[str]) -> Labelling:
    """Labels by the first rule that fits (see the module)."""
    if (root / TABLE).is_file():
        return label_by_table(root, paths)
    if any("/" in path for path in paths):
        return label_by_folders(root, paths)
    if all(_HEAD.match(path) for path in paths):
        return label_by_file_names(root, paths)
    return unlabelled(root, paths)


def unlabelled(_root: Path, paths: Sequence[str]) -> Labelling:
    """Every label -1.

    >>> unlabelled(Path(), ["a.jpg"]).labels.tolist()
    [-1]
    """
    return Labelling(np.full(len(paths), UNLABELLED, dtype=np.int64), (), "")


def label_by_folders(_root: Path, paths: Sequence[str]) -> Labelling:
    """The first folder of a path is its class; classes are the sorted names. Images outside of them get -1.

    >>> label_by_folders(Path(), ["dog/a.jpg", "cat/deep/b.jpg", "c.jpg"]).labels.tolist()
    [1, 0, -1]
    """
    labels, classes = encode_names([path.split("/")[0] if "/" in path else None for path in paths])
    return Labelling(labels, classes, "folders")


def label_by_file_names(_root: Path, paths: Sequence[str]) -> Labelling:
    """The class index at the head of the file name is the label, so that it stays the network's class index.

    The class is called by the rest of the name, without a WordNet code (n and eight digits) before it and
    without a counter after it, where all its files agree; otherwise "class 12". Indices that no file has are
    called so too: the classes are as many as the highest index plus one. A name without an index gets -1.

    >>> found = label_by_file_names(Path(), ["2_n01443537_goldfish.jpg", "0_cat_1.jpg", "0_cat_2.jpg"])
    >>> found.labels.tolist(), found.classes
    ([2, 0, 0], ('cat', 'class 1', 'goldfish'))
    """
    heads = [_HEAD.match(posixpath.splitext(posixpath.basename(path))[0]) for path in paths]
    labels = checked_labels([int(head["index"]) if head else UNLABELLED for head in heads], "file names")
    candidates: dict[int, set[str]] = {}
    for label, head in zip(labels.tolist(), heads, strict=True):
        if head:
            candidates.setdefault(label, set()).add(_class_name(head["rest"]))
    agreed = {label: names.pop() for label, names in candidates.items() if len(names) == 1}
    classes = [agreed.get(label) or placeholder(label) for label in range(int(labels.max(initial=-1)) + 1)]
    return Labelling(labels, tuple(classes), "file names")


def _class_name(rest: str) -> str:
    wordnet = _WORDNET.fullmatch(rest)
    code = wordnet["code"] if wordnet else ""
    name = (wordnet["rest"] or "") if wordnet else rest
    return _COUNTER.sub("", name) or code


def label_by_table(root: Path, paths: Sequence[str]) -> Labelling:
    """Labels from labels.csv; what it does not list, or lists without a label, is -1.

    Labels that are all whole numbers are class indices; otherwise classes are the sorted distinct names.
    DataError for other columns, for a file listed twice, and for several labels in one.
    """
    table = read_table(root)
    values = [table.get(path) or None for path in paths]
    given = [value for value in values if value is not None]
    if given and all(re.fullmatch(r"-1|[0-9]+", value) for value in given):
        labels = checked_labels([None if value is None else _number(value) for value in values], TABLE)
        return Labelling(labels, complete_classes(labels, None, TABLE), "table")
    labels, classes = encode_names(values)
    return Labelling(labels, classes, "table")


def _number(digits: str) -> int:
    """The number, or one of as many digits as no label has: Python refuses to read thousands of them."""
    return int(digits.lstrip("0")[:18] or 0)


def read_table(root: Path) -> dict[str, str]:
    """The label of every path that labels.csv lists, as text; {} where there is no such file.

    >>> read_table(Path("no/such/place"))
    {}
    """
    path = root / TABLE
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            columns = rows.fieldnames or []
            if not {"file", "label"} <= set(columns):
                raise DataError(
                    f"{TABLE} needs the columns file, label; it has {', '.join(columns) or 'none'}"
                )
            return _table_rows(rows)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"cannot read {TABLE}: {error}") from error


def _table_rows(rows: csv.DictReader) -> dict[str, str]:
    table: dict[str, str] = {}
    for row in rows:
        path, label = posixpath.normpath((row["file"] or "").strip()), (row["label"] or "").strip()
        if path.startswith(("/", "../")) or path in (".", "..") or "\0" in path:
            raise DataError(f"{TABLE}, line {rows.line_num}: {row['file']!r} is no path inside the folder")
        if path in table or _SEPARATORS.search(label):
            raise DataError(f"{TABLE}: several labels for {path!r}; multi-label sets are not read")
        table[path] = label
    return table


RULES: dict[str, Callable[[Path, Sequence[str]], Labelling]] = {
    "auto": label_paths,
    "table": label_by_table,
    "folders": label_by_folders,
    "names": label_by_file_names,
    "none": unlabelled,
}
