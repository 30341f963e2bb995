"""What a caller hands to `record`, checked: the batch and the classes to differentiate."""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from PIL import Image
from torch import Tensor

from neurolupa.capture.frames import only_tensor
from neurolupa.errors import DataError, UsageError

Target = int | Sequence[int] | np.ndarray | Tensor


def batch_of(given: Tensor | ArrayLike) -> Tensor:
    """Prepared images (N, C, H, W) from a tensor, an array or lists; one image (C, H, W) is a batch of 1.

    Raises:
        UsageError: Anything else.

    >>> batch_of(np.zeros((3, 4, 5), np.float32)).shape
    torch.Size([1, 3, 4, 5])
    """
    batch = given if isinstance(given, Tensor) else _tensor_of(given)
    if batch.ndim not in (3, 4) or batch.is_complex():
        raise UsageError(
            f"images are real numbers of shape (N, C, H, W) or (C, H, W), not {batch.dtype} of shape "
            f"{tuple(batch.shape)}"
        )
    return batch if batch.ndim == 4 else batch[None]


def targets_of(given: Target | None, logits: Tensor) -> tuple[int, ...]:
    """One class of the logits (N, classes) for each image; each image's own strongest for None.

    Raises:
        UsageError: No whole number, as many as neither one nor N, or a class that the network does not have.

    >>> targets_of(1, torch.zeros(2, 3)), targets_of(None, torch.eye(2))
    ((1, 1), (0, 1))
    """
    count, classes = logits.shape
    if given is None:
        return tuple(logits.argmax(1).tolist())
    targets = _whole_numbers(given, count)
    if len(targets) != count:
        raise UsageError(f"{len(targets)} targets for {count} images; give one, or one per image")
    wrong = [index for index in targets if not 0 <= index < classes]
    if wrong:
        raise UsageError(f"no network class {wrong[0]}; classes are 0 to {classes - 1}")
    return targets


def logits_from(output: object, count: int) -> Tensor:
    """What a network returned, where it is logits (count, classes).

    Raises:
        DataError: It is something else.

    >>> logits_from([torch.zeros(2, 3)], 2).shape
    torch.Size([2, 3])
    >>> logits_from(torch.zeros(2), 2)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    neurolupa.errors.DataError: gradients need logits of shape (2, classes); the network returns a tensor ...
    """
    logits = only_tensor(output)
    if logits is None or logits.ndim != 2 or len(logits) != count:
        shape = type(output).__name__ if logits is None else f"a tensor of shape {tuple(logits.shape)}"
        raise DataError(f"gradients need logits of shape ({count}, classes); the network returns {shape}")
    return logits


def of_targets(logits: Tensor, targets: Sequence[int]) -> Tensor:
    """The sum of each image's target logit, to be differentiated.

    >>> of_targets(torch.tensor([[1.0, 2.0], [3.0, 5.0]]), [0, 1]).item()
    6.0
    """
    return logits.gather(1, torch.tensor(targets, device=logits.device)[:, None]).sum()


def _tensor_of(given: Any) -> Tensor:
    try:
        if isinstance(given, Image.Image):
            raise TypeError("a picture; model.prepare makes a tensor of it")
        return torch.tensor(np.ascontiguousarray(given))
    except (TypeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(
            f"a batch is a tensor or an array of numbers, not of type {type(given).__name__}: {reason}"
        ) from error


def _whole_numbers(given: Target, count: int) -> tuple[int, ...]:
    values = given.tolist() if isinstance(given, np.ndarray | Tensor) else given
    several = isinstance(values, Sequence) and not isinstance(values, str | bytes)
    try:
        return tuple(map(operator.index, values if several else (values,) * count))  # type: ignore[arg-type]
    except TypeError:
        raise UsageError(
            f"a target is the number of a network class, or one for each image, not {values!r:.60}"
        ) from None
