"""`attribute`: from a network and a picture to the map of one method."""

from torch import nn

from neurolupa.attribution.codes import codes_of
from neurolupa.attribution.methods import METHODS, Method
from neurolupa.attribution.result import Attribution
from neurolupa.attribution.settings import Settings
from neurolupa.attribution.subject import NetworkClass, Subject, mapped_site
from neurolupa.capture import Site, trace
from neurolupa.errors import UsageError
from neurolupa.images import ImageSet
from neurolupa.inspection import ImageAnalysis
from neurolupa.inspection.provenance import provenance_of
from neurolupa.inspection.seen import Inspected
from neurolupa.models import Model, as_model


def attribute(
    model: Model | str | nn.Module,
    image: Inspected | ImageAnalysis,
    method: str = "gradcam",
    target: NetworkClass = None,
    site: str | None = None,
    *,
    images: ImageSet | None = None,
    settings: Settings | None = None,
) -> Attribution:
    """Which parts of a picture the logit of a network class rests on, by one method.

    Gradients are taken where the value was made, so that layers that are called twice or write in place give
    each call its own. The model is left as found.

    Args:
        model: The network; a name or a module is made a model with `load_model`.
        image: A path, bytes, Pillow picture, array, picture of an image set, http(s) address, an index of
            `images`, or an `ImageAnalysis`: then the very pixels that it was made from.
        method: "gradcam", "gradcam_signed", "gradient_x_activation", "layer_gradient" (maps of a site);
            "saliency", "integrated_gradients", "occlusion", "guided_backprop", "guided_gradcam" (maps of the
            pixels); "edges", a control.
        target: The network class, by number or name; None takes the strongest.
        site: For maps of a site; None takes the last one that has a map.
        images: The image set that the picture belongs to.
        settings: Of the methods that have any.

    Raises:
        UsageError: An unknown method, site or class, a site without a map, or a site for a method of pixels.
        DataError: The picture cannot be read, the network gives no logits, or cuts the gradient off.

    >>> from PIL import Image
    >>> from neurolupa.models import load_model
    >>> layers = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 2))
    >>> found = attribute(load_model(layers, input_size=8), Image.new("RGB", (8, 8)), target=1)
    >>> found.site.name, found.map.shape, found.overlay.shape, len(found.to_frame())
    ('1', (6, 6), (8, 8), 2)
    """
    chosen = METHODS[method]
    subject, place = prepared(model, image, chosen, target, site, images)
    return attribution_of(subject, chosen, place, settings or Settings())


def prepared(
    model: Model | str | nn.Module,
    image: Inspected | ImageAnalysis,
    method: Method,
    target: NetworkClass,
    site: str | None,
    images: ImageSet | None,
) -> tuple[Subject, Site | None]:
    """What is asked about, and the site where the method takes its map; None for methods of pixels.

    Raises:
        UsageError: As for `attribute`.
        DataError: As for `attribute`.
    """
    if site is not None and not method.at_site:
        raise UsageError(f"{method.name} is a method of pixels and takes no site")
    network = as_model(model)
    place = mapped_site(trace(network), site) if method.at_site else None
    return Subject.of(network, image, target, images), place


def attribution_of(subject: Subject, method: Method, site: Site | None, settings: Settings) -> Attribution:
    """The map of one method, with where it comes from."""
    found = method.run(subject, site, settings)
    asked = "" if site is None else site.name
    return Attribution(
        method=method.name,
        site=site,
        target=subject.prediction,
        prediction=subject.model.strongest(subject.logits),
        true_label=subject.opened.true_label,
        picture=subject.seen,
        map=found.map,
        signed=method.signed,
        units=found.units,
        facts=found.facts,
        codes=(*method.codes, *found.codes, *codes_of(found.map)),
        settings=settings,
        provenance=provenance_of(subject.model, asked, site, None, subject.opened),
    )
