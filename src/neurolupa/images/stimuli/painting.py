"""From the factors of an object to its pixels."""

from dataclasses import dataclass

import numpy as np

from neurolupa.images.stimuli import kernels, waves
from neurolupa.images.stimuli.colours import DARK, MIDDLE_GREY, inks
from neurolupa.images.stimuli.designs import Design
from neurolupa.images.stimuli.factors import FACTORS, PLAIN
from neurolupa.images.stimuli.hashing import key_of
from neurolupa.images.stimuli.shapes import outline

RADII = {"small": 0.14, "medium": 0.174, "large": 0.216}
"""The radius of the disc of the same area, as a share of the picture's side."""
OFFSET = 0.16
"""From the middle of the picture to the outer rows and columns of positions, as a share of its side."""

_INKS = {name: ink.astype(np.float32) for name, ink in inks(FACTORS["hue"]).items()}  # type: ignore[arg-type]
_WOVEN = {"stripes": kernels.STRIPES, "checks": kernels.CHECKS, "dots": kernels.DOTS}
_TEXTURE, _BACKGROUND = range(2)
_GROUND_WAVES, _GROUND_SPREAD, _LOWEST, _OCTAVES = 64, 24.0, 1.0, 5.0
_TEXTURE_WAVES, _TEXTURE_SPREAD, _BAND, _FAN = 16, 0.35, 0.25, float(np.radians(20.0))


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
            drawn = waves.ground_waves(_GROUND_WAVES, self._key(number, _BACKGROUND), _LOWEST, _OCTAVES)
            waves.add_waves(ground, drawn, _amplitude(_GROUND_SPREAD, _GROUND_WAVES))
        return ground

    def _field(self, number: int, coverage: np.ndarray) -> np.ndarray:
        """float32 (size, size) in 0..1: how bright the ink is."""
        texture = str(self.design.value("texture", number))
        if texture == PLAIN:
            return np.ones_like(coverage)
        angle = float(np.radians(self.design.value("orientation", number)))  # type: ignore[arg-type]
        cycles = float(self.design.value("frequency", number))  # type: ignore[arg-type]
        key = self._key(number, _TEXTURE)
        field = np.full_like(coverage, 0.5)
        if texture == "noise":
            drawn = waves.texture_waves(_TEXTURE_WAVES, key, cycles, angle, _BAND, _FAN)
            waves.add_waves(field, drawn, _amplitude(_TEXTURE_SPREAD, _TEXTURE_WAVES))
            return np.clip(field, 0.0, 1.0, out=field)
        pixel, phases = cycles / self.size, waves.uniform(2, key)
        kernels.weave(field, coverage, _WOVEN[texture], *self._centre(number), angle, pixel, *phases)
        return field

    def _key(self, number: int, stream: int) -> np.uint64:
        return np.uint64(key_of(self.seed, number, stream))


def _amplitude(spread: float, waves: int) -> float:
    """Of so many waves that their sum has this standard deviation."""
    return spread * float(np.sqrt(2.0 / waves))
