"""Do the pixels that a map marks matter? Deletion and insertion (Petsiuk et al. 2018), beside moved maps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurolupa.atlas.checks import whole_number
from neurolupa.attribution.result import Attribution
from neurolupa.attribution.settings import baseline_of
from neurolupa.attribution.subject import logits_of
from neurolupa.errors import DataError, UsageError
from neurolupa.models import Model
from neurolupa.models.running import at_once
from neurolupa.models.seeding import checked_seed

if TYPE_CHECKING:
    import pandas as pd

OnStep = Callable[[int, int], None]

_AT_ONCE = 32  # pictures of 224 x 224 in one pass
_INSERTED_INTO = "blur"


@dataclass(frozen=True, eq=False)
class Curve:
    """How the class's probability goes as pixels are deleted or inserted, the most marked first.

    Attributes:
        probability: (steps + 1,), from the whole picture (deletion) or from the blurred one (insertion).
        area: Under the curve, 0 to 1, by the trapezoid rule: a good map has a small area of deletion and a
            large one of insertion.
        null: (moved,) the areas of the same map moved and mirrored at random.
        p: How often a moved map is at least as good, ties included, (1 + count) / (1 + moved).
    """

    probability: NDArray[np.float64]
    area: float
    null: NDArray[np.float64]
    p: float

    @property
    def interval(self) -> tuple[float, float]:
        """What 95 % of the moved maps give."""
        low, high = np.quantile(self.null, (0.025, 0.975))
        return float(low), float(high)


@dataclass(frozen=True, eq=False)
class DeletionInsertion:
    """Both curves of one map.

    Attributes:
        attribution: The map.
        shares: (steps + 1,) of the pixels deleted or inserted, 0 to 1.
        deletion: Pixels give way to the baseline of the settings.
        insertion: Pixels come into a blurred picture.
        seed: Of the moved maps.
    """

    attribution: Attribution
    shares: NDArray[np.float64] = field(repr=False)
    deletion: Curve
    insertion: Curve
    seed: int

    def to_frame(self) -> "pd.DataFrame":
        """One row for each share: share, deletion, insertion (probabilities of the class)."""
        import pandas as pd

        curves = {"deletion": self.deletion.probability, "insertion": self.insertion.probability}
        return pd.DataFrame({"share": self.shares, **curves})

    def to_dict(self) -> dict[str, Any]:
        """Areas with what moved maps give, ready for JSON."""
        found: dict[str, Any] = {"attribution": self.attribution.to_dict(), "seed": self.seed}
        for name, curve in (("deletion", self.deletion), ("insertion", self.insertion)):
            low, high = curve.interval
            areas = {"area": curve.area, "p": curve.p, "null_low": low, "null_high": high}
            found[name] = areas | {"moved": len(curve.null), "probability": curve.probability.tolist()}
        return found


def deletion_insertion(
    model: Model,
    attribution: Attribution,
    *,
    steps: int = 16,
    moved: int = 19,
    seed: int = 0,
    on_step: OnStep = lambda done, total: None,
) -> DeletionInsertion:
    """How the probability of the class goes as the marked pixels are deleted, and as they are inserted.

    The null is the same map moved around the picture and mirrored: as smooth and as patchy as the map, in
    other places. A picture with pixels missing is unlike any that the network learnt from; both curves share
    that weakness with their null.

    Args:
        model: The network of the attribution.
        attribution: Of `attribute`.
        steps: Into which the pixels are divided.
        moved: How many moved maps make the null.
        seed: Of the moves.
        on_step: Told of each map: done, and in all.

    Raises:
        UsageError: Another network; steps or moved below 1.
        DataError: A map that has one value everywhere, or holds values that are no numbers.

    >>> import neurolupa as nl
    >>> from neurolupa.images import load_images
    >>> model = nl.load_model("embedded")
    >>> found = deletion_insertion(model, nl.attribute(model, load_images("samples")[0]), steps=4, moved=3)
    >>> found.shares.tolist(), len(found.deletion.null)
    ([0.0, 0.25, 0.5, 0.75, 1.0], 3)
    """
    whole_number("steps", steps, 1)
    whole_number("moved", moved, 1)
    if model.weights_digest != attribution.provenance.weights_digest:
        raise UsageError(f"the attribution is of {attribution.provenance.model}, not of this {model.name}")
    shown = attribution.overlay
    if not attribution.orders_pixels:
        raise DataError("a map with one value everywhere orders no pixels")
    shares = np.arange(steps + 1) / steps
    orders = [_ranks(each, seed) for each in (shown, *_moved(shown, moved, checked_seed(seed)))]
    whole = attribution.picture.as_input(model)
    empty, blurred = (
        baseline_of(name, attribution.picture, model)
        for name in (attribution.settings.baseline, _INSERTED_INTO)
    )
    target = attribution.target.class_id
    curves: list[Curve] = []
    for start, end, sign in ((whole, empty, 1), (blurred, whole, -1)):
        found: list[NDArray[np.float64]] = []
        for ranks in orders:
            on_step(len(curves) * len(orders) + len(found), 2 * len(orders))
            found.append(_along(model, start, end, ranks, shares, target))
        curves.append(_curve(found, shares, sign))
    on_step(2 * len(orders), 2 * len(orders))
    return DeletionInsertion(attribution, shares, curves[0], curves[1], seed)


def _ranks(values: NDArray, seed: int) -> NDArray[np.float64]:
    """(H, W) the place of each pixel, 0 for the highest, as a share of all; equal ones in a random order."""
    lot = np.random.default_rng([seed, 5]).permutation(values.size)
    order = np.lexsort((lot, -values.ravel()))
    places = np.empty(values.size)
    places[order] = np.arange(values.size) / values.size
    return places.reshape(values.shape)


def _moved(values: NDArray, count: int, seed: int) -> list[NDArray]:
    """The map rolled around the picture and mirrored, at random; never left where it was."""
    random = np.random.default_rng([seed, 4])
    height, width = values.shape
    found = []
    for _ in range(count):
        down, right = divmod(int(random.integers(1, height * width)), width)
        rolled = np.roll(values, (down, right), (0, 1))
        found.append(rolled[:: random.choice([1, -1]), :: random.choice([1, -1])])
    return found


def _along(
    model: Model, start: Tensor, end: Tensor, ranks: NDArray, shares: NDArray, target: int
) -> NDArray[np.float64]:
    """(steps + 1,) the class's probability as pixels of `end` replace those of `start`, by their ranks."""
    masks = torch.from_numpy(ranks[None] < shares[:, None, None])[:, None]
    size = at_once(_AT_ONCE, *ranks.shape)
    found = []
    for first in range(0, len(masks), size):
        batch = torch.where(masks[first : first + size], end, start)
        found.append(logits_of(model, batch).softmax(1)[:, target])
    return torch.cat(found).numpy()


def _curve(found: list[NDArray[np.float64]], shares: NDArray, sign: int) -> Curve:
    """The first curve beside the others; `sign` is 1 where a small area is good."""
    areas = np.array([np.trapezoid(each, shares) for each in found])
    null = areas[1:]
    better = int((sign * null <= sign * areas[0]).sum())
    return Curve(found[0], float(areas[0]), null, (1 + better) / (1 + len(null)))
