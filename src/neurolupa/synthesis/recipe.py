"""How pictures are made: every choice of a run in one value, with defaults for each method."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Literal, get_args

from neurolupa.atlas.checks import real_number, shown, whole_number
from neurolupa.errors import UsageError, unknown
from neurolupa.registry import Registry
from neurolupa.synthesis.ascent import MOMENTA, Rule
from neurolupa.synthesis.transforms import Jitter, Noise, Rotate, Scale, Transform

Kept = Literal["best", "last"]
Precision = Literal["model", "bf16"]
KEPT, PRECISIONS, RULES = get_args(Kept), get_args(Precision), get_args(Rule)


@dataclass(frozen=True)
class Recipe:
    """Every choice of a synthesis but the network, the objectives and the seed.

    Attributes:
        parameterisation: A name of `PARAMETERISATIONS`.
        enlarged: Sides of the pictures as a multiple of the sides that the network sees.
        steps: Of the optimisation.
        rate: Of the first step; it falls to `floor` of itself along half a cosine.
        floor: Share of the rate that is left at the end.
        rule: "adam" or "nadam".
        momenta: Shares of the mean gradient, and of the mean square, that each step keeps.
        transforms: What is done to each picture before each step.
        views: How many changed copies of each picture every step looks at.
        redirected: For how many steps rectifiers let blocked gradients through that would wake a unit.
        looks: At how many steps, evenly spaced, the pictures are measured as they are.
        kept: Of the looks, "best" or "last": where what is climbed is not what is measured, the last.
        precision: Of the network while pictures are changed, "model" for its own or "bf16"; they are
            measured in its own. bfloat16 is faster on processors that have it, and only there.
    """

    parameterisation: str = "fourier"
    enlarged: float = 1.0
    steps: int = 128
    rate: float = 0.05
    floor: float = 0.1
    rule: Rule = "adam"
    momenta: tuple[float, float] = MOMENTA
    transforms: tuple[Transform, ...] = field(default=())
    views: int = 1
    redirected: int = 16
    looks: int = 8
    kept: Kept = "best"
    precision: Precision = "model"

    def __post_init__(self) -> None:
        for name, least in (("steps", 1), ("views", 1), ("looks", 1), ("redirected", 0)):
            whole_number(name, getattr(self, name), least)
        for name, known in (("rule", RULES), ("kept", KEPT), ("precision", PRECISIONS)):
            if getattr(self, name) not in known:
                raise unknown(name, getattr(self, name), known)
        for name in ("rate", "enlarged"):
            if not 0 < real_number(name, getattr(self, name)) < inf:
                raise UsageError(f"{name} is a finite number above 0, not {getattr(self, name)}")
        if not 0 <= real_number("floor", self.floor) <= 1:
            raise UsageError(f"floor is a share of the rate, 0 to 1, not {self.floor}")
        if not all(0 <= real_number("momenta", share) < 1 for share in self.momenta):
            raise UsageError(f"momenta lie between 0 and 1, not {self.momenta}")
        _check_transforms(self.transforms)

    def altered(self, **changes: Any) -> "Recipe":
        """The same with some choices changed; None keeps what is there."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})


def _check_transforms(transforms: Any) -> None:
    """Refuse what is no sequence of transforms."""
    if not isinstance(transforms, Iterable) or isinstance(transforms, str):
        raise UsageError(f"transforms are given one after the other, not as {shown(transforms)}")
    for one in transforms:
        if not isinstance(one, Transform):
            raise UsageError(f"a transform is wanted (Jitter(1 / 16), ...), not {shown(one)}")


METHODS: Registry[Recipe] = Registry("method", "synthesis")

_SHAKEN = (Jitter(1 / 16), Scale(0.9, 1.1), Rotate(8))

_QUICK = (0.3, 0.99)
"""Less momentum than usual: the changes before each step are small, so that old gradients are only old."""

METHODS.register("fourier")(Recipe(rate=0.08, momenta=_QUICK, transforms=_SHAKEN))
METHODS.register("pixel")(Recipe("pixel", rate=0.1, momenta=_QUICK, transforms=_SHAKEN))
METHODS.register("maco")(
    Recipe("maco", steps=256, rate=1.0, floor=0.0, rule="nadam", transforms=(*_SHAKEN, Noise(0.04)))
)
