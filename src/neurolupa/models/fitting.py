"""A state dict from the wild into a network: names cleaned, differences told."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from neurolupa.errors import DataError

_PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "network.")
# Counts batches in training; files from before it existed lack it, and inference never reads it.
_COUNTER = "num_batches_tracked"
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Fit:
    """What a file and a network do not share, each tensor with its shape.

    Attributes:
        loaded: How many tensors went into the network.
        missing: In the network, not in the file.
        unexpected: In the file, not in the network.
        misshapen: In both, as (shape in the file, shape in the network).
    """

    loaded: int
    missing: Mapping[str, Shape]
    unexpected: Mapping[str, Shape]
    misshapen: Mapping[str, tuple[Shape, Shape]]

    @property
    def complete(self) -> bool:
        """Every tensor of both found its partner."""
        return not (self.missing or self.unexpected or self.misshapen)

    @property
    def random_tensors(self) -> tuple[str, ...]:
        """The network's tensors that the file did not fill."""
        return (*self.missing, *self.misshapen)

    @property
    def head_outputs(self) -> int | None:
        """The outputs of the file's head, if the head's size is the only difference."""
        if self.missing or self.unexpected or not self.misshapen:
            return None
        if any(len(file) != len(own) or file[1:] != own[1:] for file, own in self.misshapen.values()):
            return None
        sizes = {(file[0], own[0]) for file, own in self.misshapen.values()}
        return next(iter(sizes))[0] if len(sizes) == 1 else None

    def __str__(self) -> str:
        parts = [
            _told(self.missing, "missing", str),
            _told(self.unexpected, "unexpected", str),
            _told(
                self.misshapen, "of another shape", lambda pair: f"{pair[0]} in the file, {pair[1]} wanted"
            ),
        ]
        return "; ".join(part for part in parts if part)


def fit(module: nn.Module, tensors: Mapping[str, Tensor]) -> Fit:
    """Load what fits of `tensors` into `module`, in place, and tell what does not.

    Raises:
        DataError: The network's own conversion of old files fails on it.

    >>> net = nn.Linear(2, 1)
    >>> str(fit(net, {"weight": net.weight.detach(), "bais": net.bias.detach()}))
    '1 missing (bias (1,)); 1 unexpected (bais (1,))'
    """
    own = {name: tuple(t.shape) for name, t in module.state_dict().items() if isinstance(t, Tensor)}
    misshapen = {
        name: (tuple(tensor.shape), own[name])
        for name, tensor in tensors.items()
        if name in own and tuple(tensor.shape) != own[name]
    }
    missing, unexpected = _load(module, tensors, leave_out=misshapen)
    absent = {*missing, *misshapen}
    return Fit(
        loaded=sum(name not in absent and _COUNTER not in name for name in own),
        missing={name: own[name] for name in missing if name in own and _COUNTER not in name},
        unexpected={name: tuple(tensors[name].shape) for name in unexpected if name in tensors},
        misshapen=misshapen,
    )


def clean(
    tensors: Mapping[str, Tensor],
    module: nn.Module,
    rename: Callable[[str], str] = str,
    ignored: tuple[str, ...] = (),
) -> OrderedDict[str, Tensor]:
    """The same tensors without the prefixes that wrappers put before the names.

    A prefix is kept where the network's own names begin with it.

    Args:
        tensors: A state dict.
        module: The network that it is for.
        rename: From an old name to today's.
        ignored: Beginnings of names to leave out.

    >>> list(clean({"module._orig_mod.weight": nn.Linear(1, 1).weight}, nn.Linear(1, 1)))
    ['weight']
    """
    own = list(module.state_dict())
    prefixes = tuple(p for p in _PREFIXES if not any(name.startswith(p) for name in own))
    strip = "_orig_mod." if not any("_orig_mod." in name for name in own) else ""

    def cleaned(name: str) -> str:
        while found := next((p for p in prefixes if name.startswith(p)), None):
            name = name.removeprefix(found)
        return rename(name.replace(strip, "") if strip else name)

    names = {name: cleaned(name) for name in tensors}
    result = OrderedDict(
        (names[n], t) for n, t in tensors.items() if not names[n].startswith(ignored or ("\0",))
    )
    if (metadata := getattr(tensors, "_metadata", None)) is not None:
        versions = {cleaned(f"{path}.").removesuffix("."): version for path, version in metadata.items()}
        result._metadata = versions  # type: ignore[attr-defined]
    return result


def _load(
    module: nn.Module, tensors: Mapping[str, Tensor], leave_out: Mapping[str, object]
) -> tuple[list[str], list[str]]:
    """Names that only the network has, and names that only the file has."""
    fitting = OrderedDict((name, tensor) for name, tensor in tensors.items() if name not in leave_out)
    own = module.state_dict()
    # Names of today need no conversion, and some layers would convert any file that states no version.
    versions = own if all(name in own for name in fitting) else tensors
    if (metadata := getattr(versions, "_metadata", None)) is not None:
        fitting._metadata = metadata  # type: ignore[attr-defined]
    try:
        result = module.load_state_dict(fitting, strict=False)
    except RuntimeError as error:
        raise DataError(f"its tensors cannot be loaded: {str(error).splitlines()[-1].strip()}") from error
    return [name for name in result.missing_keys if name not in leave_out], list(result.unexpected_keys)


def _told(tensors: Mapping[str, Any], what: str, shape: Callable[[Any], str]) -> str:
    if not tensors:
        return ""
    first = [f"{name} {shape(tensors[name])}" for name in list(tensors)[:2]]
    more = ", ..." if len(tensors) > len(first) else ""
    return f"{len(tensors)} {what} ({', '.join(first)}{more})"
