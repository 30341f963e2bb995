"""Where a concept comes up with depth."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.probing.codes import PIXELS, Control, Emergence, Floats
from neurolupa.probing.fitting.scoring import accuracies, determinations, interval, resampled
from neurolupa.probing.result import ConceptProbes, Probe
from neurolupa.probing.settings import Settings

SHARE = 0.9
"""Of the best score above chance: what a site must reach for the concept to have come up."""


@dataclass(frozen=True)
class Depth:
    """Where one concept comes up.

    A site has it where its score above chance is at least 90 % of the best site's. The interval is that of
    the same rule over resampled test pictures, the same ones for every site.

    Attributes:
        concept: its name.
        code: how it comes up.
        site: the first site that has it.
        place: of that site among the probed ones, from 0.
        low: place of the lower end of the 95 % interval.
        high: place of the upper end.
        low_site: the site there.
        high_site: the site there.
        best_site: the site with the best score.
        best: its score.
        chance: what who sees nothing scores.
        test: how many pictures it is judged on.
    """

    concept: str
    code: Emergence
    site: str
    place: int
    low: int
    high: int
    low_site: str
    high_site: str
    best_site: str
    best: float
    chance: float
    test: int

    @property
    def rank(self) -> tuple[bool, int, int, int]:
        """What concepts are ordered by: absent ones last."""
        return self.code is Emergence.ABSENT, self.place, self.low, self.high

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for a row of a table."""
        return asdict(self) | {"code": self.code.value}


def depth_of(probes: ConceptProbes, settings: Settings) -> Depth:
    """Where a concept comes up, its code and interval."""
    sites = probes.sites
    trained = [probes.of(site) for site in sites]
    scores = np.array([probe.score for probe in trained])
    draws = resampled(trained[0].test, settings.resamples, settings.seed)
    spread = np.stack([_resampled(probe, draws) for probe in trained], 1)
    places = first_place(spread, probes.chance)
    low, high = (int(np.quantile(places, q, method="inverted_cdf")) for q in (0.025, 0.975))
    place, best = int(first_place(scores[None], probes.chance)[0]), int(np.nanargmax(scores))
    return Depth(
        probes.concept,
        _code(probes, trained[best], spread[:, best], draws, place),
        sites[place],
        place,
        low,
        high,
        sites[low],
        sites[high],
        sites[best],
        float(scores[best]),
        probes.chance,
        trained[0].test,
    )


def first_place(scores: Floats, chance: float) -> NDArray[np.int64]:
    """(R,) the first of S sites that reaches 90 % of the best above chance, by scores (R, S).

    Where the best is not above chance, the best site itself.

    >>> first_place(np.array([[0.2, 0.57, 0.6], [0.1, 0.1, 0.05]]), chance=0.1).tolist()
    [1, 0]
    """
    above = np.nan_to_num(scores, nan=-np.inf) - chance
    best = above.max(1, keepdims=True)
    needed = np.where(best > 0, SHARE * best, best)
    return (above >= needed - 1e-12).argmax(1)


def _resampled(probe: Probe, draws: NDArray[np.float32]) -> Floats:
    if probe.truth.dtype.kind == "i":
        return accuracies(probe.truth == probe.predicted, draws)
    return determinations(probe.truth, probe.predicted, draws)


def _code(
    probes: ConceptProbes, best: Probe, spread: Floats, draws: NDArray[np.float32], place: int
) -> Emergence:
    if not best.low > probes.chance:
        return Emergence.ABSENT
    if probes.has(Control.RANDOM_WEIGHTS):
        random = probes.of(best.site, Control.RANDOM_WEIGHTS)
        if not interval(spread - _resampled(random, draws), best.test)[0] > 0:
            return Emergence.UNTRAINED
    if probes.has(Control.PIXELS):
        seen = probes.of(PIXELS).score - probes.chance
        if seen >= SHARE * (best.score - probes.chance):
            return Emergence.IN_PIXELS
    return Emergence.EMERGES if place else Emergence.AT_ONCE
