"""How few units of a site carry a concept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neurolupa.probing.codes import Control, Spread
from neurolupa.probing.emerging import SHARE
from neurolupa.probing.fitting.splitting import Split
from neurolupa.probing.judging import judged
from neurolupa.probing.narrowing import Narrowed
from neurolupa.probing.result import Probe, ProbeSource
from neurolupa.probing.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

FEW = 8
"""Units that are still few."""


@dataclass(frozen=True, eq=False)
class UnitProbes:
    """Probes of one concept that may read only so many units of one site.

    Attributes:
        concept: its name.
        classes: names of its classes; () for a number.
        site: the site's name.
        chance: what who sees nothing scores.
        counts: of units, 1, 2, 4, ... and all of them.
        chosen: for each count the units, the heaviest first.
        probes: for each count.
        shuffled: for each count the same from the start, choice of units included, with shuffled labels.
        source: where they come from.
    """

    concept: str
    classes: tuple[str, ...]
    site: str
    chance: float
    counts: tuple[int, ...]
    chosen: tuple[tuple[int, ...], ...]
    probes: tuple[Probe, ...] = field(repr=False)
    shuffled: tuple[Probe, ...] = field(repr=False)
    source: ProbeSource = field(repr=False)

    @property
    def measure(self) -> str:
        """What the scores are: "accuracy" or "r2"."""
        return "accuracy" if self.classes else "r2"

    @property
    def enough(self) -> int:
        """The fewest units that give 90 % of what all of them give above chance."""
        needed = SHARE * (self.probes[-1].score - self.chance)
        scores = zip(self.counts, self.probes, strict=True)
        return next(count for count, probe in scores if probe.score - self.chance >= needed)

    @property
    def code(self) -> Spread:
        """In how many units the concept is."""
        if not self.probes[-1].low > self.chance:
            return Spread.NONE
        if self.enough == 1:
            return Spread.ONE_UNIT
        few = self.enough <= FEW and 4 * self.enough <= self.counts[-1]
        return Spread.FEW_UNITS if few else Spread.MANY_UNITS

    def to_frame(self) -> "pd.DataFrame":
        """One row for each count: score with interval, that of shuffled labels, and the units."""
        import pandas as pd

        rows = [
            {
                "concept": self.concept,
                "site": self.site,
                "units": count,
                "measure": self.measure,
                "score": probe.score,
                "low": probe.low,
                "high": probe.high,
                "shuffled": shuffled.score,
                "chance": self.chance,
                "test": probe.test,
                "chosen": " ".join(map(str, chosen)),
            }
            for count, chosen, probe, shuffled in zip(
                self.counts, self.chosen, self.probes, self.shuffled, strict=True
            )
        ]
        return pd.DataFrame(rows)


def unit_probes(
    found: Sequence[Narrowed], dealt: Sequence[Narrowed], site: str, split: Split, settings: Settings
) -> tuple[tuple[Probe, ...], tuple[Probe, ...]]:
    """What was learned of the labels, and of shuffled ones, as probes with scores."""
    kinds = ((found, Control.NONE), (dealt, Control.SHUFFLED_LABELS))
    told, control = (
        tuple(judged(one.learned, site, control, split, settings) for one in each) for each, control in kinds
    )
    return told, control
