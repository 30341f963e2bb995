"""Maps of pixels: saliency, integrated gradients and occlusion, by Captum on a network as a plain function.

No hook of Captum's touches the network: layers that are called twice or write in place are no trouble.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from neurolupa.attribution.codes import MapCode
from neurolupa.attribution.methods.method import Found, method
from neurolupa.attribution.settings import Settings, baseline_of
from neurolupa.attribution.subject import Subject
from neurolupa.capture.differentiating import differentiable
from neurolupa.errors import DataError
from neurolupa.models.running import at_once, dtype_of

with warnings.catch_warnings():
    # In notebooks without ipywidgets Captum's progress bars warn, and nothing here shows one.
    warnings.filterwarnings("ignore", "IProgress not found")
    from captum.attr import IntegratedGradients, Occlusion, Saliency

_AT_ONCE = 16  # pictures of 224 x 224 in one pass
_COMPLETE = 0.05  # what integrated gradients may lack, as a share of what they should add up to


@method("saliency", unit="per_input")
def saliency(subject: Subject, site: None, settings: Settings) -> Found:
    """The largest absolute gradient over the colours (Simonyan et al. 2013), per normalised unit."""
    with _function(subject) as (logits, batch):
        found = Saliency(logits).attribute(batch, target=subject.target, abs=True)
    return Found(_plain(found).max(0))


@method("integrated_gradients", signed=True)
def integrated_gradients(subject: Subject, site: None, settings: Settings) -> Found:
    """Gradients along the way from a baseline, times the way (Sundararajan et al. 2017), over the colours.

    They add up to the logit's difference between picture and baseline; `delta` is what is missing.
    """
    start = baseline_of(settings.baseline, subject.seen, subject.model)
    with _function(subject) as (logits, batch):
        found, delta = IntegratedGradients(logits).attribute(
            batch,
            baselines=start.to(batch),
            target=subject.target,
            n_steps=settings.steps,
            internal_batch_size=at_once(_AT_ONCE, *batch.shape[-2:]),
            return_convergence_delta=True,
        )
        with torch.no_grad():
            difference = float((logits(batch) - logits(start.to(batch)))[0, subject.target])
    missing = float(delta[0])
    codes = (MapCode.INCOMPLETE,) if abs(missing) > _COMPLETE * abs(difference) else ()
    return Found(_plain(found).sum(0), facts={"difference": difference, "delta": missing}, codes=codes)


@method("occlusion", signed=True)
def occlusion(subject: Subject, site: None, settings: Settings) -> Found:
    """What the logit loses when a square of the picture is covered (Zeiler and Fergus 2014).

    A pixel under several squares has the mean of their losses.
    """
    start = baseline_of(settings.baseline, subject.seen, subject.model)
    with _function(subject) as (logits, batch), torch.no_grad():
        window, stride = settings.square((batch.shape[-2], batch.shape[-1]))
        found = Occlusion(logits).attribute(
            batch,
            sliding_window_shapes=(batch.shape[1], window, window),
            strides=(batch.shape[1], stride, stride),
            baselines=start.to(batch),
            target=subject.target,
            perturbations_per_eval=at_once(_AT_ONCE, *batch.shape[-2:]),
        )
    return Found(_plain(found).mean(0), facts={"window": window, "stride": stride})


@contextmanager
def _function(subject: Subject) -> Iterator[tuple[Callable[[Tensor], Tensor], Tensor]]:
    """The network as a function of its input alone, and that input (1, C, H, W), ready for gradients."""
    model = subject.model
    with differentiable(model, (), output=True) as run:

        def logits(batch: Tensor) -> Tensor:
            found = run(batch).output
            if found is None or (batch.requires_grad and not found.requires_grad):
                raise DataError(f"no gradient reaches the picture: {model.name} cuts it off")
            return found

        yield logits, subject.batch.to(model.device, dtype_of(model.module)).requires_grad_()


def _plain(found: Tensor) -> np.ndarray:
    return found[0].detach().to("cpu", torch.float32).numpy()
