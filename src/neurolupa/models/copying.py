"""A network's copy whose weights are to be drawn anew."""

import copy
import threading
from dataclasses import replace

from neurolupa.errors import DataError
from neurolupa.models.model import Model, Weights


def copied_for_random(model: Model, seed: int) -> Model:
    """The network again, in its own memory and under a name that says that its weights are random.

    They are not random yet: `neurolupa.models.seeding.randomise` draws them.

    Raises:
        DataError: The network cannot be copied.

    >>> from torch import nn
    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Flatten(), input_size=1)
    >>> copied_for_random(model, 7).weights.seed
    7
    """
    try:
        with model.lock:  # whoever runs the network meanwhile has hooks on it, which cannot be copied
            module = copy.deepcopy(model.module)
    except Exception as error:
        raise DataError(f"{model.name} cannot be copied for random weights: {error}") from None
    return replace(
        model,
        name=f"{model.name} (random)",
        module=module.eval(),
        weights=Weights("random", seed=seed),
        lock=threading.RLock(),
    )
