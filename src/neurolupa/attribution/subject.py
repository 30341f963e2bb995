"""One picture before one network, and the class that is asked about."""

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn

from neurolupa.capture import Site, SiteTable, trace
from neurolupa.capture.frames import only_tensor
from neurolupa.capture.running import evaluating, forward
from neurolupa.errors import DataError, UsageError, unknown
from neurolupa.images import ImageSet
from neurolupa.inspection import ImageAnalysis
from neurolupa.inspection.again import input_of
from neurolupa.inspection.seen import Inspected, Opened, SeenPicture, open_inspected
from neurolupa.models import Model, Prediction, as_model

_MAPPED = ("relu", "block", "add", "cat", "norm", "conv")
NetworkClass = int | str | None


@dataclass(frozen=True, eq=False)
class Subject:
    """What every method asks about.

    Attributes:
        model: The network.
        opened: The picture, and where it comes from.
        seen: What the network sees of it.
        target: The network class whose logit is explained.
        answered: `logits`, where they are known.
    """

    model: Model
    opened: Opened
    seen: SeenPicture
    target: int
    answered: Tensor | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        model: Model | str | nn.Module,
        image: Inspected | ImageAnalysis,
        target: NetworkClass = None,
        images: ImageSet | None = None,
    ) -> "Subject":
        """The network and the picture opened, and run once.

        Raises:
            UsageError: An unknown network, a class that it does not have, or the analysis of another network.
            DataError: The picture cannot be read, or the network gives no logits.
        """
        network = as_model(model)
        opened, seen = _opened(network, image, images)
        logits = logits_of(network, seen.as_input(network))[0]
        return cls(network, opened, seen, class_of(network, target, logits), logits)

    @property
    def table(self) -> SiteTable:
        """The network's sites."""
        return trace(self.model)

    @property
    def batch(self) -> Tensor:
        """The network's input (1, C, H, W)."""
        return self.seen.as_input(self.model)

    @property
    def logits(self) -> Tensor:
        """(classes,) float64, of the whole picture."""
        return logits_of(self.model, self.batch)[0] if self.answered is None else self.answered

    @property
    def prediction(self) -> Prediction:
        """What the network gives the class that is asked about."""
        logits = self.logits
        ranked = self.model.strongest(logits, len(logits))
        return next(one for one in ranked if one.class_id == self.target)

    def before(self, model: Model) -> "Subject":
        """The same picture and class before another network of the same kind."""
        return replace(self, model=model, answered=None)


def _opened(
    model: Model, image: Inspected | ImageAnalysis, images: ImageSet | None
) -> tuple[Opened, SeenPicture]:
    """The picture, and what the network sees of it: of an analysis the very pixels that it was made from."""
    if isinstance(image, ImageAnalysis):
        input_of(model, image)
        told = image.provenance
        original = image.picture.original
        opened = Opened(original, told.image, told.image_digest, told.image_set, image.true_label)
        return opened, image.picture
    opened = open_inspected(image, images)
    return opened, SeenPicture.of(opened.picture, model.preprocessing)


def logits_of(model: Model, batch: Tensor) -> Tensor:
    """The logits (N, classes) of a batch, float64 on the CPU.

    Raises:
        DataError: The network cannot run, or gives no logits.

    >>> from neurolupa.models import load_model
    >>> logits_of(load_model(nn.Flatten(), input_size=1), torch.zeros(2, 3, 1, 1)).shape
    torch.Size([2, 3])
    """
    with evaluating(model):
        output = only_tensor(forward(model, batch.clone(), torch.inference_mode))
    if output is None or output.ndim != 2 or len(output) != len(batch):
        shape = "no single tensor" if output is None else f"a tensor of shape {tuple(output.shape)}"
        raise DataError(
            f"attribution needs logits of shape ({len(batch)}, classes); {model.name} gives {shape}"
        )
    return output.to("cpu", torch.float64)


def class_of(model: Model, target: NetworkClass, logits: Tensor) -> int:
    """The number of a network class, given by number or name; the strongest for None.

    A name is looked up as it is, then without regard to capitals; a text of digits that is no name is a
    number.

    Raises:
        UsageError: The network has no such class.

    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Flatten(), input_size=1, classes=["cat", "dog", "fox"])
    >>> [class_of(model, each, torch.zeros(3)) for each in ("Dog", 2, "1", None)]
    [1, 2, 1, 0]
    """
    if target is None:
        return int(logits.argmax())
    if isinstance(target, str):
        target = _named(model, target)
    if isinstance(target, bool) or not isinstance(target, int):
        raise UsageError(f"a network class is a number or a name, not {target!r:.60}")
    if not 0 <= target < len(logits):
        raise UsageError(f"no network class {target}; classes are 0 to {len(logits) - 1}")
    return target


def _named(model: Model, name: str) -> int:
    names = list(model.classes or ())
    for found, wanted in ((names, name), ([each.casefold() for each in names], name.casefold())):
        if wanted in found:
            return found.index(wanted)
    if name.isdecimal():
        return int(name)
    if not names:
        raise UsageError(f"{model.name} has no class names; give the class {name!r} as a number")
    raise unknown("network class", name, names)


def mapped_site(table: SiteTable, asked: str | Site | None) -> Site:
    """The site that was asked for, if it has a map; for None the last one that has.

    Raises:
        UsageError: An unknown site, one without a map, or a network that has none.

    >>> from neurolupa.models import load_model
    >>> layers = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 2))
    >>> mapped_site(trace(load_model(layers, input_size=8)), None).name
    '1'
    """
    mapped = [site for site in table if has_map(site) and site.kind in _MAPPED]
    if asked is not None:
        chosen = table.find(asked if isinstance(asked, str) else asked.address)
        if has_map(chosen):
            return chosen
        told = f"the last site with one is {mapped[-1].name}" if mapped else "no site of the network has one"
        raise UsageError(f"{chosen.name} has no map to attribute ({_shape(chosen)}); {told}")
    if not mapped:
        raise UsageError("the network has no site with a map; name a method for pixels, as saliency")
    return mapped[-1]


def has_map(site: Site) -> bool:
    """Whether a unit of the site has more than one position in rows and columns."""
    return len(site.shape) == 3 and site.height * site.width > 1


def _shape(site: Site) -> str:
    return "one value for each unit" if site.height * site.width == 1 else f"shape {site.shape}"
