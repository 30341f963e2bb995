"""What of a spatial bias goes with the pictures when they are mirrored, and what stays."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas import Source
from neurolupa.units.spatial.contrasts import Axis
from neurolupa.units.spatial.nulls import ALPHA, Floats, SignFlip, mean_interval, sign_flip

if TYPE_CHECKING:
    import pandas as pd

LEAST_PART = 0.25
"""A part smaller than this share of the other does not count beside it."""


@dataclass(frozen=True, eq=False)
class Part:
    """Mean differences (first half minus second) of U units, each with what chance gives.

    Attributes:
        mean: (U,) over the images.
        low, high: (U,) 95 % intervals (Student's t).
        z, p, p_bound: (U,) against random signs; see `nulls.SignFlip`.
    """

    mean: Floats
    low: Floats
    high: Floats
    z: Floats
    p: Floats
    p_bound: Floats

    @classmethod
    def of(cls, total: Floats, squares: Floats, images: NDArray, untied: NDArray) -> "Part":
        """From the sums (U,) of the images' differences and of their squares."""
        with np.errstate(invalid="ignore"):
            mean = total / images
            variance = np.maximum(squares / images - mean * mean, 0)
        found: SignFlip = sign_flip(mean, variance, images, untied)
        return cls(mean, *mean_interval(mean, variance, images), found.z, found.p, found.p_bound)

    def supported(self) -> NDArray[np.bool_]:
        """(U,): whether `p_bound` is at most 0.05."""
        return self.p_bound <= ALPHA


@dataclass(frozen=True, eq=False)
class MirroredContrast:
    """The bias of U units along one axis, on pictures and on the same pictures mirrored along it.

    With d an image's difference and d' that of its mirror image, each image has a content part (d - d') / 2,
    which changes sides with the picture, and a network part (d + d') / 2, which stays.

    Attributes:
        axis: its name and halves.
        images: (U,) N, images with finite values both times.
        original: d.
        mirrored: d'.
        content: what changes sides.
        network: what stays.
        blank: (U,) the difference on one picture of the network's mean colour, where nothing but padding can
            make one half differ from the other.
        code: (U,) content, network, both, none, no_halves, or not_finite.
    """

    axis: Axis
    images: NDArray[np.int64]
    original: Part
    mirrored: Part
    content: Part
    network: Part
    blank: Floats
    code: tuple[str, ...]

    def row(self, place: int) -> dict[str, Any]:
        """Everything of one unit."""
        parts = {name: getattr(self, name) for name in ("original", "mirrored", "content", "network")}
        return {
            "axis": self.axis.name,
            "images": int(self.images[place]),
            **{
                name if each.name == "mean" else f"{name}_{each.name}": getattr(part, each.name)[place]
                for name, part in parts.items()
                for each in fields(Part)
            },
            "blank": self.blank[place],
            "code": self.code[place],
        }


@dataclass(frozen=True, eq=False)
class MirroredBias:
    """Whether the spatial bias of units comes from the pictures or from the network.

    Attributes:
        source: which network and images; `read` pictures were shown, each three times.
        site: name of the site.
        units: their numbers.
        horizontal: pictures mirrored left to right.
        vertical: pictures mirrored top to bottom.
    """

    source: Source
    site: str
    units: tuple[int, ...]
    horizontal: MirroredContrast
    vertical: MirroredContrast

    @property
    def images(self) -> int:
        """N."""
        return self.source.read

    def __repr__(self) -> str:
        return f"<MirroredBias {self.source.model} {self.site}: {len(self.units)} units; N = {self.images}>"

    def to_frame(self) -> "pd.DataFrame":
        """One row for each unit and axis."""
        import pandas as pd

        rows = [
            {"unit": unit, **contrast.row(place)}
            for place, unit in enumerate(self.units)
            for contrast in (self.horizontal, self.vertical)
        ]
        return pd.DataFrame(rows)


def mirrored_codes(content: Part, network: Part, images: NDArray, halves: bool) -> tuple[str, ...]:
    """(U,) which parts are more than chance, and not small beside the other."""
    moving = np.where(content.supported(), np.abs(content.mean), 0.0)
    staying = np.where(network.supported(), np.abs(network.mean), 0.0)
    from_content = (moving > 0) & (moving >= LEAST_PART * staying)
    from_network = (staying > 0) & (staying >= LEAST_PART * moving)
    conditions = [images == 0, from_content & from_network, from_content, from_network]
    empty = "not_finite" if halves else "no_halves"
    return tuple(np.select(conditions, [empty, "both", "content", "network"], "none").tolist())
