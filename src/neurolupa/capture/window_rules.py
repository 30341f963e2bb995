"""Rules of the operations that look through a window: convolution, pooling, resampling, padding, slicing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from neurolupa.capture.call import Call, Rule, Shape, blind, pair
from neurolupa.capture.fields import Reach, adaptive_windows, resize_windows
from neurolupa.capture.flow import UNKNOWN, Flow, collapse, moved, through

_MAPS = (2, 3)  # rows and columns of (N, C, H, W)


def _sees_maps(call: Call) -> bool:
    """Whether rows and columns lie where a two-dimensional operation looks for them, or are gone."""
    return len(call.shape) == 4 and all(
        axis in (None, wanted) for axis, wanted in zip(call.flow.spatial, _MAPS, strict=True)
    )


def _windowed(call: Call, change: Callable[[Reach, int], Reach]) -> Flow:
    """The flow behind a two-dimensional window; `change` gets 0 for rows, 1 for columns."""
    if not _sees_maps(call):
        return blind(call, channel=1)
    flow = through(call.flow, lambda reach, axis: change(reach, axis - 2))
    return replace(flow, channel=1, origin=None)


def _conv(call: Call, shape: Shape) -> Flow:
    _, weight, _, stride, padding, dilation = call.bind(
        "input", "weight", "bias", stride=1, padding=0, dilation=1
    )
    steps, gaps = pair(stride), pair(dilation)
    spans = tuple(gap * (size - 1) + 1 for gap, size in zip(gaps, weight.shape[-2:], strict=True))
    pads = _padding(padding, spans)
    flow = _windowed(call, lambda reach, i: reach.window(-pads[i], spans[i], steps[i]))
    return Flow(channel=1, spatial=flow.spatial, field=flow.field)


def _padding(padding: Any, spans: Sequence[int]) -> tuple[int, int]:
    if padding == "same":
        return (spans[0] - 1) // 2, (spans[1] - 1) // 2
    return (0, 0) if padding == "valid" else pair(padding)


def _transposed(call: Call, shape: Shape) -> Flow:
    _, weight, _, stride, padding, _, _, dilation = call.bind(
        "input", "weight", "bias", stride=1, padding=0, output_padding=0, groups=1, dilation=1
    )
    steps, pads, gaps = pair(stride), pair(padding), pair(dilation)

    def spread(reach: Reach, i: int) -> Reach:
        span = gaps[i] * (weight.shape[i + 2] - 1)
        ends = [
            (-((span - place) // steps[i]), place // steps[i] + 1) for place in _places(shape[i + 2], pads[i])
        ]
        return reach.resample([(low, max(high, low + 1)) for low, high in ends])

    flow = _windowed(call, spread)
    return Flow(channel=1, spatial=flow.spatial, field=flow.field)


def _places(extent: int, pad: int) -> range:
    return range(pad, extent + pad)


def _pool(call: Call, shape: Shape) -> Flow:
    if call.name == "lp_pool2d":
        size, stride, padding = *call.bind("input", "norm_type", "kernel_size", stride=None)[2:], 0
    else:
        size, stride, padding = call.bind("input", "kernel_size", stride=None, padding=0)[1:]
    dilation = (
        call.bind("input", "kernel_size", "stride", "padding", dilation=1)[4] if "max" in call.name else 1
    )
    sizes, steps, pads, gaps = pair(size), pair(stride or size), pair(padding), pair(dilation)
    return _windowed(call, lambda reach, i: reach.window(-pads[i], gaps[i] * (sizes[i] - 1) + 1, steps[i]))


def _adaptive(call: Call, shape: Shape) -> Flow:
    return _windowed(call, lambda reach, i: reach.resample(adaptive_windows(call.shape[i + 2], shape[i + 2])))


def _interpolate(call: Call, shape: Shape) -> Flow:
    _, _, _, mode, align, _, antialias = call.bind(
        "input",
        size=None,
        scale_factor=None,
        mode="nearest",
        align_corners=None,
        recompute_scale_factor=None,
        antialias=False,
    )
    flow = replace(call.flow, trail=frozenset(), origin=None, rectified=False)
    if antialias or not _sees_maps(call):
        return replace(collapse(flow, call.shape), spatial=(None, None))
    return through(
        flow,
        lambda reach, axis: reach.resample(resize_windows(call.shape[axis], shape[axis], mode, bool(align))),
    )


def _pad(call: Call, shape: Shape) -> Flow:
    pads, mode = call.bind("input", "pad", mode="constant")[1:]
    if mode == "circular":
        return UNKNOWN
    before = {len(shape) - 1 - place // 2: pads[place] for place in range(0, len(pads), 2)}
    flow = through(call.flow, lambda reach, axis: reach.window(-before.get(axis, 0), 1, 1))
    return replace(flow, trail=frozenset(), origin=None)


def _getitem(call: Call, shape: Shape) -> Flow:
    index = call.args[1] if isinstance(call.args[1], tuple) else (call.args[1],)
    if not all(part is None or part is Ellipsis or isinstance(part, (int, slice)) for part in index):
        return blind(call)
    rest = len(call.shape) - sum(part is not None and part is not Ellipsis for part in index)
    at = index.index(Ellipsis) if Ellipsis in index else len(index)
    parts = [*index[:at], *[slice(None)] * rest, *index[at + 1 :]]
    flow = through(call.flow, _narrowing([part for part in parts if part is not None], call.shape))
    return moved(flow, call.shape, _targets(parts))


def _narrowing(parts: Sequence[Any], shape: Shape) -> Callable[[Reach, int], Reach]:
    def narrow(reach: Reach, axis: int) -> Reach:
        if isinstance(parts[axis], int):
            return reach
        start, _, step = parts[axis].indices(shape[axis])
        return reach.window(start, 1, step)

    return narrow


def _targets(parts: Sequence[Any]) -> list[int | None]:
    """Where each axis of the indexed tensor goes; an integer removes it, None makes a new one before it."""
    kept = [part for part in parts if not isinstance(part, int)]
    places = iter([place for place, part in enumerate(kept) if part is not None])
    return [None if isinstance(part, int) else next(places) for part in parts if part is not None]


WINDOW_RULES: dict[str, Rule] = {
    "conv2d": _conv,
    "conv_transpose2d": _transposed,
    "max_pool2d": _pool,
    "avg_pool2d": _pool,
    "lp_pool2d": _pool,
    "adaptive_avg_pool2d": _adaptive,
    "adaptive_max_pool2d": _adaptive,
    "interpolate": _interpolate,
    "pad": _pad,
    "getitem": _getitem,
}
for _name in ("conv1d", "conv3d", "conv_transpose1d", "conv_transpose3d"):
    WINDOW_RULES[_name] = lambda call, shape: blind(call, channel=1)
