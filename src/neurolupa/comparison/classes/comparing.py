"""`compare_classes`: from an atlas and some of its classes to what they differ in."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from torch import nn

from neurolupa.atlas import Atlas
from neurolupa.atlas.arrays import unit_index
from neurolupa.atlas.checks import shown, whole_number
from neurolupa.comparison.classes.adjusting import adjusted, known_correction
from neurolupa.comparison.classes.choosing import Chosen, chosen_classes
from neurolupa.comparison.classes.codes import unit_codes
from neurolupa.comparison.classes.effects import Moments, effects
from neurolupa.comparison.classes.looking import Lookalikes, lookalikes
from neurolupa.comparison.classes.mapping import OnBlock, class_maps
from neurolupa.comparison.classes.maps import ClassMaps
from neurolupa.comparison.classes.reopening import scanned_images, scanned_network, site_with_maps
from neurolupa.comparison.classes.result import ClassComparison, ClassPair, ComparedClass, measured
from neurolupa.comparison.classes.sampled import sampled_pair
from neurolupa.comparison.classes.variance import ClassVariance, class_variance
from neurolupa.errors import UsageError
from neurolupa.images import ImageSet
from neurolupa.models import Model
from neurolupa.models.running import usual_batch

SHUFFLES = 499
MAPPED = 16
"""Of so many units the maps are taken where none is named."""


def compare_classes(
    atlas: Atlas,
    site: str,
    classes: Sequence[str | int],
    *,
    maps: bool | Iterable[int] = False,
    model: Model | str | nn.Module | None = None,
    images: ImageSet | str | None = None,
    correction: str = "bh",
    shuffles: int = SHUFFLES,
    seed: int = 0,
    batch_size: int | None = None,
    on_block: OnBlock = lambda done, total: None,
) -> ClassComparison:
    """Which units of a site differ between two or more classes of the atlas's images, and by how much.

    A unit's answer to an image is the mean of its map. For each two classes: Hedges' g with its 95 % interval
    and Welch's t over **all** images (`effects`), p adjusted for all units and pairs of the call
    (`adjusted`); AUROC and the null of the largest effect under shuffled labels over the sampled images
    (`sampled_pair`). For more than two classes also Welch's analysis of variance (`class_variance`). Pictures
    that look like another class: `lookalikes`. No network runs, except for `maps`.

    Args:
        atlas: Of a labelled image set.
        site: Any name that the atlas takes.
        classes: Two or more, by name or number.
        maps: Whether to show the pictures of these classes once more for mean maps: True of the 16 units
            that differ most, or numbers of units.
        model: The network that was scanned, for the maps; None opens it by the name that the atlas has.
        images: The set that was scanned, for the maps; None opens it where it was.
        correction: "bh" (Benjamini and Hochberg), "by" (Benjamini and Yekutieli) or "holm".
        shuffles: Of the labels of each pair; p_shuffled is at least 1 / (1 + shuffles).
        seed: Of shuffles and folds.
        batch_size: Pictures in a block; 64, or 256 for inputs below 128 pixels.
        on_block: Told of each block: pictures shown, and pictures in all.

    Raises:
        UsageError: An unknown site, class or correction, fewer than two classes, one of them twice, a bad
            number, or for `maps` a site without, or a network or images that are not those of the atlas.
        DataError: The images have no labels, a class has no image, or a file is damaged.

    >>> import neurolupa as nl
    >>> found = compare_classes(nl.open_atlas("atlas"), "relu", ["circle", "star"], shuffles=19)
    >>> len(found.to_frame()), found.pairs[0].first, found.lookalikes.code.value
    (16, 'circle', 'FEW_IMAGES')
    """
    name, correction = atlas.site(site), known_correction(correction)
    shuffles, seed = whole_number("shuffles", shuffles, 1), whole_number("seed", seed, 0)
    size = None if batch_size is None else whole_number("batch_size", batch_size, 1)
    chosen = chosen_classes(atlas, name, classes)
    named = None if isinstance(maps, bool) else _numbers(maps, name, chosen.units)
    pairs = _with_adjusted(
        [_pair(chosen, *places, shuffles, seed) for places in combinations(range(len(chosen)), 2)], correction
    )
    found = ClassComparison(
        source=atlas.source, site=name, classes=_compared(chosen), pairs=pairs,
        variance=_variance(chosen, correction), lookalikes=_lookalikes(atlas, chosen, seed), maps=None,
        correction=correction, kept=chosen.kept, shuffles=shuffles, seed=seed,
    )  # fmt: skip
    if maps is False:
        return found
    units = found.strongest(MAPPED) if named is None else named
    return replace(found, maps=_maps(atlas, chosen, found, units, model, images, size, on_block))


def _numbers(units: object, site: str, count: int) -> tuple[int, ...]:
    """The units asked for, each once."""
    if not isinstance(units, Iterable) or isinstance(units, str):
        raise UsageError(f"maps is True, False or numbers of units, not {shown(units)}")
    found = tuple(dict.fromkeys(unit_index(site, unit, count) for unit in units))
    if not found:
        raise UsageError(f"no unit was named; {site} has units 0 to {count - 1}")
    return found


def _moments(chosen: Chosen, place: int) -> Moments:
    means = chosen.means
    return Moments.of(means.count[:, place], means.mean[:, place], means.std[:, place])


def _compared(chosen: Chosen) -> tuple[ComparedClass, ...]:
    moments = [_moments(chosen, place) for place in range(len(chosen))]
    return tuple(
        ComparedClass(
            chosen.names[place], chosen.ids[place], chosen.images[place], int((chosen.labels == place).sum()),
            each.count, each.mean, np.sqrt(each.variance),
        )
        for place, each in enumerate(moments)
    )  # fmt: skip


def _pair(chosen: Chosen, first: int, second: int, shuffles: int, seed: int) -> ClassPair:
    codes = unit_codes(chosen.means_of([first, second]), chosen.kept is not None)
    found = effects(_moments(chosen, first), _moments(chosen, second), measured(codes))
    values = [chosen.values[chosen.labels == place] for place in (first, second)]
    sampled = sampled_pair(values[0], values[1], shuffles, seed)
    return ClassPair(chosen.names[first], chosen.names[second], codes, found, found.p, sampled)


def _with_adjusted(pairs: Sequence[ClassPair], correction: str) -> tuple[ClassPair, ...]:
    """All units of all pairs are one family."""
    found = adjusted(np.stack([each.effects.p for each in pairs]), correction)
    return tuple(replace(each, p_adjusted=p) for each, p in zip(pairs, found, strict=True))


def _variance(chosen: Chosen, correction: str) -> ClassVariance | None:
    if len(chosen) < 3:
        return None
    moments = [_moments(chosen, place) for place in range(len(chosen))]
    mean, variance = (
        np.stack([getattr(each, name) for each in moments], axis=1) for name in ("mean", "variance")
    )
    codes = unit_codes(chosen.means, chosen.kept is not None, every=True)
    return class_variance(codes, chosen.means.count, mean, variance, correction)


def _lookalikes(atlas: Atlas, chosen: Chosen, seed: int) -> Lookalikes:
    rows = atlas.image_rows(chosen.sampled.tolist())
    names = dict(zip(rows["image"].tolist(), rows["id"].astype(str), strict=True))
    ids = [names[each] for each in chosen.sampled.tolist()]
    return lookalikes(chosen.values, chosen.labels, chosen.sampled, ids, chosen.names, seed)


def _maps(
    atlas: Atlas,
    chosen: Chosen,
    found: ClassComparison,
    units: tuple[int, ...],
    model: Model | str | nn.Module | None,
    images: ImageSet | str | None,
    size: int | None,
    on_block: OnBlock,
) -> ClassMaps | None:
    """None where no unit differs at all and none was named."""
    network, pictures = scanned_network(atlas, model), scanned_images(atlas, images)
    place = site_with_maps(network, found.site)
    if not units:
        return None
    table = atlas.images
    read: NDArray[np.bool_] = ~table["skipped"].to_numpy(bool)
    belongs = [table["image"].to_numpy()[read & (table["label"] == each).to_numpy()] for each in chosen.ids]
    return class_maps(
        network,
        place,
        pictures,
        belongs,
        chosen.names,
        units,
        size or usual_batch(network.preprocessing),
        on_block,
    )
