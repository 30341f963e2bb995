"""What probes found: one concept at one site, one concept over the sites, and all of them."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.errors import UsageError, unknown
from neurolupa.probing.codes import PIXELS, Control, ProbeCode
from neurolupa.probing.fitting.scoring import confusion, recalls
from neurolupa.probing.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.probing.emerging import Depth


@dataclass(frozen=True, eq=False)
class Probe:
    """One concept read from one site.

    Attributes:
        site: the site's name; "pixels" for the picture itself.
        control: what the probe was told and shown.
        truth: (T,) classes, or numbers, of the test pictures; shuffled where the control is that.
        predicted: (T,) what the probe says.
        score: share of the test pictures whose class it names; of a number R2.
        low: lower end of the score's 95 % interval.
        high: upper end.
        log_loss: mean -log of the probability given to the true class, in nats; NaN for numbers.
        strength: the C that was chosen.
        features: how many numbers it reads.
        train: how many pictures it learned from.
        codes: what a reader should know.
        weights: (K, F) of the standardised features, one row for numbers; None for controls.
    """

    site: str
    control: Control
    truth: NDArray = field(repr=False)
    predicted: NDArray = field(repr=False)
    score: float
    low: float
    high: float
    log_loss: float
    strength: float
    features: int
    train: int
    codes: tuple[ProbeCode, ...] = ()
    weights: NDArray[np.float32] | None = field(default=None, repr=False)

    @property
    def test(self) -> int:
        """How many pictures it was judged on."""
        return len(self.truth)


@dataclass(frozen=True, eq=False)
class ConceptProbes:
    """All probes of one concept, over the same test pictures.

    Attributes:
        concept: its name.
        classes: names of its classes; () for a number.
        chance: what who sees nothing scores: the share of the commonest class; 0 for R2.
        dropped: classes with too few pictures to be probed, with their counts.
        probes: with every control, sites in forward order.
    """

    concept: str
    classes: tuple[str, ...]
    chance: float
    dropped: tuple[tuple[str, int], ...]
    probes: tuple[Probe, ...] = field(repr=False)

    @property
    def measure(self) -> str:
        """What the scores are: "accuracy" or "r2"."""
        return "accuracy" if self.classes else "r2"

    @property
    def sites(self) -> tuple[str, ...]:
        """The probed sites in forward order, without the pixels."""
        return tuple(probe.site for probe in self.probes if probe.control is Control.NONE)

    @cached_property
    def _places(self) -> Mapping[tuple[str, Control], Probe]:
        return {(probe.site, probe.control): probe for probe in self.probes}

    def has(self, control: Control) -> bool:
        """Whether probes with this control were made."""
        return any(probe.control is control for probe in self.probes)

    def of(self, site: str, control: Control = Control.NONE) -> Probe:
        """One probe; UsageError with the nearest names for a site that was not probed with this control."""
        if site == PIXELS:
            control = Control.PIXELS
        if (site, control) not in self._places:
            probed = [name for name, each in self._places if each is control]
            raise unknown(f"site probed with control {control.value}", site, probed)
        return self._places[site, control]

    def confusion(self, site: str, control: Control = Control.NONE) -> NDArray[np.int64]:
        """(K, K) test pictures of the class of the row that the probe takes for that of the column.

        Raises:
            UsageError: a concept that is a number, or an unknown site.
        """
        if not self.classes:
            raise UsageError(f"{self.concept} is a number: it has no confusion of classes")
        probe = self.of(site, control)
        return confusion(probe.truth, probe.predicted, len(self.classes))

    def recalls(self, site: str, control: Control = Control.NONE) -> NDArray[np.float64]:
        """(K,) the share of each class that is recognised; their mean is the balanced accuracy."""
        return recalls(self.confusion(site, control))

    def selectivity(self, site: str) -> float:
        """The score less that of shuffled labels (Hewitt and Liang 2019); NaN where none were made."""
        if not self.has(Control.SHUFFLED_LABELS):
            return float("nan")
        return self.of(site).score - self.of(site, Control.SHUFFLED_LABELS).score

    def rows(self) -> list[dict[str, Any]]:
        """One for each probe."""
        return [self._row(probe) for probe in self.probes]

    def _row(self, probe: Probe) -> dict[str, Any]:
        told = self.classes and probe.control is Control.NONE
        balanced = np.nanmean(self.recalls(probe.site, probe.control)) if self.classes else np.nan
        return {
            "concept": self.concept,
            "site": probe.site,
            "control": probe.control.value,
            "measure": self.measure,
            "score": probe.score,
            "low": probe.low,
            "high": probe.high,
            "accuracy": probe.score if self.classes else np.nan,
            "balanced_accuracy": balanced,
            "log_loss": probe.log_loss,
            "selectivity": self.selectivity(probe.site) if told else np.nan,
            "chance": self.chance,
            "strength": probe.strength,
            "classes": len(self.classes),
            "features": probe.features,
            "train": probe.train,
            "test": probe.test,
            "codes": " ".join(probe.codes),
        }


@dataclass(frozen=True)
class ProbeSource:
    """Where probes come from.

    Attributes:
        model: the network's name.
        weights_digest: of its tensors.
        images: the image set's name.
        spec: the text that it was loaded from.
        images_digest: of its ids, sizes and labels.
        pictures: how many could be read.
        skipped: how many could not.
        pooling: from a map to features, as it is typed.
        random_seed: what the random network was drawn with; None without one.
        versions: of neurolupa, torch and NumPy.
    """

    model: str
    weights_digest: str
    images: str
    spec: str
    images_digest: str
    pictures: int
    skipped: int
    pooling: str
    random_seed: int | None
    versions: Mapping[str, str]

    @property
    def shown(self) -> str:
        """The images' text as a figure may show it: without the folders of an absolute path.

        >>> ProbeSource("net", "", "a", "npz:/home/me/a.npz?limit=9", "", 9, 0, "mean", None, {}).shown
        'npz:a.npz?limit=9'
        """
        kind, colon, rest = self.spec.partition(":")
        where, mark, options = rest.partition("?")
        return f"{kind}{colon}{Path(where).name if Path(where).is_absolute() else where}{mark}{options}"

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class ProbeReport:
    """What a network's sites tell of concepts, with controls.

    Attributes:
        concepts: the probed ones, in the order in which they were asked for.
        skipped: the concepts that could not be probed, with the code of the reason.
        sites: names of the probed sites, in forward order.
        units: for each site the unit (F,) that each feature belongs to.
        settings: how probes were fitted and judged.
        source: where they come from.
    """

    concepts: tuple[ConceptProbes, ...]
    skipped: Mapping[str, str]
    sites: tuple[str, ...]
    units: Mapping[str, NDArray[np.int64]] = field(repr=False)
    settings: Settings
    source: ProbeSource

    def __repr__(self) -> str:
        names = ", ".join(each.concept for each in self.concepts)
        held = f"{names} at {len(self.sites)} sites; {self.source.pictures} pictures"
        return f"<ProbeReport {self.source.model}: {held}>"

    def concept(self, name: str) -> ConceptProbes:
        """The probes of one concept; UsageError with the nearest names for one that was not probed."""
        for each in self.concepts:
            if each.concept == name:
                return each
        raise unknown("probed concept", name, [each.concept for each in self.concepts])

    def to_frame(self) -> "pd.DataFrame":
        """One row for each concept, site and control: score with interval, chance, selectivity and N."""
        import pandas as pd

        return pd.DataFrame([row for each in self.concepts for row in each.rows()])

    def emergence(self) -> tuple["Depth", ...]:
        """Where each concept comes up with depth, the earliest first (see `Depth`)."""
        from neurolupa.probing.emerging import depth_of

        found = [depth_of(each, self.settings) for each in self.concepts]
        return tuple(sorted(found, key=lambda one: one.rank))

    def carriers(self, concept: str, site: str) -> "pd.DataFrame":
        """The units of a site by their weight in its probe, the heaviest first.

        `weight` is the length of a unit's weights over its features (of a grid, its cells) and all classes;
        `share` its square as a share of all units'; `for_class` the class that the unit speaks for most.
        """
        from neurolupa.probing.carrying import carriers

        return carriers(self.concept(concept), site, self.units)

    def save(self, folder: str | os.PathLike) -> None:
        """Write `probes.json` and `probes.safetensors` into a folder, from which `load` reads them."""
        from neurolupa.probing.storing import save

        save(self, folder)

    @classmethod
    def load(cls, folder: str | os.PathLike) -> "ProbeReport":
        """What `save` wrote; DataError where it is missing or damaged."""
        from neurolupa.probing.storing import load

        return load(folder)
