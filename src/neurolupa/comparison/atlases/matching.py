"""Units of one site in A and of one in B, matched one to one by what they do on the same pictures."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from neurolupa.comparison.atlases.common import Answers
from neurolupa.comparison.atlases.matches import EDGES, UnitMatches
from neurolupa.units.relations.codes import FEWEST, Floats, RelationCode
from neurolupa.units.relations.correlating import ROOM, fisher_interval, standardised

SHUFFLES = 99
_TAIL = 0.05
_OWN = 1e-9
"""Between pairs that are equally alike a unit is matched with its own number."""

_ROUNDED = 1e-5
"""What a correlation in float32 may be off by."""


def matched_units(a: Answers, b: Answers, numbered_alike: bool, shuffles: int, seed: int) -> UnitMatches:
    r"""The one-to-one matching of units with the highest sum of correlations, and what chance gives.

    $\max_\pi \sum_i r_{i \pi(i)}$, solved exactly (H. W. Kuhn, *The Hungarian Method for the Assignment
    Problem*, Naval Research Logistics 2, 1955; SciPy's `linear_sum_assignment`), as Y. Li, J. Yosinski,
    J. Clune, H. Lipson and J. Hopcroft matched units in *Convergent Learning*, ICLR 2016. With more units on
    one side, some of that side stay without a match.

    The null of a unit of A is its highest correlation with **any** unit of B when the pictures of A are
    shuffled: a matched unit is at most that high, so that p is never too small.

    Args:
        a: The units of A on N pictures.
        b: Those of B on the same.
        numbered_alike: Whether unit i of the one can be unit i of the other.
        shuffles: S, of the pictures.
        seed: Of the shuffling.

    >>> from neurolupa.comparison.atlases.common import Answers
    >>> values = np.random.default_rng(0).normal(size=(50, 3))
    >>> a = Answers("relu", np.arange(3), values, np.array(["OK"] * 3))
    >>> b = Answers("relu", np.arange(3), values[:, [2, 0, 1]], a.codes)
    >>> found = matched_units(a, b, True, 99, seed=0)
    >>> found.units_b.tolist(), found.r.round(6).tolist(), found.p.tolist()
    ([1, 2, 0], [1.0, 1.0, 1.0], [0.01, 0.01, 0.01])
    """
    images = len(a.values)
    few = images < FEWEST
    none = few or not (len(a.units) and len(b.units))
    code = RelationCode.FEW_IMAGES if few else RelationCode.NO_UNITS if none else RelationCode.OK
    one, two, r = (np.zeros(0, np.int64),) * 2 + (np.zeros(0),) if none else _assigned(a, b, numbered_alike)
    low, high = fisher_interval(r, images)
    best = _shuffled_best(a, b, one, 0 if none else shuffles, seed)
    return UnitMatches(
        site_a=a.site, site_b=b.site, code=code, images=images,
        total_a=len(a.codes), total_b=len(b.codes), compared_a=len(a.units), compared_b=len(b.units),
        units_a=a.units[one], units_b=b.units[two], r=r, low=low, high=high,
        bound=_bound(best), p=_share(r, best),
        null_counts=np.histogram(best, EDGES)[0], null_mean=float(best.mean()) if best.size else np.nan,
        numbered_alike=numbered_alike, shuffles=shuffles, seed=seed,
    )  # fmt: skip


def _assigned(a: Answers, b: Answers, numbered_alike: bool) -> tuple[NDArray, NDArray, Floats]:
    """Columns of A, those of B that they are matched with, and the correlations."""
    from scipy.optimize import linear_sum_assignment

    found = np.clip(standardised(a.values).T @ standardised(b.values), -1.0, 1.0)
    own = np.equal.outer(a.units, b.units) if numbered_alike else np.False_
    one, two = linear_sum_assignment(found + _OWN * own, maximize=True)
    return one, two, found[one, two]


def _shuffled_best(a: Answers, b: Answers, columns: NDArray, shuffles: int, seed: int) -> Floats:
    """(S, M): the highest correlation of each matched unit of A with any of B, the pictures shuffled."""
    if not (shuffles and len(columns)):
        return np.zeros((0, len(columns)), np.float32)
    own = standardised(a.values[:, columns]).astype(np.float32)
    others = standardised(b.values).astype(np.float32)
    rng = np.random.default_rng(seed)
    orders = (rng.permutation(len(own)) for _ in range(shuffles))
    return np.stack([np.concatenate(list(_highest(own[order], others))) for order in orders])


def _highest(own: NDArray[np.float32], others: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """The highest of each column with any of the others, some columns at a time."""
    step = max(1, ROOM // others.shape[1])
    for start in range(0, own.shape[1], step):
        yield (own[:, start : start + step].T @ others).max(axis=1)


def _bound(best: Floats) -> Floats:
    """(M,): what a unit passes in 5 % of the shuffles."""
    if not len(best):
        return np.full(best.shape[1], np.nan)
    return np.quantile(best, 1 - _TAIL, axis=0, method="inverted_cdf").astype(np.float64)


def _share(r: Floats, best: Floats) -> Floats:
    """(M,): (1 + shuffles that reach as high) / (1 + shuffles), NaN without any."""
    if not len(best):
        return np.full(len(r), np.nan)
    return (1 + (best >= r - _ROUNDED).sum(axis=0)) / (1 + len(best))
