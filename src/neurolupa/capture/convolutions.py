"""The arithmetic of one convolution as a value: its weights, its geometry, and the patches that it reads."""

from dataclasses import dataclass, field

import numpy as np
from torch import Tensor, nn

from neurolupa.errors import UsageError

Pair = tuple[int, int]

_PADDING_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution over two axes; a linear layer is one of size 1 x 1, one over a row has height 1.

    Attributes:
        weight: (units, input channels / groups, kernel height, kernel width).
        bias: (units,), or None.
        stride: (vertical, horizontal), as are all pairs.
        padding: ((top, bottom), (left, right)) in positions of the input.
        dilation: Steps from one tap of the kernel to the next.
        groups: Unit u reads the input channels of its group alone.
        padding_mode: zeros, reflect, replicate or circular.
        exact: Whether the layer computes just this: False where its class has a forward of its own, which
            may change the weights or the padding first.
    """

    weight: np.ndarray = field(repr=False)
    bias: np.ndarray | None = field(default=None, repr=False)
    stride: Pair = (1, 1)
    padding: tuple[Pair, Pair] = ((0, 0), (0, 0))
    dilation: Pair = (1, 1)
    groups: int = 1
    padding_mode: str = "zeros"
    exact: bool = True

    @property
    def units(self) -> int:
        """How many kernels there are."""
        return self.weight.shape[0]

    @property
    def in_channels(self) -> int:
        """Channels of the input, those of all groups together."""
        return self.weight.shape[1] * self.groups

    @property
    def size(self) -> Pair:
        """The kernel's taps (height, width)."""
        return self.weight.shape[2], self.weight.shape[3]

    @property
    def extent(self) -> Pair:
        """What the kernel spans of its input (height, width): its size where it is not dilated."""
        (height, width), (down, across) = self.size, self.dilation
        return (height - 1) * down + 1, (width - 1) * across + 1

    def channels_of(self, unit: int) -> range:
        """The input channels that a unit reads.

        >>> Convolution(np.ones((4, 2, 1, 1)), groups=2).channels_of(3)
        range(2, 4)
        """
        each = self.weight.shape[1]
        group = self.checked(unit) * self.groups // self.units
        return range(group * each, (group + 1) * each)

    def checked(self, unit: int) -> int:
        """The unit itself; UsageError where there is none of that number."""
        if not 0 <= unit < self.units:
            raise UsageError(f"no unit {unit} in this layer; units are 0 to {self.units - 1}")
        return unit

    def bias_of(self, unit: int) -> float:
        """What is added to kernel times patch."""
        return 0.0 if self.bias is None else float(self.bias[self.checked(unit)])

    def output_size(self, size: Pair) -> Pair:
        """The positions (rows, columns) of the output for an input of a size (H, W).

        >>> Convolution(np.ones((1, 1, 3, 3)), stride=(2, 2), padding=((1, 1), (1, 1))).output_size((8, 8))
        (4, 4)
        """
        axes = zip(size, self.padding, self.extent, self.stride, strict=True)
        height, width = ((length + sum(pad) - span) // step + 1 for length, pad, span, step in axes)
        return height, width

    def patches(self, inputs: np.ndarray, unit: int, positions: np.ndarray) -> np.ndarray:
        """What a unit's kernel lies upon: (N, input channels / groups, kernel height, kernel width).

        Args:
            inputs: What the layer was given on one picture, (input channels, H, W).
            unit: Its group tells the channels.
            positions: (N, 2) rows and columns of the output.

        Raises:
            UsageError: Inputs of another number of channels.

        >>> layer = Convolution(np.ones((1, 1, 1, 2)), stride=(1, 2), padding=((0, 0), (1, 0)))
        >>> layer.patches(np.array([[[5.0, 6.0, 7.0]]]), 0, np.array([[0, 0], [0, 1]])).tolist()
        [[[[0.0, 5.0]]], [[[6.0, 7.0]]]]
        """
        if inputs.ndim != 3 or len(inputs) != self.in_channels:
            raise UsageError(f"the layer reads ({self.in_channels}, H, W), not an array of {inputs.shape}")
        channels = self.channels_of(unit)
        rows, columns = (self._read(axis, inputs.shape[1 + axis], positions[:, axis]) for axis in (0, 1))
        pixels = inputs[channels.start : channels.stop].reshape(len(channels), -1)
        places = rows[:, :, None] * inputs.shape[2] + columns[:, None, :]
        outside = (rows < 0)[:, :, None] | (columns < 0)[:, None, :]
        taps = pixels.take(np.where(outside, 0, places), axis=1)
        taps[:, outside] = 0
        return np.moveaxis(taps, 1, 0)

    def _read(self, axis: int, length: int, positions: np.ndarray) -> np.ndarray:
        """(N, taps): the rows or columns of the input that the kernel reads; -1 where it reads a zero."""
        mode = _PADDING_MODES[self.padding_mode]
        blank = {"constant_values": -1} if mode == "constant" else {}
        padded = np.pad(np.arange(length), self.padding[axis], mode, **blank)  # type: ignore[call-overload]
        steps = np.arange(self.size[axis]) * self.dilation[axis]
        return padded[positions[:, None] * self.stride[axis] + steps]


def convolution_of(module: nn.Module) -> Convolution | None:
    """The convolution that a layer computes; None for other layers, transposed and 3-d ones among them.

    On the CPU its arrays are the layer's own tensors, not copies.

    >>> convolution_of(nn.Conv2d(3, 8, 5, padding="same")).padding
    ((2, 2), (2, 2))
    >>> convolution_of(nn.ReLU()) is None
    True
    """
    if isinstance(module, nn.Linear):
        weight = _array(module.weight)[:, :, None, None]
        return Convolution(weight, _bias(module.bias), exact=type(module).forward is nn.Linear.forward)
    if not isinstance(module, nn.Conv1d | nn.Conv2d):
        return None
    weight = _array(module.weight)
    pads = _padding(module)
    return Convolution(
        weight=weight if weight.ndim == 4 else weight[:, :, None],
        bias=_bias(module.bias),
        stride=_pair(module.stride, 1),
        padding=(pads[0], pads[1]) if len(pads) == 2 else ((0, 0), pads[0]),
        dilation=_pair(module.dilation, 1),
        groups=module.groups,
        padding_mode=module.padding_mode,
        exact=_is_plain(type(module)),
    )


def _is_plain(kind: type) -> bool:
    own = nn.Conv2d if issubclass(kind, nn.Conv2d) else nn.Conv1d
    return all(getattr(kind, name) is getattr(own, name) for name in ("forward", "_conv_forward"))


def _padding(module: nn.Conv1d | nn.Conv2d) -> list[Pair]:
    if module.padding == "valid":
        return [(0, 0) for _ in module.kernel_size]
    if module.padding == "same":
        totals = [d * (k - 1) for d, k in zip(module.dilation, module.kernel_size, strict=True)]
        return [(total // 2, total - total // 2) for total in totals]
    return [(int(pad), int(pad)) for pad in module.padding]


def _pair(values: tuple[int, ...], missing: int) -> Pair:
    return (missing, values[0]) if len(values) == 1 else (values[0], values[1])


def _array(tensor: Tensor) -> np.ndarray:
    held = tensor.detach().cpu()
    return (held if held.element_size() > 4 else held.float()).numpy()


def _bias(tensor: Tensor | None) -> np.ndarray | None:
    return None if tensor is None else _array(tensor)
