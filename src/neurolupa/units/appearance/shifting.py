"""How a unit's map goes with the features of a picture, and how it would if it lay elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurolupa.units.appearance.codes import LEAST_POSITIONS, CorrelationCode, Floats

_FLAT = 1e-9
"""A feature that varies less than this, of values from 0 to 1, does not vary."""

_ROUNDING = 1e-6
"""A map that varies by less than this share of its size does not vary: the network counts in float32."""

_EMPTY = 1e-9
"""A shifted map whose squares about its mean are less than this share of the map's own does not vary."""

NEAREST = 1 - 1e-6
"""|r| beyond this counts as this much where Fisher's z is taken, so that one picture cannot outweigh all."""


@dataclass(frozen=True, eq=False)
class Shifted:
    """Correlations of a unit's map on one picture with F features, for every shift of the map.

    Attributes:
        r: (F, S), the unshifted first; NaN where there is none.
        codes: (F,) why.
    """

    r: Floats
    codes: tuple[CorrelationCode, ...]

    @property
    def z(self) -> Floats:
        """(F, S): Fisher's z = artanh(r)."""
        return np.arctanh(np.clip(self.r, -NEAREST, NEAREST))


def shifted_correlations(unit_map: Floats, features: Floats) -> Shifted:
    """Pearson correlations of a map (h, w) with features (F, h, w), for all 4 h w circular shifts of it.

    The map is continued by its mirror image to 2 h x 2 w, shifted circularly, and cut to h x w again. So it
    keeps its values and how neighbours go together, also where it is cut: a map that is shifted without the
    mirror has a seam, and smooth maps then go with smooth pictures up to twice as often as they should.
    Shifts that leave nothing but a constant are left out. All are found at once by Fourier transforms.

    >>> ramp = np.arange(8.0).reshape(2, 4)
    >>> found = shifted_correlations(ramp, ramp[None])
    >>> found.r.round(3).tolist()[0][:2], found.r.shape, found.codes[0].value
    ([1.0, 0.983], (1, 32), 'ok')
    """
    state = state_of(unit_map)
    if state is not CorrelationCode.OK or unit_map.size < LEAST_POSITIONS:
        code = CorrelationCode.TOO_SMALL if state is CorrelationCode.OK else state
        return Shifted(np.full((len(features), 1), np.nan), (code,) * len(features))
    scores = _varying(features)
    r = _windowed(unit_map, np.nan_to_num(scores))
    r[:, 0] = (scores * _scores(unit_map[None])).sum((1, 2))
    flat = np.isnan(scores[:, 0, 0])
    r[flat] = np.nan
    codes = tuple(CorrelationCode.FLAT if each else CorrelationCode.OK for each in flat)
    return Shifted(np.clip(r, -1, 1), codes)


def _windowed(unit_map: Floats, scores: Floats) -> Floats:
    """(F, S): features (F, h, w) of mean 0 and length 1 with every window of the mirrored map that varies."""
    height, width = unit_map.shape
    mirrored = np.pad(unit_map - unit_map.mean(), ((0, height), (0, width)), mode="symmetric")
    masks = np.concatenate([scores, np.ones((1, height, width))])
    turned = np.conj(np.fft.rfft2(masks, s=mirrored.shape))
    sums = np.fft.irfft2(turned * np.fft.rfft2(mirrored), s=mirrored.shape)
    squares = np.fft.irfft2(turned[-1] * np.fft.rfft2(mirrored**2), s=mirrored.shape)
    spread = squares - sums[-1] ** 2 / unit_map.size
    varies = spread > _EMPTY * spread[0, 0]
    return sums[:-1, varies] / np.sqrt(spread[varies])


def layout_z(unit_map: Floats, others: Sequence[Floats]) -> Floats:
    """(F,): mean z of a map (h, w) with the features (F, h, w) of other pictures; NaN where there is none.

    What all pictures share, such as objects in their middle, is left in it; what one picture shows is not.

    >>> layout_z(np.eye(2), [np.eye(2)[None], -np.eye(2)[None]]).round(6).tolist()
    [0.0]
    """
    unit = _scores(unit_map[None])[0].ravel()
    flat = np.stack([_varying(each) for each in others])
    r = flat.reshape(*flat.shape[:2], -1) @ unit
    z, known = np.arctanh(np.clip(r, -NEAREST, NEAREST)), np.isfinite(r)
    return np.where(known.any(0), np.nansum(z, axis=0) / np.maximum(known.sum(0), 1), np.nan)


def state_of(unit_map: Floats) -> CorrelationCode:
    """Whether a map has anything to go with.

    >>> state_of(np.zeros((2, 2))).value, state_of(np.ones((2, 2))).value, state_of(np.eye(2)).value
    ('silent', 'constant', 'ok')
    """
    if not np.isfinite(unit_map).all():
        return CorrelationCode.NOT_FINITE
    size = float(np.abs(unit_map).max())
    if size == 0:
        return CorrelationCode.SILENT
    return CorrelationCode.CONSTANT if np.ptp(unit_map) <= _ROUNDING * size else CorrelationCode.OK


def _varying(features: Floats) -> Floats:
    """Scores (F, h, w) of features, NaN for those that do not vary."""
    varies = np.ptp(features, axis=(1, 2)) > _FLAT
    return _scores(np.where(varies[:, None, None], features, np.nan))


def _scores(maps: Floats) -> Floats:
    """(F, h, w) with mean 0 and length 1 each."""
    centred = maps - maps.mean((1, 2), keepdims=True)
    return centred / np.sqrt((centred * centred).sum((1, 2), keepdims=True))
