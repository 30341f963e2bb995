"""What a picture shall drive: immutable values with real arithmetic, so that `A - B` is A minus B."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from neurolupa.errors import UsageError

Where = Literal["mean", "centre"] | tuple[int, int]
OUTPUT = ""
"""In the place of a site: the network's output."""


@dataclass(frozen=True, eq=False)
class Sight:
    """What one picture does in the network.

    Attributes:
        maps: By `Site.address`, (units, height, width); under `OUTPUT` the output (classes,).
        picture: The picture itself (C, H, W), 0..1, unchanged.
        others: What the other pictures of its group do: those of the same objective, made at the same time.
    """

    maps: Mapping[str, Tensor]
    picture: Tensor
    others: Sequence["Sight"] = ()


class Objective(ABC):
    """A number that a picture is to make large.

    >>> both = Unit("conv1:0", 3) - 0.5 * Unit("conv1:0", 4)
    >>> both.sites, str(both)
    (('conv1:0',), 'conv1:0#3 - 0.5 conv1:0#4')
    """

    @property
    def sites(self) -> tuple[str, ...]:
        """The addresses of the sites that it looks at, each once."""
        return ()

    @abstractmethod
    def value(self, sight: Sight) -> Tensor:
        """Its value for one picture, a scalar."""

    def units_at(self, site: str) -> frozenset[int] | None:
        """The units of a site (an address) that it looks at; None for all of them."""
        return None if site in self.sites else frozenset()

    def among(self, site: str, units: Sequence[int]) -> "Objective":
        """The same where only these units of a site are there, in this order, `units_at` among them."""
        return self

    def __add__(self, other: "Objective") -> "Objective":
        return Sum(((1.0, self), (1.0, _objective(other))))

    def __sub__(self, other: "Objective") -> "Objective":
        return Sum(((1.0, self), (-1.0, _objective(other))))

    def __mul__(self, factor: float) -> "Objective":
        return Sum(((_number(factor), self),))

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> "Objective":
        if _number(divisor) == 0:
            raise UsageError("an objective cannot be divided by 0")
        return self * (1 / divisor)

    def __neg__(self) -> "Objective":
        return self * -1.0


@dataclass(frozen=True)
class Sum(Objective):
    """Objectives, each times a number, added."""

    terms: tuple[tuple[float, Objective], ...]

    def __post_init__(self) -> None:
        flat = [
            (weight * inner, part)
            for weight, term in self.terms
            for inner, part in (term.terms if isinstance(term, Sum) else ((1.0, term),))
        ]
        object.__setattr__(self, "terms", tuple(flat))

    @property
    def sites(self) -> tuple[str, ...]:
        """Those of all terms."""
        return tuple(dict.fromkeys(site for _, term in self.terms for site in term.sites))

    def value(self, sight: Sight) -> Tensor:
        """The sum."""
        values = [weight * term.value(sight) for weight, term in self.terms]
        return torch.stack(values).sum()

    def units_at(self, site: str) -> frozenset[int] | None:
        """Those of all terms."""
        found = [term.units_at(site) for _, term in self.terms]
        return None if None in found else frozenset().union(*filter(None, found))

    def among(self, site: str, units: Sequence[int]) -> Objective:
        """The sum of the terms, each as it is there."""
        return Sum(tuple((weight, term.among(site, units)) for weight, term in self.terms))

    def __str__(self) -> str:
        words = "".join(_term(weight, term) for weight, term in self.terms)
        return words.removeprefix(" + ").replace(" - ", "-", 1) if words.startswith(" - ") else words[3:]


def _term(weight: float, term: Objective) -> str:
    size = "" if abs(weight) == 1 else f"{abs(weight):g} "
    return f" {'-' if weight < 0 else '+'} {size}{term}"


@dataclass(frozen=True)
class Unit(Objective):
    """One unit: the mean of its map, its centre, or one position.

    Attributes:
        site: The address of the site.
        unit: Its channel or feature.
        at: "mean", "centre" (row height // 2, column width // 2), or (row, column).
    """

    site: str
    unit: int
    at: Where = "mean"

    @property
    def sites(self) -> tuple[str, ...]:
        """The one site."""
        return (self.site,)

    def value(self, sight: Sight) -> Tensor:
        """The activation, in the network's units."""
        return _at(sight.maps[self.site][self.unit], self.at)

    def units_at(self, site: str) -> frozenset[int]:
        """The one unit."""
        return frozenset([self.unit] if site == self.site else [])

    def among(self, site: str, units: Sequence[int]) -> Objective:
        """The unit under its place among them."""
        return replace(self, unit=units.index(self.unit)) if site == self.site else self

    def __str__(self) -> str:
        return f"{self.site}#{self.unit}{_place(self.at)}"


