"""The flows of the tensors of one forward pass, by the identity of the tensor object."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from neurolupa.capture.call import Call
from neurolupa.capture.flow import IMAGE, UNKNOWN, Flow
from neurolupa.capture.rules import carry

Input = tuple[tuple[int, ...], Flow]


class Flows:
    """What is known of every tensor met so far.

    Tensors are kept alive, so that no later one gets the identity of an earlier one; an in-place operation
    returns the same object and its flow replaces the old one. A tensor that no operation was seen to make (by
    TorchScript, say) counts as computed from the input, but nothing else is known of it.
    """

    def __init__(self, module: nn.Module, image: Tensor) -> None:
        self._known: dict[int, tuple[Tensor, Flow | None]] = {}
        for tensor in (*module.parameters(), *module.buffers()):
            self._known[id(tensor)] = (tensor, None)
        self[image] = IMAGE

    def __getitem__(self, tensor: Tensor) -> Flow | None:
        """The flow of a tensor; None if it was not computed from the input."""
        return self._known.get(id(tensor), (tensor, UNKNOWN))[1]

    def __setitem__(self, tensor: Tensor, flow: Flow | None) -> None:
        self._known[id(tensor)] = (tensor, flow)

    def __contains__(self, tensor: Tensor) -> bool:
        return id(tensor) in self._known

    def inputs(self, *arguments: Any) -> list[Input]:
        """Shape and flow of every tensor among the arguments that was computed from the input."""
        flows = [(tuple(tensor.shape), self[tensor]) for tensor in tensors_in(arguments)]
        return [(shape, flow) for shape, flow in flows if flow is not None]

    def apply(self, call: Call, output: Any) -> None:
        """Note what a call of an operation made of its inputs."""
        if call.name == "setitem" and call.inputs:
            self[call.args[0]] = UNKNOWN
        is_fresh = not call.inputs or call.name.startswith("new_") or call.name.endswith("_like")
        for tensor in tensors_in((output,)):
            self[tensor] = None if is_fresh else carry(call, tuple(tensor.shape))


def tensors_in(values: Any) -> Iterator[Tensor]:
    """Every tensor among values, inside tuples, lists and mappings too."""
    for value in values.values() if isinstance(values, Mapping) else values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (Mapping, Sequence)) and not isinstance(value, str):
            yield from tensors_in(value)
