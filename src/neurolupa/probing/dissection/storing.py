"""Dissections on disk: plain values as JSON, arrays as safetensors."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from neurolupa.atlas.checks import path_of
from neurolupa.errors import DataError
from neurolupa.probing.dissection.codes import SkipCode
from neurolupa.probing.dissection.nulls import Scores
from neurolupa.probing.dissection.result import (
    MEASURES,
    Category,
    Dissection,
    DissectionSource,
    SiteDissection,
)

SCHEMA = 1
JSON, ARRAYS = "dissection.json", "dissection.safetensors"
_PLAIN = ("site", "address", "shape")
_BARE = ("thresholds", "active")
_SCORES = ("value", "null_high", "p")


def save(found: Dissection, folder: str | os.PathLike) -> None:
    """Write a dissection into a folder, which is made where it is missing.

    Raises:
        DataError: the folder cannot be written.
    """
    place = path_of("folder", folder)
    head = {
        "schema": SCHEMA,
        "categories": [asdict(each) for each in found.categories],
        "sites": [{name: getattr(site, name) for name in _PLAIN} for site in found.sites],
        "skipped": dict(found.skipped),
        "source": found.source.to_dict(),
    }
    arrays = {key: array for site in found.sites for key, array in _arrays(site).items()}
    try:
        place.mkdir(parents=True, exist_ok=True)
        save_file(arrays, place / ARRAYS)
        (place / JSON).write_text(json.dumps(head, indent=1, ensure_ascii=False), encoding="utf-8")
    except (OSError, SafetensorError) as error:
        raise DataError(f"{place} cannot be written: {error}") from None


def load(folder: str | os.PathLike) -> Dissection:
    """What `save` wrote.

    Raises:
        DataError: a file is missing or damaged, or of another schema.
    """
    place = path_of("folder", folder)
    try:
        head = json.loads((place / JSON).read_text(encoding="utf-8"))
        if head["schema"] != SCHEMA:
            raise DataError(
                f"{place} holds a dissection of schema {head['schema']}, not {SCHEMA}: dissect again"
            )
        arrays = load_file(place / ARRAYS)
        return Dissection(
            tuple(Category(**{name: _tupled(each[name]) for name in each}) for each in head["categories"]),
            tuple(_site(each, arrays) for each in head["sites"]),
            {site: SkipCode(code) for site, code in head["skipped"].items()},
            DissectionSource(**head["source"]),
        )
    except FileNotFoundError as error:
        missing = Path(error.filename).name if error.filename else ARRAYS
        raise DataError(f"no dissection in {place}: it has no {missing}") from None
    except (OSError, ValueError, LookupError, TypeError, SafetensorError) as error:
        raise DataError(f"the dissection in {place} is damaged: {error}") from None


def _arrays(site: SiteDissection) -> dict[str, NDArray]:
    bare = {f"{site.address}|{name}": getattr(site, name) for name in _BARE}
    scores = {
        f"{site.address}|{measure}.{name}": getattr(getattr(site, measure), name)
        for measure in MEASURES
        for name in _SCORES
    }
    return {key: np.ascontiguousarray(array) for key, array in {**bare, **scores}.items()}


def _site(told: dict[str, Any], arrays: dict[str, NDArray]) -> SiteDissection:
    address = told["address"]
    scores = {
        measure: Scores(*(arrays[f"{address}|{measure}.{name}"] for name in _SCORES)) for measure in MEASURES
    }
    bare = {name: arrays[f"{address}|{name}"] for name in _BARE}
    shape = (int(told["shape"][0]), int(told["shape"][1]))
    return SiteDissection(told["site"], address, shape, bare["thresholds"], bare["active"], **scores)


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
