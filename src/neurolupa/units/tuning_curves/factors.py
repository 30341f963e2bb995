"""What a tuning curve can be over, and the pictures that it is measured with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from neurolupa.errors import UsageError

Scale = Literal["circular", "log", "named"]


@dataclass(frozen=True)
class StimulusKind:
    """One kind of generated pictures, shown in one pass.

    Attributes:
        name: of the kind.
        spec: of its image set, with `{side}` for the side in pixels.
        window: the share of a map's rows and of its columns, about the centre, in which a unit may answer.
    """

    name: str
    spec: str
    window: float


@dataclass(frozen=True)
class Factor:
    """One property of pictures over which units are tuned.

    Attributes:
        name: of the factor, a column of the image set's table.
        kind: the stimuli that vary it.
        scale: "circular" (degrees), "log" (positive numbers) or "named".
        period: degrees after which a circular factor recurs; 0 elsewhere.
        crossed: the factor at whose best value the curve is taken; "" where all pictures are averaged.
    """

    name: str
    kind: str
    scale: Scale
    period: float = 0.0
    crossed: str = ""

    @property
    def width_unit(self) -> str:
        """What the tuning width is in: a code.

        >>> FACTORS["frequency"].width_unit
        'octaves'
        """
        return {"circular": "degrees", "log": "octaves", "named": "share"}[self.scale]


KINDS: Mapping[str, StimulusKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            StimulusKind("gratings", "gratings?size={side}&orientations=16&frequencies=6&phases=8", 0.5),
            StimulusKind("hues", "hues?size={side}&hues=24&saturation=1&value=1", 0.5),
            StimulusKind(
                "stimuli",
                "stimuli?target=shape&size={side}&count=1152&design=crossed&cross=shape,position"
                "&texture=solid&background=grey",
                0.875,
            ),
        )
    }
)
"""The stimuli by name. Objects may lie anywhere, so that only the outermost sixteenth is left out there."""

FACTORS: Mapping[str, Factor] = MappingProxyType(
    {
        factor.name: factor
        for factor in (
            Factor("orientation", "gratings", "circular", 180.0, crossed="frequency"),
            Factor("frequency", "gratings", "log", crossed="orientation"),
            Factor("hue", "hues", "circular", 360.0),
            Factor("shape", "stimuli", "named"),
            Factor("position", "stimuli", "named"),
        )
    }
)
"""Every factor by name, in the order in which they are shown."""

COLOURS = ("hue",)
"""Factors that a network of grey pictures cannot see."""


def chosen_factors(names: str | Iterable[str] | None, channels: int) -> tuple[Factor, ...]:
    """The factors of these names, in their order of showing; all that the network can see for None.

    Raises:
        UsageError: An unknown name, no name, or a colour asked of a network for grey pictures.

    >>> [factor.name for factor in chosen_factors(None, channels=1)]
    ['orientation', 'frequency', 'shape', 'position']
    """
    if names is None:
        return tuple(each for each in FACTORS.values() if channels > 1 or each.name not in COLOURS)
    asked = _names(names)
    for name in asked:
        if name not in FACTORS:
            raise UsageError(f"unknown tuning factor {name!r}; choose from: {', '.join(sorted(FACTORS))}")
        if name in COLOURS and channels == 1:
            raise UsageError(f"{name} cannot be asked of a network that takes grey pictures")
    if not asked:
        raise UsageError(f"no tuning factor was named; choose from: {', '.join(FACTORS)}")
    return tuple(factor for factor in FACTORS.values() if factor.name in asked)


def _names(names: str | Iterable[str]) -> list[str]:
    if not isinstance(names, str | Iterable):
        raise UsageError(f"tuning factors are names, not {names!r:.40}")
    return [part.strip() for part in (names.split(",") if isinstance(names, str) else map(str, names))]
