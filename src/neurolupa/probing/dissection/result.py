"""What a dissection found, and where it comes from."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.errors import unknown
from neurolupa.probing.dissection.codes import SkipCode, UnitCode
from neurolupa.probing.dissection.counting import DetectorCounts, count_detectors
from neurolupa.probing.dissection.nulls import Floats, Scores

if TYPE_CHECKING:
    import pandas as pd

CHANCE = 0.05
"""What p must be at most for an overlap to be more than chance."""

MEASURES = ("iou", "f1", "auprc")


@dataclass(frozen=True)
class DissectionSource:
    """Where a dissection comes from.

    Attributes:
        model: the network's name.
        weights_digest: of its tensors.
        images: the text of the image set.
        images_digest: of its ids and sizes.
        pictures: N, how many were shown.
        quantile: of a unit's own values, its threshold.
        least_iou: what the IoU of a detector exceeds.
        shuffles: of the concepts, for the nulls.
        seed: of the shuffling.
        versions: of neurolupa, torch and NumPy.
    """

    model: str
    weights_digest: str
    images: str
    images_digest: str
    pictures: int
    quantile: float
    least_iou: float
    shuffles: int
    seed: int
    versions: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Category:
    """One factor of the pictures and its concepts.

    Attributes:
        name: the factor.
        concepts: names of its V values.
        pictures: for each, how many pictures show it.
        base_rates: for each, the share of the pixels that belong to it, among the pictures that show any
            concept of the category: about what AUPRC is by chance.
    """

    name: str
    concepts: tuple[str, ...]
    pictures: tuple[int, ...]
    base_rates: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class SiteDissection:
    """The U units of one site.

    Attributes:
        site: the site's name.
        address: its full address.
        shape: rows and columns of its maps.
        thresholds: (U,) float32, what a unit's value must exceed.
        active: (U,) the share of all pixels where the enlarged map does.
        iou: of what is above the threshold with the mask of each concept.
        f1: the best over all thresholds, at the site's own resolution.
        auprc: average precision, at the site's own resolution.
    """

    site: str
    address: str
    shape: tuple[int, int]
    thresholds: NDArray[np.float32] = field(repr=False)
    active: Floats = field(repr=False)
    iou: Scores = field(repr=False)
    f1: Scores = field(repr=False)
    auprc: Scores = field(repr=False)

    def __len__(self) -> int:
        return len(self.thresholds)

    @property
    def codes(self) -> tuple[UnitCode, ...]:
        """What is to be said of each unit before its concepts."""
        return tuple(UnitCode.OK if share > 0 else UnitCode.NOTHING_ABOVE for share in self.active)


@dataclass(frozen=True, eq=False)
class Dissection:
    """Which concepts the units of a network's sites detect.

    Attributes:
        categories: the factors, with their concepts.
        sites: one entry for each site, in forward order.
        skipped: names of sites that were left out, with the reason.
        source: where all of it comes from.
    """

    categories: tuple[Category, ...]
    sites: tuple[SiteDissection, ...]
    skipped: Mapping[str, SkipCode]
    source: DissectionSource

    def __repr__(self) -> str:
        held = f"{len(self.sites)} sites, {', '.join(each.name for each in self.categories)}"
        return f"<Dissection {self.source.model}: {held}; {self.source.pictures} pictures>"

    def of(self, site: str) -> SiteDissection:
        """One site; UsageError with the nearest names for one that was not dissected."""
        for each in self.sites:
            if each.site == site:
                return each
        raise unknown("dissected site", site, [each.site for each in self.sites])

    def to_frame(self) -> "pd.DataFrame":
        """One row for each site, unit and category.

        `concept` is the one with the best IoU, whose value, null and p follow, as do the pictures that show
        it (`n`) and its share of the pixels (`base_rate`). F1 and AUPRC have a best concept, a null and a p
        of their own: where the three disagree, the label is doubtful. `detector`: the IoU exceeds
        `least_iou`; `above_chance`: its p is at most 0.05 as well. `code` as in `UnitCode`.
        """
        import pandas as pd

        parts = [
            pd.DataFrame(self._columns(site, place))
            for site in self.sites
            for place in range(len(self.categories))
        ]
        frame = pd.concat(parts, ignore_index=True)
        order = {each.site: place for place, each in enumerate(self.sites)}
        key = frame["site"].map(order) * (frame["unit"].max() + 1) + frame["unit"]
        return frame.iloc[np.argsort(key.to_numpy(), kind="stable")].reset_index(drop=True)

    def concepts(self, site: str) -> "pd.DataFrame":
        """One row for each unit and concept of a site: all three measures, N and the base rate."""
        import pandas as pd

        found = self.of(site)
        units, concepts = found.iou.value.shape
        rows = [
            (each.name, *row)
            for each in self.categories
            for row in zip(each.concepts, each.pictures, each.base_rates, strict=True)
        ]
        names, labels, pictures, rates = (list(column) * units for column in zip(*rows, strict=True))
        columns = {"unit": np.repeat(np.arange(units), concepts), "category": names, "concept": labels}
        values = {name: getattr(found, name).value.ravel() for name in MEASURES}
        return pd.DataFrame({**columns, **values, "n": pictures, "base_rate": rates})

    def counts(self, *, above_chance: bool = False) -> dict[str, DetectorCounts]:
        """By site the detectors and their different concepts, as `count_detectors` counts them.

        With `above_chance` only detections with p at most 0.05 count, which the published rule does not ask
        for. Of units that know nothing still one in twenty passes that in each category.
        """
        frame = self.to_frame()
        if above_chance:
            frame = frame.assign(iou=frame["iou"].where(frame["p"] <= CHANCE, 0.0))
        least = self.source.least_iou
        names = [each.site for each in self.sites]
        return {name: count_detectors(frame[frame["site"] == name], least) for name in names}

    def sites_frame(self) -> "pd.DataFrame":
        """One row for each site: units, detectors and different concepts, by the rule and above chance."""
        import pandas as pd

        sure = self.counts(above_chance=True)
        rows = [
            {
                "site": site,
                "units": one.units,
                "detectors": one.detectors,
                "above_chance": sure[site].detectors,
                "unique": one.unique,
                "unique_above_chance": sure[site].unique,
                **{f"unique_{category}": count for category, count in one.unique_in.items()},
            }
            for site, one in self.counts().items()
        ]
        return pd.DataFrame(rows)

    @property
    def detectors(self) -> dict[str, int]:
        """By site how many units detect a concept, by the published rule."""
        return {site: found.detectors for site, found in self.counts().items()}

    @property
    def unique(self) -> dict[str, int]:
        """By site how many different concepts are detected, summed over the categories."""
        return {site: found.unique for site, found in self.counts().items()}

    def save(self, folder: str | os.PathLike) -> None:
        """Write `dissection.json` and `dissection.safetensors` into a folder; `load` reads them."""
        from neurolupa.probing.dissection.storing import save

        save(self, folder)

    @classmethod
    def load(cls, folder: str | os.PathLike) -> "Dissection":
        """What `save` wrote; DataError where it is missing or damaged."""
        from neurolupa.probing.dissection.storing import load

        return load(folder)

    def _columns(self, site: SiteDissection, place: int) -> dict[str, Any]:
        category = self.categories[place]
        names = np.array(category.concepts, dtype=object)
        best = {name: self._best(getattr(site, name), place) for name in MEASURES}
        overlap = best["iou"][1]
        columns: dict[str, Any] = {
            "site": site.site,
            "unit": np.arange(len(site)),
            "code": [code.value for code in site.codes],
            "category": category.name,
            "concept": names[best["iou"][0]],
            "iou": overlap,
            "null_high": site.iou.null_high[:, place],
            "p": site.iou.p[:, place],
            "detector": overlap > self.source.least_iou,
            "above_chance": (overlap > self.source.least_iou) & (site.iou.p[:, place] <= CHANCE),
        }
        for name in MEASURES[1:]:
            scores: Scores = getattr(site, name)
            columns |= {name: best[name][1], f"{name}_concept": names[best[name][0]]}
            columns |= {f"{name}_null_high": scores.null_high[:, place], f"{name}_p": scores.p[:, place]}
        columns["n"] = np.array(category.pictures)[best["iou"][0]]
        columns["base_rate"] = np.array(category.base_rates)[best["iou"][0]]
        return columns

    def _best(self, scores: Scores, place: int) -> tuple[NDArray[np.int64], Floats]:
        """For each unit the best concept of a category, ties to the first, and its value."""
        sizes = [len(each.concepts) for each in self.categories]
        values = np.split(scores.value, np.cumsum(sizes)[:-1], axis=1)[place]
        return values.argmax(1), values.max(1)
