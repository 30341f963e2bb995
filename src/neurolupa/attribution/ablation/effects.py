"""What each unit of a site does for one prediction: first order, and switched off in truth."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neurolupa.attribution.subject import NetworkClass, Subject
from neurolupa.capture import Site, ablated_outputs, record, trace, view
from neurolupa.capture.ablation import Fill
from neurolupa.capture.maps import maps_of
from neurolupa.errors import UsageError
from neurolupa.images import ImageSet
from neurolupa.inspection import ImageAnalysis
from neurolupa.inspection.provenance import Provenance, provenance_of
from neurolupa.inspection.seen import Inspected, SeenPicture
from neurolupa.models import Model, Prediction, as_model

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class UnitEffects:
    """What the logit of a class loses or gains as each of K units of a site is switched off alone.

    Attributes:
        site: Where.
        target: The network class, with its logit and probability on the whole picture.
        prediction: The five strongest classes of the whole picture.
        true_label: The picture's class in its image set.
        picture: The picture, and what the network saw of it.
        value: What units were set to: a number, "mean" (their own mean on this picture), or "given" for one
            number a unit.
        units: (K,) their numbers.
        activation: (K,) the mean of each one's map.
        expected: (K,) the change of the logit to first order: gradient times change of the activation.
        logits: (K, classes) float32, with each unit switched off.
        whole: (classes,) of the whole network.
        provenance: Where all of it came from.
    """

    site: Site
    target: Prediction
    prediction: tuple[Prediction, ...]
    true_label: str | None
    picture: SeenPicture
    value: float | str
    units: NDArray[np.int64]
    activation: NDArray[np.float64]
    expected: NDArray[np.float64]
    logits: NDArray[np.float32] = field(repr=False)
    whole: NDArray[np.float64] = field(repr=False)
    provenance: Provenance = field(kw_only=True)

    def __repr__(self) -> str:
        named = self.target.name or f"class {self.target.class_id}"
        where = f"{self.site.address} of {self.provenance.model}"
        return f"<UnitEffects of {len(self.units)} units at {where} on {named}>"

    @property
    def changes(self) -> NDArray[np.float64]:
        """(K,) of the class's logit, in truth."""
        target = self.target.class_id
        return self.logits[:, target].astype(np.float64) - self.whole[target]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """(K,) of the class, with each unit switched off."""
        return _softmax(self.logits)[:, self.target.class_id]

    @property
    def strongest(self) -> NDArray[np.int64]:
        """(K,) the strongest class with each unit switched off."""
        return self.logits.argmax(1)

    @property
    def agreement(self) -> float:
        """Pearson's correlation of the expected with the true changes; NaN where either does not vary."""
        return _correlation(self.expected, self.changes)

    def to_frame(self) -> "pd.DataFrame":
        """One row for each unit, the largest loss of the logit first.

        Columns: unit, activation, expected, logit_change, probability_change, strongest (class), flips
        (whether that is another class than the whole network's).
        """
        import pandas as pd

        first = int(self.whole.argmax())
        table = pd.DataFrame(
            {
                "unit": self.units,
                "activation": self.activation,
                "expected": self.expected,
                "logit_change": self.changes,
                "probability_change": self.probabilities - self.target.probability,
                "strongest": self.strongest,
                "flips": self.strongest != first,
            }
        )
        return table.sort_values("logit_change", kind="stable", ignore_index=True)

    def to_dict(self) -> dict[str, Any]:
        """Where it comes from and what it amounts to, ready for JSON."""
        return {
            "provenance": self.provenance.to_dict(),
            "target": vars(self.target),
            "value": self.value,
            "units": len(self.units),
            "flips": int((self.strongest != self.whole.argmax()).sum()),
            "agreement": self.agreement if np.isfinite(self.agreement) else None,
        }


def unit_effects(
    model: Model | str | nn.Module,
    image: Inspected | ImageAnalysis,
    site: str,
    target: NetworkClass = None,
    *,
    units: Sequence[int] | None = None,
    value: Fill = 0.0,
    images: ImageSet | None = None,
) -> UnitEffects:
    """What each unit of a site does for a class on one picture: one run to the site, then one run a unit.

    A unit that changes nothing alone may still matter together with others that carry the same.

    Args:
        model: The network; a name or a module is made a model with `load_model`.
        image: As for `attribute`.
        site: Any site; units of a linear layer are its features.
        target: The network class, by number or name; None takes the strongest.
        units: Their numbers; None for all.
        value: What a unit is set to everywhere: a number, "mean" (its own mean on this picture), or one
            number for each unit of the site.
        images: The image set that the picture belongs to.

    Raises:
        UsageError: An unknown site, unit or class, or a value that is none of these.
        DataError: The picture cannot be read, the network gives no logits, or cuts the gradient off.

    >>> network = nn.Sequential(nn.Flatten(), nn.Identity(), nn.Linear(3, 2, bias=False))
    >>> with torch.no_grad():
    ...     _ = network[2].weight.copy_(torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]))
    >>> from PIL import Image
    >>> from neurolupa.models import load_model
    >>> model = load_model(network, input_size=1, mean=0.0, std=1.0)
    >>> found = unit_effects(model, Image.new("RGB", (1, 1), "white"), "1", 0)
    >>> found.changes.tolist(), found.expected.tolist()
    ([-1.0, -2.0, -3.0], [-1.0, -2.0, -3.0])
    """
    network = as_model(model)
    chosen = trace(network).find(site)
    subject = Subject.of(network, image, target, images)
    numbers = np.arange(chosen.units) if units is None else _known(units, chosen)
    seen = view(network, subject.batch, [chosen], resumed=chosen)
    outputs = ablated_outputs(network, subject.batch, chosen, numbers.tolist(), value, seen.prefix)[:, 0]
    found = record(network, subject.batch, [chosen], gradients=True, target=subject.target)
    maps, slopes = (
        maps_of(each[chosen.name], chosen)[0].to("cpu", torch.float64)
        for each in (found.activations, found.gradients)
    )
    return UnitEffects(
        site=chosen,
        target=subject.prediction,
        prediction=network.strongest(subject.logits),
        true_label=subject.opened.true_label,
        picture=subject.seen,
        value=named_value(value),
        units=numbers,
        activation=maps.mean((1, 2))[numbers].numpy(),
        expected=(slopes * (_filled(maps, value) - maps)).sum((1, 2))[numbers].numpy(),
        logits=outputs.to("cpu", torch.float32).numpy(),
        whole=subject.logits.numpy(),
        provenance=provenance_of(network, site, chosen, None, subject.opened),
    )


def named_value(value: Fill) -> float | str:
    """What units were set to, in a word or a number.

    >>> named_value("mean"), named_value(0), named_value([1.0, 2.0])
    ('mean', 0.0, 'given')
    """
    if isinstance(value, str):
        return value
    return float(np.asarray(value, np.float64)) if np.ndim(value) == 0 else "given"


def _known(units: Sequence[int], site: Site) -> NDArray[np.int64]:
    numbers = np.array([int(unit) for unit in units], np.int64)
    if not len(numbers):
        raise UsageError("no unit was named")
    return numbers


def _filled(maps: Tensor, value: Fill) -> Tensor:
    """What the maps (units, H, W) are set to, in a shape that goes with them."""
    if isinstance(value, str):
        return maps.mean((1, 2), keepdim=True)
    return torch.as_tensor(np.array(value, np.float64)).reshape(-1, 1, 1)


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    return torch.from_numpy(logits).double().softmax(1).numpy()


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])
