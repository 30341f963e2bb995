"""Tuning curves on disk: plain values as JSON, arrays as safetensors, the same bytes each time."""

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from neurolupa.atlas.checks import path_of
from neurolupa.errors import DataError
from neurolupa.units.tuning_curves.curves import TuningCurves
from neurolupa.units.tuning_curves.factors import Factor
from neurolupa.units.tuning_curves.result import Tuning, TuningSource

SCHEMA = 1
_JSON, _ARRAYS = "tuning.json", "tuning.safetensors"
_PLAIN = ("values", "pictures", "state")
_STORED = tuple(each.name for each in fields(TuningCurves) if each.name not in ("factor", *_PLAIN))


def save(tuning: Tuning, folder: str | os.PathLike) -> None:
    """Write a result into a folder, which is made where it is missing.

    Raises:
        DataError: the folder cannot be written.
    """
    place = path_of("folder", folder)
    head = {
        "schema": SCHEMA,
        "units": tuning.units,
        "source": tuning.source.to_dict(),
        "curves": [_head(curves) for curves in tuning.curves.values()],
    }
    arrays = {
        f"{factor}.{name}": np.ascontiguousarray(getattr(curves, name))
        for factor, curves in tuning.curves.items()
        for name in _STORED
    }
    try:
        place.mkdir(parents=True, exist_ok=True)
        save_file(arrays, place / _ARRAYS)
        (place / _JSON).write_text(json.dumps(head, indent=1, ensure_ascii=False), encoding="utf-8")
    except (OSError, SafetensorError) as error:
        raise DataError(f"{place} cannot be written: {error}") from None


def load(folder: str | os.PathLike) -> Tuning:
    """What `save` wrote.

    Raises:
        DataError: a file is missing or damaged, or of another schema.
    """
    place = path_of("folder", folder)
    try:
        head = json.loads((place / _JSON).read_text(encoding="utf-8"))
        arrays = load_file(place / _ARRAYS)
        if head["schema"] != SCHEMA:
            raise DataError(f"{place} holds tuning of schema {head['schema']}, not {SCHEMA}: measure again")
        curves = {each["factor"]["name"]: _curves(each, arrays) for each in head["curves"]}
        return Tuning(tuple(head["units"]), curves, TuningSource(**head["source"]))
    except FileNotFoundError as error:
        missing = Path(error.filename).name if error.filename else _ARRAYS
        raise DataError(f"no tuning curves in {place}: it has no {missing}") from None
    except (OSError, ValueError, LookupError, TypeError, SafetensorError) as error:
        raise DataError(f"the tuning curves in {place} are damaged: {error}") from None


def _head(curves: TuningCurves) -> dict[str, Any]:
    factor = {each.name: getattr(curves.factor, each.name) for each in fields(Factor)}
    return {"factor": factor, **{name: getattr(curves, name) for name in _PLAIN}}


def _curves(head: dict[str, Any], arrays: dict[str, np.ndarray]) -> TuningCurves:
    factor = Factor(**head["factor"])
    stored = {name: arrays[f"{factor.name}.{name}"] for name in _STORED}
    return TuningCurves(
        factor, tuple(head["values"]), pictures=head["pictures"], state=tuple(head["state"]), **stored
    )
