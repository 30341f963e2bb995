"""Rules of the operations that move, merge or mix axes."""

from collections.abc import Sequence
from dataclasses import replace

from neurolupa.capture.call import Call, Rule, Shape, listed
from neurolupa.capture.flow import Flow, broadcast, collapse, moved, reshaped, union
from neurolupa.capture.operations import words

_VIEWS = words("view reshape flatten unflatten squeeze unsqueeze view_as reshape_as")
_REDUCTIONS = words("mean sum amax amin max min std var prod norm logsumexp")
_SILENT_STAYS_SILENT = frozenset({"mean", "sum", "amax", "max"})
_MIXING = {
    **dict.fromkeys(words("softmax log_softmax softmin cumsum cumprod sort"), ("input", "dim")),
    "normalize": ("input", "p", "dim"),
    "roll": ("input", "shifts", "dims"),
    "flip": ("input", "dims"),
}


def _view(call: Call, shape: Shape) -> Flow:
    flow = reshaped(call.flow, call.shape, shape)
    return replace(flow, channel=1) if len(shape) == 2 else flow


def _permute(call: Call, shape: Shape) -> Flow:
    order = call.bind("input", "dims")[1]
    dims = order if isinstance(order, (tuple, list)) else call.args[1:]
    return _reordered(call, [dim % len(shape) for dim in dims])


def _transpose(call: Call, shape: Shape) -> Flow:
    first, second = call.bind("input", "dim0", "dim1")[1:]
    order = list(range(len(shape)))
    order[first], order[second] = order[second], order[first]
    return _reordered(call, order)


def _movedim(call: Call, shape: Shape) -> Flow:
    source, target = (listed(dims) for dims in call.bind("input", "source", "destination")[1:])
    goal = {dim % len(shape): old % len(shape) for old, dim in zip(source, target, strict=True)}
    rest = iter([axis for axis in range(len(shape)) if axis not in goal.values()])
    return _reordered(call, [goal[axis] if axis in goal else next(rest) for axis in range(len(shape))])


def _reordered(call: Call, order: Sequence[int]) -> Flow:
    return moved(call.flow, call.shape, [order.index(axis) for axis in range(len(order))])


def _expand(call: Call, shape: Shape) -> Flow:
    return broadcast(call.flow, call.shape, shape)


def _reduce(call: Call, shape: Shape) -> Flow:
    ndim = len(call.shape)
    dims = call.bind("input", "p", "dim")[2] if call.name == "norm" else call.bind("input", "dim")[1]
    gone = set(range(ndim)) if dims is None else {dim % ndim for dim in listed(dims)}
    flow = collapse(call.flow, call.shape, gone)
    if len(shape) < ndim:
        kept = [axis for axis in range(ndim) if axis not in gone]
        flow = moved(flow, call.shape, [kept.index(axis) if axis in kept else None for axis in range(ndim)])
    silent = flow.rectified and call.name in _SILENT_STAYS_SILENT
    return Flow(channel=flow.channel, spatial=flow.spatial, field=flow.field, rectified=silent)


def _mix(call: Call, shape: Shape) -> Flow:
    dims = call.bind(*_MIXING[call.name])[-1]
    flow = collapse(call.flow, call.shape, None if dims is None else listed(dims))
    return Flow(channel=flow.channel, spatial=flow.spatial, field=flow.field)


def _everywhere(call: Call, shape: Shape) -> Flow:
    flow = union([collapse(part, size) for size, part in call.inputs], shape)
    return replace(flow, channel=len(shape) - 1 if call.name == "attention" else None)


def _cat(call: Call, shape: Shape) -> Flow:
    dim = call.bind("tensors", dim=0)[1] % len(shape)
    flow = union([collapse(part, size, [dim]) for size, part in call.inputs], shape)
    return replace(flow, rectified=all(part.rectified for _, part in call.inputs))


def _split(call: Call, shape: Shape) -> Flow:
    sizes = zip(call.shape, shape, strict=True)
    return collapse(call.flow, call.shape, [axis for axis, (old, new) in enumerate(sizes) if old != new])


def _linear(call: Call, shape: Shape) -> Flow:
    flow = collapse(call.flow, call.shape, [-1])
    return Flow(channel=len(shape) - 1, spatial=flow.spatial, field=flow.field)


def _layer_norm(call: Call, shape: Shape) -> Flow:
    axes = len(listed(call.bind("input", "normalized_shape")[1]))
    flow = collapse(call.flow, call.shape, range(-axes, 0))
    channel = len(shape) - 1 if axes == 1 else flow.channel
    return Flow(channel=channel, spatial=flow.spatial, field=flow.field)


def _batch_norm(call: Call, shape: Shape) -> Flow:
    training = call.bind("input", "mean", "var", "weight", "bias", training=False)[5]
    return _group_norm(call, shape) if training else replace(call.flow, channel=1, rectified=False)


def _group_norm(call: Call, shape: Shape) -> Flow:
    flow = collapse(call.flow, call.shape)
    return Flow(channel=1, spatial=flow.spatial, field=flow.field)


SHAPE_RULES: dict[str, Rule] = {
    **dict.fromkeys(_VIEWS, _view),
    **dict.fromkeys(_REDUCTIONS, _reduce),
    **dict.fromkeys(_MIXING, _mix),
    **dict.fromkeys(words("matmul bmm baddbmm einsum attention mm addmm"), _everywhere),
    **dict.fromkeys(words("chunk split tensor_split narrow glu"), _split),
    **dict.fromkeys(("expand", "expand_as", "broadcast_to"), _expand),
    "permute": _permute,
    "transpose": _transpose,
    "movedim": _movedim,
    "cat": _cat,
    "linear": _linear,
    "layer_norm": _layer_norm,
    "rms_norm": _layer_norm,
    "batch_norm": _batch_norm,
    "group_norm": _group_norm,
    "instance_norm": _group_norm,
}
