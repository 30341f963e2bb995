"""Hand-made probes whose scores can be written down."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from neurolupa.probing.codes import PIXELS, Control, ProbeCode
from neurolupa.probing.result import ConceptProbes, Probe, ProbeReport, ProbeSource
from neurolupa.probing.settings import Settings

SITES = ("stem", "middle", "top")
TEST = 400

Scores = Sequence[float]


def probe(site: str, control: Control, score: float, classes: int = 4) -> Probe:
    """Of 400 test pictures so many are right, in an order of the site's own."""
    truth = np.arange(TEST) % classes
    seed = [ord(letter) for letter in site + control.value]
    right = np.random.default_rng(seed).permutation(TEST) < round(score * TEST)
    said = np.where(right, truth, (truth + 1) % classes)
    half = 1.96 * np.sqrt(score * (1 - score) / TEST)
    weights = np.arange(classes * 3, dtype=np.float32).reshape(classes, 3)
    return Probe(
        site,
        control,
        truth,
        said,
        score,
        score - half,
        score + half,
        float("nan"),
        0.1,
        3,
        1600,
        (ProbeCode.CONSTANT_FEATURES,),
        weights if control is Control.NONE else None,
    )


@pytest.fixture
def concept() -> Callable[..., ConceptProbes]:
    """Makes the probes of a concept of four classes at three sites, with controls."""

    def made(
        name: str, scores: Scores, random: Scores = (0.25, 0.25, 0.25), pixels: float = 0.25
    ) -> ConceptProbes:
        told = [probe(site, Control.NONE, score) for site, score in zip(SITES, scores, strict=True)]
        drawn = [probe(site, Control.RANDOM_WEIGHTS, s) for site, s in zip(SITES, random, strict=True)]
        dealt = [probe(site, Control.SHUFFLED_LABELS, 0.25) for site in SITES]
        seen = [probe(PIXELS, Control.PIXELS, pixels)]
        return ConceptProbes(name, tuple("abcd"), 0.25, (("e", 3),), (*told, *drawn, *dealt, *seen))

    return made


@pytest.fixture
def report(concept: Callable[..., ConceptProbes]) -> ProbeReport:
    """Three concepts that come up one after the other."""
    concepts = (
        concept("late", (0.3, 0.4, 0.9)),
        concept("early", (0.9, 0.9, 0.9)),
        concept("middle", (0.4, 0.8, 0.8)),
    )
    units = {site: np.array([0, 1, 1]) for site in SITES}
    source = ProbeSource("net", "00", "made", "made?x", "11", 2000, 1, "mean", 0, {"numpy": np.__version__})
    return ProbeReport(concepts, {"hue": "ONE_CLASS"}, SITES, units, Settings(), source)
