"""An ablation as a folder: `ablation.json` and `ablation.safetensors`."""

import json
import os
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from neurolupa.atlas.checks import path_of
from neurolupa.attribution.ablation.result import Ablation, AblationSource
from neurolupa.errors import DataError

SCHEMA = 1
FACTS, ARRAYS = "ablation.json", "ablation.safetensors"
_STORED = ("n", "right", "broken", "mended", "sums")


def save(found: Ablation, folder: str | os.PathLike) -> None:
    """Write both files into a folder, which is made where it is missing.

    Raises:
        DataError: The folder cannot be written.
    """
    place = path_of("folder", folder)
    told = {
        "schema": SCHEMA,
        "groups": found.groups,
        "classes": found.classes,
        "class_ids": found.class_ids,
        "source": found.source.to_dict(),
    }
    try:
        place.mkdir(parents=True, exist_ok=True)
        save_file({name: np.ascontiguousarray(getattr(found, name)) for name in _STORED}, place / ARRAYS)
        (place / FACTS).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    except (OSError, SafetensorError) as error:
        raise DataError(f"{place} cannot be written: {error}") from None


def load(folder: str | os.PathLike) -> Ablation:
    """What `save` wrote.

    Raises:
        DataError: A file is missing or damaged, or of another schema.
    """
    place = path_of("folder", folder)
    if not (place / FACTS).is_file():
        raise DataError(f"no ablation at {place}: it has no {FACTS}")
    try:
        told: dict[str, Any] = json.loads((place / FACTS).read_text(encoding="utf-8"))
        if told["schema"] != SCHEMA:
            raise DataError(f"{place} holds an ablation of schema {told['schema']}, not {SCHEMA}")
        arrays = load_file(place / ARRAYS)
        return Ablation(
            groups=tuple(tuple(group) for group in told["groups"]),
            classes=tuple(told["classes"]),
            class_ids=tuple(told["class_ids"]),
            source=AblationSource(**told["source"]),
            **{name: arrays[name] for name in _STORED},
        )
    except (OSError, ValueError, LookupError, TypeError, SafetensorError) as error:
        raise DataError(f"the ablation at {place} is damaged: {error}") from error
