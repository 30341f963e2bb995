"""What the prediction loses or gains when units are switched off on this picture."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from neurolupa.capture import ablated_outputs
from neurolupa.errors import DataError
from neurolupa.inspection.again import input_of
from neurolupa.inspection.analysis import ImageAnalysis
from neurolupa.models import Model, Prediction


@dataclass(frozen=True)
class SwitchedOff:
    """The prediction with some units of a site set to a value, beside the prediction as it was.

    Attributes:
        units: Switched off together.
        value: What they were set to: a number, or "mean" for each one's own mean on this picture.
        before: The strongest classes of the analysis.
        after: The same classes, in the same order, with the units off.
        strongest: The strongest classes with the units off.
    """

    units: tuple[int, ...]
    value: float | str
    before: tuple[Prediction, ...]
    after: tuple[Prediction, ...]
    strongest: tuple[Prediction, ...]

    @property
    def flips(self) -> bool:
        """Whether another class is the strongest now."""
        return self.before[0].class_id != self.strongest[0].class_id

    def to_frame(self) -> pd.DataFrame:
        """One row for each class of `before`: class_id, name, logit, probability, both off, and changes."""
        table = pd.DataFrame([asdict(one) for one in self.before])
        for column in ("logit", "probability"):
            table[f"{column}_off"] = [getattr(one, column) for one in self.after]
            table[f"{column}_change"] = table[f"{column}_off"] - table[column]
        return table


def switch_off(
    model: Model, analysis: ImageAnalysis, units: Sequence[int | Sequence[int]], value: float | str = 0.0
) -> tuple[SwitchedOff, ...]:
    """The prediction with each unit, or each group of units, of an analysis switched off in turn.

    A unit that changes nothing alone may still matter together with others that carry the same.

    Raises:
        UsageError: No such unit, or the analysis is of another network.
        DataError: The network gives no logits.

    >>> from PIL import Image
    >>> from torch import nn
    >>> from neurolupa.inspection import inspect
    >>> from neurolupa.models import load_model
    >>> layers = nn.Sequential(nn.Flatten(), nn.Linear(3, 2), nn.Identity())
    >>> model = load_model(layers, input_size=1)
    >>> off = switch_off(model, inspect(model, Image.new("RGB", (1, 1)), "1"), [0])[0]
    >>> next(one.logit for one in off.after if one.class_id == 0)
    0.0
    """
    if not analysis.prediction:
        raise DataError(f"{model.name} gives no logits that could change")
    outputs = ablated_outputs(model, input_of(model, analysis)[0], analysis.site, units, value)
    groups = [tuple(unit) if isinstance(unit, Sequence) else (int(unit),) for unit in units]
    found = []
    for group, logits in zip(groups, outputs, strict=True):
        ranked = model.strongest(logits, len(logits))
        by_class = {one.class_id: one for one in ranked}
        after = tuple(by_class[one.class_id] for one in analysis.prediction)
        strongest = ranked[: len(analysis.prediction)]
        found.append(SwitchedOff(group, value, analysis.prediction, after, strongest))
    return tuple(found)
