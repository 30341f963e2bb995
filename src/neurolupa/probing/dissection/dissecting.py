"""`dissect`: from a network and generated pictures to the concepts that its units detect."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

import neurolupa
from neurolupa.atlas.checks import real_number, whole_number
from neurolupa.capture import Site, trace
from neurolupa.errors import UsageError
from neurolupa.images import StimulusSet
from neurolupa.models import Model, as_model
from neurolupa.models.running import usual_batch
from neurolupa.probing.dissection.codes import SkipCode
from neurolupa.probing.dissection.counting import LEAST_IOU
from neurolupa.probing.dissection.labelling import Labelling, labellings, stimuli_of
from neurolupa.probing.dissection.result import Category, Dissection, DissectionSource, SiteDissection
from neurolupa.probing.dissection.scoring import SiteCounts, scored
from neurolupa.probing.dissection.showing import OnBlock, counts, groups, tails


def dissect(
    model: Model | str | nn.Module,
    images: StimulusSet | str,
    sites: str | Iterable[str | Site] = "kind:relu",
    *,
    factors: str | Iterable[str] | None = None,
    quantile: float = 0.995,
    least_iou: float = LEAST_IOU,
    shuffles: int = 99,
    seed: int = 0,
    batch_size: int | None = None,
    on_block: OnBlock = lambda done, total: None,
) -> Dissection:
    """Which concepts of generated pictures the units of a network detect: network dissection.

    Of D. Bau et al., *Network Dissection: Quantifying Interpretability of Deep Visual Representations*, CVPR
    2017, with exact masks in place of people's: a concept is one value of one factor (hue=red), a category
    one factor. Every picture is shown whole, twice: first for each unit's threshold, which at most the share
    1 - `quantile` of all its values exceeds, then for the counts.

    - IoU: a map is enlarged bilinearly to the size of the mask; pixels above the threshold against the mask
      of each concept, summed over the pictures that show any concept of the category.
    - F1 (the best over all thresholds) and AUPRC (average precision): a unit's values, rounded down to 40
      levels of its own, against the mask averaged down to the site's positions, a position being true by its
      share in the mask. The maps of deep sites are coarse, so that neither reaches 1 there. What the levels
      cost: on the embedded network AUPRC is within 0.013 of that of the values themselves, 0.001 on average.

    The null of each measure deals the concepts of a category out anew over its pictures; the masks stay. One
    small object lies on a ground that shows no concept, so a unit that answers any object has a high IoU with
    every shape, and is a detector by the published rule; it has the same with shuffled shapes, and p says so.

    Memory holds the counts of one group of sites (about pictures x units x 164 bytes) and one block of maps.
    The network is stopped at the last site and left as found.

    Args:
        model: The network; a name or a module is made a model with `load_model`.
        images: A set of generated pictures, or its text.
        sites: A selection; sites without rows and columns are skipped.
        factors: Names of factors; None takes those that vary but `labelling.LEFT_OUT`.
        quantile: Of a unit's own values: its threshold.
        least_iou: What the IoU of a detector exceeds.
        shuffles: For the nulls; p is at least 1 / (1 + shuffles).
        seed: Of the shuffling.
        batch_size: Pictures in a block; 64, or 256 for inputs below 128 pixels.
        on_block: Told of each block: pictures shown, and pictures in all, over all passes.

    Raises:
        UsageError: An unknown site or factor, images without masks, a bad number, or no site with maps.
        DataError: The network cannot run, its values are not finite, or nothing varies in the pictures.

    >>> red = nn.Conv2d(3, 1, 1, bias=False)
    >>> _ = red.weight.data.copy_(torch.tensor([1.0, -0.5, -0.5]).reshape(1, 3, 1, 1))
    >>> network = nn.Sequential(red, nn.ReLU())
    >>> found = dissect(network, "stimuli?size=32&count=144", "1", factors="hue", shuffles=19)
    >>> found.to_frame()[["category", "concept", "detector", "above_chance"]].to_dict("records")
    [{'category': 'hue', 'concept': 'red', 'detector': True, 'above_chance': True}]
    """
    network, shown = as_model(model), stimuli_of(images)
    quantile, least_iou = _share("quantile", quantile), _share("least_iou", least_iou)
    shuffles, seed = whole_number("shuffles", shuffles, 1), whole_number("seed", seed, 0)
    usual = usual_batch(network.preprocessing)
    size = whole_number("batch_size", usual if batch_size is None else batch_size, 1)
    chosen = trace(network).select(sites)
    mapped, skipped = _with_maps(chosen)
    concepts = labellings(shown, factors)
    truth = np.array([(shown.mask(index) > 0.5).sum() for index in range(len(shown))])
    found: list[SiteDissection] = []
    parts = list(groups(mapped, len(shown)))
    told = _Progress(on_block, 2 * len(parts) * len(shown))
    for part in parts:
        rules = tails(network, part, shown, quantile, size, told)
        counted = counts(network, {site: rules[site.name] for site in part}, shown, concepts, size, told)
        pixels = len(shown) * shown.mask(0).size
        for site in part:
            found.append(_dissected(site, counted[site.name], truth, pixels, concepts, shuffles, seed))
    source = _source(network, shown, quantile, least_iou, shuffles, seed)
    return Dissection(_categories(concepts, truth, shown), tuple(found), skipped, source)


class _Progress:
    """Pictures shown over all passes."""

    def __init__(self, on_block: OnBlock, total: int) -> None:
        self._on_block, self._total, self._before = on_block, total, 0

    def __call__(self, done: int, total: int) -> None:
        self._on_block(self._before + done, self._total)
        if done == total:
            self._before += total


def _share(name: str, value: float) -> float:
    found = real_number(name, value)
    if not 0 < found < 1:
        raise UsageError(f"{name} is a share between 0 and 1, not {found:g}")
    return found


def _with_maps(sites: Sequence[Site]) -> tuple[list[Site], dict[str, SkipCode]]:
    mapped = [site for site in sites if len(site.shape) == 3]
    if not mapped:
        raise UsageError(f"{sites[0].name} has no rows and columns to lay over a mask; try kind:conv")
    return mapped, {site.name: SkipCode.NO_MAPS for site in sites if site not in mapped}


def _dissected(
    site: Site,
    counted: SiteCounts,
    truth: NDArray[np.int64],
    pixels: int,
    concepts: Sequence[Labelling],
    shuffles: int,
    seed: int,
) -> SiteDissection:
    scores = scored(counted, truth, concepts, shuffles, seed)
    active = counted.active.sum(0) / pixels
    return SiteDissection(
        site.name, site.address, (site.height, site.width), counted.thresholds, active, *scores
    )


def _categories(
    concepts: Sequence[Labelling], truth: NDArray[np.int64], images: StimulusSet
) -> tuple[Category, ...]:
    found = []
    for each in concepts:
        rows = each.applies
        covered = np.bincount(each.codes[rows], weights=truth[rows], minlength=len(each.concepts))
        rates = covered / (len(rows) * images.mask(0).size)
        found.append(
            Category(each.category, each.concepts, tuple(each.counts.tolist()), tuple(rates.tolist()))
        )
    return tuple(found)


def _source(
    model: Model, images: StimulusSet, quantile: float, least: float, shuffles: int, seed: int
) -> DissectionSource:
    versions = {"neurolupa": neurolupa.__version__, "torch": torch.__version__, "numpy": np.__version__}
    return DissectionSource(
        model.name, model.weights_digest, images.spec, images.digest(), len(images), quantile, least,
        shuffles, seed, {name: str(version) for name, version in versions.items()},
    )  # fmt: skip
