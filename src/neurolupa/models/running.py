"""One checked forward pass: what cannot run says so with the shape that was tried."""

import re

import torch
from torch import Tensor, nn

from neurolupa.errors import DataError, NeurolupaError
from neurolupa.models.preprocessing import Preprocessing

_SMALL_SIDE, _SMALL_PICTURES = 128, 256

_HINTS = (
    (
        re.compile(r"more than 1 value per channel"),
        "; it needs batch statistics: one of its norms has no running statistics of its own",
    ),
    (
        re.compile(r"indices|Long|\bInt\b|LongTensor|IntTensor"),
        "; it seems to want integers, not pictures",
    ),
)


def run(module: nn.Module, batch: Tensor, name: str) -> Tensor:
    """The network's output for a batch (N, C, H, W), without gradients.

    Raises:
        DataError: The network cannot run on this shape, wants integers, or returns no tensor.

    >>> run(nn.Flatten(), torch.zeros(2, 3, 4, 4), "flat").shape
    torch.Size([2, 48])
    """
    try:
        with torch.inference_mode():
            output = module(batch)
    except NeurolupaError:
        raise
    except (Exception, SystemExit) as error:
        raise cannot_run(name, batch, error) from error
    if not isinstance(output, Tensor):
        raise DataError(
            f"{name} returns a {type(output).__name__}, not one tensor, for a batch of shape "
            f"{tuple(batch.shape)}; wrap it in a module that returns the logits alone"
        )
    return output


def dtype_of(module: nn.Module) -> torch.dtype:
    """The type of the network's first floating-point parameter; float32 where there is none.

    >>> dtype_of(nn.Linear(1, 1).half())
    torch.float16
    """
    return next((p.dtype for p in module.parameters() if p.is_floating_point()), torch.float32)


def at_once(of_224: int, height: int, width: int) -> int:
    """How many pictures of a size one pass takes, where it takes so many of 224 x 224; at least one.

    >>> at_once(16, 224, 224), at_once(16, 32, 32), at_once(16, 4000, 4000)
    (16, 784, 1)
    """
    return max(1, of_224 * 224 * 224 // (height * width))


def usual_batch(preprocessing: Preprocessing, large: int = 64) -> int:
    """Pictures in a block where nothing else is asked for: 256 below 128 pixels, `large` from there on.

    >>> usual_batch(Preprocessing(input_size=(32, 32), resize=32))
    256
    """
    return _SMALL_PICTURES if max(preprocessing.input_size) < _SMALL_SIDE else large


def cannot_run(name: str, batch: Tensor, error: Exception | SystemExit) -> DataError:
    """The error for a forward pass that failed, with the shape that was tried and what it seems to want.

    >>> str(cannot_run("net", torch.zeros(1, 3, 8, 8), ValueError("too small")))
    'net cannot run on a float32 batch of shape (1, 3, 8, 8): too small'
    """
    kind = str(batch.dtype).removeprefix("torch.")
    hint = next((words for pattern, words in _HINTS if pattern.search(str(error))), "")
    return DataError(
        f"{name} cannot run on a {kind} batch of shape {tuple(batch.shape)}: {_reason(error)}{hint}"
    )


def _reason(error: Exception | SystemExit) -> str:
    if isinstance(error, SystemExit):
        return f"it asks to end the whole program (SystemExit {error.code})"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if isinstance(error, torch.jit.Error) and lines:
        return lines[-1]
    return next(iter(lines), type(error).__name__)
