"""`caricature`: what a site saw in a picture, as an objective."""

import torch
from torch import nn

from neurolupa.capture import record
from neurolupa.capture.maps import maps_of
from neurolupa.capture.site import Site
from neurolupa.capture.tracing import trace
from neurolupa.errors import UsageError
from neurolupa.images import ImageSet
from neurolupa.inspection.seen import Inspected, SeenPicture, open_inspected
from neurolupa.models import Model, as_model
from neurolupa.synthesis.objectives import Caricature
from neurolupa.synthesis.planning import view_of
from neurolupa.synthesis.transforms import resized


def caricature(
    model: Model | str | nn.Module,
    image: Inspected,
    site: str | Site,
    power: float = 1.0,
    *,
    size: int | tuple[int, int] | None = None,
    images: ImageSet | None = None,
) -> Caricature:
    """The objective of a picture whose maps point where those of `image` do, only further.

    The picture is resized and cropped as for the network, then shown at the size that `synthesize` would use,
    so that its maps and those of the synthetic picture are of the same scale.

    Args:
        model: The network, its name, or a module.
        image: A path, bytes, Pillow picture, array, picture of an image set, address, or index of `images`.
        site: Where the maps are; a bare name means its last call.
        power: Of the cosine: 0 takes the projection alone, more holds closer to the picture.
        size: What will be given to `synthesize`; None as there.
        images: The image set that an index is of.

    Raises:
        UsageError: An unknown network or site, a power below 0, a size on which the site is not reached, or a
            picture to which every unit of the site is silent: it has no direction.
        DataError: The picture cannot be read, or the network cannot run.

    >>> from PIL import Image
    >>> wanted = caricature("embedded", Image.radial_gradient("L"), "layer1.0.relu")
    >>> wanted.site, wanted.maps.shape
    ('layer1.0.relu:1', (16, 32, 32))
    >>> from neurolupa.synthesis import synthesize
    >>> synthesize("embedded", objectives=[wanted], steps=2).images.shape
    (1, 3, 32, 32)
    """
    if not power >= 0:
        raise UsageError(f"the power of a caricature is 0 or more, not {power}")
    network = as_model(model)
    found = trace(network).find(site if isinstance(site, str) else site.address)
    picture = open_inspected(image, images).picture
    with torch.inference_mode(False):
        view = view_of(network, [found], size, whole=False)
        seen = SeenPicture.of(picture, network.preprocessing).as_input(network)
        maps = maps_of(record(network, resized(seen, view), [found])[found.name], found)[0]
    if not bool(maps.abs().sum() > 0):
        raise UsageError(
            f"every unit of {found.name} is silent on this picture: there is nothing to exaggerate"
        )
    return Caricature(found.address, maps.to("cpu", torch.float32).numpy(), power)
