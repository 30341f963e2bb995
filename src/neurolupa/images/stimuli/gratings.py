"""`gratings`: sinusoidal gratings behind a soft round aperture, for tuning curves."""

from dataclasses import dataclass

import numpy as np

from neurolupa.errors import UsageError
from neurolupa.images.registry import IMAGE_SETS
from neurolupa.images.stimuli.colours import MIDDLE_GREY
from neurolupa.images.stimuli.designs import Design, crossed
from neurolupa.images.stimuli.hashing import uniform
from neurolupa.images.stimuli.numbers import MOST, no_path, number, whole
from neurolupa.images.stimuli.sets import StimulusSet

_CONTRAST = 127.0
_CLEAR, _GONE = 0.40, 0.49


@IMAGE_SETS.register("gratings")
def open_gratings(
    where: str = "",
    *,
    size: int | str = 32,
    orientations: int | str = 16,
    frequencies: int | str = 4,
    phases: int | str = 8,
    lowest: float | str = 2.0,
    highest: float | str | None = None,
    seed: int | str = 0,
    sample_seed: int | str = 0,
) -> StimulusSet:
    """Gratings of so many orientations x frequencies x phases, labelled by their orientation.

    `orientation`: degrees of the bars, 0 horizontal, counter-clockwise, evenly in [0, 180). `frequency`:
    cycles per picture, in equal ratios from `lowest` to `highest` (a quarter of `size`, which is four pixels
    a cycle; at most a half). `phase`: degrees, evenly in [0, 360), 0 where the middle of a bright bar goes
    through the middle of the picture; a seed other than 0 shifts all phases by an angle drawn from it.
    UsageError for senseless numbers.

    >>> open_gratings(orientations=2, frequencies=2, phases=2).table()
       image  orientation  frequency  phase
    0      0          0.0        2.0    0.0
    1      1          0.0        2.0  180.0
    2      2          0.0        8.0    0.0
    3      3          0.0        8.0  180.0
    4      4         90.0        2.0    0.0
    5      5         90.0        2.0  180.0
    6      6         90.0        8.0    0.0
    7      7         90.0        8.0  180.0
    """
    no_path("gratings", where)
    side = whole("size", size, 8, 4096)
    shift = float(uniform((1,), whole("seed", seed, 0))[0]) if whole("seed", seed, 0) else 0.0
    turns = whole("orientations", orientations, 1, 360)
    steps = whole("phases", phases, 1, 360)
    cycles = _frequencies(side, whole("frequencies", frequencies, 1, 64), lowest, highest)
    if turns * len(cycles) * steps > MOST:
        raise UsageError(f"{turns * len(cycles) * steps} gratings are more than {MOST}")
    design = crossed(
        {
            "orientation": tuple(180.0 * k / turns for k in range(turns)),
            "frequency": cycles,
            "phase": tuple(360.0 * (k + shift) / steps for k in range(steps)),
        }
    )
    painter = GratingPainter(design, side)
    settings = f"gratings size {side} {dict(design.values)}"
    return StimulusSet(
        "gratings",
        design,
        "orientation",
        painter,
        settings=settings,
        sample_seed=whole("sample_seed", sample_seed, 0),
    )


@dataclass(frozen=True, eq=False)
class GratingPainter:
    """Draws the gratings of a design."""

    design: Design
    size: int

    def picture(self, number: int) -> np.ndarray:
        """uint8 (size, size, 3), grey, 128 where the aperture is closed."""
        turn, cycles, phase = (float(self.design.value(name, number)) for name in self.design.values)  # type: ignore[arg-type]
        right, down = self._axes()
        across = right * np.sin(np.radians(turn)) + down * np.cos(np.radians(turn))
        wave = np.cos(2 * np.pi * cycles * across + np.radians(phase))
        grey = np.floor(MIDDLE_GREY + _CONTRAST * self.mask(number) * wave + 0.5).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)

    def mask(self, number: int) -> np.ndarray:
        """float32 (size, size): how open the aperture is, the same for every grating."""
        radius = np.hypot(*self._axes())
        closing = np.clip((radius - _CLEAR) / (_GONE - _CLEAR), 0.0, 1.0)
        return (0.5 + 0.5 * np.cos(np.pi * closing)).astype(np.float32)

    def _axes(self) -> tuple[np.ndarray, np.ndarray]:
        """How far the pixels' middles are to the right of the picture's and below it, in pictures."""
        place = (np.arange(self.size) + 0.5) / self.size - 0.5
        return place[None, :], place[:, None]


def _frequencies(size: int, count: int, lowest: object, highest: object) -> tuple[float, ...]:
    low = number("lowest", lowest, 0.5, size / 2)
    high = number("highest", max(size / 4, low) if highest is None else highest, low, size / 2)
    if count > 1 and high == low:
        raise UsageError(f"{count} frequencies need a highest above the lowest, {low:g} cycles per picture")
    return tuple(low * (high / low) ** (k / max(count - 1, 1)) for k in range(count))
