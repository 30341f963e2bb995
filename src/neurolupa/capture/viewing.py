"""All that one forward pass of a few images shows: values, what convolutions were given, and the output."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from neurolupa.capture.observing import Observer, Visit
from neurolupa.capture.resuming import Prefix, Remembering
from neurolupa.capture.running import evaluating
from neurolupa.capture.site import Site
from neurolupa.models import Model


@dataclass(frozen=True, eq=False)
class View:
    """What one forward pass showed; both mappings are by `Site.address` and hold copies.

    Attributes:
        values: What each chosen site gave, (N, ...).
        inputs: What each of the chosen calls was given first, (N, ...).
        output: What the network returned.
        prefix: What the run up to the site `resumed` gave to the rest of it; None where it was not asked for,
            or cannot be told.
    """

    values: Mapping[str, Tensor]
    inputs: Mapping[str, Tensor]
    output: Any
    prefix: Prefix | None = None


def view(
    model: Model,
    batch: Tensor,
    sites: Sequence[Site],
    inputs_of: Sequence[Site] = (),
    resumed: Site | None = None,
) -> View:
    """One whole forward pass of a batch (N, C, H, W): the sites' values, the inputs of calls, the output.

    The inputs are those of the very calls `inputs_of` (of convolutions, say), copied inside the call, before
    anything later can change them in place. With `resumed`, one of the sites, the view holds what
    `ablated_outputs` needs to go on from there. The model is left as found.

    Raises:
        UsageError: No site, or a site of another network.
        DataError: The network cannot run on this batch, or took another way than the trace.

    >>> from neurolupa.capture import trace
    >>> from neurolupa.models import load_model
    >>> layers = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(True), torch.nn.Flatten())
    >>> model = load_model(layers, input_size=8)
    >>> seen = view(model, torch.zeros(1, 3, 8, 8), [trace(model).find("1")], [trace(model).find("0")])
    >>> seen.values["1:0"].shape, seen.inputs["0:0"].shape, seen.output.shape
    (torch.Size([1, 4, 6, 6]), torch.Size([1, 3, 8, 8]), torch.Size([1, 144]))
    """
    values: dict[str, Tensor] = {}
    inputs: dict[str, Tensor] = {}
    valued, fed = set(sites), set(inputs_of)
    remembering = None if resumed is None else Remembering(model.module)

    def keep(visit: Visit) -> None:
        if remembering is not None and visit.site == resumed:
            remembering.reach(visit.value)
        if visit.site in valued:
            values[visit.site.address] = visit.value.detach().clone()
        if visit.site in fed and visit.given is not None:
            inputs[visit.site.address] = visit.given.detach().clone()

    observer = Observer(model, tuple(valued | fed), keep, remembering)
    given = batch if remembering is None else batch.clone()  # the network may write to it
    with evaluating(model), observer.attached():
        output = observer.forward(given, torch.inference_mode, stop=False)
    prefix = remembering.prefix(resumed.address, batch, output) if remembering and resumed else None
    return View(MappingProxyType(values), MappingProxyType(inputs), output, prefix)
