"""Generated pictures whose every factor is known: objects, gratings and hue patches."""

from neurolupa.images.stimuli import gratings, hues, objects  # noqa: F401 (each registers its kind)
from neurolupa.images.stimuli.designs import Design
from neurolupa.images.stimuli.factors import FACTORS
from neurolupa.images.stimuli.sets import StimulusSet

__all__ = ["FACTORS", "Design", "StimulusSet"]
