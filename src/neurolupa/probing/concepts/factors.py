"""The factors of generated pictures, as concepts."""

from neurolupa.images import StimulusSet
from neurolupa.images.stimuli import FACTORS
from neurolupa.images.stimuli.factors import Value, spelled
from neurolupa.probing.concepts.coding import coded
from neurolupa.probing.targets import Targets

KNOWN_FACTORS = (*FACTORS, "phase", "saturation", "value")
"""Of any kind of stimuli."""


def factor_targets(factor: str, images: StimulusSet) -> Targets:
    """The value that a factor has in every picture; its classes are the values that occur, as they are typed.

    The concept does not apply where the factor has no visible effect, as the orientation of a solid object.

    >>> from neurolupa.images import load_images
    >>> found = factor_targets("orientation", load_images("gratings?orientations=4&frequencies=1&phases=1"))
    >>> found.classes, found.values.tolist()
    (('0', '45', '90', '135'), [0, 1, 2, 3])
    """
    values = images.values(factor)
    places: dict[Value, int] = {value: place for place, value in enumerate(values)}
    column = images.table()[factor]
    return coded(factor, [spelled(value) for value in values], [places.get(value, -1) for value in column])
