"""Probes on disk: plain values as JSON, arrays as safetensors."""

import json
import os
from dataclasses import fields
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from neurolupa.atlas.checks import path_of
from neurolupa.errors import DataError
from neurolupa.probing.codes import Control, ProbeCode
from neurolupa.probing.result import ConceptProbes, Probe, ProbeReport, ProbeSource
from neurolupa.probing.settings import Settings

SCHEMA = 1
JSON, ARRAYS = "probes.json", "probes.safetensors"
_STORED = ("truth", "predicted", "weights")
_PLAIN = tuple(each.name for each in fields(Probe) if each.name not in _STORED)


def save(report: ProbeReport, folder: str | os.PathLike) -> None:
    """Write a report into a folder, which is made where it is missing.

    Raises:
        DataError: the folder cannot be written.
    """
    place = path_of("folder", folder)
    head = {
        "schema": SCHEMA,
        "sites": report.sites,
        "skipped": dict(report.skipped),
        "settings": report.settings.to_dict(),
        "source": report.source.to_dict(),
        "concepts": [_concept_told(each) for each in report.concepts],
    }
    try:
        place.mkdir(parents=True, exist_ok=True)
        save_file(_arrays(report), place / ARRAYS)
        told = json.dumps(head, indent=1, ensure_ascii=False, allow_nan=False)
        (place / JSON).write_text(told, encoding="utf-8")
    except (OSError, SafetensorError) as error:
        raise DataError(f"{place} cannot be written: {error}") from None


def load(folder: str | os.PathLike) -> ProbeReport:
    """What `save` wrote.

    Raises:
        DataError: a file is missing or damaged, or of another schema.
    """
    place = path_of("folder", folder)
    try:
        head = json.loads((place / JSON).read_text(encoding="utf-8"))
        if head["schema"] != SCHEMA:
            raise DataError(f"{place} holds probes of schema {head['schema']}, not {SCHEMA}: probe again")
        arrays = load_file(place / ARRAYS)
        return ProbeReport(
            tuple(_concept_read(each, arrays) for each in head["concepts"]),
            head["skipped"],
            tuple(head["sites"]),
            {site: arrays[f"units.{site}"] for site in head["sites"]},
            Settings(**head["settings"]),
            ProbeSource(**head["source"]),
        )
    except FileNotFoundError as error:
        missing = Path(error.filename).name if error.filename else ARRAYS
        raise DataError(f"no probes in {place}: it has no {missing}") from None
    except (OSError, ValueError, LookupError, TypeError, SafetensorError) as error:
        raise DataError(f"the probes in {place} are damaged: {error}") from None


def _arrays(report: ProbeReport) -> dict[str, NDArray]:
    found = {f"units.{site}": np.ascontiguousarray(units) for site, units in report.units.items()}
    for concept in report.concepts:
        for probe in concept.probes:
            for name in _STORED:
                if getattr(probe, name) is not None:
                    key = _key(concept.concept, probe.site, probe.control, name)
                    found[key] = np.ascontiguousarray(getattr(probe, name))
    return found


def _key(concept: str, site: str, control: str, name: str) -> str:
    return "|".join((concept, site, control, name))


def _concept_told(concept: ConceptProbes) -> dict[str, Any]:
    plain = {name: getattr(concept, name) for name in ("concept", "classes", "chance", "dropped")}
    return plain | {"probes": [_probe_told(probe) for probe in concept.probes]}


def _probe_told(probe: Probe) -> dict[str, Any]:
    """Numbers that are none are null, as JSON wants it."""
    told = {name: getattr(probe, name) for name in _PLAIN}
    return {
        name: None if isinstance(value, float) and isnan(value) else value for name, value in told.items()
    }


def _concept_read(told: dict[str, Any], arrays: dict[str, NDArray]) -> ConceptProbes:
    return ConceptProbes(
        told["concept"],
        tuple(told["classes"]),
        told["chance"],
        tuple((name, count) for name, count in told["dropped"]),
        tuple(_probe_read(told["concept"], each, arrays) for each in told["probes"]),
    )


def _probe_read(concept: str, told: dict[str, Any], arrays: dict[str, NDArray]) -> Probe:
    values: dict[str, Any] = {name: float("nan") if value is None else value for name, value in told.items()}
    values |= {"control": Control(told["control"]), "codes": tuple(map(ProbeCode, told["codes"]))}
    for name in _STORED:
        values[name] = arrays.get(_key(concept, told["site"], told["control"], name))
    return Probe(**values)
