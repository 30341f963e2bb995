"""The sanity check of Adebayo et al. 2018: does a map change when the network forgets what it learnt?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student
from torch import nn

from neurolupa.atlas.checks import whole_number
from neurolupa.attribution.attributing import attribution_of, prepared
from neurolupa.attribution.checking.randomising import learnt_layers, randomised, stages_of
from neurolupa.attribution.checking.similarity import MEASURES, RANKS
from neurolupa.attribution.methods import METHODS
from neurolupa.attribution.result import Attribution
from neurolupa.attribution.settings import Settings
from neurolupa.attribution.subject import NetworkClass
from neurolupa.errors import DataError
from neurolupa.images import ImageSet
from neurolupa.inspection import ImageAnalysis
from neurolupa.inspection.regions import upsampled
from neurolupa.inspection.seen import Inspected
from neurolupa.models import Model

if TYPE_CHECKING:
    import pandas as pd

INSENSITIVE_FROM = 0.5
"""The rank correlation with a network of random weights from which a map says little of the network."""

OnStep = Callable[[int, int], None]


class Verdict(StrEnum):
    """Whether a map depends on what the network learnt.

    INSENSITIVE: the 95 % interval of the rank correlation lies above `INSENSITIVE_FROM` with half of the
    layers random, or with all of them. SENSITIVE: it lies below with half and with all. UNDECIDED: neither.
    NOTHING_TO_COMPARE: the map has one value everywhere.
    """

    SENSITIVE = "sensitive"
    INSENSITIVE = "insensitive"
    UNDECIDED = "undecided"
    NOTHING_TO_COMPARE = "nothing_to_compare"


@dataclass(frozen=True, eq=False)
class SanityCheck:
    """One map beside those of the same network while its layers are drawn anew from the last to the first.

    Attributes:
        attribution: The map of the trained network.
        stages: What is random at each stage besides all before: names of layers.
        layers: How many layers are random at each stage.
        similarity: By measure, (seeds, stages): of the map with that of the network at the stage; NaN where
            that has one value everywhere, which happens where a random network says nothing of the class.
        blank: (stages,) how many of the seeds' maps have one value everywhere; means leave them out.
        maps: (stages, H, W) the maps of the first seed.
        edges: By measure, of the enlarged map with the edges of the picture.
        seeds: What the layers were drawn with.
        verdict: What it amounts to.
    """

    attribution: Attribution
    stages: tuple[tuple[str, ...], ...]
    layers: tuple[int, ...]
    similarity: Mapping[str, NDArray[np.float64]]
    blank: tuple[int, ...]
    maps: NDArray[np.float32] = field(repr=False)
    edges: Mapping[str, float]
    seeds: tuple[int, ...]

    @property
    def verdict(self) -> Verdict:
        """By the rank correlation where half of the layers are random, and where all are."""
        if not self.attribution.orders_pixels:
            return Verdict.NOTHING_TO_COMPARE
        low, high = (end[[self.half, -1]] for end in self.interval("rank"))
        if (low > INSENSITIVE_FROM).any():
            return Verdict.INSENSITIVE
        return Verdict.SENSITIVE if (high < INSENSITIVE_FROM).all() else Verdict.UNDECIDED

    @property
    def half(self) -> int:
        """The first stage at which at least half of the layers are random."""
        return next(place for place, count in enumerate(self.layers) if 2 * count >= self.layers[-1])

    def mean(self, measure: str) -> NDArray[np.float64]:
        """(stages,) over the seeds whose maps are not blank; NaN where all are."""
        values = self.similarity[measure]
        known = np.isfinite(values)
        total, count = np.where(known, values, 0).sum(0), known.sum(0)
        return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)

    def interval(self, measure: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(stages,) the ends of the 95 % interval of the mean, by Student's t; NaN below two maps."""
        values, mean = self.similarity[measure], self.mean(measure)
        count = np.isfinite(values).sum(0)
        squares = np.where(np.isfinite(values), (values - mean) ** 2, 0).sum(0)
        freedom = np.where(count > 1, count - 1.0, np.nan)
        reach = student.ppf(0.975, freedom) * np.sqrt(squares / freedom / np.maximum(count, 1))
        return mean - reach, mean + reach

    def to_frame(self) -> "pd.DataFrame":
        """One row for each stage and measure: stage, layers, last, measure, mean, low, high, n, blank."""
        import pandas as pd

        tables = []
        for measure, values in self.similarity.items():
            low, high = self.interval(measure)
            columns = {"stage": np.arange(1, len(self.stages) + 1), "layers": self.layers}
            last = [names[-1] for names in self.stages]
            count = np.isfinite(values).sum(0)
            found = {"mean": self.mean(measure), "low": low, "high": high, "n": count, "blank": self.blank}
            tables.append(pd.DataFrame({**columns, "last": last, "measure": measure, **found}))
        return pd.concat(tables, ignore_index=True)

    def to_dict(self) -> dict[str, Any]:
        """What it amounts to, ready for JSON."""
        return {
            "attribution": self.attribution.to_dict(),
            "verdict": self.verdict.value,
            "insensitive_from": INSENSITIVE_FROM,
            "seeds": list(self.seeds),
            "stages": [list(names) for names in self.stages],
            "similarity": {name: _plain(values) for name, values in self.similarity.items()},
            "blank": list(self.blank),
            "edges": {name: value if isfinite(value) else None for name, value in self.edges.items()},
        }


