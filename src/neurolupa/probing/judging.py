"""From what a probe says of its test pictures to its score."""

import numpy as np
from numpy.typing import NDArray

from neurolupa.probing.codes import Control
from neurolupa.probing.fitting.learning import Learned
from neurolupa.probing.fitting.scoring import accuracies, determinations, interval, resampled
from neurolupa.probing.fitting.splitting import Split
from neurolupa.probing.result import Probe
from neurolupa.probing.settings import Settings
from neurolupa.probing.targets import Targets

_SHUFFLE = 3


def judged(learned: Learned, site: str, control: Control, split: Split, settings: Settings) -> Probe:
    """The probe of a site with its score and the interval of that."""
    count = len(learned.truth)
    draws = resampled(count, settings.resamples, settings.seed)
    once = np.ones((1, count), np.float32)
    score, spread = (_scores(learned, each) for each in (once, draws))
    low, high = interval(spread, count)
    return Probe(
        site,
        control,
        learned.truth,
        learned.predicted,
        float(score[0]),
        low,
        high,
        learned.log_loss,
        learned.strength,
        learned.weights.shape[1],
        len(split.train),
        learned.codes,
        learned.weights if control is Control.NONE else None,
    )


def _scores(learned: Learned, draws: NDArray[np.float32]) -> NDArray[np.float64]:
    if learned.truth.dtype.kind == "i":
        return accuracies(learned.truth == learned.predicted, draws)
    return determinations(learned.truth, learned.predicted, draws)


def chance_of(targets: Targets, split: Split) -> float:
    """The share of the commonest class among the test pictures; 0 for a number.

    >>> rows = np.arange(4)
    >>> chance_of(Targets("sign", ("+", "-"), np.array([0, 0, 0, 1])), Split(rows, rows, rows))
    0.75
    """
    if targets.numeric:
        return 0.0
    return float(np.bincount(targets.values[split.test]).max() / len(split.test))


def shuffled(targets: Targets, seed: int) -> Targets:
    """The values dealt out anew over the pictures that have one.

    >>> signs = Targets("sign", ("+", "-"), np.array([0, 1, -1, 0]))
    >>> shuffled(signs, 1).applies.tolist(), sorted(shuffled(signs, 1).values.tolist())
    ([True, True, False, True], [-1, 0, 0, 1])
    """
    values = targets.values.copy()
    values[targets.applies] = np.random.default_rng([seed, _SHUFFLE]).permutation(values[targets.applies])
    return Targets(targets.concept, targets.classes, values)
