"""A search inside a site for the few units that tell a concept."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurolupa.probing.carrying import by_unit
from neurolupa.probing.codes import Floats
from neurolupa.probing.fitting.learning import Learned, learn
from neurolupa.probing.fitting.splitting import Split
from neurolupa.probing.settings import Settings
from neurolupa.probing.targets import Targets


@dataclass(frozen=True, eq=False)
class Narrowed:
    """A probe that reads only some units, the heaviest first."""

    units: tuple[int, ...]
    learned: Learned


def narrowed(
    features: NDArray[np.float32],
    owners: NDArray[np.int64],
    targets: Targets,
    split: Split,
    settings: Settings,
) -> tuple[Narrowed, ...]:
    """Probes of 1, 2, 4, ... units and of all of them; features (N, F) belong to the units `owners` (F,).

    From all units on, half of the units go each time, those with the least weight (recursive elimination,
    Guyon et al. 2002), unless as many units that tell the concept best one by one do better; what is better
    is decided by cross-validation inside the training part.
    """
    every = _Narrowing(features, owners, targets, split, settings)
    found = [every.probe(np.unique(owners))]
    alone = every.alone()
    for count in _halves(len(np.unique(owners))):
        kept = (np.array(found[-1].units[:count]), alone[:count])
        tried = [every.probe(units) for units in kept]
        found.append(min(tried, key=lambda one: one.learned.loss))
    return tuple(reversed(found))


def _halves(count: int) -> list[int]:
    """The powers of two below a count, descending.

    >>> _halves(8), _halves(5), _halves(1)
    ([4, 2, 1], [4, 2, 1], [])
    """
    return [1 << power for power in reversed(range((count - 1).bit_length()))]


@dataclass(frozen=True, eq=False)
class _Narrowing:
    features: NDArray[np.float32]
    owners: NDArray[np.int64]
    targets: Targets
    split: Split
    settings: Settings

    def probe(self, units: NDArray[np.int64]) -> Narrowed:
        """The probe that reads these units."""
        columns = np.flatnonzero(np.isin(self.owners, units))
        (learned,) = learn(self.features[:, columns], [self.targets], self.split, self.settings)
        weight = by_unit(learned.weights, self.owners[columns]).sum(0)
        order = sorted(units.tolist(), key=lambda unit: (-weight[unit], unit))
        return Narrowed(tuple(order), learned)

    def alone(self) -> NDArray[np.int64]:
        """The units by how much of their variance over the training part the concept explains."""
        seen = np.asarray(self.features[self.split.train], np.float64)
        told = _explained(seen, self.targets.values[self.split.train], self.targets.numeric)
        best = np.zeros(int(self.owners.max()) + 1)
        np.maximum.at(best, self.owners, told)
        return np.argsort(-best, kind="stable")[: len(np.unique(self.owners))]


def _explained(features: Floats, values: NDArray, numeric: bool) -> Floats:
    """(F,) of features (n, F): between classes over all variance, or the squared correlation."""
    centred = features - features.mean(0)
    total = (centred**2).sum(0)
    if numeric:
        away = values - values.mean()
        between = (away @ centred) ** 2 / max(float(away @ away), 1e-30)
    else:
        member = (values[:, None] == np.unique(values)).astype(np.float64)
        between = ((member.T @ centred) ** 2 / member.sum(0)[:, None]).sum(0)
    return np.divide(between, total, out=np.zeros(len(total)), where=total > 0)
