"""What a network answers when single units, or groups of them, are switched off at one site."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Literal
from weakref import WeakKeyDictionary

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from neurolupa.capture.copies import Copies
from neurolupa.capture.frames import only_tensor
from neurolupa.capture.given import batch_of
from neurolupa.capture.observing import Observer, Visit
from neurolupa.capture.resuming import Prefix, Resuming, checksum
from neurolupa.capture.running import evaluating
from neurolupa.capture.site import Site
from neurolupa.capture.tracing import trace
from neurolupa.errors import DataError, UsageError
from neurolupa.models import Model

Group = Sequence[int]
Fill = float | Literal["mean"] | ArrayLike

_AT_ONCE = 32  # pictures behind the site in one pass
_CLOSE = 1e-4  # relative: the same sums in batches of other sizes
_APART: WeakKeyDictionary[Model, dict[str, bool]] = WeakKeyDictionary()
_RESUMED: WeakKeyDictionary[Model, dict[str, bool]] = WeakKeyDictionary()


def ablated_outputs(
    model: Model,
    batch: Tensor | ArrayLike,
    site: Site | str,
    units: Sequence[int | Group],
    value: Fill = 0.0,
    prefix: Prefix | None = None,
) -> Tensor:
    """The network's outputs with each unit in turn, or each group of units, set to a value at one site.

    The network runs once as far as the site; from there on the batch holds one copy of each picture for every
    unit. Networks whose later operations mix the pictures of a batch, or cannot take more of them, are found
    out by a trial and run once for each unit. With the prefix of an earlier `view` of the same batch, the
    network runs from the site on alone; whether this gives what the whole network gave is tried once.

    Args:
        model: The network; it is left as found.
        batch: Prepared pictures, (N, C, H, W), or one (C, H, W).
        site: The one call where the units are set; other calls of a shared layer are not touched.
        units: Numbers of units; a sequence of them is switched off together, an empty one changes nothing.
        value: What the units are set to everywhere: a number, "mean" (each unit's own mean over the
            positions of each picture), or one number for each of the site's units (say, its mean over a data
            set).
        prefix: What `view(..., resumed=site)` of this batch kept.

    Returns:
        (units, N, classes), or (units, classes) where the batch was one picture without its batch axis.

    Raises:
        UsageError: An unknown site, no such unit, a value that is none of these, or the prefix of another
            site or batch.
        DataError: The network cannot run on the pictures, or gives no logits.

    >>> from neurolupa.models import load_model
    >>> network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3, 2), torch.nn.ReLU())
    >>> ablated_outputs(load_model(network, input_size=1), torch.ones(3, 1, 1), "1", [0, (0, 1)])[:, 0]
    tensor([0., 0.])
    """
    table = trace(model)
    chosen = table.find(site if isinstance(site, str) else site.address)
    groups = [_group(one, chosen) for one in units]
    images = batch_of(batch)
    with torch.inference_mode(False), evaluating(model):
        ablation = _Ablation(model, chosen, _filling(value, chosen))
        if prefix is not None:
            ablation = ablation.resumed(prefix, images)
        outputs = ablation.outputs(images, groups)
    return outputs if torch.as_tensor(batch).ndim == 4 else outputs[:, 0]


def _group(one: int | Group, site: Site) -> tuple[int, ...]:
    group = tuple(one) if isinstance(one, Sequence) else (int(one),)
    wrong = [unit for unit in group if not 0 <= unit < site.units]
    if wrong:
        raise UsageError(f"no unit {wrong[0]} at {site.name}; units are 0 to {site.units - 1}")
    return group


def _filling(value: Fill, site: Site) -> Tensor | None:
    """One number for each unit, or None for its own mean."""
    if isinstance(value, str):
        if value != "mean":
            raise UsageError(f"a unit is set to a number or to 'mean', not to {value!r}")
        return None
    filling = torch.as_tensor(value, dtype=torch.float32)
    if filling.shape not in ((), (site.units,)):
        expected = f"one number or {site.units} of them at {site.name}"
        raise UsageError(f"units are set to {expected}, not to an array of shape {tuple(filling.shape)}")
    return filling.expand(site.units)


@dataclass(frozen=True, eq=False)
class _Ablation:
    model: Model
    site: Site
    filling: Tensor | None
    prefix: Prefix | None = None

    def resumed(self, prefix: Prefix, images: Tensor) -> "_Ablation":
        """The same from the site on, if with nothing set it gives what the whole network gave."""
        if prefix.site != self.site.address or prefix.batch != checksum(images):
            raise UsageError(f"the prefix is that of another picture or site, {prefix.site}")
        found, known = replace(self, prefix=prefix), _RESUMED.setdefault(self.model, {})
        if self.site.address not in known:
            known[self.site.address] = found._gives(prefix.output, images)
        return found if known[self.site.address] else self

    def _gives(self, expected: ArrayLike, images: Tensor) -> bool:
        try:
            outputs = self._run(images, [()])[0]
        except DataError:
            return False
        return _are_close(outputs, torch.as_tensor(expected).to(outputs))

    def outputs(self, images: Tensor, groups: Sequence[Group]) -> Tensor:
        """(groups, N, classes)."""
        at_once = max(1, _AT_ONCE // len(images)) if len(groups) > 1 and self._apart(images[:1]) else 1
        chunks = [groups[first : first + at_once] for first in range(0, len(groups), at_once)]
        if not chunks:
            return self._run(images, [()])[:0]
        return torch.cat([self._run(images, chunk) for chunk in chunks])

    def _apart(self, image: Tensor) -> bool:
        """Whether the pictures of a batch do not change one another behind the site; tried once, then known.

        One picture's output must stay the same beside a copy whose every unit has another value.
        """
        known = _APART.setdefault(self.model, {})
        if self.site.address not in known:
            alone = replace(self, prefix=None)._run(image, [()])[0]
            try:
                beside = _Ablation(self.model, self.site, torch.ones(self.site.units))
                found = beside._run(image, [(), range(self.site.units)])[0]
            except DataError:
                known[self.site.address] = False
            else:
                known[self.site.address] = _are_close(found, alone)
        return known[self.site.address]

    def _run(self, images: Tensor, groups: Sequence[Group]) -> Tensor:
        """One pass, with a copy of every picture for each group from the site on."""

        def ablate(visit: Visit) -> Tensor:
            return self._ablated(visit.value, groups)

        copies: AbstractContextManager = (
            Copies(len(images), len(groups)) if len(groups) > 1 else nullcontext()
        )
        resuming = None if self.prefix is None else Resuming(self.prefix, self.model.device)
        observer = Observer(self.model, [self.site], ablate, resuming)
        with observer.attached(), copies:
            logits = only_tensor(observer.forward(images.clone(), torch.no_grad, stop=False))
        wanted = len(groups) * len(images)
        if logits is None or logits.ndim != 2 or len(logits) != wanted:
            shape = type(logits).__name__ if logits is None else f"shape {tuple(logits.shape)}"
            raise DataError(
                f"ablation needs logits of shape ({wanted}, classes); the network returns {shape}"
            )
        return logits.reshape(len(groups), len(images), -1)

    def _ablated(self, value: Tensor, groups: Sequence[Group]) -> Tensor:
        """The value (N, ...) once for each group, (groups x N, ...), each with its group set."""
        copies = value.detach().repeat(len(groups), *[1] * (value.ndim - 1))
        parts = copies.unflatten(0, (len(groups), len(value)))
        for part, group in zip(parts, groups, strict=True):
            units = part.movedim(self.site.channel_axis, 0)
            chosen = list(group)
            units[chosen] = self._fill(units[chosen], chosen)
        return copies

    def _fill(self, values: Tensor, units: Sequence[int]) -> Tensor:
        """What the values (units, N, ...) of some units are set to."""
        if self.filling is None:
            positions = tuple(range(2, values.ndim))
            return values.mean(positions, keepdim=True).expand_as(values) if positions else values
        filling = self.filling[units].to(values)
        return filling.reshape(-1, *[1] * (values.ndim - 1)).expand_as(values)


def _are_close(found: Tensor, expected: Tensor) -> bool:
    """Whether these are the same logits, summed in another order."""
    slack = _CLOSE * float(expected.abs().max())
    return found.shape == expected.shape and torch.allclose(found, expected, rtol=_CLOSE, atol=slack)
