"""Tuning curves from an atlas of generated pictures: no network, no further pass."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas import Atlas
from neurolupa.atlas.checks import whole_number
from neurolupa.errors import DataError, UsageError
from neurolupa.images import StimulusSet, load_images
from neurolupa.units.tuning_curves.curves import tuning_curves
from neurolupa.units.tuning_curves.design import Design, arrange
from neurolupa.units.tuning_curves.factors import FACTORS, KINDS, Factor
from neurolupa.units.tuning_curves.result import Tuning, TuningSource

OBJECTS = ("shape", "hue", "texture", "position")
"""The factors of pictures of objects, whose hues and textures are names."""

WHOLE_MAP = 1.0


def has_tuning(atlas: Atlas) -> bool:
    """Whether the atlas is one of generated pictures, so that `scanned_tuning` has an answer.

    >>> import neurolupa as nl
    >>> has_tuning(nl.open_atlas("atlas"))
    True
    """
    return _kind(atlas) in KINDS


def scanned_pictures(atlas: Atlas) -> StimulusSet:
    """The generated pictures that an atlas is of, drawn anew when they are asked for, with their factors.

    Raises:
        UsageError: The atlas is of other pictures.
        DataError: This neurolupa generates other pictures from the same text than the one that scanned.

    >>> import neurolupa as nl
    >>> scanned_pictures(nl.open_atlas("atlas")).factors[:3]
    ('shape', 'hue', 'texture')
    """
    spec = str(atlas.manifest["images"].get("spec", ""))
    if _kind(atlas) not in KINDS:
        raise UsageError(
            f"{atlas.source.images} has no factors to be tuned to; scan one of: {', '.join(KINDS)}"
        )
    images = load_images(spec)
    if not isinstance(images, StimulusSet) or images.digest() != atlas.source.images_digest:
        raise DataError(f"the pictures of {spec} are not those that were scanned; scan them again")
    return images


def scanned_tuning(atlas: Atlas, site: str, unit: int, *, shuffles: int = 1000, seed: int = 0) -> Tuning:
    """What a unit is tuned to, from the sampled pictures of an atlas of stimuli, gratings or hues.

    A unit answers a picture with the highest value of its whole map; `tuning` looks at a central window.

    Args:
        atlas: Of generated pictures.
        site: Any name that the atlas knows.
        unit: Of the site.
        shuffles: Labellings drawn for the null.
        seed: Of the shuffling.

    Raises:
        UsageError: No such site or unit, or the atlas is of other pictures.
        DataError: This neurolupa generates other pictures from the same text than the one that scanned.

    >>> import neurolupa as nl
    >>> scanned_tuning(nl.open_atlas("atlas"), "relu", 3, shuffles=99).factors
    ('shape', 'hue', 'texture', 'position')
    """
    kind = _kind(atlas)
    shuffles, seed = whole_number("shuffles", shuffles, 1), whole_number("seed", seed, 0)
    images = scanned_pictures(atlas)
    record, samples = atlas.unit(site, unit), atlas.samples(site)
    answers = np.asarray(samples.max[:, [record.unit]])
    curves = {
        factor.name: tuning_curves(factor, design, answers, shuffles, seed)
        for factor, design in _designs(kind, images, samples.images)
    }
    return Tuning((record.unit,), curves, _source(atlas, record.site, kind, len(answers), shuffles, seed))


def _kind(atlas: Atlas) -> str:
    return str(atlas.manifest["images"].get("spec", "")).partition("?")[0]


def _designs(kind: str, images: StimulusSet, sampled: NDArray[np.int64]) -> Iterator[tuple[Factor, Design]]:
    """The factors that the sampled pictures vary; uncrossed where what was sampled is not crossed."""
    table = images.table().iloc[sampled].reset_index(drop=True)
    for factor in _factors(kind):
        for each in (factor, replace(factor, crossed="")):
            try:
                yield each, arrange(table, each, images.values(factor.name))
            except UsageError:
                continue
            break


def _factors(kind: str) -> tuple[Factor, ...]:
    if kind == "stimuli":
        return tuple(Factor(name, kind, "named") for name in OBJECTS)
    return tuple(factor for factor in FACTORS.values() if factor.kind == kind)


def _source(atlas: Atlas, site: str, kind: str, pictures: int, shuffles: int, seed: int) -> TuningSource:
    source = atlas.source
    address = next(each["address"] for each in atlas.manifest["sites"] if each["site"] == site)
    shown = {
        "spec": atlas.manifest["images"]["spec"],
        "digest": source.images_digest,
        "pictures": pictures,
        "window": WHOLE_MAP,
    }
    return TuningSource(
        source.model, source.weights_digest, site, str(address), None, None, {kind: shown}, shuffles, seed,
        {"neurolupa": source.version, "numpy": np.__version__},
    )  # fmt: skip
