"""Names of a network's classes, from a file or a list."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from neurolupa.errors import DataError, UsageError


def read_classes(source: str | Path | Sequence[str]) -> tuple[str, ...]:
    """Class names in the order of the network's outputs.

    A `.txt` file has one name a line. A `.json` file has a list of names, or a dictionary from index to name,
    from index to [id, name], or from name to index. Names may repeat, as ImageNet's do.

    Raises:
        UsageError: A file of another kind.
        DataError: A file that is missing, unreadable, or that names no class for some index.

    >>> read_classes(["cat", "dog"])
    ('cat', 'dog')
    """
    if not isinstance(source, str | Path):
        return _checked(list(source), "classes")
    path = Path(source)
    if path.suffix.lower() not in (".json", ".txt"):
        raise UsageError(f"class names come from a .json or .txt file, not {path.name!r}")
    text = _read(path)
    if path.suffix.lower() == ".txt":
        return _checked([line.strip() for line in text.rstrip().splitlines()], path.name)
    return _checked(_from_json(text, path.name), path.name)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"no file of class names at {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"class names of {path.name} cannot be read: {error}") from None


def _from_json(text: str, origin: str) -> list[Any]:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise DataError(f"{origin} is not JSON: {error}") from None
    if isinstance(content, Mapping):
        return _by_index(content, origin)
    if isinstance(content, list):
        return content
    raise DataError(f"{origin} holds neither a list nor a dictionary of class names")


def _by_index(content: Mapping[str, Any], origin: str) -> list[Any]:
    if content and all(type(value) is int for value in content.values()):
        content = {str(index): name for name, index in content.items()}
    try:
        names = {int(index): name for index, name in content.items()}
    except ValueError:
        raise DataError(f"the keys of {origin} are not class indices") from None
    gaps = sorted(set(range(len(names))) - set(names))
    if gaps:
        raise DataError(f"{origin} has {len(names)} names but none for class {gaps[0]}")
    return [_last_of_pair(names[index]) for index in range(len(names))]


def _last_of_pair(entry: Any) -> Any:
    return entry[1] if isinstance(entry, list) and len(entry) == 2 else entry


def _checked(names: list[Any], origin: str) -> tuple[str, ...]:
    if not names:
        raise DataError(f"{origin} holds no class names")
    for index, name in enumerate(names):
        if not isinstance(name, str) or not name:
            raise DataError(f"class {index} of {origin} is {name!r}, not a name")
    return tuple(names)
