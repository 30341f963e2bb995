"""Comparisons of classes on disk: plain values as JSON, arrays of numbers as safetensors."""

import json
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from neurolupa.atlas.checks import path_of
from neurolupa.comparison.classes.result import ClassComparison
from neurolupa.errors import DataError

SCHEMA = 1
JSON, ARRAYS = "comparison.json", "comparison.safetensors"
Arrays = dict[str, NDArray]


def save(found: ClassComparison, folder: str | os.PathLike) -> None:
    """Write a comparison into a folder, which is made where it is missing.

    Raises:
        DataError: the folder cannot be written.
    """
    place, arrays = path_of("folder", folder), Arrays()
    told = {"schema": SCHEMA, "comparison": _plain(found, "comparison", arrays)}
    try:
        place.mkdir(parents=True, exist_ok=True)
        save_file(arrays, place / ARRAYS)
        (place / JSON).write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")
    except (OSError, SafetensorError) as error:
        raise DataError(f"{place} cannot be written: {error}") from None


def load(folder: str | os.PathLike) -> ClassComparison:
    """What `save` wrote.

    Raises:
        DataError: a file is missing or damaged, or of another schema.
    """
    place = path_of("folder", folder)
    try:
        told = json.loads((place / JSON).read_text(encoding="utf-8"))
        if told["schema"] != SCHEMA:
            raise DataError(
                f"{place} holds a comparison of schema {told['schema']}, not {SCHEMA}: compare again"
            )
        return _built(ClassComparison, told["comparison"], load_file(place / ARRAYS))
    except FileNotFoundError as error:
        missing = Path(error.filename).name if error.filename else ARRAYS
        raise DataError(f"no comparison of classes in {place}: it has no {missing}") from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, SafetensorError) as error:
        raise DataError(f"the comparison in {place} is damaged: {error}") from None


def _plain(value: Any, name: str, arrays: Arrays) -> Any:
    """What JSON holds of a value; its arrays of numbers join `arrays` under the names that stand for them."""
    if is_dataclass(value):
        return {
            each.name: _plain(getattr(value, each.name), f"{name}.{each.name}", arrays)
            for each in fields(value)
        }
    if isinstance(value, tuple):
        return [_plain(each, f"{name}.{place}", arrays) for place, each in enumerate(value)]
    if isinstance(value, np.ndarray) and value.dtype.kind == "U":
        return value.tolist()
    if isinstance(value, np.ndarray):
        arrays[name] = np.ascontiguousarray(value)
        return name
    return value


def _built(kind: Any, told: Any, arrays: Mapping[str, NDArray]) -> Any:
    """The inverse, for a field of the type `kind`."""
    if isinstance(kind, UnionType):
        return None if told is None else _built(get_args(kind)[0], told, arrays)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{each.name: _built(hints[each.name], told[each.name], arrays) for each in fields(kind)})
    if get_origin(kind) is tuple:
        inner = get_args(kind)[0]
        return tuple(_built(inner, each, arrays) for each in told)
    if get_origin(kind) is np.ndarray:
        return arrays[told] if isinstance(told, str) else np.array(told, dtype=np.str_)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(told)
    return told
