"""From the factors of an object to its pixels."""

from dataclasses import dataclass

import numpy as np

from neurolupa.images.stimuli import kernels
from neurolupa.images.stimuli.colours import DARK, MIDDLE_GREY, inks
from neurolupa.images.stimuli.designs import Design
from neurolupa.images.stimuli.factors import FACTORS
from neurolupa.images.stimuli.hashing import uniform
from neurolupa.images.stimuli.shapes import outline

RADII = {"small": 0.14, "medium": 0.174, "large": 0.216}
"""The radius of the disc of the same area, as a share of the picture's side."""
OFFSET = 0.16
"""From the middle of the picture to the outer rows and columns of positions, as a share of its side."""

_INKS = {name: ink.astype(np.float32) for name, ink in inks(FACTORS["hue"]).items()}  # type: ignore[arg-type]
_WOVEN = {"stripes": kernels.STRIPES, "checks": kernels.CHECKS, "dots": kernels.DOTS}
_TEXTURE, _BACKGROUND = range(2)
_GROUND_WAVES, _GROUND_SPREAD, _LOWEST, _HIGHEST = 64, 24.0, 1.0, 32.0
_TEXTURE_WAVES, _TEXTURE_SPREAD, _FAN, _BAND = 16, 0.35, np.radians(20.0), 0.25
_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0


@dataclass(frozen=True, eq=False)
class ObjectPainter:
    """Draws the objects of a design; what is random in a picture depends on (seed, number) alone."""

    design: Design
    size: int
    seed: int

    def picture(self, number: int) -> np.ndarray:
        """uint8 (size, size, 3)."""
        coverage = self.mask(number)
        picture = np.empty((self.size, self.size, 3), dtype=np.uint8)
        ink = _INKS[str(self.design.value("hue", number))]
        kernels.blend(
            picture, self._ground(number), coverage, self._field(number, coverage), ink, np.float32(DARK)
        )
        return picture

    def mask(self, number: int) -> np.ndarray:
        """float32 (size, size): the share of every pixel that the object covers."""
        coverage = np.empty((self.size, self.size), dtype=np.float32)
        radius = RADII[str(self.design.value("scale", number))] * self.size
        kernels.cover(
            coverage, outline(str(self.design.value("shape", number))), radius, *self._centre(number)
        )
        return coverage

    def _centre(self, number: int) -> tuple[float, float]:
        """Its x and y, in pixels."""
        row, column = divmod(FACTORS["position"].index(str(self.design.value("position", number))), 3)
        return (0.5 + OFFSET * (column - 1)) * self.size, (0.5 + OFFSET * (row - 1)) * self.size

    def _ground(self, number: int) -> np.ndarray:
        ground = np.full((self.size, self.size), MIDDLE_GREY, dtype=np.float32)
        if self.design.value("background", number) == "noise":
            draws = uniform((3, _GROUND_WAVES), self.seed, number, _BACKGROUND)
            kernels.add_waves(ground, _ground_waves(draws), _amplitude(_GROUND_SPREAD, _GROUND_WAVES))
        return ground

    def _field(self, number: int, coverage: np.ndarray) -> np.ndarray:
        """float32 (size, size) in 0..1: how bright the ink is."""
        field = np.ones_like(coverage)
        texture = str(self.design.value("texture", number))
        if texture == "solid":
            return field
        angle = float(np.radians(self.design.value("orientation", number)))  # type: ignore[arg-type]
        cycles = float(self.design.value("frequency", number))  # type: ignore[arg-type]
        draws = uniform((3, _TEXTURE_WAVES), self.seed, number, _TEXTURE)
        if texture == "noise":
            field *= np.float32(0.5)
            kernels.add_waves(
                field, _texture_waves(draws, angle, cycles), _amplitude(_TEXTURE_SPREAD, _TEXTURE_WAVES)
            )
            return np.clip(field, 0.0, 1.0, out=field)
        pixel = cycles / self.size
        kernels.weave(
            field, coverage, _WOVEN[texture], *self._centre(number), angle, pixel, draws[0, 0], draws[1, 0]
        )
        return field


def _amplitude(spread: float, waves: int) -> float:
    """Of so many waves that their sum has this standard deviation."""
    return spread * float(np.sqrt(2.0 / waves))


def _ground_waves(draws: np.ndarray) -> np.ndarray:
    """Waves (K, 3) of equal height, as many in each octave: the power for each unit of area falls as 1 / f^2.

    The directions follow the golden ratio, so that no octave leaves one out.
    """
    place = np.arange(draws.shape[1])
    cycles = _LOWEST * (_HIGHEST / _LOWEST) ** ((place + draws[0]) / len(place))
    return _waves(cycles, np.pi * (place * _GOLDEN + draws[1, 0]), 2 * np.pi * draws[2])


def _texture_waves(draws: np.ndarray, angle: float, cycles: float) -> np.ndarray:
    """Waves (K, 3) about one frequency whose crests fan out about one direction."""
    fan = (np.arange(draws.shape[1]) + draws[1]) / draws.shape[1]
    turn = angle + _FAN * (2 * fan - 1)
    return _waves(cycles * 2.0 ** (_BAND * (2 * draws[0] - 1)), turn, 2 * np.pi * draws[2])


def _waves(cycles: np.ndarray, turn: np.ndarray, phase: np.ndarray) -> np.ndarray:
    return np.stack([cycles * np.sin(turn), cycles * np.cos(turn), phase], axis=1)
