"""From the counts of all pictures to the scores of every unit and concept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurolupa.probing.dissection.labelling import Labelling
from neurolupa.probing.dissection.measures import average_precision, best_f1, iou
from neurolupa.probing.dissection.nulls import Codes, Floats, Scores, judged, orders, sums

_UNITS = 32
"""How many units are scored at a time."""


@dataclass(frozen=True, eq=False)
class SiteCounts:
    """What was counted for the U units of one site over N pictures and F categories.

    Attributes:
        thresholds: (U,) float32, what a unit must exceed.
        active: (N, U) pixels above.
        both: (N, U) those inside the object's mask.
        hits: (N, U, L) float32, the share of the site's own positions in the mask, by level.
        places: (F, U, L) positions by level, over the pictures that show a concept of the category.
    """

    thresholds: NDArray[np.float32] = field(repr=False)
    active: NDArray[np.int64] = field(repr=False)
    both: NDArray[np.int64] = field(repr=False)
    hits: NDArray[np.float32] = field(repr=False)
    places: NDArray[np.float64] = field(repr=False)


def scored(
    counts: SiteCounts, truth: NDArray[np.int64], concepts: Sequence[Labelling], shuffles: int, seed: int
) -> tuple[Scores, Scores, Scores]:
    """IoU, best F1 and average precision, each with its null; truth (N,) are the pixels of the masks.

    The categories are shuffled independently, and for all units and measures alike.
    """
    overlap, f1, area = [], [], []
    for place, labelling in enumerate(concepts):
        codes = orders(labelling, shuffles, [seed, place])
        overlap.append(_overlap(counts, truth, labelling, codes))
        curves = list(_by_level(counts, place, labelling, codes))
        f1.append(np.concatenate([one for one, _ in curves], 2))
        area.append(np.concatenate([other for _, other in curves], 2))
    return judged(overlap), judged(f1), judged(area)


def _overlap(counts: SiteCounts, truth: NDArray[np.int64], labelling: Labelling, codes: Codes) -> Floats:
    """(S, V, U) IoU over the pictures that show a concept of the category, as Bau et al. take them."""
    rows = labelling.applies
    numbers = np.column_stack([counts.both[rows], truth[rows]]).astype(np.float64)
    active = counts.active[rows].sum(0).astype(np.float64)
    parts = [
        iou(found[..., :-1], active, found[..., -1:])
        for found in sums(codes, len(labelling.concepts), numbers)
    ]
    return np.concatenate(parts)


def _by_level(
    counts: SiteCounts, place: int, labelling: Labelling, codes: Codes
) -> Iterator[tuple[Floats, Floats]]:
    """(S, V, u) best F1 and average precision, some units at a time."""
    units = counts.hits.shape[1]
    for start in range(0, units, _UNITS):
        chosen = slice(start, min(start + _UNITS, units))
        hits = counts.hits[labelling.applies, chosen].astype(np.float64)
        places = counts.places[place, chosen]
        shape = (-1, len(labelling.concepts), *hits.shape[1:])
        found = [
            part.reshape(shape) for part in sums(codes, len(labelling.concepts), hits.reshape(len(hits), -1))
        ]
        yield (
            np.concatenate([best_f1(part, places) for part in found]),
            np.concatenate([average_precision(part, places) for part in found]),
        )
