"""How each operation carries the flow of its inputs on to its output: the table of all rules."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from neurolupa.capture.call import Call, Rule, Shape
from neurolupa.capture.flow import UNKNOWN, Flow, broadcast, union
from neurolupa.capture.operations import NONLINEAR, rectifies, words
from neurolupa.capture.shape_rules import SHAPE_RULES
from neurolupa.capture.window_rules import WINDOW_RULES

_POINTWISE = words(
    "add sub mul div pow exp log log1p sqrt rsqrt abs neg square reciprocal sin cos erf maximum minimum where"
    " lerp addcmul addcdiv masked_fill fmod floor ceil round sign nan_to_num local_response_norm"
)
_SAME = words(
    "contiguous clone detach to float half double bfloat16 type type_as cuda cpu positive requires_grad"
    " dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout"
)

Trail = frozenset[tuple[int, bool]]


def carry(call: Call, shape: Shape) -> Flow:
    """The flow of one output of `shape`; of an operation that is not known, nothing is known.

    >>> from neurolupa.capture.flow import IMAGE
    >>> flow = carry(Call("max_pool2d", (None, 3, 2, 1), {}, [((1, 3, 8, 8), IMAGE)]), (1, 3, 4, 4))
    >>> flow.field[0]
    Reach(start=-1, size=3, step=2)
    """
    try:
        flow = _RULES.get(call.name, _unknown)(call, shape)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return UNKNOWN  # called in a form that the rule does not know: less is known, nothing is wrong
    return flow if _keeps_units(call, flow, shape) else replace(flow, trail=frozenset())


def _keeps_units(call: Call, flow: Flow, shape: Shape) -> bool:
    before, after = call.flow.channel, flow.channel
    return before is not None and after is not None and call.shape[before] == shape[after]


def _unknown(call: Call, shape: Shape) -> Flow:
    return UNKNOWN


def _same(call: Call, shape: Shape) -> Flow:
    return call.flow


def _pointwise(call: Call, shape: Shape) -> Flow:
    flow = union([broadcast(part, size, shape) for size, part in call.inputs], shape)
    silent = call.name in NONLINEAR and rectifies(call.name, call.args, call.kwargs)
    return replace(flow, rectified=silent, trail=_joined(call.name, [part.trail for _, part in call.inputs]))


def _joined(name: str, trails: Sequence[Trail]) -> Trail:
    """Whose value a pointwise result still is: shared through a sum, nobody's through other pairs."""
    if len(trails) > 1 and name not in ("add", "mul"):
        return frozenset()
    is_sum = name == "add" and len(trails) > 1
    return frozenset((site, shared or is_sum) for site, shared in chain(*trails))


_RULES: dict[str, Rule] = {
    **dict.fromkeys((*NONLINEAR, *_POINTWISE), _pointwise),
    **dict.fromkeys(_SAME, _same),
    **SHAPE_RULES,
    **WINDOW_RULES,
}
