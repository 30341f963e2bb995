"""`hues`: uniform patches of every hue, for tuning curves."""

from colorsys import hsv_to_rgb
from dataclasses import dataclass

import numpy as np

from neurolupa.errors import UsageError
from neurolupa.images.registry import IMAGE_SETS
from neurolupa.images.stimuli.designs import Design, crossed
from neurolupa.images.stimuli.numbers import MOST, fractions, no_path, whole
from neurolupa.images.stimuli.sets import StimulusSet


@IMAGE_SETS.register("hues")
def open_hues(
    where: str = "",
    *,
    size: int | str = 32,
    hues: int | str = 24,
    saturation: object = (0.5, 1.0),
    value: object = (0.5, 1.0),
    sample_seed: int | str = 0,
) -> StimulusSet:
    """Patches that fill the picture: so many `hues` x `saturation` x `value`, labelled by their hue.

    `hue`: degrees on the HSV circle, evenly in [0, 360), 0 red, 120 green, 240 blue. `saturation` and
    `value`: one or several numbers in 0..1. UsageError for senseless numbers.

    >>> open_hues(hues=3, saturation=1, value=1)[1].image.getpixel((0, 0))
    (0, 255, 0)
    """
    no_path("hues", where)
    side = whole("size", size, 1, 4096)
    steps = whole("hues", hues, 1, 3600)
    levels = {"saturation": fractions("saturation", saturation), "value": fractions("value", value)}
    pictures = steps * len(levels["saturation"]) * len(levels["value"])
    if pictures > MOST:
        raise UsageError(f"{pictures} patches are more than {MOST}")
    design = crossed({"hue": tuple(360.0 * k / steps for k in range(steps)), **levels})
    return StimulusSet(
        "hues",
        design,
        "hue",
        PatchPainter(design, side),
        settings=f"hues size {side} {dict(design.values)}",
        sample_seed=whole("sample_seed", sample_seed, 0),
    )


@dataclass(frozen=True, eq=False)
class PatchPainter:
    """Draws the patches of a design."""

    design: Design
    size: int

    def picture(self, number: int) -> np.ndarray:
        """uint8 (size, size, 3), all pixels alike."""
        hue, saturation, value = (float(self.design.value(name, number)) for name in self.design.values)  # type: ignore[arg-type]
        colour = np.array(hsv_to_rgb(hue / 360.0, saturation, value))
        return np.full((self.size, self.size, 3), np.floor(255.0 * colour + 0.5), dtype=np.uint8)

    def mask(self, number: int) -> np.ndarray:
        """float32 (size, size), 1 everywhere."""
        return np.ones((self.size, self.size), dtype=np.float32)
