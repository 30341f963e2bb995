"""Where a network runs."""

import torch

from neurolupa.errors import UsageError, unknown


def available_devices() -> tuple[str, ...]:
    """The devices of this machine, fastest kind first.

    >>> available_devices()[-1]
    'cpu'
    """
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    apple = ["mps"] if torch.backends.mps.is_available() else []
    return (*(f"cuda:{index}" for index in range(count)), *apple, "cpu")


def resolve_device(name: str | torch.device) -> torch.device:
    """The device of a name; "auto" takes the first of CUDA, MPS and CPU that is there.

    Raises:
        UsageError: A device that torch does not know or this machine does not have.

    >>> resolve_device("cpu")
    device(type='cpu')
    """
    valid = available_devices()
    if str(name) == "auto":
        return torch.device(valid[0])
    try:
        device = torch.device(name)
    except (RuntimeError, TypeError):
        raise unknown("device", str(name), ["auto", "cpu", "cuda", "mps"]) from None
    wanted = f"cuda:{device.index or 0}" if device.type == "cuda" else device.type
    if wanted not in valid:
        raise UsageError(f"device {str(name)!r} is not on this machine; it has: {', '.join(valid)}")
    return torch.device(wanted)
