"""How well a unit's kernel fits what lies under it at a position, against other positions of the picture."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from neurolupa.capture.convolutions import Convolution, Pair

NULL_QUANTILE = 0.95
_ROUNDING = 1e-4
_TIE = 1e-6


@dataclass(frozen=True)
class Match:
    """How well a kernel fits what lies under it at one position of a picture.

    The cosine is kernel . patch / (|kernel| |patch|), the patch taken from what the convolution was given,
    padding included; it is 0 where the patch is all zeros. Its null are the cosines at other positions of the
    same picture, drawn at random; p = (1 + those at least as high) / (1 + all). The position was chosen
    because the unit fires there, so p says whether the pattern or only the contrast is special there, and
    nothing about other pictures.

    Attributes:
        cosine: -1 to 1; NaN for a kernel of zeros.
        null: The 95 % quantile of the null, NaN where there is no other position.
        p_value: See above; 1 where there is no other position, NaN for a kernel of zeros.
        positions: How many the null has.
        computed: Kernel x patch + bias, in float64.
        difference: `computed` minus what the convolution gave there; NaN where that is not known.
        tolerance: How far apart rounding may bring them.
    """

    cosine: float
    null: float
    p_value: float
    positions: int
    computed: float
    difference: float
    tolerance: float

    @property
    def above_null(self) -> bool:
        """Whether the cosine is above the 95 % quantile of the null, by more than rounding."""
        return self.cosine > self.null + _TIE

    @property
    def identity_holds(self) -> bool | None:
        """Whether kernel x patch + bias is what the convolution gave, None where that is not known."""
        return None if np.isnan(self.difference) else abs(self.difference) <= self.tolerance


def match_at(
    convolution: Convolution,
    unit: int,
    inputs: np.ndarray,
    positions: Sequence[Pair],
    *,
    output: np.ndarray | None = None,
    draws: int = 500,
    seed: int = 0,
) -> tuple[Match, ...]:
    """How well a unit's kernel fits at some positions of the convolution's output; see `Match`.

    Raises:
        UsageError: No such unit, or inputs that are not the layer's.

    >>> layer = Convolution(np.array([[[[2.0]]]]), bias=np.array([1.0]))
    >>> (match,) = match_at(layer, 0, np.array([[[3.0, -3.0]]]), [(0, 0)], output=np.array([[7.0, -5.0]]))
    >>> match.cosine, match.null, match.p_value, match.computed, match.identity_holds
    (1.0, -1.0, 0.5, 7.0, True)
    """
    return Matcher(convolution, inputs, draws, seed).at(unit, positions, output)


@dataclass(frozen=True, eq=False)
class Matcher:
    """What lies under the kernels of one layer on one picture; the null is read once for all units.

    Attributes:
        convolution: The layer.
        inputs: What it was given, (input channels, height, width).
        draws: Positions of the null, all where there are no more.
        seed: Of their draw.
    """

    convolution: Convolution
    inputs: np.ndarray = field(repr=False)
    draws: int = 500
    seed: int = 0
    _nulls: dict[range, "_Laid"] = field(default_factory=dict, init=False, repr=False)

    @property
    def grid(self) -> Pair:
        """Rows and columns of the layer's output."""
        return self.convolution.output_size((self.inputs.shape[1], self.inputs.shape[2]))

    def at(self, unit: int, positions: Sequence[Pair], output: np.ndarray | None = None) -> tuple[Match, ...]:
        """How well a unit's kernel fits at some positions of the layer's output; see `match_at`.

        >>> layer = Convolution(np.array([[[[2.0]]], [[[-1.0]]]]))
        >>> matcher = Matcher(layer, np.array([[[3.0, -3.0]]]))
        >>> [matcher.at(unit, [(0, 0)])[0].cosine for unit in (0, 1)]
        [1.0, -1.0]
        """
        kernel = self.convolution.weight[self.convolution.checked(unit)].astype(np.float64).ravel()
        drawn = self._null(unit)
        under = self._laid(unit, np.array(positions, np.int64).reshape(-1, 2))
        null, cosines = drawn.cosines(kernel), under.cosines(kernel)
        given, bias = _given(output, under.places), self.convolution.bias_of(unit)
        others = [null[np.isfinite(null) & (drawn.places != place).any(axis=1)] for place in under.places]
        return tuple(
            _match(kernel, patch, bias, float(cosine), other, float(value))
            for patch, cosine, other, value in zip(under.patches, cosines, others, given, strict=True)
        )

    def _null(self, unit: int) -> "_Laid":
        """The drawn positions; units that read the same channels share them."""
        channels = self.convolution.channels_of(unit)
        if channels not in self._nulls:
            self._nulls[channels] = self._laid(unit, _drawn(self.grid, self.draws, self.seed))
        return self._nulls[channels]

    def _laid(self, unit: int, places: np.ndarray) -> "_Laid":
        patches = self.convolution.patches(self.inputs, unit, places)
        flat = patches.reshape(len(places), -1).astype(np.float64)
        return _Laid(places, flat, np.sqrt(np.einsum("nd,nd->n", flat, flat)))


@dataclass(frozen=True, eq=False)
class _Laid:
    """What lies under a kernel at some places (N, 2): patches (N, D) in float64, and their lengths (N,)."""

    places: np.ndarray
    patches: np.ndarray
    lengths: np.ndarray

    def cosines(self, kernel: np.ndarray) -> np.ndarray:
        """(N,) cosines with a kernel (D,); 0 for patches of zeros, NaN for such a kernel."""
        length = float(np.linalg.norm(kernel))
        if length == 0:
            return np.full(len(self.patches), np.nan)
        return self.patches @ kernel / (np.where(self.lengths > 0, self.lengths, 1.0) * length)


def _match(
    kernel: np.ndarray, patch: np.ndarray, bias: float, cosine: float, null: np.ndarray, given: float
) -> Match:
    computed = float(kernel @ patch) + bias
    return Match(
        cosine=cosine,
        null=float(np.quantile(null, NULL_QUANTILE)) if null.size else float("nan"),
        p_value=float("nan")
        if np.isnan(cosine)
        else float((1 + (null >= cosine - _TIE).sum()) / (1 + null.size)),
        positions=int(null.size),
        computed=computed,
        difference=computed - given,
        tolerance=_ROUNDING * (float(np.abs(kernel) @ np.abs(patch)) + abs(bias)),
    )


def _drawn(grid: Pair, draws: int, seed: int) -> np.ndarray:
    """(N, 2) positions of the output, all or, where there are more, `draws` of them, none twice."""
    places = np.arange(grid[0] * grid[1])
    if len(places) > draws:
        places = np.random.default_rng(seed).choice(places, draws, replace=False)
    return np.stack(np.divmod(places, grid[1]), axis=1)


def _given(output: np.ndarray | None, chosen: np.ndarray) -> np.ndarray:
    if output is None:
        return np.full(len(chosen), np.nan)
    return np.asarray(output, np.float64)[chosen[:, 0], chosen[:, 1]]