def sanity_check(
    model: Model | str | nn.Module,
    image: Inspected | ImageAnalysis,
    method: str = "gradcam",
    target: NetworkClass = None,
    site: str | None = None,
    *,
    images: ImageSet | None = None,
    settings: Settings | None = None,
    seeds: int = 8,
    stages: int = 8,
    on_step: OnStep = lambda done, total: None,
) -> SanityCheck:
    """The same map while layers are drawn anew, from the last to the first, beside an edge detector.

    The cascading randomisation of Adebayo et al. 2018, "Sanity Checks for Saliency Maps". The class stays
    that of the trained network.

    Args:
        model: As for `attribute`, like the next four.
        image: The picture.
        method: The method.
        target: The network class.
        site: Of methods that need one.
        images: As for `attribute`.
        settings: Of the methods that have any.
        seeds: How often the cascade is drawn.
        stages: At most so many steps; layers between are drawn together.
        on_step: Told of each map: done, and in all.

    Raises:
        UsageError: As for `attribute`; seeds or stages below 1.
        DataError: As for `attribute`; a network that cannot be copied or has no layer to draw anew.

    >>> import neurolupa as nl
    >>> from neurolupa.images import load_images
    >>> check = sanity_check("embedded", load_images("samples")[0], "edges", seeds=2, stages=2)
    >>> check.verdict.value, check.similarity["rank"].tolist()
    ('insensitive', [[1.0, 1.0], [1.0, 1.0]])
    """
    whole_number("seeds", seeds, 1)
    chosen, settings = METHODS[method], settings or Settings()
    subject, place = prepared(model, image, chosen, target, site, images)
    groups = stages_of(_layers(subject.model), whole_number("stages", stages, 1))
    first = attribution_of(subject, chosen, place, settings)
    maps = np.zeros((seeds, len(groups), *first.map.shape), np.float32)
    for seed in range(seeds):
        for stage, network in enumerate(randomised(subject.model, groups, seed)):
            on_step(seed * len(groups) + stage, seeds * len(groups))
            maps[seed, stage] = chosen.run(subject.before(network), place, settings).map
    on_step(seeds * len(groups), seeds * len(groups))
    edges = METHODS["edges"].run(subject, None, settings).map
    return SanityCheck(
        attribution=first,
        stages=groups,
        layers=tuple(np.cumsum([len(names) for names in groups]).tolist()),
        similarity=_alike(first, maps),
        blank=tuple((np.ptp(maps, (2, 3)) == 0).sum(0).tolist()),
        maps=maps[0],
        edges={name: measure(first.overlay, edges) for name, measure in MEASURES.items()},
        seeds=tuple(range(seeds)),
    )


def _plain(values: NDArray[np.float64]) -> list[list[float | None]]:
    return [[float(one) if isfinite(one) else None for one in row] for row in values]


def _layers(model: Model) -> tuple[str, ...]:
    found = learnt_layers(model)
    if not found:
        raise DataError(f"no layer of {model.name} can draw its weights anew, as the sanity check needs")
    return found


def _alike(first: Attribution, maps: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
    """(seeds, stages) of each measure: ranks on the maps themselves, the others on what is shown of them."""
    height, width = first.overlay.shape
    shown = [[upsampled(each, (height, width)) for each in row] for row in maps]
    return {
        name: np.array(
            [
                [
                    measure(*((first.map, own) if name in RANKS else (first.overlay, large)))
                    for own, large in row
                ]
                for row in (zip(*both, strict=True) for both in zip(maps, shown, strict=True))
            ]
        )
        for name, measure in MEASURES.items()
    }
