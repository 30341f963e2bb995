"""One call of an operation, as the rules that follow the data see it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from neurolupa.capture.flow import Flow, collapse
from neurolupa.capture.operations import bound

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Call:
    """One call of an operation as it was made, with the flows of its tensor arguments."""

    name: str
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    inputs: Sequence[tuple[tuple[int, ...], Flow]]  # shape and flow of every argument computed from the input

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the first argument that was computed from the input, before the call."""
        return self.inputs[0][0]

    @property
    def flow(self) -> Flow:
        """Its flow."""
        return self.inputs[0][1]

    def bind(self, *names: str, **defaults: Any) -> list[Any]:
        """The call's arguments by the names of the signature."""
        return bound(self.args, self.kwargs, *names, **defaults)


Rule = Callable[[Call, Shape], Flow]


def listed(value: Any) -> list[int]:
    """A number or a sequence of numbers, as a list."""
    return list(value) if isinstance(value, (tuple, list)) else [value]


def pair(value: Any) -> tuple[int, int]:
    """The vertical and the horizontal value of an option that may be given once for both.

    >>> pair(3), pair((3, 5)), pair([2])
    ((3, 3), (3, 5), (2, 2))
    """
    values = listed(value)
    return values[0], values[-1]


def blind(call: Call, **changes: Any) -> Flow:
    """The flow of an output whose every element may see all that the first input sees."""
    flow = collapse(call.flow, call.shape)
    return Flow(field=flow.field, **changes)
