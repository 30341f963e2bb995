"""Guided backpropagation and guided Grad-CAM: sharp pictures that say little of the network."""

import numpy as np

from neurolupa.attribution.codes import MapCode
from neurolupa.attribution.methods.method import Found, method
from neurolupa.attribution.methods.sites import gradcam
from neurolupa.attribution.settings import Settings
from neurolupa.attribution.subject import Subject
from neurolupa.capture import Site
from neurolupa.capture.guiding import GuidedGradients, guided_gradients
from neurolupa.inspection.regions import upsampled

_FAILING = (MapCode.FAILS_SANITY,)


@method("guided_backprop", signed=True, unit="per_input", codes=_FAILING)
def guided_backprop(subject: Subject, site: None, settings: Settings) -> Found:
    """Gradients through ReLUs that pass on only what is above zero (Springenberg et al. 2015), over colours.

    It shows much the same for a network with random weights (Adebayo et al. 2018): nearly an edge detector.
    """
    found = guided_gradients(subject.model, subject.batch, subject.target)
    return Found(_over_colours(found), facts=_counted(found), codes=_others(found))


@method("guided_gradcam", at_site=True, signed=True, unit="product", codes=_FAILING)
def guided_gradcam(subject: Subject, site: Site, settings: Settings) -> Found:
    """Guided backpropagation times the enlarged Grad-CAM of a site (Selvaraju et al. 2017)."""
    guided = guided_gradients(subject.model, subject.batch, subject.target)
    coarse = gradcam(subject, site, settings)
    pixels = _over_colours(guided)
    return Found(
        (pixels * upsampled(coarse.map, pixels.shape)).astype(np.float32),
        coarse.units,
        _counted(guided),
        _others(guided),
    )


def _over_colours(found: GuidedGradients) -> np.ndarray:
    return found.values[0].sum(0).to("cpu").float().numpy()


def _counted(found: GuidedGradients) -> dict[str, float]:
    return {"rectifiers": found.rectifiers, "others": found.others}


def _others(found: GuidedGradients) -> tuple[MapCode, ...]:
    return (MapCode.OTHER_NONLINEARITIES,) if found.others else ()
