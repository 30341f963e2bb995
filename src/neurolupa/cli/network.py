"""The network that a command line describes."""

import sys
from typing import TYPE_CHECKING

from neurolupa.cli.options import numbers, pixels, weights_named

if TYPE_CHECKING:
    from neurolupa.models import Model


def open_network(
    spec: str,
    *,
    weights: str,
    classes: str | None = None,
    input_size: str | None = None,
    mean: str | None = None,
    std: str | None = None,
    device: str = "auto",
    allow_partial: bool = False,
    seed: int = 0,
) -> "Model":
    """The network, loaded; what a reader of its results should know goes to stderr.

    >>> open_network("squeezenet1_1", weights="random", input_size="32").preprocessing.input_size
    (32, 32)
    """
    options = {
        "input_size": pixels("--input-size", input_size),
        "mean": numbers("--mean", mean),
        "std": numbers("--std", std),
    }
    from neurolupa.models import load_model

    model = load_model(
        spec,
        weights=weights_named(weights),
        classes=classes,
        device=device,
        allow_partial=allow_partial,
        seed=seed,
        **options,  # type: ignore[arg-type]
    )
    for text in model.notes:
        note(text)
    return model


def note(text: str) -> None:
    """A line on stderr for something that is no fault but should be known."""
    print(f"note: {text}", file=sys.stderr)
