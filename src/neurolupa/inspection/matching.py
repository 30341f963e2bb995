"""How well a unit's kernel fits what lies under it at a position, against other positions of the picture."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    kernel = convolution.weight[convolution.checked(unit)].astype(np.float64).ravel()
    grid = convolution.output_size((inputs.shape[1], inputs.shape[2]))

    def laid(places: np.ndarray) -> np.ndarray:
        patches = convolution.patches(inputs, unit, places)
        return patches.reshape(len(places), kernel.size).astype(np.float64)

    chosen, drawn = np.array(positions, np.int64).reshape(-1, 2), _drawn(grid, draws, seed)
    under, null = laid(chosen), _cosines(laid(drawn), kernel)
    cosines, given = _cosines(under, kernel), _given(output, chosen)
    bias = convolution.bias_of(unit)
    others = [null[np.isfinite(null) & (drawn != place).any(axis=1)] for place in chosen]
    return tuple(
        _match(kernel, patch, bias, float(cosine), other, float(value))
        for patch, cosine, other, value in zip(under, cosines, others, given, strict=True)
    )


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


def _cosines(patches: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """(N,) cosines of (N, D) patches and a kernel (D,); 0 for patches of zeros, NaN for such a kernel."""
    length = float(np.linalg.norm(kernel))
    if length == 0:
        return np.full(len(patches), np.nan)
    lengths = np.linalg.norm(patches, axis=1)
    return patches @ kernel / (np.where(lengths > 0, lengths, 1.0) * length)


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
