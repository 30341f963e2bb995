"""A synthesis on disk: plain values as JSON, arrays as safetensors."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from neurolupa.atlas.checks import path_of
from neurolupa.errors import DataError
from neurolupa.synthesis.quality import Quality
from neurolupa.synthesis.result import Synthesis, SynthesisSource

SCHEMA = 1
JSON, ARRAYS = "synthesis.json", "synthesis.safetensors"
_STORED = ("images", "activations", "curves", "steps")
_LISTED = ("targets", "units", "copies", "states", "seconds")


def save(synthesis: Synthesis, folder: str | os.PathLike) -> None:
    """Write a result into a folder, which is made where it is missing.

    Raises:
        DataError: the folder cannot be written.
    """
    place = path_of("folder", folder)
    arrays = {name: np.ascontiguousarray(getattr(synthesis, name)) for name in _STORED}
    head = {
        "schema": SCHEMA,
        "digest": _digest(arrays),
        "source": synthesis.source.to_dict(),
        "interrupted": synthesis.interrupted,
        **{name: getattr(synthesis, name) for name in _LISTED},
        "quality": [_quality_told(one) for one in synthesis.quality],
    }
    try:
        place.mkdir(parents=True, exist_ok=True)
        save_file(arrays, place / ARRAYS)
        told = json.dumps(head, indent=1, ensure_ascii=False, allow_nan=False)
        (place / JSON).write_text(told, encoding="utf-8")
    except (OSError, SafetensorError) as error:
        raise DataError(f"{place} cannot be written: {error}") from None


def load(folder: str | os.PathLike) -> Synthesis:
    """What `save` wrote.

    Raises:
        DataError: a file is missing or damaged, or of another schema.
    """
    place = path_of("folder", folder)
    try:
        head = json.loads((place / JSON).read_text(encoding="utf-8"))
        arrays = load_file(place / ARRAYS)
        if head["schema"] != SCHEMA:
            raise DataError(
                f"{place} holds a synthesis of schema {head['schema']}, not {SCHEMA}: make it anew"
            )
        sizes = {name: tuple(head["source"][name]) for name in ("size", "view")}
        if head.get("digest", _digest(arrays)) != _digest(arrays):  # older ones have none
            raise DataError(f"the synthesis in {place} is damaged: {ARRAYS} is not what was written")
        values: dict[str, Any] = {name: tuple(head[name]) for name in _LISTED}
        if {len(head[name]) for name in (*_LISTED, "quality")} != {len(arrays["images"])}:
            raise DataError(f"the synthesis in {place} is damaged: {JSON} and {ARRAYS} are of other pictures")
        values |= {name: arrays[name] for name in _STORED}
        return Synthesis(
            **values,
            quality=tuple(_quality_read(one) for one in head["quality"]),
            source=SynthesisSource(**{**head["source"], **sizes}),
            interrupted=head["interrupted"],
        )
    except FileNotFoundError as error:
        missing = Path(error.filename).name if error.filename else ARRAYS
        raise DataError(f"no synthesis in {place}: it has no {missing}") from None
    except (OSError, ValueError, LookupError, TypeError, SafetensorError) as error:
        raise DataError(f"the synthesis in {place} is damaged: {error}") from None


def _digest(arrays: Mapping[str, np.ndarray]) -> str:
    told = sha256()
    for name in _STORED:
        told.update(f"{name}{arrays[name].dtype}{arrays[name].shape}".encode())
        told.update(np.ascontiguousarray(arrays[name]).tobytes())
    return told.hexdigest()


def _quality_told(quality: Quality) -> dict[str, Any]:
    """Numbers that are none are null, as JSON wants it."""
    told = asdict(quality).items()
    return {name: None if isinstance(value, float) and not isfinite(value) else value for name, value in told}


def _quality_read(told: dict[str, Any]) -> Quality:
    return Quality(**{name: value for name, value in told.items() if value is not None})
