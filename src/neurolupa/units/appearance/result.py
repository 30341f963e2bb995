"""The appearance of what a unit sees, as values that know where they come from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from neurolupa.atlas import Source
from neurolupa.units.appearance.codes import ALPHA, CorrelationCode, Floats, Strength
from neurolupa.units.appearance.features import FEATURES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Channel:
    """One colour over all pixels of all pictures, as the network saw them; values from 0 to 1.

    Attributes:
        name: red, green or blue.
        mean: of the values.
        std: the population's.
        median: of the values.
        low, high: the smallest and the largest.
    """

    name: str
    mean: float
    std: float
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Intensity:
    """How much edge, texture or gradient the pictures have; see `features.feature_maps`.

    Attributes:
        name: edges, texture or gradient.
        mean: over the pixels of all pictures.
        low, high: its 95 % interval over pictures (Student's t); NaN for one picture.
        std: over the pixels of all pictures, the population's.
        mean_square: over the same; of the texture that is the mean local variance.
        highest: of any pixel.
        level: of the mean: rough, moderate, smooth (texture); complex, moderate, simple (edges); else None.
        pictures: how many pictures have which level.
    """

    name: str
    mean: float
    low: float
    high: float
    std: float
    mean_square: float
    highest: float
    level: str | None
    pictures: Mapping[str, int]


@dataclass(frozen=True)
class Content:
    """What of a correlation goes with the very picture: z with the map's own picture less z with others.

    Attributes:
        r: tanh of the mean difference; NaN below two pictures.
        low, high: its 95 % interval over pictures (Student's t on z).
    """

    r: float
    low: float
    high: float

    @property
    def supported(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Correlation:
    """How a unit's map goes with one feature of the pictures, at the map's resolution.

    Attributes:
        feature: edges, texture, gradient, red, green or blue.
        r: Pearson's; of several pictures tanh of the mean of artanh(r). NaN where there is none.
        low, high: its 95 % interval, over pictures (Student's t on z); of one picture, z give or take 1.96
            standard deviations of z under shifts.
        strength: strong, moderate, weak by |r|; none where there is no r.
        p: the share of shifts of the map (see `shifting.shifted_correlations`) with |r| at least as large,
            the unshifted among them.
        quantile: the share of shifts with a smaller |r|.
        null_high: the 95th percentile of |r| under shifts.
        shifts: how many; 0 where there is no null.
        layout: the same as r, each map beside the features of other pictures (up to eight before it): what
            the pictures' common layout alone gives. NaN for one picture.
        content: what is left for the very picture.
        images: N, the pictures with a correlation.
        code: ok, or why there is no null or no correlation.
    """

    feature: str
    r: float
    low: float
    high: float
    strength: Strength
    p: float
    quantile: float
    null_high: float
    shifts: int
    layout: float
    content: Content
    images: int
    code: CorrelationCode

    @property
    def supported(self) -> bool:
        """Whether `p` is at most 0.05."""
        return self.p <= ALPHA


@dataclass(frozen=True, eq=False)
class Example:
    """One of the pictures, with what was correlated.

    Attributes:
        index: its place among the pictures.
        id: its id there.
        seen: what the network saw.
        unit_map: (h, w), the unit's.
        features: (6, h, w), of `features.FEATURES`, at the map's resolution.
        r: (6,), their correlations with the map; NaN where there is none.
    """

    index: int
    id: str
    seen: Image.Image
    unit_map: Floats
    features: Floats
    r: Floats


@dataclass(frozen=True, eq=False)
class TextureProfile:
    """Texture, colours and edges of pictures, and which of them a unit's map goes with.

    Attributes:
        source: which network and pictures; `read` were seen.
        site: name of the site.
        unit: its number.
        channels: red, green and blue.
        dominant: the channel with the highest mean, "none" where two share it.
        texture: local deviation, its type in `level`.
        edges: Sobel, the complexity in `level`.
        gradient: central differences.
        correlations: the unit's with the six features, the largest |r| first.
        p: no feature goes with the map: the largest |r| among the largest of each shift.
        state: ok, or why no picture has a correlation.
        states: for how many pictures the unit's map was ok, silent, constant, not_finite or too_small.
        shifts: values of the null; of one picture every shift, else draws and the observed.
        seed: of the draws.
        by_field: whether map positions were laid around the centres of their receptive fields; else the
            picture was cut into equal parts.
        example: the picture with the unit's highest value.
        indices: (N,) places of the pictures in the set.
        by_picture: (N, 6) correlations of each picture, in the order of `features.FEATURES`.
    """

    source: Source
    site: str
    unit: int
    channels: tuple[Channel, ...]
    dominant: str
    texture: Intensity
    edges: Intensity
    gradient: Intensity
    correlations: tuple[Correlation, ...]
    p: float
    state: CorrelationCode
    states: Mapping[str, int]
    shifts: int
    seed: int
    by_field: bool
    example: Example
    indices: np.ndarray
    by_picture: Floats

    @property
    def images(self) -> int:
        """N, the pictures that were seen."""
        return self.source.read

    @property
    def top(self) -> Correlation | None:
        """The largest correlation; None where there is none."""
        first = self.correlations[0]
        return None if np.isnan(first.r) else first

    @property
    def supported(self) -> bool:
        """Whether `p` is at most 0.05: the map goes with some feature by more than chance."""
        return self.p <= ALPHA

    def of(self, feature: str) -> Correlation:
        """The correlation with one feature; UsageError with the nearest names for another word."""
        from neurolupa.errors import unknown

        for each in self.correlations:
            if each.feature == feature:
                return each
        raise unknown("feature", str(feature), FEATURES)

    def __repr__(self) -> str:
        top = self.top
        best = self.state.value if top is None else f"{top.feature} r = {top.r:.2f}"
        return f"<TextureProfile {self.source.model} {self.site} unit {self.unit}: {best}; N = {self.images}>"

    def to_frame(self) -> "pd.DataFrame":
        """One row for each feature, the largest |r| first."""
        import pandas as pd

        return pd.DataFrame([_flat(each) for each in self.correlations])

    def pictures_frame(self) -> "pd.DataFrame":
        """One row for each picture: its index and its correlation with each feature."""
        import pandas as pd

        return pd.DataFrame(self.by_picture, columns=list(FEATURES)).assign(image=self.indices)[
            ["image", *FEATURES]
        ]


def _flat(correlation: Correlation) -> dict[str, object]:
    row = asdict(correlation) | {"strength": correlation.strength.value, "code": correlation.code.value}
    content = row.pop("content")
    images, code = row.pop("images"), row.pop("code")
    named = {f"content_{name}".removesuffix("_r"): value for name, value in content.items()}
    return {**row, **named, "images": images, "code": code}
