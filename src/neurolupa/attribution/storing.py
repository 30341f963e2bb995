"""An attribution as a folder: `attribution.json`, `attribution.safetensors`, `original.png`, `seen.png`."""

import json
import os
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from neurolupa.atlas.checks import path_of
from neurolupa.attribution.codes import MapCode
from neurolupa.attribution.methods.method import UnitParts
from neurolupa.attribution.result import Attribution
from neurolupa.attribution.settings import Settings
from neurolupa.capture import Site
from neurolupa.errors import DataError
from neurolupa.inspection.provenance import Provenance
from neurolupa.inspection.saving import ORIGINAL, SEEN, read_picture
from neurolupa.inspection.seen import SeenPicture
from neurolupa.models import Prediction

SCHEMA = 1
FACTS, ARRAYS = "attribution.json", "attribution.safetensors"
_UNITS = ("activation", "weight", "contribution")


def facts_of(found: Attribution) -> dict[str, Any]:
    """Everything but the arrays and the pictures, ready for JSON; what is not finite is None."""
    return {
        "schema": SCHEMA,
        "method": found.method,
        "site": found.site.to_dict() if found.site else None,
        "target": asdict(found.target),
        "prediction": [asdict(one) for one in found.prediction],
        "true_label": found.true_label,
        "picture": found.picture.facts(),
        "signed": found.signed,
        "facts": {name: value if isfinite(value) else None for name, value in found.facts.items()},
        "codes": [code.value for code in found.codes],
        "settings": found.settings.to_dict(),
        "provenance": found.provenance.to_dict(),
    }


def save(found: Attribution, folder: str | os.PathLike) -> None:
    """Write the four files into a folder, which is made where it is missing.

    Raises:
        DataError: The folder cannot be written.
    """
    place = path_of("folder", folder)
    arrays = {"map": np.ascontiguousarray(found.map)}
    if found.units is not None:
        arrays |= {name: np.ascontiguousarray(getattr(found.units, name)) for name in _UNITS}
    try:
        place.mkdir(parents=True, exist_ok=True)
        (place / FACTS).write_text(json.dumps(facts_of(found), indent=1) + "\n", encoding="utf-8")
        save_file(arrays, place / ARRAYS)
        found.picture.original.save(place / ORIGINAL)
        found.picture.seen.save(place / SEEN)
    except (OSError, SafetensorError) as error:
        raise DataError(f"{place} cannot be written: {error}") from None


def load(folder: str | os.PathLike) -> Attribution:
    """What `save` wrote.

    Raises:
        DataError: A file is missing or damaged, or of another schema.

    >>> load("nowhere")
    Traceback (most recent call last):
    ...
    neurolupa.errors.DataError: no attribution at nowhere: it has no attribution.json
    """
    place = path_of("folder", folder)
    if not (place / FACTS).is_file():
        raise DataError(f"no attribution at {place}: it has no {FACTS}")
    try:
        told = json.loads((place / FACTS).read_text(encoding="utf-8"))
        if told["schema"] != SCHEMA:
            raise DataError(f"{place} holds an attribution of schema {told['schema']}, not {SCHEMA}")
        return _attribution(told, load_file(place / ARRAYS), place)
    except (OSError, ValueError, LookupError, TypeError, SyntaxError, SafetensorError) as error:
        raise DataError(f"the attribution at {place} is damaged: {error}") from error


def _attribution(told: dict[str, Any], arrays: dict[str, np.ndarray], place: Path) -> Attribution:
    pictures = (read_picture(place / name) for name in (ORIGINAL, SEEN))
    return Attribution(
        method=told["method"],
        site=Site.from_dict(told["site"]) if told["site"] else None,
        target=Prediction(**told["target"]),
        prediction=tuple(Prediction(**one) for one in told["prediction"]),
        true_label=told["true_label"],
        picture=SeenPicture.from_facts(told["picture"], *pictures),
        map=arrays["map"],
        signed=told["signed"],
        units=UnitParts(*(arrays[name] for name in _UNITS)) if "weight" in arrays else None,
        facts={name: float("nan") if value is None else value for name, value in told["facts"].items()},
        codes=tuple(MapCode(code) for code in told["codes"]),
        settings=Settings(**told["settings"]),
        provenance=Provenance.from_dict(told["provenance"]),
    )
