"""Reports of probes with written-down scores, of any number of concepts and sites."""

from collections.abc import Sequence

import numpy as np

from neurolupa.probing.codes import PIXELS, Control, ProbeCode
from neurolupa.probing.result import ConceptProbes, Probe, ProbeReport, ProbeSource
from neurolupa.probing.settings import Settings
from neurolupa.probing.sparse import UnitProbes

TEST, UNITS = 400, 16
NAMES = (
    "label", "hue", "shape", "texture", "orientation", "frequency", "scale", "position", "background",
    "dominant_hue", "dominant_orientation", "group", "phase", "breed", "saturation", "value",
)  # fmt: skip


def one_probe(
    site: str, control: Control, score: float, classes: Sequence[str], codes: Sequence[ProbeCode] = ()
) -> Probe:
    """Of 400 test pictures so many are right; of a number the share of the variance that is told."""
    random = np.random.default_rng([ord(letter) for letter in site + control.value])
    half = 1.96 * np.sqrt(max(score * (1 - score), 0.01) / TEST)
    if classes:
        truth = np.arange(TEST) % len(classes)
        right = random.permutation(TEST) < round(score * TEST)
        said = np.where(right, truth, (truth + 1) % len(classes))
    else:
        truth = np.linspace(-1, 1, TEST)
        said = truth * (1 - np.sqrt(1 - score))
    weights = random.normal(size=(max(len(classes), 1), UNITS)).astype(np.float32)
    kept = weights if control is Control.NONE else None
    ends = (score, score - half, score + half, np.nan, 0.1)
    return Probe(site, control, truth, said, *ends, UNITS, 1600, tuple(codes), kept)


def concept(
    name: str, scores: Sequence[float], *, classes: int = 8, chance: float = 0.13, controls: bool = True,
    codes: Sequence[ProbeCode] = (),
) -> ConceptProbes:  # fmt: skip
    """The probes of a concept at the sites of `site_names`; classes of 0 make it a number."""
    names, sites = tuple(f"class {index}" for index in range(classes)), site_names(len(scores))
    told = [
        one_probe(site, Control.NONE, score, names, codes) for site, score in zip(sites, scores, strict=True)
    ]
    if controls:
        told += [one_probe(site, Control.RANDOM_WEIGHTS, chance + 0.1, names) for site in sites]
        told += [one_probe(site, Control.SHUFFLED_LABELS, chance, names) for site in sites]
        told += [one_probe(PIXELS, Control.PIXELS, chance + 0.2, names)]
    return ConceptProbes(name, names, chance, (("rare", 3),), tuple(told))


def site_names(count: int) -> tuple[str, ...]:
    """Names as a ResNet's."""
    return tuple(f"layer{1 + index // 4}.{index % 4}.relu" for index in range(count))


def report_of(*concepts: ConceptProbes, controls: bool = True) -> ProbeReport:
    """A report of these concepts."""
    sites = concepts[0].sites
    source = ProbeSource(
        "resnet20", "a" * 64, "stimuli", "stimuli?size=32", "b" * 64, 2000, 1, "mean",
        0 if controls else None, {"neurolupa": "1.2"},
    )  # fmt: skip
    units = {site: np.arange(UNITS) for site in sites}
    return ProbeReport(concepts, {"brightness": "CONSTANT"}, sites, units, Settings(), source)


def rising(count: int, top: float = 0.9) -> list[float]:
    """Scores that rise to the last of so many sites."""
    return list(np.linspace(0.35, top, count)) if count > 1 else [top]


def large(concepts: int, sites: int, controls: bool = True) -> ProbeReport:
    """So many concepts at so many sites, every fourth of them a number."""
    made = [
        concept(
            name, np.roll(rising(sites, 0.9 - 0.03 * place), -place), classes=0 if place % 4 == 3 else 8,
            chance=0.0 if place % 4 == 3 else 0.13, controls=controls, codes=(ProbeCode.CONSTANT_FEATURES,),
        )
        for place, name in enumerate(NAMES[:concepts])
    ]  # fmt: skip
    return report_of(*made, controls=controls)


def sparse(scores: Sequence[float] = (0.4, 0.7, 0.88, 0.9, 0.9)) -> UnitProbes:
    """Probes of 1, 2, 4, 8 and 16 units."""
    names = tuple(f"class {index}" for index in range(8))
    counts = tuple(1 << power for power in range(len(scores)))
    told = tuple(one_probe("relu", Control.NONE, score, names) for score in scores)
    dealt = tuple(one_probe("relu", Control.SHUFFLED_LABELS, 0.13, names) for _ in scores)
    chosen = tuple(tuple(range(7, 7 + count)) for count in counts)
    return UnitProbes("hue", names, "layer2.1.relu", 0.13, counts, chosen, told, dealt, large(1, 1).source)
