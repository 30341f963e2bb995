"""The network and the images of an atlas, opened again for a second pass."""

import json
from contextlib import suppress
from dataclasses import replace

from torch import nn

from neurolupa.atlas import Atlas
from neurolupa.capture import Site, trace
from neurolupa.errors import DataError, NeurolupaError, UsageError
from neurolupa.images import ImageSet, load_images
from neurolupa.models import Model, as_model, load_model, registered
from neurolupa.models.preprocessing import Preprocessing


def scanned_network(atlas: Atlas, given: Model | str | nn.Module | None) -> Model:
    """The network that was scanned, with the preprocessing of the scan.

    Args:
        atlas: Of the scan.
        given: It, or its name; None loads what the atlas names, with its published or random weights.

    Raises:
        UsageError: It is another network, or cannot be found by the name that the atlas has.
        DataError: The atlas is damaged.
    """
    model = _named(atlas) if given is None else as_model(given)
    if model.weights_digest != atlas.source.weights_digest:
        raise UsageError(
            f"{model.name} is not the network that was scanned: its weights have another digest; give the "
            "network with its weights"
        )
    try:
        seen = Preprocessing.from_dict(atlas.manifest["model"]["preprocessing"])
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"atlas.json in {atlas.folder} is damaged: its preprocessing: {error}") from None
    return replace(model, preprocessing=seen)


def scanned_images(atlas: Atlas, given: ImageSet | str | None) -> ImageSet:
    """The image set that was scanned.

    Args:
        atlas: Of the scan.
        given: It, or its text; None opens what the atlas was made from, where that still is.

    Raises:
        UsageError: It is another set, or cannot be found where it was.
    """
    images = given if isinstance(given, ImageSet) else _opened(atlas) if given is None else load_images(given)
    if images.digest() != atlas.source.images_digest:
        raise UsageError(f"{images.name} is not the image set that was scanned, {atlas.source.images}")
    return images


def site_with_maps(model: Model, name: str) -> Site:
    """The site of an atlas in its network; UsageError where it has no rows and columns."""
    site = trace(model).select(name)[0]
    if len(site.shape) != 3:
        raise UsageError(f"the units of {name} have one value a picture and no maps; choose an earlier site")
    return site


def _named(atlas: Atlas) -> Model:
    told = atlas.manifest["model"]
    spec, weights = str(told["spec"]), told.get("weights") or {}
    if not registered(spec):
        raise UsageError(f"the atlas names code, {spec}, which runs only where you name it: model")
    source = None if weights.get("source") == "random" else "default"
    try:
        return load_model(spec, weights=source, seed=weights.get("seed") or 0)
    except NeurolupaError as error:
        raise UsageError(f"the network of the atlas cannot be opened ({error}); give it: model") from None


def _opened(atlas: Atlas) -> ImageSet:
    """From the text with this machine's folders, else from the one without."""
    spec = atlas.manifest["images"]["spec"]
    with suppress(OSError, ValueError, LookupError, TypeError):
        spec = json.loads((atlas.folder / "run.json").read_text(encoding="utf-8"))["images"]
    if "://" in str(spec):
        raise UsageError(f"the images of the atlas, {spec}, are fetched only where you name them: images")
    try:
        return load_images(spec)
    except NeurolupaError as error:
        raise UsageError(f"the images of the atlas cannot be opened ({error}); give them: images") from None
