"""Maps of a site, from its values and their gradients: every call of a layer, in place or not."""

import numpy as np
import torch
from numpy.typing import NDArray

from neurolupa.attribution.methods.method import Found, UnitParts, method
from neurolupa.attribution.settings import Settings
from neurolupa.attribution.subject import Subject
from neurolupa.capture import Site, record
from neurolupa.capture.maps import maps_of

Maps = NDArray[np.float64]


def differentiated(subject: Subject, site: Site) -> tuple[Maps, Maps]:
    """The site's maps and the gradients of the target's logit, both (units, H, W) float64.

    Raises:
        DataError: The network cuts the gradient off.
    """
    found = record(subject.model, subject.batch, [site], gradients=True, target=subject.target)
    values, slopes = found.activations[site.name], found.gradients[site.name]
    maps, gradients = (maps_of(each, site)[0].to("cpu", torch.float64).numpy() for each in (values, slopes))
    return maps, gradients


def parts_of(maps: Maps, gradients: Maps) -> UnitParts:
    """What each unit has to do with the class; maps and gradients (units, H, W).

    >>> found = parts_of(np.array([[[1.0, 3.0]]]), np.array([[[2.0, 0.0]]]))
    >>> found.activation.item(), found.weight.item(), found.contribution.item()
    (2.0, 1.0, 2.0)
    """
    return UnitParts(maps.mean((1, 2)), gradients.mean((1, 2)), (gradients * maps).sum((1, 2)))


@method("gradcam", at_site=True, coarse=True)
def gradcam(subject: Subject, site: Site, settings: Settings) -> Found:
    r"""Grad-CAM (Selvaraju et al. 2017): $\max(0, \sum_k \bar g_k A_k)$, $\bar g_k$ the mean gradient."""
    signed = gradcam_signed(subject, site, settings)
    return Found(signed.map.clip(0), signed.units)


@method("gradcam_signed", at_site=True, coarse=True, signed=True)
def gradcam_signed(subject: Subject, site: Site, settings: Settings) -> Found:
    """Grad-CAM before its ReLU: what speaks against the class is below zero."""
    maps, gradients = differentiated(subject, site)
    units = parts_of(maps, gradients)
    return Found(np.einsum("u,uhw->hw", units.weight, maps).astype(np.float32), units)


@method("gradient_x_activation", at_site=True, coarse=True, signed=True)
def gradient_x_activation(subject: Subject, site: Site, settings: Settings) -> Found:
    r"""$\sum_k g_k A_k$ at each position (HiResCAM, Draelos and Carin 2020, without its ReLU).

    Where everything after the site is piecewise linear without biases, it adds up to the logit.
    """
    maps, gradients = differentiated(subject, site)
    return Found((gradients * maps).sum(0).astype(np.float32), parts_of(maps, gradients))


@method("layer_gradient", at_site=True, coarse=True, unit="per_activation")
def layer_gradient(subject: Subject, site: Site, settings: Settings) -> Found:
    """The length of the gradient over the units, at each position: where the logit is sensitive at all."""
    maps, gradients = differentiated(subject, site)
    return Found(np.linalg.norm(gradients, axis=0).astype(np.float32), parts_of(maps, gradients))
