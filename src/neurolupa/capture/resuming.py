"""What a run had computed when it came to a site, kept so that later runs go on from there.

A later run sends the network through its own code once more, but every torch function up to the site gives
what is remembered of it: the tensors that the rest of the run reads, and for the others zeros of their shape,
which nobody reads.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import ReferenceType, ref
from zlib import crc32

import numpy as np
import torch
from torch import Tensor, nn

from neurolupa.errors import DataError

_PLAIN = (bool, int, float, str, type(None), torch.dtype, torch.device, torch.layout, torch.memory_format)
_LATER = -1  # the number of every tensor that the rest of the run makes


@dataclass(frozen=True)
class Made:
    """A tensor among what a torch function gave: its number in the run, its shape and type."""

    number: int
    shape: tuple[int, ...]
    dtype: torch.dtype


@dataclass(frozen=True, eq=False, repr=False)
class Prefix:
    """One run up to a site, as far as the rest of the run reads it; no tensor and no module.

    Attributes:
        site: Address of the site.
        batch: Checksum of the batch that ran.
        calls: Of every torch function up to the site, its name and what it gave, tensors as `Made`.
        kept: The tensors that the rest of the run reads, by number.
        output: What the network gave in the end, (N, classes).
    """

    site: str
    batch: int
    calls: tuple[tuple[str, Any], ...]
    kept: Mapping[int, np.ndarray]
    output: np.ndarray

    def __repr__(self) -> str:
        return f"<Prefix up to {self.site}: {len(self.kept)} of {len(self.calls)} values kept>"


def checksum(batch: Tensor) -> int:
    """Of the values of a batch: equal batches have equal ones.

    >>> checksum(torch.zeros(1, 3)) == checksum(torch.zeros(1, 3)), checksum(torch.ones(1, 3)) == 0
    (True, False)
    """
    return crc32(np.ascontiguousarray(batch.detach().to("cpu", torch.float32).numpy()).data)


@dataclass(eq=False)
class Remembering:
    """Runs torch functions and remembers what the part of a run up to a site gives to the rest.

    What cannot be remembered (values that no torch function made, two names for one memory, types that NumPy
    has not) ends it: there is no prefix then.
    """

    module: nn.Module
    _calls: list[tuple[str, Any]] = field(default_factory=list)
    _numbers: dict[int, tuple[ReferenceType[Tensor], int]] = field(default_factory=dict)
    _others: list[Tensor] = field(default_factory=list)
    _kept: dict[int, np.ndarray] = field(default_factory=dict)
    _memory: set[int] = field(default_factory=set)
    _count: int = 0
    _reached: bool = False
    _lost: bool = False

    def __call__(self, func: Callable, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Runs one torch function of the network."""
        before = not self._reached
        if not before:
            self._read(args, kwargs)
        output = func(*args, **kwargs)
        if not before:
            self._number(output, later=True)
        elif _is_remembered(args, kwargs, output):
            self._calls.append((_name(func), self._told(output)))
        return output

    def reach(self, value: Tensor) -> None:
        """The site is there, with this value."""
        self._read((value,), {})
        self._reached = True

    def prefix(self, site: str, batch: Tensor, output: Any) -> Prefix | None:
        """What was remembered; None where that is not enough to go on from."""
        if self._lost or not self._reached or not isinstance(output, Tensor) or output.ndim != 2:
            return None
        if {id(tensor) for tensor in self._others} - {id(tensor) for tensor in self.module.buffers()}:
            return None
        return Prefix(site, checksum(batch), tuple(self._calls), self._kept, _array(output))

    def _read(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        for tensor in _tensors((args, kwargs)):
            number = self._number_of(tensor)
            if number is None:
                if not isinstance(tensor, nn.Parameter):
                    self._others.append(tensor)
            elif number != _LATER and number not in self._kept:
                self._keep(tensor, number)

    def _number_of(self, tensor: Tensor) -> int | None:
        known = self._numbers.get(id(tensor))
        return known[1] if known is not None and known[0]() is tensor else None

    def _keep(self, tensor: Tensor, number: int) -> None:
        memory = tensor.untyped_storage().data_ptr()
        if memory in self._memory or tensor.dtype is torch.bfloat16 or tensor.is_quantized:
            self._lost = True
        else:
            self._memory.add(memory)
            self._kept[number] = _array(tensor)

    def _number(self, output: Any, later: bool) -> None:
        for tensor in _tensors((output,)):
            if self._number_of(tensor) is None:
                self._numbers[id(tensor)] = (ref(tensor), _LATER if later else self._count)
                self._count += not later

    def _told(self, output: Any) -> Any:
        """What a function gave, with `Made` for every tensor."""
        if isinstance(output, Tensor):
            self._number(output, later=False)
            return Made(self._numbers[id(output)][1], tuple(output.shape), output.dtype)
        if type(output) in (tuple, list, torch.Size):
            return type(output)([self._told(part) for part in output])
        self._lost |= not isinstance(output, _PLAIN)
        return output


class Resuming:
    """Gives what is remembered of each torch function up to the site, and runs all later ones.

    Raises:
        DataError: (when called) the network calls other functions than those that are remembered.
    """

    def __init__(self, prefix: Prefix, device: torch.device) -> None:
        self._prefix = prefix
        self._device = device
        self._next = 0
        self._made: dict[int, Tensor] = {}

    def __call__(self, func: Callable, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """One torch function of the network."""
        if self._next == len(self._prefix.calls):
            return func(*args, **kwargs)
        if next(_tensors((args, kwargs)), None) is None:
            output = func(*args, **kwargs)
            if not _is_remembered(args, kwargs, output):
                return output
        name, told = self._prefix.calls[self._next]
        if name != _name(func):
            raise DataError(f"the network calls {_name(func)} where it called {name} before")
        self._next += 1
        return self._given(told)

    def _given(self, told: Any) -> Any:
        if isinstance(told, Made):
            if told.number not in self._made:
                self._made[told.number] = self._tensor(told)
            return self._made[told.number]
        if type(told) in (tuple, list):
            return type(told)(self._given(part) for part in told)
        return told

    def _tensor(self, told: Made) -> Tensor:
        kept = self._prefix.kept.get(told.number)
        if kept is None:
            return torch.zeros((), dtype=told.dtype, device=self._device).expand(told.shape)
        return torch.from_numpy(kept.copy(order="K")).to(self._device)


def _is_remembered(args: Sequence[Any], kwargs: Mapping[str, Any], output: Any) -> bool:
    """Whether a call has to do with tensors; others (a mode that is set, say) are run each time."""
    return next(_tensors((args, kwargs, output)), None) is not None


def _tensors(values: Any) -> Iterator[Tensor]:
    """Every tensor in tuples, lists and dictionaries; `flows.tensors_in` knows more kinds, and costs more."""
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, (tuple, list, dict)):
        for value in values.values() if isinstance(values, dict) else values:
            yield from _tensors(value)


def _name(func: Callable) -> str:
    return getattr(func, "__name__", "")


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().to("cpu").numpy().copy(order="K")
