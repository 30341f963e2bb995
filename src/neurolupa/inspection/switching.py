"""What the prediction loses or gains when units are switched off on this picture."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import pandas as pd
import torch
from torch import Tensor

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
    batch = input_of(model, analysis)
    outputs = ablated_outputs(model, batch, analysis.site, units, value, analysis.prefix)[:, 0]
    groups = [tuple(unit) if isinstance(unit, Sequence) else (int(unit),) for unit in units]
    return tuple(
        SwitchedOff(
            units=group,
            value=value,
            before=analysis.prediction,
            after=_same_classes(analysis.prediction, logits.to("cpu", torch.float64)),
            strongest=model.strongest(logits, len(analysis.prediction)),
        )
        for group, logits in zip(groups, outputs, strict=True)
    )


def _same_classes(before: Sequence[Prediction], logits: Tensor) -> tuple[Prediction, ...]:
    shares = logits.softmax(0)
    return tuple(
        replace(one, logit=float(logits[one.class_id]), probability=float(shares[one.class_id]))
        for one in before
    )