@dataclass(frozen=True)
class Logit(Objective):
    """One output of the network, before the softmax."""

    class_id: int

    @property
    def sites(self) -> tuple[str, ...]:
        """The output."""
        return (OUTPUT,)

    def value(self, sight: Sight) -> Tensor:
        """The logit."""
        return sight.maps[OUTPUT][self.class_id]

    def __str__(self) -> str:
        return f"class#{self.class_id}"


@dataclass(frozen=True)
class Layer(Objective):
    """A whole site: the mean square of its values, which makes more of whatever is there (DeepDream)."""

    site: str

    @property
    def sites(self) -> tuple[str, ...]:
        """The one site."""
        return (self.site,)

    def value(self, sight: Sight) -> Tensor:
        """The mean square."""
        return sight.maps[self.site].square().mean()

    def __str__(self) -> str:
        return self.site


@dataclass(frozen=True, eq=False)
class Direction(Objective):
    """A mixture of a site's units: the projection on it, weighted by how well the direction is met.

    The mean (or one position) of (a.v / |v|) max(0.1, cos(a, v))^power, as in Lucid's `direction_cossim`.

    Attributes:
        site: The address of the site.
        vector: (units,).
        power: Of the cosine; 0 takes the projection alone.
        at: As for a unit.
    """

    site: str
    vector: np.ndarray = field(repr=False)
    power: float = 1.0
    at: Where = "mean"

    @property
    def sites(self) -> tuple[str, ...]:
        """The one site."""
        return (self.site,)

    def value(self, sight: Sight) -> Tensor:
        """The weighted projection, in the network's units."""
        maps = sight.maps[self.site]
        vector = torch.as_tensor(self.vector, device=maps.device).to(maps.dtype).view(-1, 1, 1)
        return _at(_aligned(maps, vector.expand_as(maps), self.power), self.at)

    def __str__(self) -> str:
        return f"{self.site}@{_digest(self.vector)}^{self.power:g}{_place(self.at)}"


@dataclass(frozen=True, eq=False)
class Caricature(Objective):
    """What a site saw in a picture, exaggerated: at every position the projection on what was there.

    Attributes:
        site: The address of the site.
        maps: (units, height, width) of the picture; resized to where they are compared.
        power: Of the cosine.
    """

    site: str
    maps: np.ndarray = field(repr=False)
    power: float = 1.0

    @property
    def sites(self) -> tuple[str, ...]:
        """The one site."""
        return (self.site,)

    def value(self, sight: Sight) -> Tensor:
        """The mean over positions."""
        maps = sight.maps[self.site]
        wanted = torch.as_tensor(self.maps, device=maps.device).to(maps.dtype)[None]
        resized = F.interpolate(wanted, maps.shape[-2:], mode="bilinear", align_corners=False)[0]
        return _aligned(maps, resized, self.power).mean()

    def __str__(self) -> str:
        return f"{self.site}~{_digest(self.maps)}^{self.power:g}"


@dataclass(frozen=True)
class Diversity(Objective):
    """How much the pictures of one group differ at a site: minus the mean cosine of their Gram matrices.

    0 where a picture is alone.
    """

    site: str

    @property
    def sites(self) -> tuple[str, ...]:
        """The one site."""
        return (self.site,)

    def value(self, sight: Sight) -> Tensor:
        """Between -1 (all alike) and 1."""
        own = _gram(sight.maps[self.site])
        cosines = [(own * _gram(other.maps[self.site])).sum() for other in sight.others]
        return -torch.stack(cosines).mean() if cosines else own.new_zeros(())

    def __str__(self) -> str:
        return f"diversity({self.site})"


def _objective(given: object) -> Objective:
    if not isinstance(given, Objective):
        raise UsageError(f"an objective can be added to an objective, not to a {type(given).__name__}")
    return given


def _number(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float | np.number):
        raise UsageError(f"an objective can be multiplied by a number, not by a {type(given).__name__}")
    return float(given)


def _at(plane: Tensor, at: Where) -> Tensor:
    if at == "mean":
        return plane.mean()
    row, column = (plane.shape[0] // 2, plane.shape[1] // 2) if at == "centre" else at
    return plane[row, column]


def _place(at: Where) -> str:
    return "" if at == "mean" else f"[{at}]" if isinstance(at, str) else f"[{at[0]},{at[1]}]"


def _aligned(maps: Tensor, wanted: Tensor, power: float) -> Tensor:
    """(height, width): the projection of maps on what is wanted, times their cosine to a power."""
    projection = (maps * wanted).sum(0) / wanted.norm(dim=0).clamp_min(1e-12)
    if power == 0:
        return projection
    cosine = projection / maps.norm(dim=0).clamp_min(1e-12)
    return projection * cosine.clamp_min(0.1) ** power


def _gram(maps: Tensor) -> Tensor:
    flat = maps.flatten(1)
    gram = flat @ flat.T
    return gram / gram.norm().clamp_min(1e-12)


def _digest(values: np.ndarray) -> str:
    return sha256(np.ascontiguousarray(values, np.float64).tobytes()).hexdigest()[:12]
