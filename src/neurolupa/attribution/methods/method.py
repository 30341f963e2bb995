"""What a method is, and the registry of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurolupa.attribution.codes import MapCode
from neurolupa.attribution.settings import Settings
from neurolupa.attribution.subject import Subject
from neurolupa.capture import Site
from neurolupa.registry import Registry


@dataclass(frozen=True, eq=False)
class UnitParts:
    """What each unit of the site has to do with the class; arrays (units,) float64.

    Attributes:
        activation: The mean of its map.
        weight: The mean gradient over the positions, Grad-CAM's alpha.
        contribution: Gradient times activation, summed over the positions: to first order what the logit
            loses when the unit is set to zero.
    """

    activation: NDArray[np.float64]
    weight: NDArray[np.float64]
    contribution: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Found:
    """What a method gives.

    Attributes:
        map: (H, W), at the site's resolution or the picture's.
        units: For methods at a site.
        facts: Numbers beside it, by name.
        codes: What must be known to read it.
    """

    map: NDArray[np.float32]
    units: UnitParts | None = None
    facts: Mapping[str, float] = field(default_factory=dict)
    codes: tuple[MapCode, ...] = ()


@dataclass(frozen=True)
class Method:
    """A way to attribute a logit.

    Attributes:
        name: As it is typed.
        run: Makes the map; the site is None for methods that have none.
        at_site: Whether it needs a site.
        coarse: Whether its map has the site's resolution; else it has that of the picture.
        signed: Whether values below zero speak against the class.
        unit: What its values are in: "logit", "per_activation" (logit per activation), "per_input" (logit per
            normalised unit of the picture), "product" (of guided Grad-CAM) or "brightness".
        codes: What must be known of every map of it.
    """

    name: str
    run: Callable[[Subject, Site | None, Settings], Found]
    at_site: bool = False
    coarse: bool = False
    signed: bool = False
    unit: str = "logit"
    codes: tuple[MapCode, ...] = ()


METHODS: Registry[Method] = Registry("attribution method", "attribution")


def method(
    name: str,
    *,
    at_site: bool = False,
    coarse: bool = False,
    signed: bool = False,
    unit: str = "logit",
    codes: tuple = (),
) -> Callable[[Callable], Callable]:
    """A decorator that registers a function (subject, site, settings) -> Found as a method."""

    def add(run: Callable) -> Callable:
        METHODS.register(name)(Method(name, run, at_site, coarse, signed, unit, codes))
        return run

    return add
