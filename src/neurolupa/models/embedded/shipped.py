"""The files that ship: the weights in half precision, and the card that says what they are."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from torch import Tensor

from neurolupa.errors import DataError
from neurolupa.models.checkpoint import read_checkpoint

FOLDER = Path(__file__).parent
WEIGHTS = "cifar10.safetensors"
CARD = "card.json"


def read_card(folder: Path = FOLDER) -> dict[str, Any]:
    """What is known of the weights: digest, data, recipe, and what the evaluation measured.

    Raises:
        DataError: The card is missing or no JSON: the installation is damaged.

    >>> read_card(Path("no/such/place"))
    Traceback (most recent call last):
    ...
    neurolupa.errors.DataError: the card of the embedded network, card.json, is missing or damaged
    """
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        card["weights"]["sha256"]  # a card that does not say so is damaged
        return card
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise DataError(f"the card of the embedded network, {CARD}, is missing or damaged") from error


def read_weights(folder: Path = FOLDER) -> Mapping[str, Tensor]:
    """The tensors that ship, in single precision, once the file is the one that the card names.

    Raises:
        DataError: The file is missing, or its digest is another.
    """
    path, expected = folder / WEIGHTS, read_card(folder)["weights"]["sha256"]
    found = digest(path) if path.is_file() else "no file"
    if found != expected:
        raise DataError(
            f"the weights of the embedded network ({WEIGHTS}) are not those that were published: "
            f"digest expected {expected}, found {found}"
        )
    return {
        name: tensor.float() if tensor.is_floating_point() else tensor
        for name, tensor in read_checkpoint(path).items()
    }


def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    return sha256(path.read_bytes()).hexdigest()
