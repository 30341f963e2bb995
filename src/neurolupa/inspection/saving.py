"""An analysis as a folder: `analysis.json`, `maps.npz`, `original.png`, `seen.png`."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from neurolupa.capture import Link, Site
from neurolupa.errors import DataError
from neurolupa.inspection.analysis import ImageAnalysis
from neurolupa.inspection.provenance import Provenance
from neurolupa.inspection.seen import SeenPicture
from neurolupa.inspection.statistics import unit_table
from neurolupa.models import Prediction

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FACTS, ARRAYS, ORIGINAL, SEEN = "analysis.json", "maps.npz", "original.png", "seen.png"
SCHEMA = 1


def facts_of(analysis: ImageAnalysis) -> dict[str, Any]:
    """Everything but the arrays and the pictures, ready for JSON."""
    return {
        "schema": SCHEMA,
        "provenance": analysis.provenance.to_dict(),
        "picture": analysis.picture.facts(),
        "site": _fields(analysis.site),
        "link": _fields(analysis.link),
        "point": analysis.point,
        "convolution": _fields(analysis.convolution),
        "spatial": analysis.spatial,
        "prediction": [asdict(one) for one in analysis.prediction],
        "true_label": analysis.true_label,
    }


def save_analysis(analysis: ImageAnalysis, folder: Path) -> Path:
    """Write the four files; gives the folder.

    Raises:
        DataError: The folder cannot be written to.
    """
    arrays = {"maps": analysis.maps}
    if analysis.inputs is not None:
        arrays["inputs"] = analysis.inputs
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FACTS).write_text(json.dumps(facts_of(analysis), indent=2) + "\n", encoding="utf-8")
        np.savez(folder / ARRAYS, **arrays)  # type: ignore[arg-type]
        analysis.picture.original.save(folder / ORIGINAL)
        analysis.picture.seen.save(folder / SEEN)
    except OSError as error:
        raise DataError(f"cannot write to {folder}: {error.strerror or error}") from error
    return folder


def load_analysis(folder: Path) -> ImageAnalysis:
    """The analysis in a folder that `save_analysis` wrote; the table of units is measured again.

    Raises:
        DataError: There is none, or it is damaged.

    >>> load_analysis(Path("nowhere"))
    Traceback (most recent call last):
    ...
    neurolupa.errors.DataError: no analysis at nowhere: it has no analysis.json
    """
    if not (folder / FACTS).is_file():
        raise DataError(f"no analysis at {folder}: it has no {FACTS}")
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        if facts["schema"] != SCHEMA:
            raise DataError(f"{folder} holds an analysis of schema {facts['schema']}, not {SCHEMA}")
        with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
            return _analysis(facts, dict(arrays), *map(read_picture, (folder / ORIGINAL, folder / SEEN)))
    except (OSError, ValueError, LookupError, TypeError, zipfile.BadZipFile, SyntaxError) as error:
        raise DataError(f"the analysis at {folder} is damaged: {error}") from error


def _analysis(
    facts: Mapping[str, Any], arrays: Mapping[str, np.ndarray], original: Image.Image, seen: Image.Image
) -> ImageAnalysis:
    site = Site.from_dict(facts["site"])
    link, convolution = facts["link"], facts["convolution"]
    return ImageAnalysis(
        picture=SeenPicture.from_facts(facts["picture"], original, seen),
        site=site,
        link=Link(**(link | {"site": Site.from_dict(link["site"])})) if link else None,
        point=facts["point"],
        maps=arrays["maps"],
        spatial=facts["spatial"],
        units=unit_table(arrays["maps"], site.rectified),
        prediction=tuple(Prediction(**one) for one in facts["prediction"]),
        true_label=facts["true_label"],
        convolution=Site.from_dict(convolution) if convolution else None,
        inputs=arrays.get("inputs"),
        provenance=Provenance.from_dict(facts["provenance"]),
    )


def _fields(value: "DataclassInstance | None") -> dict[str, Any] | None:
    return None if value is None else asdict(value)


def read_picture(path: Path) -> Image.Image:
    """A picture that was saved with a result; OSError, SyntaxError or ValueError where it is damaged."""
    with Image.open(path) as image:
        image.load()
        return image.copy()
