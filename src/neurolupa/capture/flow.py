"""What is known of a tensor on its way through the network, and how moving its axes carries that along."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from neurolupa.capture.fields import Reach, merge

Shape = Sequence[int]
Axes = tuple[int | None, int | None]


@dataclass(frozen=True)
class Flow:
    """The metadata of one tensor that was computed from the input.

    `channel` is the axis of the units; `spatial` the axes of rows and columns. Where such an axis is gone,
    its reach holds for every element alike. `field` is what a position sees of the input, rows then columns,
    or None. `trail` lists the sites of convolutions and norms that this value still stands for, each with
    whether a residual sum came between. `origin` is the site of the non-linearity that made these values.
    """

    channel: int | None = None
    spatial: Axes = (None, None)
    field: tuple[Reach, Reach] | None = None
    rectified: bool = False
    trail: frozenset[tuple[int, bool]] = frozenset()
    origin: int | None = None


IMAGE = Flow(channel=1, spatial=(2, 3), field=(Reach(), Reach()))
UNKNOWN = Flow()


def collapse(flow: Flow, shape: Shape, axes: Iterable[int] | None = None) -> Flow:
    """The flow when every position along `axes` (None: every axis) is seen at once.

    >>> collapse(IMAGE, (1, 3, 8, 6), [2]).field
    (Reach(start=0, size=8, step=0), Reach(start=0, size=1, step=1))
    """
    ndim = len(shape)
    chosen = set(range(ndim)) if axes is None else {axis % ndim for axis in axes}
    return _each_axis(
        flow, lambda reach, axis: (reach.collapse(shape[axis]), None) if axis in chosen else None
    )


def _each_axis(flow: Flow, change: Callable[[Reach, int], tuple[Reach, int | None] | None]) -> Flow:
    """The flow with each spatial axis's (reach, axis) replaced by what `change` gives; None leaves it."""
    if flow.field is None:
        return flow
    pairs = [
        (reach, axis) if axis is None else (change(reach, axis) or (reach, axis))
        for reach, axis in zip(flow.field, flow.spatial, strict=True)
    ]
    (rows, row_axis), (columns, column_axis) = pairs
    return replace(flow, field=(rows, columns), spatial=(row_axis, column_axis))


def through(flow: Flow, change: Callable[[Reach, int], Reach]) -> Flow:
    """The flow after an operation that changes what its spatial axes see but leaves them in place."""
    return _each_axis(flow, lambda reach, axis: (change(reach, axis), axis))


def moved(flow: Flow, shape: Shape, where: Sequence[int | None]) -> Flow:
    """The flow when axis a of a tensor of `shape` becomes axis `where[a]`, or is gone where that is None.

    >>> moved(IMAGE, (1, 3, 8, 8), (0, 3, 1, 2)).channel, moved(IMAGE, (1, 3, 8, 8), (0, 3, 1, 2)).spatial
    (3, (1, 2))
    """
    lost = collapse(flow, shape, [axis for axis, target in enumerate(where) if target is None])
    rows, columns = lost.spatial
    return replace(
        lost,
        channel=None if flow.channel is None else where[flow.channel],
        spatial=(None if rows is None else where[rows], None if columns is None else where[columns]),
    )


def reshaped(flow: Flow, shape: Shape, target: Shape) -> Flow:
    """The flow after a view: axes in the common beginning or end of the two shapes live on, the others merge.

    >>> reshaped(IMAGE, (1, 6, 8, 8), (1, 2, 3, 8, 8)).spatial
    (3, 4)
    >>> reshaped(IMAGE, (1, 6, 8, 8), (1, 6, 64)).field[0]
    Reach(start=0, size=8, step=0)
    """
    head = _common(shape, target)
    tail = _common(shape[::-1], target[::-1])
    shift = len(target) - len(shape)
    where = [
        axis if axis < head else axis + shift if axis >= max(len(shape) - tail, head - shift) else None
        for axis in range(len(shape))
    ]
    return moved(flow, shape, where)


def _common(left: Shape, right: Shape) -> int:
    same = [a == b for a, b in zip(left, right, strict=False)]
    return same.index(False) if False in same else len(same)


def broadcast(flow: Flow, shape: Shape, target: Shape) -> Flow:
    """The flow of a tensor of `shape` stretched to `target` by the rules of broadcasting."""
    shift = len(target) - len(shape)
    grown = [axis for axis, extent in enumerate(shape) if extent == 1 and target[axis + shift] != 1]
    lost = collapse(flow, shape, grown) if grown else flow
    out = moved(lost, shape, [axis + shift for axis in range(len(shape))])
    return replace(out, channel=None) if flow.channel in grown else out


def union(flows: Sequence[Flow], shape: Shape) -> Flow:
    """The flow of a tensor of `shape` whose every element is computed from the same element of each part."""
    channel = next((flow.channel for flow in flows if flow.channel is not None), None)
    if any(flow.field is None for flow in flows):
        return Flow(channel=channel)
    if len({flow.spatial for flow in flows if flow.spatial != (None, None)}) > 1:
        flows = [collapse(flow, shape) for flow in flows]
    rows, row_axis = _union_axis(flows, 0, shape)
    columns, column_axis = _union_axis(flows, 1, shape)
    return Flow(channel=channel, spatial=(row_axis, column_axis), field=(rows, columns))


def _union_axis(flows: Sequence[Flow], which: int, shape: Shape) -> tuple[Reach, int | None]:
    axis = next((flow.spatial[which] for flow in flows if flow.spatial[which] is not None), None)
    extent = 1 if axis is None else shape[axis]
    return merge([flow.field[which] for flow in flows if flow.field], extent), axis
